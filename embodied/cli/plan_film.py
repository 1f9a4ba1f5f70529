"""A film of a plan that is carried out: what the agent sees, with what it does in words."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from embodied.cli.witness import Words
from embodied.errors import EmbodiedError
from embodied.runs.caption import captioned
from embodied.runs.video import write_video

if TYPE_CHECKING:
    from embodied.planners.executive import Trace, TraceStep
    from embodied.planners.plan import Action

FPS = 6
READ, SEEN = 2 * FPS, 4
"""Frames for which a title and the result of an action stay."""


@dataclass(frozen=True)
class Shot:
    """A picture (packed, as a film of minutes would not fit otherwise), its words, how often."""

    packed: bytes
    text: str
    below: str
    mark: str
    frames: int = 1


class Film:
    """A witness that films.

    actor: with `frame()`. title: what is to be done, in words.
    """

    def __init__(self, actor: Any, title: str, env: str) -> None:
        if not hasattr(actor, "frame"):
            raise EmbodiedError(f"--env {env} has no camera: leave out --record")
        self.actor, self.title = actor, title
        self.moves = hasattr(actor, "watch")  # it tells each step on the way
        self.words = Words([str(item["objectType"]) for item in actor.observe()])
        self.shots: list[Shot] = []
        self._shape = (0, 0, 0)
        self._text, self._below = title, ""
        self._step = self._count = self._plans = 0
        self._shoot("", READ)

    def begins(self, action: Action) -> None:
        again = "new plan, " if self._plans > 1 else ""
        self._text = self.words(action)
        self._below = f"{again}step {self._step + 1} of {self._count}"
        if not self.moves:
            self._shoot("going", SEEN)

    def moved(self) -> None:
        self._shoot("going")

    def over(self, step: TraceStep) -> None:
        if step.kind == "plan":
            self._step, self._count, self._plans = 0, len(step.plan), self._plans + 1
            return
        self._step += bool(step.ok)
        self._text = f"{'✓' if step.ok else '✗'} {self.words(step.action)}"
        self._below = self.words.message(step.message) or self._below
        self._shoot("done" if step.ok else "failed", SEEN if step.ok else READ)

    def write(self, path: Path, trace: Trace) -> Path:
        """Add how it ended, and make the mp4."""
        reached = trace.outcome == "reached"
        self._text, self._below = self.title, f"{trace.outcome}: {trace.reason}"
        self._shoot("done" if reached else "failed", READ)
        return write_video(path, self._frames(), FPS)

    def _shoot(self, mark: str, frames: int = 1) -> None:
        picture = np.ascontiguousarray(self.actor.frame())
        self._shape = picture.shape
        packed = zlib.compress(picture.tobytes(), 1)
        self.shots.append(Shot(packed, self._text, self._below, mark, frames))

    def _frames(self) -> Iterator[np.ndarray]:
        for shot in self.shots:
            picture = np.frombuffer(zlib.decompress(shot.packed), np.uint8).reshape(self._shape)
            frame = captioned(picture, shot.text, shot.below, shot.mark)
            yield from [frame] * shot.frames
