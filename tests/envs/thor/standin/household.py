"""What iTHOR's interactions do to things; a `Refusal` says why not.

The knife is the planner's idea: Unity slices with empty hands. A heater cooks what is in it, also
in a pan or on a plate, and makes it hot; a faucet washes what is in the nearest basin.
"""

from typing import Any, Protocol

import numpy as np

from tests.envs.thor.standin.scenes import Thing


class Refusal(Exception):
    """An action that fails: errorMessage, and errorCode if Unity has one."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class House(Protocol):
    things: list[Thing]

    def hand(self) -> np.ndarray: ...
    def held(self) -> Thing | None: ...
    def sees(self, thing: Thing) -> bool: ...


# Actions that just set a flag: what the thing must be, the flag, its value, a message.
STATES = {
    "CookObject": ("cookable", "isCooked", True),
    "DirtyObject": ("dirtyable", "isDirty", True),
    "CleanObject": ("dirtyable", "isDirty", False),
    "BreakObject": ("breakable", "isBroken", True),
    "FillObjectWithLiquid": ("canFillWithLiquid", "isFilledWithLiquid", True),
    "EmptyLiquidFromObject": ("canFillWithLiquid", "isFilledWithLiquid", False),
    "UseUpObject": ("canBeUsedUp", "isUsedUp", True),
}
SWITCHES = {"ToggleObjectOn": True, "ToggleObjectOff": False}
VERBS = (*STATES, *SWITCHES, "PickupObject", "PutObject", "OpenObject", "CloseObject")
VERBS = (*VERBS, "SliceObject", "DropHandObject")


def do(house: House, action: dict[str, Any]) -> None:
    """Do one of VERBS."""
    name, force = action["action"], action.get("forceAction", False)
    if name == "DropHandObject":
        held = _held(house)
        move(house, held, _floor_spot(house, held))
        held.data["isPickedUp"] = False
        return
    thing = _target(house, action, force)
    if name in STATES:
        _set_state(thing, action)
    elif name in SWITCHES:
        _switch(thing, SWITCHES[name])
    elif name == "OpenObject":
        _need(thing, "openable")
        if thing.data["isToggled"] and not force:
            raise Refusal(f"{thing.id} must be toggled off before it opens!")
        if thing.data["isOpen"]:
            raise Refusal("object is already open")
        thing.data |= {"isOpen": True, "openness": float(action.get("openness", 1.0))}
    elif name == "CloseObject":
        _need(thing, "openable")
        if not thing.data["isOpen"]:
            raise Refusal("object is already closed")
        thing.data |= {"isOpen": False, "openness": 0.0}
    elif name == "PickupObject":
        _need(thing, "pickupable")
        if house.held() is not None:
            raise Refusal("Agent hand has something in it already! Can't pick up anything else")
        move(house, thing, house.hand())
        thing.data["isPickedUp"], thing.parents = True, []
    elif name == "PutObject":
        put(house, _held(house), thing, force)
    elif name == "SliceObject":
        _slice(house, thing)


def work(house: House) -> None:
    """What goes on by itself: heating, washing and cooling."""
    for thing in _within(house, [t for t in house.things if _is_shut_fridge(t)]):
        thing.data["temperature"] = "Cold"
    for switch in house.things:
        if not (switch.data["toggleable"] and switch.data["isToggled"]):
            continue
        places = list(switch.controls)
        if switch.kind in ("Microwave", "Toaster"):
            places.append(switch)
        for thing in _within(house, places):
            thing.data["temperature"] = "Hot"
            if thing.data["cookable"]:
                thing.data["isCooked"] = True
        if switch.kind == "Faucet":
            basins = [thing for thing in house.things if thing.kind.endswith("Basin")]
            gaps = [float(np.linalg.norm(b.position - switch.position)) for b in basins]
            for thing in _within(house, [basins[int(np.argmin(gaps))]] if basins else []):
                if thing.data["dirtyable"]:
                    thing.data["isDirty"] = False
                if thing.data["canFillWithLiquid"]:
                    thing.data |= {"isFilledWithLiquid": True, "fillLiquid": "water"}


def _is_shut_fridge(thing: Thing) -> bool:
    return thing.kind == "Fridge" and not thing.data["isOpen"]


def move(house: House, thing: Thing, position: np.ndarray) -> None:
    """Move a thing with what is in it."""
    step = position - thing.position
    inside = [other for other in house.things if thing in other.parents and other is not thing]
    for other in [thing, *(other for other in inside if other.data["pickupable"])]:
        other.low, other.high = other.low + step, other.high + step
        other.position = other.position + step


def settle(house: House, thing: Thing) -> None:
    """Find out anew what the thing is in, from where it is."""
    x, z = (thing.low + thing.high)[[0, 2]] / 2
    bottom = thing.low[1]
    thing.parents = []
    for place in house.things:
        if place is thing or place.gone or not place.data["receptacle"]:
            continue
        if place.is_within(thing):
            continue
        low, high = place.low, place.high
        top = high[1] - 0.02 if place.data["openable"] else high[1] + 0.06
        least = low[1] - 0.02 if _has_inside(place) else high[1] - 0.04
        if low[0] <= x <= high[0] and low[2] <= z <= high[2] and least <= bottom <= top:
            thing.parents.append(place)


def _target(house: House, action: dict[str, Any], force: bool) -> Thing:
    if "objectId" not in action:
        raise Refusal(f"{action['action']} is missing the argument objectId", "MissingArguments")
    for thing in house.things:
        if thing.id == action["objectId"]:
            if not force and not house.sees(thing):
                raise Refusal(f"{thing.id} is not visible: not found within the specified distance")
            return thing
    raise Refusal(f"Object ID appears to be invalid. {action['objectId']} is not in the scene")


def _need(thing: Thing, flag: str) -> None:
    if not thing.data[flag]:
        raise Refusal(f"{thing.id} is not {flag}")


def _held(house: House) -> Thing:
    held = house.held()
    if held is None:
        raise Refusal("Nothing in agent's hand to put or drop!")
    return held


def _set_state(thing: Thing, action: dict[str, Any]) -> None:
    need, flag, value = STATES[action["action"]]
    _need(thing, need)
    if thing.data[flag] == value:
        raise Refusal(f"{thing.id} already has {flag} {value}")
    thing.data[flag] = value
    if flag == "isFilledWithLiquid":
        thing.data["fillLiquid"] = action.get("fillLiquid", "water") if value else None


def _switch(thing: Thing, value: bool) -> None:
    _need(thing, "toggleable")
    if thing.data["isToggled"] == value:
        raise Refusal(f"{thing.id} is already toggled {'on' if value else 'off'}")
    if value and thing.data["isOpen"]:
        raise Refusal("Target must be closed to Toggle On!")
    thing.data["isToggled"] = value


def put(house: House, held: Thing, place: Thing, force: bool) -> None:
    _need(place, "receptacle")
    if held is place or (place.data["openable"] and not place.data["isOpen"] and not force):
        raise Refusal(f"Target openable Receptacle {place.id} is CLOSED, can't place if target is")
    size = held.high - held.low
    bottom = place.low[1] + 0.02 if _has_inside(place) else place.high[1] + 0.01
    offset = held.position - (held.low + held.high) / 2
    for x, z in _spots(place, size, house.hand()):
        low = np.array([x - size[0] / 2, bottom, z - size[2] / 2])
        if not _crowded(house, (held, place), low, low + size):
            move(house, held, low + size / 2 + offset)
            held.data["isPickedUp"] = False
            settle(house, held)
            if place not in held.parents:
                held.parents.append(place)
            for other in house.things:
                if held in other.parents:
                    settle(house, other)
            return
    raise Refusal("No valid positions to place object found")


def _has_inside(place: Thing) -> bool:
    """Things lie in it, not on top of it."""
    return place.data["openable"] or place.data["pickupable"] or place.kind.endswith("Basin")


def _spots(place: Thing, size: np.ndarray, near: np.ndarray) -> list[tuple[float, float]]:
    """Middles on a grid of the place, the nearest to the hand first."""
    room = np.maximum((place.high - place.low - size) / 2 - 0.01, 0)
    middle = (place.low + place.high) / 2
    xs = middle[0] + room[0] * np.linspace(-1, 1, 9)
    zs = middle[2] + room[2] * np.linspace(-1, 1, 9)
    spots = [(float(x), float(z)) for x in xs for z in zs]
    return sorted(spots, key=lambda spot: np.hypot(spot[0] - near[0], spot[1] - near[2]))


def _crowded(house: House, but: tuple[Thing, Thing], low: np.ndarray, high: np.ndarray) -> bool:
    """Whether a loose thing is in the way, other than the two and what the first holds."""
    for other in house.things:
        if other in but or but[0] in other.parents or other.gone or not other.data["pickupable"]:
            continue
        if (low < other.high).all() and (high > other.low).all():
            return True
    return False


def _floor_spot(house: House, held: Thing) -> np.ndarray:
    spot = house.hand()
    spot[1] = held.position[1] - held.low[1]
    return spot


def _within(house: House, places: list[Thing]) -> list[Thing]:
    """What is in one of the places, also in something that is."""
    direct = [t for t in house.things if any(p in t.parents for p in places)]
    deeper = [t for t in house.things if any(p in t.parents for p in direct)]
    return list(dict.fromkeys([*direct, *deeper]))


def _slice(house: House, thing: Thing) -> None:
    """Three slices in place of the whole, which stays in the metadata alone, as in Unity."""
    _need(thing, "sliceable")
    if thing.data["isSliced"]:
        raise Refusal(f"{thing.id} is already sliced")
    if thing.data["isPickedUp"]:
        raise Refusal("Agent is holding the object: it cannot be sliced")
    thing.data["isSliced"], thing.gone = True, True
    width = (thing.high - thing.low) * [1 / 3, 1, 1]
    for index in range(3):
        kind = f"{thing.kind}Sliced"
        low = thing.low + width * [index, 0, 0]
        data = dict(thing.data) | {"isSliced": False, "sliceable": False, "objectType": kind}
        data |= {"objectId": f"{thing.id}|{kind}_{index}", "name": f"{kind}_{index + 1}"}
        piece = Thing(data, low, low + width, low + width / 2, parents=list(thing.parents))
        house.things.append(piece)
