"""One humanoid as a Gymnasium environment."""

from typing import Any

import gymnasium as gym
import mujoco
import numpy as np

from embodied.envs.mujoco.humanoid import dynamics
from embodied.envs.mujoco.humanoid.model import EPISODE_STEPS, FRAME_SKIP, load_model
from embodied.envs.mujoco.humanoid.state import HumanoidState
from embodied.envs.mujoco.humanoid.tasks import find_task
from embodied.envs.mujoco.renderer import FrameRenderer


class HumanoidEnv(gym.Env[np.ndarray, np.ndarray]):
    """A textured humanoid that starts standing and is asked, in words, for a posture.

    Observation: float32 [45], torso height, orientation, joint angles (m, rad) and velocities.
    Action: float32 [17] in [-1, 1], motor torques as a share of their largest.
    Reward: 0. It comes from words: wrap the environment in
    `embodied.perception.wrapper.RewardFromWords`, or train with `embodied train`.
    `info["success"]` is the task's checker, for measuring only.
    An episode is truncated after 100 steps of 15 ms, and when the physics diverges
    (`info["physics_error"]`); it never terminates.

    Args:
        task: name of a task, e.g. "humanoid-kneel".
        render_mode: "rgb_array" or None.
        camera: "vlm" (VLM-RM's), "portrait" or "side".
        width, height: size of a rendered frame in pixels.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 67}  # noqa: RUF012, Gymnasium's name

    def __init__(
        self,
        task: str,
        render_mode: str | None = None,
        camera: str = "vlm",
        width: int = 480,
        height: int = 480,
    ):
        self.task = find_task(task)
        self.render_mode = render_mode
        self.observation_space = dynamics.observation_space()
        self.action_space = dynamics.action_space()
        self.model = load_model()
        self.data = mujoco.MjData(self.model)
        self._frame = (height, width, camera)
        self._renderer: FrameRenderer | None = None
        self._steps = 0
        self._sound = self.data.qpos.copy(), self.data.qvel.copy()

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        super().reset(seed=seed)
        mujoco.mj_resetData(self.model, self.data)
        qpos, qvel = dynamics.initial_state(self.np_random, 1)
        self.data.qpos[:], self.data.qvel[:] = qpos[0], qvel[0]
        mujoco.mj_forward(self.model, self.data)
        self._sound = qpos[0], qvel[0]
        self._steps = 0
        return self._observe(), self._info(physics_error=False)

    def step(self, action: np.ndarray) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        self.data.ctrl[:] = np.clip(action, -1, 1)
        mujoco.mj_step(self.model, self.data, nstep=FRAME_SKIP)
        self._steps += 1
        failed = bool(dynamics.diverged(self.data.qpos, self.data.qvel))
        if failed:  # the episode ends where the physics was last sound
            mujoco.mj_resetData(self.model, self.data)
            self.data.qpos[:], self.data.qvel[:] = self._sound
        mujoco.mj_forward(self.model, self.data)
        self._sound = self.data.qpos.copy(), self.data.qvel.copy()
        truncated = failed or self._steps >= EPISODE_STEPS
        return self._observe(), 0.0, False, truncated, self._info(physics_error=failed)

    def render(self) -> np.ndarray:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The present frame, uint8 [height, width, 3]."""
        if self._renderer is None:
            self._renderer = FrameRenderer(self.model, *self._frame, pretty=True)
        return self._renderer.draw(self.data.qpos)

    def close(self) -> None:
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None

    def _observe(self) -> np.ndarray:
        return dynamics.observe(self.data.qpos, self.data.qvel)

    def _info(self, *, physics_error: bool) -> dict[str, Any]:
        data = self.data
        arrays = (data.qpos, data.xpos, data.xmat, data.geom_xpos, data.geom_xmat)
        state = HumanoidState(*(array[None] for array in arrays))
        success = bool(self.task.success(state)[0]) and not physics_error
        return {"success": success, "physics_error": physics_error}
