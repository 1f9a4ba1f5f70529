"""The humanoid's vocabulary: what an encoder is aligned on and audited with."""

import numpy as np

from embodied.envs.mujoco.humanoid.captions import STATEMENTS, TASK_WORDS, captions
from embodied.envs.mujoco.humanoid.looks import (
    HELD_OUT_FLOORS,
    held_out_cameras,
    plain_looks,
    sample_looks,
    sweeps,
    through,
)
from embodied.envs.mujoco.humanoid.motions import motions
from embodied.envs.mujoco.humanoid.scenes import HELD_OUT_POSES, TRAINING_POSES, sample_states
from embodied.envs.mujoco.humanoid.state import state_from_qpos
from embodied.envs.registration import HUMANOID_TASKS
from embodied.envs.vocabulary import Vocabulary

STATEMENT_NAMES = tuple(STATEMENTS)
SPLITS = ("train", "plain", "poses", "cameras", "floors")


def truth(qpos: np.ndarray) -> np.ndarray:
    """Degree of every statement for poses [n, 24]: float32 [n, K]."""
    state = state_from_qpos(qpos)
    return np.stack([s.fact(state) for s in STATEMENTS.values()], axis=1).astype(np.float32)


def sample(rng: np.random.Generator, n: int, split: str, without: tuple[str, ...]) -> np.ndarray:
    """States of a split, qpos [n, 24]."""
    poses = HELD_OUT_POSES if split == "poses" else TRAINING_POSES
    return sample_states(rng, n, poses=poses, without=without)


def looks(rng: np.random.Generator, n: int, split: str) -> np.ndarray:
    """Looks of a split, [n, LOOK_SIZE]."""
    match split:
        case "cameras":
            return held_out_cameras(rng, n)
        case "floors":
            return sample_looks(rng, n, floors=HELD_OUT_FLOORS, plain=0)
        case "train":
            return sample_looks(rng, n)
        case _:
            return plain_looks(n)


def texts(held_out: bool, without: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Captions and the statement that each says."""
    chosen = captions(held_out=held_out, without=without)
    return chosen.texts, chosen.statements


VOCABULARY = Vocabulary(
    statements=STATEMENT_NAMES,
    truth=truth,
    sample=sample,
    looks=looks,
    captions=texts,
    splits=SPLITS,
    tasks={f"humanoid-{task}": task for task in HUMANOID_TASKS},
    motions=motions,
    removable=tuple(TASK_WORDS),
    through=through,
    sweeps=sweeps,
)
