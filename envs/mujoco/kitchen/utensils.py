"""Cutlery, and what one stirs and turns with."""

import numpy as np

from embodied.envs.mujoco.kitchen.crockery import DARK, STEEL, WOOD
from embodied.envs.mujoco.kitchen.shapes import join, lathe, move, prism, rounded, tube
from embodied.envs.mujoco.kitchen.things import Part, Shape, Solid


def knife(rng: np.random.Generator) -> Shape:
    blade = prism(
        [(0.0, -0.016), (0.1, -0.016), (0.15, -0.002), (0.165, 0.013), (0.0, 0.013)], 0.003, 0.008
    )
    grip = prism(_bar(-0.115, 0.003, 0.012), 0.018)
    rivets = [
        move(lathe([(0, 0), (0.003, 0), (0.003, 0.019), (0, 0.019)], 8), (x, 0, 0))
        for x in (-0.09, -0.06, -0.03)
    ]
    parts = (
        Part(blade, "metal", (0.82, 0.83, 0.85)),
        Part(grip, "matte", DARK, tint=True),
        Part(join(*rivets), "metal", STEEL),
    )
    solid = Solid("box", (0.14, 0.013, 0.008), (0.025, 0, 0.008))
    return Shape(parts, (solid,), 0.15, palette=(DARK, WOOD, (0.55, 0.12, 0.1)))


def butter_knife(rng: np.random.Generator) -> Shape:
    blade = prism(
        [(0, -0.005), (0.03, -0.009), (0.085, -0.009), (0.1, 0.0), (0.085, 0.008), (0, 0.005)],
        0.0025,
        0.004,
    )
    grip = prism(_bar(-0.1, 0.005, 0.008), 0.01)
    parts = (Part(blade, "metal", STEEL), Part(grip, "metal", STEEL, tint=True))
    return Shape(
        parts,
        (Solid("box", (0.1, 0.009, 0.005), (0, 0, 0.005)),),
        0.06,
        palette=(STEEL, (0.8, 0.7, 0.45)),
    )


def fork(rng: np.random.Generator) -> Shape:
    grip = tube(
        np.array([(-0.1, 0, 0.006), (-0.04, 0, 0.006), (0.04, 0, 0.012)]),
        [0.008, 0.006, 0.004],
        flat=0.4,
    )
    neck = prism(
        [
            (0.035, -0.004),
            (0.052, -0.013),
            (0.06, -0.013),
            (0.06, 0.013),
            (0.052, 0.013),
            (0.035, 0.004),
        ],
        0.003,
        0.01,
    )
    tines = [
        prism(
            [(0.058, y - 0.0018), (0.1, y - 0.0012), (0.1, y + 0.0012), (0.058, y + 0.0018)],
            0.003,
            0.01,
        )
        for y in (-0.011, -0.0037, 0.0037, 0.011)
    ]
    parts = (Part(join(grip, neck, *tines), "metal", STEEL, tint=True),)
    return Shape(
        parts,
        (Solid("box", (0.1, 0.012, 0.006), (0, 0, 0.006)),),
        0.05,
        palette=(STEEL, (0.8, 0.7, 0.45)),
    )


def spoon(rng: np.random.Generator) -> Shape:
    grip = tube(
        np.array([(-0.1, 0, 0.006), (-0.03, 0, 0.006), (0.045, 0, 0.011)]),
        [0.008, 0.006, 0.004],
        flat=0.4,
    )
    head = move(
        (
            lathe(
                [
                    (0, 0),
                    (0.012, 0.002),
                    (0.018, 0.009),
                    (0.0165, 0.009),
                    (0.011, 0.004),
                    (0, 0.0025),
                ]
            )[0]
            * (1.5, 1, 1),
            lathe([(0, 0)] * 6)[1],
        ),
        (0.068, 0, 0.003),
    )
    parts = (Part(join(grip, head), "metal", STEEL, tint=True),)
    return Shape(
        parts,
        (Solid("box", (0.1, 0.014, 0.006), (0, 0, 0.006)),),
        0.05,
        palette=(STEEL, (0.8, 0.7, 0.45)),
    )


def spatula(rng: np.random.Generator) -> Shape:
    head = prism([(0.07, -0.03), (0.15, -0.038), (0.15, 0.038), (0.07, 0.03)], 0.005, 0.004)
    slots = [
        prism(
            [(0.085, y - 0.004), (0.137, y - 0.004), (0.137, y + 0.004), (0.085, y + 0.004)],
            0.0062,
            0.0034,
        )
        for y in (-0.018, 0, 0.018)
    ]
    stem = tube(np.array([(-0.02, 0, 0.01), (0.08, 0, 0.007)]), 0.005)
    grip = tube(
        np.array([(-0.15, 0, 0.011), (-0.08, 0, 0.011), (-0.015, 0, 0.01)]),
        [0.012, 0.012, 0.008],
        flat=0.7,
    )
    parts = (
        Part(join(head, stem), "matte", (0.18, 0.18, 0.19), tint=True),
        Part(join(*slots), "matte", (0.03, 0.03, 0.03)),
        Part(grip, "matte", (0.6, 0.12, 0.1)),
    )
    palette = ((0.18, 0.18, 0.19), WOOD, (0.35, 0.55, 0.45))
    return Shape(parts, (Solid("box", (0.15, 0.03, 0.006), (0, 0, 0.006)),), 0.1, palette=palette)


def ladle(rng: np.random.Generator) -> Shape:
    dish = move(
        lathe([(0, 0), (0.025, 0.004), (0.038, 0.03), (0.035, 0.03), (0.023, 0.007), (0, 0.004)]),
        (0.11, 0, 0),
    )
    stem = tube(
        np.array([(-0.14, 0, 0.01), (0.0, 0, 0.02), (0.07, 0, 0.04), (0.076, 0, 0.028)]),
        [0.009, 0.006, 0.005, 0.005],
    )
    solids = (
        Solid("box", (0.12, 0.009, 0.008), (-0.02, 0, 0.016)),
        Solid("cylinder", (0.034, 0.014), (0.11, 0, 0.015)),
    )
    return Shape(
        (Part(join(dish, stem), "metal", STEEL, tint=True),),
        solids,
        0.12,
        palette=(STEEL, DARK, WOOD),
    )


def _bar(start: float, stop: float, half: float) -> list[tuple[float, float]]:
    """Outline of a bar along x with round ends."""
    middle = (start + stop) / 2
    return [(x + middle, y) for x, y in rounded((stop - start) / 2, half, half * 0.9)]


UTENSILS = {
    "Knife": knife,
    "ButterKnife": butter_knife,
    "Fork": fork,
    "Spoon": spoon,
    "Spatula": spatula,
    "Ladle": ladle,
}
