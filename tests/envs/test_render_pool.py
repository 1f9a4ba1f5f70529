"""Frames from worker processes: the same pixels, in order, whatever happens to a worker."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import mujoco
import numpy as np
import pytest

from embodied.envs.mujoco.humanoid.model import MODEL_PATH, load_model
from embodied.envs.mujoco.humanoid.poses import POSES, pose_qpos
from embodied.envs.mujoco.render_pool import RenderPool
from embodied.envs.mujoco.renderer import FrameRenderer
from embodied.errors import EmbodiedError

SIDE = 40
QPOS = np.array([pose_qpos(pose) for pose in list(POSES.values())[:12]])


def make_pool(workers: int = 2, capacity: int = 6) -> RenderPool:
    return RenderPool(MODEL_PATH, capacity, load_model().nq, SIDE, SIDE, workers=workers)


@pytest.fixture(scope="module")
def expected(gl: None) -> np.ndarray:
    """What one renderer in this process draws of `QPOS`."""
    renderer = FrameRenderer(mujoco.MjModel.from_xml_path(str(MODEL_PATH)), SIDE, SIDE)
    frames = np.array([renderer.draw(qpos) for qpos in QPOS])
    renderer.close()
    return frames


@pytest.fixture(scope="module")
def pool(gl: None) -> Iterator[RenderPool]:
    with make_pool() as pool:
        yield pool


def test_renderer_draws_what_it_is_asked_to(expected: np.ndarray) -> None:
    assert expected.dtype == np.uint8
    assert len({frame.tobytes() for frame in expected}) == len(expected)
    renderer = FrameRenderer(load_model(), SIDE, SIDE)
    out = np.zeros((SIDE, SIDE, 3), np.uint8)
    assert renderer.draw(QPOS[3], out) is out
    np.testing.assert_array_equal(out, expected[3])
    first = renderer.draw(QPOS[0])
    renderer.draw(QPOS[1])
    np.testing.assert_array_equal(first, expected[0])  # a frame handed out is not drawn over
    renderer.close()


def test_people_get_shadows(gl: None) -> None:
    plain, pretty = (
        FrameRenderer(load_model(), SIDE, SIDE, "portrait", pretty=pretty)
        for pretty in (False, True)
    )
    difference = np.abs(pretty.draw(QPOS[0]).astype(int) - plain.draw(QPOS[0]))
    assert difference.max() > 20
    for renderer in (plain, pretty):
        renderer.close()


def test_pool_draws_the_same_frames(pool: RenderPool, expected: np.ndarray) -> None:
    np.testing.assert_array_equal(pool.render(QPOS), expected)  # in two submissions of six
    for n in (1, 2, 3, 5):
        pool.submit(QPOS[:n])
        np.testing.assert_array_equal(pool.collect(), expected[:n])
    assert pool.render(QPOS[:0]).shape == (0, SIDE, SIDE, 3)


def test_frames_stay_until_the_second_submission_after(
    pool: RenderPool, expected: np.ndarray
) -> None:
    pool.submit(QPOS[0:6])
    first = pool.collect()
    pool.submit(QPOS[6:12])
    second = pool.collect()
    np.testing.assert_array_equal(first, expected[0:6])
    np.testing.assert_array_equal(second, expected[6:12])
    pool.submit(QPOS[3:9])
    third = pool.collect()
    np.testing.assert_array_equal(second, expected[6:12])
    assert np.shares_memory(first, third)
    assert not np.shares_memory(second, third)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it is a temporary file")
def test_frames_take_no_room_in_dev_shm(pool: RenderPool) -> None:
    """A container has 64 MB there, and a worker that writes beyond them dies of SIGBUS."""
    for file in (pool._rows_file, pool._frames_file):
        assert os.readlink(f"/proc/self/fd/{file.fileno()}").startswith("/memfd:")


def test_misuse_is_noticed(pool: RenderPool) -> None:
    with pytest.raises(ValueError, match="7 poses do not fit a pool of 6"):
        pool.submit(QPOS[:7])
    pool.submit(QPOS[:2])
    with pytest.raises(RuntimeError, match="collect"):
        pool.submit(QPOS[:2])
    pool.collect()


def test_a_killed_worker_is_replaced(gl: None, expected: np.ndarray) -> None:
    with make_pool() as pool:
        before = [worker.pid for worker in pool._workers]
        os.kill(before[0], signal.SIGKILL)  # while it waits
        np.testing.assert_array_equal(pool.render(QPOS), expected)
        busy = pool._workers[1].pid
        os.kill(busy, signal.SIGSTOP)  # so that it cannot have finished
        pool.submit(QPOS[:6])
        os.kill(busy, signal.SIGKILL)
        np.testing.assert_array_equal(pool.collect(), expected[:6])
        after = [worker.pid for worker in pool._workers]
        assert not set(before) & set(after)
        np.testing.assert_array_equal(pool.render(QPOS), expected)


def test_workers_leave_with_the_pool(gl: None) -> None:
    pool = make_pool()
    pids = [worker.pid for worker in pool._workers]
    pool.submit(QPOS[:2])
    pool.close()
    assert not any(alive(pid) for pid in pids)


def test_workers_leave_when_the_parent_is_killed(gl: None) -> None:
    code = (
        "import sys, time\n"
        "from embodied.envs.mujoco.humanoid.model import MODEL_PATH\n"
        "from embodied.envs.mujoco.render_pool import RenderPool\n"
        "pool = RenderPool(MODEL_PATH, 4, 24, 16, 16, workers=2)\n"
        "print(*(worker.pid for worker in pool._workers), flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 2
        assert all(alive(pid) for pid in pids)
        parent.kill()
    deadline = time.monotonic() + 10
    while any(alive(pid) for pid in pids):
        assert time.monotonic() < deadline, "a worker outlived its parent"
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("__EGL_VENDOR_LIBRARY_FILENAMES", "/nonexistent"),  # EGL, but no driver for it
        ("MUJOCO_GL", "disabled"),
        ("MUJOCO_GL", "nonsense"),
    ],
)
def test_without_opengl_there_is_one_line(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(EmbodiedError, match=r"apt-get install .*libegl1.*embodied doctor") as error:
        make_pool(workers=1)
    assert "\n" not in str(error.value)
    assert "()" not in str(error.value)  # it says why


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be asked how does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_several_cameras_draw_each_pose(gl: None) -> None:
    cameras = ("vlm", "side")
    poses = np.stack([load_model().qpos0] * 3)
    poses[:, 2] += (0.0, 0.2, 0.4)
    alone = []
    for camera in cameras:
        with RenderPool(MODEL_PATH, 4, 24, 32, 32, camera) as pool:
            alone.append(pool.render(poses))
    with RenderPool(MODEL_PATH, 4, 24, 32, 32, cameras) as pool:
        for _ in range(2):  # both halves of the buffer
            pool.submit(poses)
            together = pool.collect().reshape(3, 2, 32, 32, 3)
            np.testing.assert_array_equal(together[:, 0], alone[0])
            np.testing.assert_array_equal(together[:, 1], alone[1])
