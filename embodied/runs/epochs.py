"""Training in epochs; where it stands is on disk, so that one that was stopped goes on."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from embodied.runs.disk import recover, replace_folder, tmp_path
from embodied.runs.tree import load_tree, save_tree

Report = Callable[[int, float], object]
"""Called after each epoch with the epochs done and the mean loss."""
Batch = TypeVar("Batch")


class Stateful(Protocol):
    """A torch module, optimizer or schedule."""

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state_dict: Any) -> Any: ...


def load_epochs(folder: Path | None, **parts: Stateful) -> int:
    """Bring the parts and torch's random numbers to where `save_epochs` left them.

    Returns the number of epochs done: 0 where there is no such folder, or None is given.
    """
    if folder is None:
        return 0
    recover(folder.parent)
    if not folder.exists():
        return 0
    state = load_tree(folder / "state")
    for name, part in parts.items():
        part.load_state_dict(state[name])
    torch.set_rng_state(state["torch"])
    return state["epochs"]


def save_epochs(folder: Path | None, epochs: int, **parts: Stateful) -> None:
    """Replace the folder's state by the present one; killed at any moment, one of both is there."""
    if folder is None:
        return
    state = {name: part.state_dict() for name, part in parts.items()}
    new = tmp_path(folder)
    new.mkdir(parents=True)
    save_tree(new / "state", state | {"epochs": epochs, "torch": torch.get_rng_state()})
    replace_folder(new, folder)


def run_epochs(
    networks: dict[str, nn.Module],
    optimizer: torch.optim.Optimizer,
    schedule: Any,
    epochs: int,
    batches: Callable[[int], Iterable[Batch]],
    loss_of: Callable[[Batch], Tensor],
    report: Report = lambda *_: None,
    saved: Path | None = None,
) -> None:
    """Train the networks, and leave them in evaluation mode.

    batches: number of the epoch -> its batches, the same ones whenever it is asked.
    schedule: of torch, goes on with every batch. Gradients are clipped to a norm of 1.
    saved: folder that each epoch leaves its state in, and from which training goes on.
    """
    parts: dict[str, Any] = {**networks, "optimizer": optimizer, "schedule": schedule}
    weights = [p for network in networks.values() for p in network.parameters()]
    for epoch in range(load_epochs(saved, **parts), epochs):
        for network in networks.values():
            network.train()
        losses = []
        for batch in batches(epoch):
            loss = loss_of(batch)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(weights, 1.0)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        save_epochs(saved, epoch + 1, **parts)
        report(epoch + 1, float(np.mean(losses)))
    for network in networks.values():
        network.eval()
