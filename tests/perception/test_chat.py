"""Questions to chat models: what counts as an answer, and what happens when there is none."""

import numpy as np
import pytest

from embodied.errors import EmbodiedError
from embodied.perception.chat import (
    ChatOptions,
    ChatReply,
    ChatRequest,
    InvalidAnswer,
    ask,
    extract,
    load_chat,
)
from embodied.perception.ledger import Ledger

SCHEMA = {
    "type": "object",
    "properties": {"score": {"type": "number", "minimum": 0, "maximum": 100}},
    "required": ["score"],
    "additionalProperties": False,
}


class Scripted:
    """Says the given texts one after the other, and keeps what it was asked."""

    name = "scripted"

    def __init__(self, *texts: str) -> None:
        self.texts, self.asked, self.ledger = list(texts), [], Ledger()

    def __call__(self, request: ChatRequest) -> ChatReply:
        self.asked.append(request)
        return ChatReply(self.texts.pop(0))


@pytest.mark.parametrize(
    "text",
    [
        '{"score": 7}',
        'Sure!\n```json\n{"score": 7}\n```\nAnything else?',
        '<think>{maybe} a {"score": "high"}?</think>{"score": 7}',
        '{"score": 700} no, wait: {"score": 7}',
        'A set {1, 2} and {"score": NaN}, so {"score": 7.0}',
    ],
)
def test_an_answer_is_found_among_words(text: str) -> None:
    assert extract(text, SCHEMA) == {"score": 7}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no complete JSON object"),
        ("seven", "no complete JSON object"),
        ('{"score": 7', "no complete JSON object"),
        ('{"score": NaN}', "no complete JSON object"),
        ("[7]", "no complete JSON object"),
        ('{"a":' * 100_000, "no complete JSON object"),
        ('{"score": "7"}', "score: '7' is not of type 'number'"),
        ('{"score": 101}', "score: 101 is greater than the maximum of 100"),
        ("{}", "the object: 'score' is a required property"),
        ('{"score": 7, "mood": 1}', "'mood' was unexpected"),
    ],
)
def test_what_is_no_answer_says_why(text: str, problem: str) -> None:
    with pytest.raises(InvalidAnswer, match=problem):
        extract(text, SCHEMA)


def test_a_model_is_told_what_was_wrong() -> None:
    chat = Scripted('{"score": 101}', "I am sorry!", '{"score": 3}')
    assert ask(chat, ChatRequest(("How far?",), SCHEMA)) == {"score": 3}
    assert [len(request.parts) for request in chat.asked] == [1, 2, 2]
    repair = chat.asked[1].parts[1]
    assert '{"score": 101}' in repair
    assert "greater than the maximum" in repair
    assert "I am sorry!" in chat.asked[2].parts[1]


def test_rounds_are_bounded() -> None:
    chat = Scripted("no", "no", "no", '{"score": 3}')
    with pytest.raises(InvalidAnswer, match="scripted gave no valid answer in 3 rounds"):
        ask(chat, ChatRequest(("How far?",), SCHEMA), repairs=2)
    assert len(chat.asked) == 3


def test_a_check_may_refuse_what_fits_the_schema() -> None:
    def even(answer: dict) -> None:
        if answer["score"] % 2:
            raise InvalidAnswer("an even number, please")

    chat = Scripted('{"score": 3}', '{"score": 4}')
    assert ask(chat, ChatRequest(("How far?",), SCHEMA), even) == {"score": 4}
    assert "an even number, please" in chat.asked[1].parts[1]


def test_a_question_is_known_by_its_contents() -> None:
    frame = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    other = frame.copy()
    other[3, 3, 2] += 1
    keys = [
        ChatRequest(parts, schema, tokens).key
        for parts, schema, tokens in [
            (("a", frame), SCHEMA, 10),
            (("a", other), SCHEMA, 10),
            (("a", frame.reshape(2, 8, 3)), SCHEMA, 10),
            ((frame, "a"), SCHEMA, 10),
            (("a ", frame), SCHEMA, 10),
            (("a", frame), {}, 10),
            (("a", frame), SCHEMA, 11),
            (("a", frame, ""), SCHEMA, 10),
        ]
    ]
    assert len(set(keys)) == len(keys)
    assert ChatRequest(("a", frame.copy()), dict(reversed(SCHEMA.items())), 10).key == keys[0]
    view = np.stack([frame, frame], axis=1)[:, 0]  # the same pixels, elsewhere in memory
    assert ChatRequest(("a", view), SCHEMA, 10).key == keys[0]


@pytest.mark.parametrize(
    ("spec", "hint"),
    [
        ("gpt-5", "unknown chat model 'gpt-5'.*http, https, replay"),
        ("http://127.0.0.1:1/v1", "http://HOST/v1#MODEL"),
        ("http:#m", "http://HOST/v1#MODEL"),
        ("http://127.0.0.1:x/v1#m", "no address"),
        ("http://[::1/v1#m", "no address"),
        ("https://me:secret@host/v1#m", "EMBODIED_API_KEY"),
        ("https://host/v1?key=secret#m", "EMBODIED_API_KEY"),
        ("replay:", "replay:FILE"),
        ("replay:nowhere.jsonl", "cannot read the recording nowhere.jsonl"),
    ],
)
def test_a_wrong_name_is_one_line(spec: str, hint: str) -> None:
    with pytest.raises(EmbodiedError, match=hint) as caught:
        load_chat(spec)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_time_limit_must_be_positive() -> None:
    with pytest.raises(EmbodiedError, match="above 0 s"):
        load_chat("http://127.0.0.1:1/v1#m", ChatOptions(timeout=0))
