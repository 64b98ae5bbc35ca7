"""Honest answers of every make keep their marks: what a learner's own check accepts, the grader accepts, and no more.

The law of this file: the sandbox's verdict on an answer is the judge's, wherever the answer was not made to deceive.
"""

import sys

import pytest
from grade import honest_answers

from minigrad.grade import sandbox, values
from minigrad.grade.sandbox import Limits
from minigrad.study import chapters
from minigrad.study.judge import judge

SEED = 3
KEYS = ("01_tensors/contiguous_strides", "01_tensors/flat_index", "01_tensors/is_view", "01_tensors/one_hot")
KEYS += ("02_forward/relu", "04_backprop/tanh", "04_backprop/matmul", "04_backprop/numerical_gradient")
KEYS += ("06_optimizers/cosine_schedule", "06_optimizers/momentum", "07_modules/Linear")
EXERCISES = {exercise.name: exercise for exercise in chapters.exercises() if exercise.key in KEYS}
NUMPY = "import numpy as np\n"
LIBRARY = {"relu": "import minigrad as mg\n", "one_hot": "import minigrad as mg\n"}
LIBRARY |= {"Linear": "import minigrad as mg\nfrom minigrad import nn\n"}
FUTURE = "from __future__ import annotations\n"


@pytest.fixture(scope="module", params=[sandbox.Bubblewrap, sandbox.Landlock], ids=lambda tier: tier.name)
def each_tier(request):
    return there(request.param())


@pytest.fixture(scope="module")
def tier():
    return there(sandbox.Landlock())


def there(box):
    if sys.platform != "linux" or box.missing():
        pytest.skip(box.missing() or "for Linux")
    return box


def whole(name, text):
    """An answer's text as a notebook would have it, with its imports."""
    future = FUTURE if FUTURE in text else ""
    return future + NUMPY + LIBRARY.get(name, "") + text.replace(FUTURE, "")


def accepts(name, text):
    """Whether a learner's own check accepts an answer."""
    names = {"__name__": "__main__"}
    exec(compile(text, "<an answer>", "exec"), names)
    return bool(judge(EXERCISES[name], names[name], SEED))


@pytest.fixture
def as_before(monkeypatch, tmp_path):
    """What answers do to the process of the judge is undone."""
    import numpy as np

    monkeypatch.chdir(tmp_path)
    limit, errors = sys.getrecursionlimit(), np.geterr()
    yield
    sys.setrecursionlimit(limit)
    np.seterr(**errors)


@pytest.mark.parametrize("title", honest_answers.right())
def test_an_honest_answer_keeps_its_marks(title, tier, as_before, capfd):
    name, text = honest_answers.right()[title]
    text = whole(name, text)

    assert accepts(name, text)
    verdict = values.verify(EXERCISES[name], text, SEED, tier)
    assert verdict, verdict


@pytest.mark.parametrize("title", honest_answers.wrong())
def test_what_the_judge_refuses_is_refused(title, tier, as_before):
    name, text = honest_answers.wrong()[title]
    text = whole(name, text)

    assert not accepts(name, text)
    assert not values.verify(EXERCISES[name], text, SEED, tier)


RESULTS = {
    "cosine_schedule": (
        *("float(out)", "np.float64(out)", "np.float32(out)", "np.array(out)"),
        *("[out]", "np.array([out])", "str(out)", "np.longdouble(out)", "complex(out)"),
    ),
    "flat_index": (
        *("int(out)", "np.int32(out)", "np.uint64(out)", "float(out)", "np.array(out)", "np.float32(out)"),
        *("bool(out)", "(out,)"),
    ),
    "contiguous_strides": (
        *("list(out)", "np.array(out)", "dict(enumerate(out))", "tuple(map(float, out))", "iter(out)"),
        *("tuple(map(np.int64, out))", "np.array(out, 'int32')"),
    ),
    "is_view": ("np.bool_(out)", "int(out)", "np.array(out)", "str(out)"),
    "momentum": (
        *("list(out)", "tuple(np.asfortranarray(a) for a in out)", "tuple(np.float64(a) for a in out)"),
        *("tuple(a.tolist() for a in out)", "tuple(np.ma.array(a) for a in out)", "out[0]"),
        "tuple(np.repeat(a, 2, axis=-1)[..., ::2] for a in out)",
    ),
}


@pytest.mark.parametrize("name", RESULTS)
def test_results_of_another_kind_are_right_where_the_judge_takes_them(name, tier):
    for form in RESULTS[name]:
        text = f"import math\nimport numpy as np\n{EXERCISES[name].source}\ninner = {name}\n"
        text += f"def {name}(*inputs, **options):\n    out = inner(*inputs, **options)\n    return {form}\n"

        assert bool(values.verify(EXERCISES[name], text, SEED, tier)) == accepts(name, text), form


SLOW = """
import time

def {name}(x):
    end = {clock} + 2
    while {clock} < end:
        time.sleep({pause})
    {rest}
"""
TANH, RELU = "out = np.tanh(x)\n    return out, lambda g: g * (1 - out * out)", "return x.clamp(min=0)"


def test_a_slow_answer_has_its_time_for_every_case(tier):
    text = whole("tanh", SLOW.format(name="tanh", clock="time.monotonic()", pause=1, rest=TANH))

    verdict = values.verify(EXERCISES["tanh"], text, SEED, tier, Limits(wall=6.0, cpu=6))

    assert verdict, verdict


@pytest.mark.slow
@pytest.mark.parametrize("clock, pause", [("time.monotonic()", 1), ("time.process_time()", 0)])
def test_an_answer_that_takes_two_seconds_a_case_keeps_its_marks(each_tier, clock, pause):
    text = whole("relu", SLOW.format(name="relu", clock=clock, pause=pause, rest=RELU))

    assert accepts("relu", text)
    verdict = values.verify(EXERCISES["relu"], text, SEED, each_tier)
    assert verdict, verdict


def test_an_endless_loop_is_told_as_what_it_is(tier, monkeypatch):
    monkeypatch.setattr(values, "PATIENCE", 1)

    verdict = values.verify(EXERCISES["tanh"], whole("tanh", honest_answers.ENDLESS), SEED, tier)

    assert verdict.state == "too slow"
    assert "after 1 seconds" in f"{verdict.said} {verdict.why}"
