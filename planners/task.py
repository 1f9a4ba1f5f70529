"""A planning task as plain data: what a PDDL domain and problem say once they are put in order."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

Expression = tuple[Any, ...]  # nested tuples of words, e.g. ("not", ("open", "?x"))
Fact = tuple[str, ...]  # (predicate, *objects)
Parameter = tuple[str, str]  # (?name, type)

ROOT = "object"
TRUE: Expression = ("and",)


@dataclass(frozen=True)
class ActionSchema:
    """An action of a domain.

    cost: what it adds to the total: a number, or `(function, *arguments)` of constant value.
    """

    name: str
    parameters: tuple[Parameter, ...]
    precondition: Expression
    effect: Expression
    cost: float | Expression = 0.0


@dataclass(frozen=True)
class Task:
    """A domain and a problem in one.

    types: name -> parent; the root `object` is not among them.
    objects: name -> type, constants of the domain among them.
    predicates: name -> type of each argument. functions: the same, for values that never change.
    init: the facts that hold at first; all others do not.
    values: `(function, *objects)` -> number.
    minimise: whether the problem asks for the least total cost.
    repairs: what had to be mended in the text, a line each.
    """

    name: str
    types: dict[str, str]
    objects: dict[str, str]
    predicates: dict[str, tuple[str, ...]]
    actions: tuple[ActionSchema, ...]
    init: frozenset[Fact] = frozenset()
    goal: Expression = TRUE
    functions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    values: tuple[tuple[Fact, float], ...] = ()
    minimise: bool = False
    repairs: tuple[str, ...] = ()

    def is_a(self, kind: str, ancestor: str) -> bool:
        """Whether the type `kind` is `ancestor` or below it."""
        return is_a(self.types, kind, ancestor)

    def of_type(self, kind: str) -> list[str]:
        """The objects of a type, those of the types below it among them."""
        return [name for name, own in self.objects.items() if self.is_a(own, kind)]

    def forbid(self, action: str, arguments: tuple[str, ...]) -> "Task":
        """The task without one ground action, e.g. because it was tried and keeps failing."""
        return replace(
            self,
            actions=tuple(
                _exclude(schema, arguments) if schema.name == action else schema
                for schema in self.actions
            ),
        )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data, for `from_json`."""
        return asdict(self) | {"init": sorted(self.init)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Task":
        """What `to_json` wrote, after JSON made lists of its tuples."""
        data = {key: _tuples(value) for key, value in data.items()}
        data["actions"] = tuple(ActionSchema(**schema) for schema in data["actions"])
        data["init"] = frozenset(data["init"])
        return cls(**data)


def is_a(types: dict[str, str], kind: str, ancestor: str) -> bool:
    """Whether `kind` is `ancestor` or below it in the tree `types` (name -> parent)."""
    while kind != ancestor and kind in types:
        kind = types[kind]
    return kind == ancestor


def _exclude(schema: ActionSchema, arguments: tuple[str, ...]) -> ActionSchema:
    names = [name for name, _ in schema.parameters]
    same = tuple(("=", name, value) for name, value in zip(names, arguments, strict=True))
    return replace(schema, precondition=("and", schema.precondition, ("not", ("and", *same))))


def _tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    return tuple(map(_tuples, value)) if isinstance(value, list | tuple) else value
