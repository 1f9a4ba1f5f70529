"""Rewards from words: how near a frame is to the goal's words, and away from the baseline's.

Goal-baseline regularised CLIP reward of "Vision-Language Models are Zero-Shot Reward Models for
Reinforcement Learning" (Rocamonde et al., ICLR 2024, arXiv:2310.12921).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from embodied.errors import EmbodiedError
from embodied.signals import Reward

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from torch import Tensor

    from embodied.perception.encoder import ImageTextEncoder
    from embodied.perception.reward_model import Answers, GoalKind, Observes, RewardSettings


def goal_baseline_reward(s: Tensor, g: Tensor, b: Tensor, alpha: float) -> Tensor:
    """The reward of states `s` for goal `g` over baseline `b`.

        r(s) = 1 - ½ ‖(s - g)(αP + (1-α)I)‖²,   P = d dᵀ/‖d‖²,   d = g - b

    P projects onto the line through baseline and goal. It is never built: with v = s - g and
    c = v·d/‖d‖, the part of v along that line,

        ‖v(αP + (1-α)I)‖² = (1-α)² ‖v‖² + α(2-α) c².

    s: [N, D], L2-normalised image embeddings; g, b: [D], means of L2-normalised text embeddings
    (themselves not normalised); alpha in [0, 1]. Returns [N], at most 1. With α = 0 and one goal
    prompt it is the cosine of image and text, and `b` is not used; with α = 1 only movement along
    the line counts.

    Raises EmbodiedError if alpha is outside [0, 1], or if g = b while α > 0.
    """
    check_alpha(alpha)
    v = s - g
    distance = v.square().sum(-1)
    if alpha == 0:
        return 1 - distance / 2
    d = g - b
    length = d.norm()
    # Both have a length of about 1: a difference this small is rounding, and has no direction.
    if not float(length) > 1e-6:
        raise EmbodiedError(
            "the goal and baseline prompts mean the same to this encoder, so there is no direction "
            "from one to the other: change the prompts, or use --alpha 0"
        )
    along = v @ (d / length)
    return 1 - ((1 - alpha) ** 2 * distance + alpha * (2 - alpha) * along.square()) / 2


def check_alpha(alpha: float) -> None:
    """Raise EmbodiedError unless alpha is in [0, 1]."""
    if not 0 <= alpha <= 1:
        raise EmbodiedError(
            f"alpha must be between 0 and 1, got {alpha}: 0 compares with the goal alone, "
            "1 only along the line from baseline to goal"
        )


class GoalBaselineReward:
    """Scores frames by `goal_baseline_reward` with an encoder and prompts.

    encoder: any `ImageTextEncoder`.
    goal_prompts: at least one; their embeddings are averaged. baseline_prompts: likewise; needed
        only if alpha > 0.
    calls: frames encoded so far, for the ledger of what the encoder cost.
    """

    observes: Observes = "image"
    goal_kind: GoalKind = "text"
    answers: Answers = "scalar"

    def __init__(
        self,
        encoder: ImageTextEncoder,
        goal_prompts: Sequence[str],
        baseline_prompts: Sequence[str] = (),
        alpha: float = 0.0,
    ) -> None:
        self.encoder = encoder
        self.calls = 0
        self._embedded: dict[str, Tensor] = {}
        self._set_prompts(goal_prompts, baseline_prompts, alpha)

    @classmethod
    def from_settings(cls, settings: RewardSettings) -> GoalBaselineReward:
        from embodied.perception.encoder import load_encoder

        settings.refuse("vlm", "goal_images", "baseline_images", "demonstration", "chat")
        return cls(
            load_encoder(settings.vlm, settings.device),
            settings.goal_prompts,
            settings.baseline_prompts,
            settings.alpha,
        )

    @property
    def name(self) -> str:
        return self.encoder.name

    @property
    def image_size(self) -> int:
        return self.encoder.image_size

    def __call__(self, clips: Tensor | npt.NDArray[np.uint8]) -> Reward:
        """Score RGB frames (uint8 [N, H, W, 3], tensor on any device or array)."""
        return self.from_embeddings(self._encode(clips))

    def from_embeddings(self, s: Tensor) -> Reward:
        """Score image embeddings [N, D] that the encoder gave before; adds nothing to `calls`."""
        values = goal_baseline_reward(s, self.goal, self.baseline, self.alpha).float().cpu().numpy()
        if nan := int((values != values).sum()):
            return Reward(values, reason=f"the encoder gave no number for {nan} of {len(s)} frames")
        return Reward(values)

    def scores(self, images: Tensor | npt.NDArray[np.uint8]) -> dict[str, npt.NDArray[np.float32]]:
        """Score frames and say why: `reward`, `goal` and `baseline`, each float32 [N].

        `goal` and `baseline` are cosines, averaged over the prompts; NaN if there is no baseline.
        """
        return self.parts(self._encode(images))

    def parts(self, s: Tensor) -> dict[str, npt.NDArray[np.float32]]:
        """`scores` of image embeddings [N, D] that the encoder gave before."""
        parts = {
            "reward": goal_baseline_reward(s, self.goal, self.baseline, self.alpha),
            "goal": s @ self.goal,
            "baseline": s @ self.baseline,
        }
        return {name: value.float().cpu().numpy() for name, value in parts.items()}

    def with_prompts(
        self,
        goal_prompts: Sequence[str] | None = None,
        baseline_prompts: Sequence[str] | None = None,
        alpha: float | None = None,
    ) -> GoalBaselineReward:
        """A copy with other prompts; None keeps what is there.

        The copy shares the encoder and the embeddings of texts seen before, and goes on counting
        from this one's `calls`.
        """
        other = object.__new__(GoalBaselineReward)
        other.encoder, other.calls, other._embedded = self.encoder, self.calls, self._embedded
        other._set_prompts(
            self.goal_prompts if goal_prompts is None else goal_prompts,
            self.baseline_prompts if baseline_prompts is None else baseline_prompts,
            self.alpha if alpha is None else alpha,
        )
        return other

    def _set_prompts(self, goal: Sequence[str], baseline: Sequence[str], alpha: float) -> None:
        check_alpha(alpha)
        self.goal_prompts = _as_prompts("goal", goal)
        self.baseline_prompts = _as_prompts("baseline", baseline)
        self.alpha = alpha
        if not self.goal_prompts:
            raise EmbodiedError("give at least one goal prompt: a sentence that says what to reach")
        if alpha > 0 and not self.baseline_prompts:
            raise EmbodiedError(
                f"alpha {alpha} needs a baseline prompt, a sentence for the ordinary state: "
                "give one, or use --alpha 0"
            )
        self.goal = self._mean(self.goal_prompts)
        self.baseline = (
            self._mean(self.baseline_prompts)
            if self.baseline_prompts
            else self.goal.new_full(self.goal.shape, float("nan"))
        )
        # Prompts that cannot work are refused here and not in the middle of a run.
        goal_baseline_reward(self.goal[None], self.goal, self.baseline, alpha)

    def _mean(self, prompts: tuple[str, ...]) -> Tensor:
        """Mean [D] of the prompts' embeddings, not normalised again, as in the paper's code."""
        import torch

        if new := [text for text in dict.fromkeys(prompts) if text not in self._embedded]:
            self._embedded.update(zip(new, self.encoder.encode_texts(new), strict=True))
        return torch.stack([self._embedded[text] for text in prompts]).mean(0)

    def _encode(self, images: Tensor | npt.NDArray[np.uint8]) -> Tensor:
        import torch

        embedded = self.encoder.encode_images(torch.as_tensor(images))
        self.calls += len(embedded)
        return embedded


def _as_prompts(kind: str, prompts: Sequence[str]) -> tuple[str, ...]:
    if isinstance(prompts, str):
        raise EmbodiedError(f"give the {kind} prompts as a list, not as the one text {prompts!r}")
    return tuple(prompts)
