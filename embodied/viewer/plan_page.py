"""The page of a plan that was carried out: the kitchen at a moment, and the steps in words."""

from __future__ import annotations

import time
from html import escape
from typing import Any

import numpy as np
import viser

from embodied.envs.mujoco.kitchen.moments import rebuild, restore
from embodied.envs.mujoco.kitchen.pictures import Painter
from embodied.errors import EmbodiedError
from embodied.planners.goals import show_literal
from embodied.runs.picture import data_url
from embodied.runs.plan_trace import PlanTrace
from embodied.viewer.dollhouse import Dollhouse
from embodied.viewer.gate import Address
from embodied.viewer.server import silence, start_server

SIDE = 400
FPS = 4.0
"""Moments a second that are played."""
LEFT_WIDTH, RIGHT_WIDTH = 330, 340
TOLD = ("in", "holding", "opened", "toggled", "sliced", "cooked", "dirty", "hot", "cold")
"""Facts of which a change is shown; the others follow from them or say what a thing is."""
COLOURS = {"✓": "#2da44e", "✗": "#cf222e", "↻": "#1f6feb", "": "inherit"}


class PlanPage:
    """Serves the page until it is closed; `refresh` brings it up to date.

    at: the moment to show. shown: the one that is. playing: whether it moves on by itself.
    """

    def __init__(self, address: Address, trace: PlanTrace) -> None:
        if not trace.moments or trace.env != "kitchen":
            raise EmbodiedError(
                f"only plans of --env kitchen can be shown, and this one is of {trace.env}"
            )
        self.trace = trace
        self.kitchen = rebuild(trace.start)
        restore(self.kitchen, trace.moments[0])
        self.server, self.address = start_server(address, "embodied view · plan")
        self.server.gui.main_panel.dock_right()
        self.server.gui.main_panel.set_width(RIGHT_WIDTH)
        panel = self.server.gui.add_panel()
        panel.dock_left()
        panel.set_width(LEFT_WIDTH)
        things = {name for moment in trace.moments for name in moment["things"]}
        self.house = Dollhouse(self.server, self.kitchen, things)
        self.painter = Painter(self.kitchen.scene, SIDE, SIDE)
        self.at, self.playing = 0, False
        with panel.add_tab("What the agent sees", viser.Icon.EYE):
            self.picture = self.server.gui.add_html("")
            self.now = self.server.gui.add_html("")
        self._add_controls()
        self.shown = -1
        self._due = 0.0
        self.refresh()

    def refresh(self) -> float:
        """Send what is new; returns the seconds until something is due again."""
        now = time.perf_counter()
        if self.playing and now >= self._due:
            self._due = now + 1 / FPS
            if self.at + 1 < len(self.trace.moments):
                self.at += 1
            else:
                self.playing = False
        if self.shown != self.at:
            self.shown = self.at
            self._show(self.at)
        play = ("◀ step", "Pause" if self.playing else "Play", "step ▶")
        if self.buttons.options != play:
            self.buttons.options = play
        return 0.03

    def close(self) -> None:
        self.painter.close()
        with silence():
            self.server.stop()

    def step(self, by: int) -> None:
        """Go to the end of the next action (1), or of the one before (-1)."""
        ends = sorted({0, *(step["moment"] for step in self.trace.steps)})
        beyond = [end for end in ends if (end > self.at if by > 0 else end < self.at)]
        if beyond:
            self.at = beyond[0] if by > 0 else beyond[-1]
        self.playing = False

    def _add_controls(self) -> None:
        gui, last = self.server.gui, len(self.trace.moments) - 1
        self.heading = gui.add_html(_heading(self.trace))
        self.clock = gui.add_slider("Moment", 0, max(last, 1), 1, 0)
        self.buttons = gui.add_button_group("", ("◀ step", "Play", "step ▶"))
        self.list = gui.add_html("")

        @self.clock.on_update
        def _(event: viser.GuiEvent[viser.GuiSliderHandle[int]]) -> None:
            if event.client is not None:  # a person moved it, and not `refresh`
                self.at, self.playing = min(self.clock.value, last), False

        @self.buttons.on_click
        def _(_: object) -> None:
            if self.buttons.value in ("Play", "Pause"):
                if self.at == last:
                    self.at = 0
                self.playing = not self.playing
            else:
                self.step(1 if self.buttons.value == "step ▶" else -1)

    def _show(self, at: int) -> None:
        restore(self.kitchen, self.trace.moments[at])
        self.house.update()
        picture = self.painter.colour(self.kitchen.agent.view())
        current = current_step(self.trace, at)
        self.picture.content = _picture(picture)
        self.now.content = _changes(self.trace.steps[current]) if current >= 0 else ""
        self.list.content = step_list(self.trace, current)
        if self.clock.value != at:
            self.clock.value = at


def current_step(trace: PlanTrace, at: int) -> int:
    """The step that goes on at a moment: the first one that ends there or later."""
    kinds = ("plan",) if at == 0 else ("act",)
    for i, step in enumerate(trace.steps):
        if step["kind"] in kinds and step["moment"] >= at:
            return i
    return len(trace.steps) - 1


def step_list(trace: PlanTrace, current: int) -> str:
    """HTML of the steps, the current one marked, those after it faint."""
    rows = []
    number = 0
    for i, step in enumerate(trace.steps):
        act = step["kind"] == "act"
        number += act
        mark = ("✓" if step["ok"] else "✗") if act else ("↻" if i else "")
        about = f"{number}" if act else ""
        rows.append(_row(step, i, current, mark, about))
    return f'<div style="padding:.2em .7em .8em;font-size:.85em">{"".join(rows)}</div>'


def _row(step: dict[str, Any], i: int, current: int, mark: str, about: str) -> str:
    faint = "opacity:.45;" if i > current else ""
    ground = "background:rgba(31,111,235,.13);" if i == current else ""
    weight = "font-weight:600;" if i == current else ""
    name = ' data-current="yes"' if i == current else ""
    said = ""
    if step["message"]:
        said = f'<div style="font-size:.88em;opacity:.75">{escape(step["message"])}</div>'
    return (
        f'<div data-view="step"{name} style="display:flex;gap:.5em;padding:.22em .4em;'
        f'border-radius:4px;{faint}{ground}">'
        f'<span style="width:1.3em;text-align:right;opacity:.55">{about}</span>'
        f'<span style="width:1em;color:{COLOURS[mark]};font-weight:700">{mark}</span>'
        f'<div style="flex:1;overflow-wrap:anywhere"><span style="{weight}">'
        f"{escape(step['words'])}</span>{said}</div>"
        f'<span style="opacity:.55">{step["seconds"]:.1f} s</span></div>'
    )


def _heading(trace: PlanTrace) -> str:
    goal = " ".join(show_literal(tuple(literal)) for literal in trace.goal)
    words = "" if trace.task == goal else f"<div>{escape(trace.task)}</div>"
    colour = COLOURS["✓" if trace.outcome == "reached" else "✗"]
    return (
        f'<div style="padding:.1em .9em .4em;font-size:.85em">{words}'
        f'<div data-view="goal" style="font-family:monospace;overflow-wrap:anywhere">'
        f"{escape(goal)}</div>"
        f'<div data-view="outcome" style="color:{colour};margin-top:.3em">'
        f"{escape(trace.outcome)}: {escape(trace.reason)}</div></div>"
    )


def _changes(step: dict[str, Any]) -> str:
    """What the current action changed, as facts."""
    facts = [("+", fact) for fact in step.get("appeared", ())]
    facts += [("−", fact) for fact in step.get("vanished", ())]
    lines = "".join(
        f'<div style="color:{COLOURS["✓" if sign == "+" else "✗"]}">'
        f"{sign} {escape(show_literal(tuple(fact)))}</div>"
        for sign, fact in facts
        if fact[0] in TOLD
    )
    if not lines:
        return ""
    head = '<div style="opacity:.6;font-family:sans-serif">what this action changes</div>'
    return (
        f'<div data-view="changes" style="padding:.4em .9em;font-size:.8em;'
        f'font-family:monospace">{head}{lines}</div>'
    )


def _picture(frame: np.ndarray) -> str:
    return (
        f'<img data-view="picture" src="{data_url(frame, "JPEG")}" alt="what the agent sees" '
        'style="display:block;width:calc(100% - 1.4em);margin:.3em .7em;border-radius:4px">'
    )
