"""Trees of tensors and plain values, on disk as safetensors and JSON; never a pickle.

`save_tree(stem, tree)` writes `<stem>.safetensors` with the numbers and `<stem>.json` with the
rest. A tree is made of dict, list, tuple, torch tensors, numpy arrays and scalars, int, float,
str, bool and None; dict keys are plain values or tuples of them. In the JSON, what JSON has no
word for is an object with one `$` key:

    {"$tensor": name}                     a torch tensor
    {"$array": name, "dtype": "<f4"}      a numpy array; "$scalar" for a numpy scalar
    {"$tuple": [...]}, {"$dict": [[key, value], ...]}
    {"$int": "-0x1f"}, {"$float": "nan"}  integers beyond 2**53, numbers that are not finite
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from embodied.errors import EmbodiedError

if TYPE_CHECKING:
    import torch

# Readers in other languages hold a JSON number in a double: beyond this they would round it.
_LARGEST_JSON_INT = 2**53

# What safetensors knows by both names; complex128 goes as pairs of float64.
_COMMON = [
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float16", "float32", "float64", "complex64",
]  # fmt: skip
_NUMPY_DTYPES = frozenset([*_COMMON, "complex128"])
_TORCH_DTYPES = frozenset([*_COMMON, "bfloat16", "float8_e4m3fn", "float8_e5m2"])


def save_tree(stem: Path, tree: Any) -> None:
    """Write `tree` to `<stem>.safetensors` and `<stem>.json`.

    Tensors may be of any dtype that safetensors knows, and complex128; on load they lie on the
    CPU. Those that share memory are written once each.

    Raises:
        TypeError: a leaf is of a kind that a tree cannot hold; the message says where.
        OSError: the disk is full or does not let us write.
    """
    tensors: dict[str, torch.Tensor] = {}
    skeleton = _split(tree, (), tensors)
    write_tensors(_file(stem, "safetensors"), tensors)
    text = json.dumps(skeleton, allow_nan=False, separators=(",", ":"))
    _file(stem, "json").write_text(text + "\n", encoding="ascii")


def load_tree(stem: Path) -> Any:
    """The tree that `save_tree` wrote at `stem`, equal in every value, type and dtype.

    Raises:
        EmbodiedError: a file is missing or damaged.
    """
    tensors = read_tensors(_file(stem, "safetensors"))
    path = _file(stem, "json")
    try:
        return _join(json.loads(path.read_bytes()), tensors)
    except OSError as error:
        raise EmbodiedError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise EmbodiedError(f"{path} is damaged: {error!r}") from error


def write_tensors(path: Path, tensors: Mapping[str, torch.Tensor]) -> None:
    """Write named tensors of any device, layout in memory and sharing to a safetensors file.

    Raises:
        TypeError: a tensor is sparse, or safetensors does not know its dtype.
        OSError: the disk is full or does not let us write.
    """
    import torch
    from safetensors.torch import save_file

    prepared: dict[str, torch.Tensor] = {}
    seen: set[int] = set()
    for name, tensor in tensors.items():
        if tensor.layout is not torch.strided:
            raise TypeError(f"{name}: a {tensor.layout} tensor cannot be saved; make it dense")
        if str(tensor.dtype).removeprefix("torch.") not in _TORCH_DTYPES:
            raise TypeError(f"{name}: safetensors cannot hold a tensor of {tensor.dtype}")
        tensor = tensor.detach().resolve_conj().resolve_neg().cpu().contiguous()
        storage = tensor.untyped_storage().data_ptr()
        prepared[name] = tensor.clone() if storage in seen else tensor
        seen.add(storage)
    with _as_os_error(path):
        save_file(prepared, path)
    # save_file leaves the file to its owner alone; let it follow the umask, as its folder does.
    os.chmod(path, path.parent.stat().st_mode & 0o666)


def read_tensors(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a safetensors file, on the CPU and independent of the file.

    Raises:
        EmbodiedError: the file is missing or damaged.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return {name: tensor.clone() for name, tensor in load_file(path).items()}
    except OSError as error:
        raise EmbodiedError(f"cannot read {path}: {error.strerror or error}") from error
    except SafetensorError as error:
        raise EmbodiedError(f"{path} is damaged: {error}") from error


def _split(node: Any, path: tuple[str, ...], tensors: dict[str, torch.Tensor]) -> Any:
    """The JSON skeleton of `node`; its tensors go into `tensors` under names made of `path`."""
    import torch

    # numpy's float64 is a Python float too: numpy and torch come first.
    if isinstance(node, torch.Tensor):
        if node.dtype is torch.complex128:
            pairs = torch.view_as_real(node.detach().resolve_conj())
            return {"$tensor": _keep(pairs, path, tensors), "complex": True}
        return {"$tensor": _keep(node, path, tensors)}
    if type(node) in (np.ndarray, np.memmap) or isinstance(node, np.generic):
        array = np.asarray(node)
        name = _keep(_as_torch(array, path), path, tensors)
        kind = "$scalar" if isinstance(node, np.generic) else "$array"
        return {kind: name, "dtype": array.dtype.str}
    if node is None or type(node) in (bool, str):
        return node
    if type(node) is int:
        return node if abs(node) <= _LARGEST_JSON_INT else {"$int": hex(node)}
    if type(node) is float:
        return node if math.isfinite(node) else {"$float": repr(node)}
    if type(node) is list:
        return [_split(value, (*path, str(i)), tensors) for i, value in enumerate(node)]
    if type(node) is tuple:
        return {"$tuple": _split(list(node), path, tensors)}
    if isinstance(node, dict):
        values = [_split(value, (*path, str(key)), tensors) for key, value in node.items()]
        if all(type(key) is str and not key.startswith("$") for key in node):
            return dict(zip(node, values, strict=True))
        keys = [_split_key(key, path) for key in node]
        return {"$dict": [[key, value] for key, value in zip(keys, values, strict=True)]}
    raise TypeError(f"{_where(path)}: cannot save a {type(node).__module__}.{type(node).__name__}")


def _as_torch(array: np.ndarray, path: tuple[str, ...]) -> torch.Tensor:
    """The array's numbers as a tensor, without a copy where its memory allows it."""
    import torch

    if array.dtype.name not in _NUMPY_DTYPES:
        raise TypeError(f"{_where(path)}: cannot save an array of {array.dtype}")
    native = array.astype(array.dtype.newbyteorder("="), order="C", copy=False)
    if native.dtype == np.complex128:
        native = np.stack([np.real(native), np.imag(native)], axis=-1)
    if not native.flags.writeable or any(stride < 0 for stride in native.strides):
        native = native.copy()
    return torch.from_numpy(native)


def _split_key(key: Any, path: tuple[str, ...]) -> Any:
    found: dict[str, torch.Tensor] = {}
    skeleton = _split(key, (*path, "key"), found)
    if found:
        raise TypeError(f"{_where(path)}: a dict key must be a plain value, not {key!r}")
    return skeleton


def _keep(tensor: torch.Tensor, path: tuple[str, ...], tensors: dict[str, torch.Tensor]) -> str:
    """Put `tensor` into `tensors` under a free name that tells people where it is from."""
    # Lone surrogates have no UTF-8, and "__metadata__" is safetensors' own.
    stem = "/".join(path).encode("utf-8", "replace").decode() or "value"
    name, number = stem, 2
    while name in tensors or name == "__metadata__":
        name, number = f"{stem}#{number}", number + 1
    tensors[name] = tensor
    return name


def _join(node: Any, tensors: Mapping[str, torch.Tensor]) -> Any:
    """The tree whose skeleton is `node`."""
    if isinstance(node, list):
        return [_join(value, tensors) for value in node]
    if not isinstance(node, dict):
        return node
    if not any(key.startswith("$") for key in node):
        return {key: _join(value, tensors) for key, value in node.items()}
    tag = next(iter(node))
    value = node[tag]
    if tag == "$tensor":
        import torch

        return torch.view_as_complex(tensors[value]) if "complex" in node else tensors[value]
    if tag in ("$array", "$scalar"):
        dtype = np.dtype(node["dtype"])
        array = tensors[value].numpy()
        if dtype.kind == "c" and dtype.itemsize == 16:
            array = array.view(np.complex128)[..., 0]
        array = array.astype(dtype, copy=False)
        return array if tag == "$array" else array[()]
    if tag == "$tuple":
        return tuple(_join(value, tensors))
    if tag == "$dict":
        return {_join(key, tensors): _join(item, tensors) for key, item in value}
    if tag == "$int":
        return int(value, 16)
    if tag == "$float":
        return float(value)
    raise ValueError(f"unknown tag {tag!r}")


@contextmanager
def _as_os_error(path: Path) -> Iterator[None]:
    """safetensors tells of a full disk only in words; give the error number back its meaning."""
    from safetensors import SafetensorError

    try:
        yield
    except SafetensorError as error:
        match = re.search(r"\(os error (\d+)\)", str(error))
        if match is None:
            raise TypeError(f"{path.name}: {error}") from error
        number = int(match.group(1))
        raise OSError(number, os.strerror(number), str(path)) from error


def _file(stem: Path, suffix: str) -> Path:
    return stem.with_name(f"{stem.name}.{suffix}")


def _where(path: tuple[str, ...]) -> str:
    return "/".join(path) or "the tree"
