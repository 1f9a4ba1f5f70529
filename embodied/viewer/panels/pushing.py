"""Push a body: drag it in the scene, or give it a shove of a fifth of a second."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import viser

from embodied.viewer.live import Live
from embodied.viewer.page import Page

DIRECTIONS = {
    "← y": (0, 1, 0),
    "y →": (0, -1, 0),
    "x +": (1, 0, 0),
    "x −": (-1, 0, 0),
    "up": (0, 0, 1),
}


def build(page: Page) -> Callable[[], None] | None:
    source, simulator = page.simulation.source, page.task.simulator
    if not isinstance(source, Live) or not simulator.strongest_push:
        return None
    gui, model, most = page.server.gui, page.model, simulator.strongest_push
    bodies = tuple(model.body(i).name for i in range(1, model.nbody))
    with gui.add_folder("Push"):
        hint = "Drag a body in the scene to pull it."
        gui.add_html(f'<div style="padding:0 .8em .3em;font-size:.8em;opacity:.6">{hint}</div>')
        body = gui.add_dropdown("Body", bodies, initial_value=bodies[0])
        force = gui.add_slider("Newtons", 0.0, most, most / 40, most / 2)
        shove = gui.add_button_group("Shove", tuple(DIRECTIONS))

    @shove.on_click
    def _(_: object) -> None:
        source.shove(body.value, force.value * np.array(DIRECTIONS[shove.value], float))

    line = page.server.scene.add_line_segments(
        "/pull", np.zeros((1, 2, 3)), colors=(207, 34, 46), thickness=0.01, visible=False
    )
    for group in page.scene._mesh_groups:
        names = [model.body(int(i)).name for i in group.body_ids]

        def drag(event: viser.SceneNodeDragEvent, names: list[str] = names) -> None:
            name = names[event.instance_index or 0]
            if event.phase == "end":
                source.pulls.pop(name, None)
            else:
                source.pulls[name] = np.array(event.end_position)

        group.handle.on_drag("left")(drag)

    def refresh() -> None:
        pulls = dict(source.pulls)
        if pulls:
            ends = [[page.data.body(name).xpos, target] for name, target in pulls.items()]
            line.points = np.array(ends)
        if line.visible != bool(pulls):
            line.visible = bool(pulls)

    return refresh
