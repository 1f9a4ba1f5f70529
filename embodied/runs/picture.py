"""Pictures as the bytes of a file, and as addresses inside HTML and requests."""

from __future__ import annotations

import base64
import io

import numpy as np

QUALITY = 90


def encode(image: np.ndarray, kind: str) -> bytes:
    """uint8 [H, W, 3] as a `PNG` or `JPEG` file."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, format=kind, quality=QUALITY)
    return buffer.getvalue()


def data_url(image: np.ndarray, kind: str) -> str:
    """The same as an address, for `<img src=…>` or a chat model's request."""
    return f"data:image/{kind.lower()};base64,{base64.b64encode(encode(image, kind)).decode()}"
