"""Train goals from pictures: first what is in a picture, then what words about it mean."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from embodied.errors import EmbodiedError
from embodied.perception.goal.scene_graph import SceneNetwork
from embodied.perception.goal.seen_goal import JointNetwork
from embodied.runs.epochs import Report, run_epochs

Read = Callable[[npt.NDArray[np.int64]], tuple[Tensor, Tensor]]
"""Numbers of texts to the states of their words [B, W, D] and the mask [B, W]."""
See = Callable[[npt.NDArray[np.int64]], Tensor]
"""Numbers of pictures to their scene graphs."""


@dataclass(frozen=True)
class SeenFit:
    """AdamW with a linear warm-up and a cosine to nothing.

    batch_size: pictures. noise: standard deviation that is added to scene graphs.
    smoothing: share of the truth that is spread over all goals.
    """

    epochs: int = 6
    batch_size: int = 32
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    warmup: float = 0.06
    noise: float = 0.1
    smoothing: float = 0.02
    seed: int = 0


@dataclass(frozen=True)
class Samples:
    """Instructions about pictures: which picture, which text, which goal, int64 [N] each."""

    picture: npt.NDArray[np.int64]
    text: npt.NDArray[np.int64]
    goal: npt.NDArray[np.int64]


def fit_scene(
    network: SceneNetwork,
    pictures: npt.NDArray[np.uint8],
    cells: Callable[[npt.NDArray[np.int64]], npt.NDArray[np.bool_]],
    config: SeenFit,
    report: Report = lambda *_: None,
    saved: Path | None = None,
) -> None:
    """Learn what is in every cell of the pictures [N, S, S, 3]; every other one is mirrored.

    cells: the truth of pictures by their numbers, bool [n, C, G, G].
    saved: folder that each epoch leaves its state in, and from which training goes on.
    """
    if not len(pictures):
        raise EmbodiedError("there are no pictures to learn from")
    some = torch.from_numpy(cells(np.arange(min(len(pictures), 512)))).float()
    # A plate fills few cells and a counter many: rare channels weigh more, by the square root.
    weight = (some.mean((0, 2, 3)) + 1e-4).rsqrt()
    weight = (weight / weight.mean())[:, None, None]

    def loss_of(batch: npt.NDArray[np.int64], rng: np.random.Generator) -> Tensor:
        shown = torch.from_numpy(pictures[batch])
        truth = torch.from_numpy(cells(batch)).float()
        if rng.random() < 0.5:
            shown, truth = shown.flip(2), truth.flip(3)
        logits = network(shown)
        dense = (binary_cross_entropy_with_logits(logits, truth, reduction="none") * weight).mean()
        whole = binary_cross_entropy_with_logits(logits.amax((2, 3)), truth.amax((2, 3)))
        return 10 * dense + whole

    _fit({"scene": network}, len(pictures), loss_of, config, report, saved)


def fit_joint(
    network: JointNetwork,
    samples: Samples,
    read: Read,
    see: See,
    config: SeenFit,
    report: Report = lambda *_: None,
    saved: Path | None = None,
    scene: SceneNetwork | None = None,
) -> None:
    """Learn what the words about pictures mean. scene: trained with it, if `see` asks it."""
    if not len(samples.goal):
        raise EmbodiedError("there are no instructions to learn from")
    order = np.argsort(samples.picture, kind="stable")
    named, first = np.unique(samples.picture[order], return_index=True)
    groups = np.split(order, first[1:])
    goals = torch.from_numpy(samples.goal)
    networks: dict[str, nn.Module] = {"joint": network}
    if scene is not None:
        networks["scene"] = scene

    def loss_of(batch: npt.NDArray[np.int64], rng: np.random.Generator) -> Tensor:
        members = [groups[k] for k in batch]
        graphs = see(named[batch])
        if config.noise:
            graphs = graphs + torch.randn_like(graphs) * config.noise
        graphs = graphs.repeat_interleave(torch.tensor([len(m) for m in members]), 0)
        chosen = np.concatenate(members)
        logits = network(*read(samples.text[chosen]), graphs)
        return cross_entropy(logits, goals[chosen], label_smoothing=config.smoothing)

    _fit(networks, len(named), loss_of, config, report, saved)


def _fit(
    networks: dict[str, nn.Module],
    count: int,
    loss_of: Callable[[npt.NDArray[np.int64], np.random.Generator], Tensor],
    config: SeenFit,
    report: Report,
    saved: Path | None,
) -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        weights = [p for network in networks.values() for p in network.parameters()]
        optimizer = torch.optim.AdamW(
            weights, lr=config.learning_rate, weight_decay=config.weight_decay
        )
        steps = config.epochs * math.ceil(count / config.batch_size)
        rise = max(config.warmup * steps, 1)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer,
            lambda i: min(1.0, (i + 1) / rise) * (0.5 + 0.5 * math.cos(math.pi * i / steps)),
        )

        def drawn(epoch: int) -> Iterator[tuple[npt.NDArray[np.int64], np.random.Generator]]:
            rng = np.random.default_rng([config.seed, epoch])
            for batch in batches(rng, count, config.batch_size):
                yield batch, rng

        run_epochs(
            networks,
            optimizer,
            schedule,
            config.epochs,
            drawn,
            lambda item: loss_of(*item),
            report,
            saved,
        )


def batches(rng: np.random.Generator, count: int, size: int) -> Iterator[npt.NDArray[np.int64]]:
    """Every number below `count` once, in random order."""
    order = rng.permutation(count)
    for start in range(0, count, size):
        yield order[start : start + size]


def pack(rows: Sequence[Tensor]) -> Read:
    """Reads words whose states, [W, D] each, are kept."""
    from embodied.perception.goal.text_goal import batch

    return lambda numbers: batch([rows[k] for k in numbers])
