"""Where the agent is, what it sees, and where it can stand."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.envs.thor.standin.space import hides, in_sight, marks

if TYPE_CHECKING:
    from tests.envs.thor.standin.scenes import Thing

HEIGHT = 0.9  # of the agent's position above the floor
EYES = {True: 1.576, False: 1.356}  # above the floor, standing and crouching
RADIUS = 0.2


@dataclass(frozen=True)
class Pose:
    """x, z in metres, yaw clockwise from +z and horizon downwards in degrees."""

    x: float
    z: float
    yaw: float = 0.0
    horizon: float = 30.0
    standing: bool = True

    @property
    def eye(self) -> np.ndarray:
        return np.array([self.x, EYES[self.standing], self.z])

    def axes(self) -> np.ndarray:
        """Right, up and forward of the camera, the rows of [3, 3]."""
        yaw, down = np.radians(self.yaw), np.radians(self.horizon)
        ahead = np.array([np.sin(yaw), 0, np.cos(yaw)])
        right = np.array([np.cos(yaw), 0, -np.sin(yaw)])
        top = np.array([0.0, 1, 0])
        forward = ahead * np.cos(down) - top * np.sin(down)
        return np.stack([right, ahead * np.sin(down) + top * np.cos(down), forward])

    def moved(self, ahead: float, right: float) -> "Pose":
        yaw = np.radians(self.yaw)
        x = self.x + ahead * np.sin(yaw) + right * np.cos(yaw)
        z = self.z + ahead * np.cos(yaw) - right * np.sin(yaw)
        return replace(self, x=round(float(x), 4), z=round(float(z), 4))

    def to_json(self) -> dict[str, Any]:
        return {
            "name": "agent",
            "position": {"x": self.x, "y": HEIGHT, "z": self.z},
            "rotation": {"x": 0.0, "y": self.yaw, "z": 0.0},
            "cameraHorizon": self.horizon,
            "isStanding": self.standing,
            "inHighFrictionArea": False,
        }


class Eyes:
    """Visibility among things that do not move while it is asked."""

    def __init__(self, things: "list[Thing]", reach: float, fov: float) -> None:
        self.reach, self.slope = reach, np.tan(np.radians(fov / 2))
        walls = hides(things)
        self.low = np.array([thing.low for thing in walls]).reshape(-1, 3)
        self.high = np.array([thing.high for thing in walls]).reshape(-1, 3)

    def reaches(self, pose: Pose, thing: "Thing") -> bool:
        """Whether it is near enough, measured along the floor."""
        x = max(0.0, thing.low[0] - pose.x, pose.x - thing.high[0])
        z = max(0.0, thing.low[2] - pose.z, pose.z - thing.high[2])
        return x * x + z * z <= self.reach**2

    def sees(self, pose: Pose, thing: "Thing") -> bool:
        """In the picture, near enough and not hidden: what iTHOR calls visible."""
        if not self.reaches(pose, thing) or thing.is_shut_in():
            return False
        return (
            len(self._clear(pose, self._framed(pose, marks(thing.low, thing.high, pose.eye)))) > 0
        )

    def views(self, spot: Pose, thing: "Thing") -> list[Pose]:
        """The turns and looks of an agent at `spot` that see the thing."""
        if not self.reaches(spot, thing) or thing.is_shut_in():
            return []
        points = self._clear(spot, marks(thing.low, thing.high, spot.eye))
        ways = [
            (yaw, look) for yaw in (0.0, 90.0, 180.0, 270.0) for look in (-30.0, 0.0, 30.0, 60.0)
        ]
        poses = [replace(spot, yaw=yaw, horizon=look) for yaw, look in ways]
        return [pose for pose in poses if len(points) and len(self._framed(pose, points))]

    def _framed(self, pose: Pose, points: np.ndarray) -> np.ndarray:
        across, up, ahead = ((points - pose.eye) @ pose.axes().T).T
        limit = self.slope * ahead
        return points[(ahead > 0.02) & (np.abs(across) <= limit) & (np.abs(up) <= limit)]

    def _clear(self, pose: Pose, points: np.ndarray) -> np.ndarray:
        return points[in_sight(pose.eye, points, self.low, self.high)] if len(points) else points


def is_free(pose: Pose, things: "list[Thing]") -> bool:
    """Whether an agent can stand there."""
    return bool(_free(np.array([pose.x]), np.array([pose.z]), things)[0])


def free_spots(things: "list[Thing]", grid: float) -> list[Pose]:
    """The free places of a grid over the floor."""
    floor = next(thing for thing in things if thing.data["objectType"] == "Floor")
    low, high = np.ceil(floor.low / grid), np.floor(floor.high / grid)
    x, z = (np.arange(low[axis], high[axis] + 1) * grid for axis in (0, 2))
    x, z = (axis.ravel().round(4) for axis in np.meshgrid(x, z))
    free = _free(x, z, things)
    return [Pose(*spot) for spot in zip(x[free].tolist(), z[free].tolist(), strict=True)]


def _free(x: np.ndarray, z: np.ndarray, things: "list[Thing]") -> np.ndarray:
    free = np.ones(len(x), bool)
    for thing in things:
        (left, bottom, back), (right, top, front) = thing.low.tolist(), thing.high.tolist()
        margin = -RADIUS if thing.data["objectType"] == "Floor" else RADIUS
        over = (x > left - margin) & (x < right + margin)
        over &= (z > back - margin) & (z < front + margin)
        if thing.data["objectType"] == "Floor":
            free &= over
        elif not thing.data["pickupable"] and bottom < 1.3 and top - bottom >= 0.1:
            free &= ~over
    return free
