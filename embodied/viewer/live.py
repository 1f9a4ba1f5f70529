"""Moments from a task's own environment."""

from __future__ import annotations

from typing import Any, Literal, Protocol

import mujoco
import numpy as np
from gymnasium import spaces

from embodied.envs.task import Task
from embodied.viewer.simulation import Moment

SHOVE = 0.2
"""Seconds that a shove lasts."""
REACH = 0.5
"""Metres between a body and where it is dragged to from which on it is pulled with full force."""

Actions = Literal["policy", "rest", "random"]


class Policy(Protocol):
    """Stable-Baselines3's `predict`."""

    def predict(
        self, observation: np.ndarray, *, deterministic: bool
    ) -> tuple[np.ndarray, object]: ...


class Live:
    """One simulation of a task.

    choices: where actions can come from; `rest` is all zeros, for which discrete actions have
        nothing. actions: the choice.
    ends: whether episodes end when the task says so; otherwise they go on for ever.
    pulls: where bodies are being dragged to, by name, [3] in metres.
    """

    def __init__(self, task: Task, policy: Policy | None = None, seed: int = 0):
        self.task = task
        self.env = task.simulator.make_vector(task.name, 1, True)
        self.policy = policy
        self.ends = policy is not None
        space = self.env.single_action_space
        self.choices: tuple[Actions, ...] = (
            *(["policy"] if policy is not None else []),
            *(["rest"] if isinstance(space, spaces.Box) else []),
            "random",
        )
        self.actions: Actions = self.choices[0]
        self.pulls: dict[str, np.ndarray] = {}
        self._shoves: dict[str, tuple[np.ndarray, int]] = {}
        self._data = mujoco.MjData(task.simulator.load())
        self._seed: int | None = seed
        self._step = 0
        space.seed(seed)

    def restart(self) -> Moment:
        self._observation, info = self.env.reset(seed=self._seed)
        self._seed = None
        self._step = 0
        self._shoves.clear()
        return self._moment(info)

    def advance(self) -> Moment:
        if not self.ends:  # its clock stands still
            state = self.env.get_state()  # pyright: ignore[reportAttributeAccessIssue]
            state["steps"][:] = 0
            self.env.set_state(state)  # pyright: ignore[reportAttributeAccessIssue]
        for body, force in self._forces().items():
            self.env.push(body, force)  # pyright: ignore[reportAttributeAccessIssue]
        self._observation, _, _, truncated, info = self.env.step(self._act())
        over = bool(truncated[0])
        self._step += 1
        moment = self._moment(info, over)
        if over:
            self._step = 0
        return moment

    def shove(self, body: str, force: np.ndarray) -> None:
        """Push a body with a force [3] (N, world axes) for the next `SHOVE` seconds."""
        self._shoves[body] = force, max(round(SHOVE * self.task.simulator.fps), 1)

    def _forces(self) -> dict[str, np.ndarray]:
        """What acts on which body in the next step."""
        forces = {}
        for body, (force, steps) in list(self._shoves.items()):
            forces[body] = force
            if steps == 1:
                del self._shoves[body]
            else:
                self._shoves[body] = force, steps - 1
        if pulls := dict(self.pulls):
            mujoco.mj_kinematics(self.task.simulator.load(), self._data)
        for body, target in pulls.items():
            way = target - self._data.body(body).xpos
            length = float(np.linalg.norm(way))
            most = self.task.simulator.strongest_push
            forces[body] = most * min(length / REACH, 1) * way / max(length, 1e-9)
        return forces

    def _moment(self, info: dict[str, Any], over: bool = False) -> Moment:
        self._data.qpos[:] = info["qpos"][0]
        return Moment(info["qpos"][0].copy(), self._step, bool(info["success"][0]), over)

    def _act(self) -> np.ndarray:
        space = self.env.single_action_space
        if self.actions == "policy" and self.policy is not None:
            return self.policy.predict(self._observation, deterministic=True)[0]
        if self.actions == "rest" and isinstance(space, spaces.Box):
            return np.zeros((1, *space.shape), space.dtype)
        return np.asarray(space.sample())[None]
