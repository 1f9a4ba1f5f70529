"""What the panels put into the page's HTML, and the pictures in it."""

import io

import mujoco
import numpy as np
import pytest
from PIL import Image

from embodied.registry import ENVS
from embodied.runs.picture import encode
from embodied.viewer.paint import paint_plain
from embodied.viewer.panels.compare import _table
from embodied.viewer.panels.strip import WIDTH, colours, heat_strip
from embodied.viewer.scoring import Compared


def test_a_strip_is_dark_where_the_value_is_low() -> None:
    times = np.linspace(0, 10, 101)
    strip = colours(times, times, 20.0)
    assert strip.shape == (WIDTH, 3)
    assert (strip[: WIDTH // 2 - 1] == 255).all()  # before the first
    np.testing.assert_array_equal(strip[WIDTH // 2], (68, 1, 84))
    np.testing.assert_array_equal(strip[-1], (253, 231, 37))


def test_a_strip_of_equal_values_is_one_colour() -> None:
    strip = colours(np.arange(3.0), np.full(3, 0.2), 1.0)
    assert (strip == strip[0]).all()


def test_the_baseline_has_no_row_where_there_is_none() -> None:
    curve = np.array([[0.0, 0.1, 0.1, np.nan], [1.0, 0.2, 0.2, np.nan]])
    assert heat_strip(curve, 20).count("<img") == 2
    assert heat_strip(curve[:0], 20) == ""


def test_prompts_in_the_table_are_text_and_the_best_is_bold() -> None:
    rows = (Compared("<script>x</script>", 0.1, 0.5), Compared("kneeling", 0.2, 0.4))
    table = _table(rows)
    assert "<script>" not in table
    assert table.index("font-weight:400") < table.index("font-weight:600")
    assert _table(()) == ""


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_pictures_are_files_of_their_kind(kind: str) -> None:
    image = np.full((4, 6, 3), 77, np.uint8)
    found = np.array(Image.open(io.BytesIO(encode(image, kind))))
    assert found.shape == image.shape
    assert np.abs(found.astype(int) - 77).max() <= 2


def test_plain_colours_are_those_of_the_textures() -> None:
    path = ENVS.load("humanoid-kneel").simulator.model_path
    model = mujoco.MjModel.from_xml_path(str(path))
    paint_plain(model)
    red, _, blue = model.geom("torso").rgba[:3]  # the shirt
    assert red > blue + 0.2
    red, _, blue = model.geom("right_thigh").rgba[:3]  # the jeans
    assert blue > red
    assert (model.geom_matid == -1).all()
