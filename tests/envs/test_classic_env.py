"""Classic control behind Gymnasium: checkers, resets within the step, time limits, pictures."""

import warnings
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env as gymnasium_check
from gymnasium.vector import AutoresetMode
from stable_baselines3.common.env_checker import check_env as sb3_check

from embodied.envs.mujoco.classic.cartpole import CartPoleState
from embodied.envs.mujoco.classic.mountain_car import MountainCarState
from embodied.envs.mujoco.classic.tasks import TASKS, at_peak, system_of, upright
from embodied.envs.mujoco.classic.vector import ClassicVectorEnv
from embodied.envs.registration import CLASSIC_IDS
from embodied.envs.task import Task
from embodied.registry import ENVS

NAMES = [task.name for task in TASKS]


def test_ids_aliases_and_tasks_are_the_same_four() -> None:
    assert {task.name: task.env_id for task in TASKS} == CLASSIC_IDS
    assert [ENVS.load(task.name) for task in TASKS] == list(TASKS)


def test_prompts_are_those_of_the_paper() -> None:
    cart = {(t.goal_prompts, t.baseline_prompts) for t in TASKS if "cartpole" in t.name}
    car = {(t.goal_prompts, t.baseline_prompts) for t in TASKS if "car" in t.name} - cart
    assert cart == {(("pole vertically upright on top of the cart",), ("pole and cart",))}
    assert car == {
        (
            ("a car at the peak of the mountain, next to the yellow flag",),
            ("a car in the mountain",),
        )
    }


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_both_checkers(task: Task, gl: None) -> None:
    env: Any = gym.make(task.env_id, render_mode="rgb_array", width=64, height=64)
    assert env.unwrapped.task is task
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # Speeds of the cart-pole have no bounds: the checker would like some.
        warnings.filterwarnings("ignore", ".*A Box observation space m....um value is.*infinity.*")
        gymnasium_check(env.unwrapped)
        sb3_check(env, skip_render_check=False)
    env.reset(seed=0)
    assert env.render().std() > 10
    env.close()


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_make_vec_resets_within_the_step(task: Task) -> None:
    env: Any = gym.make_vec(task.env_id, num_envs=3, vectorization_mode="vector_entry_point")
    assert env.metadata["autoreset_mode"] == AutoresetMode.SAME_STEP
    observation, info = env.reset(seed=[7, 8, 9])
    assert observation in env.observation_space
    observation, reward, terminated, truncated, info = env.step(env.action_space.sample())
    assert observation in env.observation_space
    for array in (reward, terminated, truncated, info["success"], info["physics_error"]):
        assert np.shape(array) == (3,)
    assert info["qpos"].shape == (3, task.simulator.load().nq)
    assert not reward.any()
    env.close()


@pytest.mark.parametrize("name", NAMES)
def test_the_vector_environment_is_the_single_one(name: str) -> None:
    single: Any = gym.make(ENVS.load(name).env_id).unwrapped
    vector = ClassicVectorEnv(name, 1)
    one, _ = single.reset(seed=4)
    many, _ = vector.reset(seed=4)
    np.testing.assert_array_equal(many[0], one)
    single.action_space.seed(0)
    for _ in range(30):
        action = single.action_space.sample()
        one, _, _, _, info = single.step(action)
        many, _, _, _, infos = vector.step(np.asarray(action)[None])
        np.testing.assert_array_equal(many[0], one)
        assert infos["success"][0] == info["success"]


@pytest.mark.parametrize("name", NAMES)
def test_only_the_time_limit_ends_an_episode(name: str) -> None:
    env, steps = ClassicVectorEnv(name, 4), system_of(name).steps
    env.reset(seed=0)
    env.action_space.seed(0)
    for step in range(1, 2 * steps + 1):
        _, _, terminated, truncated, info = env.step(env.action_space.sample())
        assert not terminated.any()
        assert truncated.all() == truncated.any() == (step % steps == 0)
        assert ("final_obs" in info) == truncated.any()


def test_the_state_reported_is_the_one_before_the_reset() -> None:
    env = ClassicVectorEnv("cartpole", 2)
    env.reset(seed=0)
    for _ in range(200):
        observation, _, _, truncated, info = env.step(np.ones((2, 1)))
    assert truncated.all()
    np.testing.assert_allclose(info["final_obs"][:, 0], info["qpos"][:, 0], atol=1e-6)
    np.testing.assert_allclose(info["qpos"][:, 0], 2.4)  # pushed to the stop
    assert (np.abs(observation[:, 0]) <= 1).all()  # the next episode's start


def test_staggered_episodes_end_at_different_times() -> None:
    env = ClassicVectorEnv("mountain-car", 10, measure=False)
    env.reset(seed=0, options={"stagger": True})
    ends = np.array([env.step(np.zeros((10, 1)))[3] for _ in range(300)])
    assert ends.sum(0).tolist() == [1] * 10
    assert (ends.sum(1) <= 1).all()


@pytest.mark.parametrize("name", NAMES)
def test_a_saved_state_goes_on_alike(name: str) -> None:
    env, other = ClassicVectorEnv(name, 3), ClassicVectorEnv(name, 3)
    env.reset(seed=0, options={"stagger": True})
    other.reset(seed=1)
    env.action_space.seed(0)
    actions = [env.action_space.sample() for _ in range(120)]
    for action in actions[:20]:
        env.step(action)
    other.set_state(env.get_state())
    for action in actions[20:]:
        for a, b in zip(env.step(action)[:4], other.step(action)[:4], strict=True):
            np.testing.assert_array_equal(a, b)


def test_a_broken_simulation_ends_and_does_not_count() -> None:
    env = ClassicVectorEnv("cartpole", 2)
    env.reset(seed=0)
    _, _, terminated, truncated, info = env.step(np.array([[np.nan], [0.0]]))
    assert info["physics_error"].tolist() == [True, False]
    assert truncated.tolist() == [True, False]
    assert not terminated.any()
    assert not info["success"][0]


def test_success_is_gymnasiums() -> None:
    tilts = np.deg2rad([0, 11.9, -11.9, 12.1, 180])
    assert upright(CartPoleState(np.zeros(5), tilts)).tolist() == [True] * 3 + [False] * 2
    assert not upright(CartPoleState(np.array([2.4, -2.4]), np.zeros(2))).any()
    assert at_peak(MountainCarState(np.array([0.44, 0.45, 0.6]))).tolist() == [False, True, True]
