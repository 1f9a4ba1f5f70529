"""Pause, step, reset, speed, actions, and how the simulation is doing."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import viser

from embodied.envs.mujoco.render_pool import RenderPool
from embodied.runs.picture import encode
from embodied.viewer.live import Live
from embodied.viewer.page import Page

SPEEDS = {"1/10 ×": 0.1, "1/4 ×": 0.25, "1/2 ×": 0.5, "1 ×": 1.0, "2 ×": 2.0, "4 ×": 4.0}
STILL_SIDE = 960


def build(page: Page) -> Callable[[], None]:
    simulation, source, gui = page.simulation, page.simulation.source, page.server.gui
    with gui.add_folder("Simulation"):
        status = gui.add_html("")
        buttons = gui.add_button_group("", ("Pause", "Step", "Reset"))
        speed = gui.add_dropdown("Speed", tuple(SPEEDS), initial_value="1 ×")
        if isinstance(source, Live):
            _add_live(page, source)
        still = gui.add_button(
            "Save picture",
            color="gray",
            icon=viser.Icon.CAMERA,
            hint="PNG through the VLM's camera",
        )

    @buttons.on_click
    def _(_: object) -> None:
        act = {"Pause": simulation.pause, "Play": simulation.play, "Step": simulation.step}
        act.get(buttons.value, simulation.reset)()

    @speed.on_update
    def _(_: object) -> None:
        simulation.set_speed(SPEEDS[speed.value])

    @still.on_click
    def _(event: viser.GuiEvent[viser.GuiButtonHandle]) -> None:
        if event.client is not None:
            name = f"{page.task.name}-{simulation.moment.step}.png"
            event.client.send_file_download(name, picture(page), save_immediately=True)

    def refresh() -> None:
        options = ("Pause" if simulation.running else "Play", "Step", "Reset")
        if buttons.options != options:
            buttons.options = options
        content = _status(page)
        if status.content != content:
            status.content = content

    return refresh


def picture(page: Page) -> bytes:
    """The present state through the VLM's camera, as a PNG."""
    simulator, qpos = page.task.simulator, page.simulation.moment.qpos
    size, camera = (STILL_SIDE, STILL_SIDE), page.scoring.wishes.camera
    with RenderPool(simulator.model_path, 1, len(qpos), *size, camera, workers=1) as pool:
        return encode(pool.render(qpos[None])[0], "PNG")


def _add_live(page: Page, source: Live) -> None:
    gui = page.server.gui
    actions = gui.add_dropdown("Actions", source.choices, initial_value=source.actions)
    ends = gui.add_checkbox(
        "Episodes end", initial_value=source.ends, hint="Begin anew as training does"
    )

    @actions.on_update
    def _(_: object) -> None:
        source.actions = actions.value

    @ends.on_update
    def _(_: object) -> None:
        source.ends = ends.value


def _status(page: Page) -> str:
    simulation = page.simulation
    moment, pace = simulation.moment, simulation.pace
    success = {None: "–", True: "yes", False: "no"}[moment.success]
    rows = {
        "state": "running" if simulation.running else "paused",
        "step": f"{moment.step}",
        "time": f"{moment.step / simulation.fps:.2f} s",
        "success": success,
        "late steps": f"{pace.late_share:.1%}",
    }
    cells = "".join(
        f'<tr><td style="opacity:.6;padding-right:1em">{escape(name)}</td>'
        f'<td data-view="{name.split()[0]}">{escape(value)}</td></tr>'
        for name, value in rows.items()
    )
    return (
        '<div style="padding:0 .8em .3em;font-size:.85em" '
        f'title="{escape(page.task.instruction, quote=True)}"><table>{cells}</table></div>'
    )
