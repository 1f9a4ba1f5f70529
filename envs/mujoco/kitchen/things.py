"""What a thing that can be carried is made of: visible parts, solids, a place on it."""

from dataclasses import dataclass

import numpy as np

from embodied.envs.mujoco.kitchen.shapes import Mesh

Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Part:
    """A visible surface. `tint`: the colour varies from scene to scene."""

    mesh: Mesh
    material: str
    colour: Colour
    tint: bool = False
    alpha: float = 1.0


@dataclass(frozen=True)
class Solid:
    """What collides: `kind` of MuJoCo's primitives with its half sizes, m."""

    kind: str
    size: tuple[float, ...]
    pos: tuple[float, float, float]
    quat: tuple[float, float, float, float] = (1, 0, 0, 0)


@dataclass(frozen=True)
class Spot:
    """Where things can be put: a box [2 half, 2 half, height] m above `pos`."""

    pos: tuple[float, float, float]
    half: tuple[float, float]
    height: float


@dataclass(frozen=True)
class Shape:
    """One thing; its origin is the middle of what it stands on.

    mass: kg. palette: colours of the tinted parts.
    """

    parts: tuple[Part, ...]
    solids: tuple[Solid, ...]
    mass: float
    spot: Spot | None = None
    palette: tuple[Colour, ...] = ()

    @property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest corner of its parts, m."""
        points = np.concatenate([part.mesh[0] for part in self.parts])
        return points.min(0), points.max(0)

    @property
    def foot(self) -> tuple[np.ndarray, np.ndarray]:
        """The corners of what is at most 1.5 cm above the ground: a pan without its handle."""
        points = np.concatenate([part.mesh[0] for part in self.parts])
        points = points[points[:, 2] < points[:, 2].min() + 0.015]
        return points.min(0), points.max(0)


def shell(radius: float, height: float, floor: float = 0.006, wall: float = 0.004) -> list[Solid]:
    """Solids of a round vessel: a floor and eight walls, which do not touch the ground."""
    solids = [Solid("cylinder", (radius, floor / 2), (0, 0, floor / 2))]
    for turn in np.arange(8) * np.pi / 4:
        middle = radius - wall
        size = (wall, radius * np.tan(np.pi / 8), height / 2 - 0.002)
        pos = (middle * np.cos(turn), middle * np.sin(turn), height / 2 + 0.002)
        solids.append(Solid("box", size, pos, (np.cos(turn / 2), 0, 0, np.sin(turn / 2))))
    return solids
