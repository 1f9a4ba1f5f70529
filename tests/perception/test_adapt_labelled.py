"""Labelled frames: three formats that say the same, and what users get wrong in them."""

from pathlib import Path

import numpy as np
import pytest
import torch

from embodied.errors import EmbodiedError
from embodied.perception.adapt.labelled import encode_frames, load_labelled, split
from tests.perception.toy_labels import COLOURS, write_frames, write_lines


def test_three_formats_say_the_same(tmp_path: Path) -> None:
    folder = write_frames(tmp_path, 2)
    by_folder = load_labelled(folder)
    assert set(by_folder.texts) == set(COLOURS)
    assert by_folder.exclusive
    files = sorted(p.relative_to(folder) for p in folder.glob("*/*.png"))
    rows = [{"file": str(f), "text": f.parent.name.replace("_", " ")} for f in files]
    lines = [f'{row["file"]},"{row["text"]}"' for row in rows]
    (folder / "labels.csv").write_text("\n".join(["file,text", *lines]))
    by_csv = load_labelled(folder)
    by_lines = load_labelled(write_lines(folder, list(rows)))
    for other in (by_csv, by_lines):
        assert other.texts == by_folder.texts
        assert np.array_equal(other.truth, by_folder.truth)
        assert all(map(torch.equal, other.frames, by_folder.frames))


def test_true_and_false_leave_other_texts_open(tmp_path: Path) -> None:
    write_frames(tmp_path, 1)
    file = "kneeling/0.png"
    lines = [
        {"file": file, "text": "kneeling", "label": True},
        {"file": file, "text": "standing up", "label": "false"},
        {"file": "standing_up/0.png", "text": "on the floor", "label": False},
    ]
    labelled = load_labelled(write_lines(tmp_path, list(lines)))
    expected = [[1, 0, np.nan], [np.nan, np.nan, 0]]
    assert np.array_equal(labelled.truth, np.array(expected, np.float32), equal_nan=True)
    assert not labelled.exclusive


def test_split_keeps_tests_out_of_training(tmp_path: Path) -> None:
    labelled = load_labelled(write_frames(tmp_path, 8))
    train, test = split(labelled, 3, seed=0)
    assert (len(train), len(test)) == (9, 15)
    assert train.truth.sum(0).tolist() == [3, 3, 3]
    assert not any(torch.equal(a, b) for a in train.frames for b in test.frames)
    assert len(split(labelled, 0, seed=0)[0]) == 18


def test_frames_of_several_sizes_keep_their_order() -> None:
    frames = tuple(torch.full((side, 4, 3), side, dtype=torch.uint8) for side in (3, 5, 3, 7))
    means = encode_frames(lambda batch: batch.float().mean((1, 2)), frames)
    assert means[:, 0].tolist() == [3, 5, 3, 7]


@pytest.mark.parametrize(
    ("lines", "hint"),
    [
        ([{"file": "kneeling/0.png"}], "line 1: write"),
        ([{"file": "kneeling/0.png", "text": "kneeling", "label": 3}], "true, false or class"),
        ([{"file": "none.png", "text": "a"}, {"file": "no.png", "text": "b"}], "no image"),
        ([{"file": "kneeling/0.png", "text": "kneeling"}], "nothing to tell apart"),
        (
            [{"file": "kneeling/0.png", "text": "a", "label": x} for x in (True, False)],
            "both true and false",
        ),
    ],
    ids=str,
)
def test_bad_labels_are_one_line(tmp_path: Path, lines: list[object], hint: str) -> None:
    write_frames(tmp_path, 1)
    with pytest.raises(EmbodiedError, match=hint) as error:
        load_labelled(write_lines(tmp_path, lines))
    assert "\n" not in str(error.value)


def test_bad_folders_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(EmbodiedError, match="no folder"):
        load_labelled(tmp_path / "nowhere")
    with pytest.raises(EmbodiedError, match="no labelled frames"):
        load_labelled(tmp_path)
    folder = write_frames(tmp_path / "frames", 1)
    (folder / "kneeling" / "1.png").write_bytes(b"not an image")
    with pytest.raises(EmbodiedError, match=r"1\.png cannot be read as an image"):
        load_labelled(folder)
    (folder / "labels.jsonl").write_text("{")
    with pytest.raises(EmbodiedError, match="line 1: this is not JSON"):
        load_labelled(folder)
