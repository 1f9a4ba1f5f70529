"""Crockery, cutlery, pots and bottles."""

import numpy as np

from embodied.envs.mujoco.kitchen.shapes import (
    arc,
    join,
    lathe,
    move,
    prism,
    rounded,
    tube,
)
from embodied.envs.mujoco.kitchen.things import Part, Shape, Solid, Spot, shell

WHITE, STEEL, DARK, WOOD = (
    (0.93, 0.92, 0.9),
    (0.74, 0.75, 0.77),
    (0.1, 0.1, 0.11),
    (0.55, 0.36, 0.2),
)
GLAZES = (
    WHITE,
    (0.2, 0.35, 0.62),
    (0.75, 0.25, 0.2),
    (0.3, 0.5, 0.38),
    (0.85, 0.66, 0.25),
    (0.28, 0.3, 0.34),
    (0.55, 0.7, 0.78),
)


def mug(rng: np.random.Generator) -> Shape:
    r, h = rng.uniform(0.038, 0.044), rng.uniform(0.085, 0.1)
    body = lathe(
        [(0, 0), (r * 0.9, 0), (r, 0.008), (r, h), (r - 0.004, h), (r - 0.005, 0.009), (0, 0.009)]
    )
    handle = tube(arc(h * 0.3, -100, 100, (r - 0.002, 0, h * 0.52), 11), 0.0062)
    grip = Solid("box", (h * 0.17, 0.006, h * 0.3), (r + h * 0.15, 0, h * 0.52))
    parts = (Part(join(body, handle), "ceramic", WHITE, tint=True),)
    return Shape(
        parts,
        (*shell(r, h, 0.009), grip),
        0.3,
        Spot((0, 0, 0.01), (r * 0.62, r * 0.62), 0.22),
        GLAZES,
    )


def cup(rng: np.random.Generator) -> Shape:
    r, h = rng.uniform(0.036, 0.041), rng.uniform(0.11, 0.14)
    body = lathe(
        [(0, 0), (r * 0.72, 0), (r, h), (r - 0.003, h), (r * 0.7 - 0.003, 0.012), (0, 0.012)]
    )
    band = lathe(
        [(0.7 * r, h * 0.72), (r * 0.93, h * 0.72), (r * 0.975, h * 0.86), (0.7 * r, h * 0.86)]
    )
    palette = ((0.6, 0.8, 0.9), (0.75, 0.88, 0.8), (0.9, 0.75, 0.8), (0.95, 0.85, 0.6))
    parts = (
        Part(body, "glass", palette[0], tint=True, alpha=0.75),
        Part(band, "glossy", (0.95, 0.95, 0.97)),
    )
    return Shape(
        parts,
        tuple(shell(r * 0.9, h, 0.012)),
        0.2,
        Spot((0, 0, 0.013), (r * 0.5, r * 0.5), 0.22),
        palette,
    )


def plate(rng: np.random.Generator) -> Shape:
    r = rng.uniform(0.11, 0.13)
    body = lathe([(0, 0), (r * 0.6, 0), (r, 0.02), (r, 0.023), (r * 0.66, 0.009), (0, 0.007)], 32)
    ring = lathe([(r * 0.9, 0.0185), (r * 0.98, 0.0225), (r * 0.9, 0.0196)], 32)
    solids = (Solid("cylinder", (r * 0.62, 0.0045), (0, 0, 0.0045)), *_rim(r, 0.02))
    parts = (Part(body, "ceramic", WHITE, tint=True), Part(ring, "ceramic", (0.25, 0.35, 0.6)))
    return Shape(
        parts,
        solids,
        0.45,
        Spot((0, 0, 0.009), (r * 0.72, r * 0.72), 0.15),
        (WHITE, WHITE, *GLAZES),
    )


def bowl(rng: np.random.Generator) -> Shape:
    r, h = rng.uniform(0.075, 0.09), rng.uniform(0.06, 0.075)
    outer = [
        (r * np.sin(a) ** 0.7 if a else 0.0, h * (1 - np.cos(a)) ** 1.05)
        for a in np.linspace(0.25, np.pi / 2, 8)
    ]
    inner = [(max(x - 0.005, 0.0), max(z, 0.01)) for x, z in reversed(outer)]
    foot = [(0, 0), (r * 0.45, 0), (r * 0.45, 0.005)]
    body = lathe([*foot, *outer[1:], *inner[:-1], (0, 0.01)], 28)
    solids = (Solid("cylinder", (r * 0.6, 0.005), (0, 0, 0.005)), *_rim(r, h, 0.6))
    return Shape(
        (Part(body, "ceramic", WHITE, tint=True),),
        solids,
        0.4,
        Spot((0, 0, 0.011), (r * 0.75, r * 0.75), 0.14),
        GLAZES,
    )


def pan(rng: np.random.Generator) -> Shape:
    r, h = rng.uniform(0.115, 0.13), 0.045
    body = lathe(
        [(0, 0), (r * 0.86, 0), (r, h), (r - 0.004, h), (r * 0.85 - 0.003, 0.006), (0, 0.006)], 28
    )
    handle = tube(
        np.array([(r * 0.95, 0, h * 0.75), (r + 0.05, 0, h + 0.004), (r + 0.17, 0, h + 0.012)]),
        [0.008, 0.01, 0.012],
        flat=0.6,
    )
    solids = (*shell(r * 0.93, h), Solid("box", (0.085, 0.01, 0.007), (r + 0.08, 0, h + 0.004)))
    parts = (
        Part(body, "metal", (0.16, 0.16, 0.17), tint=True),
        Part(handle, "matte", (0.07, 0.07, 0.07)),
    )
    palette = ((0.16, 0.16, 0.17), (0.3, 0.3, 0.32), (0.5, 0.14, 0.12))
    return Shape(parts, solids, 0.9, Spot((0, 0, 0.007), (r * 0.7, r * 0.7), 0.15), palette)


def pot(rng: np.random.Generator) -> Shape:
    r, h = rng.uniform(0.1, 0.115), rng.uniform(0.12, 0.14)
    body = lathe(
        [
            (0, 0),
            (r * 0.96, 0),
            (r, 0.01),
            (r, h - 0.006),
            (r + 0.004, h),
            (r - 0.003, h),
            (r - 0.005, 0.008),
            (0, 0.008),
        ],
        28,
    )
    ears = [move(tube(_ear(r, h), 0.006), (0, 0, 0), turn) for turn in (0, 180)]
    solids = [*shell(r, h, 0.008)]
    solids += [Solid("box", (0.018, 0.035, 0.006), (s * (r + 0.016), 0, h * 0.78)) for s in (1, -1)]
    parts = (Part(body, "metal", STEEL, tint=True), Part(join(*ears), "matte", DARK))
    palette = (STEEL, (0.62, 0.2, 0.16), (0.25, 0.36, 0.5), (0.75, 0.45, 0.28))
    return Shape(parts, tuple(solids), 1.2, Spot((0, 0, 0.009), (r * 0.66, r * 0.66), 0.2), palette)


def kettle(rng: np.random.Generator) -> Shape:
    r, h = rng.uniform(0.078, 0.088), rng.uniform(0.13, 0.15)
    body = lathe(
        [
            (0, 0),
            (r, 0),
            (r * 1.02, 0.02),
            (r * 0.85, h * 0.7),
            (r * 0.5, h * 0.95),
            (r * 0.45, h),
            (0, h + 0.004),
        ]
    )
    knob = move(
        lathe([(0, 0), (0.006, 0), (0.014, 0.012), (0.009, 0.022), (0, 0.024)]), (0, 0, h + 0.002)
    )
    spout = tube(
        np.array([(r * 0.75, 0, h * 0.45), (r + 0.03, 0, h * 0.6), (r + 0.06, 0, h * 0.92)]),
        [0.02, 0.014, 0.009],
    )
    handle = tube(arc(r * 0.85, 15, 165, (0, 0, h * 0.92), 11), 0.008)
    solids = (
        Solid("cylinder", (r, h / 2), (0, 0, h / 2)),
        Solid("box", (0.03, 0.012, 0.03), (r + 0.025, 0, h * 0.65)),
    )
    parts = (
        Part(join(body, spout), "metal", STEEL, tint=True),
        Part(join(handle, knob), "matte", DARK),
    )
    return Shape(
        parts, solids, 0.9, palette=(STEEL, (0.7, 0.15, 0.12), (0.2, 0.4, 0.5), (0.85, 0.82, 0.75))
    )


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


def _bar(start: float, stop: float, half: float) -> list[tuple[float, float]]:
    """Outline of a bar along x with round ends."""
    middle = (start + stop) / 2
    return [(x + middle, y) for x, y in rounded((stop - start) / 2, half, half * 0.9)]


def _ear(radius: float, height: float) -> np.ndarray:
    turn = np.radians(np.linspace(-90, 90, 9))
    z = np.full(9, height * 0.78)
    return np.stack([radius - 0.004 + 0.034 * np.cos(turn), 0.036 * np.sin(turn), z], 1)


def _rim(radius: float, height: float, start: float = 0.62) -> list[Solid]:
    """Eight slanted walls from `start` * radius on the ground to the rim at `height`."""
    run = radius * (1 - start)
    slope, length = np.arctan2(height, run), np.hypot(run, height)
    middle = radius * (1 + start) / 2
    solids = []
    for turn in np.arange(8) * np.pi / 4:
        about_z = np.array((np.cos(turn / 2), 0, 0, np.sin(turn / 2)))
        about_y = np.array((np.cos(slope / 2), 0, -np.sin(slope / 2), 0))
        w, z = about_z[0], about_z[3]
        quat = (w * about_y[0], -z * about_y[2], w * about_y[2], z * about_y[0])
        pos = (middle * np.cos(turn), middle * np.sin(turn), height / 2 + 0.002)
        solids.append(Solid("box", (length / 2, radius * 0.41, 0.0025), pos, quat))
    return solids


WARE = {
    "Mug": mug,
    "Cup": cup,
    "Plate": plate,
    "Bowl": bowl,
    "Pan": pan,
    "Pot": pot,
    "Kettle": kettle,
    "Knife": knife,
    "ButterKnife": butter_knife,
    "Fork": fork,
    "Spoon": spoon,
    "Spatula": spatula,
    "Ladle": ladle,
    "DishSponge": sponge,
    "SaltShaker": salt,
    "PepperShaker": pepper,
    "WineBottle": wine,
    "SoapBottle": soap,
    "PaperTowelRoll": towel_roll,
    "Vase": vase,
}
