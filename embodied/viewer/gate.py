"""Who may see the page: a token for every request, pages of other sites kept out.

viser serves its page and its websocket on one port and asks nobody for anything. Its only door is
the `process_request` hook of the websockets server that it starts, so the gate goes in front of
that hook: whoever is refused gets an HTTP answer, and no websocket.
"""

from __future__ import annotations

import hmac
import http
import ipaddress
import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any
from unittest import mock
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio import server as websockets_server
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from embodied.errors import EmbodiedError

COOKIE = "embodied-view"

LOG = logging.getLogger(__name__)
# Whoever connects and says nothing, a port scan or a health check, is no error of ours.
LOG.addFilter(lambda record: record.getMessage() != "opening handshake failed")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_free(host: str, port: int) -> None:
    """Raise EmbodiedError unless a server can listen there; viser would take another port."""
    if not 0 <= port < 2**16:  # the resolver would take it modulo 2^16
        raise EmbodiedError(f"there is no port {port}: choose a --port from 0 to 65535")
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise EmbodiedError(
            f"cannot listen on {host}:{port} ({error}): choose another --port or --host"
        ) from error


@dataclass(frozen=True)
class Address:
    """Where the page is served. token: what its visitors must present; None for nobody."""

    host: str = "127.0.0.1"
    port: int = 8080
    token: str | None = None

    @property
    def url(self) -> str:
        query = f"/?token={self.token}" if self.token else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}{query}"


class Gate:
    """Lets a request through, or answers it.

    With a token, the page's address must hold it once (`/?token=…`); the browser then gets a cookie
    that the websocket's handshake brings along. Always, a request that another site's page sent
    (its Origin is not the address it was sent to) is refused: without that, any page that is open
    in the browser could connect to 127.0.0.1.

    Args:
        token: what to ask for; None lets everybody in who can reach the port.
    """

    def __init__(self, token: str | None):
        self.token = token
        self.installed = False

    def answer(self, request: Request) -> tuple[http.HTTPStatus, str] | None:
        """Why `request` is refused, with the status; None if it may pass."""
        origin, host = request.headers.get("Origin"), request.headers.get("Host", "")
        if origin is not None and urlsplit(origin).netloc != host:
            return http.HTTPStatus.FORBIDDEN, "This page may only be used from its own address.\n"
        if self.token is None or self._knows(self._in_cookie(request)) or self._in_address(request):
            return None
        if _given(request):
            return http.HTTPStatus.FORBIDDEN, "This token is wrong.\n"
        return http.HTTPStatus.UNAUTHORIZED, "Open this page with ?token=… as it was printed.\n"

    @contextmanager
    def guarding(self) -> Iterator[None]:
        """A viser server that is started inside answers through this gate."""
        serve = websockets_server.serve

        def guarded(*args: Any, process_request: Callable[..., Any], **kwargs: Any) -> Any:
            self.installed = True
            kwargs |= {"process_request": self._before(process_request), "logger": LOG}
            return serve(*args, **kwargs)

        with mock.patch.object(websockets_server, "serve", guarded):
            yield
        if not self.installed:  # another version of viser: better no page than an open one
            raise RuntimeError("viser's server was started without the gate")

    def _before(self, process_request: Callable[..., Any]) -> Callable[..., Any]:
        def process(connection: Any, request: Request) -> Response | None:
            refused = self.answer(request)
            if refused is not None:
                status, text = refused
                headers = Headers({"Content-Type": "text/plain; charset=utf-8"})
                return Response(status.value, status.phrase, headers, text.encode())
            response = process_request(connection, request)
            if response is not None and self._in_address(request):
                flags = "Path=/; HttpOnly; SameSite=Strict"
                response.headers["Set-Cookie"] = f"{COOKIE}={self.token}; {flags}"
            return response

        return process

    def _in_address(self, request: Request) -> bool:
        return self._knows(_given(request))

    def _in_cookie(self, request: Request) -> str:
        try:
            cookies = SimpleCookie(request.headers.get("Cookie", ""))
        except CookieError:
            return ""
        return cookies[COOKIE].value if COOKIE in cookies else ""

    def _knows(self, given: str) -> bool:
        return self.token is not None and hmac.compare_digest(given.encode(), self.token.encode())


def _given(request: Request) -> str:
    """The token in the request's address."""
    return parse_qs(urlsplit(request.path).query).get("token", [""])[0]
