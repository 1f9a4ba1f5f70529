"""Every Gymnasium id: made in all the ways that users make one, and checked by both checkers."""

import importlib
import sys
import warnings
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env as gymnasium_check
from gymnasium.vector import AutoresetMode
from stable_baselines3.common.env_checker import check_env as sb3_check

import embodied
from embodied.envs.mujoco.humanoid.tasks import TASKS
from embodied.envs.registration import HUMANOID_TASKS, humanoid_id, register
from embodied.envs.task import Task
from embodied.registry import ENVS

IDS = [humanoid_id(alias) for alias in HUMANOID_TASKS]


def test_ids_aliases_and_tasks_are_the_same_eight() -> None:
    assert len(IDS) == 8
    assert [task.env_id for task in TASKS] == IDS
    assert [task.name for task in TASKS] == [f"humanoid-{alias}" for alias in HUMANOID_TASKS]
    humanoids = {name for name in ENVS.names() if name.startswith("humanoid-")}
    assert humanoids == {task.name for task in TASKS}
    assert [ENVS.load(task.name) for task in TASKS] == list(TASKS)
    assert humanoid_id("hands-on-hips") == "embodied/HumanoidHandsOnHips-v0"


def test_prompts_are_those_of_the_paper() -> None:
    goals = {task.name: task.goal_prompts for task in TASKS}
    assert goals["humanoid-kneel"] == ("a humanoid robot kneeling",)
    assert goals["humanoid-lotus"] == (
        "a humanoid robot seated down, meditating in the lotus position",
    )
    assert goals["humanoid-splits"] == (
        "a humanoid robot practicing gymnastics, doing the side splits",
    )
    assert goals["humanoid-arms-raised"] == ("a humanoid robot standing up, with both arms raised",)
    assert {task.baseline_prompts for task in TASKS} == {("a humanoid robot",)}


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_every_checker_says_what_it_checks(task: Task) -> None:
    assert len(task.success.__doc__ or "") > 50


def test_registering_twice_is_silent() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        register()
        gym.register_envs(embodied)


@pytest.mark.parametrize("env_id", IDS)
def test_gymnasium_check(env_id: str, gl: None) -> None:
    env = gym.make(env_id, render_mode="rgb_array", width=64, height=64)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # Joint speeds have no bounds: the checker would like some, whatever they are.
        warnings.filterwarnings("ignore", ".*A Box observation space m....um value is.*infinity.*")
        gymnasium_check(env.unwrapped)
    env.close()


@pytest.mark.parametrize("env_id", IDS)
def test_stable_baselines_check(env_id: str, gl: None) -> None:
    env: Any = gym.make(env_id, render_mode="rgb_array", width=64, height=64)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sb3_check(env, skip_render_check=False)
    env.close()


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_make_gives_the_task(task: Task) -> None:
    env: Any = gym.make(task.env_id)
    assert env.unwrapped.task is task
    assert env.spec is not None
    assert env.spec.max_episode_steps is None  # the limit is the environment's own
    vector: Any = gym.make_vec(task.env_id, num_envs=3, vectorization_mode="vector_entry_point")
    assert vector.task is task
    assert vector.num_envs == 3
    vector.close()
    env.close()


def test_spec_round_trips_through_json() -> None:
    spec = gym.make("embodied/HumanoidOneLeg-v0").spec
    assert spec is not None
    again: Any = gym.make(type(spec).from_json(spec.to_json()))
    assert again.unwrapped.task.name == "humanoid-one-leg"


def test_make_imports_the_module_that_the_id_names() -> None:
    for env_id in IDS:
        gym.registry.pop(env_id, None)
    modules = {name: sys.modules.pop(name) for name in list(sys.modules) if name == "embodied"}
    try:
        with pytest.raises(gym.error.UnregisteredEnv):
            gym.make("embodied/HumanoidKneel-v0")
        env = gym.make("embodied:embodied/HumanoidKneel-v0")
        assert env.reset(seed=0)[0].shape == (45,)
    finally:
        sys.modules |= modules
        importlib.import_module("embodied").register()


def test_make_vec_steps_and_resets_within_the_step() -> None:
    env = gym.make_vec(
        "embodied/HumanoidKneel-v0", num_envs=3, vectorization_mode="vector_entry_point"
    )
    assert env.metadata["autoreset_mode"] == AutoresetMode.SAME_STEP
    observation, info = env.reset(seed=[7, 8, 9])  # pyright: ignore[reportArgumentType]  # the base class is narrower
    assert observation in env.observation_space
    assert info["success"].shape == (3,)
    observation, reward, terminated, truncated, info = env.step(env.action_space.sample())
    assert observation in env.observation_space
    for array in (reward, terminated, truncated, info["success"], info["physics_error"]):
        assert np.shape(array) == (3,)
    assert info["qpos"].shape == (3, 24)
    env.close()


def test_rendered_frames(gl: None) -> None:
    env: Any = gym.make("embodied/HumanoidKneel-v0", render_mode="rgb_array", width=80, height=60)
    env.reset(seed=0)
    frame = env.render()
    assert (frame.shape, frame.dtype) == ((60, 80, 3), np.uint8)
    assert frame.std() > 10
    env.close()
    vector: Any = gym.make_vec("embodied/HumanoidKneel-v0", num_envs=2, render_mode="rgb_array")
    vector.reset(seed=0)
    frames = vector.render()
    assert [f.shape for f in frames] == [(480, 480, 3)] * 2
    vector.close()
