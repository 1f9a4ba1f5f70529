"""What a transformers image processor does to a frame, done to a batch where the model is.

transformers' own processors take one image at a time on the CPU through Pillow (or through
torchvision, which rounds a little differently). The usual recipe (resize, centre crop, rescale,
normalise: CLIP, SigLIP and most others) is carried out here as tensor operations instead, with the
same bytes after resizing (`embodied.perception.resample`) and the same floats at the end: the last
two steps map each of the 256 levels of a channel to one float, which the processor itself is asked
for once. Any other recipe is left to the processor.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from embodied.perception.resample import FILTERS, can_resize, resize

if TYPE_CHECKING:
    from transformers import BaseImageProcessor

Preprocess = Callable[[Tensor, torch.device], dict[str, Tensor]]
"""(uint8 [N, H, W, 3] on any device, device) -> the image inputs of the model on that device."""


@dataclass(frozen=True)
class Recipe:
    """Resize, centre crop and a table look-up.

    shortest_edge: length in pixels that the shorter side gets, or None.
    size: (height, width) to resize to whatever the shape was, or None.
    method: key of `embodied.perception.resample.FILTERS`.
    crop: (height, width) of the part cut from the centre, or None.
    table: float32 [3 * 256], the value of every level of every channel, channel by channel.
    """

    shortest_edge: int | None
    size: tuple[int, int] | None
    method: str
    crop: tuple[int, int] | None
    table: Tensor

    def target(self, height: int, width: int) -> tuple[int, int]:
        """(height, width) after resizing a frame of this shape, rounded as transformers does."""
        if self.size is not None:
            return self.size
        if self.shortest_edge is None:
            return height, width
        longest = int(self.shortest_edge * max(height, width) / min(height, width))
        return (self.shortest_edge, longest) if height <= width else (longest, self.shortest_edge)

    def fits(self, height: int, width: int) -> bool:
        """Whether frames of this shape come out as the processor's would, bit for bit."""
        target = self.target(height, width)
        needs_padding = self.crop is not None and (
            target[0] < self.crop[0] or target[1] < self.crop[1]
        )
        return can_resize((height, width), target) and not needs_padding

    def __call__(self, images: Tensor) -> Tensor:
        """uint8 [N, H, W, 3] -> float32 [N, 3, h, w] on the same device."""
        images = resize(images, *self.target(*images.shape[1:3]), self.method)
        if self.crop is not None:
            top = (images.shape[1] - self.crop[0]) // 2
            left = (images.shape[2] - self.crop[1]) // 2
            images = images[:, top : top + self.crop[0], left : left + self.crop[1]]
        planes = images.permute(0, 3, 1, 2).to(torch.int32)
        offsets = torch.arange(0, 3 * 256, 256, dtype=torch.int32, device=images.device)
        levels = (planes + offsets.view(3, 1, 1)).reshape(-1)
        return self.table.to(images.device).index_select(0, levels).view(planes.shape)


def recipe_of(processor: BaseImageProcessor) -> Recipe | None:
    """The processor's recipe; None if it does more, or other things, than `Recipe` can."""
    from PIL.Image import Resampling
    from transformers.image_processing_backends import PilBackend

    steps = ("preprocess", "process_image", "_preprocess", "resize", "center_crop")
    is_usual = isinstance(processor, PilBackend) and all(
        getattr(type(processor), step) is getattr(PilBackend, step) for step in steps
    )
    p: Any = processor
    if not is_usual or p.do_pad:
        return None
    shortest_edge = size = crop = None
    method = "bicubic"
    if p.do_resize:
        given = {key: value for key, value in dict(p.size).items() if value is not None}
        if given.keys() == {"shortest_edge"}:
            shortest_edge = int(given["shortest_edge"])
        elif given.keys() == {"height", "width"}:
            size = int(given["height"]), int(given["width"])
        else:
            return None
        method = Resampling(p.resample).name.lower()
        if method not in FILTERS:
            return None
    if p.do_center_crop:
        crop = int(p.crop_size["height"]), int(p.crop_size["width"])
    return Recipe(shortest_edge, size, method, crop, _table(p))


def image_side(processor: BaseImageProcessor, recipe: Recipe | None, config: Any) -> int:
    """Side in pixels of square frames that are not resized again (or as little as can be said)."""
    if recipe is not None:
        if recipe.size is not None:
            return min(recipe.size)
        if recipe.shortest_edge is not None:
            return recipe.shortest_edge
        if recipe.crop is not None:
            return min(recipe.crop)
    patches = getattr(processor, "max_num_patches", None)  # SigLIP 2 with native aspect ratio
    if patches:
        return int(patches**0.5) * int(getattr(processor, "patch_size", 16))
    side = getattr(getattr(config, "vision_config", config), "image_size", None)
    return int(side) if isinstance(side, int) else 224


def make_preprocess(processor: BaseImageProcessor, recipe: Recipe | None) -> Preprocess:
    """The fastest function that gives exactly what `processor` gives."""

    def preprocess(images: Tensor, device: torch.device) -> dict[str, Tensor]:
        if recipe is not None and recipe.fits(*images.shape[1:3]):
            return {"pixel_values": recipe(images.to(device, non_blocking=True))}
        arrays = list(images.cpu().numpy())
        inputs = processor(arrays, return_tensors="pt", input_data_format="channels_last")
        return {key: value.to(device) for key, value in inputs.items()}

    return preprocess


def _table(processor: Any) -> Tensor:
    """What rescaling and normalising make of each level of each channel: float32 [3 * 256]."""
    levels = np.tile(np.arange(256, dtype=np.uint8), (3, 1, 1))
    if processor.do_rescale:
        levels = processor.rescale(levels, processor.rescale_factor)
    if processor.do_normalize:
        levels = processor.normalize(levels, processor.image_mean, processor.image_std)
    return torch.from_numpy(np.ascontiguousarray(levels, dtype=np.float32).reshape(-1))
