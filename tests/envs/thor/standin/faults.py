"""Faults of the stand-in, for tests: STANDIN_FAULTS is a JSON list of them.

    {"kind": "die", "on": "MoveAhead", "nth": 2, "life": 1}

kind: `die` (SIGKILL, as `kill -9`), `segfault` (signal 11), `exit` (code 3), `hang` (no answer),
    `garbage` (rubbish in place of a frame).
on: the action that sets it off, or `start`: before a word is said.
nth: at which of those actions of a process, from 1. life: only in this process, from 1; all of
them if left out.
"""

import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.envs.thor.standin.wire import Wire


class Faults:
    def __init__(self, faults: list[dict[str, Any]], life: int) -> None:
        self.faults, self.life = faults, life
        self.seen: Counter[str] = Counter()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Faults":
        life = 1
        if log := environment.get("STANDIN_PIDS"):
            with Path(log).open("a") as file:
                file.write(f"{os.getpid()}\n")
            life = len(Path(log).read_text().split())
        return cls(json.loads(environment.get("STANDIN_FAULTS", "[]")), life)

    def strike(self, action: str, wire: Wire | None) -> None:
        self.seen[action] += 1
        for fault in self.faults:
            nth, life = fault.get("nth", 1), fault.get("life", self.life)
            if (fault["on"], nth, life) == (action, self.seen[action], self.life):
                _do(fault["kind"], wire)


def _do(kind: str, wire: Wire | None) -> None:
    if kind == "exit":
        sys.exit(3)
    if kind in ("die", "segfault"):
        signal.signal(signal.SIGSEGV, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGKILL if kind == "die" else signal.SIGSEGV)
    if kind == "garbage" and wire is not None:
        wire.garbage()
    time.sleep(600)
