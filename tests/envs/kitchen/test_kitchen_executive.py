"""Plans that are carried out in the kitchen, from a goal to what it looks like in the end."""

import pytest

from embodied.envs.mujoco.kitchen.scenario import Wish
from embodied.planners.executive import Limits, run
from embodied.planners.solve import Planner
from embodied.signals import Goal
from tests.envs.kitchen.conftest import Make, first, item
from tests.planners.conftest import PATIENCE, planner  # noqa: F401

pytestmark = pytest.mark.usefixtures("gl")
LIMITS = Limits(timeout=PATIENCE)


def test_a_cooked_slice_on_a_plate(make: Make, planner: Planner) -> None:  # noqa: F811
    actor = make(Wish("Potato"), Wish("Plate"), Wish("Knife", "CounterTop"))
    literals = (("sliced", "potato"), ("cooked", "potato"), ("in", "potato", "plate"))
    trace = run(actor, Goal(literals), planner, LIMITS)
    assert trace.outcome == "reached", trace.reason
    plate = item(actor, first(actor, "Plate"))
    on_it = [item(actor, identity) for identity in plate["receptacleObjectIds"]]
    assert any(o["objectType"] == "PotatoSliced" and o["isCooked"] for o in on_it)


def test_a_cold_apple_in_the_hand(make: Make, planner: Planner) -> None:  # noqa: F811
    actor = make(Wish("Apple", "DiningTable"))
    assert item(actor, first(actor, "Apple"))["temperature"] == "RoomTemp"
    goal = Goal((("cold", "apple"), ("holding", "apple")))
    trace = run(actor, goal, planner, LIMITS)
    assert trace.outcome == "reached", trace.reason
    assert item(actor, first(actor, "Apple"))["temperature"] == "Cold"
    assert len([step for step in trace.steps if step.kind == "act"]) == 6


def test_a_hot_mug_that_was_cold(make: Make, planner: Planner) -> None:  # noqa: F811
    actor = make(Wish("Mug", "Fridge"))
    assert item(actor, first(actor, "Mug"))["temperature"] == "Cold"
    trace = run(actor, Goal((("hot", "mug"),)), planner, LIMITS)
    assert trace.outcome == "reached", trace.reason
    assert item(actor, first(actor, "Mug"))["temperature"] == "Hot"


def test_two_apples_in_the_fridge(make: Make, planner: Planner) -> None:  # noqa: F811
    actor = make(Wish("Apple", "DiningTable"), Wish("Apple", "CounterTop"))
    trace = run(actor, Goal((("two", "apple", "fridge"),)), planner, LIMITS)
    assert trace.outcome == "reached", trace.reason
    inside = item(actor, first(actor, "Fridge"))["receptacleObjectIds"]
    assert sum(identity.startswith("Apple") for identity in inside) == 2


@pytest.mark.parametrize("seed", [0, 1])
def test_a_clean_mug_in_the_cabinet(make: Make, planner: Planner, seed: int) -> None:  # noqa: F811
    actor = make(Wish("Mug", "DiningTable", ("dirty",)), seed=seed)
    goal = Goal((("not", "dirty", "mug"), ("in", "mug", "cabinet"), ("not", "opened", "cabinet")))
    trace = run(actor, goal, planner, LIMITS)
    assert trace.outcome == "reached", trace.reason
    mug = item(actor, first(actor, "Mug"))
    cabinet = item(actor, mug["parentReceptacles"][0])
    assert (mug["isDirty"], cabinet["objectType"], cabinet["isOpen"]) == (False, "Cabinet", False)
    assert not mug["visible"]
