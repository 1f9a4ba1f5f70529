"""Fast frames of MuJoCo states for a VLM's eyes.

A software rasteriser spends most of its time on shadows, reflections and multisampling; with them
off it draws 20 times more frames, and an encoder does not miss them (docs/speed.md).
"""

import mujoco
import numpy as np

FAST_FLAGS = (
    mujoco.mjtRndFlag.mjRND_SHADOW,
    mujoco.mjtRndFlag.mjRND_REFLECTION,
    mujoco.mjtRndFlag.mjRND_HAZE,
)


class FrameRenderer:
    """Draws poses of one model through one camera.

    Args:
        model: the model; a `look` hook may repaint it between frames.
        height, width: size of a frame in pixels.
        camera: name of a camera of the model.
        pretty: keep shadows and reflections, for people.
    """

    def __init__(
        self,
        model: mujoco.MjModel,
        height: int,
        width: int,
        camera: str = "vlm",
        pretty: bool = False,
    ):
        self.model = model
        self.data = mujoco.MjData(model)
        self.renderer = mujoco.Renderer(model, height, width)
        self.camera: str | mujoco.MjvCamera = camera
        self._scratch = np.empty((height, width, 3), np.uint8)
        if not pretty:
            self.renderer.scene.flags[[flag.value for flag in FAST_FLAGS]] = 0

    def draw(self, qpos: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """Draw the pose `qpos` [nq] as uint8 [H, W, 3], into `out` where it is given."""
        self.data.qpos[:] = qpos
        mujoco.mj_kinematics(self.model, self.data)
        mujoco.mj_comPos(self.model, self.data)
        mujoco.mj_camlight(self.model, self.data)
        self.renderer.update_scene(self.data, self.camera)
        self.renderer.render(out=self._scratch)
        if out is None:
            return self._scratch.copy()
        out[:] = self._scratch
        return out

    def close(self) -> None:
        self.renderer.close()
