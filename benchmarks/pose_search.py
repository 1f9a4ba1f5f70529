"""Is it the reward or the policy? A search for the posture that a reward likes best.

    python -m benchmarks.pose_search [--tasks humanoid-kneel ...] [--runs FOLDER ...]

There is no physics in it: the cross-entropy method moves joints and trunk freely (each posture
resting on the floor) towards the highest reward, from several starts. If the best-liked postures
are successes, the reward is right and a policy that fails is at fault; if not, the reward is.
`--runs` adds what trained policies reach under the same reward.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from benchmarks.machine import write_result
from benchmarks.tasks import EPISODE_SEED, PUBLISHED
from embodied.cli.train import Train, resolve
from embodied.cli.world import find_task, make_measured_env, make_scorer
from embodied.envs.mujoco.humanoid.model import joint_limits
from embodied.envs.mujoco.humanoid.poses import POSES, on_floor, pose_qpos
from embodied.perception.scorer import FrameScorer

POPULATION, ELITE, ROUNDS = 256, 24, 25
STARTS = ("standing", "half squat", "kneeling", "sitting, legs forward")


def search(scorer: FrameScorer, start: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The last round's elite: states [ELITE, 24] and rewards [ELITE], best first.

    A posture is three angles of the trunk (rotation vector) and 17 joint angles.
    """
    rng = np.random.default_rng(seed)
    qpos = pose_qpos(POSES[start])
    root = Rotation.from_quat(qpos[3:7], scalar_first=True)
    mean = np.concatenate([root.as_rotvec(), qpos[7:]])
    std = np.concatenate([np.full(3, 0.2), np.full(17, 0.5)])
    low, high = joint_limits()
    states, rewards = np.zeros((0, 24)), np.zeros(0)
    for _ in range(ROUNDS):
        points = mean + std * rng.standard_normal((POPULATION, 20))
        points[:, 3:] = np.clip(points[:, 3:], low, high)
        turned = Rotation.from_rotvec(points[:, :3]).as_quat(scalar_first=True)
        place = np.tile([0.0, 0.0, 1.3], (POPULATION, 1))
        drawn = on_floor(np.concatenate([place, turned, points[:, 3:]], axis=1))
        scorer.submit(drawn)
        found = scorer.drain()[0]
        best = np.argsort(-found)[:ELITE]
        states, rewards = drawn[best], found[best]
        mean = 0.7 * points[best].mean(0) + 0.3 * mean
        std = 0.7 * points[best].std(0) + 0.3 * std
    return states, rewards


def inspect(task_name: str, seed: int) -> dict[str, Any]:
    """What the reward likes best among all postures, and how it likes the true ones."""
    settings = resolve(Train(env=task_name))
    task = find_task(settings)
    motions, _ = task.simulator.vocabulary().motions(task_name)
    with make_scorer(settings, "cpu") as scorer:
        scorer.submit(motions[:, -1])
        true = float(scorer.drain()[0].mean())
        found = [search(scorer, start, seed) for start in STARTS]
    best = max(found, key=lambda pair: pair[1][0])
    return {
        "reward_of_key_poses": round(true, 3),
        "best_reward": round(float(best[1][0]), 3),
        "best_is_success": bool(task.measure(best[0][:1])[0]),
        "elite_success": {
            start: round(float(task.measure(states).mean()), 2)
            for start, (states, _) in zip(STARTS, found, strict=True)
        },
        "elite_reward": {
            start: round(float(rewards.mean()), 3)
            for start, (_, rewards) in zip(STARTS, found, strict=True)
        },
    }


def policy(folder: str) -> dict[str, Any]:
    """What a trained policy reaches in the last fifth of its episodes."""
    from embodied.cli.eval import load_policy
    from embodied.policies.online.evaluate import play
    from embodied.runs.folder import RunFolder

    run = RunFolder.open(folder)
    episodes = play(load_policy(run, run.config), make_measured_env(run.config, 20), EPISODE_SEED)
    late = episodes.qpos[-20:].reshape(-1, episodes.qpos.shape[-1])
    with make_scorer(run.config, "cpu") as scorer:
        scorer.submit(late)
        rewards = scorer.drain()[0]
    return {
        "task": run.config["env"],
        "success": round(float(episodes.succeeded().mean()), 2),
        "late_reward": round(float(rewards.mean()), 3),
        "late_success": round(float(episodes.success[-20:].mean()), 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--tasks", nargs="+", default=list(PUBLISHED))
    parser.add_argument("--runs", nargs="*", default=[])
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    policies = [policy(folder) for folder in options.runs if Path(folder).exists()]
    result = {"tasks": {}, "policies": policies}
    for task in options.tasks:
        result["tasks"][task] = inspect(task, options.seed)
        print(task, json.dumps(result["tasks"][task]), flush=True)
    for row in policies:
        print(json.dumps(row))
    write_result("pose-search", result)


if __name__ == "__main__":
    main()
