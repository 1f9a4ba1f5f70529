"""Instructions about what a picture of a kitchen shows, and the goals that are meant.

A goal is SGL's triple `action subject object` (Xu et al. 2022, arXiv:2202.09912): `contain mug
hand`, `cook egg microwave`, `clean pan unknown`, where `unknown` is what is needed and not in view.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from embodied.envs.mujoco.kitchen import wordings as w
from embodied.envs.mujoco.kitchen.kinds import KNIVES
from embodied.envs.mujoco.kitchen.sights import (
    CLEAR,
    COOKABLE,
    DIRTYABLE,
    DRINKS,
    NARROW,
    PLACES,
    SLICEABLE,
    SMALL,
    SUBJECTS,
    WIDE,
    Seen,
)
from embodied.signals import UNKNOWN

LEVELS = ("easy", "medium", "hard1", "hard2")
SINK = ("SinkBasin", "Sink", "Faucet")
DOORS = ("Fridge", "Cabinet", "Microwave")
ON = ("DiningTable", "Plate", "Chair")

Triple = tuple[str, str, str]


@dataclass(frozen=True)
class Instruction:
    """Words for a goal, about one picture."""

    text: str
    triple: Triple
    task: str
    level: str


def triples() -> list[Triple]:
    """Every goal that can be meant, in a fixed order."""
    found: set[Triple] = set()
    for subject in (*SUBJECTS, UNKNOWN):
        places = (*WIDE, *(NARROW if subject in (*SMALL, UNKNOWN) else ()), UNKNOWN)
        found |= {("contain", subject, place) for place in (*places, "hand") if place != subject}
    found |= {("cut", s, t) for s in (*SLICEABLE, UNKNOWN) for t in ("knife", UNKNOWN)}
    found |= {("clean", s, t) for s in (*DIRTYABLE, UNKNOWN) for t in ("SinkBasin", UNKNOWN)}
    foods = (*COOKABLE, *DRINKS, UNKNOWN)
    found |= {("cook", s, t) for s in foods for t in ("Microwave", "Pan", UNKNOWN)}
    return sorted((a, s.lower(), o.lower()) for a, s, o in found)


class View:
    """What is in a picture and what is not; between them lies what shows too little."""

    def __init__(self, seen: tuple[Seen, ...]) -> None:
        self.clear = [one for one in seen if one.pixels >= CLEAR]
        self.faint = [one for one in seen if one.pixels < CLEAR]
        self.kinds = {one.kind for one in self.clear}
        self.absent = {*SUBJECTS, *WIDE, *NARROW, *KNIVES, *SINK} - {one.kind for one in seen}

    def only(self, kinds: tuple[str, ...], test: Callable[[Seen], bool]) -> str | None:
        """The one type of `kinds` of which an object passes, `unknown` for none, None for doubt."""
        found = {one.kind for one in self.clear if one.kind in kinds and test(one)}
        doubtful = {one.kind for one in self.faint if one.kind in kinds and test(one)} - found
        if doubtful or len(found) > 1:
            return None
        return found.pop() if found else UNKNOWN

    def there(self, kinds: tuple[str, ...], name: str) -> str | None:
        """`name` if one of `kinds` is in view, `unknown` if none is, None for doubt."""
        if self.kinds.intersection(kinds):
            return name
        return UNKNOWN if self.absent.issuperset(kinds) else None


def tell(
    seen: tuple[Seen, ...],
    task: str,
    level: str,
    rng: np.random.Generator,
    stream: str = "train",
    missing: float | None = None,
    tries: int = 12,
) -> Instruction | None:
    """An instruction of a task and level about what is seen; None if the picture allows none.

    missing: probability that what is needed and named is not in view; by default the level's:
    half of `hard1`, nothing else. In `hard2` the words leave the subject or the place to the
    picture. stream: whose sentences are used.
    """
    view = View(seen)
    share = (0.5 if level == "hard1" else 0.0) if missing is None else missing
    lacks = rng.random() < share
    for _ in range(tries):
        found = _Teller(view, task, level, rng, stream).tell()
        if found and (UNKNOWN in found.triple) == lacks:
            return found
    return None


class _Teller:
    def __init__(
        self, view: View, task: str, level: str, rng: np.random.Generator, stream: str
    ) -> None:
        self.view, self.task, self.level = view, task, level
        self.rng, self.stream = rng, stream

    def tell(self) -> Instruction | None:
        subject, phrase = self.subject()
        if subject is None:
            return None
        whole = phrase if self.implicit else ""
        if self.task == "pick_and_place":
            place, words = self.place(subject)
            if place is None or place == subject or (subject == UNKNOWN == place):
                return None
            if any(one.kind == subject and place in one.inside for one in self.view.clear):
                return None
            triple, gaps = ("contain", subject, place), {"x": phrase, **words}
        elif self.task == "delivery":
            triple, gaps = ("contain", subject, "hand"), {"x": phrase}
        elif self.task == "cut":
            tool, gaps = self.view.there(KNIVES, "knife"), {"x": phrase}
            triple = ("cut", subject, tool or "")
        elif self.task == "clean":
            tool, gaps = self.view.there(SINK, "SinkBasin"), {"x": phrase}
            triple = ("clean", subject, tool or "")
        else:
            tool, named = self.heater(subject, whole)
            triple, gaps = ("cook", subject, tool or ""), {"x": phrase, "t": named}
        if not triple[2] or triple[1:] == (UNKNOWN, UNKNOWN):
            return None
        text = whole or self.sentence(gaps)
        low = (triple[0], triple[1].lower(), triple[2].lower())
        return Instruction(text, low, self.task, self.level)

    def subject(self) -> tuple[str | None, str]:
        """The type that is meant, and how it is said."""
        self.implicit = self.by_place = False
        able = {"cut": SLICEABLE, "clean": DIRTYABLE, "cook": (*COOKABLE, *DRINKS)}.get(
            self.task, SUBJECTS
        )
        if self.level == "hard2":
            kind, phrase = self.meant(able)
            return (kind if kind in (*able, UNKNOWN) else None), phrase
        kind = self.pick(able)
        if self.rng.random() < 0.5:  # of what is there, else absent things are mostly named
            there = [k for k in able if k in self.view.kinds]
            kind = self.pick(there) if there else kind
        name = self.name(kind)
        if self.task == "clean" and self.rng.random() < 0.3:
            name = f"dirty {name}"
        return self.view.there((kind,), kind), f"the {name}"

    def meant(self, able: tuple[str, ...]) -> tuple[str | None, str]:
        """What only the picture tells: by its class, its state or its place."""
        if self.task == "pick_and_place" and self.rng.random() < 0.35:
            self.by_place = True
            kind = self.pick(SUBJECTS)
            return self.view.there((kind,), kind), f"the {self.name(kind)}"
        implicit = w.split(w.IMPLICIT[self.task], self.stream)
        if implicit and self.rng.random() < 0.35:
            group, text = self.pick(implicit)
            self.implicit = True
            if group == "dirty":
                return self.view.only(able, lambda one: one.dirty), text
            return self.view.only(w.CLASSES[group][0], lambda _: True), text
        way = self.pick(("class", "class", "dirty", "inside"))
        if self.task == "clean":
            way = "dirty"
        if way == "dirty" and self.task in ("cut", "cook"):
            way = "class"
        if way == "class":
            kinds, phrases = w.CLASSES[self.pick(_GROUPS[self.task])]
            return self.view.only(kinds, lambda _: True), self.pick(phrases)
        if way == "dirty":
            return self.view.only(DIRTYABLE, lambda one: one.dirty), self.pick(w.DIRTY)
        place = self.pick(PLACES)
        if place not in self.view.kinds:
            return None, ""
        where = f"{'on' if place in ON else 'in'} the {self.name(place)}"
        phrase = self.pick(w.INSIDE).format(p=where)
        kinds = {"cut": SLICEABLE, "cook": COOKABLE}.get(self.task, ())
        if kinds:
            return self.view.only(kinds, lambda one: place in one.inside), phrase
        found = {one.kind for one in (*self.view.clear, *self.view.faint) if place in one.inside}
        kind = found.pop() if len(found) == 1 else None
        return (kind if kind in SUBJECTS and kind in self.view.kinds else None), phrase

    def place(self, subject: str) -> tuple[str | None, dict[str, str]]:
        if self.by_place:
            kind = self.view.only(DOORS, lambda one: one.open)
            if kind == "Microwave" and subject not in SMALL:
                return None, {}
            return kind, {"in": "in", "r": self.pick(w.OPEN)}
        narrow = subject in SMALL or (subject == UNKNOWN and self.rng.random() < 0.5)
        kind = self.pick((*NARROW, *NARROW, *WIDE) if narrow else WIDE)
        if self.rng.random() < 0.5 and kind not in self.view.kinds:
            kind = self.pick((*NARROW, *NARROW, *WIDE) if narrow else WIDE)
        found = self.view.there(SINK if kind == "SinkBasin" else (kind,), kind)
        return found, {"in": "on" if kind in ON else "in", "r": f"the {self.name(kind)}"}

    def heater(self, subject: str, whole: str) -> tuple[str | None, str]:
        """What it is heated in, and how that is said; nothing is said if the picture tells."""
        able = ("Microwave", "Pan") if subject in (*SMALL, UNKNOWN) else ("Microwave",)
        if self.level == "easy" and not whole:
            kind = self.pick(able)
            return self.view.there((kind,), kind), f"the {self.name(kind)}"
        if subject in DRINKS:
            return self.view.there(("Microwave",), "Microwave"), ""
        tool = self.view.only(("Microwave", "Pan"), lambda _: True)
        return (None if tool == "Pan" and "Pan" not in able else tool), ""

    def sentence(self, gaps: dict[str, str]) -> str:
        plain = self.level == "easy" or (self.task != "cook" and self.rng.random() < 0.25)
        sentences = w.PLAIN if plain and self.level != "medium" else w.VARIED
        text = self.pick(w.split(sentences[self.task], self.stream)).format(**gaps)
        if self.level == "hard1" and self.rng.random() < 0.7:
            other = f"the {self.name(self.pick(SUBJECTS))}"
            if other not in text:
                text = self.pick(w.split(w.WORDY, self.stream)).format(s=text, d=other)
        return text

    def name(self, kind: str) -> str:
        names = w.NAMES[kind]
        return names[0] if self.level == "easy" else self.pick(names)

    def pick(self, choices):
        return choices[int(self.rng.integers(len(choices)))]


_GROUPS = {
    "pick_and_place": ("food", "vegetable", "drink", "serve", "cookware", "bottle"),
    "delivery": ("food", "vegetable", "drink", "serve", "cookware", "bottle"),
    "cut": ("food", "vegetable"),
    "cook": ("raw", "raw", "vegetable", "drink"),
}
