"""The equations of classic control: Gymnasium's own, step by step, and what we add to them."""

from typing import Any

import gymnasium as gym
import numpy as np
import pytest

from embodied.envs.mujoco.classic import cartpole, mountain_car
from embodied.envs.mujoco.classic.system import advance


def test_cartpole_moves_as_gymnasiums_even_when_the_pole_has_fallen() -> None:
    reference: Any = gym.make("CartPole-v1").unwrapped
    reference.reset(seed=0)
    rng = np.random.default_rng(0)
    fallen = 0
    for _ in range(300):
        state = rng.uniform([-2.3, -1, -3, -2], [2.3, 1, 3, 2])
        action = int(rng.integers(2))
        reference.state, reference.steps_beyond_terminated = state.copy(), None
        reference.step(action)
        ours, failed = advance(cartpole.DISCRETE, state[None], np.array([action]))
        np.testing.assert_allclose(ours[0], reference.state, rtol=1e-12)
        assert not failed[0]
        fallen += abs(state[2]) > 0.21
    assert fallen > 200


def test_a_whole_discrete_episode_is_gymnasiums() -> None:
    reference: Any = gym.make("CartPole-v1").unwrapped
    reference.reset(seed=3)
    state = np.array(reference.state)[None]
    for step in range(60):
        action = int(state[0, 2] > 0)  # it stays up for a while
        reference.step(action)
        state, _ = advance(cartpole.DISCRETE, state, np.array([action]))
        np.testing.assert_allclose(state[0], reference.state, rtol=1e-9, err_msg=str(step))


def test_both_action_spaces_push_alike() -> None:
    states = cartpole.start(np.random.default_rng(0), 4)
    one, _ = advance(cartpole.DISCRETE, states, np.array([0, 1, 0, 1]))
    other, _ = advance(cartpole.CONTINUOUS, states, np.array([[-1.0], [1.0], [-9.0], [9.0]]))
    np.testing.assert_array_equal(one, other)


def test_mountain_car_moves_as_gymnasiums() -> None:
    reference: Any = gym.make("MountainCarContinuous-v0").unwrapped
    reference.reset(seed=0)
    rng = np.random.default_rng(0)
    ends = 0
    for _ in range(500):
        state = rng.uniform([-1.25, -0.08], [0.65, 0.08]).clip([-1.2, -0.07], [0.6, 0.07])
        action = rng.uniform(-1.3, 1.3, 1)
        reference.state = state.copy()
        after = reference.step(action)[0]
        ours, _ = advance(mountain_car.MOUNTAIN_CAR, state[None], action[None])
        np.testing.assert_allclose(ours[0], after, atol=1e-7)
        ends += after[0] in (np.float32(-1.2), np.float32(0.6))
    assert ends > 20


@pytest.mark.parametrize("side", [-1, 1])
def test_the_cart_stops_at_the_end_of_its_track_and_jerks_the_pole(side: int) -> None:
    state = np.array([[side * 2.39, side * 2.0, 0.0, 0.0]])
    after, _ = advance(cartpole.CONTINUOUS, state, np.zeros((1, 1)))
    assert after[0, 0] == side * cartpole.TRACK
    assert after[0, 1] == 0
    # (4/3) m l² ω + m l v cos θ is kept: ω = 3 v / (4 l) = 3 rad/s.
    assert after[0, 3] == pytest.approx(side * 3.0, rel=1e-6)
    for _ in range(20):
        after, _ = advance(cartpole.CONTINUOUS, after, np.full((1, 1), float(side)))
        assert np.abs(after[0, 0]) == cartpole.TRACK
    for _ in range(20):  # and it can leave again
        after, _ = advance(cartpole.CONTINUOUS, after, np.full((1, 1), float(-side)))
    assert np.abs(after[0, 0]) < cartpole.TRACK - 0.2


def test_a_hanging_pole_rests_and_a_pole_left_alone_falls() -> None:
    still = np.array([[0.0, 0.0, np.pi, 0.0]])
    after, _ = advance(cartpole.CONTINUOUS, still, np.zeros((1, 1)))
    assert np.abs(np.cos(after[0, 2]) + 1) < 1e-9
    states = cartpole.start(np.random.default_rng(0), 200)
    held = np.zeros(200)
    for _ in range(cartpole.EPISODE_STEPS):
        states, _ = advance(cartpole.CONTINUOUS, states, np.zeros((200, 1)))
        held += np.abs(states[:, 2]) < np.deg2rad(12)
        assert (np.abs(states[:, 2]) <= np.pi).all()
    assert (held < 0.5 * cartpole.EPISODE_STEPS).mean() > 0.95  # doing nothing is no success


def test_full_throttle_does_not_climb_the_mountain_but_swinging_does() -> None:
    system = mountain_car.MOUNTAIN_CAR
    push = swing = system.start(np.random.default_rng(0), 50)
    there = np.full(50, system.steps)
    for step in range(system.steps):
        push, _ = advance(system, push, np.ones((50, 1)))
        swing, _ = advance(system, swing, np.where(swing[:, 1:] < 0, -1.0, 1.0))
        there = np.minimum(there, np.where(swing[:, 0] >= 0.45, step, system.steps))
    assert (push[:, 0] < 0.45).all()
    assert (swing[:, 0] >= 0.45).all()  # the wall keeps it there
    assert there.max() < system.steps / 2


def test_the_picture_puts_the_car_on_the_road() -> None:
    rows = mountain_car.qpos_at(np.array([-np.pi / 6, np.pi / 6, 0.0]))
    np.testing.assert_allclose(rows[:, 1], [0.1, 1.0, 0.55])
    np.testing.assert_allclose(np.tan(rows[:, 2]), [0, 0, 1.35], atol=1e-9)
    near = mountain_car.qpos_at(np.array([0.0, 1e-5]))
    assert (near[1, 1] - near[0, 1]) / 1e-5 == pytest.approx(1.35, rel=1e-3)


def test_what_is_not_a_number_keeps_the_state_before_it() -> None:
    states = cartpole.start(np.random.default_rng(0), 3)
    actions = np.array([[0.0], [np.nan], [0.0]])
    after, failed = advance(cartpole.CONTINUOUS, states, actions)
    assert failed.tolist() == [False, True, False]
    np.testing.assert_array_equal(after[1], states[1])
    assert np.isfinite(after).all()
