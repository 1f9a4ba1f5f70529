"""Goals of perception in PDDL: objects, any of a type, all of a type, negation."""

from dataclasses import replace

import pytest

from embodied.errors import EmbodiedError
from embodied.planners.goals import goal_expression, possible, read_goal
from embodied.planners.logic import holds
from embodied.planners.pddl import read
from embodied.signals import Goal

TASK = read(
    """(define (domain d) (:requirements :adl) (:types egg mug fridge)
    (:predicates (in ?x ?y) (cooked ?x) (opened ?x)))""",
    "(define (problem x) (:domain d) (:objects e1 e2 - egg m1 m2 - mug f - fridge) (:init))",
)


def goal_holds(*literals: tuple[str, ...], facts: set[tuple[str, ...]]) -> bool:
    return holds(TASK, goal_expression(TASK, Goal(literals)), facts)


def test_any_object_of_a_type_is_the_same_in_all_literals() -> None:
    goal = (("cooked", "egg"), ("in", "egg", "fridge"))
    assert goal_holds(*goal, facts={("cooked", "e1"), ("in", "e1", "f")})
    assert not goal_holds(*goal, facts={("cooked", "e1"), ("in", "e2", "f")})


def test_all_and_none_of_a_type() -> None:
    assert goal_holds(("in", "all:mug", "f"), facts={("in", "m1", "f"), ("in", "m2", "f")})
    assert not goal_holds(("in", "all:mug", "f"), facts={("in", "m1", "f")})
    none_open = ("not", "opened", "all:fridge")
    assert goal_holds(none_open, facts=set())
    assert not goal_holds(none_open, facts={("opened", "f")})


def test_an_object_by_name_and_letters_of_any_case() -> None:
    assert goal_holds(("Cooked", "E2"), facts={("cooked", "e2")})
    assert not goal_holds(("cooked", "e2"), facts={("cooked", "e1")})


def test_two_different_objects_of_a_type_in_one_place() -> None:
    goal = (("two", "mug", "fridge"), ("cooked", "mug"))
    both = {("in", "m1", "f"), ("in", "m2", "f")}
    assert goal_holds(*goal, facts=both | {("cooked", "m2")})
    assert not goal_holds(*goal, facts=both)
    assert not goal_holds(*goal, facts={("in", "m1", "f"), ("cooked", "m1")})
    assert not goal_holds(("two", "mug", "f"), facts={("in", "m1", "f"), ("in", "m2", "e1")})
    for wrong in (("two", "m1", "f"), ("two", "all:mug", "f"), ("two", "mug")):
        with pytest.raises(EmbodiedError, match=r"write .two TYPE RECEPTACLE"):
            goal_expression(TASK, Goal((wrong,)))
    with pytest.raises(EmbodiedError, match=r"there is no .not .two"):
        goal_expression(TASK, Goal((("not", "two", "mug", "f"),)))
    with pytest.raises(EmbodiedError, match="needs two of 'fridge': one is in view"):
        goal_expression(TASK, Goal((("two", "fridge", "f"),)))


def test_what_names_nothing_that_is_there_is_not_meant() -> None:
    cup, mug, none = (
        Goal((("not", "in", f"all:{kind}", "fridge"),), 0.3) for kind in ("cup", "mug", "unknown")
    )
    goal = replace(cup, alternatives=(none, replace(cup, literals=(("in", "m1", "pan"),)), mug))
    assert possible(TASK, goal) == replace(none, alternatives=(mug,))
    alone = replace(cup, alternatives=(cup,))
    assert possible(TASK, alone) == alone  # who plans for it says what is wrong


def test_unknown_is_dropped_where_there_is_no_place_for_it() -> None:
    assert goal_holds(("cooked", "e1", "unknown"), facts={("cooked", "e1")})
    with pytest.raises(EmbodiedError, match="needs an object that is not in view"):
        goal_expression(TASK, Goal((("in", "egg", "unknown"),)))


@pytest.mark.parametrize(
    ("literal", "message"),
    [
        (("cook", "egg"), "unknown predicate 'cook'. Did you mean 'cooked'"),
        (("cooked", "eg"), "unknown object or type 'eg'. Did you mean 'egg'"),
        (("cooked", "e1", "e2"), "'cooked' has 1 arguments, the goal gives it 2"),
    ],
)
def test_words_that_the_domain_does_not_have(literal: tuple[str, ...], message: str) -> None:
    with pytest.raises(EmbodiedError) as caught:
        goal_expression(TASK, Goal((literal,)))
    assert message in str(caught.value)


def test_a_goal_that_abstains_is_no_goal() -> None:
    with pytest.raises(EmbodiedError, match="too dark"):
        goal_expression(TASK, Goal((), reason="too dark"))


def test_reads_a_goal_in_parentheses() -> None:
    text = "(and (Cooked egg) (in egg Fridge|+1.5|-0.2) (not (opened all:fridge)))"
    assert read_goal(text).literals == (
        ("cooked", "egg"),
        ("in", "egg", "fridge|+1.5|-0.2"),
        ("not", "opened", "all:fridge"),
    )
    assert read_goal("(handempty)").literals == (("handempty",),)
    for wrong in ("(or (a) (b))", "(and)", "(not (not (a)))", "(in (a) b)", "egg"):
        with pytest.raises(EmbodiedError, match="the goal"):
            read_goal(wrong)
