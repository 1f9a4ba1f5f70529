"""How much a reward depends on what should not matter: camera, floor, light, clothes, wording."""

from dataclasses import dataclass

import numpy as np

from embodied.perception.align.evaluate import Pairs


@dataclass(frozen=True)
class Sensitivity:
    """What one kind of change does to the rewards of the same states.

    name: what was changed.
    change: root mean square of the change, as a share of the gap between right and wrong states.
        At 1 the look counts for as much as success does.
    pairs: share of pairs ordered rightly under each variant, [m].
    plain: the same without any change, on the same states.
    """

    name: str
    change: float
    pairs: tuple[float, ...]
    plain: float


def measure_sensitivity(
    name: str, varied: np.ndarray, plain: np.ndarray, success: np.ndarray, pairs: Pairs
) -> Sensitivity:
    """The rewards `varied` [m, S] of S states beside their `plain` ones [S].

    success: bool [S]. pairs: pairs of these states, by their rows.
    """
    gap = _gap(plain, success)
    spread = float(np.sqrt(((varied - plain) ** 2).mean()))
    return Sensitivity(
        name=name,
        change=spread / gap if gap > 0 else float("inf") if spread > 0 else 0.0,
        pairs=tuple(float(pairs.ordered(row).mean()) for row in varied),
        plain=float(pairs.ordered(plain).mean()),
    )


def _gap(score: np.ndarray, success: np.ndarray) -> float:
    """Distance of the means of right and wrong states; 0 if there are none of either."""
    if not 0 < success.sum() < len(success):
        return 0.0
    return abs(float(score[success].mean() - score[~success].mean()))
