"""The humanoid's model and its names, loaded once."""

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import mujoco
import numpy as np

MODEL_PATH = Path(__file__).parents[3] / "assets" / "humanoid" / "humanoid.xml"

FRAME_SKIP = 3
"""Physics steps of 5 ms per control step: 15 ms, as in Gymnasium's Humanoid (5 x 3 ms)."""

EPISODE_STEPS = 100
"""VLM-RM's episode length."""


class Names(NamedTuple):
    """Index of each name: joints in `qpos[7:]`, bodies and geoms in their MuJoCo arrays."""

    joint: dict[str, int]
    body: dict[str, int]
    geom: dict[str, int]


@lru_cache(maxsize=1)
def load_model() -> mujoco.MjModel:
    """The shared, read-only model; copy it before changing it."""
    return mujoco.MjModel.from_xml_path(str(MODEL_PATH))


@lru_cache(maxsize=1)
def names() -> Names:
    model = load_model()
    return Names(
        joint={model.joint(j).name: model.joint(j).qposadr[0] - 7 for j in range(1, model.njnt)},
        body={model.body(b).name: b for b in range(model.nbody)},
        geom={model.geom(g).name: g for g in range(model.ngeom) if model.geom(g).name},
    )


def joint_limits() -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest angle of each of the 17 hinges, in radians."""
    low, high = load_model().jnt_range[1:].T
    return low, high
