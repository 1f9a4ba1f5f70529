"""AI2-THOR that goes on when Unity does not."""

from typing import TYPE_CHECKING, Any

from embodied.envs.thor.lost import UnityLost
from embodied.envs.thor.names import Names
from embodied.envs.thor.settings import Settings, find_executable
from embodied.errors import EmbodiedError

if TYPE_CHECKING:
    from embodied.envs.thor.unity import Unity

LOGS = "~/.ai2thor/log/unity.log and ~/.config/unity3d/Allen Institute*/AI2-THOR/Player.log"


class Session:
    """One Unity at a time. It starts at the first `reset`.

    A Unity that dies, hangs or talks rubbish is killed and replaced, its scene is restored as far
    as AI2-THOR can (see `restore`), and the action under way is done again.

    Attributes:
        restarts: how many Unitys were replaced since this began.
        lost: what the last replacement could not restore, one line each; empty without one.
    """

    def __init__(self, settings: Settings) -> None:
        """Raises EmbodiedError without a Unity build, MissingDependency without ai2thor."""
        self.settings = settings
        self.executable = find_executable(settings.executable)
        self.restarts = 0
        self.lost: tuple[str, ...] = ()
        self._unity: Unity | None = None
        self._names = Names()
        self._scene = ""
        self._metadata: dict[str, Any] | None = None  # of the last event; None before the first

    @property
    def pid(self) -> int | None:
        """The process id of Unity, if there is one."""
        return None if self._unity is None else self._unity.unity_pid

    def reset(self, scene: str) -> Any:
        """Load a scene as it is built; returns ai2thor's event.

        Raises EmbodiedError for an unknown scene, refused parameters, or a Unity that keeps dying.
        """
        self._scene, self._metadata, self._names = scene, None, Names()
        return self._persist(None)

    def step(self, action: str, **arguments: Any) -> Any:
        """Do an action; returns ai2thor's event, which is falsy where the action failed.

        Actions that Unity does not know, or that lack arguments, fail too; nothing else raises but
        EmbodiedError, for a Unity that keeps dying.
        """
        if self._metadata is None:
            raise EmbodiedError("call reset before step")
        return self._persist({"action": action} | arguments)

    def close(self) -> None:
        """End Unity and all that belongs to it; safe to call twice. `reset` starts another."""
        self._metadata = None
        self._drop()

    def _drop(self) -> None:
        unity, self._unity = self._unity, None
        if unity is not None:
            unity.close()

    def _persist(self, action: dict[str, Any] | None) -> Any:
        """Reset (None) or act, through so many Unitys as it takes."""
        self.lost = ()
        reason = ""
        for attempt in range(self.settings.restarts + 1):
            self.restarts += attempt > 0
            try:
                event = self._try(action)
            except UnityLost as error:
                reason = str(error)
                self._drop()
                continue
            except BaseException:  # also an interrupt: half an exchange cannot be gone on with
                self._drop()
                raise
            self._names.inward(event.metadata)
            self._metadata = event.metadata
            return event
        doing = f"in {action['action']}" if action else f"starting {self._scene}"
        tries = self.settings.restarts + 1
        raise EmbodiedError(
            f"Unity was lost {tries} {'times' if tries > 1 else 'time'} {doing}: it {reason}; "
            f"its logs: {LOGS}"
        )

    def _try(self, action: dict[str, Any] | None) -> Any:
        from embodied.envs.thor.restore import restore
        from embodied.envs.thor.unity import Unity

        if self._unity is None:
            self._unity = Unity(self.executable, self.settings, self._scene)
            if self._metadata is not None:
                self._names, self.lost = restore(self._unity, self._metadata)
        elif action is None:
            return self._unity.reset(self._scene)
        if action is None:
            return self._unity.last_event
        return self._unity.attempt(self._names.outward(action))
