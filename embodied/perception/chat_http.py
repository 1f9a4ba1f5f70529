"""Chat models behind any OpenAI-compatible server: `http://HOST/v1#MODEL`."""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from embodied.errors import EmbodiedError
from embodied.perception.chat import ChatOptions, ChatReply, ChatRequest
from embodied.perception.ledger import Ledger
from embodied.runs.picture import data_url

if TYPE_CHECKING:
    import numpy as np

KEY = "EMBODIED_API_KEY"
"""Environment variable with the server's key; it is sent to the server and kept nowhere."""
ATTEMPTS = 5
"""Tries for one answer while the server is busy (429) or fails (5xx)."""
LONGEST_WAIT = 30.0
"""Seconds between two tries at most, whatever the server asks for."""
LONGEST_ANSWER = 16 * 2**20
"""Bytes."""
LOSSLESS = 512 * 512
"""Pixels up to which a picture is sent as PNG; a larger one is a JPEG of quality 92."""
OPTIONAL = ("response_format", "temperature", "max_tokens")
"""Fields of a request that some servers refuse, and that an answer can do without."""


class HttpChat:
    """Asks one model of one server, one question at a time.

    A schema goes along as `response_format`; a server that refuses it gets the schema as text.

    url: base of the API, e.g. `http://127.0.0.1:8000/v1`. timeout: seconds for one answer.
    pause: seconds before the second try; it doubles with each further one.
    """

    def __init__(self, url: str, model: str, timeout: float = 120.0, pause: float = 1.0) -> None:
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError as error:
            raise EmbodiedError(f"{url!r} is no address of a chat model: {error}") from error
        if not host or not model:
            raise EmbodiedError(
                f"write the chat model as http://HOST/v1#MODEL, got {url}#{model}: "
                f"{url.rstrip('/')}/models lists the server's models"
            )
        if parts.username or parts.query:
            raise EmbodiedError(f"no keys in the address of a chat model: set {KEY} instead")
        if not timeout > 0:
            raise EmbodiedError(f"the time limit of a chat model must be above 0 s, got {timeout}")
        self.url, self.model, self.timeout, self.pause = url.rstrip("/"), model, timeout, pause
        self.name = f"{self.url}#{model}"
        self.ledger = Ledger()
        self._refused: set[str] = set()
        handlers: list[Any] = [_NoRedirect()]
        if host in ("localhost", "127.0.0.1", "::1"):
            handlers.append(urllib.request.ProxyHandler({}))
        self._opener = urllib.request.build_opener(*handlers)

    def __call__(self, request: ChatRequest) -> ChatReply:
        began = time.monotonic()
        reply = self._read(self._send(request))
        self.ledger.add(
            request.images,
            reply.prompt_tokens,
            reply.completion_tokens,
            time.monotonic() - began,
        )
        return reply

    def _send(self, request: ChatRequest) -> bytes:
        """The body of a good answer, after as many tries as it takes within the bounds."""
        tries, refused = 1, set(self._refused)
        while True:
            fields = self._fields(request, refused)
            try:
                body = self._post(fields)
                self._refused = refused  # only what an answer came without
                return body
            except urllib.error.HTTPError as error:
                said = _said(error)
                if error.code in (400, 422, 501) and (name := self._to_drop(fields, said)):
                    refused.add(name)
                    continue
                if (error.code != 429 and error.code < 500) or tries == ATTEMPTS:
                    raise self._error(error.code, said) from error
                wait = _retry_after(error) or self.pause * 2 ** (tries - 1)
            time.sleep(min(wait, LONGEST_WAIT))
            tries += 1
            self.ledger.retries += 1

    def _post(self, fields: dict[str, Any]) -> bytes:
        """One request; HTTPError for a status that is not 2xx, EmbodiedError for no answer."""
        headers = {"Content-Type": "application/json", "User-Agent": "embodied"}
        if key := os.environ.get(KEY, "").strip():
            if not (key.isascii() and key.isprintable()):
                raise EmbodiedError(f"{KEY} holds characters that no key has: set it anew")
            headers["Authorization"] = f"Bearer {key}"
        body = json.dumps(fields).encode()
        request = urllib.request.Request(f"{self.url}/chat/completions", body, headers)
        deadline = time.monotonic() + self.timeout
        pieces, size = [], 0
        try:
            with self._opener.open(request, timeout=self.timeout) as response:
                while piece := response.read1(65536):
                    pieces.append(piece)
                    size += len(piece)
                    if time.monotonic() > deadline:  # a socket's own limit is per piece
                        raise TimeoutError
                    if size > LONGEST_ANSWER:
                        raise EmbodiedError(f"{self.name} sent more than {LONGEST_ANSWER:,} bytes")
        except urllib.error.HTTPError:
            raise
        except (OSError, HTTPException, ValueError) as error:
            reason = getattr(error, "reason", error)
            if isinstance(reason, TimeoutError):
                raise EmbodiedError(
                    f"{self.name} did not answer within {self.timeout:g} s: give it longer, "
                    "or send fewer frames"
                ) from error
            if isinstance(reason, ConnectionRefusedError):
                raise EmbodiedError(
                    f"nothing listens at {self.url}: start the server, or mend the address"
                ) from error
            raise EmbodiedError(f"cannot reach {self.url}: {reason}") from error
        return b"".join(pieces)

    def _fields(self, request: ChatRequest, refused: set[str]) -> dict[str, Any]:
        content = [_part(part) for part in request.parts]
        if "response_format" in refused:
            schema = json.dumps(request.schema)
            content.append(_part(f"Answer with one JSON object of this schema: {schema}"))
        form = {"name": "answer", "strict": True, "schema": request.schema}
        fields = {
            "model": self.model,
            "messages": [{"role": "user", "content": content}],
            "max_tokens": request.max_tokens,
            "temperature": 0,
            "response_format": {"type": "json_schema", "json_schema": form},
        }
        return {name: value for name, value in fields.items() if name not in refused}

    @staticmethod
    def _to_drop(fields: dict[str, Any], said: str) -> str | None:
        """The optional field that a refusal is about: the one it names, else the schema."""
        named = [name for name in OPTIONAL if name in fields and name in said]
        if named:
            return named[0]
        return "response_format" if "response_format" in fields else None

    def _error(self, code: int, said: str) -> EmbodiedError:
        if code in (401, 403):
            return EmbodiedError(f"{self.url} wants a key ({code}): set {KEY}")
        if code == 404:
            return EmbodiedError(
                f"{self.url} has no model {self.model!r} (404): {self.url}/models lists them"
            )
        if code == 429 or code >= 500:
            return EmbodiedError(f"{self.name} failed {ATTEMPTS} times, last with {code}: {said}")
        return EmbodiedError(f"{self.name} refused the request ({code}): {said}")

    def _read(self, body: bytes) -> ChatReply:
        try:
            data = json.loads(body)
            text = data["choices"][0]["message"]["content"]
            usage = data.get("usage") or {}
            tokens = [usage.get(name) for name in ("prompt_tokens", "completion_tokens")]
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise EmbodiedError(
                f"{self.url} does not speak the chat-completions protocol: it answered "
                f"{_line(body)!r}"
            ) from error
        if not isinstance(text, str):
            text = ""  # a refusal, or a call of a tool: no answer, which `ask` reports
        return ChatReply(text, *(n if isinstance(n, int) else None for n in tokens))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A key must not follow a redirect to another host."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def _part(part: str | np.ndarray) -> dict[str, Any]:
    """A text or a frame as the protocol has it, the picture inline as a data URL."""
    if isinstance(part, str):
        return {"type": "text", "text": part}
    kind = "PNG" if part.shape[0] * part.shape[1] <= LOSSLESS else "JPEG"
    return {"type": "image_url", "image_url": {"url": data_url(part, kind)}}


def _said(error: urllib.error.HTTPError) -> str:
    """What a server says of an error, in one line."""
    try:
        return _line(error.read(4096)) or error.reason
    except (OSError, HTTPException):
        return str(error.reason)


def _line(body: bytes) -> str:
    return " ".join(body.decode("utf-8", "replace").split())[:300]


def _retry_after(error: urllib.error.HTTPError) -> float:
    """Seconds that the server asks to wait; 0 if it gives none (or a date)."""
    try:
        return max(float(error.headers.get("Retry-After", "0")), 0.0)
    except ValueError:
        return 0.0


def load_http(argument: str, options: ChatOptions) -> HttpChat:
    """A model of an OpenAI-compatible server: `http://HOST/v1#MODEL`."""
    return _load("http", argument, options)


def load_https(argument: str, options: ChatOptions) -> HttpChat:
    """The same behind TLS: `https://HOST/v1#MODEL`, its key in EMBODIED_API_KEY."""
    return _load("https", argument, options)


def _load(scheme: str, argument: str, options: ChatOptions) -> HttpChat:
    url, _, model = argument.partition("#")
    return HttpChat(f"{scheme}:{url}", model, options.timeout)
