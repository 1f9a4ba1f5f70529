"""The cart-pole of Gymnasium's CartPole-v1 (Barto, Sutton and Anderson 1983), without its end.

The equations, constants and Euler steps are Gymnasium's. An episode does not end when the pole
falls, because that would tell a learner what is wanted (Rocamonde et al. 2023): the pole swings on
below the cart, and the cart stops at the ends of its track.
"""

from dataclasses import dataclass

import numpy as np
from gymnasium import spaces

from embodied.envs.mujoco.classic.system import System

GRAVITY = 9.8
CART_MASS, POLE_MASS = 1.0, 0.1
HALF_POLE = 0.5
MAX_FORCE = 10.0
TAU = 0.02
"""Seconds of a step."""
TRACK = 2.4
"""Metres from the middle to the stop at each end: where Gymnasium ends an episode."""
START_TILT, START_PLACE, START_SPEED = 0.3, 1.0, 0.05
"""Largest tilt (rad), distance from the middle (m) and speeds at the start. Gymnasium's own 0.05
would start every episode at the goal; from 0.3 rad a policy has to push the pole up first."""
EPISODE_STEPS = 200


@dataclass(frozen=True)
class CartPoleState:
    """N cart-poles: place of the cart in metres and tilt of the pole in radians, [N] each.

    A tilt of 0 is upright, π is hanging down, positive is to the right; it is in [-π, π).
    """

    place: np.ndarray
    tilt: np.ndarray


def accelerate(states: np.ndarray, force: np.ndarray) -> np.ndarray:
    """States [N, 4] (place, speed, tilt, tilt's speed) after one Euler step under forces [N] (N).

    At a stop the cart loses its speed v and the pole keeps its angular momentum about the hinge,
    (4/3) m l² ω + m l v cos θ, so that ω grows by 3 v cos θ / (4 l).
    """
    x, x_dot, theta, theta_dot = states.T
    cos, sin = np.cos(theta), np.sin(theta)
    mass, moment = CART_MASS + POLE_MASS, POLE_MASS * HALF_POLE
    push = (force + moment * theta_dot**2 * sin) / mass
    tilting = (GRAVITY * sin - cos * push) / (HALF_POLE * (4 / 3 - POLE_MASS * cos**2 / mass))
    driving = push - moment * tilting * cos / mass
    x, x_dot = x + TAU * x_dot, x_dot + TAU * driving
    theta, theta_dot = theta + TAU * theta_dot, theta_dot + TAU * tilting
    stopped = (np.abs(x) >= TRACK) & (x_dot * x > 0)
    theta_dot = theta_dot + np.where(stopped, 0.75 * x_dot * np.cos(theta) / HALF_POLE, 0)
    x, x_dot = np.clip(x, -TRACK, TRACK), np.where(stopped, 0, x_dot)
    theta = (theta + np.pi) % (2 * np.pi) - np.pi
    return np.stack([x, x_dot, theta, theta_dot], axis=1)


def step_continuous(states: np.ndarray, actions: np.ndarray) -> np.ndarray:
    """Actions [N, 1] in [-1, 1] are shares of the largest force."""
    return accelerate(states, MAX_FORCE * actions[:, 0])


def step_discrete(states: np.ndarray, actions: np.ndarray) -> np.ndarray:
    """Actions [N]: 0 pushes to the left, 1 to the right, as in Gymnasium."""
    return accelerate(states, np.where(actions == 1, MAX_FORCE, -MAX_FORCE))


def push(states: np.ndarray, body: str, force: np.ndarray) -> np.ndarray:
    """States [N, 4] with the speeds that a force [3] (N) on the cart, or on the middle of the pole,
    gives them in a step: the same equations of motion, solved for the force alone."""
    cos, sin = np.cos(states[:, 2]), np.sin(states[:, 2])
    arm = HALF_POLE if body == "pole" else 0.0
    turn = arm * (force[0] * cos - force[2] * sin)
    mass, moment = CART_MASS + POLE_MASS, POLE_MASS * HALF_POLE
    inertia = 4 / 3 * moment * HALF_POLE
    determinant = mass * inertia - (moment * cos) ** 2
    pushed = states.copy()
    pushed[:, 1] += TAU * (inertia * force[0] - moment * cos * turn) / determinant
    pushed[:, 3] += TAU * (mass * turn - moment * cos * force[0]) / determinant
    return pushed


def start(rng: np.random.Generator, n: int) -> np.ndarray:
    high = np.array([START_PLACE, START_SPEED, START_TILT, START_SPEED])
    return rng.uniform(-high, high, (n, 4))


def observe(states: np.ndarray) -> np.ndarray:
    """Place, speed, cosine and sine of the tilt, its speed: float32 [N, 5]."""
    x, x_dot, theta, theta_dot = states.T
    columns = [x, x_dot, np.cos(theta), np.sin(theta), theta_dot]
    return np.stack(columns, axis=1).astype(np.float32)


def qpos(states: np.ndarray) -> np.ndarray:
    """Slide of the cart and hinge of the pole, [N, 2]."""
    return states[:, [0, 2]].copy()


def state_from_qpos(rows: np.ndarray) -> CartPoleState:
    """What a success rule and the captions read of pictures' qpos [N, 2]."""
    place, tilt = np.atleast_2d(rows).T
    return CartPoleState(place, (tilt + np.pi) % (2 * np.pi) - np.pi)


def features(rows: np.ndarray) -> np.ndarray:
    """What is seen of qpos [N, 2]: place, cosine and sine of the tilt, float32 [N, 3]."""
    place, tilt = rows.T
    return np.stack([place, np.cos(tilt), np.sin(tilt)], axis=1).astype(np.float32)


_OBSERVATIONS = spaces.Box(
    np.array([-TRACK, -np.inf, -1, -1, -np.inf], np.float32),
    np.array([TRACK, np.inf, 1, 1, np.inf], np.float32),
)

CONTINUOUS = System(
    step=step_continuous,
    start=start,
    observe=observe,
    qpos=qpos,
    push=push,
    observation_space=_OBSERVATIONS,
    action_space=spaces.Box(-1.0, 1.0, (1,), np.float32),
    steps=EPISODE_STEPS,
    fps=round(1 / TAU),
)

DISCRETE = System(
    step=step_discrete,
    start=start,
    observe=observe,
    qpos=qpos,
    push=push,
    observation_space=_OBSERVATIONS,
    action_space=spaces.Discrete(2),
    steps=EPISODE_STEPS,
    fps=round(1 / TAU),
)
