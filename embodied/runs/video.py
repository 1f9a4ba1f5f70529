"""Frames to files and back: mp4 through imageio-ffmpeg's ffmpeg, PNG through Pillow."""

from __future__ import annotations

import math
import os
import subprocess
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from itertools import chain
from pathlib import Path

import numpy as np

from embodied.errors import EmbodiedError
from embodied.runs import disk

PICTURES = (".jpeg", ".jpg", ".png")


def write_video(path: str | Path, frames: Iterable[np.ndarray], fps: float) -> Path:
    """Write frames as an mp4 that every browser plays (H.264, yuv420p, index in front).

    Args:
        path: of the mp4; it appears when it is complete.
        frames: uint8 [H, W, 3] each, or one array [T, H, W, 3]; taken one by one, so an iterator
            needs no more memory than a frame. Odd heights and widths grow by one pixel, as
            yuv420p halves them.
        fps: frames per second.

    Raises:
        EmbodiedError: there are no frames, or ffmpeg could not write them.
        ValueError: a frame is not uint8 [H, W, 3], or not as large as the first.
    """
    path = Path(path)
    iterator = iter(frames)
    first = next(iterator, None)
    if first is None:
        raise EmbodiedError(f"there are no frames for {path}: run at least one step")
    shape = _image(first).shape
    tmp = disk.tmp_path(path)
    with disk.clear_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            _encode(tmp, chain([first], iterator), shape, fps)
            disk.fsync_file(tmp)
            os.replace(tmp, path)
        finally:
            tmp.unlink(missing_ok=True)
    return path


def contact_sheet(
    frames: Iterable[np.ndarray], columns: int, gap: int = 4, background: int = 255
) -> np.ndarray:
    """One picture of many frames, row by row, `gap` pixels apart.

    Args:
        frames: uint8 [H, W, 3] each, all of one size.
        columns: frames in a row, at least 1.

    Returns:
        uint8 [rows·(H + gap) - gap, columns·(W + gap) - gap, 3]; what the last row lacks is
        `background`.
    """
    images = [_image(frame) for frame in frames]
    if not images or columns < 1:
        raise ValueError(f"need frames and columns, not {len(images)} in {columns} columns")
    columns = min(columns, len(images))
    rows = math.ceil(len(images) / columns)
    height, width, _ = images[0].shape
    sheet = np.full(
        (rows * (height + gap) - gap, columns * (width + gap) - gap, 3), background, np.uint8
    )
    for i, image in enumerate(images):
        if image.shape != images[0].shape:
            raise ValueError(f"frame {i} is {image.shape}, the first is {images[0].shape}")
        y, x = i // columns * (height + gap), i % columns * (width + gap)
        sheet[y : y + height, x : x + width] = image
    return sheet


def write_png(path: str | Path, image: np.ndarray) -> Path:
    """Write uint8 [H, W, 3] as a PNG; the file appears when it is complete.

    Raises:
        EmbodiedError: the disk is full or does not let us write.
    """
    import io

    from PIL import Image

    path = Path(path)
    buffer = io.BytesIO()
    Image.fromarray(_image(image)).save(buffer, format="PNG", optimize=True)
    disk.write_bytes(path, buffer.getvalue())
    return path


def read_video(path: str | Path, most: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Frames of a video, or of a folder's pictures in the order of their names.

    Args:
        path: a file that ffmpeg reads, or a folder of PNG and JPEG pictures of one size.
        most: frames to keep, evenly spaced, the first and the last among them; None for all. The
            others take no memory.

    Returns:
        uint8 [T, H, W, 3], and which frames of the video they are, int [T].

    Raises:
        EmbodiedError: nothing is there, or it holds no frames that can be read.
    """
    path = Path(path)
    if path.is_dir():
        pictures = sorted(p for p in path.iterdir() if p.suffix.lower() in PICTURES)
        if not pictures:
            raise EmbodiedError(f"no pictures ({', '.join(PICTURES)}) in {path}")
        chosen = sampled(len(pictures), most or len(pictures))
        frames = [read_image(pictures[i]) for i in chosen]
        if odd := [i for i, frame in enumerate(frames) if frame.shape != frames[0].shape]:
            raise EmbodiedError(
                f"{pictures[chosen[odd[0]]]} is not as large as {pictures[0]}: "
                "an episode's frames are of one size"
            )
        return np.stack(frames), chosen
    if not path.is_file():
        raise EmbodiedError(f"there is no video {path}: give a file, or a folder of pictures")
    import imageio_ffmpeg

    try:
        count = imageio_ffmpeg.count_frames_and_secs(str(path))[0] or 0
        chosen = sampled(count, most or max(count, 1))
        reader = imageio_ffmpeg.read_frames(str(path))
        width, height = next(reader)["size"]
        wanted = set(chosen.tolist())
        frames = [
            np.frombuffer(frame, np.uint8).reshape(height, width, 3)
            for i, frame in enumerate(reader)
            if i in wanted
        ]
    except (OSError, RuntimeError, KeyError, StopIteration) as error:
        raise EmbodiedError(f"ffmpeg cannot read the video {path}: is it one?") from error
    if not frames:
        raise EmbodiedError(f"there are no frames in {path}")
    return np.stack(frames), chosen[: len(frames)]  # a container may promise more than it holds


def sampled(count: int, most: int) -> np.ndarray:
    """Indices of at most `most` of `count` frames, evenly spaced, from the first to the last.

    With `most` 1 it is the last one.
    """
    if count <= most:
        return np.arange(count)
    return np.linspace(count - 1 if most == 1 else 0, count - 1, most).round().astype(int)


def read_image(path: str | Path) -> np.ndarray:
    """A picture file as uint8 [H, W, 3]; EmbodiedError if it is not there or is no picture."""
    from PIL import Image, ImageOps

    try:
        with Image.open(path) as image:
            return np.array(ImageOps.exif_transpose(image).convert("RGB"))
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise EmbodiedError(f"cannot read the picture {path}: {error}") from error


def _encode(path: Path, frames: Iterable[np.ndarray], shape: tuple[int, ...], fps: float) -> None:
    """Stream frames of `shape` into one ffmpeg process that writes `path`."""
    import imageio_ffmpeg

    height, width, _ = shape
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error",
        "-f", "rawvideo", "-pixel_format", "rgb24", "-video_size", f"{width}x{height}",
        "-framerate", str(fps), "-i", "pipe:",
        "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-c:v", "libx264", "-pix_fmt", "yuv420p",
        "-crf", "20", "-movflags", "+faststart", "-f", "mp4", os.path.abspath(path),
    ]  # fmt: skip
    with tempfile.TemporaryFile() as log:
        # In a session of its own, so that Ctrl-C in the terminal reaches us and not ffmpeg.
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True
        )
        assert process.stdin is not None
        try:
            for i, frame in enumerate(frames):
                image = _image(frame)
                if image.shape != shape:
                    raise ValueError(f"frame {i} is {image.shape}, the first is {shape}")
                process.stdin.write(np.ascontiguousarray(image).data)
            process.stdin.close()
            failed = process.wait() != 0
        except BrokenPipeError:
            failed = True  # ffmpeg gave up; its log says why.
        finally:
            process.kill()
            process.wait()
            with suppress(BrokenPipeError):  # What is still in the buffer has no reader.
                process.stdin.close()
        if failed:
            log.seek(0)
            lines = log.read().decode(errors="replace").strip().splitlines()
            reason = lines[0] if lines else f"it ended with code {process.returncode}"
            raise EmbodiedError(f"ffmpeg cannot write the video {path}: {reason}")


def _image(frame: np.ndarray) -> np.ndarray:
    frame = np.asarray(frame)
    if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3 or 0 in frame.shape:
        raise ValueError(f"a frame must be uint8 [H, W, 3], not {frame.dtype} {frame.shape}")
    return frame
