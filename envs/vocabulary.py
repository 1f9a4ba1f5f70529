"""What can be said of a simulator's states, how true it is, and states to say it of."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Vocabulary:
    """Everything that an encoder is aligned on and audited with.

    statements: K names of what can be true of a state.
    truth: states [n, nq] -> degree of each statement in [0, 1], float32 [n, K].
    sample: (rng, n, split, without) -> varied states [n, nq] that show none of the statements in
        `without`.
    looks: (rng, n, split) -> rows for the simulator's `look` hook, [n, look_size].
    captions: (held_out, without) -> texts and the statement that each says: those to train on, or
        the paraphrases kept for tests.
    splits: names of the splits; the first is for training, each other holds one thing out and
        `plain` is fresh states under the reward's own look.
    tasks: task name -> the statement that is its goal.
    motions: task name -> scripted motions from the task's start to its goal, qpos [M, T, nq], and
        how far along each of their states is, in [0, 1], [M, T].
    removable: statements that can be held out in training.
    through: (look rows, camera) -> the same looks seen through another camera of the simulator;
        None where that cannot be said.
    sweeps: what of the look an audit varies, by name, each as rows for the `look` hook,
        [m, look_size]; nothing where looks cannot be varied.
    """

    statements: tuple[str, ...]
    truth: Callable[[np.ndarray], np.ndarray]
    sample: Callable[[np.random.Generator, int, str, tuple[str, ...]], np.ndarray]
    looks: Callable[[np.random.Generator, int, str], np.ndarray]
    captions: Callable[[bool, tuple[str, ...]], tuple[tuple[str, ...], tuple[str, ...]]]
    splits: tuple[str, ...]
    tasks: dict[str, str]
    motions: Callable[[str], tuple[np.ndarray, np.ndarray]]
    removable: tuple[str, ...] = ()
    through: Callable[[np.ndarray, str], np.ndarray] | None = None
    sweeps: Callable[[], dict[str, np.ndarray]] = dict
