"""The scene in AI2-THOR's words: y is up, z ahead, x to the right, left-handed; m and degrees."""

from typing import Any

import numpy as np

from embodied.envs.mujoco.kitchen.kinds import kind_of
from embodied.envs.mujoco.kitchen.scene import Scene

_FLAGS = (
    "pickupable receptacle openable toggleable sliceable cookable dirtyable breakable "
    "canFillWithLiquid isHeatSource isColdSource moveable"
).split()


def to_thor(point: np.ndarray) -> dict[str, float]:
    """A point of MuJoCo's (z up) as AI2-THOR's `{x, y, z}`."""
    return {"x": float(point[0]), "y": float(point[2]), "z": float(point[1])}


def from_thor(point: dict[str, float]) -> np.ndarray:
    """AI2-THOR's `{x, y, z}` as a point of MuJoCo's."""
    return np.array((point["x"], point["z"], point["y"]), float)


def object_id(kind: str, point: np.ndarray) -> str:
    """`Mug|+00.10|+00.90|-00.35`, from where the object is when the scene begins."""
    return "|".join([kind, *(f"{c + 0.0:+06.2f}" for c in (point[0], point[2], point[1]))])


def identify(scene: Scene) -> None:
    """Give every object its objectId, which it keeps; ids never come twice."""
    taken: set[str] = set()
    for name in scene.states:
        kind = kind_of(name)
        point = anchor(scene, name)
        base = f"{object_id('Sink', point)}|SinkBasin" if kind == "SinkBasin" else ""
        identity = base or object_id(kind, point)
        while identity in taken:  # two that are less than a centimetre apart
            point = point + np.array((0.01, 0, 0))
            identity = object_id(kind, point)
        taken.add(identity)
        scene.states[name].identity = identity


def anchor(scene: Scene, name: str) -> np.ndarray:
    """The point that stands for an object: where it stands, or the middle of its box."""
    if name in scene.template.things:
        return scene.pose(name)[0]
    kind = kind_of(name)
    low, high = scene.box(name)
    middle = (low + high) / 2
    if kind == "Floor":
        return np.zeros(3)
    if kind == "CounterTop":
        middle[2] = high[2]
    elif kind in ("Fridge", "Microwave", "Toaster", "CoffeeMachine", "GarbageCan", "Chair"):
        middle[2] = low[2]
    return middle


def describe(scene: Scene, agent: np.ndarray, visible: set[str]) -> list[dict[str, Any]]:
    """AI2-THOR's `metadata["objects"]`.

    agent: where the agent stands [3], for the distances. visible: names of what it sees; what lies
    in a vessel that it sees is `isInteractable`.
    """
    parents = {
        name: [] if scene.states[name].held else holders
        for name, holders in scene.all_holders().items()
    }
    children: dict[str, list[str]] = {}
    for name, holders in parents.items():
        for holder in holders:
            children.setdefault(holder, []).append(scene.states[name].identity)
    items = []
    for name in scene.states:
        holders = parents.get(name)
        item = _object(scene, name, agent, name in visible, holders, children.get(name, []))
        vessels = [h for h in holders or () if h in scene.template.things]
        item["isInteractable"] = not visible.isdisjoint([name, *vessels])
        items.append(item)
    return items


def _object(
    scene: Scene,
    name: str,
    agent: np.ndarray,
    visible: bool,
    parents: list[str] | None,
    children: list[str],
) -> dict[str, Any]:
    kind, state = scene.kind(name), scene.states[name]
    carried = name in scene.template.things
    where = anchor(scene, name)
    item: dict[str, Any] = {
        "name": name,
        "objectId": state.identity,
        "objectType": kind_of(name),
        "assetId": "",
        "position": to_thor(where),
        "rotation": _rotation(scene, name),
        "visible": visible,
        "isInteractable": visible,
        "distance": float(np.linalg.norm(where - agent)),
        "isPickedUp": state.held,
        "isOpen": scene.is_open(name),
        "openness": scene.openness(name) if name in scene.template.doors else 0.0,
        "isToggled": state.toggled,
        "isSliced": state.sliced,
        "isCooked": state.cooked,
        "isDirty": state.dirty,
        "isBroken": False,
        "isFilledWithLiquid": False,
        "fillLiquid": None,
        "isUsedUp": False,
        "canBeUsedUp": False,
        "isMoving": carried and scene.speed(name) > 0.01,
        "mass": float(scene.template.things[name].shape.mass) if carried else 0.0,
        "temperature": state.temperature,
        "salientMaterials": list(kind.materials) or None,
        "receptacleObjectIds": children if kind.receptacle else None,
        "parentReceptacles": [scene.states[p].identity for p in parents] if parents else None,
        "controlledObjects": _controls(scene, name),
        "axisAlignedBoundingBox": _box(*scene.box(name)),
        "objectOrientedBoundingBox": None,
    }
    return item | {flag: getattr(kind, flag) for flag in _FLAGS}


def _controls(scene: Scene, name: str) -> list[str] | None:
    if kind_of(name) == "StoveKnob":
        return [scene.states[name.replace("Knob", "Burner")].identity]
    return [] if scene.kind(name).toggleable else None


def _rotation(scene: Scene, name: str) -> dict[str, float]:
    """Euler angles in degrees; upright things have only `y`, clockwise from above."""
    body = scene.model.body(name).id if name in scene.template.things else -1
    if body < 0:
        yaw = scene.layout.poses.get(name, (0, 0, 0, 0))[3]
        return {"x": 0.0, "y": float(-yaw % 360), "z": 0.0}
    m = scene.data.xmat[body].reshape(3, 3)
    tilt = np.degrees(np.arcsin(np.clip(-m[2, 1], -1, 1)))
    roll = np.degrees(np.arctan2(m[2, 0], m[2, 2]))
    yaw = np.degrees(np.arctan2(-m[0, 1], m[1, 1]))
    return {"x": float(tilt), "y": float(-yaw % 360), "z": float(roll)}


def _box(low: np.ndarray, high: np.ndarray) -> dict[str, Any]:
    ends = np.stack([low, high])
    corners = [
        [float(ends[i, 0]), float(ends[j, 2]), float(ends[k, 1])]
        for i in (1, 0)
        for j in (1, 0)
        for k in (1, 0)
    ]
    return {
        "cornerPoints": corners,
        "center": to_thor((low + high) / 2),
        "size": to_thor(high - low),
    }
