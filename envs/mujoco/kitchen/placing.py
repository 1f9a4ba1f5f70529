"""Where a thing fits on a receptacle: rectangles within a spot and apart from each other."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from embodied.envs.mujoco.kitchen.kinds import kind_of
from embodied.envs.mujoco.kitchen.scene import Scene, turned

GAP = 0.006  # m
LIFT = 0.0015  # m
OVERHANG = 1.5  # how much larger than the hollow of a vessel a thing may be; physics decides
HOLLOW = ("StoveBurner", "SinkBasin", "Drawer", "GarbageCan")
TO_FRONT = -math.pi / 2  # the yaw of a pan whose handle points away from the wall


class Patch(NamedTuple):
    """A turned rectangle: its middle and half sides in m, its yaw in rad, and from z0 to z1."""

    x: float
    y: float
    half_x: float
    half_y: float
    yaw: float
    z0: float
    z1: float


class Place(NamedTuple):
    """A pose in the world for a thing that fits."""

    pos: np.ndarray
    quat: np.ndarray


def random_place(
    scene: Scene,
    name: str,
    receptacle: str,
    rng: np.random.Generator,
    taken: list[Patch],
    tries: int = 12,
) -> Place | None:
    """A place drawn at random that is apart from all `taken`; None if none was found."""
    sites = list(scene.spots(receptacle))
    rng.shuffle(sites)
    burner = kind_of(receptacle) == "StoveBurner"
    for site in sites:
        for u, v, turn in rng.random((tries, 3)).tolist():
            yaw = TO_FRONT + 1.6 * (turn - 0.5) if burner else 2 * math.pi * turn
            if found := _try(scene, name, site, 2 * u - 1, 2 * v - 1, yaw, taken, burner):
                return found
    return None


def nearest_place(
    scene: Scene, name: str, receptacle: str, viewer: tuple[float, float]
) -> Place | None:
    """The free place on a grid that is nearest to the viewer; None if it does not fit."""
    taken = [
        patch_of(scene, n)
        for n in scene.things()
        if n not in (name, receptacle) and not scene.states[n].held
    ]
    if kind_of(receptacle) == "CounterTop":
        taken += blocked(scene)
    burner = kind_of(receptacle) == "StoveBurner"
    hollow = receptacle in scene.template.things or kind_of(receptacle) in HOLLOW
    grid = np.linspace(-1, 1, 9)
    candidates = []
    for site in scene.spots(receptacle):
        matrix = scene.data.site_xmat[site].reshape(3, 3)
        for u in grid:
            for v in grid:
                local = np.array((u, v, 0)) * scene.model.site_size[site]
                x, y, _ = scene.data.site_xpos[site] + matrix @ local
                # In what is hollow or small the middle is best, elsewhere what is near.
                away = 3 * np.hypot(u, v) if hollow else 0.0
                candidates.append((away + np.hypot(x - viewer[0], y - viewer[1]), site, u, v))
    candidates.sort()
    turns = [(0.0, math.pi / 2), (math.pi / 4, 3 * math.pi / 4)]
    if burner:
        turns = [(TO_FRONT,), (TO_FRONT - 0.6, TO_FRONT + 0.6)]
    for yaws, on_edge in ((turns[0], False), (turns[1], False), (turns[0], True)):
        for _, site, u, v in candidates:
            for yaw in yaws:
                if found := _try(scene, name, site, u, v, yaw, taken, burner, on_edge):
                    return found
    return None


def patch_of(scene: Scene, name: str) -> Patch:
    """The rectangle that a thing takes now."""
    thing = scene.template.things[name]
    matrix = scene.data.xmat[thing.body].tolist()
    if matrix[8] > 0.97:
        x, y, z = scene.data.xpos[thing.body].tolist()
        yaw = math.atan2(matrix[3], matrix[0])
        return _patch(x, y, z, yaw, thing.low.tolist(), thing.high.tolist())
    low, high = (corner.tolist() for corner in scene.box(name))
    middle = (low[0] + high[0]) / 2, (low[1] + high[1]) / 2
    return Patch(*middle, (high[0] - low[0]) / 2, (high[1] - low[1]) / 2, 0.0, low[2], high[2])


def _try(
    scene: Scene,
    name: str,
    site: int,
    u: float,
    v: float,
    yaw: float,
    taken: list[Patch],
    burner: bool,
    on_edge: bool = False,
) -> Place | None:
    """The thing at (u, v) in [-1, 1] of a spot's free play, if it fits there.

    On a burner only its foot must.
    """
    thing = scene.template.things[name]
    low, high = thing.low.tolist(), thing.high.tolist()
    if on_edge:  # a quarter turn about x
        low, high = (low[0], -high[2], low[1]), (high[0], -low[2], high[1])
    half_x, half_y, half_z = scene.model.site_size[site].tolist()
    if high[2] - low[2] > 2 * half_z:
        return None
    foot_low, foot_high = (f.tolist() for f in thing.foot) if burner else (low, high)
    half = (foot_high[0] - foot_low[0]) / 2, (foot_high[1] - foot_low[1]) / 2
    cos, sin = abs(math.cos(yaw)), abs(math.sin(yaw))
    need = cos * half[0] + sin * half[1], sin * half[0] + cos * half[1]
    vessel = scene.model.body_dofnum[scene.model.site_bodyid[site]] == 6  # it can be carried
    slack = OVERHANG if vessel else 1.0
    if need[0] > slack * half_x or need[1] > slack * half_y:
        return None
    play = max(half_x - need[0], 0.0), max(half_y - need[1], 0.0)
    m = scene.data.site_xmat[site].tolist()
    a, b = u * play[0], v * play[1]
    centre = [
        at + m[3 * i] * a + m[3 * i + 1] * b - m[3 * i + 2] * half_z
        for i, at in enumerate(scene.data.site_xpos[site].tolist())
    ]
    turn = yaw + math.atan2(m[3], m[0])
    cos, sin = math.cos(turn), math.sin(turn)
    cx, cy = (foot_low[0] + foot_high[0]) / 2, (foot_low[1] + foot_high[1]) / 2
    x, y = centre[0] - cos * cx + sin * cy, centre[1] - sin * cx - cos * cy
    z = centre[2] - low[2] + LIFT
    patch = _patch(x, y, z, turn, low, high)
    if any(overlap(patch, other) for other in taken):
        return None
    pos = np.array((x, y, z))
    quat = np.array(turned(math.degrees(turn)))
    if on_edge:
        root = math.sqrt(0.5)
        quat = np.array((quat[0] * root, quat[0] * root, quat[3] * root, quat[3] * root))
    return Place(pos, quat)


def blocked(scene: Scene) -> list[Patch]:
    """Parts of the counters that appliances stand on, or need for their doors."""
    patches = []
    for unit, blocks in scene.layout.blocks.items():
        x, y, _, yaw = scene.layout.poses[unit]
        turn = np.radians(yaw)
        cos, sin = float(np.cos(turn)), float(np.sin(turn))
        for x0, y0, x1, y1 in blocks:
            cx, cy = (x0 + x1) / 2, (y0 + y1) / 2
            half = (x1 - x0) / 2, (y1 - y0) / 2
            at = x + cos * cx - sin * cy, y + sin * cx + cos * cy
            patches.append(Patch(*at, *half, float(turn), 0.85, 1.3))
    return patches


def _patch(x: float, y: float, z: float, yaw: float, low: Sequence, high: Sequence) -> Patch:
    cx, cy = (low[0] + high[0]) / 2, (low[1] + high[1]) / 2
    cos, sin = math.cos(yaw), math.sin(yaw)
    half = (high[0] - low[0]) / 2, (high[1] - low[1]) / 2
    return Patch(
        x + cos * cx - sin * cy, y + sin * cx + cos * cy, *half, yaw, z + low[2], z + high[2]
    )


def overlap(a: Patch, b: Patch) -> bool:
    """Whether two rectangles at the same height touch, by the separating axes of both."""
    if a.z0 > b.z1 or b.z0 > a.z1:
        return False
    dx, dy = b.x - a.x, b.y - a.y
    reach = a.half_x + a.half_y + b.half_x + b.half_y + GAP
    if dx * dx + dy * dy > reach * reach:
        return False
    for one, other in ((a, b), (b, a)):
        cos, sin = math.cos(one.yaw), math.sin(one.yaw)
        turn = other.yaw - one.yaw
        c, s = abs(math.cos(turn)), abs(math.sin(turn))
        if abs(cos * dx + sin * dy) > one.half_x + c * other.half_x + s * other.half_y + GAP:
            return False
        if abs(-sin * dx + cos * dy) > one.half_y + s * other.half_x + c * other.half_y + GAP:
            return False
    return True
