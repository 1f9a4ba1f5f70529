"""Who is let in: to the page, and to the websocket behind it."""

import http.client
import socket
import time
from collections.abc import Iterator

import pytest
import viser
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from embodied.cli import main
from embodied.errors import EmbodiedError
from embodied.viewer.gate import Gate, check_free, is_loopback

TOKEN = "open-sesame-1"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Of a viser server behind a gate with a token."""
    with Gate(TOKEN).guarding():
        server = viser.ViserServer("127.0.0.1", 0, verbose=False)
    yield server.get_port()
    server.stop()


def get(port: int, path: str, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers=headers)
    return connection.getresponse()


@pytest.mark.parametrize(
    ("path", "cookie", "status"),
    [
        ("/", "", 401),
        ("/?token=open-sesame-2", "", 403),
        ("/?token=", "", 401),
        ("/?token=ö", "", 403),
        ("/", "embodied-view=open-sesame-2", 401),
        ("/index.html", "", 401),
        ("/../../page.py", "", 401),
        (f"/?token={TOKEN}", "", 200),
        ("/", f"embodied-view={TOKEN}", 200),
    ],
)
def test_the_page_needs_the_token(port: int, path: str, cookie: str, status: int) -> None:
    path = path.encode().decode("latin-1").replace("Ã¶", "%C3%B6")
    answer = get(port, path, **({"Cookie": cookie} if cookie else {}))
    assert answer.status == status
    assert (b"<html" in answer.read()) == (status == 200)


def shakes_hands(port: int, path: str = "/", **headers: str) -> int:
    """The status of a websocket's handshake; 101 is a success."""
    protocol = [f"viser-v{viser.__version__}"]
    address = f"ws://127.0.0.1:{port}{path}"
    try:
        with connect(address, subprotocols=protocol, additional_headers=headers):  # pyright: ignore
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


def test_the_websocket_needs_the_token(port: int) -> None:
    assert shakes_hands(port) == 401
    assert shakes_hands(port, "/?token=wrong") == 403
    assert shakes_hands(port, Cookie="embodied-view=wrong") == 401
    cookie = get(port, f"/?token={TOKEN}").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert shakes_hands(port, Cookie=cookie.partition(";")[0]) == 101


def test_another_sites_page_is_kept_out(port: int) -> None:
    cookie = f"embodied-view={TOKEN}"
    assert shakes_hands(port, Cookie=cookie, Origin="http://evil.example") == 403
    assert shakes_hands(port, Cookie=cookie, Origin=f"http://127.0.0.1:{port}") == 101


def test_without_a_token_only_the_origin_counts() -> None:
    with Gate(None).guarding():
        server = viser.ViserServer("127.0.0.1", 0, verbose=False)
    port = server.get_port()
    assert get(port, "/").status == 200
    assert shakes_hands(port) == 101
    assert shakes_hands(port, Origin="http://evil.example") == 403
    server.stop()


def test_a_server_that_does_not_ask_the_gate_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="without the gate"), Gate(None).guarding():
        pass


def test_who_connects_and_says_nothing_is_no_error(
    port: int, caplog: pytest.LogCaptureFixture
) -> None:
    socket.create_connection(("127.0.0.1", port)).close()
    time.sleep(0.3)
    assert get(port, "/").status == 401  # the server goes on
    assert not caplog.records


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        *((host, True) for host in ("127.0.0.1", "localhost", "::1", "127.1.2.3")),
        *((host, False) for host in ("0.0.0.0", "::", "192.168.1.5", "my-machine")),
    ],
)
def test_which_hosts_need_a_token(host: str, loopback: bool) -> None:
    assert is_loopback(host) == loopback


def test_a_port_in_use_is_said_in_one_line(port: int) -> None:
    with pytest.raises(EmbodiedError, match=f"127.0.0.1:{port}.*--port"):
        check_free("127.0.0.1", port)
    with pytest.raises(EmbodiedError, match="from 0 to 65535"):
        check_free("127.0.0.1", 70_000)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--token", "x"], "--token needs at least 8"),
        (["--token", "with space;"], "--token needs at least 8"),
        (["--seconds", "0"], "--seconds must be above 0"),
        (["--policy", "a", "--episode", "b"], "leave one of them out"),
        (["--episode", "/no/such.safetensors"], "save-episodes"),
        (["--policy", "/no/such/run"], "there is no run"),
        (["--env", "humanoid-knel"], "Did you mean 'humanoid-kneel'?"),
    ],
)
def test_what_users_get_wrong_is_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["view", *arguments]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert said in err
