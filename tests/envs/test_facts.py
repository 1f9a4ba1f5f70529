"""Graded facts: degrees in [0, 1] that are high where a person would say so, and change softly."""

import numpy as np
import pytest

from embodied.envs.mujoco.humanoid import facts
from embodied.envs.mujoco.humanoid.captions import STATEMENTS
from embodied.envs.mujoco.humanoid.poses import POSES, pose_qpos
from embodied.envs.mujoco.humanoid.scenes import sample_states
from embodied.envs.mujoco.humanoid.state import HumanoidState, state_from_qpos

TRUE_OF = {
    "kneel": ["kneeling", "kneeling, sitting on heels"],
    "lotus": ["lotus", "lotus, praying"],
    "stand": ["standing", "standing, legs apart"],
    "arms-raised": ["standing, arms raised"],
    "splits": ["side splits"],
    "hands-on-hips": ["standing, hands on hips"],
    "one-leg": ["right leg lifted", "left leg lifted back", "tree"],
    "arms-crossed": ["standing, arms crossed"],
    "tall kneeling": ["kneeling"],
    "on heels": ["kneeling, sitting on heels"],
    "half kneeling": ["half kneeling, right knee", "half kneeling, left knee"],
    "all fours": ["all fours"],
    "crouching": ["squatting"],
    "legs forward": ["sitting, legs forward"],
    "front splits": ["front splits"],
    "leaning forward": ["bowing"],
    "on back": ["lying on the back"],
    "on front": ["lying on the front"],
    "on side": ["lying on the right side", "lying on the left side"],
    "upside down": ["head down"],
    "one arm raised": ["standing, left arm raised", "standing, waving"],
    "arms sideways": ["standing, arms sideways"],
    "arms forward": ["standing, arms forward"],
}
FALSE_OF = {
    "kneel": ["standing", "all fours", "half kneeling, left knee", "squatting", "lotus"],
    "lotus": ["kneeling", "sitting, legs forward", "standing", "squatting"],
    "stand": ["kneeling", "tree", "squatting", "lying on the back", "bowing"],
    "arms-raised": ["standing", "standing, waving", "lying on the front"],
    "splits": ["standing, legs apart", "front splits", "kneeling", "sitting, legs forward"],
    "one-leg": ["standing", "kneeling", "half kneeling, left knee", "lunge"],
    "arms-crossed": ["standing", "standing, arms forward", "standing, hands on hips"],
    "tall kneeling": ["kneeling, sitting on heels", "standing"],
    "on heels": ["kneeling"],
    "lying": ["standing", "kneeling", "lotus"],
}


def degree(statement: str, pose: str) -> float:
    return float(STATEMENTS[statement].fact(state_from_qpos(pose_qpos(POSES[pose])))[0])


@pytest.fixture(scope="module")
def varied() -> HumanoidState:
    return state_from_qpos(sample_states(np.random.default_rng(0), 400))


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_degree_is_between_0_and_1(name: str, varied: HumanoidState) -> None:
    degrees = STATEMENTS[name].fact(varied)
    assert degrees.shape == (len(varied),)
    assert degrees.min() >= 0
    assert degrees.max() <= 1


def test_statements_vary_over_the_sampled_states(varied: HumanoidState) -> None:
    """Every statement is false of some state, and each but the rarest true of some other."""
    silent = {"anything", "no scene"}
    top = {n: s.fact(varied).max() for n, s in STATEMENTS.items() if n not in silent}
    low = {n: s.fact(varied).min() for n, s in STATEMENTS.items() if n not in silent}
    assert max(low.values()) < 0.2
    assert sum(value > 0.5 for value in top.values()) > 0.9 * len(top)


@pytest.mark.parametrize(("name", "pose"), [(n, p) for n, poses in TRUE_OF.items() for p in poses])
def test_a_key_pose_makes_its_statement_true(name: str, pose: str) -> None:
    assert degree(name, pose) > 0.5


@pytest.mark.parametrize(("name", "pose"), [(n, p) for n, poses in FALSE_OF.items() for p in poses])
def test_another_pose_does_not(name: str, pose: str) -> None:
    assert degree(name, pose) < 0.2


@pytest.mark.parametrize("name", STATEMENTS)
def test_facing_elsewhere_changes_no_statement(name: str) -> None:
    poses = ("kneeling", "lunge", "side splits", "standing, waving")
    front, turned = (
        state_from_qpos(np.array([pose_qpos(POSES[p], yaw) for p in poses])) for yaw in (0.0, 1.0)
    )
    fact = STATEMENTS[name].fact
    np.testing.assert_allclose(fact(front), fact(turned), atol=1e-9)


def test_ramp_is_soft_and_goes_either_way() -> None:
    x = np.linspace(-1, 2, 301)
    up, down = facts.ramp(x, 0.0, 1.0), facts.ramp(x, 1.0, 0.0)
    assert (up[x <= 0] == 0).all()
    assert (up[x >= 1] == 1).all()
    assert (np.diff(up) >= 0).all()
    np.testing.assert_allclose(up + down, 1, atol=1e-12)
    assert np.abs(np.diff(up)).max() < 0.02  # no jump


def test_both_and_either() -> None:
    a, b = np.array([0.0, 0.5, 1.0]), np.array([1.0, 0.5, 1.0])
    np.testing.assert_allclose(facts.both(a, b), [0, 0.25, 1])
    np.testing.assert_allclose(facts.either(a, b), [1, 0.5, 1])


def test_getting_down_on_the_knees_is_rewarded_on_the_way() -> None:
    """Bending from standing to kneeling, the statement never gets less true by much."""
    start, end = (pose_qpos(POSES[name]) for name in ("standing", "kneeling"))
    way = np.linspace(0, 1, 21)[:, None]
    state = state_from_qpos((1 - way) * start + way * end)
    degrees = STATEMENTS["kneel"].fact(state)
    assert degrees[0] < 0.05
    assert degrees[-1] > 0.95
    assert np.diff(degrees).min() > -0.02


def test_an_arm_stretched_forward_is_not_crossed() -> None:
    """From the front it looks as if: a policy found that out."""
    crossed = pose_qpos(POSES["standing, arms crossed"])
    stretched = crossed.copy()
    stretched[18:21] = np.radians((0, 60, -58.2))  # the right hand half a metre ahead, inwards
    state = state_from_qpos(np.array([crossed, stretched]))
    assert state.local(state.hand("right"), "torso")[1, 0] > 0.45
    degree = facts.arms_crossed(state)
    assert degree[0] > 0.9
    assert degree[1] < 0.1


def test_raised_arms_are_truer_with_every_bit_that_either_rises() -> None:
    """So that a policy with one arm up is paid for the first bit of the other."""
    down, one, both = (
        pose_qpos(POSES[f"standing{how}"]) for how in ("", ", left arm raised", ", arms raised")
    )
    share = np.linspace(0, 1, 11)[:, None]
    for start, end, first, last in ((down, one, 0.01, 0.13), (one, both, 0.13, 1.0)):
        degree = facts.arms_raised(state_from_qpos((1 - share) * start + share * end))
        assert degree[0] <= first
        assert degree[-1] == pytest.approx(last, abs=0.05)
        assert np.diff(degree).min() > -0.02
        assert degree[5] > degree[0] + 0.01
