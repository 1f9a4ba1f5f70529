"""Alignment: it learns graded truth, goes on from an epoch as if nothing had happened, and the
ranking numbers can tell a good encoder from a bad one."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from embodied.perception.align.data import Captions, Scenes
from embodied.perception.align.evaluate import rank
from embodied.perception.align.train import (
    AlignConfig,
    align,
    caption_weights,
    positive_weights,
)
from embodied.perception.network import NetworkConfig

SMALL = NetworkConfig(image_size=28, patch=7, channels=(8, 16), blocks=(1, 1), dim=16, text_dim=8)
STATEMENTS = ("bright", "red", "anything")
CAPTIONS = Captions(
    ("bright", "a bright picture", "red", "a picture"), ("bright", "bright", "red", "anything")
)


@pytest.fixture(scope="module")
def scenes() -> Scenes:
    rng = np.random.default_rng(0)
    bright, red = rng.random((2, 256))
    frames = np.zeros((256, 28, 28, 3))
    frames[:] = 180 * bright[:, None, None, None]
    frames[..., 0] += 75 * red[:, None, None]
    truth = np.stack([bright, red, np.ones(256)], axis=1).astype(np.float32)
    return Scenes(frames.astype(np.uint8), truth, STATEMENTS)


@pytest.fixture(scope="module")
def sentences() -> Tensor:
    generator = torch.Generator().manual_seed(0)
    base = torch.nn.functional.normalize(torch.randn(3, 8, generator=generator), dim=1)
    return base[torch.tensor([0, 0, 1, 2])]


class Towers:
    """Two towers behind the part of the encoder's protocol that ranking uses."""

    def __init__(self, towers, sentences: Tensor):
        self.towers, self.sentences = towers, sentences

    @torch.inference_mode()
    def encode_texts(self, texts: list[str]) -> Tensor:
        return self.towers.embed_sentences(self.sentences)


def _rank(towers, scenes: Scenes, sentences: Tensor):
    with torch.inference_mode():
        images = towers.embed_frames(torch.from_numpy(scenes.frames))
    return rank(images, scenes, Towers(towers, sentences), CAPTIONS)  # pyright: ignore


def test_align_learns_graded_truth(scenes: Scenes, sentences: Tensor) -> None:
    config = AlignConfig(epochs=25, batch_size=32, jitter=0.0)
    trained = _rank(align(scenes, CAPTIONS, sentences, config, SMALL), scenes, sentences)
    blank = AlignConfig(epochs=0)
    untrained = _rank(align(scenes, CAPTIONS, sentences, blank, SMALL), scenes, sentences)
    assert set(trained.pairs) == {"bright", "red"}  # what is always true ranks nothing
    assert min(trained.pairs.values()) > 0.9
    assert min(trained.top.values()) > 0.9
    assert np.mean(list(untrained.pairs.values())) < 0.85


def test_training_goes_on_from_an_epoch(tmp_path: Path, scenes: Scenes, sentences: Tensor) -> None:
    class Killed(Exception):
        pass

    def run(folder: Path | None, stop_at: int | None = None):
        def report(seen: int, loss: float) -> None:
            if stop_at is not None and seen >= stop_at:
                raise Killed

        config = AlignConfig(epochs=3, batch_size=32)
        return align(scenes, CAPTIONS, sentences, config, SMALL, report=report, saved=folder)

    whole = run(None).state_dict()
    with pytest.raises(Killed):  # the report comes every 20 steps: in the third epoch
        run(tmp_path / "training", stop_at=640)
    resumed = run(tmp_path / "training").state_dict()
    for name, value in whole.items():
        assert torch.equal(value, resumed[name]), name


def test_weights_balance_statements_and_truth(scenes: Scenes) -> None:
    weight = caption_weights(scenes, CAPTIONS)
    assert weight.sum() == pytest.approx(1)
    assert weight[:2].sum() == pytest.approx(weight[2])  # two wordings weigh as much as one
    positive = positive_weights(np.array([[0.0, 1.0], [0.1, 1.0]], np.float32))
    assert 2 < positive[0] <= 8  # rare: more, but not by all of its rarity
    assert positive[1] == 1
