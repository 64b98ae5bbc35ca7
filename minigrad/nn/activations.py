"""The functions between layers, as modules: each holds its settings, and calls its namesake in `nn.functional`."""

from . import functional as F
from .applied import Applied


class ReLU(Applied):
    """max(x, 0)."""

    function = F.relu


class Sigmoid(Applied):
    """1 / (1 + exp(-x)): from 0 to 1."""

    function = F.sigmoid


class Tanh(Applied):
    """Hyperbolic tangent: from -1 to 1."""

    function = F.tanh


class Softmax(Applied):
    """Positive numbers along `dim` that add up to 1."""

    function, without = F.softmax, ("dtype",)


class LogSoftmax(Applied):
    """The logarithms of `Softmax`."""

    function, without = F.log_softmax, ("dtype",)


class LeakyReLU(Applied):
    """x, but `negative_slope` times it below 0."""

    function = F.leaky_relu


class ELU(Applied):
    """x, but alpha * (exp(x) - 1) below 0."""

    function = F.elu


class GELU(Applied):
    """x, times the part of a normal distribution that lies below it."""

    function = F.gelu

    def __init__(self, approximate="none"):
        super().__init__(approximate=approximate)


class SiLU(Applied):
    """x * sigmoid(x)."""

    function = F.silu


class Softplus(Applied):
    """log(1 + exp(beta * x)) / beta: a smooth relu."""

    function = F.softplus


class LogSigmoid(Applied):
    """log(sigmoid(x))."""

    function = F.logsigmoid


class Hardtanh(Applied):
    """x, but at least `min_val` and at most `max_val`."""

    function = F.hardtanh

    def __init__(self, min_val=-1.0, max_val=1.0, inplace=False):
        if min_val >= max_val:
            raise AssertionError(f"Hardtanh: min_val ({min_val}) must be below max_val ({max_val}).")
        super().__init__(min_val, max_val, inplace)


class ReLU6(Applied):
    """x, but at least 0 and at most 6."""

    function = F.relu6
