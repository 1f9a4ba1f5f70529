"""Ctrl-C as a request: the first one asks the loop to save and stop, the second one insists."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType, TracebackType
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class GracefulInterrupt:
    """While entered, the first SIGINT or SIGTERM only sets `requested`.

        with GracefulInterrupt() as interrupt:
            while not interrupt.requested and step < total_steps:
                ...
            save_checkpoint(...)

    The second one raises KeyboardInterrupt wherever the program is. The handlers of before are
    back on leaving. Python delivers signals to the main thread only: entered in another thread,
    this changes nothing and `requested` stays False.
    """

    def __init__(self) -> None:
        self.signum: int | None = None
        """The first signal that came: `128 + signum` is the customary exit code."""
        self._before: dict[signal.Signals, Any] = {}
        self._pid = os.getpid()

    @property
    def requested(self) -> bool:
        """Whether somebody asked the program to stop."""
        return self.signum is not None

    def __enter__(self) -> GracefulInterrupt:
        self._pid = os.getpid()
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            # None stands for a handler that was not set from Python, which we cannot name.
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        self._before.clear()

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if os.getpid() != self._pid:
            # A forked worker inherits this handler: it stays for Ctrl-C, as the loop in the
            # parent still needs it, but must die when the parent terminates it.
            if number == signal.SIGTERM:
                signal.signal(number, signal.SIG_DFL)
                os.kill(os.getpid(), number)
        elif self.signum is None:
            self.signum = number
        else:
            raise KeyboardInterrupt
