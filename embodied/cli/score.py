"""`embodied score`: what a reward model says of a video, frame by frame."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from tyro.conf import Positional

from embodied.errors import EmbodiedError

if TYPE_CHECKING:
    from embodied.perception.reward_model import RewardModel
    from embodied.signals import Reward


@dataclass(frozen=True)
class Score:
    """Judge a video with a reward model: value of each frame, curve, order correlation."""

    video: Annotated[str, Positional]
    """Video file, or a folder of pictures in the order of their names."""

    reward: str = "vlm"
    """Reward, as `embodied list` shows them."""

    env: str | None = None
    """Task of ours that the video shows: its prompts and its encoder, where no others are given."""

    task: str | None = None
    """What to reach or to do, in words."""

    baseline: str | None = None
    """The ordinary state in words, for `vlm` with `--alpha` above 0."""

    goal_image: tuple[str, ...] = ()
    """Pictures of the goal, for `goal-image`."""

    baseline_image: tuple[str, ...] = ()
    """Pictures of the ordinary state, for `goal-image` with `--alpha` above 0."""

    demonstration: str | None = None
    """Video of the task being done, for `video`, instead of `--task`."""

    alpha: float = 0.0
    """Baseline regularisation of `vlm` and `goal-image`, 0 to 1."""

    vlm: str = "embedded"
    """Encoder: `embedded`, `embedded:FOLDER`, `hf:REPO_OR_FOLDER`."""

    chat: str | None = None
    """Chat model, for `gvl`: `http://HOST/v1#MODEL`, `replay:FILE`."""

    record: str | None = None
    """Keep the chat model's answers in this file; `--chat replay:FILE` gives them again."""

    timeout: float = 120.0
    """Seconds that one answer of a chat model may take."""

    samples: int = 1
    """Orders of the frames that a chat model is asked about; from 2 on there is an uncertainty."""

    pooling: str = "mean"
    """How frames make a video, for `video`: `mean`, `last-half`, `last`."""

    frames: int = 30
    """Frames of the video to look at, evenly spaced."""

    potential: bool = False
    """Print the gain from frame to frame, Φ(s') - Φ(s), instead of the values."""

    seed: int = 0
    """Decides the orders in which a chat model sees the frames."""

    device: str = "auto"
    """Where the encoder runs."""

    json: bool = False
    """Print the results as one JSON object on the last line."""


def run(config: Score) -> dict[str, Any]:
    """Score the video; returns what `--json` prints."""
    from embodied.perception.gvl import value_order_correlation
    from embodied.perception.reward_model import frame_rewards, judge, potential_differences
    from embodied.runs.video import read_video

    if config.frames < 2:
        raise EmbodiedError("--frames must be at least 2")
    model = _load(config)
    whole = model.observes == "video"
    if config.potential and whole:
        raise EmbodiedError("--potential needs a value for each frame: --reward video has only one")
    frames, indices = read_video(Path(config.video), config.frames)
    answer = judge(model, frames[None]) if whole else frame_rewards(model, frames)
    order = float("nan") if whole else value_order_correlation(answer.values[1:])
    if config.potential:
        answer, indices = potential_differences(answer), indices[1:]
    ledger = getattr(getattr(model, "chat", None), "ledger", None)
    result = {
        "reward": config.reward,
        "model": model.name,
        "observes": model.observes,
        "goal": model.goal_kind,
        "answers": model.answers,
        "frames": indices,
        "values": answer.values,
        "uncertainty": answer.uncertainty,
        "order_correlation": order,
        "abstained": answer.abstained,
        "reason": answer.reason,
        "ledger": ledger.to_json() if ledger else None,
    }
    if not config.json:
        _print(model, answer, indices, order)
        if ledger:
            print(f"cost   {ledger}")
    return result


def _load(config: Score) -> "RewardModel":
    from embodied.perception.reward_model import RewardSettings, load_reward_model
    from embodied.registry import ENVS

    shown = ENVS.load(config.env) if config.env else None
    goal = (config.task,) if config.task else ()
    baseline = (config.baseline,) if config.baseline else ()
    instruction, vlm = config.task or "", config.vlm
    if shown is not None:
        instruction = instruction or shown.instruction
        vlm = shown.simulator.encoder_named(vlm)
        goal, baseline = goal or shown.goal_prompts, baseline or shown.baseline_prompts
    return load_reward_model(
        config.reward,
        RewardSettings(
            goal_prompts=goal,
            baseline_prompts=baseline,
            alpha=config.alpha,
            instruction=instruction,
            goal_images=config.goal_image,
            baseline_images=config.baseline_image,
            demonstration=config.demonstration,
            vlm=vlm,
            chat=config.chat,
            record=config.record,
            timeout=config.timeout,
            samples=config.samples,
            frames=config.frames,
            pooling=config.pooling,
            seed=config.seed,
            device=config.device,
        ),
    )


def _print(model: "RewardModel", answer: "Reward", indices: Any, order: float) -> None:
    from embodied.runs.progress import sparkline

    if answer.abstained:
        print(f"{model.name} abstains: {answer.reason}")
        return
    if model.observes == "video":
        print(f"{answer.values[0]:.3f} for the whole video ({model.answers})")
        return
    spread = [None] * len(answer.values) if answer.uncertainty is None else answer.uncertainty
    for index, value, sigma in zip(indices, answer.values, spread, strict=True):
        print(f"frame {index:5d}  {value:6.3f}" + ("" if sigma is None else f" ± {sigma:.3f}"))
    print(f"curve  {sparkline(answer.values.tolist(), 60)}")
    print(f"order  {order:.2f} (rank correlation with time after the first frame; 1 is in order)")
    if answer.reason:
        print(f"gaps   {answer.reason}")
