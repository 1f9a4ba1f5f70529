"""Success checkers on poses that a person would, or would not, call by the task's name."""

import numpy as np
import pytest

from embodied.envs.mujoco.humanoid.poses import POSES, Pose, on_floor, pose_qpos
from embodied.envs.mujoco.humanoid.state import state_from_qpos
from embodied.envs.mujoco.humanoid.tasks import TASKS, TASKS_BY_NAME

YAWS = (0.0, 1.0, np.pi)

STANDING = [name for name in POSES if name.startswith("standing")]
KNEELING = [name for name in POSES if name.startswith("kneeling")]
ONE_LEG = [name for name in POSES if " leg lifted" in name] + ["tree"]
NOT_UPRIGHT = [
    name
    for name in POSES
    if name.startswith(("lying", "push-up", "bridge", "head down", "all fours", "child"))
]

SHOULD = {
    "humanoid-kneel": KNEELING,
    "humanoid-lotus": ["lotus", "lotus, praying"],
    "humanoid-stand": STANDING,
    "humanoid-arms-raised": ["standing, arms raised"],
    "humanoid-splits": ["side splits", "side splits, arms down"],
    "humanoid-hands-on-hips": ["standing, hands on hips"],
    "humanoid-one-leg": ONE_LEG,
    "humanoid-arms-crossed": ["standing, arms crossed"],
}

# Poses on which two people might not agree; neither answer is asked for.
ARGUABLE = {
    "humanoid-lotus": ["lotus, loose"],
    "humanoid-stand": ["walking"],
    "humanoid-one-leg": ["arabesque"],
}

# Beside the key poses: near misses, each a pose that has all but one thing of the goal.
NEAR_MISSES = {
    "humanoid-kneel": {
        "torso bent over": Pose(legs=(0, 0, -70, -106), root=(0, 65)),
        "in the air": Pose(legs=(0, 0, 0, -150), left_leg=(0, 0, 0, -2)),
    },
    "humanoid-lotus": {
        "legs folded in front, not crossed": Pose(legs=(0, 0, -130, -140), root=(0, -10)),
        "leaning far back": Pose(
            legs=(66, -6, -130, -136),
            left_leg=(66, -2, -120, -128),
            spine=(0, -20, 0),
            root=(0, -60),
        ),
    },
    "humanoid-stand": {
        "knees bent": Pose(legs=(0, 0, -45, -70), root=(0, 0)),
        "leaning over": Pose(legs=(0, 0, -35, -2), root=(0, 35)),
    },
    "humanoid-arms-raised": {
        "kneeling": Pose(legs=(0, 0, 0, -106), arms="raised"),
        "one hand only": Pose(left_arm="raised"),
    },
    "humanoid-splits": {
        "lying on the back with legs apart": Pose(legs=(-83, 0, 0, -3), root=(0, -90)),
        "knees bent": Pose(legs=(-83, 0, 0, -80)),
    },
    "humanoid-hands-on-hips": {
        "one hand only": Pose(arms="on hips", left_arm="down"),
        "kneeling": Pose(legs=(0, 0, 0, -106), arms="on hips"),
    },
    "humanoid-one-leg": {
        "on a bent leg": Pose(legs=(0, 0, -80, -90), left_leg=(0, 0, -60, -100)),
        "lifted by a hand's breadth": Pose(legs=(0, 0, -25, -40), left_leg=(0, 0, 0, -2)),
    },
    "humanoid-arms-crossed": {
        "one arm only": Pose(arms="crossed", left_arm="down"),
        "sitting": Pose(legs=(0, 0, -88, -5), arms="crossed"),
    },
}


def judge(task: str, pose: Pose) -> list[bool]:
    """The checker's answers for the pose turned by each of `YAWS`."""
    qpos = np.array([pose_qpos(pose, yaw) for yaw in YAWS])
    return TASKS_BY_NAME[task].success(state_from_qpos(qpos)).tolist()


def test_the_table_covers_every_task() -> None:
    assert set(SHOULD) == set(NEAR_MISSES) == set(TASKS_BY_NAME)


@pytest.mark.parametrize(
    ("task", "pose"), [(task, pose) for task, poses in SHOULD.items() for pose in poses]
)
def test_counts(task: str, pose: str) -> None:
    assert judge(task, POSES[pose]) == [True] * len(YAWS)


@pytest.mark.parametrize("task", SHOULD)
def test_nothing_else_counts(task: str) -> None:
    others = set(POSES) - set(SHOULD[task]) - set(ARGUABLE.get(task, ()))
    assert len(others) > 30
    assert {pose for pose in others if any(judge(task, POSES[pose]))} == set()


@pytest.mark.parametrize(
    ("task", "miss"), [(task, miss) for task, misses in NEAR_MISSES.items() for miss in misses]
)
def test_a_near_miss_does_not_count(task: str, miss: str) -> None:
    assert judge(task, NEAR_MISSES[task][miss]) == [False] * len(YAWS)


@pytest.mark.parametrize(
    ("task", "pose"),
    [
        ("humanoid-kneel", "all fours"),
        ("humanoid-kneel", "half kneeling, right knee"),
        ("humanoid-kneel", "half kneeling, left knee"),
        ("humanoid-kneel", "squatting"),
        ("humanoid-kneel", "child's pose"),
        ("humanoid-kneel", "lying on the back, knees up"),
        ("humanoid-splits", "lunge"),
        ("humanoid-splits", "front splits"),
        ("humanoid-splits", "half side splits"),
        ("humanoid-one-leg", "lunge"),
        ("humanoid-lotus", "sitting, knees up"),
        ("humanoid-arms-crossed", "standing, praying"),
        ("humanoid-hands-on-hips", "standing, hands behind"),
        ("humanoid-arms-raised", "lying on the front"),
        *(("humanoid-stand", pose) for pose in NOT_UPRIGHT),
    ],
)
def test_what_is_easily_mistaken_does_not_count(task: str, pose: str) -> None:
    assert pose in POSES
    assert judge(task, POSES[pose]) == [False] * len(YAWS)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_a_batch_is_judged_one_by_one(task) -> None:
    qpos = np.array([pose_qpos(pose) for pose in POSES.values()])
    together = task.success(state_from_qpos(qpos))
    assert together.dtype == bool
    assert together.tolist() == [bool(task.success(state_from_qpos(q))[0]) for q in qpos]


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_a_goal_held_in_the_air_does_not_count(task) -> None:
    qpos = np.array([pose_qpos(POSES[pose]) for pose in SHOULD[task.name]])
    qpos[:, 2] += 0.3
    assert not task.success(state_from_qpos(qpos)).any()


@pytest.mark.parametrize("task", SHOULD)
def test_a_little_noise_changes_nothing(task: str) -> None:
    """One degree on every joint: thresholds have room around the key poses."""
    rng = np.random.default_rng(0)
    qpos = np.repeat([pose_qpos(POSES[pose]) for pose in SHOULD[task]], 20, axis=0)
    qpos[:, 7:] += np.radians(rng.uniform(-1, 1, (len(qpos), 17)))
    assert TASKS_BY_NAME[task].success(state_from_qpos(on_floor(qpos))).mean() > 0.9
