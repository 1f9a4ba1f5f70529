"""Puts a run together from its settings: environment, renderers, encoder, reward."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from gymnasium.vector import VectorEnv

from embodied.envs.mujoco.humanoid.dynamics import pose_features
from embodied.envs.mujoco.humanoid.model import MODEL_PATH, load_model
from embodied.envs.mujoco.humanoid.state import state_from_qpos
from embodied.envs.mujoco.humanoid.vector import HumanoidVectorEnv
from embodied.envs.mujoco.render_pool import RenderPool
from embodied.perception.encoder import load_encoder
from embodied.perception.reward import GoalBaselineReward
from embodied.perception.scorer import FrameScorer, spare_threads
from embodied.policies.online.train import World
from embodied.policies.presets import Preset
from embodied.registry import ENVS

FRAMES = 1024
"""Frames that the pool holds at once."""


def preset_of(settings: dict[str, Any]) -> Preset:
    values: dict[str, Any] = dict(settings["preset"])
    values["hidden"] = tuple(values["hidden"])  # JSON has no tuples
    return Preset(**values)


def make_world(settings: dict[str, Any]) -> World:
    """The vectorised environment of a run, and how to look at its states."""
    task = ENVS.load(settings["env"])
    return World(
        env=HumanoidVectorEnv(settings["env"], settings["preset"]["num_envs"], measure=False),
        features=pose_features,
        measure=lambda qpos: task.success(state_from_qpos(qpos)),
    )


def make_measured_env(
    settings: dict[str, Any], episodes: int
) -> VectorEnv[np.ndarray, np.ndarray, np.ndarray]:
    """As many simulations as episodes, each step judged by the task's checker."""
    return HumanoidVectorEnv(settings["env"], episodes, measure=True)


def load_reward(settings: dict[str, Any], device: str) -> GoalBaselineReward:
    return GoalBaselineReward(
        load_encoder(settings["vlm"], device),
        settings["goal_prompts"],
        settings["baseline_prompts"],
        settings["preset"]["alpha"],
    )


@contextmanager
def make_scorer(settings: dict[str, Any], device: str) -> Iterator[FrameScorer]:
    """States in, VLM rewards out, with the renderers at the encoder's own size."""
    reward = load_reward(settings, device)
    side = reward.encoder.image_size
    with RenderPool(MODEL_PATH, FRAMES, load_model().nq, side, side) as pool:
        light = settings["vlm"].startswith("embedded")
        yield FrameScorer(pool, reward, threads=spare_threads() if light else None)
