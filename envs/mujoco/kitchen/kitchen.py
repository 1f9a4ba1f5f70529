"""A kitchen with an agent in it, which does iTHOR's actions by their names."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from embodied.envs.mujoco.kitchen import handling
from embodied.envs.mujoco.kitchen.agent import HORIZONS, Agent, carry, move
from embodied.envs.mujoco.kitchen.metadata import describe
from embodied.envs.mujoco.kitchen.model import load_template
from embodied.envs.mujoco.kitchen.scenario import Scenario, furnish, variant_of
from embodied.envs.mujoco.kitchen.scene import Scene
from embodied.envs.mujoco.kitchen.vision import REACH, in_sight, targets, unhindered, visible
from embodied.envs.mujoco.kitchen.walking import (
    GRID,
    Cell,
    is_free,
    largest_room,
    obstacles,
    reachable,
)
from embodied.errors import EmbodiedError, unknown

MOVES = {"MoveAhead": 0.0, "MoveRight": 90.0, "MoveBack": 180.0, "MoveLeft": 270.0}
NAVIGATION = (*MOVES, "RotateLeft", "RotateRight", "LookUp", "LookDown", "Pass")
HANDLING: dict[str, Callable[..., str]] = {
    "PickupObject": handling.pick_up,
    "PutObject": handling.put,
    "OpenObject": handling.open_door,
    "CloseObject": handling.close_door,
    "ToggleObjectOn": lambda *at: handling.switch(*at, on=True),
    "ToggleObjectOff": lambda *at: handling.switch(*at, on=False),
    "SliceObject": handling.slice_up,
    "CookObject": handling.cook,
    "CleanObject": lambda *at: handling.soil(*at, dirty=False),
    "DirtyObject": lambda *at: handling.soil(*at, dirty=True),
}
OTHERS = (
    "DropHandObject",
    "PlaceObjectAtPoint",
    "Teleport",
    "GetReachablePositions",
    "GetInteractablePoses",
)


@dataclass(frozen=True)
class Outcome:
    """What came of an action: whether it worked, why not, and what was asked for (`value`)."""

    ok: bool
    message: str = ""
    value: Any = None


class Kitchen:
    """Kitchens by seed, one at a time.

    Args:
        scenario: what all of them must be like.
        aspect: width of the picture by its height, which decides what is seen.
    """

    def __init__(self, scenario: Scenario | None = None, aspect: float = 1.0) -> None:
        self.scenario, self.aspect = scenario or Scenario(), aspect
        self.agent = Agent()
        self.seed, self.drawn = 0, self.scenario  # of the present kitchen
        self._scenes: dict[int, Scene] = {}
        self._scene: Scene | None = None

    @property
    def scene(self) -> Scene:
        if self._scene is None:
            raise EmbodiedError("call reset first")
        return self._scene

    def reset(self, seed: int, scenario: Scenario | None = None) -> None:
        """Another kitchen: the same for the same seed and scenario."""
        if seed < 0:
            raise EmbodiedError(f"a seed is 0 or more, not {seed}")
        self.seed, self.drawn = seed, scenario or self.scenario
        scenario = self.drawn
        variant = variant_of(seed, scenario)
        if variant not in self._scenes:
            self._scenes[variant] = Scene(load_template(variant))
        self._scene = self._scenes[variant]
        furnish(self._scene, seed, scenario)
        handling.chill(self._scene)
        rng = np.random.default_rng([seed, 1])
        cells = largest_room(self._scene)
        x, y = cells[int(rng.integers(len(cells)))]
        self.agent = Agent(x * GRID, y * GRID, 90.0 * int(rng.integers(4)))

    def step(self, action: str, **arguments: Any) -> Outcome:
        """Do iTHOR's `action`, or say why it failed.

        Raises EmbodiedError for an action or an argument that does not exist.
        """
        if action in HANDLING:
            outcome = self._handle(action, **arguments)
        elif action in NAVIGATION:
            outcome = _told(self._navigate(action, **arguments))
        elif action == "DropHandObject":
            outcome = _told(handling.drop(self.scene, self.agent))
        elif action == "PlaceObjectAtPoint":
            if "position" not in arguments:
                raise EmbodiedError("PlaceObjectAtPoint needs position={x, y, z}")
            outcome = _told(handling.place_at(self.scene, self.agent, arguments["position"]))
        elif action == "Teleport":
            outcome = _told(self._teleport(**arguments))
        elif action == "GetReachablePositions":
            cells = sorted(reachable(self.scene, self.agent.cell))
            value = [{"x": x * GRID, "y": 0.9, "z": y * GRID} for x, y in cells]
            outcome = Outcome(True, value=value)
        elif action == "GetInteractablePoses":
            identity = str(arguments.get("objectId"))
            name = self.name_of(identity)
            if name is None:
                return Outcome(False, f"there is no {identity}")
            outcome = Outcome(True, value=[pose_of(agent) for agent in self.poses(name)])
        else:
            raise unknown("action", action, [*NAVIGATION, *HANDLING, *OTHERS])
        carry(self.scene, self.agent)
        handling.work(self.scene)
        return outcome

    def objects(self) -> list[dict[str, Any]]:
        """AI2-THOR's `metadata["objects"]` now."""
        seen = visible(self.scene, self.agent.view(), self.aspect)
        return describe(self.scene, self.agent.place, seen)

    def name_of(self, identity: str) -> str | None:
        """The scene's name of an objectId."""
        states = self.scene.states.items()
        return next((name for name, state in states if state.identity == identity), None)

    def poses(self, name: str, cells: list[Cell] | None = None) -> Iterator[Agent]:
        """Agents from whose place an object is within reach and seen, over `cells` in their order.

        Without `cells`, over all that can be walked to. What lies in a vessel is in reach with it.
        """
        points, whose = targets(self.scene, self.scene.around(name))
        for x, y in cells or sorted(reachable(self.scene, self.agent.cell)):
            at = Agent(x * GRID, y * GRID)
            offset = points - at.eye
            near = np.hypot(offset[:, 0], offset[:, 1]) <= REACH
            if not near.any():
                continue
            free = unhindered(self.scene, at.eye, points[near], whose[near])
            seen = points[near][free]
            for yaw in (0.0, 90.0, 180.0, 270.0) if len(seen) else ():
                for horizon in HORIZONS:
                    pose = Agent(at.x, at.y, yaw, horizon)
                    if in_sight(pose.view(), seen, self.aspect).any():
                        yield pose

    def _handle(
        self, action: str, objectId: str = "", forceAction: bool = False, **arguments: Any
    ) -> Outcome:
        if wrong := arguments.keys() - ({"openness"} if action == "OpenObject" else set()):
            raise EmbodiedError(f"{action} takes objectId and forceAction, not {min(wrong)}")
        name = self.name_of(objectId)
        if name is None:
            return Outcome(False, f"there is no {objectId or 'objectId'}")
        seen = visible(self.scene, self.agent.view(), self.aspect)
        in_reach = forceAction or not seen.isdisjoint(self.scene.around(name))
        if not in_reach and name != self.agent.held:
            return Outcome(
                False, f"{objectId} is not visible: out of reach, of the view, or hidden"
            )
        if action == "PickupObject" and name in self.agent.load:
            return Outcome(False, f"{objectId} lies in what the hand holds: put that down first")
        return _told(HANDLING[action](self.scene, self.agent, name, **arguments))

    def _navigate(self, action: str, **arguments: Any) -> str:
        agent = self.agent
        if action in MOVES:
            distance = float(arguments.get("moveMagnitude", GRID))
            return move(self.scene, agent, MOVES[action], distance)
        if action in ("RotateLeft", "RotateRight"):
            degrees = float(arguments.get("degrees", 90.0))
            agent.yaw = (agent.yaw + (degrees if action == "RotateRight" else -degrees)) % 360
        elif action in ("LookUp", "LookDown"):
            horizon = agent.horizon + (30.0 if action == "LookDown" else -30.0)
            if not HORIZONS[0] <= horizon <= HORIZONS[-1]:
                return "the head does not turn any further"
            agent.horizon = horizon
        return ""

    def _teleport(
        self,
        position: dict[str, float] | None = None,
        rotation: dict[str, float] | float | None = None,
        horizon: float | None = None,
        standing: bool = True,
    ) -> str:
        agent = self.agent
        x, y = (position["x"], position["z"]) if position else (agent.x, agent.y)
        if not is_free((x, y), obstacles(self.scene), self.scene.layout.size):
            return f"there is no room to stand at x {x:.2f}, z {y:.2f}"
        if horizon is not None and not HORIZONS[0] <= horizon <= HORIZONS[-1]:
            return f"the horizon is from {HORIZONS[0]:.0f} to {HORIZONS[-1]:.0f} degrees"
        yaw = rotation["y"] if isinstance(rotation, dict) else rotation
        agent.x, agent.y = float(x), float(y)
        agent.yaw = agent.yaw if yaw is None else float(yaw) % 360
        agent.horizon = agent.horizon if horizon is None else float(horizon)
        return ""


def pose_of(agent: Agent) -> dict[str, Any]:
    """A pose in the form of GetInteractablePoses."""
    return {
        "x": agent.x,
        "y": 0.9,
        "z": agent.y,
        "rotation": agent.yaw,
        "horizon": agent.horizon,
        "standing": True,
    }


def _told(message: str) -> Outcome:
    return Outcome(not message, message)
