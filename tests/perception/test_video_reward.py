"""One reward for a whole video."""

from pathlib import Path

import numpy as np
import pytest

from embodied.perception import video_reward
from embodied.perception.reward_model import RewardSettings, frame_rewards, judge
from embodied.perception.video_reward import VideoReward
from embodied.runs.video import write_video
from tests.perception.colours import ColourEncoder, frame, red_to_green

RED, GREEN, BLUE = frame(200, 0, 0), frame(0, 200, 0), frame(0, 0, 200)


def value(model: VideoReward, *frames: np.ndarray) -> float:
    return float(judge(model, np.stack(frames)[None]).values[0])


def test_mean_pooling_rewards_the_time_near_the_goal() -> None:
    model = VideoReward(ColourEncoder(), "green")
    assert (model.observes, model.goal_kind) == ("video", "text")
    assert value(model, GREEN, GREEN) == pytest.approx(1)
    assert value(model, RED, GREEN) == pytest.approx(np.sqrt(0.5), abs=1e-6)
    assert value(model, RED, RED, RED, GREEN) == pytest.approx(1 / np.sqrt(10), abs=1e-6)
    # What it cannot see: in which order the frames came.
    assert value(model, GREEN, RED) == value(model, RED, GREEN)


def test_other_poolings_see_how_it_ends() -> None:
    half = VideoReward(ColourEncoder(), "green", pooling="last-half")
    assert value(half, RED, RED, GREEN, GREEN) == pytest.approx(1)
    assert value(half, GREEN, GREEN, RED, RED) == pytest.approx(0)
    last = VideoReward(ColourEncoder(), "green", pooling="last")
    assert value(last, RED, RED, GREEN) == pytest.approx(1)
    assert value(last, GREEN, GREEN, RED) == pytest.approx(0)


def test_frames_are_spread_evenly_over_the_video() -> None:
    model = VideoReward(ColourEncoder(), "green", frames=3)
    # Of nine frames the first, the middle and the last are seen.
    video = [RED] * 9
    for index in (0, 4, 8):
        video[index] = GREEN
    assert value(model, *video) == pytest.approx(1)


def test_an_episode_is_rewarded_at_its_end() -> None:
    found = frame_rewards(VideoReward(ColourEncoder(), "green"), np.stack([RED, GREEN, GREEN]))
    np.testing.assert_array_equal(found.values[:2], 0)
    assert found.values[2] > 0.8


def test_videos_do_not_see_each_other() -> None:
    model = VideoReward(ColourEncoder(), "green")
    both = judge(model, np.stack([np.stack([RED, GREEN]), np.stack([GREEN, GREEN])])).values
    np.testing.assert_allclose(both, [np.sqrt(0.5), 1], atol=1e-6)
    dark = judge(model, np.stack([np.stack([RED, GREEN]), np.stack([RED * 0, GREEN])]))
    assert dark.values[0] == both[0]
    assert np.isnan(dark.values[1])
    assert "1 of 2" in dark.reason


def test_a_demonstration_is_pooled_like_the_video() -> None:
    model = VideoReward(ColourEncoder(), red_to_green(9))
    assert model.goal_kind == "video"
    assert value(model, *red_to_green(31)) == pytest.approx(1, abs=1e-3)
    assert value(model, RED, RED) == pytest.approx(np.sqrt(0.5), abs=0.01)


def test_a_demonstration_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video_reward, "load_encoder", lambda vlm, device: ColourEncoder())
    frames = red_to_green(6).repeat(4, axis=1).repeat(4, axis=2)
    path = write_video(tmp_path / "demo.mp4", frames, fps=5)
    model = VideoReward.from_settings(RewardSettings(demonstration=str(path), pooling="last"))
    assert value(model, RED, GREEN) == pytest.approx(1, abs=0.01)  # compressed, but the same
    assert value(model, GREEN, RED) == pytest.approx(0, abs=0.05)
