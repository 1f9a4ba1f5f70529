"""The contract of reward models: what goes in, what comes out, and how an episode is rewarded."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from embodied.errors import EmbodiedError
from embodied.perception.reward import GoalBaselineReward
from embodied.perception.reward_model import (
    Answers,
    GoalKind,
    Observes,
    RewardModel,
    RewardSettings,
    frame_rewards,
    judge,
    load_reward_model,
    potential_differences,
    prefer,
)
from embodied.registry import REWARDS
from embodied.signals import Preference, Reward
from tests.perception.colours import ColourEncoder, frame, red_to_green


@dataclass
class Fake:
    """Gives the signal it was made with, and keeps the shapes of what it saw."""

    signal: Any
    observes: Observes = "image"
    answers: Answers = "scalar"
    goal_kind: GoalKind = "text"
    name: str = "fake"
    image_size: int = 8
    seen: list[tuple[int, ...]] = field(default_factory=list)

    def __call__(self, clips: np.ndarray) -> Any:
        self.seen.append(clips.shape)
        return self.signal


def reward(*values: float, sigma: tuple[float, ...] | None = None, reason: str = "") -> Reward:
    uncertainty = None if sigma is None else np.array(sigma, np.float32)
    return Reward(np.array(values, np.float32), uncertainty, reason)


NAN = float("nan")
FRAMES = np.zeros((4, 8, 8, 3), np.uint8)


@pytest.mark.parametrize(
    ("observes", "shape"),
    [
        ("image", (8, 8, 3)),
        ("image", (4, 8, 8, 4)),
        ("image", (4, 0, 8, 3)),
        ("image", (4, 2, 8, 8, 3)),
        ("video", (4, 8, 8, 3)),
        ("video", (1, 0, 8, 8, 3)),
        ("prefix", (4, 8, 8, 3)),
    ],
)
def test_clips_of_the_wrong_kind_are_refused(observes: Observes, shape: tuple[int, ...]) -> None:
    model = Fake(reward(0, 0, 0, 0), observes)
    with pytest.raises(EmbodiedError, match="fake wants uint8"):
        judge(model, np.zeros(shape, np.uint8))
    assert model.seen == []


def test_floats_are_refused() -> None:
    with pytest.raises(EmbodiedError, match=r"wants uint8 \[N, H, W, 3\], got float32"):
        judge(Fake(reward(0, 0, 0, 0)), FRAMES.astype(np.float32))  # pyright: ignore


@pytest.mark.parametrize(
    "model",
    [
        Fake(reward(1, 2, 3)),
        Fake(np.zeros(4)),
        Fake((Preference(0),) * 4),
        Fake(reward(0, 0.5, 1, 1.01), answers="progress"),
        Fake(reward(0, -0.01, 1, 1), answers="success"),
    ],
    ids=str,
)
def test_an_answer_that_breaks_the_contract_is_an_error(model: Any) -> None:
    with pytest.raises(EmbodiedError, match="fake must answer"):
        judge(model, FRAMES)


def test_a_model_may_abstain_on_some_frames_or_all() -> None:
    some = reward(0.5, NAN, 1, 0, reason="one frame is dark")
    assert judge(Fake(some, answers="success"), FRAMES) == some
    everything = reward(NAN, NAN, NAN, NAN, reason="too dark")
    assert judge(Fake(everything, answers="progress"), FRAMES).abstained


def test_each_kind_of_model_rewards_an_episode() -> None:
    image = Fake(reward(1, 2, 3, 4))
    assert frame_rewards(image, FRAMES) == reward(1, 2, 3, 4)
    prefix = Fake(reward(0, 0.2, 0.1, 0.9), "prefix", "progress")
    assert frame_rewards(prefix, FRAMES) == reward(0, 0.2, 0.1, 0.9)
    video = Fake(reward(7, sigma=(0.5,)), "video")
    assert frame_rewards(video, FRAMES) == reward(0, 0, 0, 7, sigma=(0, 0, 0, 0.5))
    assert (image.seen, prefix.seen, video.seen) == ([(4, 8, 8, 3)], *[[(1, 4, 8, 8, 3)]] * 2)
    unsure = frame_rewards(Fake(reward(NAN, reason="no idea"), "video"), FRAMES)
    np.testing.assert_array_equal(unsure.values, [0, 0, 0, NAN])
    assert unsure.reason == "no idea"
    with pytest.raises(EmbodiedError, match="compares pairs"):
        frame_rewards(Fake((), "pair", "preference"), FRAMES)
    with pytest.raises(EmbodiedError, match="at least one frame"):
        frame_rewards(image, FRAMES[:0])


def test_potential_differences_add_up() -> None:
    rng = np.random.default_rng(0)
    phi = rng.normal(size=50).astype(np.float32)
    gained = potential_differences(Reward(phi)).values
    assert len(gained) == 49
    assert gained.sum() == pytest.approx(phi[-1] - phi[0], abs=1e-5)
    # Ng et al.: the discounted sum depends on the ends alone.
    shaped = potential_differences(Reward(phi), 0.9).values
    discounts = 0.9 ** np.arange(49)
    assert (discounts * shaped).sum() == pytest.approx(0.9**49 * phi[-1] - phi[0], abs=1e-5)


def test_potential_differences_carry_doubt() -> None:
    found = potential_differences(reward(0, 1, NAN, 3, sigma=(3, 4, 0, 0), reason="dark"))
    np.testing.assert_array_equal(found.values, [1, NAN, NAN])
    assert found.uncertainty is not None
    np.testing.assert_allclose(found.uncertainty, [5, 4, 0])
    assert found.reason == "dark"


def test_any_model_of_images_compares_pairs() -> None:
    pairs = np.zeros((4, 2, 8, 8, 3), np.uint8)
    model = Fake(reward(0, 1, 5, 2, 3, 3, NAN, 1, reason="dark"))
    first, second, equal, missing = prefer(model, pairs)
    assert (first, second) == (Preference(1), Preference(0))
    assert (equal.label, missing.label) == (None, None)
    assert missing.reason == "dark"
    assert model.seen == [(8, 8, 8, 3)]
    unsure = Fake(reward(0, 5, sigma=(3, 4)))
    (preference,) = prefer(unsure, pairs[:1])
    assert preference.label == 1
    assert preference.confidence == pytest.approx(0.8413, abs=1e-4)  # one standard deviation


def test_a_model_of_pairs_is_asked_itself() -> None:
    pairs = np.zeros((2, 2, 8, 8, 3), np.uint8)
    answer = (Preference(1, 0.7), Preference(None, 0.0, "both fell"))
    model = Fake(answer, "pair", "preference")
    assert prefer(model, pairs) == answer
    with pytest.raises(EmbodiedError, match=r"wants uint8 \[N, 2, H, W, 3\]"):
        prefer(model, np.zeros((2, 3, 8, 8, 3), np.uint8))
    with pytest.raises(EmbodiedError, match="must answer with 1 preferences"):
        prefer(model, pairs[:1])
    with pytest.raises(EmbodiedError, match="cannot compare two frames"):
        prefer(Fake(reward(1, 2), "video"), pairs)


def test_the_reward_of_words_fits_the_contract() -> None:
    model: RewardModel = GoalBaselineReward(ColourEncoder(), ["green"])
    assert (model.observes, model.goal_kind, model.answers) == ("image", "text", "scalar")
    assert (model.name, model.image_size) == ("colours", 8)
    values = judge(model, red_to_green(3)).values
    np.testing.assert_allclose(values, [0, np.sqrt(0.5), 1], atol=0.01)
    assert prefer(model, np.stack([frame(9, 0, 0), frame(0, 9, 0)])[None]) == (Preference(1),)


@pytest.mark.parametrize(
    ("name", "settings", "flag"),
    [
        ("vlm", RewardSettings(goal_images=("a.png",)), "--goal-image"),
        ("vlm", RewardSettings(chat="http://h#m"), "--chat"),
        ("goal-image", RewardSettings(demonstration="a.mp4"), "--demonstration"),
        ("goal-image", RewardSettings(), "--goal-image PATH"),
        ("goal-image", RewardSettings(goal_images=("nowhere.png",)), "nowhere.png"),
        ("video", RewardSettings(alpha=0.5), "--alpha"),
        ("video", RewardSettings(), "--task"),
        ("video", RewardSettings(demonstration="nowhere.mp4"), "nowhere.mp4"),
        ("video", RewardSettings(goal_prompts=("red",), pooling="mode"), "last-half, mean"),
        ("gvl", RewardSettings(baseline_images=("a.png",)), "--baseline-image"),
        ("gvl", RewardSettings(), "--chat http://HOST/v1#MODEL"),
        ("gvl", RewardSettings(chat="http://h#m"), "--task"),
        ("gvl", RewardSettings(chat="http://h#m", instruction="go", frames=1), "--frames"),
    ],
)
def test_settings_that_a_reward_cannot_use_are_refused(
    name: str, settings: RewardSettings, flag: str
) -> None:
    with pytest.raises(EmbodiedError) as caught:
        load_reward_model(name, settings)
    assert flag in str(caught.value)


def test_every_reward_says_what_it_is() -> None:
    for name in REWARDS.table:
        assert len((REWARDS.load(name).__doc__ or "").partition("\n")[0]) > 20
