"""Puts a run together from its settings: environment, renderers, encoder, reward."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from embodied.envs.mujoco.render_pool import RenderPool
from embodied.envs.simulator import Simulator, VectorEnvironment
from embodied.envs.task import Task
from embodied.errors import EmbodiedError
from embodied.perception.reward_model import RewardModel, RewardSettings, load_reward_model
from embodied.perception.scorer import FrameScorer, spare_threads
from embodied.policies.online.algorithms import check_actions
from embodied.policies.online.train import World
from embodied.policies.presets import Preset
from embodied.registry import ENVS, REWARDS

FRAMES = 1024
"""Frames that the pool holds at once."""


def preset_of(settings: dict[str, Any]) -> Preset:
    known: dict[str, Any] = {
        k: tuple(v) if isinstance(v, list) else v for k, v in settings["preset"].items()
    }
    return Preset(**known)  # JSON has no tuples


def find_task(settings: dict[str, Any]) -> Task:
    """The task of a run's settings."""
    return ENVS.load(settings["env"])


def goal_of(settings: dict[str, Any]) -> str:
    """What a run is to reach, as people are told: its prompts, or its goal's pictures."""
    return " / ".join(settings.get("goal_images") or settings["goal_prompts"])


def make_world(settings: dict[str, Any]) -> World:
    """The vectorised environment of a run, and how to look at its states."""
    task = find_task(settings)
    return World(
        env=task.simulator.make_vector(task.name, settings["preset"]["num_envs"], False),
        features=task.simulator.features,
        measure=task.measure,
    )


def check_algorithm(settings: dict[str, Any]) -> None:
    """Raise EmbodiedError if the run's algorithm cannot act in its environment."""
    task = find_task(settings)
    env = task.simulator.make_vector(task.name, 1, False)
    check_actions(settings["preset"]["algo"], env.single_action_space)
    env.close()


def make_measured_env(settings: dict[str, Any], episodes: int) -> VectorEnvironment:
    """As many simulations as episodes, each step judged by the task's checker."""
    task = find_task(settings)
    return task.simulator.make_vector(task.name, episodes, True)


def load_reward(settings: dict[str, Any], device: str, root: Path = Path()) -> RewardModel:
    """The reward of a run's settings; EmbodiedError unless it scores single frames.

    root: folder that the settings' pictures are relative to: the run's, once there is one.
    """
    goal, baseline = (
        tuple(str(root / path) for path in settings.get(name, ()))
        for name in ("goal_images", "baseline_images")
    )
    observes = REWARDS.load(settings["reward"]).observes
    if observes != "image":
        raise EmbodiedError(
            f"--reward {settings['reward']} looks at a {observes}, and `embodied train` rewards "
            "single frames: use embodied.perception.wrapper.RewardFrom, or see "
            "`embodied score --help`"
        )
    return load_reward_model(
        settings["reward"],
        RewardSettings(
            goal_prompts=tuple(settings["goal_prompts"]),
            baseline_prompts=tuple(settings["baseline_prompts"]),
            alpha=settings["preset"]["alpha"],
            instruction=find_task(settings).instruction,
            goal_images=goal,
            baseline_images=baseline,
            vlm=settings["vlm"],
            seed=settings["seed"],
            device=device,
        ),
    )


@contextmanager
def make_scorer(
    settings: dict[str, Any], device: str, root: Path = Path()
) -> Iterator[FrameScorer[RewardModel]]:
    """States in, VLM rewards out, with the renderers at the size that the model likes best."""
    reward = load_reward(settings, device, root)
    simulator, cameras = find_task(settings).simulator, settings["preset"].get("cameras")
    with make_pool(simulator, FRAMES, reward.image_size, cameras) as pool:
        light = settings["vlm"].startswith("embedded")
        yield FrameScorer(pool, reward, threads=spare_threads() if light else None)


def make_pool(
    simulator: Simulator,
    capacity: int,
    side: int,
    camera: str | Sequence[str] | None = None,
    looks: bool = False,
) -> RenderPool:
    """Renderers of a simulator's states, through the VLM's camera unless others are named.

    looks: whether each frame comes with a row that says how the scene looks.
    """
    return RenderPool(
        simulator.model_path,
        capacity,
        simulator.load().nq,
        side,
        side,
        camera=camera or simulator.camera,
        look=simulator.look if looks else None,
        look_size=simulator.look_size if looks else 0,
    )
