"""`embodied plan`: files in, a plan or one line out."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embodied import cli
from embodied.cli import instruct as instruct_module
from embodied.cli.instruct import settle
from embodied.errors import EmbodiedError
from embodied.perception.goal.conformal import Decision
from embodied.registry import ACTORS
from embodied.signals import Goal
from tests.perception.chat_server import Answer, Server, chat_server
from tests.planners.world import Kitchen

PROBLEM = """(define (problem p) (:domain cut) (:objects apple knife)
(:init (cuttable apple) (cuttool knife) (free)) (:goal (cut apple knife)))"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("problem.pddl").write_text(PROBLEM)


def test_json_and_words(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("up_fast_downward", reason="needs the extra 'planning'")
    arguments = ["plan", "--domain", "cut", "--problem", "problem.pddl", "--timeout", "300"]
    assert cli.main([*arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["plan"] == [["pickup", "knife"], ["cut", "apple", "knife"]]
    assert (found["status"], found["validated"], found["cost"]) == ("solved", True, 2)
    assert found["engine"] == "fast-downward"
    assert found["seconds"] > 0
    assert found["repairs"] == []


def test_a_goal_that_holds(capsys: pytest.CaptureFixture[str]) -> None:
    Path("problem.pddl").write_text(PROBLEM.replace("(cut apple knife)", "(free)").lower())
    assert cli.main(["plan", "--domain", "cut", "--problem", "problem.pddl"]) == 0
    assert capsys.readouterr().out.startswith("solved, cost 0, validated")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--domain", "no.pddl", "--problem", "problem.pddl"], "cannot read no.pddl: No such file"),
        (["--domain", "cut", "--problem", "bad.pddl"], "bad.pddl line 2: unknown predicate 'cutt'"),
        (["--domain", "cut", "--problem", "problem.pddl", "--planner", "symq"], "mean 'symk'"),
        (["--domain", "cut", "--problem", "problem.pddl", "--timeout", "0"], "above 0 seconds"),
    ],
)
def test_errors_are_one_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("bad.pddl").write_text(PROBLEM.replace("(:goal (cut", "(:goal (cutt"))
    assert cli.main(["plan", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert len(error.splitlines()) == 1


class KitchenActor(Kitchen):
    def __init__(self) -> None:
        super().__init__()
        self.seeds: list[int] = []

    def reset(self, seed: int) -> None:
        self.seeds.append(seed)

    def close(self) -> None:
        self.seeds.append(-1)


def make_kitchen() -> KitchenActor:
    return KitchenActor()


def test_acts_in_an_environment(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("up_fast_downward", reason="needs the extra 'planning'")
    kitchen = KitchenActor()
    monkeypatch.setitem(ACTORS.table, "stand-in", f"{__name__}:make_kitchen")
    monkeypatch.setattr(f"{__name__}.make_kitchen", lambda: kitchen)
    goal = "(and (in Apple|1 DiningTable) (not (opened all:fridge)))"
    arguments = ["plan", "--env", "stand-in", "--goal", goal, "--seed", "7", "--timeout", "300"]
    assert cli.main([*arguments, "--json"]) == 0
    trace = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (trace["outcome"], trace["env"], trace["seed"]) == ("reached", "stand-in", 7)
    assert kitchen.seeds == [7, -1]
    assert kitchen.objects["Apple"]["parentReceptacles"] == ["DiningTable|1"]
    assert not kitchen.objects["Fridge"]["isOpen"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give --domain and --problem to plan, or --env and --goal or --instruction"),
        (["--env", "thor"], "takes its state from there: give --goal or --instruction alone"),
        (
            ["--env", "thor", "--instruction", "tidy", "--goals", "x", "--chat", "replay:y"],
            "leave the other out",
        ),
        (["--env", "kitchen", "--goal", "(free)", "--goals", "x"], "are for --instruction"),
        (["--env", "thro", "--goal", "(free)"], "Did you mean 'thor'?"),
        (["--env", "thor", "--goal", "(not free)"], "the goal line 1: 'free' is not in paren"),
    ],
)
def test_refuses_what_does_not_fit(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["plan", *arguments]) == 2
    assert message in capsys.readouterr().err


def says(*literals: tuple[str, ...], question: str = "") -> Answer:
    rows = [{"negated": False, "predicate": p, "arguments": list(own)} for p, *own in literals]
    answer = {"thought": "so be it", "literals": rows, "confidence": 0.8, "question": question}
    return Answer(json.dumps(answer))


def instruct(
    answers: list[Answer], capsys: pytest.CaptureFixture[str]
) -> tuple[dict[str, Any], Server]:
    """`embodied plan --instruction` in the generated kitchen, with a model that answers so."""
    with chat_server(lambda _: answers.pop(0)) as server:
        arguments = ["plan", "--env", "kitchen", "--seed", "3", "--chat", f"{server.url}#m"]
        assert cli.main([*arguments, "--instruction", "set the table", "--json"]) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1]), server


@pytest.mark.usefixtures("gl")
def test_an_instruction_is_understood_and_carried_out(capsys: pytest.CaptureFixture[str]) -> None:
    wrong = says(("in", "mug", "ceiling"))  # there is none: it goes back
    found, server = instruct([wrong, says(("in", "mug", "diningtable"))], capsys)
    assert found["success"]
    assert found["candidates"] == [{"literals": [["in", "mug", "diningtable"]], "confidence": 0.8}]
    assert found["executed"] == found["plan"]
    assert "'ceiling'" in server.texts()
    assert server.images()[0].shape == (480, 480, 3)


@pytest.mark.usefixtures("gl")
def test_a_question_is_asked_and_nothing_done(capsys: pytest.CaptureFixture[str]) -> None:
    found, _ = instruct([says(question="For how many?")], capsys)
    assert (found["abstained"], found["question"]) == (True, "For how many?")
    assert (found["goal"], found["success"]) == (None, False)


def look(
    words: str, capsys: pytest.CaptureFixture[str], *flags: str, seed: int = 3
) -> dict[str, Any]:
    """`embodied plan --instruction` in the generated kitchen, with the model that ships."""
    arguments = ["plan", "--env", "kitchen", "--seed", str(seed), "--instruction", words]
    assert cli.main([*arguments, "--json", *flags]) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])


@pytest.mark.usefixtures("gl")
def test_the_model_that_ships_looks_and_acts(capsys: pytest.CaptureFixture[str]) -> None:
    found = look("bring me the lettuce", capsys, "--coverage", "0.5")
    assert found["goal"] == [["holding", "lettuce"]]
    assert found["success"]
    assert found["executed"]


def test_a_question_is_answered_by_number(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    mug, cup = (Goal((("holding", word),), 0.4) for word in ("mug", "cup"))
    decision = Decision("ask", (mug, cup), "Do you mean holding mug or holding cup?")
    assert settle(decision, ask=False).reason == decision.question
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    assert settle(decision, ask=True).abstained
    answers = ["", "3", "two", "2"]
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: answers.pop(0))
    assert settle(decision, ask=True) == cup
    assert decision.question in capsys.readouterr().out


def test_what_is_missing_is_said_and_nothing_done() -> None:
    goal = Goal((("sliced", "apple", "unknown"),), 0.9)
    settled = settle(Decision("act", (goal,)), ask=False)
    assert settled.abstained
    assert settled.reason == "there is no knife in view to cut the apple with"


def test_what_the_kitchen_does_not_have_was_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    class Actor(Kitchen):
        def look(self, _: int) -> np.ndarray:
            return np.zeros((8, 8, 3), np.uint8)

    class Model:
        calibration = (0.2,) * 20

        def __call__(self, *_: object) -> Goal:
            mug = Goal((("holding", "mug"),), 0.3)
            return Goal((("holding", "cup"),), 0.6, (mug,))

    monkeypatch.setattr("embodied.perception.goal.seen_goal.load", lambda _: Model())
    decision = instruct_module.look("bring me something to drink from", Actor(), None, 0.9)
    assert decision.verdict == "act"
    assert decision.candidates[0].literals == (("holding", "mug"),)


def test_only_the_kitchen_is_known_from_pictures() -> None:
    with pytest.raises(EmbodiedError, match="--env kitchen"):
        instruct_module.look("bring me a mug", object(), None, 0.9)
