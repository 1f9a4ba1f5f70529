"""The goal-baseline reward: its closed form, and the class around it."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from embodied.errors import EmbodiedError
from embodied.perception.encoder import ImageTextEncoder, check_images, check_texts
from embodied.perception.reward import GoalBaselineReward, goal_baseline_reward
from embodied.signals import Reward

DIM = 12
seeds = st.integers(0, 2**31)
alphas = st.floats(0, 1)
# The first example warms torch up, which takes longer than hypothesis allows one.
relaxed = settings(deadline=None)


def _units(seed: int, count: int, dim: int = DIM) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    rows = torch.randn(count, dim, generator=generator, dtype=torch.float64)
    return torch.nn.functional.normalize(rows, dim=1)


def _problem(seed: int, prompts: int = 3, states: int = 7) -> tuple[Tensor, Tensor, Tensor]:
    units = _units(seed, states + 2 * prompts)
    return (
        units[:states],
        units[states : states + prompts].mean(0),
        units[states + prompts :].mean(0),
    )


def _brute_force(s: Tensor, g: Tensor, b: Tensor, alpha: float) -> Tensor:
    d = g - b
    projection = torch.outer(d, d) / (d @ d)
    matrix = alpha * projection + (1 - alpha) * torch.eye(len(g), dtype=g.dtype)
    return 1 - torch.linalg.vector_norm((s - g) @ matrix, dim=1) ** 2 / 2


@relaxed
@given(seeds, alphas, st.integers(1, 5))
def test_closed_form_is_the_formula(seed: int, alpha: float, prompts: int) -> None:
    s, g, b = _problem(seed, prompts)
    torch.testing.assert_close(
        goal_baseline_reward(s, g, b, alpha), _brute_force(s, g, b, alpha), atol=1e-6, rtol=0
    )


@relaxed
@given(seeds)
def test_alpha_zero_with_one_prompt_is_the_cosine(seed: int) -> None:
    s, g, b = _problem(seed, prompts=1)
    cosine = torch.nn.functional.cosine_similarity(s, g[None])
    torch.testing.assert_close(goal_baseline_reward(s, g, b, 0.0), cosine, atol=1e-12, rtol=0)


@relaxed
@given(seeds, alphas)
def test_never_above_one(seed: int, alpha: float) -> None:
    s, g, b = _problem(seed)
    assert (goal_baseline_reward(s, g, b, alpha) <= 1).all()
    # Reached by a state that is the goal.
    assert goal_baseline_reward(g[None], g, b, alpha).item() == 1


@relaxed
@given(seeds, alphas)
def test_order_of_states_does_not_matter(seed: int, alpha: float) -> None:
    s, g, b = _problem(seed)
    order = torch.randperm(len(s), generator=torch.Generator().manual_seed(seed))
    reward = goal_baseline_reward(s, g, b, alpha)
    torch.testing.assert_close(goal_baseline_reward(s[order], g, b, alpha), reward[order])


@relaxed
@given(seeds, st.floats(-3, 3))
def test_alpha_one_sees_only_the_line_through_baseline_and_goal(seed: int, step: float) -> None:
    s, g, b = _problem(seed)
    d = g - b
    aside = _units(seed + 1, len(s))
    aside -= torch.outer(aside @ d, d) / (d @ d)
    before = goal_baseline_reward(s, g, b, 1.0)
    torch.testing.assert_close(
        goal_baseline_reward(s + step * aside, g, b, 1.0), before, atol=1e-9, rtol=0
    )
    along = goal_baseline_reward(s + d, g, b, 1.0)
    assert not torch.allclose(along, before, atol=1e-3)


@relaxed
@given(seeds, alphas)
def test_float32_is_enough(seed: int, alpha: float) -> None:
    s, g, b = _problem(seed)
    exact = goal_baseline_reward(s, g, b, alpha)
    single = goal_baseline_reward(s.float(), g.float(), b.float(), alpha)
    assert single.dtype == torch.float32
    torch.testing.assert_close(single.double(), exact, atol=1e-6, rtol=0)


@pytest.mark.parametrize("alpha", [-0.1, 1.1, float("nan")])
def test_alpha_outside_its_range(alpha: float) -> None:
    with pytest.raises(EmbodiedError, match="between 0 and 1"):
        goal_baseline_reward(*_problem(0), alpha)


def test_equal_goal_and_baseline_have_no_direction() -> None:
    s, g, _ = _problem(0)
    with pytest.raises(EmbodiedError, match="--alpha 0"):
        goal_baseline_reward(s, g, g.clone(), 0.5)
    assert goal_baseline_reward(s, g, g, 0.0).isfinite().all()


class _Encoder:
    """Texts become fixed random unit vectors, an image the vector of the text its red names."""

    name = "fake"
    fingerprint = "fake"
    dim = DIM
    image_size = 4
    device = torch.device("cpu")
    vocabulary = ("kneeling", "robot", "standing", "sitting")

    def __init__(self) -> None:
        self.read: list[str] = []

    def encode_images(self, images: Tensor) -> Tensor:
        check_images(images)
        return _units(5, len(self.vocabulary)).float()[images[:, 0, 0, 0].long()]

    def encode_texts(self, texts: list[str]) -> Tensor:
        check_texts(texts)
        self.read += texts
        return _units(5, len(self.vocabulary)).float()[[self.vocabulary.index(t) for t in texts]]


def _frames(*reds: int) -> Tensor:
    frames = torch.zeros(len(reds), 4, 4, 3, dtype=torch.uint8)
    frames[..., 0] = torch.tensor(reds)[:, None, None]
    return frames


def test_scores_frames_and_counts_them() -> None:
    reward = GoalBaselineReward(_Encoder(), ["kneeling"], ["robot"], alpha=0.3)
    signal = reward(_frames(0, 1, 2))
    assert isinstance(signal, Reward)
    assert signal.values.dtype == np.float32
    assert signal.values.argmax() == 0
    np.testing.assert_allclose(signal.values[0], 1.0, atol=1e-6)
    assert reward(_frames()).values.shape == (0,)
    assert reward(_frames(1).numpy()).values == signal.values[1:2]  # arrays as well as tensors
    assert reward.calls == 4
    from_embeddings = reward.from_embeddings(_Encoder().encode_images(_frames(0, 1, 2)))
    assert from_embeddings == signal
    assert reward.calls == 4


def test_scores_tell_goal_from_baseline() -> None:
    reward = GoalBaselineReward(_Encoder(), ["kneeling", "standing"], ["robot"], alpha=0.5)
    scores = reward.scores(_frames(0, 1, 3))
    units = _units(5, 4).float()
    cosines = (units @ units.T).numpy()
    np.testing.assert_allclose(scores["goal"], cosines[[0, 1, 3]][:, [0, 2]].mean(1), atol=1e-6)
    np.testing.assert_allclose(scores["baseline"], cosines[[0, 1, 3], 1], atol=1e-6)
    np.testing.assert_array_equal(scores["reward"], reward(_frames(0, 1, 3)).values)
    assert reward.calls == 6


def test_means_are_not_normalised_again() -> None:
    reward = GoalBaselineReward(_Encoder(), ["kneeling", "standing"])
    expected = _units(5, 4).float()[[0, 2]].mean(0)
    torch.testing.assert_close(reward.goal, expected)
    assert reward.goal.norm() < 0.99


def test_prompts_can_change_and_texts_are_read_once() -> None:
    encoder = _Encoder()
    reward = GoalBaselineReward(encoder, ["kneeling"], ["robot"], alpha=0.5)
    reward(_frames(0, 0))
    other = reward.with_prompts(["sitting", "kneeling"])
    assert encoder.read == ["kneeling", "robot", "sitting"]
    assert other.calls == 2
    assert other.alpha == 0.5
    assert other.baseline_prompts == ("robot",)
    assert reward.goal_prompts == ("kneeling",)
    assert other.with_prompts(alpha=0.0).alpha == 0.0
    assert encoder.read == ["kneeling", "robot", "sitting"]


@pytest.mark.parametrize(
    ("goal", "baseline", "alpha", "message"),
    [
        ([], ["robot"], 0.0, "at least one goal prompt"),
        (["kneeling"], [], 0.5, "needs a baseline prompt"),
        (["kneeling"], ["kneeling"], 0.5, "mean the same"),
        (["kneeling", "  "], [], 0.0, "empty"),
        ("kneeling", [], 0.0, "as a list"),
        (["kneeling"], ["robot"], 2.0, "between 0 and 1"),
    ],
)
def test_bad_prompts(goal: Sequence[str], baseline: list[str], alpha: float, message: str) -> None:
    with pytest.raises(EmbodiedError, match=message) as caught:
        GoalBaselineReward(_Encoder(), goal, baseline, alpha)
    assert "\n" not in str(caught.value)


def test_a_baseline_is_not_needed_at_alpha_zero() -> None:
    reward = GoalBaselineReward(_Encoder(), ["kneeling"])
    np.testing.assert_allclose(reward(_frames(0)).values, [1.0], atol=1e-6)
    assert np.isnan(reward.scores(_frames(0))["baseline"]).all()


def test_a_broken_embedding_is_reported_and_not_hidden() -> None:
    reward = GoalBaselineReward(_Encoder(), ["kneeling"])
    s = _units(1, 2).float()
    s[1] = float("nan")
    signal = reward.from_embeddings(s)
    assert np.isnan(signal.values).tolist() == [False, True]
    assert "1 of 2" in signal.reason


def test_the_fake_follows_the_protocol() -> None:
    assert isinstance(_Encoder(), ImageTextEncoder)
