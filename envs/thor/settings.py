"""How Unity is started and spoken to."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args

from embodied.errors import EmbodiedError, MissingDependency, unknown

VARIABLE = "EMBODIED_THOR_EXECUTABLE"
PLATFORMS = ("CloudRendering", "Linux64", "OSXIntel64")
Protocol = Literal["fifo", "wsgi"]


@dataclass(frozen=True)
class Settings:
    """How Unity is started and spoken to.

    executable: the Unity program, or a script that starts it; None looks at the environment
        variable EMBODIED_THOR_EXECUTABLE and then for a build that ai2thor has downloaded.
    protocol: `fifo` (pipes, the faster one) or `wsgi` (HTTP).
    width, height: of a frame, in pixels.
    timeout, start_timeout: seconds for one action, and for the start of Unity.
    restarts: how often in a row a Unity that died is replaced before this is an error.
    x_display: X display that Unity draws on; None is $DISPLAY, or `:0` without one.
    initialization: iTHOR's own parameters, e.g. `{"gridSize": 0.25, "visibilityDistance": 1.5}`.
    """

    executable: str | None = None
    protocol: Protocol = "fifo"
    width: int = 300
    height: int = 300
    timeout: float = 100.0
    start_timeout: float = 300.0
    restarts: int = 3
    x_display: str | None = None
    initialization: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        if self.protocol not in get_args(Protocol):
            raise unknown("protocol", self.protocol, get_args(Protocol))
        for name in ("width", "height", "timeout", "start_timeout"):
            if not getattr(self, name) > 0:
                raise EmbodiedError(f"{name} must be above 0, not {getattr(self, name)}")
        if self.restarts < 0:
            raise EmbodiedError(f"restarts must be 0 or more, not {self.restarts}")


def find_executable(given: str | None) -> str:
    """The Unity program; nothing is downloaded.

    Raises MissingDependency without ai2thor, EmbodiedError that says how to get a build if there
    is none.
    """
    try:
        from ai2thor.build import COMMIT_ID
    except ModuleNotFoundError as error:
        raise MissingDependency("ai2thor") from error
    if chosen := given or os.environ.get(VARIABLE):
        path = Path(chosen).expanduser()
        if not (path.is_file() and os.access(path, os.X_OK)):
            raise EmbodiedError(f"{chosen} is no executable file: give the path of AI2-THOR's")
        return str(path.resolve())
    for platform in PLATFORMS:
        name = f"thor-{platform}-{COMMIT_ID}"
        path = Path.home() / ".ai2thor" / "releases" / name / name
        if path.is_file():
            return str(path)
    raise EmbodiedError(
        "there is no Unity build of AI2-THOR here: pass its path as executable= (--executable), "
        f"set {VARIABLE}, or, with internet, download it with: python -c 'from ai2thor.controller "
        'import Controller; Controller(platform="CloudRendering", download_only=True)\''
    )
