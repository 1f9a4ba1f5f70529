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
