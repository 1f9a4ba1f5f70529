"""A frame with words below it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

PAPER, INK, FAINT = (250, 250, 248), (32, 33, 36), (110, 113, 118)
MARKS = {
    "": (176, 180, 186),
    "going": (31, 111, 235),
    "done": (45, 164, 78),
    "failed": (207, 34, 46),
}


def captioned(frame: np.ndarray, text: str, below: str = "", mark: str = "") -> np.ndarray:
    """uint8 [H, W, 3] with a bar of H / 7 under it: `text`, a fainter line `below`, and a stripe.

    What does not fit into the width is cut off with "…". mark: of `MARKS`, the stripe's colour.
    """
    from PIL import Image, ImageDraw

    height, width, _ = frame.shape
    bar = height // 7
    image = Image.new("RGB", (width, height + bar), PAPER)
    image.paste(Image.fromarray(frame), (0, 0))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, height, bar // 10, height + bar), fill=MARKS[mark])
    left, room = bar // 3, width - bar // 2
    large, small = _font(round(bar * 0.31)), _font(round(bar * 0.22))
    draw.text((left, height + bar * 0.34), _cut(text, large, room), INK, large, anchor="lm")
    draw.text((left, height + bar * 0.74), _cut(below, small, room), FAINT, small, anchor="lm")
    return np.asarray(image)


def _cut(text: str, font: Any, room: float) -> str:
    if font.getlength(text) <= room:
        return text
    while text and font.getlength(text + "…") > room:
        text = text[:-1]
    return text.rstrip() + "…"


@cache
def _font(size: int) -> Any:
    """DejaVu Sans, which comes with matplotlib."""
    from matplotlib import get_data_path
    from PIL import ImageFont

    return ImageFont.truetype(Path(get_data_path(), "fonts", "ttf", "DejaVuSans.ttf"), size)
