"""Writing so that a kill or a full disk at any moment leaves the old state or the new one.

Everything is first written under a name of its own (`.tmp-…`) next to its target, flushed to
the disk and then renamed. `recover` clears up after a writer that was killed in between.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from embodied.errors import EmbodiedError

TMP = ".tmp-"
OLD = ".old-"


def tmp_path(target: Path) -> Path:
    """The name beside `target` under which this process prepares it."""
    return target.with_name(f"{TMP}{target.name}-{os.getpid()}")


def write_bytes(path: Path, data: bytes) -> None:
    """Replace the file `path` by one that holds `data`, atomically.

    Raises:
        EmbodiedError: the disk is full or does not let us write; the old file is still there.
    """
    tmp = tmp_path(path)
    with clear_errors(path):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(tmp, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(tmp, path)
            fsync_folder(path.parent)
        finally:
            tmp.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    """Replace the file `path` by strict, indented JSON, atomically."""
    write_bytes(path, json_text(value).encode())


def json_text(value: Any) -> str:
    """Strict JSON (no NaN) for people: indented, with a newline at its end."""
    return json.dumps(value, indent=2, allow_nan=False) + "\n"


def read_json(path: Path) -> Any:
    """The value in the JSON file `path`.

    Raises:
        EmbodiedError: the file is missing or is no JSON.
    """
    with clear_errors(path, "read"):
        data = path.read_bytes()
    try:
        return json.loads(data)
    except ValueError as error:
        raise EmbodiedError(f"{path} is damaged: it is no JSON ({error})") from error


def replace_folder(new: Path, target: Path) -> None:
    """Put the finished folder `new` in the place of `target`.

    A folder cannot be renamed over one with files in it, so an old `target` steps aside first;
    `recover` brings it back if we are killed between the two renames.
    """
    old = target.with_name(OLD + target.name)
    if target.exists():
        os.rename(target, old)
    os.rename(new, target)
    fsync_folder(target.parent)
    if old.exists():
        remove_folder(old)


def remove_folder(folder: Path) -> None:
    """Delete a folder without ever showing half of it under its own name."""
    tmp = tmp_path(folder)
    os.rename(folder, tmp)
    shutil.rmtree(tmp)


def replace_link(link: Path, target: str) -> None:
    """Point the symbolic link `link` at `target` (relative to the link's folder), atomically.

    Raises:
        EmbodiedError: something that is not a link stands there.
    """
    if link.exists() and not link.is_symlink():
        raise EmbodiedError(f"{link} is meant to be a link, but is not: move it out of the way")
    tmp = tmp_path(link)
    tmp.unlink(missing_ok=True)
    os.symlink(target, tmp)
    os.replace(tmp, link)
    fsync_folder(link.parent)


def recover(folder: Path) -> None:
    """Clear `folder` of what killed writers left. Only for whoever holds the run's lock."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.name.startswith(OLD):
            original = path.with_name(path.name.removeprefix(OLD))
            if original.exists():
                remove_folder(path)
            else:
                os.rename(path, original)
        elif path.name.startswith(TMP):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()


def fsync_file(path: Path) -> None:
    """Wait until the file's bytes are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def fsync_folder(folder: Path) -> None:
    """Wait until the folder's names are on the disk."""
    fsync_file(folder)


@contextmanager
def clear_errors(path: Path, verb: str = "write") -> Iterator[None]:
    """Turn the operating system's refusal to read or write `path` into one line."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            hint = "free some space there and go on with --resume; what was saved before is intact"
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            hint = "choose a folder of your own with --output-dir"
        else:
            hint = "see that the path and its disk are in order"
        reason = (error.strerror or str(error)).lower()
        raise EmbodiedError(f"cannot {verb} {path}: {reason}; {hint}") from error
