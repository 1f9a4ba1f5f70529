"""Moments from a task's own environment."""

from __future__ import annotations

from typing import Literal, Protocol

import numpy as np
from gymnasium import spaces

from embodied.envs.task import Task
from embodied.viewer.simulation import Moment

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
        self.pushes: dict[str, np.ndarray] = {}
        self._seed: int | None = seed
        self._step = 0
        space.seed(seed)

    def restart(self) -> Moment:
        self._observation, info = self.env.reset(seed=self._seed)
        self._seed = None
        self._step = 0
        return Moment(info["qpos"][0].copy(), 0, bool(info["success"][0]))

    def advance(self) -> Moment:
        if not self.ends:  # its clock stands still
            state = self.env.get_state()  # pyright: ignore[reportAttributeAccessIssue]
            state["steps"][:] = 0
            self.env.set_state(state)  # pyright: ignore[reportAttributeAccessIssue]
        for body, force in list(self.pushes.items()):
            self.env.push(body, force)  # pyright: ignore[reportAttributeAccessIssue]
        self._observation, _, _, truncated, info = self.env.step(self._act())
        over = bool(truncated[0])
        self._step += 1
        moment = Moment(info["qpos"][0].copy(), self._step, bool(info["success"][0]), over)
        if over:
            self._step = 0
        return moment

    def _act(self) -> np.ndarray:
        space = self.env.single_action_space
        if self.actions == "policy" and self.policy is not None:
            return self.policy.predict(self._observation, deterministic=True)[0]
        if self.actions == "rest" and isinstance(space, spaces.Box):
            return np.zeros((1, *space.shape), space.dtype)
        return np.asarray(space.sample())[None]
