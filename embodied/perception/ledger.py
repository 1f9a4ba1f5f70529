"""What a chat model has cost so far."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass
class Ledger:
    """Counts that only grow; a back end adds to them with every call.

    calls: requests that a model answered. cached: those answered from memory or a recording.
    images: pictures sent, those of retries not counted again. seconds: waiting, retries included.
    prompt_tokens, completion_tokens: as the model reports them; `unreported` calls said nothing.
    retries: requests sent again after the server was busy or failed.
    """

    calls: int = 0
    cached: int = 0
    images: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    unreported: int = 0
    retries: int = 0
    seconds: float = 0.0

    def add(
        self, images: int, prompt_tokens: int | None, completion_tokens: int | None, seconds: float
    ) -> None:
        """Enter one answered call; None for tokens that were not reported."""
        self.calls += 1
        self.images += images
        self.seconds += seconds
        self.prompt_tokens += prompt_tokens or 0
        self.completion_tokens += completion_tokens or 0
        self.unreported += prompt_tokens is None or completion_tokens is None

    def to_json(self) -> dict[str, Any]:
        """All counts by name."""
        return asdict(self)

    def __str__(self) -> str:
        tokens = f"{self.prompt_tokens:,} + {self.completion_tokens:,} tokens"
        if self.unreported:
            tokens += f" ({self.unreported} calls reported none)"
        return (
            f"{self.calls} calls ({self.cached} more from memory, {self.retries} retries), "
            f"{self.images} images, {tokens}, {self.seconds:.1f} s"
        )
