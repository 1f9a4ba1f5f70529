"""What a maximiser of the reward would be misled by."""

from dataclasses import dataclass

import numpy as np

TOP = 50


@dataclass(frozen=True)
class Mistakes:
    """False friends among N scored states, judged by the success checker.

    base: share of all states that are right: what `precision` is by chance.
    top: k, how many of the best-scored states are looked at: 50, or half of the right states if
        those are fewer, so that a perfect reward has a precision of 1.
    precision: share of the top k that are right.
    false_positives: share of wrong states among those scored above the median of the right ones.
    best_right, best_wrong, missed: rows, int [c]: the right and the wrong states with the highest
        scores, and the right ones with the lowest.
    """

    base: float
    top: int
    precision: float
    false_positives: float
    best_right: np.ndarray
    best_wrong: np.ndarray
    missed: np.ndarray


def find_mistakes(
    score: np.ndarray, success: np.ndarray, rng: np.random.Generator, shown: int = 6
) -> Mistakes:
    """The mistakes of `score` [N] for `success` bool [N], of which some must be true."""
    # Ties in random order: a constant reward picks at random.
    order = np.lexsort((rng.random(len(score)), -score))
    right, wrong = order[success[order]], order[~success[order]]
    top = max(1, min(TOP, len(right) // 2))
    median = np.median(score[success])
    above = score >= median
    return Mistakes(
        base=float(success.mean()),
        top=top,
        precision=float(success[order[:top]].mean()),
        false_positives=float((above & ~success).sum() / above.sum()),
        best_right=right[:shown],
        best_wrong=wrong[:shown],
        missed=right[::-1][:shown],
    )
