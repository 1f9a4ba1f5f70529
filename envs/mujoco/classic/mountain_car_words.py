"""The mountain car's vocabulary, of both looks: what an encoder is aligned on and audited with."""

import numpy as np

from embodied.envs.degrees import both, ramp
from embodied.envs.mujoco.classic.looks import MOUNTAIN_CAR, split_looks
from embodied.envs.mujoco.classic.mountain_car import (
    LEFT,
    PEAK,
    RIGHT,
    MountainCarState,
    height,
    qpos_at,
    state_from_qpos,
    steepness,
)
from embodied.envs.mujoco.classic.words import (
    OTHER_WORLDS,
    OTHER_WORLDS_HELD_OUT,
    SPLITS,
    Statement,
    captions_of,
    truth_of,
)
from embodied.envs.vocabulary import Vocabulary

State = MountainCarState

STATEMENTS: dict[str, Statement] = {
    "peak": Statement(  # the square: halfway up is not half true
        lambda s: ramp(s.place, -0.6, 0.5) ** 2,
        (
            "a car at the peak of the mountain, next to the yellow flag",
            "a car at the top of the mountain",
            "a car next to the yellow flag",
            "the car has reached the flag",
            "a car at the peak, beside the flag",
        ),
        (
            "the car is on the summit beside the yellow flag",
            "a vehicle on top of the mountain",
            "the car arrived at the flag",
        ),
    ),
    "near the flag": Statement(
        lambda s: ramp(s.place, -1.0, 0.5),
        ("the car is close to the flag", "the car is getting near the yellow flag"),
        ("only a short way from the flag",),
    ),
    "far from the flag": Statement(
        lambda s: ramp(s.place, 0.2, -0.9),
        ("the car is far away from the flag", "a long way from the yellow flag"),
        ("the flag is far off",),
    ),
    "valley": Statement(
        lambda s: ramp(np.abs(s.place + PEAK), 0.5, 0.1),
        ("a car in the valley", "a car at the bottom of the mountain", "a car between two hills"),
        ("the car is down in the valley", "a vehicle at the lowest point of the road"),
    ),
    "flag slope": Statement(
        lambda s: both(ramp(s.place, -0.45, -0.2), ramp(s.place, 0.5, 0.2)),
        ("a car on the right slope", "a car driving up towards the flag"),
        ("the car is on the hillside below the flag",),
    ),
    "left slope": Statement(
        lambda s: ramp(s.place, -0.6, -0.9),
        ("a car on the left slope", "a car on the hill opposite the flag"),
        ("the car is on the left hillside",),
    ),
    "left wall": Statement(
        lambda s: ramp(s.place, -0.95, -1.17),
        ("a car at the wall on the left", "a car at the left end of the road"),
        ("the car stands at the far left",),
    ),
    "high": Statement(
        lambda s: ramp(height(s.place), 0.25, 0.98),
        ("a car high up", "a car high above the valley"),
        ("the car is at a great height",),
    ),
    "nose up": Statement(
        lambda s: ramp(steepness(s.place), 0.15, 0.6),
        ("the nose of the car points up", "a car facing uphill"),
        ("the front of the car is raised",),
    ),
    "nose down": Statement(
        lambda s: ramp(steepness(s.place), -0.15, -0.6),
        ("the nose of the car points down", "a car facing downhill"),
        ("the front of the car is lowered",),
    ),
    "level": Statement(
        lambda s: ramp(np.abs(steepness(s.place)), 0.5, 0.1),
        ("the car stands level", "a car on flat ground"),
        ("the car is horizontal",),
    ),
    # What an encoder must know to be true of all pictures, and of none.
    "mountain car": Statement(
        lambda s: np.ones_like(s.place),
        ("a car in the mountain", "a car in the mountains", "a car and a flag", "a small car"),
        ("a vehicle in a hilly landscape",),
    ),
    "no mountain car": Statement(
        lambda s: np.zeros_like(s.place),
        (*OTHER_WORLDS, "pole and cart", "a cart with a pole"),
        OTHER_WORLDS_HELD_OUT,
    ),
}


def truth(qpos: np.ndarray) -> np.ndarray:
    """Degree of every statement for qpos [n, 3]: float32 [n, K]."""
    return truth_of(STATEMENTS, state_from_qpos(qpos))


def sample(rng: np.random.Generator, n: int, split: str, without: tuple[str, ...]) -> np.ndarray:
    """Cars all along the road, more often near the top, qpos [n, 3]."""
    place = np.where(rng.random(n) < 0.25, rng.uniform(0.2, RIGHT, n), rng.uniform(LEFT, RIGHT, n))
    return qpos_at(place)


def motions(task: str) -> tuple[np.ndarray, np.ndarray]:
    """Drives to the flag from the valley, both slopes and the wall: qpos [M, T, 3] and progress
    [M, T] from 0 to 1."""
    progress = np.linspace(0, 1, 20)
    starts = (-1.1, -0.8, -0.52, -0.3)
    ways = [qpos_at(start + (PEAK - start) * progress) for start in starts]
    return np.array(ways), np.tile(progress, (len(ways), 1))


VOCABULARY = Vocabulary(
    statements=tuple(STATEMENTS),
    truth=truth,
    sample=sample,
    looks=lambda rng, n, split: split_looks(MOUNTAIN_CAR, rng, n, split),
    captions=lambda held_out, without: captions_of(STATEMENTS, held_out),
    splits=SPLITS,
    tasks={"mountain-car": "peak", "mountain-car-plain": "peak"},
    motions=motions,
)
