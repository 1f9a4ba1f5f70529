"""Pictures inside a page's HTML, as wide as their panel."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image


def encode(image: np.ndarray, kind: str) -> bytes:
    """uint8 [H, W, 3] as a `PNG` or `JPEG` file."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, format=kind, quality=90)
    return buffer.getvalue()


def data_url(image: np.ndarray, kind: str) -> str:
    """The same as an address for `<img src=…>`."""
    return f"data:image/{kind.lower()};base64,{base64.b64encode(encode(image, kind)).decode()}"
