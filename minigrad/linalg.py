"""What PyTorch keeps in torch.linalg, as far as it is here."""

from math import inf

import numpy as np

from . import ops
from .functions import sum
from .tensor import apply, axis_of


def vector_norm(x, ord=2, dim=None, keepdim=False, *, dtype=None):
    """How long a vector is: the sum of |x|**ord, to the power 1 / ord. Where that has no slope its gradient is 0.

    ord: 2 for the length as the crow flies, 1 for the sum of all |x|, inf for the largest, 0 for how many are not 0.
    """
    if isinstance(ord, str):
        raise TypeError(f"vector_norm: ord is a number, and got {ord!r}.")
    wanted = x.dtype if dtype is None else dtype
    if x.dtype.kind != "f" or wanted.kind != "f" or not np.can_cast(x.dtype, wanted):
        raise RuntimeError(f"vector_norm does not go from {x.dtype} to {wanted}. Try .float() or .double() first.")
    axis = axis_of(dim, x.ndim)
    if (ord == inf or ord < 0) and not x.numel() and sum(x, dim).numel():
        raise RuntimeError(f"vector_norm: of nothing (shape {x.shape}) there is no norm of order {ord}.")
    return apply(ops.norm, x.to(wanted), ord=ord, axis=axis, keepdims=keepdim)
