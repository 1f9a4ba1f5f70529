"""Adapting encoders: target before and after, and what became of everything else.

    python -m benchmarks.adapt [--shots 8] [--draw 3000] [--frames 2000] [--judge 100]

1. The shipped encoder learns eight wordings that it reads badly, from a few labelled frames each,
   by every method. Tests are on other frames.
2. A CLIP with random weights gets a head from the simulator's captions, two statements left out.

All on one thread of the CPU. The file of results says how many frames each part had. Rows already
in benchmarks/results/adapt.json are kept: a stopped benchmark goes on.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.machine import RESULTS, write_result
from embodied.cli.adapt import METHODS, Adapt, draw_probes, learn
from embodied.cli.adapt import run as adapt
from embodied.envs.mujoco.pictures import draw
from embodied.perception.adapt.folder import AdaptedEncoder
from embodied.perception.adapt.labelled import load_labelled, split
from embodied.perception.adapt.retention import judge_labels, measure, retention
from embodied.perception.encoder import load_encoder
from embodied.registry import ENVS

# Statement -> words of our own, on which the shipped encoder orders pictures worst.
WORDS = {
    "leaning forward": "bent over at the waist",
    "upside down": "head down, feet up",
    "arms forward": "arms out in front",
    "on back": "face up on the floor",
    "on front": "face down on the floor",
    "one arm raised": "a single hand up",
    "crouching": "crouched low on its feet",
    "sitting": "sat down on the floor",
}
TEST_EACH = 50
SIDE = 112
LEFT_OUT = "lotus,one-leg"


def label_frames(folder: Path, drawn: int, most: int) -> dict[str, int]:
    """Sub-folders of frames of which one of the words is true and none of the others.

    drawn: pictures to look through. most: frames for each word. Returns how many each word got.
    """
    simulator = ENVS.load("humanoid-kneel").simulator
    statements = simulator.vocabulary().statements
    columns = [statements.index(name) for name in WORDS]
    counts = dict.fromkeys(WORDS.values(), 0)
    for frames, truth in draw(simulator, "plain", 0, drawn, SIDE, 100):
        true = truth[:, columns] > 0.5
        clear = (true.sum(1) == 1) & ((truth[:, columns] > 0.2).sum(1) == 1)
        for index in np.flatnonzero(clear):
            text = list(WORDS.values())[int(true[index].argmax())]
            if counts[text] >= most:
                continue
            path = folder / text
            path.mkdir(parents=True, exist_ok=True)
            Image.fromarray(frames[index]).save(path / f"{counts[text]:04d}.png")
            counts[text] += 1
    print(json.dumps(counts), flush=True)
    return counts


def few_shots(
    vlm: str, frames: Path, folder: Path, shots: list[int], judge: int, rows: dict[str, Any]
) -> Iterator[None]:
    """Every method with every number of labelled frames for each word, into `rows` one by one."""
    labelled = load_labelled(frames)
    base = load_encoder(vlm, "cpu")
    probes = list(draw_probes(Adapt(vlm, "", judge_frames=judge), base.image_size))
    before = measure(base, probes)
    for method in METHODS:
        for count in shots:
            if f"{method}, {count}" in rows:
                continue
            start = time.perf_counter()
            train, test = split(labelled, count, 0)
            config = Adapt(vlm, "", method=method, labelled=str(frames), shots=count, json=True)
            base = load_encoder(vlm, "cpu")  # LoRA is merged into its weights
            old = judge_labels(base, test)
            recipe, learned = learn(config, base, train, folder / f"{method}-{count}")
            adapted = AdaptedEncoder(base, recipe, learned, method)
            rows[f"{method}, {count}"] = row = {
                "trained_on": len(train),
                "before": old,
                "after": judge_labels(adapted, test),
                "retention": retention(before, measure(adapted, probes, before), probes),
                "seconds": round(time.perf_counter() - start, 1),
            }
            print(method, count, json.dumps(row), flush=True)
            yield


def head_on_captions(vlm: str, folder: Path, frames: int, judge: int) -> dict[str, Any]:
    start = time.perf_counter()
    config = Adapt(
        vlm=vlm,
        output_dir=str(folder),
        env="humanoid-kneel",
        frames=frames,
        without=LEFT_OUT,
        epochs=20,
        judge_frames=judge,
        device="cpu",
        json=True,
    )
    result = adapt(config)
    chosen = {name: result[name] for name in ("trained_on", "before", "after", "retention")}
    print(json.dumps(chosen), flush=True)
    return chosen | {"left_out": LEFT_OUT, "seconds": round(time.perf_counter() - start, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shots", type=int, nargs="+", default=[8])
    parser.add_argument("--draw", type=int, default=3000, help="pictures to find labelled ones in")
    parser.add_argument("--frames", type=int, default=2000, help="pictures for the head")
    parser.add_argument("--judge", type=int, default=100, help="pictures of each split to judge by")
    arguments = parser.parse_args()
    import torch

    from tests.perception.tiny_models import make_tiny_clip

    torch.set_num_threads(1)
    path = RESULTS / "adapt.json"
    kept = json.loads(path.read_text()) if path.exists() else {}
    rows = kept.get("embedded", {}) if kept.get("arguments") == vars(arguments) else {}
    payload: dict[str, Any] = {"arguments": vars(arguments), "words": WORDS, "embedded": rows}
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        frames, most = root / "frames", max(arguments.shots) + TEST_EACH
        payload["labelled"] = label_frames(frames, arguments.draw, most)
        few = (frames, root / "few", arguments.shots, arguments.judge, rows)
        for _ in few_shots("embedded", *few):
            write_result("adapt", payload)
        clip = f"hf:{make_tiny_clip(root / 'clip', image_size=SIDE)}"
        payload["random_clip_head"] = head_on_captions(
            clip, root / "head", arguments.frames, max(arguments.judge, 200)
        )
    write_result("adapt", payload)


if __name__ == "__main__":
    main()
