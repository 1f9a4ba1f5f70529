"""Household goals reached in AI2-THOR's household by planning, end to end."""

import json
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from embodied import cli
from embodied.envs.thor.actor import ThorActor, make_actor
from embodied.envs.thor.env import ThorEnv
from embodied.planners.executive import Limits, Trace, run
from embodied.planners.goals import read_goal
from embodied.planners.solve import Planner
from tests.envs.thor.conftest import RECORDED, StandIn

LIMITS = Limits(timeout=300.0)


@pytest.fixture(scope="module")
def planner() -> Iterator[Planner]:
    pytest.importorskip("up_fast_downward", reason="needs the extra 'planning'")
    with Planner() as started:
        yield started


@pytest.fixture
def actor(standin: StandIn) -> Iterator[ThorActor]:
    made = ThorActor(ThorEnv(executable=standin.executable, width=64, height=48))
    made.reset(0)
    yield made
    made.close()


def find(actor: ThorActor, kind: str) -> dict[str, Any]:
    return next(item for item in actor.observe() if item["objectType"] == kind)


def inside(actor: ThorActor, kind: str) -> set[str]:
    parents = find(actor, kind)["parentReceptacles"] or ()
    return {item["objectType"] for item in actor.observe() if item["objectId"] in parents}


def acts(trace: Trace) -> list[str]:
    return [step.sent["action"] for step in trace.steps if step.kind == "act"]


def test_a_heated_mug_on_the_table(actor: ThorActor, planner: Planner) -> None:
    trace = run(actor, read_goal("(and (hot mug) (in mug diningtable))"), planner, LIMITS)
    assert trace.outcome == "reached", trace.reason
    assert acts(trace)[-2:] == ["PickupObject", "PutObject"]  # heated where it is near
    assert "ToggleObjectOn" in acts(trace)
    assert inside(actor, "Mug") == {"DiningTable"}
    assert find(actor, "Mug")["temperature"] == "Hot"


def test_a_sliced_apple_though_unity_is_killed_on_the_way(
    actor: ThorActor, planner: Planner
) -> None:
    do, count = actor.execute, 0

    def killing(action: dict[str, str]) -> tuple[bool, str]:
        nonlocal count
        count += 1
        if count in (2, 3):
            os.kill(actor.env.session.pid or 0, signal.SIGKILL)
        return do(action)

    actor.execute = killing
    goal = "(and (sliced apple) (not (opened fridge)) (not (holding knife)))"
    trace = run(actor, read_goal(goal), planner, LIMITS)
    assert trace.outcome == "reached", trace.reason
    assert {"OpenObject", "PickupObject", "SliceObject"} <= set(acts(trace))
    assert find(actor, "Apple")["isSliced"]
    assert actor.env.session.restarts == 2
    trace = run(actor, read_goal("(in applesliced plate)"), planner, LIMITS)
    assert trace.outcome == "reached", trace.reason
    slices = {o["objectId"] for o in actor.observe() if o["objectType"] == "AppleSliced"}
    assert len(slices) == 3
    assert slices & set(find(actor, "Plate")["receptacleObjectIds"])


def test_what_the_world_said_is_handed_on(actor: ThorActor) -> None:
    apple = find(actor, "Apple")["objectId"]
    there = {"action": "PickupObject", "objectId": apple}
    assert actor.execute(there) == (False, f"there is no place to reach {apple} from")
    assert actor.execute({"action": "OpenObject", "objectId": "Safe|1"})[1] == "there is no Safe|1"
    table = {"action": "PutObject", "objectId": find(actor, "DiningTable")["objectId"]}
    assert actor.execute(table) == (False, "Nothing in agent's hand to put or drop!")


def test_the_command(standin: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    """With a goal that holds, since a search takes its time."""
    arguments = ["plan", "--env", "thor", "--executable", standin.executable]
    arguments += ["--scene", "FloorPlan2", "--goal", "(in mug diningtable)"]
    assert cli.main([*arguments, "--json"]) == 0
    trace = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (trace["outcome"], trace["env"], trace["steps"]) == ("reached", "thor", [])
    assert "Mug|+01.20|+00.76|-01.00" in trace["objects"].values()  # where FloorPlan2 has it
    assert cli.main(["plan", "--env", "thor", "--goal", "(in mug diningtable)"]) == 2
    assert "there is no Unity build of AI2-THOR here" in capsys.readouterr().err


@pytest.mark.skipif(not RECORDED.exists(), reason=f"needs recorded scenes at {RECORDED}")
def test_a_recorded_kitchen_of_ai2_thor(
    standin: StandIn, planner: Planner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STANDIN_SCENES", str(RECORDED))
    actor = make_actor(standin.executable, "FloorPlan1")
    actor.reset(0)
    trace = run(actor, read_goal("(and (cooked potato) (in potato plate))"), planner, LIMITS)
    plate = inside(actor, "Potato")
    actor.close()
    assert trace.outcome == "reached", trace.reason
    assert "Plate" in plate
