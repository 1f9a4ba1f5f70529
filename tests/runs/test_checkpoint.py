from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from embodied.errors import EmbodiedError
from embodied.runs.checkpoint import latest_checkpoint, load_checkpoint, save_checkpoint
from embodied.runs.folder import RunFolder


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder.create(tmp_path / "run", {"seed": 1})


def save(run: RunFolder, step: int, size: int = 64, **kwargs: Any) -> Path:
    """A checkpoint whose every part tells its step."""
    return save_checkpoint(
        run,
        step,
        model={"w": torch.full((size,), float(step))},
        config={"step": step},
        train_config={"seed": 1},
        training_state={
            "optimizer_state": {"state": {0: {"avg": torch.full((size,), float(step))}}},
            "replay_buffer": {"rewards": np.full(size, step), "full": False},
        },
        **kwargs,
    )


def step_of(path: Path | None) -> int:
    """The step, if every part tells the same."""
    assert path is not None
    checkpoint = load_checkpoint(path)
    state = checkpoint.training_state
    told = {
        checkpoint.step,
        checkpoint.config["step"],
        *checkpoint.model["w"].tolist(),
        *state["optimizer_state"]["state"][0]["avg"].tolist(),
        *state["replay_buffer"]["rewards"].tolist(),
    }
    assert len(told) == 1
    return checkpoint.step


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_layout(run: RunFolder) -> None:
    assert latest_checkpoint(run) is None
    path = save(run, 12_000)
    assert path == run.checkpoints / "000012000"
    assert names(path) == ["pretrained_model", "training_state"]
    assert names(path / "pretrained_model") == [
        "config.json", "model.safetensors", "train_config.json"]  # fmt: skip
    assert names(path / "training_state") == [
        "optimizer_state.json", "optimizer_state.safetensors",
        "replay_buffer.json", "replay_buffer.safetensors", "training_step.json"]  # fmt: skip
    assert os.readlink(run.checkpoints / "last") == "000012000"
    assert step_of(run.checkpoints / "last") == 12_000
    assert latest_checkpoint(run) == path
    light = load_checkpoint(path, with_training_state=False)
    assert light.training_state == {}
    assert light.train_config == {"seed": 1}


def test_old_ones_go_and_the_same_step_is_replaced(run: RunFolder) -> None:
    for step in (10, 20, 30):
        save(run, step)
    assert names(run.checkpoints) == ["000000020", "000000030", "last"]
    before = (run.checkpoints / "000000030").stat().st_ino
    save(run, 30)
    assert (run.checkpoints / "000000030").stat().st_ino != before
    assert names(run.checkpoints) == ["000000020", "000000030", "last"]
    save(run, 40, keep=1)
    assert names(run.checkpoints) == ["000000040", "last"]
    save(run, 2_000_000_000)  # more digits than the padding
    assert step_of(latest_checkpoint(run)) == 2_000_000_000


def test_taken_up_at_an_earlier_step_the_old_future_goes(run: RunFolder) -> None:
    for step in (10, 20):
        save(run, step)
    save(run, 15)
    assert names(run.checkpoints) == ["000000010", "000000015", "last"]
    assert step_of(latest_checkpoint(run)) == 15


DAMAGES = {
    "truncated model": lambda p: truncate(p / "pretrained_model" / "model.safetensors"),
    "truncated state": lambda p: truncate(p / "training_state" / "replay_buffer.safetensors"),
    "flipped bit": lambda p: flip(p / "training_state" / "optimizer_state.safetensors"),
    "truncated json": lambda p: truncate(p / "training_state" / "replay_buffer.json"),
    "no step": lambda p: (p / "training_state" / "training_step.json").unlink(),
    "empty step": lambda p: truncate(p / "training_state" / "training_step.json", 10_000),
    "other step": lambda p: (p / "training_state" / "training_step.json").write_text("[]"),
    "missing state": lambda p: (p / "training_state" / "optimizer_state.safetensors").unlink(),
    "missing model": lambda p: shutil.rmtree(p / "pretrained_model"),
    "missing folder": lambda p: shutil.rmtree(p / "training_state"),
    "broken config": lambda p: truncate(p / "pretrained_model" / "config.json"),
    "all zeros": lambda p: (p / "pretrained_model" / "model.safetensors").write_bytes(bytes(500)),
}


def truncate(path: Path, by: int = 7) -> None:
    path.write_bytes(path.read_bytes()[:-by])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_one_is_passed_over(
    run: RunFolder, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    save(run, 10)
    newest = save(run, 20)
    DAMAGES[damage](newest)
    with pytest.raises(EmbodiedError, match="000000020") as error:
        load_checkpoint(newest)
    assert "\n" not in str(error.value)
    with caplog.at_level(logging.WARNING):
        assert step_of(latest_checkpoint(run)) == 10
    [line] = caplog.messages
    assert line.startswith("warning: ")
    assert "000000020" in line

    save(run, 15)  # the run goes on from 10; the damaged one no longer counts
    caplog.clear()
    assert step_of(latest_checkpoint(run)) == 15
    assert names(run.checkpoints) == ["000000010", "000000015", "last"]
    assert not caplog.messages

    for path in run.checkpoints.glob("0*"):
        DAMAGES[damage](path)
    with pytest.raises(EmbodiedError, match=r"every checkpoint .* damaged.*--output-dir"):
        latest_checkpoint(run)


def test_people_may_edit_the_policy_s_config(run: RunFolder) -> None:
    path = save(run, 10)
    (path / "pretrained_model" / "config.json").write_text('{"step": 10, "note": "mine"}')
    assert load_checkpoint(path).config["note"] == "mine"


def test_what_was_left_over_is_no_checkpoint(run: RunFolder) -> None:
    path = save(run, 10)
    shutil.copytree(path, run.checkpoints / ".tmp-000000020-99")
    shutil.copytree(path, run.checkpoints / ".old-000000010")
    assert latest_checkpoint(run) == path
    with run.lock():
        assert names(run.checkpoints) == ["000000010", "last"]


@pytest.mark.parametrize("bad", ["../x", "training_step", "", "a.b"])
def test_state_names_stay_in_their_folder(run: RunFolder, bad: str) -> None:
    with pytest.raises(ValueError, match="training state"):
        save_checkpoint(run, 1, model={}, config={}, train_config={}, training_state={bad: {}})
    assert not run.checkpoints.exists()


def test_what_cannot_be_saved_leaves_nothing(run: RunFolder) -> None:
    save(run, 10)
    with pytest.raises(TypeError, match=r"b: cannot save a builtins\.set"):
        save_checkpoint(
            run, 20, model={}, config={}, train_config={}, training_state={"a": {"b": {1}}}
        )
    assert names(run.checkpoints) == ["000000010", "last"]


# --- a full disk ---------------------------------------------------------------------------


def test_full_disk_told_by_safetensors(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    import safetensors.torch
    from safetensors import SafetensorError

    save(run, 10)

    def full(tensors: dict[str, torch.Tensor], path: Path) -> None:
        path.write_bytes(b"half a")
        raise SafetensorError("Error while serializing: I/O error: No space (os error 28)")

    monkeypatch.setattr(safetensors.torch, "save_file", full)
    with pytest.raises(EmbodiedError, match="no space left on device; free some"):
        save(run, 20)
    assert names(run.checkpoints) == ["000000010", "last"]
    assert step_of(latest_checkpoint(run)) == 10


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    done = (
        subprocess.run(mount, capture_output=True, check=False) if shutil.which("mount") else None
    )
    if done is None or done.returncode != 0:
        pytest.skip("may not mount a small tmpfs here (needs root)")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.parametrize("size", [10_000, 30_000, 50_000, 120_000, 400_000])
def test_full_disk_for_real(small_disk: Path, size: int) -> None:
    run = RunFolder.create(small_disk / "run", {})
    save(run, 10, size=20_000)  # 320 kB
    (small_disk / "ballast").write_bytes(bytes(600_000))
    with pytest.raises(EmbodiedError, match=r"000000020: no space left on device; free some"):
        save(run, 20, size=size)
    assert names(run.checkpoints) == ["000000010", "last"]
    assert step_of(latest_checkpoint(run)) == 10
    (small_disk / "ballast").unlink()
    save(run, 20, size=20_000)
    assert step_of(latest_checkpoint(run)) == 20


# --- kill -9 -------------------------------------------------------------------------------


def test_killed_at_any_call_and_at_random() -> None:
    """In a process of its own, as it forks and kills children; see `killed_writer.py`."""
    script = Path(__file__).with_name("killed_writer.py")
    # What a killed process wrote is in the kernel's hands on any file system; memory is faster.
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        done = subprocess.run(
            [sys.executable, str(script), folder], capture_output=True, text=True, timeout=120
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "whole after" in done.stdout
