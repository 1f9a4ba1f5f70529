"""Many classic-control simulations at once, in NumPy."""

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from embodied.envs.mujoco.classic.system import advance
from embodied.envs.mujoco.classic.tasks import find_task, system_of
from embodied.envs.mujoco.renderer import FrameRenderer


class ClassicVectorEnv(VectorEnv[np.ndarray, np.ndarray, np.ndarray]):
    """`ClassicEnv`, n at a time in one process; the same equations, starts and checkers.

    Episodes that end are reset within the step (`AutoresetMode.SAME_STEP`): the observation is the
    next episode's first, `info["final_obs"]` the last one's. `info["qpos"]` [n, nq] is always the
    state that the step led to, before any reset: the one to draw, score and judge.
    `reset(options={"stagger": True})` makes the first episodes end at different times, so that a
    learner sees all parts of an episode in every rollout.

    Args:
        task: name of a task, e.g. "cartpole".
        num_envs: how many.
        measure: whether every step judges success, in `info["success"]` [n].
    """

    metadata = {"autoreset_mode": AutoresetMode.SAME_STEP, "render_modes": ["rgb_array"]}  # noqa: RUF012

    def __init__(
        self, task: str, num_envs: int = 1, measure: bool = True, render_mode: str | None = None
    ):
        self.task, self.system = find_task(task), system_of(task)
        self.num_envs = num_envs
        self.render_mode = render_mode
        self.single_observation_space = self.system.observation_space
        self.single_action_space = self.system.action_space
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._measure = measure
        self._states = self.system.start(np.random.default_rng(0), num_envs)
        self._steps = np.zeros(num_envs, np.int64)
        self._pushes: dict[str, np.ndarray] = {}
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
            self._steps[:] = order * self.system.steps // self.num_envs
        info = self._info(np.zeros(self.num_envs, bool))
        return self.system.observe(self._states), info

    def step(
        self, actions: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        for body, force in self._pushes.items():
            self._states[:1] = self.system.push(self._states[:1], body, force)
        self._pushes.clear()
        self._states, failed = advance(self.system, self._states, actions)
        self._steps += 1
        info = self._info(failed)
        observation = self.system.observe(self._states)
        truncated = failed | (self._steps >= self.system.steps)
        if truncated.any():
            info["final_obs"] = observation
            self._restart(truncated)
            observation = self.system.observe(self._states)
        never = np.zeros(self.num_envs, bool)
        return observation, np.zeros(self.num_envs), never, truncated, info

    def render(self) -> tuple[np.ndarray, ...]:  # pyright: ignore
        """One frame of every simulation, uint8 [480, 480, 3] each."""
        if self._renderer is None:
            self._renderer = FrameRenderer(self.task.simulator.load(), 480, 480)
        return tuple(self._renderer.draw(qpos) for qpos in self.system.qpos(self._states))

    def close_extras(self, **_: Any) -> None:
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None

    def push(self, body: str, force: np.ndarray) -> None:
        """A force [3] (N, world axes) on a body of simulation 0, for one step."""
        self._pushes[body] = force

    def get_state(self) -> dict[str, Any]:
        """Everything that decides the future: simulations, step counts, random stream."""
        return {
            "simulations": self._states.copy(),
            "steps": self._steps.copy(),
            "random": self.np_random.bit_generator.state,
        }

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from `get_state`."""
        self._states = np.array(state["simulations"], np.float64)
        self._steps[:] = state["steps"]
        self.np_random.bit_generator.state = state["random"]

    def _info(self, failed: np.ndarray) -> dict[str, Any]:
        qpos = self.system.qpos(self._states)
        info: dict[str, Any] = {"qpos": qpos, "physics_error": failed}
        if self._measure:
            info["success"] = self.task.measure(qpos) & ~failed
        return info

    def _restart(self, which: np.ndarray) -> None:
        self._states[which] = self.system.start(self.np_random, int(which.sum()))
        self._steps[which] = 0


def make_vector(task: str, num_envs: int = 1, **kwargs: Any) -> gym.vector.VectorEnv:
    """Gymnasium's `vector_entry_point`."""
    return ClassicVectorEnv(task, num_envs, **kwargs)
