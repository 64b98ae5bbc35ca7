"""Functions between layers, element by element, in order of increasing complexity."""

import math

from ... import dtype as dtypes
from ... import ops
from ...functions.pointwise import clamp, erf, floats, logical_or, relu, sigmoid, tanh, where  # noqa: F401 - of nn, too
from ...functions.reduction import log_softmax, softmax  # noqa: F401
from ...tensor import apply


def logsigmoid(input):
    """log(sigmoid(input)), without losing digits."""
    return apply(ops.logsigmoid, floats("logsigmoid", input))


def leaky_relu(input, negative_slope=0.01):
    """input, but `negative_slope` times it below 0."""
    return where(input > 0, input, negative_slope * floats("leaky_relu", input))


def elu(input, alpha=1.0):
    """input, but alpha * (exp(input) - 1) below 0, which levels off at -alpha."""
    below = clamp(floats("elu", input), max=0)  # so exp cannot overflow
    return where(input <= 0, alpha * (below.exp() - 1), input)


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


def silu(input):
    """input * sigmoid(input)."""
    return floats("silu", input) * sigmoid(input)


def softplus(input, beta=1.0, threshold=20.0):
    """log(1 + exp(beta * input)) / beta, a smooth relu; input itself where beta * input is above `threshold`."""
    return where(input * beta > threshold, input, -logsigmoid(-beta * floats("softplus", input)) / beta)


def hardtanh(input, min_val=-1.0, max_val=1.0):
    """input, but at least `min_val` and at most `max_val`. On a bound itself no gradient passes, unlike in clamp."""
    if min_val > max_val:
        raise ValueError(f"hardtanh: min_val ({min_val}) is above max_val ({max_val}).")
    if input.dtype == dtypes.bool:
        raise RuntimeError("hardtanh is not made for bools. Convert with .float() or .long() first.")
    outside = logical_or(input <= min_val, input >= max_val)
    return where(outside, clamp(input.detach(), min_val, max_val).to(input.dtype), input)


def relu6(input):
    """input, but at least 0 and at most 6."""
    return hardtanh(input, 0, 6)
