"""Honest answers of every make keep their marks: what a learner's own check accepts, the grader accepts, and no more.

The law of this file: the sandbox's verdict on an answer is the judge's, wherever the answer was not made to deceive.
"""

import sys

import pytest

from minigrad.grade import sandbox, values
from minigrad.grade.sandbox import Limits
from minigrad.study import chapters
from minigrad.study.judge import judge

SEED = 3
EXERCISES = {exercise.key: exercise for exercise in chapters.exercises()}
RELU, TANH, LINEAR, ADAM = "02_forward/relu", "04_backprop/tanh", "07_modules/Linear", "06_optimizers/Adam"
STRIDES, INDEX, VIEW = "01_tensors/contiguous_strides", "01_tensors/flat_index", "01_tensors/is_view"
COSINE, ONE_HOT, SLOPE = "06_optimizers/cosine_schedule", "01_tensors/one_hot", "04_backprop/numerical_gradient"
MATMUL, MOMENTUM, BATCHES = "04_backprop/matmul", "06_optimizers/momentum", "08_data/batches"

RIGHT = {
    # ---- how it is written ----
    "a lambda": (RELU, "relu = lambda x: x.maximum(0)"),
    "a helper": (RELU, "def positive(x):\n    return x > 0\n\ndef relu(x):\n    return x * positive(x)"),
    "a partial": (RELU, "from functools import partial\nrelu = partial(lambda low, x: x.maximum(low), 0)"),
    "an object that is called": (
        RELU,
        "class Relu:\n    def __init__(self, low):\n        self.low = low\n    def __call__(self, x):\n        return x.maximum(self.low)\n\n"
        "relu = Relu(0)",
    ),
    "a bound method": (RELU, "class Layer:\n    def forward(self, x):\n        return x.maximum(0)\n\nrelu = Layer().forward"),
    "made by exec": (RELU, "exec('def relu(x):\\n    return x.maximum(0)')"),
    "made by a closure": (RELU, "def above(low):\n    def cut(x):\n        return x.maximum(low)\n    return cut\n\nrelu = above(0)"),
    "decorated": (
        RELU,
        "from functools import wraps\n\ndef logged(f):\n    @wraps(f)\n    def g(*x, **y):\n        return f(*x, **y)\n    return g\n\n"
        "@logged\ndef relu(x):\n    return x.maximum(0)",
    ),
    "cached": (STRIDES, "from functools import lru_cache\n\n@lru_cache(None)\ndef contiguous_strides(shape):\n"
               "    if not shape:\n        return ()\n    rest = contiguous_strides(shape[1:])\n"
               "    return (shape[1] * rest[0] if rest else 1, *rest)"),
    "a cache of its own": (
        INDEX,
        "SEEN = {}\n\ndef flat_index(index, strides):\n    key = (tuple(index), tuple(strides))\n    if key not in SEEN:\n"
        "        SEEN[key] = sum(i * s for i, s in zip(index, strides))\n    return SEEN[key]",
    ),
    "recursion": (
        STRIDES,
        "def contiguous_strides(shape):\n    if len(shape) < 2:\n        return (1,) * len(shape)\n"
        "    rest = contiguous_strides(shape[1:])\n    return (shape[1] * rest[0], *rest)",
    ),
    "type hints and a docstring": (
        RELU,
        'from __future__ import annotations\nfrom typing import Any\n\ndef relu(x: Tensor) -> Any:\n    """What is above 0.\n\n'
        '    >>> relu(-1)\n    0\n    """\n    out: Tensor = x.maximum(0)\n    return out',
    ),
    "a global that it changes": (RELU, "calls = 0\n\ndef relu(x):\n    global calls\n    calls += 1\n    return x.maximum(0)"),
    "a generator inside": (INDEX, "def flat_index(index, strides):\n    def parts():\n        for i, s in zip(index, strides):\n"
                           "            yield i * s\n    return sum(parts())"),
    "a dataclass": (
        RELU,
        "from dataclasses import dataclass\n\n@dataclass\nclass Cut:\n    low: float = 0.0\n    def __call__(self, x):\n"
        "        return x.maximum(self.low)\n\nrelu = Cut()",
    ),
    "gradients by objects": (
        TANH,
        "class Slope:\n    def __init__(self, out):\n        self.out = out\n    def __call__(self, g):\n"
        "        return g * (1 - self.out**2)\n\ndef tanh(x):\n    out = np.tanh(x)\n    return out, Slope(out)",
    ),
    "gradients by partial": (
        TANH,
        "from functools import partial\n\ndef slope(out, g):\n    return g * (1 - out * out)\n\n"
        "def tanh(x):\n    out = np.tanh(x)\n    return out, partial(slope, out)",
    ),
    # ---- how it behaves ----
    "one who prints": (RELU, "def relu(x):\n    for i in range(2000):\n        print('working', i)\n    return x.maximum(0)\nprint('x' * 10_000)"),
    "one who warns": (
        TANH,
        "import sys, warnings\n\ndef tanh(x):\n    warnings.warn('careful')\n    sys.stderr.write('careful\\n' * 100)\n"
        "    np.log(np.zeros(1) - 1)\n    out = np.tanh(x)\n    return out, lambda g: g * (1 - out * out)",
    ),
    "one who logs": (RELU, "import logging\nlogging.basicConfig(level=0)\n\ndef relu(x):\n    logging.warning('x')\n    return x.maximum(0)"),
    "one who uses threads": (
        RELU,
        "from concurrent.futures import ThreadPoolExecutor\n\ndef relu(x):\n    with ThreadPoolExecutor(2) as pool:\n"
        "        return pool.submit(lambda: x.maximum(0)).result()",
    ),
    "one who writes a file": (RELU, "def relu(x):\n    open('notes.txt', 'a').write('called')\n    return x.maximum(0)"),
    "one who seeds": (RELU, "np.random.seed(0)\n\ndef relu(x):\n    np.random.rand(3)\n    return x.maximum(0)"),
    "one who catches errors": (
        RELU, "def relu(x):\n    try:\n        return x.no_such_method()\n    except AttributeError:\n        return x.maximum(0)"),
    "one who raises the recursion limit": (RELU, "import sys\nsys.setrecursionlimit(10_000)\n\ndef relu(x):\n    return x.maximum(0)"),
    "one who sets NumPy's errors": (TANH, "np.seterr(all='raise')\n\ndef tanh(x):\n    out = np.tanh(x)\n    return out, lambda g: g * (1 - out**2)"),
    # ---- what it gives ----
    "another method": (TANH, "def tanh(x):\n    e = np.exp(-2 * np.abs(x))\n    out = np.sign(x) * (1 - e) / (1 + e)\n"
                       "    return out.astype(x.dtype), lambda g: (g / np.cosh(x) ** 2).astype(x.dtype)"),
    "another method for a tensor": (RELU, "def relu(x):\n    return (x + x.abs()) / 2"),
    "a list for a tuple": (STRIDES, "def contiguous_strides(shape):\n    out, step = [], 1\n    for n in reversed(shape):\n"
                           "        out.insert(0, step)\n        step *= n\n    return out"),
    "numpy's integers": (STRIDES, "def contiguous_strides(shape):\n"
                         "    return tuple(np.cumprod([1, *shape[:0:-1]], dtype=int)[::-1][: len(shape)])"),
    "numpy's integer": (INDEX, "def flat_index(index, strides):\n    return np.dot(np.array(index, int), np.array(strides, int))"),
    "an array without axes for a number": (COSINE, None),
    "turned round in memory": (MATMUL, "def matmul(x, y):\n    return np.asfortranarray(x @ y), lambda g: np.asfortranarray(g @ np.swapaxes(y, -1, -2)), "
                               "lambda g: np.swapaxes(np.swapaxes(g, -1, -2) @ x, -1, -2)"),
    "a class that inherits": (
        LINEAR,
        "class Base(nn.Module):\n    def forward(self, x):\n        out = x @ self.weight.T\n"
        "        return out if self.bias is None else out + self.bias\n\n"
        "class Linear(Base):\n    def __init__(self, in_features, out_features, bias=True):\n        bound = in_features**-0.5\n"
        "        self.weight = nn.Parameter(mg.empty(out_features, in_features))\n"
        "        self.bias = nn.Parameter(mg.empty(out_features)) if bias else None\n"
        "        for p in self.parameters():\n            nn.init.uniform_(p, -bound, bound)",
    ),
}  # fmt: skip
WRONG = {
    "nothing": (RELU, "def relu(x):\n    x.maximum(0)"),
    "another type": (TANH, "def tanh(x):\n    out = np.tanh(x.astype('float64'))\n    return out, lambda g: g * (1 - out * out)"),
    "into what it was given": (TANH, "def tanh(x):\n    np.tanh(x, out=x)\n    return x, lambda g: g * (1 - x * x)"),
    "no gradient": (TANH, "def tanh(x):\n    return np.tanh(x)"),
    "an array for a tensor": (RELU, "def relu(x):\n    return np.maximum(x.numpy(), 0)"),
    "an error": (RELU, "def relu(x):\n    return x / undefined"),
    "not started": (RELU, 'def relu(x):\n    raise NotImplementedError("relu: not started yet")'),
    "a number for an array": (SLOPE, "def numerical_gradient(f, x):\n    return 1.0"),
    "a number too large for its type": (ONE_HOT, "def one_hot(indices, classes):\n    return 10 ** 400"),
    "a number for a bool": (VIEW, "def is_view(*arrays):\n    return 1"),
    "an endless loop": (RELU, "def relu(x):\n    while True:\n        pass"),
}
BEFORE = "import numpy as np\nimport minigrad as mg\nfrom minigrad import nn\n"
LIBRARY = {RELU, LINEAR, ADAM, ONE_HOT}


@pytest.fixture(scope="module", params=[sandbox.Bubblewrap, sandbox.Landlock], ids=lambda tier: tier.name)
def tier(request):
    box = request.param()
    if sys.platform != "linux" or box.missing():
        pytest.skip(box.missing() or "for Linux")
    return box


@pytest.fixture(scope="module")
def any_tier():
    for kind in (sandbox.Landlock, sandbox.Bubblewrap):
        if sys.platform == "linux" and not kind().missing():
            return kind()
    pytest.skip("no tier here")


def whole(key, text):
    """An answer's text as it stands in a notebook; the reference's, where there is none."""
    before = BEFORE if key in LIBRARY else BEFORE.partition("\n")[0] + "\n"
    future = "from __future__ import annotations\n"
    text = text or f"import math\n{EXERCISES[key].source}"
    return (future if future in text else "") + before + text.replace(future, "")


def judged(key, text):
    """Whether a learner's own check accepts an answer."""
    names = {"__name__": "__main__"}
    exec(compile(text, "<an answer>", "exec"), names)
    return bool(judge(EXERCISES[key], names[EXERCISES[key].name], SEED))


@pytest.mark.parametrize("name", RIGHT)
def test_an_honest_answer_keeps_its_marks(any_tier, name, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    key, text = RIGHT[name]
    text = whole(key, text)

    assert judged(key, text)
    assert values.verify(EXERCISES[key], text, SEED, any_tier)


@pytest.mark.parametrize("name", WRONG)
def test_what_the_judge_refuses_is_refused(any_tier, name, monkeypatch):
    monkeypatch.setattr("minigrad.study.trying.SECONDS", 1)
    key, text = WRONG[name]
    text = whole(key, text)

    assert not (name != "an endless loop" and judged(key, text))
    assert not values.verify(EXERCISES[key], text, SEED, any_tier)


RESULTS = {
    COSINE: ("float({})", "np.float64({})", "np.float32({})", "np.array({})", "[{}]", "np.array([{}])", "str({})", "np.longdouble({})"),
    INDEX: ("int({})", "np.int32({})", "np.uint8({})", "float({})", "np.array({})", "np.float32({})", "bool({})", "({},)"),
    STRIDES: ("tuple({})", "list({})", "np.array({})", "dict(enumerate({}))", "tuple(map(float, {}))", "iter({})",
              "tuple(map(np.int64, {}))", "np.array({}, 'int32')"),
    VIEW: ("bool({})", "np.bool_({})", "int({})", "np.array({})", "str({})"),
    MOMENTUM: ("{}", "list({})", "tuple(np.asfortranarray(a) for a in {})", "tuple(a[...] for a in {})",
               "tuple(np.float64(a) for a in {})", "tuple(a.tolist() for a in {})", "tuple(np.ma.array(a) for a in {})",
               "tuple(np.repeat(a, 2, axis=-1)[..., ::2] for a in {})"),
}  # fmt: skip


@pytest.mark.parametrize("key", RESULTS)
def test_results_of_other_kinds_are_right_where_the_judge_takes_them(any_tier, key):
    name, source = EXERCISES[key].name, EXERCISES[key].source
    for form in RESULTS[key]:
        text = f"import math\nimport numpy as np\n{source}\ninner = {name}\n"
        text += f"def {name}(*x, **y):\n    out = inner(*x, **y)\n    return {form.format('out')}\n"
        assert bool(values.verify(EXERCISES[key], text, SEED, any_tier)) == judged(key, text), form


def test_a_slow_answer_has_its_time_for_every_case(any_tier):
    key, text = TANH, "import time\n\ndef tanh(x):\n    time.sleep(2)\n    out = np.tanh(x)\n    return out, lambda g: g * (1 - out**2)"

    verdict = values.verify(EXERCISES[key], whole(key, text), SEED, any_tier, Limits(wall=6.0, cpu=6))

    assert verdict, verdict


@pytest.mark.slow
@pytest.mark.parametrize("clock", ["time.monotonic()", "time.process_time()"])
def test_an_answer_that_takes_two_seconds_a_case_keeps_its_marks(tier, clock):
    text = f"import time\n\ndef relu(x):\n    end = {clock} + 2\n    while {clock} < end:\n        pass\n    return x.maximum(0)"

    assert judged(RELU, whole(RELU, text))
    assert values.verify(EXERCISES[RELU], whole(RELU, text), SEED, tier)
