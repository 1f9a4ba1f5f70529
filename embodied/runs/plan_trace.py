"""The file of a plan that was carried out: what was wanted, done and seen, to be shown again."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from embodied.errors import EmbodiedError
from embodied.runs import disk

FORMAT = "embodied-trace-1"
STEP = ("kind", "words", "seconds", "moment", "ok", "message", "plan", "status")


@dataclass(frozen=True)
class PlanTrace:
    """One episode of `embodied plan --env`.

    env: the environment. task: what was to be done, in words or as the goal. goal: its literals.
    outcome, reason: of the executive. steps: `TraceStep`s as JSON, each with `words` (the action in
    plain English, or what came of a search) and `moment`, the index of the moment at its end.
    start, moments: what the environment needs to show the world again as it was at first and after
    each step of its own; empty if it keeps none.
    """

    env: str
    task: str
    goal: list[list[str]]
    outcome: str
    reason: str
    steps: list[dict[str, Any]]
    start: dict[str, Any]
    moments: list[dict[str, Any]]


def write_trace(path: str | Path, trace: PlanTrace) -> Path:
    """Write the file, whole or not at all."""
    path = Path(path)
    text = json.dumps({"format": FORMAT, **asdict(trace)}, allow_nan=False, separators=(",", ":"))
    disk.write_bytes(path, text.encode() + b"\n")
    return path


def read_trace(path: str | Path) -> PlanTrace:
    """What `write_trace` wrote; EmbodiedError for anything else."""
    path = Path(path)
    data = disk.read_json(path)
    if not isinstance(data, dict) or data.pop("format", None) != FORMAT:
        raise EmbodiedError(
            f"{path} is no trace: `embodied plan --env ENV --trace FILE` writes one"
        )
    try:
        trace = PlanTrace(**data)
        last = len(trace.moments) - 1
        for step in trace.steps:
            if any(name not in step for name in STEP) or not 0 <= step["moment"] <= max(last, 0):
                raise ValueError("a step is not whole")
    except (TypeError, ValueError) as error:
        raise EmbodiedError(f"{path} is damaged: write it anew with `embodied plan`") from error
    return trace
