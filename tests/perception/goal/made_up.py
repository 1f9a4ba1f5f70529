"""Instructions in ALFRED's form, made up for tests."""

import json
from pathlib import Path

THINGS = ("Mug", "Apple", "Pan", "Egg")
PLACES = ("Fridge", "Sofa", "Shelf")


def write_alfred(path: Path) -> Path:
    """36 demonstrations with two instructions each: things, places, and clean or not."""
    lines = []
    for number, (thing, place, kind) in enumerate(
        (thing, place, kind)
        for thing in THINGS
        for place in PLACES
        for kind in ("pick_and_place_simple", "pick_clean_then_place_in_recep", "again")
    ):
        clean = "clean " if kind.startswith("pick_clean") else ""
        row = {
            "type": "pick_and_place_simple" if kind == "again" else kind,
            "params": {
                "object_target": thing,
                "parent_target": place,
                "mrecep_target": "",
                "toggle_target": "",
                "object_sliced": False,
            },
            "texts": [f"put a {clean}{thing} on the {place}", f" {clean}{thing}  to {place}. "],
            "id": f"trial{number}",
        }
        lines.append(json.dumps(row))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
