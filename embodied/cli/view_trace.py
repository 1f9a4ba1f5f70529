"""`embodied view --trace`: a plan that was carried out, moment by moment."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

from embodied.errors import EmbodiedError

if TYPE_CHECKING:
    from embodied.cli.view import View
    from embodied.viewer.gate import Address

OTHERS = ("env", "policy", "episode", "vlm", "prompt", "record", "rerun")


def show_trace(config: View, address: Address) -> dict[str, Any]:
    """Serve the page until it is time to end; returns the numbers of `--json`."""
    for name in OTHERS:
        if getattr(config, name) is not None:
            raise EmbodiedError(f"--trace has nothing to do with --{name}: leave one of them out")
    from embodied.cli.headless import draw_without_display
    from embodied.runs.interrupt import GracefulInterrupt
    from embodied.runs.plan_trace import read_trace

    trace = read_trace(config.trace or "")
    draw_without_display()
    from embodied.viewer.gate import check_free
    from embodied.viewer.plan_page import PlanPage

    check_free(address.host, address.port)
    with closing(PlanPage(address, trace)) as page, GracefulInterrupt() as interrupt:
        if not config.json:
            print(f"{trace.task} at {page.address.url} (Ctrl-C ends it)", flush=True)
        end = None if config.seconds is None else time.perf_counter() + config.seconds
        while not interrupt.requested and (end is None or time.perf_counter() < end):
            time.sleep(page.refresh())
    return {
        "env": trace.env,
        "task": trace.task,
        "outcome": trace.outcome,
        "steps": len(trace.steps),
        "moments": len(trace.moments),
    }
