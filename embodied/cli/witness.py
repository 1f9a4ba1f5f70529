"""Who looks on while a plan is carried out: before an action, while it goes on, after it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from embodied.planners.executive import TraceStep
    from embodied.planners.household import Metadata
    from embodied.planners.plan import Action

SENTENCES = {
    "pickup": "Pick up the {0} from the {1}",
    "put": "Put the {0} {on} the {1}",
    "open": "Open the {0}",
    "close": "Close the {0}",
    "toggle_on": "Switch on the {0}",
    "toggle_off": "Switch off the {0}",
    "heat": "Switch on the {0}",
    "rinse": "Turn on the {0}",
    "slice": "Slice the {0} with the {2}",
}
UPON = ("countertop", "diningtable", "shelf", "plate", "stoveburner", "chair", "floor")


class Witness(Protocol):
    """Somebody who looks on."""

    def begins(self, action: Action) -> None: ...

    def moved(self) -> None:
        """The world has gone on a step; only of environments that tell it (`watch`)."""

    def over(self, step: TraceStep) -> None:
        """A search or an action is over."""


class Witnessed:
    """An actor with witnesses: `run(witnessed, goal, planner, limits, witnessed.heard)`."""

    def __init__(self, actor: Any, witnesses: Sequence[Witness]) -> None:
        self.actor, self.witnesses = actor, witnesses
        self._rest: tuple[Action, ...] = ()
        if hasattr(actor, "watch"):
            actor.watch = lambda _: [witness.moved() for witness in witnesses]

    def observe(self) -> Metadata:
        return self.actor.observe()

    def execute(self, action: dict[str, str]) -> tuple[bool, str]:
        for witness in self.witnesses:
            witness.begins(self._rest[0])
        return self.actor.execute(action)

    def heard(self, step: TraceStep) -> None:
        """What the executive says; it does the first action of its plan until that works."""
        if step.kind == "plan":
            self._rest = step.plan
        elif step.ok:
            self._rest = self._rest[1:]
        for witness in self.witnesses:
            witness.over(step)


class Words:
    """Actions in plain English. kinds: types of AI2-THOR, `DiningTable`."""

    def __init__(self, kinds: Sequence[str]) -> None:
        self.names = {kind.lower(): _spaced(kind) for kind in kinds}

    def __call__(self, action: Action) -> str:
        """`("pickup", "mug_1", "diningtable_2")` is "Pick up the mug from the dining table"."""
        kinds = [name.rpartition("_")[0] or name for name in action[1:]]
        on = "on" if kinds[-1:] and kinds[-1] in UPON else "in"
        sentence = SENTENCES.get(action[0], " ".join(action))
        if action[0] == "pickup" and kinds[1:] in ([], ["nowhere"]):
            sentence = "Pick up the {0}"
        return sentence.format(*map(self._name, kinds), on=on)

    def _name(self, kind: str) -> str:
        if part := re.fullmatch("(.+)(sliced|cracked)", kind):  # AI2-THOR's type of a slice
            return f"{part.group(2)} {self._name(part.group(1))}"
        return self.names.get(kind, kind)

    @staticmethod
    def message(text: str) -> str:
        """What the world said, without AI2-THOR's long names: `Mug|+00.10|…` is "the mug"."""
        return _ID.sub(lambda found: f"the {_spaced(found.group(1))}", text)


_ID = re.compile(r"\b([A-Z]\w*)(?:\|[-+][\d.]+)+(?:\|\w+)?")


def _spaced(kind: str) -> str:
    """`DiningTable` is "dining table"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).lower()
