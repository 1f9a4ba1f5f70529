"""An encoder that can be reckoned with by hand: a frame's mean colour, and the names of colours."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

COLOURS = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255)}


class ColourEncoder:
    """Embeds a frame as the direction of its mean colour, and a text as the colour it names.

    A black frame has no direction and becomes NaN.
    """

    name, fingerprint, dim, image_size = "colours", "0", 3, 8
    device = torch.device("cpu")

    def encode_images(self, images: Tensor) -> Tensor:
        mean = images.float().mean((1, 2))
        return mean / mean.norm(dim=1, keepdim=True)

    def encode_texts(self, texts: list[str]) -> Tensor:
        return torch.nn.functional.normalize(
            torch.tensor([COLOURS[text] for text in texts], dtype=torch.float32), dim=1
        )


def frame(*colour: int, side: int = 8) -> np.ndarray:
    """A frame uint8 [side, side, 3] of one colour."""
    return np.full((side, side, 3), colour, np.uint8)


def red_to_green(count: int) -> np.ndarray:
    """Frames uint8 [count, 8, 8, 3] whose embeddings turn evenly from red to green."""
    angles = np.linspace(0, np.pi / 2, count)
    return np.stack([frame(round(250 * np.cos(a)), round(250 * np.sin(a)), 0) for a in angles])
