"""Products of matrices and vectors."""

from .. import ops
from ..tensor import apply
from .pointwise import promoted
from .shape import squeeze, unsqueeze


def matmul(input, other):
    """Matrix product. A vector counts as a row on the left and as a column on the right; leading axes are broadcast."""
    for x in (input, other):
        if not hasattr(x, "ndim"):
            raise TypeError(f"matmul multiplies two tensors, and got a {type(x).__name__}.")
    if not input.ndim or not other.ndim:
        raise RuntimeError("matmul: both must have at least one axis. To multiply by a single number, use *.")
    x, y = promoted(input, other)
    x = unsqueeze(x, 0) if input.ndim == 1 else x
    y = unsqueeze(y, 1) if other.ndim == 1 else y
    out = apply(ops.matmul, x, y)
    out = squeeze(out, -2) if input.ndim == 1 else out
    return squeeze(out, -1) if other.ndim == 1 else out


def rmatmul(x, other):
    """other @ x."""
    return matmul(other, x)
