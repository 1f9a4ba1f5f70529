"""Rewards from what is seen, in single Gymnasium environments and under stock Stable-Baselines3."""

from typing import Any

import gymnasium as gym
import numpy as np
import pytest

from embodied.errors import EmbodiedError
from embodied.perception import wrapper
from embodied.perception.goal_image import GoalImageReward
from embodied.perception.reward_model import RewardModel
from embodied.perception.video_reward import VideoReward
from embodied.perception.wrapper import RewardFrom, RewardFromWords
from embodied.signals import Reward
from tests.perception.colours import ColourEncoder, frame, red_to_green

STEPS = 4


class Turning(gym.Env[np.ndarray, np.ndarray]):
    """A picture that turns from red to green in four steps, drawn into one buffer, as some do."""

    observation_space = gym.spaces.Box(0, 1, (1,))
    action_space = gym.spaces.Box(-1, 1, (1,))

    def __init__(self, render_mode: str | None = "rgb_array", ends: bool = False) -> None:
        self.render_mode, self.ends = render_mode, ends
        self.buffer = np.zeros((8, 8, 3), np.uint8)
        self.time = 0

    def reset(self, *, seed: Any = None, options: Any = None) -> tuple[np.ndarray, dict[str, Any]]:
        self.time = 0
        return np.zeros(1, np.float32), {"from": "env"}

    def step(self, action: np.ndarray) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        self.time += 1
        over = self.time == STEPS
        observation = np.full(1, self.time / STEPS, np.float32)
        return observation, 99.0, over and self.ends, over and not self.ends, {"from": "env"}

    def render(self) -> np.ndarray:  # pyright: ignore
        self.buffer[:] = red_to_green(STEPS + 1)[self.time]
        return self.buffer


class Prefix:
    """Progress is the share of green; it abstains on a clip's third frame, if it is told to."""

    name, observes, goal_kind, answers, image_size = "prefix", "prefix", "text", "progress", 8

    def __init__(self, dark: bool = False) -> None:
        self.dark, self.lengths = dark, []

    def __call__(self, clips: np.ndarray) -> Reward:
        self.lengths.append(clips.shape[1])
        seen = clips.reshape(-1, 8, 8, 3)[:, 0, 0].astype(np.float32)
        values = (np.arctan2(seen[:, 1], seen[:, 0]) / (np.pi / 2)).astype(np.float32)
        if self.dark:
            values[2] = np.nan
        return Reward(values, reason="the third frame is dark" if self.dark else "")


def episode(env: gym.Env[Any, Any]) -> tuple[list[float], list[dict[str, Any]]]:
    env.reset(seed=0)
    rewards, infos, over = [], [], False
    while not over:
        _, reward, terminated, truncated, info = env.step(env.action_space.sample())
        rewards.append(float(reward))
        infos.append(info)
        over = terminated or truncated
    return rewards, infos


COSINES = np.sin(np.linspace(0, np.pi / 2, STEPS + 1))


def test_a_model_of_images_scores_each_new_frame() -> None:
    env = RewardFrom(Turning(), GoalImageReward(ColourEncoder(), [frame(0, 9, 0)]))
    for _ in range(2):
        rewards, infos = episode(env)
        np.testing.assert_allclose(rewards, COSINES[1:], atol=0.01)
        assert infos[-1] == {"from": "env"}


def test_words_still_do() -> None:
    rewards, _ = episode(RewardFromWords(Turning(), "green", vlm=ColourEncoder()))
    np.testing.assert_allclose(rewards, COSINES[1:], atol=0.01)


def test_a_simulator_of_ours_brings_its_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def load(name: str, device: str) -> ColourEncoder:
        asked.append(name)
        return ColourEncoder()

    monkeypatch.setattr(wrapper, "load_encoder", load)
    RewardFromWords(gym.make("embodied/CartPole-v0", render_mode="rgb_array"), "green")
    RewardFromWords(Turning(), "green")
    assert asked == ["embedded:classic", "embedded"]


@pytest.mark.parametrize("gamma", [1.0, 0.9])
def test_potential_differences(gamma: float) -> None:
    model = GoalImageReward(ColourEncoder(), [frame(0, 9, 0)])
    env = RewardFrom(Turning(), model, potential=gamma)
    for _ in range(2):  # the second episode begins anew
        rewards, _ = episode(env)
        np.testing.assert_allclose(rewards, gamma * COSINES[1:] - COSINES[:-1], atol=0.01)


@pytest.mark.parametrize("ends", [False, True])
def test_a_model_of_videos_is_asked_at_the_end(ends: bool) -> None:
    model = VideoReward(ColourEncoder(), red_to_green(STEPS + 1))
    env = RewardFrom(Turning(ends=ends), model)
    for _ in range(2):
        rewards, _ = episode(env)
        assert rewards[:-1] == [0] * (STEPS - 1)
        assert rewards[-1] == pytest.approx(1, abs=1e-4)  # the reset's frame belongs to it


@pytest.mark.parametrize(
    ("every", "lengths", "expected"),
    [
        (None, [5], [0, 0, 0, 1]),
        (1, [2, 3, 4, 5], [0.25, 0.25, 0.25, 0.25]),
        (3, [4, 5], [0, 0, 0.75, 0.25]),
        (4, [5], [0, 0, 0, 1]),
    ],
)
def test_a_model_of_prefixes_pays_what_was_gained(
    every: int | None, lengths: list[int], expected: list[float]
) -> None:
    model: Any = Prefix()
    env = RewardFrom(Turning(), model, every=every)
    for _ in range(2):
        rewards, _ = episode(env)
        np.testing.assert_allclose(rewards, expected, atol=0.01)
        assert sum(rewards) == pytest.approx(1, abs=0.01)
    assert model.lengths == lengths * 2


def test_where_a_model_abstains_there_is_no_reward() -> None:
    class Dark(GoalImageReward):
        def __call__(self, clips: np.ndarray) -> Reward:
            bright = clips[0, 0, 0, 1] not in (red_to_green(5)[2, 0, 0, 1],)
            return super().__call__(clips if bright else clips * 0)

    model = Dark(ColourEncoder(), [frame(0, 9, 0)])
    rewards, infos = episode(RewardFrom(Turning(), model))
    np.testing.assert_allclose(rewards, COSINES[1:] * [1, 0, 1, 1], atol=0.01)
    assert ["reward_reason" in info for info in infos] == [False, True, False, False]
    # As a potential, what was gained meanwhile is paid at the next frame.
    rewards, infos = episode(RewardFrom(Turning(), model, potential=1.0))
    assert rewards[1] == 0
    assert sum(rewards) == pytest.approx(1, abs=0.01)
    dark: Any = Prefix(dark=True)
    rewards, infos = episode(RewardFrom(Turning(), dark, every=2))
    np.testing.assert_allclose(rewards, [0, 0, 0, 1], atol=0.01)
    assert infos[1]["reward_reason"] == "the third frame is dark"


def test_what_does_not_fit_is_refused() -> None:
    goal = GoalImageReward(ColourEncoder(), [frame(0, 9, 0)])
    video = VideoReward(ColourEncoder(), "green")
    pair: Any = Prefix()
    pair.observes = "pair"
    for arguments, match in [
        ((Turning(render_mode=None), goal), "rgb_array"),
        ((Turning(), pair), "compares pairs"),
        ((Turning(), video, 1.0), "`potential`"),
        ((Turning(), video, None, 3), "`every`"),
        ((Turning(), goal, None, 3), "`every`"),
    ]:
        with pytest.raises(EmbodiedError, match=match):
            RewardFrom(*arguments)


@pytest.mark.parametrize("kind", ["image", "video", "prefix"])
def test_stock_stable_baselines3_trains_on_it(kind: str) -> None:
    from stable_baselines3 import PPO
    from stable_baselines3.common.monitor import Monitor

    prefix: Any = Prefix()
    models: dict[str, RewardModel] = {
        "image": GoalImageReward(ColourEncoder(), [frame(0, 9, 0)]),
        "video": VideoReward(ColourEncoder(), "green"),
        "prefix": prefix,
    }
    env = Monitor(RewardFrom(Turning(), models[kind]))
    learner = PPO("MlpPolicy", env, n_steps=16, batch_size=16, n_epochs=1, device="cpu", seed=0)
    learner.learn(32)
    returns = env.get_episode_rewards()
    assert len(returns) == 8
    expected = {"image": COSINES[1:].sum(), "video": COSINES.mean() * 1.19, "prefix": 1}[kind]
    np.testing.assert_allclose(returns, expected, rtol=0.1)
