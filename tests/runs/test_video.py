from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from embodied.errors import EmbodiedError
from embodied.runs.video import contact_sheet, write_png, write_video


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
