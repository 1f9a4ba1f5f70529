"""Labelled frames that are easy to tell apart: one plain colour for each text."""

import json
from pathlib import Path

import numpy as np
from PIL import Image

COLOURS = {
    "kneeling": (200, 30, 30),
    "standing up": (30, 200, 30),
    "both arms raised": (30, 30, 200),
}


def write_frames(folder: Path, each: int = 8, side: int = 32) -> Path:
    """Sub-folders of noisy pictures of one colour."""
    rng = np.random.default_rng(0)
    for text, colour in COLOURS.items():
        inner = folder / text.replace(" ", "_")
        inner.mkdir(parents=True)
        for index in range(each):
            noise = rng.normal(0, 30, (side, side, 3))
            pixels = np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(inner / f"{index}.png")
    return folder


def write_lines(folder: Path, lines: list[object]) -> Path:
    (folder / "labels.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder
