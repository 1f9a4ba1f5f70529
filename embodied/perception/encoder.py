"""Encoders that put images and texts into one space; one string names any of them (`--vlm`)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from embodied.errors import EmbodiedError
from embodied.registry import ENCODERS

if TYPE_CHECKING:
    import torch
    from torch import Tensor

ADAPTER_FILE = "adapter.json"
"""What tells a folder made by `embodied adapt` from other encoders' folders."""


@runtime_checkable
class ImageTextEncoder(Protocol):
    """What every image-text back end offers.

    Embeddings are float32, of length 1, on the encoder's device; rows do not depend on what else is
    in the batch (beyond rounding). Nothing asks for gradients. Registered in
    `embodied.registry.ENCODERS` by a factory `load(argument: str, device: str)`.
    """

    @property
    def name(self) -> str:
        """The string that `load_encoder` made it from, e.g. `hf:google/siglip-base-patch16-224`."""
        ...

    @property
    def fingerprint(self) -> str:
        """Hash of the contents of weights and preprocessing: equal only if embeddings are."""
        ...

    @property
    def dim(self) -> int:
        """Length D of an embedding."""
        ...

    @property
    def image_size(self) -> int:
        """Side, in pixels, at which square frames are best rendered: they are not resized again."""
        ...

    @property
    def device(self) -> torch.device:
        """Where the model is, and where embeddings are returned."""
        ...

    def encode_images(self, images: Tensor) -> Tensor:
        """Embed RGB frames (uint8 [N, H, W, 3], any device, N may be 0) to float32 [N, D]."""
        ...

    def encode_texts(self, texts: list[str]) -> Tensor:
        """Embed M texts to float32 [M, D]; M may be 0. An empty text raises EmbodiedError."""
        ...


def load_encoder(spec: str, device: str = "auto") -> ImageTextEncoder:
    """Load the encoder that `spec` names.

    spec: `embedded` and `embedded:classic` (ship with the package), `embedded:<folder>` or just the
        folder (made by `embodied align` or `embodied adapt`), `hf:<repo or folder>` (CLIP, SigLIP
        and kin), or what a plug-in adds.
    device: `auto` (a GPU if there is one), `cpu`, `cuda`, `cuda:1`, `mps`.

    Raises EmbodiedError, in one line, for an unknown name, missing files or no network.
    """
    scheme, _, argument = spec.partition(":")
    if scheme not in ENCODERS.names() and Path(spec).expanduser().is_dir():
        folder = Path(spec).expanduser()
        scheme, argument = scheme_of_folder(folder), str(folder)
    elif scheme not in ENCODERS.names() and "/" in spec:
        raise EmbodiedError(
            f"no folder {spec!r}: give a folder made by `embodied align`, "
            f"or write 'hf:{spec}' for a Hugging Face model"
        )
    return ENCODERS.load(scheme)(argument, device)


def scheme_of_folder(folder: Path) -> str:
    """The name in `ENCODERS` that loads what is in `folder`."""
    if (folder / ADAPTER_FILE).is_file():
        return "adapted"
    return "hf" if is_transformers_folder(folder) else "embedded"


def is_transformers_folder(folder: Path) -> bool:
    """Whether `folder` holds the preprocessing of a transformers model."""
    return any(
        (folder / f).is_file() for f in ("preprocessor_config.json", "processor_config.json")
    )


def resolve_device(device: str) -> torch.device:
    """The device that `device` (`auto`, `cpu`, `cuda`, `cuda:1`, `mps`) means on this machine."""
    import torch

    if device == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        resolved = torch.device(device)
        torch.empty(1, device=resolved)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise EmbodiedError(
            f"the device {device!r} cannot be used here ({_first_line(error)}): "
            "choose 'auto' or 'cpu'"
        ) from error
    return resolved


def has_fast_bfloat16(device: torch.device) -> bool:
    """Whether `device` multiplies in bfloat16 itself; elsewhere that is emulated, and very slow."""
    import torch

    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    return (
        device.type == "cpu"
        and torch.backends.cpu.get_cpu_capability() == "AVX512"
        and bool(
            torch.cpu._is_avx512_bf16_supported()  # pyright: ignore  # no public name for it yet
        )
    )


def check_images(images: Tensor) -> None:
    """Raise EmbodiedError unless `images` is uint8 [N, H, W, 3] with H and W at least 1."""
    import torch

    shape = tuple(images.shape)
    if images.dtype != torch.uint8 or len(shape) != 4 or shape[3] != 3 or 0 in shape[1:]:
        raise EmbodiedError(
            f"an encoder wants RGB frames as uint8 [N, H, W, 3], got {images.dtype} {list(shape)}"
        )


def check_texts(texts: Sequence[str]) -> None:
    """Raise EmbodiedError unless `texts` is a list of texts that each say something."""
    if isinstance(texts, str):
        raise EmbodiedError(f"an encoder wants a list of texts, got the one text {texts!r}")
    for index, text in enumerate(texts):
        if not text.strip():
            raise EmbodiedError(
                f"prompt {index + 1} of {len(texts)} is empty: say what to look for"
            )


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n", 1)[0].rstrip(".")
