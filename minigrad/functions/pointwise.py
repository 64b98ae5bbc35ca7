"""Arithmetic, comparisons, and functions of each element. Inputs are brought to one number type first (see `dtype`)."""

import numpy as np

from .. import dtype as dtypes
from .. import ops
from ..tensor import Tensor, apply, as_tensor

COMPARABLE = (Tensor, np.ndarray, np.generic, int, float)


def add(input, other):
    return apply(ops.add, *promoted(input, other))


def sub(input, other):
    if is_bool(input) or is_bool(other):
        raise RuntimeError("sub is not made for bools. For where two differ, say x != y; for the opposite, ~x.")
    return apply(ops.sub, *promoted(input, other))


def rsub(x, other):
    """other - x."""
    return sub(other, x)


def mul(input, other):
    return apply(ops.mul, *promoted(input, other))


def div(input, other):
    """input / other. Integers are divided as floats, as in PyTorch."""
    return apply(ops.div, *fractional(input, other))


def rdiv(x, other):
    """other / x."""
    return apply(ops.div, *fractional(other, x))


def neg(input):
    return apply(ops.neg, input)


def pow(input, exponent):
    if type(exponent) in (int, float) and exponent == 2 and not is_bool(input):
        return square(input)
    x, y = promoted(input, exponent)
    if is_bool(x) or is_bool(y):
        raise NotImplementedError("pow is not made for bools. Convert with .float() or .long() first.")
    return apply(ops.pow, x, y)


def rpow(x, other):
    """other ** x."""
    return pow(other, x)


def square(input):
    return apply(ops.square, input.long() if is_bool(input) else input)


def sqrt(input):
    return apply(ops.sqrt, floating(input))


def exp(input):
    return apply(ops.exp, floating(input))


def log(input):
    return apply(ops.log, floating(input))


def tanh(input):
    return apply(ops.tanh, floating(input))


def sigmoid(input):
    return apply(ops.sigmoid, floating(input))


def relu(input):
    if is_bool(input):
        raise RuntimeError("relu is not made for bools. Convert with .float() or .long() first.")
    return apply(ops.relu, input)


def abs(input):
    if is_bool(input):
        raise NotImplementedError("abs is not made for bools. Convert with .float() or .long() first.")
    return apply(ops.abs, input)


def clamp(input, min=None, max=None):
    """input, but at least `min` and at most `max`, two numbers of which one may be left out."""
    if min is None and max is None:
        raise RuntimeError("clamp: give at least one of min and max.")
    bounds = [b for b in (min, max) if b is not None]
    return apply(ops.clamp, input.to(dtypes.result_type(input.data, *bounds)), min=min, max=max)


def maximum(input, other):
    return apply(ops.maximum, *promoted(input, other))


def minimum(input, other):
    return apply(ops.minimum, *promoted(input, other))


def where(condition, input, other):
    """input where `condition` (a tensor of bools) holds, other elsewhere."""
    if condition.dtype != dtypes.bool:
        raise RuntimeError(
            f"where: the condition must be a tensor of bools, such as x > 0, and this one is {condition.dtype}."
        )
    dtype = dtypes.result_type(*(i.data if isinstance(i, Tensor) else i for i in (input, other)))
    input, other = (as_tensor(i, like=condition).to(dtype) for i in (input, other))
    return apply(ops.where, input, other, condition=condition.data)


def eq(input, other):
    return compared(np.equal, input, other)


def ne(input, other):
    return compared(np.not_equal, input, other)


def lt(input, other):
    return compared(np.less, input, other)


def le(input, other):
    return compared(np.less_equal, input, other)


def gt(input, other):
    return compared(np.greater, input, other)


def ge(input, other):
    return compared(np.greater_equal, input, other)


def logical_and(input, other):
    return compared(np.logical_and, input, other)


def logical_or(input, other):
    return compared(np.logical_or, input, other)


def logical_not(input):
    return Tensor(np.logical_not(input.data))


def bitwise_and(input, other):
    """Of bools: whether both hold. Of integers: the bits set in both."""
    return compared(np.bitwise_and, input, other)


def bitwise_or(input, other):
    """Of bools: whether at least one holds. Of integers: the bits set in either."""
    return compared(np.bitwise_or, input, other)


def bitwise_not(input):
    """Of bools: the opposite. Of integers: every bit turned."""
    return Tensor(np.invert(input.data))


def isnan(input):
    return Tensor(np.isnan(input.data))


def isfinite(input):
    return Tensor(np.isfinite(input.data))


def equal(x, other):
    """x == other, for the operator: what is neither tensor nor number is not equal to any."""
    return eq(x, other) if isinstance(other, COMPARABLE) else NotImplemented


def unequal(x, other):
    """x != other, for the operator."""
    return ne(x, other) if isinstance(other, COMPARABLE) else NotImplemented


def compared(function, x, y):
    """`function` of two arrays that gives bools or integers, and so has no gradient."""
    x, y = promoted(x, y)
    return apply(as_op(function), x, y)


def as_op(function):
    """A NumPy function without gradients, as an op: only so that a wrong shape or device is explained as elsewhere."""

    def op(x, y):
        return function(x, y), None, None

    op.__name__ = function.__name__
    return op


def promoted(x, y):
    """Both inputs in the number type of the result. A number is left as it is where NumPy will treat it the same."""
    if isinstance(x, Tensor) and isinstance(y, Tensor) and x.data.dtype == y.data.dtype:
        return x, y
    if type(y) in (int, float) and isinstance(x, Tensor) and x.data.dtype.kind == "f":
        return x, y
    x, y = (Tensor(i) if isinstance(i, np.ndarray) else i for i in (x, y))
    dtype = dtypes.result_type(*(i.data if isinstance(i, Tensor) else i for i in (x, y)))
    return tuple(i.to(dtype) if isinstance(i, Tensor) else dtype.type(i).item() for i in (x, y))


def fractional(x, y):
    """Both inputs as `promoted`, and as floats at least."""
    x, y = promoted(x, y)
    if not any(isinstance(i, Tensor) and dtypes.is_floating(i.dtype) for i in (x, y)):
        x, y = (i.to(dtypes.default) if isinstance(i, Tensor) else i for i in (x, y))
    return x, y


def is_bool(x):
    return x.data.dtype == dtypes.bool if isinstance(x, Tensor) else isinstance(x, bool)


def floating(x):
    """x if its numbers are floats, else a copy in the default type: what exp(2) starts from."""
    return x if dtypes.is_floating(x.dtype) else x.to(dtypes.default)
