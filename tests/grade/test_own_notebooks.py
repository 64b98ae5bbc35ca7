"""`python -m minigrad grade NOTEBOOK`: one's own notebook, its answers in the pristine one, run through nbval."""

import xml.etree.ElementTree as xml
from pathlib import Path

import nbformat
import pytest

from minigrad.grade.command import main
from minigrad.study.chapters import chapter

ROOT = Path(__file__).resolve().parents[2]
NAME = "04_backprop"
EXERCISES = chapter(NAME).exercises


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A notebook with one answer wrong, one not begun, one missing, and with its checks and outputs forged."""
    folder = tmp_path_factory.mktemp("own")
    notebook = nbformat.read(ROOT / "solutions" / f"{NAME}.ipynb", 4)
    cells = [nbformat.v4.new_code_cell("HELPED = 1")]
    for cell in notebook.cells:
        if cell.id == "mul":
            cell.source = cell.source.replace("g * y", "g")
        if cell.id == "log":
            cell.source = EXERCISES["log"].stub()
        if cell.id.startswith("check-"):
            cell.source, cell.outputs = "print('all is well')", []
        cell.metadata = {}
        if cell.id != "exp":
            cells.append(cell)
    notebook.cells = cells[::-1]  # even the order does not matter
    path = folder / "my homework.ipynb"
    nbformat.write(notebook, path)
    return path, folder / "report.xml"


def test_points_are_for_what_is_right_whatever_the_notebook_says_of_itself(graded, capsys):
    path, report = graded

    assert main([str(path), "--junit", str(report)]) == 1
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines() if line.strip().startswith(NAME)}
    assert "0 of" in lines[f"{NAME}/mul"] and "The gradient of x" in lines[f"{NAME}/mul"]
    assert "0 of" in lines[f"{NAME}/log"] and "not started yet" in lines[f"{NAME}/log"]
    assert "0 of" in lines[f"{NAME}/exp"] and "not in this notebook" in lines[f"{NAME}/exp"]
    others = set(EXERCISES) - {"mul", "log", "exp"}
    assert all("passed" in lines[f"{NAME}/{name}"] for name in others)
    assert any(case.iter("failure") for case in xml.parse(report).iter("testcase"))


def test_what_cannot_be_graded_is_told(tmp_path, capsys):
    empty = tmp_path / "empty.ipynb"
    nbformat.write(nbformat.v4.new_notebook(), empty)

    assert main([str(empty), str(tmp_path / "none.ipynb")]) == 2
    said = capsys.readouterr().err
    assert "defines nothing that an exercise asks for" in said and "is no notebook" in said
