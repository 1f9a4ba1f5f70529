"""How many frames a second get a reward: VLM-RM's way, ours, and each of our stages alone.

    python -m benchmarks.reward_throughput [--repeats 5] [--json]

The same scene, task, encoder and machine for all, nobody learning, random actions. One round runs
all of them; the rounds repeat and medians are reported. Writes
benchmarks/results/reward-throughput.json.

reference    VLM-RM (AlignmentResearch/vlmrm: `contrib/sb3/subproc_vec_env.py`,
             `clip_rewarded_sac.py`): Stable-Baselines3's SubprocVecEnv; after each step every
             process draws 480 x 480 with MuJoCo's default quality (4096-pixel shadow map, 4 samples
             a pixel, 28 slices and 16 stacks) and sends the frame through its pipe; the frames of
             an episode pile up and are resized and encoded at its end. Here with a random policy
             and as many processes as serve it best.
every frame  ours at `--vlm-budget 1.0`: 64 simulations, RenderPool, FrameScorer, Labeller.
distilled    ours at the default preset's budget: the head rewards the other frames.
physics, rendering, encoding
             one stage of ours with the whole machine to itself.
in turn      what the three stages, each with the whole machine, would reach one after another. On a
             machine where they share the same cores no arrangement can do more; with the encoder on
             a GPU ours can.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.machine import write_result

if TYPE_CHECKING:
    from gymnasium.vector import VectorEnv
    from stable_baselines3.common.vec_env import SubprocVecEnv

    from embodied.envs.mujoco.humanoid.env import HumanoidEnv
    from embodied.perception.reward import GoalBaselineReward
    from embodied.perception.scorer import FramePool, FrameScorer
    from embodied.policies.online.train import World
    from embodied.policies.presets import Preset

TASK = "humanoid-kneel"
REFERENCE_SIDE = 480
EPISODE_STEPS = 100
PROCESSES = (2, 4)
DISTILLED_STEPS = 64_000
EVERY_FRAME_STEPS = 3_200
STATES = 2048

TARGETS = {"faster": 15.0, "faster_aim": 30.0, "of_slowest_stage": 0.90}


# The reference's way.


def make_reference_env() -> HumanoidEnv:
    """One process's environment, with the rendering quality that MuJoCo has by default."""
    import mujoco

    from embodied.envs.mujoco.humanoid.env import HumanoidEnv

    env = HumanoidEnv(TASK, "rgb_array", width=REFERENCE_SIDE, height=REFERENCE_SIDE)
    default = mujoco.MjModel.from_xml_string("<mujoco/>").vis.quality
    for name in ("shadowsize", "offsamples", "numslices", "numstacks", "numquads"):
        setattr(env.model.vis.quality, name, getattr(default, name))
    return env


class Reference:
    """VLM-RM's collection of rewards, with a random policy."""

    def __init__(self, processes: int, reward: GoalBaselineReward):
        from stable_baselines3.common.vec_env import SubprocVecEnv

        self.reward = reward
        self.env: SubprocVecEnv = SubprocVecEnv([make_reference_env] * processes)
        self.env.seed(0)
        self.env.reset()
        self.rng = np.random.default_rng(0)
        self.run(1)

    def run(self, steps: int = EPISODE_STEPS) -> int:
        """Frames rewarded in one episode of every process."""
        import torch

        piled: list[np.ndarray] = []
        for _ in range(steps):
            self.env.step(random_actions(self.rng, self.env.num_envs))
            piled.append(np.stack([f for f in self.env.get_images() if f is not None]))
        frames = torch.from_numpy(np.array(piled)).flatten(0, 1)
        return len(self.reward(frames).values)

    def close(self) -> None:
        self.env.close()


def best_reference(reward: GoalBaselineReward) -> tuple[Reference, dict[int, float]]:
    """The number of processes that is fastest in a short trial, and every trial's frames/s."""
    trials: dict[int, float] = {}
    for processes in PROCESSES:
        candidate = Reference(processes, reward)
        trials[processes] = rate(partial(candidate.run, 10))
        candidate.close()
    return Reference(max(trials, key=trials.__getitem__), reward), trials


# Ours.


class Ours:
    """The path of `embodied train`, from actions to rewards, without a learner."""

    def __init__(self, world: World, scorer: FrameScorer, preset: Preset, seed: int):
        from embodied.policies.online.labeller import Labeller

        self.env, self.rollout_steps = world.env, preset.rollout_steps
        _, info = world.env.reset(seed=seed)
        inputs = world.features(info["qpos"]).shape[1]
        self.labeller = Labeller(
            scorer, world.features, inputs, preset.vlm_budget, preset.total_steps, seed
        )
        self.rng = np.random.default_rng(seed)
        self.audits: list[tuple[float, int]] = []

    def run(self, steps: int) -> int:
        """Frames rewarded in whole rollouts of at least `steps` environment steps."""
        done = 0
        while done < steps:
            for _ in range(self.rollout_steps):
                actions = random_actions(self.rng, self.env.num_envs)
                self.labeller.observe(self.env.step(actions)[4]["qpos"])
            done += len(self.labeller.label())
            self.audits.append((self.labeller.audit.correlation, self.labeller.audit.n))
        return done

    def correlation(self) -> float:
        """The head's correlation with the encoder on frames drawn at random before it learned from
        them: mean over the rollouts, weighted by their number of frames."""
        audits = np.array([a for a in self.audits if np.isfinite(a[0]) and a[1]])
        return (
            float(np.average(audits[:, 0], weights=audits[:, 1])) if len(audits) else float("nan")
        )


def physics_alone(env: VectorEnv[Any, Any, Any], steps: int) -> int:
    rng = np.random.default_rng(0)
    for _ in range(steps):
        env.step(random_actions(rng, env.num_envs))
    return steps * env.num_envs


def rendering_alone(pool: FramePool, states: np.ndarray) -> int:
    for start in range(0, len(states), pool.capacity):
        pool.submit(states[start : start + pool.capacity])
        pool.collect()
    return len(states)


def encoding_alone(reward: GoalBaselineReward, frames: np.ndarray, times: int) -> int:
    return sum(len(reward(frames).values) for _ in range(times))


def visited_states(env: VectorEnv[Any, Any, Any], n: int) -> np.ndarray:
    """The states of random play, as they come."""
    rng = np.random.default_rng(0)
    env.reset(seed=0)
    steps = -(-n // env.num_envs)
    qpos = [env.step(random_actions(rng, env.num_envs))[4]["qpos"] for _ in range(steps)]
    return np.concatenate(qpos)[:n]


# Both.


def random_actions(rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.uniform(-1, 1, (n, 17)).astype(np.float32)


def rate(work: Callable[[], int]) -> float:
    """Frames a second of `work`, which returns how many it did."""
    began = time.perf_counter()
    return work() / (time.perf_counter() - began)


def an_encoder(folder: Path) -> tuple[str, str]:
    """`--vlm` for the embedded encoder; for one of its size with random weights, made in `folder`,
    where it has not been trained. And which of the two it is."""
    from embodied.perception.embedded import DEFAULT_FOLDER, save_towers
    from embodied.perception.network import NetworkConfig, TwoTowers

    if (DEFAULT_FOLDER / "model.safetensors").is_file():
        return "embedded", "trained"
    save_towers(folder, TwoTowers(NetworkConfig()), {})
    (folder / "text").symlink_to(DEFAULT_FOLDER / "text")
    return f"embedded:{folder}", "random weights"


def measure(repeats: int, console: Console) -> dict[str, Any]:
    """Everything, `repeats` times in turn."""
    from embodied.cli.train import Train, resolve
    from embodied.cli.world import make_scorer, make_world, preset_of

    with ExitStack() as stack:
        vlm, weights = an_encoder(Path(stack.enter_context(TemporaryDirectory())))
        settings = resolve(Train(env=TASK, vlm=vlm))
        preset = replace(preset_of(settings), total_steps=DISTILLED_STEPS)
        full = replace(preset, vlm_budget=1.0)
        scorer = stack.enter_context(make_scorer(settings, "auto"))
        pool, reward, world = scorer.pool, scorer.reward, make_world(settings)
        assert isinstance(reward, GoalBaselineReward)
        states = visited_states(world.env, STATES)
        pool.submit(states[: pool.capacity])
        frames = pool.collect().copy()
        reference, trials = best_reference(reward)
        stack.callback(reference.close)
        found: list[dict[str, float]] = []
        for number in range(repeats):
            every = Ours(world, scorer, full, seed=number)
            distilled = Ours(world, scorer, preset, seed=number)
            found.append(
                {
                    "reference": rate(reference.run),
                    "distilled": rate(partial(distilled.run, DISTILLED_STEPS)),
                    "physics": rate(partial(physics_alone, world.env, 400)),
                    "encoding": rate(partial(encoding_alone, reward, frames, 4)),
                    "rendering": rate(partial(rendering_alone, pool, states)),
                    "every frame": rate(partial(every.run, EVERY_FRAME_STEPS)),
                    "scored": distilled.labeller.calls / distilled.labeller.seen,
                    "correlation": distilled.correlation(),
                }
            )
            console.print(f"{number + 1}/{repeats}: {say(found[-1])}")
    return summary(found, trials) | {
        "task": TASK,
        "encoder": {"vlm": vlm, "weights": weights, "side": reward.encoder.image_size},
        "simulations": preset.num_envs,
        "render_processes": os.cpu_count(),
    }


def summary(found: list[dict[str, float]], trials: dict[int, float]) -> dict[str, Any]:
    """Medians over the rounds, and the ratios of medians."""
    medians = {name: median(row[name] for row in found) for name in found[0]}
    stages = {name: medians[name] for name in ("physics", "rendering", "encoding")}
    slowest = min(stages, key=stages.__getitem__)
    together = 1 / sum(1 / value for value in stages.values())
    ratios = {
        "every_frame_to_reference": medians["every frame"] / medians["reference"],
        "distilled_to_reference": medians["distilled"] / medians["reference"],
        "every_frame_to_slowest_stage": medians["every frame"] / stages[slowest],
        "every_frame_to_stages_in_turn": medians["every frame"] / together,
    }
    return {
        "unit": "frames with a reward per second, medians",
        "frames_per_second": {k: round(medians[k], 1) for k in found[0] if k not in SHARES},
        "reference_processes": {str(k): round(v, 1) for k, v in trials.items()},
        "distilled": {
            "share_scored_by_encoder": round(medians["scored"], 4),
            "audit_correlation": round(medians["correlation"], 3),
        },
        "slowest_stage": slowest,
        "stages_in_turn": round(together, 1),
        "ratios": {k: round(v, 3) for k, v in ratios.items()},
        "targets": TARGETS,
        "reached": {
            "faster": ratios["every_frame_to_reference"] >= TARGETS["faster"],
            "faster_aim": ratios["every_frame_to_reference"] >= TARGETS["faster_aim"],
            "of_slowest_stage": (
                ratios["every_frame_to_slowest_stage"] >= TARGETS["of_slowest_stage"]
            ),
        },
        "rounds": [{k: round(v, 4) for k, v in row.items()} for row in found],
    }


SHARES = ("scored", "correlation")


def say(row: dict[str, float]) -> str:
    return ", ".join(f"{k} {v:,.2f}" if k in SHARES else f"{k} {v:,.0f}" for k, v in row.items())


def show(result: dict[str, Any], console: Console) -> None:
    rates, ratios = result["frames_per_second"], result["ratios"]
    base = rates["reference"]
    table = Table(title=f"Rewarded frames per second, {result['task']}, medians")
    for column in ("", "frames/s", "× reference"):
        table.add_column(column, justify="left" if not column else "right")
    distilled = result["distilled"]
    names = {
        "reference": "VLM-RM's way, 480 × 480",
        "every frame": "ours, every frame drawn and scored",
        "distilled": (
            f"ours, {distilled['share_scored_by_encoder']:.1%} scored, head for the rest "
            f"(audit r {distilled['audit_correlation']:.2f})"
        ),
        "physics": "  physics alone",
        "rendering": "  rendering alone",
        "encoding": "  encoding alone",
    }
    for key, name in names.items():
        table.add_row(name, f"{rates[key]:,.0f}", f"{rates[key] / base:,.1f}")
    console.print(table)
    slowest = result["slowest_stage"]
    console.print(
        f"every frame: {ratios['every_frame_to_reference']:.1f} × the reference (aim 30), "
        f"{ratios['every_frame_to_slowest_stage']:.0%} of {slowest} alone (aim 90%), "
        f"{ratios['every_frame_to_stages_in_turn']:.0%} of the three stages in turn"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="print one JSON object and no table")
    options = parser.parse_args()
    if sys.platform == "linux":
        os.environ.setdefault("MUJOCO_GL", "egl")
    console = Console(quiet=options.json)
    busy = os.getloadavg()[0]
    result = measure(options.repeats, console) | {"load_before": round(busy, 2)}
    show(result, console)
    path = write_result("reward-throughput", result)
    console.print(f"written to {path}")
    if options.json:
        print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
