"""How fast are kitchens made and acted in, and does the executive reach its goals in them?

    python -m benchmarks.kitchen [--seeds 50] [--only speed|executive] [--resume]

Speed, on one core (CPU seconds of this process, all its threads together): a scene drawn from a
seed with one picture; a step of the environment with random actions and its picture. Executive:
SGL's five tasks, a goal drawn for each seed: pick-and-place `(in X R)`, delivery `(holding X)`, cut
`(sliced X)`, clean `(not (dirty X))`, cook `(cooked X)`, in kitchens that hold what is needed and
else are drawn. Success is the goal in the kitchen's own state. Writes
benchmarks/results/kitchen.json, again after every seed; `--resume` goes on after the last one.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.machine import write_result
from embodied.envs.mujoco.kitchen.actor import make_actor
from embodied.envs.mujoco.kitchen.env import KitchenEnv
from embodied.envs.mujoco.kitchen.kinds import CARRIED, KINDS
from embodied.envs.mujoco.kitchen.kitchen import Kitchen
from embodied.envs.mujoco.kitchen.model import VARIANTS
from embodied.envs.mujoco.kitchen.pictures import Painter
from embodied.envs.mujoco.kitchen.scenario import Scenario, Wish
from embodied.planners.executive import Limits, Trace, run
from embodied.planners.solve import Planner
from embodied.runs.statistics import wilson_interval
from embodied.signals import Goal

RESULT = Path(__file__).parent / "results" / "kitchen.json"
TASKS = ("pick_and_place", "delivery", "cut", "clean", "cook")
PLACES = ("CounterTop", "DiningTable", "Fridge", "Cabinet", "SinkBasin", "Chair")
SMALL_PLACES = ("Plate", "Bowl", "Pan", "Drawer", "GarbageCan", "StoveBurner")
SMALL = ("Apple", "Tomato", "Egg", "Potato", "SaltShaker", "PepperShaker")


@dataclass
class Tally:
    """What came of the episodes of a task."""

    won: int = 0
    outcomes: list[str] = field(default_factory=list)
    actions: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    replans: list[int] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        count = len(self.outcomes)
        return {
            "episodes": count,
            "success": self.won / count,
            "interval": wilson_interval(self.won, count),
            "outcomes": {o: self.outcomes.count(o) for o in sorted(set(self.outcomes))},
            "median_actions": median(self.actions),
            "median_steps_of_ithor": median(self.steps),
            "mean_failed_actions": sum(self.failed) / count,
            "mean_replans": sum(self.replans) / count,
            "not_reached": self.lost,
        }


def draw_task(task: str, seed: int) -> tuple[Goal, Scenario]:
    """A goal of a task, and a kitchen that holds what it needs."""
    rng = np.random.default_rng([seed, TASKS.index(task)])

    def pick(choices: list[str]) -> str:
        return choices[int(rng.integers(len(choices)))]

    able = {flag: [k for k in CARRIED if getattr(KINDS[k], flag)] for flag in KINDS["Mug"].__dict__}
    if task == "pick_and_place":
        small = rng.random() < 0.5
        kind = pick(list(SMALL) if small else list(CARRIED))
        place = pick(list(SMALL_PLACES) if small else list(PLACES))
        wishes = [Wish(kind), *([Wish(place)] if place in CARRIED else [])]
        literal = ("in", kind, place)
    elif task == "delivery":
        kind = pick(list(CARRIED))
        wishes, literal = [Wish(kind)], ("holding", kind)
    elif task == "cut":
        kind = pick(able["sliceable"])
        wishes, literal = [Wish(kind), Wish("Knife")], ("sliced", kind)
    elif task == "clean":
        kind = pick(able["dirtyable"])
        wishes, literal = [Wish(kind, states=("dirty",))], ("not", "dirty", kind)
    else:
        kind = pick(able["cookable"])
        wishes, literal = [Wish(kind)], ("cooked", kind)
    return Goal((literal,)), Scenario(tuple(wishes))


def executive(seeds: int, result: dict[str, Any]) -> None:
    """Carry out a goal of each task in the kitchen of each seed that `result` does not have."""
    rows = result.setdefault("rows", {})
    tallies = {task: Tally(**rows.get(task, {})) for task in TASKS}
    with Planner() as planner:
        for seed in range(len(tallies[TASKS[0]].outcomes), seeds):
            for task, tally in tallies.items():
                goal, scenario = draw_task(task, seed)
                actor = make_actor(seed, scenario)
                trace = run(actor, goal, planner, Limits(timeout=60))
                _count(tally, trace, actor.steps, f"seed {seed}: {' '.join(goal.literals[0])}")
            result["executive"] = {task: tally.summary() for task, tally in tallies.items()}
            result["rows"] = {task: asdict(tally) for task, tally in tallies.items()}
            won = sum(tally.won for tally in tallies.values())
            count = len(TASKS) * (seed + 1)
            result["executive"]["all"] = {
                "episodes": count,
                "success": won / count,
                "interval": wilson_interval(won, count),
            }
            write_result("kitchen", result)
            print(seed, {task: tally.won for task, tally in tallies.items()}, flush=True)


def _count(tally: Tally, trace: Trace, steps: int, what: str) -> None:
    acts = [step for step in trace.steps if step.kind == "act"]
    tally.won += trace.outcome == "reached"
    tally.outcomes.append(trace.outcome)
    tally.actions.append(len(acts))
    tally.failed.append(sum(not step.ok for step in acts))
    tally.replans.append(trace.replans)
    tally.steps.append(steps)
    if trace.outcome != "reached":
        last = next((step.message for step in reversed(acts) if step.message), "")
        tally.lost.append(f"{what}: {trace.outcome}: {trace.reason} {last}".strip())
        print(tally.lost[-1], flush=True)


class _Drawer:
    """Draws the agent's first view in the kitchen of a seed."""

    def __init__(self, size: int) -> None:
        self.size, self.kitchen = size, Kitchen()
        self.painters: dict[int, Painter] = {}

    def __call__(self, seed: int) -> np.ndarray:
        self.kitchen.reset(seed)
        scene = self.kitchen.scene
        if id(scene) not in self.painters:
            self.painters[id(scene)] = Painter(scene, self.size, self.size)
        return self.painters[id(scene)].colour(self.kitchen.agent.view())


def speed() -> dict[str, Any]:
    """Scenes and steps per second of one core."""
    measured: dict[str, Any] = {}
    for size in (128, 160):
        draw = _Drawer(size)
        for seed in range(VARIANTS):  # compiled once
            draw(seed)
        measured[f"scenes_per_second_{size}_px"] = _rate(draw, range(VARIANTS, VARIANTS + 120))
    rng = np.random.default_rng(0)
    env = KitchenEnv(Scenario(variant=0), width=128, height=128)
    env.reset(seed=0)
    measured["steps_per_second_walking"] = _rate(
        lambda k: env.step(np.array([k % 8, 0])), range(80)
    )
    numbers = rng.integers(env.action_space.nvec, size=(80, 2))  # pyright: ignore
    measured["steps_per_second_random"] = _rate(lambda k: env.step(numbers[k]), range(80))
    env.close()
    return measured


def _rate(do: Any, items: Iterator[int] | range) -> float:
    start, count = time.process_time(), 0
    for item in items:
        do(item)
        count += 1
    return round(count / (time.process_time() - start), 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--only", choices=("speed", "executive"))
    parser.add_argument("--resume", action="store_true")
    arguments = parser.parse_args()
    result: dict[str, Any] = {"command": "python -m benchmarks.kitchen"}
    before = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    if arguments.only == "executive":
        result |= {key: before[key] for key in ("speed",) if key in before}
    if arguments.resume:
        result |= {key: before[key] for key in ("speed", "executive", "rows") if key in before}
    if arguments.only != "executive":
        result["speed"] = speed()
        print(result["speed"], write_result("kitchen", result), flush=True)
    if arguments.only != "speed":
        executive(arguments.seeds, result)


if __name__ == "__main__":
    main()
