"""What a long run shows: a live display on a terminal, plain lines in a log, on stderr.

stdout stays free for results, so that `embodied train --json | tail -1 | jq` works.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from itertools import pairwise
from types import TracebackType

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

PLAIN_SECONDS = 5.0
"""Plain lines come no faster than this."""

_BARS = "▁▂▃▄▅▆▇█"
_CURVE_POINTS = 256


class Progress:
    """A run's display, as a context manager.

        with Progress(total_steps, title="humanoid-kneel") as progress:
            progress.update(step, reward=0.31, vlm_calls=512, success=0.4)
            progress.note("checkpoint saved")

    Args:
        total: steps at the end of the run.
        start: steps that are done when it begins (resumed); they do not count for the rate.
        title: what is running.
        quiet: show nothing at all.
        curve: the number whose course is drawn as a sparkline.
        console: where to write; stderr unless given.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        total: int,
        *,
        start: int = 0,
        title: str = "",
        quiet: bool = False,
        curve: str = "reward",
        console: Console | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._console = console or Console(stderr=True)
        self._total, self._step, self._title, self._curve = total, start, title, curve
        self._quiet, self._clock = quiet, clock
        self._numbers: dict[str, float | str] = {}
        self._rate = _Rate(clock(), start)
        self._points = _Points()
        self._shown_at = -math.inf
        self._stale = False
        self._live: Live | None = None

    def __enter__(self) -> Progress:
        console = self._console
        self._rate = _Rate(self._clock(), self._step)
        if not self._quiet and console.is_terminal and not console.is_dumb_terminal:
            # What others print to stdout is not ours to move to stderr.
            self._live = Live(get_renderable=self._render, console=console, redirect_stdout=False)
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None
        elif self._stale:
            self._show_line()

    def update(self, step: int, **numbers: float | str) -> None:
        """Tell how far the run is; numbers that are not given keep their last value."""
        now = self._clock()
        self._step = step
        # A new dict, because the display's thread may be walking through the old one.
        self._numbers = {**self._numbers, **numbers}
        self._rate.add(now, step)
        value = numbers.get(self._curve)
        if isinstance(value, int | float):
            self._points.add(value)
        self._stale = not self._quiet and self._live is None
        if self._stale and now - self._shown_at >= PLAIN_SECONDS:
            self._show_line()

    def note(self, text: str) -> None:
        """Say something once, above the display or as a line of its own."""
        if not self._quiet:
            self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def _show_line(self) -> None:
        self.note("  ".join([*filter(None, [self._title]), *self._facts(), *self._named()]))
        self._shown_at = self._clock()
        self._stale = False

    def _facts(self) -> list[str]:
        rate = self._rate.per_second()
        percent = math.floor(100 * self._step / self._total) if self._total else 100
        facts = [f"{self._step:,}/{self._total:,} steps", f"{percent} %"]
        if rate > 0:
            left = max(self._total - self._step, 0) / rate
            facts += [f"{format_number(rate)} steps/s", f"{format_seconds(left)} left"]
        return facts

    def _named(self) -> list[str]:
        return [f"{_label(name)} {format_number(x)}" for name, x in self._numbers.items()]

    def _render(self) -> RenderableType:
        head = Table.grid(padding=(0, 2))
        bar = ProgressBar(total=max(self._total, 1), completed=self._step, width=24)
        head.add_row(Text(self._title, "bold"), bar, *self._facts())
        parts: list[RenderableType] = [head]
        numbers = self._numbers
        if numbers:
            table = Table(box=None, padding=(0, 3, 0, 0), pad_edge=False, header_style="dim")
            for name in numbers:
                table.add_column(_label(name), justify="right")
            table.add_row(*map(format_number, numbers.values()))
            parts.append(table)
        values = self._points.values
        finite = [value for value in values if math.isfinite(value)]
        if len(finite) > 1:
            line = sparkline(values, width=max(min(self._console.width - 40, 60), 8))
            bounds = f"{format_number(min(finite))} to {format_number(max(finite))}"
            parts.append(Text.assemble((_label(self._curve), "dim"), "  ", (line, "cyan"),
                                       "  ", (bounds, "dim")))  # fmt: skip
        return Group(*parts)


def sparkline(values: Sequence[float], width: int) -> str:
    """The course of `values` in at most `width` characters; what is not finite is a blank.

    More values than characters are averaged, neighbours with neighbours.
    """
    if len(values) > width:
        edges = [round(i * len(values) / width) for i in range(width + 1)]
        values = [_mean(values[a:b]) for a, b in pairwise(edges)]
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return " " * len(values)
    low, high = min(finite), max(finite)
    scale = (len(_BARS) - 1) / (high - low) if high > low else 0.0
    return "".join(
        _BARS[round((value - low) * scale)] if math.isfinite(value) else " " for value in values
    )


def format_number(value: float | str) -> str:
    """A number as people read it: `12,000`, `3,512`, `0.3142`, `1.2e-05`."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) or (math.isfinite(value) and abs(value) >= 1000):
        return f"{value:,.0f}"
    return f"{value:.4g}"


def format_seconds(seconds: float) -> str:
    """A duration as `m:ss` or `h:mm:ss`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


class _Rate:
    """Steps per second over the last seconds."""

    WINDOW, SPACING = 15.0, 0.25

    def __init__(self, now: float, step: int) -> None:
        self._marks = deque([(now, step)])
        self._latest = (now, step)

    def add(self, now: float, step: int) -> None:
        self._latest = (now, step)
        if now - self._marks[-1][0] >= self.SPACING:
            self._marks.append((now, step))
        while len(self._marks) > 1 and now - self._marks[1][0] > self.WINDOW:
            self._marks.popleft()

    def per_second(self) -> float:
        (then, first), (now, last) = self._marks[0], self._latest
        return (last - first) / (now - then) if now > then else 0.0


class _Points:
    """A curve in bounded memory: when it is full, neighbours are averaged and it goes on."""

    def __init__(self) -> None:
        self.values: list[float] = []
        self._pending: list[float] = []
        self._stride = 1

    def add(self, value: float) -> None:
        self._pending.append(value)
        if len(self._pending) < self._stride:
            return
        values = [*self.values, _mean(self._pending)]
        self._pending = []
        if len(values) >= _CURVE_POINTS:
            values = [_mean(values[i : i + 2]) for i in range(0, len(values), 2)]
            self._stride *= 2
        self.values = values


def _mean(values: Sequence[float]) -> float:
    finite = [value for value in values if math.isfinite(value)]
    return sum(finite) / len(finite) if finite else math.nan


def _label(name: str) -> str:
    return name.replace("_", " ").replace("vlm", "VLM")
