"""What was asked for in a home before decides what the words leave open, and only that."""

import json

import pytest
import torch

from embodied.perception.goal.alfred import AlfredGoal, Instruction
from embodied.perception.goal.homes import count_homes, in_home, read_homes

GOALS = [
    AlfredGoal("look_at_obj_in_light", "Book", lamp=lamp) for lamp in ("DeskLamp", "FloorLamp")
]
GOALS.append(AlfredGoal("pick_and_place_simple", "Book", "Bed"))


def said(goal: int, home: str, times: int) -> list[Instruction]:
    return [
        Instruction("read under the lamp", GOALS[goal], f"{home}{i}", home) for i in range(times)
    ]


HOMES = count_homes(
    said(0, "flat", 9) + said(1, "house", 9) + said(2, "house", 9) + said(2, "", 50), GOALS
)


def test_a_home_decides_between_goals_that_the_words_do_not_tell_apart() -> None:
    words = torch.tensor([0.48, 0.50, 0.02])
    assert in_home(words, HOMES, "flat").argmax() == 0
    assert in_home(words, HOMES, "house").argmax() == 1
    assert in_home(words, HOMES, "house")[2] < 0.1  # asked for as often, but not said
    assert float(in_home(words, HOMES, "flat").sum()) == pytest.approx(1)


def test_clear_words_outweigh_the_home() -> None:
    assert in_home(torch.tensor([0.001, 0.998, 0.001]), HOMES, "flat").argmax() == 1


def test_a_home_that_is_not_known_changes_nothing() -> None:
    words = torch.tensor([0.3, 0.6, 0.1])
    assert torch.equal(in_home(words, HOMES, "castle"), words)
    assert "" not in HOMES  # instructions without a home are of none


def test_homes_survive_json() -> None:
    assert read_homes(json.loads(json.dumps(HOMES))) == HOMES
