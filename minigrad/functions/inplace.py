"""Changes in place: what ends in an underscore, `x += y`, and `x[index] = y`.

They are for updates and buffers, where nothing is being recorded. Where the change itself would have to be recorded
they refuse, except `x += y` and its kin: Python lets the name x stand for a new tensor there, and gets x + y.
"""

import numpy as np

from .. import graph
from ..tensor import Tensor
from . import pointwise
from .indexing import as_index, in_order


def add_(input, other):
    return change(np.add, input, other)


def sub_(input, other):
    return change(np.subtract, input, other)


def mul_(input, other):
    return change(np.multiply, input, other)


def div_(input, other):
    return change(np.true_divide, input, other)


def clamp_(input, min=None, max=None):
    array = opened(input)
    np.clip(array, min, max, out=array)
    return input


def copy_(input, other):
    """Every element replaced by that of `other`, which is broadcast and converted."""
    return setitem(input, ..., other)


def fill_(input, value):
    return setitem(input, ..., value)


def zero_(input):
    return setitem(input, ..., 0)


def setitem(x, index, value):
    """x[index] = value."""
    array = opened(x, value)
    value = value.data if isinstance(value, Tensor) else value
    *integers, rest = in_order(as_index(index))
    place = array[integers[0]] if integers else array
    try:
        place[rest] = value
    except ValueError:
        place = place[rest].shape
        raise RuntimeError(f"a value of shape {np.shape(value)} does not fit a place of shape {place}.") from None
    return x


def iadd(x, other):
    return pointwise.add(x, other) if is_recorded(x, other) else add_(x, other)


def isub(x, other):
    return pointwise.sub(x, other) if is_recorded(x, other) else sub_(x, other)


def imul(x, other):
    return pointwise.mul(x, other) if is_recorded(x, other) else mul_(x, other)


def idiv(x, other):
    return pointwise.div(x, other) if is_recorded(x, other) else div_(x, other)


def change(function, input, other):
    """input = function(input, other), in the memory of input. Raises RuntimeError where it does not fit there."""
    array = opened(input, other)
    try:
        function(array, other.data if isinstance(other, Tensor) else other, out=array, casting="same_kind")
    except (ValueError, TypeError):
        said = f"shape {np.shape(other)}" if isinstance(other, Tensor) else repr(other)
        raise RuntimeError(
            f"{function.__name__} in place: the result with {said} does not fit into a tensor of shape {input.shape} "
            f"and type {input.dtype}."
        ) from None
    return input


def opened(x, *others):
    """The array of `x`, open for writing. Raises RuntimeError where the change would have to be recorded."""
    if graph.recording.get() and x.requires_grad and x.is_leaf:
        raise RuntimeError(
            "a leaf that requires grad may not be changed in place while operations are recorded. "
            "If this is an update, put it inside `with mg.no_grad():`."
        )
    if is_recorded(x, *others):
        raise RuntimeError(
            "this change in place would have to be recorded. Make a new tensor instead: x = x + ..., not x.add_(...)."
        )
    return x.writable()


def is_recorded(x, *others):
    """Whether changing `x` by `others` belongs into the graph."""
    if not graph.recording.get():
        return False
    return (x.requires_grad and not x.is_leaf) or any(isinstance(i, Tensor) and i.requires_grad for i in others)
