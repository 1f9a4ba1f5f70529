"""How much of a home's history goals from words should believe: the prior's two constants.

    python -m benchmarks.homes --data train.jsonl.gz [--folder assets/alfred-goals]

Exact match on the tenth of the training demonstrations that the model of `embodied learn-goals` has
not seen, for each weight λ and strength a of `embodied.perception.goal.homes`. That tenth chose the
two. Prints a table and writes benchmarks/results/homes.json.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch

from benchmarks.machine import write_result
from embodied.cli.instruct import load_text_goals
from embodied.cli.learn_goals import split
from embodied.perception.goal import homes
from embodied.perception.goal.alfred import exact_match, read_alfred

WEIGHTS = (0.0, 0.3, 0.6, 0.8, 1.0)
STRENGTHS = (1.0, 5.0, 20.0, 60.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", required=True, help="ALFRED's training instructions")
    parser.add_argument("--folder", help="model; the one that ships if none")
    options = parser.parse_args()
    model = load_text_goals(options.folder)
    _, kept = split(read_alfred(Path(options.data)), seed=0)
    words = model.probabilities([one.text for one in kept])
    right = [one.goal for one in kept]
    table = {}
    for strength in STRENGTHS:
        names = {one.home for one in kept}
        lifts = {home: homes.log_lift(model.homes, model.goals, home, strength) for home in names}
        lift = torch.stack([lifts[one.home] for one in kept])
        for weight in WEIGHTS:
            best = homes.in_home(words, lift, weight).argmax(1)
            share = exact_match([model.goals[int(k)] for k in best], right)
            table[f"λ {weight:g}, a {strength:g}"] = round(share, 4)
    best = max(table, key=lambda key: table[key])
    result = {"instructions": len(kept), "exact_match": table, "best": best}
    result["in_use"] = f"λ {homes.WEIGHT:g}, a {homes.STRENGTH:g}"
    write_result("homes", result)
    print(json.dumps(result, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
