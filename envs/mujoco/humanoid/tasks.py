"""VLM-RM's eight humanoid tasks, with the paper's prompts."""

from collections.abc import Callable

import numpy as np

from embodied.envs.mujoco.humanoid import success
from embodied.envs.mujoco.humanoid.simulator import HUMANOID
from embodied.envs.mujoco.humanoid.state import HumanoidState
from embodied.envs.registration import humanoid_id
from embodied.envs.task import Task
from embodied.errors import unknown


def _task(alias: str, words: str, check: Callable[[HumanoidState], np.ndarray]) -> Task:
    return Task(
        name=f"humanoid-{alias}",
        env_id=humanoid_id(alias),
        goal_prompts=(f"a humanoid robot {words}",),
        baseline_prompts=("a humanoid robot",),
        instruction=f"Be a humanoid robot {words}.",
        simulator=HUMANOID,
        success=check,
    )


KNEEL = _task("kneel", "kneeling", success.kneel)
LOTUS = _task("lotus", "seated down, meditating in the lotus position", success.lotus)
STAND = _task("stand", "standing up", success.stand)
ARMS_RAISED = _task("arms-raised", "standing up, with both arms raised", success.arms_raised)
SPLITS = _task("splits", "practicing gymnastics, doing the side splits", success.splits)
HANDS_ON_HIPS = _task("hands-on-hips", "standing up with hands on hips", success.hands_on_hips)
ONE_LEG = _task("one-leg", "standing up on one leg", success.one_leg)
ARMS_CROSSED = _task("arms-crossed", "standing up, with its arms crossed", success.arms_crossed)

TASKS = (KNEEL, LOTUS, STAND, ARMS_RAISED, SPLITS, HANDS_ON_HIPS, ONE_LEG, ARMS_CROSSED)
TASKS_BY_NAME = {task.name: task for task in TASKS}


def find_task(name: str) -> Task:
    """The task of that name; EmbodiedError with the choices if there is none."""
    if name not in TASKS_BY_NAME:
        raise unknown("task", name, TASKS_BY_NAME)
    return TASKS_BY_NAME[name]
