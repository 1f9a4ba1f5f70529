# pyright: reportArgumentType=false
"""The page of a plan: the current step follows the slider, in HTML and in a real browser."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest

from embodied.cli.plan_diary import Diary
from embodied.cli.witness import Witnessed
from embodied.envs.mujoco.kitchen.actor import make_actor
from embodied.envs.mujoco.kitchen.scenario import Scenario, Wish
from embodied.planners.executive import run
from embodied.planners.plan import Plan
from embodied.planners.solve import Planner
from embodied.planners.task import Task
from embodied.runs.plan_trace import PlanTrace, read_trace
from embodied.signals import Goal
from embodied.viewer.gate import Address
from embodied.viewer.plan_page import PlanPage, current_step, step_list
from tests.viewer.browser import chromium

PATIENCE = 120.0
WAY = (
    ("pickup", "knife_1", "countertop_1"),
    ("slice", "tomato_1", "diningtable_1", "knife_1"),
)


class Known(Planner):
    """Says the way without a search."""

    def __init__(self) -> None:
        """No engine is needed."""

    def solve(self, task: Task, timeout: float = 60.0) -> Plan:
        return Plan("solved", WAY)


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> PlanTrace:
    """A tomato is sliced in a kitchen in which little else is."""
    wishes = (Wish("Tomato", "DiningTable"), Wish("Knife", "CounterTop"))
    scenario = Scenario(wishes, clutter=0.0, doors=0.0, variant=0)
    actor = make_actor(0, scenario)
    diary = Diary(actor, "kitchen", "Slice <b>the tomato</b>")
    witnessed = Witnessed(actor, [diary])
    found = run(witnessed, Goal((("sliced", "tomato"),)), Known(), watch=witnessed.heard)
    assert found.outcome == "reached", found.reason
    return read_trace(diary.write(tmp_path_factory.mktemp("trace") / "trace.json", found))


def test_the_step_that_goes_on_at_a_moment(trace: PlanTrace) -> None:
    ends = [step["moment"] for step in trace.steps]
    assert current_step(trace, 0) == 0
    assert current_step(trace, 1) == current_step(trace, ends[1]) == 1
    assert current_step(trace, ends[1] + 1) == current_step(trace, ends[2]) == 2
    rows = step_list(trace, 1).split("data-view")
    assert ["data-current" in row for row in rows[1:]] == [False, True, False]
    assert "opacity:.45" in rows[3]


@pytest.fixture(scope="module")
def page(trace: PlanTrace, gl: None) -> Iterator[PlanPage]:
    """The page, kept up to date by a thread that alone draws, as the command's main thread."""
    ended, ready = threading.Event(), threading.Event()
    found: list[PlanPage] = []

    def serve() -> None:
        with closing(PlanPage(Address(port=0, token="open-sesame-1"), trace)) as page:
            found.append(page)
            ready.set()
            while not ended.is_set():
                time.sleep(page.refresh())

    thread = threading.Thread(target=serve)
    thread.start()
    assert ready.wait(PATIENCE)
    yield found[0]
    ended.set()
    thread.join()


def wait(what) -> None:
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def test_the_scene_follows(page: PlanPage, trace: PlanTrace) -> None:
    """Slices lie where the tomato was; before, they are where nobody looks."""
    slices = [page.house.model.body(f"TomatoSliced_{k}").id for k in range(3)]
    tomato = page.house.model.body("Tomato_0").id
    heights = {}
    for at in (len(trace.moments) - 1, 0):
        page.at = at
        wait(lambda at=at: page.shown == at)
        heights[at] = page.house.data.xpos[[tomato, *slices], 2].copy()
    assert np.all(heights[0][1:] < -1)
    assert heights[0][0] > 0.7
    assert np.all(heights[len(trace.moments) - 1][1:] > 0.7)
    assert heights[len(trace.moments) - 1][0] < -1


@pytest.mark.browser
def test_the_panel_lists_the_steps_and_the_slider_marks_another(
    page: PlanPage, trace: PlanTrace
) -> None:
    page.at = 0
    with chromium() as browser:
        tab = browser.new_page(viewport={"width": 900, "height": 500})
        tab.goto(page.address.url)
        tab.wait_for_selector("[data-view=step]", timeout=1000 * PATIENCE)
        rows = [row.split("\n") for row in tab.locator("[data-view=step]").all_inner_texts()]
        words = ["Plan: 2 actions", "Pick up the knife from the counter top"]
        assert [next(w for w in row if len(w) > 5) for row in rows] == [
            *words,
            "Slice the tomato with the knife",
        ]
        assert "<b>the tomato</b>" in tab.inner_text("body")
        assert tab.inner_text("[data-view=outcome]") == "reached: the goal holds"

        def current() -> str:
            return tab.inner_text("[data-current]")

        wait(lambda: "Plan: 2 actions" in current())
        slider = tab.get_by_role("slider").first
        slider.press("ArrowRight")
        wait(lambda: "Pick up the knife" in current())
        slider.press("End")
        wait(lambda: "Slice the tomato" in current())
        wait(lambda: page.at == len(trace.moments) - 1)
        tab.get_by_role("button", name="◀ step").click()
        wait(lambda: "Pick up the knife" in current())
        before = page.at
        tab.get_by_role("button", name="Play", exact=True).click()
        wait(lambda: page.at > before)
