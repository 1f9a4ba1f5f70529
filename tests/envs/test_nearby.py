"""Neighbouring states keep to the joints' limits and leave the root where it is."""

import mujoco
import numpy as np

from embodied.envs.mujoco.humanoid.model import joint_limits, load_model
from embodied.envs.mujoco.humanoid.poses import POSES, pose_qpos
from embodied.envs.mujoco.nearby import nearby

CART = """<mujoco><worldbody><body><joint name="x" type="slide" axis="1 0 0"/>
<geom size=".1"/></body></worldbody></mujoco>"""


def test_humanoid() -> None:
    start = np.tile(pose_qpos(POSES["standing"]), (200, 1))
    moved = nearby(load_model(), np.random.default_rng(0), start)
    np.testing.assert_array_equal(moved[:, :7], start[:, :7])
    low, high = joint_limits()
    assert (moved[:, 7:] >= low).all()
    assert (moved[:, 7:] <= high).all()
    assert (moved[:, 7:].std(0) > 0).all()
    np.testing.assert_array_equal(start[0], pose_qpos(POSES["standing"]))


def test_a_joint_without_limits() -> None:
    model = mujoco.MjModel.from_xml_string(CART)
    moved = nearby(model, np.random.default_rng(0), np.zeros((500, 1)))
    assert 0.02 < moved.std() < 0.05  # m: uniform up to 0.06
