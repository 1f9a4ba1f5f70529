"""All the rewards that an audit judges, from pictures that were embedded once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from embodied.errors import EmbodiedError

if TYPE_CHECKING:
    from torch import Tensor

    from embodied.perception.reward import GoalBaselineReward

ALPHAS = tuple(round(0.1 * i, 1) for i in range(11))


@dataclass(frozen=True)
class Views:
    """Pictures through one camera, embedded.

    states: N states, [N, D]. motions: M scripted motions of T states, [M, T, D].
    sweeps: name of a change -> its m variants of the states `swept`, [m, S, D].
    swept: rows of `states`, int [S].
    """

    states: Tensor
    motions: Tensor
    sweeps: dict[str, Tensor]
    swept: np.ndarray


@dataclass(frozen=True)
class Prompt:
    """A text to compare pictures with.

    kind: `used` (what is audited), `task`, `phrase` (a training phrase of the goal), `paraphrase`
        (a held-out one), or `other` (it says another statement).
    statement: what it says; the goal, but for `other`.
    """

    text: str
    kind: str
    statement: str


@dataclass(frozen=True)
class Scores:
    """Rewards. NaN marks prompts and alphas that cannot work with the encoder.

    states: [N]. motions: [M, T]. sweeps: name -> [m, S], of the rows `swept`.
    prompts: P prompts, each as the only goal, and `prompt_states` their rewards, [P, N].
    alpha: the one in use. alpha_states: rewards with each of `ALPHAS`, [A, N].
    """

    states: np.ndarray
    motions: np.ndarray
    sweeps: dict[str, np.ndarray]
    swept: np.ndarray
    prompts: tuple[Prompt, ...]
    prompt_states: np.ndarray
    alpha: float
    alpha_states: np.ndarray


def score(reward: GoalBaselineReward, views: Sequence[Views], prompts: Sequence[Prompt]) -> Scores:
    """Score the same pictures through every camera with `reward`, the mean over them as in
    training, and the states also with other prompts and alphas."""
    import torch

    def values(embedded: Sequence[Tensor]) -> np.ndarray:
        whole = torch.stack(list(embedded))
        flat = reward.from_embeddings(whole.reshape(-1, whole.shape[-1]))
        if flat.reason:
            raise EmbodiedError(f"no reward from {reward.encoder.name}: {flat.reason}")
        return flat.values.reshape(whole.shape[:-1]).astype(np.float64).mean(0)

    states = [view.states for view in views]

    def variant(make: Callable[[], GoalBaselineReward]) -> np.ndarray:
        try:
            other = make()
            seen = [other.from_embeddings(s).values.astype(np.float64) for s in states]
        except EmbodiedError:  # the prompt means the same as the baseline
            return np.full(len(states[0]), np.nan)
        return np.mean(seen, axis=0)

    baseline = reward.baseline_prompts
    return Scores(
        states=values(states),
        motions=values([view.motions for view in views]),
        sweeps={name: values([view.sweeps[name] for view in views]) for name in views[0].sweeps},
        swept=views[0].swept,
        prompts=tuple(prompts),
        prompt_states=np.stack(
            [variant(lambda p=p: reward.with_prompts([p.text])) for p in prompts]
        ),
        alpha=reward.alpha,
        alpha_states=np.stack(
            [
                variant(lambda a=a: reward.with_prompts(alpha=a))
                for a in (ALPHAS if baseline else ALPHAS[:1])
            ]
        ),
    )
