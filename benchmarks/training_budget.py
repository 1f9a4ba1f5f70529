"""Where the time of `embodied train` goes, stage by stage.

    python -m benchmarks.training_budget [--steps 64000] [--json]

A run of the default preset on humanoid-kneel with everything on: pictures, encoder, reward head,
learner, checkpoints. Every stage's own time (without the stages that it calls) is taken around the
real functions, as wall time and as this process's CPU time; the renderers are other processes.
Writes benchmarks/results/training-budget.json.

physics     `mujoco.Batch` and the observations.
acting      the policy's step and the rollout buffer.
drawing     waiting for the renderers (they draw beside the other stages).
encoding    the VLM's image tower.
head        the reward head: features, fit, predictions.
returns     generalised advantage estimation.
update      the learner's gradient steps.
success     the task's checker on every state, for the log.
saving      logs and checkpoints.
other       what is left.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.machine import write_result

STEPS = 64_000
TASK = "humanoid-kneel"


class Stages:
    """Own wall and CPU seconds of nested stages; everything runs on one thread."""

    def __init__(self) -> None:
        self.wall: defaultdict[str, float] = defaultdict(float)
        self.cpu: defaultdict[str, float] = defaultdict(float)
        self._open: list[str] = ["other"]
        self.begin()

    def begin(self) -> None:
        """Forget what was before: loading the encoder is not training."""
        self.wall.clear()
        self.cpu.clear()
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def _turn(self) -> None:
        """Book the time since the last turn on the innermost open stage."""
        wall, cpu = time.perf_counter(), time.process_time()
        self.wall[self._open[-1]] += wall - self._wall
        self.cpu[self._open[-1]] += cpu - self._cpu
        self._wall, self._cpu = wall, cpu

    def run(self, stage: str, work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self._turn()
        self._open.append(stage)
        try:
            return work(*args, **kwargs)
        finally:
            self._turn()
            self._open.pop()

    def watch(self, owner: Any, name: str, stage: str) -> None:
        """Book all calls of `owner.name` on a stage from now on."""
        work = getattr(owner, name)

        def watched(*args: Any, **kwargs: Any) -> Any:
            return self.run(stage, work, *args, **kwargs)

        setattr(owner, name, watched)


def watch(stages: Stages, session: Any, scorer: Any) -> None:
    """Put the stages around a session's functions."""
    learner, labeller = session.learner, session.labeller
    stages.watch(learner, "collect_rollouts", "acting")
    stages.watch(learner, "train", "update")
    stages.watch(session.env.env, "step", "physics")
    if hasattr(learner, "rollout_buffer"):
        stages.watch(learner.rollout_buffer, "compute_returns_and_advantage", "returns")
    stages.watch(scorer.pool, "submit", "drawing")
    stages.watch(scorer.pool, "collect", "drawing")
    stages.watch(scorer, "_score", "encoding")
    stages.watch(labeller, "features", "head")
    for name in ("fit", "predict", "add"):
        stages.watch(labeller.head, name, "head")
    for name in ("save", "log"):
        stages.watch(session, name, "saving")


class Quiet:
    """A run that nobody interrupts."""

    requested = False


def measure(steps: int, watcher: Callable[[Stages, Any, Any], None] = watch) -> dict[str, Any]:
    from dataclasses import replace

    from embodied.cli.train import Train, resolve
    from embodied.cli.world import make_scorer, make_world, preset_of
    from embodied.policies.online.train import Session, World
    from embodied.runs.folder import RunFolder
    from embodied.runs.progress import Progress

    settings = resolve(Train(env=TASK, total_steps=steps))
    preset = preset_of(settings)
    stages = Stages()
    with ExitStack() as stack:
        root = Path(stack.enter_context(TemporaryDirectory()))
        scorer = stack.enter_context(make_scorer(settings, "auto"))
        world: World = make_world(settings)
        world = replace(
            world, measure=lambda qpos, judge=world.measure: stages.run("success", judge, qpos)
        )
        session = Session(
            RunFolder.create(root / "run", settings),
            world,
            scorer,
            preset,
            0,
            "cpu",
            Progress(steps, quiet=True),
            Quiet(),  # pyright: ignore[reportArgumentType]
        )
        watcher(stages, session, scorer)
        began = time.perf_counter()
        stages.begin()
        stages.run("other", session.learn)
        seconds = time.perf_counter() - began
        done = session.learner.num_timesteps
        calls, audit = session.labeller.vlm_calls, session.labeller.audit.correlation
    total = sum(stages.wall.values())
    return {
        "task": TASK,
        "preset": settings["preset"],
        "steps": done,
        "seconds": round(seconds, 2),
        "load_average": round(os.getloadavg()[0], 1),
        "steps_per_second": round(done / seconds, 1),
        "vlm_calls": calls,
        "audit_correlation": round(audit, 3),
        "stages": {
            name: {
                "wall_s": round(stages.wall[name], 3),
                "cpu_s": round(stages.cpu[name], 3),
                "share": round(stages.wall[name] / total, 4),
            }
            for name in sorted(stages.wall, key=stages.wall.__getitem__, reverse=True)
        },
    }


def show(result: dict[str, Any], console: Console) -> None:
    table = Table(title=f"{result['steps_per_second']:,.0f} steps/s on {result['task']}")
    for column in ("stage", "wall s", "CPU s", "share"):
        table.add_column(column, justify="left" if column == "stage" else "right")
    for name, row in result["stages"].items():
        table.add_row(name, f"{row['wall_s']:.2f}", f"{row['cpu_s']:.2f}", f"{row['share']:.1%}")
    console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description="The time budget of training.")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--json", action="store_true", help="print the result as the last line")
    args = parser.parse_args()
    console = Console(file=sys.stderr if args.json else sys.stdout)
    result = measure(args.steps)
    show(result, console)
    path = write_result("training-budget", result)
    console.print(f"written to {path}")
    if args.json:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
