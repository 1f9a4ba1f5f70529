"""The model card that `embodied align` writes beside an encoder."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

CARD = """---
license: apache-2.0
library_name: embodied
tags: [image-text, robotics, simulation]
---

# An image-text encoder of our {simulators}

**What it is.** An encoder of what it was trained on, not of the world: it tells apart what the
{simulators} of `embodied` can do. It knows nothing of kitchens, animals or photographs, and its
scores for such words or pictures mean nothing.

**Parts.** A residual network of {image_parameters:.2g} M parameters sees {side} x {side} frames; a
frozen all-MiniLM-L6-v2 (Apache-2.0, sentence-transformers) in 8 bits reads the text; one linear map
joins them. It was trained with a sigmoid loss on how true each caption is of each frame, read from
the simulator. The success checkers took no part.

**Trained on** {frames:,} frames drawn from our own environment (varied states and looks) and
{captions} captions{without}.{start}{share}
Made by `{command}`.

## Held-out numbers

Each split has {test_frames:,} frames of fresh states. `plain`: the reward's own camera and look.
Every other split holds out what it is named after: training never saw it. *Held-out words* are
paraphrases that no caption had.

- **pairs**: share of pairs of frames (truth apart by 0.3 or more) that the cosine puts in the right
  order, averaged over statements and wordings; chance 0.5.
- **top 20**: share of the 20 best-scored frames for which the statement is true.
- **retrieval**: share of frames whose best statement among all is true of it.

{table}

Pairs by task, on `plain` (training words / held-out words):

{tasks}

## Where it fails

- Statements about what the camera cannot see.
- Words far from the captions: a paraphrase is understood as well as MiniLM places it near one.
- Numbers, negations ("not kneeling") and comparisons.
- Frames of any other simulator, robot or camera far from those above.
"""


def write_card(folder: Path, result: dict[str, Any], config: Any) -> None:
    """Write `README.md` from the numbers of `embodied align`."""
    from embodied.cli.align import TEST_FRAMES, find_union
    from embodied.perception.embedded import EmbeddedEncoder

    encoder = EmbeddedEncoder(folder, "cpu")
    report, trained_on = result["held_out"], encoder.record["trained_on"]
    held = trained_on["without"]
    without = f"; held out were the tasks {', '.join(held)}" if held else ""
    first = encoder.record.get("start", {}).get("trained_on")
    start = (
        f" It goes on from an encoder trained on {first['frames']:,} frames and "
        f"{first['captions']} captions."
        if first
        else ""
    )
    command = (
        f"embodied align --env {config.env} --output-dir {folder.name} --frames {config.frames} "
        f"--epochs {config.epochs} --width {config.width} --seed {config.seed}"
        + (f" --start {config.start}" if config.start else "")
    ) + (f" --without {','.join(held)}" if held else "")
    union = find_union(config.env)
    names = [simulator.name for simulator in union.simulators]
    several = " Each simulator has its equal share of the frames; the words of one are false of the"
    several += " others' frames."
    text = CARD.format(
        simulators=f"{' and '.join(names)} simulator{'s' if len(names) > 1 else ''}",
        share=several if len(names) > 1 else "",
        side=encoder.image_size,
        image_parameters=encoder.image_parameters / 1e6,
        frames=trained_on["frames"],
        captions=trained_on["captions"],
        without=without,
        start=start,
        command=command,
        test_frames=TEST_FRAMES,
        table=_table(report),
        tasks=_tasks(report, union.goals()),
    )
    (folder / "README.md").write_text(text)


def _table(report: dict[str, Any]) -> str:
    rows = [
        "| split, words | pairs | untrained | top 20 | untrained | chance | retrieval | untrained "
        "| chance |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, both in report.items():
        a, b = both["trained"], both["untrained"]
        cells = (a["pairs_mean"], b["pairs_mean"], a["top_mean"], b["top_mean"], a["true_mean"])
        cells += (a["retrieval"], b["retrieval"], a["retrieval_chance"])
        rows.append(f"| {name} | " + " | ".join(f"{c:.3f}" for c in cells) + " |")
    return "\n".join(rows)


def _tasks(report: dict[str, Any], statements: Iterable[str]) -> str:
    known = report["plain, training words"]["trained"]["pairs"]
    new = report["plain, held-out words"]["trained"]["pairs"]
    goals = [goal for goal in statements if goal in known and goal in new]
    rows = [f"| {goal} | {known[goal]:.3f} | {new[goal]:.3f} |" for goal in goals]
    return "\n".join(["| task | training words | held-out words |", "|---|---|---|", *rows])
