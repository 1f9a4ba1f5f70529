"""The stand-in for Unity, watched: nothing of it may be left after a test."""

import contextlib
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

EXECUTABLE = str(Path(__file__).parent / "standin" / "unity")
RECORDED = Path("/work/shared/data/thor-object-metadata.json.gz")  # 146 scenes of AI2-THOR


class StandIn:
    """executable: what to give as Unity. faults: sets what goes wrong, see standin/faults.py."""

    executable = EXECUTABLE

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.log, self.patch = folder / "pids", patch
        self.log.touch()
        patch.setenv("STANDIN_PIDS", str(self.log))

    def faults(self, *faults: dict[str, Any]) -> None:
        self.patch.setenv("STANDIN_FAULTS", json.dumps(faults))

    def pids(self) -> list[int]:
        """Of all processes so far."""
        return [int(pid) for pid in self.log.read_text().split()]


@pytest.fixture
def standin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    pytest.importorskip("ai2thor", reason="needs the extra 'thor'")
    import ai2thor.controller  # noqa: F401, what it opens is not the test's

    for name in ("STANDIN_FAULTS", "STANDIN_SCENES", "EMBODIED_THOR_EXECUTABLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("STANDIN_PYTHON", sys.executable)
    monkeypatch.setenv("HOME", str(tmp_path))  # ai2thor writes logs there
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # and pipes here
    threads, files = set(threading.enumerate()), _connections()
    stand_in = StandIn(tmp_path, monkeypatch)
    yield stand_in
    assert all(map(has_ended, stand_in.pids()))
    assert set(threading.enumerate()) <= threads
    assert _connections() <= files
    assert list(tmp_path.rglob("*.pipe")) == []


@pytest.fixture(params=["fifo", "wsgi"])
def protocol(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def make_env(standin: StandIn) -> Iterator[Callable[..., Any]]:
    """Makes a small ThorEnv on the stand-in, and closes it."""
    from embodied.envs.thor.env import ThorEnv

    made: list[ThorEnv] = []

    def make(**changes: Any) -> ThorEnv:
        common = {"executable": standin.executable, "width": 64, "height": 48}
        common |= {"timeout": 60.0, "start_timeout": 60.0}
        made.append(ThorEnv(**common | changes))
        return made[-1]

    yield make
    for env in made:
        env.close()


def has_ended(pid: int) -> bool:
    """Whether a process is gone, or will be in a moment; also if nobody has waited for it yet."""
    for _ in range(100):
        try:
            status = Path(f"/proc/{pid}/stat").read_text()
        except FileNotFoundError:
            return True
        if status.rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


def _connections() -> set[str]:
    """The named pipes and sockets that this process has open."""
    found = set()
    for number in Path("/proc/self/fd").glob("*"):
        with contextlib.suppress(OSError):
            found.add(os.readlink(number))
    return {name for name in found if ".pipe" in name or name.startswith("socket:")}
