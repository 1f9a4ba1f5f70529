"""A push moves the body that it acts on, as much as mechanics say, and only simulation 0."""

from typing import Any

import mujoco
import numpy as np
import pytest

from embodied.envs.mujoco.classic import cartpole, mountain_car
from embodied.envs.mujoco.classic.cartpole import CART_MASS, GRAVITY, HALF_POLE, POLE_MASS, TAU
from embodied.registry import ENVS


def make(name: str, n: int = 2) -> Any:
    env = ENVS.load(name).simulator.make_vector(name, n, False)
    env.reset(seed=3)
    return env


def rest(env: Any) -> np.ndarray:
    return np.zeros((env.num_envs, *env.single_action_space.shape), np.float32)


@pytest.mark.parametrize(
    ("name", "body"), [("humanoid-kneel", "torso"), ("cartpole", "cart"), ("mountain-car", "car")]
)
def test_only_simulation_0_is_pushed_and_for_one_step(name: str, body: str) -> None:
    pushed, alone = make(name), make(name)
    pushed.push(body, np.array([15.0, 0, 0]))
    first, other = pushed.step(rest(pushed))[-1]["qpos"], alone.step(rest(alone))[-1]["qpos"]
    assert first[0, 0] > other[0, 0]
    np.testing.assert_array_equal(first[1], other[1])
    before = pushed.get_state()
    again = make(name)
    again.set_state(before)
    np.testing.assert_array_equal(
        pushed.step(rest(pushed))[-1]["qpos"], again.step(rest(again))[-1]["qpos"]
    )


def test_the_humanoid_gets_the_speed_that_its_mass_allows() -> None:
    model = ENVS.load("humanoid-kneel").simulator.load()
    data = [mujoco.MjData(model) for _ in range(2)]
    envs = [make("humanoid-kneel", 1) for _ in range(2)]
    envs[1].push("torso", np.array([0, 0, 400.0]))
    speeds = []
    for env, d in zip(envs, data, strict=True):
        env.step(rest(env))
        d.qpos[:], d.qvel[:] = env._qpos[0], env._qvel[0]
        mujoco.mj_forward(model, d)
        mujoco.mj_subtreeVel(model, d)
        speeds.append(d.subtree_linvel[0, 2])
    # Impulse over mass; the floor, which the feet lean on less, takes a part of it.
    full = 400 * 0.015 / model.body_mass.sum()
    assert 0.3 * full < speeds[1] - speeds[0] <= 1.01 * full


@pytest.mark.parametrize("body", ["cart", "pole"])
def test_the_cart_poles_work_is_force_times_way(body: str) -> None:
    """Energy gained in a short push at rest is half the force times the speed times the step."""
    state, force = np.array([[0.3, 0.0, 0.7, 0.0]]), np.array([2.0, 0.0, -1.0])
    after = cartpole.push(state, body, force)[0]
    _, v, theta, w = after
    m, length = POLE_MASS, HALF_POLE
    energy = (
        (CART_MASS + m) * v**2 / 2
        + m * length * v * w * np.cos(theta)
        + 2 / 3 * m * length**2 * w**2
    )
    arm = length if body == "pole" else 0.0
    speed = np.array([v + arm * w * np.cos(theta), 0, -arm * w * np.sin(theta)])
    assert energy == pytest.approx(TAU * force @ speed / 2)


def test_the_cart_poles_push_on_the_cart_is_that_of_its_motor() -> None:
    state = np.array([[0.1, 0.2, 0.4, -0.3]])
    pushed = cartpole.push(state, "cart", np.array([3.0, 0, 0]))
    driven = cartpole.accelerate(state, np.array([3.0])) - cartpole.accelerate(state, np.zeros(1))
    np.testing.assert_allclose((pushed - state)[0, [1, 3]], driven[0, [1, 3]])
    assert GRAVITY > 0


def test_gravity_as_a_push_is_the_cars_slope() -> None:
    state = np.array([[-0.2, 0.0]])
    pushed = mountain_car.push(state, "car", np.array([0, 0, -9.81]))
    assert pushed[0, 1] == pytest.approx(mountain_car.step(state, np.zeros((1, 1)))[0, 1])
