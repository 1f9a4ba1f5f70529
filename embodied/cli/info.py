"""`embodied info NAME`: what stands behind a name."""

import inspect
from dataclasses import dataclass, fields, is_dataclass
from typing import Annotated, Any

from tyro.conf import Positional

from embodied.errors import unknown
from embodied.registry import REGISTRIES


@dataclass(frozen=True)
class Info:
    """What a task, encoder, algorithm or preset is: prompts, success rule, values."""

    name: Annotated[str, Positional]
    """A name that `embodied list` shows."""

    json: bool = False
    """Print the results as one JSON object on the last line."""


def run(config: Info) -> dict[str, Any]:
    """For each registry that has the name, the facts about it; EmbodiedError if none has."""
    found = {
        registry.kind: {"target": registry.table[config.name]} | facts(registry.load(config.name))
        for registry in REGISTRIES.values()
        if config.name in registry.names()
    }
    if not found:
        names = {name for registry in REGISTRIES.values() for name in registry.names()}
        raise unknown("name", config.name, names)
    if not config.json:
        _print(config.name, found)
    return {"name": config.name} | found


def facts(thing: Any) -> dict[str, Any]:
    """What can be said about a registered object: a config's fields, else its documentation.

    A function among the fields (a task's `success`) is told by its docstring.
    """
    if is_dataclass(thing) and not isinstance(thing, type):
        return {field.name: _fact(getattr(thing, field.name)) for field in fields(thing)}
    return {"documentation": inspect.getdoc(thing) or "none"}


def headline(thing: Any) -> str:
    """One line: a task's goal, a preset's difference from the defaults, or its documentation."""
    if goals := getattr(thing, "goal_prompts", None):
        return " / ".join(goals)
    if is_dataclass(thing) and not isinstance(thing, type):
        values = [(field, getattr(thing, field.name)) for field in fields(thing)]
        changed = [f"{field.name}={value}" for field, value in values if value != field.default]
        return ", ".join(changed) or "the default values"
    return (inspect.getdoc(thing) or "").partition("\n")[0]


def _fact(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return facts(value)
    return (inspect.getdoc(value) or value.__qualname__) if inspect.isroutine(value) else value


def _text(value: Any) -> str:
    if isinstance(value, tuple) and all(isinstance(item, str) for item in value):
        return "\n".join(value)
    return str(value)


def _print(name: str, found: dict[str, dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(markup=False, highlight=False)
    for kind, entries in found.items():
        table = Table(title=f"{kind} {name}", title_justify="left", box=None, show_header=False)
        for key, value in entries.items():
            table.add_row(key, _text(value))
        console.print(table)
        console.print()
