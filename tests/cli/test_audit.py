"""`embodied audit`: what users can get wrong, and small real audits of tiny encoders."""

import json
from pathlib import Path

import numpy as np
import pytest

from embodied import cli
from embodied.cli import audit, evidence
from embodied.cli.audit import Audit
from embodied.envs.simulator import Simulator
from embodied.errors import EmbodiedError
from embodied.registry import ENVS
from tests.perception.tiny_encoder import make_encoder
from tests.perception.tiny_models import make_tiny_clip

PROMPT = "<b>standing</b> up"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few states are swept, and only one look."""
    monkeypatch.setattr(evidence, "SWEPT", 4)
    words = ENVS.load("humanoid-stand").simulator.vocabulary()
    light = {"light": words.sweeps()["light, dim to bright"]}
    monkeypatch.setitem(words.__dict__, "sweeps", lambda: light)


@pytest.mark.usefixtures("small")
def test_a_random_encoder_is_flagged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A prompt in the user's words, α above 0 and a report with everything in it."""
    folder = make_encoder(tmp_path / "encoder")
    arguments = ["audit", "--env", "humanoid-stand", "--vlm", str(folder), "--states", "60"]
    arguments += ["--prompt", PROMPT, "--alpha", "0.5", "--output-dir", "out/new", "--json"]
    assert cli.main(arguments) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert result["verdict"] == "flagged"
    assert len(result["reasons"]) == len(result["rules"]) > 0
    found = result["findings"]
    assert found["states"] == 60
    assert len(found["alphas"]) == 11
    assert {s["name"] for s in found["sensitivity"]} >= {"light"}
    assert {p["kind"] for p in found["prompts"]} == {"used", "task", "phrase", "paraphrase"}
    html = Path("out/new/report.html").read_text()
    assert PROMPT not in html
    assert "&lt;b&gt;standing" in html
    assert json.loads(Path("out/new/audit.json").read_text())["findings"]["pairs"] == found["pairs"]
    assert cli.main(arguments) == 2  # the folder is there now
    assert "choose another --output-dir" in capsys.readouterr().err


@pytest.mark.usefixtures("small")
def test_a_tiny_random_clip_is_flagged(tmp_path: Path) -> None:
    clip = make_tiny_clip(tmp_path / "clip", image_size=32)
    result = audit.run(Audit(env="humanoid-stand", vlm=f"hf:{clip}", states=60, json=True))
    assert result["verdict"] == "flagged"
    assert Path(result["report"]).parent.parent.name == "audits"


def test_an_interrupt_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    folder = tmp_path / "reports" / "one"
    monkeypatch.setattr(audit.os, "rename", interrupt)
    with pytest.raises(KeyboardInterrupt):
        audit._write(folder, "<html>", {"pairs": 1.0})
    assert list(folder.parent.iterdir()) == []


def test_no_vocabulary(monkeypatch: pytest.MonkeyPatch) -> None:
    simulator = ENVS.load("humanoid-kneel").simulator
    monkeypatch.setitem(simulator.__dict__, "words", None)
    with pytest.raises(EmbodiedError, match="has no vocabulary"):
        audit.run(Audit(env="humanoid-kneel"))
    assert isinstance(simulator, Simulator)
    assert not Path("audits").exists()


def test_too_few_right_states(monkeypatch: pytest.MonkeyPatch) -> None:
    task = ENVS.load("humanoid-kneel")
    monkeypatch.setitem(task.__dict__, "success", lambda state: np.arange(len(state)) < 3)
    with pytest.raises(EmbodiedError, match="only 3 of 40 states are right"):
        evidence.draw_scenes(task, 40, 0)


def test_the_seed_decides_the_states_and_enough_are_right() -> None:
    task = ENVS.load("humanoid-lotus")
    first, again, other = (evidence.draw_scenes(task, 300, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.qpos, again.qpos)
    assert not np.array_equal(first.qpos, other.qpos)
    assert first.truth.success.sum() >= evidence.FEWEST
    varied, near_goal, near_others = np.split(first.truth.success, (100, 200))
    assert near_goal.mean() > max(varied.mean(), near_others.mean())


def test_few_states_are_refused() -> None:
    with pytest.raises(EmbodiedError, match="at least 40"):
        audit.run(Audit(states=10))
