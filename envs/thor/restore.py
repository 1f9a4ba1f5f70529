"""Bring a fresh scene into the state that an earlier one was in.

What comes back: the agent's pose, what it holds, where loose things are, what is open, switched on,
sliced, cooked, dirty, filled, used up and broken, and the cameras of third parties. Restored things
stand still until they are touched. What AI2-THOR has no action for does not come back:
temperatures, the pieces of what broke, motion, and things that share their name with another, such
as the slices of two apples. A cooked, sliced or broken thing that the fresh scene already has in
that state cannot be undone either. `restore` names whatever differs.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from embodied.envs.thor.names import Names, by_name
from embodied.envs.thor.unity import Unity

NEAR = 0.02  # metres, within which a place is the same
# Metadata -> the action that makes it true, and the one that makes it false.
BEFORE_PLACING = {"isSliced": ("SliceObject", None), "isBroken": ("BreakObject", None)}
AFTER_PLACING = {
    "isCooked": ("CookObject", None),
    "isFilledWithLiquid": ("FillObjectWithLiquid", "EmptyLiquidFromObject"),
    "isUsedUp": ("UseUpObject", None),
    "isToggled": ("ToggleObjectOn", None),  # off came before, since what is on does not open
    "isDirty": ("DirtyObject", "CleanObject"),  # last: a faucet that is on washes
}
COMPARED = (*BEFORE_PLACING, *AFTER_PLACING, "isOpen", "isPickedUp", "temperature")

Metadata = Mapping[str, Any]
Object = Mapping[str, Any]


def restore(unity: Unity, before: Metadata) -> tuple[Names, tuple[str, ...]]:
    """Restore what `before`, the metadata of an event, describes, in the scene just loaded.

    Returns what translates its ids, and what could not be restored, one line each.
    """
    wanted = by_name(before["objects"])
    _set_states(unity, wanted, BEFORE_PLACING)
    for name, thing in _now(unity).items():
        if thing.get("isToggled") and name in wanted and not wanted[name].get("isToggled"):
            _act(unity, "ToggleObjectOff", thing)
    _open(unity, wanted)
    _place(unity, wanted)
    _set_states(unity, wanted, AFTER_PLACING)
    _place_agent(unity, before)
    for name, thing in wanted.items():
        if thing.get("isPickedUp") and name in _now(unity):
            _act(unity, "PickupObject", _now(unity)[name])
    for camera in before.get("thirdPartyCameras") or ():
        keys = ("position", "rotation", "fieldOfView")
        given = {key: camera[key] for key in keys if key in camera}
        unity.attempt({"action": "AddThirdPartyCamera"} | given)
    event = unity.attempt({"action": "Pass"})
    names = Names.between(before["objects"], event.metadata["objects"])
    return names, tuple(_differences(before, event.metadata))


def _now(unity: Unity) -> dict[str, Object]:
    return by_name(unity.last_event.metadata["objects"])


def _act(unity: Unity, action: str, thing: Object, **arguments: Any) -> None:
    target = {"action": action, "objectId": thing["objectId"], "forceAction": True}
    unity.attempt(target | arguments)


def _set_states(
    unity: Unity, wanted: Mapping[str, Object], states: Mapping[str, tuple[str, str | None]]
) -> None:
    for flag, (make, undo) in states.items():
        for name, thing in _now(unity).items():
            want = bool(wanted.get(name, thing).get(flag))
            action = make if want else undo
            if action and want != bool(thing.get(flag)):
                liquid = wanted[name].get("fillLiquid") or "water"
                more = {"fillLiquid": liquid} if action == "FillObjectWithLiquid" else {}
                _act(unity, action, thing, **more)


def _open(unity: Unity, wanted: Mapping[str, Object]) -> None:
    for name, thing in _now(unity).items():
        want = wanted.get(name, thing)
        if bool(want.get("isOpen")) != bool(thing.get("isOpen")):
            if want.get("isOpen"):
                _act(unity, "OpenObject", thing, openness=want.get("openness") or 1.0)
            else:
                _act(unity, "CloseObject", thing)


def _place(unity: Unity, wanted: Mapping[str, Object]) -> None:
    """Put all loose things where they were, in one action: what it does not list, it removes."""
    loose = {n: t for n, t in _now(unity).items() if t.get("pickupable") or t.get("moveable")}
    here = {name: wanted[name] for name in loose if name in wanted}
    if len(here) == len(loose) and not any(_moved(loose[name], here[name]) for name in here):
        return
    poses = [
        {"objectName": name, "position": thing["position"], "rotation": thing["rotation"]}
        for name, thing in here.items()
    ]
    unity.attempt({"action": "SetObjectPoses", "objectPoses": poses, "placeStationary": True})


def _place_agent(unity: Unity, before: Metadata) -> None:
    agent = before["agent"]
    pose = {"position": agent["position"], "rotation": agent["rotation"]}
    pose |= {"horizon": agent["cameraHorizon"], "forceAction": True}
    if agent.get("isStanding") is not None:
        pose["standing"] = agent["isStanding"]
    unity.attempt({"action": "Teleport"} | pose)


def _moved(a: Object, b: Object) -> bool:
    turned = any(abs(_turn(a, b, axis)) > 1 for axis in "xyz" if "rotation" in a)
    return turned or any(abs(a["position"][x] - b["position"][x]) > NEAR for x in "xyz")


def _turn(a: Object, b: Object, axis: str) -> float:
    """Degrees between two rotations, in [-180, 180)."""
    return (a["rotation"][axis] - b["rotation"][axis] + 180) % 360 - 180


def _differences(before: Metadata, now: Metadata) -> Iterator[str]:
    """What is not as it was, one line each."""
    if _moved(before["agent"], now["agent"]):
        yield "the agent is elsewhere"
    found = by_name(now["objects"])
    known = by_name(before["objects"])
    for name in found.keys() - {thing["name"] for thing in before["objects"]}:
        yield f"{found[name]['objectId']} is back"
    for thing in before["objects"]:
        identity, name = thing["objectId"], thing["name"]
        if name not in known:
            yield f"{identity} cannot be told from another of its name"
            continue
        other = found.get(name)
        if other is None:
            yield f"{identity} is gone"
            continue
        for key in COMPARED:
            if thing.get(key) != other.get(key):
                yield f"{identity}: {key} is {other.get(key)}, was {thing.get(key)}"
        if _moved(thing, other) and not (thing.get("isPickedUp") or thing.get("isSliced")):
            yield f"{identity} is elsewhere"
