"""Progress from shuffled frames, with a chat model on a real server that can or cannot see."""

import json
from typing import Any

import numpy as np
import pytest

from embodied.errors import EmbodiedError
from embodied.perception.chat_http import HttpChat
from embodied.perception.gvl import InContextProgress, value_order_correlation
from embodied.perception.reward_model import frame_rewards, judge
from tests.perception.chat_server import Answer, chat_server, images_of
from tests.perception.colours import red_to_green

NOISE = np.random.default_rng(0).uniform(-20, 20, 1000)


def sees(request: dict[str, Any]) -> Answer:
    """A model that looks: the share of green in each frame but the first."""
    _, *frames = images_of(request)
    return says([100 * np.arctan2(f[0, 0, 1], f[0, 0, 0]) / (np.pi / 2) for f in frames])


def blind(request: dict[str, Any]) -> Answer:
    """A model that believes frames to be in order, as GVL found of those shown unshuffled."""
    count = len(images_of(request)) - 1
    return says([100 * (i + 1) / count for i in range(count)])


def says(completions: list[float], first: int = 1) -> Answer:
    rows = [
        {"frame": first + i, "description": "a colour", "completion": round(float(value), 3)}
        for i, value in enumerate(completions)
    ]
    return Answer(json.dumps({"frames": rows}))


def test_a_model_that_sees_gets_the_order_right() -> None:
    frames = red_to_green(12)
    with chat_server(sees) as server:
        found = frame_rewards(InContextProgress(HttpChat(server.url, "m"), "turn green"), frames)
    np.testing.assert_allclose(found.values, np.linspace(0, 1, 12), atol=0.01)
    assert found.uncertainty is None
    assert value_order_correlation(found.values[1:]) == pytest.approx(1)
    assert "turn green" in server.texts()
    first, *others = server.images()
    np.testing.assert_array_equal(first, frames[0])  # the anchor comes first,
    shown = [int(other[0, 0, 1]) for other in others]
    assert shown != sorted(shown)  # and the rest is shuffled, each once
    assert sorted(shown) == [int(f[0, 0, 1]) for f in frames[1:]]


def test_a_model_that_trusts_the_order_is_found_out() -> None:
    with chat_server(blind) as server:
        model = InContextProgress(HttpChat(server.url, "m"), "turn green", samples=8)
        found = frame_rewards(model, red_to_green(12))
    assert len(server.seen) == 8
    assert abs(value_order_correlation(found.values[1:])) < 0.7
    assert found.uncertainty is not None
    assert found.uncertainty[1:].min() > 0.1  # its answers contradict each other
    assert found.uncertainty[0] == 0


def test_orders_are_decided_by_the_seed() -> None:
    frames = red_to_green(9)
    with chat_server(sees) as server:
        for seed in (1, 1, 2):
            judge(InContextProgress(HttpChat(server.url, "m"), "go", seed=seed), frames[None])
    assert server.seen[0] == server.seen[1]
    assert server.seen[0] != server.seen[2]


def test_a_long_clip_is_sampled_and_interpolated() -> None:
    with chat_server(sees) as server:
        model = InContextProgress(HttpChat(server.url, "m"), "turn green", frames=6)
        found = frame_rewards(model, red_to_green(101))
    assert len(server.images()) == 6
    np.testing.assert_allclose(found.values, np.linspace(0, 1, 101), atol=0.01)


def test_an_answer_that_does_not_fit_is_repaired() -> None:
    def answer(request: dict[str, Any]) -> Answer:
        if len(server.seen) == 1:
            return says([50] * 4, first=2)  # frames 2 to 5 of 4
        if len(server.seen) == 2:
            return Answer(says([50] * 4).text.replace('"frame": 2', '"frame": 1'))
        return sees(request)

    with chat_server(answer) as server:
        found = frame_rewards(InContextProgress(HttpChat(server.url, "m"), "go"), red_to_green(5))
    np.testing.assert_allclose(found.values, np.linspace(0, 1, 5), atol=0.01)
    assert "greater than the maximum" in server.texts(1)
    assert "every frame from 1 to 4" in server.texts(2)


def test_without_a_valid_answer_it_abstains() -> None:
    with chat_server(lambda request: Answer("I cannot judge pictures.")) as server:
        model = InContextProgress(HttpChat(server.url, "m"), "go", repairs=1)
        found = frame_rewards(model, red_to_green(5))
    assert found.abstained
    assert np.isnan(found.values).all()
    assert "no valid answer in 2 rounds" in found.reason
    assert len(server.seen) == 2


def test_one_clip_may_be_judged_and_the_other_not() -> None:
    clips = np.stack([red_to_green(5), red_to_green(5)[::-1]])

    def answer(request: dict[str, Any]) -> Answer:
        return sees(request) if images_of(request)[0][0, 0, 0] > 100 else Answer("?")

    with chat_server(answer) as server:
        model = InContextProgress(HttpChat(server.url, "m"), "go", samples=2)
        found = judge(model, clips)
    np.testing.assert_allclose(found.values[:5], np.linspace(0, 1, 5), atol=0.01)
    assert np.isnan(found.values[5:]).all()
    assert found.uncertainty is not None
    assert np.isnan(found.uncertainty).tolist() == [False] * 5 + [True] * 5
    assert not found.abstained
    assert "no valid answer" in found.reason


def test_a_server_that_is_not_there_is_no_abstention() -> None:
    model = InContextProgress(HttpChat("http://127.0.0.1:1/v1", "m"), "go")
    with pytest.raises(EmbodiedError, match="nothing listens"):
        frame_rewards(model, red_to_green(3))


def test_one_frame_is_the_anchor() -> None:
    model = InContextProgress(HttpChat("http://127.0.0.1:1/v1", "m"), "go")
    assert frame_rewards(model, red_to_green(1)).values.tolist() == [0]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.1, 0.2, 0.9], 1),
        ([3, 2, 1], -1),
        ([1, np.nan, 2, 3], 1),
        ([1, 1, 1], np.nan),
        ([np.nan, 1], np.nan),
        ([], np.nan),
        ([1, 2, 2, 3], 0.9487),  # ties share their rank
    ],
)
def test_value_order_correlation(values: list[float], expected: float) -> None:
    assert value_order_correlation(values) == pytest.approx(expected, abs=1e-4, nan_ok=True)


def test_values_that_know_nothing_of_time_have_no_order() -> None:
    assert abs(value_order_correlation(NOISE)) < 0.1
