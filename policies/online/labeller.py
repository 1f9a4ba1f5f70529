"""Rewards for every state of a rollout, with the VLM asked about few of them.

While the simulation goes on, the states that the head is least sure of are drawn and scored beside
it. At the rollout's end the head learns from the answers and rewards all states; the ones that were
drawn at random audit it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from embodied.policies.online.reward_head import RewardHead

WARM_UP = 0.1
"""Share of the run in which the budget is front-loaded,"""
FRONT = 0.4
"""and the share of the budget that is spent evenly within it, on top of the even rest."""
AUDIT = 0.3
"""Share of the scored states that are drawn at random: they measure the head without bias."""
CAUTION = 0.5
"""Standard deviations by which an unsure head's reward is lowered, lest its errors be exploited."""


class Scorer(Protocol):
    """Draws states and asks the VLM, in the background.

    views: frames that it looks at for each state.
    """

    views: int

    def submit(self, qpos: np.ndarray) -> None:
        """Start on states [n, nq]; returns at once where the last submission is done."""
        ...

    def drain(self) -> list[np.ndarray]:
        """Rewards of all submissions since the last drain, in their order; waits for them."""
        ...


@dataclass
class Audit:
    """The head against the VLM on states drawn at random, before it learned from them.

    correlation: Pearson's. error: root mean square, in the VLM's units. n: states.
    """

    correlation: float = float("nan")
    error: float = float("nan")
    n: int = 0


class Labeller:
    """Rewards rollouts within a budget of states for the VLM.

    Args:
        scorer: the VLM.
        features: states [n, nq] -> what the head sees [n, D].
        budget: share of states that the VLM scores; 1 scores them all and has no head.
        total_steps: states of the whole run.

    calls: states that the VLM has scored.
    """

    def __init__(
        self,
        scorer: Scorer,
        features: Callable[[np.ndarray], np.ndarray],
        inputs: int,
        budget: float,
        total_steps: int,
        seed: int,
    ):
        self.scorer, self.features = scorer, features
        self.budget, self.total_steps = budget, total_steps
        self.rng = np.random.default_rng(seed)
        self.head = RewardHead(inputs, seed=seed) if budget < 1 else None
        self.calls = 0
        self.seen = 0
        self.audit = Audit()
        self._states: list[np.ndarray] = []
        self._chosen: list[tuple[np.ndarray, np.ndarray]] = []

    @property
    def vlm_calls(self) -> int:
        """Frames that the VLM has been shown."""
        return self.calls * self.scorer.views

    def observe(self, qpos: np.ndarray) -> None:
        """Take in the next states [n, nq] of the rollout and submit the ones worth a call."""
        start = sum(map(len, self._states))
        self._states.append(qpos)
        self.seen += len(qpos)
        count = min(self._allowance() - self.calls, len(qpos))
        if count <= 0:
            return
        rows, random = self._choose(qpos, count)
        self.calls += len(rows)
        self._chosen.append((start + rows, random))
        self.scorer.submit(qpos[rows])

    def label(self) -> np.ndarray:
        """Rewards of all states observed since the last call, [N]."""
        qpos = np.concatenate(self._states)
        scores = self.scorer.drain()
        rows = np.concatenate([r for r, _ in self._chosen]) if self._chosen else np.zeros(0, int)
        scored = np.concatenate(scores) if scores else np.zeros(0, np.float32)
        rewards = np.zeros(len(qpos), np.float32)  # until the VLM has said anything
        if self.head is not None:
            features = self.features(qpos)
            if len(rows):
                random = np.concatenate([r for _, r in self._chosen])
                self._check_head(features[rows[random]], scored[random])
                self.head.add(features[rows], scored)
            if self.head.ready:
                self.head.fit()
                mean, std = self.head.predict(features)
                rewards = mean - CAUTION * std
        rewards[rows] = scored
        self._states, self._chosen = [], []
        return rewards

    def _allowance(self) -> int:
        """Calls that the budget allows by now."""
        if self.budget >= 1:
            return self.seen
        front = FRONT * min(1.0, self.seen / (WARM_UP * self.total_steps))
        even = (1 - FRONT) * min(1.0, self.seen / self.total_steps)
        return int(self.budget * self.total_steps * (front + even))

    def _choose(self, qpos: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows to score and which of them were picked at random."""
        if count == len(qpos):
            return np.arange(count), np.ones(count, bool)
        order = self.rng.permutation(len(qpos))
        if self.head is None or not self.head.ready:
            return order[:count], np.ones(count, bool)
        random = max(int(AUDIT * count), 1)
        rest = order[random:]
        _, std = self.head.predict(self.features(qpos[rest]))
        unsure = rest[np.argsort(-std, kind="stable")[: count - random]]
        return np.concatenate([order[:random], unsure]), np.arange(count) < random

    def _check_head(self, features: np.ndarray, scored: np.ndarray) -> None:
        if self.head is None or not self.head.ready or len(scored) < 8:
            return
        guess, _ = self.head.predict(features)
        error = float(np.sqrt(np.mean((guess - scored) ** 2)))
        spread = guess.std() * scored.std()
        correlation = float(np.corrcoef(guess, scored)[0, 1]) if spread > 1e-9 else float("nan")
        self.audit = Audit(correlation, error, len(scored))

    def get_state(self) -> dict:
        """State between rollouts."""
        return {
            "rng": self.rng.bit_generator.state,
            "head": self.head.get_state() if self.head else None,
            "calls": self.calls,
            "seen": self.seen,
            "audit": [self.audit.correlation, self.audit.error, self.audit.n],
        }

    def set_state(self, state: dict) -> None:
        self.rng.bit_generator.state = state["rng"]
        if self.head and state["head"]:
            self.head.set_state(state["head"])
        self.calls, self.seen = state["calls"], state["seen"]
        self.audit = Audit(*state["audit"])
