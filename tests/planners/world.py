"""A small kitchen that says what AI2-THOR would say: what acts on it knows nothing of PDDL."""

import random
from collections.abc import Iterator
from typing import Any

KITCHEN = {
    "CounterTop": "receptacle",
    "DiningTable": "receptacle",
    "Fridge": "receptacle openable",
    "Cabinet": "receptacle openable",
    "Microwave": "receptacle openable toggleable",
    "SinkBasin": "receptacle",
    "Faucet": "toggleable",
    "Lamp": "toggleable",
    "Bowl": "receptacle pickupable dirtyable",
    "Mug": "receptacle pickupable dirtyable",
    "Knife": "pickupable",
    "Apple": "pickupable sliceable",
    "Potato": "pickupable sliceable cookable",
}
PLACES = {
    "Bowl": "Cabinet",
    "Mug": "CounterTop",
    "Knife": "CounterTop",
    "Apple": "Fridge",
    "Potato": "Fridge",
}
STATES = ("isOpen", "isToggled", "isSliced", "isCooked", "isDirty", "isPickedUp")


class Kitchen:
    """The stand-in; objects are called `Apple|1`.

    failing: probability that an action does nothing and fails. meddling: probability that after an
    action somebody moves a thing that is not in the hand.
    """

    def __init__(self, failing: float = 0.0, meddling: float = 0.0, seed: int = 0) -> None:
        self.random = random.Random(seed)
        self.failing, self.meddling = failing, meddling
        self.objects: dict[str, dict[str, Any]] = {}
        for kind, flags in KITCHEN.items():
            item = dict.fromkeys(STATES, False) | dict.fromkeys(flags.split(), True)
            item |= {"objectId": f"{kind}|1", "objectType": kind, "parentReceptacles": None}
            self.objects[kind] = item
        for kind, place in PLACES.items():
            self._move(kind, place)
        self.objects["Mug"]["isDirty"] = True
        self.log: list[tuple[str, str, bool]] = []

    def observe(self) -> list[dict[str, Any]]:
        return [dict(item) for item in self.objects.values()]

    def execute(self, action: dict[str, str]) -> tuple[bool, str]:
        kind = action["objectId"].removesuffix("|1")
        if self.random.random() < self.failing:
            message = "it slipped"
        else:
            message = self._do(action["action"], kind, self.objects[kind])
        self.log.append((action["action"], kind, not message))
        if self.random.random() < self.meddling:
            self.meddle()
        return not message, message

    def meddle(self) -> None:
        """Somebody moves a thing to a place that is open."""
        things = [k for k, o in self.objects.items() if o.get("pickupable") and not o["isPickedUp"]]
        places = [k for k, o in self.objects.items() if k not in PLACES and self._is_open(o)]
        self._move(self.random.choice(things), self.random.choice(places))

    def held(self) -> str | None:
        return next((k for k, o in self.objects.items() if o["isPickedUp"]), None)

    def _do(self, name: str, kind: str, item: dict[str, Any]) -> str:
        """Do it, or say why not."""
        held = self.held()
        match name:
            case "PickupObject" if item.get("pickupable") and not held and self._reachable(kind):
                item["isPickedUp"], item["parentReceptacles"] = True, None
            case "PutObject" if (
                held and held != kind and self._is_open(item) and (self._reachable(kind))
            ):
                self.objects[held]["isPickedUp"] = False
                self._move(held, kind)
            case "OpenObject" if item.get("openable") and not (item["isOpen"] or item["isToggled"]):
                item["isOpen"] = True
            case "CloseObject" if item["isOpen"]:
                item["isOpen"] = False
                for other in self._inside(kind) if kind == "Fridge" else ():
                    other["temperature"] = "Cold"
            case "ToggleObjectOn" if self._can_switch_on(item):
                item["isToggled"] = True
                for other in self._inside({"Faucet": "SinkBasin"}.get(kind, kind)):
                    if kind == "Microwave":
                        other["temperature"] = "Hot"
                        other["isCooked"] |= bool(other.get("cookable"))
                    if kind == "Faucet":
                        other["isDirty"] = False
            case "ToggleObjectOff" if item["isToggled"]:
                item["isToggled"] = False
            case "SliceObject" if (
                item.get("sliceable")
                and not item["isSliced"]
                and (held == "Knife" and self._reachable(kind))
            ):
                item["isSliced"] = True
            case _:
                return f"{name} is not possible for {kind}"
        return ""

    def _can_switch_on(self, item: dict[str, Any]) -> bool:
        return bool(item.get("toggleable")) and not (item["isToggled"] or item["isOpen"])

    def _is_open(self, item: dict[str, Any]) -> bool:
        return bool(item.get("receptacle")) and (item["isOpen"] or not item.get("openable"))

    def _reachable(self, kind: str) -> bool:
        return all(self._is_open(self.objects[p]) for p in self._around(kind))

    def _around(self, kind: str) -> Iterator[str]:
        for parent in self.objects[kind]["parentReceptacles"] or ():
            yield parent.removesuffix("|1")
            yield from self._around(parent.removesuffix("|1"))

    def _inside(self, place: str) -> list[dict[str, Any]]:
        return [item for kind, item in self.objects.items() if place in self._around(kind)]

    def _move(self, kind: str, place: str) -> None:
        self.objects[kind]["parentReceptacles"] = [f"{place}|1"]
