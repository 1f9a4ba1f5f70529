"""Draw the humanoid's and the floors' textures: `python assets/humanoid/make_textures.py`.

All of them are procedural and ours; the PNG files beside this script are what it printed.
"""

from pathlib import Path

import imageio.v3 as iio
import numpy as np
from scipy.ndimage import gaussian_filter

SIZE = 128


def noise(rng: np.random.Generator, sigma: float | tuple[float, float]) -> np.ndarray:
    """Tileable smooth noise in [-1, 1], [SIZE, SIZE]."""
    field = gaussian_filter(rng.standard_normal((SIZE, SIZE)), sigma, mode="wrap")
    return field / np.abs(field).max()


def paint(base: tuple[int, int, int], shade: np.ndarray) -> np.ndarray:
    """An RGB picture of one colour, brightened and darkened by `shade`."""
    return np.clip(np.array(base) * (1 + shade[..., None]), 0, 255).astype(np.uint8)


def textures(rng: np.random.Generator) -> dict[str, np.ndarray]:
    y, x = np.mgrid[:SIZE, :SIZE]
    weave = 0.5 * np.sin(x * np.pi / 2) * np.sin(y * np.pi / 2)
    plank, seam = y // 16, (y % 16 < 1) | ((x + 37 * (y // 16)) % 64 < 1)
    grain = 0.10 * noise(rng, (0.7, 9)) + 0.08 * np.sin(plank * 12.9898) - 0.28 * seam
    grout = (x % 64 < 3) | (y % 64 < 3)
    stones = noise(rng, 7) > 0.05
    return {
        "skin": paint((224, 172, 138), 0.06 * noise(rng, 3)),
        "shirt": paint((186, 58, 48), 0.06 * weave + 0.10 * noise(rng, 4)),
        "jeans": paint((52, 78, 128), 0.10 * np.sin((x + y) * np.pi / 4) + 0.10 * noise(rng, 4)),
        "wood": paint((176, 132, 88), grain),
        "grass": paint((92, 136, 66), 0.25 * noise(rng, 1) + 0.18 * noise(rng, 6)),
        "tiles": paint((196, 194, 188), 0.05 * noise(rng, 5) - 0.35 * grout),
        "carpet": paint((126, 104, 122), 0.10 * weave + 0.12 * noise(rng, 2)),
        "stone": paint((140, 138, 132), 0.10 * noise(rng, 2) + 0.14 * stones - 0.1),
    }


def main() -> None:
    folder = Path(__file__).parent / "textures"
    folder.mkdir(exist_ok=True)
    for name, picture in textures(np.random.default_rng(0)).items():
        iio.imwrite(folder / f"{name}.png", picture)


if __name__ == "__main__":
    main()
