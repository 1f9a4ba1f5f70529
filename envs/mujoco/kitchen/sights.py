"""What an agent sees in a kitchen drawn for a task: the picture, and the truth about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from embodied.envs.mujoco.kitchen.agent import Agent
from embodied.envs.mujoco.kitchen.kinds import CARRIED, KINDS, KNIVES, kind_of
from embodied.envs.mujoco.kitchen.kitchen import Kitchen
from embodied.envs.mujoco.kitchen.pictures import Painter
from embodied.envs.mujoco.kitchen.scenario import Scenario, Wish
from embodied.envs.mujoco.kitchen.views import sample_pose
from embodied.errors import EmbodiedError

SIDE = 192
"""Pixels of a picture's side: a mug two metres away is seven wide."""
MASK = 96
"""Pixels of the masks' side, from which the truth is read."""
GRID = 24
"""Cells of a picture's side, for each of which the truth is known."""

CLEAR = 10
"""Pixels of a mask from which on an object counts as seen; what shows less is neither here nor
absent, and no instruction is about it."""

TASKS = ("pick_and_place", "delivery", "cut", "clean", "cook")
STREAMS = {"train": 10_000_000, "calibrate": 20_000_000, "test": 30_000_000}
"""First seeds of the kitchens that are learned from, that calibrate, and that judge."""

SEEN = tuple(sorted(kind for kind in KINDS if kind not in ("Floor", "Window", "LightSwitch")))
STATES = ("dirty", "open")
PLACES = ("Bowl", "DiningTable", "Pan", "Plate", "Pot", "SinkBasin")
CHANNELS = (*SEEN, *STATES, *(f"in {place}" for place in PLACES))
"""What is true of a cell: which types are there, in which state, and in or on what."""

SUBJECTS = tuple(
    "Mug Cup Plate Bowl Pan Pot Kettle Apple Tomato Potato Egg Bread Lettuce WineBottle SoapBottle "
    "PaperTowelRoll DishSponge Vase".split()
)
"""Types that instructions are about; cutlery and shakers are a few pixels and stay out."""
DIRTYABLE = tuple(kind for kind in SUBJECTS if KINDS[kind].dirtyable)
SLICEABLE = tuple(kind for kind in SUBJECTS if KINDS[kind].sliceable)
COOKABLE = tuple(kind for kind in SUBJECTS if KINDS[kind].cookable)
DRINKS = ("Mug", "Cup")
SMALL = ("Apple", "Tomato", "Potato", "Egg")
WIDE = ("DiningTable", "Fridge", "SinkBasin", "Chair", "Cabinet")
NARROW = ("Plate", "Bowl", "Pan", "GarbageCan", "Microwave")


@dataclass(frozen=True)
class Seen:
    """An object in a picture. pixels: of the mask. inside: types of what it is in or on."""

    kind: str
    pixels: int
    dirty: bool = False
    open: bool = False
    inside: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Seen:
        return cls(**{**row, "inside": tuple(row["inside"])})

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Sight:
    """A picture, uint8 [S, S, 3], and what is true of it.

    seed, scenario, pose: the kitchen, and where the agent stands.
    seen: every object of which a pixel shows. cells: bool [C, G, G] for `CHANNELS`.
    """

    seed: int
    scenario: Scenario
    pose: Agent
    picture: np.ndarray
    seen: tuple[Seen, ...]
    cells: np.ndarray


class Looker:
    """Draws kitchens for a task and looks at them; keeps what is costly to make."""

    def __init__(self) -> None:
        self.kitchen = Kitchen()
        self._painters: dict[int, tuple[Painter, Painter]] = {}

    def draw(self, rng: np.random.Generator, seed: int, task: str) -> Sight:
        """A kitchen of a seed in which `task` could be asked for, seen from where that shows.

        What is needed is mostly there, and mostly in view. The same numbers of `rng` and the same
        seed give the same sight.
        """
        for _ in range(20):
            scenario, kinds = draw_scenario(rng, task)
            try:
                self.kitchen.reset(seed, scenario)
            except EmbodiedError:  # no room for all that was wished
                continue
            self.kitchen.agent = sample_pose(self.kitchen.scene, rng, 16, kinds)
            return self.look(seed, scenario)
        raise EmbodiedError(f"no kitchen of seed {seed} has room for {task}")

    def again(self, rng: np.random.Generator, sight: Sight) -> Sight:
        """The same kitchen from another place. Call it right after the sight was drawn."""
        self.kitchen.agent = sample_pose(self.kitchen.scene, rng, 8)
        return self.look(sight.seed, sight.scenario)

    def look(self, seed: int, scenario: Scenario) -> Sight:
        """What the kitchen's agent sees now."""
        scene, agent = self.kitchen.scene, self.kitchen.agent
        if id(scene) not in self._painters:
            self._painters[id(scene)] = Painter(scene, SIDE, SIDE), Painter(scene, MASK, MASK)
        colour, mask = self._painters[id(scene)]
        names = {state.identity: name for name, state in scene.states.items()}
        masks = {names[i]: shown for i, shown in mask.masks(agent.view()).items() if i in names}
        holders = scene.all_holders([name for name in masks if name in scene.template.things])
        cells = np.zeros((len(CHANNELS), GRID, GRID), bool)
        seen = []
        for name, shown in masks.items():
            kind, state = kind_of(name), scene.states[name]
            if kind not in SEEN:
                continue
            inside = tuple(dict.fromkeys(kind_of(h) for h in holders.get(name, ())))
            one = Seen(kind, int(shown.sum()), state.dirty, scene.is_open(name), inside)
            seen.append(one)
            count = shown.reshape(GRID, MASK // GRID, GRID, MASK // GRID).sum((1, 3))
            cells[list(_channels(one))] |= count >= min(3, max(2, one.pixels // 2))
        picture = colour.colour(agent.view()).copy()
        return Sight(seed, scenario, Agent(**asdict(agent)), picture, tuple(seen), cells)

    def close(self) -> None:
        for pair in self._painters.values():
            for painter in pair:
                painter.close()
        self._painters.clear()


def _channels(one: Seen) -> Iterator[int]:
    yield CHANNELS.index(one.kind)
    for state in STATES:
        if getattr(one, state):
            yield CHANNELS.index(state)
    for place in one.inside:
        if place in PLACES:
            yield CHANNELS.index(f"in {place}")


def draw_scenario(rng: np.random.Generator, task: str) -> tuple[Scenario, list[str]]:
    """What a kitchen for `task` must be like, and the types that its view should show."""

    def pick(choices: tuple[str, ...]) -> str:
        return choices[int(rng.integers(len(choices)))]

    area = pick(("CounterTop", "DiningTable"))
    wishes: dict[str, Wish] = {}
    absent: set[str] = set()
    kinds: list[str] = []

    def want(kind: str, inside: str = "", *states: str) -> None:
        if kind in CARRIED or states:
            wishes.setdefault(kind, Wish(kind, inside if kind in CARRIED else "", states))
        kinds.append(kind)

    if task == "pick_and_place":
        small = rng.random() < 0.5
        place = pick(NARROW if small else WIDE)
        door = place in ("Fridge", "Microwave", "Cabinet") and rng.random() < 0.5
        want(place, area, *(("open",) if door else ()))
        want(pick(SMALL if small else SUBJECTS), area)
    elif task == "delivery":
        want(pick(SUBJECTS), area)
    elif task == "cut":
        want(pick(SLICEABLE), area)
        knife = pick(KNIVES)
        if rng.random() < 0.6:
            want(knife, area)
        absent.update({*KNIVES} - {knife} if rng.random() < 0.5 else KNIVES)
    elif task == "clean":
        want(pick(DIRTYABLE), pick(("CounterTop", "SinkBasin", area)), "dirty")
        kinds += ["SinkBasin"] * (rng.random() < 0.7)
    else:
        subject = pick(DRINKS) if rng.random() < 0.25 else pick(COOKABLE)
        tool = "Microwave" if subject in ("Bread", *DRINKS) else pick(("Microwave", "Pan"))
        want(subject, "CounterTop" if rng.random() < 0.7 else area)
        if tool == "Pan" and rng.random() < 0.8:
            want("Pan", pick(("CounterTop", "StoveBurner")))
        elif tool == "Microwave":
            kinds.append(tool)
        if rng.random() < 0.4:
            absent.add("Pan")
    first = kinds[-1] if task == "pick_and_place" else kinds[0]
    if first in SMALL and first in wishes and rng.random() < 0.35:  # in a vessel, to be told by it
        vessel = pick(("Pan", "Bowl", "Plate"))
        if task != "pick_and_place" and vessel not in wishes:
            wishes[first] = Wish(first, vessel, wishes[first].states)
            want(vessel, area)
    for group in (SLICEABLE, DRINKS, ("Plate", "Bowl"), ("Pan", "Pot", "Kettle")):
        absent.update(kind for kind in group if rng.random() < 0.35)
    absent -= set(wishes)
    clutter, dirt = float(rng.uniform(0.25, 0.8)), float(rng.choice((0.0, 0.1, 0.3)))
    scenario = Scenario(tuple(wishes.values()), tuple(sorted(absent)), clutter, dirt)
    return scenario, kinds
