"""The vocabularies of classic control: degrees, captions, looks."""

import mujoco
import numpy as np
import pytest

from embodied.envs.mujoco.classic import looks
from embodied.envs.mujoco.classic.mountain_car import qpos_at
from embodied.envs.mujoco.classic.simulators import CARTPOLE, MOUNTAIN_CAR, MOUNTAIN_CAR_PLAIN
from embodied.envs.mujoco.classic.tasks import TASKS
from embodied.envs.mujoco.renderer import FrameRenderer
from embodied.envs.simulator import Simulator

SIMULATORS = (CARTPOLE, MOUNTAIN_CAR, MOUNTAIN_CAR_PLAIN)
SCENES = {
    "cartpole": looks.CARTPOLE,
    "mountain-car": looks.MOUNTAIN_CAR,
    "mountain-car-plain": looks.MOUNTAIN_CAR_PLAIN,
}


def degree(simulator: Simulator, statement: str, qpos: list[list[float]] | np.ndarray) -> list:
    words = simulator.vocabulary()
    return words.truth(np.array(qpos))[:, words.statements.index(statement)].tolist()


@pytest.mark.parametrize("simulator", SIMULATORS, ids=lambda s: s.name)
def test_degrees_and_captions_fit_together(simulator: Simulator) -> None:
    words = simulator.vocabulary()
    rng = np.random.default_rng(0)
    qpos = words.sample(rng, 500, "train", ())
    truth = words.truth(qpos)
    assert truth.shape == (500, len(words.statements))
    assert truth.dtype == np.float32
    assert (truth >= 0).all()
    assert (truth <= 1).all()
    told, held_out = words.captions(False, ()), words.captions(True, ())
    for texts, statements in (told, held_out):
        assert len(texts) == len(statements) == len(set(texts))
        assert set(statements) <= set(words.statements)
    assert not set(told[0]) & set(held_out[0])
    assert set(told[1]) == set(words.statements)
    varied = truth.std(0) > 0.05  # all but what is true of every picture or of none
    assert varied.sum() == len(words.statements) - 2


def test_the_prompts_of_the_paper_are_captions() -> None:
    for task in TASKS:
        texts, statements = task.simulator.vocabulary().captions(False, ())
        said = dict(zip(texts, statements, strict=True))
        assert said[task.goal_prompts[0]] == task.simulator.vocabulary().tasks[task.name]
        assert task.baseline_prompts[0] in said


def test_poles_are_told_apart() -> None:
    poses = [[0, 0.0], [0, -0.6], [0, 0.6], [0, np.pi / 2], [0, np.pi], [0, -np.pi]]
    assert degree(CARTPOLE, "upright", poses) == pytest.approx([1, 0, 0, 0, 0, 0], abs=0.1)
    assert degree(CARTPOLE, "leaning left", poses) == [0, 1, 0, 0, 0, 0]
    assert degree(CARTPOLE, "leaning right", poses) == [0, 0, 1, 0, 0, 0]
    assert degree(CARTPOLE, "level right", poses) == [0, 0, 0, 1, 0, 0]
    assert degree(CARTPOLE, "hanging", poses) == [0, 0, 0, 0, 1, 1]
    assert degree(CARTPOLE, "upright", [[0, t] for t in (0.7, 0.5, 0.3, 0.1, 0.02)]) == sorted(
        degree(CARTPOLE, "upright", [[0, t] for t in (0.7, 0.5, 0.3, 0.1, 0.02)])
    )


def test_cars_are_told_apart() -> None:
    places = qpos_at(np.array([-1.2, -0.9, -0.52, 0.0, 0.52]))
    assert degree(MOUNTAIN_CAR, "peak", places)[-1] == 1
    assert max(degree(MOUNTAIN_CAR, "peak", places)[:-1]) < 0.5
    assert degree(MOUNTAIN_CAR, "valley", places)[2:] == [1, 0, 0]
    assert degree(MOUNTAIN_CAR, "left slope", places)[1] == 1
    assert degree(MOUNTAIN_CAR, "nose up", places)[3] == 1
    assert degree(MOUNTAIN_CAR, "nose down", places)[1] == 1


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_motions_end_at_the_goal(task) -> None:
    qpos, progress = task.simulator.vocabulary().motions(task.name)
    assert qpos.shape[:2] == progress.shape
    assert task.measure(qpos[:, -1]).all()
    assert not task.measure(qpos[:, 0]).any()
    assert (np.diff(progress) > 0).all()


@pytest.mark.parametrize("simulator", SIMULATORS, ids=lambda s: s.name)
def test_the_plain_look_is_the_scenes_own_and_others_differ(simulator: Simulator, gl: None) -> None:
    model = mujoco.MjModel.from_xml_path(str(simulator.model_path))
    renderer = FrameRenderer(model, 56, 56)
    qpos = simulator.vocabulary().sample(np.random.default_rng(0), 1, "plain", ())[0]
    own = renderer.draw(qpos).astype(int)
    assert simulator.look is not None
    apply = getattr(looks, simulator.look.partition(":")[2])
    apply(renderer, looks.plain_looks(1)[0])
    assert np.abs(renderer.draw(qpos) - own).max() <= 3
    for split in ("cameras", "textures"):
        row = looks.split_looks(SCENES[simulator.name], np.random.default_rng(0), 1, split)[0]
        apply(renderer, row)
        assert np.abs(renderer.draw(qpos) - own).mean() > 5
    renderer.close()


def test_held_out_looks_are_not_in_training() -> None:
    rng = np.random.default_rng(0)
    train = looks.split_looks(looks.CARTPOLE, rng, 2000, "train")
    textures = looks.split_looks(looks.CARTPOLE, rng, 100, "textures")
    cameras = looks.split_looks(looks.CARTPOLE, rng, 100, "cameras")
    assert not set(train[:, 0]) & set(textures[:, 0])
    azimuth = list(looks.COLUMNS).index("azimuth")
    assert np.abs(train[:, azimuth] - 90).max() <= 12 <= np.abs(cameras[:, azimuth] - 90).min()
