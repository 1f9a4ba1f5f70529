"""PDDL that others wrote, through our layer and through bare Fast Downward, side by side.

    python -m benchmarks.foreign_pddl [--timeout 60] [--every 1]

The problems are those of VirtualHome and BEHAVIOR in the wheel `eai-eval` 1.0.5 (MIT), which is
installed without its dependencies into an environment of its own, in a temporary folder. Both sides
run the same driver with the same search (`lama-first`) and time-out; which goes first alternates.
Ours reads the text, runs the engine and validates the plan, in a planner process that is already
up. Writes benchmarks/results/foreign-pddl.json.

`overhead` is the wall time of ours less that of the bare driver, for each problem; `layer_seconds`
is the part of ours that is not the engine's own. `within` counts the problems with an overhead of
at most 10 % or 0.2 s.
"""

from __future__ import annotations

import argparse
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
    for name in ("virtualhome", "behavior"):
        folder = resources / name
        for problem in sorted(folder.joinpath("problem_pddl").rglob("*.pddl")):
            yield name, folder / f"{name}.pddl", problem


def ours(planner: Planner, domain: Path, problem: Path, timeout: float) -> Row:
    """Text to validated plan."""
    started = time.monotonic()
    try:
        task = read(domain.read_text(), problem.read_text())
        plan = planner.solve(task, timeout)
    except EmbodiedError as error:
        return {"solved": False, "seconds": time.monotonic() - started, "reason": str(error)}
    return {
        "solved": plan.solved and plan.validated,
        "seconds": time.monotonic() - started,
        "engine_seconds": plan.engine_seconds,
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
        started = time.monotonic()
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
        seconds = time.monotonic() - started
        solved = process.returncode == 0 and Path(folder, "plan").exists()
    lines = [line for line in said.splitlines() if line.strip()]
    reason = "" if solved else f"exit code {process.returncode}: {' / '.join(lines[-4:])}"
    return {"solved": solved, "seconds": seconds, "reason": reason}


def summary(rows: list[Row]) -> Row:
    """Counts and medians over both sides."""
    full = [row for row in rows if not row["ours"].get("empty_goal")]
    timed = [r for r in full if r["ours"]["solved"] and r["bare"]["solved"]]
    timed = [r for r in timed if not r["ours"]["holds"]]  # those run no engine
    gaps = [r["ours"]["seconds"] - r["bare"]["seconds"] for r in timed]
    within = [
        gap <= max(SECONDS, SHARE * row["bare"]["seconds"])
        for gap, row in zip(gaps, timed, strict=True)
    ]
    return {
        "problems": len(rows),
        "with_a_goal": len(full),
        "solved_ours": sum(row["ours"]["solved"] for row in full),
        "solved_bare": sum(row["bare"]["solved"] for row in full),
        "empty_goal_solved_ours": sum(r["ours"]["solved"] for r in rows)
        - sum(r["ours"]["solved"] for r in full),
        "goal_holds_at_first": sum(bool(row["ours"].get("holds")) for row in full),
        "timed": len(timed),
        "median_seconds_ours": median(r["ours"]["seconds"] for r in timed),
        "median_seconds_bare": median(r["bare"]["seconds"] for r in timed),
        "median_overhead_seconds": median(gaps),
        "median_overhead_share": median(
            gap / row["bare"]["seconds"] for gap, row in zip(gaps, timed, strict=True)
        ),
        "median_layer_seconds": median(
            r["ours"]["seconds"] - r["ours"]["engine_seconds"] for r in timed
        ),
        "within": sum(within),
        "repaired": sum(bool(row["ours"].get("repairs")) for row in rows),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--timeout", type=float, default=60.0)
    parser.add_argument("--every", type=int, default=1, help="take only every n-th problem")
    arguments = parser.parse_args()
    if find_spec("up_fast_downward") is None:
        raise SystemExit("install the extra 'planning' first")
    rows: list[Row] = []
    with TemporaryDirectory() as folder, Planner() as planner:
        found = list(problems(install(Path(folder))))[:: arguments.every]
        ours(planner, *found[0][1:], arguments.timeout)  # starts the process
        for i, (kind, domain, problem) in enumerate(found):
            row: Row = {"set": kind, "problem": f"{problem.parent.name}/{problem.name}"}
            for side in ("ours", "bare") if i % 2 else ("bare", "ours"):
                if side == "ours":
                    row[side] = ours(planner, domain, problem, arguments.timeout)
                else:
                    row[side] = bare(domain, problem, arguments.timeout)
            rows.append(row)
            if not row["ours"]["solved"] or not row["bare"]["solved"]:
                print(row["problem"], row["ours"]["reason"], "|", row["bare"]["reason"], flush=True)
            elif i % 50 == 0:
                print(f"{i}/{len(found)}", flush=True)
    sets = {
        kind: summary([r for r in rows if r["set"] == kind]) for kind in ("virtualhome", "behavior")
    }
    failures = [
        {"problem": r["problem"], "ours": r["ours"]["reason"], "bare": r["bare"]["reason"]}
        for r in rows
        if not (r["ours"]["solved"] and r["bare"]["solved"])
    ]
    command = "python -m benchmarks.foreign_pddl"
    payload = {"command": command, "timeout": arguments.timeout, "every": arguments.every}
    path = write_result("foreign-pddl", payload | {"sets": sets, "failures": failures})
    for kind, numbers in sets.items():
        print(kind, numbers)
    print(path)


if __name__ == "__main__":
    main()
