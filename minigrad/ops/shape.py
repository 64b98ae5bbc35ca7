"""The same numbers in another arrangement: nothing is computed, so the gradients only put things back."""

import numpy as np

from .. import device as devices


def reshape(x, *, shape):
    """The elements in reading order, under another shape."""
    before = x.shape
    return x.reshape(shape), lambda g: g.reshape(before)


def permute(x, *, axes):
    """The axes in another order: axis i of the result is axis `axes[i]` of x."""
    back = sorted(range(len(axes)), key=axes.__getitem__)
    return x.transpose(axes), lambda g: g.transpose(back)


def expand(x, *, shape):
    """x repeated along new axes and along axes of length 1, without a copy. The engine sums the gradient back."""
    return np.broadcast_to(x, shape), lambda g: g


def getitem(x, *, index):
    """x[index], with all that NumPy can index by."""
    shape = x.shape

    def grad_x(g):
        out = np.zeros_like(g, shape=shape)
        if may_repeat(index):
            np.add.at(out, index, g)  # an element picked twice gets both gradients
        else:
            out[index] = g
        return out

    return x[index], grad_x


def setitem(x, y, *, index):
    """x, with y in place of x[index]."""
    out = x.copy()
    out[index] = y
    extra = (None,) * (np.ndim(y) - np.ndim(out[index]))  # axes of length 1 in front of y, which fit any place

    def grad_x(g):
        kept = np.ones_like(x, dtype=bool)
        kept[index] = False
        return np.where(kept, g, 0)

    return out, grad_x, lambda g: g[index][extra]


def index_add(x, y, *, index):
    """x, with y added at x[index]; where the index names an element twice, both are added."""
    out = x.copy()
    np.add.at(out, index, y)
    return out, lambda g: g, lambda g: g[index]


def gather(x, *, axis, index):
    """Along `axis`, the elements at positions `index`; the other axes stay in step, as far as `index` goes.

    x: (..., n, ...)    index: (..., m, ...)    ->    (..., m, ...)
    """
    places = [along(i, np.arange(n, like=index), x.ndim) for i, n in enumerate(index.shape)]
    places[axis] = index
    shape, places = x.shape, tuple(places)

    def grad_x(g):
        out = np.zeros_like(g, shape=shape)
        np.add.at(out, places, g)
        return out

    return x[places], grad_x


def cat(*xs, axis=0):
    """The arrays one after the other along `axis`."""
    ends = np.cumsum([x.shape[axis] for x in xs])

    def gradient_of(x, end):
        here = (slice(None),) * (axis % x.ndim) + (slice(int(end) - x.shape[axis], int(end)),)
        return lambda g: g[here]

    return np.concatenate(xs, axis=axis), *[gradient_of(x, end) for x, end in zip(xs, ends)]


def transfer(x, *, device):
    """The same array on another device."""

    def move(array, to):
        return to.from_numpy(devices.of(array).to_numpy(array))

    home = devices.of(x)
    return move(x, devices.get(device)), lambda g: move(g, home)


def along(axis, numbers, ndim):
    """A row of numbers laid along one axis of `ndim`."""
    return numbers.reshape([-1 if i == axis else 1 for i in range(ndim)])


def may_repeat(index):
    """Whether `index` can name an element twice: only lists of positions can."""
    parts = index if isinstance(index, tuple) else (index,)
    return any(hasattr(i, "dtype") and i.dtype.kind in "iu" and i.ndim for i in parts)
