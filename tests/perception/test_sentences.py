"""Sentence embeddings against transformers, and what eight bits cost."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from embodied.errors import EmbodiedError
from embodied.perception.embedded import DEFAULT_FOLDER
from embodied.perception.sentences import (
    MAX_TOKENS,
    SentenceEncoder,
    dequantise,
    quantise,
    quantise_folder,
)

from .tiny_encoder import make_sentence_encoder

TEXTS = ["a humanoid robot kneeling", "robot", "standing up, with both arms raised on the floor"]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_sentence_encoder(tmp_path_factory.mktemp("sentences") / "plain")


@pytest.fixture(scope="module")
def quantised(plain: Path) -> Path:
    quantise_folder(plain, plain.parent / "quantised")
    return plain.parent / "quantised"


def direct(folder: Path, text: str) -> torch.Tensor:
    """Mean of the last states of one text alone, by transformers."""
    from tokenizers import Tokenizer
    from transformers import BertModel

    tokens = Tokenizer.from_file(str(folder / "tokenizer.json")).encode(text)
    model = BertModel.from_pretrained(folder, add_pooling_layer=False).eval()
    with torch.no_grad():
        states = model(input_ids=torch.tensor([tokens.ids])).last_hidden_state[0]
    return torch.nn.functional.normalize(states.mean(0), dim=-1)


def test_embeddings_are_the_mean_of_the_token_states(plain: Path) -> None:
    found = SentenceEncoder(plain)(TEXTS)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found.norm(dim=1), torch.ones(3))
    expected = torch.stack([direct(plain, text) for text in TEXTS])
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)  # padding does not count


def test_the_batch_does_not_matter(plain: Path) -> None:
    encoder = SentenceEncoder(plain)
    many = encoder(TEXTS * 100)
    torch.testing.assert_close(many[-3:], encoder(TEXTS), atol=1e-5, rtol=0)
    assert encoder([]).shape == (0, 32)


def test_long_texts_are_cut(plain: Path) -> None:
    encoder = SentenceEncoder(plain)
    long, longer = "robot " * MAX_TOKENS, "robot " * 2 * MAX_TOKENS
    torch.testing.assert_close(encoder([long]), encoder([longer]))


def test_quantise_keeps_numbers_to_half_a_step() -> None:
    weights = {
        "matrix": torch.randn(20, 30, generator=torch.Generator().manual_seed(0)) * 3,
        "zeros": torch.zeros(2, 4),
        "vector": torch.linspace(-1, 1, 7),
    }
    packed = quantise(weights)
    assert packed["matrix"].dtype == packed["zeros"].dtype == torch.int8
    again = dequantise(packed)
    assert again.keys() == weights.keys()
    step = weights["matrix"].abs().amax(1, keepdim=True) / 127
    assert ((again["matrix"] - weights["matrix"]).abs() <= 0.6 * step).all()
    assert not again["zeros"].any()
    torch.testing.assert_close(again["vector"], weights["vector"], atol=1e-3, rtol=0)


def test_eight_bits_move_embeddings_little(plain: Path, quantised: Path) -> None:
    files = [folder / "model.safetensors" for folder in (plain, quantised)]
    assert files[1].stat().st_size < 0.4 * files[0].stat().st_size
    assert not any("pooler" in name for name in load_file(files[1]))
    cosine = (SentenceEncoder(plain)(TEXTS) * SentenceEncoder(quantised)(TEXTS)).sum(1)
    assert cosine.min() > 0.995


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_missing_file_is_named(name: str, quantised: Path, tmp_path: Path) -> None:
    for file in quantised.iterdir():
        if file.name != name:
            (tmp_path / file.name).write_bytes(file.read_bytes())
    with pytest.raises(EmbodiedError, match=f"has no {name}"):
        SentenceEncoder(tmp_path)


def test_damaged_weights_are_one_line(quantised: Path, tmp_path: Path) -> None:
    for file in quantised.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    weights = load_file(tmp_path / "model.safetensors")
    absent = next(iter(weights))
    save_file({k: v for k, v in weights.items() if k != absent}, tmp_path / "model.safetensors")
    with pytest.raises(EmbodiedError, match="lacks"):
        SentenceEncoder(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"not safetensors at all")
    with pytest.raises(EmbodiedError, match=r"model\.safetensors") as error:
        SentenceEncoder(tmp_path)
    assert "\n" not in str(error.value)


def test_the_shipped_sentences_know_english() -> None:
    encoder = SentenceEncoder(DEFAULT_FOLDER / "text")
    kneeling, knees, car, wheels = encoder(
        [
            "a humanoid robot kneeling",
            "a robot on its knees",
            "a car at the peak of the mountain",
            "an automobile in the hills",
        ]
    )
    assert kneeling.shape == (384,)
    assert min(kneeling @ knees, car @ wheels) > max(kneeling @ car, knees @ wheels) + 0.2
