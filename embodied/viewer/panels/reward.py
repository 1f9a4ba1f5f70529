"""What the VLM sees, the words it compares with, and what it makes of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from html import escape

import numpy as np
from viser import uplot

from embodied.runs.picture import data_url
from embodied.viewer.page import Page
from embodied.viewer.panels.strip import heat_strip
from embodied.viewer.scoring import Scores
from embodied.viewer.wishes import split_prompts

SHOWN = 20.0
"""Seconds of curve and strip."""
REWARD, GOAL, BASELINE = "#1f6feb", "#2da44e", "#bf8700"


def build(page: Page) -> Callable[[], None]:
    scoring, gui = page.scoring, page.server.gui
    side = scoring.reward.image_size
    with page.sidebar:
        picture = gui.add_html(_picture(np.full((side, side, 3), 230, np.uint8)))
        numbers = gui.add_html("")
        goal = gui.add_text(
            "Goal", " | ".join(scoring.wishes.goal), hint="Prompts between | are averaged"
        )
        baseline = gui.add_text(
            "Baseline", " | ".join(scoring.wishes.baseline), hint="The ordinary state; may be empty"
        )
        alpha = gui.add_slider(
            "α", 0.0, 1.0, 0.05, scoring.wishes.alpha, hint="Weight of the baseline (VLM-RM)"
        )
        message = gui.add_html("")
        empty = np.zeros(0)
        reward_curve = _curve(page, (empty, empty), {"reward": REWARD})
        parts_curve = _curve(page, (empty,) * 3, {"goal": GOAL, "baseline": BASELINE})
        strip = gui.add_html("")

    @goal.on_update
    def _(_: object) -> None:
        scoring.ask(lambda wishes: replace(wishes, goal=split_prompts(goal.value)))

    @baseline.on_update
    def _(_: object) -> None:
        scoring.ask(lambda wishes: replace(wishes, baseline=split_prompts(baseline.value)))

    @alpha.on_update
    def _(_: object) -> None:
        scoring.ask(lambda wishes: replace(wishes, alpha=alpha.value))

    shown: Scores | None = None

    def refresh() -> None:
        nonlocal shown
        text = _message(page)
        if message.content != text:
            message.content = text
        scores = scoring.latest
        if scores is None or scores is shown:
            return
        if shown is None or shown.frame is not scores.frame:
            picture.content = _picture(scores.frame)
        shown = scores
        numbers.content = _numbers(scores)
        recent = scores.curve[scores.curve[:, 0] >= scores.curve[-1, 0] - SHOWN].astype(float)
        seconds, rewards, goals, baselines = recent.T
        reward_curve.data = (seconds, rewards)
        parts_curve.data = (seconds, goals, baselines)
        strip.content = heat_strip(recent, SHOWN)

    return refresh


def _curve(page: Page, data: tuple[np.ndarray, ...], colours: dict[str, str]):
    series = (
        uplot.Series(label="seconds"),
        *(uplot.Series(label=name, stroke=c, width=2) for name, c in colours.items()),
    )
    font = "11px sans-serif"
    return page.server.gui.add_uplot(
        data,
        series,
        scales={"x": uplot.Scale(time=False), "y": uplot.Scale(auto=True)},
        axes=(uplot.Axis(size=26, font=font), uplot.Axis(size=44, font=font)),
        legend=uplot.Legend(show=False),
        height=130,
        padding=(8, 10, 0, 0),
    )


def _picture(frame: np.ndarray) -> str:
    return (
        f'<img data-view="picture" src="{data_url(frame, "JPEG")}" alt="what the VLM sees" '
        'style="display:block;width:calc(100% - 1.4em);margin:.3em .7em;border-radius:4px">'
    )


def _numbers(scores: Scores) -> str:
    values = (("reward", scores.reward, REWARD), ("goal", scores.goal, GOAL))
    values = (*values, ("baseline", scores.baseline, BASELINE))
    cells = "".join(
        f'<div style="flex:1"><div style="font-size:.75em;color:{colour}">{name}</div>'
        f'<div data-view="{name}" style="font-size:1.2em">{_number(value)}</div></div>'
        for name, value, colour in values
    )
    return f'<div style="display:flex;padding:.1em .8em">{cells}</div>'


def _number(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.3f}"


def _message(page: Page) -> str:
    scoring = page.scoring
    if scoring.problem:
        text, colour = f"{scoring.problem} The scores are of the prompts before.", "#cf222e"
    elif scoring.wishes.foreign and scoring.reward.name.startswith("embedded"):
        text, colour = (
            "The embedded encoder was taught English: these scores mean little.",
            BASELINE,
        )
    else:
        return ""
    return (
        f'<div data-view="message" style="padding:.2em .8em;font-size:.8em;color:{colour}">'
        f"{escape(text)}</div>"
    )
