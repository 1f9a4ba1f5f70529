"""Adapted encoders in folders, and the encoder that such a folder makes of its base.

A folder holds `adapter.json` (the base's name and the hash of its contents, method, settings,
numbers), `adapter.safetensors` (what was learned) and `README.md`. The base itself is not copied.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from embodied.errors import EmbodiedError, unknown
from embodied.perception import model_folder
from embodied.perception.adapt.head import Head
from embodied.perception.adapt.lora import Lora, LoraConfig, choose_layers
from embodied.perception.adapt.prompts import Prompts, PromptsConfig, start_prompts
from embodied.perception.adapt.towers import Towers, open_towers
from embodied.perception.encoder import (
    ADAPTER_FILE,
    ImageTextEncoder,
    check_texts,
    load_encoder,
    resolve_device,
)
from embodied.perception.huggingface import HuggingFaceEncoder
from embodied.registry import ENCODERS
from embodied.runs.disk import read_json, write_json
from embodied.runs.tree import read_tensors, write_tensors

METHODS = ("conditional-prompts", "consistent-prompts", "head", "lora", "prompts")
TEXT_BATCH = 256


@dataclass(frozen=True)
class Recipe:
    """What a learned part was made by. settings: those of the method, as in adapter.json."""

    method: str
    settings: dict[str, Any]


class AdaptedEncoder:
    """An `ImageTextEncoder`: a base encoder and the part learned beside it.

    With conditional prompts a text's embedding depends on the image, which an `ImageTextEncoder`
    cannot say: `encode_texts` then reads each text with the mean offset of the training frames, and
    `similarity` gives the exact cosines.

    LoRA is merged into the base's weights in memory; the base's files are never written.
    """

    def __init__(self, base: ImageTextEncoder, recipe: Recipe, learned: nn.Module, name: str):
        self.base, self.recipe, self.learned, self.name = base, recipe, learned, name
        self.device, self.dim, self.image_size = base.device, base.dim, base.image_size
        self._towers: Towers | None = None
        if isinstance(learned, Prompts):
            self._towers = open_towers(base)
        elif isinstance(learned, Lora):
            towers = open_towers(base)
            learned.merge(choose_layers(towers, recipe.settings["towers"], base.name))

    @property
    def fingerprint(self) -> str:
        digest = hashlib.sha256(self.base.fingerprint.encode())
        digest.update(json.dumps([self.recipe.method, self.recipe.settings]).encode())
        for name, value in sorted(self.learned.state_dict().items()):
            digest.update(name.encode() + value.cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()[:16]

    @property
    def keeps_image_features(self) -> bool:
        """Whether `adapt_images` of the base's embeddings is what `encode_images` gives."""
        return not isinstance(self.learned, Lora)

    @torch.no_grad()
    def adapt_images(self, features: Tensor) -> Tensor:
        """What the adapted encoder makes of the base's embeddings [N, D]."""
        return self.learned.images(features) if isinstance(self.learned, Head) else features

    @torch.no_grad()
    def encode_images(self, images: Tensor) -> Tensor:
        return self.adapt_images(self.base.encode_images(images))

    @torch.no_grad()
    def encode_texts(self, texts: list[str]) -> Tensor:
        check_texts(texts)
        if isinstance(self.learned, Head):
            return self.learned.texts(self.base.encode_texts(texts))
        if not isinstance(self.learned, Prompts) or not texts:
            return self.base.encode_texts(texts)
        assert self._towers is not None
        pieces = [texts[i : i + TEXT_BATCH] for i in range(0, len(texts), TEXT_BATCH)]
        return torch.cat([self.learned.texts(self._towers, piece) for piece in pieces])

    @torch.no_grad()
    def similarity(self, features: Tensor, texts: list[str]) -> Tensor:
        """Cosines [N, M] of embeddings [N, D] from `encode_images` with texts.

        With conditional prompts the texts are read anew for each image: N x M passes.
        """
        if not isinstance(self.learned, Prompts) or self.learned.net is None:
            return features @ self.encode_texts(texts).T
        assert self._towers is not None
        step = max(1, TEXT_BATCH // len(texts))
        pieces = [
            self.learned.pairs(self._towers, features[i : i + step], texts)
            for i in range(0, len(features), step)
        ]
        return torch.cat(pieces)


def save_adapter(
    folder: Path, base: ImageTextEncoder, spec: str, recipe: Recipe, learned: nn.Module
) -> None:
    """Write the learned part and where it belongs; the json comes last and makes it whole."""
    folder.mkdir(parents=True, exist_ok=True)
    write_tensors(folder / "adapter.safetensors", learned.state_dict())
    record = {"base": absolute(spec), "base_contents": contents(base), **asdict(recipe)}
    write_json(folder / ADAPTER_FILE, record)


def load(argument: str, device: str = "auto") -> AdaptedEncoder:
    """Load `adapted:<folder>`.

    Raises EmbodiedError, one line: files missing or damaged, the base is gone or has changed.
    """
    folder = Path(argument).expanduser()
    if not (folder / ADAPTER_FILE).is_file():
        raise EmbodiedError(f"no {ADAPTER_FILE} in {folder}: make it with `embodied adapt`")
    record = read_json(folder / ADAPTER_FILE)
    try:
        spec, expected = record["base"], record["base_contents"]
        recipe = Recipe(record["method"], record["settings"])
    except (KeyError, TypeError) as error:
        raise EmbodiedError(f"{folder / ADAPTER_FILE} is damaged: it lacks {error}") from error
    resolve_device(device)  # its own error, not the base's
    try:
        base = load_encoder(spec, device)
    except EmbodiedError as error:
        raise EmbodiedError(f"{folder} adapts {spec!r}, which does not load: {error}") from error
    if contents(base) != expected:
        raise EmbodiedError(
            f"{folder} was made from another {spec!r}: its contents have changed since; "
            "bring the old ones back, or run `embodied adapt` again"
        )
    state = read_tensors(folder / "adapter.safetensors")
    try:
        with torch.random.fork_rng(devices=[]):  # what a build draws is then overwritten
            learned = build(base, recipe)
        learned.load_state_dict(state)
    except (RuntimeError, KeyError, TypeError) as error:
        reason = str(error).splitlines()[0]
        raise EmbodiedError(
            f"{folder} is damaged ({reason}): run `embodied adapt` again"
        ) from error
    return AdaptedEncoder(base, recipe, learned, f"adapted:{folder}")


def build(base: ImageTextEncoder, recipe: Recipe) -> nn.Module:
    """The untrained part that `recipe` learns beside `base`."""
    settings = recipe.settings
    match recipe.method:
        case "head":
            return Head(base.dim).to(base.device)
        case "lora":
            config = LoraConfig(**{k: settings[k] for k in ("rank", "alpha", "towers")})
            return Lora(choose_layers(open_towers(base), config.towers, base.name), config)
        case "prompts" | "conditional-prompts" | "consistent-prompts":
            config = PromptsConfig(**{k: settings[k] for k in ("context", "conditional")})
            return start_prompts(open_towers(base), base.dim, config)
        case _:
            raise unknown("method", recipe.method, METHODS)


def contents(encoder: ImageTextEncoder) -> str:
    """Hash of a base's files. Not of its precision: what a GPU learned, a CPU may use."""
    if isinstance(encoder, HuggingFaceEncoder):
        return model_folder.fingerprint(encoder.folder)
    return encoder.fingerprint


def absolute(spec: str) -> str:
    """`spec` with a folder in it written so that it holds from anywhere."""
    if spec in ENCODERS.names():
        return spec
    scheme, colon, argument = spec.rpartition(":")
    path, mark, query = argument.partition("?")
    folder = Path(path).expanduser()
    if not path or not folder.is_dir():
        return spec
    return f"{scheme}{colon}{folder.resolve()}{mark}{query}"
