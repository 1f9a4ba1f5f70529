"""The reward head: it learns, knows where it does not, and forgets the oldest."""

from copy import deepcopy

import numpy as np
import pytest
import torch

from embodied.policies.online.reward_head import Ensemble, HeadConfig, RewardHead

from .fakes import assert_same_tree

SMALL = HeadConfig(members=3, hidden=48, updates=150, batch_size=128)


def reward(x: np.ndarray) -> np.ndarray:
    """Smooth and not linear; of the size that cosines have."""
    return (0.3 + 0.05 * np.sin(2 * x[:, 0]) + 0.03 * x[:, 1] * x[:, 2]).astype(np.float32)


def draw(seed: int, n: int, spread: float = 1.0) -> np.ndarray:
    return (spread * np.random.default_rng(seed).uniform(-1, 1, (n, 5))).astype(np.float32)


@pytest.fixture(scope="module")
def taught() -> RewardHead:
    head = RewardHead(5, SMALL)
    for seed in range(4):
        x = draw(seed, 300)
        head.add(x, reward(x))
        head.fit()
    return head


def test_learns_a_function(taught: RewardHead) -> None:
    x = draw(99, 1000)
    mean, std = taught.predict(x)
    assert mean.shape == std.shape == (1000,)
    assert np.corrcoef(mean, reward(x))[0, 1] > 0.95
    assert np.abs(mean - reward(x)).mean() < 0.01  # in the reward's own units
    assert (std >= 0).all()


def test_members_disagree_where_nothing_was_seen(taught: RewardHead) -> None:
    _, inside = taught.predict(draw(98, 500))
    _, outside = taught.predict(draw(98, 500, spread=3.0))
    assert np.median(outside) > 3 * np.median(inside)


def test_slopes_are_the_losss() -> None:
    """Of every parameter, as autograd finds them, in whatever groups the members are taken."""
    model = Ensemble(3, 5, 16, torch.Generator().manual_seed(0))
    x, target = torch.randn(3, 40, 5), torch.randn(3, 40)
    loss = (model(x) - target).square().mean()
    expected = torch.autograd.grad(loss, list(model.parameters()))
    for parameter in model.parameters():
        parameter.grad = torch.full_like(parameter, 7.0)  # left from before: written over
    with torch.no_grad():
        parts = model.slopes(slice(1), x, target) + model.slopes(slice(1, None), x, target)
    torch.testing.assert_close(parts, loss.detach())
    for parameter, slope in zip(model.parameters(), expected, strict=True):
        torch.testing.assert_close(parameter.grad, slope, atol=1e-6, rtol=1e-4)


def test_fitting_lowers_the_loss() -> None:
    head = RewardHead(5, SMALL)
    x = draw(0, 500)
    head.add(x, reward(x))
    before = head.fit(updates=1)
    assert head.fit() < 0.3 * before


def test_units_of_features_do_not_matter() -> None:
    x = draw(0, 400)
    scale = np.array([1e-1, 1.0, 50.0, 1e3, 5.0], np.float32)
    guesses = []
    for factor, shift in ((1.0, 0.0), (scale, 7 * scale)):
        head = RewardHead(5, SMALL)
        head.add(x * factor + shift, reward(x))
        head.fit()
        guesses.append(head.predict(x * factor + shift)[0])
    np.testing.assert_allclose(guesses[0], guesses[1], atol=0.01)


def test_a_constant_reward_and_a_constant_feature_are_no_trouble() -> None:
    head = RewardHead(5, SMALL)
    x = draw(0, 200)
    x[:, 4] = 3
    head.add(x, np.full(200, 0.25, np.float32))
    head.fit()
    mean, std = head.predict(x)
    np.testing.assert_allclose(mean, 0.25, atol=1e-3)
    assert std.max() < 1e-3


def test_one_scored_state_is_enough_to_go_on() -> None:
    head = RewardHead(5, SMALL)
    assert not head.ready
    head.add(draw(0, 1), np.array([0.3], np.float32))
    assert head.ready
    head.fit(updates=2)
    assert np.isfinite(head.predict(draw(1, 3))[0]).all()


def test_the_oldest_are_forgotten() -> None:
    head = RewardHead(5, HeadConfig(members=1, hidden=4, capacity=10))
    for start in range(0, 25, 5):
        head.add(np.full((5, 5), start, np.float32), np.arange(start, start + 5, dtype="f4"))
    assert head.rewards.tolist() == list(range(15, 25))
    assert head.features[:, 0].tolist() == [15] * 5 + [20] * 5
    assert head.mean[0] == 17.5


def test_a_saved_state_goes_on_bit_for_bit(taught: RewardHead) -> None:
    fresh = RewardHead(5, SMALL, seed=5)
    fresh.set_state(taught.get_state())
    probe = draw(50, 64)
    np.testing.assert_array_equal(fresh.predict(probe), taught.predict(probe))
    twins = [RewardHead(5, SMALL, seed) for seed in (1, 2)]
    for twin in twins:
        twin.set_state(deepcopy(fresh.get_state()))
        more = draw(9, 50)
        twin.add(more, reward(more))
        twin.fit()
    np.testing.assert_array_equal(twins[0].predict(probe), twins[1].predict(probe))
    assert_same_tree(twins[0].get_state(), twins[1].get_state())
