"""Products of matrices."""

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


def flat(x):
    """(..., K) -> (N, K), every leading axis counted into N."""
    return x.reshape(-1, x.shape[-1])
