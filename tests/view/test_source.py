"""The library's own source, shown as it is written."""

import pytest

from minigrad import ops
from minigrad.view import show


def test_a_function_is_shown_as_it_is_written():
    assert repr(show(ops.neg)) == 'def neg(x):\n    """-x."""\n    return -x, lambda g: -g'


def test_a_method_is_moved_to_the_margin():
    class Layer:
        def forward(self):
            return 1

    assert repr(show(Layer.forward)).startswith("def forward(self):\n    return 1")


def test_a_notebook_gets_it_as_python_to_colour():
    assert show(ops.neg)._repr_markdown_().startswith("```python\ndef neg(x):")


def test_what_has_no_source_is_refused_by_name():
    with pytest.raises(TypeError, match="show is for functions, classes and modules written in Python, and got a int"):
        show(3)
