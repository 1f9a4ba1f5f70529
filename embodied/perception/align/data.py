"""Pictures, captions and how true each caption is of each picture."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class Scenes:
    """N pictures with the degree, in [0, 1], to which each of K statements is true of them.

    frames: uint8 [N, S, S, 3], in memory or a memory map. truth: float32 [N, K].
    statements: K names.
    """

    frames: np.ndarray
    truth: np.ndarray
    statements: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.frames)

    def batch(self, index: np.ndarray) -> tuple[Tensor, Tensor]:
        """Frames and truth of the rows `index`."""
        rows = np.sort(index)  # a memory map is read in its own order
        return torch.from_numpy(self.frames[rows]), torch.from_numpy(self.truth[rows])


@dataclass(frozen=True)
class Captions:
    """M texts and the statement that each of them says."""

    texts: tuple[str, ...]
    statements: tuple[str, ...]

    def owners(self, statements: tuple[str, ...]) -> np.ndarray:
        """Column of `statements` for each text, int [M]."""
        column = {name: i for i, name in enumerate(statements)}
        return np.array([column[name] for name in self.statements])
