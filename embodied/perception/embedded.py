"""The encoder that ships with the package, and those that `embodied align` makes.

A folder holds `config.json`, `model.safetensors` (image tower and text head), `text/` (MiniLM in
8 bits) and `README.md`, the model card. A folder without `text/` reads with the MiniLM that ships.
"""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn.functional import interpolate

from embodied.errors import EmbodiedError
from embodied.perception.encoder import (
    check_images,
    check_texts,
    has_fast_bfloat16,
    resolve_device,
)
from embodied.perception.network import NetworkConfig, TwoTowers
from embodied.perception.sentences import SentenceEncoder

DEFAULT_FOLDER = Path(__file__).parents[1] / "assets" / "encoder"
if not DEFAULT_FOLDER.is_dir():  # a checkout: assets/ stands beside embodied/, not inside
    DEFAULT_FOLDER = Path(__file__).parents[2] / "assets" / "encoder"

SHIPPED = {"": DEFAULT_FOLDER, "classic": DEFAULT_FOLDER.with_name("classic-encoder")}
"""What `embedded:NAME` means for the names that ship."""

BATCH = 512


class EmbeddedEncoder:
    """An `ImageTextEncoder` of our simulators (not of the world: see its model card).

    On CPUs with AVX512-BF16 and on GPUs the image tower runs in bfloat16.
    """

    def __init__(self, folder: Path, device: str = "auto", name: str | None = None):
        self.folder = folder
        self.name = name or f"embedded:{folder}"
        self.device = resolve_device(device)
        own = folder / "text"
        self._text = own if own.is_dir() else DEFAULT_FOLDER / "text"
        self.record = _read_config(folder)
        self.config = NetworkConfig.from_json(self.record["network"])
        self.dim, self.image_size = self.config.dim, self.config.image_size
        towers = load_towers(folder, self.config)
        towers.image.fuse()
        self._towers = towers.eval().to(self.device)
        self._half = has_fast_bfloat16(self.device)
        self._sentences: SentenceEncoder | None = None

    @property
    def fingerprint(self) -> str:
        digest = sha256((self.folder / "config.json").read_bytes())
        for folder in (self.folder, self._text):
            digest.update((folder / "model.safetensors").read_bytes())
        return digest.hexdigest()[:16]

    @property
    def image_parameters(self) -> int:
        return sum(p.numel() for p in self._towers.image.parameters())

    @torch.inference_mode()
    def encode_images(self, images: Tensor) -> Tensor:
        check_images(images)
        pieces = [self._embed(piece) for piece in images.split(BATCH)] if len(images) else []
        return torch.cat(pieces) if pieces else torch.zeros(0, self.dim, device=self.device)

    @torch.inference_mode()
    def encode_texts(self, texts: list[str]) -> Tensor:
        check_texts(texts)
        if not texts:
            return torch.zeros(0, self.dim, device=self.device)
        if self._sentences is None:  # read only when there is a text: it is the slow half to load
            self._sentences = SentenceEncoder(self._text, str(self.device))
        return self._towers.embed_sentences(self._sentences(texts))

    def _embed(self, images: Tensor) -> Tensor:
        images = images.to(self.device, non_blocking=True)
        side = self.image_size
        if images.shape[1:3] != (side, side):
            planes = images.permute(0, 3, 1, 2).float()
            planes = interpolate(planes, (side, side), mode="bilinear", antialias=True)
            images = planes.permute(0, 2, 3, 1)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self._half):
            return self._towers.embed_frames(images)


def load(argument: str, device: str) -> EmbeddedEncoder:
    """`embedded`, `embedded:<name that ships>` or `embedded:<folder>`."""
    if argument in SHIPPED:
        name = f"embedded:{argument}" if argument else "embedded"
        return EmbeddedEncoder(SHIPPED[argument], device, name)
    return EmbeddedEncoder(Path(argument).expanduser(), device)


def load_towers(folder: Path, config: NetworkConfig) -> TwoTowers:
    """The trained half of an encoder folder, as it was saved."""
    towers = TwoTowers(config)
    try:
        weights = load_file(folder / "model.safetensors")
        towers.load_state_dict({k: v.float() for k, v in weights.items()})
    except (OSError, SafetensorError, RuntimeError) as error:
        raise EmbodiedError(
            f"{folder}/model.safetensors cannot be read ({str(error).splitlines()[0]}): "
            "copy the folder again, or make it anew with `embodied align`"
        ) from error
    return towers


def save_towers(folder: Path, towers: TwoTowers, record: dict[str, Any]) -> None:
    """Write the trained half of an encoder folder, in float16; `record` goes into config.json."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {
        k: (v.half() if v.is_floating_point() else v).contiguous()
        for k, v in towers.state_dict().items()
    }
    save_file(weights, folder / "model.safetensors")
    config = {"network": towers.config.to_json(), **record}
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")


def _read_config(folder: Path) -> dict[str, Any]:
    if not folder.is_dir():
        raise EmbodiedError(f"no encoder folder {folder}: make one with `embodied align`")
    for file in ("config.json", "model.safetensors"):
        if not (folder / file).is_file():
            raise EmbodiedError(f"{folder} has no {file}: copy the whole folder again")
    try:
        values = json.loads((folder / "config.json").read_text())
        NetworkConfig.from_json(values["network"])
    except (ValueError, KeyError, TypeError) as error:
        raise EmbodiedError(f"{folder}/config.json is no encoder's configuration") from error
    return values
