"""What is left out cannot matter, and what can is kept."""

from embodied.planners.household import from_metadata
from embodied.planners.pddl import read
from embodied.planners.relevance import changes, relevant_actions, restrict
from embodied.signals import Goal
from tests.planners.world import Kitchen

TASK = read(
    """(define (domain d) (:requirements :adl)
    (:predicates (goal) (key) (alarm) (armed) (seen) (noise) (unused ?x))
    (:action win :precondition (and (key) (not (alarm))) :effect (and (goal) (noise)))
    (:action take :effect (and (key) (when (armed) (alarm))))
    (:action disarm :precondition (seen) :effect (not (armed)))
    (:action arm :effect (armed))
    (:action look :effect (seen))
    (:action shout :effect (noise)))""",
    "(define (problem x) (:domain d) (:init (armed) (unused a)) (:goal (goal)))",
)


def test_actions_that_prevent_harm_are_relevant() -> None:
    # `disarm` makes nothing that anything needs: it keeps `take` from ringing the alarm.
    assert relevant_actions(TASK) == {"win", "take", "disarm", "look"}


def test_predicates_that_nothing_reads_are_left_out() -> None:
    small = restrict(TASK, relevant_actions(TASK))
    assert set(small.predicates) == {"goal", "key", "alarm", "armed", "seen"}
    assert small.init == {("armed",)}
    win = next(schema for schema in small.actions if schema.name == "win")
    assert "noise" not in str(win.effect)


def test_what_is_irreversible() -> None:
    assert ("goal", True) in changes(TASK)
    assert ("goal", False) not in changes(TASK)


def test_hot_and_cold_cost_nothing_where_the_goal_does_not_ask() -> None:
    def words(*literals: tuple[str, ...]) -> set[str]:
        task = from_metadata(Kitchen().observe()).with_goal(Goal(literals)).task
        kept = restrict(task, relevant_actions(task))
        return {"hot", "cold", "cools"} & set(kept.predicates)

    assert words(("in", "apple", "fridge"), ("not", "opened", "fridge")) == set()
    assert words(("cold", "apple")) == {"cold", "cools"}
