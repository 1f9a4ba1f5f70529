"""`embodied train` on classic control: its encoder, its presets, what it refuses."""

from pathlib import Path

import pytest

from embodied import cli
from embodied.cli.train import Train, resolve


@pytest.mark.parametrize(
    ("env", "vlm"),
    [
        ("cartpole", "embedded:classic"),
        ("mountain-car-plain", "embedded:classic"),
        ("humanoid-kneel", "embedded"),
    ],
)
def test_embedded_means_the_simulators_own_encoder(env: str, vlm: str) -> None:
    assert resolve(Train(env=env))["vlm"] == vlm
    assert resolve(Train(env=env, vlm="hf:org/model"))["vlm"] == "hf:org/model"


@pytest.mark.parametrize(
    ("env", "algo", "use"),
    [("cartpole-discrete", "sac", "dqn or ppo"), ("cartpole", "dqn", "ppo or sac")],
)
def test_an_algorithm_that_cannot_act_is_one_line_and_leaves_nothing(
    env: str, algo: str, use: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "run"
    arguments = ["train", "--env", env, "--algo", algo, "--output-dir", str(folder)]
    assert cli.main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert f"use --algo {use}" in err
    assert not folder.exists()
