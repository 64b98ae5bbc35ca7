"""One number in, one number out, for every element; the shapes of two inputs are broadcast against each other.

Read from the top: sums and products, powers and logarithms, squashing functions, choosing functions.
"""

import numpy as np

from ..kernels import chosen


def add(x, y):
    """x + y."""
    return (
        x + y,
        lambda g: g,
        lambda g: g,
    )


def sub(x, y):
    """x - y."""
    return (
        x - y,
        lambda g: g,
        lambda g: -g,
    )


def mul(x, y):
    """x * y."""
    return (
        x * y,
        lambda g: g * y,
        lambda g: g * x,
    )


def div(x, y):
    """x / y."""
    return (
        x / y,
        lambda g: g / y,
        lambda g: -g * (x / y / y),
    )


def neg(x):
    """-x."""
    return -x, lambda g: -g


def pow(x, y):
    """x to the power y. At x = 0 the gradients are PyTorch's: 0 where the formula would say 0 * inf."""
    out = x**y

    def grad_x(g):
        return np.where(np.equal(y, 0), 0, g * (y * x ** (y - 1)))

    def grad_y(g):
        return g * np.where(np.equal(x, 0) & np.greater_equal(y, 0), 0, out * np.log(x))

    return out, grad_x, grad_y


def square(x):
    """x * x, which is also what x**2 runs."""
    return x * x, lambda g: g * (2 * x)


def sqrt(x):
    """Square root. Its slope at 0 is infinite, as in PyTorch."""
    out = np.sqrt(x)
    return out, lambda g: g / (2 * out)


def exp(x):
    """e to the power x."""
    out = np.exp(x)
    return out, lambda g: g * out


def log(x):
    """Natural logarithm."""
    return np.log(x), lambda g: g / x


def tanh(x):
    """Hyperbolic tangent: from -1 to 1."""
    out = np.tanh(x)
    return out, lambda g: g * (1 - out * out)


def sigmoid(x):
    """1 / (1 + exp(-x)): from 0 to 1."""
    out = 1 / (1 + np.exp(-x))  # exp(-x) may become inf, and 1 / inf is the right answer: 0
    return out, lambda g: g * (1 - out) * out


def logsigmoid(x):
    """log(sigmoid(x)), right for large |x| too, where the sigmoid itself rounds to 0 or 1."""
    small = np.exp(-np.abs(x))  # in (0, 1], so it cannot overflow

    def grad_x(g):
        return g * np.where(x < 0, 1, small) / (1 + small)

    return np.minimum(x, 0) - np.log1p(small), grad_x


def relu(x):
    """x where it is positive, else 0. The slope at 0 is 0."""
    out = np.maximum(x, 0)
    return out, lambda g: chosen(out != 0, g)


def abs(x):
    """Absolute value. The slope at 0 is 0."""

    def grad_x(g):
        sign = (x > 0).astype(g.dtype) - (x < 0)  # 0 at nan too, where np.sign would leave nan
        return g * sign

    return np.abs(x), grad_x


def clamp(x, *, min=None, max=None):
    """x, but at least `min` and at most `max`. On a bound itself the gradient still passes."""

    def grad_x(g):
        inside = True
        if min is not None:
            inside = inside & (x >= min)
        if max is not None:
            inside = inside & (x <= max)
        return chosen(inside, g)

    return np.clip(x, min, max), grad_x


def maximum(x, y):
    """The larger of the two. Where they are equal each gets half of the gradient; where one is nan, both get all."""
    return (
        np.maximum(x, y),
        lambda g: chosen(~(x < y), np.where(x == y, g / 2, g)),
        lambda g: chosen(~(y < x), np.where(x == y, g / 2, g)),
    )


def minimum(x, y):
    """The smaller of the two. Where they are equal each gets half of the gradient; where one is nan, both get all."""
    return (
        np.minimum(x, y),
        lambda g: chosen(~(x > y), np.where(x == y, g / 2, g)),
        lambda g: chosen(~(y > x), np.where(x == y, g / 2, g)),
    )


def where(x, y, *, condition):
    """x where `condition` holds, y elsewhere."""
    return (
        np.where(condition, x, y),
        lambda g: np.where(condition, g, 0),
        lambda g: np.where(condition, 0, g),
    )


def cast(x, *, dtype):
    """The same numbers in another number type."""
    before = x.dtype
    return x.astype(dtype), lambda g: g.astype(before)
