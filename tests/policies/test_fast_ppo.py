"""The fast PPO is Stable-Baselines3's, but for rounding."""

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.logger import Logger
from torch import nn

from embodied.policies.online.fast_ppo import FastPolicy, FastPPO
from embodied.policies.online.normaliser import Normaliser


class Numbers(gym.Env[np.ndarray, Any]):
    """Random observations and rewards, episodes of 7 steps."""

    observation_space = gym.spaces.Box(-np.inf, np.inf, (5,), np.float32)

    def __init__(self, actions: gym.Space[Any] | None = None) -> None:
        self.action_space = actions or gym.spaces.Box(-1, 1, (3,), np.float32)

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[np.ndarray, dict]:
        super().reset(seed=seed)
        self.left = 7
        return self._look(), {}

    def step(self, action: Any) -> tuple[np.ndarray, float, bool, bool, dict]:
        self.left -= 1
        return self._look(), float(np.sum(action)), False, self.left == 0, {}

    def _look(self) -> np.ndarray:
        return self.np_random.normal(size=5).astype(np.float32)


def learner(kind: type[PPO], actions: gym.Space[Any] | None = None, **settings: Any) -> Any:
    make: Any = kind
    made = make(
        FastPolicy if kind is FastPPO else "MlpPolicy",
        make_vec_env(lambda: Numbers(actions), n_envs=4, seed=0),
        n_steps=15,
        batch_size=settings.pop("batch_size", 25),  # the last minibatch is smaller
        n_epochs=3,
        seed=1,
        device="cpu",
        policy_kwargs={
            "net_arch": [16, 8],
            "features_extractor_class": Normaliser,
            "activation_fn": settings.pop("activation", nn.Tanh),
        },
        **settings,
    )
    made.set_logger(Logger(None, []))
    with torch.no_grad():
        made.policy.features_extractor.running_var.fill_(2.0)
    return made


SETTINGS: list[dict[str, Any]] = [
    {},
    {"activation": nn.ReLU, "ent_coef": 0.01, "learning_rate": 3e-2, "max_grad_norm": 0.05},
    {"normalize_advantage": False, "clip_range": 0.01, "vf_coef": 2.0},
    {"target_kl": 1e-4},
    {"clip_range_vf": 0.1},
]


@pytest.mark.parametrize("settings", SETTINGS)
def test_the_same_rollout_and_the_same_update(settings: dict[str, Any]) -> None:
    """Same weights, seeds and steps: same buffer, logs, weights and optimizer state."""
    fast, stock = learner(FastPPO, **dict(settings)), learner(PPO, **dict(settings))
    for one in (stock, fast):
        torch.manual_seed(5)
        np.random.seed(5)  # noqa: NPY002
        one.learn(60 * 2)
    rolled = zip(
        *[
            [b.swap_and_flatten(a) if not b.generator_ready else a for a in arrays]
            for b, arrays in [
                (m.rollout_buffer, (m.rollout_buffer.actions, m.rollout_buffer.log_probs))
                for m in (fast, stock)
            ]
        ],
        strict=True,
    )
    for ours, theirs in rolled:
        np.testing.assert_allclose(ours, theirs, atol=2e-5)
    for name, value in stock.policy.state_dict().items():
        torch.testing.assert_close(fast.policy.state_dict()[name], value, atol=2e-5, rtol=1e-4)
    for ours, theirs in zip(
        fast.policy.optimizer.state.values(), stock.policy.optimizer.state.values(), strict=True
    ):
        assert ours["step"] == theirs["step"]
        torch.testing.assert_close(ours["exp_avg"], theirs["exp_avg"], atol=2e-5, rtol=1e-3)
    logs, expected = fast.logger.name_to_value, stock.logger.name_to_value
    names = [name for name in expected if name.startswith("train/")]
    assert {name for name in logs if name.startswith("train/")} == set(names)
    for name in names:
        assert logs[name] == pytest.approx(expected[name], rel=1e-3, abs=1e-5), name


def test_updates_do_change_weights_and_clip_ratios() -> None:
    """The comparison above is of something: samples are clipped and the weights move."""
    made = learner(FastPPO, clip_range=0.01)
    before = made.policy.action_net.weight.clone()
    made.learn(60)
    assert 0.01 < made.logger.name_to_value["train/clip_fraction"] < 1
    assert (made.policy.action_net.weight - before).abs().max() > 1e-4


class NoiseLog(BaseCallback):
    """The log of the noise's size with which each rollout begins."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[float] = []

    def _on_rollout_start(self) -> None:
        self.sizes.append(self.model.policy.log_std.mean().item())  # pyright: ignore

    def _on_step(self) -> bool:
        return True


@pytest.mark.parametrize("settings", [{}, {"clip_range_vf": 0.1}])
def test_noise_goes_down_in_a_straight_line(settings: dict[str, Any]) -> None:
    line = lambda left: -2 * (1 - left)  # noqa: E731
    one, log = learner(FastPPO, log_std=line, learning_rate=3e-2, **settings), NoiseLog()
    one.learn(60 * 4, log)
    np.testing.assert_allclose(log.sizes, [0, -0.5, -1, -1.5], atol=1e-6)
    assert one.policy.log_std.tolist() == [-2.0] * 3
    assert one.policy.log_std.grad is None  # it has no share in the clipping of the others


def test_discrete_actions_go_the_stock_way() -> None:
    actions = gym.spaces.Discrete(4)
    fast, stock = learner(FastPPO, actions), learner(PPO, actions)
    for one in (fast, stock):
        torch.manual_seed(5)
        np.random.seed(5)  # noqa: NPY002
        one.learn(60)
    for name, value in stock.policy.state_dict().items():
        assert torch.equal(fast.policy.state_dict()[name], value), name


def test_acting_without_noise_is_what_predict_does() -> None:
    made = learner(FastPPO)
    observation = np.random.default_rng(0).normal(size=(6, 5)).astype(np.float32)
    actions, values, log_prob = made.policy(torch.from_numpy(observation), deterministic=True)
    expected, _ = made.policy.predict(observation, deterministic=True)
    np.testing.assert_allclose(actions.numpy().clip(-1, 1), expected, atol=1e-6)
    value, density, _ = made.policy.evaluate_actions(torch.from_numpy(observation), actions)
    torch.testing.assert_close(values, value, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(log_prob, density, atol=1e-5, rtol=1e-5)
