"""Drawing and scoring side by side: every state gets its own score, in its place."""

from typing import Any

import numpy as np
import pytest
import torch

from embodied.errors import EmbodiedError
from embodied.perception.reward import GoalBaselineReward
from embodied.perception.scorer import FrameScorer


class FakePool:
    """Draws a state as a frame that is its first number everywhere, in one of two buffers.

    As in the real one, a frame lives until the second submission after it.
    """

    capacity, views = 4, 1

    def __init__(self) -> None:
        self.buffers = [np.zeros((self.capacity, 1, 1, 3), np.uint8) for _ in range(2)]
        self.waiting: int | None = None
        self.log: list[str] = []

    def submit(self, qpos: np.ndarray) -> None:
        assert self.waiting is None, "the last submission was not collected"
        assert 0 < len(qpos) <= self.capacity
        self.buffers.reverse()
        self.buffers[0][:] = 255
        self.buffers[0][: len(qpos)] = qpos[:, 0].astype(np.uint8)[:, None, None, None]
        self.waiting = len(qpos)
        self.log.append("submit")

    def collect(self) -> np.ndarray:
        assert self.waiting is not None
        n, self.waiting = self.waiting, None
        return self.buffers[0][:n]


class FakeEncoder:
    """Embeds a frame by its brightness, as an angle; a text points to angle 0."""

    name, fingerprint, dim, image_size = "fake", "0", 2, 1
    device = torch.device("cpu")

    def __init__(self, log: list[str], broken: bool = False) -> None:
        self.log, self.broken = log, broken

    def encode_images(self, images: torch.Tensor) -> torch.Tensor:
        self.log.append("encode")
        angle = images[:, 0, 0, 0].float() / 100
        if self.broken:
            angle = angle * float("nan")
        return torch.stack([angle.cos(), angle.sin()], dim=1)

    def encode_texts(self, texts: list[str]) -> torch.Tensor:
        return torch.tensor([[1.0, 0.0]] * len(texts))


def make(broken: bool = False) -> tuple[FrameScorer, FakePool]:
    pool = FakePool()
    encoder: Any = FakeEncoder(pool.log, broken)
    return FrameScorer(pool, GoalBaselineReward(encoder, ["goal"])), pool


def states(*numbers: int) -> np.ndarray:
    return np.array(numbers, float)[:, None].repeat(24, axis=1)


def expected(*numbers: int) -> np.ndarray:
    return np.cos(np.array(numbers) / 100)


def test_each_submission_gets_its_scores_in_order() -> None:
    scorer, _ = make()
    batches = [(5,), (1, 2, 3, 4), tuple(range(10, 19)), (7, 8), tuple(range(30, 38))]
    for batch in batches:
        scorer.submit(states(*batch))
    scores = scorer.drain()
    assert len(scores) == len(batches)
    for batch, score in zip(batches, scores, strict=True):
        assert score.dtype == np.float32
        np.testing.assert_allclose(score, expected(*batch), atol=1e-5)
    assert scorer.reward.calls == sum(map(len, batches))


def test_drain_starts_anew() -> None:
    scorer, _ = make()
    assert scorer.drain() == []
    scorer.submit(states(1))
    assert len(scorer.drain()) == 1
    assert scorer.drain() == []
    scorer.submit(states(2, 3))
    scorer.submit(states(4))
    np.testing.assert_allclose(np.concatenate(scorer.drain()), expected(2, 3, 4), atol=1e-5)


def test_the_next_batch_is_drawn_while_one_is_encoded() -> None:
    scorer, pool = make()
    for number in range(3):
        scorer.submit(states(*[number] * pool.capacity))
    assert pool.log == ["submit", "submit", "encode", "submit", "encode"]
    scorer.drain()
    assert pool.log[-1] == "encode"


def test_few_states_wait_until_there_is_a_batch_of_them() -> None:
    scorer, pool = make()
    batches = [(1, 2, 3), (4, 5), (), (6, 7, 8), (9,)]
    for batch in batches[:3]:
        scorer.submit(states(*batch).reshape(-1, 24))
    assert pool.log == ["submit"]
    for batch in batches[3:]:
        scorer.submit(states(*batch))
    assert pool.log == ["submit", "submit", "encode"]
    scores = scorer.drain()
    assert pool.log[3:] == ["submit", "encode", "encode"]
    for batch, score in zip(batches, scores, strict=True):
        np.testing.assert_allclose(score, expected(*batch), atol=1e-5)


def test_nothing_submitted_is_a_submission() -> None:
    scorer, pool = make()
    scorer.submit(np.zeros((0, 24)))
    assert [len(score) for score in scorer.drain()] == [0]
    assert pool.log == []


def test_an_encoder_that_gives_no_number_is_an_error() -> None:
    scorer, _ = make(broken=True)
    scorer.submit(states(1, 2))
    with pytest.raises(EmbodiedError, match=r"no reward from fake: .* 2 of 2 frames"):
        scorer.drain()


def test_the_mean_over_the_views_of_a_state_is_its_reward() -> None:
    class TwoViews(FakePool):
        """Draws each state twice, the second time turned by 40."""

        capacity, views = 4, 2

        def collect(self) -> np.ndarray:
            frames = super().collect()
            return np.stack([frames, frames + 40], axis=1).reshape(-1, 1, 1, 3)

    pool = TwoViews()
    reward = GoalBaselineReward(FakeEncoder(pool.log), ["goal"])
    scorer = FrameScorer(pool, reward, batch=3)
    numbers = np.arange(0.0, 50, 10)[:, None]
    scorer.submit(numbers)
    (scores,) = scorer.drain()
    angles = np.stack([numbers[:, 0], numbers[:, 0] + 40]) / 100
    np.testing.assert_allclose(scores, np.cos(angles).mean(0), atol=1e-6)
