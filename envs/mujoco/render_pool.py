"""Frames drawn by several processes at once, each with its own GL context, in shared memory."""

import json
import mmap
import os
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import wait
from pathlib import Path
from typing import IO, Any

import numpy as np

from embodied.errors import EmbodiedError

ORDER = struct.Struct("<ii")
"""What a worker reads: first row and the row after the last."""
ANSWER = struct.Struct("<i")
"""What it writes: the first row of an order that is done; at the start, READY."""
READY = -1

NO_GL = (
    "no OpenGL to draw frames with ({}); "
    "try `apt-get install libegl1 libegl-mesa0 libgl1-mesa-dri`, then `embodied doctor`"
)


class RenderPool:
    """Draws poses into one shared buffer of frames; the parent goes on while the workers draw.

    `submit` hands out rows and returns at once, `collect` waits and returns a view of the frames.
    There are two halves: the view stays as it is until the second `submit` after it. If a worker
    dies, all are started again and what is missing is drawn anew.

    Args:
        model_path: MJCF file.
        capacity: most poses of one submission.
        nq: length of qpos.
        height, width: frame size in pixels.
        camera: name of the model's camera; of several, each draws every pose.
        look: "module:function" called with (renderer, look row) before each frame, or none.
        look_size: length of a look row.
        workers: processes; all cores by default.
    """

    def __init__(
        self,
        model_path: Path | str,
        capacity: int,
        nq: int,
        height: int,
        width: int,
        camera: str | Sequence[str] = "vlm",
        look: str | None = None,
        look_size: int = 0,
        workers: int | None = None,
    ):
        cameras = [camera] if isinstance(camera, str) else list(camera)
        self.capacity, self.views = capacity, len(cameras)
        self._half = capacity * self.views
        rows_shape = (2 * self._half, nq + look_size)
        frames_shape = (2 * self._half, height, width, 3)
        self._rows_file, self._rows = _shared_array(rows_shape, "float64")
        self._frames_file, self._frames = _shared_array(frames_shape, "uint8")
        self._setup = json.dumps(
            {
                "model": str(model_path),
                "cameras": cameras,
                "look": look,
                "rows_fd": self._rows_file.fileno(),
                "rows_shape": rows_shape,
                "frames_fd": self._frames_file.fileno(),
                "frames_shape": frames_shape,
            }
        )
        self._first = self._count = 0
        self._waiting: dict[int, int] = {}
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115, it lives as long as the pool
        self._size = workers or os.cpu_count() or 1
        self._workers: list[subprocess.Popen[bytes]] = []
        self._orders = -1
        self._start()

    def submit(self, qpos: np.ndarray, look: np.ndarray | None = None) -> None:
        """Start drawing poses [n, nq] (n at most `capacity`), with look rows [n, look_size]."""
        if self._waiting:
            raise RuntimeError("collect the last submission before the next")
        n, nq = qpos.shape
        if n > self.capacity:
            raise ValueError(f"{n} poses do not fit a pool of {self.capacity}")
        self._first, self._count = self._half - self._first, n * self.views  # the other half
        stop = self._first + self._count
        rows = self._rows[self._first : stop].reshape(n, self.views, -1)
        rows[..., :nq] = qpos[:, None]
        if look is not None:
            rows[..., nq:] = look[:, None]
        self._waiting = dict(_shares(self._first, stop, self._size))
        self._order()

    def collect(self) -> np.ndarray:
        """Wait for the submission; frames uint8 [n, H, W, 3], a view into shared memory.

        With V cameras there are n V of them, the V of a pose together.
        """
        deaths = 0
        while self._waiting:
            for answers in wait(map(_answers, self._workers)):
                done = _read(answers)
                if not done:
                    deaths += 1
                    if deaths > 2:
                        reason = _last_line(self._errors, "a render process died three times")
                        raise EmbodiedError(NO_GL.format(reason))
                    self._restart()
                    break
                for start in done:
                    del self._waiting[start]
        return self._frames[self._first : self._first + self._count]

    def render(self, qpos: np.ndarray, look: np.ndarray | None = None) -> np.ndarray:
        """Draw any number of poses and return a copy of their frames."""
        pieces = []
        for start in range(0, len(qpos), self.capacity):
            piece = slice(start, start + self.capacity)
            self.submit(qpos[piece], None if look is None else look[piece])
            pieces.append(self.collect().copy())
        return np.concatenate(pieces) if pieces else self._frames[:0].copy()

    def close(self) -> None:
        self._stop()
        for file in (self._rows_file, self._frames_file, self._errors):
            file.close()

    def __enter__(self) -> "RenderPool":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self) -> None:
        fds: Sequence[int] = (self._rows_file.fileno(), self._frames_file.fileno())
        # One rasteriser thread each: the pool is the parallelism.
        env = {"LP_NUM_THREADS": "0", **os.environ}
        if sys.platform == "linux":
            env.setdefault("MUJOCO_GL", "egl")
        orders, self._orders = os.pipe()
        self._workers = [
            subprocess.Popen(
                [sys.executable, "-m", "embodied.envs.mujoco.render_worker", self._setup],
                stdin=orders,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                pass_fds=fds,
                env=env,
                bufsize=0,
                start_new_session=True,  # Ctrl-C goes to the parent only
            )
            for _ in range(self._size)
        ]
        os.close(orders)
        for worker in self._workers:
            if _read(_answers(worker)) != [READY]:
                reason = _last_line(self._errors, "no answer")
                self.close()
                raise EmbodiedError(NO_GL.format(reason))

    def _stop(self) -> None:
        for worker in self._workers:
            worker.kill()
            worker.wait()
            if worker.stdout is not None:
                worker.stdout.close()
        if self._workers:
            os.close(self._orders)
        self._workers = []

    def _restart(self) -> None:
        """Start all workers anew: nobody knows which orders the dead one had taken."""
        self._stop()
        self._start()
        self._order()

    def _order(self) -> None:
        # With all workers dead the pipe is broken: that is noticed when their answers are read.
        with suppress(BrokenPipeError):
            os.write(self._orders, b"".join(ORDER.pack(*part) for part in self._waiting.items()))


def _shares(start: int, stop: int, workers: int) -> Iterator[tuple[int, int]]:
    """Rows in ever smaller orders, so that all workers end together however fast each one is
    (guided self-scheduling, Polychronopoulos and Kuck 1987)."""
    while start < stop:
        end = start + -(-(stop - start) // (2 * workers))
        yield start, end
        start = end


def _shared_array(shape: tuple[int, ...], dtype: str) -> tuple[IO[bytes], np.ndarray]:
    """An array on a nameless file in memory: the kernel frees it however the processes end."""
    if sys.platform == "linux":  # and not in /dev/shm, of which containers have little
        file: IO[bytes] = os.fdopen(os.memfd_create("frames"), "r+b")
    else:
        file = tempfile.TemporaryFile()  # noqa: SIM115, the caller closes it
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    os.ftruncate(file.fileno(), max(size, 1))
    array = np.frombuffer(mmap.mmap(file.fileno(), max(size, 1)), dtype, int(np.prod(shape)))
    return file, array.reshape(shape)


def _answers(worker: subprocess.Popen[bytes]) -> int:
    assert worker.stdout is not None
    return worker.stdout.fileno()


def _read(answers: Any) -> list[int]:
    """Wait for a worker's answers; none if it is dead."""
    data = os.read(answers, 64 * 1024)
    return [start for (start,) in ANSWER.iter_unpack(data)]


def _last_line(file: IO[bytes], default: str) -> str:
    file.seek(0)
    lines = file.read().decode(errors="replace").splitlines()
    return lines[-1] if lines else default
