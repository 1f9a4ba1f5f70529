"""Bottles, shakers and what else stands about."""

import numpy as np

from embodied.envs.mujoco.kitchen.crockery import DARK, GLAZES, STEEL, WHITE, WOOD
from embodied.envs.mujoco.kitchen.shapes import join, lathe, move, prism, rounded, tube
from embodied.envs.mujoco.kitchen.things import Part, Shape, Solid


def sponge(rng: np.random.Generator) -> Shape:
    soft = prism(rounded(0.055, 0.035, 0.008), 0.025)
    rough = prism(rounded(0.055, 0.035, 0.008), 0.009, 0.025)
    parts = (
        Part(soft, "sponge", (0.95, 0.85, 0.25), tint=True),
        Part(rough, "sponge", (0.15, 0.45, 0.2)),
    )
    palette = ((0.95, 0.85, 0.25), (0.95, 0.6, 0.25), (0.9, 0.5, 0.6))
    return Shape(
        parts, (Solid("box", (0.055, 0.035, 0.017), (0, 0, 0.017)),), 0.03, palette=palette
    )


def shaker(rng: np.random.Generator, contents: tuple[float, float, float]) -> Shape:
    glass = lathe([(0, 0), (0.022, 0), (0.024, 0.01), (0.018, 0.07), (0, 0.07)])
    cap = lathe([(0.012, 0.068), (0.02, 0.068), (0.019, 0.082), (0.01, 0.092), (0, 0.094)])
    parts = (Part(glass, "glossy", contents), Part(cap, "metal", STEEL, tint=True))
    return Shape(
        parts,
        (Solid("cylinder", (0.023, 0.046), (0, 0, 0.046)),),
        0.15,
        palette=(STEEL, (0.4, 0.4, 0.42)),
    )


def salt(rng: np.random.Generator) -> Shape:
    return shaker(rng, (0.97, 0.97, 0.96))


def pepper(rng: np.random.Generator) -> Shape:
    return shaker(rng, (0.12, 0.1, 0.09))


def wine(rng: np.random.Generator) -> Shape:
    r = 0.038
    glass = lathe(
        [(0, 0), (r, 0), (r, 0.18), (r * 0.8, 0.205), (0.015, 0.23), (0.0145, 0.28), (0, 0.28)]
    )
    foil = lathe([(0.014, 0.258), (0.0165, 0.258), (0.0165, 0.3), (0, 0.301)])
    label = lathe([(r * 0.9, 0.06), (r + 0.0008, 0.06), (r + 0.0008, 0.14), (r * 0.9, 0.14)])
    parts = (
        Part(glass, "glossy", (0.08, 0.2, 0.1), tint=True),
        Part(foil, "glossy", (0.5, 0.06, 0.1)),
        Part(label, "matte", (0.93, 0.88, 0.75)),
    )
    palette = ((0.08, 0.2, 0.1), (0.25, 0.05, 0.1), (0.45, 0.4, 0.15))
    solids = (
        Solid("cylinder", (r, 0.1), (0, 0, 0.1)),
        Solid("cylinder", (0.016, 0.05), (0, 0, 0.25)),
    )
    return Shape(parts, solids, 1.0, palette=palette)


def soap(rng: np.random.Generator) -> Shape:
    r = 0.034
    body = lathe([(0, 0), (r, 0), (r, 0.12), (r * 0.5, 0.145), (0, 0.145)])
    neck = lathe(
        [(0, 0.14), (0.013, 0.14), (0.013, 0.158), (0.005, 0.16), (0.005, 0.185), (0, 0.185)]
    )
    nozzle = tube(
        np.array([(-0.012, 0, 0.186), (0.02, 0, 0.188), (0.042, 0, 0.18)]),
        [0.009, 0.007, 0.004],
        flat=0.7,
    )
    label = lathe([(r * 0.9, 0.035), (r + 0.0008, 0.035), (r + 0.0008, 0.09), (r * 0.9, 0.09)])
    parts = (
        Part(body, "glossy", (0.3, 0.65, 0.75), tint=True),
        Part(join(neck, nozzle), "matte", WHITE),
        Part(label, "matte", (0.97, 0.97, 0.97)),
    )
    palette = ((0.3, 0.65, 0.75), (0.5, 0.75, 0.3), (0.9, 0.5, 0.6), (0.95, 0.75, 0.3))
    return Shape(parts, (Solid("cylinder", (r, 0.09), (0, 0, 0.09)),), 0.4, palette=palette)


def towel_roll(rng: np.random.Generator) -> Shape:
    foot = lathe(
        [(0, 0), (0.07, 0), (0.07, 0.01), (0.008, 0.014), (0.008, 0.27), (0.014, 0.28), (0, 0.29)]
    )
    paper = lathe([(0.02, 0.018), (0.056, 0.018), (0.056, 0.24), (0.02, 0.24)])
    parts = (Part(foot, "matte", WOOD, tint=True), Part(paper, "matte", (0.97, 0.97, 0.95)))
    return Shape(
        parts, (Solid("cylinder", (0.066, 0.13), (0, 0, 0.13)),), 0.5, palette=(WOOD, STEEL, DARK)
    )


def vase(rng: np.random.Generator) -> Shape:
    s = rng.uniform(0.9, 1.15)
    body = lathe(
        [
            (0, 0),
            (0.035, 0),
            (0.06 * s, 0.06),
            (0.055 * s, 0.1),
            (0.022, 0.16),
            (0.032, 0.19),
            (0.027, 0.19),
            (0.017, 0.16),
            (0, 0.15),
        ]
    )
    stems, heads = [], []
    for turn in rng.uniform(0, 2 * np.pi, 5):
        tip = np.array((0.05 * np.cos(turn), 0.05 * np.sin(turn), rng.uniform(0.25, 0.32)))
        stems.append(tube(np.array([(0, 0, 0.14), tip * (0.3, 0.3, 0.75), tip]), 0.0025))
        heads.append(move(lathe([(0, -0.008), (0.016, 0.0), (0.02, 0.012), (0, 0.016)], 8), tip))
    parts = (
        Part(body, "ceramic", GLAZES[1], tint=True),
        Part(join(*stems), "matte", (0.2, 0.45, 0.15)),
        Part(join(*heads), "matte", (0.95, 0.7, 0.2)),
    )
    return Shape(parts, (Solid("cylinder", (0.055, 0.09), (0, 0, 0.09)),), 0.6, palette=GLAZES)


JARS = {
    "DishSponge": sponge,
    "SaltShaker": salt,
    "PepperShaker": pepper,
    "WineBottle": wine,
    "SoapBottle": soap,
    "PaperTowelRoll": towel_roll,
    "Vase": vase,
}
