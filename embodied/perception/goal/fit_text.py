"""Train goals from text: the upper layers of the sentence encoder on cached states of the lower."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from embodied.errors import EmbodiedError
from embodied.perception.goal.alfred import AlfredGoal, Instruction
from embodied.perception.goal.text_goal import GoalNetwork, Reader, batch
from embodied.runs.epochs import Report, run_epochs

BUCKET = 20
"""Batches whose texts are sorted by length together, so that little is padding."""


@dataclass(frozen=True)
class TextFit:
    """AdamW with a linear warm-up and decay; the head learns `head_factor` times as fast.

    smoothing: share of the truth that is spread over all goals: people's words are ambiguous.
    """

    epochs: int = 5
    batch_size: int = 32
    learning_rate: float = 3e-4
    head_factor: float = 10.0
    weight_decay: float = 0.01
    warmup: float = 0.06
    smoothing: float = 0.05
    seed: int = 0


def known_goals(instructions: Sequence[Instruction]) -> list[AlfredGoal]:
    """The goals of the instructions, each once, in a fixed order."""
    return sorted({one.goal for one in instructions})


def fit(
    reader: Reader,
    instructions: Sequence[Instruction],
    config: TextFit,
    report: Report = lambda *_: None,
    saved: Path | None = None,
) -> GoalNetwork:
    """Learn to name the goals of the instructions.

    saved: folder that each epoch leaves its state in, and from which training goes on.
    """
    if not instructions:
        raise EmbodiedError("there are no instructions to learn from")
    goals = known_goals(instructions)
    number = {goal: k for k, goal in enumerate(goals)}
    truth = torch.tensor([number[one.goal] for one in instructions])
    states = read_all(reader, [one.text for one in instructions])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        network = reader.network(goals)
        upper = {id(p) for p in network.upper.parameters()}
        groups = [
            {"params": list(network.upper.parameters()), "lr": config.learning_rate},
            {
                "params": [p for p in network.parameters() if id(p) not in upper],
                "lr": config.learning_rate * config.head_factor,
            },
        ]
        optimizer = torch.optim.AdamW(groups, weight_decay=config.weight_decay)
        steps = config.epochs * math.ceil(len(states) / config.batch_size)
        rise = max(config.warmup * steps, 1)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda i: min(1.0, (i + 1) / rise) * max(0.0, 1 - i / steps)
        )
        lengths = np.array([len(row) for row in states])

        def loss_of(index: np.ndarray) -> Tensor:
            logits = network(*batch([states[i] for i in index]))
            return cross_entropy(logits, truth[index], label_smoothing=config.smoothing)

        run_epochs(
            {"network": network},
            optimizer,
            schedule,
            config.epochs,
            lambda epoch: batches(lengths, config.batch_size, config.seed, epoch),
            loss_of,
            report,
            saved,
        )
    return network


def read_all(reader: Reader, texts: Sequence[str]) -> list[Tensor]:
    """The frozen layers' states of every text, in half precision."""
    states: list[Tensor] = []
    for start in range(0, len(texts), 128):
        states += [row.half() for row in reader(texts[start : start + 128])]
    return states


def batches(lengths: np.ndarray, size: int, seed: int, epoch: int) -> Iterator[np.ndarray]:
    """Every index once, in batches of texts of about one length, the batches in random order."""
    rng = np.random.default_rng([seed, epoch])
    order = rng.permutation(len(lengths))
    found = []
    for start in range(0, len(order), size * BUCKET):
        chunk = order[start : start + size * BUCKET]
        chunk = chunk[np.argsort(lengths[chunk], kind="stable")]
        found += [chunk[i : i + size] for i in range(0, len(chunk), size)]
    for k in rng.permutation(len(found)):
        yield found[k]
