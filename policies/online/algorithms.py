"""Stable-Baselines3's learners, built from a preset."""

from typing import Any

from stable_baselines3.common.base_class import BaseAlgorithm
from torch import nn

from embodied.policies.online.fast_ppo import FastPolicy, FastPPO
from embodied.policies.online.fast_sac import FastSAC
from embodied.policies.online.normaliser import Normaliser
from embodied.policies.online.replay import SoundReplayBuffer
from embodied.policies.online.vec_env import SB3VecEnv
from embodied.policies.presets import Preset


def ppo(preset: Preset, env: SB3VecEnv, seed: int, device: str) -> BaseAlgorithm:
    """Proximal policy optimisation (Schulman et al. 2017)."""
    return FastPPO(
        FastPolicy,
        env,
        learning_rate=preset.learning_rate,
        n_steps=preset.rollout_steps,
        batch_size=preset.batch_size,
        n_epochs=preset.epochs,
        gamma=preset.gamma,
        gae_lambda=preset.gae_lambda,
        clip_range=preset.clip_range,
        ent_coef=preset.entropy,
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
        policy_kwargs=_policy(preset) | {"optimizer_kwargs": {"fused": True}},
        seed=seed,
        device=device,
    )


def _policy(preset: Preset) -> dict[str, Any]:
    return {
        "net_arch": list(preset.hidden),
        "activation_fn": nn.ReLU if preset.algo == "sac" else nn.Tanh,
        "features_extractor_class": Normaliser,
    }
