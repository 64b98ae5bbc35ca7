"""Functions between layers, element by element, in order of increasing complexity."""

import math
import warnings

from ... import dtype as dtypes
from ... import ops
from ...functions import pointwise, reduction
from ...functions.inplace import change
from ...functions.pointwise import clamp, erf, floats, logical_or, sigmoid, tanh, where
from ...tensor import apply


def relu(input, inplace=False):
    """input where it is positive, else 0."""
    return change(input, pointwise.relu) if inplace else pointwise.relu(input)


def softmax(input, dim=None, *, dtype=None):
    """Positive numbers along `dim` that add up to 1: exp(input), over its sum."""
    return reduction.softmax(input, implied(input, dim), dtype=dtype)


def log_softmax(input, dim=None, *, dtype=None):
    """log(softmax(input)), in one step that cannot overflow."""
    return reduction.log_softmax(input, implied(input, dim), dtype=dtype)


def implied(x, dim):
    """The dim that is meant, with a warning, where none is said."""
    if dim is None:
        warnings.warn("softmax: say along which dim; one will be chosen by the number of axes.", stacklevel=3)
        return 0 if x.ndim in (0, 1, 3) else 1
    return dim


def logsigmoid(input):
    """log(sigmoid(input)), without losing digits."""
    return apply(ops.logsigmoid, floats("logsigmoid", input))


def leaky_relu(input, negative_slope=0.01, inplace=False):
    """input, but `negative_slope` times it below 0."""
    if inplace:
        return change(input, leaky_relu, negative_slope)
    x = floats("leaky_relu", input)
    return where(x > 0, x, negative_slope * x)


def elu(input, alpha=1.0, inplace=False):
    """input, but alpha * (exp(input) - 1) below 0, which levels off at -alpha."""
    if inplace:
        return change(input, elu, alpha)
    x = floats("elu", input)
    curve = alpha * (where(x < 0, x, 0.0).exp() - 1)  # so exp cannot overflow
    return where(x < 0, curve, where(x == 0, alpha * x, x))


def gelu(input, *, approximate="none"):
    """input times the part of a normal distribution that lies below it; "tanh" is a quicker formula for nearly that.

    Source: Hendrycks and Gimpel, Gaussian Error Linear Units, 2016.
    """
    x = floats("gelu", input)
    if approximate not in ("none", "tanh"):
        raise RuntimeError(f"gelu: approximate is 'none' or 'tanh', and got {approximate!r}.")
    if approximate == "none":
        return 0.5 * x * (1 + erf(x / math.sqrt(2)))
    return 0.5 * x * (1 + tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def silu(input, inplace=False):
    """input * sigmoid(input)."""
    return change(input, silu) if inplace else floats("silu", input) * sigmoid(input)


def softplus(input, beta=1.0, threshold=20.0):
    """log(1 + exp(beta * input)) / beta, a smooth relu; input itself where beta * input is above `threshold`."""
    return where(input * beta > threshold, input, -logsigmoid(-beta * floats("softplus", input)) / beta)


def hardtanh(input, min_val=-1.0, max_val=1.0, inplace=False):
    """input, but at least `min_val` and at most `max_val`. On a bound itself no gradient passes, unlike in clamp."""
    if min_val > max_val:
        raise ValueError(f"hardtanh: min_val ({min_val}) is above max_val ({max_val}).")
    if input.dtype == dtypes.bool:
        raise RuntimeError("hardtanh is not made for bools. Convert with .float() or .long() first.")
    if inplace:
        return change(input, hardtanh, min_val, max_val)
    outside = logical_or(input <= min_val, input >= max_val)
    return where(outside, clamp(input.detach(), min_val, max_val).to(input.dtype), input)


def relu6(input, inplace=False):
    """input, but at least 0 and at most 6."""
    return hardtanh(input, 0, 6, inplace)
