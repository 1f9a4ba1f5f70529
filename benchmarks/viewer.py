"""Does `embodied view` keep its pace, and does it stay as large as it was?

    python -m benchmarks.viewer [--env humanoid-kneel] [--minutes 10] [--connects 100]
        [--only pace|connects] [--json]

Runs the viewer as a user does, in a process of its own with the reward on, and looks at it over the
websocket as browsers do (readers that take every message; they draw nothing, as a browser with a
GPU takes no CPU from the simulation either):

pace      two readers for `--minutes`; share of late steps, time of a step, rewards a second, states
          dropped, bytes that a reader takes, and the memory of the viewer's process and renderer.
connects  so many browsers come and go, one after the other, and again as many: memory before the
          first, after them, and after the second. What leaks grows both times.

Late is a step that ends after the next one was due. Writes benchmarks/results/viewer.json; with
`--only` the other part stays as it was.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from benchmarks.machine import RESULTS, write_result

EVERY = 5.0
"""Seconds between two looks at the memory."""
SETTLED = 60.0
"""Seconds after which the memory is taken as the viewer's own."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # pyright: ignore[reportOptionalMemberAccess]
    parser.add_argument("--env", default="humanoid-kneel")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--connects", type=int, default=100)
    parser.add_argument("--only", choices=("pace", "connects"))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    file = RESULTS / "viewer.json"
    kept = json.loads(file.read_text()) if options.only and file.exists() else {}
    result = {part: kept[part] for part in ("pace", "connects") if part in kept}
    run = {
        "command": f"python -m benchmarks.viewer {' '.join(sys.argv[1:])}".strip(),
        "env": options.env,
        "load_before": os.getloadavg()[0],
    }
    if options.only != "connects":
        result["pace"] = run | pace(options.env, 60 * options.minutes)
    if options.only != "pace":
        result["connects"] = run | connects(options.env, options.connects)
    path = write_result("viewer", result)
    print(json.dumps(result) if options.json else f"{json.dumps(result, indent=2)}\n{path}")


def pace(env: str, seconds: float) -> dict[str, Any]:
    """Two readers for so long."""
    with viewer(env) as (process, port):
        readers = [Reader(port), Reader(port)]
        begin, memory = time.monotonic(), []
        while time.monotonic() < begin + seconds:
            time.sleep(min(EVERY, seconds / 10))
            memory.append((time.monotonic() - begin, *megabytes(process.pid)))
        for reader in readers:
            reader.close()
        numbers = end(process)
    settled = [row for row in memory if row[0] >= min(SETTLED, seconds / 2)]
    return numbers | {
        "seconds": seconds,
        "reader_kb_per_second": sum(r.received for r in readers) / len(readers) / seconds / 1000,
        "memory_mb": {
            "settled": settled[0][1],
            "end": settled[-1][1],
            "most": max(row[1] for row in memory),
            "renderer_end": settled[-1][2],
        },
        "memory_over_time_mb": [
            [round(at), round(own)] for at, own, _ in memory[:: max(len(memory) // 20, 1)]
        ],
    }


def connects(env: str, count: int) -> dict[str, Any]:
    """So many browsers, one after the other, twice; each takes the whole page."""
    memory = []
    with viewer(env) as (process, port):
        for visits in (0, count, count):
            for _ in range(visits):
                visit(port)
            time.sleep(SETTLED)
            memory.append(megabytes(process.pid)[0])
        end(process)
    return {
        "count": count,
        "memory_mb": memory,
        "grown_mb": [memory[1] - memory[0], memory[2] - memory[1]],
    }


@contextmanager
def viewer(env: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """`embodied view` on a free port, once it answers and scores."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "embodied", "view", "--env", env, "--port", str(port)]
    process = subprocess.Popen([*command, "--json"], stdout=subprocess.PIPE, text=True)
    try:
        while True:
            if process.poll() is not None:
                raise SystemExit("the viewer did not start")
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.2)
        time.sleep(5)
        yield process, port
    finally:
        process.kill()
        process.wait()


def end(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Ctrl-C, and what the viewer then prints."""
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    return json.loads(output.splitlines()[-1])


class Reader:
    """A browser that takes everything and draws nothing."""

    def __init__(self, port: int):
        self.received = 0
        self._socket = page(port)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._socket.close()
        self._thread.join()

    def _read(self) -> None:
        try:
            for message in self._socket:
                self.received += len(message)
        except ConnectionClosed:
            pass


def page(port: int) -> Any:
    import viser

    protocol: Any = f"viser-v{viser.__version__}"
    return connect(f"ws://127.0.0.1:{port}", subprotocols=[protocol], max_size=None)


def visit(port: int) -> None:
    with page(port) as socket_:
        for _ in range(3):
            socket_.recv()


def megabytes(pid: int) -> tuple[float, float]:
    """Resident memory of a process, and of its children together."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    children = {c for task in tasks for c in (task / "children").read_text().split()}
    return _resident(pid), sum(_resident(int(child)) for child in children)


def _resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
