"""Environment steps a second with learning on: ours against stock Stable-Baselines3.

    python -m benchmarks.learner_speed [--rounds 3] [--rollouts 4] [--vector '8 processes'] [--json]

The humanoid with a dense reward of the state (how near the torso is to kneeling height), no
pictures. PPO with the preset `fast`, SAC with the preset `sac`. All have the same networks,
observations, learning rates, batch sizes, and the same number of updates for each environment step;
only the number of simulations differs, since that is what each is best at.

ours     `embodied train`'s loop: a Session with the preset's simulations in one `mujoco.Batch`,
         rewards through the Labeller.
stock    `stable_baselines3.PPO` and `SAC` on SubprocVecEnv with 2, 4 or 8 processes or on
         DummyVecEnv with 8 simulations, with one torch thread or (for the fastest of those) all:
         whichever is fastest in a trial runs in the rounds.

The rounds alternate; medians and ratios are reported. Beside the clock's rates stand steps per CPU
second of all processes, which another load on the machine disturbs less. Writes
benchmarks/results/learner-speed.json.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.machine import write_result
from embodied.envs.mujoco.humanoid.env import HumanoidEnv

if TYPE_CHECKING:
    from stable_baselines3.common.base_class import BaseAlgorithm

    from embodied.policies.presets import Preset

TASK = "humanoid-kneel"
HEIGHT = 0.75
"""Torso height in m that the reward asks for."""
ALGORITHMS = {"ppo": "fast", "sac": "sac"}
VECTORS = {"2 processes": 2, "4 processes": 4, "8 processes": 8, "8 in one process": 8}
TARGET = 3.0


def height_reward(qpos: np.ndarray) -> np.ndarray:
    """States [n, 24] -> [n]."""
    return -np.abs(qpos[:, 2] - HEIGHT).astype(np.float32)


class StateScorer:
    """A reward of states in the place of a VLM."""

    views = 1

    def __init__(self) -> None:
        self._scores: list[np.ndarray] = []

    def submit(self, qpos: np.ndarray) -> None:
        self._scores.append(height_reward(qpos))

    def drain(self) -> list[np.ndarray]:
        scores, self._scores = self._scores, []
        return scores


class RewardedHumanoid(HumanoidEnv):
    """One humanoid with the reward of its own state."""

    def step(self, action: np.ndarray) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        observation, _, terminated, truncated, info = super().step(action)
        reward = float(height_reward(self.data.qpos[None])[0])
        return observation, reward, terminated, truncated, info


class Quiet:
    """A run that nobody interrupts."""

    requested = False


def preset_of(algo: str) -> Preset:
    from embodied.registry import PRESETS

    preset = PRESETS.load(ALGORITHMS[algo])
    rollout = preset.num_envs * preset.rollout_steps
    return replace(preset, vlm_budget=1.0, learning_starts=rollout - 1)


class Meter:
    """The clock and the CPU time of this process and its environments' from now on."""

    def __init__(self, children: list[int]) -> None:
        self.children = children
        self._began = self._now()

    def rates(self, steps: int) -> Rates:
        wall, cpu = (b - a for a, b in zip(self._began, self._now(), strict=True))
        return Rates(steps / wall, steps / cpu)

    def _now(self) -> tuple[float, float]:
        ticks = 0
        for child in self.children:  # fields 14 and 15 of proc(5): user and system ticks
            fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return time.perf_counter(), time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


class Rates(NamedTuple):
    """Environment steps per second and per CPU second."""

    wall: float
    cpu: float


def ours(algo: str, rollouts: int) -> Rates:
    """A fresh run of so many rollouts."""
    from embodied.cli.world import make_world
    from embodied.policies.online.train import Session
    from embodied.runs.folder import RunFolder
    from embodied.runs.progress import Progress

    preset = preset_of(algo)
    steps = rollouts * preset.num_envs * preset.rollout_steps
    preset = replace(preset, total_steps=steps)
    with TemporaryDirectory() as folder:
        session = Session(
            RunFolder.create(Path(folder) / "run", {}),
            make_world({"env": TASK, "preset": {"num_envs": preset.num_envs}}),
            StateScorer(),
            preset,
            0,
            "cpu",
            Progress(steps, quiet=True),
            Quiet(),  # pyright: ignore[reportArgumentType]
        )
        meter = Meter([])
        session.learn()
        return meter.rates(steps)


def stock_learner(algo: str, vector: str) -> BaseAlgorithm:
    """Stock Stable-Baselines3 with the preset's hyper-parameters."""
    from stable_baselines3 import PPO, SAC
    from stable_baselines3.common.logger import Logger
    from stable_baselines3.common.vec_env import DummyVecEnv, SubprocVecEnv
    from torch import nn

    from embodied.policies.online.normaliser import Normaliser

    preset, count = preset_of(algo), VECTORS[vector]
    makers = [partial(RewardedHumanoid, TASK)] * count
    env = DummyVecEnv(makers) if "one" in vector else SubprocVecEnv(makers)  # pyright: ignore
    steps = preset.num_envs * preset.rollout_steps // count
    policy: dict[str, Any] = {
        "net_arch": list(preset.hidden),
        "activation_fn": nn.Tanh if algo == "ppo" else nn.ReLU,
        "features_extractor_class": Normaliser,
    }
    shared: dict[str, Any] = {
        "learning_rate": preset.learning_rate,
        "batch_size": preset.batch_size,
        "gamma": preset.gamma,
        "seed": 0,
        "device": "cpu",
    }
    if algo == "ppo":
        learner: BaseAlgorithm = PPO(
            "MlpPolicy",
            env,
            n_steps=steps,
            n_epochs=preset.epochs,
            gae_lambda=preset.gae_lambda,
            clip_range=preset.clip_range,
            policy_kwargs=policy | {"log_std_init": preset.log_std},
            **shared,
        )
    else:
        learner = SAC(
            "MlpPolicy",
            env,
            buffer_size=preset.buffer_size,
            learning_starts=preset.learning_starts,
            tau=preset.tau,
            train_freq=(steps, "step"),  # pyright: ignore[reportArgumentType]
            gradient_steps=preset.gradient_steps,
            policy_kwargs=policy,
            **shared,
        )
    learner.set_logger(Logger(None, []))
    return learner


def stock(algo: str, vector: str, threads: int, rollouts: int) -> Rates:
    """A fresh learner over so many rollouts of the preset's size."""
    import torch

    learner, preset = stock_learner(algo, vector), preset_of(algo)
    steps = rollouts * preset.num_envs * preset.rollout_steps
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    assert learner.env is not None
    try:
        meter = Meter([p.pid for p in getattr(learner.env, "processes", ())])
        learner.learn(steps)
        return meter.rates(steps)
    finally:
        torch.set_num_threads(before)
        learner.env.close()


def compare(
    algo: str, rounds: int, rollouts: int, vectors: list[str], console: Console
) -> dict[str, Any]:
    """Trials of stock's settings, then rounds of its best and ours in turn."""
    import torch

    trials: dict[tuple[str, int], Rates] = {}

    def try_out(vector: str, threads: int) -> None:
        rates = trials[vector, threads] = stock(algo, vector, threads, 1)
        console.print(f"{algo}: {vector}, {threads} threads: {say(rates)}")

    for vector in vectors:
        try_out(vector, 1)
    fastest = max(trials, key=lambda key: trials[key].wall)[0]
    if torch.get_num_threads() > 1:
        try_out(fastest, torch.get_num_threads())
    best = max(trials, key=lambda key: trials[key].wall)
    found: list[tuple[Rates, Rates]] = []
    for _ in range(rounds):
        found.append((ours(algo, rollouts), stock(algo, *best, rollouts)))
        console.print(f"{algo}: ours {say(found[-1][0])}; stock {say(found[-1][1])}")
    ratio = median(mine.wall / theirs.wall for mine, theirs in found)
    return {
        "preset": ALGORITHMS[algo],
        "ours": round(median(mine.wall for mine, _ in found), 1),
        "stock": round(median(theirs.wall for _, theirs in found), 1),
        "stock_setting": {"vector": best[0], "torch_threads": best[1]},
        "ratio": round(ratio, 2),
        "ratio_per_cpu_second": round(median(m.cpu / t.cpu for m, t in found), 2),
        "target": TARGET,
        "reached": ratio >= TARGET,
        "stock_trials": {f"{v}, {t} threads": rounded(r) for (v, t), r in trials.items()},
        "rounds": [{"ours": rounded(m), "stock": rounded(t)} for m, t in found],
    }


def rounded(rates: Rates) -> dict[str, float]:
    return {"per_second": round(rates.wall, 1), "per_cpu_second": round(rates.cpu, 1)}


def say(rates: Rates) -> str:
    return f"{rates.wall:,.0f} steps/s ({rates.cpu:,.0f} per CPU second)"


def show(result: dict[str, Any], console: Console) -> None:
    table = Table(title="Environment steps per second with learning on, medians")
    for column in ("", "ours", "stock SB3", "ratio", "per CPU second", "stock's best setting"):
        table.add_column(column, justify="left" if not column else "right")
    for algo in ALGORITHMS:
        row = result[algo]
        best = f"{row['stock_setting']['vector']}, {row['stock_setting']['torch_threads']} threads"
        table.add_row(
            algo,
            f"{row['ours']:,.0f}",
            f"{row['stock']:,.0f}",
            f"{row['ratio']:.1f}",
            f"{row['ratio_per_cpu_second']:.1f}",
            best,
        )
    console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description="Ours against stock Stable-Baselines3.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rollouts", type=int, default=4, help="rollouts in a round")
    parser.add_argument(
        "--vector", action="append", choices=VECTORS, help="a setting of stock's; else it tries all"
    )
    parser.add_argument("--json", action="store_true", help="print the result as the last line")
    args = parser.parse_args()
    console = Console(file=sys.stderr if args.json else sys.stdout)
    load = load_average()
    result: dict[str, Any] = {"task": TASK, "unit": "environment steps per second"}
    vectors = args.vector or list(VECTORS)
    result |= {
        algo: compare(algo, args.rounds, args.rollouts, vectors, console) for algo in ALGORITHMS
    }
    result["load_average"] = {"before": load, "after": load_average()}
    show(result, console)
    console.print(f"written to {write_result('learner-speed', result)}")
    if args.json:
        print(json.dumps(result))


def load_average() -> float:
    """Of the last minute: how much else the machine was doing."""
    return round(os.getloadavg()[0], 1)


if __name__ == "__main__":
    main()
