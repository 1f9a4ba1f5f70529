"""Appliances and furniture; what stands on a counter has its back at y = 0, its foot at z = 0."""

import numpy as np

from embodied.envs.mujoco.kitchen.builder import Builder
from embodied.envs.mujoco.kitchen.shapes import join, lathe, tube
from embodied.envs.mujoco.kitchen.things import Spot
from embodied.envs.mujoco.kitchen.units import DARK, STEEL

WHITE = (0.93, 0.93, 0.92)
FRIDGE = (0.74, 0.7)
ROOM_HEIGHT = 2.6


def fridge(builder: Builder) -> float:
    """A fridge of 1.8 m with one door and three shelves."""
    body, owner, x = builder.body("FridgeUnit_0"), "Fridge_0", FRIDGE[0] / 2
    depth, height, t = FRIDGE[1] - 0.06, 1.8, 0.04
    walls = [
        ((-x, -depth, 0.02), (-x + t, 0, height)),
        ((x - t, -depth, 0.02), (x, 0, height)),
        ((-x, -t, 0.02), (x, 0, height)),
        ((-x, -depth, 0.02), (x, 0, 0.12)),
        ((-x, -depth, height - t), (x, 0, height)),
    ]
    builder.boxes(body, owner, walls, "glossy", (1, 1, 1))
    builder.box(
        body,
        owner,
        (-x + t, -t - 0.005, 0.12),
        (x - t, -t, height - t),
        "glow",
        (0.8, 0.83, 0.86),
        solid=False,
    )
    heights = (0.62, 1.05, 1.4)
    boards = [((-x + t, -depth + 0.06, z - 0.012), (x - t, -t, z)) for z in heights]
    builder.boxes(body, owner, boards, "glossy", (0.8, 0.87, 0.9))
    for z in heights:
        place = Spot((0, -depth / 2 - 0.06, z), (x - t - 0.02, 0.2), 0.32)
        builder.spot(body, owner, place)
    left = builder.rng.random() < 0.5
    leaf = builder.body(owner, (-x if left else x, -depth, 0), body)
    side = 1 if left else -1
    reach = FRIDGE[0] * side
    low, high = sorted((0.0, reach))
    builder.box(leaf, owner, (low, -0.055, 0.05), (high, -0.002, height), "glossy", (1, 1, 1))
    builder.box(leaf, owner, (low, -0.057, 1.22), (high, -0.054, 1.228), "matte", DARK, solid=False)
    for z in (0.95, 1.4):
        builder.geom(
            leaf,
            owner,
            "capsule",
            (0.012, 0.14),
            (reach - 0.06 * side, -0.085, z),
            "metal",
            STEEL,
            solid=False,
        )
    builder.joint(leaf, owner, (0, 0, -side), (0, -0.03, 0), 1.57)  # it stands at a wall
    return FRIDGE[0]


def microwave(builder: Builder) -> float:
    """A microwave with a door on the left and buttons on the right."""
    body, owner, x, depth, h, t = (
        builder.body("MicrowaveUnit_0"),
        "Microwave_0",
        0.25,
        0.36,
        0.3,
        0.02,
    )
    split = 0.12
    walls = [
        ((-x, -depth, 0.01), (-x + t, 0, h)),
        ((split, -depth, 0.01), (x, 0, h)),
        ((-x, -t, 0.01), (x, 0, h)),
        ((-x, -depth, 0.01), (x, 0, 0.03)),
        ((-x, -depth, h - t), (x, 0, h)),
    ]
    builder.boxes(body, owner, walls, "plain", (1, 1, 1))
    inside = ((-x + t, -t - 0.004, 0.03), (split, -t, h - t))
    builder.box(body, owner, *inside, "plain", (0.8, 0.8, 0.78), solid=False, glow=True)
    panel = ((split + 0.005, -depth - 0.004, 0.02), (x - 0.005, -depth, h - 0.01))
    builder.box(body, owner, *panel, "glossy", (0.1, 0.1, 0.11), solid=False)
    builder.box(
        body,
        owner,
        (split + 0.02, -depth - 0.006, 0.23),
        (x - 0.02, -depth, 0.265),
        "glow",
        (0.1, 0.35, 0.2),
        solid=False,
    )
    buttons = []
    for k in range(9):
        u, v = split + 0.025 + 0.03 * (k % 3), 0.19 - 0.045 * (k // 3)
        buttons.append(((u, -depth - 0.007, v), (u + 0.02, -depth, v + 0.02)))
    builder.boxes(body, owner, buttons, "plain", (0.75, 0.75, 0.75), solid=False)
    builder.spot(body, owner, Spot(((split - x) / 2, -0.19, 0.031), (0.155, 0.14), 0.24))
    leaf = builder.body(owner, (-x, -depth, 0), body)
    width = x + split
    frame = [
        ((0, -0.025, 0.012), (0.035, 0, h)),
        ((width - 0.05, -0.025, 0.012), (width, 0, h)),
        ((0.035, -0.025, 0.012), (width - 0.05, 0, 0.05)),
        ((0.035, -0.025, h - 0.045), (width - 0.05, 0, h)),
    ]
    builder.boxes(leaf, owner, frame, "plain", (1, 1, 1))
    pane = ((0.035, -0.02, 0.05), (width - 0.05, -0.008, h - 0.045))
    builder.box(leaf, owner, *pane, "glossy", (0.05, 0.05, 0.06), alpha=0.75, glow=True)
    builder.geom(
        leaf,
        owner,
        "capsule",
        (0.008, 0.09),
        (width - 0.022, -0.045, h / 2),
        "metal",
        STEEL,
        solid=False,
    )
    builder.joint(leaf, owner, (0, 0, -1), (0, -0.012, 0), 1.75)
    return 0.5


def toaster(builder: Builder) -> float:
    """Two slots and a lever."""
    body, owner = builder.body("Toaster_0"), "Toaster_0"
    walls = [
        ((-0.14, -0.19, 0.015), (0.14, -0.15, 0.185)),
        ((-0.14, -0.12, 0.015), (0.14, -0.08, 0.185)),
        ((-0.14, -0.05, 0.015), (0.14, -0.01, 0.185)),
        ((-0.14, -0.15, 0.015), (-0.11, -0.05, 0.185)),
        ((0.11, -0.15, 0.015), (0.14, -0.05, 0.185)),
        ((-0.11, -0.15, 0.015), (0.11, -0.05, 0.13)),
    ]
    builder.boxes(body, owner, walls, "metal", (1, 1, 1))
    for y in (-0.135, -0.065):
        low, high = (-0.11, y - 0.014, 0.128), (0.11, y + 0.014, 0.133)
        builder.box(body, owner, low, high, "plain", (0.15, 0.1, 0.08), solid=False, glow=True)
    builder.box(body, owner, (-0.145, -0.195, 0), (0.145, -0.005, 0.03), "matte", DARK)
    builder.box(body, owner, (0.14, -0.12, 0.1), (0.165, -0.08, 0.12), "matte", DARK, solid=False)
    lamp = ((0.08, -0.194, 0.06), (0.11, -0.19, 0.09))
    builder.box(body, owner, *lamp, "plain", (0.2, 0.2, 0.2), solid=False, glow=True)
    for y in (-0.135, -0.065):
        builder.spot(body, owner, Spot((0, y, 0.134), (0.11, 0.0148), 0.3))
    return 0.3


def coffee_machine(builder: Builder) -> float:
    """A drip machine: a column, a head over the tray, a tank and a lamp."""
    body, owner = builder.body("CoffeeMachine_0"), "CoffeeMachine_0"
    builder.box(body, owner, (-0.11, -0.3, 0), (0.11, -0.01, 0.035), "plain", (1, 1, 1))
    builder.box(body, owner, (-0.11, -0.11, 0.035), (0.11, -0.01, 0.34), "plain", (1, 1, 1))
    builder.box(body, owner, (-0.11, -0.28, 0.24), (0.11, -0.11, 0.34), "plain", (1, 1, 1))
    builder.geom(
        body, owner, "cylinder", (0.07, 0.02), (0, -0.2, 0.25), "metal", STEEL, solid=False
    )
    builder.geom(
        body, owner, "cylinder", (0.018, 0.02), (0, -0.2, 0.22), "plain", DARK, solid=False
    )
    grid = ((-0.085, -0.29, 0.035), (0.085, -0.12, 0.037))
    builder.box(body, owner, *grid, "metal", DARK, solid=False)
    builder.box(
        body,
        owner,
        (-0.09, -0.285, 0.28),
        (-0.03, -0.279, 0.31),
        "plain",
        STEEL,
        solid=False,
        glow=True,
    )
    builder.geom(
        body,
        owner,
        "sphere",
        (0.009,),
        (0.07, -0.28, 0.3),
        "plain",
        (0.25, 0.05, 0.05),
        solid=False,
        glow=True,
    )
    builder.spot(body, owner, Spot((0, -0.2, 0.038), (0.075, 0.075), 0.155))
    return 0.26


def table(builder: Builder) -> None:
    """A dining table, its middle at the origin."""
    body, owner = builder.body("DiningTable_0"), "DiningTable_0"
    x, y = builder.rng.uniform(0.5, 0.65), builder.rng.uniform(0.36, 0.42)
    builder.box(body, owner, (-x, -y, 0.72), (x, y, 0.755), "table")
    boards = [((-x + 0.06, -y + 0.06, 0.65), (x - 0.06, y - 0.06, 0.72))]
    for u in (-1, 1):
        for v in (-1, 1):
            a, b = u * (x - 0.06) - 0.03, v * (y - 0.06) - 0.03
            boards.append(((a, b, 0), (a + 0.06, b + 0.06, 0.72)))
    builder.boxes(body, owner, boards, "table")
    builder.spot(body, owner, Spot((0, 0, 0.755), (x - 0.02, y - 0.02), 0.45))


def chair(builder: Builder, index: int) -> None:
    """A chair that looks to +y."""
    body, owner = builder.body(f"Chair_{index}"), f"Chair_{index}"
    boards = [((-0.2, -0.2, 0.43), (0.2, 0.2, 0.46))]
    boards += [((-0.17, -0.195, z), (0.17, -0.17, z + 0.08)) for z in (0.62, 0.8)]
    for u in (-1, 1):
        for v in (-1, 1):
            a, b = u * 0.18 - 0.018, v * 0.18 - 0.018
            boards.append(((a, b, 0), (a + 0.036, b + 0.036, 0.43 if v > 0 else 0.9)))
    builder.boxes(body, owner, boards, "table")
    builder.spot(body, owner, Spot((0, 0.02, 0.46), (0.16, 0.15), 0.4))


def garbage_can(builder: Builder) -> None:
    """An open bin."""
    body, owner = builder.body("GarbageCan_0"), "GarbageCan_0"
    wall = lathe(
        [
            (0, 0.005),
            (0.135, 0.005),
            (0.165, 0.5),
            (0.172, 0.51),
            (0.16, 0.51),
            (0.13, 0.012),
            (0, 0.012),
        ],
        28,
    )
    builder.mesh(body, owner, wall, "glossy", (1, 1, 1))
    builder.geom(body, owner, "cylinder", (0.135, 0.006), (0, 0, 0.006), "plain", alpha=0.0)
    for turn in np.arange(8) * np.pi / 4:
        pos = (0.152 * np.cos(turn), 0.152 * np.sin(turn), 0.25)
        quat = (np.cos(turn / 2), 0, 0, np.sin(turn / 2))
        builder.geom(body, owner, "box", (0.008, 0.063, 0.25), pos, "plain", alpha=0.0, quat=quat)
    builder.spot(body, owner, Spot((0, 0, 0.013), (0.09, 0.09), 0.45))


def light_switch(builder: Builder) -> None:
    """A rocker on the wall at 1.2 m."""
    body, owner = builder.body("LightSwitch_0"), "LightSwitch_0"
    plate = ((-0.045, -0.01, 1.13), (0.045, 0, 1.27))
    builder.box(body, owner, *plate, "glossy", WHITE, solid=False)
    rocker = ((-0.022, -0.018, 1.165), (0.022, -0.008, 1.235))
    builder.box(body, owner, *rocker, "glossy", (0.8, 0.8, 0.78), solid=False)


def window(builder: Builder) -> float:
    """A window of 0.9 by 0.8 m with the day behind it."""
    body, owner = builder.body("Window_0"), "Window_0"
    sky, meadow = (0.62, 0.8, 0.95), (0.5, 0.68, 0.4)
    builder.box(body, owner, (-0.45, -0.012, 1.25), (0.45, -0.004, 2.1), "glow", sky, solid=False)
    builder.box(
        body, owner, (-0.45, -0.013, 1.25), (0.45, -0.005, 1.45), "glow", meadow, solid=False
    )
    frame = [
        ((-0.5, -0.03, 1.2), (0.5, 0, 1.25)),
        ((-0.5, -0.03, 2.1), (0.5, 0, 2.15)),
        ((-0.5, -0.03, 1.25), (-0.45, 0, 2.1)),
        ((0.45, -0.03, 1.25), (0.5, 0, 2.1)),
        ((-0.02, -0.03, 1.25), (0.02, 0, 2.1)),
    ]
    builder.boxes(body, owner, frame, "plain", WHITE, solid=False)
    return 1.0


def plant(builder: Builder) -> None:
    """A plant in a pot on the floor."""
    body, owner = builder.body("HousePlant_0"), "HousePlant_0"
    rng = builder.rng
    pot = lathe([(0, 0), (0.11, 0), (0.14, 0.24), (0.125, 0.24), (0.115, 0.2), (0, 0.2)])
    builder.mesh(body, owner, pot, "matte", (0.7, 0.38, 0.26))
    leaves = []
    for turn in np.arange(9) * 2.4:
        lean, height = rng.uniform(0.12, 0.3), rng.uniform(0.3, 0.6)
        x, y = np.cos(turn), np.sin(turn)
        path = np.array(
            [
                (0, 0, 0.18),
                (lean * x / 2, lean * y / 2, 0.2 + height),
                (lean * x * 1.4, lean * y * 1.4, height),
            ]
        )
        leaves.append(tube(path, [0.012, 0.045, 0.003], flat=0.15))
    builder.mesh(body, owner, join(*leaves), "leaf", (0.25, 0.5, 0.2))
    builder.geom(body, owner, "cylinder", (0.14, 0.12), (0, 0, 0.12), "plain", alpha=0.0)


def room(builder: Builder) -> None:
    """Floor, ceiling and four walls, which a scene moves to its size."""
    world = builder.world
    world.add_geom(
        name="Floor_0:0",
        type=0,
        size=[4, 4, 1],
        material="planks",
        group=1,
        contype=2,
        conaffinity=0,
    )
    for k in range(4):
        body = builder.body(f"RoomWall_{k}")
        builder.box(body, "Room", (-4, 0, 0), (4, 0.1, ROOM_HEIGHT), "wall")
        builder.box(body, "Room", (-4, -0.012, 0), (4, 0, 0.09), "plain", WHITE, solid=False)
    ceiling = ((-4, -4, ROOM_HEIGHT), (4, 4, ROOM_HEIGHT + 0.1))
    builder.box(world, "Room", *ceiling, "ceiling", (0.95, 0.95, 0.93))
