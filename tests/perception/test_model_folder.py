"""Finding models: the hub (a small imitation on this machine), the cache, and no network."""

import hashlib
import json
import socket
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from embodied.errors import EmbodiedError
from embodied.perception import model_folder
from embodied.perception.huggingface import load
from embodied.perception.model_folder import find_model_folder

from .tiny_models import PROMPTS, make_tiny_clip

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub(ThreadingHTTPServer):
    """Serves `folder` as the repository `tiny/clip`; knows no other."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.folder = folder
        self.served: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Answer(BaseHTTPRequestHandler):
    server: Hub

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        files = {p.name: p for p in self.server.folder.iterdir()}
        if path.startswith("/api/models/tiny/clip/tree/"):
            return self._json([_entry(p) for p in files.values()])
        if path.startswith("/api/models/tiny/clip"):
            siblings = [{"rfilename": name} for name in files]
            return self._json({"id": "tiny/clip", "sha": COMMIT, "siblings": siblings})
        name = path.rpartition("/")[2]
        if path.startswith("/tiny/clip/resolve/") and name in files:
            if self.command == "GET":
                self.server.served.append(name)
            body = files[name].read_bytes()
            return self._send(200, body, ETag=f'"{hashlib.sha1(body).hexdigest()}"')
        kind = "GatedRepo" if "/gated/" in path else "RepoNotFound"
        self._send(404 if kind == "RepoNotFound" else 403, b"", **{"X-Error-Code": kind})

    def _json(self, value: object) -> None:
        self._send(200, json.dumps(value).encode(), **{"Content-Type": "application/json"})

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        headers |= {"Content-Length": str(len(body)), "X-Repo-Commit": COMMIT}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


def _entry(path: Path) -> dict[str, object]:
    oid = hashlib.sha1(path.read_bytes()).hexdigest()
    return {"type": "file", "path": path.name, "size": path.stat().st_size, "oid": oid}


def _ask_at(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", url)
    template = url + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    return tmp_path / "cache"


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_cache: Path) -> Iterator[Hub]:
    with Hub(make_tiny_clip(tmp_path / "repository")) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        _ask_at(monkeypatch, server.url)
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch, empty_cache: Path) -> None:
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    _ask_at(monkeypatch, f"http://127.0.0.1:{port}")


def test_downloads_once_then_needs_no_network(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    (hub.folder / "pytorch_model.bin").write_bytes(b"a pickle")
    (hub.folder / "README.md").write_text("words")
    fetched = load("tiny/clip", "cpu")
    assert sorted(hub.served) == sorted(
        p.name for p in hub.folder.iterdir() if p.name not in ("pytorch_model.bin", "README.md")
    )
    local = load(str(hub.folder), "cpu")
    assert (fetched.encode_texts(PROMPTS) == local.encode_texts(PROMPTS)).all()
    assert fetched.fingerprint == local.fingerprint
    hub.served.clear()
    _ask_at(monkeypatch, "http://127.0.0.1:9")
    assert load("tiny/clip", "cpu").fingerprint == fetched.fingerprint
    assert hub.served == []


def test_only_a_pickle_on_the_hub(hub: Hub) -> None:
    (hub.folder / "model.safetensors").rename(hub.folder / "pytorch_model.bin")
    with pytest.raises(EmbodiedError, match=r"model\.safetensors; pickles are never") as error:
        find_model_folder("tiny/clip")
    assert "\n" not in str(error.value)
    assert "pytorch_model.bin" not in hub.served


def test_an_unknown_repository(hub: Hub) -> None:
    with pytest.raises(EmbodiedError, match="no such repository on the hub") as error:
        find_model_folder("tiny/clop")
    assert "\n" not in str(error.value)


def test_a_gated_repository(hub: Hub) -> None:
    with pytest.raises(EmbodiedError, match="hf auth login") as error:
        find_model_folder("gated/model")
    assert "\n" not in str(error.value)


@pytest.mark.usefixtures("no_network")
def test_no_network() -> None:
    with pytest.raises(EmbodiedError, match="hub cannot be reached") as error:
        find_model_folder("google/siglip-base-patch16-224")
    assert "embedded" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.usefixtures("no_network")
def test_offline_on_purpose(monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(EmbodiedError, match="HF_HUB_OFFLINE"):
        find_model_folder("google/siglip-base-patch16-224@main")


def test_a_hub_that_does_not_answer(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_folder, "HUB_TIMEOUT_S", 0.2)
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        _ask_at(monkeypatch, f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(EmbodiedError, match="hub cannot be reached"):
            find_model_folder("tiny/clip")


@pytest.mark.parametrize("source", ["./no/folder", "/no/such/folder", "~/no", "a/b/c", "no spaces"])
def test_no_such_folder(source: str) -> None:
    with pytest.raises(EmbodiedError, match="no such folder") as error:
        find_model_folder(source)
    assert "\n" not in str(error.value)
