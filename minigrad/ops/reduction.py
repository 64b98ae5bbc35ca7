"""Many numbers in, fewer out: along `axis`, which is an integer, a tuple of them, or None for all."""

import numpy as np

from .elementwise import sign, wide


def sum(x, *, axis=None, keepdims=False):
    """Add up the elements along `axis`."""
    shape = x.shape  # all that the gradient needs of x, which is then free to go
    return (
        x.sum(axis=axis, keepdims=keepdims, dtype=room(x)).astype(x.dtype, copy=False),
        lambda g: np.broadcast_to(restored(g, axis, keepdims), shape),
    )


def mean(x, *, axis=None, keepdims=False):
    """The average of the elements along `axis`."""
    shape, count = x.shape, counted(x, axis)
    return (
        (x.sum(axis=axis, keepdims=keepdims, dtype=room(x)) / count).astype(x.dtype, copy=False),
        lambda g: np.broadcast_to(restored(g, axis, keepdims) / count, shape),
    )


def cumsum(x, *, axis):
    """Every element plus all those before it along `axis`: an integer."""
    backwards = (slice(None),) * axis + (slice(None, None, -1),)
    return (
        x.cumsum(axis=axis, dtype=room(x)).astype(x.dtype, copy=False),
        lambda g: g[backwards].cumsum(axis=axis, dtype=room(g))[backwards],
    )


def prod(x, *, axis=None):
    """Multiply the elements along `axis`: an integer, or None for all."""
    out = x.prod(axis=axis, dtype=room(x)).astype(x.dtype, copy=False)

    def grad_x(g):
        if not (x == 0).any():
            return restored(g, axis, False) * (restored(out, axis, False) / x)
        rest = others(x.reshape(-1), 0).reshape(*x.shape) if axis is None else others(x, axis)
        return restored(g, axis, False) * rest

    return out, grad_x


def others(x, axis):
    """For each element the product of all others along `axis`: of those before it and of those after it."""
    places = [(slice(None),) * axis + (slice(i, i + 1),) for i in range(x.shape[axis])]
    before = after = np.ones_like(x[places[0]])
    products = [before]
    for place in places[:-1]:
        products.append(products[-1] * x[place])
    for i in reversed(range(len(places))):
        products[i], after = products[i] * after, after * x[places[i]]
    return np.concatenate(products, axis=axis)


def var(x, *, axis=None, correction=1, keepdims=False):
    """The mean squared distance from the mean; `correction` is taken off the count (1: a sample of a larger whole)."""
    variance, grad_x = spread(x, axis, correction, keepdims)
    return variance.astype(x.dtype, copy=False), grad_x


def std(x, *, axis=None, correction=1, keepdims=False):
    """The square root of `var`. Where it is 0, so is its gradient."""
    variance, grad_variance = spread(x, axis, correction, keepdims)
    out = np.sqrt(variance).astype(x.dtype, copy=False)

    def grad_x(g):
        twice = 2 * np.sqrt(np.where(out == 0, 1, variance)).astype(x.dtype, copy=False)
        return grad_variance(np.where(out == 0, 0, g / twice))

    return out, grad_x


def spread(x, axis, correction, keepdims):
    """The variance, in float64 so that squares of large numbers have room, and its gradient."""
    free = counted(x, axis) - correction
    centred = x - x.mean(axis=axis, keepdims=True, dtype=np.float64)
    return (
        (centred * centred).sum(axis=axis, keepdims=keepdims) / np.maximum(free, 0),
        lambda g: restored(g, axis, keepdims) * (2 / x.dtype.type(free)) * (x - mean(x, axis=axis, keepdims=True)[0]),
    )


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
    return winning(x, x.max(axis=axis, keepdims=True), axis, keepdims)


def amin(x, *, axis=None, keepdims=False):
    """The smallest element along `axis`. Where several are equally small, they share the gradient."""
    return winning(x, x.min(axis=axis, keepdims=True), axis, keepdims)


def norm(x, *, ord, axis=None, keepdims=False):
    """The sum of |x| ** ord, to the power 1 / ord; for ord = inf the largest |x|, for 0 how many are not 0."""
    size = np.abs(wide(x))
    if ord in (np.inf, -np.inf):
        out = (size.max if ord > 0 else size.min)(axis=axis, keepdims=True)
    elif ord == 0:
        out = (x != 0).sum(axis=axis, keepdims=True, dtype=x.dtype)
    else:
        out = (size**ord).sum(axis=axis, keepdims=True) ** (1 / ord)
    out = out.astype(x.dtype, copy=False)
    return out if keepdims else out.squeeze(axis), lambda g: norm_grad_x(restored(g, axis, keepdims), x, out, ord, axis)


def norm_grad_x(g, x, out, ord, axis):
    """The gradient of `norm`, which is 0 where it has no slope: at 0."""
    if ord == 0:
        return np.zeros_like(x)
    if ord in (np.inf, -np.inf):
        return sign(x)[0] * shared(g, (np.abs(x) == out) | (np.isnan(x) & np.isnan(out)), axis)
    if ord == 2:
        return g * np.where(out == 0, 0, x / out)
    if ord < 1:
        return sign(x)[0] * np.where(x == 0, 0, np.abs(x) ** (ord - 1)) * g * out ** (1 - ord)
    return sign(x)[0] * np.abs(x) ** (ord - 1) * np.where(out == 0, 0, g / out ** (ord - 1))


def logsumexp(x, *, axis, keepdims=False):
    """log of the sum of exp(x) along `axis`, without ever computing a large exp."""
    most = largest(x, axis)
    most = np.where(np.isfinite(most), most, 0)  # inf - inf would be nan
    out = most + np.log(sum(np.exp(x - most), axis=axis, keepdims=True)[0])
    return (
        out if keepdims else out.squeeze(axis),
        lambda g: restored(g, axis, keepdims) * np.exp(x - out),
    )


def softmax(x, *, axis):
    """exp(x), divided by its sum along `axis`: positive numbers that add up to 1."""
    out = np.exp(wide(x) - largest(x, axis))  # so exp cannot overflow
    out /= out.sum(axis=axis, keepdims=True)
    out = out.astype(x.dtype, copy=False)

    def grad_x(g):
        return wide(out) * (g - (wide(g) * out).sum(axis=axis, keepdims=True))

    return out, grad_x


def log_softmax(x, *, axis):
    """log(softmax(x)), in one step that cannot overflow."""
    shifted = wide(x) - largest(x, axis)
    out = (shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))).astype(x.dtype, copy=False)
    return out, lambda g: g - np.exp(wide(out)) * wide(g).sum(axis=axis, keepdims=True)


def largest(x, axis):
    """The largest along `axis`, which is kept, to measure the others from; of nothing, 0."""
    return x.max(axis=axis, keepdims=True) if x.size else x.sum(axis=axis, keepdims=True)


def room(x):
    """The type to add x up in: its own, but float32 for float16."""
    return np.float32 if x.dtype == np.float16 else x.dtype


def restored(g, axis, keepdims):
    """`g` with the axes back (of length 1) that the reduction took away."""
    return g if keepdims or axis is None else np.expand_dims(g, axis)


def winning(x, out, axis, keepdims):
    """`out`, which some of x equal, and the gradient function that gives to those."""
    return (
        out if keepdims else out.squeeze(axis),
        lambda g: shared(restored(g, axis, keepdims), x == out, axis),
    )


def shared(g, winners, axis):
    """g where `winners` holds, each with an equal share of it; 0 elsewhere."""
    return g * winners / winners.sum(axis=axis, keepdims=True, dtype=g.dtype)


def counted(x, axis):
    """How many elements go into each result."""
    if axis is None:
        return x.size
    return int(np.prod([x.shape[a] for a in (axis if isinstance(axis, tuple) else (axis,))]))
