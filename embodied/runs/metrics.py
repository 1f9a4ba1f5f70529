"""The numbers of a run over its steps: one JSON line per call, and the same for TensorBoard."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from embodied.runs import disk
from embodied.runs.events import EventFile, write_all
from embodied.runs.folder import RunFolder


class MetricsLog:
    """Writes `metrics.jsonl` and `tensorboard/` of a run.

    Taken up again at `step0`, it drops every line beyond that step, so that a run that was
    interrupted and resumed leaves the same `metrics.jsonl` as one that was not, bit for bit. So
    log a step before its checkpoint is saved, and give what depends on the clock as `timing`.

    Args:
        folder: the run, locked by the caller.
        step0: the step of the checkpoint that the run goes on from; None if it starts anew, and
            nothing of before is kept.

    Raises:
        EmbodiedError: the disk is full or does not let us write.
    """

    def __init__(self, folder: RunFolder, step0: int | None = None) -> None:
        last = -1 if step0 is None else step0
        _truncate(folder.metrics, last)
        self._path = folder.metrics
        with disk.clear_errors(self._path):
            self._lines = open(self._path, "ab", buffering=0)  # noqa: SIM115 (closed in close)
            self._events = EventFile(folder.tensorboard, purge_step=last + 1)

    def log(
        self, step: int, values: Mapping[str, float], timing: Mapping[str, float] | None = None
    ) -> None:
        """Append one line, `{"step": step, **values}`; NaN and infinities become null.

        Args:
            step: environment steps taken so far.
            values: Python numbers by name, such as `reward/mean`.
            timing: numbers that depend on the clock, such as `steps_per_second`: only TensorBoard
                gets them.

        Raises:
            TypeError: a value is not a Python int or float (a tensor: pass `float(x)`).
            EmbodiedError: the disk is full or does not let us write.
        """
        timing = timing or {}
        if "step" in values:
            raise ValueError("'step' is the name of the step itself")
        for name, value in {**values, **timing}.items():
            if not isinstance(value, int | float):
                kind = type(value).__name__
                raise TypeError(f"{name} must be a Python number, not a {kind}: pass float(x)")
        finite = {name: x if math.isfinite(x) else None for name, x in values.items()}
        line = json.dumps({"step": step, **finite}, allow_nan=False) + "\n"
        with disk.clear_errors(self._path):
            write_all(self._lines, line.encode())
            self._events.add_scalars(step, {**values, **timing})

    def close(self) -> None:
        """Close both files; everything is written already."""
        self._lines.close()
        self._events.close()

    def __enter__(self) -> MetricsLog:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def read_metrics(path: Path) -> list[dict[str, Any]]:
    """The lines of a `metrics.jsonl`, `{"step": int, name: float | None, ...}` each.

    A line that a killed writer left unfinished is passed over.

    Raises:
        EmbodiedError: the file is missing or cannot be read.
    """
    with disk.clear_errors(path, "read"):
        lines = path.read_bytes().splitlines()
    return [entry for entry in map(_parse, lines) if entry is not None]


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    whole = isinstance(entry, dict) and isinstance(entry.get("step"), int)
    return entry if whole else None


def _truncate(path: Path, step: int) -> None:
    """Keep the whole lines up to `step`, as they are."""
    if not path.exists():
        return
    with disk.clear_errors(path, "read"):
        before = path.read_bytes()
    kept: list[bytes] = []
    for line in before.splitlines(keepends=True):
        entry = _parse(line) if line.endswith(b"\n") else None
        if entry is not None and entry["step"] <= step:
            kept.append(line)
    after = b"".join(kept)
    if after != before:
        disk.write_bytes(path, after)
