"""The words of several simulators put together."""

import pytest

from embodied.cli.align import find_union
from embodied.errors import EmbodiedError


def test_words_of_one_simulator_are_false_of_the_other() -> None:
    union = find_union("cartpole,mountain-car")
    captions = union.captions(False, ())
    owners = captions.owners(union.statements)
    truths = []
    for i, task in enumerate(("cartpole", "mountain-car")):
        words = union.vocabularies[i]
        goal = words.motions(task)[0][:, -1]
        truths.append(union.truth(i, words.truth(goal)).mean(0)[owners])
    said = {text: (a, b) for text, a, b in zip(captions.texts, *truths, strict=True)}
    assert said["pole vertically upright on top of the cart"] == (1, 0)
    assert said["a car next to the yellow flag"] == (0, 1)
    # One has it among the words that are true of no picture, the other among those true of all.
    assert said["pole and cart"] == (1, 0)
    assert said["a car in the mountain"] == (0, 1)
    assert said["a dog"] == (0, 0)
    assert set(union.goals()) == {"cartpole: upright", "mountain-car: peak"}


def test_held_out_words_are_of_the_same_statements() -> None:
    union = find_union("cartpole,mountain-car")
    held_out = union.captions(True, ())
    assert set(held_out.statements) <= set(union.statements)
    assert not set(held_out.texts) & set(union.captions(False, ()).texts)


def test_one_simulator_keeps_the_names_of_its_statements() -> None:
    union = find_union("humanoid-kneel")
    assert union.statements == union.vocabularies[0].statements
    assert "lotus" not in union.captions(False, ("lotus",)).statements
    assert "lotus" in union.removable


def test_a_simulator_named_twice_is_refused() -> None:
    with pytest.raises(EmbodiedError, match="once"):
        find_union("cartpole,cartpole-discrete")
