"""The model card and the table that `embodied adapt` leaves and prints."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from embodied.perception.adapt.retention import table
from embodied.runs.disk import read_json, write_bytes, write_json

if TYPE_CHECKING:
    from embodied.cli.adapt import Adapt

CARD = """---
library_name: embodied
tags: [image-text, adapter]
---

# {base}, adapted

**What it is.** A part learned beside `{base}`, whose weights stay as they are and which must be
there to use it: `--vlm {folder}`. Method: `{method}`; learned from {source}.
{note}
**Settings.** `{settings}`

## Before and after

**pairs**: share of pairs of pictures that the cosine orders rightly for a text; chance 0.5.
**retrieval**: share of pictures whose best statement is true of it; **accuracy**: share of labelled
test frames whose best text is the right one. No picture in the table was learned from; *took part*
says whether its words were.

{table}

{retention}

## Where it fails

What it learned from decides what it knows: other looks, cameras and words than those above have not
been measured. The base's own limits remain.
"""

CONDITIONAL = """
A conditional prompt reads each text anew for each image. A reward takes one embedding a text: it
gets the text read with the mean offset of the training frames. Accuracy and pairs of labelled
frames are of the exact, conditional cosines.
"""


def report(folder: Path, config: "Adapt", result: dict[str, Any]) -> None:
    """Print the table; write README.md, and the numbers into adapter.json."""
    from embodied.cli import jsonable

    record = read_json(folder / "adapter.json")
    numbers = {name: result[name] for name in ("before", "after", "retention")}
    write_json(folder / "adapter.json", record | {"numbers": jsonable(numbers)})
    lines = table(result["before"], result["after"], frozenset(result["adapted"]))
    kept = _retention(result["retention"])
    source = f"{result['trained_on']:,} " + (
        f"pictures of the simulator of {config.env} and their captions"
        if config.env
        else "labelled frames"
    )
    card = CARD.format(
        base=config.vlm,
        folder=folder.name,
        method=config.method,
        source=source,
        note=CONDITIONAL if config.method == "conditional-prompts" else "",
        settings=record["settings"],
        table=lines,
        retention=kept,
    )
    write_bytes(folder / "README.md", card.encode())
    if not config.json:
        print(f"{lines}\n\n{kept}\n\nuse it  embodied train --vlm {folder}")


def _retention(values: dict[str, float | None]) -> str:
    if values["pairs_change"] is None:
        return "No simulator was asked for what took no part."
    return (
        f"What took no part: pairs changed by {values['pairs_change']:+.3f} on average and "
        f"{values['pairs_worst']:+.3f} at worst; base and adapted embeddings have a mean cosine of "
        f"{values['text_cosine']:.3f} (texts) and {values['frame_cosine']:.3f} (frames)."
    )
