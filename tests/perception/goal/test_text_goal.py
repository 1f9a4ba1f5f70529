"""Goals from text: what is learned, stored and read; a stopped training goes on."""

import gzip
import json
from pathlib import Path

import pytest
import torch

from embodied.errors import EmbodiedError
from embodied.perception.goal.alfred import AlfredGoal, Instruction, exact_match, read_alfred
from embodied.perception.goal.fit_text import TextFit, fit, known_goals
from embodied.perception.goal.text_goal import Reader, TextGoals, load, save
from embodied.perception.sentences import SentenceEncoder
from tests.perception.goal.made_up import write_alfred
from tests.perception.tiny_encoder import make_encoder

FIT = TextFit(epochs=30, batch_size=8, learning_rate=1e-3, smoothing=0.0)


@pytest.fixture(scope="module")
def sentences(tmp_path_factory: pytest.TempPathFactory) -> SentenceEncoder:
    return SentenceEncoder(make_encoder(tmp_path_factory.mktemp("encoder")) / "text")


@pytest.fixture(scope="module")
def instructions(tmp_path_factory: pytest.TempPathFactory) -> list[Instruction]:
    return read_alfred(write_alfred(tmp_path_factory.mktemp("alfred") / "goals.jsonl"))


def test_words_are_learned_and_stored(
    sentences: SentenceEncoder, instructions: list[Instruction], tmp_path: Path
) -> None:
    reader = Reader(sentences, frozen=1)
    before = {name: value.clone() for name, value in sentences.model.state_dict().items()}
    learned = instructions[::4]
    network = fit(reader, learned, FIT)
    for name, value in sentences.model.state_dict().items():
        assert torch.equal(before[name], value), name  # the encoder itself is left alone
    goals = known_goals(learned)
    assert len(goals) > 10
    save(tmp_path / "goals", network, goals, {"frozen": 1, "calibration": [0.5]})
    model = load(tmp_path / "goals", sentences)
    found = model.predict([one.text for one in learned])
    assert exact_match(found, [one.goal for one in learned]) > 0.7
    assert model.calibration == [0.5]
    goal = model(learned[0].text, most=3)
    assert goal.literals == found[0].literals()
    assert (
        1 >= goal.confidence >= goal.alternatives[0].confidence >= goal.alternatives[1].confidence
    )
    best = Instruction(learned[0].text, found[0], "t")
    assert model.probability_of([best]) == pytest.approx([goal.confidence])
    unseen = Instruction("put a bat on the bed", AlfredGoal("pick_and_place_simple", "Bat"), "t")
    assert model.probability_of([unseen]) == [0.0]


def test_a_stopped_training_goes_on_as_if_it_had_not(
    sentences: SentenceEncoder, instructions: list[Instruction], tmp_path: Path
) -> None:
    class Stopped(Exception):
        pass

    def stop(epoch: int, _loss: float) -> None:
        if epoch == 2:
            raise Stopped

    reader, config = Reader(sentences, 1), TextFit(epochs=3, batch_size=8)
    whole = fit(reader, instructions, config)
    with pytest.raises(Stopped):
        fit(reader, instructions, config, stop, tmp_path / "state")
    epochs: list[int] = []
    resumed = fit(
        reader, instructions, config, lambda epoch, _: epochs.append(epoch), tmp_path / "state"
    )
    assert epochs == [3]
    for name, value in whole.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[name], value)


def test_padding_does_not_change_an_answer(
    sentences: SentenceEncoder, instructions: list[Instruction]
) -> None:
    reader = Reader(sentences, 1)
    model = TextGoals(reader, reader.network(known_goals(instructions)), known_goals(instructions))
    texts = ["kneeling", "a much longer text with both arms raised up on the floor"]
    together = model.probabilities(texts)
    torch.testing.assert_close(together[:1], model.probabilities(texts[:1]), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize(
    ("goal", "literals"),
    [
        (
            AlfredGoal("look_at_obj_in_light", "Book", lamp="DeskLamp"),
            (("holding", "book"), ("toggled", "desklamp")),
        ),
        (
            AlfredGoal("pick_and_place_with_movable_recep", "Apple", "Fridge", "Pan", "", True),
            (("in", "apple", "pan"), ("in", "pan", "fridge"), ("sliced", "apple")),
        ),
        (
            AlfredGoal("pick_clean_then_place_in_recep", "Mug", "Shelf"),
            (("in", "mug", "shelf"), ("not", "dirty", "mug")),
        ),
        (
            AlfredGoal("pick_heat_then_place_in_recep", "Mug", "Shelf"),
            (("in", "mug", "shelf"), ("hot", "mug")),
        ),
        (
            AlfredGoal("pick_cool_then_place_in_recep", "Apple", "Shelf"),
            (("in", "apple", "shelf"), ("cold", "apple")),
        ),
        (
            AlfredGoal("pick_two_obj_and_place", "Mug", "Shelf"),
            (("two", "mug", "shelf"),),
        ),
    ],
)
def test_goals_in_the_words_of_the_domain(
    goal: AlfredGoal, literals: tuple[tuple[str, ...], ...]
) -> None:
    assert goal.literals() == literals


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("no json", "line 2"),
        ('{"type": "fly"}', "line 2"),
        (json.dumps({"type": "x", "params": {}, "texts": [], "id": ""}), "line 2"),
    ],
)
def test_files_of_another_form_are_told_with_the_line(tmp_path: Path, line: str, told: str) -> None:
    good = write_alfred(tmp_path / "good.jsonl").read_text().splitlines()[0]
    with gzip.open(tmp_path / "bad.jsonl.gz", "wt") as file:
        file.write(f"{good}\n{line}\n")
    with pytest.raises(EmbodiedError, match=told):
        read_alfred(tmp_path / "bad.jsonl.gz")


def test_missing_and_damaged_folders_are_one_line(
    sentences: SentenceEncoder, tmp_path: Path
) -> None:
    with pytest.raises(EmbodiedError, match="cannot read"):
        read_alfred(tmp_path / "nowhere.jsonl")
    with pytest.raises(EmbodiedError, match="learn-goals"):
        load(tmp_path, sentences)
    with pytest.raises(EmbodiedError, match="no instructions"):
        fit(Reader(sentences, 1), [], FIT)
