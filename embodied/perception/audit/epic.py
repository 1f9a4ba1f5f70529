"""The distance between two rewards that no shaping and no rescaling can change.

EPIC: Gleave, Dennis, Legg, Russell and Leike, "Quantifying Differences in Reward Functions", ICLR
2021, arXiv:2006.13900; used for VLM rewards by Rocamonde et al. 2024, arXiv:2310.12921.
"""

import numpy as np

CHANCE = float(np.sqrt(0.5))
"""The distance of two rewards that have nothing to do with each other."""


def canonical(reward: np.ndarray) -> np.ndarray:
    """The canonically shaped reward of transitions that end in the N states scored, [N].

    Definition 4.1 of the paper, with S and S' drawn from the states at hand:

        C(R)(s, a, s') = R(s, a, s') + E[γ R(s', A, S') - R(s, A, S') - γ R(S, A, S')]

    A reward that looks only at the frame in which the step ends is R(s, a, s') = r(s'). All three
    expectations are then of r alone, so with r̄ its mean

        C(R)(s, a, s') = r(s') + γ r̄ - r̄ - γ r̄ = r(s') - r̄

    and the discount γ cancels. (Were it r(s), the result would be γ (r(s') - r̄): the same distance
    for every γ > 0.)
    """
    reward = np.asarray(reward, dtype=np.float64)
    return reward - reward.mean()


def epic(reward: np.ndarray, other: np.ndarray) -> float:
    """EPIC distance of two rewards [N] of the same states: D = √((1 - ρ)/2), in [0, 1].

    ρ is the Pearson correlation of the canonically shaped rewards. 0: the same up to scale and
    shaping; √½ = 0.707: unrelated; 1: opposite. A constant reward has no correlation; it prefers
    nothing, and is given the distance of unrelated ones.
    """
    a, b = canonical(reward), canonical(other)
    scale = np.sqrt((a @ a) * (b @ b))
    correlation = float(a @ b / scale) if scale > 0 else 0.0
    return float(np.sqrt(np.clip((1 - correlation) / 2, 0, 1)))
