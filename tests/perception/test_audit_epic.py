"""EPIC: the closed form of the shaped reward is the definition's, and what it must not notice."""

import numpy as np
import pytest

from embodied.perception.audit.epic import CHANCE, canonical, epic


@pytest.mark.parametrize("gamma", [0.5, 0.95, 1.0])
def test_canonical_is_the_definition(gamma: float) -> None:
    """Definition 4.1, written out over all transitions of a reward of the frame a step ends in."""
    r = np.random.default_rng(0).normal(2, 3, 7)
    reward = np.tile(r, (7, 1))  # R[s, s'] = r(s')
    from_state = reward.mean(1)  # E R(s, A, S')
    shaped = reward + gamma * from_state[None, :] - from_state[:, None] - gamma * reward.mean()
    np.testing.assert_allclose(shaped, np.tile(canonical(r), (7, 1)), atol=1e-12)


def test_shaping_leaves_the_definition_where_it_is() -> None:
    """The canonical reward of r plus any potential's shaping is that of r."""
    rng = np.random.default_rng(1)
    r, potential, gamma = rng.normal(size=9), rng.normal(size=9), 0.9
    reward = np.tile(r, (9, 1)) + gamma * potential[None, :] - potential[:, None]
    from_state = reward.mean(1)
    shaped = reward + gamma * from_state[None, :] - from_state[:, None] - gamma * reward.mean()
    np.testing.assert_allclose(shaped, np.tile(canonical(r), (9, 1)), atol=1e-12)


def test_distances() -> None:
    rng = np.random.default_rng(2)
    r, other = rng.normal(size=(2, 5000))
    assert epic(r, 3 * r + 7) == pytest.approx(0, abs=1e-6)
    assert epic(r, -r) == pytest.approx(1)
    assert epic(r, other) == pytest.approx(CHANCE, abs=0.03)
    assert epic(np.ones(5000), r) == CHANCE
    assert 0 < epic(r, r + other) < CHANCE
