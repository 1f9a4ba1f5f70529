"""The picture of docs/classic-control.md: `python -m benchmarks.classic_pictures`."""

import numpy as np

from benchmarks.pictures import IMAGES
from embodied.envs.mujoco.classic.mountain_car import qpos_at
from embodied.envs.mujoco.classic.simulators import CARTPOLE, MOUNTAIN_CAR, MOUNTAIN_CAR_PLAIN
from embodied.envs.mujoco.render_pool import RenderPool
from embodied.envs.simulator import Simulator
from embodied.runs.video import contact_sheet, write_png

SIDE = 240
POLES = np.array([[0, 0.0], [-1.2, -0.5], [1.6, np.pi / 2], [0.8, np.pi]])
PLACES = np.array([-1.0, -0.52, 0.05, 0.52])


def draw(simulator: Simulator, qpos: np.ndarray) -> np.ndarray:
    with RenderPool(simulator.model_path, 8, simulator.load().nq, SIDE, SIDE, workers=1) as pool:
        return pool.render(qpos)


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    rows = [draw(CARTPOLE, POLES)]
    rows += [draw(simulator, qpos_at(PLACES)) for simulator in (MOUNTAIN_CAR, MOUNTAIN_CAR_PLAIN)]
    write_png(IMAGES / "classic.png", contact_sheet(np.concatenate(rows), len(POLES)))


if __name__ == "__main__":
    main()
