"""What was asked for in a home before decides what the words leave open, and only that."""

import json

import pytest
import torch

from embodied.perception.goal.alfred import AlfredGoal, Instruction
from embodied.perception.goal.homes import count_homes, in_home, log_lift, read_homes

GOALS = [
    AlfredGoal("look_at_obj_in_light", "Book", lamp=lamp) for lamp in ("DeskLamp", "FloorLamp")
]
GOALS.append(AlfredGoal("pick_and_place_simple", "Book", "Bed"))
GOALS.append(AlfredGoal("look_at_obj_in_light", "Pen", lamp="DeskLamp"))


def said(goal: int, home: str, times: int) -> list[Instruction]:
    return [
        Instruction("read under the lamp", GOALS[goal], f"{home}{i}", home) for i in range(times)
    ]


HOMES = count_homes(
    said(0, "flat", 9)
    + said(1, "house", 9)
    + said(2, "house", 9)
    + said(2, "", 50)
    + said(3, "house", 1),
    GOALS,
)


def at(home: str, *words: float) -> torch.Tensor:
    return in_home(torch.tensor(words), log_lift(HOMES, GOALS, home))


def test_a_home_decides_between_goals_that_the_words_do_not_tell_apart() -> None:
    words = (0.48, 0.49, 0.02, 0.01)
    assert at("flat", *words).argmax() == 0
    assert at("house", *words).argmax() == 1
    assert at("house", *words)[2] < 0.1  # asked for as often, but not said
    assert float(at("flat", *words).sum()) == pytest.approx(1)


def test_what_was_never_asked_for_backs_off_to_the_lamps_that_a_home_has() -> None:
    lift = log_lift(HOMES, GOALS, "flat")
    assert lift[3] > lift[1]  # the pen under the desk's lamp, and a lamp that the flat has not


def test_clear_words_outweigh_the_home() -> None:
    assert at("flat", 0.001, 0.997, 0.001, 0.001).argmax() == 1


def test_a_home_that_is_not_known_changes_nothing() -> None:
    torch.testing.assert_close(at("castle", 0.3, 0.5, 0.1, 0.1), torch.tensor([0.3, 0.5, 0.1, 0.1]))
    assert "" not in HOMES  # instructions without a home are of none


def test_homes_survive_json() -> None:
    assert read_homes(json.loads(json.dumps(HOMES))) == HOMES
