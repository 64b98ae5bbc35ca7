"""Many numbers in, fewer out: along `axis`, which is an integer, a tuple of them, or None for all."""

import numpy as np


def sum(x, *, axis=None, keepdims=False):
    """Add up the elements along `axis`."""
    shape = x.shape  # all that the gradient needs of x, which is then free to go
    return (
        x.sum(axis=axis, keepdims=keepdims),
        lambda g: np.broadcast_to(restored(g, axis, keepdims), shape),
    )


def mean(x, *, axis=None, keepdims=False):
    """The average of the elements along `axis`."""
    shape, count = x.shape, counted(x, axis)
    return (
        x.sum(axis=axis, keepdims=keepdims) / count,
        lambda g: np.broadcast_to(restored(g, axis, keepdims) / count, shape),
    )


def cumsum(x, *, axis):
    """Every element plus all those before it along `axis`: an integer."""
    backwards = (slice(None),) * axis + (slice(None, None, -1),)
    return x.cumsum(axis=axis, dtype=x.dtype), lambda g: g[backwards].cumsum(axis=axis, dtype=g.dtype)[backwards]


def var(x, *, axis=None, correction=1, keepdims=False):
    """The mean squared distance from the mean; `correction` is taken off the count (1: a sample of a larger whole)."""
    centred = x - x.mean(axis=axis, keepdims=True)
    free = np.maximum(counted(x, axis) - correction, 0)
    return (
        (centred * centred).sum(axis=axis, keepdims=keepdims) / x.dtype.type(free),
        lambda g: restored(g, axis, keepdims) * (2 / x.dtype.type(free)) * centred,
    )


def std(x, *, axis=None, correction=1, keepdims=False):
    """The square root of `var`. Where it is 0, so is its gradient."""
    variance, grad_variance = var(x, axis=axis, correction=correction, keepdims=keepdims)
    out = np.sqrt(variance)

    def grad_x(g):
        flat = out == 0
        return grad_variance(np.where(flat, 0, g / (2 * np.sqrt(np.where(flat, 1, variance)))))

    return out, grad_x


def normalize(x, *, axis, eps=1e-5):
    """x minus its mean, over its standard deviation, along `axis`: mean 0, variance 1 (or just below, by `eps`).

    Source: Ioffe and Szegedy, Batch Normalization, 2015.
    """
    out = x - x.mean(axis=axis, keepdims=True)
    scale = 1 / np.sqrt(np.square(out).mean(axis=axis, keepdims=True) + x.dtype.type(eps))
    out *= scale

    def grad_x(g):
        return scale * (g - g.mean(axis=axis, keepdims=True) - out * (g * out).mean(axis=axis, keepdims=True))

    return out, grad_x


def amax(x, *, axis=None, keepdims=False):
    """The largest element along `axis`. Where several are equally large, they share the gradient."""
    out = x.max(axis=axis, keepdims=True)

    def grad_x(g):
        return restored(g, axis, keepdims) * shares(x == out, axis, x.dtype)

    return out if keepdims else out.squeeze(axis), grad_x


def amin(x, *, axis=None, keepdims=False):
    """The smallest element along `axis`. Where several are equally small, they share the gradient."""
    out = x.min(axis=axis, keepdims=True)

    def grad_x(g):
        return restored(g, axis, keepdims) * shares(x == out, axis, x.dtype)

    return out if keepdims else out.squeeze(axis), grad_x


def logsumexp(x, *, axis, keepdims=False):
    """log of the sum of exp(x) along `axis`, without ever computing a large exp."""
    most = largest(x, axis)
    most = np.where(np.isfinite(most), most, 0)  # inf - inf would be nan
    out = most + np.log(np.exp(x - most).sum(axis=axis, keepdims=True))
    return (
        out if keepdims else out.squeeze(axis),
        lambda g: restored(g, axis, keepdims) * np.exp(x - out),
    )


def softmax(x, *, axis):
    """exp(x), divided by its sum along `axis`: positive numbers that add up to 1."""
    out = np.exp(x - largest(x, axis))  # so exp cannot overflow
    out /= out.sum(axis=axis, keepdims=True)

    def grad_x(g):
        return out * (g - (g * out).sum(axis=axis, keepdims=True))

    return out, grad_x


def log_softmax(x, *, axis):
    """log(softmax(x)), in one step that cannot overflow."""
    shifted = x - largest(x, axis)
    out = shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))
    return out, lambda g: g - np.exp(out) * g.sum(axis=axis, keepdims=True)


def largest(x, axis):
    """The largest along `axis`, which is kept, to measure the others from; of nothing, 0."""
    return x.max(axis=axis, keepdims=True) if x.size else x.sum(axis=axis, keepdims=True)


def restored(g, axis, keepdims):
    """`g` with the axes back (of length 1) that the reduction took away."""
    return g if keepdims or axis is None else np.expand_dims(g, axis)


def shares(winners, axis, dtype):
    """1 / (number of winners) at each winner: (..., True, True, False) -> (..., 0.5, 0.5, 0)."""
    return winners / winners.sum(axis=axis, keepdims=True, dtype=dtype)


def counted(x, axis):
    """How many elements go into each result."""
    if axis is None:
        return x.size
    return int(np.prod([x.shape[a] for a in (axis if isinstance(axis, tuple) else (axis,))]))
