"""A tiny encoder folder of `embedded:`, with random weights and a sentence encoder of two words."""

from __future__ import annotations

from pathlib import Path

import torch

from embodied.perception.embedded import save_towers
from embodied.perception.network import NetworkConfig, TwoTowers

WORDS = "a humanoid robot kneeling standing up with both arms raised person on the floor".split()
CONFIG = NetworkConfig(
    image_size=32, patch=4, channels=(8, 12, 16), blocks=(1, 1, 1), dim=24, text_dim=32
)


def make_encoder(folder: Path, config: NetworkConfig = CONFIG, seed: int = 0) -> Path:
    """An encoder folder as `embodied align` writes it."""
    towers = random_towers(config, seed)
    save_towers(folder, towers, {"made_by": "a test"})
    from embodied.perception.sentences import quantise_folder

    make_sentence_encoder(folder / "plain", config.text_dim, seed)
    quantise_folder(folder / "plain", folder / "text")
    return folder


def random_towers(config: NetworkConfig = CONFIG, seed: int = 0) -> TwoTowers:
    """Towers with random weights and statistics, as after some training."""
    torch.manual_seed(seed)
    towers = TwoTowers(config)
    for name, value in towers.state_dict().items():
        if name.endswith("running_mean"):
            value.normal_(0, 0.3)
        elif name.endswith("running_var"):
            value.uniform_(0.5, 2.0)
    return towers.eval()


def make_sentence_encoder(folder: Path, width: int = 32, seed: int = 0) -> Path:
    """A BERT of two layers with a word-level vocabulary, in Hugging Face format."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.normalizers import BertNormalizer
    from tokenizers.pre_tokenizers import BertPreTokenizer
    from tokenizers.processors import BertProcessing
    from transformers import BertConfig, BertModel

    letters = [chr(c) for c in range(ord("a"), ord("z") + 1)]
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS, *letters, *(f"##{c}" for c in letters)]
    vocabulary = {token: index for index, token in enumerate(dict.fromkeys(tokens))}
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = BertNormalizer()  # pyright: ignore
    tokenizer.pre_tokenizer = BertPreTokenizer()  # pyright: ignore
    ends = (("[SEP]", vocabulary["[SEP]"]), ("[CLS]", vocabulary["[CLS]"]))
    tokenizer.post_processor = BertProcessing(*ends)  # pyright: ignore
    torch.manual_seed(seed)
    model = BertModel(
        BertConfig(
            vocab_size=len(vocabulary),
            hidden_size=width,
            num_hidden_layers=2,
            num_attention_heads=4,
            intermediate_size=2 * width,
            max_position_embeddings=160,
        )
    )
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim > 1:
                parameter.normal_(0, 0.3)
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder
