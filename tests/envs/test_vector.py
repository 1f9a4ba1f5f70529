"""Many humanoids at once do what one does, and go on from a saved state bit for bit."""

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embodied.envs.mujoco.humanoid import dynamics
from embodied.envs.mujoco.humanoid.env import HumanoidEnv
from embodied.envs.mujoco.humanoid.model import EPISODE_STEPS
from embodied.envs.mujoco.humanoid.poses import POSES, pose_qpos
from embodied.envs.mujoco.humanoid.state import state_from_qpos
from embodied.envs.mujoco.humanoid.tasks import TASKS, TASKS_BY_NAME
from embodied.envs.mujoco.humanoid.vector import HumanoidVectorEnv

N = 3


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # MuJoCo writes its warnings into the current folder


def actions(seed: int, steps: int = EPISODE_STEPS, n: int = N) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, (steps, n, 17)).astype(np.float32)


def make(n: int = N, task: str = "humanoid-kneel", **kwargs: Any) -> HumanoidVectorEnv:
    return HumanoidVectorEnv(task, n, **kwargs)


def play(env: HumanoidVectorEnv, moves: np.ndarray) -> dict[str, np.ndarray]:
    """All that each step returned, [T, n, ...]."""
    steps = [env.step(move) for move in moves]
    return {
        "observation": np.array([s[0] for s in steps]),
        "truncated": np.array([s[3] for s in steps]),
        "qpos": np.array([s[4]["qpos"] for s in steps]),
        "qvel": np.array([env._qvel.copy()]),
    }


def same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> None:
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)


@pytest.mark.parametrize("scale", [0.0, 0.3, 1.0])
def test_the_trajectory_is_that_of_the_single_environment(scale: float) -> None:
    single, vector = HumanoidEnv("humanoid-kneel"), make(1)
    first, info = single.reset(seed=4)
    observed, infos = vector.reset(seed=4)
    np.testing.assert_array_equal(observed[0], first)
    assert infos["success"][0] == info["success"]
    for action in scale * actions(1, n=1)[:, 0]:
        observation, reward, terminated, truncated, info = single.step(action)
        observed, rewards, ends, cuts, infos = vector.step(action[None])
        np.testing.assert_array_equal(infos["qpos"][0], single.data.qpos)
        assert (rewards[0], ends[0], cuts[0]) == (reward, terminated, truncated)
        assert infos["success"][0] == info["success"]
        last = infos["final_obs"] if truncated else observed
        np.testing.assert_array_equal(last[0], observation)
    assert truncated


def test_simulations_do_not_touch_each_other() -> None:
    """Given the same start and actions, the same in any place of a batch of any size."""
    one, many = make(1), make(4, threads=2)
    one.reset(seed=0)
    many.reset(seed=1)
    many._batch.state[2] = one._batch.state[0]
    many.set_state(many.get_state())
    moves = actions(0, 60, 4)
    np.testing.assert_array_equal(
        play(many, moves)["qpos"][:, 2], play(one, moves[:, 2:3])["qpos"][:, 0]
    )


def test_a_seed_decides_everything_and_threads_nothing() -> None:
    one, other = make(threads=1), make(threads=2)
    moves = actions(0, 130)
    start, again = one.reset(seed=9)[0], other.reset(seed=9)[0]
    np.testing.assert_array_equal(start, again)
    assert not np.array_equal(start[0], start[1])
    same(play(one, moves), play(other, moves))
    assert not np.array_equal(other.reset(seed=10)[0], start)


def test_the_time_limit_truncates_at_step_100_and_starts_anew() -> None:
    env = make()
    env.reset(seed=0)
    steps = [env.step(move) for move in actions(0, 2 * EPISODE_STEPS)]
    cut = np.array([s[3] for s in steps])
    assert np.flatnonzero(cut.all(axis=1)).tolist() == [99, 199]
    assert cut.any(axis=1).sum() == 2
    assert not np.array([s[2] for s in steps]).any()
    assert [t for t, s in enumerate(steps) if "final_obs" in s[4]] == [99, 199]
    standing = dynamics.observe(pose_qpos(POSES["standing"]), np.zeros(23))
    for t in (99, 199):
        observation, info = steps[t][0], steps[t][4]
        assert np.abs(observation - standing).max() < 0.02  # the next episode's first
        # What the step led to: in the state to be scored, and in the last observation.
        np.testing.assert_array_equal(
            info["final_obs"][:, :22], info["qpos"][:, 2:].astype(np.float32)
        )
        assert np.abs(info["final_obs"] - standing).max() > 0.1
        np.testing.assert_array_equal(
            info["success"], env.task.success(state_from_qpos(info["qpos"]))
        )


def test_what_is_handed_out_is_not_written_over() -> None:
    env = make()
    observation, info = env.reset(seed=0)
    kept = observation.copy(), info["qpos"].copy()
    one = env.step(actions(0)[0])
    copies = one[0].copy(), one[4]["qpos"].copy(), one[4]["physics_error"].copy()
    env.step(actions(0)[1])
    for was, array in zip(kept, (observation, info["qpos"]), strict=True):
        np.testing.assert_array_equal(was, array)
    for was, array in zip(copies, (one[0], one[4]["qpos"], one[4]["physics_error"]), strict=True):
        np.testing.assert_array_equal(was, array)


def test_episodes_may_end_at_different_times() -> None:
    env = make()
    env.reset(seed=0)
    state = env.get_state()
    state["steps"] = np.array([99, 0, 50])
    env.set_state(state)
    seen = [env.step(move)[3].tolist() for move in actions(0)]
    ends = [[t for t, cut in enumerate(seen) if cut[i]] for i in range(N)]
    assert ends == [[0], [99], [49]]


def test_first_episodes_end_at_different_times_if_wished() -> None:
    env = make(5, measure=False)
    env.reset(seed=0, options={"stagger": True})
    cut = np.array([env.step(move)[3] for move in actions(0, 200, 5)])
    ends = [np.flatnonzero(cut[:, i]).tolist() for i in range(5)]
    assert sorted(ends) == [[19, 119], [39, 139], [59, 159], [79, 179], [99, 199]]
    again = make(5, measure=False)
    again.reset(seed=0, options={"stagger": True})
    assert again.get_state()["steps"].tolist() == [99 - first for first, _ in ends]
    again.reset(seed=0)
    assert not again.get_state()["steps"].any()


def test_a_saved_state_goes_on_bit_for_bit() -> None:
    env = make()
    env.reset(seed=3)
    play(env, actions(0, 70))
    state = env.get_state()
    expected = play(env, actions(1, 150))  # over two time limits: the random stream counts too
    env.set_state(state)
    same(play(env, actions(1, 150)), expected)
    fresh = make()
    fresh.reset(seed=77)
    fresh.set_state(json_trip(state))
    same(play(fresh, actions(1, 150)), expected)


def json_trip(state: dict[str, Any]) -> dict[str, Any]:
    """A state as it comes back from a file: no object is shared with the environment."""
    return {
        "simulations": np.frombuffer(state["simulations"].tobytes()).reshape(N, -1).copy(),
        "steps": np.array(state["steps"].tolist()),
        "random": json.loads(json.dumps(state["random"])),
    }


def test_a_saved_state_is_a_copy() -> None:
    env = make()
    env.reset(seed=3)
    state = env.get_state()
    before = state["simulations"].copy(), state["steps"].copy(), json.dumps(state["random"])
    play(env, actions(0, 120))
    np.testing.assert_array_equal(state["simulations"], before[0])
    np.testing.assert_array_equal(state["steps"], before[1])
    assert json.dumps(state["random"]) == before[2]


def break_speed(env: HumanoidVectorEnv, i: int) -> None:
    env._qvel[i] = np.nan


def break_place(env: HumanoidVectorEnv, i: int) -> None:
    env._qpos[i, 5] = np.inf


def break_force(env: HumanoidVectorEnv, i: int) -> None:
    env._batch.bind("qfrc_applied")[i] = 1e14


def too_fast(env: HumanoidVectorEnv, i: int) -> None:
    env._qvel[i] = 1e6


@pytest.mark.parametrize("breaks", [break_speed, break_place, break_force, too_fast])
def test_broken_physics_ends_that_episode_alone(breaks: Any) -> None:
    moves = actions(0, 60)
    whole, env = make(), make()
    whole.reset(seed=0)
    env.reset(seed=0)
    expected = play(whole, moves)
    for move in moves[:10]:
        observation, *_ = env.step(move)
    last = observation[1].copy()
    breaks(env, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        observation, reward, terminated, truncated, info = env.step(moves[10])
    assert truncated.tolist() == info["physics_error"].tolist() == [False, True, False]
    assert not terminated.any()
    assert not info["success"][1]
    for array in (observation, info["final_obs"], info["qpos"], reward):
        assert np.isfinite(array).all()
    np.testing.assert_array_equal(info["final_obs"][1], last)
    # It starts anew; the others have not noticed.
    after = play(env, moves[11:])
    assert np.isfinite(after["observation"]).all()
    for i in (0, 2):
        np.testing.assert_array_equal(after["qpos"][:, i], expected["qpos"][11:, i])
    state = env.get_state()
    assert state["steps"].tolist() == [60, 49, 60]
    assert np.isfinite(state["simulations"]).all()


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_no_checker_stumbles_over_broken_physics(task: Any) -> None:
    env = make(task=task.name)
    env.reset(seed=0)
    env._qpos[0], env._qvel[1] = np.inf, np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        info = env.step(actions(0)[0])[4]
    assert info["physics_error"].tolist() == [True, True, False]
    assert not info["success"][:2].any()


def test_measuring_changes_nothing_and_can_be_left_out() -> None:
    plain, measured = make(measure=False), make(measure=True)
    assert "success" not in plain.reset(seed=0)[1]
    measured.reset(seed=0)
    moves = actions(0, 120)
    same(play(plain, moves), play(measured, moves))
    assert "success" not in plain.step(moves[0])[4]


def test_success_is_judged_after_the_step() -> None:
    env = make()
    env.reset(seed=0)
    env._qpos[1] = pose_qpos(POSES["kneeling"])
    env._qvel[1] = 0
    info = env.step(np.zeros((N, 17)))[4]
    assert info["success"].tolist() == [False, True, False]
    np.testing.assert_array_equal(
        info["success"], TASKS_BY_NAME["humanoid-kneel"].success(state_from_qpos(info["qpos"]))
    )
