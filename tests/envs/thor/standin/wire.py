"""Both of AI2-THOR's protocols, as Unity speaks them."""

import json
import os
import struct
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import msgpack

Images = list[tuple[str, bytes]]  # field name of WSGI and the pixels, bottom row first

FIFO_TYPES = {
    "image": 4,
    "image_depth": 5,
    "image_ids": 9,
    "image-thirdParty-camera": 10,
    "image_thirdParty_depth": 12,
    "image_thirdParty_image_ids": 14,
}
METADATA, ACTION, END = 1, 2, 255


class Wire(Protocol):
    def exchange(self, metadata: dict[str, Any], images: Images) -> dict[str, Any]:
        """Say how it is; returns the next action, empty to stop."""
        ...

    def garbage(self) -> None:
        """Say rubbish."""
        ...


def connect(environment: Mapping[str, str]) -> Wire:
    if environment["AI2THOR_SERVER_TYPE"] == "FIFO":
        return Fifo(
            environment["AI2THOR_FIFO_SERVER_PIPE_PATH"],
            environment["AI2THOR_FIFO_CLIENT_PIPE_PATH"],
        )
    token = environment["AI2THOR_CLIENT_TOKEN"]
    return Wsgi(environment["AI2THOR_HOST"], int(environment["AI2THOR_PORT"]), token)


class Fifo:
    """Frames of a type, a length and a body: struct `!BI`, ended by type 255."""

    def __init__(self, out_path: str, in_path: str) -> None:
        self.out: BinaryIO = Path(out_path).open("wb")  # noqa: SIM115, open as long as it lives
        self.in_path = in_path
        self.into: BinaryIO | None = None

    def exchange(self, metadata: dict[str, Any], images: Images) -> dict[str, Any]:
        self._write(METADATA, msgpack.dumps(metadata) or b"")
        for name, pixels in images:
            self._write(FIFO_TYPES[name], pixels)
        self._write(END, b"")
        self.out.flush()
        action: dict[str, Any] = {}
        while (frame := self._read())[0] != END:
            if frame[0] == ACTION:
                action = json.loads(frame[1])
        return action

    def garbage(self) -> None:
        self.out.write(b"\x2a\x99not a frame" * 100)
        self.out.flush()

    def _write(self, kind: int, body: bytes) -> None:
        self.out.write(struct.pack("!BI", kind, len(body)) + body)

    def _read(self) -> tuple[int, bytes]:
        if self.into is None:
            self.into = Path(self.in_path).open("rb")  # noqa: SIM115
        header = self.into.read(5)
        if len(header) < 5:  # the client is gone
            return END, b""
        kind, length = struct.unpack("!BI", header)
        return kind, self.into.read(length)


class Wsgi:
    """POSTs multipart forms to /train; the answer is the next action."""

    def __init__(self, host: str, port: int, token: str) -> None:
        import http.client  # slow, and FIFO does without

        self.connection = http.client.HTTPConnection(host, port)
        self.gone = (OSError, http.client.HTTPException)
        self.token = token

    def exchange(self, metadata: dict[str, Any], images: Images) -> dict[str, Any]:
        texts = {"metadata": json.dumps(metadata), "token": self.token}
        parts = [_part(name, "text/plain; charset=utf-8", text) for name, text in texts.items()]
        parts += [_part(name, "application/octet-stream", body, name) for name, body in images]
        answer = self._post(b"".join(parts) + b"--stand-in--\r\n")
        return json.loads(answer) if answer else {}

    def garbage(self) -> None:
        self._post(
            _part("metadata", "text/plain; charset=utf-8", "{not JSON") + b"--stand-in--\r\n"
        )

    def _post(self, body: bytes) -> bytes:
        headers = {"Content-Type": "multipart/form-data; boundary=stand-in"}
        with suppress(*self.gone):
            self.connection.request("POST", "/train", body, headers)
            return self.connection.getresponse().read()
        os._exit(0)  # the client is gone


def _part(name: str, kind: str, body: str | bytes, filename: str = "") -> bytes:
    """One part of the form, spelled as the client's own parser wants it."""
    shown = f'; filename="{filename}"' if filename else ""
    head = f'--stand-in\r\nContent-disposition: form-data; name="{name}"{shown}\r\n'
    content = body.encode() if isinstance(body, str) else body
    return f"{head}Content-Type: {kind}\r\n\r\n".encode() + content + b"\r\n"
