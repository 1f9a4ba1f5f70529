"""What a classic-control problem is made of: equations, starts, what is observed and drawn."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from gymnasium import spaces

ASSETS = Path(__file__).parents[3] / "assets" / "classic"

MAX_SPEED = 1e3
"""Size of a number of the state from which on a simulation counts as diverged."""


@dataclass(frozen=True)
class System:
    """Equations of motion for N simulations at once. A state is float64 [N, S].

    step: (states, actions [N, ...] within `action_space`) -> states one control step later.
    start: (rng, n) -> states that episodes begin with.
    observe: states -> observations float32 [N, D].
    qpos: states -> what MuJoCo draws, [N, nq].
    push: (states, body, force [3] in N) -> states with the speed that the force gives in a step.
    steps: length of an episode. fps: control steps per second.
    """

    step: Callable[[np.ndarray, np.ndarray], np.ndarray]
    start: Callable[[np.random.Generator, int], np.ndarray]
    observe: Callable[[np.ndarray], np.ndarray]
    qpos: Callable[[np.ndarray], np.ndarray]
    push: Callable[[np.ndarray, str, np.ndarray], np.ndarray]
    observation_space: spaces.Box
    action_space: spaces.Box | spaces.Discrete
    steps: int
    fps: int


def advance(system: System, states: np.ndarray, actions: np.ndarray) -> tuple[np.ndarray, ...]:
    """States [N, S] after one step, and which are no longer finite or plausible, bool [N].

    Such a simulation keeps the state it had before the step.
    """
    if isinstance(system.action_space, spaces.Box):
        actions = np.clip(actions, system.action_space.low, system.action_space.high)
    after = system.step(states, np.asarray(actions))
    with np.errstate(invalid="ignore"):
        failed = np.asarray(~np.isfinite(after).all(1) | (np.abs(after) > MAX_SPEED).any(1))
    return np.where(failed[:, None], states, after), failed
