"""Answers are found by name, whatever became of the notebook around them."""

import json

import pytest

from minigrad.grade.answers import Answers
from minigrad.grade.reader import Unreadable, read


def value_of(name, cells, given=()):
    names = {}
    exec(Answers(cells).text_of(name, given), names)
    return names[name]


def test_the_last_definition_counts():
    assert value_of("f", ["def f(): return 1", "def f(): return 2"])() == 2


def test_helpers_imports_and_constants_go_along_and_nothing_else_does():
    cells = [
        "import math\nOTHER = 1",
        "K = 2\n\ndef helper(x): return math.sqrt(x) * K",
        "def f(x):\n    return helper(x)",
    ]

    assert value_of("f", cells)(4) == 4.0
    assert "OTHER" not in Answers(cells).text_of("f")


def test_a_table_that_is_filled_line_by_line_goes_along():
    assert value_of("f", ["T = {}", "T['a'] = 1\nT['b'] = 2", "def f(): return T"])() == {"a": 1, "b": 2}


def test_recursion_and_helpers_that_call_each_other_end():
    cells = ["def even(n): return n == 0 or odd(n - 1)\ndef odd(n): return n != 0 and even(n - 1)"]

    assert value_of("even", cells)(4)


def test_a_lambda_and_a_decorated_function_are_answers():
    cells = ["f = lambda: 1", "import functools\n\n@functools.cache\ndef g(): return 2"]

    assert value_of("f", cells)() == 1 and value_of("g", cells)() == 2


def test_what_is_given_in_the_pristine_notebook_is_not_taken_along():
    assert "import numpy" not in Answers(["import numpy as np", "def f(): return np.e"]).text_of("f", {"np"})


def test_magics_are_no_obstacle_and_cells_that_are_no_python_are_told():
    answers = Answers(["%matplotlib inline\ndef f(): return 1", "def g(:"])

    assert answers.defines("f") and not answers.defines("g")
    assert answers.problems[0].startswith("code cell 2 is not Python")


def notebook(tmp_path, text):
    path = tmp_path / "a.ipynb"
    path.write_bytes(text)
    return path


def test_old_notebooks_byte_order_marks_and_lines_as_lists_are_read(tmp_path):
    new = {
        "cells": [{"cell_type": "code", "source": ["x = 1\n", "y = 2"]}, {"cell_type": "markdown", "source": "text"}]
    }
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": "z = 3"}]}]}

    assert read(notebook(tmp_path, b"\xef\xbb\xbf" + json.dumps(new).encode())) == ["x = 1\ny = 2"]
    assert read(notebook(tmp_path, json.dumps(old).encode())) == ["z = 3"]


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"cells": 3}', b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_notebook_is_told(tmp_path, text):
    with pytest.raises(Unreadable, match="is no notebook that can be read"):
        read(notebook(tmp_path, text))
