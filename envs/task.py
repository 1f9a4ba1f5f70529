"""A task: what is asked for in words, and how to tell from the simulator whether it was done."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from embodied.envs.simulator import Simulator


@dataclass(frozen=True)
class Task:
    """One row of the registry of environments.

    name: alias on the command line, e.g. `humanoid-kneel`.
    env_id: Gymnasium id, e.g. `embodied/HumanoidKneel-v0`.
    goal_prompts, baseline_prompts: what a VLM's reward compares the picture with.
    instruction: the same wish as a sentence to a person.
    simulator: where it takes place.
    success: what `simulator.state` makes of N states -> bool [N]. It measures; no reward is made
        from it.
    """

    name: str
    env_id: str
    goal_prompts: tuple[str, ...]
    baseline_prompts: tuple[str, ...]
    instruction: str
    simulator: Simulator
    success: Callable[[Any], np.ndarray]

    def measure(self, qpos: np.ndarray) -> np.ndarray:
        """Which of the states [n, nq] are a success, bool [n]."""
        return self.success(self.simulator.state(qpos))
