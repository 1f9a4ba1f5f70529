"""A TensorBoard event file, written where it is called.

torch's SummaryWriter writes in a thread of its own, which meets a full disk with a traceback on
the terminal and loses its queue to a kill. Scalars need no more than these few records.
"""

# tensorboard makes its message classes when it is imported, where pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from io import BytesIO, FileIO
from pathlib import Path
from typing import Any


class EventFile:
    """A new event file in `folder`; TensorBoard hides what older ones hold from `purge_step` on.

    Raises:
        OSError: the disk is full or does not let us write; so do the methods.
    """

    def __init__(self, folder: Path, purge_step: int) -> None:
        from tensorboard.compat.proto.event_pb2 import Event, SessionLog

        folder.mkdir(parents=True, exist_ok=True)
        now = time.time()
        # TensorBoard reads a run's files in the order of their names.
        number = sum(1 for _ in folder.iterdir())
        name = f"events.out.tfevents.{int(now):010d}.{socket.gethostname()}.{number:06d}"
        self.file = open(folder / name, "xb", buffering=0)  # noqa: SIM115 (closed in close)
        self._write(Event(wall_time=now, file_version="brain.Event:2"))
        start = SessionLog(status=SessionLog.START)
        self._write(Event(wall_time=now, step=purge_step, session_log=start))

    def add_scalars(self, step: int, values: Mapping[str, float]) -> None:
        """Write one point of each named curve."""
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary

        points = [Summary.Value(tag=name, simple_value=value) for name, value in values.items()]
        self._write(Event(wall_time=time.time(), step=step, summary=Summary(value=points)))

    def close(self) -> None:
        """Close the file; everything is written already."""
        self.file.close()

    def _write(self, event: Any) -> None:
        from tensorboard.summary.writer.record_writer import RecordWriter

        record = BytesIO()
        RecordWriter(record).write(event.SerializeToString())
        write_all(self.file, record.getvalue())


def write_all(file: FileIO, data: bytes) -> None:
    """Write to an unbuffered file: a disk that is nearly full takes a part, and then refuses."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]
