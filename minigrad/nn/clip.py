"""Gradients kept from growing too large: PyTorch's `nn.utils`."""

import numpy as np

from ..tensor import Tensor


def clip_grad_norm_(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False):
    """Scale all gradients by one factor so that, taken as one vector, their norm is at most `max_norm`.

    Gives the norm from before. Raises RuntimeError for a norm of nan or inf if asked to.
    """
    grads = gradients(parameters)
    if not grads:
        return Tensor(np.float32(0))
    norms = [np.linalg.norm(g.data.reshape(-1), norm_type) for g in grads]
    total = np.linalg.norm(np.stack(norms), norm_type)
    if error_if_nonfinite and not np.isfinite(total):
        raise RuntimeError(f"clip_grad_norm_: the norm is {total}. Look for the first loss that was not finite.")
    scale = np.minimum(max_norm / (total + 1e-6), 1)
    for g in grads:
        np.multiply(g.data, scale.astype(g.dtype), out=g.writable())
    return Tensor(total)


def clip_grad_value_(parameters, clip_value):
    """Cut every element of every gradient off at -clip_value and clip_value."""
    for g in gradients(parameters):
        np.clip(g.data, -clip_value, clip_value, out=g.writable())


def gradients(parameters):
    parameters = [parameters] if isinstance(parameters, Tensor) else parameters
    return [p.grad for p in parameters if p.grad is not None]
