"""Frames drawn by a pool of renderers and scored by a VLM's reward, the one beside the other."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Generic, Protocol, TypeVar

import numpy as np

from embodied.errors import EmbodiedError
from embodied.perception.reward_model import RewardModel
from embodied.signals import Reward

BATCH = 64

Model = TypeVar("Model", bound=RewardModel)


class FramePool(Protocol):
    """Draws states in the background: `embodied.envs.mujoco.render_pool.RenderPool`."""

    capacity: int
    views: int

    def submit(self, qpos: np.ndarray) -> None: ...

    def collect(self) -> np.ndarray: ...


class FrameScorer(Generic[Model]):
    """States in, rewards out. While one batch is encoded, the workers draw the next.

    States are drawn and encoded in batches of one size, however few come at a time: an encoder is
    slow on small ones, and the rewards then do not depend on how fast anything was.

    Args:
        pool: draws the states; where it draws each by several cameras, their mean is the reward.
        reward: scores the frames; it observes images.
        batch: states drawn and encoded at once, at most the pool's capacity.
        threads: torch's threads for encoding while the workers draw; None for all of them.
            A light encoder on the CPU is best off with `spare_threads()`.
    """

    def __init__(
        self,
        pool: FramePool,
        reward: Model,
        batch: int = BATCH,
        threads: int | None = None,
    ):
        self.pool, self.reward, self.threads = pool, reward, threads
        self.batch = min(batch, pool.capacity)
        self.views = pool.views
        self._drawing = False
        self._ahead: list[np.ndarray] = []
        self._sizes: list[int] = []
        self._scores: list[np.ndarray] = []

    def submit(self, qpos: np.ndarray) -> None:
        """Take states [n, nq]; a full batch is drawn while the one before it is scored."""
        self._sizes.append(len(qpos))
        self._ahead.append(qpos)
        if sum(map(len, self._ahead)) >= self.batch:
            self._send(self.batch)

    def drain(self) -> list[np.ndarray]:
        """Rewards float32 [n] of each submission since the last drain; waits for the last one."""
        if self._ahead:
            self._send(1)
        if self._drawing:
            self._score(self.pool.collect())
            self._drawing = False
        scores = np.concatenate([np.zeros(0, np.float32), *self._scores])
        pieces = np.split(scores, np.cumsum(self._sizes)[:-1]) if self._sizes else []
        self._sizes, self._scores = [], []
        return pieces

    def _send(self, least: int) -> None:
        """Have what is waiting drawn in full batches, but for fewer than `least` states."""
        states = np.concatenate(self._ahead)
        while len(states) >= least:
            frames = self.pool.collect() if self._drawing else None
            self.pool.submit(states[: self.batch])
            self._drawing, states = True, states[self.batch :]
            if frames is not None:
                with torch_threads(self.threads) if self.threads else nullcontext():
                    self._score(frames)
        self._ahead = [states]

    def _score(self, frames: np.ndarray) -> None:
        signal = self.reward(frames)
        if not isinstance(signal, Reward) or len(signal.values) != len(frames):
            raise EmbodiedError(f"{self.reward.name} must give one value for each frame")
        if signal.reason:
            raise EmbodiedError(f"no reward from {self.reward.name}: {signal.reason}")
        self._scores.append(signal.values.reshape(-1, self.views).mean(1))


def spare_threads() -> int:
    """Threads for an encoder that needs a small part of the time that drawing takes.

    A renderer runs on every core, and torch's threads wait for each other in lockstep, so each
    that has to share its core holds up all: an eighth of the cores, at least one.
    """
    return max(1, (os.cpu_count() or 1) // 8)


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """Torch uses this many threads inside the block."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
