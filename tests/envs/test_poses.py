"""Key poses: on the floor, within the joints' limits, symmetric, the same wherever they face."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from embodied.envs.mujoco.humanoid.model import joint_limits, names
from embodied.envs.mujoco.humanoid.poses import ARMS, POSES, Pose, on_floor, pose_joints, pose_qpos
from embodied.envs.mujoco.humanoid.state import state_from_qpos

from .test_state import SOLID

MIRRORED = np.array([1, -1, 1])  # the body's left-right axis turned round


@pytest.mark.parametrize("name", POSES)
def test_every_pose_touches_the_floor_and_keeps_to_its_limits(name: str) -> None:
    qpos = pose_qpos(POSES[name], yaw=0.3)
    state = state_from_qpos(qpos)
    lowest = min(state.clearance(geom)[0] for geom in SOLID)
    assert lowest == pytest.approx(0, abs=1e-9)
    assert np.linalg.norm(qpos[3:7]) == pytest.approx(1)
    low, high = joint_limits()
    assert (qpos[7:] >= low).all()
    assert (qpos[7:] <= high).all()


def test_yaw_turns_the_whole_body() -> None:
    straight = state_from_qpos(pose_qpos(POSES["lunge"]))
    turned = state_from_qpos(pose_qpos(POSES["lunge"], yaw=1.0))
    turn = Rotation.from_euler("z", 1.0).as_matrix()
    np.testing.assert_allclose(turned.xpos[0], straight.xpos[0] @ turn.T, atol=1e-12)


@pytest.mark.parametrize("arms", ARMS)
def test_arms_are_mirror_images(arms: str) -> None:
    state = state_from_qpos(pose_qpos(Pose(arms=arms)))
    np.testing.assert_allclose(state.hand("left"), state.hand("right") * MIRRORED, atol=1e-6)


@pytest.mark.parametrize("name", ["kneeling, knees apart", "squatting", "side splits"])
def test_legs_are_mirror_images(name: str) -> None:
    state = state_from_qpos(pose_qpos(POSES[name]))
    for part in ("shin", "foot"):
        left, right = (state.position(f"{side}_{part}")[0] for side in ("left", "right"))
        np.testing.assert_allclose(left, right * MIRRORED, atol=1e-6)


def test_a_left_limb_may_differ() -> None:
    index = names().joint
    angles = np.degrees(pose_joints(Pose(legs=(0, 0, -10, -20), left_leg=(-5, 0, -30, -40))))
    assert angles[[index["right_hip_y"], index["right_knee"]]] == pytest.approx([-10, -20])
    assert angles[[index["left_hip_x"], index["left_knee"]]] == pytest.approx([-5, -40])
    one_arm = state_from_qpos(pose_qpos(POSES["standing, left arm raised"]))
    assert one_arm.hand("left")[0, 2] > one_arm.head()[0, 2] > one_arm.hand("right")[0, 2]


@pytest.mark.parametrize(
    ("arms", "height", "forward", "outward"),
    [
        # metres from the torso's centre: above it, in front of it, out to the arm's own side
        ("raised", (0.3, 0.9), (-0.3, 0.3), (-0.1, 0.5)),
        ("down", (-0.9, -0.4), (-0.2, 0.25), (0.05, 0.5)),
        ("sideways", (-0.15, 0.25), (-0.3, 0.3), (0.5, 0.9)),
        ("forward", (-0.2, 0.25), (0.4, 0.9), (-0.1, 0.4)),
        ("behind", (-0.6, -0.1), (-0.5, -0.02), (-0.2, 0.4)),
        ("crossed", (-0.35, 0.15), (0.05, 0.4), (-0.4, 0.0)),
    ],
)
def test_arms_are_where_their_name_says(
    arms: str,
    height: tuple[float, float],
    forward: tuple[float, float],
    outward: tuple[float, float],
) -> None:
    state = state_from_qpos(pose_qpos(Pose(arms=arms)))
    x, y, z = state.local(state.hand("left"), "torso")[0]
    assert height[0] < z < height[1]
    assert forward[0] < x < forward[1]
    assert outward[0] < y < outward[1]


def test_on_floor_moves_only_vertically_and_copies() -> None:
    qpos = np.array([pose_qpos(POSES["tree"]), pose_qpos(POSES["push-up"])])
    lifted = qpos + np.eye(24)[2] * [[0.4], [-0.7]]
    before = lifted.copy()
    np.testing.assert_allclose(on_floor(lifted), qpos, atol=1e-12)
    np.testing.assert_array_equal(lifted, before)
