"""One contract for every reward that looks: what it observes, what its goal is, what it answers.

    observes            what one call takes (uint8)     answers
    image               frames [N, H, W, 3]             N, one for each frame
    pair                [N, 2, H, W, 3]                 N preferences: which of the two is nearer?
    video               clips [N, T, H, W, 3]           N, one for each clip as a whole
    prefix              clips [N, T, H, W, 3]           N·T, one for each frame in light of its clip

Any answer may be missing: a NaN in a `Reward`, a `Preference` without label, and the reason why.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erf, sqrt
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from embodied.errors import EmbodiedError
from embodied.registry import REWARDS
from embodied.signals import Preference, Reward

if TYPE_CHECKING:
    import numpy.typing as npt

    Frames = npt.NDArray[np.uint8]

Observes = Literal["image", "pair", "video", "prefix"]
GoalKind = Literal["text", "image", "video"]
Answers = Literal["scalar", "preference", "progress", "success"]

AXES: dict[Observes, str] = {
    "image": "[N, H, W, 3]",
    "pair": "[N, 2, H, W, 3]",
    "video": "[N, T, H, W, 3]",
    "prefix": "[N, T, H, W, 3]",
}


class RewardModel(Protocol):
    """What every reward model declares and does.

    Registered in `embodied.registry.REWARDS` as a class, which also has a class method
    `from_settings(settings: RewardSettings)` and says without being made what it observes. Answers
    do not depend on what else is in the batch (beyond rounding).
    """

    @property
    def name(self) -> str:
        """What is behind it, for messages and records, e.g. the encoder's name."""
        ...

    @property
    def observes(self) -> Observes: ...

    @property
    def goal_kind(self) -> GoalKind:
        """What says what to reach: words, pictures, or a demonstration."""
        ...

    @property
    def answers(self) -> Answers:
        """`scalar`: in the model's own unit. `progress`: share of the task that is done, in [0, 1].
        `success`: probability in [0, 1] that it is done. `preference`: only of a pair."""
        ...

    @property
    def image_size(self) -> int:
        """Side, in pixels, at which square frames are best rendered."""
        ...

    def __call__(self, clips: Frames) -> Reward | tuple[Preference, ...]:
        """Answer as the table in this module says; preferences for pairs, a Reward otherwise."""
        ...


@dataclass(frozen=True)
class RewardSettings:
    """What a user has said of the reward; `from_settings` takes what it needs, refuses the rest.

    goal_prompts, baseline_prompts, alpha: see `goal_baseline_reward`.
    instruction: the task as a sentence to a person.
    goal_images, baseline_images: picture files. demonstration: a video file.
    vlm: encoder, for `load_encoder`. chat: chat model, for `load_chat`. record, timeout: its
        options. samples: how often a chat model is asked about one clip.
    frames: most frames of a clip that are looked at; None for the model's own number.
    pooling: how frames make a video, a name of `video_reward.POOLINGS`.
    """

    goal_prompts: tuple[str, ...] = ()
    baseline_prompts: tuple[str, ...] = ()
    alpha: float = 0.0
    instruction: str = ""
    goal_images: tuple[str, ...] = ()
    baseline_images: tuple[str, ...] = ()
    demonstration: str | None = None
    vlm: str = "embedded"
    chat: str | None = None
    record: str | None = None
    timeout: float = 120.0
    samples: int = 1
    frames: int | None = None
    pooling: str = "mean"
    seed: int = 0
    device: str = "auto"

    def refuse(self, reward: str, *names: str) -> None:
        """Raise EmbodiedError if a field in `names`, which `reward` cannot use, was given."""
        default = RewardSettings()
        for name in names:
            if getattr(self, name) != getattr(default, name):
                flag = {"goal_images": "goal-image", "baseline_images": "baseline-image"}
                raise EmbodiedError(
                    f"--reward {reward} does not use --{flag.get(name, name)}: leave it out, "
                    "or choose another reward (embodied list)"
                )


def load_reward_model(name: str, settings: RewardSettings) -> RewardModel:
    """The reward model registered as `name`; EmbodiedError for settings that it cannot use."""
    return REWARDS.load(name).from_settings(settings)


def judge(model: RewardModel, clips: Frames) -> Reward:
    """Ask a model that does not compare pairs, and check what goes in and what comes out.

    Raises EmbodiedError for clips of the wrong kind, or an answer that breaks the contract.
    """
    if model.observes == "pair":
        raise EmbodiedError(f"{model.name} compares pairs: it has no reward for one observation")
    _check_clips(model, clips)
    answer = model(clips)
    expected = len(clips) * (clips.shape[1] if model.observes == "prefix" else 1)
    if not isinstance(answer, Reward) or len(answer.values) != expected:
        raise EmbodiedError(f"{model.name} must answer with a Reward of {expected} values")
    known = answer.values[~np.isnan(answer.values)]
    if model.answers in ("progress", "success") and ((known < 0) | (known > 1)).any():
        raise EmbodiedError(f"{model.name} must answer {model.answers} in [0, 1]")
    return answer


def prefer(model: RewardModel, pairs: Frames) -> tuple[Preference, ...]:
    """Which of two frames is nearer to the goal, for pairs uint8 [N, 2, H, W, 3].

    A model of pairs is asked itself. A model of images prefers the higher value v, with confidence
    Φ(|v₁ - v₀| / √(σ₀² + σ₁²)) where it knows its uncertainty (Thurstone 1927, case V without
    correlation) and 1 where it does not; it abstains for equal or missing values.
    """
    if model.observes == "pair":
        _check_clips(model, pairs)
        answer = model(pairs)
        if not isinstance(answer, tuple) or len(answer) != len(pairs):
            raise EmbodiedError(f"{model.name} must answer with {len(pairs)} preferences")
        return answer
    if model.observes != "image":
        raise EmbodiedError(f"{model.name} looks at clips: it cannot compare two frames")
    reward = judge(model, pairs.reshape(-1, *pairs.shape[2:]))
    values = reward.values.reshape(-1, 2).astype(float)
    sigma = np.zeros_like(values)
    if reward.uncertainty is not None:
        sigma = reward.uncertainty.reshape(-1, 2).astype(float)
    return tuple(_preference(v, s, reward.reason) for v, s in zip(values, sigma, strict=True))


def frame_rewards(model: RewardModel, frames: Frames) -> Reward:
    """A reward for each frame of one episode, uint8 [T, H, W, 3] -> T values.

    A model of images scores every frame, a model of prefixes says how far each one is; a model of
    videos rewards the episode once, at its last frame, and the others get 0 (RoboCLIP, Sontakke et
    al. 2023).
    """
    if not len(frames):
        raise EmbodiedError("an episode has at least one frame")
    if model.observes != "video":
        return judge(model, frames if model.observes == "image" else frames[None])
    answer = judge(model, frames[None])

    def at_the_end(value: np.ndarray) -> np.ndarray:
        return np.concatenate([np.zeros(len(frames) - 1, np.float32), value])

    uncertainty = answer.uncertainty
    return Reward(
        at_the_end(answer.values),
        None if uncertainty is None else at_the_end(uncertainty),
        answer.reason,
    )


def potential_differences(potential: Reward, gamma: float = 1.0) -> Reward:
    """γΦ(s') - Φ(s) along one episode: T values make the rewards of its T - 1 steps.

    As shaping beside another reward it leaves the best policy as it is (Ng et al. 1999); alone,
    with γ = 1, it is the reward of VIP and LIV (Ma et al. 2023) and adds up to Φ(last) - Φ(first).
    """
    values = potential.values
    uncertainty = potential.uncertainty
    if uncertainty is not None:  # as if the errors of neighbours were independent
        uncertainty = np.sqrt((gamma * uncertainty[1:]) ** 2 + uncertainty[:-1] ** 2)
    return Reward(gamma * values[1:] - values[:-1], uncertainty, potential.reason)


def _check_clips(model: RewardModel, clips: Frames) -> None:
    shape, want = clips.shape, AXES[model.observes]
    fits = len(shape) == want.count(",") + 1 and shape[-1] == 3 and 0 not in shape[1:]
    if clips.dtype != np.uint8 or not fits or (model.observes == "pair" and shape[1] != 2):
        raise EmbodiedError(f"{model.name} wants uint8 {want}, got {clips.dtype} {list(shape)}")


def _preference(values: np.ndarray, sigma: np.ndarray, reason: str) -> Preference:
    difference = float(values[1] - values[0])
    if np.isnan(difference):
        return Preference(None, 0.0, reason)
    if difference == 0:
        return Preference(None, 0.0, "both have the same reward")
    spread = float(np.hypot(*sigma))
    confidence = 1.0 if spread == 0 else (1 + erf(abs(difference) / spread / sqrt(2))) / 2
    return Preference(int(difference > 0), confidence)
