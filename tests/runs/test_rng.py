from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
import torch

from embodied.runs.rng import generator_state, rng_state, set_generator_state, set_rng_state
from embodied.runs.tree import load_tree, save_tree


def draws() -> list[float]:
    return [
        random.random(),
        random.gauss(0, 1),
        np.random.standard_normal(),  # noqa: NPY002 (the global one is what is tested)
        float(torch.randn(())),
    ]


def test_every_global_generator_goes_on_the_same(tmp_path: Path) -> None:
    before = rng_state()
    try:
        draws()  # leaves half of a Gaussian pair behind, which is state too
        save_tree(tmp_path / "rng_state", rng_state())
        expected = [draws() for _ in range(3)]
        random.seed(1)
        np.random.seed(1)  # noqa: NPY002
        torch.manual_seed(1)
        set_rng_state(load_tree(tmp_path / "rng_state"))
        assert [draws() for _ in range(3)] == expected
    finally:
        set_rng_state(before)


@pytest.mark.parametrize("kind", [np.random.PCG64, np.random.Philox, np.random.MT19937])
def test_generator_goes_on_the_same(tmp_path: Path, kind: type[np.random.BitGenerator]) -> None:
    generator = np.random.Generator(kind(3))
    generator.integers(5, dtype=np.uint32)  # leaves half a word behind
    save_tree(tmp_path / "generator", generator_state(generator))
    expected = generator.random(5).tolist(), generator.integers(9, size=5).tolist()
    other = np.random.Generator(kind(4))
    set_generator_state(other, load_tree(tmp_path / "generator"))
    assert (other.random(5).tolist(), other.integers(9, size=5).tolist()) == expected


def test_the_state_is_not_a_view_of_the_generator() -> None:
    generator = np.random.Generator(np.random.MT19937(3))
    state = generator_state(generator)
    first = generator.random(1000).tolist()
    set_generator_state(generator, state)
    assert generator.random(1000).tolist() == first


def test_state_of_another_kind_is_refused() -> None:
    state = generator_state(np.random.Generator(np.random.Philox(1)))
    with pytest.raises(ValueError, match="PCG64"):
        set_generator_state(np.random.default_rng(1), state)
