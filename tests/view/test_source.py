"""The library's own source, shown as it is written."""

import html
import re

import pytest

from minigrad import ops
from minigrad.view import show
from minigrad.view.source import Source


def test_a_function_is_shown_as_it_is_written():
    assert repr(show(ops.neg)) == 'def neg(x):\n    """-x."""\n    return -x, lambda g: -g'


def test_a_method_is_moved_to_the_margin():
    class Layer:
        def forward(self):
            return 1

    assert repr(show(Layer.forward)).startswith("def forward(self):\n    return 1")


def test_a_notebook_gets_the_same_text_coloured():
    shown = show(ops.neg)._repr_html_()

    assert html.unescape(re.sub("<[^>]+>", "", shown)) == repr(show(ops.neg))
    for part in (">def<", ">&quot;&quot;&quot;-x.&quot;&quot;&quot;<", ">lambda<"):
        assert part in shown


def test_a_keyword_in_a_string_or_a_comment_is_no_keyword():
    shown = Source('x = "if"  # or not')._repr_html_()

    assert re.findall("<span[^>]*>(.*?)</span>", shown) == ["&quot;if&quot;", "# or not"]


def test_what_has_no_source_is_refused_by_name():
    with pytest.raises(TypeError, match="show is for functions, classes and modules written in Python, and got a int"):
        show(3)
