"""The page: whole, self-contained, and safe whatever a prompt says."""

from dataclasses import replace
from html.parser import HTMLParser

import numpy as np

from embodied.perception.audit.findings import measure
from embodied.perception.audit.report import Page, render
from embodied.perception.audit.scores import Prompt, Scores
from embodied.perception.audit.verdict import judge
from tests.perception.audit_cases import make_scores, make_truth, scored

TRUTH = make_truth()
ATTACK = '<script>alert("x")</script>'


class Tags(HTMLParser):
    """Collects tags and checks that they close in order."""

    VOID = ("meta", "img", "br", "circle", "line", "polyline")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.sources: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.sources += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


def _page(scores: Scores, prompts: tuple[str, ...] = ("kneel",)) -> str:
    findings = measure(scores, TRUTH)
    m = findings.mistakes
    rows = np.concatenate([m.best_right, m.best_wrong, m.missed]).tolist()
    pictures = {row: np.full((8, 8, 3), row % 255, np.uint8) for row in rows}
    verdict = judge(findings, TRUTH.goal)
    settings = {"command": f"embodied audit --prompt '{prompts[0]}'"}
    return render(
        Page("humanoid-kneel", prompts, verdict, findings, scores, TRUTH, pictures, settings)
    )


def _tags(html: str) -> Tags:
    tags = Tags()
    tags.feed(html)
    assert tags.open == []
    return tags


def test_the_page_is_whole_and_needs_nothing_else() -> None:
    html = _page(make_scores(TRUTH))
    tags = _tags(html)
    assert "Healthy" in html
    assert tags.seen.count("img") == 18
    assert tags.seen.count("svg") == 4
    assert "script" not in tags.seen
    assert all(source.startswith("data:image/") for source in tags.sources)
    assert "http" not in html


def test_prompts_are_escaped() -> None:
    scores = make_scores(TRUTH)
    bad = (Prompt(ATTACK, "used", "kneel"), *scores.prompts[1:])
    html = _page(replace(scores, prompts=bad), (ATTACK,))
    assert "script" not in _tags(html).seen
    assert html.count("&lt;script&gt;") == 3  # title, table of prompts, command


def test_a_constant_reward_without_sweeps_has_a_page_too() -> None:
    flat = scored(make_scores(TRUTH), np.zeros(300), np.zeros((6, 12)))
    html = _page(replace(flat, sweeps={}, alpha_states=flat.alpha_states[:1]))
    _tags(html)
    assert "Flagged" in html
    assert "nan" not in html
