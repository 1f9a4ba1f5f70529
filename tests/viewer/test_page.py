# pyright: reportArgumentType=false
"""The page in a real browser: what is done in its DOM, and what then happens on the server."""

import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import viser
from scipy.spatial.transform import Rotation
from websockets.sync.client import connect

from embodied.cli.view import View, numbers, open_page, serve
from tests.viewer.browser import chromium

pytestmark = pytest.mark.browser

PATIENCE = 60.0
"""Seconds; Chromium draws in software, and other work may run beside it."""


def wait(what: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Until `what()` holds."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def page(gl: None) -> Iterator[object]:
    """A viewer of the kneeling humanoid on a free port."""
    ended = threading.Event()
    with open_page(View(env="humanoid-kneel", port=0, token="open-sesame-1")) as page:
        thread = threading.Thread(target=serve, args=(page, None, ended.is_set))
        thread.start()
        wait(lambda: page.scoring.latest)
        yield page
        ended.set()
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def tab(page, browser) -> Iterator[object]:
    """A browser's tab that shows the viewer."""
    tab = browser.new_page(viewport={"width": 660, "height": 300})
    problems: list[str] = []
    tab.on("pageerror", lambda error: problems.append(str(error)))
    tab.goto(page.address.url)
    tab.wait_for_selector("[data-view=step]", timeout=60_000)
    yield tab
    assert not problems


def read(tab, name: str) -> str:
    return tab.inner_text(f"[data-view={name}]")


def click(tab, name: str) -> None:
    tab.get_by_role("button", name=name, exact=True).click()


def field(tab, label: str):
    """A text field. viser's labels name no field (`for` is another id), so it is the next one."""
    return tab.locator(f"//label[.='{label}']/following::*[self::input or self::textarea][1]")


def fill(tab, label: str, text: str) -> None:
    field(tab, label).fill(text)


@pytest.fixture
def paused(page, tab) -> None:
    page.simulation.pause()
    page.simulation.reset()
    wait(lambda: read(tab, "state") == "paused")


def test_the_page_shows_what_the_server_knows(page, tab) -> None:
    page.simulation.play()
    wait(lambda: read(tab, "state") == "running")
    first = int(read(tab, "step"))
    wait(lambda: int(read(tab, "step")) > first)
    assert tab.get_attribute("[data-view=picture]", "src").startswith("data:image/jpeg")
    assert float(read(tab, "goal")) == pytest.approx(page.scoring.latest.goal, abs=0.3)
    assert tab.locator("[data-view=strip] img").count() == 3
    assert numbers(page)["rewards"] > 0


def test_pause_freezes_the_step_counter_and_step_adds_one(page, tab) -> None:
    page.simulation.play()
    wait(lambda: read(tab, "state") == "running")
    click(tab, "Pause")
    wait(lambda: not page.simulation.running)
    frozen = page.simulation.moment.step
    time.sleep(0.5)
    assert page.simulation.moment.step == frozen
    wait(lambda: read(tab, "step") == str(frozen))
    click(tab, "Step")
    wait(lambda: read(tab, "step") == str(frozen + 1))
    assert page.simulation.moment.step == frozen + 1
    click(tab, "Play")
    wait(lambda: page.simulation.moment.step > frozen + 1)


def test_reset_resets(page, tab, paused) -> None:
    for _ in range(100):
        page.simulation.step()
    fallen = page.simulation.moment.qpos[2]
    click(tab, "Reset")
    wait(lambda: read(tab, "step") == "0")
    assert page.simulation.moment.qpos[2] > fallen + 0.3  # it stands again


def test_a_new_prompt_changes_the_score(page, tab, paused) -> None:
    wait(lambda: page.scoring.latest.step == 0)
    before = page.scoring.latest.curve
    fill(tab, "Goal", "a humanoid robot standing up")
    wait(lambda: page.scoring.reward.goal_prompts == ("a humanoid robot standing up",))
    wait(lambda: page.scoring.latest.goal != before[-1, 2])
    after = page.scoring.latest.curve
    assert after[-1, 1] > before[-1, 1] + 0.2  # it does stand
    assert len(after) == len(before)  # the whole curve, not only what comes from now on
    assert np.all(after[:, 2] != before[:, 2])
    wait(lambda: read(tab, "reward") == f"{after[-1, 1]:.3f}")


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        ("  ", "The goal is empty"),
        ("kneel " * 1700, "shorten it to 300"),
        ("<b>робот</b> 機器人", "taught English"),
    ],
    ids=["empty", "long", "other-script"],
)
def test_a_bad_prompt_is_answered_in_the_page(page, tab, prompt: str, said: str) -> None:
    fill(tab, "Goal", prompt)
    wait(lambda: tab.locator("[data-view=message]").count() and said in read(tab, "message"))
    assert page.scoring.error is None
    fill(tab, "Goal", "a humanoid robot kneeling")
    wait(lambda: not tab.locator("[data-view=message]").count())


def test_prompts_are_compared_on_the_present_frame(page, tab, paused) -> None:
    fill(tab, "Prompts", "a humanoid robot kneeling\n<i>standing</i> up\n\n")
    wait(lambda: tab.locator("[data-view=compared]").count() == 2)
    rows = tab.locator("[data-view=compared]").all_inner_texts()
    assert rows[1].startswith("<i>standing</i> up")
    for row, compared in zip(rows, page.scoring.latest.compared, strict=True):
        assert row.split()[-2:] == [f"{compared.goal:.3f}", f"{compared.reward:.3f}"]


def test_a_shove_moves_the_body(page, tab, paused) -> None:
    def fall(steps: int) -> float:
        for _ in range(steps):
            page.simulation.step()
        return page.simulation.moment.qpos[1]

    alone = fall(20)
    click(tab, "Reset")
    wait(lambda: page.simulation.moment.step == 0)
    click(tab, "← y")
    wait(lambda: page.simulation.source._shoves)
    assert fall(20) > alone + 0.1


def test_dragging_a_body_pulls_it(page, tab, paused) -> None:
    narrow = tab.viewport_size
    tab.set_viewport_size({"width": 1000, "height": 420})  # room for the scene
    source = page.simulation.source

    def grasp() -> object:
        """Press and move; until the scene is drawn there is nothing to hold."""
        x, y = pixel(tab, page, page.data.body("pelvis").xpos)
        tab.mouse.move(x, y)
        tab.mouse.down()
        end = time.monotonic() + 5
        while not source.pulls and time.monotonic() < end:
            x += 8
            tab.mouse.move(x, y)
            time.sleep(0.2)
        if not source.pulls:
            tab.mouse.up()
        return source.pulls

    def move() -> np.ndarray:
        page.simulation.reset()
        start = page.simulation.moment.qpos[:2].copy()
        for _ in range(20):
            page.simulation.step()
        return page.simulation.moment.qpos[:2] - start

    wait(grasp)
    x, y = pixel(tab, page, page.data.body("pelvis").xpos)
    tab.mouse.move(x + 100, y)

    def way() -> np.ndarray:
        return next(iter(source.pulls.values()))[:2] - page.simulation.moment.qpos[:2]

    wait(lambda: np.linalg.norm(way()) > 0.3)
    direction = way() / np.linalg.norm(way())
    pulled = move()
    tab.mouse.up()
    wait(lambda: not source.pulls)
    assert (pulled - move()) @ direction > 0.05  # metres
    tab.set_viewport_size(narrow)


def pixel(tab, page, point: np.ndarray) -> tuple[float, float]:
    """Where in the newest browser's page a point of the scene [3] is drawn."""
    camera = max(page.server.get_clients().items())[1].camera
    rotation = Rotation.from_quat(camera.wxyz, scalar_first=True).as_matrix()
    x, y, depth = rotation.T @ (point - camera.position)
    box = tab.locator("canvas").first.bounding_box()
    scale = box["height"] / 2 / np.tan(camera.fov / 2) / depth
    return box["x"] + box["width"] / 2 + scale * x, box["y"] + box["height"] / 2 + scale * y


def test_two_browsers_see_the_same(page, tab, browser, paused) -> None:
    other = browser.new_page(viewport={"width": 660, "height": 300})
    other.goto(page.address.url)
    other.wait_for_selector("[data-view=step]", timeout=60_000)
    click(other, "Step")
    wait(lambda: read(tab, "step") == read(other, "step") == "1")
    fill(other, "Goal", "a humanoid robot sitting")
    wait(lambda: field(tab, "Goal").input_value() == "a humanoid robot sitting")
    page.simulation.play()
    other.close()
    step = page.simulation.moment.step
    wait(lambda: page.simulation.moment.step > step + 20)  # closing a page pauses nothing


def test_a_wrong_token_is_refused(page, browser) -> None:
    other = browser.new_page()
    address = page.address.url.replace("sesame", "barley")
    assert other.goto(address).status == 403
    assert "This token is wrong" in other.inner_text("body")
    assert other.locator("[data-view=step]").count() == 0
    other.close()


def test_what_comes_and_goes_leaves_nothing(page, tab) -> None:
    def clients() -> int:
        return len(page.server.get_clients())

    before, threads = clients(), threading.active_count()
    protocol = [f"viser-v{viser.__version__}"]
    cookie = {"Cookie": f"embodied-view={page.address.token}"}
    address = f"ws://127.0.0.1:{page.address.port}"
    for _ in range(10):
        with connect(address, subprotocols=protocol, additional_headers=cookie) as socket:
            socket.recv()
    wait(lambda: clients() == before)
    assert threading.active_count() <= threads + 1  # viser's pool may have grown
