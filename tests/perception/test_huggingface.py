"""`hf:` encoders: equal to transformers used directly, and one clear line for whatever is wrong."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from embodied.errors import EmbodiedError, MissingDependency
from embodied.perception import huggingface
from embodied.perception.encoder import ImageTextEncoder, load_encoder
from embodied.perception.huggingface import HuggingFaceEncoder, load
from embodied.perception.preprocess import recipe_of

from .tiny_models import IMAGE_SIZE, MAKERS, PROMPTS, direct_embeddings, noisy_frames

TOLERANCE = 1e-5  # on embeddings of length 1, the criterion of the project


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("models")
    return {family: make(root / family) for family, make in MAKERS.items()}


@pytest.fixture(scope="module")
def encoders(folders: dict[str, Path]) -> dict[str, HuggingFaceEncoder]:
    return {family: load(str(folder), "cpu") for family, folder in folders.items()}


@pytest.fixture
def clip(folders: dict[str, Path], tmp_path: Path) -> Path:
    """A copy of the CLIP folder that a test may damage."""
    return Path(shutil.copytree(folders["clip"], tmp_path / "clip"))


def _line(error: pytest.ExceptionInfo[EmbodiedError]) -> str:
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("family", MAKERS)
@pytest.mark.parametrize("shape", [(48, 48), (112, 112), (75, 100), (100, 64), (30, 30)])
def test_equals_transformers_used_directly(
    family: str,
    shape: tuple[int, int],
    folders: dict[str, Path],
    encoders: dict[str, HuggingFaceEncoder],
) -> None:
    frames = noisy_frames(3, *shape)
    images, texts = direct_embeddings(folders[family], frames, PROMPTS)
    torch.testing.assert_close(
        encoders[family].encode_images(frames), images, atol=TOLERANCE, rtol=0
    )
    torch.testing.assert_close(
        encoders[family].encode_texts(PROMPTS), texts, atol=TOLERANCE, rtol=0
    )
    # The comparison means something only if inputs are told apart by more than the tolerance.
    assert torch.pdist(images).min() > 1e-2
    assert torch.pdist(texts).min() > 1e-2


@pytest.mark.parametrize("family", ["clip", "siglip"])
@pytest.mark.parametrize("shape", [(48, 48), (112, 112), (75, 100), (90, 75), (30, 30)])
def test_pixels_equal_the_processors_bit_for_bit(
    family: str, shape: tuple[int, int], folders: dict[str, Path]
) -> None:
    from transformers import AutoImageProcessor

    processor = AutoImageProcessor.from_pretrained(folders[family], backend="pil")
    recipe = recipe_of(processor)
    assert recipe is not None
    assert recipe.fits(*shape)
    frames = noisy_frames(2, *shape)
    expected = processor(list(frames.numpy()), return_tensors="pt")["pixel_values"]
    assert torch.equal(recipe(frames), expected)


def test_crop_and_look_up_follow_the_configuration() -> None:
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    frames = noisy_frames(2, 61, 50)
    configurations: list[dict[str, Any]] = [
        {"size": {"shortest_edge": 40}, "crop_size": {"height": 31, "width": 33}},
        {"size": {"height": 44, "width": 40}, "crop_size": {"height": 40, "width": 21}},
        {"size": {"shortest_edge": 40}, "do_center_crop": False, "resample": 2},
        {"do_resize": False, "crop_size": {"height": 50, "width": 50}, "do_rescale": False},
        {"do_resize": False, "do_center_crop": False, "do_normalize": False},
    ]
    for settings in configurations:
        processor = CLIPImageProcessorPil(**settings)
        recipe = recipe_of(processor)
        assert recipe is not None
        assert recipe.fits(*frames.shape[1:3])
        expected = processor(list(frames.numpy()), return_tensors="pt")["pixel_values"]
        assert torch.equal(recipe(frames), expected), settings


def test_recipes_that_are_not_the_usual_one_are_left_to_the_processor() -> None:
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
    from transformers.models.siglip2.image_processing_pil_siglip2 import Siglip2ImageProcessorPil

    assert recipe_of(Siglip2ImageProcessorPil()) is None
    assert recipe_of(CLIPImageProcessorPil(do_pad=True, pad_size={"height": 9, "width": 9})) is None
    assert recipe_of(CLIPImageProcessorPil(resample=0)) is None  # nearest neighbour
    padded = recipe_of(CLIPImageProcessorPil(size={"shortest_edge": 200}))  # crop of 224
    assert padded is not None
    assert not padded.fits(100, 100)


@pytest.mark.parametrize("family", MAKERS)
def test_batch_size_does_not_matter(family: str, folders: dict[str, Path]) -> None:
    cpu = torch.device("cpu")
    frames = noisy_frames(7, 48, 48)
    whole = HuggingFaceEncoder("x", folders[family], cpu, batch_size=100)
    pieces = HuggingFaceEncoder("x", folders[family], cpu, batch_size=3)
    one = torch.cat([whole.encode_images(frame[None]) for frame in frames])
    for other in (pieces.encode_images(frames), one):
        torch.testing.assert_close(whole.encode_images(frames), other, atol=1e-6, rtol=0)
    torch.testing.assert_close(
        whole.encode_texts(PROMPTS), pieces.encode_texts(PROMPTS), atol=1e-6, rtol=0
    )


@pytest.mark.parametrize("family", MAKERS)
def test_follows_the_protocol(family: str, encoders: dict[str, HuggingFaceEncoder]) -> None:
    encoder = encoders[family]
    assert isinstance(encoder, ImageTextEncoder)
    assert encoder.image_size == IMAGE_SIZE
    assert encoder.encode_texts([]).shape == (0, encoder.dim)
    assert encoder.encode_images(torch.zeros(0, 8, 8, 3, dtype=torch.uint8)).shape == (
        0,
        encoder.dim,
    )
    images = encoder.encode_images(noisy_frames(2, 20, 20))
    assert images.dtype == torch.float32
    assert not images.requires_grad
    assert not images.is_inference()  # a reward head can be trained on them
    torch.testing.assert_close(images.norm(dim=1), torch.ones(2))


def test_bad_inputs(encoders: dict[str, HuggingFaceEncoder]) -> None:
    encoder = encoders["clip"]
    with pytest.raises(EmbodiedError, match="prompt 2 of 2 is empty"):
        encoder.encode_texts(["kneeling", " "])
    with pytest.raises(EmbodiedError, match="list of texts"):
        encoder.encode_texts("kneeling")  # pyright: ignore[reportArgumentType]
    for wrong in (torch.zeros(2, 8, 8, 3), torch.zeros(2, 3, 8, 8, dtype=torch.uint8)):
        with pytest.raises(EmbodiedError, match="uint8"):
            encoder.encode_images(wrong)


def test_a_long_prompt_is_cut_and_said(
    encoders: dict[str, HuggingFaceEncoder], caplog: pytest.LogCaptureFixture
) -> None:
    encoders["clip"].encode_texts(["kneeling " * 200])
    assert "77 tokens" in caplog.text


def test_fingerprint_follows_contents_and_not_places(clip: Path, folders: dict[str, Path]) -> None:
    original = load(str(folders["clip"]), "cpu").fingerprint
    assert load(str(clip), "cpu").fingerprint == original
    assert load(f"{clip}?precision=bfloat16", "cpu").fingerprint != original
    config = json.loads((clip / "preprocessor_config.json").read_text())
    (clip / "preprocessor_config.json").write_text(json.dumps(config | {"image_mean": [0, 0, 0]}))
    assert load(str(clip), "cpu").fingerprint != original


def test_bfloat16_only_when_asked(clip: Path, encoders: dict[str, HuggingFaceEncoder]) -> None:
    rough = load(f"{clip}?precision=bfloat16", "cpu")
    frames = noisy_frames(4, 48, 48)
    exact = encoders["clip"].encode_images(frames)
    error = (rough.encode_images(frames) - exact).abs().max()
    assert 1e-5 < error < 0.1
    assert encoders["clip"].precision == "float32"
    assert rough.encode_images(frames).dtype == torch.float32


def test_specs(clip: Path) -> None:
    assert load_encoder(f"hf:{clip}", "cpu").name == f"hf:{clip}"
    assert load_encoder(str(clip), "cpu").name == f"hf:{clip}"  # told by its preprocessor file
    with pytest.raises(EmbodiedError, match="Choices: adapted, embedded, hf"):
        load_encoder("embeded")
    with pytest.raises(EmbodiedError, match="write 'hf:openai/clip'"):
        load_encoder("openai/clip")
    with pytest.raises(EmbodiedError, match="'hf:'"):
        load_encoder("hf:")
    with pytest.raises(EmbodiedError, match="unknown precision 'bf16'"):
        load(f"{clip}?precision=bf16")
    with pytest.raises(EmbodiedError, match="unknown option"):
        load(f"{clip}?batch=3")
    with pytest.raises(EmbodiedError, match="device 'cudda'"):
        load(str(clip), "cudda")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_no_gpu(clip: Path) -> None:
    with pytest.raises(EmbodiedError, match="'cuda' cannot be used here") as error:
        load(str(clip), "cuda")
    _line(error)


@pytest.mark.parametrize(
    "name",
    ["config.json", "model.safetensors", "preprocessor_config.json", "tokenizer.json"],
)
def test_a_missing_file_is_named(name: str, clip: Path) -> None:
    (clip / name).unlink()
    with pytest.raises(EmbodiedError, match=f"missing in the folder: {name}") as error:
        load(str(clip))
    assert str(clip) in _line(error)


def test_all_missing_files_are_named(clip: Path) -> None:
    (clip / "tokenizer.json").unlink()
    (clip / "preprocessor_config.json").unlink()
    with pytest.raises(EmbodiedError, match=r"preprocessor_config\.json, tokenizer\.json"):
        load(str(clip))


def test_a_missing_shard_is_named(clip: Path) -> None:
    index = {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model.safetensors"}}
    (clip / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(EmbodiedError, match=r"missing in the folder: model-00001-of-00002\.safe"):
        load(str(clip))


def test_a_pickle_is_refused_unread(clip: Path) -> None:
    (clip / "model.safetensors").rename(clip / "pytorch_model.bin")
    with pytest.raises(EmbodiedError, match=r"only as a pickle \(pytorch_model\.bin\)") as error:
        load(str(clip))
    assert "safetensors" in _line(error)


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(EmbodiedError, match="folder is empty"):
        load(str(tmp_path))


def test_damaged_files(clip: Path) -> None:
    weights = clip / "model.safetensors"
    intact = weights.read_bytes()
    weights.write_bytes(intact[: len(intact) // 2])
    with pytest.raises(EmbodiedError, match="cannot load it") as error:
        load(str(clip))
    _line(error)
    weights.write_bytes(intact)
    (clip / "config.json").write_text("{")
    with pytest.raises(EmbodiedError, match="cannot load it") as error:
        load(str(clip))
    _line(error)


def test_weights_that_lack_tensors_are_not_made_up(clip: Path) -> None:
    tensors = load_file(clip / "model.safetensors")
    kept = {k: v for k, v in tensors.items() if not k.startswith("text_model.encoder.layers.1")}
    save_file(kept, clip / "model.safetensors", {"format": "pt"})
    with pytest.raises(EmbodiedError, match=r"tensors are missing from the weights \(e\.g\. text_"):
        load(str(clip))


def test_another_kind_of_model(clip: Path) -> None:
    (clip / "config.json").write_text(json.dumps({"model_type": "bert"}))
    with pytest.raises(EmbodiedError, match="'bert' does not put images and texts") as error:
        load(str(clip))
    _line(error)


def test_code_that_comes_with_a_model_is_not_run(clip: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    (clip / "evil.py").write_text(f"open({str(ran)!r}, 'w')\nclass A: pass\n")
    config = json.loads((clip / "config.json").read_text())
    auto = {"AutoConfig": "evil.A", "AutoModel": "evil.A"}
    (clip / "config.json").write_text(json.dumps(config | {"auto_map": auto}))
    load(str(clip), "cpu")  # transformers knows the model itself
    unknown = config | {"auto_map": auto, "model_type": "evil"}
    (clip / "config.json").write_text(json.dumps(unknown))
    with pytest.raises(EmbodiedError) as error:
        load(str(clip), "cpu")
    _line(error)
    assert not ran.exists()


def test_sentencepiece_is_asked_for_by_name(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(huggingface, "_importable", lambda module: module != "sentencepiece")
    with pytest.raises(MissingDependency, match="pip install"):
        load(str(folders["siglip"]))
