"""One Unity process with its controller."""

import os
import shlex
from typing import Any

from ai2thor.controller import Controller

from embodied.envs.thor.lost import UnityLost
from embodied.envs.thor.servers import HttpServer, PipeServer
from embodied.envs.thor.settings import Settings
from embodied.errors import EmbodiedError, unknown

SERVERS = {"fifo": PipeServer, "wsgi": HttpServer}


class Unity(Controller):
    """AI2-THOR's controller, which raises UnityLost for every way in which Unity can be lost.

    The controller itself restarts a Unity that crashed, into a fresh scene: that is left to
    `Session`, which also restores it.
    """

    last_event: Any

    def __init__(self, executable: str, settings: Settings, scene: str) -> None:
        """Start Unity in `scene`; what was started is ended if that fails."""
        try:
            super().__init__(
                local_executable_path=shlex.quote(executable),  # ai2thor splits it like a shell
                server_class=SERVERS[settings.protocol],
                scene=scene,
                width=settings.width,
                height=settings.height,
                # Without this and without $DISPLAY ai2thor passes None to the process.
                x_display=settings.x_display or os.environ.get("DISPLAY") or ":0",
                server_timeout=settings.timeout,
                server_start_timeout=settings.start_timeout,
                **settings.initialization,
            )
        except BaseException:
            self.close()
            raise

    def reset(self, scene: Any = None, **parameters: Any) -> Any:
        """Load a scene and initialise the agent.

        Raises EmbodiedError for a scene that the build lacks or parameters it refuses.
        """
        name = self.normalize_scene(scene or self.scene)
        if self.scenes_in_build and name not in self.scenes_in_build:
            choices = [choice.removesuffix("_physics") for choice in self.scenes_in_build]
            raise unknown("scene", scene, choices)
        try:
            return super().reset(scene, **parameters)
        except (ValueError, RuntimeError) as error:
            raise EmbodiedError(f"AI2-THOR does not start {scene}: {error}") from error

    def step(self, action: Any = None, **arguments: Any) -> Any:
        """AI2-THOR's `step`; UnityLost in place of what it makes of that."""
        try:
            return super().step(action, **arguments)
        except RuntimeError as error:
            if isinstance(error.__context__, UnityLost):
                raise error.__context__ from None
            raise

    def attempt(self, action: dict[str, Any]) -> Any:
        """The event of an action; one that Unity does not know or lacks arguments fails too."""
        try:
            return self.step(action)
        except ValueError:
            if self.last_event.metadata["lastActionSuccess"]:  # it did not get that far
                raise
            return self.last_event

    def close(self) -> None:
        """End the process, its pipes or its server; safe to call twice."""
        if self.server is not None:
            self.server.stop()  # kept: ai2thor calls it again when Python ends
        self.last_event = None

    def _build_server(self, host: str, port: int, width: int, height: int) -> None:
        """ai2thor compares classes, and makes none for a subclass."""
        if self.server is None:
            common = {"width": width, "height": height, "timeout": self.server_timeout}
            common |= {"depth_format": self.depth_format, "add_depth_noise": self.add_depth_noise}
            if self.server_class is HttpServer:
                common |= {"host": host, "port": port}
            self.server: Any = self.server_class(**common)  # pyright: ignore[reportCallIssue]
