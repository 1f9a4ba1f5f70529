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
    """Embedded pictures.

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


def score(reward: GoalBaselineReward, views: Views, prompts: Sequence[Prompt]) -> Scores:
    """Score all views with `reward`, and the states also with other prompts and alphas."""

    def values(embedded: Tensor) -> np.ndarray:
        flat = reward.from_embeddings(embedded.reshape(-1, embedded.shape[-1]))
        if flat.reason:
            raise EmbodiedError(f"no reward from {reward.encoder.name}: {flat.reason}")
        return flat.values.reshape(embedded.shape[:-1]).astype(np.float64)

    def variant(make: Callable[[], GoalBaselineReward]) -> np.ndarray:
        try:
            return make().from_embeddings(views.states).values.astype(np.float64)
        except EmbodiedError:  # the prompt means the same as the baseline
            return np.full(len(views.states), np.nan)

    baseline = reward.baseline_prompts
    return Scores(
        states=values(views.states),
        motions=values(views.motions),
        sweeps={name: values(embedded) for name, embedded in views.sweeps.items()},
        swept=views.swept,
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
