"""Products of matrices."""


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
    out = x @ w.T
    if b is not None:
        out += b

    def grad_w(g):
        return flat(g).T @ flat(x)  # (F, N) @ (N, K), every leading axis counted into N

    return (
        out,
        lambda g: g @ w,
        grad_w,
        lambda g: flat(g).sum(axis=0),
    )


def flat(x):
    """(..., K) -> (N, K)."""
    return x.reshape(-1, x.shape[-1])
