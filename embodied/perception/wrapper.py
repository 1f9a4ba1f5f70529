"""A reward from what is seen, for any single Gymnasium environment that renders pictures."""

from collections.abc import Sequence
from typing import Any

import gymnasium as gym
import numpy as np

from embodied.errors import EmbodiedError
from embodied.perception.encoder import ImageTextEncoder, load_encoder
from embodied.perception.reward import GoalBaselineReward
from embodied.perception.reward_model import RewardModel, judge


class RewardFrom(gym.Wrapper[Any, Any, Any, Any]):
    """Replaces the reward by a reward model's.

        env = gym.make("embodied/HumanoidKneel-v0", render_mode="rgb_array")
        env = RewardFrom(env, VideoReward(load_encoder("embedded"), "a humanoid robot kneeling"))

    A model of images scores each new frame, the one that ends an episode like any other. A model of
    videos is asked once, at the episode's end, about the whole of it from the reset's frame on; all
    other rewards are 0. A model of prefixes is asked every `every` steps and at the end about the
    episode so far, and the reward is what its last frame has gained since the model was last asked:
    the rewards of an episode add up to the progress at its end. Frames of one episode are kept in
    memory.

    Where a model abstains the reward is 0, and `info["reward_reason"]` says why.

    Args:
        env: an environment with render_mode "rgb_array".
        model: any reward model but one of pairs.
        potential: γ, to give γΦ(s') - Φ(s) in the place of a frame's value Φ(s'); models of images.
        every: see above; models of prefixes. None asks at the end only.
    """

    def __init__(
        self,
        env: gym.Env[Any, Any],
        model: RewardModel,
        potential: float | None = None,
        every: int | None = None,
    ):
        super().__init__(env)
        if env.render_mode != "rgb_array":
            raise EmbodiedError("a reward from frames needs gym.make(..., render_mode='rgb_array')")
        if model.observes == "pair":
            raise EmbodiedError(f"{model.name} compares pairs: it has no reward for one episode")
        if potential is not None and model.observes != "image":
            raise EmbodiedError("`potential` is for models of images")
        if every is not None and (model.observes != "prefix" or every < 1):
            raise EmbodiedError("`every` is for models of prefixes, and at least 1")
        self.reward, self.potential, self.every = model, potential, every
        self._frames: list[np.ndarray] = []
        self._level = 0.0

    def reset(self, **arguments: Any) -> tuple[Any, dict[str, Any]]:
        observation, info = self.env.reset(**arguments)
        self._frames, self._level = [], 0.0
        if self.reward.observes != "image":
            self._frames.append(self._frame())
        elif self.potential is not None:
            self._level, reason = self._ask(self._frame()[None], 0.0)
            info |= {"reward_reason": reason} if reason else {}
        return observation, info

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        observation, _, terminated, truncated, info = self.env.step(action)
        reward, reason = self._reward(self._frame(), terminated or truncated)
        info |= {"reward_reason": reason} if reason else {}
        return observation, reward, terminated, truncated, info

    def _reward(self, frame: np.ndarray, over: bool) -> tuple[float, str]:
        if self.reward.observes == "image":
            before = self._level
            if self.potential is None:
                return self._ask(frame[None], 0.0)
            self._level, reason = self._ask(frame[None], before)
            return (0.0 if reason else self.potential * self._level - before), reason
        self._frames.append(frame)
        asked = self.every is not None and (len(self._frames) - 1) % self.every == 0
        if not (over or asked):
            return 0.0, ""
        clip = np.stack(self._frames)[None]
        if self.reward.observes == "video":
            return self._ask(clip, 0.0)
        before = self._level
        self._level, reason = self._ask(clip, before)
        return self._level - before, reason

    def _ask(self, clips: np.ndarray, otherwise: float) -> tuple[float, str]:
        """The last value of the answer; `otherwise` and the reason where there is none."""
        answer = judge(self.reward, clips)
        value = float(answer.values[-1])
        return (otherwise, answer.reason) if np.isnan(value) else (value, "")

    def _frame(self) -> np.ndarray:
        return np.array(self.env.render())  # a copy: some renderers draw into one buffer


class RewardFromWords(RewardFrom):
    """Replaces the reward by how well each new frame fits the words.

        env = gym.make("embodied/HumanoidKneel-v0", render_mode="rgb_array")
        env = RewardFromWords(env, "a humanoid robot kneeling")

    The frame that ends an episode is scored like any other. For training at speed use `embodied
    train`: it draws and encodes in batches, beside the simulation.

    Args:
        env: an environment with render_mode "rgb_array".
        goal: one or more prompts. baseline, alpha: see `GoalBaselineReward`.
        vlm: an encoder or the name of one; "embedded" is the one of the environment's simulator.
    """

    def __init__(
        self,
        env: gym.Env[Any, Any],
        goal: str | Sequence[str],
        baseline: str | Sequence[str] = (),
        alpha: float = 0.0,
        vlm: str | ImageTextEncoder = "embedded",
        device: str = "auto",
    ):
        task = getattr(env.unwrapped, "task", None)
        if isinstance(vlm, str) and task is not None:
            vlm = task.simulator.encoder_named(vlm)
        encoder = load_encoder(vlm, device) if isinstance(vlm, str) else vlm
        super().__init__(env, GoalBaselineReward(encoder, _listed(goal), _listed(baseline), alpha))


def _listed(prompts: str | Sequence[str]) -> Sequence[str]:
    return [prompts] if isinstance(prompts, str) else prompts
