"""What PyTorch keeps in torch.linalg, as far as it is here."""

from math import inf

import numpy as np

from .functions import abs, amax, amin, isnan, sign, square, sum, where


def vector_norm(x, ord=2, dim=None, keepdim=False, *, dtype=None):
    """How long a vector is: the sum of |x|**ord, to the power 1 / ord. Where that has no slope its gradient is 0.

    ord: 2 for the length as the crow flies, 1 for the sum of all |x|, inf for the largest, 0 for how many are not 0.
    """
    if isinstance(ord, str):
        raise TypeError(f"vector_norm: ord is a number, and got {ord!r}.")
    wanted = x.dtype if dtype is None else dtype
    if wanted.kind != "f" or not np.can_cast(x.dtype, wanted):
        raise RuntimeError(f"vector_norm does not go from {x.dtype} to {wanted}. Try .float() or .double() first.")
    x = x.to(wanted)
    if (ord == inf or ord < 0) and not x.numel() and sum(x, dim).numel():
        raise RuntimeError(f"vector_norm: of nothing (shape {x.shape}) there is no norm of order {ord}.")
    if ord in (inf, -inf):
        return (amax if ord > 0 else amin)(abs(x), dim, keepdim)
    if ord == 0:
        return sum(sign(abs(where(isnan(x), 1.0, x))), dim, keepdim)
    if ord == 1:
        return sum(abs(x), dim, keepdim)
    powers = square(x) if ord == 2 else abs(x) ** ord if ord > 1 else power(abs(x), ord)
    return power(sum(powers, dim, keepdim), 1 / ord)


def power(x, exponent):
    """x ** exponent, with gradient 0 at 0."""
    zero = x == 0
    return where(zero, x.detach() ** exponent, where(zero, 1.0, x) ** exponent)
