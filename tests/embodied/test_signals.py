import json
import math
from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from embodied.errors import EmbodiedError
from embodied.signals import (
    SIGNALS,
    AssemblyGraph,
    Goal,
    Grounding,
    Preference,
    Reward,
    Signal,
    Subgoals,
)


def untyped(value: Any) -> Any:
    """Hides from the type checker what only runs may find out."""
    return value


def numbers(*values: float) -> np.ndarray:
    return np.array(values)


NAN = math.nan
COOK = Goal((("cook", "egg", "microwave"),), 0.75)
EXAMPLES: tuple[Signal, ...] = (
    Reward(numbers(0.1, -2.5, 1e-30), numbers(0.0, 0.3, 1.0)),
    Reward(numbers(0.1, NAN), reason="frame 1 is black"),
    Reward(numbers()),
    Reward(numbers(NAN, NAN), reason="time-out"),
    Preference(1, 0.9, "the second is closer"),
    Preference(None, 0.0, "both look the same"),
    COOK,
    Goal((("contain", "mug", "hand"), ("clean", "pan", "unknown")), 0.5, (COOK,)),
    Goal((), 0.0, (COOK,), reason="the view is empty"),
    AssemblyGraph((((0, 2, 3), 1), 4), ("seat", "a", "b", "c", "back"), ((0, 1), (0, 4)), 0.5),
    AssemblyGraph(0, ("board",)),
    AssemblyGraph((), ("a", "b"), reason="the manual has no pages"),
    Grounding(
        "chair 7",
        numbers(0, 1, 2, 0.1, 0.2, 1 / 3, -1, 0, 3),
        np.arange(13) % 3 == 0,
        0.8,
        ("LOC chair", "CLOSEST"),
    ),
    Grounding(None, reason="no mug in this scene"),
    Subgoals(("walk to the sink", "turn the tap"), 0.6),
    Subgoals((), reason="the task is one step"),
)


@pytest.mark.parametrize("signal", EXAMPLES, ids=lambda s: type(s).__name__)
def test_json_round_trip(signal: Signal) -> None:
    text = signal.to_json()
    assert "\n" not in text
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    again = Signal.from_json(text)
    assert type(again) is type(signal)
    assert again == signal
    assert again.to_json() == text
    assert again.abstained == signal.abstained


def test_examples_cover_every_signal_and_its_abstention() -> None:
    assert {type(s) for s in EXAMPLES} == set(SIGNALS.values())
    assert {type(s) for s in EXAMPLES if s.abstained} == set(SIGNALS.values())


@given(arrays(np.float32, st.integers(0, 20), elements=st.floats(width=32, allow_infinity=False)))
def test_reward_survives_json_bit_for_bit(values: np.ndarray) -> None:
    again = Reward.from_json(Reward(values, reason="may hold NaN").to_json())
    assert again.values.dtype == np.float32
    np.testing.assert_array_equal(again.values, values)


@given(arrays(np.bool_, st.integers(0, 40)))
def test_mask_survives_json(mask: np.ndarray) -> None:
    again = Grounding.from_json(Grounding("a", mask=mask).to_json())
    assert again.mask is not None
    assert again.mask.dtype == np.bool_
    np.testing.assert_array_equal(again.mask, mask)


@pytest.mark.parametrize("kind", [Preference, Goal, AssemblyGraph, Grounding, Subgoals])
def test_abstention_needs_a_reason(kind: Any) -> None:
    nothing = untyped(None if kind in (Preference, Grounding) else ())
    with pytest.raises(EmbodiedError, match=f"{kind.__name__} abstains: give it a reason"):
        kind(nothing)
    assert kind(nothing, reason="too dark").abstained


def test_reward_with_a_gap_needs_a_reason_and_does_not_abstain() -> None:
    with pytest.raises(EmbodiedError, match="NaN: give a reason"):
        Reward(numbers(1.0, NAN))
    assert not Reward(numbers(1.0, NAN), reason="black frame").abstained
    assert not Reward(numbers()).abstained


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Reward(numbers(np.inf)), "infinite"),
        (lambda: Reward(untyped(np.zeros((2, 2)))), r"one axis, not shape \(2, 2\)"),
        (lambda: Reward(untyped(["high"])), "no array of numbers"),
        (lambda: Reward(numbers(0, 0), numbers(0, 0, 0)), "uncertainty"),
        (lambda: Reward(numbers(0), numbers(-0.1)), "uncertainty"),
        (lambda: Preference(2), "label"),
        (lambda: Preference(0, 1.5), "confidence must be in"),
        (lambda: Preference(0, NAN), "confidence must be in"),
        (lambda: Goal((("cook", ""),)), "literal is a tuple of words"),
        (lambda: Goal(untyped(("cook",))), "literal is a tuple of words"),
        (lambda: AssemblyGraph((0, 1), ("a", "b", "c")), "must be the 3 parts, each once"),
        (lambda: AssemblyGraph((0, (1, 1)), ("a", "b")), "each once"),
        (lambda: AssemblyGraph((0, (1,)), ("a", "b")), "two or more members"),
        (lambda: AssemblyGraph(untyped("ab"), ("a", "b")), "two or more members"),
        (lambda: AssemblyGraph((0, 1), ("a", "b"), ((1, 0),)), "i < j"),
        (lambda: Grounding("a", numbers(0, 0, 0, 0, 0, 0)), "9 finite numbers"),
        (lambda: Grounding("a", numbers(0, 0, 0, 1, -1, 1, 0, 0, 0)), "sizes"),
        (lambda: Grounding("a", score=2.0), "score must be in"),
        (lambda: Subgoals(("walk", " ")), "not empty"),
        (lambda: Subgoals(untyped("walk")), "tuple of texts"),
    ],
)
def test_value_out_of_range_is_refused(make: Any, message: str) -> None:
    with pytest.raises(EmbodiedError, match=message):
        make()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("not json", "not JSON"),
        ("[1, 2]", "expected a JSON object of type 'Signal'"),
        ('{"type": "Rewrad"}', "unknown signal type 'Rewrad'. Did you mean 'Reward'"),
        ('{"label": 1}', "unknown signal type"),
        ('{"type": ["Reward"]}', "well-formed"),
        ('{"type": "Preference"}', "well-formed"),
        ('{"type": "Preference", "label": 1, "colour": 3}', "no field colour"),
        ('{"type": "Preference", "label": 1, "confidence": "high"}', "well-formed"),
        ('{"type": "Reward", "values": {"float32": ["x"]}}', "well-formed"),
        ('{"type": "Grounding", "object_id": "a", "mask": {"bits": "?", "size": 3}}', "well"),
        ('{"type": "Grounding", "object_id": "a", "mask": {"bits": "", "size": 3}}', "3 bits"),
    ],
)
def test_malformed_json_is_one_clear_line(text: str, message: str) -> None:
    with pytest.raises(EmbodiedError, match=message) as caught:
        Signal.from_json(text)
    assert "\n" not in str(caught.value)


def test_from_json_of_another_signal_is_refused() -> None:
    with pytest.raises(EmbodiedError, match="expected a JSON object of type 'Reward'"):
        Reward.from_json(COOK.to_json())


def test_signals_cannot_be_changed() -> None:
    values = numbers(1.0, 2.0).astype(np.float32)
    reward = Reward(values)
    values[0] = 9  # the caller's array is not the signal's
    assert reward.values[0] == 1
    with pytest.raises(ValueError, match="read-only"):
        reward.values[0] = 3
    with pytest.raises(FrozenInstanceError):
        untyped(reward).reason = "changed"


def test_equality_compares_values() -> None:
    assert Reward(numbers(1, 1)) == Reward(untyped([1, 1]))
    assert Reward(numbers(1, 1)) != Reward(numbers(1, 1, 1))
    assert Reward(numbers(1, 1)) != Reward(numbers(1, 1), numbers(1, 1))
    assert Preference(0) != "Preference"
    assert Subgoals(("a",)) != Preference(0)


def test_numpy_scalars_and_lists_become_plain_values() -> None:
    preference = Preference(untyped(np.int64(1)), untyped(np.float32(0.5)))
    assert json.loads(preference.to_json())["label"] == 1
    assert Goal(untyped([["cook", "egg"]])).literals == (("cook", "egg"),)
