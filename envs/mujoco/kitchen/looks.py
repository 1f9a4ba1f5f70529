"""Colours: of a whole kitchen, drawn per scene, and of what is dirty, cooked or switched on."""

import mujoco
import numpy as np

from embodied.envs.mujoco.kitchen.builder import FIXED, HIDDEN
from embodied.envs.mujoco.kitchen.kinds import kind_of
from embodied.envs.mujoco.kitchen.scene import Scene

FRONTS = (
    (0.93, 0.92, 0.89),
    (0.62, 0.42, 0.26),
    (0.8, 0.62, 0.42),
    (0.36, 0.46, 0.42),
    (0.3, 0.38, 0.5),
    (0.42, 0.27, 0.18),
    (0.78, 0.78, 0.76),
    (0.55, 0.62, 0.52),
)
TOPS = (
    (0.35, 0.34, 0.34),
    (0.9, 0.89, 0.86),
    (0.62, 0.58, 0.53),
    (0.2, 0.2, 0.22),
    (0.72, 0.55, 0.38),
    (0.55, 0.6, 0.6),
)
WALLS = (
    (0.93, 0.91, 0.85),
    (0.85, 0.88, 0.9),
    (0.9, 0.85, 0.72),
    (0.82, 0.87, 0.8),
    (0.94, 0.94, 0.93),
    (0.9, 0.82, 0.78),
)
SPLASHES = (
    (0.96, 0.96, 0.95),
    (0.75, 0.85, 0.86),
    (0.9, 0.82, 0.68),
    (0.68, 0.74, 0.66),
    (0.55, 0.62, 0.7),
)
TABLES = ((0.6, 0.4, 0.24), (0.78, 0.6, 0.4), (0.4, 0.25, 0.16), (0.88, 0.87, 0.84))
FLOORS = {
    "planks": ((0.72, 0.52, 0.34), (0.55, 0.37, 0.23), (0.82, 0.7, 0.55)),
    "squares": ((0.86, 0.84, 0.8), (0.6, 0.6, 0.6), (0.75, 0.6, 0.5)),
    "slabs": ((0.7, 0.68, 0.64), (0.5, 0.5, 0.5)),
}
CASES = ((0.92, 0.92, 0.91), (0.7, 0.71, 0.73), (0.16, 0.16, 0.17), (0.66, 0.16, 0.13))
TINTED = ("Fridge", "Microwave", "Toaster", "CoffeeMachine", "GarbageCan")
HOT, WARM = (1.0, 0.36, 0.1), (1.0, 0.72, 0.3)
BROWN = np.array((0.55, 0.33, 0.13))
CRUSTED = np.array((0.8, 0.62, 0.36))
RGB = int(mujoco.mjtTextureRole.mjTEXROLE_RGB)


def dress(scene: Scene, rng: np.random.Generator) -> None:
    """Draw the colours of fronts, tops, walls, floor and appliances, and the light."""
    model = scene.model

    def pick(palette: tuple) -> np.ndarray:
        colour = np.array(palette[int(rng.integers(len(palette)))])
        return np.clip(colour * rng.uniform(0.93, 1.05) + rng.uniform(-0.03, 0.03, 3), 0, 1)

    for material, palette in (
        ("wood", FRONTS),
        ("stone", TOPS),
        ("wall", WALLS),
        ("splash", SPLASHES),
        ("table", TABLES),
    ):
        model.mat_rgba[model.material(material).id, :3] = pick(palette)
    if rng.random() < 0.5:  # painted fronts
        model.mat_texid[model.material("wood").id, RGB] = -1
    if rng.random() < 0.25:  # a plain wall behind the counter
        model.mat_texid[model.material("splash").id, RGB] = -1
    floor = list(FLOORS)[int(rng.integers(len(FLOORS)))]
    material = model.material(floor).id
    model.mat_rgba[material, :3] = pick(FLOORS[floor])
    model.geom_matid[model.geom("Floor_0:0").id] = material
    for name in scene.states:
        if kind_of(name) in TINTED:
            case = pick(CASES[:3] if kind_of(name) == "Fridge" else CASES)
            own = scene.owner == scene.template.objects.index(name)
            white = (scene.template.model.geom_rgba[:, :3] == 1).all(1)
            model.geom_rgba[own & white, :3] = case
    lamp, sun = model.light("lamp").id, model.light("sun").id
    tone = np.array((1.0, rng.uniform(0.94, 1.0), rng.uniform(0.84, 1.0)))
    model.light_pos[lamp] = *rng.uniform(-0.5, 0.5, 2), 2.45
    model.light_diffuse[lamp] = 0.52 * tone * rng.uniform(0.8, 1.15)
    model.light_ambient[lamp] = 0.0
    model.light_dir[sun] = *rng.uniform(-0.7, 0.7, 2), -1
    model.light_diffuse[sun] = 0.22 * rng.uniform(0.6, 1.3)
    scene.light = model.light_diffuse[lamp].copy(), rng.uniform(0.38, 0.46)
    model.vis.headlight.ambient[:] = scene.light[1]
    model.vis.headlight.diffuse[:] = 0.14
    model.vis.headlight.specular[:] = 0.05


def paint(scene: Scene, name: str) -> None:
    """Make an object look like its state."""
    if name in scene.template.things:
        _paint_thing(scene, name)
    else:
        _paint_switch(scene, name)


def _paint_thing(scene: Scene, name: str) -> None:
    thing, state, model = scene.template.things[name], scene.states[name], scene.model
    for g, part in zip(thing.parts, thing.shape.parts, strict=True):
        colour = np.array(state.colour if part.tint else part.colour)
        material = part.material
        if state.dirty:
            crust = BROWN if colour.mean() > 0.35 else CRUSTED  # dark stains need a lighter ground
            share = 0.15 if colour.mean() > 0.35 else 0.6
            material, colour = "dirty", (1 - share) * colour + share * crust
        if state.cooked:
            material = "cooked"
            colour = 0.45 * colour + 0.55 * BROWN * (0.6 + colour.mean())
        model.geom_matid[g] = model.material(material).id
        model.geom_rgba[g, :3] = np.where(colour == 0.5, 0.501, colour)


def _paint_switch(scene: Scene, name: str) -> None:
    model, on = scene.model, scene.states[name].toggled
    kind = kind_of(name)
    if kind == "StoveKnob":
        body = model.body(name).id
        turn = np.radians(45 if on else 0)  # about the axis towards the cook
        model.body_quat[body] = np.cos(turn), 0, np.sin(turn), 0
        _glow(scene, name.replace("Knob", "Burner"), on, HOT)
    elif kind == "Faucet":
        for g in scene.template.glows[name]:
            model.geom_group[g] = FIXED if on else HIDDEN
    elif kind == "LightSwitch":
        lamp = model.light("lamp").id
        colour, level = scene.light
        model.light_diffuse[lamp] = colour if on else 0.02
        model.vis.headlight.ambient[:] = level if on else 0.2
    else:
        _glow(scene, name, on, WARM if kind == "Microwave" else HOT)


def _glow(scene: Scene, name: str, on: bool, colour: tuple[float, float, float]) -> None:
    model, pristine = scene.model, scene.template.model
    for g in scene.template.glows.get(name, ()):
        model.geom_matid[g] = model.material("glow").id if on else pristine.geom_matid[g]
        model.geom_rgba[g, :3] = colour if on else pristine.geom_rgba[g, :3]
