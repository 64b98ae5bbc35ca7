"""Products of matrices."""

import math

import numpy as np

from .. import kernels


def matmul(x, y):
    """Matrix product: (..., n, k) @ (..., k, m) -> (..., n, m). Leading axes are broadcast."""
    return (
        x @ y,
        lambda g: g @ y.swapaxes(-1, -2),
        lambda g: x.swapaxes(-1, -2) @ g,
    )


def linear(x, w, b=None):
    """A fully connected layer: x @ w.T + b.

    x: (..., K)    w: (F, K)    b: (F,)    ->    (..., F)
    """
    out = kernels.matmul(flat(x), w.T).reshape(*x.shape[:-1], len(w))
    if b is not None:
        out += b

    return (
        out,
        lambda g: kernels.matmul(flat(g), w).reshape(x.shape),
        lambda g: kernels.matmul(flat(g).T, flat(x)),
        lambda g: flat(g).sum(axis=0),
    )


def einsum(*xs, equation):
    """Products of elements, named by letters and summed over those that are not in the result: "ij,jk->ik" is x @ y.

    A letter of one x stands in it once, and again in the result or in another x; it is as long there.
    """
    terms, out = equation.split("->")
    terms = terms.split(",")

    def gradient_of(i):  # the result takes the place of x, and x that of the result
        back = ",".join((*terms[:i], out, *terms[i + 1 :])) + "->" + terms[i]
        before, after = xs[:i], xs[i + 1 :]
        return lambda g: np.einsum(back, *before, g, *after, optimize=True)

    return np.einsum(equation, *xs, optimize=True), *map(gradient_of, range(len(xs)))


def flat(x):
    """(..., K) -> (N, K), every leading axis counted into N."""
    return x.reshape(math.prod(x.shape[:-1]), x.shape[-1])
