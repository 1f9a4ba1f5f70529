"""Running mean and variance that travel with the policy's weights."""

from pathlib import Path

import numpy as np
import pytest
import torch
from gymnasium import spaces

from embodied.policies.online import normaliser
from embodied.policies.online.normaliser import Normaliser, update_normalisers

from .fakes import PRESETS, make_session

SPACE = spaces.Box(-np.inf, np.inf, (3,))


def batches() -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    scale, shift = torch.tensor([0.1, 1.0, 30.0]), torch.tensor([5.0, 0.0, -70.0])
    return [torch.randn(n, 3, generator=generator) * scale + shift for n in (1, 50, 7, 400)]


def test_statistics_are_those_of_all_batches_together() -> None:
    module = Normaliser(SPACE)
    for batch in batches():
        module.update(batch)
    together = torch.cat(batches())
    torch.testing.assert_close(module.running_mean, together.mean(0), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(
        module.running_var, together.var(0, unbiased=False), rtol=1e-3, atol=1e-4
    )
    assert module.count == len(together)
    scaled = module(together)
    torch.testing.assert_close(scaled.mean(0), torch.zeros(3), atol=1e-2, rtol=0)
    torch.testing.assert_close(scaled.std(0), torch.ones(3), atol=2e-2, rtol=0)


def test_a_new_one_changes_nothing_and_outliers_are_clamped() -> None:
    module = Normaliser(SPACE)
    x = torch.tensor([[1.0, -2.0, 0.5], [1e6, -1e6, 0.0]])
    torch.testing.assert_close(module(x[:1]), x[:1], rtol=1e-3, atol=0)
    assert module(x)[1].tolist() == [8, -8, 0]
    module.update(x[:0])
    assert module.count == 0


def test_a_constant_observation_stays_finite() -> None:
    module = Normaliser(SPACE)
    module.update(torch.full((100, 3), 2.0))
    assert module(torch.full((2, 3), 2.0)).abs().max() < 1e-3
    assert torch.isfinite(module(torch.full((2, 3), 2.1))).all()


def test_after_the_warm_up_it_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(normaliser, "WARM_UP", 50)
    module = Normaliser(SPACE)
    module.update(batches()[1])
    kept = {name: value.clone() for name, value in module.state_dict().items()}
    module.update(batches()[3])
    assert all(torch.equal(kept[name], value) for name, value in module.state_dict().items())


@pytest.mark.parametrize(("algo", "modules"), [("ppo", 1), ("sac", 3)])
def test_every_normaliser_of_a_policy_is_updated_once(
    algo: str, modules: int, tmp_path: Path
) -> None:
    """SAC has one in the actor, the critic and its target."""
    policy = make_session(tmp_path / "run", PRESETS[algo]).learner.policy
    found = [module for module in policy.modules() if isinstance(module, Normaliser)]
    assert len(found) == modules
    x = torch.randn(64, 45, generator=torch.Generator().manual_seed(0)) * 3 + 1
    update_normalisers(policy, x)
    for module in found:
        assert module.count == 64
        torch.testing.assert_close(module.running_mean, x.mean(0), rtol=1e-4, atol=1e-4)
    assert all("running_" not in name for name, _ in policy.named_parameters())  # never trained
