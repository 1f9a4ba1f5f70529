"""Degrees of truth in [0, 1], [N], and how they are put together."""

from functools import reduce

import numpy as np

Degree = np.ndarray


def ramp(x: np.ndarray, low: float, high: float) -> Degree:
    """0 at `low`, 1 at `high`, smooth between; `high` may be the smaller one."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def both(*degrees: Degree) -> Degree:
    """All of them: the product, so that each part of a whole improves it."""
    return reduce(np.multiply, degrees)


def either(*degrees: Degree) -> Degree:
    return np.maximum.reduce(degrees)
