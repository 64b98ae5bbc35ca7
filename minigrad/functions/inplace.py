"""Changes in place: what ends in an underscore, `x += y`, and `x[index] = y`.

While nothing is recorded they write to memory, no more. Where the change belongs into the graph, x becomes the result
of an op whose first input is what x was before. That cannot be done where others look at the same memory, or where what
x was before has been used already; there they refuse, except `x += y` and its kin, which make a new tensor.
"""

import sys

import numpy as np

from .. import dtype as dtypes
from .. import graph, ops
from ..tensor import Tensor, apply
from . import pointwise
from .indexing import as_index, in_order


def add_(input, other):
    return change(ops.add, input, other)


def sub_(input, other):
    return change(ops.sub, input, other)


def mul_(input, other):
    return change(ops.mul, input, other)


def div_(input, other):
    return change(ops.div, input, other)


def clamp_(input, min=None, max=None):
    return change(ops.clamp, input, *pointwise.bounded(input, min, max)[1:])


def copy_(input, other):
    """Every element replaced by that of `other`, which is broadcast and converted."""
    if other.ndim > input.ndim:
        raise RuntimeError(f"copy_: a tensor of shape {other.shape} does not broadcast to {input.shape}.")
    return setitem(input, ..., other)


def fill_(input, value):
    return setitem(input, ..., value)


def zero_(input):
    return setitem(input, ..., 0)


def setitem(x, index, value):
    """x[index] = value."""
    *integers, rest = in_order(as_index(index))
    if isinstance(value, Tensor):
        value = value.to(x.dtype)
    elif not isinstance(value, np.ndarray):
        dtypes.of_number(value)  # or TypeError
    try:
        if not is_recorded(x, value):
            array = opened(x)
            place = array[integers[0]] if integers else array
            place[rest] = value.data if isinstance(value, Tensor) else value
        elif integers:
            raise RuntimeError("an index of integers before arrays cannot be written to while that is recorded.")
        else:
            record(ops.index_put, x, value, index=rest)
    except ValueError:
        place = x.data[index if integers else rest].shape
        raise RuntimeError(f"a value of shape {np.shape(value)} does not fit a place of shape {place}.") from None
    return x


def iadd(x, other):
    return add_(x, other) if is_changeable(x, other) else pointwise.add(x, other)


def isub(x, other):
    return sub_(x, other) if is_changeable(x, other) else pointwise.sub(x, other)


def imul(x, other):
    return mul_(x, other) if is_changeable(x, other) else pointwise.mul(x, other)


def idiv(x, other):
    return div_(x, other) if is_changeable(x, other) else pointwise.div(x, other)


def change(op, x, *others, **options):
    """x = op(x, *others), in the memory of x. Raises RuntimeError where it does not fit there."""
    if is_recorded(x, *others):
        return record(op, x, *others, **options)
    with graph.no_grad():
        value = apply(op, x, *others, **options).data
    array = opened(x)
    fitting(x, op, value)
    array[...] = value
    return x


def record(op, x, *others, **options):
    """`change`, recorded: what x was so far becomes the first input of op, and x its result."""
    refuse_leaf(x)
    if is_shared(x):
        raise RuntimeError(
            f"{op.__name__} in place would have to be recorded, but what this tensor was before has been used already, "
            "or another tensor looks at the same memory. Make a new tensor instead: x = x + ..., not x.add_(...)."
        )
    before = Tensor(x.data.copy())  # what gradients need of the old values is kept in a copy
    before.version = [x.version[0]]
    before.requires_grad, before.op, before.inputs = x.requires_grad, x.op, x.inputs
    before.options, before.gradients, before.versions = x.options, x.gradients, x.versions
    value = apply(op, before, *(before if other is x else other for other in others), **options)
    fitting(x, op, value.data)
    x.writable()[...] = value.data
    before.data = x.data  # which is overwritten now: an op before this one that needs it will refuse
    before.version[0] += 1
    x.requires_grad, x.op, x.inputs, x.options = value.requires_grad, value.op, value.inputs, value.options
    x.gradients, x.versions = value.gradients, [x.version[0], *value.versions[1:]]
    return x


def fitting(x, op, value):
    """Raise RuntimeError if `value` is of another shape than x, or of a number type that x cannot hold."""
    if value.shape != x.shape or not np.can_cast(value.dtype, x.dtype, "same_kind"):
        raise RuntimeError(
            f"{op.__name__} in place: the result, of shape {value.shape} and type {value.dtype}, does not fit into a "
            f"tensor of shape {x.shape} and type {x.dtype}."
        )


def opened(x):
    """The array of x, open for writing."""
    refuse_leaf(x)
    return x.writable()


def refuse_leaf(x):
    if graph.recording.get() and x.requires_grad and x.is_leaf:
        raise RuntimeError(
            "a leaf that requires grad may not be changed in place while operations are recorded. "
            "If this is an update, put it inside `with mg.no_grad():`."
        )


def is_recorded(x, *others):
    """Whether changing x by `others` belongs into the graph."""
    if not graph.recording.get():
        return False
    return (x.requires_grad and not x.is_leaf) or any(isinstance(i, Tensor) and i.requires_grad for i in others)


def is_changeable(x, other):
    """Whether x can be changed in place, or the change be recorded."""
    return not (is_recorded(x, other) and is_shared(x) and not (x.requires_grad and x.is_leaf))


def is_shared(x):
    """Whether x went into a recorded op, is a view, or has views (all of them count the writes to it together)."""
    return x.used or x.data.base is not None or sys.getrefcount(x.version) > 2
