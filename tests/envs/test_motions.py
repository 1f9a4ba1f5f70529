"""Scripted motions end in success, begin without it, and move steadily."""

import numpy as np
import pytest

from embodied.envs.mujoco.humanoid.motions import STEPS, motions
from embodied.envs.mujoco.humanoid.tasks import TASKS, find_task


@pytest.mark.parametrize("name", [task.name for task in TASKS])
def test_a_motion_leads_from_failure_to_success(name: str) -> None:
    qpos, progress = motions(name)
    assert qpos.shape[1:] == (STEPS, 24)
    assert progress.shape == qpos.shape[:2]
    assert (np.diff(progress) > 0).all()
    task = find_task(name)
    assert not task.measure(qpos[:, 0]).any()
    assert task.measure(qpos[:, -1]).all()
    assert np.abs(np.diff(qpos[..., 7:], axis=1)).max() < 0.2  # radians from one state to the next
