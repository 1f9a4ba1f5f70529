"""Kills writers of checkpoints with SIGKILL, before every call to the disk and at random.

After each kill the newest checkpoint must be whole and no older than the last one whose
`save_checkpoint` returned. Run by test_checkpoint.py: torch is imported once, children fork.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import torch
from test_checkpoint import names, save, step_of

from embodied.runs.checkpoint import latest_checkpoint
from embodied.runs.folder import RunFolder


def in_child(work: Callable[[Callable[[int], None]], None], kill_after: float | None) -> list[int]:
    """Run `work(say)` in a fork, kill it after some seconds; what it said."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        work(lambda step: void(os.write(writer, b"%d\n" % step)))
        os._exit(0)
    os.close(writer)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    with os.fdopen(reader) as said:
        steps = [int(line) for line in said]
    os.waitpid(child, 0)
    return steps


def void(_: object) -> None:
    return None


def check(root: Path, at_least: int, at_most: int | None = None) -> int:
    """The newest step, after what a resume does: open, lock, look."""
    run = RunFolder.open(root)
    with run.lock():
        step = step_of(latest_checkpoint(run))
        left = [name for name in names(run.checkpoints) if name.startswith(".")]
    assert not left, left
    assert step >= at_least, (step, at_least)
    assert at_most is None or step <= at_most, (step, at_most)
    return step


def before_every_call(folder: Path, first: int, second: int) -> int:
    """Kill the save of `second`, with `first` there, before its 1st, 2nd, … call; how many."""
    calls = [(os, n) for n in ("fsync", "rename", "replace", "symlink", "unlink", "rmdir", "mkdir")]
    for number in range(1, 1000):
        root = folder / f"call-{second}-{number}"
        run = RunFolder.create(root, {})
        save(run, first)

        def work(say: Callable[[int], None], run: RunFolder = run, number: int = number) -> None:
            left = number

            def counted(original: Callable[..., object]) -> Callable[..., object]:
                def call(*args: object, **kwargs: object) -> object:
                    nonlocal left
                    left -= 1
                    if left == 0:
                        os.kill(os.getpid(), signal.SIGKILL)
                    return original(*args, **kwargs)

                return call

            for module, name in calls:
                setattr(module, name, counted(getattr(module, name)))
            save(run, second, keep=1)
            say(second)

        done = in_child(work, kill_after=None)
        check(root, at_least=second if done else first, at_most=second)
        shutil.rmtree(root)
        if done:
            return number - 1
    raise AssertionError("it never came to an end")


def at_random(folder: Path, kills: int) -> int:
    """Kill a loop of saves at random moments, each time taking up where it was; the last step."""
    root = folder / "random"
    run = RunFolder.create(root, {})
    save(run, 0)
    newest = 0

    def work(say: Callable[[int], None]) -> None:
        for step in range(newest + 1, newest + 10_000):
            save(run, step, size=20_000)
            say(step)

    for _ in range(kills):
        said = in_child(work, kill_after=random.uniform(0.005, 0.15))
        newest = check(root, at_least=max(said, default=newest))
    return newest


if __name__ == "__main__":
    torch.set_num_threads(1)
    random.seed(0)
    place = Path(sys.argv[1])
    new = before_every_call(place, 1, 2)
    same = before_every_call(place, 2, 2)
    assert new > 10, new
    assert same > new - 10, same
    print(f"whole after kills before {new} + {same} calls and at random, up to step", end=" ")
    print(at_random(place, kills=15))
