"""Kitchen units: bodies with their back at y = 0 on a wall and their front towards -y.

Each function adds one unit and returns its width in m. `paint` of a geom is set per scene, by its
material: `wood` fronts, `stone` tops, `splash` tiles.
"""

import numpy as np

from embodied.envs.mujoco.kitchen.builder import Builder
from embodied.envs.mujoco.kitchen.shapes import arc, cuboid, join, tube
from embodied.envs.mujoco.kitchen.things import Spot

DEPTH, HEIGHT, TOP = 0.6, 0.9, 0.04
INNER = (0.9, 0.88, 0.84)
STEEL, DARK = (0.72, 0.73, 0.75), (0.12, 0.12, 0.13)


def front(builder: Builder, body: object, owner: str, low: tuple, high: tuple) -> None:
    """A panel with a frame, in the colour of the fronts; it lies in the x-z plane."""
    (x0, y0, z0), (x1, _, z1) = low, high
    rim = 0.045 if z1 - z0 > 0.3 else 0.025
    strips = [
        ((x0, y0 - 0.006, z0), (x0 + rim, y0, z1)),
        ((x1 - rim, y0 - 0.006, z0), (x1, y0, z1)),
        ((x0 + rim, y0 - 0.006, z0), (x1 - rim, y0, z0 + rim)),
        ((x0 + rim, y0 - 0.006, z1 - rim), (x1 - rim, y0, z1)),
    ]
    builder.mesh(body, owner, join(cuboid(low, high), *(cuboid(*s) for s in strips)), "wood", None)
    builder.box(body, owner, low, high, "plain", alpha=0.0)


def handle(builder: Builder, body: object, owner: str, pos: tuple, upright: bool) -> None:
    quat = (1, 0, 0, 0) if upright else (0.7071, 0, 0.7071, 0)
    builder.geom(body, owner, "capsule", (0.006, 0.06), pos, "metal", STEEL, quat=quat, solid=False)


def door(
    builder: Builder, parent: object, owner: str, width: float, y: float, z0: float, z1: float
) -> None:
    """A hinged door in front of y, on the left or on the right, and its joint."""
    left = builder.rng.random() < 0.5
    x = -width / 2 if left else width / 2
    body = builder.body(owner, (x, y, 0), parent)
    reach = width - 0.006
    low, high = (
        ((0.003, -0.02, z0), (reach, 0, z1)) if left else ((-reach, -0.02, z0), (-0.003, 0, z1))
    )
    front(builder, body, owner, low, high)
    grip = z1 - 0.12 if z0 < 1 else z0 + 0.12
    handle(builder, body, owner, ((reach - 0.035) * (1 if left else -1), -0.04, grip), True)
    builder.joint(body, owner, (0, 0, -1 if left else 1), (0, -0.01, 0), 1.75)


def carcass(
    builder: Builder,
    body: object,
    owner: str,
    width: float,
    depth: float,
    z0: float,
    z1: float,
    middle: float = 0.0,
) -> None:
    """The box behind a door: sides, back, floor and ceiling, and a board at height `middle`."""
    x, t = width / 2, 0.018
    boards = [
        ((-x, -depth, z0), (-x + t, 0, z1)),
        ((x - t, -depth, z0), (x, 0, z1)),
        ((-x, -0.012, z0), (x, 0, z1)),
        ((-x, -depth, z0), (x, 0, z0 + t)),
        ((-x, -depth, z1 - t), (x, 0, z1)),
    ]
    if middle:
        boards.append(((-x, -depth + 0.04, middle), (x, 0, middle + 0.01)))
    builder.boxes(body, owner, boards, "matte", INNER)


def top(builder: Builder, body: object, owner: str, width: float, spot: bool = True) -> None:
    """The slab of the counter, the tiles behind it and the plate at the foot."""
    x = width / 2
    builder.box(body, owner, (-x, -DEPTH - 0.02, HEIGHT - TOP), (x, 0, HEIGHT), "stone")
    dress(builder, body, width)
    if spot:
        place = Spot((0, -0.3, HEIGHT), (x, 0.27), 0.4)
        builder.spot(body, owner, place)


def dress(builder: Builder, body: object, width: float) -> None:
    x = width / 2
    builder.box(body, "Room", (-x, -0.012, HEIGHT), (x, 0, 1.45), "splash", solid=False)
    builder.box(body, "Room", (-x, -DEPTH + 0.05, 0), (x, -DEPTH + 0.07, 0.1), "matte", DARK)


def cabinet(builder: Builder, index: int, width: float) -> float:
    """A low cabinet with one door below a piece of counter."""
    body, owner = builder.body(f"Base_{index}"), f"Cabinet_{index}"
    carcass(builder, body, owner, width, DEPTH - 0.02, 0.1, HEIGHT - TOP)
    door(builder, body, owner, width, -DEPTH + 0.02, 0.11, HEIGHT - TOP - 0.01)
    place = Spot((0, -0.36, 0.118), (width / 2 - 0.04, 0.18), 0.5)
    builder.spot(body, owner, place)
    top(builder, body, f"Base_{index}", width)
    return width


def drawers(builder: Builder, index: int, width: float) -> float:
    """Three drawers, `Drawer_{3 * index}` the lowest, below a piece of counter."""
    body, x = builder.body(f"Drawers_{index}"), width / 2
    carcass(builder, body, "Room", width, DEPTH - 0.02, 0.1, HEIGHT - TOP)
    height = (HEIGHT - TOP - 0.12) / 3
    for k in range(3):
        owner = f"Drawer_{3 * index + k}"
        box = builder.body(owner, (0, -DEPTH + 0.02, 0.11 + k * height), body)
        w, h = x - 0.03, height * 0.62
        front(builder, box, owner, (-x + 0.004, -0.02, 0.004), (x - 0.004, 0, height - 0.004))
        handle(builder, box, owner, (0, -0.04, height * 0.7), False)
        boards = [
            ((-w, 0, 0.02), (w, 0.5, 0.03)),
            ((-w, 0, 0.02), (-w + 0.01, 0.5, h)),
            ((w - 0.01, 0, 0.02), (w, 0.5, h)),
            ((-w, 0.49, 0.02), (w, 0.5, h)),
        ]
        builder.boxes(box, owner, boards, "matte", INNER)
        builder.spot(box, owner, Spot((0, 0.19, 0.03), (w - 0.015, 0.17), 0.17))
        builder.joint(box, owner, (0, -1, 0), (0, 0, 0), 0.4)
    top(builder, body, f"Drawers_{index}", width)
    return width


def corner(builder: Builder, index: int) -> float:
    """What fills the corner of two runs: a counter without a front."""
    body = builder.body(f"Corner_{index}")
    low, high = (-0.3, -DEPTH + 0.02, 0.1), (0.3, 0, HEIGHT - TOP)
    builder.box(body, "Room", low, high, "wood")
    top(builder, body, f"Corner_{index}", 0.6)
    return 0.6


def sink(builder: Builder, width: float) -> float:
    """A basin in the counter, a faucet, and a cabinet below."""
    body, owner = builder.body("SinkUnit_0"), "Cabinet_9"
    carcass(builder, body, owner, width, DEPTH - 0.02, 0.1, HEIGHT - 0.25)
    door(builder, body, owner, width, -DEPTH + 0.02, 0.11, HEIGHT - TOP - 0.01)
    place = Spot((0, -0.36, 0.118), (width / 2 - 0.04, 0.18), 0.4)
    builder.spot(body, owner, place)
    dress(builder, body, width)
    x, bx, y0, y1, deep = width / 2, 0.26, -0.5, -0.13, 0.17
    z0 = HEIGHT - TOP
    slabs = [
        ((-x, -DEPTH - 0.02, z0), (x, y0, HEIGHT)),
        ((-x, y1, z0), (x, 0, HEIGHT)),
        ((-x, y0, z0), (-bx, y1, HEIGHT)),
        ((bx, y0, z0), (x, y1, HEIGHT)),
    ]
    builder.boxes(body, "SinkUnit_0", slabs, "stone")
    for side in (-1, 1):
        free = (x - bx) / 2 - 0.01
        builder.spot(
            body, "SinkUnit_0", Spot((side * (bx + x) / 2, -0.3, HEIGHT), (free, 0.27), 0.4)
        )
    basin = "SinkBasin_0"
    rim = [
        ((-bx - 0.02, y0 - 0.02, HEIGHT), (bx + 0.02, y0, HEIGHT + 0.006)),
        ((-bx - 0.02, y1, HEIGHT), (bx + 0.02, y1 + 0.02, HEIGHT + 0.006)),
        ((-bx - 0.02, y0, HEIGHT), (-bx, y1, HEIGHT + 0.006)),
        ((bx, y0, HEIGHT), (bx + 0.02, y1, HEIGHT + 0.006)),
    ]
    builder.boxes(body, "Sink_0", rim, "metal", STEEL)
    walls = [
        ((-bx, y0, HEIGHT - deep - 0.01), (bx, y1, HEIGHT - deep)),
        ((-bx, y0 - 0.008, HEIGHT - deep), (bx, y0, HEIGHT)),
        ((-bx, y1, HEIGHT - deep), (bx, y1 + 0.008, HEIGHT)),
        ((-bx - 0.008, y0, HEIGHT - deep), (-bx, y1, HEIGHT)),
        ((bx, y0, HEIGHT - deep), (bx + 0.008, y1, HEIGHT)),
    ]
    builder.boxes(body, basin, walls, "metal", (0.62, 0.63, 0.65))
    drain = (0, -0.3, HEIGHT - deep + 0.001)
    builder.geom(body, basin, "cylinder", (0.03, 0.001), drain, "metal", DARK, solid=False)
    # Not at the near wall, which would hide what is low.
    floor = Spot((0, -0.29, HEIGHT - deep), (bx - 0.01, 0.14), 0.3)
    builder.spot(body, basin, floor)
    faucet(builder, body)
    return width


def faucet(builder: Builder, sink_body: object) -> None:
    """A goose neck with a lever, and the water that runs when it is on."""
    body = builder.body("Faucet_0", (0, -0.075, HEIGHT), sink_body)
    neck = arc(0.085, 180, 0, (0.085, 0, 0.2), 9)
    path = np.concatenate([[(0, 0, 0), (0, 0, 0.1)], neck, [(0.17, 0, 0.16)]])
    path = np.column_stack([path[:, 1], -path[:, 0], path[:, 2]])
    builder.mesh(body, "Faucet_0", tube(path, 0.012), "metal", (0.85, 0.86, 0.88))
    builder.geom(
        body, "Faucet_0", "cylinder", (0.024, 0.012), (0, 0, 0.012), "metal", STEEL, solid=False
    )
    lever = np.array([(0.0, 0, 0.06), (0.05, 0, 0.085), (0.075, 0, 0.1)])
    builder.mesh(body, "Faucet_0", tube(lever, 0.008), "metal", (0.85, 0.86, 0.88))
    builder.geom(
        body,
        "Faucet_0",
        "cylinder",
        (0.009, 0.16),
        (0, -0.17, 0.0),
        "glow",
        (0.45, 0.65, 0.85),
        solid=False,
        alpha=0.7,
        glow=True,
    )


def stove(builder: Builder) -> float:
    """An oven with four burners and the knob of each."""
    body = builder.body("Stove_0")
    builder.box(
        body, "Room", (-0.3, -DEPTH, 0.03), (0.3, 0, HEIGHT - 0.01), "plain", (0.8, 0.8, 0.81)
    )
    builder.box(
        body, "Room", (-0.3, -DEPTH - 0.02, HEIGHT - 0.01), (0.3, 0, HEIGHT), "glossy", DARK
    )
    glass = ((-0.25, -DEPTH - 0.012, 0.2), (0.25, -DEPTH, 0.62))
    builder.box(body, "Room", *glass, "glossy", (0.06, 0.06, 0.07), solid=False)
    bar = (0, -DEPTH - 0.045, 0.67)
    builder.geom(
        body,
        "Room",
        "capsule",
        (0.01, 0.22),
        bar,
        "metal",
        STEEL,
        quat=(0.7071, 0, 0.7071, 0),
        solid=False,
    )
    builder.box(body, "Room", (-0.3, -0.012, HEIGHT), (0.3, 0, 1.45), "splash", solid=False)
    for k in range(4):
        x, y = (-0.14, 0.14)[k % 2], (-0.46, -0.17)[k // 2]
        burner = builder.body(f"StoveBurner_{k}", (x, y, HEIGHT), body)
        radius = 0.095 if k in (0, 3) else 0.08
        builder.geom(
            burner,
            f"StoveBurner_{k}",
            "cylinder",
            (radius, 0.004),
            (0, 0, 0.004),
            "plain",
            (0.22, 0.22, 0.23),
        )
        turns = np.linspace(0, 2 * np.pi * 3, 40)
        reach = np.linspace(radius * 0.3, radius * 0.9, 40)
        coil = np.stack([reach * np.cos(turns), reach * np.sin(turns), 0 * turns + 0.008], 1)
        builder.mesh(
            burner,
            f"StoveBurner_{k}",
            tube(coil, 0.0055, flat=0.5),
            "plain",
            (0.35, 0.34, 0.34),
            glow=True,
        )
        builder.spot(burner, f"StoveBurner_{k}", Spot((0, 0, 0.009), (0.135, 0.135), 0.35))
        name = f"StoveKnob_{k}"
        knob = builder.body(name, (-0.21 + 0.14 * k, -DEPTH, 0.79), body)
        flat = (0.7071, 0.7071, 0, 0)
        pos = (0, -0.014, 0)
        builder.geom(
            knob, name, "cylinder", (0.024, 0.014), pos, "plain", DARK, quat=flat, solid=False
        )
        mark = ((-0.004, -0.034, -0.02), (0.004, -0.026, 0.022))
        builder.box(knob, name, *mark, "plain", (0.9, 0.9, 0.9), solid=False)
    return 0.6


def wall_cabinet(builder: Builder, index: int, width: float) -> float:
    """A cabinet on the wall with one door."""
    body, owner = builder.body(f"Wall_{index}"), f"Cabinet_{10 + index}"
    carcass(builder, body, owner, width, 0.34, 1.45, 2.15, middle=1.8)
    door(builder, body, owner, width, -0.34, 1.452, 2.148)
    builder.spot(body, owner, Spot((0, -0.19, 1.468), (width / 2 - 0.035, 0.13), 0.31))
    return width


def shelf(builder: Builder, index: int, width: float) -> float:
    """An open board on brackets."""
    body, owner = builder.body(f"Shelf_{index}"), f"Shelf_{index}"
    x = width / 2
    builder.box(body, owner, (-x, -0.27, 1.45), (x, 0, 1.475), "wood")
    brackets = []
    for side in (-0.8 * x, 0.8 * x):
        brackets.append(((side - 0.012, -0.22, 1.42), (side + 0.012, 0, 1.45)))
        brackets.append(((side - 0.012, -0.02, 1.3), (side + 0.012, 0, 1.42)))
    builder.boxes(body, "Room", brackets, "metal", DARK, solid=False)
    builder.spot(body, owner, Spot((0, -0.14, 1.475), (x - 0.02, 0.12), 0.4))
    return width


def hood(builder: Builder) -> float:
    """What draws the steam off above the stove."""
    body = builder.body("Hood_0")
    builder.box(body, "Room", (-0.3, -0.45, 1.62), (0.3, 0, 1.7), "metal", STEEL, solid=False)
    builder.box(body, "Room", (-0.14, -0.26, 1.7), (0.14, 0, 2.6), "metal", STEEL, solid=False)
    return 0.6
