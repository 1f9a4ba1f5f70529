"""An encoder for `--vlm colour`: a frame's mean colour beside the colours that a text names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from embodied.errors import EmbodiedError
from embodied.perception.encoder import check_images, check_texts, resolve_device

if TYPE_CHECKING:
    import torch
    from torch import Tensor

COLOURS = {"red": (1, 0, 0), "green": (0, 1, 0), "blue": (0, 0, 1), "white": (1, 1, 1)}


class ColourEncoder:
    """Embeds a frame as the direction of its mean colour, and a text as that of those it names."""

    name, fingerprint, dim, image_size = "colour", "colour-1", 3, 64

    def __init__(self, device: torch.device) -> None:
        self.device = device

    def encode_images(self, images: Tensor) -> Tensor:
        import torch

        check_images(images)
        mean = images.to(self.device).float().mean((1, 2)) + 1e-3  # black is grey, very dark
        return torch.nn.functional.normalize(mean, dim=1)

    def encode_texts(self, texts: list[str]) -> Tensor:
        import torch

        check_texts(texts)
        rows = []
        for text in texts:
            named = [COLOURS[word] for word in text.lower().split() if word in COLOURS]
            if not named:
                raise EmbodiedError(f"{text!r} names none of the colours {', '.join(COLOURS)}")
            rows.append([float(sum(channel)) for channel in zip(*named, strict=True)])
        found = torch.tensor(rows, dtype=torch.float32, device=self.device).reshape(-1, 3)
        return torch.nn.functional.normalize(found, dim=1)


def load(argument: str, device: str) -> ColourEncoder:
    """Mean colours and the words for them: `--vlm colour`."""
    return ColourEncoder(resolve_device(device))
