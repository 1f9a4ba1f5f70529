"""Chat over HTTP against a real server on this machine: the protocol, and everything in its way."""

import json
import socket
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from embodied.errors import EmbodiedError
from embodied.perception import chat_http
from embodied.perception.chat import ChatRequest
from embodied.perception.chat_http import HttpChat
from tests.perception.chat_server import Answer, Server, chat_server

SCHEMA = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
GOOD = '{"ok": true}'


def question(*parts: Any) -> ChatRequest:
    return ChatRequest(parts or ("Well?",), SCHEMA, max_tokens=50)


def chat_of(server: Server, timeout: float = 10.0) -> HttpChat:
    return HttpChat(server.url, "tiny-vl", timeout, pause=0.01)


def in_turn(*answers: Answer) -> Callable[[dict[str, Any]], Answer]:
    left = list(answers)
    return lambda request: left.pop(0)


def test_a_question_in_words_and_pictures() -> None:
    rng = np.random.default_rng(0)
    small = rng.integers(0, 256, (20, 30, 3), dtype=np.uint8)
    large = np.full((600, 600, 3), 90, np.uint8)
    with chat_server(in_turn(Answer('{"ok": true, "word": "kniën 跪"}'))) as server:
        chat = chat_of(server)
        reply = chat(question("Ist das schön? 跪", small, "And this?", large))
    assert reply.text == '{"ok": true, "word": "kniën 跪"}'
    assert (reply.prompt_tokens, reply.completion_tokens) == (100, 7)
    request = server.seen[0]
    assert (request["model"], request["max_tokens"], request["temperature"]) == ("tiny-vl", 50, 0)
    assert request["response_format"]["json_schema"]["schema"] == SCHEMA
    kinds = [part["type"] for part in request["messages"][0]["content"]]
    assert kinds == ["text", "image_url", "text", "image_url"]
    assert server.texts() == "Ist das schön? 跪\nAnd this?"
    first, second = server.images()
    np.testing.assert_array_equal(first, small)  # PNG: to the bit
    assert np.abs(second.astype(int) - large).max() <= 3
    ledger = chat.ledger.to_json()
    assert ledger.pop("seconds") > 0
    assert ledger == {
        "calls": 1, "cached": 0, "images": 2, "prompt_tokens": 100, "completion_tokens": 7,
        "unreported": 0, "retries": 0,
    }  # fmt: skip


def test_a_key_is_sent_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    with chat_server(lambda request: Answer(GOOD)) as server:
        chat = chat_of(server)
        monkeypatch.delenv(chat_http.KEY, raising=False)
        chat(question())
        monkeypatch.setenv(chat_http.KEY, " sk-123\n")
        chat(question())
        assert "Authorization" not in server.headers[0]
        assert server.headers[1]["Authorization"] == "Bearer sk-123"
        assert "sk-123" not in str(vars(chat))
        monkeypatch.setenv(chat_http.KEY, "sk-\n123")
        with pytest.raises(EmbodiedError, match=chat_http.KEY) as caught:
            chat(question())
        assert "123" not in str(caught.value)


def test_a_busy_server_is_asked_again() -> None:
    answers = (
        Answer("slow down", 429, {"Retry-After": "0.02"}),
        Answer("loading", 503),
        Answer("at noon", 502, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}),
        Answer(GOOD),
    )
    with chat_server(in_turn(*answers)) as server:
        chat = chat_of(server)
        assert chat(question()).text == GOOD
    assert len(server.seen) == 4
    assert server.seen[0] == server.seen[3]
    assert (chat.ledger.calls, chat.ledger.retries) == (1, 3)


def test_tries_and_waits_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(chat_http.time, "sleep", waits.append)
    busy = Answer("busy", 429, {"Retry-After": "86400"})
    match = r"failed 5 times, last with 429: .*busy"
    with chat_server(lambda request: busy) as server, pytest.raises(EmbodiedError, match=match):
        chat_of(server)(question())
    assert len(server.seen) == chat_http.ATTEMPTS
    assert max(waits) == chat_http.LONGEST_WAIT


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ("response_format.type json_schema is not supported", "response_format"),
        ("Failed to parse grammar", "response_format"),
        ("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens'", "max_tokens"),
        ("'temperature' does not support 0 with this model", "temperature"),
    ],
)
def test_what_a_server_refuses_is_left_out(said: str, field: str) -> None:
    def answer(request: dict[str, Any]) -> Answer:
        return Answer(said, 400) if field in request else Answer(GOOD)

    with chat_server(answer) as server:
        chat = chat_of(server)
        for _ in range(2):
            assert chat(question()).text == GOOD
    assert [field in request for request in server.seen] == [True, False, False]  # asked once only
    in_words = json.dumps(SCHEMA) in server.texts()
    assert in_words == (field == "response_format")
    assert chat.ledger.retries == 0


def test_a_refusal_for_another_reason_stays_one() -> None:
    with chat_server(lambda request: Answer("too many\n images", 400)) as server:
        chat = chat_of(server)
        for _ in range(2):
            with pytest.raises(EmbodiedError, match=r"refused the request \(400\).*too many") as e:
                chat(question())
            assert "\n" not in str(e.value)
    assert "response_format" in server.seen[2]  # nothing was learned from it


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (Answer("who are you?", 401), r"wants a key \(401\): set EMBODIED_API_KEY"),
        (Answer("not yours", 403), r"wants a key \(403\)"),
        (Answer("model not found", 404), r"has no model 'tiny-vl' \(404\): .*/v1/models"),
        (Answer(body=b"<html>Hello\nworld</html>"), "does not speak .* '<html>Hello world"),
        (Answer(body=b'{"choices": []}'), "does not speak the chat-completions protocol"),
        (Answer(body=b"[1]"), "does not speak the chat-completions protocol"),
        (Answer(body=b""), "does not speak the chat-completions protocol"),
        (Answer(body=b"\xff\xfe"), "does not speak the chat-completions protocol"),
        (Answer(status=302, headers={"Location": "http://127.0.0.1:1/"}), r"refused .* \(302\)"),
    ],
)
def test_an_error_is_one_line_that_says_what_to_do(answer: Answer, hint: str) -> None:
    raises = pytest.raises(EmbodiedError, match=hint)
    with chat_server(lambda request: answer) as server, raises as caught:
        chat_of(server)(question())
    assert "\n" not in str(caught.value)


def test_no_words_are_an_empty_reply() -> None:
    body = json.dumps({"choices": [{"message": {"content": None, "refusal": "no"}}]}).encode()
    with chat_server(lambda request: Answer(body=body)) as server:
        chat = chat_of(server)
        assert chat(question()).text == ""
    assert chat.ledger.unreported == 1


@pytest.mark.parametrize("trickle", [False, True])
def test_a_slow_server_meets_the_time_limit(trickle: bool) -> None:
    answer = Answer(GOOD, delay=0.1 if trickle else 1.0, trickle=trickle)
    began = time.monotonic()
    with chat_server(lambda request: answer) as server:
        with pytest.raises(EmbodiedError, match=r"did not answer within 0.3 s"):
            chat_of(server, timeout=0.3)(question())
        assert time.monotonic() - began < 0.9
    assert len(server.seen) == 1  # asking a slow server again would not help


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(EmbodiedError, match=f"nothing listens at {url}: start the server"):
        HttpChat(url, "m")(question())
    with pytest.raises(EmbodiedError, match=r"cannot reach http://no-such-host\.invalid/v1"):
        HttpChat("http://no-such-host.invalid/v1", "m", timeout=5)(question())


def test_an_answer_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_http, "LONGEST_ANSWER", 1000)
    raises = pytest.raises(EmbodiedError, match="sent more than 1,000 bytes")
    with chat_server(lambda request: Answer("x" * 5000)) as server, raises:
        chat_of(server)(question())
