from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from embodied.errors import EmbodiedError
from embodied.runs.video import contact_sheet, read_video, sampled, write_png, write_video


def ramp(count: int, height: int, width: int) -> Iterator[np.ndarray]:
    """Grey frames, each lighter than the one before, with a red left half."""
    for i in range(count):
        frame = np.full((height, width, 3), 20 + 200 * i // count, np.uint8)
        frame[:, : width // 2, 1:] = 0
        yield frame


def read(path: Path) -> tuple[dict, np.ndarray]:
    reader = imageio_ffmpeg.read_frames(str(path))
    meta = next(reader)
    width, height = meta["size"]
    frames = [np.frombuffer(frame, np.uint8).reshape(height, width, 3) for frame in reader]
    return meta, np.stack(frames)


@pytest.mark.parametrize(("height", "width"), [(64, 96), (65, 97), (1, 1)])
def test_what_was_written_is_read_back(tmp_path: Path, height: int, width: int) -> None:
    path = write_video(tmp_path / "new" / "a.mp4", ramp(12, height, width), fps=25)
    meta, frames = read(path)
    assert frames.shape == (12, height + height % 2, width + width % 2, 3)
    assert meta["fps"] == 25
    assert meta["codec"] == "h264"
    assert meta["pix_fmt"].startswith("yuv420p")
    original = np.stack(list(ramp(12, height, width)))
    if height > 1:
        error = np.abs(frames[:, :height, :width].astype(int) - original)
        assert error.mean() < 6
        assert error[:, :, : width // 2 - 4, 0].mean() < 6  # red is red and not blue
    assert [p.name for p in path.parent.iterdir()] == ["a.mp4"]
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")  # plays before it is all loaded


def test_an_array_and_views_will_do(tmp_path: Path) -> None:
    frames = np.stack(list(ramp(5, 32, 48)))
    write_video(tmp_path / "a.mp4", frames, fps=29.97)
    write_video(tmp_path / "b.mp4", frames[::-1, ::-1, ::-1], fps=30)
    assert read(tmp_path / "a.mp4")[1].shape == (5, 32, 48, 3)
    assert read(tmp_path / "b.mp4")[1][0].mean() > read(tmp_path / "a.mp4")[1][0].mean()


def test_a_failure_leaves_the_old_video(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"old")

    def dies() -> Iterator[np.ndarray]:
        yield from ramp(3, 32, 32)
        raise RuntimeError("the simulator went away")

    with pytest.raises(RuntimeError, match="went away"):
        write_video(path, dies(), fps=30)
    with pytest.raises(ValueError, match="frame 1 is"):
        write_video(path, [np.zeros((32, 32, 3), np.uint8), np.zeros((32, 34, 3), np.uint8)], 30)
    with pytest.raises(ValueError, match="uint8"):
        write_video(path, [np.zeros((32, 32, 3))], 30)
    with pytest.raises(EmbodiedError, match="no frames"):
        write_video(path, [], 30)
    with pytest.raises(EmbodiedError, match=r"ffmpeg cannot write the video .*a\.mp4") as error:
        write_video(path, ramp(200, 256, 256), fps=-1)
    assert "\n" not in str(error.value)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_contact_sheet_places_frames_row_by_row() -> None:
    frames = [np.full((4, 6, 3), i, np.uint8) for i in range(5)]
    sheet = contact_sheet(frames, columns=3, gap=2)
    assert sheet.shape == (10, 22, 3)
    assert sheet.dtype == np.uint8
    for i in range(5):
        y, x = i // 3 * 6, i % 3 * 8
        assert (sheet[y : y + 4, x : x + 6] == i).all()
    assert (sheet[4:6] == 255).all()
    assert (sheet[6:, 16:] == 255).all()
    assert contact_sheet(frames[:2], columns=9, gap=0).shape == (4, 12, 3)
    with pytest.raises(ValueError, match="0 in 3 columns"):
        contact_sheet([], 3)
    with pytest.raises(ValueError, match="frame 1"):
        contact_sheet([frames[0], frames[0][:2]], 3)


def test_png_round_trip(tmp_path: Path) -> None:
    image = np.random.default_rng(0).integers(0, 256, (7, 5, 3), np.uint8)
    path = write_png(tmp_path / "new" / "a.png", image)
    assert np.array_equal(np.asarray(Image.open(path)), image)
    assert [p.name for p in path.parent.iterdir()] == ["a.png"]


def test_a_video_is_read_back_whole_or_sampled(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", ramp(12, 64, 96), fps=25)
    frames, indices = read_video(path)
    assert frames.shape == (12, 64, 96, 3)
    assert indices.tolist() == list(range(12))
    original = np.stack(list(ramp(12, 64, 96))).astype(int)
    assert np.abs(frames - original)[:, :, 60:].mean() < 4
    few, chosen = read_video(path, 4)
    assert chosen.tolist() == [0, 4, 7, 11]
    np.testing.assert_array_equal(few, frames[chosen])


def test_a_folder_of_pictures_is_a_video(tmp_path: Path) -> None:
    original = list(ramp(3, 8, 8))
    for name, frame in zip(("02.png", "01.PNG", "03.png"), original, strict=True):
        write_png(tmp_path / name, frame)
    (tmp_path / "notes.txt").write_text("not a frame")
    frames, _ = read_video(tmp_path)
    np.testing.assert_array_equal(frames, [original[1], original[0], original[2]])
    assert read_video(tmp_path, 2)[1].tolist() == [0, 2]
    write_png(tmp_path / "04.png", np.zeros((9, 8, 3), np.uint8))
    with pytest.raises(EmbodiedError, match=r"04\.png is not as large as"):
        read_video(tmp_path)


def test_what_is_no_video_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.mp4").write_text("not a video")
    for name, match in [("empty", "no pictures"), ("no.mp4", "no video"), ("text.mp4", "is it")]:
        with pytest.raises(EmbodiedError, match=match) as caught:
            read_video(tmp_path / name)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("count", "most", "expected"),
    [(5, 9, [0, 1, 2, 3, 4]), (9, 3, [0, 4, 8]), (9, 1, [8]), (0, 3, []), (1, 1, [0])],
)
def test_samples_are_evenly_spaced(count: int, most: int, expected: list[int]) -> None:
    assert sampled(count, most).tolist() == expected
