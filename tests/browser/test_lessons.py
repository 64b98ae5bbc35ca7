"""The lessons that have live graphs, opened as start.py opens them and run to the end."""

import re
from pathlib import Path

import nbformat
import pytest
from in_the_lab import run_all, shot

LESSONS = Path(__file__).resolve().parents[2] / "notebooks"
LIVE = re.compile(r"^(debug|explore)\(", re.MULTILINE)
NAMES = [path.name for path in sorted(LESSONS.glob("0[034]_*.ipynb"))]


def live_cells(name):
    notebook = nbformat.read(LESSONS / name, as_version=4)
    return sum(bool(LIVE.search(cell.source)) for cell in notebook.cells if cell.cell_type == "code")


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_runs_to_its_end_and_its_graphs_are_live(lab, name):
    with lab.page(f"notebooks/{name}", height=1400) as page:
        run_all(page, seconds=180)
        for place in range(live_cells(name)):
            page.locator(".mg").nth(place).scroll_into_view_if_needed(timeout=10_000)
            bar = page.locator(".mg-bar").nth(place)
            bar.locator("button", has_text="End").click()
            assert page.locator(".mg").nth(place).locator(".mg-grad").last.text_content() != "–"
        if live_cells(name):
            page.locator(".mg").first.scroll_into_view_if_needed()
        shot(page, Path(name).stem)


def test_lesson_04_s_debugger_ends_at_16_and_8(lab):
    with lab.page("notebooks/04_backprop.ipynb", height=1400) as page:
        run_all(page, seconds=180)
        first = page.locator(".mg").first
        first.scroll_into_view_if_needed(timeout=10_000)
        first.locator("button", has_text="Start").click()
        for _ in range(10):
            first.locator("button", has_text="Step").click()
        grads = {
            name: first.locator(f".mg-card:has(.mg-name:text-is('{name}')) .mg-grad").text_content() for name in "wb"
        }
        assert grads == {"w": "16", "b": "8"}
