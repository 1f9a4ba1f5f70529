"""Household goals in AI2-THOR's kitchens, as far as they are recorded.

    python -m benchmarks.thor_goals SCENES [--kitchens 22] [--kills]

SCENES is `thor-object-metadata.json.gz` of the PyPI package procthor: boxes, flags and receptacles
of AI2-THOR's own scenes, without what moves them. The stand-in for Unity (tests/envs/thor/standin)
plays them, and `planners.executive.run` pursues three goals in each, through ThorActor. With
--kills, Unity is killed with signal 9 before every third action. Success is the goal in the state
at the end. Writes benchmarks/results/thor-goals.json (thor-goals-kills.json).
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.machine import write_result
from benchmarks.thor import STANDIN
from embodied.envs.thor.actor import ThorActor, make_actor
from embodied.errors import EmbodiedError
from embodied.planners.executive import Trace, run
from embodied.planners.goals import read_goal
from embodied.planners.household import from_metadata
from embodied.planners.logic import holds
from embodied.planners.solve import Planner

GOALS = (
    "(and (cooked potato) (in potato plate))",
    "(and (sliced apple) (in knife countertop))",
    "(and (in mug microwave) (toggled microwave))",
)


class Killing(ThorActor):
    """Kills Unity before every third action."""

    count = 0

    def execute(self, action: dict[str, str]) -> tuple[bool, str]:
        self.count += 1
        if self.count % 3 == 0 and self.env.session.pid:
            os.kill(self.env.session.pid, signal.SIGKILL)
        return super().execute(action)


def pursue(scene: str, goal: str, planner: Planner, kills: bool) -> dict[str, Any]:
    """One episode."""
    actor = make_actor(str(STANDIN), scene)
    row: dict[str, Any] = {"scene": scene, "goal": goal}
    with closing(Killing(actor.env) if kills else actor) as actor:
        started = time.perf_counter()
        try:
            actor.reset(0)
            trace = run(actor, read_goal(goal), planner)
        except EmbodiedError as error:
            return row | {"outcome": str(error), "reached": False}
        return row | {
            "outcome": trace.outcome,
            "reached": reached(actor, goal),
            "actions": sum(step.kind == "act" for step in trace.steps),
            "failures": failures(trace),
            "restarts": actor.env.session.restarts,
            "seconds": round(time.perf_counter() - started, 1),
        }


def reached(actor: ThorActor, goal: str) -> bool:
    """Whether the goal holds in the world."""
    task = from_metadata(actor.observe()).with_goal(read_goal(goal)).task
    return holds(task, task.goal, task.init)


def failures(trace: Trace) -> dict[str, int]:
    """What AI2-THOR said of actions that failed."""
    return dict(Counter(s.message for s in trace.steps if s.kind == "act" and not s.ok))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenes", type=Path)
    parser.add_argument("--kitchens", type=int, default=22)
    parser.add_argument("--kills", action="store_true")
    arguments = parser.parse_args()
    os.environ["STANDIN_PYTHON"] = sys.executable
    os.environ["STANDIN_SCENES"] = str(arguments.scenes.resolve())
    found: list[dict[str, Any]] = []
    with Planner() as planner:
        for number in range(1, arguments.kitchens + 1):
            for goal in GOALS:
                found.append(pursue(f"FloorPlan{number}", goal, planner, arguments.kills))
                print(found[-1], flush=True)
    good = [row for row in found if row["reached"]]
    flag = " --kills" if arguments.kills else ""
    result = {
        "command": f"python -m benchmarks.thor_goals SCENES{flag}",
        "unity": "stand-in (tests/envs/thor/standin) with recorded scenes",
        "goals": GOALS,
        "episodes": len(found),
        "reached": len(good),
        "median_actions": median(row["actions"] for row in good),
        "restarts": sum(row.get("restarts", 0) for row in found),
        "median_seconds": median(row["seconds"] for row in good),
        "others": [row for row in found if not row["reached"]],
    }
    print(write_result("thor-goals-kills" if arguments.kills else "thor-goals", result))


if __name__ == "__main__":
    main()
