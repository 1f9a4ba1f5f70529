"""Classic control from text alone, timed: train each task, then evaluate.

    python -m benchmarks.classic [--tasks cartpole mountain-car] [--seeds 0 1 2] [--episodes 50]

Target: training in at most 2 minutes on 2 cores, the goal held for at least half of the steps.
"""

import argparse
import json
import resource
import statistics
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.machine import write_result
from embodied.cli import eval as evaluation
from embodied.cli import train as training

TASKS = ("cartpole", "cartpole-discrete", "mountain-car", "mountain-car-plain")


def measure(task: str, seed: int, episodes: int, folder: Path) -> dict[str, Any]:
    run = folder / f"{task}-{seed}"
    before = _cpu_seconds()
    trained = training.run(training.Train(task, seed=seed, output_dir=str(run), json=True))
    trained["cpu_seconds"] = round(_cpu_seconds() - before, 1)
    judged = evaluation.run(evaluation.Eval(str(run), episodes=episodes, video=False, json=True))
    trained.pop("run")
    return {"task": task, "seed": seed, "train": trained, "eval": judged}


def summarise(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Success over the seeds, minutes by the clock, and calls of the VLM, for each task."""
    summary = {}
    for task in dict.fromkeys(row["task"] for row in rows):
        own = [row for row in rows if row["task"] == task]
        summary[task] = {
            "seeds": len(own),
            "success": [row["eval"]["success"] for row in own],
            "success_ci": [row["eval"]["success_ci"] for row in own],
            "minutes_mean": statistics.mean(row["train"]["seconds"] / 60 for row in own),
            "vlm_calls": max(row["train"]["vlm_calls"] for row in own),
        }
    return summary


def _cpu_seconds() -> float:
    """CPU time of this process and of the renderers that have ended: a busy machine does not
    stretch it as it does the clock."""
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", nargs="+", default=TASKS, choices=TASKS)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--episodes", type=int, default=50)
    arguments = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for seed in arguments.seeds:
            for task in arguments.tasks:
                rows.append(measure(task, seed, arguments.episodes, Path(folder)))
                print(json.dumps(rows[-1]), flush=True)
                summary = summarise(rows)  # written each time: a run of many ends when it must
                write_result("classic", {"summary": summary, "runs": rows})
    print(json.dumps(summarise(rows)))


if __name__ == "__main__":
    main()
