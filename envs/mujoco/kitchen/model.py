"""The compiled kitchens: every unit and every thing there can be, which a scene then arranges.

A model has all bodies; a scene moves, paints and hides them, so that nothing is compiled anew.
Sizes, meshes and textures differ between the `VARIANTS` models, everything else between scenes.
"""

from dataclasses import dataclass
from functools import lru_cache

import mujoco
import numpy as np

from embodied.envs.mujoco.kitchen import appliances, units
from embodied.envs.mujoco.kitchen.builder import CARRIED as CARRIED_GROUP
from embodied.envs.mujoco.kitchen.builder import Builder
from embodied.envs.mujoco.kitchen.crockery import CROCKERY
from embodied.envs.mujoco.kitchen.food import FOOD
from embodied.envs.mujoco.kitchen.jars import JARS
from embodied.envs.mujoco.kitchen.kinds import CARRIED, SLICES
from embodied.envs.mujoco.kitchen.things import Shape
from embodied.envs.mujoco.kitchen.utensils import UTENSILS

VARIANTS = 8
TIMESTEP = 0.004
CABINETS, DRAWERS, WALL_CABINETS, SHELVES, CHAIRS, CORNERS, COUNTERS = 4, 2, 6, 2, 2, 1, 3
ROOM = -1  # the owner of what belongs to no object


@dataclass(frozen=True)
class Thing:
    """One that can be carried: what it looks like and where it is in the model.

    parts: geom of each part of its shape. low, high: corners of its box when it stands, m.
    foot: lowest and highest corner of what stands on the ground, m. points [n, 3]: all of it, m.
    """

    shape: Shape
    body: int
    qpos: int
    dof: int
    parts: tuple[int, ...]
    geoms: tuple[int, ...]
    low: np.ndarray
    high: np.ndarray
    foot: tuple[np.ndarray, np.ndarray]
    points: np.ndarray


@dataclass(frozen=True)
class Template:
    """A compiled model and who is who in it. Shared and never changed: copy the model.

    objects: name of each object. geom_owner [ngeom], site_owner [nsite]: its index, or `ROOM`, or
        for the tops of units `-2 - body`. widths: m, of each unit along its wall. doors: joint.
    glows: geoms that change when an object is switched on. boxes [ngeom, 2, 3]: middle and half
        sides of each geom in its body's frame, m.
    """

    model: mujoco.MjModel
    objects: tuple[str, ...]
    geom_owner: np.ndarray
    site_owner: np.ndarray
    widths: dict[str, float]
    things: dict[str, Thing]
    doors: dict[str, int]
    glows: dict[str, list[int]]
    boxes: np.ndarray


@lru_cache(maxsize=VARIANTS)
def load_template(variant: int) -> Template:
    """The model of a variant; compiled once, in about a second."""
    builder = Builder(np.random.default_rng([variant, 0]))
    appliances.room(builder)
    widths = _fixtures(builder)
    shapes = _shapes(builder.rng)
    for name, shape in shapes.items():
        builder.thing(name, shape)
    spec = builder.spec
    spec.option.timestep = TIMESTEP
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    spec.option.disableflags = int(mujoco.mjtDisableBit.mjDSBL_MIDPHASE)
    spec.option.cone = mujoco.mjtCone.mjCONE_PYRAMIDAL
    spec.option.iterations = 30
    spec.visual.map.znear = 0.02
    spec.visual.map.zfar = 12.0
    spec.visual.global_.offwidth = spec.visual.global_.offheight = 1024
    spec.visual.quality.shadowsize = 2048
    spec.stat.extent, spec.stat.center = 1.0, [0, 0, 1]
    builder.world.add_light(
        name="lamp",
        pos=[0, 0, 2.5],
        dir=[0, 0, -1],
        type=mujoco.mjtLightType.mjLIGHT_SPOT,
        cutoff=88,  # degrees, whatever the compiler's unit
        exponent=0,
    )
    builder.world.add_light(
        name="sun",
        dir=[0.3, 0.4, -1],
        type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL,
        castshadow=False,
    )
    builder.world.add_camera(name="eye", fovy=60)
    model = spec.compile()
    return _index(model, widths, shapes)


def _fixtures(builder: Builder) -> dict[str, float]:
    """All units and furniture; the width of those that stand on a wall."""
    width = float(builder.rng.uniform(0.5, 0.6))
    widths = {f"Base_{k}": units.cabinet(builder, k, width) for k in range(CABINETS)}
    widths |= {f"Drawers_{k}": units.drawers(builder, k, width) for k in range(DRAWERS)}
    widths |= {f"Corner_{k}": units.corner(builder, k) for k in range(CORNERS)}
    widths |= {f"Wall_{k}": units.wall_cabinet(builder, k, width) for k in range(WALL_CABINETS)}
    widths |= {f"Shelf_{k}": units.shelf(builder, k, width) for k in range(SHELVES)}
    widths |= {"SinkUnit_0": units.sink(builder, 0.8), "Stove_0": units.stove(builder)}
    widths |= {"Hood_0": units.hood(builder), "FridgeUnit_0": appliances.fridge(builder)}
    widths |= {"MicrowaveUnit_0": appliances.microwave(builder)}
    widths |= {"Toaster_0": appliances.toaster(builder)}
    widths |= {"CoffeeMachine_0": appliances.coffee_machine(builder)}
    widths |= {"Window_0": appliances.window(builder)}
    appliances.table(builder)
    for k in range(CHAIRS):
        appliances.chair(builder, k)
    appliances.garbage_can(builder)
    appliances.light_switch(builder)
    appliances.plant(builder)
    return widths


def _shapes(rng: np.random.Generator) -> dict[str, Shape]:
    """Every thing, and the slices of every one that can be sliced: `Apple_0`, `AppleSliced_0`..."""
    counts = dict(CARRIED)
    for whole, (piece, number) in SLICES.items():
        counts[piece] = CARRIED[whole] * number
    makers = FOOD | CROCKERY | UTENSILS | JARS
    return {f"{kind}_{k}": makers[kind](rng) for kind, n in counts.items() for k in range(n)}


def _index(model: mujoco.MjModel, widths: dict[str, float], shapes: dict[str, Shape]) -> Template:
    owners = [model.geom(g).name.partition(":")[0] for g in range(model.ngeom)]
    places = [model.site(s).name.partition("@")[0] for s in range(model.nsite)]
    tops = {
        name for name in widths if name.startswith(("Base_", "Drawers_", "Corner_", "SinkUnit_"))
    }
    objects = [o for o in dict.fromkeys(owners) if o != "Room" and o not in tops]
    objects += [f"CounterTop_{k}" for k in range(COUNTERS)]
    numbers = {name: i for i, name in enumerate(objects)} | {"Room": ROOM}
    numbers |= {name: -2 - model.body(name).id for name in tops}
    names = [model.joint(j).name for j in range(model.njnt)]
    glows: dict[str, list[int]] = {}
    for g in range(model.ngeom):
        if model.geom(g).name.endswith("!"):
            glows.setdefault(owners[g], []).append(g)
    return Template(
        model,
        tuple(objects),
        np.array([numbers[name] for name in owners]),
        np.array([numbers[name] for name in places]),
        widths,
        {name: _thing(model, name, shape) for name, shape in shapes.items()},
        {name: j for j, name in enumerate(names) if name not in shapes},
        glows,
        np.array([_box(model, g) for g in range(model.ngeom)]),
    )


def _box(model: mujoco.MjModel, geom: int) -> tuple[np.ndarray, np.ndarray]:
    """Middle and half sides of a geom along its body's axes; MuJoCo's own are along a mesh's."""
    turn = np.zeros(9)
    mujoco.mju_quat2Mat(turn, model.geom_quat[geom])
    turn = turn.reshape(3, 3)
    mesh = model.geom_dataid[geom]
    if mesh < 0:
        middle, half = model.geom_aabb[geom, :3], model.geom_aabb[geom, 3:]
        return model.geom_pos[geom] + turn @ middle, np.abs(turn) @ half
    start, count = model.mesh_vertadr[mesh], model.mesh_vertnum[mesh]
    points = model.mesh_vert[start : start + count] @ turn.T + model.geom_pos[geom]
    low, high = points.min(0), points.max(0)
    return (low + high) / 2, (high - low) / 2


def _thing(model: mujoco.MjModel, name: str, shape: Shape) -> Thing:
    body = model.body(name)
    start = int(body.geomadr[0])
    geoms = tuple(range(start, start + int(body.geomnum[0])))
    parts = tuple(g for g in geoms if model.geom_group[g] == CARRIED_GROUP)
    joint = model.joint(name)
    low, high = shape.bounds
    return Thing(
        shape,
        body.id,
        int(joint.qposadr[0]),
        int(joint.dofadr[0]),
        parts,
        geoms,
        low,
        high,
        shape.foot,
        np.concatenate([part.mesh[0] for part in shape.parts]),
    )
