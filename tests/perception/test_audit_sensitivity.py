"""Sensitivity is relative to what success is worth."""

import numpy as np
import pytest

from embodied.perception.align.evaluate import draw_pairs
from embodied.perception.audit.sensitivity import measure_sensitivity

TRUTH = np.repeat([0.0, 1.0], 20)
PAIRS = draw_pairs(TRUTH, np.random.default_rng(0), 1000)


def test_change_is_a_share_of_the_gap() -> None:
    plain = 4 * TRUTH
    found = measure_sensitivity("light", np.stack([plain + 2, plain - 2]), plain, TRUTH > 0, PAIRS)
    assert found.change == pytest.approx(0.5)
    assert found.pairs == (1.0, 1.0)


def test_a_variant_that_swaps_right_and_wrong() -> None:
    found = measure_sensitivity("camera", 1 - TRUTH[None], TRUTH, TRUTH > 0, PAIRS)
    assert (found.change, found.pairs, found.plain) == (1.0, (0.0,), 1.0)


def test_no_gap() -> None:
    flat = np.zeros(40)
    assert measure_sensitivity("light", flat[None], flat, TRUTH > 0, PAIRS).change == 0
    assert measure_sensitivity("light", TRUTH[None], flat, TRUTH > 0, PAIRS).change == np.inf
