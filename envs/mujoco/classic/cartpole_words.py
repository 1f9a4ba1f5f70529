"""The cart-pole's vocabulary: what an encoder is aligned on and audited with."""

import numpy as np

from embodied.envs.degrees import both, ramp
from embodied.envs.mujoco.classic.cartpole import TRACK, CartPoleState, state_from_qpos
from embodied.envs.mujoco.classic.looks import CARTPOLE, split_looks
from embodied.envs.mujoco.classic.words import (
    OTHER_WORLDS,
    OTHER_WORLDS_HELD_OUT,
    SPLITS,
    Statement,
    captions_of,
    truth_of,
)
from embodied.envs.vocabulary import Vocabulary

State = CartPoleState


def _upward(s: State) -> np.ndarray:
    """Cosine of the tilt: 1 upright, -1 hanging."""
    return np.cos(s.tilt)


def _leaning(s: State, side: float) -> np.ndarray:
    return both(ramp(side * s.tilt, 0.05, 0.35), ramp(side * s.tilt, 1.5, 1.1))


def _level(s: State, side: float) -> np.ndarray:
    return ramp(side * np.sin(s.tilt), 0.75, 0.97)


STATEMENTS: dict[str, Statement] = {
    "upright": Statement(
        lambda s: ramp(np.abs(s.tilt), 0.7, 0.02),
        (
            "pole vertically upright on top of the cart",
            "the pole stands straight up on the cart",
            "a balanced pole",
            "a pole balanced vertically on a cart",
            "the pole is vertical, above the cart",
            "an upright pole",
        ),
        ("the pole is standing upright", "a pole pointing straight up", "perfectly balanced pole"),
    ),
    "above": Statement(
        lambda s: ramp(_upward(s), -0.2, 0.9),
        ("the pole points upwards", "the pole is above the cart", "the tip of the pole is high"),
        ("the end of the pole is higher than the cart",),
    ),
    "leaning left": Statement(
        lambda s: _leaning(s, -1),
        ("the pole leans to the left", "a pole tilted left", "the pole is falling to the left"),
        ("the pole is tipping over to the left",),
    ),
    "leaning right": Statement(
        lambda s: _leaning(s, 1),
        ("the pole leans to the right", "a pole tilted right", "the pole is falling to the right"),
        ("the pole is tipping over to the right",),
    ),
    "leaning": Statement(
        lambda s: np.maximum(_leaning(s, -1), _leaning(s, 1)),
        ("a tilted pole", "the pole is leaning", "the pole is falling over"),
        ("a slanted pole on a cart",),
    ),
    "level": Statement(
        lambda s: np.maximum(_level(s, -1), _level(s, 1)),
        ("the pole is horizontal", "the pole sticks out sideways"),
        ("the pole lies flat beside the cart",),
    ),
    "level left": Statement(
        lambda s: _level(s, -1),
        ("the pole is horizontal, pointing left",),
        ("the pole sticks out to the left",),
    ),
    "level right": Statement(
        lambda s: _level(s, 1),
        ("the pole is horizontal, pointing right",),
        ("the pole sticks out to the right",),
    ),
    "below": Statement(
        lambda s: ramp(_upward(s), 0.2, -0.9),
        ("the pole points downwards", "the pole has fallen", "the pole is below the cart"),
        ("the pole dropped under the cart",),
    ),
    "hanging": Statement(
        lambda s: ramp(_upward(s), -0.6, -0.98),
        ("the pole hangs straight down", "a pole hanging below the cart"),
        ("the pole dangles from the cart",),
    ),
    "cart left": Statement(
        lambda s: ramp(-s.place, 0.2, 1.2),
        ("the cart is on the left", "a cart on the left side of the track"),
        ("the cart is left of the middle",),
    ),
    "cart right": Statement(
        lambda s: ramp(s.place, 0.2, 1.2),
        ("the cart is on the right", "a cart on the right side of the track"),
        ("the cart is right of the middle",),
    ),
    "cart centre": Statement(
        lambda s: ramp(np.abs(s.place), 0.9, 0.1),
        ("the cart is in the middle", "a cart at the center of the track"),
        ("the cart is halfway along the rail",),
    ),
    "cart at a stop": Statement(
        lambda s: ramp(np.abs(s.place), 1.9, 2.35),
        ("the cart is at the end of the track", "a cart against the bumper"),
        ("the cart has hit the stop",),
    ),
    # What an encoder must know to be true of all pictures, and of none.
    "cart-pole": Statement(
        lambda s: np.ones_like(s.tilt),
        ("pole and cart", "a cart with a pole", "a cart on a track", "the cart-pole system"),
        ("a cart carrying a pole",),
    ),
    "no cart-pole": Statement(
        lambda s: np.zeros_like(s.tilt),
        (*OTHER_WORLDS, "a car in the mountain", "a yellow flag"),
        OTHER_WORLDS_HELD_OUT,
    ),
}


def truth(qpos: np.ndarray) -> np.ndarray:
    """Degree of every statement for qpos [n, 2]: float32 [n, K]."""
    return truth_of(STATEMENTS, state_from_qpos(qpos))


def sample(rng: np.random.Generator, n: int, split: str, without: tuple[str, ...]) -> np.ndarray:
    """Carts anywhere on the track, poles at any tilt and more often near the vertical, [n, 2]."""
    tilt = np.where(rng.random(n) < 0.45, rng.normal(0, 0.3, n), rng.uniform(-np.pi, np.pi, n))
    place = np.clip(rng.uniform(-1.1 * TRACK, 1.1 * TRACK, n), -TRACK, TRACK)
    return np.stack([place, tilt], axis=1)


def motions(task: str) -> tuple[np.ndarray, np.ndarray]:
    """Poles that rise to the vertical, from both sides and at three places: qpos [M, T, 2] and
    progress [M, T] from 0 to 1."""
    progress = np.linspace(0, 1, 20)
    ways = [
        np.stack([np.full(20, place), side * np.pi * 0.95 * (1 - progress)], axis=1)
        for place in (-1.2, 0.0, 1.2)
        for side in (-1, 1)
    ]
    return np.array(ways), np.tile(progress, (len(ways), 1))


VOCABULARY = Vocabulary(
    statements=tuple(STATEMENTS),
    truth=truth,
    sample=sample,
    looks=lambda rng, n, split: split_looks(CARTPOLE, rng, n, split),
    captions=lambda held_out, without: captions_of(STATEMENTS, held_out),
    splits=SPLITS,
    tasks={"cartpole": "upright", "cartpole-discrete": "upright"},
    motions=motions,
)
