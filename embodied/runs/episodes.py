"""Episodes as their states, in one safetensors file: what `embodied view --episode` plays.

qpos     float64 [T, E, nq]   the state that each step led to
success  uint8 [T, E]         whether the goal held in it
over     uint8 [T, E]         1 for the steps after an episode's end
metadata                      format, env
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from embodied.errors import EmbodiedError
from embodied.runs import disk

FORMAT = "embodied-episodes-1"


@dataclass(frozen=True)
class RecordedEpisodes:
    """E episodes of a task: states [T, E, nq], whether the goal held and what is past an end, bool
    [T, E]."""

    env: str
    qpos: np.ndarray
    success: np.ndarray
    over: np.ndarray


def write_episodes(path: str | Path, episodes: RecordedEpisodes) -> Path:
    """Write the file; it appears when it is complete. EmbodiedError if the disk refuses."""
    from safetensors.numpy import save

    tensors = {
        "qpos": np.ascontiguousarray(episodes.qpos, np.float64),
        "success": np.ascontiguousarray(episodes.success, np.uint8),
        "over": np.ascontiguousarray(episodes.over, np.uint8),
    }
    path = Path(path)
    disk.write_bytes(path, save(tensors, {"format": FORMAT, "env": episodes.env}))
    return path


def read_episodes(path: str | Path) -> RecordedEpisodes:
    """The episodes in a file; EmbodiedError if it is not one, or is damaged."""
    from safetensors import SafetensorError, safe_open

    path = Path(path)
    if not path.is_file():
        raise EmbodiedError(
            f"there is no episode file {path}: make one with "
            "`embodied eval RUN --save-episodes FILE`"
        )
    try:
        with safe_open(path, "np") as file:
            metadata = file.metadata() or {}
            found = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise EmbodiedError(f"{path} is no episode file: {error}") from error
    if metadata.get("format") != FORMAT or {"qpos", "success", "over"} - found.keys():
        raise EmbodiedError(f"{path} is no episode file (its format is not {FORMAT})")
    qpos, success, over = found["qpos"], found["success"] != 0, found["over"] != 0
    sound = qpos.ndim == 3 and qpos.shape[:2] == success.shape == over.shape and qpos.size
    if not (sound and np.isfinite(qpos).all() and (~over).any(0).all()):
        raise EmbodiedError(f"{path} is damaged: its states do not make up whole episodes")
    return RecordedEpisodes(metadata.get("env", ""), qpos, success, over)
