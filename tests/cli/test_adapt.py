"""`embodied adapt`: labelled frames and captions become a folder that `--vlm` takes; what users can
get wrong is one line; an interrupted run goes on."""

import json
from pathlib import Path
from typing import Any

import pytest

from embodied import cli
from embodied.cli import adapt, align
from embodied.cli.adapt import Adapt
from embodied.cli.align import Align
from embodied.errors import EmbodiedError
from embodied.perception.encoder import load_encoder
from embodied.registry import Registry
from embodied.runs.lock import hold
from tests.perception.tiny_encoder import make_encoder
from tests.perception.toy_labels import write_frames


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(make_encoder(tmp_path_factory.mktemp("encoder") / "tiny"))


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_frames(tmp_path_factory.mktemp("frames")))


def test_align_with_an_encoder_adapts_it() -> None:
    given = ["align", "--vlm", "embedded", "--output-dir", "x", "--env", "humanoid-kneel"]
    assert isinstance(cli.parse(given), Adapt)
    assert isinstance(cli.parse(["align", "--vlm=embedded", *given[3:]]), Adapt)
    assert isinstance(cli.parse(["align", *given[3:]]), Align)


def test_labelled_frames_make_an_encoder(
    encoder: str, frames: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = tmp_path / "new"
    command = ["adapt", "--vlm", encoder, "--labelled", frames, "--shots", "4", "--json"]
    command += ["--output-dir", str(new), "--judge-frames", "0", "--device", "cpu"]
    assert cli.main([*command, "--method", "prompts", "--learning-rate", "0.02"]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    before, after = (result[name]["labelled frames"] for name in ("before", "after"))
    assert (result["trained_on"], before["frames"]) == (12, 12)
    assert after["accuracy"] > before["accuracy"]
    assert result["retention"]["pairs_change"] is None  # no simulator was asked
    assert sorted(p.name for p in new.iterdir()) == [
        "README.md",
        "adapter.json",
        "adapter.safetensors",
    ]
    assert json.loads((new / "adapter.json").read_text())["numbers"]["after"] == result["after"]
    assert "| labelled frames | yes |" in (new / "README.md").read_text()
    assert load_encoder(str(new), "cpu").encode_texts(["kneeling"]).shape == (1, 24)


@pytest.mark.usefixtures("gl")
def test_captions_make_an_encoder(
    encoder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Registry, "names", lambda _: ("humanoid-kneel",))  # one is enough to judge
    config = Adapt(
        vlm=encoder,
        output_dir=str(tmp_path / "new"),
        env="humanoid-kneel",
        frames=200,
        epochs=2,
        without="stand",
        judge_frames=60,
        device="cpu",
        json=True,
    )
    result = adapt.run(config)
    adapted = set(result["adapted"])
    assert "humanoid plain, training words" in adapted
    assert "humanoid plain, statements left out" in result["before"].keys() - adapted
    assert "humanoid floors, held-out words" in result["after"].keys() - adapted
    assert result["retention"]["text_cosine"] < 1


def test_embedded_is_the_simulators_own_encoder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(spec: str, _device: str) -> None:
        raise EmbodiedError(f"asked for {spec}")

    monkeypatch.setattr("embodied.perception.encoder.load_encoder", load)
    with pytest.raises(EmbodiedError, match=r"^asked for embedded:classic$"):
        adapt.run(Adapt(vlm="embedded", output_dir=str(tmp_path / "new"), env="cartpole"))


def test_interrupted_run_goes_on(
    encoder: str, frames: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def config(folder: str, **changes: Any) -> Adapt:
        values: dict[str, Any] = {
            "vlm": encoder,
            "output_dir": str(tmp_path / folder),
            "labelled": frames,
            "judge_frames": 0,
            "epochs": 6,
            "device": "cpu",
            "json": True,
        }
        return Adapt(**values | changes)

    whole = adapt.run(config("whole"))
    real = adapt._progress

    def interrupting(*arguments: Any) -> Any:
        progress = real(*arguments)
        update = progress.update

        def stop(epoch: int, **numbers: float) -> None:
            if epoch == 3:
                raise KeyboardInterrupt
            update(epoch, **numbers)

        progress.update = stop
        return progress

    monkeypatch.setattr(adapt, "_progress", interrupting)
    with pytest.raises(KeyboardInterrupt):
        adapt.run(config("parts"))
    monkeypatch.setattr(adapt, "_progress", real)
    with pytest.raises(EmbodiedError, match="add --resume"):
        adapt.run(config("parts"))
    with pytest.raises(EmbodiedError, match="begun with other settings"):
        adapt.run(config("parts", seed=1, resume=True))
    resumed = adapt.run(config("parts", resume=True))
    assert resumed["after"] == whole["after"]
    first, second = (load_encoder(str(tmp_path / name), "cpu") for name in ("whole", "parts"))
    assert first.fingerprint == second.fingerprint
    with pytest.raises(EmbodiedError, match="nothing to go on with"):
        adapt.run(config("parts", resume=True))


def test_two_writers_do_not_share_a_folder(tmp_path: Path) -> None:
    pictures = tmp_path / "frames"
    pictures.mkdir()
    with hold(pictures), pytest.raises(EmbodiedError, match="by another process"):
        align.run(Align(output_dir=str(tmp_path), frames=1000, resume=True))


@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({"method": "promts", "env": "humanoid-kneel"}, "Did you mean 'prompts'"),
        ({}, "--env TASK"),
        ({"env": "humanoid-kneel", "labelled": "x"}, "not both"),
        ({"env": "humanoid-kneel", "method": "lora"}, "--env goes with --method head"),
        ({"env": "humanoid-kneel", "without": "knel"}, "Did you mean 'kneel'"),
        ({"labelled": "x", "without": "kneel"}, "goes with --env"),
        ({"labelled": "x", "epochs": 0}, "--epochs must be at least 1"),
        ({"labelled": "x", "shots": -1}, "--shots must be at least 0"),
        ({"labelled": "nowhere"}, "no folder nowhere"),
    ],
    ids=str,
)
def test_what_users_get_wrong(changes: dict[str, Any], hint: str, tmp_path: Path) -> None:
    with pytest.raises(EmbodiedError, match=hint):
        adapt.run(Adapt(vlm="embedded", output_dir=str(tmp_path / "new"), **changes))
    assert not (tmp_path / "new").exists()
