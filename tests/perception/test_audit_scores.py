"""What an audit scores is what training rewards."""

import numpy as np
import pytest
import torch
from torch.nn.functional import normalize

from embodied.perception.audit.scores import Prompt, Views, score
from embodied.perception.reward import GoalBaselineReward


class Texts:
    """Embeds texts by their length; pictures come embedded."""

    name, dim, image_size = "texts", 4, 8
    device = torch.device("cpu")

    def encode_texts(self, texts: list[str]) -> torch.Tensor:
        angle = torch.tensor([len(text) / 10 for text in texts])
        parts = [angle.cos(), angle.sin(), 0 * angle, 0 * angle]
        return torch.stack(parts, dim=1)


def view(seed: int) -> Views:
    """Five states, two motions of three, one change of two variants."""
    generator = torch.Generator().manual_seed(seed)

    def drawn(*shape: int) -> torch.Tensor:
        return normalize(torch.randn(*shape, 4, generator=generator), dim=-1)

    return Views(drawn(5), drawn(2, 3), {"light": drawn(2, 2)}, np.array([0, 3]))


PROMPTS = [Prompt("standing up", "used", "stand"), Prompt("a person", "other", "sit")]


@pytest.fixture
def reward() -> GoalBaselineReward:
    encoder: object = Texts()
    return GoalBaselineReward(encoder, ["standing up"], ["a person"], 0.3)  # pyright: ignore


def test_several_cameras_give_the_mean_of_each_alone(reward: GoalBaselineReward) -> None:
    first, second = (score(reward, [one], PROMPTS) for one in (view(0), view(1)))
    both = score(reward, [view(0), view(1)], PROMPTS)
    for name in ("states", "motions", "prompt_states", "alpha_states"):
        alone = [getattr(one, name) for one in (first, second)]
        assert not np.allclose(*alone, equal_nan=True)
        np.testing.assert_allclose(getattr(both, name), np.mean(alone, axis=0), atol=1e-6)
    light = [one.sweeps["light"] for one in (first, second)]
    np.testing.assert_allclose(both.sweeps["light"], np.mean(light, axis=0), atol=1e-6)


def test_a_prompt_that_means_the_baseline_is_left_out(reward: GoalBaselineReward) -> None:
    found = score(reward, [view(0), view(1)], PROMPTS)
    assert np.isfinite(found.prompt_states[0]).all()
    assert np.isnan(found.prompt_states[1]).all()
    assert np.isfinite(found.states).all()
