"""What is asked for in a home that is known: a prior over goals, from earlier instructions there.

People say "the table" where a home has several, and "the lamp" where it has only one. With counts n
of the goals asked for in a home before, of N instructions in all,

    log p(g | words, home) = log p(g | words) + λ [log p(g | home) - log p(g)] + const,
    p(g | home) = (n_g + a q(g)) / (N + a),   q(g) ~ p(g) Π_f p(f(g) | home) / p(f(g)),

Bayes' rule where words and home are independent given the goal (λ = 1). A goal that was not asked
for there yet backs off to its places, the receptacle and the lamp f, which say what the home has;
their shares are smoothed by a too. λ and a were chosen on the tenth of ALFRED's training
demonstrations that is not trained on (benchmarks/homes.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from embodied.perception.goal.alfred import AlfredGoal, Instruction

WEIGHT = 0.8
"""λ: below 1, since words and home are not independent."""
STRENGTH = 5.0
"""a: instructions that what holds in all homes counts for."""
PLACES: tuple[Callable[[AlfredGoal], str], ...] = (lambda g: g.parent, lambda g: g.lamp)

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


def log_lift(
    homes: Homes, goals: Sequence[AlfredGoal], home: str, strength: float = STRENGTH
) -> Tensor:
    """log p(g | home) - log p(g) of every goal, [G]; zeros for a home that is not known."""
    if home not in homes:
        return torch.zeros(len(goals))
    everywhere = torch.stack([_counts(one, len(goals)) for one in homes.values()]).sum(0) + 1e-3
    everywhere = everywhere / everywhere.sum()
    here = _counts(homes[home], len(goals))
    total, back_off = here.sum(), everywhere.log()
    for place in PLACES:
        values = [place(goal) for goal in goals]
        names = list(dict.fromkeys(values))
        index = torch.tensor([names.index(value) for value in values])
        share, common = (torch.zeros(len(names)).index_add(0, index, x) for x in (here, everywhere))
        share = (share + strength * common) / (total + strength)
        back_off = back_off + (share / common).log()[index]
    prior = (here + strength * back_off.softmax(0)) / (total + strength)
    return (prior / everywhere).log()


def in_home(probabilities: Tensor, lift: Tensor, weight: float = WEIGHT) -> Tensor:
    """Probabilities of goals given words, and `log_lift`, to those given both, [..., G]."""
    return (probabilities.clamp_min(1e-12).log() + weight * lift).softmax(-1)


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
