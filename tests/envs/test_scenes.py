"""The states, looks and pictures that an encoder is aligned on."""

import numpy as np
import pytest

from embodied.envs.mujoco import pictures
from embodied.envs.mujoco.humanoid import alignment, looks, scenes
from embodied.envs.mujoco.humanoid.captions import STATEMENTS, TASK_WORDS
from embodied.envs.mujoco.humanoid.model import joint_limits
from embodied.envs.mujoco.humanoid.poses import POSES, pose_qpos
from embodied.envs.mujoco.humanoid.simulator import HUMANOID
from embodied.envs.mujoco.humanoid.state import state_from_qpos

WITHOUT = tuple(TASK_WORDS)


def sample(seed: int, n: int = 300, **kwargs: tuple[str, ...]) -> np.ndarray:
    return scenes.sample_states(np.random.default_rng(seed), n, **kwargs)


@pytest.fixture(scope="module")
def states() -> np.ndarray:
    return sample(0)


def test_states_are_sound(states: np.ndarray) -> None:
    assert states.shape == (300, 24)
    assert np.isfinite(states).all()
    np.testing.assert_allclose(np.linalg.norm(states[:, 3:7], axis=1), 1, atol=1e-6)
    low, high = joint_limits()
    slack = 0.2  # limits are soft: a fall presses joints beyond them
    assert ((states[:, 7:] > low - slack) & (states[:, 7:] < high + slack)).all()
    assert np.abs(states[:, :2]).max() < 3
    lowest = state_from_qpos(states).clearance("pelvis").min()
    assert lowest > -0.1  # nobody is under the floor


def test_states_are_varied(states: np.ndarray) -> None:
    state = state_from_qpos(states)
    height = state.position("torso")[:, 2]
    assert height.min() < 0.4
    assert height.max() > 1.1
    assert len(np.unique(states.round(3), axis=0)) > 0.95 * len(states)
    true = {name: (s.fact(state) > 0.5).mean() for name, s in STATEMENTS.items()}
    assert min(true["kneel"], true["lying"], true["one-leg"], true["arms raised"]) > 0.005


def test_a_seed_decides_the_states(states: np.ndarray) -> None:
    np.testing.assert_array_equal(sample(0), states)
    assert not np.array_equal(sample(1), states)


def test_held_out_tasks_are_shown_by_no_state() -> None:
    state = state_from_qpos(sample(0, 600, without=WITHOUT))
    for name in WITHOUT:
        assert STATEMENTS[name].fact(state).max() <= 0.2
    ordinary = state_from_qpos(sample(0, 600))
    for name in WITHOUT:  # which would be seen otherwise
        assert STATEMENTS[name].fact(ordinary).max() > 0.5


def test_key_poses_are_split() -> None:
    assert set(scenes.HELD_OUT_POSES) | set(scenes.TRAINING_POSES) == set(POSES)
    assert set(scenes.HELD_OUT_POSES).isdisjoint(scenes.TRAINING_POSES)
    assert len(scenes.HELD_OUT_POSES) == len(set(scenes.HELD_OUT_POSES)) >= 5


def test_held_out_poses_are_not_reached_by_training_states() -> None:
    """No training state has all joints within 6 degrees of a held-out pose."""
    training = sample(2, 1500)[:, 7:]
    for name in scenes.HELD_OUT_POSES:
        apart = np.abs(training - pose_qpos(POSES[name])[7:]).max(axis=1)
        assert np.degrees(apart.min()) > 6, name


def test_looks_of_training_leave_the_held_out_cameras_out() -> None:
    rng = np.random.default_rng(0)
    rows = looks.sample_looks(rng, 4000, plain=0.3)
    held = looks.held_out_cameras(rng, 4000)
    assert rows.shape == held.shape == (4000, looks.LOOK_SIZE)
    azimuth, distance = (list(looks.COLUMNS).index(c) for c in ("azimuth", "distance"))
    seen, kept = rows[:, azimuth] % 360, held[:, azimuth] % 360
    assert not ((seen > 205) & (seen < 230)).any()
    assert ((kept >= 205) & (kept <= 230)).all()
    assert rows[:, distance].max() <= 4.2 <= held[:, distance].min()
    for start in range(0, 360, 30):  # all around, but for that sector
        assert ((seen >= start) & (seen < start + 30)).any()
    floor = list(looks.COLUMNS).index("floor")
    assert set(rows[:, floor]) == set(range(len(looks.FLOORS)))
    assert (rows == looks.plain_looks(1)).all(axis=1).mean() == pytest.approx(0.3, abs=0.05)


def test_the_plain_look_is_the_models_own(gl: None) -> None:
    from embodied.envs.mujoco.humanoid.model import MODEL_PATH, load_model
    from embodied.envs.mujoco.render_pool import RenderPool

    qpos = np.array([pose_qpos(POSES["kneeling"]), pose_qpos(POSES["standing"], 0.5)])
    sizes = (MODEL_PATH, 2, load_model().nq, 48, 48)
    with RenderPool(*sizes, workers=1) as pool:
        bare = pool.render(qpos)
    look = "embodied.envs.mujoco.humanoid.looks:apply"
    with RenderPool(*sizes, look=look, look_size=looks.LOOK_SIZE, workers=1) as pool:
        other = looks.sample_looks(np.random.default_rng(0), 2, plain=0)
        changed = pool.render(qpos, other)
        plain = pool.render(qpos, looks.plain_looks(2))  # nothing of the look before remains
    assert np.abs(plain.astype(int) - bare).mean() < 2
    assert np.abs(changed.astype(int) - bare).mean() > 10


@pytest.mark.parametrize("split", alignment.SPLITS)
def test_draw_gives_pictures_with_their_truth(
    split: str, gl: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "CHUNK", 5)
    chunks = list(pictures.draw(HUMANOID, split, 0, 8, 32, seed=3))
    assert [len(frames) for frames, _ in chunks] == [5, 3]
    for frames, truth in chunks:
        assert (frames.shape[1:], frames.dtype) == ((32, 32, 3), np.uint8)
        assert (truth.shape, truth.dtype) == ((len(frames), len(STATEMENTS)), np.float32)
        assert frames.std() > 5
        always = alignment.STATEMENT_NAMES.index("anything")
        assert (truth[:, always] == 1).all()
    [(again, truth_again)] = pictures.draw(HUMANOID, split, 5, 8, 32, seed=3)  # drawn on from there
    np.testing.assert_array_equal(again, chunks[1][0])
    np.testing.assert_array_equal(truth_again, chunks[1][1])


def test_splits_and_seeds_draw_other_pictures(gl: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "CHUNK", 2)
    drawn = [
        next(pictures.draw(HUMANOID, split, 0, 2, 32, seed))[1].tobytes()
        for split, seed in (("train", 0), ("train", 1), ("plain", 0), ("cameras", 0))
    ]
    assert len(set(drawn)) == len(drawn)
