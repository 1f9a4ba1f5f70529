"""Held-out numbers of an encoder, and what zero-shot means for one with two tasks held out.

python -m benchmarks.encoder                  the shipped encoder, on freshly drawn test pictures
python -m benchmarks.encoder --held-out-tasks aligns a second encoder without lotus and one-leg
                                              (15 minutes) and judges it on those two as well
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.machine import write_result
from embodied.cli import jsonable
from embodied.cli.align import Align, find_union, judge
from embodied.cli.align import run as align
from embodied.perception.embedded import DEFAULT_FOLDER, EmbeddedEncoder

HELD_OUT = ("lotus", "one-leg")


def shipped() -> dict[str, Any]:
    encoder = EmbeddedEncoder(DEFAULT_FOLDER)
    with tempfile.TemporaryDirectory() as folder:
        flags = Align(output_dir=folder, seed=1)
        return judge(encoder, find_union(flags.env), flags, ())


def without_tasks(frames: int, epochs: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        result = align(
            Align(
                output_dir=str(Path(folder) / "encoder"),
                frames=frames,
                epochs=epochs,
                without=",".join(HELD_OUT),
            )
        )
    plain = {
        words: result["held_out"][f"plain, {words} words"] for words in ("training", "held-out")
    }
    unseen = {
        task: {
            words: {
                which: {
                    "pairs": numbers[which]["pairs"][task],
                    "top": numbers[which]["top"][task],
                    "chance_top": numbers[which]["true"][task],
                }
                for which in ("trained", "untrained")
            }
            for words, numbers in plain.items()
        }
        for task in HELD_OUT
    }
    return {"frames": frames, "epochs": epochs, "unseen_tasks": unseen} | result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--held-out-tasks", action="store_true")
    parser.add_argument("--frames", type=int, default=60_000)
    parser.add_argument("--epochs", type=int, default=6)
    arguments = parser.parse_args()
    if arguments.held_out_tasks:
        result = without_tasks(arguments.frames, arguments.epochs)
        result.pop("folder")
        write_result("encoder-held-out-tasks", jsonable(result))
        print(json.dumps(result["unseen_tasks"], indent=1))
    else:
        write_result("encoder", jsonable(shipped()))


if __name__ == "__main__":
    main()
