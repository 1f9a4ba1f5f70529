"""What happens around Stable-Baselines3's loop: rewards for its rollouts, logs, checkpoints."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import torch
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.off_policy_algorithm import OffPolicyAlgorithm
from stable_baselines3.common.on_policy_algorithm import OnPolicyAlgorithm

from embodied.policies.online.labeller import Labeller
from embodied.policies.online.normaliser import update_normalisers
from embodied.policies.online.replay import donors
from embodied.policies.online.vec_env import SB3VecEnv


@dataclass
class Tally:
    """What a run has done so far; saved with every checkpoint."""

    reward_first: float | None = None
    reward_last: float | None = None
    reward_shift: float = 0.0
    reward_scale: float = 1.0
    success: float | None = None
    physics_errors: int = 0
    seconds: float = 0.0
    rollouts: int = 0


class Hooks(Protocol):
    """What the callback calls between rollouts."""

    def log(self, step: int, values: dict[str, float], timing: dict[str, float]) -> None: ...

    def due(self) -> bool:
        """Whether it is time to save a checkpoint."""
        ...

    def save(self) -> None: ...

    def stop(self) -> bool:
        """Whether the run was asked to end early."""
        ...


@dataclass
class Rollout:
    """What is remembered of a rollout of K steps until its rewards are known."""

    failed: list[np.ndarray] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    qpos: list[np.ndarray] = field(default_factory=list)


class RewardCallback(BaseCallback):
    """Gives every rollout its rewards before the learner sees it.

    The environment's own reward is zero, so the buffers hold only what Stable-Baselines3 adds to it
    (the bootstrap of a time limit); the VLM's reward is added on top and returns are computed anew.
    """

    def __init__(
        self,
        labeller: Labeller,
        env: SB3VecEnv,
        measure: Callable[[np.ndarray], np.ndarray],
        hooks: Hooks,
        tally: Tally,
    ):
        super().__init__()
        self.labeller, self.env, self.measure = labeller, env, measure
        self.hooks, self.tally = hooks, tally
        self._rollout = Rollout()
        self._observations: torch.Tensor | None = None
        self._stopping = False
        self._logged = -1
        self._began = time.monotonic()

    def _on_training_start(self) -> None:
        self._logged = self.num_timesteps  # nothing yet, or what the run before logged

    def _on_rollout_start(self) -> None:
        """Between two rollouts: the learner has just been updated, so its state is whole."""
        if self._observations is not None:
            update_normalisers(self.model.policy, self._observations)
            self._observations = None
        self._log()
        self._stopping = self.hooks.stop()
        if self._stopping or self.hooks.due():
            self.save()

    def _on_step(self) -> bool:
        if self._stopping:
            return False
        rollout = self._rollout
        rollout.failed.append(self.env.physics_error)
        if isinstance(self.model, OffPolicyAlgorithm):
            assert self.model.replay_buffer is not None
            rollout.positions.append(self.model.replay_buffer.pos)
        rollout.qpos.append(self.env.scored_qpos)
        self.labeller.observe(self.env.scored_qpos)
        self.tally.physics_errors += int(self.env.physics_error.sum())
        return True

    def _on_rollout_end(self) -> None:
        rollout, self._rollout = self._rollout, Rollout()
        rewards = self.labeller.label().reshape(len(rollout.failed), -1)
        self._count(rewards, rollout)
        scaled = (rewards - self.tally.reward_shift) / self.tally.reward_scale
        if isinstance(self.model, OnPolicyAlgorithm):
            buffer = self.model.rollout_buffer
            buffer.rewards += scaled
            buffer.compute_returns_and_advantage(self.locals["values"], self.locals["dones"])
            observations = buffer.observations.reshape(-1, buffer.observations.shape[-1])
        else:
            assert isinstance(self.model, OffPolicyAlgorithm)
            buffer = self.model.replay_buffer
            assert buffer is not None
            for place, failed, row in zip(rollout.positions, rollout.failed, scaled, strict=True):
                if not failed.all():
                    buffer.rewards[place] = row[donors(failed)]
            observations = np.concatenate([buffer.observations[p] for p in rollout.positions])
        self._observations = torch.as_tensor(observations, device=self.model.device)

    def _on_training_end(self) -> None:
        if not self._stopping:
            self._log()
            self.save()

    def save(self) -> None:
        self._tick()
        self.hooks.save()

    def _count(self, rewards: np.ndarray, rollout: Rollout) -> None:
        tally = self.tally
        if tally.reward_first is None and self.labeller.calls:
            # The first rollout sets the scale once: the learner sees rewards of size one.
            tally.reward_first = float(rewards.mean())
            tally.reward_shift = tally.reward_first
            tally.reward_scale = max(float(rewards.std()), 1e-3)
        tally.reward_last = float(rewards.mean())
        tally.success = float(self.measure(np.concatenate(rollout.qpos)).mean())
        tally.rollouts += 1

    def _log(self) -> None:
        tally, audit = self.tally, self.labeller.audit
        if tally.reward_last is None or self._logged == self.num_timesteps:
            return
        self._logged = self.num_timesteps
        self._tick()
        values = {
            "reward": tally.reward_last,
            "success_steps": tally.success or 0.0,
            "vlm_calls": self.labeller.vlm_calls,
            "audit/correlation": audit.correlation,
            "audit/error": audit.error,
            "physics_errors": tally.physics_errors,
        }
        values |= {
            name: float(value)
            for name, value in self.model.logger.name_to_value.items()
            if name.startswith("train/")
        }
        timing = {"steps_per_second": self.num_timesteps / max(tally.seconds, 1e-9)}
        self.hooks.log(self.num_timesteps, values, timing)

    def _tick(self) -> None:
        now = time.monotonic()
        self.tally.seconds += now - self._began
        self._began = now
