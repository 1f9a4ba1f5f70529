"""PDDL that others wrote, through our layer and through bare Fast Downward, side by side.

    python -m benchmarks.foreign_pddl [--timeout 60] [--minutes 600]

The problems are those of VirtualHome and BEHAVIOR in the wheel `eai-eval` 1.0.5 (MIT), which is
installed without its dependencies into an environment of its own, in a temporary folder. They come
in a shuffled order, so that a run that `--minutes` cuts short is a fair sample. Both sides run the
same driver with the same search (`lama-first`) and time-out; which goes first alternates. Ours
reads the text, runs the engine and validates the plan, in a planner process that is already up.

Writes benchmarks/results/foreign-pddl.json, again after every 20 problems. `overhead` is what ours
takes more than the bare driver on the same problem, in wall time and in CPU time; where other work
has the processors, only the latter says something. `within` counts the problems with an overhead of
at most 10 % or 0.2 s.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from importlib.resources import as_file, files
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.machine import write_result
from embodied.errors import EmbodiedError
from embodied.planners.logic import conjuncts
from embodied.planners.pddl import read
from embodied.planners.solve import Planner

WHEEL = "eai-eval==1.0.5"
SEARCH = ("--alias", "lama-first")  # what unified-planning's engine `fast-downward` runs
SETS = ("virtualhome", "behavior")
SHARE, SECONDS = 0.10, 0.2

Row = dict[str, Any]


def install(folder: Path) -> Path:
    """Install the wheel; returns its folder of resources."""
    venv.create(folder, with_pip=True)
    pip = [folder / "bin" / "python", "-m", "pip", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", WHEEL], check=True)
    return next(folder.glob("lib/*/site-packages/virtualhome_eval/resources"))


def problems(resources: Path) -> Iterator[tuple[str, Path, Path]]:
    """Set, domain file and problem file of each problem."""
    for name in SETS:
        folder = resources / name
        for problem in sorted(folder.joinpath("problem_pddl").rglob("*.pddl")):
            yield name, folder / f"{name}.pddl", problem


def ours(planner: Planner, domain: Path, problem: Path, timeout: float) -> Row:
    """Text to validated plan."""
    started, own = time.monotonic(), time.process_time()
    try:
        task = read(domain.read_text(), problem.read_text())
        plan = planner.solve(task, timeout)
    except EmbodiedError as error:
        return {"solved": False, "seconds": time.monotonic() - started, "reason": str(error)}
    return {
        "solved": plan.solved and plan.validated,
        "seconds": time.monotonic() - started,
        "cpu": time.process_time() - own + plan.cpu_seconds,
        "empty_goal": not conjuncts(task.goal),
        "holds": plan.solved and not plan.actions,
        "repairs": len(task.repairs),
        "reason": "" if plan.solved else f"{plan.status}: {plan.reason}",
    }


def bare(domain: Path, problem: Path, timeout: float) -> Row:
    """The driver in up-fast-downward's wheel."""
    driver = files("up_fast_downward").joinpath("downward/fast-downward.py")
    with as_file(driver) as script, TemporaryDirectory() as folder:
        command = [sys.executable, script, "--plan-file", "plan", *SEARCH, domain, problem]
        started, spent = time.monotonic(), sum(os.times()[2:4])
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            said = process.communicate(timeout=timeout)[0]
        except subprocess.TimeoutExpired:
            process.terminate()  # the driver passes it on
            process.communicate()
            return {"solved": False, "seconds": timeout, "reason": "timeout"}
        seconds, cpu = time.monotonic() - started, sum(os.times()[2:4]) - spent
        solved = process.returncode == 0 and Path(folder, "plan").exists()
    lines = [line for line in said.splitlines() if line.strip()]
    reason = "" if solved else f"exit code {process.returncode}: {' / '.join(lines[-4:])}"
    return {"solved": solved, "seconds": seconds, "cpu": cpu, "reason": reason}


def summary(rows: list[Row]) -> Row:
    """Counts, and overheads over the problems that both sides solved with an engine."""
    full = [row for row in rows if not row["ours"].get("empty_goal")]
    timed = [r for r in full if r["ours"]["solved"] and r["bare"]["solved"]]
    timed = [r for r in timed if not r["ours"]["holds"]]
    return {
        "problems": len(rows),
        "with_a_goal": len(full),
        "solved_ours": sum(row["ours"]["solved"] for row in full),
        "solved_bare": sum(row["bare"]["solved"] for row in full),
        "goal_holds_at_first": sum(bool(row["ours"].get("holds")) for row in full),
        "mended": sum(bool(row["ours"].get("repairs")) for row in rows),
        "compared": len(timed),
        "wall": _overhead(timed, "seconds"),
        "cpu": _overhead(timed, "cpu"),
    }


def _overhead(rows: list[Row], unit: str) -> Row | None:
    if not rows:
        return None
    pairs = [(row["ours"][unit], row["bare"][unit]) for row in rows]
    return {
        "median_ours": median(ours for ours, _ in pairs),
        "median_bare": median(bare for _, bare in pairs),
        "median_overhead": median(ours - bare for ours, bare in pairs),
        "median_ratio": median(ours / bare for ours, bare in pairs),
        "within": sum(ours - bare <= max(SECONDS, SHARE * bare) for ours, bare in pairs),
    }


def write(rows: list[Row], timeout: float, available: int) -> Path:
    """Write the results so far."""
    failures = [
        {"problem": row["problem"], "ours": row["ours"]["reason"], "bare": row["bare"]["reason"]}
        for row in rows
        if not (row["ours"]["solved"] and row["bare"]["solved"])
    ]
    payload = {
        "command": "python -m benchmarks.foreign_pddl",
        "timeout": timeout,
        "problems_run": len(rows),
        "problems_there": available,
        "sets": {name: summary([row for row in rows if row["set"] == name]) for name in SETS},
        "failures": failures,
    }
    return write_result("foreign-pddl", payload)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--timeout", type=float, default=60.0)
    parser.add_argument("--minutes", type=float, default=600.0)
    arguments = parser.parse_args()
    if find_spec("up_fast_downward") is None:
        raise SystemExit("install the extra 'planning' first")
    rows: list[Row] = []
    with TemporaryDirectory() as folder, Planner() as planner:
        found = list(problems(install(Path(folder))))
        random.Random(0).shuffle(found)
        ours(planner, *found[0][1:], arguments.timeout)  # starts the process
        deadline = time.monotonic() + 60 * arguments.minutes
        for i, (kind, domain, problem) in enumerate(found):
            if time.monotonic() > deadline:
                break
            row: Row = {"set": kind, "problem": f"{problem.parent.name}/{problem.name}"}
            for side in ("ours", "bare") if i % 2 else ("bare", "ours"):
                if side == "ours":
                    row[side] = ours(planner, domain, problem, arguments.timeout)
                else:
                    row[side] = bare(domain, problem, arguments.timeout)
            rows.append(row)
            if not (row["ours"]["solved"] and row["bare"]["solved"]):
                print(row["problem"], row["ours"]["reason"], "|", row["bare"]["reason"], flush=True)
            if len(rows) % 20 == 0:
                print(len(rows), write(rows, arguments.timeout, len(found)), flush=True)
        print(write(rows, arguments.timeout, len(found)))


if __name__ == "__main__":
    main()
