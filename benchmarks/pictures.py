"""The pictures of README and docs: `python -m benchmarks.pictures runs/last`, after `make demo`."""

import argparse
import shutil
from pathlib import Path

import numpy as np

from embodied.cli.eval import load_policy
from embodied.cli.world import make_measured_env
from embodied.envs.mujoco.humanoid.model import MODEL_PATH, load_model
from embodied.envs.mujoco.humanoid.poses import POSES, pose_qpos
from embodied.envs.mujoco.render_pool import RenderPool
from embodied.policies.online.evaluate import play
from embodied.runs.folder import RunFolder
from embodied.runs.video import contact_sheet, write_png

IMAGES = Path(__file__).parents[1] / "docs" / "images"
SIDE = 240
MOMENTS = (0, 12, 18, 24, 36, 60, 98)
"""Steps of an episode, 15 ms each, in the row of the README."""

TASK_POSES = (
    "kneeling",
    "lotus",
    "standing",
    "standing, arms raised",
    "side splits",
    "standing, hands on hips",
    "right leg lifted",
    "standing, arms crossed",
)


def draw(qpos: np.ndarray, camera: str) -> np.ndarray:
    with RenderPool(MODEL_PATH, 64, load_model().nq, SIDE, SIDE, camera=camera) as pool:
        return pool.render(qpos)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", help="a trained humanoid-kneel run")
    run = RunFolder.open(parser.parse_args().run)
    IMAGES.mkdir(parents=True, exist_ok=True)
    episodes = play(load_policy(run, run.config), make_measured_env(run.config, 20), seed=1000)
    row = draw(episodes.qpos[list(MOMENTS), 0], "portrait")[:, 30:, 40:-40]
    write_png(IMAGES / "kneel.png", contact_sheet(row, len(MOMENTS)))
    poses = np.array([pose_qpos(POSES[name]) for name in TASK_POSES])
    write_png(IMAGES / "tasks.png", contact_sheet(draw(poses, "vlm"), 4))
    shutil.copy(run.root / "curve.png", IMAGES / "curve.png")


if __name__ == "__main__":
    main()
