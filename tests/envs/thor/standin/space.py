"""Boxes and rays. Metres, y up, as in Unity."""

from typing import Any

import numpy as np

SLAB = 0.1  # what is flatter and wider than a metre hides nothing: recorded boxes of counters are
# as long as the whole counter, around corners


def entries(origin: np.ndarray, rays: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """How many lengths of each ray [M, 3] it is to each box [N, 3], [M, N]; infinity if past it."""
    inverse = (1 / np.where(np.abs(rays) < 1e-9, 1e-9, rays)).T[:, :, None]  # [3, M, 1]
    shape = len(rays), len(low)
    near, far = np.full(shape, -np.inf), np.full(shape, np.inf)
    for axis in range(3):  # one at a time: reducing over an axis of three is slow
        first = (low[:, axis] - origin[axis]) * inverse[axis]
        second = (high[:, axis] - origin[axis]) * inverse[axis]
        np.maximum(near, np.minimum(first, second), out=near)
        np.minimum(far, np.maximum(first, second), out=far)
    return np.where((far >= near) & (near > 0), near, np.inf)


def hides(things: list[Any]) -> list[Any]:
    """The things that hide what is behind them."""
    found = []
    for thing in things:
        size = thing.high - thing.low
        if not thing.data["pickupable"] and not (size[1] < SLAB and size[0] * size[2] > 1):
            found.append(thing)
    return found


def in_sight(eye: np.ndarray, points: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Which of the points [P, 3] no box [N, 3] hides, bool [P]. A box around a point is no wall."""
    around = ((points[:, None] >= low - 0.03) & (points[:, None] <= high + 0.03)).all(-1)
    hidden = (entries(eye, points - eye, low, high) < 0.98) & ~around
    return np.logical_not(hidden.any(axis=1))


def marks(low: np.ndarray, high: np.ndarray, eye: np.ndarray) -> np.ndarray:
    """Points by which a box is seen, [P, 3]: its middle, near its corners, and along it."""
    middle, half = (low + high) / 2, (high - low) / 2
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) * 0.8
    beside = eye + np.array([[x, 0, z] for x in (-0.8, 0, 0.8) for z in (-0.8, 0, 0.8)])
    return np.vstack([middle[None], middle + corners * half, np.clip(beside, low, high)])
