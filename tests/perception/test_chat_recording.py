"""Recorded chats: asked once, replayed offline, whole after a kill, and free of secrets."""

import json
from pathlib import Path

import numpy as np
import pytest

from embodied.errors import EmbodiedError
from embodied.perception.chat import ChatOptions, ChatRequest, load_chat
from embodied.perception.chat_http import KEY
from embodied.perception.chat_recording import RecordedChat
from tests.perception.chat_server import Answer, chat_server
from tests.perception.test_chat import SCHEMA, Scripted


def question(text: str) -> ChatRequest:
    return ChatRequest((text, np.zeros((2, 2, 3), np.uint8)), SCHEMA)


def test_equal_questions_are_asked_once() -> None:
    inner = Scripted("one", "two")
    chat = RecordedChat(inner)
    assert [chat(question(text)).text for text in ("a", "b", "a")] == ["one", "two", "one"]
    assert len(inner.asked) == 2
    assert chat.ledger.cached == 1


def test_a_recording_answers_without_its_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "new" / "chat.jsonl"
    monkeypatch.setenv(KEY, "sk-123")
    with chat_server(lambda request: Answer('{"score": 5, "wort": "schön"}')) as server:
        chat = load_chat(f"{server.url}#m", ChatOptions(record=str(path)))
        said = [chat(question(text)) for text in ("a", "b", "a")]
    assert len(server.seen) == 2
    replay = load_chat(f"replay:{path}")
    assert [replay(question(text)) for text in ("a", "b", "a")] == said
    assert (replay.ledger.calls, replay.ledger.cached) == (0, 3)
    with pytest.raises(EmbodiedError, match=r"has no answer to this question \(2 others\)"):
        replay(question("c"))
    assert "sk-123" not in path.read_text()
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert [row["texts"] for row in rows] == [["a"], ["b"]]
    assert rows[0]["model"] == chat.name
    assert "schön" in path.read_text()


def test_recording_goes_on_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "chat.jsonl"
    RecordedChat(Scripted("one"), path)(question("a"))
    with path.open("a") as file:
        file.write('{"key": "half a li')  # a kill
    inner = Scripted("two")
    chat = RecordedChat(inner, path)
    assert [chat(question(text)).text for text in ("a", "b")] == ["one", "two"]
    assert len(inner.asked) == 1
    assert len(path.read_text().splitlines()) == 2
    replay = RecordedChat(None, path)
    assert [replay(question(text)).text for text in ("a", "b")] == ["one", "two"]


def test_what_another_model_said_is_asked_anew(tmp_path: Path) -> None:
    path = tmp_path / "chat.jsonl"
    RecordedChat(Scripted("one"), path)(question("a"))
    other = Scripted("uno")
    other.name = "other"
    assert RecordedChat(other, path)(question("a")).text == "uno"
    assert RecordedChat(None, path)(question("a")).text == "uno"  # the newest counts


@pytest.mark.parametrize("line", ["hello", "[]", '{"key": "a"}'])
def test_a_damaged_recording_names_the_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "chat.jsonl"
    RecordedChat(Scripted("one"), path)(question("a"))
    with path.open("a") as file:
        file.write(line + "\n")
    with pytest.raises(EmbodiedError, match=r"line 2 of .* is no recorded exchange"):
        RecordedChat(None, path)
