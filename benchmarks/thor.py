"""Steps per second of ThorEnv against ai2thor's bare controller.

    python -m benchmarks.thor [--rounds 150] [--steps 20] [--size 300]

On the stand-in for Unity (tests/envs/thor/standin), since Unity itself cannot be had here: what is
measured is the client's side, for a Unity that answers in about 10 ms. Both protocols; for each,
one environment and one bare controller, each with its own stand-in, take turns of the same random
walk, and change who goes first. The ratio is the median over the rounds. Then Unity is killed with
signal 9 several times, and the time of the next step measured: to notice, to start, to restore.
Writes benchmarks/results/thor.json.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median, quantiles
from typing import Any, NamedTuple

import numpy as np

from benchmarks.machine import write_result
from embodied.envs.thor.actions import ACTIONS, encode
from embodied.envs.thor.env import ThorEnv

STANDIN = Path(__file__).parent.parent / "tests" / "envs" / "thor" / "standin" / "unity"
WALK = ("MoveAhead", "MoveAhead", "RotateLeft", "RotateRight", "LookUp", "LookDown")
TARGET = 0.95
KILLS = 5


def bare(protocol: str, size: int) -> Any:
    """The controller as its users start it; each step gives an event with frame and metadata."""
    from ai2thor.controller import Controller
    from ai2thor.fifo_server import FifoServer
    from ai2thor.wsgi_server import WsgiServer

    server = {"fifo": FifoServer, "wsgi": WsgiServer}[protocol]
    return Controller(
        local_executable_path=str(STANDIN),
        x_display=":0",
        server_class=server,
        scene="FloorPlan1",
        width=size,
        height=size,
    )


class Rate(NamedTuple):
    """Steps per second, and this process's own CPU time for one, in ms."""

    wall: float
    cpu_ms: float


def timed(step: Callable[[Any], Any], actions: Sequence[Any]) -> Rate:
    wall, cpu = time.perf_counter(), time.process_time()
    for action in actions:
        step(action)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Rate(len(actions) / wall, 1000 * cpu / len(actions))


def compare(protocol: str, rounds: int, steps: int, size: int) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    env = ThorEnv(
        executable=str(STANDIN), protocol=protocol, width=size, height=size, max_steps=10**9
    )
    found: list[tuple[Rate, Rate]] = []
    controller = bare(protocol, size)
    with closing(env):
        env.reset(seed=0)
        for turn in range(-1, rounds):  # the first one warms up
            walk = [str(name) for name in rng.choice(WALK, steps)]
            sides = [(env.step, [encode(name) for name in walk]), (controller.step, walk)]
            first = turn % 2
            rates = [timed(*sides[first]), timed(*sides[1 - first])]
            ours, theirs = rates[first], rates[1 - first]
            if turn >= 0:
                found.append((ours, theirs))
        controller.stop()
        seconds = [killed(env) for _ in range(KILLS)]
    ratios = [ours.wall / theirs.wall for ours, theirs in found]
    ratio = median(ratios)
    return {
        "ours": round(median(ours.wall for ours, _ in found), 1),
        "bare": round(median(theirs.wall for _, theirs in found), 1),
        "ratio": round(ratio, 3),
        "reached": ratio >= TARGET,
        "ratio_quartiles": [round(value, 3) for value in quantiles(ratios)],
        "client_cpu_ms": {
            "ours": round(median(ours.cpu_ms for ours, _ in found), 2),
            "bare": round(median(theirs.cpu_ms for _, theirs in found), 2),
        },
        "rounds": rounds,
        "steps_in_a_round": steps,
        "seconds_after_kill": round(median(seconds), 2),
    }


def killed(env: ThorEnv) -> float:
    """Seconds that the next step takes when Unity has been killed."""
    os.kill(env.session.pid or 0, signal.SIGKILL)
    started = time.perf_counter()
    info = env.step(encode(ACTIONS[0]))[4]
    assert info["lost"] == ()
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=150)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--size", type=int, default=300)
    arguments = parser.parse_args()
    os.environ["STANDIN_PYTHON"] = sys.executable
    load = round(os.getloadavg()[0], 1)
    result: dict[str, Any] = {
        "command": "python -m benchmarks.thor",
        "unity": "stand-in (tests/envs/thor/standin): AI2-THOR's own build cannot be had here",
        "unit": "steps per second, frames of " + f"{arguments.size} x {arguments.size}",
        "target": TARGET,
    }
    for protocol in ("fifo", "wsgi"):
        result[protocol] = compare(protocol, arguments.rounds, arguments.steps, arguments.size)
        row = result[protocol]
        print(f"{protocol}: ours {row['ours']}, bare {row['bare']}, ratio {row['ratio']}")
    result["load_average"] = {"before": load, "after": round(os.getloadavg()[0], 1)}
    print(write_result("thor", result))


if __name__ == "__main__":
    main()
