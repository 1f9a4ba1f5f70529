"""The page: a 3D scene with panels around it, the same for every browser that looks."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib import import_module

import mujoco
import numpy as np
import viser
from mjviser import ViserMujocoScene

from embodied.envs.task import Task
from embodied.viewer.gate import Address
from embodied.viewer.paint import paint_plain
from embodied.viewer.scoring import Scoring
from embodied.viewer.server import silence, start_server
from embodied.viewer.simulation import Simulation

PANELS = (
    "embodied.viewer.panels.reward:build",
    "embodied.viewer.panels.controls:build",
    "embodied.viewer.panels.playback:build",
    "embodied.viewer.panels.camera:build",
    "embodied.viewer.panels.pushing:build",
    "embodied.viewer.panels.compare:build",
)
"""What makes the page, from top to bottom: each is called once with the `Page`, adds its widgets,
and returns what to call to bring them up to date, or None."""

SCENE_HZ, PANELS_HZ = 30.0, 6.0
LEFT_WIDTH, RIGHT_WIDTH = 330, 300
BACK = 1.4
"""How much further away than the film's camera a browser begins: the panels cover a part."""


class Page:
    """Serves the page until it is closed; `refresh` brings it up to date.

    address: where it is served, with the port that a 0 became. server: viser's. scene: mjviser's,
    in the world's coordinates. data: the state that the page shows, with the places of bodies and
    cameras. sidebar: the panel on the left, to which a panel of the page may add widgets; what is
    added outside of it comes on the right. refreshers: called `PANELS_HZ` times a second.
    """

    def __init__(self, address: Address, task: Task, simulation: Simulation, scoring: Scoring):
        self.task, self.simulation, self.scoring = task, simulation, scoring
        self.server, self.address = start_server(address, f"embodied view · {task.name}")
        self.model = mujoco.MjModel.from_xml_path(str(task.simulator.model_path))
        paint_plain(self.model)
        self.data = mujoco.MjData(self.model)
        self.server.gui.main_panel.dock_right()
        self.server.gui.main_panel.set_width(RIGHT_WIDTH)
        panel = self.server.gui.add_panel()
        panel.dock_left()
        panel.set_width(LEFT_WIDTH)
        self.sidebar = panel.add_tab("What the VLM sees", viser.Icon.EYE)
        self.scene = ViserMujocoScene(self.server, self.model, num_envs=1)
        self.scene.camera_tracking_enabled = False
        self._pose()
        self._look_at_scene()
        builders = [_load(target) for target in PANELS]
        self.refreshers = [r for r in (build(self) for build in builders) if r is not None]
        self._drawn: object = None
        self._scene_due = self._panels_due = 0.0
        self.refresh(everything=True)

    def refresh(self, everything: bool = False) -> float:
        """Send what is new and due; returns the seconds until something is due again."""
        now = time.perf_counter()
        if everything or now >= self._scene_due:
            self._scene_due = now + 1 / SCENE_HZ
            if self._drawn is not self.simulation.moment:
                self._drawn = self.simulation.moment
                self._pose()
                self.scene.update_from_mjdata(self.data)
        if everything or now >= self._panels_due:
            self._panels_due = now + 1 / PANELS_HZ
            for refresh in self.refreshers:
                refresh()
        return max(min(self._scene_due, self._panels_due) - time.perf_counter(), 0.001)

    def close(self) -> None:
        with silence():
            self.server.stop()

    def _pose(self) -> None:
        self.data.qpos[:] = self.simulation.moment.qpos
        mujoco.mj_kinematics(self.model, self.data)
        mujoco.mj_comPos(self.model, self.data)
        mujoco.mj_camlight(self.model, self.data)

    def _look_at_scene(self) -> None:
        """Let new browsers begin where the film's camera is."""
        camera = self.data.camera(self.task.simulator.film_camera)
        place, forward = camera.xpos, -camera.xmat.reshape(3, 3)[:, 2]
        middle = self.model.stat.center
        distance = float(np.linalg.norm(middle - place))
        self.server.initial_camera.position = place - (BACK - 1) * distance * forward
        self.server.initial_camera.look_at = place + distance * forward
        self.server.initial_camera.up = np.array([0.0, 0.0, 1.0])
        angle = self.model.cam_fovy[self.model.camera(self.task.simulator.film_camera).id]
        self.server.initial_camera.fov = float(np.deg2rad(angle))


def _load(target: str) -> Callable[[Page], Callable[[], None] | None]:
    module, _, attribute = target.partition(":")
    return getattr(import_module(module), attribute)
