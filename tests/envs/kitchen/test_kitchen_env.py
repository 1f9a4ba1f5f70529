"""The kitchen as a Gymnasium environment."""

import warnings
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from stable_baselines3.common.env_checker import check_env as check_sb3_env

from embodied.envs.mujoco.kitchen.env import ACTIONS, KitchenEnv
from embodied.envs.mujoco.kitchen.scenario import Scenario, Wish
from embodied.errors import EmbodiedError

ONE = Scenario(variant=0)


def test_gymnasium_check(gl: None) -> None:
    options: dict[str, Any] = {"render_mode": "rgb_array", "width": 64, "height": 48}
    env = gym.make("embodied/Kitchen-v0", scenario=ONE, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(env.unwrapped)
    env.close()


@pytest.mark.parametrize("modalities", [("rgb",), ("rgb", "depth", "instance")])
def test_stable_baselines_check(modalities: tuple[str, ...], gl: None) -> None:
    """It only wonders at maps without a channel, which is what depth and instances are."""
    env = KitchenEnv(ONE, modalities, width=64, height=48)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        check_sb3_env(env)
    env.close()
    told = [str(warning.message) for warning in caught]
    maps = [name for name in modalities if name != "rgb"]
    assert len(told) == len(maps)
    for name, text in zip(maps, told, strict=True):
        assert f"observation {name} has an unconventional shape" in text


def test_a_step_by_numbers(gl: None) -> None:
    scenario = Scenario(present=(Wish("Apple", "DiningTable"),), variant=0)
    env = KitchenEnv(scenario, ("rgb", "depth", "instance"), width=64, height=48, max_steps=3)
    _, info = env.reset(seed=4)
    apple = next(o["objectId"] for o in info["objects"] if o["objectType"] == "Apple")
    pose = env.act("GetInteractablePoses", objectId=apple).value[0]
    env.act("Teleport", position=pose, rotation=pose["rotation"], horizon=pose["horizon"])
    number = info["object_ids"].index(apple)
    observation, reward, terminated, _, info = env.step(
        np.array([ACTIONS.index("PickupObject"), number])
    )
    assert isinstance(observation, dict)
    assert observation in env.observation_space
    assert info["lastActionSuccess"], info["errorMessage"]
    assert (reward, terminated) == (0.0, False)
    assert (observation["instance"] == number).any()  # it is before the camera
    held = observation["depth"][observation["instance"] == number]
    assert 0.2 < held.mean() < 0.8
    *_, truncated, info = env.step(np.array([ACTIONS.index("PickupObject"), 159]))
    assert info["errorMessage"] == "there is no object number 159"
    assert not truncated
    assert env.step(np.array([0, 0]))[3]
    env.close()


def test_same_seed_same_episode(gl: None) -> None:
    first, other = (KitchenEnv(ONE, width=48, height=48) for _ in range(2))
    for env in (first, other):
        env.reset(seed=11)
    rng = np.random.default_rng(0)
    for _ in range(6):
        action = rng.integers(first.action_space.nvec)  # pyright: ignore[reportAttributeAccessIssue]
        a, b = first.step(action), other.step(action)
        assert np.array_equal(a[0], b[0])  # pyright: ignore[reportArgumentType]
        assert a[4]["objects"] == b[4]["objects"]
    first.close()
    other.close()


def test_wrong_arguments() -> None:
    with pytest.raises(EmbodiedError, match="Did you mean 'depth'"):
        KitchenEnv(modalities=("rgb", "dept"))
    with pytest.raises(EmbodiedError, match="call reset first"):
        KitchenEnv().kitchen.objects()
