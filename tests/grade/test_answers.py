"""Answers are found by name, whatever became of the notebook around them."""

import random
import time

import numpy as np
import pytest

from minigrad.grade.answers import Answers
from minigrad.grade.pristine import SOLUTIONS
from minigrad.grade.reader import read
from minigrad.study.chapters import NAMES


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


# ---- how an answer may be written ----


@pytest.mark.parametrize(
    "cell",
    [
        "def f(x): return x + 1",
        "f = lambda x: x + 1",
        "def my_f(x): return x + 1\nf = my_f",
        "from functools import partial\ndef add(x, y): return x + y\nf = partial(add, 1)",
        "class f:\n    def __new__(cls, x): return x + 1",
        "import functools\ndef f(x): return x + 1\nf = functools.cache(f)",
        "def twice(function):\n    return lambda x: function(x) - 1\n\n@twice\ndef f(x): return x + 2",
        "if True:\n    def f(x):\n        return x + 1\n    check(f)",
        "if True: f = lambda x: x + 1; check(f); hint(f)",
        "try:\n    import nothing_of_this_name as one\nexcept ImportError:\n    one = 1\ndef f(x): return x + one",
        "with open(__import__('os').devnull):\n    def f(x): return x + 1\n    check(\n        f,\n        seed=1)",
        "if __name__ == '__main__':\n    def f(x): return x + 1",
        "async def g(): pass\ndef f(x): return x + (g.__name__ == 'g')",
        "f, other = (lambda x: x + 1), 2",
        "[*_, f] = [1, lambda x: x + 1]",
        "(f := lambda x: x + 1)",
        "[f := (lambda x: x + 1) for _ in [1]]",
        "for f in [lambda x: x, lambda x: x + 1]: pass",
        "ONE = 1\ndef f(x, one=ONE): return x + one",
        "class Number(int): pass\ndef f(x: Number) -> Number: return x + 1",
        "T = [1, 2]\ndel T[0]\nT.append(1)\nT.sort()\ndef f(x): return x + T[0]",
        "T = {}\nfor i in range(3):\n    T[i] = i + 1\ndef f(x): return T[x]",
        "T = [i + 1 for i in range(9)]\ndef f(x): return T[x]",
        "count = 0\ndef f(x):\n    global count\n    count += 1\n    return x + count",
        "def ready():\n    global ONE\n    ONE = 1\nready()\ndef f(x): return x + ONE",
        "class f:\n    pass\ndef new(cls, x): return x + 1\nf.__new__ = new",
        "class f:\n    pass\nsetattr(f, '__new__', lambda cls, x: x + 1)",
        "import functools\n@functools.singledispatch\ndef f(x): pass\n@f.register\ndef _(x: int): return x + 1",
        "ONE: int = 1\nONE: int\ndef f(x): return x + ONE",
        "match [1, 2]:\n    case [one, *_]: pass\ndef f(x): return x + one",
        "from math import *\ndef f(x): return floor(x + 1.5)",
        "from nothing_of_this_name import *\ndef f(x): return x + len('1')",
        "import torch_of_somebody, math\ndef f(x): return x + math.ceil(0.5)",
        "import xml.dom\nimport xml.etree\ndef f(x): return x + (xml.dom is not xml.etree)",
        "sum = 3\ndel sum\ndef f(x): return sum([x, 1])",
        "K = 1\nT = [K] * 3\nK = 2\ndef f(x): return x + T[0]",
        "def f(x): return x + helper()\ndef helper(): return ONE\nONE = 1",
        "text = '''\n%no magic\n!nor this\n'''\n!ls\ndef f(x): return x + text.count('%')",
        "### BEGIN SOLUTION\ndef f(x):\n    # %%\n    return x + 1\n### END SOLUTION",
        "    def f(x):\n        return x + 1\n    assert f(1) == 2",
        ">>> def f(x):\n...     return x + 1\n",
        '#@title Answer { display-mode: "form" }\ndef f(x): return x + 1',
        "%%time\ndef f(x): return x + 1",
        "\n%%capture out\n%%time\n%matplotlib inline\ndef f(x): return x + 1",
        "%time ONE = 1\ndef f(x): return x + ONE",
        "here = !ls (\nthere = %pwd\nnp.sum?\n?np\n!pip install \\\n    numpy\ndef f(x): return x + 1",
        "if True:\n    !ls 'it\n    def f(x): return x + 1",
        "x = 'é'; f = lambda x: x + 1; y = 2",
        "page = '\f'\nline = '\u2028'\ndef f(x): return x + len(page)",
        "from __future__ import annotations\nimport math\ndef f(x: Nothing): return x + 1",
        "def f(x): return x + 1\nx = undefined_name",
        "def f(x): return x + 1\ndel f",
    ],
)
def test_an_answer_may_be_written_in_many_ways(cell):
    assert value_of("f", [cell])(1) == 2


def test_magics_of_another_language_make_a_cell_no_python_and_no_problem():
    for magic in ("%%bash", "%%html", "%%writefile a.py", "%%timeit", "%%javascript", "%%"):
        answers = Answers([f"{magic}\ndef f(): return 1"])
        assert not answers.defines("f") and not answers.problems


def test_an_argument_or_local_name_is_not_the_notebooks_variable_of_that_name():
    cells = ["x = undefined\ny = undefined\nT = undefined", "def f(x):\n    y = x\n    return [T for T in [y]]"]

    assert value_of("f", cells)(3) == [3]


def test_checks_prints_and_tests_stay_behind():
    cells = [
        "def f(x): return x",
        "check(f)\nhint(f)\nprint(f(1))\nassert f(1) == 2",
        "for x in [1]:\n    assert f(x) == 2",
        "try:\n    f(None)\nexcept TypeError as error:\n    raise",
        "f.__call__(3)\nresult = f(1) / 0",
        "f.update(3)",
    ]

    assert Answers(cells).text_of("f") == "def f(x): return x"


def test_an_answer_survives_a_later_variable_of_its_name():
    cells = ["def log(x): return 1", "log = []", "for log in range(3): pass", "log += 1", "from math import *"]

    assert value_of("log", cells)(2) == 1
    assert Answers(["log = []"]).text_of("log") == "log = []"


def test_a_star_import_is_no_answer():
    assert not Answers(["from math import *"]).defines("exp")
    assert not Answers(["from minigrad.study import *"]).defines("check")


def test_names_of_a_star_import_come_along_only_where_they_are_used():
    cells = [
        "from math import *\nfrom minigrad.study import *",
        "def f(x): return pow(x, 2)",
        "def g(x): return len(x)",
    ]

    assert isinstance(value_of("f", cells)(3), float)  # as math has it
    assert "import" not in Answers(cells).text_of("g")


def test_a_definition_under_a_condition_leaves_the_one_before_it():
    assert value_of("f", ["def f(): return 1", "if 1 > 2:\n    def f(): return 2"])() == 1


def test_what_runs_at_once_sees_names_as_they_were_and_functions_as_they_are_at_last():
    cells = ["K = 1", "def k(): return K", "first = k()", "K = 2", "def f(): return first, K"]

    assert value_of("f", cells)() == (1, 2)


def test_cells_that_were_run_in_another_order_are_put_in_order():
    cells = ["def f(x=B): return x, T", "T = made(B)", "def made(x): return [x, A]", "B = A + 1", "A = 1"]

    assert value_of("f", cells)() == (2, [2, 1])


def test_the_order_of_the_courses_own_cells_does_not_matter():
    for chapter in NAMES:
        sources = read(SOLUTIONS / f"{chapter}.ipynb")
        forwards, backwards = Answers(sources), Answers(sources[::-1])
        assert not forwards.problems
        for name in forwards.own:
            if f"check({name})" in sources:
                there = set(forwards.text_of(name).split("\n\n"))
                assert there == set(backwards.text_of(name).split("\n\n"))


def test_a_syntax_error_costs_its_own_cell():
    answers = Answers(["def f(): return 1", "def f(:", "def g(): return (", "nonlocal f", "def h(): return 1"])

    assert answers.defines("f") and answers.defines("h") and not answers.defines("g")
    assert [problem.partition(" (")[0] for problem in answers.problems] == [
        f"code cell {number} is not Python" for number in (2, 3, 4)
    ]


# ---- hostile text ----

MEGABYTE = 1 << 20
UNITS = [
    *("(", "[", "{", "x=1\n", "1;", "-", "not ", "lambda:", "1+", "a.b.", "f()", "x if x else ", "if 1:\n x\n", "a**"),
    *(
        "elif 1:\n x\n",
        "'''a\n",
        "!ls\n",
        "x?\n",
        "f=!ls\n",
        "\\\n",
        "'",
        "f'{",
        "%%time\n",
        ">>> f\n",
        "\f",
        "\\",
        "@a\n",
    ),
]


@pytest.mark.parametrize("unit", UNITS)
def test_a_megabyte_of_anything_is_an_answer_or_a_problem_and_soon(unit):
    start = time.process_time()
    Answers([unit * (MEGABYTE // len(unit)), "def f(): return 1"]).text_of("f")
    Answers([unit * 3000 + "1", "def f(): return 1"]).text_of("f")

    assert time.process_time() - start < 10  # of hours, when a loop is in a loop


@pytest.mark.parametrize(
    "cell",
    [
        "f = 0\n" + "f += 1\n" * 3_000,
        "f = g\ng = f\n" * 3_000,
        "f = f + g\ng = g + f\n" * 2_000,
        "".join(f"def f{i}(): return f{i + 1}\n" for i in range(3_000)) + "f = f0",
        "".join(f"f{i} = f{i + 1}()\n" for i in range(3_000)) + "f = f0",
        "f = 1; " * 5_000,
        "if 1: " + "check(f); " * 5_000 + "f = 1",
    ],
)
def test_entangled_statements_end(cell):
    start = time.process_time()

    assert Answers([cell]).text_of("f")
    assert time.process_time() - start < 10


@pytest.mark.parametrize(
    "cell", ["x = \0", "x = '\ud800'", "x = 1\r\ny = 2", "\ufeffx = 1", "1" * 10_000, "0x" + "f" * 10_000]
)
def test_odd_characters_are_no_crash(cell):
    Answers([cell]).text_of("x")


def test_python_itself_does_not_warn_the_teacher_of_what_students_write(recwarn):
    Answers([r"def f(): return '\d' is 1"]).text_of("f")

    assert not recwarn.list


def test_names_of_numpy_are_known(tmp_path):
    assert np.allclose(value_of("f", ["from numpy import *\ndef f(x): return arange(x)"])(2), [0, 1])


def test_any_soup_of_words_and_signs_is_answers_or_problems():
    words = "( [ { ) ] } , : = + ** * @ := . ; \\ # ! % ? f 1 'a f'{ '''"
    words += " not lambda if else for in with as try def class import from"
    draw = random.Random(0)
    for _ in range(1_000):
        cell = " ".join(draw.choices([*words.split(), "\n", "\n    ", "f"], k=draw.choice([3, 10, 60])))
        Answers([cell * draw.choice([1, 1, 30])]).text_of("f")
