"""One kitchen: a copy of a template's model, what is in it, and the state of each object."""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass

import mujoco
import numpy as np

from embodied.envs.mujoco.kitchen.builder import HIDDEN, SOLID
from embodied.envs.mujoco.kitchen.kinds import KINDS, Kind, kind_of
from embodied.envs.mujoco.kitchen.layout import Layout
from embodied.envs.mujoco.kitchen.model import Template
from embodied.envs.mujoco.kitchen.things import Colour

# What a scene changes of its model, and is given back before the next one.
_CHANGED = (
    "body_pos body_quat body_gravcomp geom_rgba geom_matid geom_group geom_contype "
    "geom_conaffinity mat_rgba mat_texid light_pos light_dir light_diffuse light_ambient"
).split()
OPEN_FROM = 0.25  # share of a door's way from which it counts as open
ON_FLOOR = 0.06


@dataclass
class State:
    """What is true of an object besides where it is.

    identity: AI2-THOR's objectId, which stays the same while the object moves.
    temperature: "RoomTemp", "Hot" or "Cold".
    """

    identity: str = ""
    toggled: bool = False
    dirty: bool = False
    cooked: bool = False
    sliced: bool = False
    held: bool = False
    temperature: str = "RoomTemp"
    colour: Colour = (1.0, 1.0, 1.0)


class Scene:
    """A kitchen that can be arranged again and again without compiling.

    Args:
        template: whose units and things it has.

    Attributes:
        states: name -> state of each object that is there; the order never changes.
        owner: int [ngeom], index of the object that a geom belongs to, -1 if none.
        light: colour of the lamp and level of the light from all sides, when they are on.
    """

    def __init__(self, template: Template) -> None:
        self.template = template
        self.model: mujoco.MjModel = copy(template.model)
        self.data = mujoco.MjData(self.model)
        self.layout = Layout("", (0.0, 0.0))
        self.states: dict[str, State] = {}
        self.owner = template.geom_owner.copy()
        self.light: tuple[np.ndarray, float] = np.ones(3), 0.4
        self._spots: dict[str, list[int]] = {}
        self._sites = self._site_owner = np.zeros(0, int)
        self._sizes = np.zeros((0, 3))
        self._index = {name: i for i, name in enumerate(template.objects)}
        body_root = template.model.body_rootid
        self._root = {template.model.body(b).name: b for b in range(template.model.nbody)}
        self._geom_root = body_root[template.model.geom_bodyid]
        joints = np.array(list(template.doors.values()))
        self._door_reach = dict(
            zip(template.doors, template.model.jnt_range[joints, 1].tolist(), strict=True)
        )

    def arrange(self, layout: Layout) -> None:
        """Empty the kitchen and put its units where `layout` says; nothing lies about yet."""
        for name in _CHANGED:
            getattr(self.model, name)[:] = getattr(self.template.model, name)
        mujoco.mj_resetData(self.model, self.data)
        self.layout = layout
        model = self.model
        shown = self._geom_root == 0
        for name, (x, y, z, yaw) in layout.poses.items():
            body = self._root[name]
            model.body_pos[body] = x, y, z
            model.body_quat[body] = turned(yaw)
            shown |= self._geom_root == body
        for wall, (along, yaw) in enumerate(((0, 0), (0, -90), (0, -180), (0, 90))):
            body = self._root[f"RoomWall_{wall}"]
            half = layout.size[1] / 2 if wall % 2 == 0 else layout.size[0] / 2
            turn = np.radians(yaw)
            model.body_pos[body] = -half * np.sin(turn), half * np.cos(turn), along
            model.body_quat[body] = turned(yaw)
            shown |= self._geom_root == body
        self._hide_geoms(np.flatnonzero(~shown))
        for k, thing in enumerate(self.template.things.values()):
            self.data.qpos[thing.qpos : thing.qpos + 7] = (0.3 * k, 0, -20, 1, 0, 0, 0)
        self._own(layout)
        names = [self.template.objects[i] for i in np.unique(self.owner[shown]) if i >= 0]
        self.states = {name: State() for name in names}
        self._off_glows()
        self.forward()

    def forward(self) -> None:
        """Positions of all bodies, geoms, sites and the camera from the joints."""
        mujoco.mj_kinematics(self.model, self.data)
        mujoco.mj_camlight(self.model, self.data)

    def kind(self, name: str) -> Kind:
        return KINDS[kind_of(name)]

    def find(self, kind: str) -> list[str]:
        """Names of the objects of a type that are there."""
        return [name for name in self.states if kind_of(name) == kind]

    def things(self) -> list[str]:
        """Names of what can be carried and is there."""
        return [name for name in self.states if name in self.template.things]

    def receptacles(self) -> list[str]:
        return [name for name in self.states if self.spots(name)]

    def spots(self, name: str) -> list[int]:
        """Sites of an object where things can be put."""
        return self._spots.get(name, [])

    def geoms(self, name: str) -> np.ndarray:
        """Geoms of an object that are seen."""
        seen = self.owner == self._index[name]
        return np.flatnonzero(seen & (self.model.geom_group < SOLID))

    def add(self, name: str, colour: Colour | None = None) -> None:
        """Let a thing be there: seen, solid and heavy. Where it is has to be set."""
        thing = self.template.things[name]
        self.states[name] = State(colour=colour or (0.5, 0.5, 0.5))
        for g in thing.geoms:
            self.model.geom_group[g] = self.template.model.geom_group[g]
        self.solidify(name, True)
        for g, part in zip(thing.parts, thing.shape.parts, strict=True):
            if part.tint and colour is not None:
                self.model.geom_rgba[g, :3] = colour

    def remove(self, name: str) -> None:
        """Let a thing be gone."""
        thing = self.template.things[name]
        del self.states[name]
        self._hide_geoms(np.array(thing.geoms))
        self.model.body_gravcomp[thing.body] = 1
        self.data.qpos[thing.qpos : thing.qpos + 7] = (0.1 * thing.body, 0, -20, 1, 0, 0, 0)
        self.data.qvel[thing.dof : thing.dof + 6] = 0

    def solidify(self, name: str, solid: bool) -> None:
        """Whether a thing collides and falls; what is in the hand does not."""
        thing = self.template.things[name]
        pristine = self.template.model
        for g in thing.geoms:
            self.model.geom_contype[g] = pristine.geom_contype[g] if solid else 0
            self.model.geom_conaffinity[g] = pristine.geom_conaffinity[g] if solid else 0
        self.model.body_gravcomp[thing.body] = 0 if solid else 1

    def set_pose(self, name: str, pos: Iterable[float], quat: Iterable[float]) -> None:
        """Put a thing somewhere, at rest; call `forward` after the last one."""
        thing = self.template.things[name]
        self.data.qpos[thing.qpos : thing.qpos + 7] = [*pos, *quat]
        self.data.qvel[thing.dof : thing.dof + 6] = 0

    def pose(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Position [3] and quaternion [4] of a thing."""
        start = self.template.things[name].qpos
        return self.data.qpos[start : start + 3].copy(), self.data.qpos[
            start + 3 : start + 7
        ].copy()

    def speed(self, name: str) -> float:
        """m/s of a thing, the turning of its rim at 10 cm among it."""
        start = self.template.things[name].dof
        move, turn = self.data.qvel[start : start + 3], self.data.qvel[start + 3 : start + 6]
        return float(np.linalg.norm(move) + 0.1 * np.linalg.norm(turn))

    def openness(self, name: str) -> float:
        """How far a door is open, from 0 to 1."""
        address = self.model.jnt_qposadr[self.template.doors[name]]
        return float(np.clip(self.data.qpos[address] / self._door_reach[name], 0, 1))

    def is_open(self, name: str) -> bool:
        return name in self.template.doors and self.openness(name) >= OPEN_FROM

    def set_open(self, name: str, share: float) -> None:
        """Have a door open at once; call `forward` after it."""
        joint = self.template.doors[name]
        address = self.model.jnt_qposadr[joint]
        self.data.qpos[address] = self.data.ctrl[self.servo(name)] = share * self._door_reach[name]
        self.data.qvel[self.model.jnt_dofadr[joint]] = 0

    def servo(self, name: str) -> int:
        """Actuator of a door."""
        return list(self.template.doors).index(name)

    def reach(self, name: str) -> float:
        """A door's joint when it is wide open, rad or m."""
        return self._door_reach[name]

    def box(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest corner of an object's box along the axes, m."""
        if thing := self.template.things.get(name):
            matrix = self.data.xmat[thing.body].reshape(3, 3)
            points = thing.points @ matrix.T + self.data.xpos[thing.body]
            return points.min(0), points.max(0)
        middle, half = self.geom_boxes(self.geoms(name))
        if kind_of(name) == "Floor":  # a plane without end
            x, y = self.layout.size[0] / 2, self.layout.size[1] / 2
            return np.array((-x, -y, 0.0)), np.array((x, y, 0.0))
        return (middle - half).min(0), (middle + half).max(0)

    def geom_boxes(self, geoms: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Middle and half sides [n, 3] of boxes along the axes around geoms, m."""
        bodies = self.model.geom_bodyid[geoms]
        matrix = self.data.xmat[bodies].reshape(-1, 3, 3)
        local = self.template.boxes[geoms]
        middle = self.data.xpos[bodies] + np.einsum("gij,gj->gi", matrix, local[:, 0])
        return middle, np.einsum("gij,gj->gi", np.abs(matrix), local[:, 1])

    def holders(self, name: str) -> list[str]:
        """Receptacles that a thing is in, see `all_holders`."""
        return self.all_holders([name])[name]

    def all_holders(self, names: list[str] | None = None) -> dict[str, list[str]]:
        """Receptacles that things (all of them without `names`) are in.

        They are those with a spot that holds the middle of the thing's underside. The narrowest
        comes first: a slice is in the toaster before it is on the counter.
        """
        names = self.things() if names is None else names
        boxes = {name: self.box(name) for name in names}
        points = np.array([[*(low + high)[:2] / 2, low[2] + 0.004] for low, high in boxes.values()])
        matrices = self.data.site_xmat[self._sites].reshape(-1, 3, 3)
        offsets = points.reshape(-1, 1, 3) - self.data.site_xpos[self._sites]
        local = np.einsum("sji,tsj->tsi", matrices, offsets)
        inside = (np.abs(local) <= self._sizes + 0.012).all(2)
        found: dict[str, list[str]] = {}
        for name, low_point, row in zip(names, points, inside, strict=True):
            owners = dict.fromkeys(self._site_owner[row].tolist())
            places = [self.template.objects[index] for index in owners]
            found[name] = [p for p in places if p != name and self._below(p, low_point[2], boxes)]
            if not found[name] and boxes[name][0][2] < ON_FLOOR:
                found[name] = ["Floor_0"]
        return found

    def _below(self, receptacle: str, height: float, boxes: dict) -> bool:
        """Whether a receptacle is there and, if it is a vessel, begins below `height`."""
        if receptacle not in self.states:
            return False
        if receptacle not in self.template.things:
            return True
        box = boxes.get(receptacle) or self.box(receptacle)
        return bool(box[0][2] <= height)

    def around(self, name: str) -> list[str]:
        """The object, and the vessels that it lies in."""
        if name not in self.template.things:
            return [name]
        return [name, *(h for h in self.holders(name) if h in self.template.things)]

    def contents(self, receptacle: str) -> list[str]:
        """Things in a receptacle, what lies in a vessel in it among them."""
        return [name for name, found in self.all_holders().items() if receptacle in found]

    def _own(self, layout: Layout) -> None:
        """Who owns the tops of the units, and the spots of everything that is there."""
        owner, sites = self.template.geom_owner.copy(), self.template.site_owner.copy()
        for k, units in enumerate(layout.counters):
            for unit in units:
                body = self._root[unit]
                owner[owner == -2 - body] = self._index[f"CounterTop_{k}"]
                sites[sites == -2 - body] = self._index[f"CounterTop_{k}"]
        self.owner = np.where(owner < -1, -1, owner)
        self._sites = np.flatnonzero(sites >= 0)
        sizes = self.model.site_size[self._sites]
        self._sites = self._sites[np.argsort(sizes.prod(1), kind="stable")]  # the narrowest first
        self._sizes, self._site_owner = self.model.site_size[self._sites], sites[self._sites]
        self._spots = {}
        for site, index in enumerate(sites):
            if index >= 0:
                self._spots.setdefault(self.template.objects[index], []).append(site)

    def _hide_geoms(self, geoms: np.ndarray) -> None:
        self.model.geom_group[geoms] = HIDDEN
        self.model.geom_contype[geoms] = self.model.geom_conaffinity[geoms] = 0

    def _off_glows(self) -> None:
        for g in self.template.glows.get("Faucet_0", ()):
            self.model.geom_group[g] = HIDDEN


def turned(yaw: float) -> tuple[float, float, float, float]:
    """The quaternion of a turn about z by `yaw` degrees."""
    half = np.radians(yaw) / 2
    return float(np.cos(half)), 0.0, 0.0, float(np.sin(half))
