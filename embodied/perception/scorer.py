"""Frames drawn by a pool of renderers and scored by a VLM's reward, the one beside the other."""

from typing import Protocol

import numpy as np

from embodied.errors import EmbodiedError
from embodied.perception.reward import GoalBaselineReward


class FramePool(Protocol):
    """Draws states in the background: `embodied.envs.mujoco.render_pool.RenderPool`."""

    capacity: int

    def submit(self, qpos: np.ndarray) -> None: ...

    def collect(self) -> np.ndarray: ...


class FrameScorer:
    """States in, rewards out. While one batch is encoded, the workers draw the next."""

    def __init__(self, pool: FramePool, reward: GoalBaselineReward):
        self.pool, self.reward = pool, reward
        self._drawing = False
        self._scores: list[list[np.ndarray]] = []

    def submit(self, qpos: np.ndarray) -> None:
        """Start drawing states [n, nq]; meanwhile score the frames of the submission before."""
        pieces = [qpos[i : i + self.pool.capacity] for i in range(0, len(qpos), self.pool.capacity)]
        for number, piece in enumerate(pieces):
            frames = self.pool.collect() if self._drawing else None
            self.pool.submit(piece)
            self._drawing = True
            if frames is not None:
                self._score(frames)
            if number == 0:
                self._scores.append([])

    def drain(self) -> list[np.ndarray]:
        """Rewards float32 [n] of each submission since the last drain; waits for the last one."""
        if self._drawing:
            self._score(self.pool.collect())
            self._drawing = False
        scores, self._scores = [np.concatenate(s) for s in self._scores], []
        return scores

    def _score(self, frames: np.ndarray) -> None:
        signal = self.reward(frames)
        if signal.reason:
            raise EmbodiedError(f"no reward from {self.reward.encoder.name}: {signal.reason}")
        self._scores[-1].append(signal.values)
