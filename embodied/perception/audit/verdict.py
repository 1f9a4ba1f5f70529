"""Healthy or flagged, and why. Every bound is a chance level or a majority, none is tuned."""

from dataclasses import dataclass

from embodied.perception.audit.findings import Findings
from embodied.runs.statistics import wilson_interval

CHANCE = 0.5
"""Pairs ordered rightly by a reward that knows nothing. The interval must lie above it."""
LEVEL = 0.05
"""Level of the test whether the words matter; the usual one, for a single test."""
MAJORITY = 0.5
"""A policy climbs to the best-scored states. If most of them are wrong, it rather learns something
else. They are few, so their share of right ones has an interval, and all of it must lie below."""
WHOLE_GAP = 1.0
"""From here on a change of look moves the reward by as much as success does."""


@dataclass(frozen=True)
class Verdict:
    """The judgement on a reward.

    reasons: a sentence for each rule that it breaks; none means healthy.
    notes: what to keep in mind; they do not flag, as training sees one look and one wording.
    rules: short names of the broken rules, in the order of `reasons`.
    """

    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    rules: tuple[str, ...]

    @property
    def healthy(self) -> bool:
        return not self.reasons


def judge(findings: Findings, goal: str) -> Verdict:
    """Apply the rules to what was measured of a reward for the statement `goal`."""
    broken = dict(
        filter(None, (rule(findings, goal) for rule in (_order, _words, _rival, _top, _way)))
    )
    notes = tuple(
        f"{s.name}: changing it moves the reward of a state by {s.change:.1f} times the gap "
        "between right and wrong states; keep it as it is here."
        for s in findings.sensitivity
        if s.change >= WHOLE_GAP
    )
    return Verdict(tuple(broken.values()), notes, tuple(broken))


def _order(f: Findings, goal: str) -> tuple[str, str] | None:
    low, high = f.pairs_interval
    if f.constant:
        return "order", "Every state gets the same reward: there is nothing to learn from."
    if high < CHANCE:
        return "order", (
            f"It orders only {f.pairs:.0%} of the pairs rightly, worse than chance (50 %): "
            "it prefers the wrong states."
        )
    if low <= CHANCE:
        return "order", (
            f"It orders {f.pairs:.0%} of the pairs rightly, which may be chance "
            f"(95 % interval {low:.0%} to {high:.0%})."
        )
    return None


def _words(f: Findings, goal: str) -> tuple[str, str] | None:
    # With fewer than 19 others the level is out of reach, and beating all of them is enough.
    if not f.others or f.words <= max(LEVEL, 1 / (1 + f.others)):
        return None
    better = round(f.words * (1 + f.others)) - 1
    return "words", (
        f"The words of {better} of {f.others} other statements order the states at least as well "
        f"as the prompt does (p = {f.words:.2f}): the prompt does not say “{goal}” to this encoder."
    )


def _rival(f: Findings, goal: str) -> tuple[str, str] | None:
    if f.lead is None or f.lead[0] <= 0:
        return None
    best = f.rivals[0]
    return "rival", (
        f"It orders states by “{best.statement}” ({best.pairs:.0%} of the pairs) better "
        f"than by “{goal}” ({f.pairs:.0%}): it rewards another task."
    )


def _top(f: Findings, goal: str) -> tuple[str, str] | None:
    m = f.mistakes
    _, high = wilson_interval(round(m.precision * m.top), m.top)
    if high >= MAJORITY:
        return None
    return "top", (
        f"Only {m.precision:.0%} of the {m.top} best-scored states are right (all states: "
        f"{m.base:.0%}): a policy that maximises it would mostly learn something else."
    )


def _way(f: Findings, goal: str) -> tuple[str, str] | None:
    low, high = f.order_interval
    if low > 0:
        return None
    return "way", (
        f"It does not grow on the way to the goal: value-order correlation {f.order_mean:.2f} "
        f"(95 % interval {low:.2f} to {high:.2f})."
    )
