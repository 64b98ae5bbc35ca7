"""Sums, means, extremes: along `dim` (an integer, a tuple of them, or None for all)."""

from collections import namedtuple

import numpy as np

from .. import dtype as dtypes
from .. import ops
from ..tensor import Tensor, apply, axis_of
from .indexing import gather
from .pointwise import floating, maximum, minimum
from .shape import squeeze

Extreme = namedtuple("Extreme", ["values", "indices"])


def sum(input, dim=None, keepdim=False, *, dtype=None):
    """Integers and bools are added up as int64."""
    x = input.to(dtype or (input.dtype if dtypes.is_floating(input.dtype) else dtypes.int64))
    return apply(ops.sum, x, axis=axis_of(dim, x.ndim), keepdims=keepdim)


def mean(input, dim=None, keepdim=False, *, dtype=None):
    x = averaged("mean", input if dtype is None else input.to(dtype))
    return apply(ops.mean, x, axis=axis_of(dim, x.ndim), keepdims=keepdim)


def var(input, dim=None, *, correction=1, keepdim=False):
    """The mean squared distance from the mean; `correction` is taken off the count that divides."""
    return apply(
        ops.var, averaged("var", input), axis=axis_of(dim, input.ndim), correction=correction, keepdims=keepdim
    )


def std(input, dim=None, *, correction=1, keepdim=False):
    """The square root of `var`."""
    return apply(
        ops.std, averaged("std", input), axis=axis_of(dim, input.ndim), correction=correction, keepdims=keepdim
    )


def amax(input, dim=None, keepdim=False):
    """The largest along one or more axes; equal ones share the gradient."""
    axis = axis_of(dim, input.ndim)
    return apply(ops.amax, nonempty("amax", input, axis), axis=axis, keepdims=keepdim)


def amin(input, dim=None, keepdim=False):
    """The smallest along one or more axes; equal ones share the gradient."""
    axis = axis_of(dim, input.ndim)
    return apply(ops.amin, nonempty("amin", input, axis), axis=axis, keepdims=keepdim)


def max(input, dim=None, keepdim=False):
    """The largest of all; along `dim`, (values, indices) of the first of equal ones; or of two tensors, `maximum`."""
    if isinstance(dim, Tensor):
        return maximum(input, dim)
    return amax(input) if dim is None else extreme(np.argmax, input, dim, keepdim)


def min(input, dim=None, keepdim=False):
    """The smallest of all; along `dim`, (values, indices) of the first of equal ones; or of two tensors, `minimum`."""
    if isinstance(dim, Tensor):
        return minimum(input, dim)
    return amin(input) if dim is None else extreme(np.argmin, input, dim, keepdim)


def argmax(input, dim=None, keepdim=False):
    """Where the largest is: the first one, counted along `dim`, or in reading order over all."""
    return where_extreme(np.argmax, not_bools("argmax", input), dim, keepdim)


def argmin(input, dim=None, keepdim=False):
    """Where the smallest is: the first one, counted along `dim`, or in reading order over all."""
    return where_extreme(np.argmin, not_bools("argmin", input), dim, keepdim)


def any(input, dim=None, keepdim=False):
    return Tensor(input.data.any(axis=axis_of(dim, input.ndim), keepdims=keepdim))


def all(input, dim=None, keepdim=False):
    return Tensor(input.data.all(axis=axis_of(dim, input.ndim), keepdims=keepdim))


def logsumexp(input, dim, keepdim=False):
    """log(sum(exp(input))), which neither overflows nor loses digits."""
    return apply(ops.logsumexp, floating(input), axis=axis_of(dim, input.ndim), keepdims=keepdim)


def softmax(input, dim):
    """exp(input), divided by its sum along `dim`."""
    return apply(ops.softmax, scores("softmax", input), axis=axis_of(dim, input.ndim))


def log_softmax(input, dim):
    """log(softmax(input)), in one step that cannot overflow."""
    return apply(ops.log_softmax, scores("log_softmax", input), axis=axis_of(dim, input.ndim))


def scores(name, x):
    """x, if it can be a row of scores."""
    if not dtypes.is_floating(x.dtype):
        raise NotImplementedError(f"{name} is for floating-point tensors, and this one is {x.dtype}. Try .float().")
    return x


def averaged(name, x):
    """x, if an average of it would be of its own type."""
    if not dtypes.is_floating(x.dtype):
        raise RuntimeError(f"{name} is for floating-point tensors, and this one is {x.dtype}. Try .float().{name}().")
    return x


def nonempty(name, x, axis):
    """x, if there is something along `axis` to choose from."""
    axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    if 0 in [x.shape[a] for a in axes]:
        kind = RuntimeError if axis is None and name in ("amax", "amin") else IndexError
        raise kind(f"{name}: a tensor of shape {x.shape} has nothing to choose from along dim {axis}.")
    return x


def not_bools(name, x):
    if x.dtype == dtypes.bool:
        raise RuntimeError(f"{name} is not made for bools. Convert with .long() first.")
    return x


def where_extreme(function, x, dim, keepdim):
    axis = axis_of(dim, x.ndim)
    out = function(nonempty(function.__name__, x, axis).data, axis=axis)
    if keepdim:
        out = np.expand_dims(out, tuple(range(x.ndim)) if axis is None else axis)
    return Tensor(out)


def extreme(function, x, dim, keepdim):
    """The pair (values, indices) of what `function` finds along `dim`."""
    indices = where_extreme(function, x, dim, keepdim=True)
    values = gather(x, dim, indices) if x.ndim else x
    if not keepdim and x.ndim:
        values, indices = squeeze(values, dim), squeeze(indices, dim)
    return Extreme(values, indices)
