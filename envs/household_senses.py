"""What the household environments, AI2-THOR and the kitchen, let an agent see."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from gymnasium import spaces

from embodied.errors import EmbodiedError, unknown

FAR = 100.0  # metres; no room is larger

Observation = np.ndarray | dict[str, np.ndarray]


def observation_space(
    modalities: Iterable[str], size: tuple[int, int], objects: int
) -> spaces.Space[Any]:
    """The space of frames of `size` (height, width): the colours alone, or a dict with more.

    `rgb` uint8 [H, W, 3]; `depth` float32 [H, W] in metres; `instance` int32 [H, W], the number of
    the object that is seen, -1 for none. Raises EmbodiedError for other modalities or without rgb.
    """
    every: dict[str, spaces.Space[Any]] = {
        "rgb": spaces.Box(0, 255, (*size, 3), np.uint8),
        "depth": spaces.Box(0, FAR, size, np.float32),
        "instance": spaces.Box(-1, objects - 1, size, np.int32),
    }
    for name in modalities:
        if name not in every:
            raise unknown("modality", name, every)
    chosen = {name: every[name] for name in modalities}
    if "rgb" not in chosen:
        raise EmbodiedError("modalities must hold 'rgb': the environment is drawn with it")
    return chosen["rgb"] if len(chosen) == 1 else spaces.Dict(chosen)
