"""The folder of one run: where its parts lie, and who may train into it.

runs/humanoid-kneel-20250131-142501/
    config.json         the resolved configuration
    metrics.jsonl       one line per log call
    tensorboard/        the same for TensorBoard
    checkpoints/        see `embodied.runs.checkpoint`
    videos/
runs/last               -> the newest run
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embodied.errors import EmbodiedError
from embodied.runs import disk
from embodied.runs.lock import LOCK, hold

LAST = "last"


def default_path(env_name: str) -> Path:
    """A free `runs/<env>-<YYYYmmdd-HHMMSS>` under the current folder; nothing is created."""
    name = re.sub(r"[^\w.-]+", "-", env_name).strip("-.") or "run"
    path = _runs() / f"{name}-{time.strftime('%Y%m%d-%H%M%S')}"
    free, number = path, 2
    while free.exists():
        free, number = path.with_name(f"{path.name}-{number}"), number + 1
    return free


@dataclass(frozen=True)
class RunFolder:
    """A run's paths. Make one with `create` (a new run) or `open` (resume, eval)."""

    root: Path

    @classmethod
    def create(cls, path: str | Path, config: dict[str, Any]) -> RunFolder:
        """Start a new run at `path` and write its resolved `config` (plain JSON values).

        Raises:
            EmbodiedError: something is in the folder already, or it cannot be written.
        """
        root = Path(path)
        if root.name == LAST:
            raise EmbodiedError(f"{root} is kept for the link to the newest run: use another name")
        with disk.clear_errors(root):
            root.mkdir(parents=True, exist_ok=True)
            # A start that was killed before it had a config leaves nothing worth keeping.
            if any(not e.name.startswith((disk.TMP, LOCK)) for e in root.iterdir()):
                raise EmbodiedError(
                    f"{root} exists and is not empty: "
                    f"go on with --resume {root}, or choose another --output-dir"
                )
            disk.write_json(root / "config.json", config)
            _link_last(root)
        return cls(root)

    @classmethod
    def open(cls, path: str | Path) -> RunFolder:
        """The run at `path`: its folder, a `last` link, or a folder with a `last` link in it.

        Raises:
            EmbodiedError: there is no run there, or its configuration is damaged.
        """
        given = Path(path)
        root = given.resolve()
        if not (root / "config.json").exists() and (root / LAST).exists():
            root = (root / LAST).resolve()
        for inside in (root, *root.parents):
            if inside.name == "checkpoints" and (inside.parent / "config.json").exists():
                raise EmbodiedError(f"{given} is inside a run: give the run, {inside.parent}")
        if not root.exists():
            raise EmbodiedError(f"there is no run at {given}: see `ls runs`")
        if not (root / "config.json").is_file():
            raise EmbodiedError(f"{given} is no run (it has no config.json): see `ls runs`")
        run = cls(root)
        if not isinstance(run.config, dict):
            raise EmbodiedError(f"{root / 'config.json'} is damaged: it holds no settings")
        return run

    @property
    def config(self) -> dict[str, Any]:
        """The resolved configuration, read from the disk."""
        return disk.read_json(self.root / "config.json")

    @property
    def checkpoints(self) -> Path:
        return self.root / "checkpoints"

    @property
    def tensorboard(self) -> Path:
        return self.root / "tensorboard"

    @property
    def videos(self) -> Path:
        return self.root / "videos"

    @property
    def metrics(self) -> Path:
        return self.root / "metrics.jsonl"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the run for training into it; whoever only reads needs no lock.

        The holder is alone, so what killed writers left (`.tmp-…`) is cleared away here.

        Raises:
            EmbodiedError: another process holds the run.
        """
        with hold(self.root):
            with disk.clear_errors(self.root):
                for folder in (self.root, self.checkpoints, self.videos):
                    disk.recover(folder)
                _link_last(self.root)
            yield


def _runs() -> Path:
    return Path.cwd() / "runs"


def _link_last(root: Path) -> None:
    """Let `runs/last` name the run; a run elsewhere (--output-dir) leaves no link around."""
    if root.resolve().parent == _runs().resolve():
        disk.replace_link(_runs() / LAST, root.resolve().name)
