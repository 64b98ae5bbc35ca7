"""How far apart two right answers may be, because both were rounded. It is measured, not guessed.

PyTorch computes a result in float32, in float64, and in float64 from inputs that are changed in their last float32
digit. How far these three are apart is the `noise`: what rounding does here, to these numbers. Another right answer may
be ten times as far from PyTorch's, times the square root of how many numbers go into one, since a sum may be taken in
another order. Other types than float32 are held to as much more or less as their last digit is larger or smaller.
"""

from dataclasses import dataclass

import numpy as np

from .compare import compare, gap
from .pytorch import to_numpy

MARGIN = 10
DIGIT = float(np.finfo("float32").eps)


@dataclass
class Rounded:
    """PyTorch's answer, the noise in it (as of float32), and how many numbers went into each of its own."""

    value: np.ndarray
    noise: float
    terms: int

    def compared(self, ours):
        """How `ours` differs by more than rounding; None if it does not."""
        digit = float(np.finfo(self.value.dtype).eps) if self.value.dtype.kind == "f" else 0
        margin = MARGIN * np.sqrt(self.terms)
        return compare(ours, self.value, rtol=margin * digit, atol=margin * self.noise * digit / DIGIT)

    def __add__(self, other):
        return Rounded(self.value + other.value, self.noise + other.noise, max(self.terms, other.terms))


def rounded(value, low, high, nudged, terms):
    """PyTorch's `value`, with the noise that its versions in float32, in float64, and from nudged inputs show."""
    low, high, nudged = (to_numpy(x).astype("float64") for x in (low, high, nudged))
    apart = np.maximum(gap(low, high), gap(nudged, high))
    return Rounded(to_numpy(value), float(np.max(apart, initial=0, where=np.isfinite(apart))), max(1, terms))


def nudge(x, rng):
    """A float64 tensor with every number changed, at random, in what would be its last digit as a float32."""
    return x * x.new_tensor(1 + DIGIT * rng.uniform(-1, 1, tuple(x.shape)))
