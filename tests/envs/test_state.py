"""The model, and what is read from its state, against MuJoCo's own answers."""

import mujoco
import numpy as np
import pytest

from embodied.envs.mujoco.humanoid.model import joint_limits, load_model, names
from embodied.envs.mujoco.humanoid.poses import POSES, pose_qpos
from embodied.envs.mujoco.humanoid.state import HumanoidState, state_from_qpos

SOLID = [
    name
    for name, g in names().geom.items()
    if load_model().geom_contype[g] and load_model().geom_type[g] != mujoco.mjtGeom.mjGEOM_PLANE
]


@pytest.fixture(scope="module")
def some() -> tuple[np.ndarray, HumanoidState]:
    """Eight tumbling states above the floor."""
    rng = np.random.default_rng(0)
    qpos = np.array([pose_qpos(POSES[name]) for name in list(POSES)[::7]])
    qpos[:, 2] += 0.5
    qpos[:, 3:7] = rng.standard_normal((len(qpos), 4))
    qpos[:, 3:7] /= np.linalg.norm(qpos[:, 3:7], axis=1, keepdims=True)
    return qpos, state_from_qpos(qpos)


def test_skeleton_is_that_of_gymnasiums_humanoid() -> None:
    import gymnasium as gym

    other = gym.make("Humanoid-v5").unwrapped.model  # pyright: ignore
    model = load_model()
    assert (model.nq, model.nv, model.nu) == (24, 23, 17)
    assert [model.joint(i).name for i in range(model.njnt)][1:] == [
        other.joint(i).name for i in range(other.njnt)
    ][1:]
    assert [model.actuator(i).name for i in range(model.nu)] == [
        other.actuator(i).name for i in range(other.nu)
    ]


def test_names_index_qpos_bodies_and_geoms() -> None:
    model, index = load_model(), names()
    assert sorted(index.joint.values()) == list(range(17))
    for name, place in index.joint.items():
        assert model.joint(name).qposadr[0] == place + 7
    assert all(model.body(name).id == b for name, b in index.body.items())
    low, high = joint_limits()
    assert (low < high).all()
    assert np.abs([low, high]).max() < np.pi


@pytest.mark.parametrize("geom", SOLID)
def test_clearance_is_the_distance_to_the_floor(
    geom: str, some: tuple[np.ndarray, HumanoidState]
) -> None:
    model, data = load_model(), mujoco.MjData(load_model())
    expected = []
    for qpos in some[0]:
        data.qpos[:] = qpos
        mujoco.mj_forward(model, data)
        floor, part = names().geom["floor"], names().geom[geom]
        expected.append(mujoco.mj_geomDistance(model, data, floor, part, 5.0, None))
    np.testing.assert_allclose(some[1].clearance(geom), expected, atol=1e-6)


def test_kinematics_are_mujocos(some: tuple[np.ndarray, HumanoidState]) -> None:
    qpos, state = some
    model, data = load_model(), mujoco.MjData(load_model())
    for i, row in enumerate(qpos):
        data.qpos[:] = row
        mujoco.mj_kinematics(model, data)
        np.testing.assert_allclose(state.hand("left")[i], data.geom("left_hand").xpos)
        np.testing.assert_allclose(state.position("right_shin")[i], data.body("right_shin").xpos)
        np.testing.assert_allclose(state.joint("left_knee")[i], data.joint("left_knee").qpos[0])
        frame = data.body("pelvis").xmat.reshape(3, 3)
        np.testing.assert_allclose(state.axis("pelvis", 1)[i], frame[:, 1])
        np.testing.assert_allclose(state.up("torso")[i], data.body("torso").xmat[8])
        local = frame.T @ (data.geom("head").xpos - data.body("pelvis").xpos)
        np.testing.assert_allclose(state.local(state.head(), "pelvis")[i], local)


def test_knee_clearance_is_zero_on_bent_knees_on_the_floor() -> None:
    kneeling = state_from_qpos(pose_qpos(POSES["kneeling"]))
    standing = state_from_qpos(pose_qpos(POSES["standing"]))
    for side in ("right", "left"):
        assert kneeling.knee_clearance(side)[0] == pytest.approx(0, abs=0.02)
        assert standing.knee_clearance(side)[0] > 0.3


def test_one_pose_and_many_are_the_same() -> None:
    qpos = np.array([pose_qpos(POSES["lunge"]), pose_qpos(POSES["bowing"])])
    both, one = state_from_qpos(qpos), state_from_qpos(qpos[1])
    assert (len(both), len(one)) == (2, 1)
    np.testing.assert_array_equal(both.xpos[1], one.xpos[0])
