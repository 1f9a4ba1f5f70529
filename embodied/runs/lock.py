"""One writer at a time for a folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from embodied.errors import EmbodiedError
from embodied.runs import disk

LOCK = ".lock"


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Be the only one that writes into an existing folder; whoever only reads needs no lock.

    The kernel lets go of the lock when the process ends, however it ends.

    Raises:
        EmbodiedError: another process holds the folder.
    """
    with disk.clear_errors(folder):
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(descriptor, 32, 0).decode().strip() or "unknown"
            raise EmbodiedError(
                f"{folder} is being trained by another process (pid {holder}): "
                "stop it, or choose another --output-dir"
            ) from error
        with disk.clear_errors(folder):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        try:
            yield
        finally:
            # Said aloud, because forked workers that still live share the descriptor.
            fcntl.flock(descriptor, fcntl.LOCK_UN)
    finally:
        os.close(descriptor)
