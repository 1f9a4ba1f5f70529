"""The two towers: shapes, fusion, and the sigmoid's logits."""

import pytest
import torch

from embodied.perception.network import ConvNorm, ImageTower, NetworkConfig, TextHead

from .tiny_encoder import CONFIG, random_towers
from .tiny_models import noisy_frames


def test_configuration_round_trips_through_json() -> None:
    import json

    assert NetworkConfig.from_json(json.loads(json.dumps(CONFIG.to_json()))) == CONFIG
    assert NetworkConfig.from_json(NetworkConfig().to_json()) == NetworkConfig()
    with pytest.raises((TypeError, KeyError)):
        NetworkConfig.from_json({"width": 3})


def test_embeddings_have_length_1() -> None:
    towers = random_towers()
    frames = towers.embed_frames(noisy_frames(5, 32, 32))
    sentences = towers.embed_sentences(torch.randn(4, 32))
    assert (frames.shape, sentences.shape) == ((5, 24), (4, 24))
    torch.testing.assert_close(frames.norm(dim=1), torch.ones(5))
    torch.testing.assert_close(sentences.norm(dim=1), torch.ones(4))
    assert (frames @ frames.T).min() < 0.999  # frames differ


def test_fusing_normalisation_changes_nothing() -> None:
    towers = random_towers()
    x = noisy_frames(6, 32, 32)
    with torch.no_grad():
        before = towers.embed_frames(x)
        towers.image.fuse()
        after = towers.embed_frames(x)
        towers.image.fuse()  # a second time is no harm
        again = towers.embed_frames(x)
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in towers.modules())
    assert any(isinstance(m, ConvNorm) for m in towers.modules())
    torch.testing.assert_close(after, before, atol=1e-5, rtol=0)
    torch.testing.assert_close(again, after, atol=0, rtol=0)


def test_where_something_is_matters() -> None:
    frame = torch.zeros(2, 32, 32, 3, dtype=torch.uint8)
    frame[0, :8], frame[1, -8:] = 255, 255  # the same stripe at the top and at the bottom
    top, bottom = random_towers().embed_frames(frame)
    assert top @ bottom < 0.998


def test_logits_are_scaled_cosines_with_a_bias() -> None:
    towers = random_towers()
    frames, sentences = noisy_frames(3, 32, 32), torch.randn(2, 32)
    cosine = towers.embed_frames(frames) @ towers.embed_sentences(sentences).T
    torch.testing.assert_close(
        towers.logits(frames, sentences), cosine * towers.log_scale.exp() + towers.bias
    )


@pytest.mark.parametrize("size", [64, 112])
def test_sizes_follow_the_configuration(size: int) -> None:
    config = NetworkConfig(image_size=size, channels=(4, 4), blocks=(0, 1), dim=10, text_dim=6)
    assert ImageTower(config).eval()(noisy_frames(2, size, size)).shape == (2, 10)
    assert TextHead(config)(torch.randn(3, 6)).shape == (3, 10)
