"""How sure a number is that was measured on a sample of states."""

import numpy as np

from embodied.perception.align.evaluate import Pairs

CONFIDENCE = 0.95
ROUNDS = 200
BLOCK = 20
"""Rounds at once, which bounds the memory."""


def draw_counts(states: int, rng: np.random.Generator) -> np.ndarray:
    """How often each state is drawn in each round, int [ROUNDS, states]."""
    return rng.multinomial(states, np.full(states, 1 / states), ROUNDS)


def pair_means(ordered: np.ndarray, pairs: Pairs, counts: np.ndarray) -> np.ndarray:
    """The mean of `ordered` [P] in each round, [ROUNDS].

    Pairs share states, so they are not independent: the states are drawn anew, and a pair counts as
    often as the product of its two states' counts.
    """
    means = []
    for block in np.split(counts, range(BLOCK, len(counts), BLOCK)):
        weight = (block[:, pairs.first] * block[:, pairs.second]).astype(np.float64)
        means.append(weight @ ordered / np.maximum(weight.sum(1), 1))
    return np.concatenate(means)


def mean_interval(values: np.ndarray, rng: np.random.Generator) -> tuple[float, float]:
    """Bootstrap interval of the mean of independent values [n]."""
    drawn = rng.integers(len(values), size=(10 * ROUNDS, len(values)))
    return interval(values[drawn].mean(1))


def interval(means: np.ndarray) -> tuple[float, float]:
    """The middle 95 % of what the rounds gave."""
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return float(low), float(high)
