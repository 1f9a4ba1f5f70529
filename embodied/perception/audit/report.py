"""An audit as one HTML file for a person: no script, nothing from the network."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from embodied.perception.audit import charts
from embodied.perception.audit.epic import CHANCE as EPIC_CHANCE
from embodied.perception.audit.findings import Findings, Truth
from embodied.perception.audit.scores import Scores
from embodied.perception.audit.style import STYLE
from embodied.perception.audit.verdict import Verdict
from embodied.runs.picture import data_url

PROMPTS_SHOWN = 20
KINDS = {
    "used": "audited",
    "task": "the task's own",
    "phrase": "phrase of the goal",
    "paraphrase": "held-out paraphrase",
}


@dataclass(frozen=True)
class Page:
    """What the report shows.

    title: e.g. the task's name. prompts: those audited. settings: name -> value, shown at the end.
    pictures: row of the states -> its frame, uint8 [H, W, 3], for all rows in `mistakes`.
    """

    title: str
    prompts: Sequence[str]
    verdict: Verdict
    findings: Findings
    scores: Scores
    truth: Truth
    pictures: dict[int, np.ndarray]
    settings: dict[str, str]


def render(page: Page) -> str:
    """The page as HTML; every text that a user wrote is escaped."""
    prompts = " / ".join(f"“{escape(text)}”" for text in page.prompts)
    sections = (_verdict, _headlines, _mistakes, _course, _changes, _alternatives, _rivals, _method)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Audit: {escape(page.title)}</title><style>{STYLE}</style></head><body><main>"
        "<h1>Is this reward any good?</h1>"
        f"<p><b>{escape(page.title)}</b> rewarded for {prompts}</p>"
        + "".join(section(page) for section in sections)
        + "</main></body></html>\n"
    )


def _verdict(page: Page) -> str:
    verdict = page.verdict
    name = "healthy" if verdict.healthy else "flagged"
    if verdict.healthy:
        text = (
            "<p>It orders states as their truth does, by its own words, and grows on the way to "
            "the goal; most of its best-scored states are right.</p>"
        )
    else:
        text = "<ul>" + "".join(f"<li>{escape(r)}</li>" for r in verdict.reasons) + "</ul>"
    notes = "".join(f'<p class="soft">{escape(note)}</p>' for note in verdict.notes)
    title = "Healthy" if verdict.healthy else "Flagged"
    return f'<div class="verdict {name}"><strong>{title}</strong>{text}{notes}</div>'


def _headlines(page: Page) -> str:
    f = page.findings
    m = f.mistakes
    low, high = f.pairs_interval
    first, last = f.order_interval
    cards = (
        ("Pairs in order", f"{f.pairs:.1%}", f"chance 50 %; interval {low:.1%} to {high:.1%}"),
        (
            f"Right among the top {m.top}",
            f"{m.precision:.0%}",
            f"chance {m.base:.0%}; a policy climbs to these",
        ),
        (
            "Way to the goal",
            f"{f.order_mean:.2f}",
            f"chance 0, best 1; interval {first:.2f} to {last:.2f}",
        ),
        (
            "EPIC distance to success",
            f"{f.epic_success:.2f}",
            f"chance {EPIC_CHANCE:.2f}, best 0; to the graded truth {f.epic_graded:.2f}",
        ),
        (
            "False positives",
            f"{m.false_positives:.0%}",
            f"chance {1 - m.base:.0%}; wrong states scored above the median right one",
        ),
    )
    return (
        '<div class="cards">'
        + "".join(
            f'<div class="card"><span class="name">{name}</span><b>{value}</b>'
            f'<span class="chance">{chance}</span></div>'
            for name, value, chance in cards
        )
        + "</div>"
    )


def _mistakes(page: Page) -> str:
    m = page.findings.mistakes
    rows = (
        ("The best-scored right states", m.best_right, "right"),
        ("The best-scored wrong states: what a policy might do instead", m.best_wrong, "wrong"),
        ("The worst-scored right states: what it overlooks", m.missed, "right"),
    )
    return (
        "<h2>What it likes</h2>"
        '<p class="soft"><span class="key">right by the success checker</span>'
        '<span class="key wrong">wrong</span> Under each: the reward and the share of all states '
        f"scored lower; how true “{escape(page.truth.goal)}” is, from 0 to 1.</p>"
        + "".join(
            f"<h3>{title}</h3>"
            + '<div class="pictures">'
            + "".join(_picture(page, int(row), kind) for row in chosen)
            + "</div>"
            for title, chosen, kind in rows
        )
    )


def _picture(page: Page, row: int, kind: str) -> str:
    score = page.scores.states
    below = float((score < score[row]).mean())
    degree = float(page.truth.of(page.truth.goal)[row])
    source = data_url(page.pictures[row], "JPEG")
    return (
        f'<figure class="is-{kind}"><img alt="a {kind} state" src="{source}">'
        f"<figcaption>{score[row]:.4g} (above {below:.0%})<br>true {degree:.2f}</figcaption>"
        "</figure>"
    )


def _course(page: Page) -> str:
    truth, scores = page.truth, page.scores
    points = charts.scatter(truth.of(truth.goal), scores.states, truth.success)
    lines = charts.curves(scores.motions, truth.progress)
    return (
        '<h2>Does it know the goal?</h2><div class="two">'
        f'<div class="panel"><h3>Each state</h3>{points}<p class="soft">'
        '<span class="key">success</span><span class="key wrong">no success</span></p></div>'
        f'<div class="panel"><h3>Scripted motions to the goal</h3>{lines}<p class="soft">'
        f"{len(page.findings.order)} motions, the mean in bold. It should rise.</p></div></div>"
    )


def _changes(page: Page) -> str:
    if not page.findings.sensitivity:
        return ""
    rows = "".join(
        f'<tr><td class="text">{escape(s.name)}</td>'
        f"<td>{charts.bar(s.change, 'loud' if s.change >= 1 else 'neutral')}</td>"
        f'<td class="number">{s.change:.2f}</td><td class="number">{s.plain:.1%}</td>'
        f'<td class="number">{np.mean(s.pairs):.1%}</td>'
        f'<td class="number">{min(s.pairs):.1%}</td></tr>'
        for s in page.findings.sensitivity
    )
    swept = len(page.scores.swept)
    return (
        "<h2>What should not matter</h2>"
        f'<p class="soft">The same {swept} states, one thing changed at a time. The change of the '
        "reward is a share of the gap between right and wrong states: at 1 the change counts for "
        "as much as success.</p>"
        '<div class="panel"><table><tr><th>changed</th><th></th><th class="number">change of the '
        'reward</th><th class="number">pairs as is</th><th class="number">mean</th>'
        f'<th class="number">worst</th></tr>{rows}</table></div>'
    )


def _alternatives(page: Page) -> str:
    f = page.findings
    shown = [pair for pair in f.prompts if pair[0].kind in KINDS]
    rows = "".join(
        f'<tr class="{prompt.kind}"><td class="text">{escape(prompt.text)}</td>'
        f"<td>{KINDS[prompt.kind]}</td>"
        f'<td class="number">{ranked.pairs:.1%}</td><td class="number">{ranked.epic:.3f}</td></tr>'
        for position, (prompt, ranked) in enumerate(shown)
        if position < PROMPTS_SHOWN or prompt.kind in ("used", "task")
    )
    left = max(0, len(shown) - PROMPTS_SHOWN)
    more = f'<p class="soft">The best {PROMPTS_SHOWN} of {len(shown)}.</p>' if left else ""
    table = (
        '<table><tr><th>prompt</th><th>kind</th><th class="number">pairs</th>'
        f'<th class="number">EPIC</th></tr>{rows}</table>{more}'
    )
    return (
        "<h2>Would another α or prompt do better?</h2>"
        + _alphas(page)
        + f'<div class="panel">{table}</div>'
    )


def _alphas(page: Page) -> str:
    alphas = page.findings.alphas
    if len(alphas) < 2:
        return '<p class="soft">There is no baseline prompt, so α can only be 0.</p>'
    xs, used = list(alphas), page.scores.alpha
    best = max(alphas, key=lambda a: alphas[a].pairs)
    nearest = min(alphas, key=lambda a: alphas[a].epic)
    pairs = [100 * alphas[a].pairs for a in xs]
    distances = [alphas[a].epic for a in xs]
    return (
        '<div class="two"><div class="panel"><h3>Pairs in order by α</h3>'
        + charts.line(xs, pairs, used, "pairs in order, %", "Pairs in order over alpha")
        + f'<p class="soft">The ring is α in use, {used:g}. Best: α = {best:g}, '
        f'{alphas[best].pairs:.1%}.</p></div><div class="panel"><h3>EPIC distance by α</h3>'
        + charts.line(xs, distances, used, "EPIC to success", "EPIC distance over alpha")
        + f'<p class="soft">Best: α = {nearest:g}, {alphas[nearest].epic:.3f}.</p></div></div><br>'
    )


def _rivals(page: Page) -> str:
    f = page.findings
    if not f.rivals:
        return ""
    goal = escape(page.truth.goal)
    rows = f'<tr class="used"><td>{goal} (the goal)</td><td>{charts.bar(f.pairs)}</td>'
    rows += f'<td class="number">{f.pairs:.1%}</td></tr>'
    rows += "".join(
        f"<tr><td>{escape(rival.statement)}</td><td>{charts.bar(rival.pairs)}</td>"
        f'<td class="number">{rival.pairs:.1%}</td></tr>'
        for rival in f.rivals
    )
    return (
        "<h2>Does it mean something else?</h2>"
        '<p class="soft">How many pairs the same reward orders as the goals of the other tasks do. '
        "The goal itself should come first.</p>"
        '<div class="panel"><table><tr><th>statement</th><th></th><th class="number">pairs in order'
        f"</th></tr>{rows}</table></div>"
    )


def _method(page: Page) -> str:
    f = page.findings
    facts = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in page.settings.items()
    )
    return (
        "<h2>How it was measured</h2>"
        f"<p>{f.states} states, {f.right} of them right by the task's success checker. A third are "
        "the simulator's varied states; the others are taken from the later half of scripted "
        "motions to the goal, with joint noise, because success is rare among the varied ones. "
        "Chance levels and distances are those of this mixture.</p>"
        "<p><b>Pairs in order</b>: of pairs of states whose truth is apart by 0.3 or more, how "
        "many the reward orders alike; a tie counts half; the interval is a bootstrap over states. "
        "<b>Way to the goal</b>: Spearman's correlation of reward and progress along a motion. "
        "<b>EPIC distance</b>: √((1 - ρ)/2) with ρ the Pearson correlation of the canonically "
        "shaped rewards; for rewards of a state alone, shaping only takes the mean away. "
        f"<b>Words</b>: p = {f.words:.3f} that the prompt orders states no better than prompts for "
        f"{f.others} other statements do.</p>"
        f"<dl>{facts}</dl>"
    )
