"""A thread that works until it is closed."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Worker:
    """Runs `work` in a thread of its own from `start` to `close`.

    changed: what the thread waits on, and what guards what it shares with others. ended: whether
    it is to stop; `work` looks at it. error: what ended `work` before that, for the main thread.
    """

    def __init__(self, name: str, work: Callable[[], None]):
        self.changed = threading.Condition(threading.RLock())
        self.ended = False
        self.error: BaseException | None = None
        self._work = work
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        with self.changed:
            self.ended = True
            self.changed.notify_all()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:  # noqa: BLE001, the main thread raises it again
            self.error = error
