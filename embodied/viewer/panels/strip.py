"""A heat strip: the last seconds as rows of colours, each row from its lowest to its highest."""

from __future__ import annotations

import numpy as np
from matplotlib import colormaps

from embodied.runs.picture import data_url

WIDTH = 200
ROWS = ("reward", "goal", "baseline")


def heat_strip(curve: np.ndarray, seconds: float) -> str:
    """HTML of the last `seconds` of a curve [n, 4]: seconds, then a column for each of `ROWS`."""
    if not len(curve):
        return ""
    rows = "".join(
        _row(name, curve[:, 0], curve[:, i], seconds)
        for i, name in enumerate(ROWS, 1)
        if not np.isnan(curve[-1, i])
    )
    return (
        '<div data-view="strip" style="padding:.2em .8em .6em;font-size:.7em">'
        f'<div style="opacity:.6">last {seconds:.0f} s, dark is low</div>{rows}</div>'
    )


def colours(times: np.ndarray, values: np.ndarray, seconds: float) -> np.ndarray:
    """The colours of `WIDTH` moments up to the newest, uint8 [WIDTH, 3]; white before the first."""
    grid = times[-1] - seconds * np.linspace(1, 0, WIDTH)
    newest = np.searchsorted(times, grid, side="right") - 1
    low, high = values.min(), values.max()
    shares = (values - low) / max(high - low, 1e-6)
    found = colormaps["viridis"](shares)[:, :3] * 255
    strip = found[np.maximum(newest, 0)]
    strip[newest < 0] = 255
    return strip.round().astype(np.uint8)


def _row(name: str, times: np.ndarray, values: np.ndarray, seconds: float) -> str:
    source = data_url(colours(times, values, seconds)[None], "PNG")
    span = f"{values.min():.3f} to {values.max():.3f}"
    return (
        '<div style="display:flex;align-items:center;gap:.5em;margin-top:2px">'
        f'<span style="width:4.2em;flex:none">{name}</span>'
        f'<img src="{source}" title="{span}" alt="{name}: {span}" '
        'style="flex:1;min-width:0;height:12px;image-rendering:pixelated"></div>'
    )
