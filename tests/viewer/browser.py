"""A headless Chromium to look at the viewer with."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

# WebGL is drawn by Chromium's own rasteriser: slow, but the same everywhere.
FLAGS = ["--no-sandbox", "--disable-gpu", "--lang=en-US"]
FLAGS += ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser; skips the test where there is none."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no chromium here: sudo apt-get install -y chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        # Without a language viser's page does not start.
        environment: dict[str, str | float | bool] = {**os.environ, "LANG": "en_US.UTF-8"}
        browser = driver.chromium.launch(executable_path=path, args=FLAGS, env=environment)
        try:
            yield browser
        finally:
            browser.close()


if __name__ == "__main__":  # python -m tests.viewer.browser URL PICTURE SECONDS
    address, picture, seconds = sys.argv[1:]
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.goto(address)
        page.wait_for_timeout(1000 * float(seconds))
        page.screenshot(path=picture, timeout=120_000)
