"""The training loop and the losses that all methods share."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from embodied.runs.epochs import load_epochs, save_epochs


@dataclass(frozen=True)
class FitConfig:
    """Passes over the frames, frames a step, AdamW's first rate and decay; the rate falls as a
    half cosine."""

    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float = 0.0
    seed: int = 0


def fit(
    module: nn.Module,
    loss: Callable[[Tensor], Tensor],
    count: int,
    config: FitConfig,
    report: Callable[[int, float], None] = lambda *_: None,
    saved: Path | None = None,
) -> None:
    """Train the parameters of `module`.

    Args:
        loss: of the frames whose numbers, int [B], it is given.
        count: number of frames.
        report: called after each epoch with (epochs done, mean loss).
        saved: folder that each epoch leaves its state in, and from which training goes on.
    """
    optimizer = torch.optim.AdamW(
        module.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
    )
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, max(config.epochs, 1))
    parts = {"module": module, "optimizer": optimizer, "schedule": schedule}
    first = load_epochs(saved, **parts)
    for epoch in range(first, config.epochs):
        order = np.random.default_rng([config.seed, epoch]).permutation(count)
        losses = []
        for start in range(0, count, config.batch_size):
            value = loss(torch.from_numpy(order[start : start + config.batch_size]))
            optimizer.zero_grad(set_to_none=True)
            value.backward()
            optimizer.step()
            losses.append(value.item())
        schedule.step()
        save_epochs(saved, epoch + 1, **parts)
        report(epoch + 1, float(np.mean(losses)))


class Odds(nn.Module):
    """log-odds = scale * cosine + bias.

    An encoder without a bias (CLIP) begins with one that makes its mean cosine an even bet.
    """

    def __init__(self, scale: float, bias: float | None, mean_cosine: float = 0.0):
        super().__init__()
        self.log_scale = nn.Parameter(torch.tensor(float(np.log(scale))))
        self.bias = nn.Parameter(torch.tensor(-scale * mean_cosine if bias is None else bias))

    def forward(self, cosine: Tensor) -> Tensor:
        return self.log_scale.exp() * cosine + self.bias


def labelled_loss(logits: Tensor, truth: Tensor, exclusive: bool) -> Tensor:
    """How wrong log-odds [B, K] are about labels [B, K] (NaN: not known).

    Cross-entropy over the texts where exactly one is true (CoOp, arXiv:2109.01134, equation 1),
    binary cross-entropy over what is known elsewhere (SigLIP, arXiv:2303.15343).
    """
    if exclusive:
        return cross_entropy(logits, truth.argmax(1))
    known = ~truth.isnan()
    return binary_cross_entropy_with_logits(logits[known], truth[known])
