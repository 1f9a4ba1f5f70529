"""Other cameras, lights, textures and paints for the same state: what an encoder sees through."""

from dataclasses import dataclass, replace

import mujoco
import numpy as np

from embodied.envs.mujoco.renderer import FrameRenderer

# One row per frame: the columns and the values that reproduce a scene's own look.
COLUMNS = {
    "texture": 0.0,
    "azimuth": 90.0,
    "rise": 0.0,
    "nearness": 1.0,
    "shift_x": 0.0,
    "shift_z": 0.0,
    "light_x": 0.3,
    "light_y": 0.6,
    "light": 1.0,
    "ambient": 0.42,
    "paint_r": 1.0,
    "paint_g": 1.0,
    "paint_b": 1.0,
}
"""rise: degrees onto the camera's own elevation. nearness: factor on its distance. shift: of the
point it looks at, as a share of the distance. paint: factors on the cart's or the car's colour."""
LOOK_SIZE = len(COLUMNS)
_INDEX = {name: i for i, name in enumerate(COLUMNS)}


@dataclass(frozen=True)
class Scenery:
    """How a scene is looked at by itself: camera `vlm` of its MJCF, and what can be repainted.

    textures: materials of its background; the first is the model's own.
    held_out: the material that no training picture shows.
    """

    look_at: tuple[float, float, float]
    distance: float
    elevation: float
    textures: tuple[str, ...]
    held_out: str
    paint: tuple[float, float, float]


CARTPOLE = Scenery(
    look_at=(0, 0, 1.3),
    distance=8.0,
    elevation=-5,
    textures=("plaster", "wood", "tiles", "sand", "plain"),
    held_out="brick",
    paint=(0.16, 0.34, 0.66),
)
MOUNTAIN_CAR = Scenery(
    look_at=(-0.3, 0, 0.62),
    distance=3.4,
    elevation=-6,
    textures=("rock", "plain", "meadow", "sand", "brick"),
    held_out="snow",
    paint=(0.80, 0.12, 0.10),
)
MOUNTAIN_CAR_PLAIN = replace(MOUNTAIN_CAR, textures=("plain", "rock", "meadow", "sand", "brick"))


def plain_looks(n: int) -> np.ndarray:
    """The look that rewards are computed under, [n, LOOK_SIZE]."""
    return np.tile(np.array(list(COLUMNS.values())), (n, 1))


def sample_looks(
    scenery: Scenery, rng: np.random.Generator, n: int, *, plain: float = 0.5, turn: float = 12.0
) -> np.ndarray:
    """Random looks [n, LOOK_SIZE]. Of a share `plain` only the texture differs from the scene's
    own look, in every second one; turn: spread of the azimuth in degrees."""
    rows = plain_looks(n)
    spreads = {
        "azimuth": (90 - turn, 90 + turn),
        "rise": (-8, 4),
        "nearness": (0.95, 1.12),
        "shift_x": (-0.03, 0.03),
        "shift_z": (-0.03, 0.03),
        "light_x": (-0.8, 0.8),
        "light_y": (0.1, 1),
        "light": (0.4, 1.3),
        "ambient": (0.25, 0.6),
        "paint_r": (0.4, 1.6),
        "paint_g": (0.4, 1.6),
        "paint_b": (0.4, 1.6),
    }
    for name, (low, high) in spreads.items():
        rows[:, _INDEX[name]] = rng.uniform(low, high, n)
    as_is = rng.random(n) < plain
    rows[as_is] = plain_looks(int(as_is.sum()))
    repainted = ~as_is | (rng.random(n) < 0.5)
    rows[repainted, 0] = rng.integers(len(scenery.textures), size=int(repainted.sum()))
    return rows


def split_looks(scenery: Scenery, rng: np.random.Generator, n: int, split: str) -> np.ndarray:
    """Looks of a split: `cameras` and `textures` are such as `train` never draws."""
    match split:
        case "train":
            return sample_looks(scenery, rng, n)
        case "cameras":
            rows = sample_looks(scenery, rng, n, plain=0)
            side = rng.choice([-1, 1], n)
            rows[:, _INDEX["azimuth"]] = 90 + side * rng.uniform(12, 25, n)
            rows[:, _INDEX["nearness"]] = rng.uniform(1.12, 1.25, n)
            return rows
        case "textures":
            rows = sample_looks(scenery, rng, n, plain=0)
            rows[:, _INDEX["texture"]] = len(scenery.textures)
            return rows
        case _:
            return plain_looks(n)


def apply_cartpole(renderer: FrameRenderer, row: np.ndarray) -> None:
    _apply(CARTPOLE, renderer, row)


def apply_mountain_car(renderer: FrameRenderer, row: np.ndarray) -> None:
    _apply(MOUNTAIN_CAR, renderer, row)


def apply_mountain_car_plain(renderer: FrameRenderer, row: np.ndarray) -> None:
    _apply(MOUNTAIN_CAR_PLAIN, renderer, row)


def _apply(scenery: Scenery, renderer: FrameRenderer, row: np.ndarray) -> None:
    """Repaint the renderer's model and move its camera as `row` [LOOK_SIZE] says."""
    model = renderer.model
    look = dict(zip(COLUMNS, row.tolist(), strict=True))
    material = (*scenery.textures, scenery.held_out)[int(look["texture"])]
    model.geom("scenery").matid = model.material(material).id
    model.light("sun").dir = (look["light_x"], look["light_y"], -1)
    model.light("sun").diffuse = np.array((0.55, 0.53, 0.5)) * look["light"]
    model.vis.headlight.ambient[:] = look["ambient"]
    factors = [look[f"paint_{channel}"] for channel in "rgb"]
    model.material("paint").rgba = [*np.clip(np.multiply(scenery.paint, factors), 0, 1), 1]
    distance = scenery.distance * look["nearness"]
    camera = mujoco.MjvCamera()
    mujoco.mjv_defaultFreeCamera(model, camera)
    camera.azimuth, camera.elevation = look["azimuth"], scenery.elevation + look["rise"]
    camera.distance = distance
    camera.lookat[:] = np.add(
        scenery.look_at, (look["shift_x"] * distance, 0, look["shift_z"] * distance)
    )
    renderer.camera = camera
