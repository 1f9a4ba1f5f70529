"""Whole runs with a VLM that is a function of the state: they learn, stop, and go on as if nothing
had happened."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from embodied.policies.online.train import Session
from embodied.policies.presets import Preset
from embodied.runs.checkpoint import latest_checkpoint, load_checkpoint
from embodied.runs.folder import RunFolder
from embodied.runs.metrics import read_metrics

from .fakes import (
    ALL_PRESETS,
    PRESETS,
    FakeScorer,
    Interrupt,
    assert_same_tree,
    make_session,
    weights,
)

Finished = Callable[[str], Path]


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Any:
    """Small networks are quickest on one thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """Folder of an uninterrupted run of an algorithm; made once."""
    made: dict[str, Path] = {}

    def run(algo: str) -> Path:
        if algo not in made:
            made[algo] = tmp_path_factory.mktemp(algo) / "run"
            make_session(made[algo], ALL_PRESETS[algo]).learn()
        return made[algo]

    return run


def final_state(folder: Path) -> dict[str, Any]:
    """Weights and everything else of the last checkpoint, but for the clock."""
    path = latest_checkpoint(RunFolder(folder))
    assert path is not None
    checkpoint = load_checkpoint(path)
    assert checkpoint.step == 600
    checkpoint.training_state["tally"].pop("seconds")
    return {"model": checkpoint.model, "state": checkpoint.training_state}


@pytest.mark.parametrize("algo", ALL_PRESETS)
def test_a_run_leaves_its_curve_and_a_checkpoint(algo: str, finished: Finished) -> None:
    rows = read_metrics(finished(algo) / "metrics.jsonl")
    assert [row["step"] for row in rows] == [120, 240, 360, 480, 600]
    calls = [row["vlm_calls"] for row in rows]
    assert calls == sorted(calls)
    assert calls[-1] == 0.3 * 600
    for row in rows:
        assert {"reward", "success_steps", "audit/correlation", "physics_errors"} <= row.keys()
        assert np.isfinite(row["reward"])
        assert row["physics_errors"] == 0
    assert any("train/" in name for name in rows[-2])
    assert rows[-1]["audit/correlation"] > 0.5
    assert final_state(finished(algo))["state"]["tally"]["rollouts"] == 5


@pytest.mark.parametrize("algo", ALL_PRESETS)
def test_the_seed_decides_the_run(algo: str, finished: Finished, tmp_path: Path) -> None:
    make_session(tmp_path / "again", ALL_PRESETS[algo], checkpoint_seconds=1e9).learn()
    make_session(tmp_path / "other", ALL_PRESETS[algo], checkpoint_seconds=1e9, seed=4).learn()
    curve, again, other = (
        (folder / "metrics.jsonl").read_bytes()
        for folder in (finished(algo), tmp_path / "again", tmp_path / "other")
    )
    assert again == curve
    assert other != curve
    assert_same_tree(final_state(tmp_path / "again"), final_state(finished(algo)))


@pytest.mark.parametrize("algo", ALL_PRESETS)
@pytest.mark.parametrize(
    ("interrupt", "fails_at"),
    [
        pytest.param(Interrupt(2), None, id="asked to stop"),
        pytest.param(None, 70, id="killed within a rollout"),
        pytest.param(None, 3, id="killed before the first checkpoint"),
    ],
)
def test_a_resumed_run_is_the_uninterrupted_one_bit_for_bit(
    algo: str,
    interrupt: Interrupt | None,
    fails_at: int | None,
    finished: Finished,
    tmp_path: Path,
) -> None:
    folder = tmp_path / "run"
    interrupt = Interrupt(interrupt.left) if interrupt else None
    first = make_session(
        folder, ALL_PRESETS[algo], FakeScorer(fails_at=fails_at), interrupt=interrupt
    )
    if fails_at is None:
        first.learn()
    else:
        with pytest.raises(ConnectionResetError):
            first.learn()
    torch.manual_seed(999)  # what happens in between does not matter
    np.random.seed(999)  # noqa: NPY002
    second = make_session(folder, ALL_PRESETS[algo])
    second.learn()
    assert second.learner.num_timesteps == 600
    assert (folder / "metrics.jsonl").read_text() == (finished(algo) / "metrics.jsonl").read_text()
    assert_same_tree(final_state(folder), final_state(finished(algo)))


@pytest.mark.parametrize("algo", ALL_PRESETS)
def test_many_interruptions_are_as_good_as_none(
    algo: str, finished: Finished, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    for _ in range(6):  # a rollout each, and one more that finds nothing left to do
        make_session(folder, ALL_PRESETS[algo], interrupt=Interrupt(1)).learn()
    assert (folder / "metrics.jsonl").read_text() == (finished(algo) / "metrics.jsonl").read_text()
    assert_same_tree(final_state(folder), final_state(finished(algo)))


def test_resuming_a_finished_run_does_nothing(finished: Finished) -> None:
    before = (finished("ppo") / "metrics.jsonl").read_bytes()
    scorer = FakeScorer()
    session = make_session(finished("ppo"), PRESETS["ppo"], scorer)
    session.learn()
    assert scorer.asked == []
    assert (finished("ppo") / "metrics.jsonl").read_bytes() == before
    result = session.result()
    rows = read_metrics(finished("ppo") / "metrics.jsonl")
    assert result["steps"] == 600
    assert result["vlm_calls"] == 180
    assert result["reward_first"] == rows[0]["reward"]
    assert result["reward_last"] == rows[-1]["reward"]


def test_result_has_the_keys_of_the_command(tmp_path: Path) -> None:
    preset = replace(PRESETS["ppo"], total_steps=120)
    session = make_session(tmp_path / "run", preset)
    session.learn()
    assert list(session.result()) == [
        "run",
        "steps",
        "seconds",
        "vlm_calls",
        "frames_per_second",
        "reward_first",
        "reward_last",
        "success",
    ]
    json.dumps(session.result())


@pytest.mark.slow
@pytest.mark.parametrize("budget", [0.1, 1.0])
def test_ppo_learns_to_get_down(budget: float, tmp_path: Path) -> None:
    """20 000 steps are enough to crouch for a reward that is the torso's lowness."""
    preset = Preset(
        total_steps=19_200,
        num_envs=16,
        rollout_steps=50,
        batch_size=400,
        epochs=4,
        vlm_budget=budget,
        hidden=(32, 32),
    )
    session = make_session(tmp_path / "run", preset, checkpoint_seconds=1e9)
    session.learn()
    rewards = [row["reward"] for row in read_metrics(session.run.metrics)]
    assert np.mean(rewards[-4:]) > np.mean(rewards[:4]) + 0.05


def test_weights_move_and_observations_are_normalised(tmp_path: Path) -> None:
    session: Session = make_session(tmp_path / "run", PRESETS["ppo"], interrupt=Interrupt(3))
    before = weights(session)
    session.learn()
    after = weights(session)
    assert any(not torch.equal(before[name], after[name]) for name in before if "net" in name)
    name = next(name for name in after if name.endswith("running_mean"))
    assert after[name].abs().max() > 0.1
    count = next(value for name, value in after.items() if name.endswith("count"))
    assert count == 360
