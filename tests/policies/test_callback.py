"""Which state a reward is for, what time limits are worth, and where broken physics goes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from stable_baselines3 import PPO, SAC

from embodied.policies.online.replay import SoundReplayBuffer
from embodied.policies.online.train import Session
from embodied.runs.metrics import read_metrics

from .fakes import PRESETS, FakeScorer, RecordingEnv, lowness, make_session

STEPS, N = 130, 2
LAST = 99  # index of the step that ends the first episode
BREAKS = ((5, 1), (40, 0), (40, 1))
"""Physics spoilt before a step: once in one simulation, once in both."""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # MuJoCo writes its warnings into the current folder


def one_rollout(
    folder: Path, algo: str, breaks: tuple[tuple[int, int], ...] = ()
) -> tuple[Session, RecordingEnv, FakeScorer]:
    """A run of one rollout past a time limit, every state scored, and no update."""
    preset = replace(
        PRESETS[algo],
        vlm_budget=1.0,
        num_envs=N,
        rollout_steps=STEPS,
        total_steps=STEPS * N,
        batch_size=STEPS * N,
        learning_starts=10**6,
    )
    env, scorer = RecordingEnv(N, breaks), FakeScorer()
    session = make_session(folder, preset, scorer, env=env)
    session.learner.train = lambda *_, **__: None  # pyright: ignore
    session.learn()
    return session, env, scorer


def scaled(session: Session, rewards: np.ndarray) -> np.ndarray:
    """As the learner sees them: the first rollout has mean 0 and size 1."""
    tally = session.tally
    assert tally.reward_shift == pytest.approx(rewards.mean(), rel=1e-5)
    assert tally.reward_scale == pytest.approx(rewards.std(), rel=1e-5)
    return (rewards - tally.reward_shift) / tally.reward_scale


def rollout_buffer(session: Session):
    assert isinstance(session.learner, PPO)
    return session.learner.rollout_buffer


def replay_buffer(session: Session) -> SoundReplayBuffer:
    assert isinstance(session.learner, SAC)
    buffer = session.learner.replay_buffer
    assert isinstance(buffer, SoundReplayBuffer)
    return buffer


@pytest.mark.parametrize("algo", PRESETS)
def test_the_frame_that_ends_an_episode_is_the_one_scored(algo: str, tmp_path: Path) -> None:
    session, env, scorer = one_rollout(tmp_path / "run", algo)
    asked = np.array(scorer.asked)
    np.testing.assert_array_equal(asked, env.recorded("qpos"))  # each once, in their order
    last = env.steps[LAST]
    assert last[3].all()
    np.testing.assert_array_equal(last[4]["final_obs"][:, :22], asked[LAST, :, 2:].astype("f4"))
    assert np.abs(last[0][:, 0] - asked[LAST, :, 2]).min() > 0.05  # the reset state stands
    assert session.labeller.calls == STEPS * N


def test_ppo_bootstraps_at_the_time_limit(tmp_path: Path) -> None:
    session, env, _ = one_rollout(tmp_path / "run", "ppo")
    rewards = scaled(session, lowness(env.recorded("qpos").reshape(-1, 24)).reshape(STEPS, N))
    final = torch.as_tensor(env.steps[LAST][4]["final_obs"])
    with torch.no_grad():
        value = session.learner.policy.predict_values(final)[:, 0].numpy()  # pyright: ignore
    assert np.abs(value).min() > 1e-4
    expected = rewards.copy()
    expected[LAST] += session.preset.gamma * value
    buffer = rollout_buffer(session)
    np.testing.assert_allclose(buffer.rewards, expected, atol=1e-5)


def test_ppo_learns_from_returns_of_the_rewards(tmp_path: Path) -> None:
    """Generalised advantage estimation (Schulman et al. 2016, equation 16), by hand."""
    session, env, _ = one_rollout(tmp_path / "run", "ppo")
    buffer, preset = rollout_buffer(session), session.preset
    with torch.no_grad():
        after = session.learner.policy.predict_values(torch.as_tensor(env.steps[-1][0]))  # pyright: ignore
    values = np.concatenate([buffer.values, after.numpy().T])
    advantage, expected = np.zeros(N), np.zeros((STEPS, N))
    for t in reversed(range(STEPS)):
        goes_on = 1.0 - (t == LAST)
        delta = buffer.rewards[t] + preset.gamma * values[t + 1] * goes_on - values[t]
        advantage = delta + preset.gamma * preset.gae_lambda * goes_on * advantage
        expected[t] = advantage
    np.testing.assert_allclose(buffer.advantages, expected, atol=1e-4)
    np.testing.assert_allclose(buffer.returns, expected + buffer.values, atol=1e-4)


def test_sac_does_not_take_a_time_limit_for_an_end(tmp_path: Path) -> None:
    session, env, _ = one_rollout(tmp_path / "run", "sac")
    buffer = replay_buffer(session)
    assert buffer.pos == STEPS % buffer.buffer_size
    rewards = scaled(session, lowness(env.recorded("qpos").reshape(-1, 24)).reshape(STEPS, N))
    np.testing.assert_allclose(buffer.rewards[:STEPS], rewards, atol=1e-5)
    assert buffer.dones[LAST].tolist() == buffer.timeouts[LAST].tolist() == [1, 1]
    assert buffer.dones[:STEPS].sum() == N
    final = env.steps[LAST][4]["final_obs"]
    np.testing.assert_array_equal(buffer.next_observations[LAST], final)
    assert not buffer._get_samples(np.array([LAST] * 8)).dones.any()


@pytest.mark.parametrize("algo", PRESETS)
def test_broken_physics_is_counted(algo: str, tmp_path: Path) -> None:
    session, env, _ = one_rollout(tmp_path / "run", algo, BREAKS)
    assert env.recorded("physics_error").sum() == 3
    assert session.tally.physics_errors == 3
    assert read_metrics(session.run.metrics)[-1]["physics_errors"] == 3


def test_broken_physics_does_not_reach_the_replay_buffer(tmp_path: Path) -> None:
    session, env, _ = one_rollout(tmp_path / "run", "sac", BREAKS)
    buffer = replay_buffer(session)
    stored = STEPS - 1  # the step in which both broke is left out
    assert buffer.pos == stored
    rows = [t for t in range(STEPS) if t != 40]
    qpos = env.recorded("qpos")[rows]
    qpos[5, 1] = qpos[5, 0]  # a sound simulation's transition in the place of the broken one
    rewards = lowness(env.recorded("qpos").reshape(-1, 24)).reshape(STEPS, N)
    expected = scaled(session, rewards)[rows]
    expected[5, 1] = expected[5, 0]
    np.testing.assert_allclose(buffer.rewards[:stored], expected, atol=1e-5)
    np.testing.assert_array_equal(
        buffer.next_observations[:stored, :, :22], qpos[:, :, 2:].astype("f4")
    )
    for name in ("observations", "next_observations", "actions"):
        array = getattr(buffer, name)[:stored]
        assert np.isfinite(array).all()
        np.testing.assert_array_equal(array[5, 1], array[5, 0])
    assert buffer.dones[5].tolist() == [0, 0]


def test_ppo_takes_broken_physics_for_a_time_limit(tmp_path: Path) -> None:
    session, _, _ = one_rollout(tmp_path / "run", "ppo", BREAKS)
    buffer = rollout_buffer(session)
    for array in (buffer.observations, buffer.rewards, buffer.returns, buffer.advantages):
        assert np.isfinite(array).all()
    assert buffer.episode_starts[6].tolist() == [0, 1]
    assert buffer.episode_starts[41].tolist() == [1, 1]
