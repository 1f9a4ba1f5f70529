"""A tree comes back as it went in: values, types, dtypes, order of keys."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from embodied.errors import EmbodiedError
from embodied.runs.tree import load_tree, read_tensors, save_tree, write_tensors

TORCH_DTYPES = [
    torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.float8_e4m3fn,
    torch.float8_e5m2, torch.complex64, torch.complex128, torch.bool, torch.int8, torch.int16,
    torch.int32, torch.int64, torch.uint8, torch.uint16, torch.uint32, torch.uint64,
]  # fmt: skip
NUMPY_DTYPES = ["?", "i1", "<i2", ">i4", "<i8", "u1", "<u2", ">u4", "<u8",
                "<f2", "<f4", ">f8", "<f8", "<c8", "<c16"]  # fmt: skip


def same(a: Any, b: Any) -> bool:
    """Equal to the last bit; NaN equals NaN, 1 does not equal True or 1.0."""
    if type(a) is not type(b):
        return False
    if isinstance(a, torch.Tensor):
        return a.dtype == b.dtype and a.shape == b.shape and bits(a) == bits(b)
    if isinstance(a, np.ndarray | np.generic):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, dict):
        return same(list(a.items()), list(b.items()))
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, float):
        return (math.isnan(a) and math.isnan(b)) or (
            a == b and math.copysign(1, a) == math.copysign(1, b)
        )
    return a == b


def bits(tensor: torch.Tensor) -> bytes:
    return tensor.contiguous().flatten().view(torch.uint8).numpy().tobytes()


@st.composite
def tensors(draw: st.DrawFn) -> torch.Tensor:
    dtype = draw(st.sampled_from(TORCH_DTYPES))
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
    raw = np.frombuffer(draw(st.binary(min_size=64, max_size=64)), np.uint8)
    count = math.prod(shape) * dtype.itemsize
    if dtype is torch.bool:
        raw = raw % 2
    return (
        torch.tensor(np.resize(raw, count).tolist(), dtype=torch.uint8).view(dtype).reshape(shape)
    )


arrays = st.sampled_from(NUMPY_DTYPES).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0))
)
scalars = st.sampled_from(NUMPY_DTYPES).map(np.dtype).flatmap(hnp.from_dtype)
text = st.text(st.characters(exclude_categories=[]), max_size=8) | st.sampled_from(
    ["$tensor", "$dict", "__metadata__", "a/b", ""]
)
plain = st.none() | st.booleans() | st.integers(-(2**130), 2**130) | st.floats() | text
keys = st.recursive(plain, lambda k: st.lists(k, max_size=2).map(tuple), max_leaves=3)
trees = st.recursive(
    plain | tensors() | arrays | scalars,
    lambda t: (
        st.lists(t, max_size=4)
        | st.lists(t, max_size=4).map(tuple)
        | st.dictionaries(text, t, max_size=4)
        | st.dictionaries(keys, t, max_size=4)
    ),
    max_leaves=10,
)


@settings(max_examples=150, deadline=None)
@given(tree=trees)
def test_any_tree_round_trips(tree: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        stem = Path(folder) / "a.b"
        save_tree(stem, tree)
        assert same(load_tree(stem), tree)
        assert sorted(p.name for p in Path(folder).iterdir()) == ["a.b.json", "a.b.safetensors"]


def test_optimizer_state_goes_on_the_same(tmp_path: Path) -> None:
    def make() -> tuple[torch.nn.Module, torch.optim.Optimizer]:
        torch.manual_seed(0)
        net = torch.nn.Linear(3, 2)
        return net, torch.optim.Adam(net.parameters(), lr=0.1, amsgrad=True)

    def step(net: torch.nn.Module, optimizer: torch.optim.Optimizer) -> None:
        optimizer.zero_grad()
        net(torch.ones(4, 3)).square().sum().backward()
        optimizer.step()

    net, optimizer = make()
    step(net, optimizer)
    save_tree(tmp_path / "both", {"net": net.state_dict(), "optimizer": optimizer.state_dict()})
    step(net, optimizer)

    other, other_optimizer = make()
    loaded = load_tree(tmp_path / "both")
    other.load_state_dict(loaded["net"])
    other_optimizer.load_state_dict(loaded["optimizer"])
    step(other, other_optimizer)
    assert torch.equal(net.weight, other.weight)  # type: ignore[arg-type]


def test_views_shared_and_odd_layouts(tmp_path: Path) -> None:
    base = torch.arange(12.0).reshape(3, 4)
    numbers = np.arange(12, dtype=np.int16).reshape(3, 4)
    numbers.flags.writeable = False
    tree = {
        "whole": base, "again": base, "part": base[1:, ::2], "turned": base.T,
        "expanded": torch.ones(1).expand(5), "parameter": torch.nn.Parameter(torch.ones(2)),
        "backwards": numbers[::-1, ::-1], "fortran": np.asfortranarray(numbers),
        "conjugate": torch.tensor([1 + 2j]).conj(), "one": numbers[:1][::-1],
    }  # fmt: skip
    save_tree(tmp_path / "views", tree)
    loaded = load_tree(tmp_path / "views")
    for name in ("whole", "again", "part", "turned", "expanded", "parameter", "conjugate"):
        assert torch.equal(loaded[name], tree[name].detach().resolve_conj()), name
    for name in ("backwards", "fortran", "one"):
        assert np.array_equal(loaded[name], tree[name]), name
    loaded["whole"][0, 0] = 99  # loaded tensors and arrays are free to change
    loaded["fortran"][0, 0] = 99
    assert loaded["again"][0, 0] == 0
    assert numbers[0, 0] == 0


def test_keys_that_collide_as_names(tmp_path: Path) -> None:
    tree = {"a": {1: torch.tensor(1), "1": torch.tensor(2)}, "a/1": torch.tensor(3),
            "__metadata__": torch.tensor(4), "\ud800": np.float32(5)}  # fmt: skip
    save_tree(tmp_path / "names", tree)
    assert same(load_tree(tmp_path / "names"), tree)


@pytest.mark.parametrize(
    "leaf",
    [
        object(),
        {1, 2},
        b"bytes",
        np.array(["text"]),
        np.array([None]),
        np.array([1], np.longdouble),
        np.ma.masked_array([1, 2], [True, False]),
        torch.eye(2).to_sparse(),
        {torch.tensor(1): 1},
        torch.Size([1]),
    ],
    ids=lambda leaf: type(leaf).__name__,
)
def test_what_cannot_be_saved_is_named(tmp_path: Path, leaf: Any) -> None:
    with pytest.raises(TypeError, match="state/1"):
        save_tree(tmp_path / "tree", {"state": [0, leaf]})


@pytest.mark.filterwarnings("ignore:ComplexHalf")
def test_a_dtype_that_safetensors_lacks_is_named(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"state/half: .*complex32"):
        save_tree(tmp_path / "tree", {"state": {"half": torch.zeros(2, dtype=torch.complex32)}})


@pytest.mark.parametrize("suffix", ["json", "safetensors"])
@pytest.mark.parametrize("damage", ["missing", "truncated", "empty"])
def test_damage_is_one_line(tmp_path: Path, suffix: str, damage: str) -> None:
    save_tree(tmp_path / "tree", {"a": torch.ones(100), "b": (1, 2)})
    path = tmp_path / f"tree.{suffix}"
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[: -10 if damage == "truncated" else 0])
    with pytest.raises(EmbodiedError, match=f"tree.{suffix}") as error:
        load_tree(tmp_path / "tree")
    assert "\n" not in str(error.value)


def test_tensor_files_follow_the_folder_s_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    write_tensors(tmp_path / "a.safetensors", {"a": torch.ones(2)})
    assert (tmp_path / "a.safetensors").stat().st_mode & 0o777 == 0o644
    assert torch.equal(read_tensors(tmp_path / "a.safetensors")["a"], torch.ones(2))
