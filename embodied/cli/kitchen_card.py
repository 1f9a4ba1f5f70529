"""The model card of goals that were learned in generated kitchens."""

from typing import Any


def card(record: dict[str, Any]) -> str:
    """README.md for a folder of `embodied learn-goals --kitchen`, from what was measured."""
    trained, held, settings = record["trained_on"], record["held_out"], record["settings"]
    rows = "\n".join(
        f"| {level} | {held[level]:.3f} |"
        for level in ("easy", "medium", "hard1", "hard2")
        if held[level] is not None
    )
    return f"""---
license: apache-2.0
library_name: embodied
tags: [vision-language, robotics, planning, simulation]
---

# Goals from a picture and words, for generated kitchens

**What it is.** A picture of a kitchen of `embodied` (`envs/mujoco/kitchen`) and an instruction
become a goal `action subject object`: `cook egg microwave`, `contain mug hand`, `clean pan
unknown`.
`unknown` is what is needed and not in view. It knows these kitchens alone, no photographs.

**Parts.** A residual network reads 192 x 192 pictures and names types, states and places in cells
of 8 x 8 pixels, in a picture and in its mirror image; the frozen all-MiniLM-L6-v2 (Apache-2.0,
sentence-transformers) that ships reads the words; a transformer of two layers over both points at
the subject and the object. Matrices are stored in 8 bits.

**Trained on** {trained["pictures"]:,} pictures of {trained["kitchens"]:,} kitchens drawn for SGL's
five tasks, and sentences made from templates. First what is in the pictures (truth: the kitchen's
own masks and states), then what words about them mean. Made by `embodied learn-goals --kitchen
{trained["kitchens"]} --epochs {settings["epochs"]} --seed {settings["seed"]} --output-dir
kitchen-goals`.

## Held-out numbers

{held["instructions"]} instructions about other kitchens, with sentences that training did not have,
as many of each task and level; all three words right: {held["exact_match"]:.3f}.

| level | exact match |
|---|---|
{rows}

`easy`: plain names. `medium`: synonyms, other wordings. `hard1`: in half of them something is
missing, and the words are roundabout. `hard2`: only the picture decides. The same instructions
calibrate what the model asks about, and on them the mirror image was found to help: a fresh judge
is `benchmarks.scenarios`.

## Where it fails

- Things of a few pixels: far off, mostly hidden, or thin, as a knife on a dark counter.
- Cups and mugs, pots and pans from afar are taken for each other.
- Words far from the templates; cutlery, shakers and spoons as what is asked for; two wishes in one.
- Pictures from anything but these kitchens, or from other heights and angles than the agent's.
"""
