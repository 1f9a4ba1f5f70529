"""`embodied score`: a video in, values out, in words and as JSON."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embodied import cli
from embodied.cli import score as score_command
from embodied.envs.mujoco.classic.tasks import CARTPOLE_CONTINUOUS
from embodied.perception import goal_image, reward_model, video_reward
from embodied.perception.reward import GoalBaselineReward
from embodied.runs.video import write_png
from tests.perception.chat_server import Answer, chat_server
from tests.perception.colours import ColourEncoder, frame, red_to_green
from tests.perception.test_gvl import sees


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures that turn from red to green in `turn/`, and an encoder that sees that."""
    monkeypatch.chdir(tmp_path)
    for i, picture in enumerate(red_to_green(9)):
        write_png(f"turn/{i:02d}.png", picture)
    write_png("green.png", frame(0, 200, 0))
    write_png("red.png", frame(200, 0, 0))
    for module in (goal_image, video_reward):
        monkeypatch.setattr(module, "load_encoder", lambda vlm, device: ColourEncoder())


def score(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert cli.main(["score", "turn", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_a_goal_image(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("--reward", "goal-image", "--goal-image", "green.png")
    found = score(capsys, *arguments, "--frames", "5")
    assert found["frames"] == [0, 2, 4, 6, 8]
    np.testing.assert_allclose(found["values"], np.sin(np.linspace(0, np.pi / 2, 5)), atol=0.01)
    assert (found["observes"], found["goal"], found["answers"]) == ("image", "image", "scalar")
    assert (found["uncertainty"], found["abstained"], found["ledger"]) == (None, False, None)
    assert found["order_correlation"] == pytest.approx(1)
    gained = score(capsys, *arguments, "--potential")
    assert len(gained["values"]) == len(gained["frames"]) == 8
    assert sum(gained["values"]) == pytest.approx(1, abs=0.01)
    assert gained["order_correlation"] == pytest.approx(1)  # of the values, not of their gains
    assert cli.main(["score", "turn", *arguments]) == 0
    out = capsys.readouterr().out
    assert "frame     8   1.000" in out
    assert "▁" in out
    assert "order  1.00" in out


def test_a_whole_video(capsys: pytest.CaptureFixture[str]) -> None:
    found = score(capsys, "--reward", "video", "--task", "green", "--pooling", "last")
    assert found["values"] == [pytest.approx(1)]
    assert (found["observes"], found["order_correlation"]) == ("video", None)
    assert cli.main(["score", "turn", "--reward", "video", "--task", "green"]) == 0
    assert "0.707 for the whole video" in capsys.readouterr().out


def test_progress_recorded_and_replayed(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("--reward", "gvl", "--task", "turn green", "--samples", "2")
    with chat_server(sees) as server:
        chat = f"{server.url}#seer"
        found = score(capsys, *arguments, "--chat", chat, "--record", "chat.jsonl")
    np.testing.assert_allclose(found["values"], np.linspace(0, 1, 9), atol=0.01)
    np.testing.assert_allclose(found["uncertainty"], 0, atol=0.01)
    assert found["model"] == chat
    assert found["ledger"]["calls"] == 2
    assert found["ledger"]["images"] == 18
    assert found["ledger"]["prompt_tokens"] == 200
    again = score(capsys, *arguments, "--chat", "replay:chat.jsonl")
    assert again["values"] == found["values"]
    assert (again["ledger"]["calls"], again["ledger"]["cached"]) == (0, 2)
    assert cli.main(["score", "turn", *arguments, "--chat", "replay:chat.jsonl"]) == 0
    assert "cost   0 calls (2 more from memory" in capsys.readouterr().out


def test_an_abstention_is_an_answer(capsys: pytest.CaptureFixture[str]) -> None:
    with chat_server(lambda request: Answer("no")) as server:
        arguments = ("--reward", "gvl", "--task", "go", "--chat", f"{server.url}#m")
        found = score(capsys, *arguments)
        assert cli.main(["score", "turn", *arguments]) == 0
    assert found["abstained"] is True
    assert found["values"] == [None] * 9
    assert found["order_correlation"] is None
    assert "no valid answer in 3 rounds" in found["reason"]
    assert "abstains: " in capsys.readouterr().out


def test_words(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def load(name: str, settings: reward_model.RewardSettings) -> GoalBaselineReward:
        assert name == "vlm"
        texts = (settings.goal_prompts, settings.baseline_prompts)
        return GoalBaselineReward(ColourEncoder(), *texts, settings.alpha)

    monkeypatch.setattr(reward_model, "load_reward_model", load)
    found = score(capsys, "--task", "green", "--baseline", "red", "--alpha", "1")
    assert found["values"][0] == pytest.approx(0, abs=0.01)
    assert found["values"][-1] == pytest.approx(1, abs=0.01)
    assert found["goal"] == "text"


def test_a_task_of_ours_brings_its_words_and_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[reward_model.RewardSettings] = []
    monkeypatch.setattr(reward_model, "load_reward_model", lambda _, s: seen.append(s))
    ours = score_command.Score("turn", env="cartpole")
    for config in (ours, replace(ours, task="falling", vlm="hf:x")):
        score_command._load(config)
    assert seen[0].vlm == "embedded:classic"
    assert seen[0].goal_prompts == CARTPOLE_CONTINUOUS.goal_prompts
    assert (seen[1].vlm, seen[1].goal_prompts, seen[1].instruction) == (
        "hf:x",
        ("falling",),
        "falling",
    )


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("nowhere.mp4", "--reward", "video", "--task", "green"), "no video nowhere.mp4"),
        (("green.png", "--reward", "video", "--task", "green", "--frames", "1"), "at least 2"),
        (("turn", "--reward", "vide"), "Did you mean 'video'?"),
        (("turn", "--reward", "video", "--task", "green", "--potential"), "has only one"),
        (("turn", "--reward", "goal-image"), "--goal-image PATH"),
        (("turn", "--reward", "gvl", "--task", "go"), "--chat http://HOST/v1#MODEL"),
        (("turn", "--reward", "gvl", "--task", "go", "--chat", "replay:x"), "cannot read"),
    ],
)
def test_a_mistake_is_one_line(
    arguments: tuple[str, ...], hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["score", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert hint in err
    assert err.count("\n") == 1
