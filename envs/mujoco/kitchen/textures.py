"""Textures from noise: uint8 [n, n, 3] pictures that a geom's own colour is multiplied with."""

import mujoco
import numpy as np

SIZE = 96


def noise(rng: np.random.Generator, cells: tuple[int, int], octaves: int = 3) -> np.ndarray:
    """Smooth waves in [0, 1], float [SIZE, SIZE]; `cells` per side in the first octave."""
    total, weight = np.zeros((SIZE, SIZE)), 0.0
    for octave in range(octaves):
        rows, columns = cells[0] * 2**octave, cells[1] * 2**octave
        grid = rng.random((rows + 1, columns + 1))
        y, x = np.linspace(0, rows, SIZE, False), np.linspace(0, columns, SIZE, False)
        i, j = y.astype(int), x.astype(int)
        u, v = (np.cos(np.pi * (y - i)) / 2)[:, None], (np.cos(np.pi * (x - j)) / 2)[None]
        top = grid[i][:, j] * (0.5 + v) + grid[i][:, j + 1] * (0.5 - v)
        low = grid[i + 1][:, j] * (0.5 + v) + grid[i + 1][:, j + 1] * (0.5 - v)
        total += (top * (0.5 + u) + low * (0.5 - u)) * 0.5**octave
        weight += 0.5**octave
    return total / weight


def wood(rng: np.random.Generator) -> np.ndarray:
    """Grain from top to bottom."""
    rings = noise(rng, (2, 6)) * 5
    return _grey(
        0.86
        + 0.07 * np.sin(2 * np.pi * rings) * noise(rng, (1, 24))
        + 0.08 * noise(rng, (3, 40), 1)
    )


def stone(rng: np.random.Generator) -> np.ndarray:
    """Speckles and veins."""
    veins = np.exp(-((noise(rng, (3, 3)) - 0.5) ** 2) / 0.0008)
    return _grey(
        0.94 - 0.22 * veins * noise(rng, (4, 4)) - 0.12 * (rng.random((SIZE, SIZE)) < 0.08)
    )


def tiles(rng: np.random.Generator, rows: int, columns: int, shift: bool) -> np.ndarray:
    """Tiles in rows, every second one shifted by half a tile if `shift`."""
    y, x = np.mgrid[0:SIZE, 0:SIZE] / SIZE
    row = (y * rows).astype(int)
    across = x * columns + (0.5 * (row % 2) if shift else 0)
    tone = rng.uniform(0.9, 1, (rows, columns + 1))[row, across.astype(int) % (columns + 1)]
    edge = np.minimum((y * rows) % 1 / rows, (across % 1) / columns) < 0.018
    return _grey(np.where(edge, 0.72, tone))


def planks(rng: np.random.Generator) -> np.ndarray:
    """A floor of boards."""
    picture = wood(rng).astype(float)
    board = np.arange(SIZE) * 4 // SIZE
    picture *= rng.uniform(0.78, 1, 4)[board][None, :, None]
    picture[:, np.arange(SIZE) % (SIZE // 4) == 0] *= 0.55
    for k in range(4):
        picture[rng.integers(SIZE), board == k] *= 0.55
    return picture.astype(np.uint8)


def stains(rng: np.random.Generator) -> np.ndarray:
    """Brown smears on white: what a dirty thing is painted with."""
    smear = np.clip((noise(rng, (5, 5), 4) - 0.55) * 9, 0, 1)[..., None]
    brown = np.array((0.3, 0.17, 0.06)) * (0.7 + 0.5 * noise(rng, (9, 9))[..., None])
    return (255 * np.clip(1 - smear + smear * brown, 0, 1)).astype(np.uint8)


def scorch(rng: np.random.Generator) -> np.ndarray:
    """Browned patches and the stripes of a grill."""
    y = np.mgrid[0:SIZE, 0:SIZE][0] / SIZE
    stripes = np.clip(np.cos(y * 2 * np.pi * 6) * 3 - 1.4, 0, 1)
    dark = np.clip(0.75 * stripes + 0.5 * (noise(rng, (4, 4)) - 0.4), 0, 0.85)[..., None]
    return (255 * (1 - dark * np.array((0.7, 0.85, 0.95)))).astype(np.uint8)


def freckles(rng: np.random.Generator, share: float, depth: float) -> np.ndarray:
    """Spots on skin or crumb."""
    spots = np.clip((noise(rng, (14, 14), 2) - (1 - share)) * 8, 0, 1)
    return _grey(0.95 - depth * spots + 0.1 * (noise(rng, (4, 4)) - 0.5))


def streaks(rng: np.random.Generator) -> np.ndarray:
    """An apple's: lighter from pole to pole."""
    light = np.clip(noise(rng, (2, 16)) * 1.6 - 0.5, 0, 1)[..., None]
    return (
        255 * np.clip(np.array((1.0, 0.78, 0.7)) + light * np.array((0.0, 0.22, 0.2)), 0, 1)
    ).astype(np.uint8)


def add(spec: mujoco.MjSpec, name: str, picture: np.ndarray) -> None:
    """Add a texture for texture coordinates."""
    kind = mujoco.mjtTexture.mjTEXTURE_2D
    height, width = picture.shape[:2]
    texture = spec.add_texture(name=name, type=kind, width=width, height=height, nchannel=3)
    texture.data = np.ascontiguousarray(picture).tobytes()


def _grey(level: np.ndarray) -> np.ndarray:
    return np.repeat((255 * np.clip(level, 0, 1)).astype(np.uint8)[..., None], 3, 2)
