"""Everything that an audit measures of one reward."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from embodied.perception.align.evaluate import TRUE, Pairs, draw_pairs
from embodied.perception.audit.bootstrap import draw_counts, interval, mean_interval, pair_means
from embodied.perception.audit.epic import epic
from embodied.perception.audit.mistakes import Mistakes, find_mistakes
from embodied.perception.audit.order import value_order
from embodied.perception.audit.scores import ALPHAS, Prompt, Scores
from embodied.perception.audit.sensitivity import Sensitivity, measure_sensitivity

PAIRS = 5_000
FEWEST = 5
"""A statement that is true of fewer states ranks nothing."""
SYNONYM = 0.95
"""A statement whose own truth orders the goal's pairs this well says nearly the same thing, so that
its words may well describe the goal: "both knees on the floor" for kneeling."""

SPECIAL_CASE = 0.9
"""A task whose true states are successes of this one this often is a special case of it and no
rival: who stands with raised arms stands."""


@dataclass(frozen=True)
class Truth:
    """What is known of the N states that were scored.

    success: by the task's checker, bool [N]. degrees: of each of K `statements`, [N, K].
    goal: the statement that is the task's. tasks: the statements that are goals of some task.
    progress: of M scripted motions to the goal, in [0, 1], [M, T].
    """

    success: np.ndarray
    degrees: np.ndarray
    statements: tuple[str, ...]
    goal: str
    tasks: tuple[str, ...]
    progress: np.ndarray

    def of(self, statement: str) -> np.ndarray:
        return self.degrees[:, self.statements.index(statement)]


@dataclass(frozen=True)
class Rival:
    """Another task's statement, and the share of pairs that the reward orders by it."""

    statement: str
    pairs: float


@dataclass(frozen=True)
class Ranked:
    """How well one prompt, or one alpha, does: share of pairs in order and EPIC to success."""

    pairs: float
    epic: float


@dataclass(frozen=True)
class Findings:
    """The measurements. Intervals are (low, high) with 95 % confidence.

    states, right: how many, and how many are a success by the checker.
    constant: whether every state has the same reward.
    pairs: share of pairs (truth apart by 0.3) that the reward orders as the goal's truth does.
    epic_success, epic_graded: EPIC distance to the checker, and to the goal's graded truth.
    order: value-order correlation of each motion, [M]; `order_mean` of all.
    words: p-value of the test that the prompt's words carry information (`_words`), and how many
        other statements it was compared with.
    rivals: the other tasks' statements, the best ordered first. lead: interval of how much better
        the first of them is ordered than the goal.
    """

    states: int
    right: int
    constant: bool
    pairs: float
    pairs_interval: tuple[float, float]
    epic_success: float
    epic_graded: float
    order: tuple[float, ...]
    order_mean: float
    order_interval: tuple[float, float]
    words: float
    others: int
    rivals: tuple[Rival, ...]
    lead: tuple[float, float] | None
    mistakes: Mistakes
    sensitivity: tuple[Sensitivity, ...]
    alphas: dict[float, Ranked]
    prompts: tuple[tuple[Prompt, Ranked], ...]

    def to_json(self) -> dict[str, Any]:
        """Plain numbers under the fields' names."""
        result = asdict(self)
        result["prompts"] = [asdict(p) | asdict(r) for p, r in self.prompts if p.kind != "other"]
        return result


def measure(scores: Scores, truth: Truth, seed: int = 0) -> Findings:
    """Judge the rewards `scores` by `truth`; the same seed draws the same pairs."""
    rng = np.random.default_rng(seed)
    graded = truth.of(truth.goal)
    pairs = draw_pairs(graded, rng, PAIRS)
    values, success = scores.states, truth.success.astype(np.float64)
    ordered = pairs.ordered(values)
    counts = draw_counts(len(values), rng)
    means = pair_means(ordered, pairs, counts)

    def ranked(row: np.ndarray) -> Ranked:
        return Ranked(float(pairs.ordered(row).mean()), epic(row, success))

    order = value_order(scores.motions, truth.progress)
    rivals, lead = _rivals(values, truth, means, counts, rng)
    words, others = _words(scores, truth, pairs)
    works = [not np.isnan(row).any() for row in scores.prompt_states]
    prompts = [
        (p, ranked(row))
        for p, row, work in zip(scores.prompts, scores.prompt_states, works, strict=True)
        if work
    ]
    return Findings(
        states=len(values),
        right=int(truth.success.sum()),
        constant=bool(np.ptp(values) == 0),
        pairs=float(ordered.mean()),
        pairs_interval=interval(means),
        epic_success=epic(values, success),
        epic_graded=epic(values, graded),
        order=tuple(order.tolist()),
        order_mean=float(order.mean()),
        order_interval=mean_interval(order, rng),
        words=words,
        others=others,
        rivals=rivals,
        lead=lead,
        mistakes=find_mistakes(values, truth.success, rng),
        sensitivity=_sensitivity(scores, truth, rng),
        alphas={
            a: ranked(row)
            for a, row in zip(ALPHAS, scores.alpha_states, strict=False)
            if not np.isnan(row).any()
        },
        prompts=tuple(sorted(prompts, key=lambda pair: -pair[1].pairs)),
    )


def _words(scores: Scores, truth: Truth, pairs: Pairs) -> tuple[float, int]:
    """Do the prompt's words matter? A permutation test over prompts: p-value and how many others.

    An encoder that cannot read would rank pictures as well with any other words, so the rank of the
    prompt's pair accuracy among those of prompts for other statements is then uniform:
    p = (1 + others at least as good)/(1 + others). Synonyms of the goal are left out.
    """
    own = pairs.ordered(scores.states).mean()
    better = total = 0
    for prompt, row in zip(scores.prompts, scores.prompt_states, strict=True):
        if prompt.kind != "other" or np.isnan(row).any():
            continue
        if pairs.ordered(truth.of(prompt.statement)).mean() >= SYNONYM:
            continue
        total += 1
        better += bool(pairs.ordered(row).mean() >= own)
    return (1 + better) / (1 + total), total


def _rivals(
    values: np.ndarray, truth: Truth, own: np.ndarray, counts: np.ndarray, rng: np.random.Generator
) -> tuple[tuple[Rival, ...], tuple[float, float] | None]:
    """own: the bootstrapped pair accuracies by the goal, with `counts`."""
    found = []
    for statement in truth.tasks:
        degrees = truth.of(statement)
        enough = FEWEST <= (degrees > TRUE).sum() <= len(degrees) - FEWEST
        if statement == truth.goal or not enough:
            continue
        if truth.success[degrees > TRUE].mean() >= SPECIAL_CASE:
            continue
        theirs = draw_pairs(degrees, rng, PAIRS)
        ordered = theirs.ordered(values)
        found.append((Rival(statement, float(ordered.mean())), ordered, theirs))
    if not found:
        return (), None
    found.sort(key=lambda item: -item[0].pairs)
    _, ordered, theirs = found[0]
    lead = interval(pair_means(ordered, theirs, counts) - own)
    return tuple(rival for rival, _, _ in found), lead


def _sensitivity(scores: Scores, truth: Truth, rng: np.random.Generator) -> tuple[Sensitivity, ...]:
    rows = scores.swept
    plain, success = scores.states[rows], truth.success[rows]
    pairs = draw_pairs(truth.of(truth.goal)[rows], rng, PAIRS)
    if not len(pairs.sign):
        return ()
    kinds = np.array([prompt.kind for prompt in scores.prompts])
    usable = ~np.isnan(scores.prompt_states).any(1)
    paraphrases = scores.prompt_states[(kinds == "paraphrase") & usable][:, rows]
    changes = dict(scores.sweeps)
    if len(paraphrases):
        changes["wording, held-out paraphrases"] = paraphrases
    return tuple(
        measure_sensitivity(name, varied, plain, success, pairs) for name, varied in changes.items()
    )
