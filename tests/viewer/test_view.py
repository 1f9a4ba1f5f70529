"""`embodied view` as a whole, in processes of its own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embodied.runs.episodes import RecordedEpisodes, write_episodes
from embodied.runs.video import read_video

KEYS = "env steps late_share loop_ms rewards rewards_per_second dropped reward".split()


def view(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "embodied", "view", "--port", "0", "--json", *arguments]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert run.returncode == 0, run.stderr
    assert run.stdout.count("\n") == 1  # viser's own banner is kept back
    return json.loads(run.stdout)


def test_it_films_what_it_plays(gl: None, tmp_path: Path) -> None:
    """A recorded cart that drives from the left to the right is filmed as one."""
    qpos = np.zeros((40, 1, 2))
    qpos[:, 0, 0] = np.linspace(-2, 2, 40)
    nothing = np.zeros((40, 1), bool)
    episode = write_episodes(
        tmp_path / "e.safetensors", RecordedEpisodes("cartpole", qpos, nothing, nothing)
    )
    film = tmp_path / "out.mp4"
    numbers = view("--episode", str(episode), "--record", str(film), "--seconds", "4")
    assert sorted(numbers) == sorted(KEYS)
    assert numbers["env"] == "cartpole"
    assert numbers["steps"] > 20
    assert numbers["rewards"] > 0
    frames, _ = read_video(film)
    assert numbers["steps"] // 2 - 3 <= len(frames) <= numbers["steps"] // 2 + 3
    blue = (frames[..., 2].astype(int) - frames[..., 0]).clip(40) - 40  # the cart's paint
    columns = np.arange(frames.shape[2])
    places = (blue.sum(1) * columns).sum(1) / np.maximum(blue.sum((1, 2)), 1)
    assert places.max() - places.min() > 50


def test_it_logs_for_rerun(gl: None, tmp_path: Path) -> None:
    pytest.importorskip("rerun", reason="the extra `rerun` is not installed")
    log = tmp_path / "out.rrd"
    numbers = view("--env", "mountain-car", "--rerun", str(log), "--seconds", "3")
    assert numbers["rewards"] > 0
    assert log.stat().st_size > 10_000
