"""ALFRED's instructions and symbolic goals (Shridhar et al. 2020, arXiv:1912.01734)."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from embodied.errors import EmbodiedError

KINDS = (
    "look_at_obj_in_light",
    "pick_and_place_simple",
    "pick_and_place_with_movable_recep",
    "pick_clean_then_place_in_recep",
    "pick_cool_then_place_in_recep",
    "pick_heat_then_place_in_recep",
    "pick_two_obj_and_place",
)
_PARAMETERS = ("object_target", "parent_target", "mrecep_target", "toggle_target", "object_sliced")


@dataclass(frozen=True, order=True)
class AlfredGoal:
    """The six fields of a goal: ALFRED's task type and its `pddl_params`.

    kind: one of `KINDS`. object: what is handled. parent: where it goes. vessel: the movable
    receptacle that it goes into first. lamp: what to switch on. Types of AI2-THOR, "" for none.
    sliced: whether a slice of the object is meant.
    """

    kind: str
    object: str
    parent: str = ""
    vessel: str = ""
    lamp: str = ""
    sliced: bool = False

    def literals(self) -> tuple[tuple[str, ...], ...]:
        """The goal as literals of the household domain, ALFRED's own goal conditions."""
        thing = self.object.lower()
        found: list[tuple[str, ...]] = []
        if self.kind == "look_at_obj_in_light":
            found += [("holding", thing), ("toggled", self.lamp.lower())]
        elif self.vessel:
            vessel = self.vessel.lower()
            found += [("in", thing, vessel), ("in", vessel, self.parent.lower())]
        elif self.kind == "pick_two_obj_and_place":
            found.append(("two", thing, self.parent.lower()))
        else:
            found.append(("in", thing, self.parent.lower()))
        if self.kind == "pick_clean_then_place_in_recep":
            found.append(("not", "dirty", thing))
        if self.kind == "pick_heat_then_place_in_recep":
            found.append(("hot", thing))
        if self.kind == "pick_cool_then_place_in_recep":
            found.append(("cold", thing))
        if self.sliced:
            found.append(("sliced", thing))
        return tuple(found)


@dataclass(frozen=True)
class Instruction:
    """One person's words for a goal.

    trial: the demonstration they were written for. home: AI2-THOR's scene, "" if it is not known.
    """

    text: str
    goal: AlfredGoal
    trial: str
    home: str = ""


def read_alfred(path: Path) -> list[Instruction]:
    """The instructions of a JSONL file (`.gz` or plain): `{type, params, texts, id}` a line, and
    `scene` where it is known.

    Raises EmbodiedError with the line for what is not such a file.
    """
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8") as lines:
            return [one for number, line in enumerate(lines, 1) for one in _read(line, number)]
    except (OSError, UnicodeDecodeError) as error:
        raise EmbodiedError(f"cannot read {path}: {error}") from error
    except _Malformed as error:
        raise EmbodiedError(f"{path}, line {error}: is this ALFRED's?") from error


def exact_match(found: Iterable[AlfredGoal], right: Iterable[AlfredGoal]) -> float:
    """Share of goals that are right in all six fields."""
    pairs = list(zip(found, right, strict=True))
    return sum(one == other for one, other in pairs) / max(len(pairs), 1)


def fields(goal: AlfredGoal) -> tuple[str, ...]:
    """The six fields as words."""
    return tuple(map(str, astuple(goal)))


class _Malformed(Exception):
    pass


def _read(line: str, number: int) -> list[Instruction]:
    if not line.strip():
        return []
    try:
        row: dict[str, Any] = json.loads(line)
        kind, parameters = row["type"], row["params"]
        values = [parameters[name] for name in _PARAMETERS]
        texts, trial = row["texts"], row["id"]
    except (ValueError, TypeError, KeyError) as error:
        raise _Malformed(f"{number}: {error!r}") from error
    if kind not in KINDS:
        raise _Malformed(f"{number}: unknown type {kind!r}")
    goal = AlfredGoal(kind, *values[:4], sliced=bool(values[4]))
    home = str(row.get("scene", ""))
    return [Instruction(" ".join(text.split()), goal, trial, home) for text in texts]
