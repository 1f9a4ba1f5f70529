"""Make what the classic-control scenes are drawn with: `python assets/classic/make_scene.py`.

The textures are procedural and ours. `mountain_mesh.xml` holds the mountain's mesh: the road of
Gymnasium's mountain car, 0.45 sin(3 x) + 0.55, extruded.
"""

from pathlib import Path

import imageio.v3 as iio
import numpy as np
from scipy.ndimage import gaussian_filter

SIZE = 128
LEFT, RIGHT, POINTS = -1.9, 1.3, 65
FRONT, BACK, BOTTOM = -0.35, 0.55, -0.6


def noise(rng: np.random.Generator, sigma: float | tuple[float, float]) -> np.ndarray:
    """Tileable smooth noise in [-1, 1], [SIZE, SIZE]."""
    field = gaussian_filter(rng.standard_normal((SIZE, SIZE)), sigma, mode="wrap")
    return field / np.abs(field).max()


def paint(base: tuple[int, int, int], shade: np.ndarray) -> np.ndarray:
    """An RGB picture of one colour, brightened and darkened by `shade`."""
    return np.clip(np.array(base) * (1 + shade[..., None]), 0, 255).astype(np.uint8)


def textures(rng: np.random.Generator) -> dict[str, np.ndarray]:
    y, x = np.mgrid[:SIZE, :SIZE]
    plank = y // 16
    grain = 0.10 * noise(rng, (0.7, 9)) + 0.08 * np.sin(plank * 12.9898) - 0.25 * (y % 16 < 1)
    joint = (y % 32 < 3) | ((x + 32 * (y // 32 % 2)) % 64 < 3)
    strata = 0.12 * np.sin((y + 9 * noise(rng, 9)) * np.pi / 8)
    waves = 0.08 * np.sin((x + 2 * y) * np.pi / 16)
    return {
        "rock": paint((134, 112, 92), strata + 0.16 * noise(rng, 1.5)),
        "meadow": paint((88, 132, 66), 0.22 * noise(rng, 1) + 0.2 * noise(rng, 7)),
        "sand": paint((206, 176, 128), waves + 0.1 * noise(rng, 2)),
        "snow": paint((214, 222, 232), 0.10 * noise(rng, 3) + 0.08 * noise(rng, 9)),
        "wood": paint((170, 128, 88), grain),
        "brick": paint((158, 88, 70), 0.1 * noise(rng, 2) + 0.35 * joint),
        "tiles": paint((188, 194, 196), 0.04 * noise(rng, 5) - 0.3 * ((x % 64 < 3) | (y % 64 < 3))),
        "plaster": paint((190, 196, 176), 0.08 * noise(rng, 2) + 0.06 * noise(rng, 9)),
    }


def mountain() -> str:
    """The extruded road as a MuJoCo mesh with texture coordinates, one unit to a texture."""
    place = np.linspace(LEFT, RIGHT, POINTS)
    top = 0.45 * np.sin(3 * place) + 0.55
    vertices, coordinates, faces = [], [], []

    def wall(corners: list[np.ndarray], uv: list[np.ndarray]) -> None:
        """A strip of quadrilaterals between two edges [POINTS, 3], seen from its front side."""
        base, n = len(vertices), len(corners[0])
        vertices.extend([*corners[0], *corners[1]])
        coordinates.extend([*uv[0], *uv[1]])
        for i in range(base, base + n - 1):
            faces.extend([(i, i + 1, i + n + 1), (i, i + n + 1, i + n)])

    def edge(depth: float, level: np.ndarray) -> np.ndarray:
        return np.stack([place, np.full(POINTS, depth), level], axis=1)

    floor = np.full(POINTS, BOTTOM)
    flat = [np.stack([place, v], axis=1) for v in (floor, top)]
    deep = [np.stack([place, np.full(POINTS, v)], axis=1) for v in (0.0, BACK - FRONT)]
    wall([edge(FRONT, floor), edge(FRONT, top)], flat)
    wall([edge(FRONT, top), edge(BACK, top)], deep)
    wall([edge(BACK, top), edge(BACK, floor)], flat[::-1])
    wall([edge(BACK, floor), edge(FRONT, floor)], deep[::-1])
    for side, order in ((0, 1), (POINTS - 1, -1)):
        corners = [(FRONT, BOTTOM), (FRONT, top[side]), (BACK, top[side]), (BACK, BOTTOM)]
        base = len(vertices)
        vertices.extend([(place[side], y, z) for y, z in corners])
        coordinates.extend(corners)
        faces.extend(tuple(base + i for i in face[::order]) for face in ((0, 1, 2), (0, 2, 3)))

    def text(rows: list) -> str:
        return " ".join(f"{v:.4g}" for row in rows for v in row)

    return (
        "<!-- Written by make_scene.py. -->\n<mujoco>\n  <asset>\n"
        f'    <mesh name="mountain" vertex="{text(vertices)}"\n'
        f'      texcoord="{text(coordinates)}"\n'
        f'      face="{" ".join(str(i) for face in faces for i in face)}"/>\n'
        "  </asset>\n</mujoco>\n"
    )


def main() -> None:
    here = Path(__file__).parent
    (here / "textures").mkdir(exist_ok=True)
    for name, picture in textures(np.random.default_rng(0)).items():
        iio.imwrite(here / "textures" / f"{name}.png", picture)
    (here / "mountain_mesh.xml").write_text(mountain())


if __name__ == "__main__":
    main()
