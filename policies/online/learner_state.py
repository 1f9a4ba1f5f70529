"""All that decides how a Stable-Baselines3 learner goes on, as a tree of arrays and numbers."""

from typing import Any

import numpy as np
import torch
from stable_baselines3 import DQN
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.off_policy_algorithm import OffPolicyAlgorithm

BUFFER_FIELDS = ("observations", "next_observations", "actions", "rewards", "dones", "timeouts")


def get_learner_state(learner: BaseAlgorithm) -> dict[str, Any]:
    """Optimizers, counters, the last observation and a replay buffer's filled part."""
    state: dict[str, Any] = {
        "optimizers": {name: o.state_dict() for name, o in _optimizers(learner).items()},
        "num_timesteps": learner.num_timesteps,
        "n_updates": learner._n_updates,
        "episodes": learner._episode_num,
        "last_obs": learner._last_obs,
        "last_episode_starts": learner._last_episode_starts,
    }
    if isinstance(learner, OffPolicyAlgorithm) and learner.replay_buffer is not None:
        buffer = learner.replay_buffer
        size = buffer.buffer_size if buffer.full else buffer.pos
        state["buffer"] = {f: getattr(buffer, f)[:size] for f in BUFFER_FIELDS}
        state["buffer"] |= {"pos": buffer.pos, "full": buffer.full}
        entropy = getattr(learner, "log_ent_coef", None)
        state["log_ent_coef"] = None if entropy is None else entropy.detach()
    if isinstance(learner, DQN):  # its target's weights are in the policy
        state["exploration"] = {"rate": learner.exploration_rate, "calls": learner._n_calls}
    return state


def set_learner_state(learner: BaseAlgorithm, state: dict[str, Any]) -> None:
    """Put a learner that was built alike into the state of `get_learner_state`."""
    for name, optimizer in _optimizers(learner).items():
        optimizer.load_state_dict(state["optimizers"][name])
    learner.num_timesteps = state["num_timesteps"]
    learner._n_updates = state["n_updates"]
    learner._episode_num = state["episodes"]
    learner._last_obs = state["last_obs"]
    learner._last_episode_starts = state["last_episode_starts"]
    if isinstance(learner, OffPolicyAlgorithm) and learner.replay_buffer is not None:
        buffer, saved = learner.replay_buffer, state["buffer"]
        for name in BUFFER_FIELDS:
            filled = np.asarray(saved[name])
            getattr(buffer, name)[: len(filled)] = filled
        buffer.pos, buffer.full = saved["pos"], saved["full"]
        entropy = getattr(learner, "log_ent_coef", None)
        if entropy is not None:
            with torch.no_grad():
                entropy.copy_(state["log_ent_coef"])
    if isinstance(learner, DQN):
        learner.exploration_rate = state["exploration"]["rate"]
        learner._n_calls = state["exploration"]["calls"]


def _optimizers(learner: BaseAlgorithm) -> dict[str, torch.optim.Optimizer]:
    """Every optimizer of a learner, by the name it has there."""
    owners = {
        "policy": learner.policy,
        "actor": getattr(learner, "actor", None),
        "critic": getattr(learner, "critic", None),
    }
    found = {
        name: owner.optimizer
        for name, owner in owners.items()
        if isinstance(getattr(owner, "optimizer", None), torch.optim.Optimizer)
    }
    entropy = getattr(learner, "ent_coef_optimizer", None)
    return found | ({"entropy": entropy} if entropy is not None else {})
