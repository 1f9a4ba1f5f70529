"""Checkpoints in LeRobot's layout, whole or not there at all.

    checkpoints/
        000012000/
            pretrained_model/   config.json  model.safetensors  train_config.json
            training_state/     training_step.json  optimizer_state.{safetensors,json}
                                rng_state.{safetensors,json}  …
        last -> 000012000

`pretrained_model/` is what one needs to use the policy, `training_state/` what one needs to go
on as if nothing had happened. `training_step.json` holds the step and a checksum of every
tensor and state file: a truncated or altered one is noticed. Nothing is ever pickled.
"""

from __future__ import annotations

import logging
import re
import shutil
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embodied.errors import EmbodiedError
from embodied.runs import disk
from embodied.runs.folder import LAST, RunFolder
from embodied.runs.tree import load_tree, read_tensors, save_tree, write_tensors

if TYPE_CHECKING:
    import torch

logger = logging.getLogger(__name__)

_STEP = re.compile(r"\d{9,}")
_MODEL = "pretrained_model"
_STATE = "training_state"
_STEP_FILE = "training_step"


@dataclass(frozen=True)
class Checkpoint:
    """What `save_checkpoint` was given; tensors on the CPU.

    `training_state` is empty if it was not asked for.
    """

    path: Path
    step: int
    model: dict[str, torch.Tensor]
    config: dict[str, Any]
    train_config: dict[str, Any]
    training_state: dict[str, Any]


def save_checkpoint(
    folder: RunFolder,
    step: int,
    *,
    model: Mapping[str, torch.Tensor],
    config: dict[str, Any],
    train_config: dict[str, Any],
    training_state: Mapping[str, Any],
    keep: int = 2,
) -> Path:
    """Write the checkpoint of `step`, point `last` at it and drop old ones; its path.

    A kill at any moment leaves the checkpoints of before, or those and the new one. The caller
    holds `folder.lock()`.

    Args:
        step: environment steps taken so far, at least 0.
        model: what a policy needs to act, by name.
        config: the policy's own settings, enough to build it again; JSON values.
        train_config: the run's resolved configuration; JSON values.
        training_state: trees (see `embodied.runs.tree`) by file name, such as
            `optimizer_state`, `rng_state`, `replay_buffer`.
        keep: how many checkpoints stay, this one counted. Those of later steps go too: they are
            damaged, or of a future that ended when the run was taken up at an earlier step.

    Raises:
        EmbodiedError: the disk is full or does not let us write; the checkpoints of before are
            intact.
        TypeError: something given is of a kind that cannot be saved.
    """
    if step < 0 or keep < 1:
        raise ValueError(f"step must be at least 0 and keep at least 1, not {step} and {keep}")
    for name in training_state:
        if not re.fullmatch(r"\w+", name) or name == _STEP_FILE:
            raise ValueError(f"{name!r} cannot be the name of a training state file")
    target = folder.checkpoints / f"{step:09d}"
    tmp = disk.tmp_path(target)
    with disk.clear_errors(target):
        try:
            for part in (_MODEL, _STATE):
                (tmp / part).mkdir(parents=True)
            write_tensors(tmp / _MODEL / "model.safetensors", model)
            (tmp / _MODEL / "config.json").write_text(disk.json_text(config))
            (tmp / _MODEL / "train_config.json").write_text(disk.json_text(train_config))
            for name, tree in training_state.items():
                save_tree(tmp / _STATE / name, tree)
            progress = {"step": step, "crc32": _checksums(tmp)}
            (tmp / _STATE / f"{_STEP_FILE}.json").write_text(disk.json_text(progress))
            for path in tmp.rglob("*"):
                disk.fsync_file(path)
            disk.fsync_folder(tmp)
            disk.replace_folder(tmp, target)
        finally:
            if tmp.exists():
                shutil.rmtree(tmp)
        disk.replace_link(folder.checkpoints / LAST, target.name)
        steps = _steps(folder)
        kept = [s for s in steps if s <= step][-keep:]
        for other in steps:
            if other not in kept:
                disk.remove_folder(steps[other])
    return target


def load_checkpoint(path: str | Path, *, with_training_state: bool = True) -> Checkpoint:
    """The checkpoint at `path` (a step's folder or a link to one).

    Raises:
        EmbodiedError: there is none, or it is damaged; the message says which file.
    """
    path = Path(path).resolve()
    step = _check(path)
    state: dict[str, Any] = {}
    if with_training_state:
        stems = sorted(file.stem for file in (path / _STATE).glob("*.safetensors"))
        state = {stem: load_tree(path / _STATE / stem) for stem in stems}
    return Checkpoint(
        path=path,
        step=step,
        model=read_tensors(path / _MODEL / "model.safetensors"),
        config=disk.read_json(path / _MODEL / "config.json"),
        train_config=disk.read_json(path / _MODEL / "train_config.json"),
        training_state=state,
    )


def latest_checkpoint(folder: RunFolder) -> Path | None:
    """The newest whole checkpoint of the run, None if it has none yet.

    A damaged one is passed over with a warning, in favour of the one before.

    Raises:
        EmbodiedError: the run has checkpoints, and all of them are damaged.
    """
    steps = _steps(folder)
    for path in reversed(steps.values()):
        try:
            _check(path)
        except EmbodiedError as error:
            logger.warning("warning: %s; passing over this checkpoint", error)
        else:
            return path
    if steps:
        raise EmbodiedError(
            f"every checkpoint in {folder.checkpoints} is damaged: "
            "start again with another --output-dir"
        )
    return None


def _steps(folder: RunFolder) -> dict[int, Path]:
    """The run's checkpoints by step, oldest first."""
    if not folder.checkpoints.is_dir():
        return {}
    found = (path for path in folder.checkpoints.iterdir() if _STEP.fullmatch(path.name))
    return {int(path.name): path for path in sorted(found, key=lambda path: int(path.name))}


def _check(path: Path) -> int:
    """The step of the checkpoint at `path`, if all of it is as it was written."""
    if not path.is_dir():
        raise EmbodiedError(f"there is no checkpoint at {path}")
    record = path / _STATE / f"{_STEP_FILE}.json"
    progress = disk.read_json(record)
    try:
        step, expected = int(progress["step"]), dict(progress["crc32"])
    except (KeyError, TypeError, ValueError) as error:
        raise EmbodiedError(f"{record} is damaged: it has no step and crc32") from error
    with disk.clear_errors(path, "read"):
        found = _checksums(path)
    for name, checksum in expected.items():
        if name not in found:
            raise EmbodiedError(f"{path / name} is missing")
        if found[name] != checksum:
            raise EmbodiedError(f"{path / name} is damaged: its checksum is not the one written")
    for name in ("config", "train_config"):
        disk.read_json(path / _MODEL / f"{name}.json")
    return step


def _checksums(path: Path) -> dict[str, int]:
    """CRC-32 of the tensors and the training state; the two configs are left to people's edits."""
    files = [path / _MODEL / "model.safetensors", *sorted((path / _STATE).iterdir())]
    return {
        file.relative_to(path).as_posix(): _crc32(file)
        for file in files
        if file.exists() and file.name != f"{_STEP_FILE}.json"
    }


def _crc32(path: Path) -> int:
    checksum = 0
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            checksum = zlib.crc32(block, checksum)
    return checksum
