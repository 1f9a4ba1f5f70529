"""The replay buffer that broken physics does not reach."""

import numpy as np
import pytest
from gymnasium import spaces

from embodied.policies.online.replay import SoundReplayBuffer, donors


@pytest.mark.parametrize(
    ("failed", "expected"),
    [
        ([0, 0, 0], [0, 1, 2]),
        ([1, 0, 0], [1, 1, 2]),
        ([0, 1, 1], [0, 0, 0]),
        ([1, 1, 0], [2, 2, 2]),
        ([1, 1, 1], [0, 1, 2]),
    ],
)
def test_donors(failed: list[int], expected: list[int]) -> None:
    assert donors(np.array(failed, bool)).tolist() == expected


def test_sound_transitions_are_stored_and_broken_ones_are_not() -> None:
    observation, action = spaces.Box(-9, 9, (2,)), spaces.Box(-1, 1, (1,))
    buffer = SoundReplayBuffer(30, observation, action, n_envs=3)

    def add(step: int, failed: list[bool]) -> None:
        rows = 10 * step + np.arange(3.0)[:, None].repeat(2, axis=1)
        infos = [{"physics_error": True} if f else {} for f in failed]
        buffer.add(rows, rows + 0.5, rows[:, :1], rows[:, 0], np.array(failed), infos)

    add(1, [False, False, False])
    add(2, [False, True, False])
    add(3, [True, True, True])
    add(4, [True, False, True])
    assert buffer.pos == 3
    assert buffer.rewards[:3].tolist() == [[10, 11, 12], [20, 20, 22], [41, 41, 41]]
    np.testing.assert_array_equal(buffer.observations[:3, :, 0], buffer.rewards[:3])
    np.testing.assert_array_equal(buffer.next_observations[:3, :, 1], buffer.rewards[:3] + 0.5)
    np.testing.assert_array_equal(buffer.actions[:3, :, 0], buffer.rewards[:3])
    assert not buffer.dones[:3].any()
