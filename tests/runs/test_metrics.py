from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from embodied.errors import EmbodiedError
from embodied.runs.folder import RunFolder
from embodied.runs.metrics import MetricsLog, read_metrics


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder.create(tmp_path / "run", {})


def value(step: int) -> dict[str, float]:
    return {"reward/mean": math.sin(step) / 3, "vlm_calls": step * 7}


def write(run: RunFolder, steps: range, step0: int | None = None) -> None:
    with MetricsLog(run, step0) as log:
        for step in steps:
            log.log(step, value(step), timing={"steps_per_second": step * 1.5})


def test_lines_are_strict_json_with_exact_numbers(run: RunFolder) -> None:
    with MetricsLog(run) as log:
        log.log(10, {"a": 0.1 + 0.2, "b": math.nan, "c": math.inf, "n": 3}, {"seconds": 1.0})
        text = run.metrics.read_text()  # flushed before close: a kill loses nothing
    assert text == '{"step": 10, "a": 0.30000000000000004, "b": null, "c": null, "n": 3}\n'
    assert read_metrics(run.metrics) == [json.loads(text)]


def test_resumed_is_uninterrupted_bit_for_bit(run: RunFolder, tmp_path: Path) -> None:
    other = RunFolder.create(tmp_path / "other", {})
    write(other, range(0, 100, 10))
    write(run, range(0, 70, 10))
    with open(run.metrics, "a") as file:
        file.write('{"step": 70, "reward/me')  # killed while writing
    write(run, range(50, 100, 10), step0=40)
    assert run.metrics.read_bytes() == other.metrics.read_bytes()


def test_a_start_anew_keeps_nothing(run: RunFolder) -> None:
    write(run, range(0, 50, 10))
    write(run, range(0, 20, 10))
    assert [entry["step"] for entry in read_metrics(run.metrics)] == [0, 10]


def test_a_cut_line_up_to_the_step_does_not_swallow_the_next(run: RunFolder) -> None:
    write(run, range(0, 30, 10))
    run.metrics.write_bytes(run.metrics.read_bytes()[:-1])  # whole JSON, but no newline
    write(run, range(20, 40, 10), step0=20)
    assert [entry["step"] for entry in read_metrics(run.metrics)] == [0, 10, 20, 30]


def test_tensorboard_hides_what_was_dropped(run: RunFolder) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    write(run, range(0, 70, 10))
    with MetricsLog(run, step0=40) as log:
        log.log(50, {"reward/mean": -1.0})
    events = EventAccumulator(str(run.tensorboard)).Reload()
    found = {event.step: event.value for event in events.Scalars("reward/mean")}
    expected = {step: value(step)["reward/mean"] for step in range(0, 50, 10)} | {50: -1.0}
    assert found == pytest.approx(expected)
    assert [event.step for event in events.Scalars("steps_per_second")] == [0, 10, 20, 30, 40]


@pytest.mark.parametrize("bad", [np.float32(1), np.ones(1), None, "1"])
def test_values_are_python_numbers(run: RunFolder, bad: object) -> None:
    with MetricsLog(run) as log, pytest.raises(TypeError, match=r"reward must be .* float\(x\)"):
        log.log(1, {"reward": bad})  # type: ignore[dict-item]
    assert run.metrics.read_bytes() == b""


def test_step_is_no_value(run: RunFolder) -> None:
    with MetricsLog(run) as log, pytest.raises(ValueError, match="step"):
        log.log(1, {"step": 2.0})


@pytest.mark.parametrize("which", ["lines", "events"])
def test_a_full_disk_is_one_line(run: RunFolder, which: str) -> None:
    with MetricsLog(run) as log:
        owner, name = (log, "_lines") if which == "lines" else (log._events, "file")
        getattr(owner, name).close()
        full = open("/dev/full", "ab", buffering=0)  # refuses every byte  # noqa: SIM115
        setattr(owner, name, full)
        with pytest.raises(EmbodiedError, match="no space left on device; free some") as error:
            log.log(1, {"reward": 1.0})
    assert "\n" not in str(error.value)


def test_no_metrics_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(EmbodiedError, match=r"cannot read .*metrics\.jsonl"):
        read_metrics(tmp_path / "metrics.jsonl")
