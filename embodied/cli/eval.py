"""`embodied eval RUN`: how often a trained policy does what was asked, and a video of it."""

from dataclasses import dataclass
from typing import Annotated, Any

from tyro.conf import Positional

from embodied.errors import EmbodiedError

VIDEO_EPISODES = 4
VIDEO_SIDE = 480
VIDEO_STRIDE = 2
"""Every second of 67 frames a second is drawn."""


@dataclass(frozen=True)
class Eval:
    """Play episodes with a trained run: success rate with its interval, VLM reward, video."""

    run: Annotated[str, Positional]
    """Run folder, for example `runs/last`."""

    episodes: int = 20
    """How many episodes; the interval is narrower with more."""

    seed: int = 1000
    """Seed of the episodes; training used other ones."""

    device: str = "auto"
    """Where the encoder runs."""

    camera: str | None = None
    """The video's camera, e.g. `portrait`, `side` or `vlm`; the simulator's own if not given."""

    video: bool = True
    """Write `videos/eval.mp4` into the run."""

    save_episodes: str | None = None
    """Write the episodes' states to this file, for `embodied view --episode`."""

    json: bool = False
    """Print the results as one JSON object on the last line."""


def run(config: Eval) -> dict[str, Any]:
    """Evaluate; returns the numbers of `--json`."""
    if config.episodes < 1:
        raise EmbodiedError("--episodes must be at least 1")
    from embodied.cli.world import goal_of, make_measured_env, make_scorer
    from embodied.policies.online.evaluate import play
    from embodied.runs.folder import RunFolder
    from embodied.runs.statistics import wilson_interval

    folder = RunFolder.open(config.run)
    settings = folder.config
    env = make_measured_env(settings, config.episodes)
    episodes = play(load_policy(folder, settings), env, config.seed)
    with make_scorer(settings, config.device, folder.root) as scorer:
        scorer.submit(episodes.qpos[~episodes.over])
        reward = float(scorer.drain()[0].mean())
    succeeded = episodes.succeeded()
    low, high = wilson_interval(int(succeeded.sum()), len(succeeded))
    result: dict[str, Any] = {
        "episodes": len(succeeded),
        "success": float(succeeded.mean()),
        "success_ci": [low, high],
        "reward": reward,
    }
    if config.save_episodes:
        _save(config.save_episodes, settings["env"], episodes)
    video = _film(folder, episodes, config.camera) if config.video else None
    if not config.json:
        print(
            f"success {result['success']:.0%} of {len(succeeded)} episodes "
            f"(95 % interval {low:.0%} to {high:.0%}), "
            f"goal held in {episodes.held().mean():.0%} of the steps\n"
            f"mean VLM reward {reward:.3f} for {goal_of(settings)}"
            + (f"\nvideo {video}" if video else "")
        )
    return result


def _save(path: str, env: str, episodes: Any) -> None:
    from embodied.runs.episodes import RecordedEpisodes, write_episodes

    recorded = RecordedEpisodes(env, episodes.qpos, episodes.success, episodes.over)
    write_episodes(path, recorded)


def load_policy(folder: Any, settings: dict[str, Any]) -> Any:
    """The newest checkpoint's policy, with Stable-Baselines3's `predict`."""
    from embodied.cli.world import make_world, preset_of
    from embodied.policies.online.vec_env import SB3VecEnv
    from embodied.registry import ALGORITHMS
    from embodied.runs.checkpoint import latest_checkpoint, load_checkpoint

    path = latest_checkpoint(folder)
    if path is None:
        raise EmbodiedError(
            f"{folder.root} has no checkpoint yet: wait for its first, or go on with "
            f"`embodied train --resume {folder.root}`"
        )
    checkpoint = load_checkpoint(path, with_training_state=False)
    preset = preset_of(settings)
    env = SB3VecEnv(make_world(settings).env, settings["seed"])
    policy = ALGORITHMS.load(preset.algo)(preset, env, settings["seed"], "cpu").policy
    policy.load_state_dict(checkpoint.model)
    policy.set_training_mode(False)
    return policy


def _film(folder: Any, episodes: Any, camera: str | None) -> Any:
    from embodied.cli.world import find_task, make_pool
    from embodied.runs.video import write_video

    simulator = find_task(folder.config).simulator
    camera = camera or simulator.film_camera
    simulator.check_camera(camera)
    states = episodes.qpos[::VIDEO_STRIDE, :VIDEO_EPISODES].swapaxes(0, 1)
    states = states.reshape(-1, episodes.qpos.shape[-1])
    with make_pool(simulator, 64, VIDEO_SIDE, camera) as pool:
        frames = pool.render(states)
    path = folder.videos / "eval.mp4"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_video(path, frames, fps=max(simulator.fps // VIDEO_STRIDE, 1))
    return path
