"""Does replanning help where actions fail and somebody moves things?

    python -m benchmarks.replanning [--episodes 200] [--failing 0.2] [--meddling 0.25]

A stand-in kitchen (tests/planners/world.py) with the household domain, its things elsewhere in each
episode; each action fails with 20 %, and after each one a thing is moved with 25 %. Three ways from
the same start: `open-loop` does the first plan without a look at what comes of it; `retry`
repeats a failed action up to twice; `replan` is the executive. Success is the goal in the world's
own state when the way has ended. Writes benchmarks/results/replanning.json, again after every 10
episodes.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.machine import write_result
from embodied.planners.executive import Trace, run
from embodied.planners.household import Household, from_metadata
from embodied.planners.logic import holds
from embodied.planners.plan import Plan
from embodied.planners.solve import Planner
from embodied.runs.statistics import wilson_interval
from embodied.signals import Goal
from tests.planners.world import Kitchen

GOALS = (
    (("in", "apple", "diningtable"),),
    (("cooked", "potato"),),
    (("cooked", "potato"), ("in", "potato", "bowl")),
    (("sliced", "apple"), ("in", "apple", "bowl")),
    (("not", "dirty", "mug"), ("in", "mug", "cabinet")),
    (("in", "apple", "fridge"), ("not", "opened", "all:fridge"), ("toggled", "lamp")),
    (("in", "potato", "fridge"), ("sliced", "potato")),
    (("in", "bowl", "diningtable"), ("in", "mug", "diningtable")),
)


def reached(world: Kitchen, goal: Goal) -> bool:
    """Whether the goal holds in the world."""
    task = from_metadata(world.observe()).with_goal(goal).task
    return holds(task, task.goal, task.init)


def start(seed: int, failing: float, meddling: float) -> Kitchen:
    """The kitchen of an episode."""
    world = Kitchen(failing, meddling, seed)
    for _ in range(6):
        world.meddle()
    return world


def follow(world: Kitchen, state: Household, plan: Plan, tries: int) -> None:
    """Do the plan without a look at the world, each action up to `tries` times."""
    for action in plan.actions:
        for _ in range(tries):
            if world.execute(state.thor_action(action))[0]:
                break


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--episodes", type=int, default=200)
    parser.add_argument("--failing", type=float, default=0.2)
    parser.add_argument("--meddling", type=float, default=0.25)
    arguments = parser.parse_args()
    wins = {"open-loop": 0, "retry": 0, "replan": 0}
    traces: list[Trace] = []
    with Planner() as planner:
        for seed in range(arguments.episodes):
            goal = Goal(GOALS[seed % len(GOALS)])
            worlds = {way: start(seed, arguments.failing, arguments.meddling) for way in wins}
            state = from_metadata(worlds["retry"].observe()).with_goal(goal)
            plan = planner.solve(state.task)
            follow(worlds["open-loop"], state, plan, tries=1)
            follow(worlds["retry"], state, plan, tries=3)
            traces.append(run(worlds["replan"], goal, planner))
            for way, world in worlds.items():
                wins[way] += reached(world, goal)
            if len(traces) % 10 == 0 or len(traces) == arguments.episodes:
                path = write(wins, traces, arguments.failing, arguments.meddling)
                print(len(traces), wins, path, flush=True)


def write(wins: dict[str, int], traces: list[Trace], failing: float, meddling: float) -> Path:
    """Write the results so far."""
    count = len(traces)
    ends = [trace.outcome for trace in traces]
    acts = [sum(step.kind == "act" for step in trace.steps) for trace in traces]
    payload: dict[str, Any] = {
        "command": "python -m benchmarks.replanning",
        "episodes": count,
        "failing": failing,
        "meddling": meddling,
        "success": {way: won / count for way, won in wins.items()},
        "interval": {way: wilson_interval(won, count) for way, won in wins.items()},
        "outcomes": {end: ends.count(end) for end in sorted(set(ends))},
        "median_actions": median(acts),
        "mean_replans": sum(trace.replans for trace in traces) / count,
    }
    return write_result("replanning", payload)


if __name__ == "__main__":
    main()
