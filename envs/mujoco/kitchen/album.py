"""Pictures of kitchens with the truth about them, drawn once and kept in a folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from embodied.envs.mujoco.kitchen.sights import (
    CHANNELS,
    GRID,
    SIDE,
    STREAMS,
    TASKS,
    Looker,
    Seen,
    Sight,
)
from embodied.errors import EmbodiedError

PAGE = 100
"""Kitchens of a file; each is seen from two places."""
VIEWS = 2


@dataclass(frozen=True)
class Album:
    """Pictures, uint8 [N, S, S, 3]; `cells`, packed bits [N, C * G * G / 8]; what is seen, [N];
    and the task that each was drawn for."""

    pictures: np.ndarray
    cells: np.ndarray
    seen: list[tuple[Seen, ...]]
    tasks: list[str]


def draw_sights(looker: Looker, stream: str, start: int, count: int) -> Iterator[tuple[Sight, str]]:
    """Sights of `count` kitchens of a stream, from its kitchen `start` on, and their tasks."""
    for index in range(start, start + count):
        rng = np.random.default_rng([STREAMS[stream], index])
        task = TASKS[index % len(TASKS)]
        sight = looker.draw(rng, STREAMS[stream] + index, task)
        yield sight, task
        for _ in range(VIEWS - 1):
            yield looker.again(rng, sight), task


def make_album(
    folder: Path, stream: str, kitchens: int, report: Callable[[int], None] = lambda _: None
) -> Album:
    """The sights of the first `kitchens` of a stream; what `folder` has already is not drawn again.

    report: called with the number of kitchens that are there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    looker = Looker()
    files = []
    try:
        for start in range(0, kitchens, PAGE):
            count = min(PAGE, kitchens - start)
            file = folder / f"{stream}-{start:06d}-{count}.safetensors"
            if not file.exists():
                _write(file, list(draw_sights(looker, stream, start, count)))
            files.append(file)
            report(start + count)
    finally:
        looker.close()
    return read_album(files)


def read_album(files: list[Path]) -> Album:
    """The album of the files that `make_album` wrote; EmbodiedError if one is damaged."""
    pictures: list[np.ndarray] = []
    cells: list[np.ndarray] = []
    seen: list[tuple[Seen, ...]] = []
    tasks: list[str] = []
    for file in files:
        try:
            with safe_open(file, "np") as page:
                pictures.append(page.get_tensor("pictures"))
                cells.append(page.get_tensor("cells"))
                told = page.metadata()
            rows = json.loads(told["seen"])
            seen += [tuple(Seen.from_json(row) for row in one) for one in rows]
            tasks += json.loads(told["tasks"])
        except (OSError, SafetensorError, KeyError, ValueError) as error:
            raise EmbodiedError(f"{file} is damaged ({error}): delete it and resume") from error
    return Album(np.concatenate(pictures), np.concatenate(cells), seen, tasks)


def unpack(cells: np.ndarray) -> np.ndarray:
    """Packed bits [n, -] to bool [n, C, G, G]."""
    shape = (len(cells), len(CHANNELS), GRID, GRID)
    return np.unpackbits(cells, axis=1).reshape(shape).astype(bool)


def _write(file: Path, sights: list[tuple[Sight, str]]) -> None:
    tensors = {
        "pictures": np.stack([one.picture for one, _ in sights]).reshape(-1, SIDE, SIDE, 3),
        "cells": np.packbits(np.stack([one.cells.ravel() for one, _ in sights]), axis=1),
    }
    rows = [[thing.to_json() for thing in one.seen] for one, _ in sights]
    told = {"seen": json.dumps(rows), "tasks": json.dumps([task for _, task in sights])}
    partial = file.with_suffix(".partial")
    save_file(tensors, partial, told)
    partial.replace(file)
