# pyright: reportOptionalMemberAccess=false
"""Scoring beside a simulation: the newest state, the present prompts, and never in the way."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embodied.perception.encoder import load_encoder
from embodied.perception.reward import GoalBaselineReward
from embodied.registry import ENVS
from embodied.viewer.scoring import QUIET, Scoring
from embodied.viewer.simulation import Moment
from embodied.viewer.wishes import Wishes, split_prompts
from tests.perception.tiny_encoder import make_encoder

STAND, KNEEL = "a humanoid robot standing up", "a humanoid robot kneeling"


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_encoder(tmp_path_factory.mktemp("encoder") / "tiny")


@pytest.fixture
def scoring(gl: None, encoder: Path) -> Iterator[Scoring]:
    reward = GoalBaselineReward(load_encoder(str(encoder), "cpu"), [KNEEL], ["a person"], 0.5)
    scoring = Scoring(reward, ENVS.load("humanoid-kneel").simulator)
    scoring.start()
    yield scoring
    scoring.close()
    assert scoring.error is None


def wait(what: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not what():
        assert time.monotonic() < end
        time.sleep(0.01)


def moment(step: int) -> Moment:
    qpos = ENVS.load("humanoid-kneel").simulator.load().qpos0.copy()
    qpos[2] -= 0.02 * step
    return Moment(qpos, step)


def test_the_newest_state_is_scored_and_others_are_dropped(scoring: Scoring) -> None:
    for step in range(200):
        scoring.offer(moment(step % 20), step / 67)
    wait(lambda: scoring.latest and scoring.latest.step == 199 % 20)
    assert scoring.tally.scored + scoring.tally.dropped == 200
    assert scoring.tally.dropped > 0
    assert len(scoring.latest.curve) == scoring.tally.scored


def test_offering_never_waits_for_the_encoder(scoring: Scoring, monkeypatch) -> None:
    slow = scoring.reward.encoder.encode_images

    def encode(images):
        time.sleep(0.3)
        return slow(images)

    monkeypatch.setattr(scoring.reward.encoder, "encode_images", encode)
    scoring.offer(moment(0), 0)
    time.sleep(0.1)
    begin = time.perf_counter()
    for step in range(20):
        scoring.offer(moment(step), step / 67)
    assert time.perf_counter() - begin < 0.2


def test_a_new_prompt_scores_the_whole_past_anew(scoring: Scoring) -> None:
    for step in range(5):
        scoring.offer(moment(4 * step), step / 67)
        wait(lambda step=step: scoring.latest and scoring.latest.step == 4 * step)
    before = scoring.latest.curve
    scoring.ask(lambda wishes: replace(wishes, goal=(STAND,), compare=(STAND, KNEEL)))
    wait(lambda: scoring.latest.compared)
    after = scoring.latest
    unchanged = [0, 3]  # time and baseline
    np.testing.assert_allclose(after.curve[:, unchanged], before[:, unchanged], atol=1e-5)
    assert np.all(after.curve[:, 2] != before[:, 2])
    assert after.compared[0].goal == pytest.approx(after.goal, abs=1e-5)
    assert after.compared[1].goal == pytest.approx(before[-1, 2], abs=1e-5)
    assert scoring.tally.scored == 5  # no frame was encoded again


def test_keys_are_waited_for(scoring: Scoring, monkeypatch) -> None:
    texts: list[str] = []
    encode = scoring.reward.encoder.encode_texts
    monkeypatch.setattr(
        scoring.reward.encoder, "encode_texts", lambda asked: texts.extend(asked) or encode(asked)
    )
    for length in range(1, len(STAND) + 1):
        scoring.ask(lambda wishes, n=length: replace(wishes, goal=(STAND[:n],)))
        time.sleep(QUIET / 20)
    wait(lambda: scoring.reward.goal_prompts == (STAND,))
    assert texts == [STAND]


def test_bad_prompts_are_a_problem_and_the_old_ones_stay(scoring: Scoring) -> None:
    scoring.offer(moment(0), 0)
    scoring.ask(lambda wishes: replace(wishes, goal=()))
    wait(lambda: "empty" in scoring.problem)
    assert scoring.reward.goal_prompts == (KNEEL,)
    scoring.ask(lambda wishes: replace(wishes, goal=("a person",)))  # the baseline's own words
    wait(lambda: "mean the same" in scoring.problem)
    scoring.ask(lambda wishes: replace(wishes, goal=(STAND,)))
    wait(lambda: not scoring.problem)
    assert scoring.reward.goal_prompts == (STAND,)


def test_without_a_baseline_there_is_none(scoring: Scoring) -> None:
    scoring.offer(moment(0), 0)
    scoring.ask(lambda wishes: replace(wishes, baseline=()))
    wait(lambda: scoring.latest and np.isnan(scoring.latest.baseline))
    assert scoring.latest.reward == pytest.approx(scoring.latest.goal, abs=1e-6)


def test_another_camera_begins_a_new_curve(scoring: Scoring) -> None:
    for step in range(2):
        scoring.offer(moment(step), step / 67)
        wait(lambda step=step: scoring.latest and scoring.latest.step == step)
    before = scoring.latest
    scoring.ask(lambda wishes: replace(wishes, camera="side"))
    wait(lambda: scoring.latest is not before)
    assert len(scoring.latest.curve) == 1  # the present state, though nothing new was offered
    assert np.abs(scoring.latest.frame.astype(int) - before.frame).mean() > 5


def test_another_state_at_the_same_time_takes_the_place(scoring: Scoring) -> None:
    for step in (0, 10):
        scoring.offer(moment(step), 1.0)
        wait(lambda step=step: scoring.latest and scoring.latest.step == step)
    assert len(scoring.latest.curve) == 1


@pytest.mark.parametrize(
    ("text", "prompts"),
    [
        ("", ()),
        (" a | b ", ("a", "b")),
        ("||", ()),
        ("a\x00b\tc", ("a b c",)),
        ("機器人", ("機器人",)),
    ],
)
def test_prompts_in_a_field(text: str, prompts: tuple[str, ...]) -> None:
    assert split_prompts(text) == prompts


def test_other_scripts_are_noticed() -> None:
    assert Wishes(("机器人",), (), 0, "vlm").foreign
    assert not Wishes(("Roboter, kniend: 100 % «ça»",), (), 0, "vlm").foreign
