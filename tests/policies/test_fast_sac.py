"""The fast SAC is Stable-Baselines3's, but for rounding."""

from typing import Any

import numpy as np
import pytest
import torch
from stable_baselines3 import SAC
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.logger import Logger
from torch import nn

from embodied.policies.online.fast_sac import FastSAC
from embodied.policies.online.normaliser import Normaliser

from .test_fast_ppo import Numbers

SETTINGS: list[dict[str, Any]] = [
    {},
    {"ent_coef": 0.2, "gamma": 0.5, "activation": nn.Tanh},
    {"target_update_interval": 2},
]


def learner(kind: type[SAC], **settings: Any) -> Any:
    made = kind(
        "MlpPolicy",
        make_vec_env(Numbers, n_envs=4, seed=0),
        learning_rate=3e-3,
        batch_size=32,
        learning_starts=40,
        train_freq=(10, "step"),  # pyright: ignore
        gradient_steps=10,
        tau=0.1,
        buffer_size=400,
        seed=1,
        device="cpu",
        policy_kwargs={
            "net_arch": [16, 8],
            "features_extractor_class": Normaliser,
            "activation_fn": settings.pop("activation", nn.ReLU),
        },
        **settings,
    )
    made.set_logger(Logger(None, []))
    return made


@pytest.mark.parametrize("settings", SETTINGS)
def test_the_same_updates(settings: dict[str, Any]) -> None:
    """Same weights, seeds and steps: same weights, targets, temperature, losses and optimizers."""
    fast, stock = learner(FastSAC, **dict(settings)), learner(SAC, **dict(settings))
    before = fast.critic_target.qf0[0].weight.clone()
    for one in (fast, stock):
        torch.manual_seed(5)
        np.random.seed(5)  # noqa: NPY002
        one.learn(120)
    assert fast._n_updates == stock._n_updates == 20
    assert (fast.critic_target.qf0[0].weight - before).abs().max() > 1e-3
    for name, value in stock.policy.state_dict().items():
        torch.testing.assert_close(
            fast.policy.state_dict()[name], value, atol=1e-4, rtol=1e-3, msg=name
        )
    if fast.log_ent_coef is not None:
        torch.testing.assert_close(fast.log_ent_coef, stock.log_ent_coef, atol=1e-6, rtol=1e-5)
    logs, expected = fast.logger.name_to_value, stock.logger.name_to_value
    for name in (name for name in expected if name.startswith("train/")):
        assert logs[name] == pytest.approx(expected[name], rel=1e-3, abs=1e-5), name
