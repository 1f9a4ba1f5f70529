"""What the agent does to objects. Each function returns "" or the reason why it is not possible."""

from collections.abc import Iterable, Iterator

import numpy as np

from embodied.envs.mujoco.kitchen.agent import EYE, Agent, carry, grasp, lay, release
from embodied.envs.mujoco.kitchen.kinds import KNIVES, SLICES, kind_of
from embodied.envs.mujoco.kitchen.looks import paint
from embodied.envs.mujoco.kitchen.metadata import from_thor
from embodied.envs.mujoco.kitchen.physics import glide, settle
from embodied.envs.mujoco.kitchen.placing import LIFT, nearest_place
from embodied.envs.mujoco.kitchen.scene import Scene, turned
from embodied.envs.mujoco.kitchen.vision import REACH, looks_into
from embodied.envs.mujoco.kitchen.walking import GRID, is_free, largest_room, leaf, reachable


def pick_up(scene: Scene, agent: Agent, name: str) -> str:
    if not scene.kind(name).pickupable:
        return f"{_id(scene, name)} cannot be picked up"
    if agent.held:
        return f"the hand holds {_id(scene, agent.held)} already"
    grasp(scene, agent, name)
    settle(scene)  # what it held up falls
    return ""


def put(scene: Scene, agent: Agent, receptacle: str) -> str:
    """Put what is held onto or into a receptacle, at the free place nearest to the agent."""
    if not agent.held:
        return "the hand is empty"
    where = _id(scene, receptacle)
    if receptacle == agent.held:
        return "a thing cannot be put into itself"
    if not scene.kind(receptacle).receptacle:
        return f"{where} is not a receptacle"
    if scene.kind(receptacle).openable and not scene.is_open(receptacle):
        return f"{where} is closed"
    place = nearest_place(scene, agent.held, receptacle, (agent.x, agent.y))
    if place is None:
        return (
            f"{_id(scene, agent.held)} does not fit into {where}: no room is left or it is too big"
        )
    lay(scene, agent, place.pos, place.quat)
    name = release(scene, agent)
    settle(scene)
    if receptacle not in scene.holders(name):
        found = [_id(scene, holder) for holder in scene.holders(name)]
        return f"{_id(scene, name)} did not stay: it is on {', '.join(found) or 'nothing'} now"
    return ""


def place_at(scene: Scene, agent: Agent, position: dict[str, float]) -> str:
    """Stand what is held on a point within reach and let go; at an edge it falls."""
    if not agent.held:
        return "the hand is empty"
    point = from_thor(position)
    if np.hypot(point[0] - agent.x, point[1] - agent.y) > REACH:
        return f"the point is more than {REACH} m away"
    thing = scene.template.things[agent.held]
    lay(scene, agent, point + np.array((0, 0, LIFT - float(thing.low[2]))), np.array(turned(0)))
    release(scene, agent)
    settle(scene, 3.0)
    return ""


def drop(scene: Scene, agent: Agent) -> str:
    if not agent.held:
        return "the hand is empty"
    release(scene, agent)
    settle(scene, 3.0)
    return ""


def open_door(scene: Scene, agent: Agent, name: str, openness: float = 1.0) -> str:
    kind = scene.kind(name)
    if not kind.openable:
        return f"{_id(scene, name)} cannot be opened"
    if scene.is_open(name):
        return f"{_id(scene, name)} is open already"
    if scene.states[name].toggled:
        return f"{_id(scene, name)} is on: switch it off first"
    if not 0 < openness <= 1:
        return f"openness is from 0 to 1, not {openness}"
    if hits_agent(scene, agent, name, openness):
        return f"the agent stands where {_id(scene, name)} would open"
    return _swing(scene, agent, name, openness)


def close_door(scene: Scene, agent: Agent, name: str) -> str:
    if not scene.kind(name).openable:
        return f"{_id(scene, name)} cannot be closed"
    if not scene.is_open(name):
        return f"{_id(scene, name)} is closed already"
    if hits_agent(scene, agent, name, 0.0):
        return f"the agent stands where {_id(scene, name)} would close"
    return _swing(scene, agent, name, 0.0)


def hits_agent(scene: Scene, agent: Agent, door: str, share: float) -> bool:
    """Whether a door on its way to `share` would run into the agent."""
    point = agent.x, agent.y
    for _ in _poses_of(scene, door, np.linspace(scene.openness(door), share, 5)):
        box = leaf(scene, door)
        if box is not None and not is_free(point, [box], (99.0, 99.0)):
            return True
    return False


def leads_in(scene: Scene, agent: Agent, door: str) -> bool:
    """Whether the agent, once a door is open, can walk to where it looks in, and is not shut in."""
    room = len(largest_room(scene))
    for _ in _poses_of(scene, door, [1.0]):
        cells = reachable(scene, agent.cell)
        eyes = (np.array((x * GRID, y * GRID, EYE)) for x, y in cells)
        if len(cells) > room / 2 and any(looks_into(scene, door, eye) for eye in eyes):
            return True
    return False


def _poses_of(scene: Scene, door: str, shares: Iterable[float]) -> Iterator[None]:
    """Let a door be open by each of `shares`, and then as it was."""
    address = scene.model.jnt_qposadr[scene.template.doors[door]]
    before = float(scene.data.qpos[address])
    try:
        for share in shares:
            scene.data.qpos[address] = share * scene.reach(door)
            scene.forward()
            yield
    finally:
        scene.data.qpos[address] = before
        scene.forward()


def switch(scene: Scene, agent: Agent, name: str, on: bool) -> str:
    state = scene.states[name]
    if not scene.kind(name).toggleable:
        return f"{_id(scene, name)} has no switch"
    if state.toggled == on:
        return f"{_id(scene, name)} is {'on' if on else 'off'} already"
    if on and scene.is_open(name):
        return f"{_id(scene, name)} is open: close it first"
    state.toggled = on
    paint(scene, name)
    return ""


def slice_up(scene: Scene, agent: Agent, name: str) -> str:
    """Replace a whole thing by its slices, one upon the other like a fan."""
    if not scene.kind(name).sliceable:
        return f"{_id(scene, name)} cannot be sliced"
    if not agent.held or kind_of(agent.held) not in KNIVES:
        return "there is no knife in the hand"
    piece, count = SLICES[kind_of(name)]
    number = int(name.partition("_")[2])
    whole = scene.states[name]
    low, high = scene.box(name)
    base = np.array((*(low + high)[:2] / 2, low[2]))
    scene.remove(name)
    for i in range(count):
        part = f"{piece}_{number * count + i}"
        scene.add(part)
        state = scene.states[part]
        state.identity = f"{whole.identity}|{piece}_{i}"
        state.sliced, state.cooked, state.temperature = True, whole.cooked, whole.temperature
        thing = scene.template.things[part]
        height = float(thing.high[2])
        shift = 0.35 * float(thing.high[0]) * (i - (count - 1) / 2)
        offset = np.array((shift, 0, LIFT + i * (height + LIFT)))
        scene.set_pose(part, base + offset, turned(20.0 * i))
        paint(scene, part)
    scene.forward()
    settle(scene)
    return ""


def cook(scene: Scene, agent: Agent, name: str) -> str:
    if not scene.kind(name).cookable:
        return f"{_id(scene, name)} cannot be cooked"
    if scene.states[name].cooked:
        return f"{_id(scene, name)} is cooked already"
    scene.states[name].cooked = True
    paint(scene, name)
    return ""


def soil(scene: Scene, agent: Agent, name: str, dirty: bool) -> str:
    """Make a thing dirty or clean."""
    if not scene.kind(name).dirtyable:
        return f"{_id(scene, name)} cannot be dirty"
    if scene.states[name].dirty == dirty:
        return f"{_id(scene, name)} is {'dirty' if dirty else 'clean'} already"
    scene.states[name].dirty = dirty
    paint(scene, name)
    return ""


def work(scene: Scene) -> None:
    """What appliances do to what is in them: heat cooks, water cleans, the fridge cools."""
    chill(scene)
    for name in scene.receptacles():
        kind = kind_of(name)
        if kind in ("Microwave", "Toaster"):
            hot = scene.states[name].toggled
        elif kind == "StoveBurner":
            hot = scene.states[name.replace("Burner", "Knob")].toggled
        else:
            hot = False
        wet = kind == "SinkBasin" and any(scene.states[f].toggled for f in scene.find("Faucet"))
        if not (hot or wet):
            continue
        for thing in scene.contents(name):
            state = scene.states[thing]
            if hot:
                state.temperature = "Hot"
                state.cooked |= scene.kind(thing).cookable
            if wet:
                state.dirty = False
            paint(scene, thing)


def chill(scene: Scene) -> None:
    """Make cold what is in a fridge that is shut."""
    for name in scene.find("Fridge"):
        for thing in [] if scene.is_open(name) else scene.contents(name):
            scene.states[thing].temperature = "Cold"


def _swing(scene: Scene, agent: Agent, name: str, share: float) -> str:
    if not glide(scene, name, share):
        how = "open" if share else "close"
        return f"{_id(scene, name)} does not {how}: something is in its way"
    carry(scene, agent)
    return ""


def _id(scene: Scene, name: str) -> str:
    return scene.states[name].identity
