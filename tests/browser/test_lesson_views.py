"""The lessons' views as a learner meets them: in JupyterLab, by keyboard, in light and dark, while training runs."""

import json

import pytest

pytest.importorskip("in_the_lab")
from in_the_lab import run_all, shot

THEMES = ["JupyterLab Light", "JupyterLab Dark"]

MEMORY = """
import minigrad as mg
from minigrad.view import broadcasting, strides
strides(mg.arange(12).view(3, 4))
"""
SHAPES = "broadcasting((3, 1), (4,))"
SURFACES = """
import minigrad as mg
from minigrad.view import activation, optimizer_race
activation(mg.sigmoid, mg.relu, mg.tanh)
"""
RACE = "optimizer_race(steps=60)"
IMAGES = """
import minigrad as mg
from minigrad import nn
from minigrad.data import CIFAR10Subset
from minigrad.view import kernel_lab, receptive_field
picture = CIFAR10Subset(train=True).images[4]
kernel_lab(picture)
"""
FIELD = """
mg.manual_seed(0)
receptive_field([nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3), nn.MaxPool2d(2)], picture)
"""
POINTS = """
import numpy as np
import minigrad as mg
from minigrad import nn, optim
from minigrad.data import DataLoader, TensorDataset
from minigrad.train import Run, evaluate
from minigrad.view import decision_boundary, film, live

draw = np.random.default_rng(0)
y = mg.tensor(np.arange(300) % 3)
x = mg.tensor((draw.normal(0, 1, (300, 2)) + 3 * np.eye(3)[y.numpy()][:, :2]).astype("float32"))
mg.manual_seed(0)
model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 3))
loader = DataLoader(TensorDataset(x, y), batch_size=10, shuffle=True)
run = Run(model, optim.SGD(model.parameters(), lr=0.01), loader)
"""
TRAIN = """
recorded = film(run, x, y, every=10)
live(run, decision_boundary(model, (x, y)), recorded).train(3, measure=lambda model: evaluate(model, loader))
"""
ENDLESS = """
live(run).train(100_000)
"""
AFTER = "print(len(run.history) >= 3, run.steps, bool(np.isfinite(model[0].weight.detach().numpy()).all()))"

# Looks at the last picture for a time: frames seen, frames without a picture, and how many pictures there were.
WATCH = """async () => {
    const pictures = document.querySelectorAll('.minigrad-panel .picture');
    const picture = pictures[pictures.length - 1];
    let frames = 0, empty = 0, shown = 0, last = null;
    const start = performance.now();
    while (performance.now() - start < 2500) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
        const svg = picture.querySelector('svg');
        frames += 1;
        if (!svg || picture.getBoundingClientRect().height < 50) empty += 1;
        if (svg !== last) { shown += 1; last = svg; }
    }
    return {frames, empty, shown};
}"""


def open_and_run(page, count):
    """Run all cells; the panels that are there then."""
    run_all(page, 0)
    panels = page.locator(".minigrad-panel")
    page.wait_for_function(
        f"() => document.querySelectorAll('.minigrad-panel .picture svg').length >= {count}", timeout=30_000
    )
    return [panels.nth(i) for i in range(count)]


def save(lab, page, name):
    """Save the notebook, and wait until its outputs are in the file."""
    page.evaluate("void jupyterapp.commands.execute('docmanager:save')")
    for _ in range(100):
        if "data:image/svg+xml" in (lab.folder / name).read_text():
            return
        page.wait_for_timeout(100)
    raise AssertionError("the notebook was not saved")


def wait_for_line(page, panel, words):
    """Wait until the line under the picture has these words."""
    panel.locator(".line", has_text=words).wait_for(timeout=10_000)


@pytest.mark.parametrize("theme", THEMES)
def test_strides_and_broadcasting_answer_keys_clicks_and_typing(lab, theme):
    name = lab.notebook("memory.ipynb", MEMORY, SHAPES)
    with lab.page(name, theme, height=1100) as page:
        strides, shapes = open_and_run(page, 2)
        strides.get_by_role("slider", name="element", exact=True).focus()
        page.keyboard.press("Home")
        for _ in range(6):
            page.keyboard.press("ArrowRight")
        wait_for_line(page, strides, "x[1, 2] is 6, at place 0 + 1 · 4 + 2 · 1 = 6")
        assert strides.get_by_role("slider", name="element", exact=True).get_attribute("aria-valuetext") == "6"

        strides.get_by_label("tensor", exact=True).select_option(label="x.T")
        wait_for_line(page, strides, "x.T[2, 0] is 2")
        strides.locator("[data-sets]").nth(3).click()
        wait_for_line(page, strides, "x.T[1, 0] is 1")

        shapes.get_by_label("shape of b", exact=True).fill("3")
        wait_for_line(page, shapes, "(3, 1) + (3,) gives (3, 3)")
        shapes.get_by_label("shape of b", exact=True).fill("3, x")
        shapes.get_by_role("alert").filter(has_text="this is '3, x'").wait_for()
        shapes.get_by_label("shape of b", exact=True).fill("2, 4")
        wait_for_line(page, shapes, "do not fit")
        shot(page, f"memory {theme}")


@pytest.mark.parametrize("theme", THEMES)
def test_curves_and_races_play_and_pause(lab, theme):
    name = lab.notebook("surfaces.ipynb", SURFACES, RACE)
    with lab.page(name, theme, height=1100) as page:
        curve, race = open_and_run(page, 2)
        curve.get_by_label("function", exact=True).select_option(label="tanh")
        wait_for_line(page, curve, "tanh(1) = 0.762, and the slope there is 0.42.")
        curve.get_by_text("In words").click()
        assert "value" in curve.locator("pre").inner_text()

        race.get_by_label("surface", exact=True).select_option(label="Rosenbrock")
        wait_for_line(page, race, "on Rosenbrock")
        race.get_by_role("button", name="Play step").click()
        page.wait_for_timeout(600)
        race.get_by_role("button", name="Pause step").click()
        race.get_by_role("button", name="Play step").wait_for()
        step = int(race.get_by_role("slider", name="step", exact=True).input_value())
        assert 0 < step < 60
        wait_for_line(page, race, f"After {step} steps on Rosenbrock")
        shot(page, f"surfaces {theme}")


@pytest.mark.parametrize("theme", THEMES)
def test_kernels_and_fields_follow_sliders_and_clicks(lab, theme):
    name = lab.notebook("images.ipynb", IMAGES, FIELD)
    with lab.page(name, theme, height=1400) as page:
        kernel, field = open_and_run(page, 2)
        kernel.get_by_label("start from", exact=True).select_option(label="blur")
        kernel.get_by_role("slider", name="up left", exact=True).focus()
        page.keyboard.press("ArrowRight")
        kernel.locator("pre", has_text="0.10   0.10   0.05").wait_for(state="attached")

        field.locator("[data-sets]").click(position={"x": 2, "y": 2})
        wait_for_line(page, field, "(channel 0, row 0, column 0) sees 6 x 6 pixels: rows 0 to 5")
        shot(page, f"images {theme}")


@pytest.mark.slow  # now and then the lab's own interrupt gets lost on the way to the kernel
def test_training_is_drawn_without_flicker_and_an_interrupt_leaves_a_run_that_goes_on(lab):
    name = lab.notebook("training.ipynb", POINTS, TRAIN, ENDLESS, AFTER)
    with lab.page(name, THEMES[1], height=2400) as page:
        page.evaluate("void jupyterapp.commands.execute('notebook:run-all-cells')")
        page.wait_for_function("() => [...document.querySelectorAll('.minigrad-panel')].length == 4", timeout=60_000)
        seen = page.evaluate(WATCH)
        assert seen["empty"] == 0
        assert seen["shown"] > 4
        stopped = page.locator(".jp-OutputArea-output", has_text="Stopped: epoch")
        for _ in range(10):  # Python drops an interrupt that comes while it clears away objects; one presses again
            page.evaluate("void jupyterapp.commands.execute('notebook:interrupt-kernel')")
            page.wait_for_timeout(3000)
            if stopped.count():
                break
        stopped.wait_for()
        page.evaluate("void jupyterapp.commands.execute('notebook:run-all-below')")
        page.locator(".jp-OutputArea-output", has_text="True").wait_for()

        played = page.locator(".minigrad-panel").nth(1)
        played.get_by_role("slider").focus()
        page.keyboard.press("Home")
        wait_for_line(page, played, "Before training")
        shot(page, "training")


def test_a_saved_notebook_shows_its_pictures_again_without_a_kernel(lab):
    name = lab.notebook("saved.ipynb", MEMORY)
    with lab.page(name) as page:
        open_and_run(page, 1)
        save(lab, page, name)
        page.evaluate("void jupyterapp.serviceManager.sessions.shutdownAll()")
        page.wait_for_timeout(1000)
    with lab.page(name) as page:  # on a new kernel, which knows nothing of it
        page.locator(".minigrad-panel svg, .jp-RenderedHTML img").first.wait_for(timeout=20_000)
        assert page.get_by_text("model not found").count() == 0


def test_what_is_not_trusted_shows_the_still_picture_and_its_words(lab):
    name = lab.notebook("untrusted.ipynb", MEMORY)
    with lab.page(name) as page:
        open_and_run(page, 1)
        save(lab, page, name)
    path = lab.folder / name
    notebook = json.loads(path.read_text())
    notebook["cells"][0]["source"] = notebook["cells"][0]["source"] + ["\n# changed by somebody else"]
    notebook["cells"][0]["metadata"]["trusted"] = False
    path.write_text(json.dumps(notebook))
    with lab.page(name) as page:
        image = page.locator(".jp-OutputArea img").first
        image.wait_for()
        assert "x[1, 2] is 6, at place" in image.get_attribute("alt")
