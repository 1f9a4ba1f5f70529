from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embodied.runs.statistics import wilson_interval


@pytest.mark.parametrize(
    ("successes", "n", "confidence", "low", "high"),
    [
        # R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
        (81, 263, 0.95, 0.2553, 0.3662),
        (15, 148, 0.95, 0.0624, 0.1605),
        (0, 20, 0.95, 0.0, 0.1611),
        (1, 29, 0.95, 0.0061, 0.1718),
        (29, 29, 0.95, 0.8830, 1.0),
    ],
)
def test_published_values(
    successes: int, n: int, confidence: float, low: float, high: float
) -> None:
    assert wilson_interval(successes, n, confidence) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_ends_solve_the_score_equation(case: tuple[int, int]) -> None:
    """Wilson's interval is where |p - p0| = z·sqrt(p0(1 - p0)/n)."""
    successes, n = case
    p, z = successes / n, 1.959963984540054
    low, high = wilson_interval(successes, n)
    assert 0 <= low <= p <= high <= 1
    assert high - low > 0
    for end in (low, high):
        assert (p - end) ** 2 == pytest.approx(z * z * end * (1 - end) / n, abs=1e-9)
    mirrored = wilson_interval(n - successes, n)
    assert (low, high) == pytest.approx((1 - mirrored[1], 1 - mirrored[0]))


def test_edges() -> None:
    assert wilson_interval(0, 0) == (0.0, 1.0)
    assert wilson_interval(0, 7)[0] == 0.0
    assert wilson_interval(7, 7)[1] == 1.0
    wide, narrow = wilson_interval(3, 7, 0.99), wilson_interval(3, 7, 0.5)
    assert wide[0] < narrow[0] < 3 / 7 < narrow[1] < wide[1]


@pytest.mark.parametrize(("successes", "n", "confidence"), [(-1, 5, 0.9), (6, 5, 0.9), (1, 5, 1.0)])
def test_nonsense_is_refused(successes: int, n: int, confidence: float) -> None:
    with pytest.raises(ValueError, match="must be"):
        wilson_interval(successes, n, confidence)
