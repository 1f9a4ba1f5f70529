"""Progress from a chat model that sees the frames in random order (GVL).

"Vision Language Models are In-Context Value Learners" (Ma et al. 2024, arXiv:2411.04549): shown a
video in its order, a model says that progress grows, whatever happens; shown the frames shuffled,
with the first one as the anchor at 0 %, it has to look.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from embodied.errors import EmbodiedError
from embodied.perception.chat import (
    REPAIRS,
    ChatModel,
    ChatOptions,
    ChatRequest,
    InvalidAnswer,
    load_chat,
)
from embodied.perception.chat import ask as ask_chat
from embodied.perception.reward_model import Answers, GoalKind, Observes, RewardSettings
from embodied.runs.video import sampled
from embodied.signals import Reward

if TYPE_CHECKING:
    import numpy.typing as npt

FRAMES = 30
"""Frames of a clip that a model is shown at most; progress between them is interpolated."""
IMAGE_SIZE = 224


class InContextProgress:
    """How far along each frame of a clip is, in [0, 1], as a chat model sees it.

    The first frame is the anchor: its progress is 0 by definition. A clip for which no answer was
    valid gets NaN, and the reason; so the model abstains.

    task: what is to be done, in words.
    frames: most frames shown, evenly spaced, the first and the last among them.
    samples: orders to ask in; their mean is the progress, and from two on their standard deviation
        (n - 1) is the uncertainty. Orders without a valid answer do not count.
    repairs: how often an answer that does not fit is sent back. seed: decides the orders.
    """

    observes: Observes = "prefix"
    goal_kind: GoalKind = "text"
    answers: Answers = "progress"
    image_size = IMAGE_SIZE

    def __init__(
        self,
        chat: ChatModel,
        task: str,
        frames: int = FRAMES,
        samples: int = 1,
        repairs: int = REPAIRS,
        seed: int = 0,
    ) -> None:
        if not task.strip():
            raise EmbodiedError("say what is to be done: --task '...'")
        if frames < 2 or samples < 1:
            raise EmbodiedError("--frames must be at least 2 and --samples at least 1")
        self.chat, self.task, self.frames = chat, task, frames
        self.samples, self.repairs, self.seed = samples, repairs, seed

    @classmethod
    def from_settings(cls, settings: RewardSettings) -> InContextProgress:
        settings.refuse("gvl", "goal_images", "baseline_images", "demonstration", "alpha")
        if settings.chat is None:
            raise EmbodiedError(
                "--reward gvl needs a chat model: --chat http://HOST/v1#MODEL, or replay:FILE"
            )
        chat = load_chat(
            settings.chat, ChatOptions(settings.timeout, settings.record, settings.device)
        )
        return cls(
            chat,
            settings.instruction or " / ".join(settings.goal_prompts),
            settings.frames or FRAMES,
            settings.samples,
            seed=settings.seed,
        )

    @property
    def name(self) -> str:
        return self.chat.name

    def __call__(self, clips: npt.NDArray[np.uint8]) -> Reward:
        """Judge every frame of clips uint8 [N, T, H, W, 3]: N·T values, clip after clip."""
        found = [self._clip(clip) for clip in clips]
        values = np.concatenate([value for value, _, _ in found] or [np.zeros(0, np.float32)])
        spread = np.concatenate([value for _, value, _ in found] or [np.zeros(0, np.float32)])
        reason = "; ".join(dict.fromkeys(reason for *_, reason in found if reason))
        return Reward(values, spread if self.samples > 1 else None, reason)

    def _clip(self, clip: npt.NDArray[np.uint8]) -> tuple[np.ndarray, np.ndarray, str]:
        """Progress of one clip's frames, its standard deviation, and why something is missing."""
        shown = sampled(len(clip), self.frames)
        if len(shown) == 1:
            return np.zeros(1, np.float32), np.zeros(1, np.float32), ""
        curves, reason = [], ""
        for sample in range(self.samples):
            order = np.random.default_rng([self.seed, sample]).permutation(len(shown) - 1)
            try:
                curves.append(self._ask(clip[shown], order))
            except InvalidAnswer as error:
                reason = str(error)
        time = np.arange(len(clip))
        if not curves:
            nothing = np.full(len(clip), np.nan, np.float32)
            return nothing, nothing, reason
        values = np.interp(time, shown, np.mean(curves, axis=0)).astype(np.float32)
        if len(curves) == 1:  # one answer says nothing of its own spread
            return values, np.full(len(clip), np.nan, np.float32), ""
        spread = np.interp(time, shown, np.std(curves, axis=0, ddof=1)).astype(np.float32)
        return values, spread, ""

    def _ask(self, frames: npt.NDArray[np.uint8], order: np.ndarray) -> np.ndarray:
        """Progress of the frames [T], which are shown in `order` behind the first one."""
        count = len(order)
        parts: list[str | np.ndarray] = [
            f"You judge how far a robot has come with the task: {self.task}\n"
            "Task completion is a percentage: 0 before anything is done, 100 when the task is "
            "fully completed. This is the initial scene, with a completion of 0:",
            frames[0],
            f"Now {count} frames of the same episode in random order. Look at each one by itself: "
            "its place in this list says nothing about its place in time.",
        ]
        for number, index in enumerate(order, 1):
            parts += [f"Frame {number}:", frames[1 + index]]
        parts.append(
            "For each frame, describe in a few words what matters for the task, then give its task "
            'completion. Answer with one JSON object {"frames": [{"frame": 1, "description": '
            '"...", "completion": 0 to 100}, ...]} with every frame once.'
        )
        answer = ask_chat(
            self.chat,
            ChatRequest(tuple(parts), schema(count)),
            lambda found: _check_numbers(found, count),
            self.repairs,
        )
        progress = np.zeros(1 + count)
        for row in answer["frames"]:
            progress[1 + order[int(row["frame"]) - 1]] = row["completion"] / 100
        return progress


def schema(count: int) -> dict[str, Any]:
    """JSON schema of an answer about `count` frames."""
    row = {
        "type": "object",
        "properties": {
            "frame": {"type": "integer", "minimum": 1, "maximum": count},
            "description": {"type": "string"},
            "completion": {"type": "number", "minimum": 0, "maximum": 100},
        },
        "required": ["frame", "description", "completion"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {
            "frames": {"type": "array", "items": row, "minItems": count, "maxItems": count}
        },
        "required": ["frames"],
        "additionalProperties": False,
    }


def value_order_correlation(values: npt.ArrayLike) -> float:
    """Spearman's rank correlation of values [T] with time, in [-1, 1] (GVL, section 4).

    1 for values that always grow, about 0 for values that know nothing of time. NaN values do not
    count; NaN if fewer than two are left or all are equal. Leave an anchor out: its value is given.
    """
    from scipy.stats import spearmanr

    values = np.asarray(values, float)
    time = np.flatnonzero(~np.isnan(values))
    if len(time) < 2 or np.ptp(values[time]) == 0:
        return float("nan")
    return float(spearmanr(values[time], time)[0])  # pyright: ignore


def _check_numbers(answer: dict[str, Any], count: int) -> None:
    """Raise InvalidAnswer unless the frames are 1 to `count`, each once."""
    numbers = sorted(row["frame"] for row in answer["frames"])
    if numbers != list(range(1, count + 1)):
        raise InvalidAnswer(f"every frame from 1 to {count} must stand there once, not {numbers}")
