"""Pillow's image resampling, byte for byte, as tensor operations on any device.

CLIP and SigLIP were trained on images that Pillow had resized; a frame resized in another way is
seen a little differently. `torch.nn.functional.interpolate(mode="bicubic", antialias=True)` differs
from Pillow in 15 % of the bytes of a noise image as float32 (by up to 6 of 255) and in 0.5 % as
uint8 (by 1), too much for embeddings that shall agree to 1e-5. Pillow resamples 8-bit images in
integers (`src/libImaging/Resample.c`): filter weights in 22-bit fixed point, one pass along each
axis, each rounded and clipped to 0..255. Integer sums do not depend on their order, so a GPU gets
the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import torch
from torch import Tensor

# 8 bits for the pixel and 2 for overshoot leave this much of an int32 for the weight.
PRECISION_BITS = 32 - 8 - 2


def _box(x: float) -> float:
    return 1.0 if -0.5 < x <= 0.5 else 0.0


def _triangle(x: float) -> float:
    return max(0.0, 1.0 - abs(x))


def _cubic(x: float, a: float = -0.5) -> float:
    x = abs(x)
    if x < 1.0:
        return ((a + 2.0) * x - (a + 3.0)) * x * x + 1
    if x < 2.0:
        return (((x - 5) * x + 8) * x - 4) * a
    return 0.0


def _sinc(x: float) -> float:
    return math.sin(x * math.pi) / (x * math.pi) if x != 0.0 else 1.0


def _lanczos(x: float) -> float:
    return _sinc(x) * _sinc(x / 3) if -3.0 <= x < 3.0 else 0.0


FILTERS: dict[str, tuple[Callable[[float], float], float]] = {
    "box": (_box, 0.5),
    "bilinear": (_triangle, 1.0),
    "bicubic": (_cubic, 2.0),
    "lanczos": (_lanczos, 3.0),
}
"""Filter name -> (kernel, its half width in source pixels)."""


def can_resize(source: tuple[int, int], target: tuple[int, int]) -> bool:
    """Whether `resize` equals every Pillow from (height, width) `source` to `target`.

    Newer versions of Pillow run the vertical pass first when the height shrinks by more than twice
    what the width does; the rounding in between then differs from that of older ones.
    """
    shrinks_by = source[0] - target[0]
    return shrinks_by <= 0 or shrinks_by <= 2 * (source[1] - target[1])


def resize(images: Tensor, height: int, width: int, method: str = "bicubic") -> Tensor:
    """Resize `images` (uint8 [N, H, W, C], any device) to uint8 [N, height, width, C].

    Image by image equal to `PIL.Image.resize((width, height), method)` where `can_resize` says so.
    method: a key of `FILTERS`.
    """
    if images.device.type == "cpu" and len(images) > 1:
        # One image at a time stays in the cache: twice as fast as a batch at 480 × 480.
        return torch.cat([_resize_batch(i, height, width, method) for i in images.split(1)])
    return _resize_batch(images, height, width, method)


def _resize_batch(images: Tensor, height: int, width: int, method: str) -> Tensor:
    if images.shape[2] != width:
        columns = images.transpose(1, 2).contiguous()
        images = _resample_rows(columns, width, method).transpose(1, 2).contiguous()
    return _resample_rows(images, height, method)


def _resample_rows(images: Tensor, target: int, method: str) -> Tensor:
    """Resample axis 1 of `images` (uint8 [N, S, ...]) to uint8 [N, target, ...]."""
    source = images.shape[1]
    if source == target:
        return images
    first, weights = (t.to(images.device) for t in _weights(source, target, method))
    per_row = [1, target] + [1] * (images.ndim - 2)
    # The sums start at one half, so that the shift at the end rounds.
    sums = torch.full(
        (len(images), target, *images.shape[2:]),
        1 << (PRECISION_BITS - 1),
        dtype=torch.int32,
        device=images.device,
    )
    for tap in range(weights.shape[1]):
        # A tap past the edge weighs zero, so which pixel it reads does not matter.
        pixels = images.index_select(1, (first + tap).clamp_(max=source - 1))
        sums.addcmul_(pixels.to(torch.int32), weights[:, tap].view(per_row))
    return sums.bitwise_right_shift_(PRECISION_BITS).clamp_(0, 255).to(torch.uint8)


@lru_cache(maxsize=64)
def _weights(source: int, target: int, method: str) -> tuple[Tensor, Tensor]:
    """Fixed-point weights along one axis: (first [target] int64, weights [target, taps] int32).

    Target pixel i is `sum_t weights[i, t] * pixel[first[i] + t] / 2**PRECISION_BITS`; taps that are
    not used weigh zero.
    """
    kernel, half_width = FILTERS[method]
    scale = source / target
    stretch = max(scale, 1.0)
    support = half_width * stretch
    first = torch.zeros(target, dtype=torch.int64)
    weights = torch.zeros(target, math.ceil(support) * 2 + 1, dtype=torch.int32)
    for i in range(target):
        center = (i + 0.5) * scale
        low = max(int(center - support + 0.5), 0)
        high = min(int(center + support + 0.5), source)
        row = [kernel((x - center + 0.5) * (1.0 / stretch)) for x in range(low, high)]
        total = sum(row) or 1.0
        first[i] = low
        for tap, value in enumerate(row):
            fixed = value / total * (1 << PRECISION_BITS)
            weights[i, tap] = int(fixed + (0.5 if fixed >= 0 else -0.5))
    return first, weights
