"""The cart-pole and the mountain car, textured and plain, as simulators."""

from functools import lru_cache
from pathlib import Path

import mujoco

from embodied.envs.mujoco.classic import cartpole, mountain_car
from embodied.envs.mujoco.classic.looks import LOOK_SIZE
from embodied.envs.mujoco.classic.system import ASSETS
from embodied.envs.simulator import Simulator, VectorEnvironment

_HERE = "embodied.envs.mujoco.classic"
ENCODER = "embedded:classic"


@lru_cache(maxsize=3)
def _model(path: Path) -> mujoco.MjModel:
    """The shared, read-only model; copy it before changing it."""
    return mujoco.MjModel.from_xml_path(str(path))


def _make_vector(task: str, num_envs: int, measure: bool) -> VectorEnvironment:
    from embodied.envs.mujoco.classic.vector import ClassicVectorEnv  # it looks tasks up

    return ClassicVectorEnv(task, num_envs, measure)


CARTPOLE = Simulator(
    name="cartpole",
    model_path=ASSETS / "cartpole.xml",
    load=lambda: _model(ASSETS / "cartpole.xml"),
    make_vector=_make_vector,
    features=cartpole.features,
    state=cartpole.state_from_qpos,
    look=f"{_HERE}.looks:apply_cartpole",
    look_size=LOOK_SIZE,
    words=f"{_HERE}.cartpole_words:VOCABULARY",
    fps=cartpole.CONTINUOUS.fps,
    strongest_push=20.0,
    encoder=ENCODER,
)


def _mountain_car(name: str, file: str) -> Simulator:
    return Simulator(
        name=name,
        model_path=ASSETS / file,
        load=lambda: _model(ASSETS / file),
        make_vector=_make_vector,
        features=mountain_car.features,
        state=mountain_car.state_from_qpos,
        look=f"{_HERE}.looks:apply_{file.removesuffix('.xml')}",
        look_size=LOOK_SIZE,
        words=f"{_HERE}.mountain_car_words:VOCABULARY",
        fps=mountain_car.MOUNTAIN_CAR.fps,
        strongest_push=20.0,
        encoder=ENCODER,
    )


MOUNTAIN_CAR = _mountain_car("mountain-car", "mountain_car.xml")
MOUNTAIN_CAR_PLAIN = _mountain_car("mountain-car-plain", "mountain_car_plain.xml")
