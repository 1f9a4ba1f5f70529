"""The tolerant reader: what it mends, what it refuses, and where it says so."""

import pytest

from embodied.errors import EmbodiedError
from embodied.planners.household import DOMAINS, load_domain
from embodied.planners.logic import holds
from embodied.planners.pddl import read
from embodied.planners.task import Task

GRIPPER = """
(define (domain Gripper) ; a comment (with parentheses
\t(:requirements :strips :typing)
\t(:types room ball)
\t(:constants left right - gripper)
\t(:predicates (at-robby ?r - room) (at ?b - ball ?r - room) (free ?g - gripper)
\t             (carry ?o - ball ?g - gripper))
\t(:action PICK :parameters (?obj - ball ?room - room ?g - gripper)
\t  :precondition (and (at ?obj ?room) (AT-ROBBY ?room) (free ?g))
\t  :effect (and (carry ?obj ?g) (not (at ?obj ?room)) (not (free ?g)))))
"""
PROBLEM = """
(define (problem one) (:domain gripper)
  (:objects a b - room Ball1 - ball)
  (:init (at-robby a) (at ball1 a) (free left))
  (:goal (carry ball1 left)))
"""


def small(
    action: str = "", problem: str = "", predicates: str = "(p ?x) (q ?x ?y)", head: str = ""
) -> Task:
    """A task of one line of domain and one of problem."""
    requirements = "" if ":requirements" in head else "(:requirements :adl)"
    domain = f"(define (domain d) {requirements} {head} (:predicates {predicates})\n{action})"
    if ":init" not in problem:
        problem += " (:init)"
    if ":goal" not in problem:
        problem += " (:goal (and))"
    return read(domain, f"(define (problem x) (:domain d)\n{problem})")


def test_case_tabs_and_comments() -> None:
    task = read(GRIPPER, PROBLEM)
    assert [schema.name for schema in task.actions] == ["pick"]
    assert ("at", "ball1", "a") in task.init
    assert task.objects == {"left": "gripper", "right": "gripper", "a": "room", "b": "room"} | {
        "ball1": "ball"
    }
    assert task.repairs == ("domain line 5: declared the type 'gripper'",)


@pytest.mark.parametrize(
    ("broken", "repair"),
    [
        (GRIPPER.replace("(:requirements :strips :typing)", ""), "no :requirements"),
        (GRIPPER.replace(":strips :typing", ""), "no :requirements"),
        (GRIPPER.replace("(:types", "(:functions)(:types"), "line 4: (:functions) is empty"),
        (GRIPPER.replace("Gripper)", "grip)"), "is for the domain 'gripper', not 'grip'"),
        (GRIPPER.rstrip()[:-2], "closed 2 parentheses at the end"),
        (GRIPPER + "\n)", "dropped what follows the last parenthesis"),
        (GRIPPER.replace("room ball)", "room ball ball)"), ""),
    ],
)
def test_a_broken_domain_means_the_same(broken: str, repair: str) -> None:
    right, mended = read(GRIPPER, PROBLEM), read(broken, PROBLEM)
    assert any(repair in line for line in mended.repairs)
    assert (mended.init, mended.goal, mended.objects) == (right.init, right.goal, right.objects)
    assert mended.actions == right.actions


def test_undeclared_and_mistyped_objects() -> None:
    task = small(
        "(:action a :effect (p c))",
        "(:objects o o - t r - s)"
        "(:init (p o) (not (p r)) (and (q o r)) (p new) (= (total-cost) 0))",
        predicates="(p ?x - t) (q ?x ?y - t)",
        head="(:types t s)",
    )
    assert task.objects == {"c": "t", "o": "t", "r": "s", "new": "t"}
    assert task.init == {("p", "o"), ("q", "o", "r"), ("p", "new")}
    assert task.predicates["q"] == ("t", "object")
    told = "\n".join(task.repairs)
    for repair in (
        "action 'a' has no :parameters",
        "declared the object 'c' as 't'",
        "object 'o' is declared twice",
        "dropped (not ...)",
        "took (and ...) apart",
        "problem line 2: declared the object 'new' as 't'",
        "argument 2 of 'q' was declared 't', widened to 'object'",
    ):
        assert repair in told


def test_a_name_may_be_type_object_predicate_and_action() -> None:
    task = small(
        "(:action open :parameters (?x - open) :precondition (open ?x) :effect (not (open ?x)))",
        "(:objects open - open) (:init (open open)) (:goal (not (open open)))",
        predicates="(open ?x - open)",
        head="(:types open)",
    )
    assert task.objects == {"open": "open"}
    assert not task.repairs


def test_either_holds_for_its_types_only() -> None:
    task = small(
        "(:action a :parameters (?x - (either cat dog)) :effect (p ?x))",
        "(:objects c - cat d - puppy b - bird)"
        "(:goal (and (forall (?x - (either cat dog)) (p ?x))"
        "            (exists (?x - (either dog bird)) (p ?x))))",
        head="(:types cat dog bird - animal puppy - dog)",
    )
    (guard,) = (p for p in task.predicates if "cat" in p)
    assert {fact for fact in task.init if fact[0] == guard} == {(guard, "c"), (guard, "d")}
    assert task.actions[0].parameters == (("?x", "animal"),)
    assert (guard, "?x") in task.actions[0].precondition
    assert holds(task, task.goal, task.init | {("p", "c"), ("p", "d")})
    assert not holds(task, task.goal, task.init | {("p", "c"), ("p", "b")})


def test_costs() -> None:
    task = small(
        "(:functions (total-cost) (far ?x ?y))"
        "(:action a :parameters (?x ?y) :effect (and (p ?y) (increase (total-cost) (far ?x ?y))))"
        "(:action b :parameters (?x) :effect (and (p ?x) (increase (total-cost) 2)))",
        "(:objects u v) (:init (= (total-cost) 0) (= (far u v) 7)) (:metric minimize (total-cost))",
    )
    assert [schema.cost for schema in task.actions] == [("far", "?x", "?y"), 2.0]
    assert task.minimise
    assert (("far", "u", "v"), 7.0) in task.values


@pytest.mark.parametrize(
    ("action", "problem", "message"),
    [
        ("(:action a :effect (pp c))", "", "domain line 2: unknown predicate 'pp'. Did you mean"),
        ("(:action a :effect (p c c))", "", "domain line 2: 'p' has 1 arguments, not 2"),
        ("(:action a :parameters (?x) :effect (p ?y))", "", "domain line 2: unknown variable '?y'"),
        ("", "(:objects a)\n(:init (q a))", "problem line 3: 'q' has 2 arguments, not 1"),
        ("", "(:goal (r a))", "problem line 2: unknown predicate 'r'"),
        ("(:durative-action a)", "", "line 2: durative actions are not supported"),
        (
            "(:action a :effect (increase (fuel) 1))",
            "",
            "line 2: numeric effects are not supported",
        ),
        ("(:action a :effect)", "", "line 2: action 'a' has a keyword without content"),
        ("(:action a :effect (p c)) (:action a :effect (p c))", "", "there is another action 'a'"),
        ("(:derived (p ?x) (q ?x ?x))", "", "unknown section ':derived'"),
    ],
)
def test_what_cannot_be_mended_is_refused_with_its_line(
    action: str, problem: str, message: str
) -> None:
    with pytest.raises(EmbodiedError) as caught:
        small(action, problem)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_text_that_is_no_pddl() -> None:
    with pytest.raises(EmbodiedError, match=r"file.pddl line 1: expected '\(', found 'hello'"):
        read("hello", PROBLEM, ("file.pddl", "problem"))
    with pytest.raises(EmbodiedError, match="problem: there is no PDDL in it"):
        read(GRIPPER, "; nothing")
    with pytest.raises(EmbodiedError, match="expected"):
        read(PROBLEM, PROBLEM)


@pytest.mark.parametrize("name", DOMAINS)
def test_our_own_domains_need_no_repair(name: str) -> None:
    text = f"(define (problem p) (:domain {name}) (:objects) (:init) (:goal (and)))"
    assert read(load_domain(name), text).repairs == ()


def test_json_round_trip() -> None:
    task = read(GRIPPER, PROBLEM)
    assert Task.from_json(task.to_json()) == task
