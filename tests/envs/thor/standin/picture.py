"""Pictures of boxes: rays on a coarse grid, blown up to the size that was asked for."""

import zlib
from typing import NamedTuple

import numpy as np

from tests.envs.thor.standin.agent import Pose
from tests.envs.thor.standin.scenes import Thing
from tests.envs.thor.standin.space import entries

BLOCK = 8  # pixels of one ray
FAR = 20.0


class Picture(NamedTuple):
    """Rows from the bottom, as Unity sends them: uint8 [H, W, 3], float32 m, uint8 [H, W, 4]."""

    rgb: np.ndarray
    depth: np.ndarray
    ids: np.ndarray


def colour_of(name: str) -> tuple[int, int, int]:
    """One colour for each name; that of nothing is black."""
    number = zlib.crc32(name.encode())
    return number & 255 | 1, number >> 8 & 255, number >> 16 & 255


def draw(pose: Pose, things: list[Thing], width: int, height: int, fov: float) -> Picture:
    """What the agent sees; fov is vertical, in degrees."""
    shown = [thing for thing in things if not thing.gone and not thing.data["isPickedUp"]]
    low = np.array([thing.low for thing in shown])
    high = np.array([thing.high for thing in shown])
    slope = np.tan(np.radians(fov / 2))
    columns, rows = -(-width // BLOCK), -(-height // BLOCK)
    across = ((np.arange(columns) + 0.5) * BLOCK / width * 2 - 1) * slope * width / height
    up = ((np.arange(rows) + 0.5) * BLOCK / height * 2 - 1) * slope  # the first row is the lowest
    right, top, forward = pose.axes()
    rays = forward + across[None, :, None] * right + up[:, None, None] * top
    near = entries(pose.eye, rays.reshape(-1, 3), low, high)
    first = near.argmin(1)
    depth = np.minimum(near.min(1), FAR)  # rays are one long along the axis of the camera
    hit = near.min(1) < FAR
    colours = np.array([colour_of(thing.kind) for thing in shown])[first]
    shade = np.clip(1.2 - depth / 8, 0.3, 1)[:, None]
    wall = np.where(rays.reshape(-1, 3)[:, 1:2] > 0.3, 235.0, 205.0)
    rgb = np.where(hit[:, None], colours * shade, wall).astype(np.uint8)
    ids = np.array([(*colour_of(thing.id), 255) for thing in shown], np.uint8)[first]
    ids[~hit] = (0, 0, 0, 255)

    def full(image: np.ndarray) -> np.ndarray:
        image = image.reshape(rows, columns, -1).repeat(BLOCK, 0).repeat(BLOCK, 1)
        return np.ascontiguousarray(image[:height, :width])

    return Picture(full(rgb), full(depth.astype(np.float32)), full(ids))
