"""Goals from a chat model on a real server, checked by a real planner in a household."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from embodied.errors import EmbodiedError
from embodied.perception.chat_http import HttpChat
from embodied.perception.goal.chat_goal import GoalWords, ask_goal
from embodied.planners.household import from_metadata
from embodied.planners.solve import Planner
from embodied.signals import Goal
from tests.perception.chat_server import Answer, Server, chat_server
from tests.planners.world import Kitchen

STATE = from_metadata(Kitchen().observe())
WORDS = GoalWords(STATE.task.predicates, tuple(STATE.task.types), STATE.task.objects)


def says(*literals: str, question: str = "") -> Answer:
    rows = []
    for literal in literals:
        words = literal.split()
        negated = words[0] == "not"
        name, *arguments = words[negated:]
        rows.append({"negated": negated, "predicate": name, "arguments": arguments})
    answer = {"thought": "so be it", "literals": rows, "confidence": 0.9, "question": question}
    return Answer(json.dumps(answer))


@pytest.fixture(scope="module")
def planner() -> Iterator[Planner]:
    with Planner() as planner:
        yield planner


def propose(planner: Planner, answers: list[Answer], **options: Any) -> tuple[Goal, Server]:
    """The goal that comes of these answers, one after the other, the last one for ever."""

    def verify(goal: Goal) -> None:
        plan = planner.solve(STATE.with_goal(goal).task)
        if not plan.solved:
            raise EmbodiedError(f"no plan reaches it: {plan.status} {plan.reason}")

    def answer(_request: dict[str, Any]) -> Answer:
        return answers.pop(0) if len(answers) > 1 else answers[0]

    with chat_server(answer) as server:
        chat = HttpChat(server.url, "m")
        return ask_goal(chat, "tidy up", WORDS, verify, **options), server


def test_a_goal_that_can_be_reached_is_taken_at_once(planner: Planner) -> None:
    image = np.full((8, 8, 3), 7, np.uint8)
    goal, server = propose(planner, [says("in apple fridge", "not opened fridge")], image=image)
    assert goal.literals == (("in", "apple", "fridge"), ("not", "opened", "fridge"))
    assert goal.confidence == 0.9
    assert len(server.seen) == 1
    assert "apple_1 (apple)" in server.texts()
    np.testing.assert_array_equal(server.images()[0], image)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("in unicorn fridge", "unicorn"),  # no such thing
        ("in apple", "2 arguments"),  # a hole
        ("in fridge apple", "'fridge': that is no movable"),
        ("in object fridge", "'object': that is no movable"),
        ("cooked apple", "no plan reaches it: unsolvable"),  # apples do not cook
        ("flying apple", "'flying' is not one of"),  # not in the schema
    ],
)
def test_a_wrong_goal_goes_back_with_the_reason(planner: Planner, wrong: str, why: str) -> None:
    goal, server = propose(planner, [says(wrong), says("in apple fridge")])
    assert goal.literals == (("in", "apple", "fridge"),)
    assert len(server.seen) == 2
    assert why in server.texts()


def test_after_so_many_rounds_it_abstains_and_says_why(planner: Planner) -> None:
    goal, server = propose(planner, [says("in unicorn fridge")], refinements=2)
    assert goal.abstained
    assert "unicorn" in goal.reason
    assert len(server.seen) == 3


def test_a_question_is_an_abstention(planner: Planner) -> None:
    goal, server = propose(planner, [says(question="Which apple?")])
    assert goal.abstained
    assert goal.reason == "Which apple?"
    assert len(server.seen) == 1


@pytest.mark.parametrize(("said", "told"), [(" \n ", "--instruction"), ("a" * 3000, "3000")])
def test_bad_instructions_are_refused_before_anyone_is_asked(said: str, told: str) -> None:
    with pytest.raises(EmbodiedError, match=told), chat_server(lambda _: says()) as server:
        ask_goal(HttpChat(server.url, "m"), said, WORDS, lambda goal: None)
