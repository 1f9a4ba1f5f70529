"""The agent: where it stands and looks, how it walks, and what it holds."""

from dataclasses import dataclass, field
from typing import Any

import mujoco
import numpy as np

from embodied.envs.mujoco.kitchen.pictures import View
from embodied.envs.mujoco.kitchen.scene import Scene
from embodied.envs.mujoco.kitchen.walking import GRID, Cell, is_free, obstacles

EYE, STANDS_AT = 1.575, 0.9
"""m, height of its camera and of AI2-THOR's origin of the agent."""

HORIZONS = (-30.0, 0.0, 30.0, 60.0)
FOVY = 60.0
HAND = np.array((0.05, -0.24, -0.48))
"""m from the camera: right, up, back."""


@dataclass
class Agent:
    """Its pose: x, y in m; yaw in degrees clockwise from +y; horizon in degrees down.

    held: name of the thing in the hand. load: pose of what lies in it, relative to it.
    """

    x: float = 0.0
    y: float = 0.0
    yaw: float = 0.0
    horizon: float = 30.0
    held: str = ""
    load: dict[str, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)

    @property
    def cell(self) -> Cell:
        return round(self.x / GRID), round(self.y / GRID)

    @property
    def eye(self) -> np.ndarray:
        return np.array((self.x, self.y, EYE))

    @property
    def place(self) -> np.ndarray:
        return np.array((self.x, self.y, STANDS_AT))

    def view(self) -> View:
        return View(self.x, self.y, EYE, self.yaw, self.horizon, FOVY)

    def metadata(self) -> dict[str, Any]:
        """AI2-THOR's `metadata["agent"]`."""
        return {
            "position": {"x": self.x, "y": STANDS_AT, "z": self.y},
            "rotation": {"x": 0.0, "y": self.yaw % 360, "z": 0.0},
            "cameraHorizon": self.horizon,
            "isStanding": True,
        }


def move(scene: Scene, agent: Agent, turn: float, distance: float) -> str:
    """Walk `distance` m in the direction of the yaw plus `turn` degrees; "" or why not."""
    angle = np.radians(agent.yaw + turn)
    step = np.array((np.sin(angle), np.cos(angle)))
    boxes, size = obstacles(scene), scene.layout.size
    for share in np.linspace(0, 1, max(2, int(abs(distance) / 0.06) + 1))[1:]:
        x, y = (np.array((agent.x, agent.y)) + step * distance * share).tolist()
        if not is_free((x, y), boxes, size):
            return "something is in the way"
    agent.x = round(agent.x + float(step[0] * distance), 6)  # no drift off the grid
    agent.y = round(agent.y + float(step[1] * distance), 6)
    return ""


def carry(scene: Scene, agent: Agent) -> None:
    """Bring what is held, and what lies in it, before the camera."""
    if agent.held:
        frame = agent.view().frame()
        pos = agent.eye + frame @ HAND
        pos[2] = max(pos[2], 0.35)
        half = np.radians(-agent.yaw) / 2
        quat = np.array((np.cos(half), 0, 0, np.sin(half)))
        thing = scene.template.things[agent.held]
        pos[2] -= (thing.high[2] - thing.low[2]) / 2
        lay(scene, agent, pos, quat)
    scene.forward()


def lay(scene: Scene, agent: Agent, pos: np.ndarray, quat: np.ndarray) -> None:
    """Set the pose of the held thing and of its load."""
    scene.set_pose(agent.held, pos, quat)
    for name, (offset, turn) in agent.load.items():
        at, way = np.zeros(3), np.zeros(4)
        mujoco.mju_rotVecQuat(at, offset, quat)
        mujoco.mju_mulQuat(way, quat, turn)
        scene.set_pose(name, pos + at, way)


def grasp(scene: Scene, agent: Agent, name: str) -> None:
    """Take a thing with what lies in it."""
    pos, quat = scene.pose(name)
    back = np.zeros(4)
    mujoco.mju_negQuat(back, quat)
    for other in scene.contents(name) if scene.spots(name) else ():
        at, way = scene.pose(other)
        offset, turn = np.zeros(3), np.zeros(4)
        mujoco.mju_rotVecQuat(offset, at - pos, back)
        mujoco.mju_mulQuat(turn, back, way)
        agent.load[other] = offset, turn
        scene.solidify(other, False)
    scene.states[name].held = True
    scene.solidify(name, False)
    agent.held = name
    carry(scene, agent)


def release(scene: Scene, agent: Agent) -> str:
    """Let go of what is held; returns its name. It falls from where it is."""
    name = agent.held
    scene.states[name].held = False
    for one in (name, *agent.load):
        scene.solidify(one, True)
    agent.held, agent.load = "", {}
    return name
