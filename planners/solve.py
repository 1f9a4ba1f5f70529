"""Solve tasks within a time-out that holds: a planner process that is killed with its children."""

import json
import os
import select
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from embodied.errors import EmbodiedError
from embodied.planners.engines import DEFAULT, find_engine
from embodied.planners.logic import holds
from embodied.planners.plan import Plan
from embodied.planners.task import Task

START_SECONDS = 300.0  # to import unified-planning: one second, many on a busy machine
_BOOT = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
_BOOT += "from embodied.planners.worker import serve; serve()"


def solve(task: Task, planner: str = DEFAULT, timeout: float = 60.0) -> Plan:
    """Solve one task; for several, keep a `Planner`, which starts its process once."""
    with Planner(planner) as open_planner:
        return open_planner.solve(task, timeout)


class Planner:
    """An engine, ready to solve. Use it in `with`, or call `close`.

    The process starts at the first task that needs it, and again after a time-out.
    """

    def __init__(self, name: str = DEFAULT) -> None:
        """Raises EmbodiedError for an unknown name, MissingDependency for a missing package."""
        self.name = name
        self.engine = find_engine(name)
        self._latest: tuple[Task, Plan] | None = None  # the last task with a plan
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: TemporaryDirectory[str] | None = None

    def solve(self, task: Task, timeout: float = 60.0) -> Plan:
        """The plan, validated.

        A task that is asked for again right after it was solved, as when a goal is first checked
        and then acted on, has the same answer at once.

        timeout: seconds of wall time for modelling, search and validation, without the start of the
            process. What runs longer is killed.
        """
        if not timeout > 0:
            raise EmbodiedError(f"the time-out must be above 0 seconds, not {timeout:g}")
        started = time.monotonic()
        common: dict[str, Any] = {"engine": self.name, "repairs": task.repairs}
        if holds(task, task.goal, task.init):
            seconds = time.monotonic() - started
            return Plan("solved", (), 0.0, True, True, seconds=seconds, **common)
        if self._latest is not None and self._latest[0] == task:
            seconds = time.monotonic() - started
            return replace(self._latest[1], seconds=seconds, cpu_seconds=seconds)
        self._start()
        started = time.monotonic()
        request = {"task": task.to_json(), "engine": self.engine.engine, "timeout": timeout}
        answer = self._ask(request | {"optimal": self.engine.optimal}, timeout)
        seconds = time.monotonic() - started
        if answer["status"] == "timeout":
            return Plan("timeout", seconds=seconds, reason=f"no answer in {timeout:g} s", **common)
        answer["actions"] = tuple(map(tuple, answer.get("actions", ())))
        plan = Plan(seconds=seconds, **common, **answer)
        if plan.solved:
            self._latest = task, plan
        return plan

    def close(self) -> None:
        """Kill the process and all its children, and remove their files."""
        process, self._process = self._process, None
        if process is not None:
            _kill_tree(process)
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self) -> None:
        if self._process is not None and self._process.poll() is None:
            return
        self.close()
        # Engines leave files in the working directory and in TMPDIR: they get a folder that goes.
        self._folder = TemporaryDirectory(prefix="embodied-planner-", ignore_cleanup_errors=True)
        paths = [os.path.abspath(path) for path in sys.path]
        with open(Path(self._folder.name, "stderr"), "wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _BOOT, json.dumps(paths)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=self._folder.name,
                env=os.environ | {"TMPDIR": self._folder.name},
                start_new_session=True,  # Ctrl-C is for us to hear
            )
        if self._read(START_SECONDS) is None:
            self.close()
            raise EmbodiedError(f"the planner did not start within {START_SECONDS:g} s")

    def _ask(self, request: dict[str, Any], timeout: float) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
            answer = self._read(timeout)
        except BaseException:
            self.close()
            raise
        if answer is None:
            self.close()
            return {"status": "timeout"}
        return answer

    def _read(self, timeout: float) -> dict[str, Any] | None:
        """The next answer; None if it does not come in time."""
        assert self._process is not None
        assert self._process.stdout is not None
        pipe = self._process.stdout.fileno()
        deadline = time.monotonic() + timeout
        text = b""
        while not text.endswith(b"\n"):
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([pipe], [], [], left)[0]:
                return None
            chunk = os.read(pipe, 1 << 16)
            if not chunk:
                assert self._folder is not None
                said = Path(self._folder.name, "stderr").read_text(errors="replace")
                self.close()
                raise RuntimeError(f"the planner process died:\n{said[-2000:]}")
            text += chunk
        return json.loads(text)


def _kill_tree(process: subprocess.Popen[bytes]) -> None:
    """Kill the process with its children, which have sessions of their own."""
    import psutil

    try:
        root = psutil.Process(process.pid)
        family = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        family = []
    for member in family:
        try:
            member.kill()
        except psutil.NoSuchProcess:
            continue
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
