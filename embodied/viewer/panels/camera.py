"""The camera that the VLM looks through, and where it stands in the scene."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import viser
import viser.transforms as vtf

from embodied.viewer.page import Page

MUJOCO_TO_OPENCV = np.diag([1.0, -1.0, -1.0])
"""A camera of MuJoCo looks along -z with y up, one of viser along z with y down."""


def build(page: Page) -> Callable[[], None]:
    scoring, gui, model = page.scoring, page.server.gui, page.model
    cameras = tuple(model.camera(i).name for i in range(model.ncam))
    with gui.add_folder("Camera"):
        choice = gui.add_dropdown("VLM looks by", cameras, initial_value=scoring.wishes.camera)
        through = gui.add_button("Look through it", color="gray", icon=viser.Icon.EYE)
        # Where both cameras are one, its mark would stand before the eyes.
        apart = page.task.simulator.film_camera != page.task.simulator.camera
        marked = gui.add_checkbox("Show in scene", initial_value=apart)
    frustum = page.server.scene.add_camera_frustum(
        "/vlm-camera", fov=0.7, aspect=1.0, scale=0.12, color=(31, 111, 235), visible=apart
    )

    @choice.on_update
    def _(_: object) -> None:
        scoring.ask(lambda wishes: replace(wishes, camera=choice.value))

    @marked.on_update
    def _(_: object) -> None:
        frustum.visible = marked.value

    @through.on_click
    def _(event: viser.GuiEvent[viser.GuiButtonHandle]) -> None:
        if event.client is None:
            return
        camera = page.data.camera(choice.value)
        with event.client.atomic():
            event.client.camera.position = camera.xpos.copy()
            event.client.camera.look_at = camera.xpos - 3 * camera.xmat.reshape(3, 3)[:, 2]
            event.client.camera.fov = _angle(page, choice.value)

    def refresh() -> None:
        name = choice.value
        camera = page.data.camera(name)
        pose = vtf.SO3.from_matrix(camera.xmat.reshape(3, 3) @ MUJOCO_TO_OPENCV)
        if not np.array_equal(frustum.position, camera.xpos) or frustum.fov != _angle(page, name):
            frustum.position, frustum.wxyz = camera.xpos.copy(), pose.wxyz
            frustum.fov = _angle(page, name)

    return refresh


def _angle(page: Page, camera: str) -> float:
    """The camera's vertical angle of view in radians."""
    return float(np.deg2rad(page.model.cam_fovy[page.model.camera(camera).id]))
