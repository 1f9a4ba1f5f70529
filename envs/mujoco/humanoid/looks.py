"""Other cameras, lights, floors and clothes for the same pose: what an encoder must see through."""

from collections.abc import Sequence

import mujoco
import numpy as np

from embodied.envs.mujoco.renderer import FrameRenderer
from embodied.errors import unknown

FLOORS = ("wood", "grass", "tiles", "carpet")
HELD_OUT_FLOORS = ("stone",)
_ALL_FLOORS = FLOORS + HELD_OUT_FLOORS

# One row per frame: the columns and the values that reproduce the model's own look.
COLUMNS = {
    "floor": 0.0,
    "azimuth": 180.0,
    "elevation": -10.0,
    "distance": 3.5,
    "look_at_z": 1.0,
    "fovy": 40.0,
    "light_x": -0.45,
    "light_y": -0.25,
    "light": 1.0,
    "ambient": 0.42,
    "shirt_r": 1.0,
    "shirt_g": 1.0,
    "shirt_b": 1.0,
    "jeans_r": 1.0,
    "jeans_g": 1.0,
    "jeans_b": 1.0,
    "skin": 1.0,
    "shadow": 0.0,
}
LOOK_SIZE = len(COLUMNS)
_INDEX = {name: i for i, name in enumerate(COLUMNS)}


def plain_looks(n: int) -> np.ndarray:
    """The look that rewards are computed under, [n, LOOK_SIZE]."""
    return np.tile(np.array(list(COLUMNS.values())), (n, 1))


def sample_looks(
    rng: np.random.Generator,
    n: int,
    *,
    floors: tuple[str, ...] = FLOORS,
    plain: float = 0.4,
    turn: float = 25.0,
    around: float = 0.25,
) -> np.ndarray:
    """Random looks [n, LOOK_SIZE].

    plain: share with the model's own look and camera. turn: spread of the azimuth in degrees.
    around: share of the others whose azimuth is drawn from the rest of the circle, but for
    the sector of `held_out_cameras`.
    """
    rows = plain_looks(n)

    def column(name: str, values: np.ndarray) -> None:
        rows[:, _INDEX[name]] = values

    column("floor", rng.choice([_ALL_FLOORS.index(floor) for floor in floors], n))
    column("azimuth", 180 + rng.uniform(-turn, turn, n))
    circle = rng.random(n) < around
    rows[circle, _INDEX["azimuth"]] = 180 + turn + rng.uniform(turn, 360 - turn, circle.sum())
    column("elevation", rng.uniform(-22, 0, n))
    column("distance", rng.uniform(3.0, 4.2, n))
    column("look_at_z", rng.uniform(0.85, 1.1, n))
    column("fovy", rng.uniform(36, 44, n))
    for name in ("light_x", "light_y"):
        column(name, rng.uniform(-1, 1, n))
    column("light", rng.uniform(0.4, 1.3, n))
    column("ambient", rng.uniform(0.25, 0.6, n))
    for cloth in ("shirt", "jeans"):
        for channel in "rgb":
            column(f"{cloth}_{channel}", rng.uniform(0.35, 1.9, n))
    column("skin", rng.uniform(0.5, 1.1, n))
    column("shadow", (rng.random(n) < 0.15).astype(float))
    as_is = rng.random(n) < plain
    rows[as_is] = plain_looks(int(as_is.sum()))
    return rows


# How far round each of the model's cameras that are made for a VLM stands, in degrees.
AROUND = {"vlm": 0.0, "vlm_quarter": 65.0}


def through(rows: np.ndarray, camera: str) -> np.ndarray:
    """The same looks [n, LOOK_SIZE] from where another camera stands.

    Raises EmbodiedError for a camera whose pictures no look describes.
    """
    if camera not in AROUND:
        raise unknown("camera for looks", camera, AROUND)
    turned = rows.copy()
    turned[:, _INDEX["azimuth"]] += AROUND[camera]
    return turned


def held_out_cameras(rng: np.random.Generator, n: int) -> np.ndarray:
    """Looks from a sector and a distance that `sample_looks` never draws, [n, LOOK_SIZE]."""
    rows = sample_looks(rng, n, plain=0)
    rows[:, _INDEX["azimuth"]] = 180 + rng.uniform(25, 50, n)
    rows[:, _INDEX["distance"]] = rng.uniform(4.2, 4.6, n)
    return rows


def sweeps() -> dict[str, np.ndarray]:
    """One property of the plain look at a time, over what a person might choose: [m, LOOK_SIZE]."""

    def vary(**columns: Sequence[float]) -> np.ndarray:
        rows = plain_looks(len(next(iter(columns.values()))))
        for name, values in columns.items():
            rows[:, _INDEX[name]] = values
        return rows

    plain, red, blue = (1.0, 1.0, 1.0), (1.8, 0.5, 0.5), (0.5, 0.5, 1.8)
    outfits = [(plain, plain), (red, red), (red, blue), (blue, red), (blue, blue)]
    return {
        "camera azimuth, ±40°": vary(azimuth=(140, 160, 180, 200, 220)),
        "camera elevation, -30° to 5°": vary(elevation=(-30, -20, -10, 0, 5)),
        "camera distance, 2.8 to 5 m": vary(distance=(2.8, 3.5, 4.2, 5.0)),
        "floor texture": vary(floor=range(len(_ALL_FLOORS))),
        "light, dim to bright": vary(light=(0.4, 0.8, 1.2), ambient=(0.25, 0.42, 0.6)),
        "clothes, five outfits": vary(
            **{
                f"{cloth}_{channel}": [outfit[which][i] for outfit in outfits]
                for which, cloth in enumerate(("shirt", "jeans"))
                for i, channel in enumerate("rgb")
            }
        ),
    }


def apply(renderer: FrameRenderer, row: np.ndarray) -> None:
    """Repaint the renderer's model and move its camera as `row` [LOOK_SIZE] says."""
    model = renderer.model
    look = dict(zip(COLUMNS, row.tolist(), strict=True))
    model.geom("floor").matid = model.material(_ALL_FLOORS[int(look["floor"])]).id
    model.light("sun").dir = (look["light_x"], look["light_y"], -1)
    model.light("sun").diffuse = np.array((0.55, 0.53, 0.5)) * look["light"]
    model.vis.headlight.ambient[:] = look["ambient"]
    for cloth in ("shirt", "jeans"):
        model.material(cloth).rgba = [*(look[f"{cloth}_{c}"] for c in "rgb"), 1]
    model.material("skin").rgba = [look["skin"]] * 3 + [1]
    model.vis.global_.fovy = look["fovy"]
    renderer.renderer.scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = int(look["shadow"])
    camera = mujoco.MjvCamera()
    mujoco.mjv_defaultFreeCamera(model, camera)
    camera.azimuth, camera.elevation = look["azimuth"], look["elevation"]
    camera.distance, camera.lookat[:] = look["distance"], (0, 0, look["look_at_z"])
    renderer.camera = camera
