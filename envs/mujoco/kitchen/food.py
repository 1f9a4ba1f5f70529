"""Food, whole and in slices."""

from functools import partial

import numpy as np

from embodied.envs.mujoco.kitchen.shapes import Mesh, blob, join, lathe, loaf, move, tube
from embodied.envs.mujoco.kitchen.things import Colour, Part, Shape, Solid

RED, GREEN, LEAF = (0.78, 0.1, 0.08), (0.5, 0.68, 0.2), (0.2, 0.45, 0.12)
CREAM, STALK = (0.96, 0.9, 0.68), (0.35, 0.24, 0.12)
SKIN, FLESH = (0.68, 0.5, 0.28), (0.94, 0.86, 0.55)
CRUST, CRUMB = (0.72, 0.45, 0.2), (0.95, 0.85, 0.64)


def apple(rng: np.random.Generator) -> Shape:
    size = rng.uniform(0.036, 0.043)
    body = blob((size, size, size), rng, bumps=0.02, dent=0.3)
    top = body[0][:, 2].max()
    stalk = tube(
        np.array([(0, 0, top - 0.014), (0.001, 0, top + 0.002), (0.006, 0, top + 0.014)]), 0.0022
    )
    leaf = move(
        (
            np.array(
                [(0, 0, 0), (0.016, 0.007, 0.006), (0.03, 0, 0.002), (0.016, -0.007, 0.004)], float
            ),
            np.array([(0, 2, 1), (0, 3, 2), (0, 1, 2), (0, 2, 3)]),
        ),
        (0.004, 0, top + 0.004),
    )
    parts = (
        Part(body, "fruit", RED, tint=True),
        Part(stalk, "matte", STALK),
        Part(leaf, "matte", LEAF),
    )
    palette = (RED, (0.7, 0.16, 0.1), GREEN, (0.85, 0.62, 0.2))
    return Shape(
        parts, (Solid("sphere", (size * 0.96,), (0, 0, size * 0.96)),), 0.18, palette=palette
    )


def tomato(rng: np.random.Generator) -> Shape:
    size = rng.uniform(0.034, 0.041)
    body = blob((size, size, size * 0.8), rng, bumps=0.03, dent=0.12)
    top = body[0][:, 2].max()
    sepals = [
        move(
            tube(
                np.array([(0, 0, 0.002), (0.012, 0, 0.003), (0.024, 0, -0.004)]),
                [0.005, 0.004, 0.001],
                flat=0.3,
            ),
            (0, 0, top - 0.002),
            turn,
        )
        for turn in range(0, 360, 60)
    ]
    stalk = tube(np.array([(0, 0, top - 0.003), (0, 0, top + 0.01)]), 0.003)
    parts = (
        Part(body, "glossy", (0.86, 0.12, 0.06), tint=True),
        Part(join(stalk, *sepals), "matte", LEAF),
    )
    solid = Solid("ellipsoid", (size * 0.96, size * 0.96, size * 0.76), (0, 0, size * 0.76))
    return Shape(parts, (solid,), 0.14, palette=((0.86, 0.12, 0.06), (0.9, 0.25, 0.08)))


def potato(rng: np.random.Generator) -> Shape:
    x, y, z = rng.uniform(0.045, 0.056), rng.uniform(0.032, 0.038), rng.uniform(0.027, 0.032)
    body = blob((x, y, z), rng, bumps=0.1)
    solid = Solid("ellipsoid", (x, y, z), (0, 0, z))
    palette = (SKIN, (0.75, 0.58, 0.34), (0.6, 0.42, 0.24))
    return Shape((Part(body, "potato", SKIN, tint=True),), (solid,), 0.17, palette=palette)


def egg(rng: np.random.Generator) -> Shape:
    points, faces = blob((0.028, 0.021, 0.021), rng)
    points[:, 1:] = (points[:, 1:] - (0, 0.021)) * (1 - 5 * points[:, :1]) + (0, 0.021)
    points[:, 2] -= points[:, 2].min()
    solid = Solid("ellipsoid", (0.028, 0.021, 0.021), (0, 0, 0.021))
    palette = ((0.93, 0.8, 0.66), (0.96, 0.94, 0.9))
    return Shape(
        (Part((points, faces), "matte", palette[0], tint=True),), (solid,), 0.06, palette=palette
    )


def bread(rng: np.random.Generator) -> Shape:
    width, height, length = (
        rng.uniform(0.05, 0.058),
        rng.uniform(0.09, 0.11),
        rng.uniform(0.2, 0.25),
    )
    body = loaf(_bread_outline(width, height), length)
    cuts = [
        move(
            tube(
                np.array(
                    [
                        (0, -0.6 * width, height * 0.94),
                        (0.008, 0, height * 1.005),
                        (0, 0.6 * width, height * 0.94),
                    ]
                ),
                0.006,
                0.5,
            ),
            (at, 0, 0),
        )
        for at in np.linspace(-0.3, 0.3, 4) * length
    ]
    parts = (Part(body, "crust", CRUST, tint=True), Part(join(*cuts), "matte", (0.88, 0.68, 0.4)))
    solid = Solid("box", (length / 2, width, height * 0.46), (0, 0, height * 0.46))
    return Shape(parts, (solid,), 0.5, palette=(CRUST, (0.6, 0.36, 0.16), (0.8, 0.56, 0.28)))


def lettuce(rng: np.random.Generator) -> Shape:
    size = rng.uniform(0.07, 0.08)
    heart = blob((size * 0.85, size * 0.85, size * 0.75), rng, bumps=0.1)
    leaves = []
    for turn in np.arange(0, 360, 60) + rng.uniform(-10, 10, 6):
        leaf = blob((size * 0.62, size * 0.5, size * 0.62), rng, bumps=0.28, rows=9, segments=14)
        leaves.append(
            move(
                leaf,
                (0.045 * np.cos(np.radians(turn)), 0.045 * np.sin(np.radians(turn)), 0.004),
                turn,
            )
        )
    parts = (
        Part(heart, "leaf", (0.66, 0.82, 0.36)),
        Part(join(*leaves), "leaf", (0.45, 0.7, 0.2), tint=True),
    )
    solid = Solid("ellipsoid", (size * 1.05, size * 1.05, size * 0.66), (0, 0, size * 0.66))
    return Shape(parts, (solid,), 0.3, palette=((0.45, 0.7, 0.2), (0.34, 0.6, 0.18)))


def disc_slice(
    rng: np.random.Generator, radius: float, rim: Colour, flesh: Colour, seed: Colour, seeds: int
) -> Shape:
    """A round slice: a rim of skin, its flesh, and seeds in it."""
    h = 0.016
    skin = lathe([(0, 0), (radius * 0.96, 0), (radius, h / 2), (radius * 0.96, h), (0, h)])
    parts = [Part(skin, "glossy", rim), Part(_disc(radius * 0.9, h, 0.0006), "food", flesh)]
    at = radius * (0.3 if seeds == 5 else 0.55)
    turns = np.arange(seeds) * 2 * np.pi / max(seeds, 1)
    seed_discs = [
        move(_disc(radius * 0.13, h, 0.0012, 8), (at * np.cos(a), at * np.sin(a), 0)) for a in turns
    ]
    if seed_discs:
        parts.append(Part(join(*seed_discs), "food", seed))
    return Shape(tuple(parts), (Solid("cylinder", (radius, h / 2), (0, 0, h / 2)),), 0.04)


def _disc(radius: float, height: float, out: float, segments: int = 22) -> Mesh:
    """A disc from -out to height + out."""
    profile = [(0, -out), (radius, -out), (radius, height + out), (0, height + out)]
    return lathe(profile, segments)


def bread_slice(rng: np.random.Generator) -> Shape:
    points, faces = loaf(_bread_outline(0.05, 0.1), 0.018, taper=1)
    inside, more = loaf(_bread_outline(0.044, 0.09), 0.0195, taper=1)

    def lay(vertices: np.ndarray) -> np.ndarray:  # flat on its side, the crumb to the top
        return np.column_stack([vertices[:, 2] - 0.05, vertices[:, 1], 0.009 - vertices[:, 0]])

    parts = (
        Part((lay(points), faces), "crust", CRUST),
        Part((lay(inside + np.array((0, 0, 0.004))), more), "food", CRUMB),
    )
    return Shape(parts, (Solid("box", (0.048, 0.048, 0.009), (0, 0, 0.009)),), 0.04)


def lettuce_slice(rng: np.random.Generator) -> Shape:
    leaf = blob((0.05, 0.036, 0.014), rng, bumps=0.25)
    rib = tube(
        np.array([(-0.045, 0, 0.02), (0, 0, 0.029), (0.03, 0, 0.026)]), [0.006, 0.004, 0.002]
    )
    parts = (Part(leaf, "leaf", (0.55, 0.78, 0.28)), Part(rib, "food", (0.9, 0.94, 0.75)))
    return Shape(parts, (Solid("box", (0.046, 0.032, 0.012), (0, 0, 0.012)),), 0.05)


def cracked_egg(rng: np.random.Generator) -> Shape:
    turn = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    spread = 0.048 * (1 + 0.1 * np.cos(3 * turn + rng.uniform(0, 6)) + 0.08 * np.cos(2 * turn))
    white = _puddle(spread, turn)
    yolk = lathe([(0, 0.003), (0.017, 0.004), (0.016, 0.012), (0.01, 0.017), (0, 0.018)])
    parts = (Part(white, "food", (0.97, 0.96, 0.93)), Part(yolk, "glossy", (0.98, 0.7, 0.1)))
    return Shape(parts, (Solid("cylinder", (0.045, 0.004), (0, 0, 0.004)),), 0.05)


def _puddle(spread: np.ndarray, turn: np.ndarray) -> Mesh:
    rings = []
    for share, z in ((0, 0), (1, 0), (0.97, 0.004), (0.6, 0.007), (0, 0.007)):
        rings.append(
            np.column_stack(
                [share * spread * np.cos(turn), share * spread * np.sin(turn), np.full(20, z)]
            )
        )
    return np.concatenate(rings), lathe([(1, 0)] * 5, 20)[1]


def _bread_outline(width: float, height: float) -> list[tuple[float, float]]:
    """A tin loaf's cross-section: straight sides, and a top that bulges over them."""
    bulge = [
        (1.12 * width * np.cos(a), height * (0.66 + 0.34 * np.sin(a)))
        for a in np.linspace(0, np.pi, 11)
    ]
    return [(-width, 0.0), (width, 0.0), (width, 0.5 * height), *bulge, (-width, 0.5 * height)]


FOOD = {
    "Apple": apple,
    "Tomato": tomato,
    "Potato": potato,
    "Egg": egg,
    "Bread": bread,
    "Lettuce": lettuce,
    "AppleSliced": partial(disc_slice, radius=0.036, rim=RED, flesh=CREAM, seed=STALK, seeds=5),
    "TomatoSliced": partial(
        disc_slice,
        radius=0.034,
        rim=(0.8, 0.08, 0.05),
        flesh=(0.93, 0.3, 0.2),
        seed=(0.97, 0.75, 0.3),
        seeds=7,
    ),
    "PotatoSliced": partial(disc_slice, radius=0.034, rim=SKIN, flesh=FLESH, seed=FLESH, seeds=0),
    "BreadSliced": bread_slice,
    "LettuceSliced": lettuce_slice,
    "EggCracked": cracked_egg,
}
