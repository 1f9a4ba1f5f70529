"""Encoder folders: what they embed, and one line for each way in which they can be damaged."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from embodied.errors import EmbodiedError
from embodied.perception.embedded import BATCH, DEFAULT_FOLDER, EmbeddedEncoder
from embodied.perception.encoder import ImageTextEncoder, load_encoder
from embodied.perception.network import TwoTowers
from embodied.perception.reward import GoalBaselineReward

from .tiny_encoder import CONFIG, make_encoder, random_towers
from .tiny_models import noisy_frames

TEXTS = ["a humanoid robot kneeling", "a person standing up", "robot"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_encoder(tmp_path_factory.mktemp("encoder") / "tiny")


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    return shutil.copytree(folder, tmp_path / "copy")


@pytest.fixture(params=[False, True], ids=["float32", "bfloat16"])
def encoder(folder: Path, request: pytest.FixtureRequest) -> EmbeddedEncoder:
    encoder = EmbeddedEncoder(folder, "cpu")
    encoder._half = request.param
    return encoder


def test_is_an_encoder(encoder: EmbeddedEncoder, folder: Path) -> None:
    assert isinstance(encoder, ImageTextEncoder)
    assert (encoder.dim, encoder.image_size) == (CONFIG.dim, CONFIG.image_size)
    assert encoder.name == f"embedded:{folder}"


@pytest.mark.parametrize("spec", ["embedded:{}", "{}"])
def test_is_found_by_its_name(spec: str, folder: Path) -> None:
    loaded = load_encoder(spec.format(folder), "cpu")
    assert loaded.name == f"embedded:{folder}"
    assert loaded.fingerprint == EmbeddedEncoder(folder, "cpu").fingerprint


def test_embeddings_have_length_1_and_know_no_gradient(encoder: EmbeddedEncoder) -> None:
    images, texts = encoder.encode_images(noisy_frames(5, 32, 32)), encoder.encode_texts(TEXTS)
    for embedded, rows in ((images, 5), (texts, 3)):
        assert embedded.shape == (rows, CONFIG.dim)
        assert embedded.dtype == torch.float32
        assert not embedded.requires_grad
        torch.testing.assert_close(embedded.norm(dim=1), torch.ones(rows))
    assert encoder.encode_images(noisy_frames(0, 32, 32)).shape == (0, CONFIG.dim)
    assert encoder.encode_texts([]).shape == (0, CONFIG.dim)


def test_a_row_does_not_depend_on_its_batch(encoder: EmbeddedEncoder) -> None:
    frames = noisy_frames(9, 32, 32)
    together = encoder.encode_images(frames)
    alone = torch.cat([encoder.encode_images(frame[None]) for frame in frames])
    turned = encoder.encode_images(frames.flip(0)).flip(0)
    tolerance = 2e-2 if encoder._half else 1e-5
    for other in (alone, turned):
        torch.testing.assert_close(other, together, atol=tolerance, rtol=0)
    texts = encoder.encode_texts(TEXTS)
    one = torch.cat([encoder.encode_texts([text]) for text in TEXTS])
    torch.testing.assert_close(one, texts, atol=1e-5, rtol=0)


def test_more_frames_than_a_batch(folder: Path) -> None:
    encoder = EmbeddedEncoder(folder, "cpu")
    encoder._half = False
    frames = noisy_frames(3, 32, 32).repeat(BATCH // 2, 1, 1, 1)
    embedded = encoder.encode_images(frames)
    assert len(embedded) == len(frames) > BATCH
    torch.testing.assert_close(embedded[-3:], embedded[:3], atol=1e-5, rtol=0)


def test_bfloat16_moves_embeddings_little(folder: Path) -> None:
    encoder = EmbeddedEncoder(folder, "cpu")
    frames = noisy_frames(16, 32, 32)
    embedded = []
    for half in (False, True):
        encoder._half = half
        embedded.append(encoder.encode_images(frames))
    assert (embedded[0] * embedded[1]).sum(1).min() > 0.995


def test_frames_of_another_size_are_resized(encoder: EmbeddedEncoder) -> None:
    small = noisy_frames(4, 32, 32)
    large = small.repeat_interleave(3, dim=1).repeat_interleave(3, dim=2)
    cosine = (encoder.encode_images(small) * encoder.encode_images(large)).sum(1)
    assert cosine.min() > 0.95
    assert encoder.encode_images(noisy_frames(2, 20, 50)).shape == (2, CONFIG.dim)


def test_a_folder_holds_the_towers_that_were_saved(folder: Path) -> None:
    encoder = EmbeddedEncoder(folder, "cpu")
    encoder._half = False
    frames = noisy_frames(6, 32, 32)
    with torch.no_grad():
        expected = random_towers().embed_frames(frames)
    # Stored in 16 bits.
    torch.testing.assert_close(encoder.encode_images(frames), expected, atol=5e-3, rtol=0)
    assert json.loads((folder / "config.json").read_text())["made_by"] == "a test"


def test_the_fingerprint_is_of_every_weight(copy: Path, folder: Path) -> None:
    before = EmbeddedEncoder(copy, "cpu").fingerprint
    assert before == EmbeddedEncoder(folder, "cpu").fingerprint
    make_encoder(copy, seed=1)
    assert EmbeddedEncoder(copy, "cpu").fingerprint != before


def test_rewards_come_out(folder: Path) -> None:
    reward = GoalBaselineReward(load_encoder(str(folder)), TEXTS[:1], TEXTS[1:2], alpha=0.5)
    values = reward(noisy_frames(3, 32, 32)).values
    assert values.shape == (3,)
    assert (values <= 1).all()


def one_line(error: pytest.ExceptionInfo[EmbodiedError]) -> str:
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_missing_file_is_one_line(name: str, copy: Path) -> None:
    (copy / name).unlink()
    with pytest.raises(EmbodiedError, match=f"has no {name}: copy the whole folder") as error:
        load_encoder(f"embedded:{copy}")
    one_line(error)


def test_a_missing_sentence_encoder_is_one_line(copy: Path) -> None:
    (copy / "text" / "tokenizer.json").unlink()
    encoder = load_encoder(f"embedded:{copy}")
    with pytest.raises(EmbodiedError, match=r"text has no tokenizer\.json") as error:
        encoder.encode_texts(TEXTS)
    one_line(error)


def test_a_missing_folder_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(EmbodiedError, match="embodied align") as error:
        load_encoder(f"embedded:{tmp_path / 'nowhere'}")
    one_line(error)


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"network": {"width": 3}}'])
def test_a_damaged_configuration_is_one_line(content: str, copy: Path) -> None:
    (copy / "config.json").write_text(content)
    with pytest.raises(EmbodiedError, match=r"config\.json is no encoder's") as error:
        load_encoder(f"embedded:{copy}")
    one_line(error)


def test_truncated_weights_are_one_line(copy: Path) -> None:
    weights = (copy / "model.safetensors").read_bytes()
    for content in (weights[:-100], b"", weights[:4]):
        (copy / "model.safetensors").write_bytes(content)
        with pytest.raises(EmbodiedError, match="cannot be read") as error:
            load_encoder(f"embedded:{copy}")
        one_line(error)


def test_weights_of_other_towers_are_one_line(copy: Path) -> None:
    from dataclasses import replace

    from embodied.perception.embedded import save_towers

    config = (copy / "config.json").read_text()
    save_towers(copy, TwoTowers(replace(CONFIG, dim=12)), {})
    (copy / "config.json").write_text(config)
    with pytest.raises(EmbodiedError, match="cannot be read") as error:
        load_encoder(f"embedded:{copy}")
    one_line(error)


def test_wrong_input_is_one_line(folder: Path) -> None:
    encoder = load_encoder(str(folder))
    with pytest.raises(EmbodiedError, match="uint8"):
        encoder.encode_images(torch.zeros(1, 32, 32, 3))
    with pytest.raises(EmbodiedError, match="is empty"):
        encoder.encode_texts(["robot", " "])


needs_weights = pytest.mark.skipif(
    not (DEFAULT_FOLDER / "model.safetensors").exists(),
    reason="assets/encoder has no weights yet: embodied align",
)


@needs_weights
def test_the_shipped_encoder_fits_in_40_megabytes() -> None:
    files = [path for path in DEFAULT_FOLDER.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 40e6
    assert not [path for path in files if path.suffix in (".pt", ".bin", ".pkl")]
    assert (DEFAULT_FOLDER / "README.md").is_file()


@needs_weights
@pytest.mark.parametrize(
    ("prompt", "right", "wrong"),
    [
        ("a humanoid robot kneeling", "kneeling", "standing"),
        ("a humanoid robot kneeling", "kneeling", "squatting"),
        ("a humanoid robot kneeling", "kneeling", "lying on the back"),
        ("a humanoid robot standing up", "standing", "kneeling"),
        ("a robot lying down", "lying on the front", "standing, arms raised"),
        ("a person doing the splits", "side splits", "standing"),
    ],
)
def test_the_shipped_encoder_tells_poses_apart(
    prompt: str, right: str, wrong: str, gl: None
) -> None:
    from embodied.envs.mujoco.humanoid.model import load_model
    from embodied.envs.mujoco.humanoid.poses import POSES, pose_qpos
    from embodied.envs.mujoco.renderer import FrameRenderer

    encoder = load_encoder("embedded", "cpu")
    side = encoder.image_size
    renderer = FrameRenderer(load_model(), side, side)
    frames = np.array([renderer.draw(pose_qpos(POSES[pose])) for pose in (right, wrong)])
    renderer.close()
    cosine = encoder.encode_images(torch.from_numpy(frames)) @ encoder.encode_texts([prompt])[0]
    assert cosine[0] > cosine[1]
