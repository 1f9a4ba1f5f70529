"""Presets, the learners built from them, and all of a learner that has to be saved."""

from dataclasses import FrozenInstanceError, asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from gymnasium import spaces
from stable_baselines3 import DQN, PPO, SAC

from embodied.errors import EmbodiedError
from embodied.policies.online.algorithms import check_actions
from embodied.policies.online.learner_state import get_learner_state, set_learner_state
from embodied.policies.online.replay import SoundReplayBuffer
from embodied.policies.presets import VLM_RM, Preset
from embodied.registry import ALGORITHMS, PRESETS
from embodied.runs.tree import load_tree, save_tree

from . import fakes
from .fakes import assert_same_tree, make_session


def test_a_preset_is_a_plain_frozen_object() -> None:
    with pytest.raises(FrozenInstanceError):
        VLM_RM.gamma = 0.5  # pyright: ignore
    for name in PRESETS.names():
        preset = PRESETS.load(name)
        assert isinstance(preset, Preset)
        assert preset.algo in ALGORITHMS.names()
        assert 0 < preset.vlm_budget <= 1
        assert Preset(**asdict(preset)) == preset


def test_the_papers_configuration() -> None:
    """Rocamonde et al. 2023, appendix: SAC, every frame scored, episodes of 100 steps."""
    assert VLM_RM.algo == "sac"
    assert VLM_RM.vlm_budget == 1.0
    assert (VLM_RM.learning_rate, VLM_RM.gamma, VLM_RM.tau) == (6e-4, 0.95, 0.005)
    assert (VLM_RM.batch_size, VLM_RM.learning_starts) == (512, 50_000)
    assert (VLM_RM.rollout_steps, VLM_RM.gradient_steps) == (100, 100)
    assert VLM_RM.total_steps == 10_000_000


def test_a_preset_decides_ppo(tmp_path: Path) -> None:
    preset = replace(fakes.PPO, learning_rate=1e-3, gamma=0.9, gae_lambda=0.8, log_std=-1.5)
    learner = make_session(tmp_path / "run", preset).learner
    assert isinstance(learner, PPO)
    assert (learner.gamma, learner.gae_lambda, learner.n_steps) == (0.9, 0.8, 30)
    assert (learner.batch_size, learner.n_epochs, learner.n_envs) == (60, 2, 4)
    assert learner.lr_schedule(0.5) == 1e-3
    assert learner.policy.log_std.tolist() == [-1.5] * 17
    hidden = [
        m.out_features for m in learner.policy.mlp_extractor.modules() if hasattr(m, "out_features")
    ]
    assert hidden == [16, 16, 16, 16]


def test_a_preset_decides_sac(tmp_path: Path) -> None:
    preset = replace(fakes.SAC, tau=0.1, learning_starts=77)
    learner = make_session(tmp_path / "run", preset).learner
    assert isinstance(learner, SAC)
    assert (learner.tau, learner.learning_starts, learner.gradient_steps) == (0.1, 77, 5)
    train_freq: Any = learner.train_freq
    assert (train_freq.frequency, train_freq.unit.value) == (30, "step")
    assert isinstance(learner.replay_buffer, SoundReplayBuffer)
    assert learner.replay_buffer.buffer_size == 400 // 4


def test_a_preset_decides_dqn(tmp_path: Path) -> None:
    learner = make_session(tmp_path / "run", replace(fakes.DQN, gamma=0.7)).learner
    assert isinstance(learner, DQN)
    assert (learner.gamma, learner.learning_starts, learner.gradient_steps) == (0.7, 200, 5)
    assert (learner.target_update_interval, learner.tau) == (60, 0.005)
    assert learner.exploration_schedule(1.0) == 1.0
    assert learner.exploration_schedule(0.0) == pytest.approx(0.05)
    assert isinstance(learner.replay_buffer, SoundReplayBuffer)
    assert learner.replay_buffer.actions.dtype == np.int64


def test_a_fixed_entropy_has_no_optimizer(tmp_path: Path) -> None:
    learner: Any = make_session(tmp_path / "run", replace(fakes.SAC, sac_entropy=0.1)).learner
    assert learner.ent_coef_tensor.item() == pytest.approx(0.1)
    assert set(get_learner_state(learner)["optimizers"]) == {"actor", "critic"}


@pytest.mark.parametrize(
    ("algo", "space", "use"),
    [
        ("sac", spaces.Discrete(2), "--algo dqn or ppo"),
        ("dqn", spaces.Box(-1, 1, (1,)), "--algo ppo or sac"),
    ],
)
def test_actions_that_an_algorithm_does_not_have_are_refused(
    algo: str, space: Any, use: str
) -> None:
    with pytest.raises(EmbodiedError, match=use):
        check_actions(algo, space)
    check_actions("ppo", space)
    check_actions("a-plug-in", space)


@pytest.mark.parametrize("algo", fakes.ALL_PRESETS)
def test_nothing_of_a_learner_is_left_out(algo: str, tmp_path: Path) -> None:
    """Into a file, out of it and into a learner of another seed: both learn on alike."""
    session = make_session(tmp_path / "one", replace(fakes.ALL_PRESETS[algo], total_steps=360))
    session.learn()
    learner: Any = session.learner
    state = get_learner_state(learner)
    save_tree(tmp_path / "state", state)
    other: Any = make_session(tmp_path / "two", fakes.ALL_PRESETS[algo], seed=11).learner
    other.policy.load_state_dict(learner.policy.state_dict())
    set_learner_state(other, load_tree(tmp_path / "state"))
    assert_same_tree(get_learner_state(other), state)
    assert other.num_timesteps == learner.num_timesteps > 0
    if algo == "ppo":
        other.rollout_buffer = learner.rollout_buffer
        assert set(state["optimizers"]) == {"policy"}
    else:
        own = {"policy"} if algo == "dqn" else {"actor", "critic", "entropy"}
        assert set(state["optimizers"]) == own
        assert len(state["buffer"]["rewards"]) == 90
    for one in (learner, other):
        torch.manual_seed(0)
        np.random.seed(0)  # noqa: NPY002
        one.train(*(() if algo == "ppo" else (7, 32)))
    assert_same_tree(
        {k: v.numpy() for k, v in other.policy.state_dict().items()},
        {k: v.numpy() for k, v in learner.policy.state_dict().items()},
    )


def test_only_the_filled_part_of_a_buffer_is_saved_until_it_comes_round(tmp_path: Path) -> None:
    learner: Any = make_session(tmp_path / "run", fakes.SAC).learner
    buffer = learner.replay_buffer
    assert len(get_learner_state(learner)["buffer"]["observations"]) == 0
    buffer.pos = 37
    assert len(get_learner_state(learner)["buffer"]["observations"]) == 37
    buffer.pos, buffer.full = 5, True
    assert len(get_learner_state(learner)["buffer"]["observations"]) == 100


def test_noise_and_learning_rate_are_held_and_then_narrow_together(tmp_path: Path) -> None:
    preset = replace(fakes.PPO, log_std=0.0, log_std_final=-1.2, noise_hold=0.5)
    learner: Any = make_session(tmp_path / "run", preset).learner
    for left, log_std in ((1, 0), (0.5, 0), (0.25, -0.6), (0, -1.2)):
        assert learner.log_std(left) == pytest.approx(log_std)
        assert learner.lr_schedule(left) == pytest.approx(preset.learning_rate * np.exp(log_std))
