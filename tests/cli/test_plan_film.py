"""A plan that is carried out, as a film."""

from pathlib import Path

import numpy as np
import pytest

from embodied import cli
from embodied.cli.plan_film import Film
from embodied.cli.witness import Witnessed, Words
from embodied.errors import EmbodiedError
from embodied.planners.executive import run
from embodied.planners.plan import Plan
from embodied.runs.caption import MARKS, captioned
from embodied.runs.video import read_video
from tests.planners.test_executive import APPLE_OUT, WAY, Script
from tests.planners.world import Kitchen


class Seen(Kitchen):
    """A kitchen with a picture, in which the second action slips once."""

    def frame(self) -> np.ndarray:
        return np.full((70, 100, 3), 40 * len(self.log), np.uint8)

    def execute(self, action: dict[str, str]) -> tuple[bool, str]:
        if len(self.log) == 1:
            self.log.append(("slip", "", False))
            return False, "it slipped"
        return super().execute(action)


def test_each_step_in_words_and_what_came_of_it(tmp_path: Path) -> None:
    world = Seen()
    film = Film(world, "Take the apple out", "stand-in")
    witnessed = Witnessed(world, [film])
    trace = run(witnessed, APPLE_OUT, Script(Plan("solved", WAY)), watch=witnessed.heard)
    path = film.write(tmp_path / "a" / "out.mp4", trace)
    told = [(shot.text, shot.below, shot.mark) for shot in film.shots]
    pick = "Pick up the apple from the fridge"
    assert told == [
        ("Take the apple out", "", ""),
        ("Open the fridge", "step 1 of 3", "going"),
        ("✓ Open the fridge", "step 1 of 3", "done"),
        (pick, "step 2 of 3", "going"),
        (f"✗ {pick}", "it slipped", "failed"),
        (pick, "step 2 of 3", "going"),
        (f"✓ {pick}", "step 2 of 3", "done"),
        ("Put the apple on the dining table", "step 3 of 3", "going"),
        ("✓ Put the apple on the dining table", "step 3 of 3", "done"),
        ("Take the apple out", "reached: the goal holds", "done"),
    ]
    frames, _ = read_video(path)
    assert frames.shape == (sum(shot.frames for shot in film.shots), 80, 100, 3)


def test_words_for_every_action() -> None:
    words = Words(["DiningTable", "Knife", "StoveKnob", "StoveBurner", "Fridge"])
    assert words(("put", "potatosliced_2", "fridge_1")) == "Put the sliced potato in the fridge"
    assert words(("pickup", "knife_1", "nowhere")) == "Pick up the knife"
    assert words(("heat", "stoveknob_3", "stoveburner_2")) == "Switch on the stove knob"
    assert words(("slice", "potatosliced_1", "diningtable_1", "knife_1")).endswith("the knife")
    assert words(("fly", "moon")) == "fly moon"
    said = "Bread|+02.67|+00.62|-01.60 does not fit into Sink|+0.1|+0.9|-1.0|SinkBasin: too big"
    assert words.message(said) == "the bread does not fit into the sink: too big"


def test_a_caption_has_its_own_ground_and_is_cut_where_it_ends() -> None:
    frame = np.full((140, 210, 3), 9, np.uint8)
    plain, told = captioned(frame, "", mark="done"), captioned(frame, "Open " * 40, mark="done")
    assert plain.shape == (160, 210, 3)
    assert (plain[:140] == frame).all()
    assert tuple(plain[150, 0]) == MARKS["done"]
    assert (told[140:] != plain[140:]).any()
    assert (told[140:, -3:] == plain[140:, -3:]).all()


def test_without_a_camera_or_an_environment_there_is_no_film(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(EmbodiedError, match="has no camera: leave out --record"):
        Film(Kitchen(), "", "stand-in")
    arguments = ["plan", "--domain", "cut", "--problem", "p.pddl", "--record", "a.mp4"]
    assert cli.main(arguments) == 2
    assert "--record and --trace are of what is done with --env" in capsys.readouterr().err
