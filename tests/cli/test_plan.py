"""`embodied plan`: files in, a plan or one line out."""

import json
from pathlib import Path

import pytest

from embodied import cli

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
