"""Sights and instructions: one for a seed, true to the picture, not told by the words."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from embodied.envs.mujoco.kitchen import wordings
from embodied.envs.mujoco.kitchen.album import make_album, unpack
from embodied.envs.mujoco.kitchen.instructions import (
    LEVELS,
    SINK,
    UNKNOWN,
    Instruction,
    tell,
    triples,
)
from embodied.envs.mujoco.kitchen.kinds import KNIVES
from embodied.envs.mujoco.kitchen.sights import (
    CHANNELS,
    CLEAR,
    SUBJECTS,
    TASKS,
    Looker,
    Seen,
    Sight,
)
from embodied.errors import EmbodiedError

COUNT = 5


@pytest.fixture(scope="module")
def looker() -> Iterator[Looker]:
    looker = Looker()
    yield looker
    looker.close()


@pytest.fixture(scope="module")
def sights(looker: Looker) -> list[Sight]:
    return [_draw(looker, k) for k in range(COUNT)]


def _draw(looker: Looker, number: int) -> Sight:
    """Kitchens of one set of shapes, which is compiled once."""
    return looker.draw(np.random.default_rng(number), 8 * number, TASKS[number % len(TASKS)])


def _told(seen: tuple[Seen, ...], count: int = 30, **options: Any) -> list[Instruction]:
    rng = np.random.default_rng(3)
    drawn = [tell(seen, task, lv, rng, **options) for task in TASKS for lv in LEVELS * count]
    return [one for one in drawn if one]


def test_a_seed_decides_the_picture_and_the_words(looker: Looker, sights: list[Sight]) -> None:
    again = _draw(looker, 2)
    np.testing.assert_array_equal(again.picture, sights[2].picture)
    np.testing.assert_array_equal(again.cells, sights[2].cells)
    assert again.seen == sights[2].seen
    assert _told(again.seen) == _told(sights[2].seen)


def test_the_truth_of_the_cells_is_that_of_the_objects(sights: list[Sight]) -> None:
    for sight in sights:
        there = {CHANNELS[k] for k in np.flatnonzero(sight.cells.any((1, 2)))}
        clear = {one.kind for one in sight.seen if one.pixels >= CLEAR}
        assert clear <= there <= {one.kind for one in sight.seen} | {*CHANNELS[-8:]}
        assert ("dirty" in there) <= any(one.dirty for one in sight.seen)


def test_what_is_meant_is_in_view_and_what_is_unknown_is_not(sights: list[Sight]) -> None:
    known = set(triples())
    kinds = {kind.lower(): kind for kind in CHANNELS}
    for sight in sights:
        shown = {one.kind for one in sight.seen if one.pixels >= CLEAR}
        every = {one.kind for one in sight.seen}
        for one in _told(sight.seen, 8, missing=0.3):
            action, subject, other = one.triple
            assert one.triple in known
            assert subject == UNKNOWN or kinds[subject] in shown
            if action == "cut":
                assert shown.intersection(KNIVES) if other == "knife" else not every & {*KNIVES}
            elif action == "clean":
                assert shown.intersection(SINK) if other != UNKNOWN else not every & {*SINK}
            elif other not in (UNKNOWN, "hand", "sinkbasin"):
                assert kinds[other] in shown


def test_nothing_is_missing_where_all_is_meant_to_be_there(sights: list[Sight]) -> None:
    for sight in sights:
        for one in _told(sight.seen, 4):
            if one.level != "hard1":
                assert UNKNOWN not in one.triple


def test_in_hard2_the_same_words_mean_different_things() -> None:
    meant: dict[str, list[tuple[str, str, str]]] = {}
    for kind in SUBJECTS:
        fixed = tuple(Seen(k, 99) for k in ("Knife", "SinkBasin", "Microwave", "DiningTable"))
        seen = (Seen(kind, 99, dirty=True, inside=("DiningTable",)), *fixed)
        for one in _told(seen, 15):
            if one.level == "hard2":
                meant.setdefault(one.text, []).append(one.triple)
    often = {text: set(goals) for text, goals in meant.items() if len(goals) > 5}
    assert len(often) > 12
    assert all(len(goals) > 1 for goals in often.values()), often


def test_what_shows_too_little_is_never_asked_for() -> None:
    for one in _told((Seen("Mug", CLEAR - 1, dirty=True), Seen("Fridge", 900)), missing=0.5):
        assert "mug" not in one.triple
        assert "mug" not in one.text
        assert one.triple[:2] != ("clean", UNKNOWN) or one.level != "hard2"


def test_sentences_that_judge_are_not_learned_from() -> None:
    for sentences in (*wordings.PLAIN.values(), *wordings.VARIED.values(), wordings.WORDY):
        parts = [set(wordings.split(sentences, s)) for s in ("train", "calibrate", "test")]
        assert all(parts)
        assert sum(map(len, parts)) == len(set.union(*parts)) == len(sentences)


def test_an_album_is_drawn_once_and_read_again(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("album")
    album = make_album(folder, "calibrate", 1)
    monkeypatch.setattr(Looker, "draw", None)
    again = make_album(folder, "calibrate", 1)
    np.testing.assert_array_equal(album.pictures, again.pictures)
    assert again.seen == album.seen
    assert len(album.seen) == 2
    truth = unpack(album.cells)[0].any((1, 2))
    assert {CHANNELS[k] for k in np.flatnonzero(truth)} >= {
        one.kind for one in album.seen[0] if one.pixels >= CLEAR
    }
    next(folder.glob("*.safetensors")).write_bytes(b"torn")
    with pytest.raises(EmbodiedError, match="delete it"):
        make_album(folder, "calibrate", 1)
