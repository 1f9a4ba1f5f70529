"""Success against the share of frames that the VLM scores, everything else alike.

    python -m benchmarks.vlm_budget [--task humanoid-kneel] [--budgets 1 0.1 0.02 0.005] [--seeds 0]

Trains the task with each budget and as many environment steps, and judges 100 episodes as
`benchmarks.tasks` does. Target: with at most 2 % of the calls, success within 5 points of scoring
every frame. Rows already in benchmarks/results/vlm-budget.json are kept, those of other tasks too.
"""

from __future__ import annotations

import argparse
import json
from statistics import mean
from typing import Any

from benchmarks.machine import RESULTS, write_result
from benchmarks.tasks import measure

NAME = "vlm-budget"
SMALL = 0.02
WITHIN = 0.05


def summarise(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """For each task what `compare` says of its rows."""
    tasks = dict.fromkeys(row["task"] for row in rows)
    return {task: compare([row for row in rows if row["task"] == task]) for task in tasks}


def compare(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Mean over the seeds for each budget, and how far the small ones are behind."""
    table = {}
    for budget in sorted({row["budget"] for row in rows}, reverse=True):
        own = [row for row in rows if row["budget"] == budget]
        numbers = {
            key: mean(row[key] for row in own)
            for key in ("success", "held", "minutes", "vlm_calls")
        }
        table[str(budget)] = numbers | {"seeds": len(own)}
    behind = {
        budget: round(table["1.0"]["success"] - numbers["success"], 3)
        for budget, numbers in table.items()
        if "1.0" in table and float(budget) <= SMALL
    }
    best = min(behind.values(), default=None)
    return {
        "table": table,
        "points_behind_every_frame": behind,
        "target": {"budget": SMALL, "within": WITHIN},
        "reached": None if best is None else best <= WITHIN,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--task", default="humanoid-kneel")
    parser.add_argument("--budgets", type=float, nargs="+", default=[0.02, 0.005, 0.1, 1.0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--episodes", type=int, default=100)
    options = parser.parse_args()
    path = RESULTS / f"{NAME}.json"
    rows = json.loads(path.read_text())["runs"] if path.exists() else []
    for seed in options.seeds:
        for budget in options.budgets:
            key = (options.task, budget, seed)
            if any((row["task"], row["budget"], row["seed"]) == key for row in rows):
                continue
            extra = ["--vlm-budget", str(budget)]
            row = measure(options.task, seed, options.episodes, extra)
            rows.append({"budget": budget} | row)
            write_result(NAME, {"tasks": summarise(rows), "runs": rows})
            print(json.dumps(rows[-1]), flush=True)
    print(json.dumps(summarise(rows)))


if __name__ == "__main__":
    main()
