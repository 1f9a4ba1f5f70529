"""The bridge to Stable-Baselines3."""

from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

from embodied.envs.mujoco.humanoid.vector import HumanoidVectorEnv
from embodied.errors import EmbodiedError
from embodied.policies.online.vec_env import SB3VecEnv

N = 3


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # MuJoCo writes its warnings into the current folder


@pytest.fixture
def env() -> SB3VecEnv:
    return SB3VecEnv(HumanoidVectorEnv("humanoid-kneel", N), seed=2)


def at_step(env: SB3VecEnv, steps: list[int]) -> None:
    """Pretend that the episodes have so many steps behind them."""
    inner: Any = env.env
    inner.set_state(inner.get_state() | {"steps": np.array(steps)})


def test_a_time_limit_comes_with_its_last_observation(env: SB3VecEnv) -> None:
    env.reset()
    at_step(env, [99, 3, 99])
    observation, reward, done, infos = env.step(np.zeros((N, 17), np.float32))
    assert isinstance(observation, np.ndarray)
    assert done.tolist() == [True, False, True]
    assert infos[1] == {}
    for i in (0, 2):
        assert infos[i]["TimeLimit.truncated"] is True
        assert infos[i]["physics_error"] is False
        last = infos[i]["terminal_observation"]
        np.testing.assert_array_equal(last[:22], env.scored_qpos[i, 2:].astype(np.float32))
        assert not np.array_equal(last, observation[i])
    assert (reward.dtype, observation.dtype) == (np.float32, np.float32)
    assert not env.physics_error.any()


def test_broken_physics_is_flagged(env: SB3VecEnv) -> None:
    env.reset()
    inner: Any = env.env
    inner._qvel[1] = np.nan
    _, _, done, infos = env.step(np.zeros((N, 17), np.float32))
    assert done.tolist() == env.physics_error.tolist() == [False, True, False]
    assert infos[1]["physics_error"] is True
    assert np.isfinite(infos[1]["terminal_observation"]).all()


def test_the_seed_counts_for_the_first_reset_only(env: SB3VecEnv) -> None:
    other = SB3VecEnv(HumanoidVectorEnv("humanoid-kneel", N), seed=2)
    first, second = env.reset(), env.reset()
    np.testing.assert_array_equal(other.reset(), first)
    np.testing.assert_array_equal(other.reset(), second)
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(env.scored_qpos[:, 2:].astype("f4"), second[:, :22])


def test_another_way_of_resetting_is_refused() -> None:
    late: Any = gym.make_vec("CartPole-v1", num_envs=2, vectorization_mode="sync")
    with pytest.raises(EmbodiedError, match="SAME_STEP"):
        SB3VecEnv(late, seed=0)


def test_the_rest_of_the_interface(env: SB3VecEnv) -> None:
    assert env.get_attr("num_envs") == [N] * N
    assert env.get_attr("num_envs", indices=[1]) == [N]
    env.set_attr("colour", "red")
    assert env.env_method("__getattribute__", "colour", indices=0) == ["red"]
    assert env.env_is_wrapped(gym.Wrapper) == [False] * N
    env.close()
