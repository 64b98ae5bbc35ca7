"""Arithmetic, comparisons, and functions of each element. Inputs are brought to one number type first (see `dtype`)."""

import numpy as np

from .. import dtype as dtypes
from .. import ops
from ..tensor import Tensor, apply, as_tensor

COMPARABLE = (Tensor, np.ndarray, np.generic, int, float)


def add(input, other, *, alpha=1):
    """input + alpha * other."""
    return apply(ops.add, *scaled(input, other, alpha))


def sub(input, other, *, alpha=1):
    """input - alpha * other."""
    if is_bool(input) or is_bool(other):
        raise RuntimeError("sub is not made for bools. For where two differ, say x != y; for the opposite, ~x.")
    return apply(ops.sub, *scaled(input, other, alpha))


def mul(input, other):
    return apply(ops.mul, *promoted(input, other))


def div(input, other, *, rounding_mode=None):
    """input / other, integers as floats; or rounded down ("floor") or towards 0 ("trunc"), integers as integers."""
    if rounding_mode is None:
        return apply(ops.div, *fractional(input, other))
    if rounding_mode not in ("floor", "trunc"):
        raise RuntimeError(f'div: rounding_mode is None, "floor" or "trunc", and got {rounding_mode!r}.')
    return apply(ops.quotient, *divisible("div", input, other), rounding_mode=rounding_mode)


def floor_divide(input, other):
    """input / other, rounded down, without a gradient. `div` with rounding_mode="floor" has one: 0."""
    return apply(as_op(np.floor_divide), *divisible("floor_divide", input, other))


def remainder(input, other):
    """What floor_divide leaves over; it has the sign of `other`. Of a plain number it has no gradient."""
    op = ops.remainder if isinstance(input, Tensor) else as_op(np.remainder)
    return apply(op, *divisible("remainder", input, other))


def reciprocal(input):
    return div(1, input)


def floor(input):
    return stepped(ops.floor, input)


def ceil(input):
    """The next whole number above."""
    return -floor(-not_bool("ceil", input))


def trunc(input):
    """The next whole number towards 0."""
    return where(input < 0, ceil(input), floor(input))


def round(input, *, decimals=0):
    """The nearest number of so many decimals; from the middle, to the even one."""
    if decimals and not dtypes.is_floating(input.dtype):
        raise NotImplementedError(f"round: decimals are for floating-point tensors, and this one is {input.dtype}.")
    return stepped(ops.round, input, decimals=decimals)


def sign(input):
    return input.clone() if is_bool(input) else apply(ops.sign, input)


def neg(input):
    return apply(ops.neg, input)


def pow(input, exponent):
    if type(exponent) is int and exponent == 2 and not is_bool(input):
        return square(input)
    if isinstance(exponent, int) and exponent < 0 and not dtypes.is_floating(input.dtype):
        raise RuntimeError("pow: a whole number to a negative power is a fraction. Try .float() first.")
    x, y = promoted(input, exponent)
    return apply(ops.pow, not_bool("pow", x), not_bool("pow", y))


def square(input):
    return apply(ops.square, input.long() if is_bool(input) else input)


def of_floats(name):
    """The op called `name` as a function of one tensor, in which integers become floats."""

    def function(input):
        return apply(getattr(ops, name), floating(input))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = getattr(ops, name).__doc__
    return function


sqrt, exp, log, expm1, log1p = map(of_floats, ("sqrt", "exp", "log", "expm1", "log1p"))
sin, cos, tanh, sigmoid, erf = map(of_floats, ("sin", "cos", "tanh", "sigmoid", "erf"))


def rsqrt(input):
    """1 / sqrt(input)."""
    return reciprocal(sqrt(input))


def relu(input):
    return apply(ops.relu, not_bool("relu", input, RuntimeError))


def abs(input):
    return apply(ops.abs, not_bool("abs", input))


def clamp(input, min=None, max=None):
    """input, but at least `min` and at most `max`: numbers, or tensors, of which one may be left out."""
    return apply(ops.clamp, *bounded(input, min, max))


def bounded(x, low, high):
    """x and its bounds in the number type of the result, bounds that are left out as None."""
    bounds = [b for b in (low, high) if b is not None]
    if not bounds:
        raise RuntimeError("clamp: give at least one of min and max.")
    tensors = [b for b in bounds if isinstance(b, Tensor)]
    if len(tensors) < len(bounds) and any(b.ndim or b.requires_grad for b in tensors):
        raise TypeError("clamp: min and max must both be numbers, or both tensors.")
    dtype = type_of(x, *bounds)
    x, low, high = (None if i is None else typed(i, dtype) for i in (x, low, high))
    return not_bool("clamp", x), low, high


def maximum(input, other):
    return apply(ops.maximum, *promoted(*both_tensors("maximum", input, other)))


def minimum(input, other):
    return apply(ops.minimum, *promoted(*both_tensors("minimum", input, other)))


def where(condition, input, other):
    """input where `condition` (a tensor of bools) holds, other elsewhere."""
    if condition.dtype not in (dtypes.bool, dtypes.uint8):
        raise RuntimeError(
            f"where: the condition must be a tensor of bools, such as x > 0, and this one is {condition.dtype}."
        )
    input, other = (as_tensor(i, like=condition).to(type_of(input, other)) for i in (input, other))
    return apply(ops.where, input, other, condition=condition.bool().data)


def comparing(function, only_tensors=False):
    """A function of two arrays that gives bools or integers, and so has no gradient, as one of two tensors."""

    def compare(input, other):
        if only_tensors:
            both_tensors(function.__name__, input, other)
        return apply(as_op(function), *promoted(input, other))

    compare.__name__ = compare.__qualname__ = function.__name__
    return compare


eq, ne = comparing(np.equal), comparing(np.not_equal)
lt, le, gt, ge = map(comparing, (np.less, np.less_equal, np.greater, np.greater_equal))
bitwise_and, bitwise_or, bitwise_xor = map(comparing, (np.bitwise_and, np.bitwise_or, np.bitwise_xor))
logical_and, logical_or = comparing(np.logical_and, True), comparing(np.logical_or, True)
logical_xor = comparing(np.logical_xor, True)


def asking(function):
    """A function of an array that has no gradient, as one of a tensor."""

    def ask(input):
        return Tensor(function(input.data))

    ask.__name__ = ask.__qualname__ = function.__name__
    return ask


isnan, isinf, isfinite = map(asking, (np.isnan, np.isinf, np.isfinite))
logical_not, bitwise_not = asking(np.logical_not), asking(np.invert)


def isclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False):
    """Whether |input - other| <= atol + rtol * |other|; both must be of one type."""
    both_tensors("isclose", input, other)
    if input.dtype != other.dtype:
        raise RuntimeError(f"isclose: both must be of one type, and they are {input.dtype} and {other.dtype}.")
    if rtol < 0 or atol < 0:
        raise RuntimeError(f"isclose: rtol and atol are at least 0, and got {rtol} and {atol}.")
    x, y = floating(input.detach()), floating(other.detach())
    apart = abs(x - y)
    close = (input == other) | (isfinite(apart) & (apart <= atol + abs(rtol * y)))
    return close | (isnan(x) & isnan(y)) if equal_nan else close


def allclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False):
    """Whether all are close, as Python's bool: see `isclose`."""
    return bool(isclose(input, other, rtol, atol, equal_nan).data.all())


def equal(x, other):
    """x == other, for the operator: what is neither tensor nor number is not equal to any."""
    return eq(x, other) if isinstance(other, COMPARABLE) else NotImplemented


def unequal(x, other):
    """x != other, for the operator."""
    return ne(x, other) if isinstance(other, COMPARABLE) else NotImplemented


def as_op(function):
    """A NumPy function of two arrays as an op without gradients."""

    def op(x, y):
        return function(x, y), refuse, refuse

    def refuse(g):
        raise RuntimeError(f"{function.__name__} has no gradient here. Use .detach(), or another function.")

    op.__name__ = function.__name__
    return op


def promoted(x, y):
    """Both inputs in the number type of the result. A number is left as it is where NumPy will treat it the same."""
    if isinstance(x, Tensor) and isinstance(y, Tensor) and x.data.dtype == y.data.dtype:
        return x, y
    if type(y) in (int, float) and isinstance(x, Tensor) and x.data.dtype.kind == "f":
        return x, y
    dtype = type_of(x, y)
    return typed(x, dtype), typed(y, dtype)


def type_of(*inputs):
    """The number type of the result of what takes these tensors and numbers."""
    return dtypes.result_type(*(i.data if isinstance(i, Tensor) else i for i in inputs))


def typed(x, dtype):
    """A tensor or a number in another number type; what is too large for it starts again from its other end."""
    x = Tensor(x) if isinstance(x, np.ndarray) else x
    return x.to(dtype) if isinstance(x, Tensor) else np.asarray(x).astype(dtype).item()


def fractional(x, y):
    """Both inputs as `promoted`, and as floats at least."""
    if isinstance(x, Tensor) and dtypes.is_floating(x.dtype) or dtypes.is_floating(type_of(x, y)):
        return promoted(x, y)
    return typed(x, dtypes.default), typed(y, dtypes.default)


def both_tensors(name, x, y):
    if not isinstance(y, Tensor):
        raise TypeError(f"{name} wants two tensors, and got a {type(y).__name__}. Try mg.tensor({y!r}).")
    return x, y


def divisible(name, x, y):
    """Both inputs as `promoted`, if one can be divided by the other in whole steps."""
    x, y = (not_bool(name, i) for i in promoted(x, y))
    divisor = y.data if isinstance(y, Tensor) else y
    if not dtypes.is_floating((x if isinstance(x, Tensor) else y).dtype) and np.any(np.equal(divisor, 0)):
        raise RuntimeError(f"{name}: whole numbers cannot be divided by 0 (ZeroDivisionError). Try .float().")
    return x, y


def scaled(x, y, alpha):
    """x and alpha * y, for add and sub."""
    x, y = promoted(x, y)
    if type(alpha) is int and alpha == 1:
        return x, y
    dtype = (x if isinstance(x, Tensor) else y).dtype
    if isinstance(alpha, bool) and dtype != dtypes.bool or isinstance(alpha, float) and not dtypes.is_floating(dtype):
        raise RuntimeError(f"alpha is {alpha!r}, a {type(alpha).__name__}, and the result holds {dtype}.")
    return x, y * typed(alpha, dtype)


def stepped(op, x, **options):
    """`op`, which rounds, of floats; integers are round already."""
    return apply(op, x, **options) if dtypes.is_floating(x.dtype) else not_bool(op.__name__, x).clone()


def floats(name, x, kind=NotImplementedError):
    """x, if its numbers are floats; else an error of the `kind` that PyTorch raises."""
    if not dtypes.is_floating(x.dtype):
        raise kind(f"{name} is for floating-point tensors, and this one is {x.dtype}. Try .float().")
    return x


def not_bool(name, x, kind=NotImplementedError):
    """x, if it does not hold bools; else an error of the `kind` that PyTorch raises."""
    if isinstance(x, Tensor) and is_bool(x):
        raise kind(f"{name} is not made for bools. Convert with .float() or .long() first.")
    return x


def is_bool(x):
    return x.data.dtype == dtypes.bool if isinstance(x, Tensor) else isinstance(x, bool)


def floating(x):
    """x if its numbers are floats, else a copy in the default type: what exp(2) starts from."""
    return x if dtypes.is_floating(x.dtype) else x.to(dtypes.default)
