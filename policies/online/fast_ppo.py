"""Stable-Baselines3's PPO with a leaner step and update; the algorithm is the same.

The slopes of the clipped loss are written out (Schulman et al. 2017, equation 7), so an update is
its matrix products and little else, and the actor's and the critic's run side by side. Minibatches,
advantage normalisation, gradient clipping and Adam are Stable-Baselines3's, in the same order and
from the same random numbers; results differ by rounding. What this is not written for (actions that
are not a Gaussian's, state-dependent noise, early stopping, value clipping, networks that are not
plain) goes Stable-Baselines3's own way.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.distributions import DiagGaussianDistribution
from stable_baselines3.common.policies import ActorCriticPolicy
from stable_baselines3.common.utils import explained_variance
from torch import Tensor, nn

from embodied.policies.online.mlp import Mlp, gaussian, infer, linears
from embodied.policies.online.side_by_side import one_thread, side_by_side

FIELDS = ("observations", "actions", "log_probs", "advantages", "returns")


class FastPolicy(ActorCriticPolicy):
    """Stable-Baselines3's policy; acting costs its matrix products."""

    def plain(self) -> bool:
        """Whether actor and critic are chains that share nothing trainable."""
        return (
            type(self.action_dist) is DiagGaussianDistribution
            and self.share_features_extractor
            and not list(self.features_extractor.parameters())
            and self.networks()[0] is not None
        )

    def features(self, obs: Any) -> Tensor:
        """What actor and critic see of observations [n, D]."""
        features = self.extract_features(obs)
        assert isinstance(features, Tensor)
        return features

    def networks(self) -> tuple[type[nn.Module] | None, list[nn.Linear], list[nn.Linear]]:
        """The activation, the actor's layers and the critic's."""
        assert isinstance(self.action_net, nn.Linear)
        mlp = self.mlp_extractor
        actor, activation = linears(mlp.policy_net, self.action_net)
        critic, same = linears(mlp.value_net, self.value_net)
        return activation if activation is same else None, actor, critic

    @torch.no_grad()
    def forward(self, obs: Tensor, deterministic: bool = False) -> tuple[Tensor, Tensor, Tensor]:
        """Actions [n, A], values [n, 1] and log-probabilities [n], for acting: no gradients."""
        if not self.plain():
            return super().forward(obs, deterministic)
        activation, actor, critic = self.networks()
        with one_thread():
            features = self.features(obs)
            actions = infer(actor, activation is nn.Tanh, features)
            noise = torch.zeros_like(actions) if deterministic else torch.randn_like(actions)
            actions += noise * self.log_std.exp()
            values = infer(critic, activation is nn.Tanh, features)
            return actions, values, gaussian(noise, self.log_std)

    @torch.no_grad()
    def predict_values(self, obs: Any) -> Tensor:
        """Values [n, 1], for bootstrapping: no gradients."""
        if not self.plain():
            return super().predict_values(obs)
        activation, _, critic = self.networks()
        with one_thread():
            return infer(critic, activation is nn.Tanh, self.features(obs))


class FastPPO(PPO):
    """`PPO` whose policy is a FastPolicy.

    log_std: the log of the noise's standard deviation, from the share of the run that is left (1 to
        0); it is not learned then. None learns it.
    """

    policy: FastPolicy

    def __init__(self, *args: Any, log_std: Callable[[float], float] | None = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.log_std = log_std
        if log_std is not None:
            self.policy.log_std.requires_grad_(False)

    def train(self) -> None:
        self._update()
        if self.log_std is not None:
            self.policy.log_std.fill_(self.log_std(self._current_progress_remaining))

    def _update(self) -> None:
        lean = self.target_kl is None and self.clip_range_vf is None and self.policy.plain()
        if not lean:
            super().train()
            return
        self.policy.set_training_mode(True)
        self._update_learning_rate(self.policy.optimizer)
        clip = self.clip_range(self._current_progress_remaining)  # pyright: ignore
        with torch.no_grad(), one_thread():
            losses = Update(self, clip).run()
        buffer = self.rollout_buffer
        losses |= {
            "explained_variance": explained_variance(
                buffer.values.flatten(), buffer.returns.flatten()
            ),
            "std": self.policy.log_std.detach().exp().mean().item(),
            "clip_range": clip,
        }
        for name, value in losses.items():
            self.logger.record(f"train/{name}", value)
        self.logger.record("train/n_updates", self._n_updates, exclude="tensorboard")


class Update:
    """One rollout's epochs of minibatches."""

    def __init__(self, learner: FastPPO, clip: float):
        self.learner, self.clip = learner, clip
        buffer, policy = learner.rollout_buffer, learner.policy
        self.data: dict[str, Tensor] = {}
        for name in FIELDS:
            values = getattr(buffer, name)
            values = values if buffer.generator_ready else buffer.swap_and_flatten(values)
            values = torch.as_tensor(values, dtype=torch.float32, device=learner.device)
            self.data[name] = values if name in FIELDS[:2] else values.flatten()
        features = policy.features(self.data.pop("observations"))
        self.data["features"] = features  # the normaliser stands still during an update
        activation, actor, critic = policy.networks()
        assert activation is not None
        rows = min(learner.batch_size, len(features))
        self.actor, self.critic = Mlp(actor, activation, rows), Mlp(critic, activation, rows)
        self.log_std: Any = policy.log_std
        if self.log_std.requires_grad and self.log_std.grad is None:
            self.log_std.grad = torch.zeros_like(self.log_std)
        self.parameters = list(policy.parameters())

    def run(self) -> dict[str, float]:
        """Means over all minibatches, as Stable-Baselines3 logs them."""
        learner = self.learner
        policy_rows: list[Tensor] = []
        value_rows: list[Tensor] = []
        per_epoch = 0
        for _ in range(learner.n_epochs):
            order = torch.from_numpy(
                np.random.permutation(len(self.data["features"]))  # noqa: NPY002
            ).to(learner.device)
            batches = order.split(learner.batch_size)
            per_epoch = len(batches)
            for index in batches:
                batch = {name: values[index] for name, values in self.data.items()}
                side_by_side(
                    lambda b=batch: policy_rows.append(self._actor_step(b)),
                    lambda b=batch: value_rows.append(self._critic_step(b)),
                )
                nn.utils.clip_grad_norm_(self.parameters, learner.max_grad_norm)
                learner.policy.optimizer.step()
            learner._n_updates += 1
        policy, value = torch.stack(policy_rows), torch.stack(value_rows)
        loss, entropy, clipped, _ = policy.mean(0).tolist()
        last = policy[-1, 0] + learner.ent_coef * policy[-1, 1] + learner.vf_coef * value[-1]
        return {
            "policy_gradient_loss": loss,
            "entropy_loss": entropy,
            "clip_fraction": clipped,
            "approx_kl": policy[-per_epoch:, 3].mean().item(),  # the last epoch's
            "value_loss": value.mean().item(),
            "loss": last.item(),
        }

    def _actor_step(self, batch: dict[str, Tensor]) -> Tensor:
        """The actor's gradients; its loss, entropy loss, share of clipped ratios and KL."""
        advantages, n = batch["advantages"], len(batch["advantages"])
        if self.learner.normalize_advantage and n > 1:
            advantages = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
        std = self.log_std.exp()
        deviation = (batch["actions"] - self.actor.forward(batch["features"])) / std
        log_ratio = gaussian(deviation, self.log_std) - batch["log_probs"]
        ratio = log_ratio.exp()
        free = advantages * ratio
        bound = advantages * ratio.clamp(1 - self.clip, 1 + self.clip)
        # Where the bound is the lesser it is a constant, so nothing is learned from that sample.
        slope = torch.where(free <= bound, free, 0).mul_(-1 / n)[:, None]
        entropy = self.log_std.sum() + 0.5 * math.log(2 * math.pi * math.e) * len(std)
        if self.log_std.requires_grad:
            torch.sum(slope * (deviation.square() - 1), 0, out=self.log_std.grad)
            self.log_std.grad -= self.learner.ent_coef
        self.actor.backward(slope * deviation / std)
        clipped = ((ratio - 1).abs() > self.clip).float().mean()
        kl = (ratio - 1 - log_ratio).mean()
        return torch.stack([-torch.minimum(free, bound).mean(), -entropy, clipped, kl])

    def _critic_step(self, batch: dict[str, Tensor]) -> Tensor:
        """The critic's gradients; the mean square error."""
        values = self.critic.forward(batch["features"])
        error = values - batch["returns"][:, None]
        self.critic.backward(error * (2 * self.learner.vf_coef / len(error)))
        return error.square().mean()
