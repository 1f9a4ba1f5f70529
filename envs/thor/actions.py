"""The action space: iTHOR's discrete actions, with the number of an object where one is needed."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium import spaces

NAVIGATION = (
    "MoveAhead",
    "MoveBack",
    "MoveLeft",
    "MoveRight",
    "RotateLeft",
    "RotateRight",
    "LookUp",
    "LookDown",
    "Crouch",
    "Stand",
    "Pass",
)
INTERACTION = (
    "PickupObject",
    "PutObject",  # what is held, into or onto the object
    "OpenObject",
    "CloseObject",
    "ToggleObjectOn",
    "ToggleObjectOff",
    "SliceObject",
)
ACTIONS = (*NAVIGATION, "DropHandObject", *INTERACTION)


def action_space(objects: int) -> spaces.MultiDiscrete:
    """[index into ACTIONS, number of an object]; the number counts for INTERACTION alone."""
    return spaces.MultiDiscrete([len(ACTIONS), objects])


def encode(name: str, number: int = 0) -> np.ndarray:
    """The action `name` (on the object of that number) as an element of the space, int64 [2]."""
    return np.array([ACTIONS.index(name), number], dtype=np.int64)


def decode(action: Sequence[int] | np.ndarray, ids: Sequence[str]) -> dict[str, Any] | None:
    """The arguments of `Session.step`; None for an object number that nothing has."""
    name, number = ACTIONS[int(action[0])], int(action[1])
    if name not in INTERACTION:
        return {"action": name}
    return {"action": name, "objectId": ids[number]} if number < len(ids) else None
