"""A Gymnasium vector environment as Stable-Baselines3 wants it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from stable_baselines3.common.vec_env import VecEnv

from embodied.errors import EmbodiedError


class SB3VecEnv(VecEnv):
    """Adapts a vector environment that resets within the step.

    A truncated episode carries `TimeLimit.truncated` and its last observation, so that the learner
    bootstraps. `scored_qpos` is the state each step led to: what a VLM has to look at.
    """

    def __init__(self, env: VectorEnv[np.ndarray, np.ndarray, np.ndarray], seed: int):
        if env.metadata.get("autoreset_mode") != AutoresetMode.SAME_STEP:
            raise EmbodiedError("the vector environment must reset within the step (SAME_STEP)")
        self.env = env
        self.render_mode = env.render_mode
        self.scored_qpos = np.zeros(0)
        self.physics_error = np.zeros(env.num_envs, bool)
        self._seed_once: int | None = seed
        self._actions = np.zeros(0)
        super().__init__(env.num_envs, env.single_observation_space, env.single_action_space)

    def reset(self) -> np.ndarray:  # pyright: ignore[reportIncompatibleMethodOverride]
        observation, info = self.env.reset(seed=self._seed_once, options={"stagger": True})
        self._seed_once = None
        self.scored_qpos = info["qpos"]
        return observation

    def step_async(self, actions: np.ndarray) -> None:
        self._actions = actions

    def step_wait(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[dict[str, Any]]]:
        observation, reward, terminated, truncated, info = self.env.step(self._actions)
        self.scored_qpos, self.physics_error = info["qpos"], info["physics_error"]
        done = terminated | truncated
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        for i in np.flatnonzero(done):
            infos[i] = {
                "terminal_observation": info["final_obs"][i],
                "TimeLimit.truncated": bool(truncated[i] and not terminated[i]),
                "physics_error": bool(self.physics_error[i]),
            }
        return observation, reward.astype(np.float32), done, infos

    def close(self) -> None:
        self.env.close()

    # The rest of the interface: attributes of the one environment, for every index.
    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        return [getattr(self.env, attr_name)] * len(self._indices(indices))

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        setattr(self.env, attr_name, value)

    def env_method(self, method_name: str, *args: Any, indices: Any = None, **kwargs: Any) -> list:
        result = getattr(self.env, method_name)(*args, **kwargs)
        return [result] * len(self._indices(indices))

    def env_is_wrapped(self, wrapper_class: type, indices: Any = None) -> list[bool]:
        return [False] * len(self._indices(indices))

    def _indices(self, indices: Any) -> Sequence[int]:
        return list(self._get_indices(indices))
