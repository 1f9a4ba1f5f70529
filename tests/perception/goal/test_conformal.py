"""Sets of goals: their coverage on data that calibration never saw, and what is done with them."""

import numpy as np
import pytest

from embodied.errors import EmbodiedError
from embodied.perception.goal.conformal import Calibration, calibrate, candidates, decide
from embodied.signals import Goal


def a_model(rng: np.random.Generator, n: int, sharp: float) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities [n, 10] of a model that knows something, and which goal is right [n]."""
    truth = rng.integers(10, size=n)
    logits = rng.normal(0, 1, (n, 10))
    logits[np.arange(n), truth] += sharp
    p = np.exp(3 * logits)  # and is far too sure of itself
    return p / p.sum(1, keepdims=True), truth


def goal_of(probabilities: np.ndarray) -> Goal:
    order = np.argsort(-probabilities)
    goals = [Goal((("in", f"g{k}", "box"),), float(probabilities[k])) for k in order]
    return Goal(goals[0].literals, goals[0].confidence, tuple(goals[1:]))


@pytest.mark.parametrize("coverage", [0.8, 0.95])
@pytest.mark.parametrize("sharp", [0.0, 2.0])
def test_fresh_sets_hold_the_right_goal_as_often_as_stated(coverage: float, sharp: float) -> None:
    """Whatever the model is worth; a better one has smaller sets."""
    rng = np.random.default_rng(0)
    p, truth = a_model(rng, 2000, sharp)
    calibration = calibrate(p[np.arange(2000), truth], coverage)
    p, truth = a_model(rng, 4000, sharp)
    held, sizes = [], []
    for row, right in zip(p, truth, strict=True):
        found = candidates(goal_of(row), calibration)
        held.append((("in", f"g{right}", "box"),) in {goal.literals for goal in found})
        sizes.append(len(found))
    assert np.mean(held) == pytest.approx(coverage, abs=0.025)
    assert (np.mean(sizes) < 4) == (sharp > 0)


def test_one_acts_few_ask_many_or_none_abstain() -> None:
    calibration = Calibration(0.1, 0.9, 100)
    sure = goal_of(np.array([0.97, 0.02, 0.01]))
    assert decide(sure, calibration).verdict == "act"
    torn = goal_of(np.array([0.5, 0.45, 0.05]))
    asked = decide(torn, calibration)
    assert asked.verdict == "ask"
    assert asked.question == "Do you mean g0 in box or g1 in box?"
    assert decide(torn, calibration, most=1).verdict == "abstain"
    lost = decide(goal_of(np.full(20, 0.05)), calibration)
    assert lost.verdict == "abstain"
    assert lost.candidates == ()


def test_a_question_leaves_out_what_is_shared() -> None:
    shared = ("cooked", "egg")
    other = Goal((shared, ("not", "opened", "fridge")), 0.4)
    goal = Goal((shared, ("in", "egg", "bowl")), 0.5, (other,))
    asked = decide(goal, Calibration(0.3, 0.9, 100))
    assert asked.question == "Do you mean egg in bowl or fridge not opened?"


def test_bad_input_is_told() -> None:
    with pytest.raises(EmbodiedError, match="above 0 and below 1"):
        calibrate([0.5] * 10, 1.0)
    with pytest.raises(EmbodiedError, match="take 19 or more"):
        calibrate([0.5] * 18, 0.95)
    assert calibrate([0.5] * 19, 0.95).threshold == 0.5
    with pytest.raises(EmbodiedError, match="take 9 or more"):
        calibrate([], 0.9)
