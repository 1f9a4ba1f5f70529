"""Tiny CLIP, SigLIP and SigLIP 2 folders in Hugging Face format: random weights, real tokenizers.

The tokenizers are made here from a handful of sentences, in the file formats of the real models
(byte-level BPE for CLIP, a SentencePiece unigram model for SigLIP), so loading a folder takes the
same path as loading a model from the hub. The same seed gives the same files.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from PIL import Image

PROMPTS = [
    "a humanoid robot kneeling",
    "a humanoid robot",
    "pole vertically upright on top of the cart!",
    "A car at the peak of the mountain, next to the yellow flag.",
]
CORPUS = PROMPTS * 8 + [
    "the quick brown fox jumps over the lazy dog while seven wizards box",
    "seated down, meditating in the lotus position",
    "both knees on the floor, torso upright, hands on hips",
]
IMAGE_SIZE = 48
PATCH = 16
SPECIAL = ("bos", "eos", "pad")


TOWER = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
}


def make_tiny_clip(folder: Path, seed: int = 0, image_size: int = IMAGE_SIZE) -> Path:
    """A CLIP: 77 tokens; the short side is resized, then the centre is cut out."""
    from transformers import CLIPConfig, CLIPModel
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    tokenizer = _clip_tokenizer()
    special = {f"{name}_token_id": getattr(tokenizer, f"{name}_token_id") for name in SPECIAL}
    config = CLIPConfig(
        text_config={
            **TOWER,
            **special,
            "vocab_size": len(tokenizer),
            "max_position_embeddings": 77,
        },
        vision_config={**TOWER, "image_size": image_size, "patch_size": PATCH},
        projection_dim=24,
    )
    processor = CLIPImageProcessorPil(
        size={"shortest_edge": image_size},
        crop_size={"height": image_size, "width": image_size},
    )
    return _save(folder, seed, CLIPModel, config, tokenizer, processor)


def make_tiny_siglip(folder: Path, seed: int = 0, image_size: int = IMAGE_SIZE) -> Path:
    """A SigLIP: 64 tokens, every text padded to that; images are resized to a square."""
    from transformers import SiglipConfig, SiglipModel
    from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

    tokenizer = _siglip_tokenizer(folder)
    special = {f"{name}_token_id": tokenizer.eos_token_id for name in SPECIAL}
    config = SiglipConfig(
        text_config={
            **TOWER,
            **special,
            "vocab_size": len(tokenizer),
            "max_position_embeddings": 64,
            "projection_size": 32,
        },
        vision_config={**TOWER, "image_size": image_size, "patch_size": PATCH},
    )
    processor = SiglipImageProcessorPil(size={"height": image_size, "width": image_size})
    return _save(folder, seed, SiglipModel, config, tokenizer, processor)


def make_tiny_siglip2(folder: Path, seed: int = 0, image_size: int = IMAGE_SIZE) -> Path:
    """A SigLIP 2 that keeps the aspect ratio: at most 9 patches of 16 pixels, and a mask."""
    from transformers import Siglip2Config, Siglip2Model, Siglip2Tokenizer
    from transformers.models.siglip2.image_processing_pil_siglip2 import Siglip2ImageProcessorPil

    specials = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"]
    letters = sorted({c for text in CORPUS for c in text.lower().replace(" ", "▁")})
    vocab = {token: index for index, token in enumerate([*specials, *letters])}
    tokenizer = Siglip2Tokenizer(vocab=vocab, merges=[], model_input_names=["input_ids"])
    patches = (image_size // PATCH) ** 2
    special = {f"{name}_token_id": getattr(tokenizer, f"{name}_token_id") for name in SPECIAL}
    config = Siglip2Config(
        text_config={
            **TOWER,
            **special,
            "vocab_size": len(tokenizer),
            "max_position_embeddings": 64,
            "projection_size": 32,
        },
        vision_config={**TOWER, "num_patches": patches, "patch_size": PATCH},
    )
    processor = Siglip2ImageProcessorPil(patch_size=PATCH, max_num_patches=patches)
    return _save(folder, seed, Siglip2Model, config, tokenizer, processor)


MAKERS: dict[str, Callable[[Path], Path]] = {
    "clip": make_tiny_clip,
    "siglip": make_tiny_siglip,
    "siglip2": make_tiny_siglip2,
}


def noisy_frames(count: int, height: int, width: int, seed: int = 0) -> torch.Tensor:
    """uint8 [count, height, width, 3]: smooth shapes with sharp edges and noise on top."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.randint(0, 256, (count, 3, 6, 6), generator=generator).float()
    frames = torch.nn.functional.interpolate(coarse, (height, width), mode="nearest")
    frames += 20 * torch.randn(frames.shape, generator=generator)
    return frames.clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous()


def direct_embeddings(
    folder: Path, images: torch.Tensor, texts: list[str]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Normalised image and text embeddings from transformers alone, as its documentation says."""
    from transformers import AutoImageProcessor, AutoModel, AutoTokenizer

    model = AutoModel.from_pretrained(folder)
    processor = AutoImageProcessor.from_pretrained(folder, backend="pil")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    # The model cards of SigLIP ask for 64 tokens, padded; CLIP takes whatever length there is.
    padding = {"padding": True}
    if model.config.model_type.startswith("siglip"):
        padding = {"padding": "max_length", "max_length": 64}
    tokens = tokenizer(texts, truncation=True, return_tensors="pt", **padding)
    frames = [Image.fromarray(image.numpy()) for image in images]
    with torch.no_grad():
        seen = model.get_image_features(**processor(images=frames, return_tensors="pt"))
        read = model.get_text_features(**tokens)
    return (
        torch.nn.functional.normalize(seen.pooler_output, dim=-1),
        torch.nn.functional.normalize(read.pooler_output, dim=-1),
    )


def _save(
    folder: Path, seed: int, model_class: Any, config: Any, tokenizer: Any, processor: Any
) -> Path:
    from transformers.utils import logging

    torch.manual_seed(seed)
    model = model_class(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            # With the usual, smaller weights nearly all inputs get the same embedding.
            if parameter.ndim > 1 and "logit" not in name:
                parameter.normal_(0, 0.25)
    logging.disable_progress_bar()
    for part in (model, tokenizer, processor):
        part.save_pretrained(folder)
    return folder


def _clip_tokenizer() -> Any:
    """Byte-level BPE whose merges build the words of the corpus from left to right.

    Not trained by the tokenizers library, which breaks ties in another way in every process.
    """
    from tokenizers.pre_tokenizers import ByteLevel
    from transformers import CLIPTokenizer

    letters = sorted(ByteLevel.alphabet())
    tokens = [*letters, *(f"{letter}</w>" for letter in letters)]
    merges: list[Any] = []
    for word in sorted({w for text in CORPUS for w in re.findall(r"[a-z]+", text.lower())}):
        left, *rest = [*word[:-1], f"{word[-1]}</w>"]
        for right in rest:
            merges.append((left, right))
            left += right
    merges = list(dict.fromkeys(merges))
    tokens += ["".join(pair) for pair in merges]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    vocab = {token: index for index, token in enumerate(dict.fromkeys(tokens))}
    return CLIPTokenizer(vocab=vocab, merges=merges, model_max_length=77)


def _siglip_tokenizer(folder: Path) -> Any:
    import sentencepiece
    from transformers import SiglipTokenizer

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS),
        model_writer=model,
        model_type="unigram",
        vocab_size=120,
        hard_vocab_limit=False,
        # As in google/siglip-*: </s> closes and pads every text.
        pad_id=-1,
        bos_id=-1,
        eos_id=1,
        unk_id=2,
        minloglevel=2,
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "spiece.model").write_bytes(model.getvalue())
    return SiglipTokenizer(str(folder / "spiece.model"), model_input_names=["input_ids"])
