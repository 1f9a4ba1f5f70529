"""Whether a reward grows along motions that end in the goal."""

import numpy as np
from scipy.stats import rankdata


def value_order(values: np.ndarray, progress: np.ndarray) -> np.ndarray:
    """Value-order correlation of each of M motions: Spearman's ρ of reward and progress, [M].

    values, progress: [M, T]. 1: the reward grows at every step; 0: it does not know the way (also
    for a reward that stays the same); -1: it falls. Ma et al., "Vision Language Models are
    In-Context Value Learners", 2024, arXiv:2411.04549, section 4.
    """
    a, b = (np.apply_along_axis(rankdata, 1, x) for x in (values, progress))
    a, b = a - a.mean(1, keepdims=True), b - b.mean(1, keepdims=True)
    scale = np.sqrt((a * a).sum(1) * (b * b).sum(1))
    return np.divide((a * b).sum(1), scale, out=np.zeros(len(a)), where=scale > 0)
