"""A kitchen to carry a plan out in: walks to what it acts on, step by step."""

from collections.abc import Callable, Iterator
from itertools import islice, pairwise
from typing import Any

import numpy as np

from embodied.envs.mujoco.kitchen import handling
from embodied.envs.mujoco.kitchen.agent import Agent
from embodied.envs.mujoco.kitchen.kitchen import Kitchen, Outcome
from embodied.envs.mujoco.kitchen.moments import beginning, capture
from embodied.envs.mujoco.kitchen.pictures import Painter
from embodied.envs.mujoco.kitchen.scenario import Scenario
from embodied.envs.mujoco.kitchen.sights import SIDE as LEARNED_SIDE
from embodied.envs.mujoco.kitchen.views import sample_pose
from embodied.envs.mujoco.kitchen.walking import GRID, path, reachable

SIDE = 480
PLACES = 3  # from how many places an action is tried


class KitchenActor:
    """Acts in a `Kitchen` for `planners.executive.run`.

    Before an action it walks, in steps of 0.25 m, to the nearest place from which the object is in
    reach and which a door would not hit, and looks at it. Fails the action there, it is tried from
    up to two more places.

    Args:
        kitchen: where to act.
        watch: called after every step of iTHOR's, walking among them, to draw or to count.
    """

    def __init__(self, kitchen: Kitchen, watch: Callable[[Kitchen], None] | None = None) -> None:
        self.kitchen, self.watch = kitchen, watch
        self.steps = 0
        self._painters: dict[int, Painter] = {}  # by the side of their pictures

    def reset(self, seed: int) -> None:
        """Begin in the kitchen of a seed."""
        self.kitchen.reset(seed)
        self.steps = 0

    def observe(self) -> list[dict[str, Any]]:
        """The objects as they are now, in AI2-THOR's form."""
        return self.kitchen.objects()

    def frame(self) -> np.ndarray:
        """What it sees, uint8 [480, 480, 3]."""
        return self._draw(SIDE, pretty=True)

    def beginning(self) -> dict[str, Any]:
        """What the kitchen can be drawn from again, as JSON; `moments.rebuild`."""
        return beginning(self.kitchen)

    def moment(self) -> dict[str, Any]:
        """Where everything is now, as JSON; `moments.restore`."""
        return capture(self.kitchen)

    def look(self, turn: int = 0) -> np.ndarray:
        """Walk to where much is in view, to another place for every `turn`, and look.

        What is seen as networks that learned in kitchens know it: uint8 [192, 192, 3], plain light.
        """
        rng = np.random.default_rng([turn, 2])
        self._walk(sample_pose(self.kitchen.scene, rng, 24))
        return self.sight()

    def sight(self) -> np.ndarray:
        """The same from where it stands."""
        return self._draw(LEARNED_SIDE)

    def execute(self, action: dict[str, str]) -> tuple[bool, str]:
        """Do `{action, objectId}`; whether it worked, and why not."""
        identity = action["objectId"]
        name = self.kitchen.name_of(identity)
        if name is None:
            return False, f"there is no {identity}"
        message = f"there is no place to reach {identity} from"
        held = self.kitchen.agent.held
        for pose in islice(self._places(name, action["action"]), PLACES):
            if self.kitchen.agent.held != held:  # it slipped: doing it again is another action
                break
            if not self._walk(pose):
                continue
            outcome = self._step(**action)
            if outcome.ok:
                return True, ""
            message = outcome.message
        return False, message

    def close(self) -> None:
        """Let go of what draws."""
        for painter in self._painters.values():
            painter.close()
        self._painters.clear()

    def _draw(self, side: int, pretty: bool = False) -> np.ndarray:
        painter = self._painters.get(side)
        if painter is None or painter.scene is not self.kitchen.scene:
            if painter is not None:
                painter.close()
            painter = Painter(self.kitchen.scene, side, side, pretty=pretty)
            self._painters[side] = painter
        return painter.colour(self.kitchen.agent.view()).copy()

    def _places(self, name: str, action: str) -> Iterator[Agent]:
        """Poses at different places, the nearest on foot first, with the object in the middle.

        A door is opened from where its inside can be walked to, if there is such a place.
        """
        kitchen = self.kitchen
        before = reachable(kitchen.scene, kitchen.agent.cell)  # in the order of the way
        second: list[Agent] = []
        tried: list[Agent] = []
        for cell in before:
            if any(abs(cell[0] - t.cell[0]) + abs(cell[1] - t.cell[1]) < 2 for t in tried):
                continue
            poses = list(kitchen.poses(name, [cell]))
            if not poses or self._in_the_way(name, action, poses[0]):
                continue
            best = min(poses, key=lambda pose: self._aside(name, pose))
            opens = action == "OpenObject" and name in kitchen.scene.template.doors
            if opens and not handling.leads_in(kitchen.scene, best, name):
                second.append(best)
                continue
            tried.append(best)
            yield best
        yield from second

    def _in_the_way(self, name: str, action: str, pose: Agent) -> bool:
        scene = self.kitchen.scene
        share = {"OpenObject": 1.0, "CloseObject": 0.0}.get(action)
        if share is None or name not in scene.template.doors:
            return False
        return handling.hits_agent(scene, pose, name, share)

    def _aside(self, name: str, pose: Agent) -> tuple[float, float]:
        """How far an object is from the middle of the picture, and the head from where it is."""
        low, high = self.kitchen.scene.box(name)
        offset = (low + high) / 2 - pose.eye
        ahead = -pose.view().frame()[:, 2]
        angle = -float(offset @ ahead / np.linalg.norm(offset))
        return round(angle, 2), abs(pose.horizon - self.kitchen.agent.horizon)

    def _walk(self, pose: Agent) -> bool:
        """Go to a pose with MoveAhead, RotateRight, RotateLeft, LookUp and LookDown."""
        agent = self.kitchen.agent
        x, y = agent.cell[0] * GRID, agent.cell[1] * GRID
        if abs(agent.x - x) + abs(agent.y - y) > 1e-6:  # somebody put it off the grid
            self._step("Teleport", position={"x": x, "y": 0.9, "z": y})
        way = path(reachable(self.kitchen.scene, agent.cell), pose.cell)
        for a, b in pairwise(way):
            yaw = float(np.degrees(np.arctan2(b[0] - a[0], b[1] - a[1]))) % 360
            if not (self._turn(yaw) and self._step("MoveAhead", moveMagnitude=GRID).ok):
                return False
        self._turn(pose.yaw)
        while agent.horizon < pose.horizon and self._step("LookDown").ok:
            pass
        while agent.horizon > pose.horizon and self._step("LookUp").ok:
            pass
        return agent.cell == pose.cell

    def _turn(self, yaw: float) -> bool:
        agent = self.kitchen.agent
        way = (yaw - agent.yaw + 180) % 360 - 180
        for _ in range(round(abs(way) / 90)):
            self._step("RotateRight" if way > 0 else "RotateLeft")
        return True

    def _step(self, action: str, **arguments: Any) -> Outcome:
        outcome = self.kitchen.step(action, **arguments)
        self.steps += 1
        if self.watch is not None:
            self.watch(self.kitchen)
        return outcome


def make_actor(seed: int | None = None, scenario: Scenario | None = None) -> KitchenActor:
    """Someone who acts in kitchens; in that of `seed` at once, or after `reset(seed)`."""
    actor = KitchenActor(Kitchen(scenario))
    if seed is not None:
        actor.reset(seed)
    return actor
