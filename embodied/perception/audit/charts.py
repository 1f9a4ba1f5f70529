"""Charts of an audit as inline SVG, coloured by the page's style sheet."""

from collections.abc import Sequence

import numpy as np

WIDTH, HEIGHT = 460, 280
LEFT, RIGHT, TOP, BOTTOM = 66, 12, 12, 40
TICKS = 4
POINTS = 1500
"""More points than that are thinned out: they only lie on each other."""


def scatter(truth: np.ndarray, score: np.ndarray, success: np.ndarray) -> str:
    """Score over graded truth, one point for each of N states, coloured by success."""
    x = _scale(0, 1, LEFT + 6, WIDTH - RIGHT - 6)
    low, high = _bounds(score)
    y = _scale(low, high, HEIGHT - BOTTOM, TOP)
    step = max(1, -(-len(score) // POINTS))
    rows = np.argsort(success, kind="stable")[::step]  # the right ones on top
    points = "".join(
        f'<circle cx="{x(truth[i]):.1f}" cy="{y(score[i]):.1f}" r="2.6" '
        f'class="{"right" if success[i] else "wrong"}"/>'
        for i in rows
    )
    axes = _axes((0, 1), (low, high), x, y, "how true the goal is", "reward")
    return _svg(axes + points, "Reward of each state over how true the goal is of it")


def curves(values: np.ndarray, progress: np.ndarray) -> str:
    """Reward along M motions, [M, T], over progress, with their mean in bold."""
    x = _scale(0, 1, LEFT + 6, WIDTH - RIGHT - 6)
    low, high = _bounds(values)
    y = _scale(low, high, HEIGHT - BOTTOM, TOP)
    lines = "".join(
        f'<polyline class="thin" points="{_points(p, v, x, y)}"/>'
        for p, v in zip(progress, values, strict=True)
    )
    middle = _points(progress.mean(0), values.mean(0), x, y)
    lines += f'<polyline class="bold" points="{middle}"/>'
    axes = _axes((0, 1), (low, high), x, y, "way to the goal", "reward")
    return _svg(axes + lines, "Reward along scripted motions to the goal")


def line(xs: Sequence[float], ys: Sequence[float], current: float, label: str, of: str) -> str:
    """One curve over the alphas, with the one in use marked."""
    x = _scale(0, 1, LEFT + 6, WIDTH - RIGHT - 6)
    low, high = _bounds(np.array(ys), least=0.02)
    y = _scale(low, high, HEIGHT - BOTTOM, TOP)
    body = f'<polyline class="bold" points="{_points(xs, ys, x, y)}"/>'
    for a, value in zip(xs, ys, strict=True):
        used = abs(a - current) < 1e-9
        body += (
            f'<circle cx="{x(a):.1f}" cy="{y(value):.1f}" r="{6 if used else 3}" '
            f'class="{"used" if used else "dot"}"/>'
        )
    axes = _axes((0, 1), (low, high), x, y, "α", label)
    return _svg(axes + body, of)


def bar(share: float, kind: str = "neutral") -> str:
    """A horizontal bar of `share` of its cell, at most all of it."""
    width = 100 * min(max(share, 0), 1)
    return f'<span class="bar"><span class="fill {kind}" style="width:{width:.1f}%"></span></span>'


def _svg(body: str, title: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{title}">'
        f"<title>{title}</title>{body}</svg>"
    )


def _scale(low: float, high: float, start: float, end: float):
    span = (high - low) or 1.0
    return lambda value: start + (value - low) / span * (end - start)


def _bounds(values: np.ndarray, least: float = 1e-6) -> tuple[float, float]:
    """Lowest and highest with a margin; apart even for a constant."""
    low, high = float(values.min()), float(values.max())
    margin = max(0.05 * (high - low), (least - (high - low)) / 2)
    return low - margin, high + margin


def _points(xs: Sequence[float] | np.ndarray, ys: Sequence[float] | np.ndarray, x, y) -> str:
    return " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in zip(xs, ys, strict=True))


def _axes(xs: tuple[float, float], ys: tuple[float, float], x, y, below: str, beside: str) -> str:
    bottom = HEIGHT - BOTTOM
    digits = max(0, 1 - int(np.floor(np.log10((ys[1] - ys[0]) / TICKS))))
    marks = ""
    for value in np.linspace(*ys, TICKS + 1):
        marks += (
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" '
            f'y1="{y(value):.1f}" y2="{y(value):.1f}"/>'
            f'<text x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">'
            f"{value:.{min(digits, 6)}f}</text>"
        )
    for value in np.linspace(*xs, TICKS + 1):
        marks += (
            f'<text x="{x(value):.1f}" y="{bottom + 16}" text-anchor="middle">{value:.2g}</text>'
        )
    middle = (LEFT + WIDTH - RIGHT) / 2
    return (
        f'{marks}<text class="name" x="{middle}" y="{HEIGHT - 6}" text-anchor="middle">{below}'
        f'</text><text class="name" transform="rotate(-90)" x="{-(TOP + bottom) / 2}" y="12" '
        f'text-anchor="middle">{beside}</text>'
    )
