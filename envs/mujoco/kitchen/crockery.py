"""Crockery, and what one cooks in."""

import numpy as np

from embodied.envs.mujoco.kitchen.shapes import arc, join, lathe, move, tube
from embodied.envs.mujoco.kitchen.things import Part, Shape, Solid, Spot, shell

WHITE = (0.93, 0.92, 0.9)
STEEL = (0.74, 0.75, 0.77)
DARK = (0.1, 0.1, 0.11)
WOOD = (0.55, 0.36, 0.2)
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


CROCKERY = {
    "Mug": mug,
    "Cup": cup,
    "Plate": plate,
    "Bowl": bowl,
    "Pan": pan,
    "Pot": pot,
    "Kettle": kettle,
}
