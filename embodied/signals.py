"""The typed results of perception, which planners and policies act on.

A signal may abstain: its first field then holds no answer (None, nothing, or only NaN) and `reason`
says why. Signals are frozen, compare by value, and survive a round trip through JSON bit for bit.
"""

import json
import math
from abc import ABC, abstractmethod
from base64 import b64decode, b64encode
from dataclasses import dataclass, fields
from typing import Any, Self, cast

import numpy as np
import numpy.typing as npt

from embodied.errors import EmbodiedError, unknown

Tree = int | tuple["Tree", ...]


class Signal(ABC):
    """What all signals share: abstention, equality and JSON."""

    reason: str

    @property
    def abstained(self) -> bool:
        """Whether there is no answer; `reason` says why."""
        answer = getattr(self, _field_names(type(self))[0])
        if isinstance(answer, np.ndarray):
            return answer.size > 0 and bool(np.isnan(answer).all())
        return answer is None or answer == ()

    def to_json(self) -> str:
        """One line of JSON, with the class's name under `type`."""
        return json.dumps(_encode(self), allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The signal that `to_json` wrote; EmbodiedError if `text` holds no `cls`."""
        try:
            data = json.loads(text)
        except json.JSONDecodeError as error:
            raise EmbodiedError(
                f"a signal is one JSON object; this is not JSON: {error}"
            ) from error
        try:
            signal = _decode(data)
        except (KeyError, TypeError, ValueError) as error:
            raise EmbodiedError(f"not a well-formed signal: {error}") from error
        if not isinstance(signal, cls):
            raise EmbodiedError(
                f"expected a JSON object of type {cls.__name__!r}, got {text[:80]!r}"
            )
        return signal

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Signal):
            return NotImplemented
        return _encode(self) == _encode(other)

    def __post_init__(self) -> None:
        for name in _field_names(type(self)):
            if isinstance(value := getattr(self, name), list):
                object.__setattr__(self, name, _as_tuple(value))
        self._check()
        if self.abstained and not self.reason:
            raise EmbodiedError(f"{type(self).__name__} abstains: give it a reason")

    @abstractmethod
    def _check(self) -> None:
        """Raise EmbodiedError unless every field is within its documented range."""


@dataclass(frozen=True, eq=False)
class Reward(Signal):
    """How well each of N frames (or clips) matches the text, to be maximised.

    values: float32 [N], without unit; larger is better, the scale is the reward model's own.
        NaN marks a frame that got no reward, and then `reason` says why.
    uncertainty: float32 [N], one standard deviation in the unit of `values`; None if not known.
    """

    values: npt.NDArray[np.float32]
    uncertainty: npt.NDArray[np.float32] | None = None
    reason: str = ""

    def _check(self) -> None:
        _freeze_array(self, "values", np.float32)
        _require(not np.isinf(self.values).any(), self, "values must not be infinite")
        gaps = np.isnan(self.values).any()
        _require(bool(self.reason) or not gaps, self, "values hold NaN: give a reason")
        if self.uncertainty is not None:
            _freeze_array(self, "uncertainty", np.float32)
            _require(
                self.uncertainty.shape == self.values.shape
                and not (self.uncertainty < 0).any()
                and not np.isinf(self.uncertainty).any(),
                self,
                "uncertainty must be one finite number ≥ 0 for each value",
            )


@dataclass(frozen=True, eq=False)
class Preference(Signal):
    """Which of two observations is nearer to the goal.

    label: 0 for the first, 1 for the second, None for no preference (such a pair is dropped).
    confidence: probability in [0, 1] that the label is right.
    reason: the model's words; required when there is no label.
    """

    label: int | None
    confidence: float = 1.0
    reason: str = ""

    def _check(self) -> None:
        _require(self.label in (None, 0, 1), self, "label must be 0, 1 or None")
        if self.label is not None:
            object.__setattr__(self, "label", int(self.label))
        _freeze_probability(self, "confidence")


UNKNOWN = "unknown"
"""In a goal, an object that the words need and the view lacks."""


@dataclass(frozen=True, eq=False)
class Goal(Signal):
    """A symbolic goal: the conjunction of its literals.

    literals: each is `(predicate, *arguments)`, e.g. `("cook", "egg", "microwave")`; an argument
        `UNKNOWN` is an object that the words need and the view lacks.
    confidence: probability in [0, 1].
    alternatives: the next best goals, most probable first.
    """

    literals: tuple[tuple[str, ...], ...]
    confidence: float = 1.0
    alternatives: tuple["Goal", ...] = ()
    reason: str = ""

    def _check(self) -> None:
        for literal in self.literals:
            _require(
                isinstance(literal, tuple) and len(literal) > 0 and all(map(_is_word, literal)),
                self,
                f"a literal is a tuple of words, the predicate first, not {literal!r}",
            )
        _freeze_probability(self, "confidence")
        _require(
            all(isinstance(goal, Goal) for goal in self.alternatives),
            self,
            "alternatives must be goals",
        )


@dataclass(frozen=True, eq=False)
class AssemblyGraph(Signal):
    """In which order parts are joined (Manual2Skill's nested list).

    tree: a leaf is an index into `parts`, a tuple is one step that joins its members, e.g.
        `(((0, 2, 3), 1), 4)`. Its leaves are exactly the parts, each once.
    parts: names of the P parts.
    connections: pairs (i, j), i < j, of parts that touch in the finished object.
    confidence: probability in [0, 1] that the tree is right.
    """

    tree: Tree
    parts: tuple[str, ...] = ()
    connections: tuple[tuple[int, int], ...] = ()
    confidence: float = 1.0
    reason: str = ""

    def _check(self) -> None:
        count = len(self.parts)
        leaves = sorted(_leaves(self.tree))
        _require(
            self.abstained or leaves == list(range(count)),
            self,
            f"the leaves of the tree must be the {count} parts, each once, not {leaves}",
        )
        _require(
            all(0 <= i < j < count for i, j in self.connections),
            self,
            f"connections must be pairs of parts i < j below {count}",
        )
        _freeze_probability(self, "confidence")


@dataclass(frozen=True, eq=False)
class Grounding(Signal):
    """The object of a 3D scene that words refer to.

    object_id: its id in the scene.
    box: float32 [9]: centre x y z and full size x y z in metres, then roll, pitch, yaw in radians
        (R = Rz(yaw) Ry(pitch) Rx(roll)); z is up. None if the scene has no boxes.
    mask: bool [P], which of the scene's P points belong to it; None if the scene has no points.
    score: in [0, 1], larger is better; comparable within one query only.
    trace: the steps of the explanation, in order.
    """

    object_id: str | None
    box: npt.NDArray[np.float32] | None = None
    mask: npt.NDArray[np.bool_] | None = None
    score: float = 0.0
    trace: tuple[str, ...] = ()
    reason: str = ""

    def _check(self) -> None:
        if self.box is not None:
            _freeze_array(self, "box", np.float32)
            _require(
                self.box.shape == (9,) and bool(np.isfinite(self.box).all()),
                self,
                "box must be 9 finite numbers: centre, size, roll-pitch-yaw",
            )
            _require(bool((self.box[3:6] >= 0).all()), self, "box sizes must be ≥ 0")
        if self.mask is not None:
            _freeze_array(self, "mask", np.bool_)
        _freeze_probability(self, "score")


@dataclass(frozen=True, eq=False)
class Subgoals(Signal):
    """A task split into steps.

    steps: what to reach, in words, in the order in which to reach it.
    confidence: probability in [0, 1] that reaching all steps in order completes the task.
    """

    steps: tuple[str, ...]
    confidence: float = 1.0
    reason: str = ""

    def _check(self) -> None:
        _require(
            isinstance(self.steps, tuple) and all(map(_is_word, self.steps)),
            self,
            "steps are a tuple of texts that are not empty",
        )
        _freeze_probability(self, "confidence")


SIGNALS: dict[str, type[Signal]] = {
    kind.__name__: kind for kind in (Reward, Preference, Goal, AssemblyGraph, Grounding, Subgoals)
}


def _field_names(kind: type[Signal]) -> list[str]:
    return [field.name for field in fields(cast(Any, kind))]


def _require(holds: bool, signal: Signal, rule: str) -> None:
    if not holds:
        raise EmbodiedError(f"{type(signal).__name__}: {rule}")


def _freeze_array(signal: Signal, name: str, dtype: type) -> None:
    """Replace the field by a read-only copy, so that a signal cannot change behind one's back."""
    try:
        array = np.array(getattr(signal, name), dtype=dtype)
    except (TypeError, ValueError) as error:
        raise EmbodiedError(f"{type(signal).__name__}: {name} is no array of numbers") from error
    _require(array.ndim == 1, signal, f"{name} must have one axis, not shape {array.shape}")
    array.flags.writeable = False
    object.__setattr__(signal, name, array)


def _freeze_probability(signal: Signal, name: str) -> None:
    """Replace the field, which may be a NumPy scalar, by a Python float in [0, 1]."""
    value = float(getattr(signal, name))
    _require(0 <= value <= 1, signal, f"{name} must be in [0, 1], not {value}")
    object.__setattr__(signal, name, value)


def _is_word(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _as_tuple(value: Any) -> Any:
    return tuple(_as_tuple(item) for item in value) if isinstance(value, list) else value


def _leaves(tree: Tree) -> list[int]:
    if isinstance(tree, int):
        return [tree]
    if not isinstance(tree, tuple) or len(tree) == 1:
        raise EmbodiedError(f"AssemblyGraph: a step joins two or more members, not {tree!r}")
    return [leaf for branch in tree for leaf in _leaves(branch)]


def _encode(value: Any) -> Any:
    if isinstance(value, Signal):
        content = {name: _encode(getattr(value, name)) for name in _field_names(type(value))}
        return {"type": type(value).__name__} | content
    if isinstance(value, np.ndarray):
        if value.dtype == np.bool_:  # masks over many points: a bit each
            return {"bits": b64encode(np.packbits(value).tobytes()).decode(), "size": value.size}
        return {"float32": [None if math.isnan(x) else x for x in value.tolist()]}
    if isinstance(value, tuple):
        return [_encode(item) for item in value]
    return value


def _decode(data: Any) -> Any:
    if isinstance(data, list):
        return tuple(_decode(item) for item in data)
    if not isinstance(data, dict):
        return data
    if data.keys() == {"float32"}:
        return np.array([math.nan if x is None else x for x in data["float32"]], dtype=np.float32)
    if data.keys() == {"bits", "size"}:
        packed = np.frombuffer(b64decode(data["bits"], validate=True), dtype=np.uint8)
        if packed.size != -(-data["size"] // 8):
            raise ValueError(f"{packed.size} bytes cannot hold {data['size']} bits")
        return np.unpackbits(packed, count=data["size"]).astype(np.bool_)
    name = data.get("type")
    if name not in SIGNALS:
        raise unknown("signal type", str(name), SIGNALS)
    kind = SIGNALS[name]
    content = {key: _decode(value) for key, value in data.items() if key != "type"}
    if extra := content.keys() - _field_names(kind):
        raise EmbodiedError(f"{name} has no field {', '.join(sorted(extra))}")
    return kind(**content)
