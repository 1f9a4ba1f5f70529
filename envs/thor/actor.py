"""A household of AI2-THOR to carry a plan out in."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from embodied.envs.thor.env import ThorEnv

PLACES = 3  # from how many places an action is tried


class ThorActor:
    """Acts on a `ThorEnv` for `planners.executive.run`, and walks to what it acts on.

    Walking is GetInteractablePoses and Teleport: Unity itself says from where it would see and
    reach the object, which a way over GetReachablePositions does not know, and a plan counts
    actions on objects, not steps. An action is tried at once if the object is in reach; if that
    fails, as a fridge does whose door would hit the agent, from up to three places, the nearest
    first and the others far from it.
    """

    def __init__(self, env: ThorEnv) -> None:
        self.env = env

    def reset(self, seed: int) -> None:
        """Begin an episode."""
        self.env.reset(seed=seed)

    @property
    def scene(self) -> str:
        """Its name, e.g. `FloorPlan1`."""
        return self.env.scene

    def observe(self) -> list[dict[str, Any]]:
        """The objects as they are now, in AI2-THOR's form."""
        return self.env.objects

    def frame(self) -> np.ndarray:
        """What it sees, uint8 [height, width, 3]."""
        picture = self.env.render()
        assert picture is not None  # it has been reset
        return picture

    def execute(self, action: dict[str, str]) -> tuple[bool, str]:
        """Do `{action, objectId}`; whether it worked, and AI2-THOR's words if not."""
        identity = action["objectId"]
        message = f"there is no {identity}"
        for thing in self.env.objects:
            if thing["objectId"] == identity:
                message = f"there is no place to reach {identity} from"
                if thing.get("visible") or thing.get("isPickedUp"):
                    if event := self.env.act(**action):
                        return True, ""
                    message = event.metadata["errorMessage"]
        for pose in self._places(identity):
            if self.env.act("Teleport", **pose):
                if event := self.env.act(**action):
                    return True, ""
                message = event.metadata["errorMessage"]
        return False, message

    def close(self) -> None:
        self.env.close()

    def _places(self, identity: str) -> list[dict[str, Any]]:
        """Arguments of Teleport, for a few places from which the object is in reach."""
        event = self.env.act("GetInteractablePoses", objectId=identity)
        here = event.metadata["agent"]["position"]

        def distance(pose: dict[str, Any]) -> float:
            return (pose["x"] - here["x"]) ** 2 + (pose["z"] - here["z"]) ** 2

        found: dict[tuple[float, float], dict[str, Any]] = {}  # one for each place, the most level
        for pose in sorted(event.metadata["actionReturn"] or (), key=lambda p: abs(p["horizon"])):
            found.setdefault((pose["x"], pose["z"]), pose)
        places = sorted(found.values(), key=distance)
        stride = max(1, len(places) // PLACES)
        return [_teleport(pose) for pose in places[::stride][:PLACES]]


def make_actor(executable: str | None = None, scene: str = "FloorPlan1") -> ThorActor:
    """AI2-THOR's iTHOR: its scenes, through a Unity build.

    executable: the build, see `Settings`. Raises EmbodiedError if there is none.
    """
    scenes: Sequence[str] = (scene,)
    return ThorActor(ThorEnv(scenes, executable=executable))


def _teleport(pose: dict[str, Any]) -> dict[str, Any]:
    return {
        "position": {axis: pose[axis] for axis in "xyz"},
        "rotation": {"x": 0.0, "y": pose["rotation"], "z": 0.0},
        "horizon": pose["horizon"],
        "standing": pose.get("standing", True),
    }
