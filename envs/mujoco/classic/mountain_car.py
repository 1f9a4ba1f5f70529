"""The car of Gymnasium's MountainCarContinuous-v0 (Moore 1990), without its end.

The equations and constants are Gymnasium's. The engine is too weak to drive straight up: the car
has to swing back first. Reaching the flag ends nothing (Rocamonde et al. 2023), so the car has to
stay there; a wall stands at each end of the road.
"""

from dataclasses import dataclass

import numpy as np
from gymnasium import spaces

from embodied.envs.mujoco.classic.system import System

POWER, GRAVITY = 0.0015, 0.0025
MAX_SPEED = 0.07
LEFT, RIGHT = -1.2, 0.6
PEAK = np.pi / 6
"""Place of the mountain's top, where the flag stands."""
NEWTON = GRAVITY / (9.81 * 3 * 0.45)
"""Speed that 1 N along the road's axis gives in a step to a car of 1 kg, for which the slope's
GRAVITY is one of 9.81 m/s²; the engine's largest push is then 8 N."""
START = (-0.6, -0.4)
"""Places at the start, at rest, as in Gymnasium."""
EPISODE_STEPS = 300
"""A strong policy needs about 70 steps to the flag."""


@dataclass(frozen=True)
class MountainCarState:
    """N cars: their place along the horizontal axis, [N]."""

    place: np.ndarray


def height(place: np.ndarray) -> np.ndarray:
    """Height of the road, as Gymnasium draws it."""
    return 0.45 * np.sin(3 * place) + 0.55


def steepness(place: np.ndarray) -> np.ndarray:
    """Angle of the road in radians, positive where it climbs to the right."""
    return np.arctan(3 * 0.45 * np.cos(3 * place))


def step(states: np.ndarray, actions: np.ndarray) -> np.ndarray:
    """States [N, 2] (place, speed) one step later; actions [N, 1] in [-1, 1], the engine's push."""
    place, speed = states.T
    speed = speed + POWER * actions[:, 0] - GRAVITY * np.cos(3 * place)
    speed = np.clip(speed, -MAX_SPEED, MAX_SPEED)
    place = np.clip(place + speed, LEFT, RIGHT)
    return np.stack([place, np.where((place == LEFT) & (speed < 0), 0, speed)], axis=1)


def push(states: np.ndarray, body: str, force: np.ndarray) -> np.ndarray:
    """States [N, 2] with the speed that a force [3] (N) on the car gives them in a step."""
    pushed = states.copy()
    pushed[:, 1] += NEWTON * (force[0] + force[2] * 3 * 0.45 * np.cos(3 * states[:, 0]))
    return pushed


def start(rng: np.random.Generator, n: int) -> np.ndarray:
    return np.stack([rng.uniform(*START, n), np.zeros(n)], axis=1)


def observe(states: np.ndarray) -> np.ndarray:
    return states.astype(np.float32)


def qpos(states: np.ndarray) -> np.ndarray:
    """The car's place, height and pitch, [N, 3]."""
    return qpos_at(states[:, 0])


def qpos_at(place: np.ndarray) -> np.ndarray:
    """Cars that stand on the road at places [N]: qpos [N, 3]."""
    return np.stack([place, height(place), steepness(place)], axis=1)


def state_from_qpos(rows: np.ndarray) -> MountainCarState:
    """What a success rule and the captions read of pictures' qpos [N, 3]."""
    return MountainCarState(np.atleast_2d(rows)[:, 0])


def features(rows: np.ndarray) -> np.ndarray:
    """What is seen of qpos [N, 3], float32 [N, 3]."""
    return rows.astype(np.float32)


MOUNTAIN_CAR = System(
    step=step,
    start=start,
    observe=observe,
    qpos=qpos,
    push=push,
    observation_space=spaces.Box(
        np.array([LEFT, -MAX_SPEED], np.float32), np.array([RIGHT, MAX_SPEED], np.float32)
    ),
    action_space=spaces.Box(-1.0, 1.0, (1,), np.float32),
    steps=EPISODE_STEPS,
    fps=30,
)
