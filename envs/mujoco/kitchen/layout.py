"""Where the units stand: runs along the walls, a table, and what is left to the other walls."""

from dataclasses import dataclass, field

import numpy as np

from embodied.envs.mujoco.kitchen.model import SHELVES, WALL_CABINETS, Template
from embodied.envs.mujoco.kitchen.units import DEPTH

Rectangle = tuple[float, float, float, float]
"""x0, y0, x1, y1 in m."""

SHAPES = ("corner-right", "corner-left", "galley", "wall")
AISLE = 1.2
"""m between the table and the units: an open door leaves a way."""


@dataclass
class Layout:
    """An arrangement.

    size: of the room along x and y, m; its middle is the origin.
    poses: body -> x, y, z in m and yaw in degrees. counters: units under each CounterTop.
    floor: what the agent cannot walk through. free: where nothing else may stand, so that a door
        opens and leaves a way. blocks: unit -> parts of its top that are taken, in
        its own frame.
    """

    shape: str
    size: tuple[float, float]
    poses: dict[str, tuple[float, float, float, float]] = field(default_factory=dict)
    counters: list[list[str]] = field(default_factory=list)
    floor: list[Rectangle] = field(default_factory=list)
    free: list[Rectangle] = field(default_factory=list)
    blocks: dict[str, list[Rectangle]] = field(default_factory=dict)

    def has_room(self, box: Rectangle, gap: float, beside: Rectangle | None = None) -> bool:
        """Whether a box may stand there, `gap` m from all but `beside`."""
        others = [other for other in self.floor if other is not beside]
        apart = all(_apart(box, other, gap) for other in others)
        return apart and all(_apart(box, other, 0.0) for other in self.free)


def sample_layout(rng: np.random.Generator, template: Template) -> Layout:
    """A room with room for a table."""
    while True:
        layout = _attempt(rng, template)
        if {"DiningTable_0", "GarbageCan_0", "LightSwitch_0"} <= layout.poses.keys():
            return layout


def _attempt(rng: np.random.Generator, template: Template) -> Layout:
    widths = template.widths
    shape = str(rng.choice(SHAPES, p=(0.25, 0.25, 0.35, 0.15)))
    plain = [n for n in widths if n.startswith(("Base_", "Drawers_"))]
    items = ["SinkUnit_0", "Stove_0", *plain]
    rng.shuffle(items)
    first = template.model.joint("Fridge_0").axis[2] < 0  # it opens to the left: it stands there
    fridge = ["FridgeUnit_0"]
    walls = {"corner-right": [0, 1], "corner-left": [3, 0], "galley": [0, 2], "wall": [0]}[shape]
    cut = int(rng.integers(3, 6))
    runs = {"wall": [items], "galley": [items[:cut], items[cut:]]}.get(shape)
    if runs is None:
        runs = [[*items[:4], "Corner_0"], items[4:]]
        at = 0 if first else 1
    else:
        at = int(rng.integers(len(runs)))
    runs[at] = fridge + runs[at] if first else runs[at] + fridge
    layout = _place(rng, widths, shape, runs, walls)
    _stand(rng, layout, widths)
    _hang(rng, layout, widths)
    _furnish(rng, layout, template)
    return layout


def wall_pose(size: tuple[float, float], wall: int, along: float) -> tuple[float, float, float]:
    """x, y and yaw in degrees, `along` m from the left end of a wall, as seen from the room.

    Walls: 0 at +y, 1 at +x, 2 at -y, 3 at -x.
    """
    x, y = size[0] / 2, size[1] / 2
    corner = ((-x, y), (x, y), (x, -y), (-x, -y))[wall]
    yaw = -90.0 * wall
    ahead = np.cos(np.radians(yaw)), np.sin(np.radians(yaw))
    return corner[0] + along * ahead[0], corner[1] + along * ahead[1], yaw


def footprint(pose: tuple[float, ...], low: tuple, high: tuple) -> Rectangle:
    """The box between two corners of a body's own frame, in the room; yaw a multiple of 90°."""
    x, y, yaw = pose[0], pose[1], np.radians(pose[-1])
    cos, sin = round(np.cos(yaw)), round(np.sin(yaw))
    xs = sorted((x + cos * a - sin * b) for a, b in (low, high))
    ys = sorted((y + sin * a + cos * b) for a, b in (low, high))
    return xs[0], ys[0], xs[1], ys[1]


def _place(
    rng: np.random.Generator,
    widths: dict[str, float],
    shape: str,
    runs: list[list[str]],
    walls: list[int],
) -> Layout:
    lengths = [sum(widths[name] for name in run) for run in runs]
    slack = rng.uniform(0.0, 0.7, 2)
    deep = 2 * DEPTH + rng.uniform(1.5, 2.1)
    if shape == "galley":
        size = (max(max(lengths) + slack[0], 3.2), deep + 1.5)
    elif shape == "wall":
        size = (max(lengths[0] + slack[0], 3.6), rng.uniform(3.3, 3.9))
    else:
        first, second = lengths[0] + slack[0], DEPTH + 0.02 + lengths[1] + slack[1]
        a, b = max(first, 3.6), max(second, 3.5)
        size = (a, b) if walls[0] == 0 else (b, a)
    layout = Layout(shape, (float(size[0]), float(size[1])))
    for run, wall, length in zip(runs, walls, lengths, strict=True):
        whole = layout.size[0] if wall % 2 == 0 else layout.size[1]
        if "Corner_0" in run:
            start = whole - length
        elif shape.startswith("corner"):
            start = DEPTH + 0.02
        elif run[0] == "FridgeUnit_0":
            start = 0.0
        else:
            start = whole - length if "FridgeUnit_0" in run else rng.uniform(0, whole - length)
        _run(layout, widths, run, wall, start)
    return layout


def _run(layout: Layout, widths: dict[str, float], run: list[str], wall: int, start: float) -> None:
    counter: list[str] = []
    for name in run:
        half = widths[name] / 2
        x, y, yaw = wall_pose(layout.size, wall, start + half)
        layout.poses[name] = (x, y, 0.0, yaw)
        if name == "FridgeUnit_0":
            layout.free.append(footprint((x, y, yaw), (-half, -1.9), (half + 0.2, 0)))
        depth = 0.74 if name == "FridgeUnit_0" else DEPTH + 0.03
        layout.floor.append(footprint((x, y, yaw), (-half, -depth), (half, 0)))
        start += 2 * half
        if name in ("FridgeUnit_0", "Stove_0"):  # they part a counter in two
            layout.counters += [counter] if counter else []
            counter = []
        else:
            counter.append(name)
    layout.counters += [counter] if counter else []


def _stand(rng: np.random.Generator, layout: Layout, widths: dict[str, float]) -> None:
    """Microwave, toaster and coffee machine, each on a unit of its own."""
    tops = [n for n in layout.poses if n.startswith(("Base_", "Drawers_"))]
    rng.shuffle(tops)
    for name, reach in (("MicrowaveUnit_0", 0.62), ("Toaster_0", 0.3), ("CoffeeMachine_0", 0.45)):
        top = tops.pop()
        free = widths[top] - widths[name]
        at = free / 2 * float(rng.choice((-1, 1))) * 0.9 if free > 0 else 0.0
        back = -0.05
        x, y, _, yaw = layout.poses[top]
        turn = np.radians(yaw)
        x, y = (
            x + at * np.cos(turn) - back * np.sin(turn),
            y + at * np.sin(turn) + back * np.cos(turn),
        )
        layout.poses[name] = (float(x), float(y), 0.9, yaw)
        half = widths[name] / 2 + 0.01
        layout.blocks[top] = [(at - half, back - reach, at + half, 0.0)]


def _hang(rng: np.random.Generator, layout: Layout, widths: dict[str, float]) -> None:
    """Cabinets and shelves above the counters, a window over the sink, a hood over the stove."""
    cabinets = [f"Wall_{k}" for k in range(WALL_CABINETS)]
    shelves = [f"Shelf_{k}" for k in range(SHELVES)]
    sunny = rng.random() < 0.7
    for name in list(layout.poses):
        pose = (*layout.poses[name][:2], 0.0, layout.poses[name][3])
        if name == "Stove_0":
            layout.poses["Hood_0"] = pose
        elif name == "SinkUnit_0" and sunny:
            layout.poses["Window_0"] = pose
        elif name.startswith(("Base_", "Drawers_")):
            beside = sunny and _gap(pose, layout.poses["SinkUnit_0"]) < 0.53 + widths[name] / 2
            draw = rng.random()
            if beside:
                continue
            if draw < 0.65 and cabinets:
                layout.poses[cabinets.pop(0)] = pose
            elif draw < 0.85 and shelves:
                layout.poses[shelves.pop(0)] = pose
    if len(cabinets) == WALL_CABINETS:  # a kitchen has at least one
        sink = layout.poses["SinkUnit_0"]
        tops = [n for n in layout.poses if n.startswith(("Base_", "Drawers_"))]
        farthest = layout.poses[max(tops, key=lambda name: _gap(layout.poses[name], sink))]
        layout.poses["Wall_0"] = (*farthest[:2], 0.0, farthest[3])
        for name in [n for n in layout.poses if n.startswith("Shelf_")]:
            if _gap(layout.poses[name], farthest) < 0.1:
                del layout.poses[name]


def _gap(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    return float(np.hypot(a[0] - b[0], a[1] - b[1]))


def _furnish(rng: np.random.Generator, layout: Layout, template: Template) -> None:
    """Table, chairs, bin, plant and switch on the floor and the walls that are left."""
    spot = template.model.site("DiningTable_0@0").size
    x, y = float(spot[0]) + 0.02, float(spot[1]) + 0.02
    for turned, at in _table_places(rng, layout, x, y):
        half = (y, x) if turned else (x, y)
        box = (at[0] - half[0], at[1] - half[1], at[0] + half[0], at[1] + half[1])
        if layout.has_room(box, AISLE):
            layout.poses["DiningTable_0"] = (at[0], at[1], 0.0, 90.0 if turned else 0.0)
            layout.floor.append(box)
            _seat(rng, layout, box)
            break
    _at_wall(rng, layout, "GarbageCan_0", 0.19, 0.02)
    _at_wall(rng, layout, "HousePlant_0", 0.25, 0.7)
    for _ in range(60):
        wall = int(rng.integers(4))
        x, y, yaw = wall_pose(layout.size, wall, rng.uniform(0.3, layout.size[wall % 2] - 0.3))
        before = footprint((x, y, yaw), (-0.06, -0.5), (0.06, 0))
        if all(_apart(before, other, 0.0) for other in layout.floor):
            layout.poses["LightSwitch_0"] = (x, y, 0.0, yaw)
            break


def _at_wall(
    rng: np.random.Generator, layout: Layout, name: str, half: float, clear: float
) -> None:
    """Stand a body with half sides `half` at a wall, `clear` m from all else, if there is room."""
    for _ in range(40):
        wall = int(rng.integers(4))
        along = rng.uniform(half + 0.05, layout.size[wall % 2] - half - 0.05)
        x, y, yaw = wall_pose(layout.size, wall, along)
        turn = np.radians(yaw)
        x, y = float(x + half * np.sin(turn)), float(y - half * np.cos(turn))
        box = (x - half, y - half, x + half, y + half)
        if layout.has_room(box, clear):
            layout.poses[name] = (x, y, 0.0, yaw)
            layout.floor.append(box)
            return


def _table_places(
    rng: np.random.Generator, layout: Layout, x: float, y: float
) -> list[tuple[bool, tuple[float, float]]]:
    """Places to try for the table, turned or not: most of them at a wall."""
    places = []
    for _ in range(60):
        turned = bool(rng.random() < 0.5)
        half = (y, x) if turned else (x, y)
        room = layout.size[0] / 2 - half[0] - 0.02, layout.size[1] / 2 - half[1] - 0.02
        if min(room) <= 0:
            continue
        at = [float(rng.uniform(-room[0], room[0])), float(rng.uniform(-room[1], room[1]))]
        if rng.random() < 0.7:
            axis = int(rng.integers(2))
            at[axis] = room[axis] * float(rng.choice((-1, 1)))
        places.append((turned, (at[0], at[1])))
    return places


def _seat(rng: np.random.Generator, layout: Layout, table: Rectangle) -> None:
    """Chairs at the table where they leave the way free."""
    middle = (table[0] + table[2]) / 2, (table[1] + table[3]) / 2
    sides = [
        (middle[0], table[1] - 0.1, 0.0),
        (middle[0], table[3] + 0.1, 180.0),
        (table[0] - 0.1, middle[1], -90.0),
        (table[2] + 0.1, middle[1], 90.0),
    ]
    chairs = 0
    for k in rng.permutation(4):
        x, y, yaw = sides[k]
        box = (x - 0.22, y - 0.22, x + 0.22, y + 0.22)
        inside = abs(x) + 0.22 < layout.size[0] / 2 and abs(y) + 0.22 < layout.size[1] / 2
        if inside and chairs < 2 and layout.has_room(box, 0.75, table):
            layout.poses[f"Chair_{chairs}"] = (x, y, 0.0, yaw)
            layout.floor.append(box)
            chairs += 1


def _apart(a: Rectangle, b: Rectangle, gap: float) -> bool:
    return a[0] > b[2] + gap or b[0] > a[2] + gap or a[1] > b[3] + gap or b[1] > a[3] + gap
