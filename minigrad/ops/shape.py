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


def contiguous(x):
    """A copy that has the elements in reading order in memory."""
    return x.copy(), lambda g: g


def expand(x, *, shape):
    """x repeated along new axes and along axes of length 1, without a copy. The engine sums the gradient back."""
    return np.broadcast_to(x, shape), lambda g: g


def getitem(x, *, index):
    """x[index], with all that NumPy can index by."""
    shape, out = x.shape, x[index]
    if isinstance(out, np.generic):  # a number; where it lies in x, it is a view of x
        out = x[(*index, ...) if isinstance(index, tuple) else (index, ...)]

    def grad_x(g):
        grad = np.zeros_like(g, shape=shape)
        if may_repeat(index):
            np.add.at(grad, index, g)  # an element picked twice gets both gradients
        else:
            grad[index] = g
        return grad

    return out, grad_x


def index_add(x, y, *, index):
    """x, with y added at x[index]; where the index names an element twice, both are added."""
    out = x.copy()
    np.add.at(out, index, y)
    return out, lambda g: g, lambda g: g[index]


def index_put(x, y, *, index):
    """x, with y in place of x[index]; where the index names an element twice, the last one stays."""
    out = x.copy()
    out[index] = y

    def grad_x(g):
        kept = np.ones_like(g, dtype=bool)
        kept[index] = False
        return np.where(kept, g, 0)

    return out, grad_x, lambda g: g[index]


def gather(x, *, axis, index):
    """Along `axis`, the elements at positions `index`; the other axes stay in step, as far as `index` goes.

    x: (..., n, ...)    index: (..., m, ...)    ->    (..., m, ...)
    """
    return getitem(x, index=places(index, axis))


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


def places(index, axis):
    """What NumPy takes to pick along `axis` the positions `index`, the other axes in step."""
    steps = [along(i, np.arange(n, like=index), index.ndim) for i, n in enumerate(index.shape)]
    return (*steps[:axis], index, *steps[axis + 1 :])


def along(axis, numbers, ndim):
    """A row of numbers laid along one axis of `ndim`."""
    return numbers.reshape([-1 if i == axis else 1 for i in range(ndim)])


def may_repeat(index):
    """Whether `index` can name an element twice: only lists of positions can."""
    parts = index if isinstance(index, tuple) else (index,)
    return any(hasattr(i, "dtype") and i.dtype.kind in "iu" and i.ndim for i in parts)
