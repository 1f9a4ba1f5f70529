"""Stable-Baselines3's learners, built from a preset."""

import math
from typing import Any

import gymnasium as gym
from gymnasium import spaces
from stable_baselines3.common.base_class import BaseAlgorithm
from torch import nn

from embodied.errors import EmbodiedError
from embodied.policies.online.fast_ppo import FastPolicy, FastPPO
from embodied.policies.online.fast_sac import FastSAC
from embodied.policies.online.lean_dqn import LeanDQN
from embodied.policies.online.normaliser import Normaliser
from embodied.policies.online.replay import SoundReplayBuffer
from embodied.policies.online.vec_env import SB3VecEnv
from embodied.policies.presets import Preset

CHOOSERS = ("dqn", "ppo")
"""Algorithms that choose one of several actions,"""
STEERERS = ("ppo", "sac")
"""and those whose actions are numbers."""


def check_actions(algo: str, space: gym.Space) -> None:
    """Raise EmbodiedError if `algo`, one of ours, cannot act in `space`."""
    discrete = isinstance(space, spaces.Discrete)
    fitting = CHOOSERS if discrete else STEERERS
    if algo in CHOOSERS + STEERERS and algo not in fitting:
        kind = f"{space.n} actions to choose from" if discrete else "continuous actions"
        raise EmbodiedError(
            f"{algo} cannot learn this task, which has {kind}: use --algo {' or '.join(fitting)}"
        )


def ppo(preset: Preset, env: SB3VecEnv, seed: int, device: str) -> BaseAlgorithm:
    """Proximal policy optimisation (Schulman et al. 2017)."""
    final = preset.log_std_final if isinstance(env.action_space, spaces.Box) else None

    def log_std(left: float) -> float:
        """For the share of the run that is left."""
        narrowed = max(0.0, 1 - left / (1 - preset.noise_hold))
        return preset.log_std + narrowed * ((final or 0.0) - preset.log_std)

    def rate(left: float) -> float:
        """A step of the means is as large to the narrower noise as it was to the wider."""
        change = 0.0 if final is None else log_std(left) - preset.log_std
        return preset.learning_rate * math.exp(change)

    return FastPPO(
        FastPolicy,
        env,
        log_std=None if final is None else log_std,
        learning_rate=rate,
        n_steps=preset.rollout_steps,
        batch_size=preset.batch_size,
        n_epochs=preset.epochs,
        gamma=preset.gamma,
        gae_lambda=preset.gae_lambda,
        clip_range=preset.clip_range,
        ent_coef=preset.entropy,
        use_sde=preset.sde,
        policy_kwargs=_policy(preset)
        | {
            "log_std_init": preset.log_std,
            "optimizer_kwargs": {"eps": 1e-5, "fused": True},  # Stable-Baselines3's, in one pass
        },
        seed=seed,
        device=device,
    )


def sac(preset: Preset, env: SB3VecEnv, seed: int, device: str) -> BaseAlgorithm:
    """Soft actor-critic (Haarnoja et al. 2018), in VLM-RM's rhythm: collect, then update."""
    check_actions("sac", env.action_space)
    return FastSAC(
        "MlpPolicy",
        env,
        learning_rate=preset.learning_rate,
        buffer_size=preset.buffer_size,
        learning_starts=preset.learning_starts,
        batch_size=preset.batch_size,
        tau=preset.tau,
        gamma=preset.gamma,
        train_freq=(preset.rollout_steps, "step"),  # pyright: ignore[reportArgumentType]
        gradient_steps=preset.gradient_steps,
        replay_buffer_class=SoundReplayBuffer,
        ent_coef="auto" if preset.sac_entropy is None else preset.sac_entropy,  # pyright: ignore
        use_sde=preset.sde,
        policy_kwargs=_policy(preset) | {"optimizer_kwargs": {"fused": True}},
        seed=seed,
        device=device,
    )


def dqn(preset: Preset, env: SB3VecEnv, seed: int, device: str) -> BaseAlgorithm:
    """Deep Q-learning (Mnih et al. 2015), in the same rhythm; for discrete actions."""
    check_actions("dqn", env.action_space)
    return LeanDQN(
        "MlpPolicy",
        env,
        learning_rate=preset.learning_rate,
        buffer_size=preset.buffer_size,
        learning_starts=preset.learning_starts,
        batch_size=preset.batch_size,
        tau=preset.tau,
        gamma=preset.gamma,
        train_freq=(preset.rollout_steps, "step"),
        gradient_steps=preset.gradient_steps,
        replay_buffer_class=SoundReplayBuffer,
        target_update_interval=max(preset.target_update, env.num_envs),
        exploration_fraction=preset.exploration_fraction,
        exploration_final_eps=preset.exploration_final,
        policy_kwargs=_policy(preset),
        seed=seed,
        device=device,
    )


def _policy(preset: Preset) -> dict[str, Any]:
    return {
        "net_arch": list(preset.hidden),
        "activation_fn": nn.Tanh if preset.algo == "ppo" else nn.ReLU,
        "features_extractor_class": Normaliser,
    }
