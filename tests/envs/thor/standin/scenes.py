"""Scenes of the stand-in: boxes with AI2-THOR's flags."""

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

# type, centre x, bottom y, centre z, size x y z, flags, what it is in; metres, y up.
KITCHEN = """
Floor         0.0 -0.1  0.0   5.0 0.1 5.0  receptacle                              -
CounterTop    0.75 0.0  2.2   3.5 0.9 0.6  receptacle                              Floor
Fridge       -1.8  0.0  2.1   0.8 1.8 0.7  receptacle,openable                     Floor
DiningTable  -1.2  0.0 -1.2   1.2 0.75 0.8 receptacle                              Floor
Cabinet       0.2  1.4  2.35  0.6 0.5 0.3  receptacle,openable                     -
Drawer        0.2  0.6  1.95  0.5 0.2 0.5  receptacle,openable                     -
Microwave     2.0  0.9  2.2   0.5 0.3 0.4  receptacle,openable,toggleable,moveable CounterTop
Sink         -0.5  0.7  2.15  0.6 0.2 0.4  -                                       -
SinkBasin    -0.5  0.75 2.15  0.5 0.15 0.35 receptacle                             -
Faucet       -0.5  0.9  2.4   0.1 0.3 0.1  toggleable                              -
StoveBurner   1.2  0.9  2.2   0.25 0.02 0.25 receptacle                            -
StoveKnob     1.2  0.9  1.95  0.06 0.06 0.04 toggleable                            -
GarbageCan    2.2  0.0 -2.2   0.4 0.5 0.4  receptacle,moveable                     Floor
LightSwitch  -2.47 1.2  0.5   0.03 0.12 0.12 toggleable                            -
Pan           1.2  0.92 2.2   0.2 0.05 0.2 receptacle,pickupable,dirtyable         StoveBurner
Bowl          0.2  1.42 2.35  0.2 0.1 0.2  receptacle,pickupable,dirtyable,breakable Cabinet
Plate        -1.5  0.76 -1.3  0.25 0.03 0.25 receptacle,pickupable,dirtyable       DiningTable
Mug          -1.2  0.76 -1.0  0.1 0.1 0.1  receptacle,pickupable,dirtyable,isDirty DiningTable
Knife         0.7  0.91 2.05  0.25 0.03 0.05 pickupable                            CounterTop
ButterKnife   0.2  0.63 1.95  0.2 0.02 0.04 pickupable                             Drawer
Potato        0.4  0.91 2.1   0.1 0.08 0.08 pickupable,sliceable,cookable          CounterTop
Bread        -0.9  0.76 -1.3  0.25 0.12 0.12 pickupable,sliceable,cookable         DiningTable
Apple        -1.8  0.3  2.0   0.09 0.09 0.09 pickupable,sliceable                  Fridge
Lettuce      -1.6  0.3  2.0   0.15 0.12 0.15 pickupable,sliceable                  Fridge
SaltShaker   -0.8  0.76 -1.0  0.05 0.1 0.05 pickupable                             DiningTable
Book         -1.6  0.76 -0.95 0.2 0.04 0.15 pickupable,openable                    DiningTable
"""
_FLAGS = (
    "receptacle openable toggleable moveable pickupable sliceable cookable dirtyable breakable "
    "canFillWithLiquid canBeUsedUp isOpen isToggled isSliced isCooked isDirty isBroken "
    "isFilledWithLiquid isUsedUp isPickedUp isMoving isHeatSource isColdSource"
).split()
ROOMS = {"kitchens": 1, "living_rooms": 201, "bedrooms": 301, "bathrooms": 401}


@dataclass(eq=False)
class Thing:
    """An object: metadata that does not move in `data`, its box and what it is in.

    low, high, position: [3], metres. controls: what a stove knob turns on. gone: there in the
    metadata and nowhere else, like the apple that has been sliced.
    """

    data: dict[str, Any]
    low: np.ndarray
    high: np.ndarray
    position: np.ndarray
    rotation: dict[str, float] = field(default_factory=lambda: {"x": 0.0, "y": 0.0, "z": 0.0})
    parents: "list[Thing]" = field(default_factory=list)
    controls: "list[Thing]" = field(default_factory=list)
    gone: bool = False

    @property
    def id(self) -> str:
        return self.data["objectId"]

    @property
    def kind(self) -> str:
        return self.data["objectType"]

    def is_shut_in(self) -> bool:
        """Behind a closed door, or gone."""
        shut = any(p.data["openable"] and not p.data["isOpen"] for p in self.parents)
        return shut or self.gone or any(p.is_shut_in() for p in self.parents)

    def is_within(self, place: "Thing") -> bool:
        """In it, or in something that is."""
        return any(parent is place or parent.is_within(place) for parent in self.parents)

    def make_id(self) -> None:
        """The id that Unity gives: type and place. A basin keeps the one it was built with."""
        if "Basin" not in self.kind:
            x, y, z = (f"{value:+06.2f}" for value in self.position)
            self.data["objectId"] = f"{self.kind}|{x}|{y}|{z}"


Scene = Callable[[], list[Thing]]


def load_scenes(recorded: str | None) -> dict[str, Scene]:
    """Name -> what makes the things of a scene anew."""
    if recorded is None:
        return {
            "FloorPlan1_physics": lambda: _own(1),
            "FloorPlan2_physics": lambda: _own(-1),
        }
    with gzip.open(Path(recorded), "rt") as file:
        rooms = json.load(file)
    return {
        f"FloorPlan{first + index}_physics": lambda objects=objects: _recorded(objects)
        for room, first in ROOMS.items()
        for index, objects in enumerate(rooms[room])
    }


def _own(side: int) -> list[Thing]:
    things: dict[str, Thing] = {}
    for number, line in enumerate(KITCHEN.strip().splitlines()):
        kind, *numbers, flags, place = line.split()
        x, y, z, *size = map(float, numbers)
        given = flags.split(",")
        data = {flag: flag in given for flag in _FLAGS}
        data |= {"objectType": kind, "name": f"{kind}_{number:08x}", "objectId": ""}
        data |= {"temperature": "RoomTemp", "openness": 0.0, "fillLiquid": None, "mass": 1.0}
        bottom, half = np.array([x * side, y, z]), np.array(size) / 2
        middle = bottom + np.array([0, half[1], 0])
        thing = Thing(data, middle - half, middle + half, bottom)
        thing.make_id()
        thing.parents = [things[place]] if place != "-" else []
        things[kind] = thing
    things["SinkBasin"].data["objectId"] = f"{things['Sink'].id}|SinkBasin"
    things["StoveKnob"].controls = [things["StoveBurner"]]
    return list(things.values())


def _recorded(objects: list[dict[str, Any]]) -> list[Thing]:
    things: dict[str, Thing] = {}
    for item in objects:
        box = item["axisAlignedBoundingBox"]
        middle, size = (_vector(box[key]) for key in ("center", "size"))
        thing = Thing(dict(item), middle - size / 2, middle + size / 2, _vector(item["position"]))
        thing.rotation = dict(item["rotation"])
        things[thing.id] = thing
    for item in objects:
        thing = things[item["objectId"]]
        for parent in item["parentReceptacles"] or ():
            if parent in things and not things[parent].is_within(thing):  # some hold each other
                thing.parents.append(things[parent])
        thing.controls = [things[p] for p in item["controlledObjects"] or () if p in things]
    return list(things.values())


def _vector(point: dict[str, float]) -> np.ndarray:
    return np.array([point[axis] for axis in "xyz"])
