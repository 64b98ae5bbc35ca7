"""An answer goes along with what it uses, and nothing else."""

import linecache
import math as maths

import numpy as np
import pytest

from minigrad.study.portable import NotPortable, portable

SCALE = 3
UNUSED = 4
OPEN = open


def root(x):
    return maths.sqrt(x)


def scaled(x):
    return SCALE * root(x)


def answer(values):
    return np.array([scaled(value) for value in values])


def countdown(n):
    return 0 if n == 0 else countdown(n - 1)


class Answer:
    factor = SCALE

    def give(self, x):
        return self.factor * scaled(x)


stream = np.random.default_rng(0)


def drawing():
    return stream.normal()


def run(thing):
    names = {"__name__": "elsewhere"}
    exec(portable(thing), names)
    return names[thing.__name__]


def test_helpers_constants_and_imports_go_along():
    assert run(answer)([4.0]).tolist() == [6.0]
    assert "UNUSED" not in portable(answer)


def test_a_function_may_call_itself():
    assert run(countdown)(5) == 0


def test_a_local_variable_is_not_taken_for_a_global_of_its_name():
    def halved(stream):
        return [part / 2 for part in stream]

    assert "default_rng" not in portable(halved) and run(halved)([4.0]) == [2.0]


def test_a_class_of_a_notebook_cell_is_found_by_its_methods():
    text = "class Cell:\n    def give(self):\n        return 7\n"
    names = {"__name__": "__main__"}
    exec(compile(text, "<cell 1>", "exec"), names)
    linecache.cache["<cell 1>"] = len(text), None, text.splitlines(keepends=True), "<cell 1>"

    assert run(names["Cell"])().give() == 7


def test_a_class_goes_with_what_its_methods_use():
    assert run(Answer)().give(4.0) == 18.0


def test_what_cannot_be_written_down_is_refused_by_name():
    with pytest.raises(NotPortable, match="it uses stream"):
        portable(drawing)
