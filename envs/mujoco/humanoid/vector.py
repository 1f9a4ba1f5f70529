"""Many humanoids at once on `mujoco.Batch`."""

from typing import Any

import gymnasium as gym
import mujoco
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from mujoco.batch import Batch

from embodied.envs.mujoco.humanoid import dynamics
from embodied.envs.mujoco.humanoid.model import EPISODE_STEPS, FRAME_SKIP, load_model, names
from embodied.envs.mujoco.humanoid.state import bind_state
from embodied.envs.mujoco.humanoid.tasks import find_task
from embodied.envs.mujoco.renderer import FrameRenderer


class HumanoidVectorEnv(VectorEnv[np.ndarray, np.ndarray, np.ndarray]):
    """`HumanoidEnv`, n at a time in one process; the same physics, starts and checkers.

    Episodes that end are reset within the step (`AutoresetMode.SAME_STEP`): the observation is the
    next episode's first, `info["final_obs"]` the last one's. `info["qpos"]` [n, 24] is always the
    state that the step led to, before any reset: the one to draw, score and judge.
    `reset(options={"stagger": True})` makes the first episodes end at different times, so that a
    learner sees all parts of an episode in every rollout.

    Args:
        task: name of a task, e.g. "humanoid-kneel".
        num_envs: how many.
        measure: whether every step judges success, in `info["success"]` [n].
        threads: physics threads; 0 for all cores.
    """

    metadata = {"autoreset_mode": AutoresetMode.SAME_STEP, "render_modes": ["rgb_array"]}  # noqa: RUF012

    def __init__(
        self,
        task: str,
        num_envs: int = 1,
        measure: bool = True,
        threads: int = 0,
        render_mode: str | None = None,
    ):
        self.task = find_task(task)
        self.num_envs = num_envs
        self.render_mode = render_mode
        self.single_observation_space = dynamics.observation_space()
        self.single_action_space = dynamics.action_space()
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._measure = measure
        self._batch = Batch(load_model(), num_envs, threads)
        self._qpos = self._batch.bind("qpos")
        self._qvel = self._batch.bind("qvel")
        self._ctrl = self._batch.bind("ctrl")
        self._pushes = self._batch.bind("xfrc_applied")
        self._state = bind_state(self._batch) if measure else None
        self._steps = np.zeros(num_envs, np.int64)
        self._sound = self._batch.state.copy()
        self._renderer: FrameRenderer | None = None

    def reset(
        self, *, seed: int | list[int] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        if isinstance(seed, list):  # one stream serves all simulations
            seed = seed[0]
        super().reset(seed=seed, options=options)
        self._restart(np.ones(self.num_envs, bool))
        if options is not None and options.get("stagger"):
            order = self.np_random.permutation(self.num_envs)
            self._steps[:] = order * EPISODE_STEPS // self.num_envs
        self._sound[:] = self._batch.state
        qpos = self._qpos.copy()
        info = {"qpos": qpos, "physics_error": np.zeros(self.num_envs, bool)}
        if self._state is not None:
            self._batch.forward(stage=mujoco.mjtStage.mjSTAGE_POS.value)
            info["success"] = self.task.success(self._state)
        return dynamics.observe(self._qpos, self._qvel), info

    def step(
        self, actions: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        np.clip(actions, -1, 1, out=self._ctrl)
        stage = mujoco.mjtStage.mjSTAGE_POS if self._measure else mujoco.mjtStage.mjSTAGE_NONE
        self._batch.step(nstep=FRAME_SKIP, stage=stage.value)
        self._pushes[0] = 0  # only `push` writes here
        self._steps += 1
        failed = dynamics.diverged(self._qpos, self._qvel)
        if failed.any():  # such an episode ends where the physics was last sound
            self._batch.state[failed] = self._sound[failed]
        info: dict[str, Any] = {"qpos": self._qpos.copy(), "physics_error": failed}
        if self._state is not None:
            info["success"] = self.task.success(self._state) & ~failed
        observation = dynamics.observe(self._qpos, self._qvel)
        truncated = failed | (self._steps >= EPISODE_STEPS)
        if truncated.any():
            info["final_obs"] = observation
            self._restart(truncated)
            observation = dynamics.observe(self._qpos, self._qvel)
        self._sound[:] = self._batch.state
        never = np.zeros(self.num_envs, bool)
        return observation, np.zeros(self.num_envs), never, truncated, info

    def render(self) -> tuple[np.ndarray, ...]:  # pyright: ignore
        """One frame of every simulation, uint8 [480, 480, 3] each."""
        if self._renderer is None:
            self._renderer = FrameRenderer(load_model(), 480, 480)
        return tuple(self._renderer.draw(qpos) for qpos in self._qpos)

    def close_extras(self, **_: Any) -> None:
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None

    def push(self, body: str, force: np.ndarray) -> None:
        """A force [3] (N, world axes) at a body's centre of mass in simulation 0, for one step."""
        self._pushes[0, names().body[body], :3] = force

    def get_state(self) -> dict[str, Any]:
        """Everything that decides the future: simulations, step counts, random stream."""
        return {
            "simulations": self._batch.state.copy(),
            "steps": self._steps.copy(),
            "random": self.np_random.bit_generator.state,
        }

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from `get_state`."""
        self._batch.state[:] = self._sound[:] = state["simulations"]
        self._steps[:] = state["steps"]
        self.np_random.bit_generator.state = state["random"]

    def _restart(self, which: np.ndarray) -> None:
        self._batch.reset(which, stage=mujoco.mjtStage.mjSTAGE_NONE.value)
        count = int(which.sum())
        self._qpos[which], self._qvel[which] = dynamics.initial_state(self.np_random, count)
        self._steps[which] = 0


def make_vector(task: str, num_envs: int = 1, **kwargs: Any) -> gym.vector.VectorEnv:
    """Gymnasium's `vector_entry_point`."""
    return HumanoidVectorEnv(task, num_envs, **kwargs)
