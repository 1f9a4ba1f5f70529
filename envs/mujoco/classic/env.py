"""One cart-pole or mountain car as a Gymnasium environment."""

from typing import Any

import gymnasium as gym
import numpy as np

from embodied.envs.mujoco.classic.system import advance
from embodied.envs.mujoco.classic.tasks import find_task, system_of
from embodied.envs.mujoco.renderer import FrameRenderer


class ClassicEnv(gym.Env[np.ndarray, Any]):
    """Gymnasium's classic control, asked for in words and drawn by MuJoCo.

    Observation: cart-pole float32 [5], place, speed, cosine and sine of the tilt, its speed (m,
    m/s, rad/s); mountain car float32 [2], place and speed.
    Action: float32 [1] in [-1, 1], a share of the largest force; 0 or 1 in the discrete cart-pole.
    Reward: 0. It comes from words: wrap the environment in
    `embodied.perception.wrapper.RewardFromWords`, or train with `embodied train`.
    `info["success"]` is the task's checker, for measuring only.
    An episode is truncated after its time, and when a state is no longer finite
    (`info["physics_error"]`); it never terminates.

    Args:
        task: name of a task, e.g. "cartpole".
        render_mode: "rgb_array" or None.
        width, height: size of a rendered frame in pixels.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 50}  # noqa: RUF012, Gymnasium's name

    def __init__(
        self, task: str, render_mode: str | None = None, width: int = 480, height: int = 480
    ):
        self.task, self.system = find_task(task), system_of(task)
        self.metadata = self.metadata | {"render_fps": self.system.fps}
        self.render_mode = render_mode
        self.observation_space = self.system.observation_space
        self.action_space = self.system.action_space
        self._size = (height, width)
        self._renderer: FrameRenderer | None = None
        self._state = self.system.start(np.random.default_rng(0), 1)
        self._steps = 0

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        super().reset(seed=seed)
        self._state, self._steps = self.system.start(self.np_random, 1), 0
        return self.system.observe(self._state)[0], self._info(physics_error=False)

    def step(self, action: Any) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        self._state, failed = advance(self.system, self._state, np.asarray(action)[None])
        self._steps += 1
        truncated = bool(failed[0]) or self._steps >= self.system.steps
        info = self._info(physics_error=bool(failed[0]))
        return self.system.observe(self._state)[0], 0.0, False, truncated, info

    def render(self) -> np.ndarray:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The present frame, uint8 [height, width, 3]."""
        if self._renderer is None:
            model = self.task.simulator.load()
            self._renderer = FrameRenderer(model, *self._size, pretty=True)
        return self._renderer.draw(self.system.qpos(self._state)[0])

    def close(self) -> None:
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None

    def _info(self, *, physics_error: bool) -> dict[str, Any]:
        success = bool(self.task.measure(self.system.qpos(self._state))[0])
        return {"success": success and not physics_error, "physics_error": physics_error}
