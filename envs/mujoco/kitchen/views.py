"""Where to look from for a picture that shows much: what a goal network is trained on."""

from collections.abc import Iterable, Iterator

import numpy as np

from embodied.envs.mujoco.kitchen.agent import EYE, Agent
from embodied.envs.mujoco.kitchen.kinds import kind_of
from embodied.envs.mujoco.kitchen.pictures import View
from embodied.envs.mujoco.kitchen.scene import Scene
from embodied.envs.mujoco.kitchen.vision import targets, unhindered
from embodied.envs.mujoco.kitchen.walking import GRID, largest_room

NEAR = 1.3  # m; what is as near as this is large enough


def sample_view(
    scene: Scene, rng: np.random.Generator, tries: int = 12, kinds: Iterable[str] = ()
) -> View:
    """The view, of `tries` drawn ones from where the agent could stand, that shows most things.

    A thing counts by its size in the picture. kinds: types that count as much as ten others.
    """
    cells = largest_room(scene)

    def drawn() -> Iterator[View]:
        for _ in range(tries):
            x, y = cells[int(rng.integers(len(cells)))]
            z = EYE * float(rng.uniform(0.92, 1.08))
            yaw, pitch, fovy = rng.uniform(0, 360), rng.uniform(12, 34), rng.uniform(55, 75)
            yield View(x * GRID, y * GRID, z, yaw, pitch, fovy)

    return _best(scene, drawn(), kinds)


def sample_pose(
    scene: Scene, rng: np.random.Generator, tries: int = 12, kinds: Iterable[str] = ()
) -> Agent:
    """The same among poses that the agent takes itself: on the grid, squarely, looking down."""
    cells = largest_room(scene)
    poses: dict[View, Agent] = {}
    for _ in range(tries):
        x, y = cells[int(rng.integers(len(cells)))]
        pose = Agent(x * GRID, y * GRID, 90.0 * int(rng.integers(4)), 30.0)
        poses[pose.view()] = pose
    return poses[_best(scene, poses, kinds)]


def _best(scene: Scene, views: Iterable[View], kinds: Iterable[str]) -> View:
    wanted = set(kinds)
    names = [*scene.things(), *(name for name in scene.states if kind_of(name) in wanted)]
    points, whose = targets(scene, list(dict.fromkeys(names)))
    worth = np.array([10.0 if kind_of(o) in wanted else 1.0 for o in scene.template.objects])
    best, most = View(0, 0, EYE, 0, 0), -1.0
    for view in views:
        at = np.array((view.x, view.y, view.z))
        shown = view.contains(points)
        free = unhindered(scene, at, points[shown], whose[shown])
        seen, first = np.unique(whose[shown][free], return_index=True)
        away = np.linalg.norm(points[shown][free][first] - at, axis=1)
        value = float((worth[seen] * np.minimum(1, NEAR / away) ** 2).sum())
        if value > most:
            best, most = view, value
    return best
