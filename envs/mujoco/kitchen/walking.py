"""Where the agent can stand: a grid of 0.25 m, free of furniture and of doors that stand open."""

from collections import deque

from embodied.envs.mujoco.kitchen.kinds import kind_of
from embodied.envs.mujoco.kitchen.layout import Rectangle
from embodied.envs.mujoco.kitchen.scene import Scene

GRID = 0.25
RADIUS = 0.19
Cell = tuple[int, int]
"""A point of the grid: x = GRID * cell[0], y = GRID * cell[1]."""


def obstacles(scene: Scene) -> list[Rectangle]:
    """What stands in the way on the floor: furniture, open doors, and things that lie there."""
    boxes = list(scene.layout.floor)
    for name in scene.template.doors:
        ajar = name in scene.states and scene.openness(name) > 0.03
        if ajar and (box := leaf(scene, name)):
            boxes.append(box)
    return boxes


def leaf(scene: Scene, door: str) -> Rectangle | None:
    """The floor below the moving part of a door, None if it is too high to be in the way."""
    body = scene.model.body(door).id
    geoms = scene.geoms(door)
    middle, half = scene.geom_boxes(geoms[scene.model.geom_bodyid[geoms] == body])
    low, high = (middle - half).min(0), (middle + half).max(0)
    if kind_of(door) == "Microwave" or low[2] > 1.4:
        return None
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def is_free(point: tuple[float, float], boxes: list[Rectangle], size: tuple[float, float]) -> bool:
    """Whether the agent, a disc, has room at a point."""
    x, y = point
    if abs(x) > size[0] / 2 - RADIUS or abs(y) > size[1] / 2 - RADIUS:
        return False
    for x0, y0, x1, y1 in boxes:
        dx, dy = max(x0 - x, 0.0, x - x1), max(y0 - y, 0.0, y - y1)
        if dx * dx + dy * dy < RADIUS * RADIUS:
            return False
    return True


def reachable(scene: Scene, start: Cell) -> dict[Cell, Cell | None]:
    """Every cell that can be walked to from `start`, and the cell before it on a shortest way."""
    boxes, size = obstacles(scene), scene.layout.size
    before: dict[Cell, Cell | None] = {start: None}
    queue = deque([start])
    while queue:
        here = queue.popleft()
        for step in ((0, 1), (1, 0), (0, -1), (-1, 0)):
            cell = here[0] + step[0], here[1] + step[1]
            point = cell[0] * GRID, cell[1] * GRID
            if cell not in before and is_free(point, boxes, size):
                before[cell] = here
                queue.append(cell)
    return before


def path(before: dict[Cell, Cell | None], goal: Cell) -> list[Cell]:
    """The cells from the start of `before` to `goal`, both included."""
    way: list[Cell] = []
    cell: Cell | None = goal
    while cell is not None:
        way.append(cell)
        cell = before[cell]
    return way[::-1]


def largest_room(scene: Scene) -> list[Cell]:
    """The cells of the largest part of the floor that hangs together, sorted."""
    boxes, size = obstacles(scene), scene.layout.size
    nx, ny = int(size[0] / 2 / GRID) + 1, int(size[1] / 2 / GRID) + 1
    rest = {
        (i, j)
        for i in range(-nx, nx + 1)
        for j in range(-ny, ny + 1)
        if is_free((i * GRID, j * GRID), boxes, size)
    }
    best: set[Cell] = set()
    while rest:
        found = set(reachable(scene, min(rest)))
        best = max(best, found, key=len)
        rest -= found
    return sorted(best)
