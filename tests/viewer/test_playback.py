"""Recorded episodes: the file, and playing it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from embodied.cli import main
from embodied.errors import EmbodiedError
from embodied.runs.episodes import RecordedEpisodes, read_episodes, write_episodes
from embodied.viewer.playback import Playback

T, E, NQ = 6, 2, 2


def recorded() -> RecordedEpisodes:
    qpos = np.arange(T * E * NQ, dtype=float).reshape(T, E, NQ)
    over = np.zeros((T, E), bool)
    over[4:, 1] = True
    success = np.zeros((T, E), bool)
    success[2:, 0] = True
    return RecordedEpisodes("cartpole", qpos, success, over)


def test_the_file_gives_back_what_was_written(tmp_path: Path) -> None:
    written, path = recorded(), tmp_path / "a" / "episodes.safetensors"
    found = read_episodes(write_episodes(path, written))
    assert found.env == "cartpole"
    for name in ("qpos", "success", "over"):
        np.testing.assert_array_equal(getattr(found, name), getattr(written, name))


@pytest.mark.parametrize("damage", ["text", "format", "shape", "nan", "missing"])
def test_a_damaged_file_is_said_in_one_line(tmp_path: Path, damage: str) -> None:
    path, good = tmp_path / "e.safetensors", recorded()
    tensors = {"qpos": good.qpos, "success": np.zeros((T, E), np.uint8)}
    tensors["over"] = np.zeros((T, E), np.uint8)
    metadata = {"format": "embodied-episodes-1", "env": "cartpole"}
    if damage == "format":
        metadata["format"] = "other"
    elif damage == "shape":
        tensors["over"] = np.zeros((T, E + 1), np.uint8)
    elif damage == "nan":
        tensors["qpos"] = np.full((T, E, NQ), np.nan)
    elif damage == "missing":
        del tensors["over"]
    save_file(tensors, path, metadata)
    if damage == "text":
        path.write_text("no safetensors at all")
    with pytest.raises(EmbodiedError, match=r"is no episode file|is damaged"):
        read_episodes(path)


def test_it_plays_seeks_and_begins_again() -> None:
    source = Playback(recorded())
    assert source.restart().step == 0
    moments = [source.advance() for _ in range(T)]
    assert [moment.step for moment in moments] == [1, 2, 3, 4, 5, 0]
    assert [moment.success for moment in moments] == [False, True, True, True, True, False]
    np.testing.assert_array_equal(source.seek(3).qpos, recorded().qpos[3, 0])
    assert source.seek(99).step == T - 1
    assert source.choose(1).step == 0
    assert source.length == 4
    assert source.seek(99).step == 3


def test_episodes_of_another_environment_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(write_episodes(tmp_path / "e.safetensors", recorded()))
    assert main(["view", "--episode", path, "--env", "humanoid-kneel"]) == 2
    assert "is not what was recorded, cartpole" in capsys.readouterr().err
    other = replace(recorded(), env="humanoid-kneel")
    path = str(write_episodes(tmp_path / "f.safetensors", other))
    assert main(["view", "--episode", path]) == 2
    assert "of another environment" in capsys.readouterr().err
