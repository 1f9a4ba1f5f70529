"""The tensor resize gives Pillow's bytes."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from embodied.perception.resample import FILTERS, _resize_batch, can_resize, resize

side = st.integers(1, 70)


def _pillow(images: torch.Tensor, height: int, width: int, method: str) -> torch.Tensor:
    how = Image.Resampling[method.upper()]
    resized = [Image.fromarray(i.numpy()).resize((width, height), how) for i in images]
    return torch.stack([torch.from_numpy(np.array(image)) for image in resized])


@settings(max_examples=150, deadline=None)
@given(side, side, side, side, st.sampled_from(sorted(FILTERS)), st.integers(0, 2**31))
def test_equals_pillow(h: int, w: int, height: int, width: int, method: str, seed: int) -> None:
    if not can_resize((h, w), (height, width)):
        return
    noise = torch.randint(
        0, 256, (2, h, w, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(seed)
    )
    # Black and white pixels make the filters overshoot, which must be clipped.
    images = torch.cat([noise, (noise > 127).to(torch.uint8) * 255])
    ours = resize(images, height, width, method)
    assert torch.equal(ours, _pillow(images, height, width, method))


@pytest.mark.parametrize("source", [(480, 480), (240, 320), (112, 112), (224, 224)])
def test_equals_pillow_at_usual_sizes(source: tuple[int, int]) -> None:
    images = torch.randint(0, 256, (1, *source, 3), dtype=torch.uint8)
    assert can_resize(source, (224, 224))
    assert torch.equal(resize(images, 224, 224), _pillow(images, 224, 224, "bicubic"))


def test_a_batch_at_once_is_resized_like_its_images() -> None:
    """What other devices do, which take the whole batch."""
    images = torch.randint(0, 256, (5, 40, 30, 3), dtype=torch.uint8)
    assert torch.equal(_resize_batch(images, 20, 50, "bicubic"), resize(images, 20, 50))


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_gpu_gives_the_same_bytes() -> None:
    images = torch.randint(0, 256, (5, 240, 320, 3), dtype=torch.uint8)
    assert torch.equal(resize(images.cuda(), 224, 298).cpu(), resize(images, 224, 298))
