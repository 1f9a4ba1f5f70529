"""Several prompts beside each other on the present frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from html import escape

import numpy as np

from embodied.viewer.page import Page
from embodied.viewer.scoring import Compared
from embodied.viewer.wishes import split_prompts


def build(page: Page) -> Callable[[], None]:
    scoring, gui = page.scoring, page.server.gui
    with gui.add_folder("Compare prompts"):
        prompts = gui.add_text(
            "Prompts", "\n".join(scoring.wishes.compare), multiline=True, hint="One on each line"
        )
        table = gui.add_html("")

    @prompts.on_update
    def _(_: object) -> None:
        lines = split_prompts(prompts.value, "\n")
        scoring.ask(lambda wishes: replace(wishes, compare=lines))

    shown: object = None

    def refresh() -> None:
        nonlocal shown
        scores = scoring.latest
        if scores is not None and scores is not shown:
            shown = scores
            content = _table(scores.compared)
            if table.content != content:
                table.content = content

    return refresh


def _table(rows: tuple[Compared, ...]) -> str:
    """The prompts in the order in which they were given, the best in bold."""
    if not rows:
        return ""
    best = int(np.argmax([row.goal for row in rows]))
    lines = "".join(
        f'<tr data-view="compared" style="font-weight:{600 if i == best else 400}">'
        f'<td style="width:100%">{escape(row.prompt)}</td>'
        f'<td style="padding-left:.6em">{row.goal:.3f}</td>'
        f'<td style="padding-left:.6em">{row.reward:.3f}</td></tr>'
        for i, row in enumerate(rows)
    )
    head = "".join(
        f'<th style="font-weight:400;opacity:.6;text-align:left;{pad}">{name}</th>'
        for name, pad in (
            ("prompt", ""),
            ("goal", "padding-left:.6em"),
            ("reward", "padding-left:.6em"),
        )
    )
    return (
        '<div style="padding:0 .8em .5em;font-size:.8em">'
        f"<table><tr>{head}</tr>{lines}</table></div>"
    )
