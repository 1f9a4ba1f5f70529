"""Sweeps: one property at a time, around the plain look. Looks as the model's cameras see them."""

import numpy as np
import pytest

from embodied.cli.world import make_pool
from embodied.envs.mujoco.humanoid.looks import AROUND, COLUMNS, plain_looks, sweeps, through
from embodied.envs.mujoco.humanoid.poses import POSES, pose_qpos
from embodied.envs.mujoco.humanoid.simulator import HUMANOID
from embodied.errors import EmbodiedError


def test_sweeps_change_one_property_each() -> None:
    plain = plain_looks(1)[0]
    for name, rows in sweeps().items():
        assert rows.shape[1] == len(COLUMNS)
        changed = [c for c, differs in zip(COLUMNS, (rows != plain).any(0), strict=True) if differs]
        assert changed, name
        assert len({column.partition("_")[0] for column in changed}) <= 2, (name, changed)
        assert len(np.unique(rows, axis=0)) == len(rows), name


@pytest.mark.parametrize("camera", AROUND)
def test_a_look_through_a_camera_shows_what_the_camera_shows(gl: None, camera: str) -> None:
    qpos = pose_qpos(POSES["standing, waving"])[None]
    with make_pool(HUMANOID, 1, 64, camera) as pool:
        seen = pool.render(qpos).astype(int)
    with make_pool(HUMANOID, 1, 64, looks=True) as pool:
        looked = pool.render(qpos, through(plain_looks(1), camera)).astype(int)
    assert np.abs(seen - looked).mean() < 1


def test_a_camera_that_no_look_describes_is_refused() -> None:
    with pytest.raises(EmbodiedError, match="Choices: vlm, vlm_quarter"):
        through(plain_looks(1), "side")
