"""The household domain on an environment's state: AI2-THOR's object metadata to a task and back."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any

from embodied.errors import EmbodiedError, unknown
from embodied.planners.goals import goal_expression
from embodied.planners.pddl import read
from embodied.planners.plan import Action
from embodied.planners.task import Fact, Task
from embodied.signals import Goal

DOMAINS = ("clean", "cook", "cut", "delivery", "household", "pick_and_place")

# An action of the domain -> iTHOR's, and which argument is the objectId it takes.
THOR_ACTIONS = {
    "pickup": ("PickupObject", 0),
    "put": ("PutObject", 1),
    "open": ("OpenObject", 0),
    "close": ("CloseObject", 0),
    "toggle_on": ("ToggleObjectOn", 0),
    "toggle_off": ("ToggleObjectOff", 0),
    "heat": ("ToggleObjectOn", 0),
    "rinse": ("ToggleObjectOn", 0),
    "slice": ("SliceObject", 0),  # with the knife in the hand
}

# What slicing leaves of a whole is a thing of its own type, which counts as one of the whole's.
_SLICE = re.compile(r"(.+)(sliced|cracked)")

KNIVES = ("knife", "butterknife")
# Appliances that heat or cool what is in them, and basins that a faucet fills. Of the metadata only
# stove knobs say what they control; the rest is how iTHOR works.
_HEATERS = ("microwave", "toaster")
_BURNER = "stoveburner"
_COOLERS = ("fridge",)
_BASINS = ("sinkbasin", "bathtubbasin")

# Metadata -> predicate, as it is named in household.pddl.
_FLAGS = {
    "pickupable": "pickupable",
    "receptacle": "receptacle",
    "openable": "openable",
    "isOpen": "opened",
    "toggleable": "toggleable",
    "isToggled": "toggled",
    "sliceable": "sliceable",
    "isSliced": "sliced",
    "cookable": "cookable",
    "isCooked": "cooked",
    "dirtyable": "dirtyable",
    "isDirty": "dirty",
}

_TEMPERATURES = {"Hot": "hot", "Cold": "cold"}  # of the metadata's "temperature"

NOWHERE = "nowhere"  # the place of what AI2-THOR says is in nothing: it gives and never takes

Metadata = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Household:
    """A state as a task, and the ids of its objects.

    task: the household domain with the state's objects and facts, and the goal if one is set.
    ids: name in the task -> objectId. Names are the type and a number, by the ids' order.
    """

    task: Task
    ids: dict[str, str]

    def with_goal(self, goal: Goal) -> "Household":
        """The same state with a goal, whose arguments may also be objectIds."""
        names = {identity.lower(): name for name, identity in self.ids.items()}
        literals = tuple(
            tuple(names.get(word.lower(), word) for word in literal) for literal in goal.literals
        )
        expression = goal_expression(self.task, replace(goal, literals=literals))
        return replace(self, task=replace(self.task, goal=expression))

    def thor_action(self, action: Action) -> dict[str, str]:
        """The step of iTHOR for an action of the plan: `{action, objectId}`."""
        name, argument = THOR_ACTIONS[action[0]]
        return {"action": name, "objectId": self.ids[action[1 + argument]]}


def load_domain(name: str) -> str:
    """The text of a domain that ships with the project."""
    if name not in DOMAINS:
        raise unknown("domain", name, DOMAINS)
    return files("embodied.assets").joinpath("pddl", f"{name}.pddl").read_text(encoding="utf-8")


def from_metadata(objects: Metadata) -> Household:
    """The state that `objects` (`event.metadata["objects"]` of AI2-THOR) describe, without a goal.

    Raises EmbodiedError for metadata without objectId or objectType, or with one id twice.
    """
    bare = read(load_domain("household"), "(define (problem state) (:domain household) (:init))")
    by_id = {str(_get(item, "objectId")): item for item in objects}
    if len(by_id) != len(objects):
        raise EmbodiedError("two objects of the state have the same objectId")
    kinds = {identity: _word(str(_get(item, "objectType"))) for identity, item in by_id.items()}
    names = _names(kinds)
    types = dict(bare.types)
    for kind in dict.fromkeys(kinds.values()):
        alike = [by_id[identity] for identity in by_id if kinds[identity] == kind]
        types[kind] = _class(alike)
    for kind in list(types):
        if part := _SLICE.fullmatch(kind):
            whole = part.group(1)
            types.setdefault(whole, types[kind])
            types[kind] = whole
    facts: set[Fact] = set()
    for identity, item in by_id.items():
        name = names[identity]
        facts |= {(predicate, name) for flag, predicate in _FLAGS.items() if item.get(flag)}
        if _SLICE.fullmatch(kinds[identity]):
            facts.add(("sliced", name))
        if warmth := _TEMPERATURES.get(item.get("temperature", "")):
            facts.add((warmth, name))
        if kinds[identity] in _COOLERS:
            facts.add(("cools", name))
        if kinds[identity] in KNIVES:
            facts.add(("knife", name))
        if item.get("isPickedUp"):
            facts.add(("holding", name))
        elif item.get("pickupable"):
            facts.add(("in", name, names.get(_place(item, by_id), NOWHERE)))
        if _accessible(item, by_id):
            facts.add(("accessible", name))
        effects = list(_switched(identity, by_id, kinds)) if item.get("toggleable") else []
        facts |= {(relation, name, names[place]) for relation, place in effects}
        if item.get("toggleable") and not effects:
            facts.add(("plain", name))
    if not any(item.get("isPickedUp") for item in objects):
        facts.add(("handempty",))
    facts.add(("accessible", NOWHERE))
    task = replace(
        bare,
        types=types,
        objects={names[identity]: kinds[identity] for identity in by_id} | {NOWHERE: "place"},
        init=frozenset(facts),
        repairs=(),
    )
    return Household(task, {name: identity for identity, name in names.items()})


def _get(item: Mapping[str, Any], key: str) -> Any:
    if key not in item:
        raise EmbodiedError(f"an object of the state has no {key!r}")
    return item[key]


def _word(text: str) -> str:
    """A PDDL name for a type of AI2-THOR."""
    return re.sub(r"[^a-z0-9_-]", "_", text.lower())


def _names(kinds: dict[str, str]) -> dict[str, str]:
    """objectId -> name: `mug_1`, `mug_2` in the order of the ids, the same in every state."""
    counts: dict[str, int] = {}
    names = {}
    for identity in sorted(kinds):
        kind = kinds[identity]
        counts[kind] = counts.get(kind, 0) + 1
        names[identity] = f"{kind}_{counts[kind]}"
    return names


def _class(alike: Metadata) -> str:
    """Which type of household.pddl a type of objects is below."""
    receptacle = any(item.get("receptacle") for item in alike)
    if any(item.get("pickupable") for item in alike):
        return "vessel" if receptacle else "item"
    return "place" if receptacle else "fixture"


def _place(item: Mapping[str, Any], by_id: Mapping[str, Mapping[str, Any]]) -> str:
    """The one receptacle that an object is in, "" if none.

    AI2-THOR lists every receptacle whose box the object touches: the fridge and the floor below it,
    the plate and the table. The nearest is a vessel, else one that closes, else the first that is
    not the floor.
    """
    parents = [place for place in item.get("parentReceptacles") or () if place in by_id]

    def rank(place: str) -> tuple[bool, bool, bool]:
        parent = by_id[place]
        vessel, closes = bool(parent.get("pickupable")), bool(parent.get("openable"))
        return not vessel, not closes, parent.get("objectType") == "Floor"

    return min(parents, key=rank, default="")


def _accessible(item: Mapping[str, Any], by_id: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a receptacle gives and takes: it is open, and not in the hand or behind a door."""
    if not item.get("receptacle") or item.get("isPickedUp"):
        return False
    if item.get("openable") and not item.get("isOpen"):
        return False
    around = by_id.get(_place(item, by_id)) if item.get("pickupable") else None
    return around is None or not around.get("openable") or bool(around.get("isOpen"))


def _switched(
    switch: str, by_id: Mapping[str, Mapping[str, Any]], kinds: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """`heats` or `washes` and the place, for each place that a switch works on."""
    item = by_id[switch]
    places = [i for i, other in by_id.items() if _class([other]) == "place"]
    if kinds[switch] in _HEATERS and switch in places:
        yield "heats", switch
    for place in item.get("controlledObjects") or ():
        if place in places and kinds[place] == _BURNER:
            yield "heats", place
    basins = [place for place in places if kinds[place] in _BASINS]
    if kinds[switch] == "faucet" and basins:
        yield "washes", min(basins, key=lambda basin: _distance(item, by_id[basin]))


def _distance(a: Mapping[str, Any], b: Mapping[str, Any]) -> float:
    here, there = a.get("position") or {}, b.get("position") or {}
    return sum((here.get(axis, 0.0) - there.get(axis, 0.0)) ** 2 for axis in "xyz")
