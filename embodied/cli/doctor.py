"""`embodied doctor`: what works on this machine, and what to type for what does not."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from embodied.cli.checks import Check

STYLES = {"ok": "green", "missing": "bold red", "optional": "yellow"}


@dataclass(frozen=True)
class Doctor:
    """What works here: rendering, GPU, VLM back ends, optional extras, and how to get the rest."""

    json: bool = False
    """Print the results as one JSON object on the last line."""


def run(config: Doctor) -> dict[str, Any]:
    """Every check of embodied.cli.checks; `ok` says that nothing needed is missing."""
    from embodied.cli import checks  # slow to import, and `--help` does not need it

    found = [
        checks.machine(),
        *checks.rendering(),
        checks.gpu(),
        checks.embedded_encoder(),
        checks.huggingface(),
        checks.ffmpeg(),
        *checks.extras(),
    ]
    if not config.json:
        _print(found)
    return {
        "ok": all(check.status != "missing" for check in found),
        "checks": [asdict(check) for check in found],
    }


def _print(found: list[Check]) -> None:
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    console = Console(markup=False, highlight=False)
    table = Table("check", "", Column("what was found", overflow="fold"), box=None)
    for check in found:
        status = Text(check.status, STYLES[check.status])
        table.add_row(check.name, status, check.detail)
    console.print(table)
    for wanted, title in (("missing", "To mend what is missing:"), ("optional", "If you want it:")):
        fixes = {c.fix: c.name for c in found if c.fix and c.status == wanted}
        if fixes:
            console.print(f"\n{title}", style="bold")
        for fix, name in fixes.items():
            console.print(f"  {fix}  # {name}", soft_wrap=True)
