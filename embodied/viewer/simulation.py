"""A source of states, stepped at its own pace in a thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from embodied.viewer.worker import Worker

FORGIVEN = 0.25
"""Seconds behind from which on the clock is set anew: a laptop that slept does not race."""


@dataclass(frozen=True)
class Moment:
    """One state to show.

    qpos: [nq]. step: of the episode, 0 after a reset. success: what the task's checker says, None
    if it was not asked. over: whether the episode ended with it.
    """

    qpos: np.ndarray
    step: int
    success: bool | None = None
    over: bool = False


Watcher = Callable[[Moment, float], None]


class Source(Protocol):
    """Where states come from: `live.Live` or `playback.Playback`."""

    def restart(self) -> Moment: ...

    def advance(self) -> Moment: ...


@dataclass
class Pace:
    """What stepping cost. A step is late if it ends after the next one was due."""

    steps: int = 0
    late: int = 0
    busy: float = 0.0

    @property
    def late_share(self) -> float:
        return self.late / max(self.steps, 1)

    @property
    def loop_ms(self) -> float:
        """Mean time of a step in milliseconds."""
        return 1000 * self.busy / max(self.steps, 1)


class Simulation(Worker):
    """Steps a source `fps` times a second, times `speed`; every method may come from any thread.

    watchers: called with each new moment and the seconds shown so far, from the thread that made
        it.
    """

    def __init__(self, source: Source, fps: float, watchers: list[Watcher]):
        super().__init__("simulation", self._keep_pace)
        self.source, self.fps, self.watchers = source, fps, watchers
        self.speed = 1.0
        self.running = True
        self.pace = Pace()
        self.shown = 0
        self._show(source.restart())

    def pause(self) -> None:
        with self.changed:
            self.running = False

    def play(self) -> None:
        with self.changed:
            self.running = True
            self.changed.notify_all()

    def step(self) -> None:
        """Pause, and go on by one step."""
        with self.changed:
            self.running = False
            self._advance()

    def reset(self) -> None:
        """Begin a new episode; goes on or stays paused as before."""
        self.change(lambda: self.source.restart())

    def change(self, new: Callable[[], Moment]) -> None:
        """Show the moment that `new` makes, between two steps."""
        with self.changed:
            self._show(new())

    def set_speed(self, speed: float) -> None:
        """How many times faster than real time."""
        with self.changed:
            self.speed = speed
            self.changed.notify_all()

    def _advance(self) -> None:
        moment = self.source.advance()
        self.shown += 1
        self._show(moment)

    def _show(self, moment: Moment) -> None:
        self.moment = moment
        for watch in self.watchers:
            watch(moment, self.shown / self.fps)

    def _keep_pace(self) -> None:
        due = time.perf_counter()
        with self.changed:
            while not self.ended:
                if not self.running:
                    self.changed.wait()
                    due = time.perf_counter()
                    continue
                begin = time.perf_counter()
                if begin < due:
                    self.changed.wait(due - begin)
                    continue
                self._advance()
                end = time.perf_counter()
                due += 1 / (self.fps * self.speed)
                self.pace.steps += 1
                self.pace.late += end > due
                self.pace.busy += end - begin
                if end > due + FORGIVEN:
                    due = end
                if end > due:  # one that is always late would never let go of the lock
                    self.changed.wait(0.0005)
