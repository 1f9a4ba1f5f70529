"""Synthetic rewards for the tests of the audit: the truth is known, and prompts read it."""

from dataclasses import replace

import numpy as np

from embodied.perception.audit.findings import Truth
from embodied.perception.audit.scores import ALPHAS, Prompt, Scores

STATEMENTS = ("kneel", "stand", "lotus", *(f"fact {i}" for i in range(30)))


def make_truth(states: int = 300, seed: int = 0) -> Truth:
    """Independent statements; the first three are tasks, and "kneel" is the goal."""
    rng = np.random.default_rng(seed)
    degrees = rng.beta(0.3, 0.7, (states, len(STATEMENTS)))
    return Truth(
        success=degrees[:, 0] > 0.8,
        degrees=degrees,
        statements=STATEMENTS,
        goal="kneel",
        tasks=STATEMENTS[:3],
        progress=np.tile(np.linspace(0, 1, 12), (6, 1)),
    )


def make_scores(truth: Truth, means: str = "kneel", noise: float = 0.1, seed: int = 1) -> Scores:
    """A reward that is the truth of the statement `means`, with noise; so are all prompts."""
    rng = np.random.default_rng(seed)

    def read(statement: str) -> np.ndarray:
        values = truth.of(statement)
        return values + noise * rng.standard_normal(len(values))

    prompts = [Prompt("used", "used", "kneel"), Prompt("again", "paraphrase", "kneel")]
    prompts += [Prompt(name, "other", name) for name in STATEMENTS[1:]]
    swept = np.arange(40)
    states = read(means)
    way = truth.progress if means == "kneel" else np.zeros_like(truth.progress)
    return Scores(
        states=states,
        motions=way + noise * rng.standard_normal(way.shape),
        sweeps={"light": states[swept] + 0.01 * rng.standard_normal((3, len(swept)))},
        swept=swept,
        prompts=tuple(prompts),
        prompt_states=np.stack([states, *(read(p.statement) for p in prompts[1:])]),
        alpha=0.0,
        alpha_states=np.stack([states] * len(ALPHAS)),
    )


def scored(scores: Scores, states: np.ndarray, motions: np.ndarray | None = None) -> Scores:
    """The same with other rewards of the states (and motions)."""
    return replace(scores, states=states, motions=scores.motions if motions is None else motions)
