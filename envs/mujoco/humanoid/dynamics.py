"""What the single and the vectorised environment share: spaces, starts, observations."""

import numpy as np
from gymnasium import spaces
from scipy.spatial.transform import Rotation

from embodied.envs.mujoco.humanoid.model import load_model
from embodied.envs.mujoco.humanoid.poses import POSES, pose_qpos

RESET_NOISE = 0.01
"""Uniform noise on the standing pose and its velocities (rad, m, rad/s, m/s), as in Gymnasium."""

MAX_SPEED = 1e3
"""Speed (rad/s or m/s) from which on a simulation counts as diverged."""


def observation_space() -> spaces.Box:
    model = load_model()
    return spaces.Box(-np.inf, np.inf, (model.nq - 2 + model.nv,), np.float32)


def action_space() -> spaces.Box:
    return spaces.Box(-1.0, 1.0, (load_model().nu,), np.float32)


def observe(qpos: np.ndarray, qvel: np.ndarray) -> np.ndarray:
    """Height, orientation, joint angles and all velocities; [..., 45] from [..., 24], [..., 23]."""
    return np.concatenate([qpos[..., 2:], qvel], axis=-1).astype(np.float32)


def initial_state(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """n noisy standing starts: qpos [n, 24] and qvel [n, 23]."""
    model = load_model()
    qpos = np.tile(pose_qpos(POSES["standing"]), (n, 1))
    qpos += rng.uniform(-RESET_NOISE, RESET_NOISE, qpos.shape)
    qpos[:, 3:7] /= np.linalg.norm(qpos[:, 3:7], axis=1, keepdims=True)
    return qpos, rng.uniform(-RESET_NOISE, RESET_NOISE, (n, model.nv))


def diverged(qpos: np.ndarray, qvel: np.ndarray) -> np.ndarray:
    """Which simulations are no longer finite or plausible: bool [...]."""
    finite = np.isfinite(qpos).all(-1) & np.isfinite(qvel).all(-1)
    with np.errstate(invalid="ignore"):
        return np.asarray(~finite | (np.abs(qvel) > MAX_SPEED).any(-1))


def pose_features(qpos: np.ndarray) -> np.ndarray:
    """Height, rotation matrix and joint angles of poses [n, 24], float32 [n, 27]: what is seen of
    them, without the place on the floor."""
    rotation = Rotation.from_quat(qpos[:, 3:7], scalar_first=True).as_matrix().reshape(-1, 9)
    return np.concatenate([qpos[:, 2:3], rotation, qpos[:, 7:]], axis=1).astype(np.float32)
