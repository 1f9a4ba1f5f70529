"""Stable-Baselines3's SAC with a leaner update; the algorithm is the same.

The slopes of the three losses are written out (Haarnoja et al. 2018, equations 5, 7 and 18), the
two critics run side by side, and the critics' own gradients are not computed where only the actor
learns. Sampling, order of the steps and Adam are Stable-Baselines3's; the random numbers are drawn
in its order, so results differ by rounding. What this is not written for (state-dependent noise,
n-step returns, other than two critics, networks that are not plain) goes its own way.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from stable_baselines3 import SAC
from stable_baselines3.common.noise import ActionNoise
from stable_baselines3.common.utils import polyak_update
from stable_baselines3.sac.policies import LOG_STD_MAX, LOG_STD_MIN
from torch import Tensor, nn

from embodied.policies.online.mlp import Mlp, gaussian, hidden, linear, linears
from embodied.policies.online.side_by_side import one_thread, side_by_side

TINY = 1e-6
"""Stable-Baselines3's guard in the squashed Gaussian's density."""


class FastSAC(SAC):
    """`SAC` for plain networks and two critics."""

    def _sample_action(
        self, learning_starts: int, action_noise: ActionNoise | None = None, n_envs: int = 1
    ) -> tuple[np.ndarray, np.ndarray]:
        """Actions to take and to store, [n, A] each; acting costs its matrix products."""
        networks = None if self.use_sde or action_noise is not None else plain_networks(self)
        if networks is None or self.num_timesteps < learning_starts:
            return super()._sample_action(learning_starts, action_noise, n_envs)
        with torch.no_grad(), one_thread():
            seen = _features(self.actor, torch.as_tensor(self._last_obs, device=self.device))
            latent = hidden(networks.actor, networks.activation is nn.Tanh, seen)
            mean = linear(latent, self.actor.mu, False)  # pyright: ignore
            raw = linear(latent, self.actor.log_std, False)  # pyright: ignore
            std = raw.clamp(LOG_STD_MIN, LOG_STD_MAX).exp()
            stored = torch.tanh(mean + torch.randn_like(mean) * std).cpu().numpy()
        return self.policy.unscale_action(stored), stored

    def train(self, gradient_steps: int, batch_size: int = 64) -> None:
        networks = None if self.use_sde or self.n_steps > 1 else plain_networks(self)
        if networks is None or self.target_update_interval != 1:
            super().train(gradient_steps, batch_size)
            return
        self.policy.set_training_mode(True)
        optimizers = [self.actor.optimizer, self.critic.optimizer]
        if self.ent_coef_optimizer is not None:
            optimizers.append(self.ent_coef_optimizer)
        self._update_learning_rate(optimizers)
        update = Update(self, networks, batch_size)
        with torch.no_grad(), one_thread():
            rows = torch.stack([update.step() for _ in range(gradient_steps)])
        polyak_update(self.batch_norm_stats, self.batch_norm_stats_target, 1.0)
        self._n_updates += gradient_steps
        self.logger.record("train/n_updates", self._n_updates, exclude="tensorboard")
        names = ("ent_coef", "actor_loss", "critic_loss", "ent_coef_loss")
        learned = names if self.ent_coef_optimizer is not None else names[:-1]
        for name, value in zip(learned, rows.mean(0).tolist(), strict=False):
            self.logger.record(f"train/{name}", value)


@dataclass(frozen=True)
class Networks:
    """Layers below the actor's two heads, of both critics, and of both targets."""

    actor: list[nn.Linear]
    critics: list[list[nn.Linear]]
    targets: list[list[nn.Linear]]
    activation: type[nn.Module]


def plain_networks(learner: SAC) -> Networks | None:
    """The layers, where they are all that the learner has to learn."""
    actor, critic, target = learner.actor, learner.critic, learner.critic_target
    if len(critic.q_networks) != 2 or not isinstance(actor.mu, nn.Linear):
        return None
    chains = [linears(actor.latent_pi)]
    chains += [linears(q) for q in (*critic.q_networks, *target.q_networks)]  # pyright: ignore
    activation = chains[0][1]
    extractors = (actor.features_extractor, critic.features_extractor, target.features_extractor)
    if activation is None or any(kind is not activation for _, kind in chains):
        return None
    if any(list(extractor.parameters()) for extractor in extractors):
        return None
    layers = [layer for layer, _ in chains]
    return Networks(layers[0], layers[1:3], layers[3:], activation)


class Actor:
    """A squashed Gaussian's actions, and how its parameters move them."""

    def __init__(self, learner: SAC, networks: Networks, rows: int):
        kind, below = networks.activation, networks.actor
        self.below = Mlp(below, kind, rows, active=len(below))
        self.mean = Mlp([learner.actor.mu], kind, rows)  # pyright: ignore
        self.spread = Mlp([learner.actor.log_std], kind, rows)  # pyright: ignore
        self.noise = self.log_std = self.std = self.actions = torch.empty(0)
        self.inside = torch.empty(0, dtype=torch.bool)

    def forward(self, features: Tensor, noise: Tensor) -> Tensor:
        """Log-probabilities [n, 1] of the actions [n, A], which are kept."""
        latent = self.below.forward(features)
        mean, raw = self.mean.forward(latent), self.spread.forward(latent)
        self.log_std = raw.clamp(LOG_STD_MIN, LOG_STD_MAX)
        self.inside = raw == self.log_std
        self.noise, self.std = noise, self.log_std.exp()
        self.actions = torch.tanh(mean + noise * self.std)
        room = torch.log(1 - self.actions.square() + TINY).sum(-1)
        return (gaussian(noise, self.log_std) - room)[:, None]

    def backward(self, value_slope: Tensor, ent_coef: Tensor) -> None:
        """Gradients of mean(ent_coef * log-probability - value).

        value_slope: of each row's value at its actions, [n, A].
        """
        square, n = self.actions.square(), len(self.actions)
        slope = ent_coef * 2 * self.actions / (1 - square + TINY) - value_slope
        slope = slope * (1 - square) / n
        spread = (slope * self.noise * self.std - ent_coef / n) * self.inside
        latent = self.mean.backward(slope, inputs=True)
        latent += self.spread.backward(spread, inputs=True)
        self.below.backward(latent)


class Update:
    """The buffers of a round of gradient steps."""

    def __init__(self, learner: FastSAC, networks: Networks, batch_size: int):
        self.learner, self.batch_size = learner, batch_size
        self.now = Actor(learner, networks, batch_size)
        self.next = Actor(learner, networks, batch_size)
        kind = networks.activation
        self.critics = [Mlp(layers, kind, batch_size) for layers in networks.critics]
        self.targets = [Mlp(layers, kind, batch_size) for layers in networks.targets]
        self.pairs = [
            (target, source)
            for old, new in zip(self.targets, self.critics, strict=True)
            for below, above in zip(old.layers, new.layers, strict=True)
            for target, source in ((below.weight, above.weight), (below.bias, above.bias))
        ]

    def step(self) -> Tensor:
        """One gradient step of all; temperature and losses, [3] or [4]."""
        learner = self.learner
        assert learner.replay_buffer is not None
        data = learner.replay_buffer.sample(self.batch_size, env=learner._vec_normalize_env)
        observations, following = data.observations, data.next_observations
        noise = torch.randn_like(data.actions), torch.randn_like(data.actions)
        log_prob: dict[str, Tensor] = {}

        def act(name: str, actor: Actor, seen: Any, noise: Tensor) -> None:
            log_prob[name] = actor.forward(_features(learner.actor, seen), noise)

        side_by_side(
            lambda: act("now", self.now, observations, noise[0]),
            lambda: act("next", self.next, following, noise[1]),
        )
        ent_coef, row = self._temperature(log_prob["now"])
        seen, ahead = (
            _features(learner.critic, observations),
            _features(learner.critic_target, following),
        )
        critic_loss = self._learn_values(
            torch.cat([seen, data.actions], 1),
            torch.cat([ahead, self.next.actions], 1),
            lambda value: (
                data.rewards
                + (1 - data.dones) * learner.gamma * (value - ent_coef * log_prob["next"])
            ),
        )
        value, slope = self._best(torch.cat([seen, self.now.actions], 1), self.now.actions.shape[1])
        actor_loss = (ent_coef * log_prob["now"] - value).mean()
        side_by_side(lambda: self.now.backward(slope, ent_coef), self._follow)
        learner.actor.optimizer.step()
        return torch.stack([ent_coef.squeeze(), actor_loss, critic_loss, *row])

    def _temperature(self, log_prob: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The entropy's weight before its own step, and the loss of that step."""
        learner = self.learner
        if learner.ent_coef_optimizer is None or learner.log_ent_coef is None:
            return learner.ent_coef_tensor, []
        log = learner.log_ent_coef
        assert isinstance(learner.target_entropy, float)
        lack = (log_prob + learner.target_entropy).mean()
        ent_coef, loss = log.exp(), -log.squeeze() * lack
        log.grad = -lack.expand_as(log).clone()
        learner.ent_coef_optimizer.step()
        return ent_coef, [loss]

    def _learn_values(self, now: Tensor, ahead: Tensor, backed_up: Any) -> Tensor:
        """A step of both critics; their loss. backed_up: next values [n, 1] -> targets [n, 1]."""
        current, following = [now] * 2, [now] * 2
        losses = [now] * 2

        def look(i: int) -> None:
            following[i] = self.targets[i].forward(ahead)
            current[i] = self.critics[i].forward(now)

        def learn(i: int) -> None:
            error = current[i] - target
            losses[i] = 0.5 * error.square().mean()
            self.critics[i].backward(error / len(error))

        side_by_side(lambda: look(0), lambda: look(1))
        target = backed_up(torch.minimum(*following))
        side_by_side(lambda: learn(0), lambda: learn(1))
        self.learner.critic.optimizer.step()
        return losses[0] + losses[1]

    def _best(self, inputs: Tensor, actions: int) -> tuple[Tensor, Tensor]:
        """The lesser value of each row [n, 1] and its slope at the actions [n, actions]."""
        values, slopes = [inputs] * 2, [inputs] * 2

        def ask(i: int) -> None:
            values[i] = self.critics[i].forward(inputs)
            one = torch.ones_like(values[i])
            slope = self.critics[i].backward(one, weights=False, inputs=True)
            slopes[i] = slope[:, -actions:]

        side_by_side(lambda: ask(0), lambda: ask(1))
        first = values[0] <= values[1]
        return torch.minimum(*values), torch.where(first, *slopes)

    def _follow(self) -> None:
        """The targets move towards the critics (Polyak averaging)."""
        for target, source in self.pairs:
            target.lerp_(source, self.learner.tau)


def _features(network: Any, observations: Any) -> Tensor:
    return network.extract_features(observations, network.features_extractor)
