"""Honest answers of every make, right and wrong ones, as cells of a notebook: `right()` and `wrong()` give them.

Above each stands which exercise it answers, and what about it might trouble a grader.
"""

import re

RIGHT = '''
#---- relu: a lambda
relu = lambda x: x.clamp(min=0)

#---- relu: a helper
def low(x):
    return x < 0

def relu(x):
    return mg.where(low(x), 0, x)

#---- relu: a partial
from functools import partial

def cut(low, x):
    return x.clamp(min=low)

relu = partial(cut, 0)

#---- relu: an object that is called
class Relu:
    def __init__(self, low):
        self.low = low

    def __call__(self, x):
        return x.clamp(min=self.low)

relu = Relu(0)

#---- relu: a bound method
class Layer:
    def forward(self, x):
        return x.clamp(min=0)

relu = Layer().forward

#---- relu: made by exec
exec("def relu(x): return x.clamp(min=0)")

#---- relu: made by a closure
def above(low):
    def cut(x):
        return x.clamp(min=low)
    return cut

relu = above(0)

#---- relu: decorated
from functools import wraps

def logged(function):
    @wraps(function)
    def inner(*inputs, **options):
        return function(*inputs, **options)
    return inner

@logged
def relu(x):
    return x.clamp(min=0)

#---- relu: a class that stands for a function
class relu:
    def __new__(cls, x):
        return x.clamp(min=0)

#---- contiguous_strides: cached
from functools import lru_cache

@lru_cache(None)
def contiguous_strides(shape):
    if len(shape) < 2:
        return (1,) * len(shape)
    rest = contiguous_strides(shape[1:])
    return (shape[1] * rest[0], *rest)

#---- flat_index: a cache of its own
SEEN = {}

def flat_index(index, strides, offset=0):
    key = (tuple(index), tuple(strides), offset)
    if key not in SEEN:
        SEEN[key] = offset + sum(i * s for i, s in zip(index, strides))
    return SEEN[key]

#---- relu: type hints and a docstring
from __future__ import annotations
from typing import Any

def relu(x: NobodyKnows) -> Any:
    """What is above 0.

    >>> relu(-1)
    0
    """
    out: NobodyKnows = x.clamp(min=0)
    return out

#---- relu: a global that it changes
calls = 0

def relu(x):
    global calls
    calls += 1
    return x.clamp(min=0)

#---- flat_index: a generator inside
def flat_index(index, strides, offset=0):
    def parts():
        yield offset
        for i, s in zip(index, strides):
            yield i * s
    return sum(parts())

#---- relu: a dataclass
from dataclasses import dataclass

@dataclass
class Cut:
    low: int = 0

    def __call__(self, x):
        return x.clamp(min=self.low)

relu = Cut()

#---- relu: a named tuple and an enumeration
from collections import namedtuple
from enum import Enum

Pair = namedtuple("Pair", "low high")

class Side(Enum):
    LOW = 0

def relu(x):
    return x.clamp(min=Pair(Side.LOW.value, 1).low)

#---- tanh: gradients by objects
class Slope:
    def __init__(self, out):
        self.out = out

    def __call__(self, g):
        return g * (1 - self.out**2)

def tanh(x):
    out = np.tanh(x)
    return out, Slope(out)

#---- tanh: gradients by a partial
from functools import partial

def slope(out, g):
    return g * (1 - out * out)

def tanh(x):
    out = np.tanh(x)
    return out, partial(slope, out)

#---- relu: one who prints
def relu(x):
    for i in range(2000):
        print("working", i)
    return x.clamp(min=0)

print("x" * 100_000)

#---- tanh: one who warns
import sys
import warnings

def tanh(x):
    warnings.warn("careful")
    sys.stderr.write("careful" * 100)
    np.log(np.zeros(1) - 1)
    out = np.tanh(x)
    return out, lambda g: g * (1 - out * out)

np.log(np.zeros(1))

#---- relu: one who logs
import logging

def relu(x):
    logging.warning("x")
    return x.clamp(min=0)

#---- relu: one who uses threads
from concurrent.futures import ThreadPoolExecutor

def relu(x):
    with ThreadPoolExecutor(2) as pool:
        return pool.submit(x.clamp, min=0).result()

#---- relu: one who writes a file
def relu(x):
    with open("notes.txt", "a") as file:
        file.write("called")
    return x.clamp(min=0)

#---- relu: one who seeds and draws
np.random.seed(0)

def relu(x):
    np.random.rand(3)
    return x.clamp(min=0)

#---- relu: one who catches errors
def relu(x):
    try:
        return x.no_such_method()
    except AttributeError:
        return x.clamp(min=0)

#---- relu: one who raises the recursion limit
import sys

sys.setrecursionlimit(10_000)

def relu(x, depth=2000):
    return relu(x, depth - 1) if depth else x.clamp(min=0)

#---- tanh: one who sets NumPy's errors
np.seterr(all="ignore")

def tanh(x):
    out = np.tanh(x)
    return out, lambda g: g * (1 - out**2)

#---- relu: one who defines what comes first last
def relu(x):
    return cut(x)

def cut(x):
    return x.clamp(min=0)

#---- tanh: another method
def tanh(x):
    e = np.exp(-2 * np.abs(x))
    out = np.sign(x) * (1 - e) / (1 + e)
    return out.astype(x.dtype), lambda g: (g / np.cosh(x) ** 2).astype(x.dtype)

#---- contiguous_strides: a list for a tuple
def contiguous_strides(shape):
    out, step = [], 1
    for n in reversed(shape):
        out.insert(0, step)
        step *= n
    return out

#---- contiguous_strides: NumPy's integers
def contiguous_strides(shape):
    return tuple(np.cumprod([1, *shape[:0:-1]], dtype=int)[::-1][: len(shape)])

#---- flat_index: NumPy's integer
def flat_index(index, strides, offset=0):
    return offset + np.dot(np.array(index, int), np.array(strides, int))

#---- matmul: turned round in memory
def matmul(x, y):
    turned = np.asfortranarray
    return turned(x @ y), lambda g: turned(g @ y.swapaxes(-1, -2)), lambda g: (g.swapaxes(-1, -2) @ x).swapaxes(-1, -2)

#---- Linear: a class that inherits
class Base(nn.Module):
    def forward(self, x):
        out = x @ self.weight.T
        return out if self.bias is None else out + self.bias

class Linear(Base):
    def __init__(self, in_features, out_features, bias=True):
        bound = in_features**-0.5
        self.weight = nn.Parameter(mg.empty(out_features, in_features))
        self.bias = nn.Parameter(mg.empty(out_features)) if bias else None
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)
'''

WRONG = """
#---- relu: nothing comes back
def relu(x):
    x.clamp(min=0)

#---- tanh: another number type
def tanh(x):
    out = np.tanh(x.astype("float64"))
    return out, lambda g: g * (1 - out * out)

#---- tanh: it writes into what it was given
def tanh(x):
    np.tanh(x, out=x)
    return x, lambda g: g * (1 - x * x)

#---- tanh: no gradient
def tanh(x):
    return np.tanh(x)

#---- relu: an array for a tensor
def relu(x):
    return np.maximum(x.numpy(), 0)

#---- relu: a name that is not there
def relu(x):
    return x / undefined

#---- relu: not started
def relu(x):
    raise NotImplementedError("relu: not started yet")

#---- relu: a value that was right once
first = None

def relu(x):
    global first
    first = x.clamp(min=0) if first is None else first
    return first

#---- numerical_gradient: a number for an array
def numerical_gradient(f, x, step=1e-6):
    return 1.0

#---- one_hot: a number too large for its type
def one_hot(labels, classes):
    return 10 ** 400

#---- cosine_schedule: a number too large for any
def cosine_schedule(*inputs, **options):
    return 10 ** 400

#---- is_view: a number for a bool
def is_view(x, y):
    return 1
"""

ENDLESS = """
def tanh(x):
    while True:
        pass
"""


def right():
    return cells(RIGHT)


def wrong():
    return cells(WRONG)


def cells(text):
    """{"relu: a lambda": (the exercise's name, the answer's text), ...}"""
    parts = re.split(r"^#---- (.*)\n", text, flags=re.MULTILINE)[1:]
    return {title: (title.partition(":")[0], body) for title, body in zip(parts[::2], parts[1::2])}
