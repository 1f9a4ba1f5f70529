"""States in the neighbourhood of given ones, for any MuJoCo model."""

import mujoco
import numpy as np

WIDTH = 0.06
"""Largest standard deviation of a joint, as a share of its range."""

SINGLE = (int(mujoco.mjtJoint.mjJNT_HINGE), int(mujoco.mjtJoint.mjJNT_SLIDE))
"""The joints with one number; an enumeration's member never equals a NumPy integer."""


def nearby(model: mujoco.MjModel, rng: np.random.Generator, qpos: np.ndarray) -> np.ndarray:
    """The states [n, nq] with noise on every hinge and slide, within the joints' limits.

    How much is drawn for each state, from none to `WIDTH` of the joint's range; a joint without
    limits counts as one with a range of 1 rad or 1 m. Free and ball joints stay as they are.
    """
    moved = qpos.copy()
    share = WIDTH * rng.random(len(qpos))
    for joint in range(model.njnt):
        if model.jnt_type[joint] not in SINGLE:
            continue
        limited = bool(model.jnt_limited[joint])
        low, high = model.jnt_range[joint] if limited else (-0.5, 0.5)
        column = model.jnt_qposadr[joint]
        moved[:, column] += share * (high - low) * rng.standard_normal(len(qpos))
        if limited:
            moved[:, column] = np.clip(moved[:, column], low, high)
    return moved
