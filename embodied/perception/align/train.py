"""Train the image tower and the text head with a graded sigmoid loss.

SigLIP (arXiv:2303.15343) asks of every picture and every text whether they belong together. Here
the simulator answers for all pairs, and by degrees, so the loss is binary cross-entropy against the
truth of each caption: no false negatives, and a cosine that grows as a pose comes closer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, normalize

from embodied.perception.align.data import Captions, Scenes
from embodied.perception.encoder import has_fast_bfloat16
from embodied.perception.network import NetworkConfig, TwoTowers
from embodied.runs.epochs import load_epochs, save_epochs


@dataclass(frozen=True)
class AlignConfig:
    """How to train: epochs over the pictures, pictures a step, AdamW's peak rate and decay."""

    epochs: int = 8
    batch_size: int = 256
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    warmup: float = 0.05
    # Noise on the sentence embeddings, as a share of their length: neighbours of a caption in
    # MiniLM's space should mean nearly the same.
    text_noise: float = 0.15
    jitter: float = 0.15
    seed: int = 0


def align(
    scenes: Scenes,
    captions: Captions,
    sentences: Tensor,
    config: AlignConfig,
    network: NetworkConfig | None = None,
    device: str = "cpu",
    report: Callable[[int, float], None] = lambda *_: None,
    saved: Path | None = None,
    start: TwoTowers | None = None,
) -> TwoTowers:
    """Train two towers on pictures and captions.

    Args:
        sentences: embeddings of `captions.texts`, [M, text_dim].
        report: called with (pictures seen, loss).
        saved: folder that each epoch leaves its state in, and from which training goes on.
        start: towers to go on from; new ones are made by `network` where it is None.
    """
    torch.manual_seed(config.seed)
    model = (start or TwoTowers(network or NetworkConfig())).train().to(device)
    groups = _decay_groups(model, config.weight_decay)
    optimizer = torch.optim.AdamW(groups, lr=config.learning_rate, betas=(0.9, 0.98))
    per_epoch = len(scenes) // config.batch_size
    steps = config.epochs * per_epoch
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, config.learning_rate, max(steps, 1), pct_start=config.warmup
    )
    owners = torch.from_numpy(captions.owners(scenes.statements)).to(device)
    weight = caption_weights(scenes, captions).to(device)
    positive = positive_weights(scenes.truth)[owners.cpu()].to(device)
    sentences = sentences.to(device)
    half = has_fast_bfloat16(torch.device(device))
    parts = {"model": model, "optimizer": optimizer, "schedule": schedule}
    first = load_epochs(saved, **parts)
    step = first * per_epoch
    for epoch in range(first, config.epochs):
        order = np.random.default_rng([config.seed, epoch]).permutation(len(scenes))
        for row in range(0, per_epoch * config.batch_size, config.batch_size):
            frames, truth = scenes.batch(order[row : row + config.batch_size])
            frames, target = frames.to(device), truth.to(device)[:, owners]
            with torch.autocast(torch.device(device).type, torch.bfloat16, enabled=half):
                image = model.embed_frames(_jitter(frames, config.jitter))
            noise = torch.randn_like(sentences) * config.text_noise / sentences.shape[1] ** 0.5
            text = model.embed_sentences(normalize(sentences + noise, dim=-1))
            logits = model.log_scale.exp() * image @ text.T + model.bias
            losses = binary_cross_entropy_with_logits(
                logits, target, pos_weight=positive, reduction="none"
            )
            loss = (losses.mean(0) * weight).sum()
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
            step += 1
            if step % 20 == 0 or step == steps:
                report(step * config.batch_size, loss.item())
        save_epochs(saved, epoch + 1, **parts)
    return model.eval()


def caption_weights(scenes: Scenes, captions: Captions) -> Tensor:
    """Each statement weighs the same, however many ways there are to say it; sums to 1, [M]."""
    owners = captions.owners(scenes.statements)
    counts = np.bincount(owners, minlength=len(scenes.statements))
    weight = 1 / counts[owners]
    return torch.tensor(weight / weight.sum(), dtype=torch.float32)


def positive_weights(truth: np.ndarray) -> Tensor:
    """Weight of the true side of each statement, [K]: rare postures count more, up to 8 times.

    Not by all of their rarity: a picture that is wrongly liked is worse for a reward than one that
    is wrongly disliked, because a policy goes and looks for it.
    """
    share = np.clip(truth.mean(0), 1e-4, 1)
    return torch.tensor(np.clip(((1 - share) / share) ** 0.4, 1, 8), dtype=torch.float32)


def _decay_groups(model: TwoTowers, weight_decay: float) -> list[dict[str, object]]:
    """Matrices and kernels decay; norms, biases, temperature do not."""
    matrices = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() <= 1]
    return [
        {"params": matrices, "weight_decay": weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]


def _jitter(frames: Tensor, amount: float) -> Tensor:
    """Random brightness and contrast for each picture, as float frames."""
    shape = (len(frames), 1, 1, 1)
    gain = 1 + amount * (2 * torch.rand(shape, device=frames.device) - 1)
    shift = 255 * amount * (torch.rand(shape, device=frames.device) - 0.5)
    return (frames.float() * gain + shift).clamp_(0, 255)
