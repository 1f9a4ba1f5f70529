"""One process that draws frames: `python -m embodied.envs.mujoco.render_worker SETUP`.

SETUP is JSON. All workers of a `RenderPool` read their orders from one pipe, their stdin: whoever
is free takes the next. Those rows of the shared input are drawn into the shared frames, and the
order is answered on stdout. The pipe's end is the order to leave, so a killed parent leaves no
worker behind.
"""

import importlib
import json
import mmap
import os
import sys
from typing import Any

import mujoco
import numpy as np

from embodied.envs.mujoco.render_pool import ANSWER, ORDER, READY
from embodied.envs.mujoco.renderer import FrameRenderer


def _shared(fd: int, shape: list[int], dtype: str) -> np.ndarray:
    count = int(np.prod(shape))
    view = mmap.mmap(fd, count * np.dtype(dtype).itemsize)
    return np.frombuffer(view, dtype=dtype, count=count).reshape(shape)


def _serve(setup: dict[str, Any], orders: int, answers: int) -> None:
    rows = _shared(setup["rows_fd"], setup["rows_shape"], "float64")
    frames = _shared(setup["frames_fd"], setup["frames_shape"], "uint8")
    model = mujoco.MjModel.from_xml_path(setup["model"])
    height, width = frames.shape[1:3]
    # No larger a canvas than a frame: the rasteriser's memory then stays in the cache.
    model.vis.global_.offwidth, model.vis.global_.offheight = width, height
    cameras = setup["cameras"]
    renderer = FrameRenderer(model, height, width, cameras[0])
    look = None
    if setup["look"]:
        module, attribute = setup["look"].split(":")
        look = getattr(importlib.import_module(module), attribute)
    os.write(answers, ANSWER.pack(READY))
    # The kernel hands out a pipe's bytes under a lock, so records this small are never torn.
    while order := os.read(orders, ORDER.size):
        start, stop = ORDER.unpack(order)
        for i in range(start, stop):
            renderer.camera = cameras[i % len(cameras)]
            if look is not None:
                look(renderer, rows[i, model.nq :])
            renderer.draw(rows[i, : model.nq], frames[i])
        os.write(answers, ANSWER.pack(start))


def main() -> int:
    try:
        _serve(json.loads(sys.argv[1]), sys.stdin.fileno(), sys.stdout.fileno())
    except (KeyboardInterrupt, BrokenPipeError):  # the parent has gone, or answers Ctrl-C itself
        return 130
    except (RuntimeError, ImportError, AttributeError, mujoco.FatalError) as error:
        sys.stderr.write(f"{type(error).__name__}: {error}".replace("\n", " ") + "\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
