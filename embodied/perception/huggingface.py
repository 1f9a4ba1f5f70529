"""The `hf:` encoders: CLIP, SigLIP and kin through transformers, from the hub or a folder.

Every model brings its own tokenizer and preprocessing. Images are preprocessed as transformers'
Pillow-based processors do, bit for bit, whether or not torchvision is installed, so in float32 the
embeddings are those of transformers used directly with `backend="pil"` (to 1e-5: the batch size
changes the order of sums). Weights come from safetensors only, and no code that came with a model
is ever run.
"""

from __future__ import annotations

import contextlib
import inspect
import logging
from collections.abc import Iterator
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from embodied.errors import EmbodiedError, MissingDependency, unknown
from embodied.perception.encoder import check_images, check_texts, resolve_device
from embodied.perception.model_folder import find_model_folder, fingerprint
from embodied.perception.preprocess import image_side, make_preprocess, recipe_of

log = logging.getLogger(__name__)

PRECISIONS = ("auto", "float32", "bfloat16")

# Families whose text tower was trained on texts padded to one length, and sees the padding: that
# length, or None for the tower's full length. All others are padded to the longest of the batch.
FIXED_TEXT_LENGTH = {
    "align": 64,
    "owlv2": None,
    "owlvit": None,
    "siglip": None,
    "siglip2": None,
    "tipsv2": None,
}


def load(argument: str, device: str = "auto") -> HuggingFaceEncoder:
    """Load `hf:<argument>`.

    argument: `owner/name[@revision]` on the hub or a local folder; `?precision=bfloat16` after it
        chooses the arithmetic (`auto`, the default: bfloat16 autocast on a GPU, float32 elsewhere;
        bfloat16 on a CPU pays only where it has AVX512-BF16 or AMX).
    device: `auto`, `cpu`, `cuda`, ...

    Raises EmbodiedError, one line: nothing found, files missing, only a pickle there, no network,
    not an image-text model, damaged weights, unknown precision or device.
    """
    source, _, query = argument.partition("?")
    precision = "auto"
    if query:
        key, _, precision = query.partition("=")
        if key != "precision":
            raise unknown("option of an hf: encoder", key, ("precision",))
    if precision not in PRECISIONS:
        raise unknown("precision", precision, PRECISIONS)
    place = resolve_device(device)
    if precision == "auto":
        precision = "bfloat16" if place.type == "cuda" else "float32"
    return HuggingFaceEncoder(source, find_model_folder(source), place, precision)


class HuggingFaceEncoder:
    """An `ImageTextEncoder` around a transformers model.

    source: what the user named; folder: where its files are; precision: `float32` or `bfloat16`.
    batch_size: images or texts per forward pass, which bounds memory; the results do not change.
    """

    def __init__(
        self,
        source: str,
        folder: Path,
        device: torch.device,
        precision: str = "float32",
        batch_size: int | None = None,
    ) -> None:
        self.name = f"hf:{source}"
        self.device = device
        self.folder = folder
        self.precision = precision
        self.batch_size = batch_size or (32 if device.type == "cpu" else 256)
        with _quiet(), _one_line_errors(self.name):
            config = _load_config(self.name, folder)
            self._tokenizer = _load_tokenizer(folder, config)
            processor = _load_image_processor(folder)
            self._model = _load_model(self.name, folder, config).to(device)
        recipe = recipe_of(processor)
        self._preprocess = make_preprocess(processor, recipe)
        self.image_size = image_side(processor, recipe, config)
        self._text_length, self._pad_to_full = _text_length(config, self._tokenizer)
        self._text_inputs = set(inspect.signature(self._model.get_text_features).parameters)
        self.dim = self._forward_texts(["a"]).shape[1]

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over weights, configuration, tokenizer, preprocessing and precision."""
        return fingerprint(self.folder, self.precision)

    def encode_images(self, images: Tensor) -> Tensor:
        """Embed RGB frames (uint8 [N, H, W, 3], any device) to float32 [N, D], each of length 1."""
        check_images(images)
        parts = [
            self._forward_images(batch) for batch in images.split(self.batch_size) if len(batch)
        ]
        return torch.cat(parts) if parts else self._nothing()

    def encode_texts(self, texts: list[str]) -> Tensor:
        """Embed M texts to float32 [M, D], each of length 1; texts that are too long are cut."""
        check_texts(texts)
        starts = range(0, len(texts), self.batch_size)
        parts = [self._forward_texts(texts[i : i + self.batch_size]) for i in starts]
        return torch.cat(parts) if parts else self._nothing()

    def _nothing(self) -> Tensor:
        return torch.zeros(0, self.dim, device=self.device)

    # no_grad and not inference_mode: a reward head is trained on these embeddings.
    @torch.no_grad()
    def _forward_images(self, images: Tensor) -> Tensor:
        inputs = self._preprocess(images, self.device)
        with self._autocast():
            output = self._model.get_image_features(**inputs)
        return self._unit_rows(output, len(images))

    @torch.no_grad()
    def _forward_texts(self, texts: list[str]) -> Tensor:
        self._warn_if_cut(texts)
        inputs = self._text_tensors(texts)
        with self._autocast():
            output = self._model.get_text_features(**inputs)
        return self._unit_rows(output, len(texts))

    def _text_tensors(self, texts: list[str], room: int = 0) -> dict[str, Tensor]:
        """The text model's inputs, `room` tokens shorter than it reads at most."""
        tokens = self._tokenizer(
            texts,
            padding="max_length" if self._pad_to_full else "longest",
            truncation=True,
            max_length=self._text_length - room,
            return_tensors="pt",
        )
        return {k: v.to(self.device) for k, v in tokens.items() if k in self._text_inputs}

    def _autocast(self) -> torch.autocast:
        return torch.autocast(
            self.device.type, torch.bfloat16, enabled=self.precision == "bfloat16"
        )

    def _unit_rows(self, output: Any, rows: int) -> Tensor:
        features = output if isinstance(output, Tensor) else output.pooler_output
        if features is None or features.ndim != 2 or len(features) != rows:
            raise EmbodiedError(
                f"{self.name}: this model gives no single embedding per image and text: "
                "choose a CLIP or SigLIP model"
            )
        return torch.nn.functional.normalize(features.float(), dim=1)

    def _warn_if_cut(self, texts: list[str]) -> None:
        for text, tokens in zip(
            texts, self._tokenizer(texts, verbose=False)["input_ids"], strict=True
        ):
            if len(tokens) > self._text_length:
                log.warning(
                    "%s reads %d tokens: the end of %r is cut off",
                    self.name,
                    self._text_length,
                    text if len(text) <= 60 else f"{text[:57]}...",
                )


def _load_config(name: str, folder: Path) -> Any:
    from transformers import MODEL_MAPPING, AutoConfig

    config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
    model_class = MODEL_MAPPING.get(type(config), None)
    if not all(hasattr(model_class, f) for f in ("get_image_features", "get_text_features")):
        raise EmbodiedError(
            f"{name}: a model of type {config.model_type!r} does not put images and texts into one "
            "space: choose a CLIP or SigLIP model"
        )
    return config


def _load_model(name: str, folder: Path, config: Any) -> Any:
    from transformers import AutoModel

    model, report = AutoModel.from_pretrained(
        folder,
        config=config,
        dtype=torch.float32,
        use_safetensors=True,
        local_files_only=True,
        trust_remote_code=False,
        output_loading_info=True,
    )
    # transformers would go on with random numbers in their place.
    if missing := sorted(report["missing_keys"]):
        raise EmbodiedError(
            f"{name}: {len(missing)} tensors are missing from the weights (e.g. {missing[0]}): "
            "fetch the model again"
        )
    return model.eval().requires_grad_(False)


def _load_image_processor(folder: Path) -> Any:
    from transformers import AutoImageProcessor

    return AutoImageProcessor.from_pretrained(
        folder, backend="pil", local_files_only=True, trust_remote_code=False
    )


def _load_tokenizer(folder: Path, config: Any) -> Any:
    from transformers import AutoTokenizer

    # Without these, transformers takes another tokenizer, which reads SigLIP's texts differently.
    if config.model_type == "siglip" and (folder / "spiece.model").is_file():
        for module, package in (
            ("sentencepiece", "sentencepiece"),
            ("google.protobuf", "protobuf"),
        ):
            if not _importable(module):
                raise MissingDependency(package)
    return AutoTokenizer.from_pretrained(
        folder, config=config, local_files_only=True, trust_remote_code=False
    )


def _importable(module: str) -> bool:
    parent = module.partition(".")[0]
    return find_spec(parent) is not None and find_spec(module) is not None


def _text_length(config: Any, tokenizer: Any) -> tuple[int, bool]:
    """(tokens that the text tower reads, whether shorter texts are padded to that many)."""
    text_config = getattr(config, "text_config", config)
    positions = getattr(text_config, "max_position_embeddings", None) or tokenizer.model_max_length
    length = min(int(positions), int(tokenizer.model_max_length))
    if config.model_type in FIXED_TEXT_LENGTH:
        return FIXED_TEXT_LENGTH[config.model_type] or int(positions), True
    return length, False


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Silence transformers' progress bar and load report; `_load_model` checks the report."""
    from transformers.utils import logging as transformers_logging

    verbosity = transformers_logging.get_verbosity()
    bars = transformers_logging.is_progress_bar_enabled()
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(verbosity)
        if bars:
            transformers_logging.enable_progress_bar()


@contextlib.contextmanager
def _one_line_errors(name: str) -> Iterator[None]:
    """Turn what transformers raises about unusable files into one line of ours."""
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, ValueError, KeyError, ImportError, RuntimeError, SafetensorError) as error:
        line = str(error).strip().split("\n", 1)[0]
        raise EmbodiedError(
            f"{name}: transformers cannot load it ({type(error).__name__}: {line}): "
            "check the files, or fetch the model again"
        ) from error
