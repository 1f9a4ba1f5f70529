"""Colour, depth and instance masks of a scene from any point."""

from dataclasses import dataclass

import mujoco
import numpy as np

from embodied.envs.mujoco.kitchen.builder import CARRIED, FIXED
from embodied.envs.mujoco.kitchen.scene import Scene
from embodied.envs.mujoco.renderer import FAST_FLAGS


@dataclass(frozen=True)
class View:
    """Where a camera is and looks: x, y, z in m, yaw clockwise from +y and pitch down in degrees.

    fovy: vertical field of view in degrees.
    """

    x: float
    y: float
    z: float
    yaw: float
    pitch: float
    fovy: float = 60.0

    def frame(self) -> np.ndarray:
        """Right, up and back of the camera as columns [3, 3]."""
        yaw, pitch = np.radians(self.yaw), np.radians(self.pitch)
        ahead = np.array((np.sin(yaw) * np.cos(pitch), np.cos(yaw) * np.cos(pitch), -np.sin(pitch)))
        right = np.array((np.cos(yaw), -np.sin(yaw), 0.0))
        return np.stack([right, np.cross(right, ahead), -ahead], 1)

    def contains(self, points: np.ndarray, aspect: float = 1.0) -> np.ndarray:
        """Which points [n, 3] are within the picture, bool [n]; hidden ones among them."""
        x, y, back = ((points - (self.x, self.y, self.z)) @ self.frame()).T
        edge = np.tan(np.radians(self.fovy / 2)) * -back
        return (back < 0) & (np.abs(y) <= edge) & (np.abs(x) <= edge * aspect)


class Painter:
    """Draws one scene, whatever is arranged in it.

    Args:
        scene: what to draw.
        height, width: size in pixels.
        pretty: shadows and smooth edges, for people; without them ten times as fast.
    """

    def __init__(self, scene: Scene, height: int, width: int, pretty: bool = False) -> None:
        self.scene = scene
        model = scene.model
        model.vis.global_.offheight, model.vis.global_.offwidth = height, width
        model.vis.quality.offsamples = 4 if pretty else 0
        self.renderer = mujoco.Renderer(model, height, width, max_geom=2000)
        if not pretty:
            self.renderer.scene.flags[[flag.value for flag in FAST_FLAGS]] = 0
        self.options = mujoco.MjvOption()
        self.options.geomgroup[:] = 0
        self.options.geomgroup[[FIXED, CARRIED]] = 1
        self.options.sitegroup[:] = 0

    def colour(self, view: View) -> np.ndarray:
        """uint8 [H, W, 3]."""
        self._look(view)
        return self.renderer.render()

    def depth(self, view: View) -> np.ndarray:
        """float32 [H, W], m along the camera's axis."""
        self._look(view)
        self.renderer.enable_depth_rendering()
        picture = self.renderer.render()
        self.renderer.disable_depth_rendering()
        return picture

    def masks(self, view: View) -> dict[str, np.ndarray]:
        """objectId -> bool [H, W], for each object of which a pixel is seen."""
        self._look(view)
        self.renderer.enable_segmentation_rendering()
        picture = self.renderer.render()
        self.renderer.disable_segmentation_rendering()
        owners = np.where(
            picture[..., 1] == mujoco.mjtObj.mjOBJ_GEOM, self.scene.owner[picture[..., 0]], -1
        )
        objects = self.scene.template.objects
        seen = [i for i in np.unique(owners) if i >= 0]
        return {self.scene.states[objects[i]].identity: owners == i for i in seen}

    def close(self) -> None:
        self.renderer.close()

    def _look(self, view: View) -> None:
        model, data = self.scene.model, self.scene.data
        camera = model.camera("eye").id
        data.cam_xpos[camera] = view.x, view.y, view.z
        data.cam_xmat[camera] = view.frame().ravel()
        model.cam_fovy[camera] = view.fovy
        self.renderer.update_scene(data, camera, self.options)
