"""The same as the page shows, as a recording for rerun.io: `rerun FILE`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from embodied.errors import EmbodiedError, MissingDependency
from embodied.viewer.page import Page
from embodied.viewer.scoring import Scores


def log_to(path: Path, page: Page) -> Callable[[], None]:
    """What writes the newest picture, scores and state into the .rrd file `path` when called.

    Raises MissingDependency without rerun-sdk, EmbodiedError if the file cannot be made.
    """
    try:
        import rerun  # pyright: ignore[reportMissingImports]
    except ModuleNotFoundError as error:
        raise MissingDependency("rerun") from error
    recording = rerun.RecordingStream("embodied-view")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    except OSError as error:
        raise EmbodiedError(f"cannot write {path}: {error.strerror}; choose another") from error
    recording.save(str(path))
    logged: Scores | None = None

    def log() -> None:
        nonlocal logged
        scores = page.scoring.latest
        if scores is None or scores is logged:
            return
        logged = scores
        recording.set_time("shown", duration=float(scores.curve[-1, 0]))
        recording.log("vlm/picture", rerun.Image(scores.frame).compress())
        for name in ("reward", "goal", "baseline"):
            recording.log(f"vlm/{name}", rerun.Scalars(getattr(scores, name)))
        recording.log("state/qpos", rerun.Scalars(page.simulation.moment.qpos))
        recording.flush()

    return log
