"""A reward from words for any single Gymnasium environment that renders pictures."""

from collections.abc import Sequence
from typing import Any, SupportsFloat

import gymnasium as gym
import numpy as np

from embodied.errors import EmbodiedError
from embodied.perception.encoder import ImageTextEncoder, load_encoder
from embodied.perception.reward import GoalBaselineReward


class RewardFromWords(gym.Wrapper[Any, Any, Any, Any]):
    """Replaces the reward by how well each new frame fits the words.

        env = gym.make("embodied/HumanoidKneel-v0", render_mode="rgb_array")
        env = RewardFromWords(env, "a humanoid robot kneeling")

    The frame that ends an episode is scored like any other. For training at speed use `embodied
    train`: it draws and encodes in batches, beside the simulation.

    Args:
        env: an environment with render_mode "rgb_array".
        goal: one or more prompts. baseline, alpha: see `GoalBaselineReward`.
        vlm: an encoder or the name of one.
    """

    def __init__(
        self,
        env: gym.Env[Any, Any],
        goal: str | Sequence[str],
        baseline: str | Sequence[str] = (),
        alpha: float = 0.0,
        vlm: str | ImageTextEncoder = "embedded",
        device: str = "auto",
    ):
        super().__init__(env)
        if env.render_mode != "rgb_array":
            raise EmbodiedError("a reward from words needs gym.make(..., render_mode='rgb_array')")
        encoder = load_encoder(vlm, device) if isinstance(vlm, str) else vlm
        self.reward = GoalBaselineReward(encoder, _listed(goal), _listed(baseline), alpha)

    def step(self, action: Any) -> tuple[Any, SupportsFloat, bool, bool, dict[str, Any]]:
        observation, _, terminated, truncated, info = self.env.step(action)
        frame = np.asarray(self.env.render())
        return observation, float(self.reward(frame[None]).values[0]), terminated, truncated, info


def _listed(prompts: str | Sequence[str]) -> Sequence[str]:
    return [prompts] if isinstance(prompts, str) else prompts
