"""Every task from text alone: train with its preset, judge, and put it beside the published number.

    python -m benchmarks.tasks [--tasks humanoid-kneel ...] [--seeds 0 1 2] [--episodes 100]

Each row is one `embodied train --env TASK --seed SEED --json`, followed by 100 fresh episodes; an
episode succeeds if the goal holds in at least half of its steps (VLM-RM's rule; there a person
judged, here the checkers of the tasks do). The last checkpoint is judged; VLM-RM takes the best of
four seeds. Rows already in benchmarks/results/tasks.json are kept: a stopped benchmark goes on.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.machine import RESULTS, write_result

EPISODE_SEED = 1000
TARGET = 0.8

# Rocamonde et al. 2023, table 1: success in percent with CLIP ViT-bigG/14 and 10 M frames.
PUBLISHED = {
    "humanoid-kneel": 100,
    "humanoid-lotus": 100,
    "humanoid-stand": 100,
    "humanoid-arms-raised": 100,
    "humanoid-splits": 100,
    "humanoid-hands-on-hips": 64,
    "humanoid-one-leg": 0,
    "humanoid-arms-crossed": 0,
}


CLASSIC = ("cartpole", "cartpole-discrete", "mountain-car", "mountain-car-plain")


def measure(
    task: str, seed: int, episodes: int, extra: list[str], keep: str | None = None
) -> dict[str, Any]:
    """Train one run in a process of its own, as a user would, and judge its last checkpoint.

    keep: folder that the run stays in, as TASK-SEED.
    """
    before = cpu_seconds()
    with tempfile.TemporaryDirectory() as temporary:
        folder = f"{keep or temporary}/{task}-{seed}"
        options = ["--env", task, "--seed", str(seed), *extra]
        command = [sys.executable, "-m", "embodied", "train", *options, "--json"]
        command += ["--output-dir", folder]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        spent = cpu_seconds() - before
        trained = json.loads(done.stdout.splitlines()[-1])
        held = judge(Path(folder), episodes)
    return {
        "task": task,
        "seed": seed,
        "command": " ".join(["embodied train", *options]),
        "success": float((held >= 0.5).mean()),
        "episodes": episodes,
        "held": float(held.mean()),
        "minutes": round(trained["seconds"] / 60, 2),
        "cpu_minutes": round(spent / 60, 2),
        "steps": trained["steps"],
        "vlm_calls": trained["vlm_calls"],
        "reward_first": trained["reward_first"],
        "reward_last": trained["reward_last"],
    }


def cpu_seconds() -> float:
    """CPU time of the processes that have ended, renderers among them: other work on the machine
    does not stretch it as it does the clock."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def judge(folder: Path, episodes: int) -> Any:
    """Share of each episode's steps in which the goal held, [episodes]."""
    from embodied.cli.eval import load_policy
    from embodied.cli.world import make_measured_env
    from embodied.policies.online.evaluate import play
    from embodied.runs.folder import RunFolder

    run = RunFolder.open(folder)
    env = make_measured_env(run.config, episodes)
    return play(load_policy(run, run.config), env, EPISODE_SEED).held()


def summarise(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """One entry a task: success over its seeds with the interval of all its episodes together."""
    from embodied.runs.statistics import wilson_interval

    table = {}
    for task in dict.fromkeys(row["task"] for row in rows):
        own = [row for row in rows if row["task"] == task]
        episodes = sum(row["episodes"] for row in own)
        successes = sum(round(row["success"] * row["episodes"]) for row in own)
        table[task] = {
            "success": round(successes / episodes, 3),
            "success_ci": [round(x, 3) for x in wilson_interval(successes, episodes)],
            "worst_seed": min(row["success"] for row in own),
            "seeds": len(own),
            "minutes": round(mean(row["minutes"] for row in own), 1),
            "vlm_calls": round(mean(row["vlm_calls"] for row in own)),
            "published": PUBLISHED.get(task),
        }
    return table


def markdown(table: dict[str, Any]) -> str:
    """The table as docs/vlm-rewards.md has it."""
    lines = ["| task | success | interval | worst seed | seeds | minutes | VLM calls | VLM-RM |"]
    lines.append("|---|---|---|---|---|---|---|---|")
    for task, row in table.items():
        low, high = row["success_ci"]
        published = "-" if row["published"] is None else f"{row['published']} %"
        cells = (f"{row['success']:.0%}", f"{low:.0%} to {high:.0%}", f"{row['worst_seed']:.0%}")
        cells += (row["seeds"], row["minutes"], f"{row['vlm_calls']:,}", published)
        lines.append(f"| `{task}` | " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--tasks", nargs="+", default=[*PUBLISHED, *CLASSIC])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--episodes", type=int, default=100)
    parser.add_argument("--name", default="tasks", help="name of the result file")
    parser.add_argument("--keep", help="folder that the runs stay in")
    parser.add_argument("extra", nargs="*", help="after --: more flags for `embodied train`")
    options = parser.parse_args()
    path = RESULTS / f"{options.name}.json"
    rows = json.loads(path.read_text())["runs"] if path.exists() else []
    for seed in options.seeds:
        for task in options.tasks:
            if any(row["task"] == task and row["seed"] == seed for row in rows):
                continue
            rows.append(measure(task, seed, options.episodes, options.extra, options.keep))
            table = summarise(rows)
            reached = sum(entry["success"] >= TARGET for entry in table.values())
            result = {"reached_80_percent": reached, "table": table, "runs": rows}
            write_result(options.name, result)
            print(json.dumps(rows[-1]), flush=True)
    print(markdown(summarise(rows)))


if __name__ == "__main__":
    main()
