"""The alignment head: a residual linear map on each side of a frozen encoder.

SAIL (arXiv:2412.04616) aligns frozen unimodal features with light layers; here both features come
from one encoder, so each map begins as the identity and the adapted encoder as the base itself.
"""

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, normalize

from embodied.perception.adapt.fit import FitConfig, Odds, fit, labelled_loss
from embodied.perception.adapt.labelled import Labelled, encode_frames
from embodied.perception.align.data import Captions, Scenes
from embodied.perception.align.train import caption_weights, positive_weights
from embodied.perception.encoder import ImageTextEncoder


class Head(nn.Module):
    """z -> normalize(z + W z + b) for images and, with weights of its own, for texts."""

    def __init__(self, dim: int):
        super().__init__()
        self.image, self.text = nn.Linear(dim, dim), nn.Linear(dim, dim)
        for parameter in self.parameters():
            nn.init.zeros_(parameter)

    def images(self, features: Tensor) -> Tensor:
        return normalize(features + self.image(features), dim=-1)

    def texts(self, features: Tensor) -> Tensor:
        return normalize(features + self.text(features), dim=-1)


def fit_on_scenes(
    encoder: ImageTextEncoder,
    scenes: Scenes,
    captions: Captions,
    config: FitConfig,
    report: Callable[[int, float], None] = lambda *_: None,
    saved: Path | None = None,
) -> Head:
    """Train a head with the graded sigmoid loss of `embodied.perception.align.train`.

    scenes: `frames` are the encoder's embeddings [N, D] of the pictures.
    """
    owners = torch.from_numpy(captions.owners(scenes.statements)).to(encoder.device)
    weight = caption_weights(scenes, captions).to(encoder.device)
    positive = positive_weights(scenes.truth)[owners.cpu()].to(encoder.device)
    texts = encoder.encode_texts(list(captions.texts)).clone()
    sample = torch.from_numpy(scenes.frames[:256].copy()).to(encoder.device)
    head = Head(encoder.dim).to(encoder.device)
    odds = Odds(10.0, None, float((sample @ texts.T).mean())).to(encoder.device)

    def loss(index: Tensor) -> Tensor:
        images, truth = scenes.batch(index.numpy())
        cosine = head.images(images.to(encoder.device)) @ head.texts(texts).T
        losses = binary_cross_entropy_with_logits(
            odds(cosine),
            truth.to(encoder.device)[:, owners],
            pos_weight=positive,
            reduction="none",
        )
        return (losses.mean(0) * weight).sum()

    fit(nn.ModuleList([head, odds]), loss, len(scenes), config, report, saved)
    return head


def fit_on_labels(
    encoder: ImageTextEncoder,
    labelled: Labelled,
    config: FitConfig,
    report: Callable[[int, float], None] = lambda *_: None,
    saved: Path | None = None,
) -> Head:
    """Train a head on labelled frames."""
    images = encode_frames(encoder.encode_images, labelled.frames).clone()
    texts = encoder.encode_texts(list(labelled.texts)).clone()
    truth = torch.from_numpy(labelled.truth).to(encoder.device)
    head = Head(encoder.dim).to(encoder.device)
    odds = Odds(10.0, None, float((images @ texts.T).mean())).to(encoder.device)

    def loss(index: Tensor) -> Tensor:
        index = index.to(encoder.device)
        cosine = head.images(images[index]) @ head.texts(texts).T
        return labelled_loss(odds(cosine), truth[index], labelled.exclusive)

    fit(nn.ModuleList([head, odds]), loss, len(labelled), config, report, saved)
    return head
