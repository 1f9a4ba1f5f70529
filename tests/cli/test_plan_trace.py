"""The trace of a plan that was carried out: written whole, read back, refused if damaged."""

import json
from pathlib import Path

import pytest

from embodied import cli
from embodied.cli.plan_diary import Diary
from embodied.cli.witness import Witnessed
from embodied.errors import EmbodiedError
from embodied.planners.executive import run
from embodied.planners.plan import Plan
from embodied.runs.plan_trace import PlanTrace, read_trace, write_trace
from tests.cli.test_plan_film import Seen
from tests.planners.test_executive import APPLE_OUT, WAY, Script


class Remembered(Seen):
    """It can say what it was and is like; nothing is drawn from that here."""

    def beginning(self) -> dict[str, int]:
        return {"seed": 5}

    def moment(self) -> dict[str, int]:
        return {"actions": len(self.log)}


def write(world: Seen, path: Path) -> PlanTrace:
    diary = Diary(world, "stand-in", "Take the apple out")
    witnessed = Witnessed(world, [diary])
    trace = run(witnessed, APPLE_OUT, Script(Plan("solved", WAY)), watch=witnessed.heard)
    return read_trace(diary.write(path, trace))


def test_every_step_has_its_words_and_the_moment_of_its_end(tmp_path: Path) -> None:
    found = write(Remembered(), tmp_path / "deep" / "trace.json")
    assert (found.env, found.task, found.outcome) == ("stand-in", "Take the apple out", "reached")
    assert found.goal == [["in", "apple", "diningtable"]]
    assert [(step["words"], step["ok"], step["moment"]) for step in found.steps] == [
        ("Plan: 3 actions", None, 0),
        ("Open the fridge", True, 1),
        ("Pick up the apple from the fridge", False, 2),
        ("Pick up the apple from the fridge", True, 3),
        ("Put the apple on the dining table", True, 4),
    ]
    assert found.steps[2]["message"] == "it slipped"
    assert found.start == {"seed": 5}
    assert [moment["actions"] for moment in found.moments] == [0, 1, 2, 3, 4]


def test_without_moments_the_steps_are_kept(tmp_path: Path) -> None:
    found = write(Seen(), tmp_path / "trace.json")
    assert (len(found.steps), found.moments, found.start) == (5, [], {})


@pytest.mark.parametrize("damage", ["text", "format", "field", "moment"])
def test_what_is_no_trace_is_said_in_one_line(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "trace.json"
    write(Remembered(), path)
    data = json.loads(path.read_text())
    if damage == "format":
        data["format"] = "other"
    elif damage == "field":
        del data["goal"]
    elif damage == "moment":
        data["steps"][1]["moment"] = 99
    path.write_text("no" if damage == "text" else json.dumps(data))
    with pytest.raises(EmbodiedError, match=r"is no trace|is damaged"):
        read_trace(path)


def test_the_viewer_refuses_what_it_cannot_show(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "trace.json")
    assert cli.main(["view", "--trace", path]) == 2
    assert "cannot read" in capsys.readouterr().err
    write_trace(path, write(Seen(), Path(path)))
    assert cli.main(["view", "--trace", path, "--port", "0"]) == 2
    assert "only plans of --env kitchen can be shown" in capsys.readouterr().err
    assert cli.main(["view", "--trace", path, "--policy", "runs/last"]) == 2
    assert "--trace has nothing to do with --policy" in capsys.readouterr().err
