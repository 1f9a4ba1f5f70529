"""What was shown, as a film: states are kept while the simulation runs, and drawn at the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from embodied.envs.mujoco.render_pool import RenderPool
from embodied.envs.simulator import Simulator
from embodied.runs.video import write_video
from embodied.viewer.simulation import Moment

SIDE = 480
STRIDE = 2
"""Every second step is drawn."""
CHUNK = 64
LONGEST = 3600
"""Seconds that are kept, some 25 MB of states of the humanoid."""


class Recorder:
    """Takes moments with `watch`, and makes the film with `write`."""

    def __init__(self, simulator: Simulator):
        self.simulator = simulator
        self._states: list[np.ndarray] = []
        self._most = LONGEST * simulator.fps // STRIDE

    def watch(self, moment: Moment, seconds: float) -> None:
        wanted = round(seconds * self.simulator.fps) % STRIDE == 0
        if wanted and len(self._states) < self._most:
            self._states.append(moment.qpos)

    def write(self, path: Path, camera: str) -> Path:
        """Draw what was kept through `camera` into an mp4."""
        return write_video(path, self._frames(camera), max(self.simulator.fps // STRIDE, 1))

    def _frames(self, camera: str) -> Iterator[np.ndarray]:
        states = np.array(self._states)
        nq = states.shape[1]
        with RenderPool(self.simulator.model_path, CHUNK, nq, SIDE, SIDE, camera) as pool:
            for start in range(0, len(states), CHUNK):
                yield from pool.render(states[start : start + CHUNK])
