from __future__ import annotations

from pathlib import Path

from PIL import Image

from embodied.runs.curve import draw_curve
from embodied.runs.folder import RunFolder
from embodied.runs.metrics import MetricsLog


def make_run(root: Path, rows: list[tuple[int, float, float]]) -> RunFolder:
    run = RunFolder.create(root, {})
    with MetricsLog(run) as log:
        for step, reward, success in rows:
            log.log(step, {"reward": reward, "success_steps": success})
    return run


def test_draws_the_rewards(tmp_path: Path) -> None:
    flat = make_run(tmp_path / "flat", [(1000 * i, 0.1, 0.0) for i in range(1, 20)])
    rising = make_run(tmp_path / "rising", [(1000 * i, 0.1 * i, i / 20) for i in range(1, 20)])
    pictures = [
        draw_curve(run, "humanoid-kneel: <kneeling> & $more").read_bytes() for run in (flat, rising)
    ]
    assert pictures[0] != pictures[1]
    with Image.open(rising.root / "curve.png") as picture:
        assert picture.size[0] > 500


def test_a_reward_that_is_no_number_leaves_a_gap(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", [(1, 0.1, 0.0), (2, float("nan"), 0.0), (3, 0.2, 0.1)])
    assert draw_curve(run, "gap").is_file()


def test_a_run_without_a_line_still_has_a_picture(tmp_path: Path) -> None:
    assert draw_curve(make_run(tmp_path / "run", []), "nothing yet").is_file()
