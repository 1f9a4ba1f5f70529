"""Train a policy on rewards from a VLM, into a run folder that a kill cannot spoil."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium.vector import VectorEnv
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.logger import Logger

from embodied.policies.online.callback import RewardCallback, Tally
from embodied.policies.online.labeller import Labeller, Scorer
from embodied.policies.online.learner_state import get_learner_state, set_learner_state
from embodied.policies.online.vec_env import SB3VecEnv
from embodied.policies.presets import Preset
from embodied.registry import ALGORITHMS
from embodied.runs.checkpoint import latest_checkpoint, load_checkpoint, save_checkpoint
from embodied.runs.folder import RunFolder
from embodied.runs.interrupt import GracefulInterrupt
from embodied.runs.metrics import MetricsLog
from embodied.runs.progress import Progress
from embodied.runs.rng import generator_state, rng_state, set_generator_state, set_rng_state

CHECKPOINT_SECONDS = 30.0


@dataclass(frozen=True)
class World:
    """What a run acts in.

    env: vector environment with `get_state`, `set_state` and `info["qpos"]`.
    features: states [n, nq] -> what the reward head sees, [n, D]. measure: states -> success [n].
    """

    env: VectorEnv[np.ndarray, np.ndarray, np.ndarray]
    features: Callable[[np.ndarray], np.ndarray]
    measure: Callable[[np.ndarray], np.ndarray]


class Session:
    """One process's part of a run: the learner, its rewards, and the folder they are saved to."""

    def __init__(
        self,
        run: RunFolder,
        world: World,
        scorer: Scorer,
        preset: Preset,
        seed: int,
        device: str,
        progress: Progress,
        interrupt: GracefulInterrupt,
        checkpoint_seconds: float = CHECKPOINT_SECONDS,
    ):
        self.run, self.world, self.preset = run, world, preset
        self.progress, self.interrupt = progress, interrupt
        self.env = SB3VecEnv(world.env, seed)
        self.learner: BaseAlgorithm = ALGORITHMS.load(preset.algo)(preset, self.env, seed, device)
        self.learner.set_logger(Logger(None, []))
        first = world.env.reset(seed=seed)[1]["qpos"]
        self.labeller = Labeller(
            scorer,
            world.features,
            world.features(first).shape[1],
            preset.vlm_budget,
            preset.total_steps,
            seed,
        )
        self.tally = Tally()
        self._every = checkpoint_seconds
        self._saved_at = time.monotonic()
        self._metrics: MetricsLog | None = None

    def learn(self) -> None:
        """Go on from the newest checkpoint, if there is one, to the preset's last step."""
        step0 = self._restore()
        left = self.preset.total_steps - self.learner.num_timesteps
        if left <= 0:
            return
        callback = RewardCallback(
            self.labeller, self.env, self.world.measure, hooks=self, tally=self.tally
        )
        with MetricsLog(self.run, step0) as self._metrics:
            self.learner.learn(left, callback=callback, reset_num_timesteps=step0 is None)

    # What the callback asks of its surroundings.
    def log(self, step: int, values: dict[str, float], timing: dict[str, float]) -> None:
        assert self._metrics is not None
        self._metrics.log(step, values, timing)
        self.progress.update(
            step,
            reward=values["reward"],
            vlm_calls=int(values["vlm_calls"]),
            head_vs_vlm=values["audit/correlation"],
            success=values["success_steps"],
        )

    def due(self) -> bool:
        return self.tally.rollouts > 0 and time.monotonic() - self._saved_at >= self._every

    def stop(self) -> bool:
        return self.interrupt.requested

    def save(self) -> None:
        learner = self.learner
        policy = {k: v.cpu().contiguous() for k, v in learner.policy.state_dict().items()}
        save_checkpoint(
            self.run,
            learner.num_timesteps,
            model=policy,
            config={"algo": self.preset.algo, "hidden": list(self.preset.hidden)},
            train_config=self.run.config,
            training_state={
                "optimizer_state": get_learner_state(learner),
                "rng_state": {
                    "global": rng_state(),
                    "actions": generator_state(learner.action_space.np_random),
                },
                "environment": self.world.env.get_state(),  # pyright: ignore
                "reward": self.labeller.get_state(),
                "tally": vars(self.tally),
            },
        )
        self._saved_at = time.monotonic()

    def _restore(self) -> int | None:
        """The step of the checkpoint that the run goes on from; None for a fresh start."""
        path = latest_checkpoint(self.run)
        if path is None:
            return None
        checkpoint = load_checkpoint(path)
        state = checkpoint.training_state
        self.learner.policy.load_state_dict(checkpoint.model)
        set_learner_state(self.learner, state["optimizer_state"])
        self.world.env.set_state(state["environment"])  # pyright: ignore
        self.labeller.set_state(state["reward"])
        self.tally = Tally(**state["tally"])
        set_rng_state(state["rng_state"]["global"])
        set_generator_state(self.learner.action_space.np_random, state["rng_state"]["actions"])
        return checkpoint.step

    def result(self) -> dict[str, Any]:
        """The numbers that `embodied train --json` prints."""
        steps, seconds = self.learner.num_timesteps, self.tally.seconds
        return {
            "run": str(self.run.root),
            "steps": steps,
            "seconds": round(seconds, 1),
            "vlm_calls": self.labeller.vlm_calls,
            "frames_per_second": round(steps / seconds, 1) if seconds else None,
            "reward_first": self.tally.reward_first,
            "reward_last": self.tally.reward_last,
            "success": self.tally.success,
        }
