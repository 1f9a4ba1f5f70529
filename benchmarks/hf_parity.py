"""Does `hf:FOLDER` give the embeddings of transformers used directly? (to 1e-5)

    python -m benchmarks.hf_parity [--json]

Makes a tiny CLIP, SigLIP and SigLIP 2 with random weights, embeds frames of several shapes and a
few prompts both ways, and writes benchmarks/results/hf-parity.json. Exit code 1 if they differ. For
comparison it also resizes the frames with `torch.nn.functional.interpolate` in place of the Pillow
arithmetic of `embodied.perception.resample`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor

from benchmarks.machine import write_result
from embodied.perception import preprocess
from embodied.perception.encoder import load_encoder
from tests.perception.tiny_models import MAKERS, PROMPTS, direct_embeddings, noisy_frames

TOLERANCE = 1e-5
FRAMES = 4
SHAPES = ((48, 48), (112, 112), (224, 224), (240, 320), (480, 480))


def interpolate(images: Tensor, height: int, width: int, method: str) -> Tensor:
    """The obvious way to resize on a GPU, rounded to bytes as Pillow does."""
    floats = torch.nn.functional.interpolate(
        images.permute(0, 3, 1, 2).float(), (height, width), mode=method, antialias=True
    )
    return floats.round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1)


def compare(family: str, folder: Path) -> list[dict[str, Any]]:
    """One row per input: the largest difference of any number in any embedding."""
    encoder = load_encoder(f"hf:{folder}", "cpu")
    rows: list[dict[str, Any]] = []
    for shape in SHAPES:
        frames = noisy_frames(FRAMES, *shape)
        expected, texts = direct_embeddings(folder, frames, PROMPTS)
        if not rows:
            error = (encoder.encode_texts(PROMPTS) - texts).abs().max().item()
            rows.append({"model": family, "input": f"{len(PROMPTS)} texts", "difference": error})
        error = (encoder.encode_images(frames) - expected).abs().max().item()
        row: dict[str, Any] = {"model": family, "input": f"frames {shape[0]}×{shape[1]}"}
        row["difference"] = error
        if family != "siglip2":  # left to transformers' own processor
            other = _with_resize(interpolate, lambda f=frames: encoder.encode_images(f))
            row["difference_interpolate"] = (other - expected).abs().max().item()
        rows.append(row)
    return rows


def _with_resize(resize: Callable[..., Tensor], embed: Callable[[], Tensor]) -> Tensor:
    ours = preprocess.resize
    preprocess.resize = resize
    try:
        return embed()
    finally:
        preprocess.resize = ours


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    arguments = parser.parse_args()
    from transformers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()
    rows: list[dict[str, Any]] = []
    with TemporaryDirectory() as root:
        for family, make in MAKERS.items():
            rows += compare(family, make(Path(root) / family))
    worst = max(row["difference"] for row in rows)
    result = {"tolerance": TOLERANCE, "worst": worst, "passed": worst <= TOLERANCE, "rows": rows}
    path = write_result("hf-parity", result)
    if arguments.json:
        print(json.dumps(result))
    else:
        table = Table("model", "input", "hf: against transformers", "with torch's interpolate")
        for row in rows:
            other = row.get("difference_interpolate")
            cells = (f"{row['difference']:.1e}", "" if other is None else f"{other:.1e}")
            table.add_row(row["model"], row["input"], *cells)
        Console().print(table)
        verdict = "within" if result["passed"] else "NOT within"
        print(f"worst {worst:.1e}, {verdict} {TOLERANCE:.0e}; written to {path}")
    return 0 if result["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
