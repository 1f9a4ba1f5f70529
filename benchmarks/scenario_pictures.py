"""Draw docs/images/goals.png: scenarios of benchmarks.scenarios, what is said and what is found.

python -m benchmarks.scenario_pictures
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.scenarios import Scenario, draw
from embodied.envs.mujoco.kitchen.sights import Looker
from embodied.perception.goal.seen_goal import SeenGoals, load

SHOWN = (
    ("pick_and_place", "easy"),
    ("pick_and_place", "hard2"),
    ("delivery", "hard2"),
    ("cut", "medium"),
    ("cut", "hard2"),
    ("clean", "hard1"),
    ("clean", "hard2"),
    ("cook", "hard2"),
)
SIDE, FOOT, COLUMNS = 240, 78, 4
TARGET = Path(__file__).parents[1] / "docs" / "images" / "goals.png"


def tile(model: SeenGoals, scenario: Scenario) -> Image.Image:
    """A picture with the words below it, and the triple that was found: green if it is right."""
    told = scenario.instruction
    graph = model.graphs(scenario.sight.picture[None])
    chances = model.probabilities(graph, [told.text])[0]
    best = int(chances.argmax())
    right = model.triples[best] == told.triple
    image = Image.new("RGB", (SIDE, SIDE + FOOT), "white")
    shown = Image.fromarray(scenario.sight.picture).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    image.paste(shown)
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(12)
    lines = [""]
    for word in told.text.split():
        longer = f"{lines[-1]} {word}".strip()
        if pen.textlength(longer, font) <= SIDE - 8:
            lines[-1] = longer
        else:
            lines.append(word)
    for k, line in enumerate(lines[:3]):
        pen.text((4, SIDE + 2 + 14 * k), line, "black", font)
    found = f"{' '.join(model.triples[best])}  {float(chances[best]):.0%}"
    if not right:
        pen.text((4, SIDE + 60), f"right: {' '.join(told.triple)}", "black", font)
    pen.text((4, SIDE + 46), found, (0, 120, 40) if right else (180, 30, 20), font)
    return image


def main() -> None:
    looker, model = Looker(), load()
    tiles = [np.asarray(tile(model, draw(looker, task, level, 0))) for task, level in SHOWN]
    looker.close()
    rows = [np.hstack(tiles[k : k + COLUMNS]) for k in range(0, len(tiles), COLUMNS)]
    Image.fromarray(np.vstack(rows)).quantize(160).save(TARGET, optimize=True)
    print(TARGET, TARGET.stat().st_size // 1000, "kB")


if __name__ == "__main__":
    main()
