"""What a person has asked the scoring for, and whether that can be scored."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from embodied.errors import EmbodiedError

LONGEST = 300
"""Characters of a prompt; encoders read 64 to 256 tokens and silently leave the rest out."""
MOST = 20
"""Prompts that are compared at once."""


@dataclass(frozen=True)
class Wishes:
    """Prompts, the weight of the baseline, the camera, and prompts to compare."""

    goal: tuple[str, ...]
    baseline: tuple[str, ...]
    alpha: float
    camera: str
    compare: tuple[str, ...] = ()

    def check(self) -> None:
        """Raise EmbodiedError, in a line for the page, for what cannot be scored."""
        if not self.goal:
            raise EmbodiedError("The goal is empty: say what to look for.")
        if len(self.compare) > MOST:
            raise EmbodiedError(f"{len(self.compare)} prompts to compare: {MOST} fit the table.")
        for text in (*self.goal, *self.baseline, *self.compare):
            if len(text) > LONGEST:
                raise EmbodiedError(
                    f"A prompt of {len(text):,} characters: encoders read one or two sentences, "
                    f"so shorten it to {LONGEST}."
                )

    @property
    def foreign(self) -> bool:
        """Whether a prompt is written in another script than Latin."""
        texts = "".join((*self.goal, *self.baseline, *self.compare))
        return any(c.isalpha() and "LATIN" not in unicodedata.name(c, "") for c in texts)


def split_prompts(text: str, separator: str = "|") -> tuple[str, ...]:
    """The prompts in a field of the page; control characters count as spaces."""
    parts = text.split(separator)
    cleaned = ("".join(c if c.isprintable() else " " for c in part).strip() for part in parts)
    return tuple(part for part in cleaned if part)
