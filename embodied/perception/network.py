"""The two towers of the embedded encoder.

A small residual network looks at 112 x 112 frames; a frozen MiniLM reads the text, followed by one
linear map. Only the image tower and that map are trained (SAIL's recipe, arXiv:2412.04616: align
frozen unimodal features with light heads), so that words never paired with a picture keep the place
that the sentence encoder gave them.
"""

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize
from torch.nn.utils.fusion import fuse_conv_bn_eval


@dataclass(frozen=True)
class NetworkConfig:
    """Sizes of the towers: side of a frame in pixels, width and depth of each stage."""

    image_size: int = 112
    patch: int = 7
    channels: tuple[int, ...] = (64, 128, 256)
    blocks: tuple[int, ...] = (1, 2, 1)
    dim: int = 256
    text_dim: int = 384

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "NetworkConfig":
        known: dict[str, Any] = dict(values)
        for name in ("channels", "blocks"):
            known[name] = tuple(known[name])  # JSON has no tuples
        return cls(**known)


WIDTHS = {
    "base": NetworkConfig(),
    "small": NetworkConfig(channels=(16, 32, 64), blocks=(1, 1, 1), dim=128),
}
"""Sizes by name: 3.1 M parameters for a body with many joints, 0.2 M for few."""


class ConvNorm(nn.Module):
    """Convolution and batch normalisation, fused into one for inference."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1):
        super().__init__()
        padding = (kernel - stride + 1) // 2
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False)
        self.norm: nn.Module = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.conv(x))

    def fuse(self) -> None:
        if isinstance(self.norm, nn.BatchNorm2d):
            self.conv, self.norm = fuse_conv_bn_eval(self.conv, self.norm), nn.Identity()


class Residual(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.first = ConvNorm(width, width, 3)
        self.second = ConvNorm(width, width, 3)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.second(torch.relu(self.first(x))))


class ImageTower(nn.Module):
    """uint8 frames [N, S, S, 3] -> features [N, D].

    The last map is flattened, not averaged: where a limb is matters as much as that it is there.
    """

    def __init__(self, config: NetworkConfig):
        super().__init__()
        layers: list[nn.Module] = []
        inputs, side = 3, config.image_size
        for stage, (width, depth) in enumerate(zip(config.channels, config.blocks, strict=True)):
            stride = config.patch if stage == 0 else 2
            layers += [ConvNorm(inputs, width, stride, stride), nn.ReLU()]
            layers += [Residual(width) for _ in range(depth)]
            inputs, side = width, side // stride
        self.trunk = nn.Sequential(*layers)
        self.head = nn.Linear(inputs * side * side, config.dim)

    def forward(self, frames: Tensor) -> Tensor:
        # NHWC memory seen as NCHW is already channels-last: no copy is made.
        x = frames.permute(0, 3, 1, 2).float().div_(127.5).sub_(1)
        return self.head(self.trunk(x).flatten(1))

    def fuse(self) -> "ImageTower":
        """Fold batch normalisation into the convolutions, in place, for inference."""
        for module in self.eval().modules():
            if isinstance(module, ConvNorm):
                module.fuse()
        return self


class TextHead(nn.Module):
    """Sentence embeddings [M, text_dim] -> features [M, D]: one linear map."""

    def __init__(self, config: NetworkConfig):
        super().__init__()
        self.linear = nn.Linear(config.text_dim, config.dim)

    def forward(self, sentences: Tensor) -> Tensor:
        return self.linear(sentences)


class TwoTowers(nn.Module):
    """Both towers and SigLIP's temperature and bias (arXiv:2303.15343, section 3.2)."""

    def __init__(self, config: NetworkConfig):
        super().__init__()
        self.config = config
        self.image = ImageTower(config).to(memory_format=torch.channels_last)  # pyright: ignore
        self.text = TextHead(config)
        self.log_scale = nn.Parameter(torch.tensor(2.3))
        self.bias = nn.Parameter(torch.tensor(-2.0))

    def embed_frames(self, frames: Tensor) -> Tensor:
        return normalize(self.image(frames).float(), dim=-1)

    def embed_sentences(self, sentences: Tensor) -> Tensor:
        return normalize(self.text(sentences).float(), dim=-1)

    def logits(self, frames: Tensor, sentences: Tensor) -> Tensor:
        """log-odds that each sentence is true of each frame, [N, M]."""
        cosine = self.embed_frames(frames) @ self.embed_sentences(sentences).T
        return self.log_scale.exp() * cosine + self.bias
