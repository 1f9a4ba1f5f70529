"""Episodes as they are judged: which steps count, and when a goal was held."""

from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.vector import VectorEnv

from embodied.envs.mujoco.humanoid.model import EPISODE_STEPS
from embodied.envs.mujoco.humanoid.tasks import STAND
from embodied.envs.mujoco.humanoid.vector import HumanoidVectorEnv
from embodied.policies.online.evaluate import Episodes, play

HALF = [0, 1] * 2


def test_steps_after_the_end_do_not_count() -> None:
    success = np.array([[1, 1, 0], [0, 1, 0], [0, 0, 1], [0, 1, 1]], bool)
    over = np.array([[0, 0, 0], [0, 0, 0], [0, 1, 1], [0, 1, 1]], bool)
    episodes = Episodes(np.zeros((4, 3, 24)), success, over)
    np.testing.assert_allclose(episodes.held(), [0.25, 1.0, 0.0])
    assert episodes.succeeded().tolist() == [False, True, False]


def test_half_of_the_steps_is_enough() -> None:
    success = np.array([HALF, [0, 0, 0, 1]], bool).T
    episodes = Episodes(np.zeros((4, 2, 24)), success, np.zeros((4, 2), bool))
    assert episodes.succeeded().tolist() == [True, False]


class Still:
    """A policy that does nothing, and remembers what it saw."""

    def __init__(self) -> None:
        self.seen: list[np.ndarray] = []

    def predict(self, observation: np.ndarray, *, deterministic: bool) -> tuple[np.ndarray, Any]:
        assert deterministic
        self.seen.append(observation)
        return np.zeros((len(observation), 17), np.float32), None


def test_one_whole_episode_in_every_simulation() -> None:
    policy = Still()
    episodes = play(policy, HumanoidVectorEnv(STAND.name, 3), seed=5)
    assert episodes.qpos.shape == (EPISODE_STEPS, 3, 24)
    assert not episodes.over.any()
    assert episodes.success[0].all()  # it stands at first
    again = play(Still(), HumanoidVectorEnv(STAND.name, 3), seed=5)
    np.testing.assert_array_equal(again.qpos, episodes.qpos)
    # States are those that steps led to, so they are seen by the policy one step later.
    seen = np.array(policy.seen[1:])[:, :, :22]
    np.testing.assert_array_equal(seen, episodes.qpos[:-1, :, 2:].astype(np.float32))


class Countdown(VectorEnv[np.ndarray, np.ndarray, np.ndarray]):
    """Simulation i ends at its step i + 1, and then starts again."""

    def __init__(self) -> None:
        self.num_envs = 3
        self.single_observation_space = spaces.Box(-1, 1, (1,))
        self.t = 0

    def reset(self, **_: Any) -> tuple[np.ndarray, dict[str, Any]]:
        return np.zeros((3, 1), np.float32), {}

    def step(self, actions: np.ndarray) -> tuple[Any, ...]:
        self.t += 1
        ends = np.array([self.t % (i + 1) == 0 for i in range(3)])
        info = {"qpos": np.full((3, 24), self.t), "success": np.array([self.t == 1] * 3)}
        return np.zeros((3, 1)), np.zeros(3), ends & (self.t == 1), ends, info


def test_episodes_of_different_lengths() -> None:
    episodes = play(Still(), Countdown(), seed=0)
    assert episodes.over.tolist() == [[False] * 3, [True, False, False], [True, True, False]]
    np.testing.assert_allclose(episodes.held(), [1, 1 / 2, 1 / 3])
    assert episodes.succeeded().tolist() == [True, True, False]
