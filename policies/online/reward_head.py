"""A small ensemble that learns, from the run's own states, what the VLM would say."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from embodied.policies.online.side_by_side import one_thread, side_by_side


@dataclass(frozen=True)
class HeadConfig:
    """Ensemble size, width, and how each `fit` trains: updates, batch of each member, rate.

    Against batches of 512, those of 128 cost a quarter and audit as well: docs/speed.md.
    """

    members: int = 4
    hidden: int = 256
    updates: int = 40
    batch_size: int = 128
    learning_rate: float = 1e-3
    capacity: int = 60_000


class Ensemble(nn.Module):
    """`members` two-layer networks evaluated at once: [E, N, D] -> [E, N]."""

    def __init__(self, members: int, inputs: int, hidden: int, generator: torch.Generator):
        super().__init__()

        def layer(fan_in: int, fan_out: int) -> nn.Parameter:
            weight = torch.randn(members, fan_in, fan_out, generator=generator)
            return nn.Parameter(weight * (2 / fan_in) ** 0.5)

        self.w1, self.w2, self.w3 = layer(inputs, hidden), layer(hidden, hidden), layer(hidden, 1)
        self.b1 = nn.Parameter(torch.zeros(members, 1, hidden))
        self.b2 = nn.Parameter(torch.zeros(members, 1, hidden))
        self.b3 = nn.Parameter(torch.zeros(members, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        x = torch.nn.functional.silu(torch.baddbmm(self.b1, x, self.w1))
        x = torch.nn.functional.silu(torch.baddbmm(self.b2, x, self.w2))
        return torch.baddbmm(self.b3, x, self.w3)[..., 0]

    def slopes(self, members: slice, x: Tensor, target: Tensor) -> Tensor:
        """Some members' gradients of the mean square error over all, and their share of it.

        x: inputs of all members, [E, N, D]. target: [E, N].
        """
        w1, w2, w3 = (w[members] for w in (self.w1, self.w2, self.w3))
        b1, b2, b3 = (b[members] for b in (self.b1, self.b2, self.b3))
        x = x[members]
        inner = torch.baddbmm(b1, x, w1)
        low = torch.nn.functional.silu(inner)
        outer = torch.baddbmm(b2, low, w2)
        high = torch.nn.functional.silu(outer)
        error = torch.baddbmm(b3, high, w3) - target[members, :, None]
        slope = error * (2 / target.numel())
        self._write("3", members, high, slope)
        slope = torch.ops.aten.silu_backward(torch.bmm(slope, w3.transpose(1, 2)), outer)
        self._write("2", members, low, slope)
        slope = torch.ops.aten.silu_backward(torch.bmm(slope, w2.transpose(1, 2)), inner)
        self._write("1", members, x, slope)
        return error.square().sum() / target.numel()

    def _write(self, layer: str, members: slice, inputs: Tensor, slope: Tensor) -> None:
        """A layer's gradients, from its inputs and the slope at its outputs."""
        weight, bias = getattr(self, f"w{layer}"), getattr(self, f"b{layer}")
        torch.bmm(inputs.transpose(1, 2), slope, out=weight.grad[members])
        torch.sum(slope, 1, keepdim=True, out=bias.grad[members])


class RewardHead:
    """Distils a reward of pictures into a function of states.

    Each member sees its own bootstrap sample of the scored states; where the members disagree, the
    VLM has to be asked (query by committee, Seung et al. 1992).
    """

    def __init__(self, inputs: int, config: HeadConfig | None = None, seed: int = 0):
        self.config = config or HeadConfig()
        self.generator = torch.Generator().manual_seed(seed)
        c = self.config
        self.model = Ensemble(c.members, inputs, c.hidden, self.generator)
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), c.learning_rate, weight_decay=1e-3, fused=True
        )
        self.features = torch.zeros(0, inputs)
        self.rewards = torch.zeros(0)
        self.mean, self.std = torch.zeros(inputs), torch.ones(inputs)

    @property
    def ready(self) -> bool:
        return len(self.rewards) > 0

    @torch.inference_mode()
    def predict(self, features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation over the members, in the VLM's units: [N] each."""
        with one_thread():
            x = self._scale(torch.from_numpy(features))
            shift, scale = self._target_scale()
            out = self.model(x.expand(self.config.members, -1, -1)) * scale + shift
            return out.mean(0).numpy(), out.std(0).numpy()

    def add(self, features: np.ndarray, rewards: np.ndarray) -> None:
        """Remember scored states [N, D] and their rewards [N]."""
        keep = self.config.capacity
        self.features = torch.cat([self.features, torch.from_numpy(features)])[-keep:]
        self.rewards = torch.cat([self.rewards, torch.from_numpy(rewards)])[-keep:]
        self._measure()

    def fit(self, updates: int | None = None) -> float:
        """Update on what is remembered, half of each batch from the newest quarter; the loss."""
        c, n = self.config, len(self.rewards)
        shift, scale = self._target_scale()
        inputs, targets = self._scale(self.features), (self.rewards - shift) / scale
        for parameter in self.model.parameters():
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        loss = torch.zeros(())
        with torch.no_grad(), one_thread():
            for _ in range(updates or c.updates):
                half = (c.members, c.batch_size // 2)
                anywhere = torch.randint(n, half, generator=self.generator)
                newest = torch.randint(n - max(n // 4, 1), n, half, generator=self.generator)
                index = torch.cat([anywhere, newest], dim=1)
                loss = self._slopes(inputs[index], targets[index])
                self.optimizer.step()
        return loss.item()

    def _slopes(self, x: Tensor, target: Tensor) -> Tensor:
        """All members' gradients, half of the members beside the others; the loss."""
        middle = self.config.members // 2
        parts: list[Tensor] = []
        side_by_side(
            lambda: parts.append(self.model.slopes(slice(middle), x, target)),
            lambda: parts.append(self.model.slopes(slice(middle, None), x, target)),
        )
        return torch.stack(parts).sum()

    def get_state(self) -> dict:
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "features": self.features,
            "rewards": self.rewards,
            "generator": self.generator.get_state(),
        }

    def set_state(self, state: dict) -> None:
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.features, self.rewards = state["features"], state["rewards"]
        if self.ready:
            self._measure()
        self.generator.set_state(state["generator"])

    def _measure(self) -> None:
        self.mean = self.features.mean(0)
        self.std = self.features.std(0, correction=0).clamp_min(1e-2)  # of one state it is 0

    def _scale(self, x: Tensor) -> Tensor:
        return ((x - self.mean) / self.std).clamp(-8, 8)

    def _target_scale(self) -> tuple[Tensor, Tensor]:
        if len(self.rewards) < 2:
            return torch.zeros(()), torch.ones(())
        return self.rewards.mean(), self.rewards.std().clamp_min(1e-4)
