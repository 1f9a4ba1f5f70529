"""Play episodes with a trained policy and record what happened."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from gymnasium.vector import VectorEnv

HELD = 0.5
"""An episode succeeds if the goal holds in at least this share of its steps (VLM-RM)."""


class Policy(Protocol):
    """Stable-Baselines3's `predict`."""

    def predict(
        self, observation: np.ndarray, *, deterministic: bool
    ) -> tuple[np.ndarray, Any]: ...


@dataclass(frozen=True)
class Episodes:
    """E episodes of T steps: states [T, E, nq] and whether the goal held, bool [T, E].

    A state is the one that a step led to; steps after an episode's end are marked in `over` [T, E].
    """

    qpos: np.ndarray
    success: np.ndarray
    over: np.ndarray

    def held(self) -> np.ndarray:
        """Share of each episode's steps in which the goal held, [E]."""
        lived = (~self.over).sum(0)
        return (self.success & ~self.over).sum(0) / np.maximum(lived, 1)

    def succeeded(self) -> np.ndarray:
        """Which episodes count as successes, bool [E]."""
        return self.held() >= HELD


def play(policy: Policy, env: VectorEnv[np.ndarray, np.ndarray, np.ndarray], seed: int) -> Episodes:
    """One episode in every simulation of an environment that measures success, side by side."""
    observation, _ = env.reset(seed=seed)
    over = np.zeros(env.num_envs, bool)
    states, success, ended = [], [], []
    while not over.all():
        actions, _ = policy.predict(observation, deterministic=True)
        observation, _, terminated, truncated, info = env.step(actions)
        states.append(info["qpos"])
        success.append(info["success"])
        ended.append(over.copy())
        over = over | terminated | truncated
    return Episodes(np.array(states), np.array(success), np.array(ended))
