"""A reward that needs no encoder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from embodied.perception.reward_model import Answers, GoalKind, Observes, RewardSettings
from embodied.signals import Reward

if TYPE_CHECKING:
    import numpy.typing as npt


class Redness:
    """How red a frame is: the share of red in its light, 1/3 for grey and 1 for pure red.

    A black frame has no colour, so the model abstains on it.
    """

    observes: Observes = "image"
    goal_kind: GoalKind = "text"
    answers: Answers = "scalar"
    name = "redness"
    image_size = 64

    @classmethod
    def from_settings(cls, settings: RewardSettings) -> Redness:
        settings.refuse("redness", "goal_images", "baseline_images", "demonstration", "chat")
        return cls()

    def __call__(self, clips: npt.NDArray[np.uint8]) -> Reward:
        light = clips.sum((1, 2), dtype=np.float64)
        total = light.sum(1)
        values = np.divide(light[:, 0], total, out=np.full(len(clips), np.nan), where=total > 0)
        dark = int((total == 0).sum())
        return Reward(values.astype(np.float32), reason=f"{dark} black frames" if dark else "")
