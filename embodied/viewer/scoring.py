"""Scores of the newest state, beside the simulation: states that come too fast are dropped."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from embodied.envs.mujoco.render_pool import RenderPool
from embodied.envs.simulator import Simulator
from embodied.errors import EmbodiedError
from embodied.perception.reward import GoalBaselineReward
from embodied.viewer.simulation import Moment
from embodied.viewer.wishes import Wishes
from embodied.viewer.worker import Worker

if TYPE_CHECKING:
    from torch import Tensor

QUIET = 0.4
"""Seconds without another key before a prompt is encoded."""
HZ = 20.0
"""Frames scored in a second at most: more than a person follows; a browser needs the cores too."""
MOST = 1200
"""Scored frames that are remembered, a minute of them."""


@dataclass(frozen=True)
class Compared:
    """What one prompt alone makes of the present frame: the cosine, and the reward with the page's
    baseline and α."""

    prompt: str
    goal: float
    reward: float


@dataclass(frozen=True)
class Scores:
    """What is known of the newest scored frame, uint8 [S, S, 3], `seconds` into what was shown.

    curve: float32 [n, 4], of each remembered frame its seconds, reward, goal and baseline score;
        the baseline is NaN where there is none. All are of the present prompts: frames are
        remembered as embeddings, and scored anew when a prompt changes.
    """

    frame: np.ndarray
    step: int
    curve: np.ndarray
    compared: tuple[Compared, ...] = ()

    @property
    def reward(self) -> float:
        return float(self.curve[-1, 1])

    @property
    def goal(self) -> float:
        return float(self.curve[-1, 2])

    @property
    def baseline(self) -> float:
        return float(self.curve[-1, 3])


@dataclass
class Tally:
    """What scoring did: frames scored, frames never looked at, seconds since the start."""

    scored: int = 0
    dropped: int = 0
    begun: float = field(default_factory=time.perf_counter)

    @property
    def per_second(self) -> float:
        return self.scored / max(time.perf_counter() - self.begun, 1e-9)


class Scoring(Worker):
    """A thread that draws and scores the newest moment it was offered.

    Args:
        reward: scores frames; prompts are changed through `ask`.
        simulator: how states are drawn, through the camera `wishes.camera`.
        camera: the first one; the simulator's own if not given.
        threads: torch's threads for the encoder.

    `latest` is the newest answer; `problem` says why the prompts asked for last cannot be scored,
    and the ones before are kept.
    """

    def __init__(
        self,
        reward: GoalBaselineReward,
        simulator: Simulator,
        threads: int = 1,
        camera: str | None = None,
    ):
        super().__init__("scoring", self._score_all)
        self.reward, self.simulator, self.threads = reward, simulator, threads
        self.latest: Scores | None = None
        self.problem = ""
        self.tally = Tally()
        self.wishes = Wishes(
            reward.goal_prompts,
            reward.baseline_prompts,
            reward.alpha,
            camera or simulator.camera,
        )
        self._granted = self.wishes
        self._compared: tuple[GoalBaselineReward, ...] = ()
        self._when = self._due = 0.0
        self._offer: tuple[Moment, float] | None = None
        self._seen: tuple[Moment, float] | None = None
        self._frame = np.zeros((reward.image_size, reward.image_size, 3), np.uint8)
        self._step = 0
        self._seconds: deque[float] = deque(maxlen=MOST)
        self._embeddings: deque[Tensor] = deque(maxlen=MOST)
        self._parts: deque[tuple[float, ...]] = deque(maxlen=MOST)

    def offer(self, moment: Moment, seconds: float) -> None:
        """Take a moment to score; one that was not yet begun is dropped. Never waits for long."""
        with self.changed:
            self.tally.dropped += self._offer is not None
            self._offer = moment, seconds
            self.changed.notify_all()

    def ask(self, change: Callable[[Wishes], Wishes]) -> None:
        """Change what is asked; takes effect when nothing else was changed for `QUIET` seconds."""
        with self.changed:
            self.wishes = change(self.wishes)
            self._when = time.perf_counter() + QUIET
            self.changed.notify_all()

    def _score_all(self) -> None:
        import torch

        torch.set_num_threads(self.threads)
        while self._serve():
            pass

    def _serve(self) -> bool:
        """Work through one camera's frames; False when it is time to end."""
        side = self.reward.image_size
        camera = self._granted.camera
        path, nq = self.simulator.model_path, self.simulator.load().nq
        with RenderPool(path, 1, nq, side, side, camera, workers=1) as pool:
            while not self.ended:
                offer, asked = self._wait()
                if asked:
                    self._grant()
                    if self._granted.camera != camera:
                        return True
                if offer:
                    self._seen = offer
                    self._score(pool, *offer)
                if (offer or asked) and self._embeddings:
                    self._publish()
        return False

    def _wait(self) -> tuple[tuple[Moment, float] | None, bool]:
        """The moment offered last, and whether new wishes are due; waits for either."""
        with self.changed:
            while not self.ended:
                now = time.perf_counter()
                asked = self.wishes != self._granted and now >= self._when
                if asked or (self._offer and now >= self._due):
                    offer, self._offer = self._offer, None
                    self._due = max(self._due, now - 1 / HZ) + 1 / HZ
                    return offer, asked
                until = [self._when] if self.wishes != self._granted else []
                until += [self._due] if self._offer else []
                self.changed.wait(min(until) - now if until else None)
        return None, False

    def _grant(self) -> None:
        """Do what was asked; prompts that cannot work are a `problem`, and the old ones stay."""
        before, wishes = self._granted, self.wishes
        self._granted = wishes
        if wishes.camera != before.camera:  # other pictures: the curve begins anew
            for memory in (self._seconds, self._embeddings, self._parts):
                memory.clear()
            with self.changed:
                self._offer = self._offer or self._seen
        try:
            wishes.check()
            reward = self.reward.with_prompts(
                wishes.goal, wishes.baseline, wishes.alpha if wishes.baseline else 0.0
            )
            self._compared = tuple(reward.with_prompts([text]) for text in wishes.compare)
        except EmbodiedError as error:
            self.problem = str(error)
            return
        self.problem = ""
        self.reward = reward
        if self._embeddings:
            self._parts.clear()
            self._parts.extend(self._judge(self._embeddings))

    def _score(self, pool: RenderPool, moment: Moment, seconds: float) -> None:
        import torch

        self._frame = pool.render(moment.qpos[None])[0]
        self._step = moment.step
        embedding = self.reward.encoder.encode_images(torch.as_tensor(self._frame[None]))
        if self._seconds and self._seconds[-1] >= seconds:  # another state at the same time
            for memory in (self._seconds, self._embeddings, self._parts):
                memory.pop()
        self._seconds.append(seconds)
        self._embeddings.append(embedding[0])
        self._parts.extend(self._judge([embedding[0]]))
        self.tally.scored += 1

    def _judge(self, embeddings: Sequence[Tensor] | deque[Tensor]) -> list[tuple[float, ...]]:
        import torch

        parts = self.reward.parts(torch.stack(list(embeddings)))
        columns = (parts["reward"], parts["goal"], parts["baseline"])
        return list(zip(*(column.tolist() for column in columns), strict=True))

    def _publish(self) -> None:
        newest = self._embeddings[-1][None]
        compared = []
        for reward in self._compared:
            parts = reward.parts(newest)
            prompt = reward.goal_prompts[0]
            compared.append(Compared(prompt, float(parts["goal"][0]), float(parts["reward"][0])))
        curve = np.column_stack([np.array(self._seconds), np.array(self._parts)])
        self.latest = Scores(self._frame, self._step, curve.astype(np.float32), tuple(compared))
