"""Every method on every kind of encoder: it learns, leaves the base alone and comes back equal."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from embodied.errors import EmbodiedError
from embodied.perception.adapt.cache import embed_scenes
from embodied.perception.adapt.fit import FitConfig
from embodied.perception.adapt.folder import AdaptedEncoder, Recipe, load, save_adapter
from embodied.perception.adapt.head import fit_on_labels, fit_on_scenes
from embodied.perception.adapt.labelled import Labelled, load_labelled
from embodied.perception.adapt.lora import LoraConfig, choose_layers, fit_lora
from embodied.perception.adapt.prompts import PromptsConfig, fit_prompts, start_prompts
from embodied.perception.adapt.retention import Measurement, Probe, judge_labels, measure, retention
from embodied.perception.adapt.towers import open_towers
from embodied.perception.align.data import Captions, Scenes
from embodied.perception.encoder import load_encoder
from tests.perception.tiny_encoder import make_encoder
from tests.perception.tiny_models import make_tiny_clip, make_tiny_siglip
from tests.perception.toy_labels import write_frames

TEXTS = ["a humanoid robot", "person on the floor"]
FRAMES = torch.randint(0, 256, (3, 48, 48, 3), dtype=torch.uint8)
KINDS = ("clip", "siglip", "embedded")


@pytest.fixture(scope="module")
def specs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    root = tmp_path_factory.mktemp("encoders")
    return {
        "clip": f"hf:{make_tiny_clip(root / 'clip')}",
        "siglip": f"hf:{make_tiny_siglip(root / 'siglip')}",
        "embedded": str(make_encoder(root / "embedded")),
    }


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Labelled:
    return load_labelled(write_frames(tmp_path_factory.mktemp("frames"), 4, 48))


def _weights(encoder: Any) -> dict[str, torch.Tensor]:
    parts = [getattr(encoder, n, None) for n in ("_model", "_towers")]
    parts.append(getattr(getattr(encoder, "_sentences", None), "model", None))
    return {
        f"{i}.{name}": value.clone()
        for i, part in enumerate(parts)
        if part is not None
        for name, value in part.state_dict().items()
    }


def _adapt(base: Any, labelled: Labelled, method: str, epochs: int = 25, rate: float = 0.02) -> Any:
    config = FitConfig(epochs, 12, rate)
    if method == "head":
        patient = FitConfig(4 * epochs, 12, rate / 4)  # all random embeddings are nearly the same
        return Recipe("head", {}), fit_on_labels(base, labelled, patient)
    if method == "lora":
        lora = LoraConfig(2, 2.0)
        learned = fit_lora(base, open_towers(base), labelled, lora, config)
        return Recipe("lora", vars(lora)), learned
    prompts = PromptsConfig(
        4, method == "conditional-prompts", 8.0 if method == "consistent-prompts" else 0.0
    )
    learned = fit_prompts(base, open_towers(base), labelled, prompts, config)
    return Recipe(method, vars(prompts)), learned


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["head", "prompts", "conditional-prompts", "lora"])
def test_learns_and_reloads(
    specs: dict[str, str], labelled: Labelled, tmp_path: Path, kind: str, method: str
) -> None:
    base = load_encoder(specs[kind], "cpu")
    open_towers(base)  # it loads the sentence encoder, which is compared below
    before, weights = judge_labels(base, labelled), _weights(base)
    recipe, learned = _adapt(base, labelled, method)
    for name, value in _weights(base).items():
        assert torch.equal(value, weights[name]), name
    save_adapter(tmp_path / "new", base, specs[kind], recipe, learned)
    adapted = AdaptedEncoder(base, recipe, learned, "new")
    after = judge_labels(adapted, labelled)
    assert before["accuracy"] is not None
    assert after["accuracy"] is not None
    assert after["accuracy"] > before["accuracy"]
    again = load_encoder(str(tmp_path / "new"), "cpu")
    assert again.fingerprint == adapted.fingerprint != base.fingerprint
    assert torch.equal(again.encode_texts(TEXTS), adapted.encode_texts(TEXTS))
    assert torch.equal(again.encode_images(FRAMES), adapted.encode_images(FRAMES))
    assert torch.allclose(again.encode_texts(TEXTS).norm(dim=1), torch.ones(2))


@pytest.mark.parametrize("kind", KINDS)
def test_context_of_a_texts_own_words_is_the_text(specs: dict[str, str], kind: str) -> None:
    """Vectors put where tokens would be act as those tokens: positions and masks are right."""
    base = load_encoder(specs[kind], "cpu")
    towers = open_towers(base)
    with torch.no_grad():
        read = towers.texts(["robot kneeling", "robot"], towers.words("a humanoid "))
    expected = base.encode_texts(["a humanoid robot kneeling", "a humanoid robot"])
    assert torch.allclose(read, expected, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_merged_lora_equals_attached(specs: dict[str, str], kind: str) -> None:
    base = load_encoder(specs[kind], "cpu")
    towers = open_towers(base)
    layers = choose_layers(towers, "auto", kind)
    from embodied.perception.adapt.lora import Lora

    lora = Lora(layers, LoraConfig(rank=2))
    with torch.no_grad():
        for up in lora.up.values():
            up.normal_(0, 0.1)
        plain = towers.texts(TEXTS)
        with lora.attached(layers):
            texts, images = towers.texts(TEXTS), towers.images(FRAMES)
        assert torch.equal(towers.texts(TEXTS), plain)  # detached again
        lora.merge(layers)
        assert torch.allclose(towers.texts(TEXTS), texts, atol=1e-5)
        assert torch.allclose(towers.images(FRAMES), images, atol=1e-5)
    assert not torch.allclose(texts, plain, atol=1e-3)


def test_consistency_keeps_texts_nearer(specs: dict[str, str], labelled: Labelled) -> None:
    base = load_encoder(specs["clip"], "cpu")
    drift = {}
    for method in ("prompts", "consistent-prompts"):
        recipe, learned = _adapt(base, labelled, method)
        adapted = AdaptedEncoder(base, recipe, learned, method)
        own = list(labelled.texts)
        drift[method] = float(
            1 - (adapted.encode_texts(own) * base.encode_texts(own)).sum(1).mean()
        )
    assert drift["consistent-prompts"] < drift["prompts"] / 2


def test_conditional_prompts_depend_on_the_image(specs: dict[str, str], labelled: Labelled) -> None:
    base = load_encoder(specs["clip"], "cpu")
    recipe, learned = _adapt(base, labelled, "conditional-prompts")
    adapted = AdaptedEncoder(base, recipe, learned, "new")
    features = adapted.encode_images(torch.stack(labelled.frames[::4]))
    exact = adapted.similarity(features, TEXTS)
    assert exact.shape == (3, 2)
    assert not torch.allclose(exact, features @ adapted.encode_texts(TEXTS).T, atol=1e-4)
    one = adapted.similarity(features[:1], TEXTS)
    assert torch.allclose(exact[:1], one, atol=1e-5)


class Killed(Exception):
    pass


def test_fit_goes_on_from_an_epoch(
    specs: dict[str, str], labelled: Labelled, tmp_path: Path
) -> None:
    base = load_encoder(specs["embedded"], "cpu")

    def run(saved: Path | None, stop_at: int = 99) -> dict[str, torch.Tensor]:
        def report(epoch: int, loss: float) -> None:
            if epoch == stop_at:
                raise Killed

        return fit_on_labels(base, labelled, FitConfig(4, 5, 0.01), report, saved).state_dict()

    whole = run(None)
    with pytest.raises(Killed):
        run(tmp_path / "state", stop_at=2)
    for name, value in run(tmp_path / "state").items():
        assert torch.equal(value, whole[name]), name


def test_cached_embeddings_are_drawn_once(specs: dict[str, str], tmp_path: Path) -> None:
    base = load_encoder(specs["embedded"], "cpu")
    frames = np.random.default_rng(0).integers(0, 256, (6, 32, 32, 3), np.uint8)
    truth = np.eye(6, 2, dtype=np.float32)
    asked: list[int] = []

    def chunks(start: int, stop: int = 6) -> Any:
        for first in range(start, stop, 2):
            asked.append(first)
            if first == 4 and asked.count(4) == 1:
                raise Killed
            yield frames[first : first + 2], truth[first : first + 2]

    with pytest.raises(Killed):
        embed_scenes(tmp_path, base, chunks, 6, ("a", "b"))
    scenes = embed_scenes(tmp_path, base, chunks, 6, ("a", "b"))
    assert asked == [0, 2, 4, 4]
    assert np.allclose(scenes.frames, base.encode_images(torch.from_numpy(frames)), atol=1e-6)
    assert np.array_equal(scenes.truth, truth)


def _probe(rng: np.random.Generator, name: str, adapted: frozenset[str]) -> Probe:
    red, blue = rng.random((2, 300)).astype(np.float32)
    frames = np.zeros((300, 32, 32, 3), np.uint8)
    frames[..., 0], frames[..., 2] = 255 * red[:, None, None], 255 * blue[:, None, None]
    scenes = Scenes(frames, np.stack([red, blue], 1), ("red", "blue"))
    words = {"words": Captions(("kneeling", "standing"), ("red", "blue"))}
    return Probe(name, scenes, words, adapted)


def test_head_learns_graded_truth_on_fresh_frames(specs: dict[str, str]) -> None:
    rng = np.random.default_rng(0)
    base = load_encoder(specs["clip"], "cpu")
    known = _probe(rng, "train", frozenset(["words"]))
    embedded = Scenes(
        base.encode_images(torch.from_numpy(known.scenes.frames)).numpy(),
        known.scenes.truth,
        known.scenes.statements,
    )
    head = fit_on_scenes(base, embedded, known.words["words"], FitConfig(15, 50, 0.02))
    adapted = AdaptedEncoder(base, Recipe("head", {}), head, "head")
    probes = [_probe(rng, "fresh", frozenset(["words"])), _probe(rng, "other", frozenset())]
    before = measure(base, probes)
    after = measure(adapted, probes, before)
    assert after.rows["fresh, words"]["pairs"] > before.rows["fresh, words"]["pairs"] + 0.1
    direct = adapted.encode_images(torch.from_numpy(probes[0].scenes.frames[:5]))
    assert torch.allclose(after.images["fresh"][:5], direct, atol=1e-5)
    kept = retention(before, after, probes)
    change = after.rows["other, words"]["pairs"] - before.rows["other, words"]["pairs"]
    assert kept["pairs_change"] == pytest.approx(change)  # only of what took no part
    assert kept["text_cosine"] is not None
    assert kept["text_cosine"] < 0.999


def test_retention_of_an_unchanged_encoder(specs: dict[str, str]) -> None:
    probes = [_probe(np.random.default_rng(0), "other", frozenset())]
    found: Measurement = measure(load_encoder(specs["embedded"], "cpu"), probes)
    kept = retention(found, found, probes)
    assert kept["pairs_change"] == 0
    assert kept["text_cosine"] == pytest.approx(1)
    assert kept["frame_cosine"] == pytest.approx(1)


def test_what_cannot_be_done_is_one_line(
    specs: dict[str, str], labelled: Labelled, tmp_path: Path
) -> None:
    base = load_encoder(specs["embedded"], "cpu")
    towers = open_towers(base)
    with pytest.raises(EmbodiedError, match="image tower has no attention"):
        choose_layers(towers, "image", "tiny")
    with pytest.raises(EmbodiedError, match="unknown tower"):
        choose_layers(towers, "middle", "tiny")
    with pytest.raises(EmbodiedError, match="--context is the number"):
        start_prompts(towers, base.dim, PromptsConfig(context=1000))
    recipe, learned = _adapt(base, labelled, "head", epochs=1)
    save_adapter(tmp_path / "new", base, specs["embedded"], recipe, learned)
    adapted = load(str(tmp_path / "new"), "cpu")
    with pytest.raises(EmbodiedError, match="use --method head"):
        open_towers(adapted)


def test_another_or_no_base_is_one_line(labelled: Labelled, tmp_path: Path) -> None:
    folder = make_encoder(tmp_path / "base")
    base = load_encoder(str(folder), "cpu")
    recipe, learned = _adapt(base, labelled, "head", epochs=1)
    save_adapter(tmp_path / "new", base, str(folder), recipe, learned)
    make_encoder(folder, seed=1)
    with pytest.raises(EmbodiedError, match="contents have changed"):
        load(str(tmp_path / "new"), "cpu")
    folder.rename(tmp_path / "moved")
    with pytest.raises(EmbodiedError, match="does not load: no folder"):
        load(str(tmp_path / "new"), "cpu")
    with pytest.raises(EmbodiedError, match=r"no adapter\.json"):
        load(str(tmp_path), "cpu")
