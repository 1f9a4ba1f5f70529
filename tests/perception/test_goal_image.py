"""Rewards from pictures of the goal."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embodied.errors import EmbodiedError
from embodied.perception import goal_image
from embodied.perception.goal_image import GoalImageReward
from embodied.perception.reward_model import RewardSettings, judge
from embodied.runs.video import write_png
from embodied.signals import Reward
from tests.perception.colours import ColourEncoder, frame, red_to_green

RED, GREEN, BLUE = frame(200, 0, 0), frame(0, 90, 0), frame(0, 0, 9)


def test_one_goal_is_the_cosine() -> None:
    model = GoalImageReward(ColourEncoder(), [frame(0, 90, 0, side=20)])
    frames = red_to_green(7)
    cosines = (ColourEncoder().encode_images(_tensor(frames)) @ _tensor([0.0, 1.0, 0.0])).numpy()
    np.testing.assert_allclose(judge(model, frames).values, cosines, atol=1e-6)
    assert model.calls == 7
    assert (model.observes, model.goal_kind, model.answers) == ("image", "image", "scalar")


def test_several_goals_are_averaged() -> None:
    values = judge(GoalImageReward(ColourEncoder(), [RED, GREEN]), np.stack([RED, GREEN, BLUE]))
    # g = (½, ½, 0): 1 - ½|s - g|²
    np.testing.assert_allclose(values.values, [0.75, 0.75, 0.25], atol=1e-6)


def test_with_alpha_only_the_way_from_the_baseline_counts() -> None:
    model = GoalImageReward(ColourEncoder(), [GREEN], [RED], alpha=1.0)
    # d = (-1, 1, 0): green is at the goal, red √2 before it, blue half-way whatever else it is.
    values = judge(model, np.stack([GREEN, RED, BLUE])).values
    np.testing.assert_allclose(values, [1, 0, 0.75], atol=1e-6)
    plain = judge(GoalImageReward(ColourEncoder(), [GREEN]), np.stack([GREEN, RED, BLUE])).values
    np.testing.assert_allclose(plain, [1, 0, 0], atol=1e-6)


def test_pictures_that_cannot_work_are_refused() -> None:
    with pytest.raises(EmbodiedError, match="--baseline-image PATH"):
        GoalImageReward(ColourEncoder(), [GREEN], alpha=0.5)
    with pytest.raises(EmbodiedError, match="mean the same"):
        GoalImageReward(ColourEncoder(), [GREEN], [GREEN], alpha=0.5)
    with pytest.raises(EmbodiedError, match="alpha must be between 0 and 1"):
        GoalImageReward(ColourEncoder(), [GREEN], [RED], alpha=1.5)


def test_a_frame_without_embedding_has_no_reward() -> None:
    found = judge(GoalImageReward(ColourEncoder(), [GREEN]), np.stack([GREEN, frame(0, 0, 0)]))
    assert found.values[0] == pytest.approx(1)
    assert np.isnan(found.values[1])
    assert "1 of 2 frames" in found.reason


def test_files_of_any_size_and_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import Image

    monkeypatch.setattr(goal_image, "load_encoder", lambda vlm, device: ColourEncoder())
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8) // (1, 2, 4)
    picture = picture.astype(np.uint8)
    write_png(tmp_path / "a.png", picture)
    alpha = np.concatenate([picture, np.full((32, 32, 1), 255, np.uint8)], axis=2)
    Image.fromarray(alpha).save(tmp_path / "b.png")
    Image.fromarray(picture).resize((50, 40)).save(tmp_path / "c.jpg")
    paths = tuple(str(tmp_path / name) for name in ("a.png", "b.png", "c.jpg"))

    def score(*files: str) -> Reward:
        model = GoalImageReward.from_settings(RewardSettings(goal_images=files))
        return judge(model, picture[None])

    values = [score(path) for path in paths]
    assert values[0] == values[1]
    assert values[0].values[0] == pytest.approx(1, abs=1e-6)
    assert values[2].values[0] == pytest.approx(1, abs=1e-3)
    assert score(*paths).values[0] > 0.99
    (tmp_path / "d.png").write_text("not a picture")
    with pytest.raises(EmbodiedError, match=r"cannot read the picture .*d\.png"):
        score(str(tmp_path / "d.png"))


def _tensor(values: Any) -> Any:
    import torch

    return torch.as_tensor(values)
