"""A replay buffer that diverged physics does not reach."""

from typing import Any

import numpy as np
from stable_baselines3.common.buffers import ReplayBuffer


def donors(failed: np.ndarray) -> np.ndarray:
    """For each simulation the one whose transition is stored: its own, or a sound one's, [n]."""
    index = np.arange(len(failed))
    if failed.any() and not failed.all():
        index[failed] = np.flatnonzero(~failed)[0]
    return index


class SoundReplayBuffer(ReplayBuffer):
    """Stores a sound simulation's transition twice in the place of a diverged one.

    Rows of all simulations are stored together, so a place cannot stay empty; a step in which all
    of them diverged is left out.
    """

    def add(
        self,
        obs: np.ndarray,
        next_obs: np.ndarray,
        action: np.ndarray,
        reward: np.ndarray,
        done: np.ndarray,
        infos: list[dict[str, Any]],
    ) -> None:
        failed = np.array([info.get("physics_error", False) for info in infos])
        if failed.all():
            return
        if failed.any():
            source = donors(failed)
            obs, next_obs, action = obs[source], next_obs[source], action[source]
            reward, done, infos = reward[source], done[source], [infos[i] for i in source]
        super().add(obs, next_obs, action, reward, done, infos)
