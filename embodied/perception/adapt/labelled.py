"""A handful of labelled frames in a folder.

Three formats, the first that is there:

- `labels.jsonl`: a line `{"file": "a.png", "text": "kneeling"}` says that of all texts this one is
  true of the frame; with `"label": false` (or true) it speaks of this text alone, and leaves the
  others open.
- `labels.csv`: the same with the columns file, text and, if wanted, label.
- one sub-folder for each text, named by it (`_` stands for a space): `kneeling/`, `standing_up/`.
"""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from embodied.errors import EmbodiedError

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
LABELS = {"true": True, "false": False, "class": None}


@dataclass(frozen=True)
class Labelled:
    """N frames and what is known of K texts about each.

    frames: N RGB frames, uint8 [H, W, 3], of any sizes. truth: float32 [N, K], 1 true, 0 false, NaN
        not known.
    """

    frames: tuple[Tensor, ...]
    texts: tuple[str, ...]
    truth: np.ndarray

    def __len__(self) -> int:
        return len(self.frames)

    def take(self, index: np.ndarray) -> "Labelled":
        return Labelled(tuple(self.frames[i] for i in index), self.texts, self.truth[index])

    @property
    def exclusive(self) -> bool:
        """Whether exactly one of the texts is true of every frame."""
        return bool((self.truth.sum(1) == 1).all())


def load_labelled(folder: Path) -> Labelled:
    """Read a folder of one of the three formats; EmbodiedError, one line, if it is of none."""
    if not folder.is_dir():
        raise EmbodiedError(f"no folder {folder}: --labelled takes a folder of frames with labels")
    if (folder / "labels.jsonl").is_file():
        rows = list(_from_jsonl(folder / "labels.jsonl"))
    elif (folder / "labels.csv").is_file():
        rows = list(_from_csv(folder / "labels.csv"))
    else:
        rows = list(_from_folders(folder))
    if not rows:
        raise EmbodiedError(
            f"{folder} holds no labelled frames: give a sub-folder of images for each text, "
            "labels.jsonl or labels.csv"
        )
    return _collect(folder, rows)


def split(labelled: Labelled, shots: int, seed: int) -> tuple[Labelled, Labelled]:
    """Frames to train on and frames to test on, both of every text where there are enough.

    shots: frames for each text (and for each text that is only denied) to train on; 0 takes three
    in four.
    """
    rng = np.random.default_rng(seed)
    known = np.where(np.isnan(labelled.truth), -1, labelled.truth)
    group = np.where(known.max(1) == 1, known.argmax(1), -1 - known.argmax(1))
    train: list[int] = []
    for name in np.unique(group):
        rows = rng.permutation(np.flatnonzero(group == name))
        train.extend(rows[: shots or -(-3 * len(rows) // 4)])
    test = np.setdiff1d(np.arange(len(labelled)), train)
    return labelled.take(np.sort(train)), labelled.take(test)


def encode_frames(encode: Callable[[Tensor], Tensor], frames: tuple[Tensor, ...]) -> Tensor:
    """Embeddings [N, D] of frames of any sizes; those of one size are encoded together."""
    rows: dict[int, Tensor] = {}
    for shape in {frame.shape for frame in frames}:
        index = [i for i, frame in enumerate(frames) if frame.shape == shape]
        rows |= zip(index, encode(torch.stack([frames[i] for i in index])), strict=True)
    return torch.stack([rows[i] for i in range(len(frames))])


def _collect(folder: Path, rows: list[tuple[Path, str, bool | None]]) -> Labelled:
    files = list(dict.fromkeys(file for file, _, _ in rows))
    texts = list(dict.fromkeys(text for _, text, _ in rows))
    truth = np.full((len(files), len(texts)), np.nan, np.float32)
    row = {file: i for i, file in enumerate(files)}
    column = {text: i for i, text in enumerate(texts)}
    for file, text, label in rows:
        values = truth[row[file]]
        if label is None:
            values[np.isnan(values)] = 0
        wanted = 1 if label is None else float(label)
        if label is not None and values[column[text]] == 1 - wanted:
            raise EmbodiedError(f"{file} is labelled both true and false for {text!r}")
        values[column[text]] = wanted
    if not (truth == 1).any() or not (truth == 0).any():
        only = f"the one text {texts[0]!r}" if len(texts) == 1 else "frames of one kind only"
        raise EmbodiedError(
            f"{folder} has {only}: there is nothing to tell apart; add frames of another text, "
            "or lines with the other label"
        )
    return Labelled(tuple(map(_read, files)), tuple(texts), truth)


def _from_folders(folder: Path) -> Iterator[tuple[Path, str, bool | None]]:
    for inner in sorted(path for path in folder.iterdir() if path.is_dir()):
        for file in sorted(inner.iterdir()):
            if file.suffix.lower() in SUFFIXES:
                yield file, inner.name.replace("_", " "), None


def _from_jsonl(path: Path) -> Iterator[tuple[Path, str, bool | None]]:
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.strip():
            try:
                entry = json.loads(line)
            except ValueError as error:
                raise EmbodiedError(f"{path}, line {number}: this is not JSON: {error}") from error
            yield _entry(path, number, entry)


def _from_csv(path: Path) -> Iterator[tuple[Path, str, bool | None]]:
    with path.open(newline="") as file:
        for number, entry in enumerate(csv.DictReader(file), 2):
            yield _entry(path, number, entry)


def _entry(path: Path, number: int, entry: Any) -> tuple[Path, str, bool | None]:
    place = f"{path}, line {number}"
    if not isinstance(entry, dict) or not all(
        isinstance(entry.get(key), str) and entry[key].strip() for key in ("file", "text")
    ):
        raise EmbodiedError(f'{place}: write {{"file": ..., "text": ..., "label": true or false}}')
    label = entry.get("label")
    said = "class" if label is None else str(label).strip().lower() or "class"  # True, "true"
    if said not in LABELS:
        raise EmbodiedError(f"{place}: the label is true, false or class, not {label!r}")
    return path.parent / entry["file"], entry["text"].strip(), LABELS[said]


def _read(path: Path) -> Tensor:
    from PIL import Image

    try:
        with Image.open(path) as image:
            return torch.from_numpy(np.array(image.convert("RGB")))
    except FileNotFoundError as error:
        raise EmbodiedError(f"no image {path}: a label names it") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise EmbodiedError(
            f"{path} cannot be read as an image: replace it or its label"
        ) from error
