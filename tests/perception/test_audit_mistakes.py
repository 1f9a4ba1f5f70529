"""False positives and the top of the list, on scores whose answers can be counted by hand."""

import numpy as np

from embodied.perception.audit.mistakes import find_mistakes


def test_mistakes_by_hand() -> None:
    success = np.array([True, True, True, True, False, False, False, False])
    score = np.array([8.0, 6.0, 4.0, 1.0, 7.0, 5.0, 3.0, 2.0])
    found = find_mistakes(score, success, np.random.default_rng(0), shown=2)
    assert (found.top, found.precision, found.base) == (2, 0.5, 0.5)
    assert found.false_positives == 0.5  # above the median 5 are 8, 6 and 7, 5
    assert found.best_right.tolist() == [0, 1]
    assert found.best_wrong.tolist() == [4, 5]
    assert found.missed.tolist() == [3, 2]


def test_a_constant_reward_picks_at_random() -> None:
    """And not the right states because they happen to come first."""
    success = np.arange(400) < 100
    found = find_mistakes(np.zeros(400), success, np.random.default_rng(0))
    assert found.top == 50
    assert found.precision < 0.5
    assert found.false_positives == 0.75
