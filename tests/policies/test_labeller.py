"""Rewards within a budget of VLM calls, and the audit of what stands in for the VLM."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embodied.policies.online.labeller import AUDIT, CAUTION, Labeller
from embodied.policies.online.reward_head import HeadConfig, RewardHead

from .fakes import FakeScorer, assert_same_tree

TINY = HeadConfig(members=2, hidden=8, updates=2, batch_size=8)


def first(qpos: np.ndarray) -> np.ndarray:
    """A reward: the state's first number."""
    return qpos[:, 0].astype(np.float32)


def features(qpos: np.ndarray) -> np.ndarray:
    return qpos.astype(np.float32)


def make(
    budget: float, total: int, seed: int = 0, head: HeadConfig = TINY, width: int = 4
) -> tuple[Labeller, FakeScorer]:
    scorer = FakeScorer(first)
    labeller = Labeller(scorer, features, width, budget, total, seed)
    if labeller.head is not None:
        labeller.head = RewardHead(width, head, seed)
    return labeller, scorer


def states(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((*shape, 4))


@settings(max_examples=40, deadline=None)
@given(
    budget=st.floats(0.001, 1.0),
    envs=st.integers(1, 40),
    steps=st.integers(1, 12),
    rollouts=st.integers(1, 6),
    overrun=st.sampled_from([1.0, 0.5, 0.1]),
)
def test_calls_never_exceed_the_budget(
    budget: float, envs: int, steps: int, rollouts: int, overrun: float
) -> None:
    """Nor in a run that is longer than was said, nor before its end."""
    total = max(int(envs * steps * rollouts * overrun), 1)
    labeller, scorer = make(budget, total)
    for rollout in range(rollouts):
        qpos = states(rollout, steps, envs)
        for step in qpos:
            labeller.observe(step)
            assert labeller.calls <= labeller.seen
            if budget < 1:
                assert labeller.calls <= budget * total
        rewards = labeller.label()
        assert rewards.shape == (steps * envs,)
        assert np.isfinite(rewards).all()
    assert labeller.calls == sum(map(len, scorer.asked))


@pytest.mark.parametrize("budget", [0.05, 0.3, 0.9])
def test_the_budget_is_spent_and_more_of_it_early(budget: float) -> None:
    labeller, _ = make(budget, 2000)
    spent = []
    for rollout in range(20):
        for step in states(rollout, 10, 10):
            labeller.observe(step)
        labeller.label()
        spent.append(labeller.calls)
    assert spent[-1] == pytest.approx(budget * 2000, abs=1)
    if budget < 0.5:  # else there are too few states
        assert spent[1] > 2.5 * (spent[-1] - spent[-3])
    assert (np.diff(spent) > 0).all()


def test_budget_1_scores_each_state_once_and_in_order() -> None:
    labeller, scorer = make(1.0, 60)
    for rollout in range(3):
        qpos = states(rollout, 4, 5)
        for step in qpos:
            labeller.observe(step)
        assert [a.shape for a in scorer.asked[-4:]] == [(5, 4)] * 4
        np.testing.assert_array_equal(np.array(scorer.asked[-4:]), qpos)
        np.testing.assert_array_equal(labeller.label(), first(qpos.reshape(-1, 4)))
    assert labeller.calls == labeller.seen == 60
    assert labeller.head is None


def test_scored_states_keep_the_vlms_own_answer() -> None:
    labeller, scorer = make(0.3, 400)
    for rollout in range(4):
        qpos = states(rollout, 10, 10)
        before = len(scorer.asked)
        for step in qpos:
            labeller.observe(step)
        rewards = labeller.label()
        asked = np.concatenate(scorer.asked[before:])
        flat = qpos.reshape(-1, 4)
        rows = [int(np.flatnonzero((flat == state).all(axis=1))[0]) for state in asked]
        assert len(set(rows)) == len(rows)
        np.testing.assert_array_equal(rewards[rows], first(asked))


class Stub(RewardHead):
    """Knows the reward of sure states; wrong by `wrong` where it is unsure (last number > 0)."""

    wrong = 1.0
    ready = True  # pyright: ignore

    def __init__(self) -> None:
        super().__init__(4, TINY)
        self.learned: list[np.ndarray] = []

    def predict(self, features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        unsure = np.where(features[:, 3] > 0, features[:, 3], 0)
        return features[:, 0] + self.wrong * (unsure > 0), unsure

    def add(self, features: np.ndarray, rewards: np.ndarray) -> None:
        self.learned.append(features)

    def fit(self, updates: int | None = None) -> float:
        return 0.0


def with_unsure_states(seed: int, n: int, share: float) -> np.ndarray:
    rng = np.random.default_rng(seed)
    qpos = rng.standard_normal((n, 4))
    qpos[:, 3] = np.where(rng.random(n) < share, rng.uniform(1, 2, n), -1)
    return qpos.astype(np.float32).astype(float)


def test_the_most_unsure_states_are_scored_beside_some_at_random() -> None:
    labeller, scorer = make(0.1, 4000)
    labeller.head = Stub()
    for rollout in range(4):
        labeller.observe(with_unsure_states(rollout, 1000, share=0.5))
        labeller.label()
    for asked in scorer.asked:
        random = max(int(AUDIT * len(asked)), 1)
        chosen, picked = asked[:random], asked[random:]
        assert (picked[:, 3] > 0).all()
        assert picked[:, 3].min() > 1.5  # of those, the most unsure
        assert 0.25 < (chosen[:, 3] > 0).mean() < 0.75  # as they come
    np.testing.assert_array_equal(
        np.concatenate(labeller.head.learned), np.concatenate(scorer.asked)
    )


def test_the_audit_is_of_random_states_alone() -> None:
    """The head is wrong on a tenth of the states, and on most of those that it asks about."""
    labeller, scorer = make(0.2, 20_000)
    labeller.head = Stub()
    errors, correlations = [], []
    for rollout in range(10):
        labeller.observe(with_unsure_states(rollout, 2000, share=0.1))
        labeller.label()
        assert labeller.audit.n == int(AUDIT * len(scorer.asked[-1]))
        errors.append(labeller.audit.error)
        correlations.append(labeller.audit.correlation)
    assert np.mean(errors) == pytest.approx(np.sqrt(0.1), abs=0.05)
    asked = np.concatenate(scorer.asked)
    assert (asked[:, 3] > 0).mean() > 0.3  # an audit of all of them would say 0.55 or more
    assert np.mean(correlations) == pytest.approx(1 / np.sqrt(1 + 0.1 * 0.9), abs=0.03)


def test_an_unsure_head_is_not_trusted() -> None:
    labeller, _ = make(0.001, 1000)
    labeller.head = Stub()
    qpos = with_unsure_states(0, 100, share=0.5)
    labeller.observe(qpos)
    rewards = labeller.label()
    expected, unsure = Stub().predict(features(qpos))
    assert labeller.calls <= 1
    different = np.abs(rewards - (expected - CAUTION * unsure)) > 1e-6
    assert different.sum() <= labeller.calls


def test_the_head_learns_what_the_vlm_says() -> None:
    labeller, _ = make(0.2, 4000, head=HeadConfig(hidden=32, updates=60, batch_size=128))
    for rollout in range(10):
        qpos = states(rollout, 20, 20)
        for step in qpos:
            labeller.observe(step)
        rewards = labeller.label()
    true = first(qpos.reshape(-1, 4))
    assert np.corrcoef(rewards, true)[0, 1] > 0.95
    assert labeller.audit.correlation > 0.9
    assert labeller.audit.error < 0.4


def test_no_audit_before_there_is_anything_to_audit() -> None:
    labeller, _ = make(0.1, 1000)
    assert np.isnan(labeller.audit.correlation)
    labeller.observe(states(0, 100))
    labeller.label()
    assert labeller.audit.n == 0


def run(labeller: Labeller, rollouts: range) -> list[np.ndarray]:
    rewards = []
    for rollout in rollouts:
        for step in states(rollout, 8, 10):
            labeller.observe(step)
        rewards.append(labeller.label())
    return rewards


def test_the_seed_decides_and_a_saved_state_goes_on() -> None:
    one, asked = make(0.2, 800)
    expected = run(one, range(10))
    again, same = make(0.2, 800)
    np.testing.assert_array_equal(run(again, range(10)), expected)
    np.testing.assert_array_equal(np.concatenate(same.asked), np.concatenate(asked.asked))
    other, _ = make(0.2, 800, seed=1)
    assert not np.array_equal(run(other, range(10)), expected)

    half, _ = make(0.2, 800)
    run(half, range(5))
    resumed, _ = make(0.2, 800, seed=7)
    resumed.set_state(half.get_state())
    np.testing.assert_array_equal(run(resumed, range(5, 10)), expected[5:])
    assert (resumed.calls, resumed.seen) == (one.calls, one.seen)
    assert_same_tree(resumed.get_state(), one.get_state())


def test_states_without_a_call_wait_for_the_first_answer() -> None:
    """A budget so small that the first rollout has no call: nothing is made up."""
    labeller, scorer = make(0.01, 1000)
    labeller.observe(states(0, 10))
    assert scorer.asked == []
    rewards: Any = labeller.label()
    np.testing.assert_array_equal(rewards, np.zeros(10))
