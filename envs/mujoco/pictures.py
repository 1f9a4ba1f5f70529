"""Pictures of a simulator's states with the truth of every statement: what `align` learns from."""

from collections.abc import Iterator
from contextlib import nullcontext

import numpy as np

from embodied.envs.mujoco.render_pool import RenderPool
from embodied.envs.simulator import Simulator

CHUNK = 2000


def open_pool(simulator: Simulator, size: int) -> RenderPool:
    """Renderers of a simulator's states in all looks, at `size` pixels."""
    return RenderPool(
        simulator.model_path,
        CHUNK,
        simulator.load().nq,
        size,
        size,
        camera=simulator.camera,
        look=simulator.look,
        look_size=simulator.look_size,
    )


def draw(
    simulator: Simulator,
    split: str,
    start: int,
    stop: int,
    size: int,
    seed: int,
    without: tuple[str, ...] = (),
    pool: RenderPool | None = None,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pictures start..stop of a split: chunks of frames uint8 [c, size, size, 3], truth [c, K].

    Every `CHUNK` pictures have their own random stream, so that an interrupted drawing goes on
    from a multiple of it as if nothing had happened. `pool` is one of `open_pool`, to draw several
    splits with; without it there is one for this call.
    """
    words = simulator.vocabulary()
    with nullcontext(pool) if pool else open_pool(simulator, size) as pool:
        for first in range(start, stop, CHUNK):
            rng = np.random.default_rng([seed, words.splits.index(split), first])
            count = min(CHUNK, stop - first)
            qpos = words.sample(rng, count, split, without)
            pool.submit(qpos, words.looks(rng, count, split))
            degrees = words.truth(qpos)  # while the workers draw
            yield pool.collect(), degrees
