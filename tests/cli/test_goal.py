"""`embodied learn-goals` and `embodied goal`, with the sentence encoder that ships."""

import json
from pathlib import Path
from typing import Any

import pytest

from embodied import cli
from tests.perception.goal.made_up import write_alfred


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("goals")
    data = write_alfred(place / "data.jsonl")
    command = ["learn-goals", "--data", str(data), "--output-dir", str(place / "model")]
    assert (
        cli.main([*command, "--epochs", "1", "--frozen", "5", "--test", str(data), "--json"]) == 0
    )
    return place / "model"


def answer(capsys: pytest.CaptureFixture[str], *flags: str) -> dict[str, Any]:
    assert cli.main(["goal", *flags, "--json"]) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_an_answer_acts_asks_or_abstains(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    common = ("--goals", str(folder), "--instruction", "put a mug on the shelf")
    found = answer(capsys, *common, "--coverage", "0.8")
    expected = {1: "act", 2: "ask", 3: "ask", 4: "ask"}.get(len(found["candidates"]), "abstain")
    assert found["verdict"] == expected
    assert (found["goal"] is not None) == (expected == "act")
    few, many = (
        len(answer(capsys, *common, "--coverage", coverage)["candidates"])
        for coverage in ("0.2", "0.8")
    )
    assert few <= many
    assert not (folder / "training").exists()


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--instruction", " "), "--instruction"),
        (("--instruction", "put it there", "--coverage", "1.5"), "below 1"),
        (("--instruction", "put it there", "--coverage", "0.999"), "lower coverage"),
    ],
)
def test_bad_input_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], flags: tuple[str, ...], told: str
) -> None:
    assert cli.main(["goal", "--goals", str(folder), *flags]) == cli.USER_ERROR
    assert told in capsys.readouterr().err


def test_a_folder_is_not_overwritten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = folder.parent / "data.jsonl"
    command = ["learn-goals", "--data", str(data), "--output-dir", str(folder)]
    assert cli.main(command) == cli.USER_ERROR
    assert "--resume" in capsys.readouterr().err
    assert cli.main([*command, "--resume", "--frozen", "9"]) == cli.USER_ERROR
    assert "--frozen must be from 0 to 5" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        ((), "--data FILE, or --kitchen"),
        (("--kitchen", "5"), "20 kitchens or more"),
        (("--kitchen", "50", "--data", "x.jsonl"), "leave out --data"),
        (("--kitchen", "50", "--epochs", "0"), "at least 1"),
    ],
)
def test_what_to_learn_from_is_said_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], flags: tuple[str, ...], told: str
) -> None:
    assert cli.main(["learn-goals", "--output-dir", str(tmp_path), *flags]) == cli.USER_ERROR
    assert told in capsys.readouterr().err
    assert not any(tmp_path.iterdir())


def test_the_model_that_ships_asks_which_lamp_until_it_knows_the_home(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ("--instruction", "turn on the lamp and look at the keys", "--coverage", "0.9")
    anywhere = answer(capsys, *words)
    assert anywhere["verdict"] == "ask"
    assert "lamp" in anywhere["question"]
    home = answer(capsys, *words, "--home", "FloorPlan301")["candidates"][0]
    assert ["toggled", "desklamp"] in home["literals"]  # the only lamp in this bedroom
    assert cli.main(["goal", *words, "--home", "FlorPlan301"]) == cli.USER_ERROR
    assert "Did you mean 'FloorPlan301'?" in capsys.readouterr().err
