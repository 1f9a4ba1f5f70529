"""Where to look from for a picture that shows much: what a goal network is trained on."""

from collections.abc import Iterable

import numpy as np

from embodied.envs.mujoco.kitchen.agent import EYE
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
    wanted = set(kinds)
    names = [*scene.things(), *(name for name in scene.states if kind_of(name) in wanted)]
    points, whose = targets(scene, list(dict.fromkeys(names)))
    worth = np.array([10.0 if kind_of(o) in wanted else 1.0 for o in scene.template.objects])
    best, most = View(0, 0, EYE, 0, 0), -1.0
    for _ in range(tries):
        x, y = cells[int(rng.integers(len(cells)))]
        at = x * GRID, y * GRID, EYE * float(rng.uniform(0.92, 1.08))
        view = View(
            at[0], at[1], at[2], rng.uniform(0, 360), rng.uniform(12, 34), rng.uniform(55, 75)
        )
        shown = view.contains(points)
        free = unhindered(scene, np.array(at), points[shown], whose[shown])
        seen, first = np.unique(whose[shown][free], return_index=True)
        away = np.linalg.norm(points[shown][free][first] - at, axis=1)
        value = float((worth[seen] * np.minimum(1, NEAR / away) ** 2).sum())
        if value > most:
            best, most = view, value
    return best
