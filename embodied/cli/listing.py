"""`embodied list`: everything that has a name."""

from dataclasses import dataclass
from typing import Any

from embodied.cli.info import headline
from embodied.errors import EmbodiedError
from embodied.registry import REGISTRIES, Registry


@dataclass(frozen=True)
class List:
    """Environments, encoders, rewards, chat models and so on, with one line on each."""

    json: bool = False
    """Print the results as one JSON object on the last line."""


def run(config: List) -> dict[str, Any]:
    """For each registry, its names with one line on each."""
    found = {title: _headlines(registry) for title, registry in REGISTRIES.items()}
    if not config.json:
        _print(found)
    return found


def _headlines(registry: Registry) -> dict[str, str]:
    lines = {}
    for name in registry.names():
        try:
            lines[name] = headline(registry.load(name))
        except EmbodiedError as error:
            lines[name] = f"not available: {error}"
    return lines


def _print(found: dict[str, dict[str, str]]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(markup=False, highlight=False)
    for title, lines in found.items():
        table = Table("name", "what it is", title=title, title_justify="left", box=None)
        for name, line in lines.items():
            table.add_row(name, line)
        console.print(table)
        console.print()
    console.print("More on one of them: embodied info NAME", style="dim")
