"""One process that draws frames: `python -m embodied.envs.mujoco.render_worker`.

The parent (`RenderPool`) writes a JSON line with the set-up to stdin, then lines "start stop"; rows
start..stop of the shared input are drawn into the shared frames and "done" is answered. The pipe's
end is the order to leave, so a killed parent leaves no worker behind.
"""

import importlib
import json
import mmap
import sys
from typing import Any

import mujoco
import numpy as np

from embodied.envs.mujoco.renderer import FrameRenderer


def _shared(fd: int, shape: list[int], dtype: str) -> np.ndarray:
    count = int(np.prod(shape))
    view = mmap.mmap(fd, count * np.dtype(dtype).itemsize)
    return np.frombuffer(view, dtype=dtype, count=count).reshape(shape)


def _serve(setup: dict[str, Any]) -> None:
    rows = _shared(setup["rows_fd"], setup["rows_shape"], "float64")
    frames = _shared(setup["frames_fd"], setup["frames_shape"], "uint8")
    model = mujoco.MjModel.from_xml_path(setup["model"])
    renderer = FrameRenderer(model, frames.shape[1], frames.shape[2], setup["camera"])
    look = None
    if setup["look"]:
        module, attribute = setup["look"].split(":")
        look = getattr(importlib.import_module(module), attribute)
    print("ready", flush=True)
    for line in sys.stdin:
        start, stop = map(int, line.split())
        for row, frame in zip(rows[start:stop], frames[start:stop], strict=True):
            if look is not None:
                look(renderer, row[model.nq :])
            renderer.draw(row[: model.nq], frame)
        print("done", flush=True)


def main() -> int:
    try:
        _serve(json.loads(sys.stdin.readline()))
    except KeyboardInterrupt:  # the parent answers Ctrl-C, not its workers
        return 130
    except (RuntimeError, ImportError, AttributeError, mujoco.FatalError) as error:
        print(f"failed {type(error).__name__}: {error}".replace("\n", " "), flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
