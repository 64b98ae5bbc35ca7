"""The explorer and the debugger as a learner meets them: in JupyterLab, in a real browser."""

import json
import re
import time

import pytest
from in_the_lab import READY, run_all, shot

THEMES = ["JupyterLab Light", "JupyterLab Dark"]

NUMBERS = """
import minigrad as mg
from minigrad.view import debug, explore
x = mg.tensor(3.0, requires_grad=True)
w = mg.tensor(-0.25, requires_grad=True)
c = x * w
d = c * c + x
loss = (d * c).tanh()
debug(loss)
"""
GRADS = """
loss.backward()
print({"x": x.grad.item(), "w": w.grad.item()})
"""
EXPLORED = """
from minigrad.view import explore
def f(x, w, n=2, loud=False, last=None):
    y = x
    for _ in range(n):
        y = w * y + 1
    if loud:
        y = y.exp()
    return y.tanh() if last == "tanh" else y.relu()

explore(f, x=0.5, w=(-2.0, 2.0), n=2, last=["relu", "tanh"])
"""
MODEL = """
import minigrad as mg
from minigrad import nn
from minigrad.models import CNN
from minigrad.view import debug
mg.manual_seed(0)
model, images = CNN(), mg.randn(4, 3, 32, 32)
loss = nn.functional.cross_entropy(model(images), mg.tensor([0, 1, 2, 3]))
debug(loss)
"""


def text_on(page, name, row):
    """What is written on the card of this name."""
    card = page.locator(f".mg-card:has(.mg-name:text-is('{name}'))").first
    return card.locator(f".mg-{row}").text_content()


def position(page):
    return int(re.match(r"\d+", page.locator(".mg-count").first.text_content())[0])


def last_output(page):
    return page.locator(".jp-OutputArea-output pre").last.text_content()


def test_stepping_by_keyboard_to_the_end_shows_what_is_in_grad(lab):
    with lab.page(lab.notebook("numbers.ipynb", NUMBERS, GRADS)) as page:
        run_all(page, 1)
        assert text_on(page, "loss", "value") == "?" and text_on(page, "x", "grad") == "–"

        page.locator(".mg-bar button", has_text="Step").click()
        assert text_on(page, "c", "value") == "-0.75"
        for _ in range(30):
            page.keyboard.press("ArrowRight")
        assert page.locator(".mg-range, .mg-bar input").first.get_attribute("max") == str(position(page))
        grads = json.loads(last_output(page).replace("'", '"'))
        for name, grad in grads.items():
            assert text_on(page, name, "grad") == f"{grad:.3g}"

        page.keyboard.press("Home")
        assert position(page) == 0
        page.keyboard.press("End")
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowLeft")
        assert "Back." in page.locator(".mg-said").text_content()


def test_clicking_a_node_tells_how_it_was_made_and_who_sent_it_what(lab):
    with lab.page(lab.notebook("click.ipynb", NUMBERS)) as page:
        run_all(page, 1)
        page.locator(".mg-bar button", has_text="End").click()
        page.locator(".mg-card:has(.mg-name:text-is('c'))").click()
        facts = page.locator(".mg-facts-of")

        assert "mul(x, w) = 3 * (-0.25)" in facts.text_content()
        rows = facts.locator("tbody tr").all_text_contents()
        assert len(rows) == 3 and all("+=" in row for row in rows)
        facts.locator("summary").click()
        assert "lambda g: g * y" in facts.locator("pre").text_content()

        page.locator(".mg-card:has(.mg-name:text-is('x'))").click()
        facts.locator("button", has_text="Run to its gradient").click()
        assert "x.grad" in page.locator(".mg-said").text_content()
        shot(page, "debugger")


def test_play_steps_by_itself_until_it_is_stopped(lab):
    with lab.page(lab.notebook("play.ipynb", NUMBERS)) as page:
        run_all(page, 1)
        play = page.locator(".mg-bar button", has_text="Play")
        play.click()
        page.wait_for_function("() => parseInt(document.querySelector('.mg-count').textContent) >= 2", timeout=10_000)
        page.locator(".mg-bar button", has_text="Pause").click()
        stopped = position(page)
        time.sleep(1.5)
        assert position(page) == stopped


def test_sliders_and_switches_rebuild_the_graph(lab):
    with lab.page(lab.notebook("explore.ipynb", EXPLORED)) as page:
        run_all(page, 1)
        cards = page.locator(".mg-card")
        before = cards.count()

        page.get_by_label("n", exact=True).focus()
        start = time.perf_counter()
        page.keyboard.press("ArrowRight")
        page.wait_for_function(f"() => document.querySelectorAll('.mg-card').length > {before}", timeout=5000)
        assert time.perf_counter() - start < 1.5
        assert "constant" in cards.nth(before).text_content() or cards.count() == before + 3

        value = text_on(page, "x", "grad")
        page.get_by_label("w", exact=True).focus()
        for _ in range(5):
            page.keyboard.press("ArrowRight")
        page.wait_for_function(
            "old => [...document.querySelectorAll('.mg-card')].find(c => c.textContent.includes('leafx'))"
            "?.querySelector('.mg-grad').textContent != old",
            arg=value,
            timeout=5000,
        )
        page.get_by_label("loud", exact=True).focus()
        page.keyboard.press("Space")
        page.wait_for_selector(".mg-card:has-text('exp')", timeout=5000)
        page.get_by_label("last", exact=True).select_option("tanh")
        page.wait_for_selector(".mg-card:has-text('tanh')", timeout=5000)
        shot(page, "explorer")


@pytest.mark.parametrize("theme", THEMES)
def test_the_cnn_is_folded_and_opens_and_closes_by_mouse_and_by_key(lab, theme):
    with lab.page(lab.notebook("cnn.ipynb", MODEL), theme) as page:
        run_all(page, 1)
        group = page.locator(".mg-card.mg-group", has_text="conv1")
        group.click()
        page.wait_for_selector(".mg-frame:has-text('conv1')", timeout=5000)
        assert page.locator(".mg-card:has-text('conv1.weight')").count() == 1

        page.keyboard.press("Enter")  # the focus is on the frame's title now
        page.wait_for_selector(".mg-card.mg-group:has-text('conv1')", timeout=5000)
        assert page.locator(".mg-frame").count() == 0

        page.locator(".mg-bar button", has_text="Step").click()
        assert "conv2d" in page.locator(".mg-said").text_content()
        assert page.locator(".mg-current.mg-group").count() == 1
        shot(page, f"cnn-{theme[-5:].strip().lower()}")


@pytest.mark.parametrize("theme", THEMES)
def test_text_can_be_read_on_what_is_behind_it(lab, theme):
    with lab.page(lab.notebook("theme.ipynb", NUMBERS, EXPLORED), theme, height=1700) as page:
        run_all(page, 2)
        page.locator(".mg-bar button", has_text="End").first.click()
        colour = "(s, p) => getComputedStyle(document.querySelector(s))[p]"
        paper = page.evaluate(f"() => ({colour})('.mg-card:not(.mg-picked) .mg-box', 'fill')")
        for text in (".mg-name", ".mg-value", ".mg-label", ".mg-card .mg-grad"):
            ink = page.evaluate(f"() => ({colour})('{text}', 'fill')")
            assert contrast(ink, paper) >= 4.5, (text, ink, paper)
        shot(page, f"theme-{theme[-5:].strip().lower()}")


def contrast(one, other):
    """The contrast ratio of two colours, as WCAG defines it: 1 to 21."""
    lights = sorted(map(luminance, (one, other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def luminance(colour):
    numbers = [float(n) for n in re.findall(r"[\d.]+", colour)[:3]]
    parts = [n if "srgb" in colour else n / 255 for n in numbers]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_everything_has_a_name_for_a_screen_reader(lab):
    with lab.page(lab.notebook("aria.ipynb", NUMBERS, EXPLORED)) as page:
        run_all(page, 2)
        unnamed = page.evaluate(
            "() => [...document.querySelectorAll('.mg button, .mg input, .mg select, .mg [role=button]')]"
            ".filter(e => !(e.getAttribute('aria-label') || e.textContent.trim())).length"
        )
        assert unnamed == 0
        assert page.locator(".mg-card[tabindex='0']").count() <= 2
        assert page.locator(".mg-card").first.get_attribute("aria-label").startswith(("x, leaf, value 3", "w, leaf"))


def test_stepping_needs_no_kernel(lab):
    with lab.page(lab.notebook("no_kernel.ipynb", NUMBERS)) as page:
        run_all(page, 1)
        page.evaluate("void jupyterapp.serviceManager.sessions.shutdownAll()")
        page.wait_for_timeout(1000)
        page.locator(".mg-bar button", has_text="End").click()
        assert text_on(page, "x", "grad") not in ("–", "")


def test_after_a_restart_it_is_live_again(lab):
    with lab.page(lab.notebook("restart.ipynb", EXPLORED)) as page:
        run_all(page, 1)
        page.evaluate("void jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
        page.wait_for_timeout(2000)
        page.wait_for_function(READY, timeout=60_000)
        run_all(page, 1)
        before = page.locator(".mg-card").count()
        page.get_by_label("n", exact=True).last.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function(f"() => document.querySelectorAll('.mg-card').length > {before}", timeout=5000)


@pytest.mark.parametrize("trusted", [True, False])
def test_a_saved_notebook_never_says_that_a_model_was_not_found(lab, trusted):
    name = lab.notebook(f"saved_{trusted}.ipynb", NUMBERS)
    with lab.page(name) as page:
        run_all(page, 1)
        page.evaluate("void jupyterapp.commands.execute('docmanager:save')")
        page.wait_for_timeout(1500)
        page.evaluate("void jupyterapp.serviceManager.sessions.shutdownAll()")
        page.wait_for_timeout(500)
    if not trusted:  # somebody else's: the same outputs, but no signature that is known here
        file = lab.folder / name
        stored = json.loads(file.read_text())
        stored["cells"].append({**stored["cells"][0], "id": "other", "outputs": [], "execution_count": None})
        file.write_text(json.dumps(stored))

    with lab.page(name) as page:
        page.wait_for_timeout(2000)
        shot(page, f"saved-{'trusted' if trusted else 'untrusted'}")
        output = page.locator(".jp-OutputArea-output").first
        assert "not found" not in output.text_content() and "Error" not in output.text_content()
        assert output.locator("img, .mg-picture svg").count() == 1
