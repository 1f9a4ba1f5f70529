"""Goals from pictures and words: 200 scenarios, planned for and carried out.

    python -m benchmarks.scenarios --folder runs/scenarios [--ablations NAME ...] [--skip-acting]

SGL's five tasks x easy, medium, hard1, hard2 x 10, in kitchens and with sentences that training
did not have. Exact match is all three words of the goal. Success is what the kitchen's own state
says after the likeliest goal that names nothing but what is there was planned for and carried out;
where something is missing, that the model says what, and nothing is touched. Ablations are trained
alike, each without one thing, and share the shipped model's eyes where they have any that were
trained before. Coverage is counted on other fresh kitchens. `--folder` keeps what is drawn, trained
and done, so that a stopped run goes on. Writes benchmarks/results/scenarios.json and prints its
tables.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import write_result
from embodied.cli.kitchen_goals import About, balanced, draw_about, judge
from embodied.envs.mujoco.kitchen.actor import KitchenActor
from embodied.envs.mujoco.kitchen.album import Album, make_album
from embodied.envs.mujoco.kitchen.instructions import LEVELS, Instruction, tell
from embodied.envs.mujoco.kitchen.sights import STREAMS, TASKS, Looker, Sight
from embodied.errors import EmbodiedError
from embodied.perception.goal.conformal import MOST, calibrate, decide
from embodied.perception.goal.seen_goal import DEFAULT_GOALS, SeenGoals, load
from embodied.perception.goal.triple import goal_of, missing
from embodied.planners.executive import Limits, run
from embodied.planners.goals import possible
from embodied.planners.household import from_metadata
from embodied.planners.logic import holds
from embodied.planners.solve import Planner
from embodied.runs.statistics import wilson_interval
from embodied.signals import UNKNOWN, Goal

EACH = 10
FRESH = 250
COVERAGES = (0.8, 0.9, 0.95)
ABLATIONS = ("text-only", "no-vision-pretraining", "no-language-pretraining")


@dataclass(frozen=True)
class Scenario:
    """What is seen, what is said, and what is meant."""

    sight: Sight
    instruction: Instruction


def draw(looker: Looker, task: str, level: str, number: int) -> Scenario:
    """A scenario whose goal does not hold yet; drawn again until the picture allows one."""
    for attempt in range(200):
        place = (TASKS.index(task), LEVELS.index(level), number, attempt)
        rng = np.random.default_rng([STREAMS["test"], *place])
        seed = STREAMS["test"] + 1_000_000 + int(rng.integers(2**30))
        sight = looker.draw(rng, seed, task)
        found = tell(sight.seen, task, level, rng, "test")
        if found and (UNKNOWN in found.triple or not _holds(looker, goal_of(found.triple, 1.0))):
            return Scenario(sight, found)
    raise EmbodiedError(f"no scenario of {task}, {level} in 200 kitchens")


def _holds(looker: Looker, goal: Goal) -> bool:
    """Whether the goal is true in the kitchen as it is now."""
    task = from_metadata(looker.kitchen.objects()).with_goal(goal).task
    return holds(task, task.goal, task.init)


def act(looker: Looker, scenario: Scenario, goal: Goal, planner: Planner) -> tuple[bool, str]:
    """Carry `goal` out where the scenario was seen: whether what was meant holds then."""
    looker.kitchen.reset(scenario.sight.seed, scenario.sight.scenario)
    looker.kitchen.agent = scenario.sight.pose
    right = goal_of(scenario.instruction.triple, 1.0)
    goal = possible(from_metadata(looker.kitchen.objects()).task, goal)
    if lacks := missing(goal):
        return lacks == missing(right) and goal.literals == right.literals, lacks
    try:
        trace = run(KitchenActor(looker.kitchen), goal, planner, Limits(timeout=60))
    except EmbodiedError as error:  # what it thought to see is in no place of the kitchen
        return False, str(error).partition(" Choices:")[0]
    if UNKNOWN in scenario.instruction.triple:
        return False, "acted, though something is missing"
    return _holds(looker, right), f"{trace.outcome}: {trace.reason}"


def measure(
    model: SeenGoals, folder: Path, acting: bool, result: dict[str, Any]
) -> tuple[list[Any], list[Scenario]]:
    """A row of each scenario; those that `folder` has rows of are not acted again."""
    file = folder / "rows.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    done = {(r["task"], r["level"], r["number"]): r for r in map(json.loads, lines)}
    looker, rows, scenarios = Looker(), [], []
    with Planner() as planner, file.open("a", encoding="utf-8") as kept:
        for number in range(EACH):
            for task in TASKS:
                for level in LEVELS:
                    scenario = draw(looker, task, level, number)
                    scenarios.append(scenario)
                    row = done.get((task, level, number))
                    if row is None or (acting and row["success"] is None):
                        row = {"task": task, "level": level, "number": number}
                        row |= _row(model, looker, scenario, planner if acting else None)
                        kept.write(json.dumps(row) + "\n")
                        kept.flush()
                    rows.append(row)
            write_result("scenarios", result | {"scenarios": table(rows), "rows": rows})
            won = [row["success"] for row in rows]
            print(len(rows), np.mean([r["exact"] for r in rows]), sum(map(bool, won)), flush=True)
    looker.close()
    return rows, scenarios


def _row(
    model: SeenGoals, looker: Looker, scenario: Scenario, planner: Planner | None
) -> dict[str, Any]:
    told, truth = scenario.instruction, scenario.instruction.triple
    right = goal_of(truth, 1.0)
    goal = model(scenario.sight.picture, told.text)
    decision = decide(goal, calibrate(model.calibration, 0.9))
    row: dict[str, Any] = {
        "seed": scenario.sight.seed,
        "text": told.text,
        "goal": " ".join(truth),
        "found": [" ".join(literal) for literal in goal.literals],
        "confidence": goal.confidence,
        "exact": goal.literals == right.literals,
        "verdict": decision.verdict,
        "candidates": len(decision.candidates),
        "covered": any(one.literals == right.literals for one in decision.candidates),
        "success": None,
        "outcome": "",
    }
    if planner:
        row["success"], row["outcome"] = act(looker, scenario, goal, planner)
    return row


def table(rows: list[Any]) -> dict[str, Any]:
    """Exact match and success of each task, level and cell, with intervals."""

    def rate(part: list[Any]) -> dict[str, Any]:
        found: dict[str, Any] = {"scenarios": len(part)}
        for name in ("exact", "success"):
            if any(row[name] is None for row in part):
                continue
            count = sum(row[name] for row in part)
            found[name] = count / len(part)
            found[f"{name}_interval"] = wilson_interval(count, len(part))
        return found

    result = {"all": rate(rows)}
    for level in LEVELS:
        result[level] = rate([row for row in rows if row["level"] == level])
    for task in TASKS:
        mine = [row for row in rows if row["task"] == task]
        result[task] = rate(mine)
        for level in LEVELS:
            result[f"{task}, {level}"] = rate([row for row in mine if row["level"] == level])
        result[task]["verdicts"] = Counter(row["verdict"] for row in mine)
    return result


def exact_by_level(
    model: SeenGoals, album: Album, told: list[About], blank: bool = False
) -> dict[str, float]:
    """Share of goals that are right, in all and by level."""
    hits = [hit for _, hit in judge(model, album, told, blank)]
    result = {"all": float(np.mean(hits)), "instructions": len(hits)}
    for level in LEVELS:
        part = [hit for hit, one in zip(hits, told, strict=True) if one.instruction.level == level]
        result[level] = float(np.mean(part))
    return result


def coverage(model: SeenGoals, album: Album, told: list[About]) -> dict[str, Any]:
    """How often the candidates hold the right goal, and what is done, for each target."""
    graphs = model.graphs(album.pictures)[[one.picture for one in told]]
    found = model.probabilities(graphs, [one.instruction.text for one in told])
    place = {triple: k for k, triple in enumerate(model.triples)}
    right = [place[one.instruction.triple] for one in told]
    result = {}
    for target in COVERAGES:
        threshold = calibrate(model.calibration, target).threshold
        held = [bool(row[k] >= threshold) for row, k in zip(found, right, strict=True)]
        sizes = (found >= threshold).sum(1).numpy()
        acted = sizes == 1
        asked = (sizes > 1) & (sizes <= MOST)
        tasks = np.array([one.instruction.task for one in told])
        result[str(target)] = {
            "covered": float(np.mean(held)),
            "interval": wilson_interval(sum(held), len(held)),
            "act": float(acted.mean()),
            "right_when_acting": float(np.mean(np.array(held)[acted])) if acted.any() else None,
            "ask": float(asked.mean()),
            "abstain": float(1 - acted.mean() - asked.mean()),
            "questions_per_task": {t: float(asked[tasks == t].mean()) for t in TASKS},
        }
    return result


def ablate(
    result: dict[str, Any],
    model: SeenGoals,
    folder: Path,
    scenarios: list[Scenario],
    fresh: Any,
    names: list[str],
) -> None:
    """Exact match of each ablation on the scenarios and on the fresh kitchens."""
    from embodied.cli.kitchen_goals import train
    from embodied.perception.embedded import DEFAULT_FOLDER
    from embodied.perception.sentences import SentenceEncoder

    config = json.loads((DEFAULT_GOALS / "config.json").read_text(encoding="utf-8"))
    mine = Album(
        np.stack([one.sight.picture for one in scenarios]),
        np.zeros((len(scenarios), 0), np.uint8),
        [one.sight.seen for one in scenarios],
        [one.instruction.task for one in scenarios],
    )
    told = [About(k, one.instruction) for k, one in enumerate(scenarios)]
    order = np.random.default_rng(0).permutation(len(scenarios))
    mixed = Album(mine.pictures[order], mine.cells, mine.seen, mine.tasks)
    found = result.setdefault("ablations", {})
    found["full"] = {
        "scenarios": exact_by_level(model, mine, told),
        "fresh": exact_by_level(model, fresh[0], fresh[1]),
    }
    found["pictures shuffled"] = {"scenarios": exact_by_level(model, mixed, told)}
    sentences = SentenceEncoder(DEFAULT_FOLDER / "text")
    epochs, seed = config["settings"]["epochs"], config["settings"]["seed"]
    album = make_album(folder / "album", "train", config["trained_on"]["kitchens"])
    for name in names:
        eyes = None if name == "no-vision-pretraining" else model.scene
        other = train(album, sentences, folder / "training", epochs, seed, name, eyes)
        blank = name == "text-only"
        found[name] = {
            "scenarios": exact_by_level(other, mine, told, blank),
            "fresh": exact_by_level(other, fresh[0], fresh[1], blank),
        }
        write_result("scenarios", result)


def show(result: dict[str, Any]) -> str:
    """The tables in Markdown: exact match / success of each cell, ablations, coverage."""
    cells = result["scenarios"]
    lines = [f"| | {' | '.join(LEVELS)} | all |", "|---|" + "---|" * (len(LEVELS) + 1)]
    for row in (*TASKS, "all"):
        names = [*([f"{row}, {lv}" for lv in LEVELS] if row != "all" else LEVELS), row]
        found = [f"{cells[n]['exact']:.0%} / {cells[n].get('success', 0):.0%}" for n in names]
        lines.append(f"| {row} | {' | '.join(found)} |")
    lines += ["", f"| exact match | {' | '.join(LEVELS)} | all |", "|---|" + "---|" * 5]
    for name, parts in result.get("ablations", {}).items():
        for where, part in parts.items():
            found = [f"{part[n]:.1%}" for n in (*LEVELS, "all")]
            lines.append(f"| {name}, {where} | {' | '.join(found)} |")
    lines += ["", "| target | covered | act | right when acting | ask | abstain |", "|---|" * 1]
    lines[-1] = "|---|---|---|---|---|---|"
    for target, part in result["coverage"].items():
        names = ("covered", "act", "right_when_acting", "ask", "abstain")
        lines.append(f"| {target} | {' | '.join(f'{part[n] or 0:.1%}' for n in names)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("runs/scenarios"))
    parser.add_argument("--ablations", nargs="*", choices=ABLATIONS, default=ABLATIONS)
    parser.add_argument("--skip-acting", action="store_true")
    arguments = parser.parse_args()
    folder: Path = arguments.folder
    folder.mkdir(parents=True, exist_ok=True)
    model = load()
    result: dict[str, Any] = {"command": "python -m benchmarks.scenarios"}
    album = make_album(folder / "album", "test", FRESH)
    told = balanced(draw_about(album, "test", 16, 0))
    result["coverage"] = coverage(model, album, told)
    rows, scenarios = measure(model, folder, not arguments.skip_acting, result)
    result |= {"scenarios": table(rows), "rows": rows}
    write_result("scenarios", result)
    if arguments.ablations:
        ablate(result, model, folder, scenarios, (album, told), arguments.ablations)
    print(show(result), write_result("scenarios", result), sep="\n")


if __name__ == "__main__":
    main()
