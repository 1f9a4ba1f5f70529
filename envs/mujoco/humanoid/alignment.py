"""Pictures of the humanoid with the truth of every statement: what `embodied align` learns from."""

from collections.abc import Iterator

import numpy as np

from embodied.envs.mujoco.humanoid.captions import STATEMENTS
from embodied.envs.mujoco.humanoid.looks import (
    HELD_OUT_FLOORS,
    LOOK_SIZE,
    held_out_cameras,
    plain_looks,
    sample_looks,
)
from embodied.envs.mujoco.humanoid.model import MODEL_PATH, load_model
from embodied.envs.mujoco.humanoid.scenes import HELD_OUT_POSES, TRAINING_POSES, sample_states
from embodied.envs.mujoco.humanoid.state import state_from_qpos
from embodied.envs.mujoco.render_pool import RenderPool

CHUNK = 2000
STATEMENT_NAMES = tuple(STATEMENTS)
SPLITS = ("train", "plain", "poses", "cameras", "floors")
"""`plain` is fresh states under the training look; the others hold one thing out each."""


def truth(qpos: np.ndarray) -> np.ndarray:
    """Degree of every statement for poses [n, 24]: float32 [n, K]."""
    state = state_from_qpos(qpos)
    return np.stack([s.fact(state) for s in STATEMENTS.values()], axis=1).astype(np.float32)


def draw(
    split: str, start: int, stop: int, size: int, seed: int, without: tuple[str, ...] = ()
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pictures start..stop of a split: chunks of frames uint8 [c, size, size, 3], truth [c, K].

    Every `CHUNK` pictures have their own random stream, so that an interrupted drawing goes on
    from a multiple of it as if nothing had happened.
    """
    poses = HELD_OUT_POSES if split == "poses" else TRAINING_POSES
    with RenderPool(
        MODEL_PATH,
        CHUNK,
        load_model().nq,
        size,
        size,
        look="embodied.envs.mujoco.humanoid.looks:apply",
        look_size=LOOK_SIZE,
    ) as pool:
        for first in range(start, stop, CHUNK):
            rng = np.random.default_rng([seed, SPLITS.index(split), first])
            count = min(CHUNK, stop - first)
            qpos = sample_states(rng, count, poses=poses, without=without)
            pool.submit(qpos, _looks(split, rng, count))
            degrees = truth(qpos)  # while the workers draw
            yield pool.collect(), degrees


def _looks(split: str, rng: np.random.Generator, n: int) -> np.ndarray:
    match split:
        case "cameras":
            return held_out_cameras(rng, n)
        case "floors":
            return sample_looks(rng, n, floors=HELD_OUT_FLOORS, plain=0)
        case "train":
            return sample_looks(rng, n)
        case _:
            return plain_looks(n)
