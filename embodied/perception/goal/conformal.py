"""Act, ask or abstain: sets of goals that hold the right one with a stated probability.

Split conformal prediction (Vovk et al. 2005; Sadinle et al. 2019, least ambiguous sets), used for
robots that ask for help by KnowNo (Ren et al. 2023, arXiv:2307.01928): of instructions whose goals
are known, the probability that the model gave to the right one is kept, and a goal is a candidate
if its probability is at least the quantile of those. New instructions must come from where the
calibration's came from; then the set holds the right goal with the wanted probability on average,
whatever the model is worth. A bad model asks more often.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from embodied.errors import EmbodiedError
from embodied.signals import Goal

MOST = 4
"""Candidates that one question may offer; with more, the module abstains."""

Verdict = Literal["act", "ask", "abstain"]


@dataclass(frozen=True)
class Calibration:
    """threshold: least probability of a candidate. coverage: what it is to hold for, in (0, 1).

    count: instructions that it was found with.
    """

    threshold: float
    coverage: float
    count: int


@dataclass(frozen=True)
class Decision:
    """What to do with an instruction.

    candidates: the goals that may be meant, most probable first; the first is the one to act on.
    question: what to ask, empty unless the verdict is `ask`.
    """

    verdict: Verdict
    candidates: tuple[Goal, ...]
    question: str = ""


def calibrate(probabilities: npt.ArrayLike, coverage: float) -> Calibration:
    """The threshold from the probabilities [n] that a model gave to the goals that were right.

    0 where the right goal was not among the model's. Raises EmbodiedError for a coverage that n
    instructions cannot show: n must be at least coverage / (1 - coverage).
    """
    given = np.sort(np.asarray(probabilities, float))
    if not 0 < coverage < 1:
        raise EmbodiedError(f"a coverage is above 0 and below 1, not {coverage:g}")
    rank = math.floor((len(given) + 1) * (1 - coverage) + 1e-9)
    if rank < 1:
        least = math.ceil(coverage / (1 - coverage) - 1e-9)
        raise EmbodiedError(
            f"{len(given)} calibrated goals cannot show a coverage of {coverage:g}: "
            f"take {least} or more, or a lower coverage"
        )
    return Calibration(float(given[rank - 1]), coverage, len(given))


def candidates(goal: Goal, calibration: Calibration) -> tuple[Goal, ...]:
    """The goal and its alternatives that are probable enough, most probable first."""
    ranked = sorted([goal, *goal.alternatives], key=lambda one: -one.confidence)
    return tuple(
        replace(one, alternatives=())
        for one in ranked
        if not one.abstained and one.confidence >= calibration.threshold
    )


def decide(goal: Goal, calibration: Calibration, most: int = MOST) -> Decision:
    """Act on one candidate, ask about a few, abstain if there are none or too many."""
    found = candidates(goal, calibration)
    if len(found) == 1:
        return Decision("act", found)
    if 2 <= len(found) <= most:
        return Decision("ask", found, question(found))
    return Decision("abstain", found)


def question(goals: Sequence[Goal]) -> str:
    """One short question that tells the goals apart: what they share is left out."""
    shared = set(goals[0].literals).intersection(*(goal.literals for goal in goals))
    options = []
    for goal in goals:
        own = [literal for literal in goal.literals if literal not in shared]
        options.append(" and ".join(map(_say, own)) or "only that")
    joined = ", ".join(options[:-1])
    return f"Do you mean {joined} or {options[-1]}?"


def _say(literal: tuple[str, ...]) -> str:
    negated = literal[0] == "not"
    predicate, *arguments = literal[negated:]
    words = [*arguments[:1], *(["not"] if negated else []), predicate, *arguments[1:]]
    return " ".join(words)
