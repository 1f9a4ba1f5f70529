"""Recorded episodes: which one, and when."""

from __future__ import annotations

from collections.abc import Callable

import viser

from embodied.viewer.page import Page
from embodied.viewer.playback import Playback


def build(page: Page) -> Callable[[], None] | None:
    source, simulation, gui = page.simulation.source, page.simulation, page.server.gui
    if not isinstance(source, Playback):
        return None
    choices = tuple(f"{i + 1} of {len(source.lengths)}" for i in range(len(source.lengths)))
    with gui.add_folder("Recorded episode"):
        episode = gui.add_dropdown("Episode", choices)
        clock = gui.add_slider("Step", 0, max(source.length - 1, 1), 1, 0)

    @episode.on_update
    def _(_: object) -> None:
        chosen = choices.index(episode.value)
        simulation.change(lambda: source.choose(chosen))
        clock.max = max(source.length - 1, 1)

    @clock.on_update
    def _(event: viser.GuiEvent[viser.GuiSliderHandle[int]]) -> None:
        if event.client is not None:  # a person moved it, and not `refresh`
            simulation.change(lambda: source.seek(clock.value))

    def refresh() -> None:
        if clock.value != simulation.moment.step:
            clock.value = simulation.moment.step

    return refresh
