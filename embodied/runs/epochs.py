"""Where a training in epochs stands, on disk, so that one that was stopped goes on."""

from pathlib import Path
from typing import Any, Protocol

import torch

from embodied.runs.disk import recover, replace_folder, tmp_path
from embodied.runs.tree import load_tree, save_tree


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
