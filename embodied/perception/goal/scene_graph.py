"""What is in a picture: a small network names types, states and places, cell by cell.

Its answer for a whole picture is a scene graph in numbers: for each type whether it is there, and
whether one is there that is dirty, or open, or in this or that.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn

from embodied.perception.network import ConvNorm, Residual


@dataclass(frozen=True)
class SceneConfig:
    """What is told apart, and the sizes.

    side: pixels of a picture's side; a cell has eight.
    kinds, properties: the channels of a cell, types first, then what may be true of one.
    slots: the types that a scene graph speaks of.
    """

    side: int
    kinds: tuple[str, ...]
    properties: tuple[str, ...]
    slots: tuple[str, ...]
    widths: tuple[int, int, int, int] = (16, 32, 64, 128)

    @property
    def features(self) -> int:
        """Numbers of a slot: presence, and each property."""
        return 1 + len(self.properties)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> SceneConfig:
        known: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in values.items()
        }
        return cls(**known)  # JSON has no tuples


class SceneNetwork(nn.Module):
    """uint8 pictures [N, S, S, 3] -> log-odds of every channel in every cell [N, C, S/8, S/8].

    Cells of 8 x 8 pixels see their surroundings through a map of half their resolution.
    """

    def __init__(self, config: SceneConfig) -> None:
        super().__init__()
        self.config = config
        first, fine, middle, coarse = config.widths
        self.fine = nn.Sequential(
            ConvNorm(3, first, 3, 2),
            nn.ReLU(),
            ConvNorm(first, fine, 3, 2),
            nn.ReLU(),
            Residual(fine),
        )
        self.middle = nn.Sequential(
            ConvNorm(fine, middle, 2, 2), nn.ReLU(), Residual(middle), Residual(middle)
        )
        self.coarse = nn.Sequential(
            ConvNorm(middle, coarse, 2, 2),
            nn.ReLU(),
            Residual(coarse),
            nn.Conv2d(coarse, middle, 1),
            nn.Upsample(scale_factor=2),
        )
        self.joint = nn.Sequential(ConvNorm(middle, middle + 32, 3), nn.ReLU())
        self.head = nn.Conv2d(middle + 32, len(config.kinds) + len(config.properties), 1)
        nn.init.constant_(self.head.bias, -4.0)  # pyright: ignore[reportArgumentType]
        slots = [config.kinds.index(kind) for kind in config.slots]
        self.register_buffer("slots", torch.tensor(slots), persistent=False)
        self.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]

    def forward(self, pictures: Tensor) -> Tensor:
        x = pictures.permute(0, 3, 1, 2).float().div(127.5).sub(1)
        middle = self.middle(self.fine(x))
        return self.head(self.joint(middle + self.coarse(middle)))

    def graph(self, cells: Tensor) -> Tensor:
        """Log-odds of cells [N, C, G, G] -> scene graphs [N, slots, features], about -2 to 2.

        What is true of a type somewhere is what is true of the best cell; that two things are true
        of a cell is as likely as the less likely one.
        """
        cells = cells.flatten(2)
        kinds = cells[:, self.slots]  # pyright: ignore[reportArgumentType]
        found = [kinds.amax(2)]
        first = len(self.config.kinds)
        found += [
            torch.minimum(kinds, cells[:, k : k + 1]).amax(2) for k in range(first, cells.shape[1])
        ]
        return torch.stack(found, 2).clamp(-8, 8) / 4

    def fuse(self) -> SceneNetwork:
        """Fold batch normalisation into the convolutions, in place, for inference."""
        for module in self.eval().modules():
            if isinstance(module, ConvNorm):
                module.fuse()
        return self
