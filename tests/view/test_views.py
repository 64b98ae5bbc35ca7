"""What every view shares: a picture, the same in words, controls; and panels where a notebook is live."""

import base64
import struct
import subprocess
import sys
import zlib
from xml.etree import ElementTree

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.view import (
    activation,
    broadcasting,
    decision_boundary,
    kernel_lab,
    optimizer_race,
    receptive_field,
    strides,
    svg,
)
from minigrad.view.chart import Chart, Dots, Line, as_png, as_svg, reach, ticks
from minigrad.view.views import Choice, Picture, Slider, Steps, View, number

VIEWS = {
    "strides": lambda: strides(mg.arange(12).view(3, 4)),
    "broadcasting": lambda: broadcasting((3, 1), (4,)),
    "activation": lambda: activation(mg.relu),
    "optimizer_race": lambda: optimizer_race(steps=10),
    "kernel_lab": lambda: kernel_lab(np.eye(32)),
    "receptive_field": lambda: receptive_field([nn.Conv2d(3, 4, 3)], np.ones((3, 32, 32))),
    "decision_boundary": lambda: decision_boundary(nn.Linear(2, 3), (mg.randn(9, 2), mg.arange(9) % 3)),
}


@pytest.fixture(params=VIEWS, ids=str)
def view(request):
    return VIEWS[request.param]()


def test_a_view_is_a_picture_and_words_everywhere(view):
    picture = view.picture()
    ElementTree.fromstring(picture.svg)  # it is well formed
    bundle = view._repr_mimebundle_()

    assert picture.line and repr(view).startswith(picture.line)
    assert "application/vnd.jupyter.widget-view+json" not in bundle  # this is no notebook
    assert ("image/png" in bundle) != ("text/html" in bundle)


def test_pictures_hold_no_style_script_or_address_that_would_reach_outside(view):
    picture = view.picture().svg

    assert "<style" not in picture and "<script" not in picture and "url(" not in picture
    assert picture.count("http") == 1  # the name of SVG itself


def test_pictures_fit_a_notebooks_page(view):
    assert float(ElementTree.fromstring(view.picture().svg).get("width")) <= 860


def test_no_figure_stays_open(view):
    from matplotlib import pyplot as plt

    view._repr_mimebundle_()
    assert plt.get_fignums() == []


def test_every_control_has_a_name_of_its_own_and_a_label(view):
    names = [control.name for control in view.controls]

    assert len(set(names)) == len(names) and all(control.label for control in view.controls)


def test_looking_loads_no_widget_library():
    code = "import minigrad as mg, sys; repr(mg.view.strides(mg.arange(4))); print('anywidget' in sys.modules)"
    code = code.replace("import minigrad as mg", "import minigrad as mg, minigrad.view")
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == "False"


# Controls


def test_a_control_reads_what_it_writes():
    assert Choice("a", "y", ["x", "y"]).value == 1
    assert [Steps("a", 0.1, [0.01, 0.1]).read(raw) for raw in (0, 1.0)] == [0.01, 0.1]
    assert Slider("n", 3, 0, 9).read(4.0) == 4 and isinstance(Slider("n", 3, 0, 9).read(4.0), int)
    assert isinstance(Slider("x", 0.5, 0.0, 1.0, 0.1).read(1), float)


def test_only_controls_that_are_there_are_set():
    with pytest.raises(TypeError, match="no control named speed"):
        activation(mg.relu).set(speed=3)


@pytest.mark.parametrize(
    ("x", "text"), [(0.0, "0"), (-0.0, "0"), (3, "3"), (0.123456, "0.123"), (1e-7, "1e-7"), (np.nan, "nan")]
)
def test_a_number_in_short(x, text):
    assert number(x) == text


# The panel


@pytest.fixture
def panel():
    pytest.importorskip("anywidget")
    from minigrad.view.panel import Panel

    view = View("doubled", lambda x: Picture(svg.card(10, 10), f"{2 * x}", "words"), Slider("x", 1, 0, 9))
    return Panel(view)


def test_a_panel_draws_what_the_page_asks_for(panel):
    turn = panel.turn
    panel.values = {"x": 4}

    assert (panel.line, panel.text, panel.turn) == ("8", "words", turn + 1)


def test_a_view_that_is_set_from_python_moves_the_panels_controls(panel):
    panel.view._panel = panel
    panel.view.set(x=3)

    assert panel.values == {"x": 3} and panel.line == "6"


def test_an_error_in_the_learners_code_is_said_and_the_picture_stays(panel):
    before = panel.svg
    panel.view.draw = lambda x: 1 / 0
    panel.values = {"x": 5}
    assert panel.trouble == "ZeroDivisionError: division by zero" and panel.svg == before

    panel.view.draw = lambda x: Picture(svg.card(10, 10), "again")
    panel.values = {"x": 6}
    assert panel.trouble == "" and panel.line == "again"


# Drawing


def test_a_png_holds_the_pixels_it_was_given():
    pixels = np.random.default_rng(0).integers(0, 256, (5, 4, 3), dtype=np.uint8)
    import io

    from matplotlib import image

    np.testing.assert_array_equal(np.rint(255 * image.imread(io.BytesIO(svg.png(pixels)))), pixels)


def test_a_grey_png_says_so_in_its_head():
    data = svg.png(np.zeros((2, 3), np.uint8))

    assert struct.unpack(">II", data[16:24]) == (3, 2) and data[25] == 0
    assert zlib.decompress(data[41:-16]) == bytes(2 * 4)  # two rows: a 0, and three pixels


def test_what_is_written_is_escaped():
    assert "<b>" not in svg.words(0, 0, "<b>&") and "&lt;b&gt;&amp;" in svg.words(0, 0, "<b>&")
    ElementTree.fromstring(svg.box(0, 0, 1, 1, "#fff", sets={'"': "'<"}))


def test_an_image_has_the_words_as_its_alternative():
    html = strides(mg.arange(4))._repr_mimebundle_()["text/html"]
    data = html.partition("base64,")[2].rstrip('">')

    assert "x[2] is 2" in html and base64.b64decode(data).startswith(b"<svg")


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-3.7, 12), (1e-9, 3e-9), (-1e6, 1e6), (0.5, 0.50001)])
def test_ticks_are_few_even_and_inside(low, high):
    found = ticks(low, high)

    assert 2 <= len(found) <= 7
    assert low - 1e-9 * abs(low) <= found[0] and found[-1] <= high + 1e-9 * abs(high)
    np.testing.assert_allclose(np.diff(found), found[1] - found[0], rtol=1e-3)


def test_a_chart_of_nothing_of_one_point_and_of_nan_is_drawn():
    for marks in ([], [Dots(1, 1)], [Line([0, 1], [np.nan, np.nan])], [Line([0, 1], [np.inf, 1])]):
        picture = as_svg([Chart(marks=marks)])
        assert "nan" not in picture and "inf" not in picture
        assert as_png([Chart(marks=marks)]).startswith(b"\x89PNG")
    assert reach([]) == (0.0, 1.0)


def test_a_line_stops_where_it_is_not_finite_and_goes_on():
    assert (
        as_svg([Chart(marks=[Line([0, 1, 2, 3, 4], [0, 1, np.nan, 1, 0], "#123456")])]).count('stroke="#123456"') == 2
    )


def test_on_a_log_axis_numbers_below_zero_are_left_out():
    assert "nan" not in as_svg([Chart(marks=[Line([0, 1, 2], [1, -1, 10])], log=True)])
