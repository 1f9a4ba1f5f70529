"""A server on 127.0.0.1 that speaks the chat-completions protocol, as the test wants it to."""

from __future__ import annotations

import base64
import io
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
from PIL import Image


@dataclass
class Answer:
    """What the server does with one request.

    text: the model's words. body: raw bytes instead. delay: seconds before it, and before each byte
    if `trickle`.
    """

    text: str = "{}"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    usage: bool = True
    delay: float = 0.0
    trickle: bool = False


@dataclass
class Server:
    """url: base of the API. seen: bodies of the requests. headers: theirs."""

    url: str
    seen: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def texts(self, number: int = -1) -> str:
        """All texts of a request."""
        content = self.seen[number]["messages"][0]["content"]
        return "\n".join(part["text"] for part in content if part["type"] == "text")

    def images(self, number: int = -1) -> list[np.ndarray]:
        """All pictures of a request, decoded."""
        return images_of(self.seen[number])


def images_of(request: dict[str, Any]) -> list[np.ndarray]:
    """Pictures of a request's body, decoded from their data URLs."""
    found = []
    for part in request["messages"][0]["content"]:
        if part["type"] == "image_url":
            match = re.fullmatch(r"data:image/(\w+);base64,(.*)", part["image_url"]["url"])
            assert match is not None
            picture = Image.open(io.BytesIO(base64.b64decode(match[2], validate=True)))
            assert picture.format == match[1].upper()
            found.append(np.array(picture.convert("RGB")))
    return found


@contextmanager
def chat_server(answer: Callable[[dict[str, Any]], Answer]) -> Iterator[Server]:
    """Serve until the block ends; `answer` is given each request's body."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            assert self.path == "/v1/chat/completions"
            server.seen.append(request)
            server.headers.append(dict(self.headers))
            said = answer(request)
            time.sleep(said.delay)
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.end_headers()
            body = _completion(said) if said.body is None else said.body
            try:
                for start in range(0, len(body), 1) if said.trickle else ():
                    self.wfile.write(body[start : start + 1])
                    time.sleep(said.delay)
                if not said.trickle:
                    self.wfile.write(body)
            except OSError:  # the client has had enough
                pass

        def log_message(self, format: str, *args: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server = Server(f"http://127.0.0.1:{http.server_address[1]}/v1")
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def _completion(said: Answer) -> bytes:
    if said.status != 200:
        return json.dumps({"error": {"message": said.text}}).encode()
    message = {"role": "assistant", "content": said.text}
    data: dict[str, Any] = {"choices": [{"index": 0, "message": message}]}
    if said.usage:
        data["usage"] = {"prompt_tokens": 100, "completion_tokens": 7}
    return json.dumps(data, ensure_ascii=False).encode()
