"""Observations brought to zero mean and unit size inside the policy."""

import gymnasium as gym
import torch
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from torch import Tensor

WARM_UP = 200_000
"""Observations after which the statistics stand still, so that values learned later stay true."""


class Normaliser(BaseFeaturesExtractor):
    """Running mean and variance as buffers: they travel with the policy's weights."""

    running_mean: Tensor
    running_var: Tensor
    count: Tensor

    def __init__(self, observation_space: gym.Space):
        assert observation_space.shape is not None
        super().__init__(observation_space, features_dim=observation_space.shape[0])
        size = observation_space.shape
        self.register_buffer("running_mean", torch.zeros(size))
        self.register_buffer("running_var", torch.ones(size))
        self.register_buffer("count", torch.zeros(()))

    def forward(self, observations: Tensor) -> Tensor:
        scaled = (observations - self.running_mean) * torch.rsqrt(self.running_var + 1e-4)
        return scaled.clamp(-8, 8)

    def update(self, observations: Tensor) -> None:
        """Take in a batch [N, D] (Chan et al. 1979, parallel variance)."""
        if self.count >= WARM_UP or not len(observations):
            return
        n = len(observations)
        mean, var = observations.mean(0), observations.var(0, unbiased=False)
        total = self.count + n
        delta = mean - self.running_mean
        spread = self.running_var * self.count + var * n + delta**2 * self.count * n / total
        self.running_mean += delta * n / total
        self.running_var.copy_(spread / total)
        self.count.copy_(total)


def update_normalisers(policy: torch.nn.Module, observations: Tensor) -> None:
    """Update every normaliser of a policy (SAC has one in the actor and in each critic)."""
    for module in policy.modules():
        if isinstance(module, Normaliser):
            module.update(observations)
