"""Frames drawn by several processes at once, each with its own GL context, in shared memory."""

import json
import mmap
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import numpy as np

from embodied.errors import EmbodiedError

NO_GL = (
    "no OpenGL to draw frames with ({}); "
    "try `apt-get install libegl1 libegl-mesa0 libgl1-mesa-dri`, then `embodied doctor`"
)


class RenderPool:
    """Draws poses into one shared buffer of frames; the parent goes on while the workers draw.

    `submit` hands out rows and returns at once, `collect` waits and returns a view of the frames.
    There are two halves: the view stays as it is until the second `submit` after it. A worker that
    dies is started again and its part drawn anew.

    Args:
        model_path: MJCF file.
        capacity: most frames of one submission.
        nq: length of qpos.
        height, width: frame size in pixels.
        camera: name of the model's camera.
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
        camera: str = "vlm",
        look: str | None = None,
        look_size: int = 0,
        workers: int | None = None,
    ):
        self.capacity = capacity
        rows_shape = (2 * capacity, nq + look_size)
        frames_shape = (2 * capacity, height, width, 3)
        self._rows_file, self._rows = _shared_array(rows_shape, "float64")
        self._frames_file, self._frames = _shared_array(frames_shape, "uint8")
        self._setup = json.dumps(
            {
                "model": str(model_path),
                "camera": camera,
                "look": look,
                "rows_fd": self._rows_file.fileno(),
                "rows_shape": rows_shape,
                "frames_fd": self._frames_file.fileno(),
                "frames_shape": frames_shape,
            }
        )
        self._first = 0
        self._errors = tempfile.TemporaryFile()
        self._parts: list[tuple[int, int]] = []
        count = workers or os.cpu_count() or 1
        self._workers = [self._start() for _ in range(count)]
        for worker in self._workers:
            self._greet(worker)

    def submit(self, qpos: np.ndarray, look: np.ndarray | None = None) -> None:
        """Start drawing poses [n, nq] (n at most `capacity`), with look rows [n, look_size]."""
        if self._parts:
            raise RuntimeError("collect the last submission before the next")
        n, nq = qpos.shape
        if n > self.capacity:
            raise ValueError(f"{n} frames do not fit a pool of {self.capacity}")
        self._first = self.capacity - self._first  # the other half
        rows = self._rows[self._first : self._first + n]
        rows[:, :nq] = qpos
        if look is not None:
            rows[:, nq:] = look
        edges = self._first + np.linspace(0, n, len(self._workers) + 1).astype(int)
        self._parts = [(int(a), int(b)) for a, b in zip(edges[:-1], edges[1:], strict=True)]
        for index, part in enumerate(self._parts):
            self._order(index, part)

    def collect(self) -> np.ndarray:
        """Wait for the submission; frames uint8 [n, H, W, 3], a view into shared memory."""
        for index, part in enumerate(self._parts):
            answer = _read(self._workers[index])
            for _ in range(2):
                if answer == "done":
                    break
                self._restart(index)
                self._order(index, part)
                answer = _read(self._workers[index])
            else:
                raise EmbodiedError(NO_GL.format(answer or "a render process died three times"))
        stop = self._parts[-1][1] if self._parts else self._first
        self._parts = []
        return self._frames[self._first : stop]

    def render(self, qpos: np.ndarray, look: np.ndarray | None = None) -> np.ndarray:
        """Draw any number of poses and return a copy of their frames."""
        pieces = []
        for start in range(0, len(qpos), self.capacity):
            piece = slice(start, start + self.capacity)
            self.submit(qpos[piece], None if look is None else look[piece])
            pieces.append(self.collect().copy())
        return np.concatenate(pieces) if pieces else self._frames[:0].copy()

    def close(self) -> None:
        for worker in self._workers:
            _stop(worker)
        self._workers = []
        for file in (self._rows_file, self._frames_file, self._errors):
            file.close()

    def __enter__(self) -> "RenderPool":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self) -> subprocess.Popen[str]:
        fds: Sequence[int] = (self._rows_file.fileno(), self._frames_file.fileno())
        # One rasteriser thread each: the pool is the parallelism.
        env = {"LP_NUM_THREADS": "0", **os.environ}
        if sys.platform == "linux":
            env.setdefault("MUJOCO_GL", "egl")
        worker = subprocess.Popen(
            [sys.executable, "-m", "embodied.envs.mujoco.render_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            pass_fds=fds,
            env=env,
            text=True,
            start_new_session=True,  # Ctrl-C goes to the parent only
        )
        _write(worker, self._setup)
        return worker

    def _greet(self, worker: subprocess.Popen[str]) -> None:
        answer = _read(worker)
        if answer != "ready":
            reason = answer.removeprefix("failed ") or _last_line(self._errors)
            self.close()
            raise EmbodiedError(NO_GL.format(reason))

    def _restart(self, index: int) -> None:
        _stop(self._workers[index])
        self._workers[index] = self._start()
        self._greet(self._workers[index])

    def _order(self, index: int, part: tuple[int, int]) -> None:
        _write(self._workers[index], f"{part[0]} {part[1]}")


def _shared_array(shape: tuple[int, ...], dtype: str) -> tuple[IO[bytes], np.ndarray]:
    """An array on a nameless file in memory: the kernel frees it however the processes end."""
    folder = "/dev/shm" if os.path.isdir("/dev/shm") else None
    file = tempfile.TemporaryFile(dir=folder)
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    os.ftruncate(file.fileno(), max(size, 1))
    array = np.frombuffer(mmap.mmap(file.fileno(), max(size, 1)), dtype, int(np.prod(shape)))
    return file, array.reshape(shape)


def _write(worker: subprocess.Popen[str], line: str) -> None:
    assert worker.stdin is not None
    try:
        worker.stdin.write(line + "\n")
        worker.stdin.flush()
    except BrokenPipeError:
        pass  # a dead worker is noticed, and replaced, when its answer is read


def _read(worker: subprocess.Popen[str]) -> str:
    assert worker.stdout is not None
    return worker.stdout.readline().strip()


def _last_line(file: IO[bytes]) -> str:
    file.seek(0)
    lines = file.read().decode(errors="replace").splitlines()
    return lines[-1] if lines else "no answer"


def _stop(worker: subprocess.Popen[str]) -> None:
    assert worker.stdin is not None and worker.stdout is not None
    worker.kill()
    worker.wait()
    for pipe in (worker.stdin, worker.stdout):
        try:
            pipe.close()
        except BrokenPipeError:
            pass
