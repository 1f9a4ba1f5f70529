"""The main job, timed: train `humanoid-kneel` as `make demo` does, then evaluate.

    python -m benchmarks.kneel [--seeds 0 1 2] [--episodes 20]

Target: training in at most 8 minutes on 2 cores; the kneel held for at least half of the steps in
at least 80 % of the episodes, with a reward from text only.
"""

import argparse
import json
import statistics
import tempfile
from pathlib import Path

from benchmarks.machine import write_result
from embodied.cli import eval as evaluation
from embodied.cli import train as training


def measure(seed: int, episodes: int, folder: Path) -> dict[str, object]:
    run = folder / f"kneel-{seed}"
    trained = training.run(training.Train(seed=seed, output_dir=str(run), json=True))
    judged = evaluation.run(evaluation.Eval(str(run), episodes=episodes, video=False, json=True))
    trained.pop("run")
    return {"seed": seed, "train": trained, "eval": judged}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--episodes", type=int, default=20)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = []
        for seed in arguments.seeds:
            rows.append(measure(seed, arguments.episodes, Path(folder)))
            print(json.dumps(rows[-1]), flush=True)
    successes = [row["eval"]["success"] for row in rows]  # pyright: ignore
    minutes = [row["train"]["seconds"] / 60 for row in rows]  # pyright: ignore
    summary = {
        "success_mean": statistics.mean(successes),
        "success_worst": min(successes),
        "minutes_mean": statistics.mean(minutes),
        "target": {"success": 0.8, "minutes": 8},
    }
    write_result("kneel", {"summary": summary, "runs": rows})
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
