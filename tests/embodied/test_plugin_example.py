"""The plug-in of `tests/plugin_example`, built and installed as anybody's distribution would be."""

import json
import os
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embodied.registry import ENCODERS, REWARDS
from embodied.runs.video import write_png

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "tests" / "plugin_example"
COMMANDS = {
    "list": ["list"],
    "redness": ["score", "frames", "--reward", "redness"],
    "colour": ["score", "frames", "--vlm", "colour", "--task", "something red"],
    "mistake": ["score", "frames", "--vlm", "colour", "--task", "hello"],
}
SCRIPT = """
import sys
from embodied.cli import main
for arguments in {commands}:
    print("code", main([*arguments, "--json"]), flush=True)
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What each command says, in a process that has the installed plug-in on its path.

    Building it needs no network. The pictures turn from blue to red, and end in black.
    """
    folder = tmp_path_factory.mktemp("plugin")
    shutil.copytree(EXAMPLE, folder / "source", ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"),
            *("--no-build-isolation", "--target", str(folder / "site"), str(folder / "source")),
        ],
        check=True,
    )
    for i in range(5):
        colour = (60 * i, 0, 240 - 60 * i) if i < 4 else (0, 0, 0)
        write_png(folder / "frames" / f"{i}.png", np.full((8, 8, 3), colour, np.uint8))
    path = os.pathsep.join([str(folder / "site"), str(ROOT)])
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(commands=list(COMMANDS.values()))],
        env=os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    parts = run.stdout.split("code ")
    # Each part begins with the code of the command before; its own words are the lines after that.
    outcomes = [[b.splitlines()[0], a.splitlines()[-1]] for a, b in pairwise(parts)]
    assert len(outcomes) == len(COMMANDS), run.stdout
    return dict(zip(COMMANDS, outcomes, strict=True))


def found(said: dict[str, list[str]], name: str) -> dict[str, Any]:
    code, line = said[name]
    assert code == "0", line
    return json.loads(line)


def test_its_names_are_listed_and_without_it_are_not(said: dict[str, list[str]]) -> None:
    names = found(said, "list")
    assert names["rewards"]["redness"].startswith("How red a frame is")
    assert names["encoders"]["colour"].startswith("Mean colours")
    assert "redness" not in REWARDS.names()
    assert "colour" not in ENCODERS.names()


def test_its_reward_judges_frames_and_abstains(said: dict[str, list[str]]) -> None:
    answer = found(said, "redness")
    np.testing.assert_allclose(answer["values"][:4], [0, 0.25, 0.5, 0.75], atol=1e-6)
    assert answer["values"][4] is None
    assert answer["reason"] == "1 black frames"
    assert answer["abstained"] is False
    assert answer["order_correlation"] == pytest.approx(1)


def test_its_encoder_serves_the_rewards_of_embodied(said: dict[str, list[str]]) -> None:
    values = found(said, "colour")["values"]
    assert values[0] == pytest.approx(0, abs=1e-4)
    assert values[:4] == sorted(values[:4])
    code, line = said["mistake"]
    assert code == "2"
    assert line.startswith("embodied: 'hello' names none of the colours")
