"""Acting where actions fail, things move and some doings cannot be undone."""

import json
from collections.abc import Callable

from embodied.planners.executive import Limits, Trace, run
from embodied.planners.household import from_metadata
from embodied.planners.logic import holds
from embodied.planners.plan import Action, Plan
from embodied.planners.solve import Planner
from embodied.planners.task import Task
from embodied.signals import Goal
from tests.planners.conftest import PATIENCE
from tests.planners.world import Kitchen

APPLE_OUT = Goal((("in", "apple", "diningtable"),))
WAY: tuple[Action, ...] = (
    ("open", "fridge_1"),
    ("pickup", "apple_1", "fridge_1"),
    ("put", "apple_1", "diningtable_1"),
)


class Script(Planner):
    """Gives prepared answers, and keeps the tasks it was asked about."""

    def __init__(self, *answers: Plan | Callable[[Task], Plan]) -> None:
        self.answers = list(answers)
        self.asked: list[Task] = []

    def solve(self, task: Task, timeout: float = 60.0) -> Plan:
        self.asked.append(task)
        answer = self.answers.pop(0)
        return answer if isinstance(answer, Plan) else answer(task)


def acts(trace: Trace) -> list[tuple[str, bool | None]]:
    return [(step.action[0], step.ok) for step in trace.steps if step.kind == "act"]


def test_a_plan_that_works_is_made_once() -> None:
    script = Script(Plan("solved", WAY))
    trace = run(Kitchen(), APPLE_OUT, script)
    assert (trace.outcome, trace.replans) == ("reached", 0)
    assert acts(trace) == [("open", True), ("pickup", True), ("put", True)]
    put = trace.steps[-1]
    assert put.sent == {"action": "PutObject", "objectId": "DiningTable|1"}
    assert ("in", "apple_1", "diningtable_1") in put.appeared
    assert ("holding", "apple_1") in put.vanished
    assert json.loads(json.dumps(trace.to_json()))["steps"][0]["kind"] == "plan"


def test_a_failed_action_is_tried_again_without_a_search() -> None:
    world = Kitchen()
    outcomes = iter([False, True, True, True])
    do = world.execute
    world.execute = lambda action: do(action) if next(outcomes) else (False, "it slipped")
    trace = run(world, APPLE_OUT, Script(Plan("solved", WAY)))
    assert acts(trace)[:2] == [("open", False), ("open", True)]
    assert trace.steps[1].message == "it slipped"
    assert (trace.outcome, trace.replans) == ("reached", 0)


def test_what_keeps_failing_is_left_out_of_the_next_plan() -> None:
    world = Kitchen()
    do = world.execute
    stuck = {"action": "PutObject", "objectId": "Bowl|1"}
    world.execute = lambda action: (False, "no room") if action == stuck else do(action)
    world.objects["Cabinet"]["isOpen"] = world.objects["Fridge"]["isOpen"] = True
    into_bowl = (("pickup", "apple_1", "fridge_1"), ("put", "apple_1", "bowl_1"))
    goal = Goal((("not", "in", "apple", "Fridge|1"), ("handempty",)))
    script = Script(
        Plan("solved", into_bowl),
        lambda task: Plan("solved", (("put", "apple_1", "countertop_1"),)),
    )
    trace = run(world, goal, script, Limits(retries=2))
    assert acts(trace) == [("pickup", True), ("put", False), ("put", False), ("put", True)]
    assert script.asked[1].actions != script.asked[0].actions  # the second without put into bowl
    assert trace.outcome == "reached"


def test_new_objects_mean_a_new_plan() -> None:
    """Names count the objects of a type: with another apple, `apple_1` may be a different one."""
    world = Kitchen()
    do = world.execute

    def appearing(action: dict[str, str]) -> tuple[bool, str]:
        other = world.objects["Apple"] | {"objectId": "Apple|0"}
        world.objects.setdefault("other", other)
        return do(action)

    world.execute = appearing
    rest = (("pickup", "apple_2", "fridge_1"), ("put", "apple_2", "diningtable_1"))
    script = Script(Plan("solved", WAY), Plan("solved", rest))
    trace = run(world, APPLE_OUT, script)
    assert (trace.outcome, trace.replans) == ("reached", 1)
    assert [step.sent["objectId"] for step in trace.steps if step.ok] == [
        "Fridge|1",
        "Apple|1",
        "DiningTable|1",
    ]


def test_no_other_way_ends_as_blocked() -> None:
    world = Kitchen()
    world.execute = lambda action: (False, "the door is jammed")
    unsolvable = Plan("unsolvable", reason="proven")
    answers = [Plan("solved", WAY), unsolvable, Plan("solved", WAY)]
    trace = run(world, APPLE_OUT, Script(*answers, *answers[1:] * 9), Limits(retries=2))
    assert trace.outcome == "blocked"
    assert trace.reason == "there is no way without open Fridge|1, which failed 4 times"
    assert len(acts(trace)) == 4


def test_an_action_that_says_ok_and_does_nothing_fails() -> None:
    """Another way is looked for, and if there is none, the end says what is wrong."""
    world = Kitchen()
    do = world.execute
    world.execute = lambda action: (True, "") if action["action"] == "OpenObject" else do(action)
    unsolvable = Plan("unsolvable", reason="proven")
    answers = [Plan("solved", WAY), unsolvable, Plan("solved", WAY)]
    script = Script(*answers, *answers[1:] * 9)
    trace = run(world, APPLE_OUT, script, Limits(retries=2))
    assert acts(trace) == [("open", False)] * 4
    assert script.asked[1].actions != script.asked[0].actions  # the second without the fridge
    assert trace.outcome == "blocked"
    assert trace.reason == (
        "there is no way without open Fridge|1, which says it worked and changes nothing"
    )


def test_what_is_put_and_never_stays_is_put_elsewhere() -> None:
    """Half of what an action should do is not enough if the plan needs the other half."""
    world = Kitchen()
    do = world.execute

    def slippery(action: dict[str, str]) -> tuple[bool, str]:
        result = do(action)
        if action == {"action": "PutObject", "objectId": "DiningTable|1"}:
            world._move("Apple", "SinkBasin")
        return result

    world.execute = slippery
    again = (("pickup", "apple_1", "sinkbasin_1"), ("put", "apple_1", "diningtable_1"))
    elsewhere = (("pickup", "apple_1", "sinkbasin_1"), ("put", "apple_1", "countertop_1"))
    plans = [Plan("solved", way) for way in (WAY, again, elsewhere)]
    goal = Goal((("not", "in", "apple", "SinkBasin|1"), ("not", "in", "apple", "Fridge|1")))
    trace = run(world, Goal((*goal.literals, ("handempty",))), Script(*plans), Limits(retries=2))
    puts = [s for s in trace.steps if s.kind == "act" and s.action[0] == "put"]
    assert [step.ok for step in puts] == [False, False, True]
    missing = "says it worked and does not make (in apple_1 diningtable_1)"
    assert [step.message for step in puts] == [missing, missing, ""]
    assert trace.outcome == "reached"


def test_an_effect_that_the_goal_does_without_may_be_missing() -> None:
    """Somebody takes the thing away: the action worked, and nothing is held against it."""
    world = Kitchen()
    do = world.execute

    def meddled(action: dict[str, str]) -> tuple[bool, str]:
        result = do(action)
        if action["action"] == "PutObject":
            world._move("Apple", "SinkBasin")
        return result

    world.execute = meddled
    goal = Goal((("not", "in", "apple", "fridge"), ("handempty",), ("toggled", "lamp")))
    trace = run(world, goal, Script(Plan("solved", (*WAY, ("toggle_on", "lamp_1")))))
    assert acts(trace) == [("open", True), ("pickup", True), ("put", True), ("toggle_on", True)]
    assert (trace.outcome, trace.replans) == ("reached", 0)


def test_a_search_without_an_answer_and_too_many_steps() -> None:
    trace = run(Kitchen(), APPLE_OUT, Script(Plan("timeout", reason="no answer in 1 s")))
    assert (trace.outcome, trace.reason) == ("no-plan", "no answer in 1 s")
    trace = run(Kitchen(), APPLE_OUT, Script(Plan("solved", WAY)), Limits(steps=2))
    assert trace.outcome == "out-of-steps"
    assert len(acts(trace)) == 2


def test_replans_when_somebody_moves_the_thing(planner: Planner) -> None:
    world = Kitchen()
    do = world.execute

    def meddled(action: dict[str, str]) -> tuple[bool, str]:
        result = do(action)
        if action["action"] == "OpenObject" and len(world.log) == 1:
            world._move("Apple", "SinkBasin")
        return result

    world.execute = meddled
    trace = run(world, APPLE_OUT, planner, Limits(timeout=PATIENCE))
    assert (trace.outcome, trace.replans) == ("reached", 1)
    assert all(ok for *_, ok in world.log)
    assert world.objects["Apple"]["parentReceptacles"] == ["DiningTable|1"]


def test_slices_where_the_thing_lies(planner: Planner) -> None:
    world = Kitchen()
    world._move("Apple", "CounterTop")
    trace = run(world, Goal((("sliced", "apple"),)), planner, Limits(timeout=PATIENCE))
    assert trace.outcome == "reached"
    assert [action for action, *_ in world.log] == ["PickupObject", "SliceObject"]


def test_a_sliced_thing_is_a_dead_end(planner: Planner) -> None:
    world = Kitchen()
    world.objects["Apple"]["isSliced"] = True
    goal = Goal((("not", "sliced", "apple"), ("in", "apple", "diningtable")))
    trace = run(world, goal, planner, Limits(timeout=PATIENCE))
    assert trace.outcome == "dead-end"
    assert not acts(trace)
    assert "no action undoes 'sliced'" in trace.reason
    assert "diningtable" not in trace.reason


def test_reaches_its_goal_among_failures_and_meddling(planner: Planner) -> None:
    world = Kitchen(failing=0.3, meddling=0.2, seed=3)
    goal = Goal((("cooked", "potato"), ("in", "potato", "bowl")))
    trace = run(world, goal, planner, Limits(timeout=PATIENCE))
    assert trace.outcome == "reached"
    task = from_metadata(world.observe()).with_goal(goal).task
    assert holds(task, task.goal, task.init)
