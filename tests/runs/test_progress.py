from __future__ import annotations

import io
import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from embodied.runs.progress import Progress, format_number, format_seconds, sparkline


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def consoles(terminal: bool) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=100, _environ={})


def output(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_plain_lines_come_no_faster_than_every_5_seconds() -> None:
    console, clock = consoles(terminal=False), Clock()
    with Progress(1000, title="kneel", console=console, clock=clock) as progress:
        for i in range(1, 101):
            clock.now += 0.2
            progress.update(i * 10, reward=i / 7, vlm_calls=i)
            if i == 50:
                progress.note("checkpoint [saved]")
    lines = output(console).splitlines()
    assert lines[0].startswith("kneel  10/1,000 steps  1 %  50 steps/s  0:20 left  reward 0.1429")
    assert "checkpoint [saved]" in lines
    assert len(lines) == 6  # at 0.2, 5.2, 10.2, 15.2 and 20 s, and the note
    assert lines[-1].startswith("kneel  1,000/1,000 steps  100 %  50 steps/s  0:00 left")
    assert lines[-1].endswith("VLM calls 100")


def test_nothing_new_is_not_said_twice() -> None:
    console = consoles(terminal=False)
    with Progress(10, console=console, clock=Clock()) as progress:
        progress.update(10)
    assert output(console).count("10/10") == 1


def test_resumed_steps_do_not_count_for_the_rate() -> None:
    console, clock = consoles(terminal=False), Clock()
    with Progress(1000, start=900, console=console, clock=clock) as progress:
        clock.now += 10
        progress.update(950)
    assert "5 steps/s  0:10 left" in output(console)


def test_the_rate_follows_the_last_seconds() -> None:
    console, clock = consoles(terminal=False), Clock()
    with Progress(10_000, console=console, clock=clock) as progress:
        for _ in range(100):
            clock.now += 1
            progress.update(100)
        for step in range(100, 2100, 100):
            clock.now += 1
            progress.update(step)
    assert "100 steps/s" in output(console).splitlines()[-1]


def test_quiet_says_nothing() -> None:
    for terminal in (True, False):
        console = consoles(terminal)
        with Progress(10, quiet=True, console=console) as progress:
            progress.update(5, reward=1.0)
            progress.note("hello")
        assert output(console) == ""


def test_terminal_shows_bar_numbers_and_curve() -> None:
    console = consoles(terminal=True)
    with Progress(1000, title="kneel", console=console) as progress:
        for i in range(1000):
            progress.update(i + 1, reward=i / 1000, head_error=math.nan, success="17/20")
        progress.note("[not markup]")
    shown = output(console)
    for part in ("kneel", "1,000/1,000 steps", "head error", "17/20", "▁", "█", "[not markup]"):
        assert part in shown
    assert shown.endswith("\x1b[?25h")  # the cursor is back


def test_the_terminal_is_whole_again_after_an_error() -> None:
    console = consoles(terminal=True)
    progress = Progress(10, console=console)
    with pytest.raises(KeyboardInterrupt), progress:
        raise KeyboardInterrupt
    assert output(console).endswith("\x1b[?25h")


@pytest.mark.parametrize("total", [0, 1])
def test_odd_totals(total: int) -> None:
    for terminal in (True, False):
        console = consoles(terminal)
        with Progress(total, console=console) as progress:
            progress.update(total, reward=math.inf)
            progress.update(total + 5, reward=-1.0)
        assert f"{total + 5}/{total} steps" in output(console)


def test_stdout_is_left_to_results() -> None:
    program = (
        "from embodied.runs.progress import Progress\n"
        "with Progress(10) as progress: progress.update(10, reward=1.0); print('{}')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "{}\n"
    assert "10/10 steps" in done.stderr


@given(st.lists(st.floats(width=32), max_size=300), st.integers(1, 40))
def test_sparkline_fits(values: list[float], width: int) -> None:
    line = sparkline(values, width)
    assert len(line) == min(len(values), width)
    assert set(line) <= set(" ▁▂▃▄▅▆▇█")


def test_sparkline_shapes() -> None:
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8) == "▁▂▃▄▅▆▇█"
    assert sparkline([0.0] * 8 + [1.0] * 8, 4) == "▁▁██"
    assert sparkline([1.0, math.nan, 2.0], 8) == "▁ █"
    assert sparkline([3.0, 3.0], 8) == "▁▁"
    assert sparkline([], 8) == ""


def test_numbers_and_durations_for_people() -> None:
    cases: dict[str, float | str] = {
        "12,000": 12_000, "3,512": 3512.4, "0.3142": 0.314159, "1.2e-05": 1.2e-5, "nan": math.nan,
        "inf": math.inf, "-1,234": -1234.0, "17/20": "17/20", "0": 0,
    }  # fmt: skip
    assert {format_number(value) for value in cases.values()} == set(cases)
    assert [format_seconds(s) for s in (0, 59.6, 3599, 3600, 90_061)] == [
        "0:00", "1:00", "59:59", "1:00:00", "25:01:01"]  # fmt: skip
