"""README tells the truth: its examples run and print what they say, its tables and its picture come from the repo."""

import contextlib
import io
import re

import pytest

import minigrad as mg
from course import readme


@pytest.mark.parametrize("number", [0, 1])
def test_an_example_prints_what_it_says(number):
    code = readme.examples()[number]
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(code, {})
    expected = re.findall(r"print\(.*\)  # (.*)", code)
    printed = re.sub(r"\],\n *\[", "], [", said.getvalue()).splitlines()

    assert len(expected) == len(printed) == 3
    for says, prints in zip(expected, printed, strict=True):
        assert says == prints or round(float(prints), 4) == float(says)


def test_the_op_it_shows_is_the_one_that_runs():
    import inspect

    assert inspect.getsource(mg.ops.mul) == readme.examples()[2]


def test_its_tables_come_from_the_logs_and_the_notebooks():
    text = readme.README.read_text(encoding="utf-8")

    assert readme.updated(text) == text


def test_its_picture_is_the_graph_of_its_first_example():
    assert readme.picture() == readme.PICTURE.read_text(encoding="utf-8")


def test_every_file_it_names_is_there():
    text = readme.README.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)]*)\)", text)
    paths = re.findall(r"`((?:course|benchmarks|tests|notebooks)/[\w./]*|LICENSE[\w-]*|start\.py)`", text)

    assert links
    assert paths
    for path in links + paths:
        assert (readme.ROOT / path).exists(), path
