"""Does `embodied audit` tell broken rewards from healthy ones, and how long does it take?

    python -m benchmarks.audit [--states 400] [--seeds 0 1] [--tasks humanoid-kneel ...]

Every task is audited as it is, and again with its reward broken in several ways; all share the
same states. Target: no healthy reward is flagged, every broken one is. Words of a task that is a
special case of the audited one (standing with raised arms is standing) do not count as broken.
"""

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.machine import write_result
from embodied.cli.align import untrained
from embodied.cli.evidence import draw_scenes, embed, list_prompts
from embodied.cli.train import Train, resolve_preset
from embodied.cli.world import find_task
from embodied.perception.audit.findings import measure
from embodied.perception.audit.scores import Scores, Views, score
from embodied.perception.audit.verdict import judge
from embodied.perception.encoder import load_encoder
from embodied.perception.reward import GoalBaselineReward
from embodied.registry import ENVS

NOISE = 1e-4


def broken_scores(scores: Scores, rng: np.random.Generator) -> dict[str, Scores]:
    """Rewards of the same states and prompts, broken after the encoder."""

    def change(function: Callable[[np.ndarray], np.ndarray]) -> Scores:
        return replace(
            scores,
            states=function(scores.states),
            motions=function(scores.motions),
            sweeps={name: function(values) for name, values in scores.sweeps.items()},
            prompt_states=function(scores.prompt_states),
            alpha_states=function(scores.alpha_states),
        )

    order = rng.permutation(len(scores.states))
    shuffled = change(lambda x: rng.permuted(x, axis=-1))
    return {
        "shuffled": replace(
            shuffled,
            states=scores.states[order],
            prompt_states=scores.prompt_states[:, order],
            alpha_states=scores.alpha_states[:, order],
        ),
        "inverted": change(lambda x: -x),
        "constant": change(lambda x: 0 * x),
        "constant and noise": change(lambda x: NOISE * rng.standard_normal(x.shape)),
    }


def audit_task(name: str, states: int, seed: int) -> dict[str, Any]:
    """Verdicts on one task's reward, as it is and broken: variant -> numbers."""
    started = time.monotonic()
    task = ENVS.load(name)
    encoder = load_encoder("embedded")
    blank = untrained(encoder, seed)
    # The verdict does not look at the sweeps.
    scenes = replace(draw_scenes(task, states, seed), sweeps={})
    cameras = resolve_preset(Train(env=name)).cameras
    views, blind = embed(scenes, [encoder, blank], cameras=cameras)
    away = embed(scenes, [encoder], _look_away(task))[0]
    prompts = list_prompts(task, list(task.goal_prompts))

    def scored(which: Any, seen: list[Views], words: tuple[str, ...] = task.goal_prompts) -> Scores:
        return score(GoalBaselineReward(which, words, task.baseline_prompts), seen, prompts)

    healthy = scored(encoder, views)
    variants = {"healthy": healthy}
    variants |= broken_scores(healthy, np.random.default_rng(seed))
    variants["camera turned away"] = scored(encoder, away)
    variants["untrained encoder"] = scored(blank, blind)
    for other in task.simulator.vocabulary().tasks:
        if other != name and not is_special_case(task, other):
            words = find_task({"env": other}).goal_prompts
            variants[f"prompt of {other}"] = scored(encoder, views, words)
    rows: dict[str, Any] = {}
    for variant, scores in variants.items():
        findings = measure(scores, scenes.truth, seed)
        verdict = judge(findings, scenes.truth.goal)
        rows[variant] = {
            "flagged": not verdict.healthy,
            "rules": list(verdict.rules),
            "pairs": findings.pairs,
            "epic_success": findings.epic_success,
            "epic_graded": findings.epic_graded,
            "order": findings.order_mean,
            "words": findings.words,
            "precision": findings.mistakes.precision,
            "base": findings.mistakes.base,
        }
    seconds = time.monotonic() - started
    return {"task": name, "seed": seed, "seconds": seconds, "variants": rows}


def is_special_case(task: Any, other: str) -> bool:
    """Whether who reaches `other` has reached the task: then its words are no broken reward."""
    ways, _ = task.simulator.vocabulary().motions(other)
    return bool(task.measure(ways[:, -1]).all())


def _look_away(task: Any) -> np.ndarray:
    """A look row of the humanoid whose camera sees nothing of it."""
    from embodied.envs.mujoco.humanoid.looks import COLUMNS, plain_looks

    row = plain_looks(1)
    row[:, list(COLUMNS).index("look_at_z")] = 30
    return row


def summarise(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """For each kind of reward: how many there were and how many were flagged."""
    table: dict[str, Any] = {}
    for row in rows:
        for variant, numbers in row["variants"].items():
            kind = "another task's prompt" if variant.startswith("prompt of") else variant
            entry = table.setdefault(kind, {"rewards": 0, "flagged": 0})
            entry["rewards"] += 1
            entry["flagged"] += numbers["flagged"]
    return table


def main() -> None:
    names = [name for name in ENVS.names() if name.startswith("humanoid-")]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--states", type=int, default=400)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--tasks", nargs="+", default=names)
    arguments = parser.parse_args()
    rows = []
    for seed in arguments.seeds:
        for name in arguments.tasks:
            rows.append(audit_task(name, arguments.states, seed))
            wrong = {
                variant: numbers["rules"]
                for variant, numbers in rows[-1]["variants"].items()
                if numbers["flagged"] == (variant == "healthy")
            }
            print(f"{name} seed {seed} {rows[-1]['seconds']:.0f} s, misjudged: {wrong}", flush=True)
            # After every task: an audit of eight takes long on a busy machine.
            summary = summarise(rows)
            write_result("audit", {"states": arguments.states, "summary": summary, "audits": rows})
    print(json.dumps(summarise(rows)), flush=True)


if __name__ == "__main__":
    main()
