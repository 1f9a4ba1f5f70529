"""Time until 80 % of the episodes succeed on humanoid-kneel: ours and the reference's pipeline.

    python -m benchmarks.time_to_kneel [--seeds 0 1 2] [--reference-steps 150000]

ours        `embodied train --env humanoid-kneel`, stopped every 20 rollouts to judge 64 fresh
            episodes with the deterministic policy. The judging is left out of the time.
reference   VLM-RM's learner and its numbers (`--preset vlm-rm`: SAC, every frame scored), with our
            encoder. It is run on our fast pipeline, which gives the same rewards, and judged
            likewise; its time is the steps it needs over the frames that the reference's own
            pipeline (480 x 480, default quality, subprocesses, pipes) rewards in a second, as
            measured here in the same call by `benchmarks.reward_throughput`. Its learner is counted
            as free. Where it has not got there in --reference-steps, the time is a lower bound.

Target: at least 20 times faster.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.machine import write_result
from embodied.cli.train import Train, resolve
from embodied.cli.world import make_measured_env, make_scorer, make_world, preset_of
from embodied.perception.reward import GoalBaselineReward
from embodied.policies.online.evaluate import play
from embodied.policies.online.train import Session
from embodied.runs.folder import RunFolder
from embodied.runs.interrupt import GracefulInterrupt
from embodied.runs.progress import Progress

TASK = "humanoid-kneel"
ENOUGH = 0.8
EPISODES = 64
EVERY = 20


class Watched(Session):
    """A session that is judged now and then, and ends when enough episodes succeed."""

    judged: list[dict[str, float]]
    spent = 0.0

    def log(self, step: int, values: dict[str, float], timing: dict[str, float]) -> None:
        super().log(step, values, timing)
        if self.tally.rollouts % EVERY:
            return
        began = time.monotonic()
        env = make_measured_env(self.run.config, EPISODES)
        success = play(self.learner.policy, env, seed=4321).succeeded().mean()
        env.close()
        seconds = self.tally.seconds - self.spent
        self.judged.append({"step": step, "seconds": round(seconds, 1), "success": float(success)})
        self.spent += time.monotonic() - began

    def stop(self) -> bool:
        return bool(self.judged) and self.judged[-1]["success"] >= ENOUGH


def watch(flags: Train, folder: Path) -> list[dict[str, float]]:
    """Train until enough episodes succeed or the steps run out: what was judged on the way."""
    settings = resolve(flags)
    preset = preset_of(settings)
    run = RunFolder.create(folder, settings)
    progress = Progress(preset.total_steps, title=f"{preset.algo} {flags.seed}")
    with make_scorer(settings, "cpu") as scorer, GracefulInterrupt() as interrupt, progress:
        session = Watched(
            run, make_world(settings), scorer, preset, flags.seed, "cpu", progress, interrupt, 1e9
        )
        session.judged = []
        session.learn()
        session.env.close()
    return session.judged


def reference_rate() -> tuple[float, dict[int, float]]:
    """Frames a second that the reference's way rewards, with its best number of processes."""
    from benchmarks.reward_throughput import best_reference, rate
    from embodied.cli.world import load_reward

    reward = load_reward(resolve(Train(env=TASK)), "cpu")
    assert isinstance(reward, GoalBaselineReward)
    reference, trials = best_reference(reward)
    found = median(rate(partial(reference.run, 25)) for _ in range(3))
    reference.close()
    return found, trials


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--reference-steps", type=int, default=150_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rate, trials = reference_rate()
        ours = {
            seed: watch(Train(env=TASK, seed=seed), Path(folder) / f"ours-{seed}")
            for seed in options.seeds
        }
        flags = Train(
            env=TASK, preset="vlm-rm", total_steps=options.reference_steps, seed=options.seeds[0]
        )
        theirs = watch(flags, Path(folder) / "reference")
    result: dict[str, Any] = {"reference_frames_per_second": round(rate, 1), "trials": trials}
    reached = theirs[-1]["success"] >= ENOUGH
    result["reference"] = {
        "steps": theirs[-1]["step"],
        "reached": reached,
        "hours": round(theirs[-1]["step"] / rate / 3600, 2),
        "is": "measured steps over measured rate" if reached else "a lower bound",
        "judged": theirs,
    }
    done = {seed: judged for seed, judged in ours.items() if judged[-1]["success"] >= ENOUGH}
    result["ours"] = {
        "reached": f"{len(done)} of {len(ours)} seeds",
        "minutes": {seed: round(judged[-1]["seconds"] / 60, 2) for seed, judged in done.items()},
        "judged": ours,
    }
    if done:
        seconds = median(judged[-1]["seconds"] for judged in done.values())
        result["times_faster"] = round(theirs[-1]["step"] / rate / seconds, 1)
        result["at_least"] = not reached
    result["target"] = 20
    write_result("time-to-kneel", result)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
