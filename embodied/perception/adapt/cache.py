"""Embeddings of many pictures on the disk, so that a frozen encoder sees each picture once."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from embodied.errors import EmbodiedError
from embodied.perception.align.data import Scenes
from embodied.perception.encoder import ImageTextEncoder
from embodied.runs.disk import clear_errors, write_bytes

Chunks = Callable[[int], Iterator[tuple[np.ndarray, np.ndarray]]]
"""start -> chunks of frames uint8 [c, S, S, 3] and truth [c, K] from picture `start` on."""


def embed_scenes(
    folder: Path,
    encoder: ImageTextEncoder,
    chunks: Chunks,
    count: int,
    statements: tuple[str, ...],
    report: Callable[[int], None] = lambda *_: None,
) -> Scenes:
    """Scenes whose `frames` are embeddings, float32 [count, D], memory maps in `folder`.

    What a chunk gave is kept before the next one begins: after an interrupt only the chunks that
    are missing are asked for. Pictures themselves are not kept.
    """
    with clear_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        done_path = folder / "done"
        done = int(done_path.read_text()) if done_path.exists() else 0
        features = _memory_map(folder / "features.npy", (count, encoder.dim), fresh=not done)
        truth = _memory_map(folder / "truth.npy", (count, len(statements)), fresh=not done)
        if done < count:
            for frames, degrees in chunks(done):
                rows = slice(done, done + len(frames))
                features[rows] = encoder.encode_images(torch.from_numpy(frames)).cpu().numpy()
                truth[rows] = degrees
                features.flush()
                truth.flush()
                done = rows.stop
                write_bytes(done_path, str(done).encode())
                report(done)
    return Scenes(features, np.array(truth), statements)


def _memory_map(path: Path, shape: tuple[int, ...], fresh: bool) -> Any:
    if fresh:
        return np.lib.format.open_memmap(path, "w+", np.float32, shape)
    found = np.load(path, mmap_mode="r+", allow_pickle=False)
    if found.shape != shape or found.dtype != np.float32:
        raise EmbodiedError(
            f"{path} is of other settings: resume with those, or choose another --output-dir"
        )
    return found
