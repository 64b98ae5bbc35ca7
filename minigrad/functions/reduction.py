"""Sums, means, extremes: along `dim` (an integer, a tuple of them, or None for all)."""

import numpy as np

from .. import dtype as dtypes
from .. import ops
from ..graph import is_grad_enabled
from ..tensor import Tensor, apply, axis_of
from .indexing import Found, gather, getitem
from .pointwise import floating, floats, isnan, maximum, minimum, not_bool
from .shape import squeeze, unsqueeze


def sum(input, dim=None, keepdim=False, *, dtype=None):
    """Integers and bools are added up as int64."""
    x = accumulated(input, dtype)
    return apply(ops.sum, x, axis=axis_of(dim, x.ndim), keepdims=keepdim)


def prod(input, dim=None, keepdim=False, *, dtype=None):
    """The product of all, or along one dim. Integers and bools are multiplied as int64."""
    x = accumulated(input, dtype)
    if dim is None and not keepdim:
        return apply(ops.prod, x)
    axis = one_axis("prod", dim, x.ndim)
    out = x if axis is None else apply(ops.prod, x, axis=axis)
    return unsqueeze(out, axis) if keepdim and x.ndim else out


def cumsum(input, dim, *, dtype=None):
    """Every element plus all those before it along `dim`. Integers and bools are added up as int64."""
    x = accumulated(input, dtype)
    axis = one_axis("cumsum", dim, x.ndim)
    return x if axis is None else apply(ops.cumsum, x, axis=axis)


def count_nonzero(input, dim=None):
    return sum(input != 0, dim)


def mean(input, dim=None, keepdim=False, *, dtype=None):
    x = averaged("mean", input if dtype is None else input.to(dtype))
    return apply(ops.mean, x, axis=axis_of(dim, x.ndim), keepdims=keepdim)


def var(input, dim=None, unbiased=None, keepdim=False, *, correction=None):
    """The mean squared distance from the mean; `correction` (1, or 0 if not `unbiased`) is taken off the count."""
    return spread(ops.var, input, dim, unbiased, keepdim, correction)


def std(input, dim=None, unbiased=None, keepdim=False, *, correction=None):
    """The square root of `var`."""
    return spread(ops.std, input, dim, unbiased, keepdim, correction)


def amax(input, dim=None, keepdim=False):
    """The largest along one or more axes; equal ones share the gradient."""
    return along(ops.amax, input, dim, keepdim)


def amin(input, dim=None, keepdim=False):
    """The smallest along one or more axes; equal ones share the gradient."""
    return along(ops.amin, input, dim, keepdim)


def max(input, dim=None, keepdim=False):
    """The largest of all; along `dim`, (values, indices) of the first of equal ones; or of two tensors, `maximum`."""
    if isinstance(dim, Tensor):
        return maximum(input, dim)
    return extreme_of_all(amax, input) if dim is None and not keepdim else extreme(np.argmax, input, dim, keepdim)


def min(input, dim=None, keepdim=False):
    """The smallest of all; along `dim`, (values, indices) of the first of equal ones; or of two tensors, `minimum`."""
    if isinstance(dim, Tensor):
        return minimum(input, dim)
    return extreme_of_all(amin, input) if dim is None and not keepdim else extreme(np.argmin, input, dim, keepdim)


def argmax(input, dim=None, keepdim=False):
    """Where the largest is: the first one, counted along `dim`, or in reading order over all."""
    return where_extreme(np.argmax, not_bool("argmax", input, RuntimeError), dim, keepdim)


def argmin(input, dim=None, keepdim=False):
    """Where the smallest is: the first one, counted along `dim`, or in reading order over all."""
    return where_extreme(np.argmin, not_bool("argmin", input, RuntimeError), dim, keepdim)


def any(input, dim=None, keepdim=False):
    return whether(np.any, input, dim, keepdim)


def all(input, dim=None, keepdim=False):
    return whether(np.all, input, dim, keepdim)


def logsumexp(input, dim, keepdim=False):
    """log(sum(exp(input))), which neither overflows nor loses digits."""
    if dim is None:
        raise TypeError("logsumexp: dim is an integer or several, and got None. For all of them, give ().")
    return apply(ops.logsumexp, floating(input), axis=axis_of(dim, input.ndim), keepdims=keepdim)


def softmax(input, dim, dtype=None):
    """exp(input), divided by its sum along `dim`."""
    axis = one_axis("softmax", dim, input.ndim)
    return apply(ops.softmax, floats("softmax", input if dtype is None else input.to(dtype)), axis=axis)


def log_softmax(input, dim, dtype=None):
    """log(softmax(input)), in one step that cannot overflow."""
    axis = one_axis("log_softmax", dim, input.ndim)
    return apply(ops.log_softmax, floats("log_softmax", input if dtype is None else input.to(dtype)), axis=axis)


def accumulated(x, dtype):
    """x in the type in which its elements are added up or multiplied."""
    dtype = dtype or (x.dtype if dtypes.is_floating(x.dtype) else dtypes.int64)
    if x.requires_grad and not dtypes.is_floating(dtype) and is_grad_enabled():
        raise RuntimeError(f"{dtype} has no gradients, and this tensor requires grad. Say .detach() first.")
    return x.to(dtype)


def spread(op, x, dim, unbiased, keepdim, correction):
    """var or std, in either form: with a correction, or with True or False for 1 or 0."""
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    if unbiased is not None and correction is not None:
        raise TypeError(f"{op.__name__}: give `unbiased` or `correction`, not both.")
    correction = int(unbiased is not False) if correction is None else correction
    axis = axis_of(dim, averaged(op.__name__, x).ndim)
    return apply(op, x, axis=axis, correction=correction, keepdims=keepdim)


def whether(function, x, dim, keepdim):
    """What np.any or np.all finds, as bools; of uint8, which once stood for bool in PyTorch, as uint8."""
    axis = () if isinstance(dim, tuple) and not dim else axis_of(dim, x.ndim)  # along no axes, each by itself
    out = function(x.data, axis=axis, keepdims=keepdim)
    return Tensor(out).to(dtypes.uint8 if x.dtype == dtypes.uint8 else dtypes.bool)


def one_axis(name, dim, ndim):
    """`axis_of` where it has to be a single one."""
    if not isinstance(dim, (int, np.integer)):
        raise TypeError(f"{name}: dim is one integer, and got {dim!r}.")
    return axis_of(dim, ndim)


def averaged(name, x):
    """x, if an average of it would be of its own type."""
    if not dtypes.is_floating(x.dtype):
        raise RuntimeError(f"{name} is for floating-point tensors, and this one is {x.dtype}. Try .float().{name}().")
    return x


def along(op, x, dim, keepdim):
    axis = axis_of(dim, x.ndim)
    return apply(op, nonempty(op.__name__, x, axis), axis=axis, keepdims=keepdim)


def nonempty(name, x, axis):
    """x, if there is something along `axis` to choose from."""
    axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    if 0 in [x.shape[a] for a in axes]:
        kind = RuntimeError if axis is None and name in ("amax", "amin") else IndexError
        raise kind(f"{name}: a tensor of shape {x.shape} has nothing to choose from along dim {axis}.")
    return x


def where_extreme(function, x, dim, keepdim):
    axis = None if dim is None else one_axis(function.__name__, dim, x.ndim)
    out = function(nonempty(function.__name__, x, axis).data, axis=axis)
    if keepdim:
        out = np.expand_dims(out, tuple(range(x.ndim)) if axis is None else axis)
    return Tensor(out)


def extreme(function, x, dim, keepdim):
    """The pair (values, indices) of what `function` finds along `dim`."""
    one_axis(function.__name__.removeprefix("arg"), dim, x.ndim)
    indices = where_extreme(function, x, dim, keepdim=True)
    values = gather(x, dim, indices) if x.ndim else x.clone()
    if not keepdim and x.ndim:
        values, indices = squeeze(values, dim), squeeze(indices, dim)
    return Found(values, indices)


def extreme_of_all(function, x):
    """amax or amin of all; only that, where it is nan, all nans share the gradient."""
    out = function(x)
    return mean(getitem(x, isnan(x))) if out.requires_grad and np.isnan(out.data) else out
