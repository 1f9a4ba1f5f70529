"""Two pieces of tensor work at once, each on a core of its own."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import Any

import torch


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch on one thread within the block.

    The networks here are so small that an operation split over threads spends its time in waiting
    for the slowest of them, the more so where renderers want the cores too.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def side_by_side(one: Callable[[], Any], other: Callable[[], Any]) -> None:
    """Run both, to be called within `one_thread`; returns when both are done.

    The numbers do not depend on it: no operation is split.
    """
    if (os.cpu_count() or 1) < 2:
        one()
        other()
        return
    future = _helper().submit(_without_gradients, other)
    try:
        one()
    finally:
        future.result()  # the buffers of both are free again, whatever happened


def _without_gradients(work: Callable[[], Any]) -> None:
    with torch.no_grad():  # a thread has a mode of its own
        work()


@cache
def _helper() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "learner", initializer=lambda: torch.set_num_threads(1))
