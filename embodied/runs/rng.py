"""The state of every random number generator, as a tree that a checkpoint can hold."""

from __future__ import annotations

import random
from typing import Any

import numpy as np


def rng_state() -> dict[str, Any]:
    """The global generators of Python, numpy, torch (CPU) and, if there are any, CUDA devices."""
    import torch

    version, words, gauss = random.getstate()
    state: dict[str, Any] = {
        "python": {"version": version, "words": np.array(words, np.uint32), "gauss": gauss},
        "numpy": np.random.get_state(legacy=False),  # noqa: NPY002 (libraries draw from it)
        "torch": torch.get_rng_state(),
    }
    if torch.cuda.is_available():
        state["cuda"] = torch.cuda.get_rng_state_all()
    return state


def set_rng_state(state: dict[str, Any]) -> None:
    """Set the global generators to what `rng_state` returned.

    CUDA generators are set on as many devices as both machines have: a run that moved to other
    hardware goes on, but cannot be the same bit for bit.
    """
    import torch

    python = state["python"]
    words = tuple(int(word) for word in python["words"])
    random.setstate((python["version"], words, python["gauss"]))
    np.random.set_state(state["numpy"])  # noqa: NPY002
    torch.set_rng_state(state["torch"])
    for device, generator in enumerate(state.get("cuda", [])[: torch.cuda.device_count()]):
        torch.cuda.set_rng_state(generator, device)


def generator_state(generator: np.random.Generator) -> dict[str, Any]:
    """The state of a numpy Generator (how often it spawned children is not part of it)."""
    return dict(generator.bit_generator.state)


def set_generator_state(generator: np.random.Generator, state: dict[str, Any]) -> None:
    """Set `generator`, of the same bit generator, to what `generator_state` returned.

    Raises:
        ValueError: the state is of another bit generator.
    """
    generator.bit_generator.state = state
