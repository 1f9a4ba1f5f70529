"""Learned context vectors before every text: CoOp, CoCoOp and KgCoOp.

CoOp (arXiv:2109.01134) learns M vectors that precede the class's words, one set for all classes.
CoCoOp (arXiv:2203.05557) adds to each an offset that a small net makes of the image's feature, so
that the texts are read anew for each image. KgCoOp (arXiv:2303.13283) adds to CoOp's loss

    lambda * mean_k ||w_k - w_k^hand||²,  lambda = 8 (its equation 4 and section 4),

where w_k and w_k^hand are the unit features of text k with and without the learned context.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from embodied.errors import EmbodiedError
from embodied.perception.adapt.fit import FitConfig, Odds, fit, labelled_loss
from embodied.perception.adapt.labelled import Labelled, encode_frames
from embodied.perception.adapt.towers import Towers
from embodied.perception.encoder import ImageTextEncoder

WORDS = "a photo of a"  # CoOp's initial context, section 4.1
KGCOOP_LAMBDA = 8.0


@dataclass(frozen=True)
class PromptsConfig:
    """context: number of vectors. conditional: CoCoOp. consistency: KgCoOp's lambda, 0 for none."""

    context: int = 4
    conditional: bool = False
    consistency: float = 0.0


class Prompts(nn.Module):
    """Context vectors [M, W] and, if conditional, CoCoOp's net from features [D] to offsets [W].

    mean_offset: the mean offset of the training frames. A text that is read without an image gets
    this one; without a net it is zero.
    """

    mean_offset: Tensor

    def __init__(self, context: Tensor, dim: int, conditional: bool):
        super().__init__()
        width = context.shape[1]
        self.context = nn.Parameter(context.clone())
        self.register_buffer("mean_offset", torch.zeros(width, device=context.device))
        self.net = None
        if conditional:
            # Section 3.2: two layers, the hidden one a sixteenth of the input.
            hidden = max(dim // 16, 4)
            last = nn.Linear(hidden, width)
            nn.init.zeros_(last.weight)  # the first texts are those of the start context
            nn.init.zeros_(last.bias)
            self.net = nn.Sequential(nn.Linear(dim, hidden), nn.ReLU(), last)
            self.net.to(context.device)

    def texts(self, towers: Towers, texts: list[str]) -> Tensor:
        """Unit features [M, D] of texts that no image is seen with."""
        return towers.texts(texts, self.context + self.mean_offset)

    def pairs(self, towers: Towers, images: Tensor, texts: list[str]) -> Tensor:
        """Cosines [N, M] of image features [N, D] with the texts read for each of them."""
        if self.net is None:
            return images @ self.texts(towers, texts).T
        offsets = self.net(images)
        context = (self.context + offsets[:, None]).repeat_interleave(len(texts), dim=0)
        read = towers.texts(texts * len(images), context).view(len(images), len(texts), -1)
        return torch.einsum("nd,nmd->nm", images, read)


def start_prompts(towers: Towers, dim: int, config: PromptsConfig) -> Prompts:
    """Prompts that begin with the embeddings of `WORDS`, repeated or cut to the number wanted."""
    if not 1 <= config.context <= towers.room:
        raise EmbodiedError(
            f"--context is the number of learned vectors, 1 to {towers.room} for this encoder; "
            f"got {config.context}"
        )
    words = towers.words(WORDS)
    rows = torch.arange(config.context, device=words.device) % len(words)
    return Prompts(words[rows].float(), dim, config.conditional)


def fit_prompts(
    encoder: ImageTextEncoder,
    towers: Towers,
    labelled: Labelled,
    prompts: PromptsConfig,
    config: FitConfig,
    report: Callable[[int, float], None] = lambda *_: None,
    saved: Path | None = None,
) -> Prompts:
    """Learn context vectors from labelled frames."""
    images = encode_frames(encoder.encode_images, labelled.frames).clone()
    texts = list(labelled.texts)
    by_hand = encoder.encode_texts(texts).clone()
    truth = torch.from_numpy(labelled.truth).to(encoder.device)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        learned = start_prompts(towers, encoder.dim, prompts)
    odds = Odds(towers.scale, towers.bias, float((images @ by_hand.T).mean())).to(encoder.device)

    def loss(index: Tensor) -> Tensor:
        index = index.to(encoder.device)
        if prompts.conditional:
            cosine, distance = learned.pairs(towers, images[index], texts), None
        else:
            read = learned.texts(towers, texts)
            cosine = images[index] @ read.T
            distance = (read - by_hand).square().sum(1).mean()
        value = labelled_loss(odds(cosine), truth[index], labelled.exclusive)
        if distance is not None and prompts.consistency:
            value = value + prompts.consistency * distance
        return value

    fit(nn.ModuleList([learned, odds]), loss, len(labelled), config, report, saved)
    if learned.net is not None:
        with torch.no_grad():
            learned.mean_offset.copy_(learned.net(images).mean(0))
    return learned
