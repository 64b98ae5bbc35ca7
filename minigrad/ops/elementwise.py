"""One number in, one number out, for every element; the shapes of two inputs are broadcast against each other.

Read from the top: sums and products, division into whole parts, powers and logarithms, waves and squashing functions,
choosing functions. What goes in steps has slope 0.
"""

import math
from functools import cache

import numpy as np

from ..kernels import chosen


def add(x, y):
    """x + y."""
    return x + y, lambda g: g, lambda g: g


def sub(x, y):
    """x - y."""
    return x - y, lambda g: g, lambda g: -g


def mul(x, y):
    """x * y."""
    return (
        x * y,
        lambda g: g * y,
        lambda g: g * x,
    )


def div(x, y):
    """x / y."""
    return x / y, lambda g: g / y, lambda g: -g * (x / y / y)


def neg(x):
    """-x."""
    return -x, lambda g: -g


def quotient(x, y, *, rounding_mode):
    """x / y without what is behind the point: rounded down ("floor") or towards 0 ("trunc")."""
    out = x // y
    if rounding_mode == "trunc":
        out = np.trunc(x / y) if out.dtype.kind == "f" else out + ((out * y != x) & ((x < 0) != (y < 0)))
    return out, np.zeros_like, np.zeros_like


def remainder(x, y):
    """x - y * floor(x / y): what is left over; it has the sign of y."""
    return x % y, lambda g: g, lambda g: -g * (x // y)


def floor(x):
    """The next whole number below."""
    return np.floor(x), np.zeros_like


def round(x, *, decimals=0):
    """The nearest number of so many decimals; from the middle, to the even one."""
    return np.round(wide(x), decimals).astype(x.dtype, copy=False), np.zeros_like


def sign(x):
    """1 above 0, -1 below; 0 at 0, and at nan."""
    return (x > 0).astype(x.dtype) - (x < 0), np.zeros_like


def pow(x, y):
    """x to the power y. At x = 0 the gradients are PyTorch's: 0 where the formula would say 0 * inf."""
    out = power(x, y)

    def grad_x(g):
        return np.where(np.equal(y, 0), 0, g * (y * power(x, y - (y != 0))))  # 0 ** -1, of no use, would be infinite

    def grad_y(g):
        return g * np.where(np.equal(x, 0) & np.greater_equal(y, 0), 0, out * np.log(x))

    return out, grad_x, grad_y


def power(x, y):
    """x**y as in PyTorch: fractions become 0 among whole numbers, and the power -1/2 is 1 / sqrt(x), even at -0."""
    if isinstance(y, float) and y == -0.5:
        return 1 / np.sqrt(x)
    if hasattr(y, "dtype") and y.dtype.kind == "i" and (y < 0).any():
        return np.where((y < 0) & (np.abs(x) != 1), 0, x ** np.where(y < 0, y & 1, y))
    return x**y


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


def expm1(x):
    """exp(x) - 1, right to the last digit where x is small."""
    out = np.expm1(x)
    return out, lambda g: g * (out + 1)


def log1p(x):
    """log(1 + x), right to the last digit where x is small."""
    return np.log1p(x), lambda g: g / (x + 1)


def sin(x):
    """Sine, of x in radians."""
    return np.sin(x), lambda g: g * np.cos(x)


def cos(x):
    """Cosine, of x in radians."""
    return np.cos(x), lambda g: -g * np.sin(x)


def tanh(x):
    """Hyperbolic tangent: from -1 to 1."""
    out = np.tanh(x)
    return out, lambda g: g * (1 - wide(out) ** 2)


def sigmoid(x):
    """1 / (1 + exp(-x)): from 0 to 1."""
    out = (1 / (1 + np.exp(-wide(x)))).astype(
        x.dtype, copy=False
    )  # exp(-x) may become inf, and 1 / inf is the right answer: 0
    return out, lambda g: g * (1 - wide(out)) * out


def erf(x):
    """The error function, from -1 to 1: erf(x / sqrt(2)) of all normal numbers lie between -x and x."""
    return erf_of(x), lambda g: g * (2 / math.sqrt(math.pi) * np.exp(-x * x))


def logsigmoid(x):
    """log(sigmoid(x)), right for large |x| too, where the sigmoid itself rounds to 0 or 1."""
    small = np.exp(-np.abs(wide(x)))  # in (0, 1], so it cannot overflow
    return (
        (np.minimum(x, 0) - np.log1p(small)).astype(x.dtype, copy=False),
        lambda g: g * np.where(x < 0, 1, small) / (1 + small),
    )


def relu(x):
    """x where it is positive, else 0. The slope at 0 is 0."""
    out = np.maximum(x, 0)
    return out, lambda g: chosen(out != 0, g)


def abs(x):
    """Absolute value. The slope at 0 is 0."""
    return np.abs(x), lambda g: g * sign(x)[0]


def clamp(x, low=None, high=None):
    """x, but at least `low` and at most `high`, either of which may be None. On a bound x still gets the gradient.

    Where low is above high the result is high.
    """

    def grad_x(g):
        inside = True if low is None else x >= low
        return chosen(inside if high is None else inside & (x <= high), g)

    return (
        np.clip(x, low, high),
        grad_x,
        lambda g: chosen((x < low) & (True if high is None else low < high), g),
        lambda g: chosen((x > high) | (False if low is None else high < low), g),
    )


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
    return np.where(condition, x, y), lambda g: np.where(condition, g, 0), lambda g: np.where(condition, 0, g)


def cast(x, *, dtype):
    """The same numbers in another number type."""
    before = x.dtype
    return x.astype(dtype), lambda g: g.astype(before)


def wide(x):
    """x with room for digits on the way to a result: float16 as float32."""
    return x.astype(np.float32) if x.dtype == np.float16 else x


def erf_of(x):
    """erf, which NumPy lacks, within 5e-15: 1 - exp(-z * z) * P(z) for z = |x|, where P is a sum of polynomials."""
    if x.dtype == np.float16:
        return erf_of(wide(x)).astype(x.dtype)
    if isinstance(x, np.ndarray) and x.size >= 2 * PIECE:
        pieces = np.array_split(x.reshape(-1), x.size // PIECE)
        return np.concatenate([erf_of(piece) for piece in pieces]).reshape(x.shape)
    z = np.minimum(np.abs(x), FLAT)
    u = (4 + 2 * FLAT) / FLAT * 2 / (2 + z) - (4 + FLAT) / FLAT  # from 1 at z = 0 to -1 where erf is flat
    first, *others = [c for c in erfc_coefficients() if np.abs(c) > np.finfo(x.dtype).eps / 2]
    tail, before, twice = 0 * u, 0 * u, 2 * u
    for coefficient in reversed(others):  # Clenshaw's rule: coefficient + 2 * u * tail - before
        following = twice * tail
        following -= before
        following += coefficient
        tail, before = following, tail
    return np.sign(x) * (1 - np.exp(-z * z) * (first + u * tail - before))


FLAT = 6.0  # erf(6) is 1 to the last digit
PIECE = 65536  # elements that fit the cache: a million of them took 6 ms, and 28 at one go


@cache
def erfc_coefficients():
    """exp(z * z) * erfc(z) for z from 0 to FLAT as a sum of Chebyshev polynomials, of u as in `erf_of`."""

    def scaled(u):
        z = (4 + 2 * FLAT) * 2 / (4 + FLAT + FLAT * u) - 2
        return math.exp(z * z) * math.erfc(z)

    return np.polynomial.chebyshev.chebinterpolate(np.vectorize(scaled), 20).tolist()
