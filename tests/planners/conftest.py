"""One planner process for all tests here: each takes seconds to start."""

from collections.abc import Iterator

import pytest

from embodied.planners.solve import Planner

PATIENCE = 300.0  # seconds for one search, which takes half a second where nothing else runs


@pytest.fixture(scope="session")
def planner() -> Iterator[Planner]:
    """Fast Downward; skipped where the extra is not installed."""
    pytest.importorskip("up_fast_downward", reason="needs the extra 'planning'")
    with Planner() as started:
        yield started
