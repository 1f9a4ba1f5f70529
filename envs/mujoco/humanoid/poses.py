"""Key poses, written down in degrees, and how to put one on the floor.

They start episodes, test the success checkers and seed the states that an encoder is aligned on.
The policy and its reward never see them.
"""

from dataclasses import dataclass

import mujoco
import numpy as np
from scipy.spatial.transform import Rotation

from embodied.envs.mujoco.humanoid.model import joint_limits, load_model, names
from embodied.envs.mujoco.humanoid.state import state_from_qpos

# The right arm's (shoulder1, shoulder2, elbow), found by inverse kinematics of the hand.
ARMS = {
    "down": (40.7, -40, -74.9),
    "sideways": (-50.8, -41.6, -73.6),
    "raised": (-124.5, 11.4, -88),
    "on hips": (50, -67.9, -14.9),
    "crossed": (80, -17.1, 6.7),
    "on knees": (26.7, -16.7, -61.2),
    "forward": (0, 29.7, -58.2),
    "behind": (56.3, -69.4, -49.8),
    "praying": (48.2, -9.6, 22.1),
    "waving": (-89.9, -35.6, -20.7),
    "saluting": (-75.6, 1.2, 33.9),
    "boxing": (0, 0, 0),
}


STRAIGHT = (0, 0, 0, -2)


@dataclass(frozen=True)
class Pose:
    """Angles in degrees; `legs` is (hip_x, hip_z, hip_y, knee): out, twist, forward < 0, bent < 0.

    `root` is the torso's (roll, pitch) from upright, `spine` is abdomen (z, y, x).
    A left limb mirrors the right one unless it has its own entry.
    """

    legs: tuple[float, float, float, float] = STRAIGHT
    left_leg: tuple[float, float, float, float] | None = None
    arms: str = "down"
    left_arm: str | None = None
    spine: tuple[float, float, float] = (0, 0, 0)
    root: tuple[float, float] = (0, 0)


POSES: dict[str, Pose] = {
    "standing": Pose(),
    "standing, arms sideways": Pose(arms="sideways"),
    "standing, arms forward": Pose(arms="forward"),
    "standing, arms raised": Pose(arms="raised"),
    "standing, left arm raised": Pose(left_arm="raised"),
    "standing, right arm raised": Pose(arms="raised", left_arm="down"),
    "standing, hands on hips": Pose(arms="on hips"),
    "standing, arms crossed": Pose(arms="crossed"),
    "standing, hands behind": Pose(arms="behind"),
    "standing, praying": Pose(arms="praying"),
    "standing, waving": Pose(arms="waving", left_arm="down"),
    "standing, saluting": Pose(arms="saluting", left_arm="down"),
    "standing, boxing": Pose(arms="boxing"),
    "standing, legs apart": Pose(legs=(-25, 0, 0, -2)),
    "bowing": Pose(legs=(0, 0, -60, -5), spine=(0, -30, 0), root=(0, 85)),
    "walking": Pose(legs=(0, 0, -25, -10), left_leg=(0, 0, 20, -20), arms="boxing"),
    "right leg lifted": Pose(legs=(0, 0, -80, -90), left_leg=STRAIGHT),
    "left leg lifted": Pose(left_leg=(0, 0, -80, -90)),
    "right leg lifted back": Pose(legs=(0, 0, 10, -90), left_leg=STRAIGHT),
    "left leg lifted back": Pose(left_leg=(0, 0, 10, -90)),
    "right leg lifted sideways": Pose(legs=(-50, 0, -10, -5), left_leg=STRAIGHT),
    "left leg lifted sideways": Pose(left_leg=(-50, 0, -10, -5)),
    "tree": Pose(legs=(-50, 0, -40, -120), left_leg=STRAIGHT, arms="raised"),
    "arabesque": Pose(legs=(0, 0, 30, -5), left_leg=(0, 0, -45, -5), arms="sideways", root=(0, 45)),
    "crouching": Pose(legs=(-10, 0, -70, -95), arms="forward", root=(0, 20)),
    "squatting": Pose(legs=(-20, 0, -115, -140), arms="forward", root=(0, 25)),
    "half squat": Pose(legs=(-5, 0, -45, -60), arms="forward", root=(0, 10)),
    "kneeling": Pose(legs=(0, 0, 0, -106)),
    "kneeling, sitting on heels": Pose(legs=(-5, 0, -58, -160), arms="on knees"),
    "kneeling, leaning back": Pose(legs=(0, 0, -10, -112), root=(0, 2)),
    "kneeling, knees apart": Pose(legs=(-20, 0, -5, -110)),
    "half kneeling, right knee": Pose(legs=(0, 0, 0, -106), left_leg=(0, 0, -90, -88)),
    "half kneeling, left knee": Pose(legs=(0, 0, -90, -88), left_leg=(0, 0, 0, -106)),
    "lunge": Pose(legs=(0, 0, 30, -38), left_leg=(0, 0, -62, -62)),
    "all fours": Pose(legs=(0, 0, -85, -95), arms="forward", root=(0, 80)),
    "child's pose": Pose(legs=(0, 0, -120, -145), arms="forward", root=(0, 85)),
    "sitting, legs forward": Pose(legs=(0, 0, -88, -5), arms="on knees"),
    "sitting, knees up": Pose(legs=(0, 0, -115, -110), arms="forward"),
    "sitting, legs apart": Pose(legs=(-40, 0, -85, -5), arms="on knees"),
    "lotus": Pose(
        legs=(66, -6, -130, -136), left_leg=(66, -2, -120, -128), spine=(0, -20, 0), arms="on knees"
    ),
    "lotus, praying": Pose(
        legs=(66, -2, -120, -128), left_leg=(66, -6, -130, -136), spine=(0, -20, 0), arms="praying"
    ),
    "lotus, loose": Pose(legs=(55, -8, -115, -118), left_leg=(55, -8, -105, -112)),
    "side splits": Pose(legs=(-83, 0, 0, -3), arms="sideways"),
    "side splits, arms down": Pose(legs=(-83, 0, -8, -3), arms="forward"),
    "half side splits": Pose(legs=(-60, 0, 0, -3), arms="sideways"),
    "front splits": Pose(
        legs=(0, 0, -100, -3), left_leg=(0, 0, 30, -3), spine=(0, 30, 0), arms="sideways"
    ),
    "lying on the back": Pose(root=(0, -90)),
    "lying on the back, knees up": Pose(legs=(0, 0, -60, -100), root=(0, -90)),
    "lying on the front": Pose(root=(0, 90), arms="raised"),
    "lying on the right side": Pose(root=(90, 0), legs=(0, 0, -30, -40)),
    "lying on the left side": Pose(root=(-90, 0), legs=(0, 0, -30, -40)),
    "push-up": Pose(root=(0, 72), arms="forward"),
    "bridge": Pose(legs=(0, 0, 25, -100), spine=(0, 25, 0), root=(0, -75), arms="raised"),
    "head down": Pose(root=(0, 178), arms="raised"),
}


def pose_joints(pose: Pose) -> np.ndarray:
    """The 17 hinge angles of a pose, in radians and within the joints' limits."""
    index = names().joint
    angles = np.zeros(17)
    angles[[index["abdomen_z"], index["abdomen_y"], index["abdomen_x"]]] = pose.spine
    for side, legs in (("right", pose.legs), ("left", pose.left_leg or pose.legs)):
        for joint, angle in zip(("hip_x", "hip_z", "hip_y", "knee"), legs, strict=True):
            angles[index[f"{side}_{joint}"]] = angle
    # Mirroring turns the shoulders' axes round, the left elbow's is already turned in the model.
    for side, arm, mirror in (("right", pose.arms, 1), ("left", pose.left_arm or pose.arms, -1)):
        first, second, elbow = ARMS[arm]
        angles[index[f"{side}_shoulder1"]] = mirror * first
        angles[index[f"{side}_shoulder2"]] = mirror * second
        angles[index[f"{side}_elbow"]] = elbow
    return np.clip(np.radians(angles), *joint_limits())


def pose_qpos(pose: Pose, yaw: float = 0.0) -> np.ndarray:
    """A pose as qpos [24], turned by `yaw` radians and resting on the floor."""
    roll, pitch = np.radians(pose.root)
    quat = Rotation.from_euler("ZYX", (yaw, pitch, roll)).as_quat(scalar_first=True)
    return on_floor(np.concatenate([(0, 0, 1.3), quat, pose_joints(pose)])[None])[0]


def on_floor(qpos: np.ndarray) -> np.ndarray:
    """Shift poses [N, 24] vertically so that the lowest geom of each just touches the floor."""
    state, model = state_from_qpos(qpos), load_model()
    solid = [
        name
        for name, g in names().geom.items()
        if model.geom_contype[g] and model.geom_type[g] != mujoco.mjtGeom.mjGEOM_PLANE
    ]
    gap = np.min([state.clearance(name) for name in solid], axis=0)
    placed = qpos.copy()
    placed[:, 2] -= gap
    return placed
