"""The inside of an encoder, as far as adapting it needs: features with gradients, context vectors
among a text's tokens, and the attention's projections.

Context vectors are put where the token embeddings come out (a hook on that layer replaces the rows
of place-holder tokens), so positions, masks and pooling stay the model's own.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import torch
from torch import Tensor, nn

from embodied.errors import EmbodiedError
from embodied.perception.embedded import EmbeddedEncoder
from embodied.perception.encoder import ImageTextEncoder
from embodied.perception.huggingface import HuggingFaceEncoder
from embodied.perception.sentences import MAX_TOKENS, SentenceEncoder

# Tokens before the text, behind which the context goes: CLIP has a start token, SigLIP has none.
STARTS = {"clip": 1, "siglip": 0, "siglip2": 0}
IMAGE_BATCH = 64


class Towers(ABC):
    """What the methods see of an encoder. Its weights are frozen and never written.

    embedding: the layer that turns token ids into vectors. start: tokens before the context.
    room: most context vectors that fit. scale, bias: log-odds = scale * cosine + bias.
    """

    embedding: nn.Embedding
    start: int
    room: int
    scale: float
    bias: float | None

    def texts(self, texts: list[str], context: Tensor | None = None) -> Tensor:
        """Unit features [M, D] with gradients.

        context: [P, W], the same for all texts, or [M, P, W]; None leaves the texts alone.
        """
        if context is None:
            return self._read(texts, 0)
        first = self.start

        def replace(_module: nn.Module, _inputs: Any, output: Tensor) -> Tensor:
            rows = context.to(output.dtype).expand(len(output), *context.shape[-2:])
            return torch.cat([output[:, :first], rows, output[:, first + rows.shape[1] :]], 1)

        handle = self.embedding.register_forward_hook(replace)
        try:
            return self._read(texts, context.shape[-2])
        finally:
            handle.remove()

    @abstractmethod
    def _read(self, texts: list[str], room: int) -> Tensor:
        """Unit features of texts in which `room` place-holder tokens precede the words."""

    @abstractmethod
    def images(self, frames: Tensor) -> Tensor:
        """Unit features [N, D] of frames uint8 [N, H, W, 3], with gradients."""

    @abstractmethod
    def words(self, text: str) -> Tensor:
        """Embeddings of the text's tokens, without those that mark its ends: [T, W]."""

    @abstractmethod
    def attention(self) -> dict[str, nn.Linear]:
        """Projections to queries, keys and values by name; names begin with `image` or `text`."""


class HuggingFaceTowers(Towers):
    """CLIP and SigLIP through transformers."""

    def __init__(self, encoder: HuggingFaceEncoder):
        self.encoder, model = encoder, encoder._model
        kind = model.config.model_type
        if kind not in STARTS:
            raise EmbodiedError(
                f"{encoder.name}: this method serves CLIP and SigLIP, not a {kind!r} model: "
                "use --method head"
            )
        self.embedding = model.text_model.embeddings.token_embedding
        self.start, self.room = STARTS[kind], encoder._text_length // 2
        self.scale = float(model.logit_scale.detach().exp())
        bias = getattr(model, "logit_bias", None)
        self.bias = None if bias is None else float(bias.detach())
        special = set(encoder._tokenizer.all_special_ids)
        self._placeholder = next(i for i in range(len(special) + 1) if i not in special)

    def _read(self, texts: list[str], room: int) -> Tensor:
        inputs = self.encoder._text_tensors(texts, room)
        fill = {"input_ids": self._placeholder, "attention_mask": 1}
        for name in fill.keys() & inputs.keys() if room else ():
            value, size = inputs[name], (len(texts), room)
            middle = value.new_full(size, fill[name])
            inputs[name] = torch.cat([value[:, : self.start], middle, value[:, self.start :]], 1)
        with self.encoder._autocast():
            output = self.encoder._model.get_text_features(**inputs)
        return self.encoder._unit_rows(output, len(texts))

    def images(self, frames: Tensor) -> Tensor:
        pieces = []
        for piece in frames.split(IMAGE_BATCH):
            inputs = self.encoder._preprocess(piece, self.encoder.device)
            with self.encoder._autocast():
                output = self.encoder._model.get_image_features(**inputs)
            pieces.append(self.encoder._unit_rows(output, len(piece)))
        return torch.cat(pieces)

    def words(self, text: str) -> Tensor:
        ids = self.encoder._tokenizer(text, add_special_tokens=False)["input_ids"]
        return self.embedding.weight.detach()[torch.tensor(ids, device=self.encoder.device)]

    def attention(self) -> dict[str, nn.Linear]:
        model, ends = self.encoder._model, ("q_proj", "k_proj", "v_proj")
        return {
            f"{tower}.{name}": module
            for tower, part in (("image", model.vision_model), ("text", model.text_model))
            for name, module in part.named_modules()
            if isinstance(module, nn.Linear) and name.endswith(ends)
        }


class EmbeddedTowers(Towers):
    """Our own encoder: MiniLM reads the text; the image tower is convolutions, not attention."""

    def __init__(self, encoder: EmbeddedEncoder):
        self.encoder = encoder
        # The encoder loads its own within inference_mode, where no gradient can pass through it.
        encoder._sentences = SentenceEncoder(encoder.folder / "text", str(encoder.device))
        self.sentences = encoder._sentences
        self.sentences.model.requires_grad_(False)
        encoder._towers.requires_grad_(False)
        self.embedding = self.sentences.model.embeddings.word_embeddings
        self.start = 1
        self.room = int(self.sentences.model.config.max_position_embeddings) - MAX_TOKENS
        self.scale = float(encoder._towers.log_scale.exp())
        self.bias = float(encoder._towers.bias)

    def _read(self, texts: list[str], room: int) -> Tensor:
        return self.encoder._towers.embed_sentences(self.sentences.embed(texts, room))

    def images(self, frames: Tensor) -> Tensor:
        return self.encoder.encode_images(frames).clone()

    def words(self, text: str) -> Tensor:
        ids = self.sentences.tokenizer.encode(text, add_special_tokens=False).ids
        return self.embedding.weight.detach()[torch.tensor(ids, device=self.encoder.device)]

    def attention(self) -> dict[str, nn.Linear]:
        ends = ("query", "key", "value")
        return {
            f"text.{name}": module
            for name, module in self.sentences.model.named_modules()
            if isinstance(module, nn.Linear) and name.endswith(ends)
        }


def open_towers(encoder: ImageTextEncoder) -> Towers:
    """The inside of `encoder`; EmbodiedError for a kind whose inside is not known."""
    if isinstance(encoder, HuggingFaceEncoder):
        return HuggingFaceTowers(encoder)
    if isinstance(encoder, EmbeddedEncoder):
        return EmbeddedTowers(encoder)
    raise EmbodiedError(
        f"{encoder.name}: this method serves `embedded` and `hf:` encoders: use --method head"
    )
