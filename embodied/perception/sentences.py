"""MiniLM sentence embeddings, frozen and stored as 8-bit integers.

all-MiniLM-L6-v2 (Apache-2.0) maps a sentence to 384 numbers: mean-pooled token states, normalised.
Each weight row is stored as int8 with one scale, a quarter of the size; `embodied align` reports
how little that moves the embeddings.
"""

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn.functional import normalize

from embodied.errors import EmbodiedError

MAX_TOKENS = 128


class SentenceEncoder:
    """Reads a folder of config.json, model.safetensors (int8 rows or floats) and tokenizer.json."""

    def __init__(self, folder: Path, device: str = "cpu"):
        from tokenizers import Tokenizer
        from transformers import BertConfig, BertModel

        for name in ("config.json", "model.safetensors", "tokenizer.json"):
            if not (folder / name).is_file():
                raise EmbodiedError(f"{folder} has no {name}; copy the whole folder again")
        config = BertConfig.from_json_file(folder / "config.json")
        self.model = BertModel(config, add_pooling_layer=False).eval()
        try:
            weights = dequantise(load_file(folder / "model.safetensors"))
        except (OSError, SafetensorError) as error:
            raise EmbodiedError(
                f"{folder}/model.safetensors cannot be read ({error}): copy the folder again"
            ) from error
        known = {k: v.float() for k, v in weights.items() if not k.startswith("pooler.")}
        self.model.load_state_dict(known, strict=False)
        missing = [k for k in self.model.state_dict() if k not in known and "position_ids" not in k]
        if missing:
            raise EmbodiedError(f"{folder}/model.safetensors lacks {missing[0]}; copy it again")
        self.model.to(device)  # pyright: ignore[reportArgumentType]
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.enable_truncation(MAX_TOKENS)
        self.tokenizer.enable_padding()

    @torch.inference_mode()
    def __call__(self, texts: list[str]) -> Tensor:
        """L2-normalised sentence embeddings, float32 [M, 384]."""
        batches = [self.embed(texts[i : i + 256]) for i in range(0, len(texts), 256)]
        return torch.cat(batches) if batches else torch.zeros(0, self.model.config.hidden_size)

    def embed(self, texts: list[str], room: int = 0) -> Tensor:
        """The same for one batch, as a graph; `room` tokens stand between [CLS] and the text."""
        encoded = self.tokenizer.encode_batch(texts)
        device = self.model.device
        ids = torch.tensor([e.ids[:1] + e.ids[:1] * room + e.ids[1:] for e in encoded])
        mask = torch.tensor([[1] * room + e.attention_mask for e in encoded])
        ids, mask = ids.to(device), mask.to(device)
        states = self.model(input_ids=ids, attention_mask=mask).last_hidden_state
        weight = mask[..., None].float()
        return normalize((states * weight).sum(1) / weight.sum(1), dim=-1)


def quantise(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Matrices as int8 rows with a float16 scale each; vectors as float16."""
    packed = {}
    for name, value in weights.items():
        if value.dim() == 2:
            scale = value.abs().amax(1, keepdim=True).clamp_min(1e-8) / 127
            packed[name] = (value / scale).round().to(torch.int8)
            packed[f"{name}:scale"] = scale.half()
        elif value.is_floating_point():
            packed[name] = value.half()
    return packed


def dequantise(packed: dict[str, Tensor]) -> dict[str, Tensor]:
    """The float32 weights that `quantise` stored."""
    weights = {}
    for name, value in packed.items():
        if name.endswith(":scale"):
            continue
        scale = packed.get(f"{name}:scale")
        weights[name] = value.float() if scale is None else value.float() * scale.float()
    return weights


def quantise_folder(source: Path, target: Path) -> None:
    """Copy a BERT-like sentence encoder with its weights as int8."""
    target.mkdir(parents=True, exist_ok=True)
    weights = load_file(source / "model.safetensors")
    kept = {k: v for k, v in weights.items() if not k.startswith("pooler.")}
    save_file(quantise(kept), target / "model.safetensors")
    for name in ("config.json", "tokenizer.json"):
        (target / name).write_bytes((source / name).read_bytes())
