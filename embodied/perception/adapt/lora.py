"""Low-rank adapters of an encoder's attention.

LoRA (arXiv:2106.09685) writes a changed weight as W + (alpha / r) B A with A [r, in], B [out, r];
B begins at zero. CLIP-LoRA (arXiv:2405.18541) puts it on the query, key and value projections of
every layer of both towers, for few-shot adaptation; so do we.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from embodied.errors import EmbodiedError, unknown
from embodied.perception.adapt.fit import FitConfig, Odds, fit, labelled_loss
from embodied.perception.adapt.labelled import Labelled, encode_frames
from embodied.perception.adapt.towers import Towers
from embodied.perception.encoder import ImageTextEncoder

TOWERS = ("auto", "image", "text", "both")


@dataclass(frozen=True)
class LoraConfig:
    """rank r; alpha; towers: `image`, `text`, `both`, or `auto` for those that have attention."""

    rank: int = 4
    alpha: float = 4.0
    towers: str = "auto"


class Lora(nn.Module):
    """Pairs A, B for named linear layers."""

    def __init__(self, layers: dict[str, nn.Linear], config: LoraConfig):
        super().__init__()
        self.scale = config.alpha / config.rank
        self.down, self.up = nn.ParameterDict(), nn.ParameterDict()
        for name, layer in layers.items():
            outputs, inputs = layer.weight.shape
            place = {"device": layer.weight.device, "dtype": torch.float32}
            down = nn.init.kaiming_uniform_(torch.empty(config.rank, inputs, **place), a=5**0.5)
            self.down[_key(name)] = nn.Parameter(down)
            self.up[_key(name)] = nn.Parameter(torch.zeros(outputs, config.rank, **place))

    def delta(self, name: str) -> Tensor:
        """(alpha / r) B A of a layer, [out, in]."""
        return self.scale * self.up[_key(name)] @ self.down[_key(name)]

    @contextmanager
    def attached(self, layers: dict[str, nn.Linear]) -> Iterator[None]:
        """While entered, the layers answer W x + (alpha / r) B A x; no weight is written."""
        handles = [layer.register_forward_hook(self._hook(name)) for name, layer in layers.items()]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    @torch.no_grad()
    def merge(self, layers: dict[str, nn.Linear]) -> None:
        """Add each delta to its layer's weight, in place: inference then costs nothing more."""
        for name, layer in layers.items():
            layer.weight.add_(self.delta(name).to(layer.weight))

    def _hook(self, name: str) -> Callable[[nn.Module, Any, Tensor], Tensor]:
        down, up = self.down[_key(name)], self.up[_key(name)]

        def add(_module: nn.Module, inputs: Any, output: Tensor) -> Tensor:
            return output + self.scale * (inputs[0] @ down.T @ up.T)

        return add


def choose_layers(towers: Towers, wanted: str, name: str) -> dict[str, nn.Linear]:
    """The projections of the towers wanted; EmbodiedError if one of them has none."""
    if wanted not in TOWERS:
        raise unknown("tower", wanted, TOWERS)
    layers = towers.attention()
    for tower in {"both": ("image", "text"), "auto": ()}.get(wanted, (wanted,)):
        if not any(layer.startswith(f"{tower}.") for layer in layers):
            raise EmbodiedError(
                f"{name}: its {tower} tower has no attention for LoRA to adapt: use --towers auto"
            )
    return {k: v for k, v in layers.items() if wanted in ("auto", "both", k.partition(".")[0])}


def fit_lora(
    encoder: ImageTextEncoder,
    towers: Towers,
    labelled: Labelled,
    lora: LoraConfig,
    config: FitConfig,
    report: Callable[[int, float], None] = lambda *_: None,
    saved: Path | None = None,
) -> Lora:
    """Learn adapters from labelled frames."""
    if lora.rank < 1:
        raise EmbodiedError(f"--rank must be at least 1, got {lora.rank}")
    layers = choose_layers(towers, lora.towers, encoder.name)
    sees = any(name.startswith("image.") for name in layers)
    fixed = encode_frames(encoder.encode_images, labelled.frames).clone()
    texts = list(labelled.texts)
    truth = torch.from_numpy(labelled.truth).to(encoder.device)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        learned = Lora(layers, lora)
    mean = float((fixed @ encoder.encode_texts(texts).clone().T).mean())
    odds = Odds(towers.scale, towers.bias, mean).to(encoder.device)

    def loss(index: Tensor) -> Tensor:
        with learned.attached(layers):
            images = fixed[index.to(encoder.device)]
            if sees:
                images = encode_frames(towers.images, tuple(labelled.frames[i] for i in index))
            cosine = images @ towers.texts(texts).T
        target = truth[index.to(encoder.device)]
        return labelled_loss(odds(cosine), target, labelled.exclusive)

    fit(nn.ModuleList([learned, odds]), loss, len(labelled), config, report, saved)
    return learned


def _key(name: str) -> str:
    return name.replace(".", "/")  # a parameter's name has no dots
