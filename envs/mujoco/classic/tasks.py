"""VLM-RM's classic-control tasks, with the paper's prompts."""

import numpy as np

from embodied.envs.mujoco.classic import cartpole, mountain_car
from embodied.envs.mujoco.classic.cartpole import TRACK, CartPoleState
from embodied.envs.mujoco.classic.mountain_car import MountainCarState
from embodied.envs.mujoco.classic.simulators import CARTPOLE, MOUNTAIN_CAR, MOUNTAIN_CAR_PLAIN
from embodied.envs.mujoco.classic.system import System
from embodied.envs.registration import CLASSIC_IDS
from embodied.envs.simulator import Simulator
from embodied.envs.task import Task
from embodied.errors import unknown

UPRIGHT = np.deg2rad(12)
"""Tilt up to which Gymnasium counts the pole as standing."""
AT_FLAG = 0.45
"""Place from which on Gymnasium counts the car as at the flag."""


def upright(s: CartPoleState) -> np.ndarray:
    """The pole is within 12 degrees of the vertical and the cart is not at a stop: Gymnasium's
    bounds for an episode of CartPole-v1 to go on."""
    return (np.abs(s.tilt) <= UPRIGHT) & (np.abs(s.place) < TRACK)


def at_peak(s: MountainCarState) -> np.ndarray:
    """The car is at or right of 0.45, beside the flag at the mountain's top (0.52): Gymnasium's
    goal of MountainCarContinuous-v0. An episode asks it to stay there for half of the steps."""
    return s.place >= AT_FLAG


def _cartpole(name: str) -> Task:
    return Task(
        name=name,
        env_id=CLASSIC_IDS[name],
        goal_prompts=("pole vertically upright on top of the cart",),
        baseline_prompts=("pole and cart",),
        instruction="Keep the pole vertically upright on top of the cart.",
        simulator=CARTPOLE,
        success=upright,
    )


def _mountain_car(name: str, simulator: Simulator) -> Task:
    return Task(
        name=name,
        env_id=CLASSIC_IDS[name],
        goal_prompts=("a car at the peak of the mountain, next to the yellow flag",),
        baseline_prompts=("a car in the mountain",),
        instruction="Drive the car to the peak of the mountain, next to the yellow flag.",
        simulator=simulator,
        success=at_peak,
    )


CARTPOLE_CONTINUOUS = _cartpole("cartpole")
CARTPOLE_DISCRETE = _cartpole("cartpole-discrete")
MOUNTAIN_CAR_TEXTURED = _mountain_car("mountain-car", MOUNTAIN_CAR)
MOUNTAIN_CAR_BARE = _mountain_car("mountain-car-plain", MOUNTAIN_CAR_PLAIN)

TASKS = (CARTPOLE_CONTINUOUS, CARTPOLE_DISCRETE, MOUNTAIN_CAR_TEXTURED, MOUNTAIN_CAR_BARE)
TASKS_BY_NAME = {task.name: task for task in TASKS}
_SYSTEMS = {
    "cartpole": cartpole.CONTINUOUS,
    "cartpole-discrete": cartpole.DISCRETE,
    "mountain-car": mountain_car.MOUNTAIN_CAR,
    "mountain-car-plain": mountain_car.MOUNTAIN_CAR,
}


def find_task(name: str) -> Task:
    """The task of that name; EmbodiedError with the choices if there is none."""
    if name not in TASKS_BY_NAME:
        raise unknown("task", name, TASKS_BY_NAME)
    return TASKS_BY_NAME[name]


def system_of(name: str) -> System:
    """The equations that a task's simulations obey."""
    return _SYSTEMS[find_task(name).name]
