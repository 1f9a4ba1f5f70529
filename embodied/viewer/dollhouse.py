"""A kitchen to look into from outside: no ceiling, no walls in the way, the agent as a figure."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from typing import Any

import mujoco
import numpy as np
import viser
import viser.transforms as vtf
from mjviser import ViserMujocoScene

from embodied.envs.mujoco.kitchen.builder import CARRIED, SOLID
from embodied.envs.mujoco.kitchen.kitchen import Kitchen
from embodied.viewer.paint import RGB, mean_colour
from embodied.viewer.panels.camera import MUJOCO_TO_OPENCV

CELLAR = 0.0, 0.0, -1.5
"""m; what is not there lies under the floor, where nobody sees it."""
BLUE, SKIN = (70, 110, 190), (240, 200, 165)


class Dollhouse:
    """Shows a kitchen in the scene of a viser server; `update` shows it as it is now.

    Colours are those of the beginning.

    things: names of all that is ever there, also of what comes of slicing later on.
    """

    def __init__(self, server: viser.ViserServer, kitchen: Kitchen, things: Iterable[str]) -> None:
        self.kitchen, self.things = kitchen, set(things)
        scene = kitchen.scene
        ahead = _front(kitchen)
        self.model = _stripped(kitchen, self.things, ahead)
        self.data = mujoco.MjData(self.model)
        self.view = ViserMujocoScene(server, self.model, num_envs=1)
        self.view.camera_tracking_enabled = False
        size = float(max(scene.layout.size))
        server.initial_camera.position = np.array((*(ahead * size * 0.78), 1.0 + 0.86 * size))
        server.initial_camera.look_at = np.array((0.0, 0.0, 0.4))
        server.initial_camera.fov = 1.05
        server.initial_camera.up = np.array((0.0, 0.0, 1.0))
        self._figure = server.scene.add_frame("/agent", show_axes=False)
        server.scene.add_cylinder("/agent/body", 0.13, 1.2, color=BLUE, position=(0, 0, 0.75))
        server.scene.add_icosphere("/agent/head", 0.12, color=SKIN, position=(0, 0, 1.5))
        self._eye = server.scene.add_camera_frustum(
            "/eye", fov=1.05, aspect=1.0, scale=0.22, color=(31, 111, 235)
        )
        self.update()

    def update(self) -> None:
        scene = self.kitchen.scene
        self.data.qpos[:] = scene.data.qpos
        for name in self.things - set(scene.states):
            start = scene.template.things[name].qpos
            self.data.qpos[start : start + 3] = CELLAR
        mujoco.mj_kinematics(self.model, self.data)
        mujoco.mj_comPos(self.model, self.data)
        self.view.update_from_mjdata(self.data)
        view = self.kitchen.agent.view()
        self._figure.position = np.array((view.x, view.y, 0.0))
        self._figure.wxyz = vtf.SO3.from_z_radians(-np.radians(view.yaw)).wxyz
        self._eye.position = np.array((view.x, view.y, view.z))
        self._eye.wxyz = vtf.SO3.from_matrix(view.frame() @ MUJOCO_TO_OPENCV).wxyz


def _front(kitchen: Kitchen) -> np.ndarray:
    """The direction, [2] of length 1, from which most of what stands at the walls faces one."""
    places = np.array([pose[:2] for pose in kitchen.scene.layout.poses.values()])
    away = -places.mean(0) if len(places) else np.ones(2)
    away = away + 0.15 * np.array((1.0, -0.6))  # never quite square on
    return away / np.linalg.norm(away)


def _stripped(kitchen: Kitchen, things: set[str], ahead: np.ndarray) -> Any:
    """A copy of the model in which all that is not to be seen is transparent, so never sent."""
    scene, template = kitchen.scene, kitchen.scene.template
    model = copy(scene.model)
    shown = model.geom_group < SOLID
    for name in things - set(scene.states):
        geoms = [g for g in template.things[name].geoms if template.model.geom_group[g] < SOLID]
        shown[geoms] = True
        model.geom_group[geoms] = CARRIED
    ceiling = model.geom_matid == model.material("ceiling").id
    for k in range(4):
        body = model.body(f"RoomWall_{k}").id
        if model.body_pos[body][:2] @ ahead > 0.2 * np.linalg.norm(model.body_pos[body][:2]):
            shown &= model.geom_bodyid != body
        # Walls are longer than the room.
        model.geom_size[model.geom_bodyid == body, 0] = scene.layout.size[k % 2] / 2 + 0.1
    shown &= ~ceiling
    floor = model.geom("Floor_0:0").id  # a plane would be drawn as a grid without end
    model.geom_type[floor] = int(mujoco.mjtGeom.mjGEOM_BOX)
    model.geom_size[floor] = *(np.array(scene.layout.size) / 2), 0.01
    model.geom_pos[floor] = 0, 0, -0.01
    model.geom_rgba[:] = [_colour(model, geom) for geom in range(model.ngeom)]
    model.geom_rgba[~shown, 3] = 0
    model.geom_matid[:] = -1
    return model


def _colour(model: Any, geom: int) -> np.ndarray:
    """The mean colour of a geom as MuJoCo draws it, [4]: its own before its material's."""
    rgba, material = model.geom_rgba[geom].copy(), int(model.geom_matid[geom])
    if material < 0:
        return rgba
    if np.allclose(rgba, (0.5, 0.5, 0.5, 1.0)):
        rgba = model.mat_rgba[material].copy()
    if (texture := int(model.mat_texid[material, RGB])) >= 0:
        rgba[:3] *= mean_colour(model, texture)
    return rgba
