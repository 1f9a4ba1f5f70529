"""The single humanoid: what is seen, how episodes start and end, and what broken physics does."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embodied.envs.mujoco.humanoid import dynamics
from embodied.envs.mujoco.humanoid.env import HumanoidEnv
from embodied.envs.mujoco.humanoid.model import EPISODE_STEPS
from embodied.envs.mujoco.humanoid.poses import POSES, pose_qpos
from embodied.envs.mujoco.humanoid.tasks import TASKS
from embodied.errors import EmbodiedError


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HumanoidEnv]:
    monkeypatch.chdir(tmp_path)  # MuJoCo writes its warnings into the current folder
    env = HumanoidEnv("humanoid-kneel")
    yield env
    env.close()


def actions(seed: int, n: int = EPISODE_STEPS) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, (n, 17)).astype(np.float32)


def put(env: HumanoidEnv, pose: str) -> None:
    """Set the body down in a pose, between two steps."""
    env.data.qpos[:] = pose_qpos(POSES[pose])
    env.data.qvel[:] = 0


def test_starts_standing_with_a_little_noise(env: HumanoidEnv) -> None:
    starts = np.array([env.reset(seed=seed)[0] for seed in range(20)])
    standing = dynamics.observe(pose_qpos(POSES["standing"]), np.zeros(23))
    assert starts.shape == (20, 45)
    assert starts.dtype == np.float32
    assert np.abs(starts - standing).max() < 0.02
    assert np.delete(starts.std(axis=0), 1).min() > 0.001  # all but the real part of the rotation


def test_a_seed_decides_the_episode(env: HumanoidEnv) -> None:
    def play(seed: int | None) -> np.ndarray:
        first, _ = env.reset(seed=seed)
        return np.array([first, *(env.step(a)[0] for a in actions(0, 30))])

    one, following = play(5), play(None)
    np.testing.assert_array_equal(play(5), one)
    np.testing.assert_array_equal(play(None), following)
    assert not np.array_equal(one[0], following[0])


def test_the_time_limit_truncates_and_nothing_terminates(env: HumanoidEnv) -> None:
    for seed in range(2):
        env.reset(seed=seed)
        steps = [env.step(a) for a in actions(seed)]  # it falls, and goes on
        assert [s[3] for s in steps] == [False] * (EPISODE_STEPS - 1) + [True]
        assert not any(s[2] for s in steps)
        assert {s[1] for s in steps} == {0.0}
        assert not any(s[4]["physics_error"] for s in steps)
    assert EPISODE_STEPS == 100


def test_actions_are_clipped(env: HumanoidEnv) -> None:
    env.reset(seed=0)
    strong = env.step(np.full(17, 7.0))[0]
    env.reset(seed=0)
    np.testing.assert_array_equal(env.step(np.ones(17))[0], strong)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_info_is_the_checkers_answer_for_the_state_after_the_step(task: Any) -> None:
    env = HumanoidEnv(task.name)
    pose = {
        "humanoid-kneel": "kneeling",
        "humanoid-lotus": "lotus",
        "humanoid-stand": "standing",
        "humanoid-splits": "side splits",
        "humanoid-one-leg": "tree",
    }.get(task.name, f"standing, {task.name.removeprefix('humanoid-').replace('-', ' ')}")
    env.reset(seed=0)
    put(env, pose)
    assert env.step(np.zeros(17))[4]["success"]
    put(env, "head down")
    assert not env.step(np.zeros(17))[4]["success"]


def broken_speed(env: HumanoidEnv) -> None:
    env.data.qvel[3] = np.nan


def broken_place(env: HumanoidEnv) -> None:
    env.data.qpos[:] = np.inf


def broken_force(env: HumanoidEnv) -> None:
    env.data.qfrc_applied[:] = 1e14


def too_fast(env: HumanoidEnv) -> None:
    env.data.qvel[:] = 1e5


@pytest.mark.parametrize("breaks", [broken_speed, broken_place, broken_force, too_fast])
def test_broken_physics_ends_the_episode_where_it_was_last_sound(
    env: HumanoidEnv, breaks: Any
) -> None:
    env.reset(seed=0)
    last = env.step(actions(0)[0])[0]
    breaks(env)
    observation, reward, terminated, truncated, info = env.step(actions(0)[1])
    np.testing.assert_array_equal(observation, last)
    assert (reward, terminated, truncated) == (0.0, False, True)
    assert info == {"success": False, "physics_error": True}
    # The next episode is an ordinary one.
    observation, info = env.reset(seed=1)
    assert not info["physics_error"]
    after = env.step(actions(0)[2])
    assert np.isfinite(after[0]).all()
    assert not after[3]


def test_observation_leaves_out_the_place_on_the_floor() -> None:
    qpos, qvel = pose_qpos(POSES["lunge"]), np.arange(23.0)
    moved = qpos + np.eye(24)[0] * 3 - np.eye(24)[1] * 2
    np.testing.assert_array_equal(dynamics.observe(moved, qvel), dynamics.observe(qpos, qvel))
    observation = dynamics.observe(qpos, qvel)
    assert observation[0] == pytest.approx(qpos[2])  # height
    np.testing.assert_allclose(observation[1:5], qpos[3:7], rtol=1e-6)
    np.testing.assert_array_equal(observation[22:], qvel)
    many = dynamics.observe(np.stack([qpos, moved]), np.stack([qvel, qvel]))
    np.testing.assert_array_equal(many[1], observation)


def test_features_see_the_pose_alone() -> None:
    qpos = np.array([pose_qpos(POSES["lunge"]), pose_qpos(POSES["bowing"])])
    features = dynamics.pose_features(qpos)
    assert (features.shape, features.dtype) == ((2, 27), np.float32)
    moved = qpos.copy()
    moved[:, :2] += 5
    moved[:, 3:7] *= -1  # the same rotation, written the other way
    np.testing.assert_allclose(dynamics.pose_features(moved), features, atol=1e-6)
    assert np.abs(features[0] - features[1]).max() > 0.1


def test_diverged() -> None:
    qpos, qvel = np.zeros((5, 24)), np.zeros((5, 23))
    qpos[1, 0], qpos[2, 20] = np.nan, np.inf
    qvel[3, 4], qvel[4, 4] = -2 * dynamics.MAX_SPEED, dynamics.MAX_SPEED / 2
    assert dynamics.diverged(qpos, qvel).tolist() == [False, True, True, True, False]
    assert not dynamics.diverged(qpos[0], qvel[0])


def test_unknown_task_names_the_choices() -> None:
    with pytest.raises(EmbodiedError, match="humanoid-kneel"):
        HumanoidEnv("kneel")
