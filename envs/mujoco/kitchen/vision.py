"""What is seen from a point: rays to the points of an object, which nothing else may stop."""

import mujoco
import numpy as np

from embodied.envs.mujoco.kitchen.builder import CARRIED, SOLID
from embodied.envs.mujoco.kitchen.pictures import View
from embodied.envs.mujoco.kitchen.scene import Scene

REACH = 1.5
"""m, from the agent to a point of the object along the floor: AI2-THOR's `visibilityDistance`."""

_SIDES = np.concatenate([np.zeros((1, 3)), np.eye(3), -np.eye(3)]) * 0.85
_FLOOR_POINTS = np.array([(0, 0, -1), (0.5, 0, -1), (-0.5, 0, -1), (0, 0.5, -1), (0, -0.5, -1)])
_GROUPS = np.array((1, 1, 1, 0, 0, 0), np.uint8)


def targets(scene: Scene, names: list[str] | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Points [n, 3] on the objects (all of them without `names`), and whose they are [n]."""
    model, data = scene.model, scene.data
    wanted = scene.owner >= 0
    if names is not None:
        wanted = np.isin(scene.owner, [scene.template.objects.index(name) for name in names])
    geoms = np.flatnonzero(wanted & (model.geom_group < SOLID) & (model.geom_type != 0))
    bodies = model.geom_bodyid[geoms]
    matrix = data.xmat[bodies].reshape(-1, 3, 3)
    local = scene.template.boxes[geoms]
    points = local[:, :1] + _SIDES * local[:, 1:]
    points = data.xpos[bodies, None] + np.einsum("gij,gkj->gki", matrix, points)
    return points.reshape(-1, 3), np.repeat(scene.owner[geoms], len(_SIDES))


def in_sight(view: View, points: np.ndarray, aspect: float = 1.0) -> np.ndarray:
    """Which of the points are within reach and within the picture, bool [n]."""
    near = np.hypot(points[:, 0] - view.x, points[:, 1] - view.y) <= REACH
    return near & view.contains(points, aspect)


def unhindered(scene: Scene, eye: np.ndarray, points: np.ndarray, whose: np.ndarray) -> np.ndarray:
    """Which points are the first thing on the way from the eye that is not their own, bool [n].

    A ray that meets the object itself before the point counts as well.
    """
    if not len(points):
        return np.zeros(0, bool)
    geoms, _ = _first_hits(scene, eye, points)
    hit = np.where(geoms >= 0, scene.owner[geoms], -2)
    return hit == whose


def _first_hits(scene: Scene, eye: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The geom [n] that each ray from the eye towards a point meets first, or -1; how far off."""
    rays = points - eye
    length = np.linalg.norm(rays, axis=1)
    directions = rays / length[:, None]
    geoms = np.empty(len(points), np.int32)
    distance = np.empty(len(points))
    mujoco.mj_multiRay(
        scene.model,
        scene.data,
        eye[:, None],
        directions.reshape(-1, 1),
        _GROUPS[:, None],
        True,
        -1,
        geoms[:, None],
        distance[:, None],
        None,
        len(points),
        float(length.max() + 0.5),
    )
    return geoms, distance


def visible(scene: Scene, view: View, aspect: float = 1.0) -> set[str]:
    """Names of the objects that are within reach, in the picture, and not hidden."""
    points, whose = targets(scene)
    shown = in_sight(view, points, aspect)
    points, whose = points[shown], whose[shown]
    free = unhindered(scene, np.array((view.x, view.y, view.z)), points, whose)
    return {scene.template.objects[i] for i in np.unique(whose[free])}


def looks_into(scene: Scene, receptacle: str, eye: np.ndarray) -> bool:
    """Whether a place in a receptacle, 3 cm above its floor, is within reach and seen from a point.

    Things that lie there do not count as being in the way.
    """
    sites = scene.spots(receptacle)
    matrix = scene.data.site_xmat[sites].reshape(-1, 1, 3, 3)
    size = scene.model.site_size[sites][:, None]
    local = _FLOOR_POINTS * size + np.array((0, 0, 0.03))
    points = scene.data.site_xpos[sites][:, None] + np.einsum("sqij,sqj->sqi", matrix, local)
    points = points.reshape(-1, 3)
    points = points[np.hypot(*(points - eye)[:, :2].T) <= REACH]
    if not len(points):
        return False
    geoms, distance = _first_hits(scene, eye, points)
    length = np.linalg.norm(points - eye, axis=1)
    carried = scene.model.geom_group[geoms] == CARRIED
    return bool(((geoms < 0) | (distance >= length) | carried).any())
