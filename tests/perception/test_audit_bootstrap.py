"""The interval is over states: the same pairs of few states tell no more than these states."""

import numpy as np

from embodied.perception.align.evaluate import draw_pairs
from embodied.perception.audit.bootstrap import draw_counts, interval, mean_interval, pair_means


def _width(states: int) -> float:
    rng = np.random.default_rng(0)
    truth = rng.random(states)
    pairs = draw_pairs(truth, rng, 2000)
    ordered = pairs.ordered(truth + rng.normal(0, 0.5, states))
    low, high = interval(pair_means(ordered, pairs, draw_counts(states, rng)))
    assert low < ordered.mean() < high
    return high - low


def test_more_states_narrow_the_interval_and_more_pairs_do_not() -> None:
    assert _width(30) > 2 * _width(600)


def test_coverage_of_the_mean() -> None:
    rng = np.random.default_rng(1)
    inside = [
        low < 0 < high for low, high in (mean_interval(rng.normal(size=30), rng) for _ in range(60))
    ]
    assert np.mean(inside) > 0.8
