"""Truth of formulas and what actions do, against PDDL's rules."""

from embodied.planners.logic import conjuncts, holds, progress, reaches_goal
from embodied.planners.pddl import read

TASK = read(
    """(define (domain d) (:requirements :adl) (:types box) (:predicates (in ?x ?y) (p ?x) (q))
    (:action swap :parameters (?x ?y) :precondition (and (p ?x) (not (= ?x ?y)))
      :effect (and (not (p ?x)) (p ?y)))
    (:action keep :parameters (?x) :effect (and (p ?x) (not (p ?x))))
    (:action chain :effect (and (when (q) (p a)) (when (not (q)) (q))
      (forall (?x - box) (when (p ?x) (not (p ?x)))))))""",
    """(define (problem x) (:domain d) (:objects a b c - box)
    (:init (p a)) (:goal (forall (?x - box) (imply (p ?x) (exists (?y) (in ?x ?y))))))""",
)


def test_quantified_goals() -> None:
    assert not holds(TASK, TASK.goal, {("p", "a")})
    assert holds(TASK, TASK.goal, {("p", "a"), ("in", "a", "b")})
    assert holds(TASK, TASK.goal, set())


def test_effects_see_the_state_before_and_adding_wins() -> None:
    start = frozenset({("p", "a")})
    assert progress(TASK, start, ("keep", "b")) == start | {("p", "b")}
    assert progress(TASK, start, ("swap", "a", "c")) == {("p", "c")}
    assert progress(TASK, start, ("swap", "b", "c")) is None
    assert progress(TASK, start, ("swap", "a", "a")) is None
    assert progress(TASK, start, ("chain",)) == {("q",)}
    assert progress(TASK, frozenset({("q",), ("p", "b")}), ("chain",)) == {("q",), ("p", "a")}


def test_a_plan_is_good_if_each_step_can_be_done() -> None:
    start = frozenset({("p", "a"), ("in", "c", "b")})
    assert reaches_goal(TASK, start, [("swap", "a", "c")])
    assert not reaches_goal(TASK, start, [("swap", "a", "b")])
    assert not reaches_goal(TASK, start, [("swap", "a", "c"), ("swap", "a", "c")])


def test_forbidding_one_ground_action() -> None:
    task = TASK.forbid("swap", ("a", "c"))
    assert progress(task, frozenset({("p", "a")}), ("swap", "a", "c")) is None
    assert progress(task, frozenset({("p", "a")}), ("swap", "a", "b")) is not None


def test_conjuncts_flatten() -> None:
    nested = ("and", ("and", ("p", "a"), ("q",)), ("not", ("and", ("p", "a"))))
    assert conjuncts(nested) == [("p", "a"), ("q",), ("not", ("and", ("p", "a")))]
