"""What is asked for in a home that is known: a prior over goals, from earlier instructions there.

People say "the table" where a home has several, and "the lamp" where another has only one. With
counts n of the goals asked for in a home before, of N instructions in all,

    log p(g | words, home) = log p(g | words) + λ [log p(g | home) - log p(g)] + const,
    p(g | home) = (n_g + a p(g)) / (N + a),

Bayes' rule where words and home are independent given the goal (λ = 1), with a Dirichlet prior. λ
and a were chosen on the tenth of ALFRED's training demonstrations that is not trained on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from embodied.perception.goal.alfred import AlfredGoal, Instruction

WEIGHT = 0.6
"""λ: below 1, since words and home are not independent."""
STRENGTH = 5.0
"""a: instructions that the prior over all homes counts for."""

Homes = Mapping[str, Mapping[int, int]]
"""Home -> number of a goal -> how often it was asked for there."""


def count_homes(instructions: Sequence[Instruction], goals: Sequence[AlfredGoal]) -> Homes:
    """How often each goal was asked for in each home; instructions without a home do not count."""
    number = {goal: k for k, goal in enumerate(goals)}
    homes: dict[str, Counter[int]] = {}
    for one in instructions:
        if one.home and one.goal in number:
            homes.setdefault(one.home, Counter())[number[one.goal]] += 1
    return homes


def in_home(probabilities: Tensor, homes: Homes, home: str) -> Tensor:
    """Probabilities of goals [G] given words, in a home; as they are in one that is not known."""
    if home not in homes:
        return probabilities
    size = len(probabilities)
    everywhere = sum(_counts(counts, size) for counts in homes.values()) + 1e-3
    everywhere = torch.as_tensor(everywhere / everywhere.sum())
    here = _counts(homes[home], size)
    prior = (here + STRENGTH * everywhere) / (here.sum() + STRENGTH)
    return (probabilities.clamp_min(1e-12).log() + WEIGHT * (prior / everywhere).log()).softmax(0)


def read_homes(values: Mapping[str, Mapping[str, Any]]) -> Homes:
    """Homes from JSON, whose keys are texts."""
    return {
        home: {int(goal): int(count) for goal, count in counts.items()}
        for home, counts in values.items()
    }


def _counts(counts: Mapping[int, int], size: int) -> Tensor:
    row = torch.zeros(size)
    row[list(counts)] = torch.tensor(list(counts.values()), dtype=row.dtype)
    return row
