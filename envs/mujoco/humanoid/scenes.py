"""Thousands of varied humanoid states: what an encoder is aligned and tested on."""

import numpy as np
from mujoco.batch import Batch
from scipy.spatial.transform import Rotation

from embodied.envs.mujoco.humanoid.captions import STATEMENTS
from embodied.envs.mujoco.humanoid.model import FRAME_SKIP, joint_limits, load_model
from embodied.envs.mujoco.humanoid.poses import POSES, on_floor, pose_qpos
from embodied.envs.mujoco.humanoid.state import state_from_qpos

HELD_OUT_POSES = (
    "kneeling, leaning back",
    "half kneeling, left knee",
    "lotus, praying",
    "side splits, arms down",
    "right leg lifted sideways",
    "tree",
    "standing, saluting",
)
"""Kept for testing: no training state starts from them."""

TRAINING_POSES = tuple(name for name in POSES if name not in HELD_OUT_POSES)

RARE = ("kneeling", "lotus", "side splits", "standing, hands on", "standing, arms c", "half side")
"""Postures that noise seldom reaches are drawn three times as often."""

# Actuators list abdomen_y before abdomen_z, joints the other way round.
ACTUATED = load_model().actuator_trnid[:, 0] - 1


def _yaw(rng: np.random.Generator, n: int) -> np.ndarray:
    """Half the time roughly towards the camera, else anywhere."""
    return np.where(rng.random(n) < 0.5, rng.normal(0, 0.4, n), rng.uniform(-np.pi, np.pi, n))


def _weights(poses: list[str]) -> np.ndarray:
    weight = np.array([3.0 if name.startswith(RARE) else 1.0 for name in poses])
    return weight / weight.sum()


def noisy_poses(rng: np.random.Generator, n: int, poses: list[str]) -> np.ndarray:
    """Key poses and mixtures of two, with noise on joints and root, on the floor: qpos [n, 24]."""
    library = np.array([pose_qpos(POSES[name]) for name in poses])
    first = rng.choice(len(poses), n, p=_weights(poses))
    second = rng.integers(len(poses), size=n)
    mix = np.where(rng.random(n) < 0.55, 0.0, rng.random(n))[:, None]
    joints = (1 - mix) * library[first, 7:] + mix * library[second, 7:]
    noise = np.radians(rng.gamma(1.5, 6, n))[:, None]
    joints = joints + rng.standard_normal(joints.shape) * noise
    # A third of the states take the arms of another pose: arms and legs in all combinations.
    swap = rng.random(n) < 0.35
    other = library[rng.integers(len(poses), size=n), 7:]
    joints[swap, 11:] = other[swap, 11:]
    tilt = rng.standard_normal((n, 3)) * np.radians(rng.gamma(1.5, 4, n))[:, None]
    turned = Rotation.from_euler("z", _yaw(rng, n)[:, None]) * Rotation.from_rotvec(tilt)
    nearest = np.where(mix[:, 0] < 0.5, first, second)
    root = turned * Rotation.from_quat(library[nearest, 3:7], scalar_first=True)
    qpos = np.concatenate(
        [
            np.concatenate([rng.normal(0, 0.12, (n, 2)), np.full((n, 1), 1.3)], axis=1),
            root.as_quat(scalar_first=True),
            np.clip(joints, *joint_limits()),
        ],
        axis=1,
    )
    placed = on_floor(qpos)
    placed[:, 2] += np.where(rng.random(n) < 0.1, rng.uniform(0, 0.2, n), 0)
    return placed


def near_misses(rng: np.random.Generator, n: int, poses: list[str]) -> np.ndarray:
    """Key poses with one to four joints well off, from all sides: qpos [n, 24].

    A policy looks for postures that the reward likes too well. It finds them near the goal, where
    one limb is wrong, and only an encoder that has seen such postures tells them apart.
    """
    library = np.array([pose_qpos(POSES[name]) for name in poses])
    qpos = library[rng.choice(len(poses), n, p=_weights(poses))]
    joints = qpos[:, 7:]
    for arm in (slice(11, 14), slice(14, 17)):  # often one arm does something else
        other = rng.random(n) < 0.2
        joints[other, arm] = library[rng.integers(len(poses), size=other.sum()), 7:][:, arm]
    chosen = rng.random(joints.shape).argsort(1) < rng.integers(1, 5, (n, 1))
    joints += chosen * rng.normal(0, np.radians(35), joints.shape)
    joints += rng.normal(0, np.radians(4), joints.shape)
    qpos[:, 7:] = np.clip(joints, *joint_limits())
    tilt = Rotation.from_rotvec(rng.normal(0, np.radians(8), (n, 3)))
    turned = Rotation.from_euler("z", _yaw(rng, n)[:, None]) * tilt
    root = turned * Rotation.from_quat(qpos[:, 3:7], scalar_first=True)
    qpos[:, 3:7] = root.as_quat(scalar_first=True)
    qpos[:, :2] = rng.normal(0, 0.12, (n, 2))
    return on_floor(qpos)


def free_arms(rng: np.random.Generator, n: int, poses: list[str]) -> np.ndarray:
    """Standing key poses whose arms are anywhere, mostly seen from the front: qpos [n, 24].

    Each arm is a key pose's, or on the way from one to another, or at random within its limits. A
    camera tells little of how far ahead or across a hand is, and policies settle where it errs.
    """
    library = np.array([pose_qpos(POSES[name]) for name in poses])
    standing = library[[name.startswith("standing") for name in poses]]
    qpos = standing[rng.integers(len(standing), size=n)]
    joints, (low, high) = qpos[:, 7:], joint_limits()
    pair = rng.choice(len(poses), n, p=_weights(poses))
    for arm in (slice(11, 14), slice(14, 17)):
        first = np.where(rng.random(n) < 0.75, pair, rng.integers(len(poses), size=n))
        second = rng.integers(len(poses), size=n)
        share = rng.random((n, 1)) * (rng.random((n, 1)) < 0.4)
        way = (1 - share) * library[first, 7:][:, arm] + share * library[second, 7:][:, arm]
        anywhere = rng.uniform(low[arm], high[arm], (n, 3))
        joints[:, arm] = np.where(rng.random((n, 1)) < 0.15, anywhere, way)
    joints += rng.normal(0, np.radians(5), joints.shape)
    joints[:, 11:] += rng.normal(0, 1, (n, 6)) * np.radians(rng.gamma(1.5, 8, (n, 1)))
    qpos[:, 7:] = np.clip(joints, low, high)
    lean = Rotation.from_rotvec(rng.normal(0, np.radians(5), (n, 3)))
    turned = Rotation.from_euler("z", rng.normal(0, 0.5, (n, 1))) * lean
    root = turned * Rotation.from_quat(qpos[:, 3:7], scalar_first=True)
    qpos[:, 3:7] = root.as_quat(scalar_first=True)
    qpos[:, :2] = rng.normal(0, 0.12, (n, 2))
    return on_floor(qpos)


def rollouts(rng: np.random.Generator, n: int, poses: list[str], threads: int = 0) -> np.ndarray:
    """States that physics reaches: limp, random and pose-seeking motions, falls among them.

    Half start from standing, half from a key pose; a PD controller or smooth noise drives them for
    up to 1.5 s and one to four states of each are kept. qpos [n, 24].
    """
    per, steps = 4, 100
    count = -(-n // per)
    batch = Batch(load_model(), count, threads)
    library = np.array([pose_qpos(POSES[name]) for name in poses])
    standing = pose_qpos(POSES["standing"])
    start = np.where(
        rng.random((count, 1)) < 0.6, standing, library[rng.integers(len(poses), size=count)]
    )
    target = library[rng.choice(len(poses), count, p=_weights(poses))][:, 7:]
    off = rng.random(target.shape) < 0.2  # as near misses, but resting as physics lets them
    target = target + off * rng.normal(0, np.radians(30), target.shape)
    qpos, qvel, ctrl = batch.bind("qpos"), batch.bind("qvel"), batch.bind("ctrl")
    qpos[:] = start
    qpos[:, 7:] += rng.normal(0, 0.05, (count, 17))
    turned = Rotation.from_euler("z", _yaw(rng, count)[:, None])
    root = turned * Rotation.from_quat(qpos[:, 3:7], scalar_first=True)
    qpos[:, 3:7] = root.as_quat(scalar_first=True)
    stiffness = rng.uniform(0, 3, (count, 1)) * (rng.random((count, 1)) < 0.7)
    noise_scale = rng.uniform(0, 1, (count, 1)) * (rng.random((count, 1)) < 0.6)
    noise = rng.standard_normal((count, 17))
    keep = rng.integers(0, steps, (count, per))
    kept = np.zeros((count, per, 24))
    for step in range(steps):
        noise = 0.9 * noise + 0.43 * rng.standard_normal((count, 17))
        pull = stiffness * (target - qpos[:, 7:]) - 0.1 * qvel[:, 6:]
        ctrl[:] = np.clip(pull[:, ACTUATED] + noise_scale * noise, -1, 1)
        batch.step(nstep=FRAME_SKIP)
        hit = keep == step
        kept[hit] = np.repeat(qpos[:, None], per, axis=1)[hit]
    states = kept.reshape(-1, 24)
    return states[np.isfinite(states).all(axis=1)][:n]


SHARES = {noisy_poses: 0.25, near_misses: 0.4, free_arms: 0.125, rollouts: 0.225}
"""How many of the states each kind of draw gives."""


def sample_states(
    rng: np.random.Generator,
    n: int,
    *,
    poses: tuple[str, ...] = TRAINING_POSES,
    without: tuple[str, ...] = (),
) -> np.ndarray:
    """A varied set of n states, qpos [n, 24].

    poses: the key poses they start from. without: statements of `captions.STATEMENTS` that may be
    true of none of them, e.g. ("lotus",): neither a key pose nor a chance state shows it.
    """
    library = [name for name in poses if not _shows(pose_qpos(POSES[name]), without).any()]
    kept: list[np.ndarray] = []
    missing = n
    while missing > 0:
        found = np.concatenate(
            [draw(rng, int(share * missing) + 1, library) for draw, share in SHARES.items()]
        )
        found = rng.permutation(found[~_shows(found, without)])[:missing]
        kept.append(found)
        missing -= len(found)
    return np.concatenate(kept)


def _shows(qpos: np.ndarray, statements: tuple[str, ...]) -> np.ndarray:
    """Which states make one of the statements more than a little true, bool [n]."""
    state = state_from_qpos(qpos)
    shown = np.zeros(len(state), bool)
    for name in statements:
        shown |= STATEMENTS[name].fact(state) > 0.2
    return shown
