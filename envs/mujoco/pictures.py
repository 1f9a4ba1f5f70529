"""Pictures of a simulator's states with the truth of every statement: what `align` learns from."""

from collections.abc import Iterator

import numpy as np

from embodied.envs.mujoco.render_pool import RenderPool
from embodied.envs.simulator import Simulator

CHUNK = 2000


def draw(
    simulator: Simulator,
    split: str,
    start: int,
    stop: int,
    size: int,
    seed: int,
    without: tuple[str, ...] = (),
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pictures start..stop of a split: chunks of frames uint8 [c, size, size, 3], truth [c, K].

    Every `CHUNK` pictures have their own random stream, so that an interrupted drawing goes on
    from a multiple of it as if nothing had happened.
    """
    words = simulator.vocabulary()
    with RenderPool(
        simulator.model_path,
        CHUNK,
        simulator.load().nq,
        size,
        size,
        camera=simulator.camera,
        look=simulator.look,
        look_size=simulator.look_size,
    ) as pool:
        for first in range(start, stop, CHUNK):
            rng = np.random.default_rng([seed, words.splits.index(split), first])
            count = min(CHUNK, stop - first)
            qpos = words.sample(rng, count, split, without)
            pool.submit(qpos, words.looks(rng, count, split))
            degrees = words.truth(qpos)  # while the workers draw
            yield pool.collect(), degrees
