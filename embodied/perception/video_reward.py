"""One reward for a whole video, in RoboCLIP's manner (Sontakke et al., NeurIPS 2023).

arXiv:2310.07899: the reward is 0 until the episode's last step, and there it is the similarity of
the episode's video with a text or with the video of a demonstration. RoboCLIP embeds videos with
S3D, which sees motion and is not here: pooled frame embeddings of an image-text encoder stand in,
and those know which postures occurred, but not in which order.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from embodied.errors import EmbodiedError, unknown
from embodied.perception.encoder import ImageTextEncoder, load_encoder
from embodied.perception.reward_model import Answers, GoalKind, Observes, RewardSettings
from embodied.runs.video import read_video, sampled
from embodied.signals import Reward

if TYPE_CHECKING:
    import numpy.typing as npt
    from torch import Tensor

FRAMES = 32
"""Frames of a video that are looked at, as many as RoboCLIP gives to S3D."""

POOLINGS: dict[str, Callable[[Tensor], Tensor]] = {
    "mean": lambda frames: frames.mean(0),
    "last-half": lambda frames: frames[len(frames) // 2 :].mean(0),
    "last": lambda frames: frames[-1],
}
"""Frame embeddings [T, D] -> a video's [D]. `mean` rewards the time spent near the goal, `last`
only how the episode ends, `last-half` holding it in the second half."""


class VideoReward:
    """The cosine of a video's embedding with the goal's.

    goal: a text, or a demonstration uint8 [T, H, W, 3], which is pooled like the video.
    frames: frames of each video that are encoded, evenly spaced from the first to the last.
    """

    observes: Observes = "video"
    answers: Answers = "scalar"

    def __init__(
        self,
        encoder: ImageTextEncoder,
        goal: str | npt.NDArray[np.uint8],
        frames: int = FRAMES,
        pooling: str = "mean",
    ) -> None:
        if pooling not in POOLINGS:
            raise unknown("pooling", pooling, POOLINGS)
        if frames < 1:
            raise EmbodiedError(f"--frames must be at least 1, got {frames}")
        self.encoder, self.frames, self.pooling = encoder, frames, pooling
        self.goal_kind: GoalKind = "text" if isinstance(goal, str) else "video"
        text = isinstance(goal, str)
        self._goal = encoder.encode_texts([goal])[0] if text else self._embed(goal)

    @classmethod
    def from_settings(cls, settings: RewardSettings) -> VideoReward:
        settings.refuse("video", "goal_images", "baseline_images", "chat", "alpha")
        encoder = load_encoder(settings.vlm, settings.device)
        goal: str | npt.NDArray[np.uint8]
        if settings.demonstration is not None:
            goal = read_video(Path(settings.demonstration), settings.frames or FRAMES)[0]
        elif len(settings.goal_prompts) == 1:
            goal = settings.goal_prompts[0]
        else:
            raise EmbodiedError("--reward video needs one --task, or a --demonstration VIDEO")
        return cls(encoder, goal, settings.frames or FRAMES, settings.pooling)

    @property
    def name(self) -> str:
        return self.encoder.name

    @property
    def image_size(self) -> int:
        return self.encoder.image_size

    def __call__(self, clips: npt.NDArray[np.uint8]) -> Reward:
        """Score videos (uint8 [N, T, H, W, 3])."""
        values = np.array([float(self._embed(clip) @ self._goal) for clip in clips], np.float32)
        if nan := int(np.isnan(values).sum()):
            return Reward(values, reason=f"the encoder gave no number for {nan} of {len(clips)}")
        return Reward(values)

    def _embed(self, clip: npt.NDArray[np.uint8]) -> Tensor:
        """A video's embedding [D], of length 1."""
        import torch

        chosen = np.ascontiguousarray(clip[sampled(len(clip), self.frames)])
        pooled = POOLINGS[self.pooling](self.encoder.encode_images(torch.from_numpy(chosen)))
        return torch.nn.functional.normalize(pooled, dim=0)
