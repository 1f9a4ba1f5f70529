"""Rewards from goal pictures: how near a frame's embedding is to those of frames of the goal.

As in VIP and LIV (Ma et al., ICLR and ICML 2023), whose value of a frame is its nearness to the
goal's embedding; here with any image-text encoder, none of which was trained for that.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from embodied.errors import EmbodiedError
from embodied.perception.encoder import ImageTextEncoder, load_encoder
from embodied.perception.reward import check_alpha, goal_baseline_reward
from embodied.perception.reward_model import Answers, GoalKind, Observes, RewardSettings
from embodied.runs.video import read_image
from embodied.signals import Reward

if TYPE_CHECKING:
    import numpy.typing as npt
    from torch import Tensor


class GoalImageReward:
    """Scores frames by `goal_baseline_reward` with pictures in the place of prompts.

    With one goal and alpha 0 it is the cosine of frame and goal. The embeddings of several goals
    are averaged, as those of several prompts are.

    goal_images: frames uint8 [H, W, 3], at least one; sizes may differ.
    baseline_images: likewise, of the ordinary state; needed only if alpha > 0.
    """

    observes: Observes = "image"
    goal_kind: GoalKind = "image"
    answers: Answers = "scalar"

    def __init__(
        self,
        encoder: ImageTextEncoder,
        goal_images: Sequence[npt.NDArray[np.uint8]],
        baseline_images: Sequence[npt.NDArray[np.uint8]] = (),
        alpha: float = 0.0,
    ) -> None:
        check_alpha(alpha)
        if not goal_images:
            raise EmbodiedError("--reward goal-image needs a goal's picture: --goal-image PATH")
        if alpha > 0 and not baseline_images:
            raise EmbodiedError(
                f"alpha {alpha} needs a picture of the ordinary state: --baseline-image PATH, "
                "or use --alpha 0"
            )
        self.encoder, self.alpha = encoder, alpha
        self.calls = 0
        self.g = _mean(encoder, goal_images)
        self.b = (
            _mean(encoder, baseline_images)
            if baseline_images
            else self.g.new_full(self.g.shape, float("nan"))
        )
        # A pair of pictures that cannot work is refused here and not in the middle of a run.
        goal_baseline_reward(self.g[None], self.g, self.b, alpha)

    @classmethod
    def from_settings(cls, settings: RewardSettings) -> GoalImageReward:
        settings.refuse("goal-image", "demonstration", "chat")
        goal, baseline = (
            [read_image(Path(path)) for path in paths]
            for paths in (settings.goal_images, settings.baseline_images)
        )
        encoder = load_encoder(settings.vlm, settings.device)
        return cls(encoder, goal, baseline, settings.alpha)

    @property
    def name(self) -> str:
        return self.encoder.name

    @property
    def image_size(self) -> int:
        return self.encoder.image_size

    def __call__(self, clips: npt.NDArray[np.uint8]) -> Reward:
        """Score RGB frames (uint8 [N, H, W, 3])."""
        import torch

        s = self.encoder.encode_images(torch.as_tensor(clips))
        self.calls += len(s)
        values = goal_baseline_reward(s, self.g, self.b, self.alpha).float().cpu().numpy()
        if nan := int(np.isnan(values).sum()):
            return Reward(values, reason=f"the encoder gave no number for {nan} of {len(s)} frames")
        return Reward(values)


def _mean(encoder: ImageTextEncoder, images: Sequence[npt.NDArray[np.uint8]]) -> Tensor:
    """Mean [D] of the pictures' embeddings, not normalised again, as with prompts."""
    import torch

    return torch.cat([encoder.encode_images(torch.from_numpy(i)[None]) for i in images]).mean(0)
