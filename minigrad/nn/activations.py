"""The functions between layers, as modules: each holds its settings, and calls its namesake in `nn.functional`."""

from . import functional as F
from .module import Module


class ReLU(Module):
    """max(x, 0)."""

    def forward(self, x):
        return F.relu(x)


class Sigmoid(Module):
    """1 / (1 + exp(-x)): from 0 to 1."""

    def forward(self, x):
        return F.sigmoid(x)


class Tanh(Module):
    """Hyperbolic tangent: from -1 to 1."""

    def forward(self, x):
        return F.tanh(x)


class Softmax(Module):
    """Positive numbers along `dim` that add up to 1."""

    def __init__(self, dim):
        self.dim = dim

    def forward(self, x):
        return F.softmax(x, self.dim)

    def extra_repr(self):
        return f"dim={self.dim}"


class LogSoftmax(Softmax):
    """The logarithms of `Softmax`."""

    def forward(self, x):
        return F.log_softmax(x, self.dim)


class LeakyReLU(Module):
    """x, but `negative_slope` times it below 0."""

    def __init__(self, negative_slope=0.01):
        self.negative_slope = negative_slope

    def forward(self, x):
        return F.leaky_relu(x, self.negative_slope)

    def extra_repr(self):
        return f"negative_slope={self.negative_slope}"


class ELU(Module):
    """x, but alpha * (exp(x) - 1) below 0."""

    def __init__(self, alpha=1.0):
        self.alpha = alpha

    def forward(self, x):
        return F.elu(x, self.alpha)

    def extra_repr(self):
        return f"alpha={self.alpha}"


class GELU(Module):
    """x, times the part of a normal distribution that lies below it."""

    def __init__(self, approximate="none"):
        self.approximate = approximate

    def forward(self, x):
        return F.gelu(x, approximate=self.approximate)

    def extra_repr(self):
        return f"approximate={self.approximate!r}"


class SiLU(Module):
    """x * sigmoid(x)."""

    def forward(self, x):
        return F.silu(x)


class Softplus(Module):
    """log(1 + exp(beta * x)) / beta: a smooth relu."""

    def __init__(self, beta=1.0, threshold=20.0):
        self.beta, self.threshold = beta, threshold

    def forward(self, x):
        return F.softplus(x, self.beta, self.threshold)

    def extra_repr(self):
        return f"beta={self.beta}, threshold={self.threshold}"


class LogSigmoid(Module):
    """log(sigmoid(x))."""

    def forward(self, x):
        return F.logsigmoid(x)


class Hardtanh(Module):
    """x, but at least `min_val` and at most `max_val`."""

    def __init__(self, min_val=-1.0, max_val=1.0):
        if min_val >= max_val:
            raise AssertionError(f"{type(self).__name__}: min_val ({min_val}) must be below max_val ({max_val}).")
        self.min_val, self.max_val = min_val, max_val

    def forward(self, x):
        return F.hardtanh(x, self.min_val, self.max_val)

    def extra_repr(self):
        return f"min_val={self.min_val}, max_val={self.max_val}"


class ReLU6(Hardtanh):
    """x, but at least 0 and at most 6."""

    def __init__(self):
        super().__init__(0.0, 6.0)

    def extra_repr(self):
        return ""
