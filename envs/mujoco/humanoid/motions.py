"""Scripted motions from one key pose to another, with how far along each state is.

They ask of a reward whether it grows on the way to the goal (value-order correlation: Ma et al.
2024, "Vision Language Models are In-Context Value Learners", section 4).
"""

import numpy as np
from scipy.spatial.transform import Rotation

from embodied.envs.mujoco.humanoid.poses import POSES, on_floor, pose_qpos

STEPS = 20
STARTS = ("standing", "half squat", "standing, boxing", "walking")

GOALS = {
    "humanoid-kneel": ("kneeling", "kneeling, knees apart"),
    "humanoid-lotus": ("lotus", "lotus, praying"),
    "humanoid-stand": ("standing",),
    "humanoid-arms-raised": ("standing, arms raised",),
    "humanoid-splits": ("side splits", "side splits, arms down"),
    "humanoid-hands-on-hips": ("standing, hands on hips",),
    "humanoid-one-leg": ("right leg lifted", "left leg lifted sideways"),
    "humanoid-arms-crossed": ("standing, arms crossed",),
}
OTHER_STARTS = {
    "humanoid-stand": ("kneeling", "squatting", "sitting, legs forward", "lying on the back")
}


def motions(task: str) -> tuple[np.ndarray, np.ndarray]:
    """Straight ways through joint space to the task's postures: qpos [M, T, 24] and progress
    [M, T] from 0 to 1."""
    starts = OTHER_STARTS.get(task, STARTS)
    ways = [_between(start, goal) for start in starts for goal in GOALS[task]]
    return np.array(ways), np.tile(np.linspace(0, 1, STEPS), (len(ways), 1))


def _between(start: str, goal: str) -> np.ndarray:
    """STEPS states from one key pose to another, each resting on the floor."""
    first, last = pose_qpos(POSES[start]), pose_qpos(POSES[goal])
    share = np.linspace(0, 1, STEPS)[:, None]
    qpos = (1 - share) * first + share * last
    turn = Rotation.from_quat(first[3:7], scalar_first=True)
    way = (turn.inv() * Rotation.from_quat(last[3:7], scalar_first=True)).as_rotvec()
    qpos[:, 3:7] = (turn * Rotation.from_rotvec(share * way)).as_quat(scalar_first=True)
    return on_floor(qpos)
