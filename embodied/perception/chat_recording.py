"""Chat models that remember: equal questions are asked once, and a recording replays offline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from embodied.errors import EmbodiedError
from embodied.perception.chat import ChatModel, ChatOptions, ChatReply, ChatRequest
from embodied.perception.ledger import Ledger
from embodied.runs import disk


class RecordedChat:
    """Answers what was asked before from memory, and asks `inner` the rest.

    A question is known by its contents (`ChatRequest.key`), so an answer is reused only for the
    same words, pixels and schema. A file is JSON lines of `key`, `model`, `texts`, `images` (their
    number: no pixels are kept), `answer`, `prompt_tokens`, `completion_tokens`.

    inner: the model to ask; None to replay `path` alone.
    path: recording to read and, with `inner`, to append to; None to remember in this process only.
        What another model answered is not reused.
    """

    def __init__(self, inner: ChatModel | None, path: Path | None = None) -> None:
        if inner is None and path is None:
            raise ValueError("a chat without a model needs a recording")
        self.inner, self.path = inner, path
        self.name = inner.name if inner else f"replay:{path}"
        self.ledger = inner.ledger if inner else Ledger()
        self._replies: dict[str, ChatReply] = {}
        if path is not None and (inner is None or path.exists()):
            self._read(path)

    def __call__(self, request: ChatRequest) -> ChatReply:
        key = request.key
        if key in self._replies:
            self.ledger.cached += 1
            return self._replies[key]
        if self.inner is None:
            raise EmbodiedError(
                f"{self.path} has no answer to this question ({len(self._replies)} others): "
                "record it with --chat http://HOST/v1#MODEL --record FILE"
            )
        reply = self._replies[key] = self.inner(request)
        if self.path is not None:
            row = {
                "key": key,
                "model": self.name,
                "texts": [part for part in request.parts if isinstance(part, str)],
                "images": request.images,
                "answer": reply.text,
                "prompt_tokens": reply.prompt_tokens,
                "completion_tokens": reply.completion_tokens,
            }
            with disk.clear_errors(self.path):
                self.path.parent.mkdir(parents=True, exist_ok=True)
                with self.path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
        return reply

    def _read(self, path: Path) -> None:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise EmbodiedError(f"cannot read the recording {path}: {error}") from error
        whole, _, torn = text.rpartition("\n")
        if torn and self.inner is not None:  # a kill cut the last line: append behind what is whole
            disk.write_bytes(path, f"{whole}\n".encode() if whole else b"")
        for number, line in enumerate(whole.split("\n") if whole else [], 1):
            try:
                row: dict[str, Any] = json.loads(line)
                reply = ChatReply(row["answer"], row["prompt_tokens"], row["completion_tokens"])
                key, model = row["key"], row["model"]
            except (ValueError, KeyError, TypeError) as error:
                raise EmbodiedError(
                    f"line {number} of {path} is no recorded exchange: remove it, or record anew"
                ) from error
            if self.inner is None or model == self.name:
                self._replies[key] = reply


def load(argument: str, options: ChatOptions) -> RecordedChat:
    """Recorded exchanges (`replay:FILE`), for use offline and in tests."""
    if not argument or options.record:
        raise EmbodiedError("write replay:FILE, and without --record: it asks no model")
    return RecordedChat(None, Path(argument).expanduser())
