"""Statements about a scene: a graded fact, the phrases that say it, and phrases kept for tests."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

SPLITS = ("train", "plain", "cameras", "textures")

OTHER_WORLDS = (
    "a humanoid robot kneeling",
    "a humanoid robot standing up",
    "a person sitting on the floor",
    "a robot arm",
    "a dog",
    "an empty room",
    "a kitchen table with cups",
    "a bowl of fruit",
)
"""Words that are true of no picture of classic control."""
OTHER_WORLDS_HELD_OUT = ("a bicycle", "a sofa in a living room", "a man with crossed arms")


@dataclass(frozen=True)
class Statement:
    """A fact, state -> degree in [0, 1], with the phrases that say it."""

    fact: Callable[[Any], np.ndarray]
    phrases: tuple[str, ...]
    held_out: tuple[str, ...] = ()


def captions_of(
    statements: dict[str, Statement], held_out: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """All phrases and the statement that each says."""
    pairs = [
        (phrase, name)
        for name, statement in statements.items()
        for phrase in (statement.held_out if held_out else statement.phrases)
    ]
    return tuple(phrase for phrase, _ in pairs), tuple(name for _, name in pairs)


def truth_of(statements: dict[str, Statement], state: Any) -> np.ndarray:
    """Degree of every statement, float32 [n, K]."""
    degrees = [statement.fact(state) for statement in statements.values()]
    return np.stack(degrees, axis=1).astype(np.float32)
