"""Chat models: pictures, words and a JSON schema in, an object that fits the schema out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from embodied.errors import EmbodiedError
from embodied.perception.ledger import Ledger
from embodied.registry import CHAT_MODELS

if TYPE_CHECKING:
    import numpy as np

REPAIRS = 2
"""How often a model is told what is wrong with its answer before it counts as no answer."""


class InvalidAnswer(EmbodiedError):
    """A chat model's answer is no JSON object of the schema that was asked for."""


@dataclass(frozen=True, eq=False)
class ChatRequest:
    """One question.

    parts: texts and RGB frames (uint8 [H, W, 3]), in the order in which they are read.
    schema: JSON schema of the answer, which is an object.
    max_tokens: longest answer.
    """

    parts: tuple[str | np.ndarray, ...]
    schema: dict[str, Any]
    max_tokens: int = 4096

    @property
    def images(self) -> int:
        """How many of the parts are pictures."""
        return sum(not isinstance(part, str) for part in self.parts)

    @property
    def key(self) -> str:
        """Hash of the contents, pixels included: equal only for the same question."""
        digest = hashlib.sha256(json.dumps([self.schema, self.max_tokens], sort_keys=True).encode())
        for part in self.parts:
            if isinstance(part, str):
                head, body = f"text {len(part.encode())}", part.encode()
            else:
                head, body = f"image {part.shape} {part.dtype}", part.tobytes()
            digest.update(head.encode() + b"\n" + body)
        return digest.hexdigest()


@dataclass(frozen=True)
class ChatReply:
    """What a model wrote, and how many tokens it says that took; None if it does not say."""

    text: str
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class ChatModel(Protocol):
    """What every chat back end offers; `ask` makes objects of its replies.

    Registered in `embodied.registry.CHAT_MODELS` by a factory
    `load(argument: str, options: ChatOptions)`. Each call is entered in the ledger.
    """

    @property
    def name(self) -> str:
        """The string that `load_chat` made it from, e.g. `http://127.0.0.1:8000/v1#qwen`."""
        ...

    @property
    def ledger(self) -> Ledger: ...

    def __call__(self, request: ChatRequest) -> ChatReply:
        """The model's reply as it is; EmbodiedError, in one line, if there is none to be had."""
        ...


@dataclass(frozen=True)
class ChatOptions:
    """timeout: seconds that one answer may take. record: JSONL file that keeps every exchange.

    device: where a model that runs in this process is put.
    """

    timeout: float = 120.0
    record: str | None = None
    device: str = "auto"


def load_chat(spec: str, options: ChatOptions | None = None) -> ChatModel:
    """The chat model that `spec` names; equal questions are asked once.

    spec: `http://HOST/v1#MODEL` or `https://…` (any OpenAI-compatible server), `replay:FILE` (what
        `record` wrote), or what a plug-in adds.

    Raises EmbodiedError for an unknown name; whether a server answers shows at the first question.
    """
    from embodied.perception.chat_recording import RecordedChat

    options = options or ChatOptions()
    scheme, _, argument = spec.partition(":")
    chat: ChatModel = CHAT_MODELS.load(scheme)(argument, options)
    if isinstance(chat, RecordedChat):  # a replay remembers by itself
        return chat
    return RecordedChat(chat, Path(options.record) if options.record else None)


def ask(
    chat: ChatModel,
    request: ChatRequest,
    check: Callable[[dict[str, Any]], None] | None = None,
    repairs: int = REPAIRS,
) -> dict[str, Any]:
    """The model's answer: an object that fits the request's schema.

    check: raises InvalidAnswer for what a schema cannot say.
    repairs: how often the model is shown its answer and what is wrong with it.

    Raises InvalidAnswer if no round gave a valid answer; other EmbodiedErrors are the back end's.
    """
    asked, problem = request, ""
    for _ in range(repairs + 1):
        text = chat(asked).text
        try:
            answer = extract(text, request.schema)
            if check:
                check(answer)
            return answer
        except InvalidAnswer as error:
            problem = str(error)
        repair = (
            f"Your last answer was:\n{text[:2000]}\nIt cannot be used: {problem}. Answer again "
            f"with one JSON object of this schema and nothing else:\n{json.dumps(request.schema)}"
        )
        asked = replace(request, parts=(*request.parts, repair))
    raise InvalidAnswer(f"{chat.name} gave no valid answer in {repairs + 1} rounds: {problem}")


def extract(text: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The first JSON object in `text` that fits the schema, whatever words stand around it.

    Raises InvalidAnswer that says what is wrong with the last object, or that there is none.
    """
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    validator = Draft202012Validator(schema)
    problem = "it holds no complete JSON object"
    for found in _objects(text):
        error = best_match(validator.iter_errors(found))
        if error is None:
            return found
        where = "/".join(map(str, error.absolute_path))
        problem = f"{where or 'the object'}: {error.message.splitlines()[0][:200]}"
    raise InvalidAnswer(problem)


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """JSON objects in `text` from left to right, none of them inside another."""
    decoder = json.JSONDecoder(parse_constant=_refuse_constant)
    start = text.find("{")
    while start >= 0:
        try:
            found, end = decoder.raw_decode(text, start)
            yield found
        except RecursionError:  # nested beyond any answer
            return
        except ValueError:
            end = start + 1
        start = text.find("{", end)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
