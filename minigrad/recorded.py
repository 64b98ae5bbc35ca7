"""Gradients of gradients: an array whose every use is recorded.

To differentiate a gradient, its computation must have been recorded, but gradient functions compute with bare arrays.
So the op is run once more, on `Recorded` arrays: they answer to NumPy as arrays do, and compute with Tensors. The rules
in `ops` stay as they are, and what is never differentiated twice pays nothing for it.

What NumPy calls a thing stands at the left in the tables below, the function of ours that does it at the right.
"""

import numpy as np

from . import functions as f
from . import graph, ops
from .tensor import Tensor, apply, as_tensor

SAME = ["add", "expm1", "exp", "cos", "log", "log1p", "matmul", "sin", "sqrt", "square", "tanh"]
UFUNCS = {
    **{getattr(np, name): getattr(f, name) for name in SAME},
    np.subtract: f.sub,
    np.multiply: f.mul,
    np.true_divide: f.div,
    np.negative: f.neg,
    np.power: f.pow,
    np.absolute: f.abs,
    np.maximum: lambda x, y: f.maximum(x, as_tensor(y)),
    np.minimum: lambda x, y: f.minimum(x, as_tensor(y)),
}


def where(condition, x, y):
    return f.where(Tensor(np.asarray(condition)), x, y)


def concatenate(xs, axis=0):
    return f.cat(xs, axis)


def zeros_like(x, dtype=None, shape=None):
    return Tensor(np.zeros_like(x.data, dtype=dtype, shape=shape))


def expand_dims(x, axis):
    axes = {a % (x.ndim + np.size(axis)) for a in np.atleast_1d(axis).tolist()}
    sizes = iter(x.shape)
    return f.reshape(x, [1 if i in axes else next(sizes) for i in range(x.ndim + len(axes))])


FUNCTIONS = {
    np.where: where,
    np.concatenate: concatenate,
    np.zeros_like: zeros_like,
    np.ones_like: lambda x: Tensor(np.ones_like(x.data)),
    np.expand_dims: expand_dims,
    np.einsum: lambda equation, *xs, optimize: f.einsum(equation, *xs),
    np.broadcast_to: lambda x, shape: f.shape.expand(x, shape),
    np.round: lambda x, decimals: f.round(x, decimals=decimals),
    np.clip: lambda x, low, high: f.clamp(x, low, high),
}


class Recorded(np.lib.mixins.NDArrayOperatorsMixin):
    """Stands for the array of `tensor`: what is computed with it is computed with Tensors, and so recorded."""

    base = None  # never a view of anything that could be written to

    def __init__(self, tensor):
        self.tensor = tensor

    shape = property(lambda self: self.tensor.shape)
    dtype = property(lambda self: self.tensor.dtype)
    ndim = property(lambda self: self.tensor.ndim)
    size = property(lambda self: self.tensor.numel())
    T = property(lambda self: self.transpose())

    def __len__(self):
        return len(self.tensor)

    def __getitem__(self, index):
        return Recorded(apply(ops.getitem, self.tensor, index=plain(index)))

    def __setitem__(self, index, value):
        """Add to what was zero, as the gradients in `ops` do that fill an array in."""
        self.tensor = apply(ops.index_add, self.tensor, bare(value), index=plain(index))

    def __array_ufunc__(self, ufunc, method, *inputs, out=None):
        if method == "at":  # np.add.at(out, index, values)
            inputs[0][inputs[1]] = inputs[2]
            return None
        if ufunc not in UFUNCS:  # whatever gives bools or signs: it has no slope to record
            return getattr(ufunc, method)(*(plain(x) for x in inputs))
        result = UFUNCS[ufunc](*(bare(x) for x in inputs))
        if out is not None:
            out[0].tensor = result
            return out[0]
        return Recorded(result)

    def __array_function__(self, function, types, args, options):
        return Recorded(FUNCTIONS[function](*bare(args), **options))


def method(function):
    """A method of arrays that does what `function` does of Tensors, by NumPy's names for its options."""

    def of_recorded(self, *args, axis=None, **options):
        named = {"keepdim": options["keepdims"]} if "keepdims" in options else {}
        return Recorded(function(self.tensor, *args, **({} if axis is None else {"dim": axis}), **named))

    return of_recorded


METHODS = {
    **{name: getattr(f, name) for name in ("sum", "mean", "cumsum", "prod", "reshape")},
    "max": f.amax,
    "min": f.amin,
    "squeeze": f.squeeze,
    "swapaxes": f.transpose,
    "transpose": lambda x, *axes: f.permute(x, *(axes or [range(x.ndim)[::-1]])),
    "astype": Tensor.to,
    "copy": f.clone,
}
for name, function in METHODS.items():
    setattr(Recorded, name, method(function))


def bare(x):
    """Tensors in place of Recorded arrays, wherever they stand."""
    if isinstance(x, (tuple, list)):
        return type(x)(map(bare, x))
    return x.tensor if isinstance(x, Recorded) else x


def plain(x):
    """Arrays in place of Recorded arrays: for an index, and for what has no gradient."""
    if isinstance(x, (tuple, list)):
        return type(x)(map(plain, x))
    return x.tensor.data if isinstance(x, Recorded) else x


# Ops whose gradients are not to be taken of their formula: it would overflow (the sigmoids), it moves arrays between
# devices, or it knows arrays only (erf, and what stands in `kernels`). What ops on images give back are ops, too.


def sigmoid(x):
    out = f.sigmoid(x)
    return (lambda g: g * (1 - out) * out,)


def logsigmoid(x):
    return (lambda g: g * f.sigmoid(-x),)


def erf(x):
    return (lambda g: g * (2 / np.pi**0.5 * f.exp(-x * x)),)


def norm(x, *, ord, axis=None, keepdims=False):
    out = Recorded(apply(ops.norm, x, ord=ord, axis=axis, keepdims=True))

    def grad_x(g):
        g = ops.reduction.restored(Recorded(g), axis, keepdims)
        return ops.reduction.norm_grad_x(g, Recorded(x), out, ord, axis).tensor

    return (grad_x,)


def transfer(x, *, device):
    return (lambda g: g.to(x.device),)


def index_put(x, y, *, index):
    return (
        lambda g: apply(ops.index_put, g, 0.0, index=index),
        lambda g: apply(ops.getitem, g, index=index),
    )


def conv2d(x, w, b=None, **how):
    return (
        lambda g: apply(ops.conv_transpose2d, g, w, shape=x.shape, **how),
        lambda g: apply(ops.image.conv2d_grad_w, g, x, shape=w.shape, **how),
        lambda g: f.sum(g, (0, 2, 3)),
    )


def conv_transpose2d(x, w, *, shape, **how):
    return (
        lambda g: apply(ops.conv2d, g, w, **how),
        lambda g: apply(ops.image.conv2d_grad_w, x, g, shape=w.shape, **how),
    )


def conv2d_grad_w(g, x, *, shape, **how):
    return (
        lambda gg: apply(ops.conv2d, x, gg, **how),
        lambda gg: apply(ops.conv_transpose2d, g, gg, shape=x.shape, **how),
    )


def max_pool2d(x, **how):
    out = ops.max_pool2d(x.data, **how)[0]
    return (lambda g: apply(ops.image.max_pool2d_grad_x, g, x=x.data, out=out, **how),)


def max_pool2d_grad_x(g, **how):
    return (lambda gg: apply(ops.image.max_pool2d_pick, gg, **how),)


def max_pool2d_pick(g, **how):
    return (lambda gg: apply(ops.image.max_pool2d_grad_x, gg, **how),)


def avg_pool2d(x, **how):
    return (lambda g: apply(ops.image.avg_pool2d_grad_x, g, shape=x.shape, **how),)


def avg_pool2d_grad_x(g, *, shape, **how):
    return (lambda gg: apply(ops.avg_pool2d, gg, **how),)


RULES = {
    rule.__name__: rule
    for rule in (
        *(sigmoid, logsigmoid, erf, norm, transfer, index_put, conv2d, conv_transpose2d, conv2d_grad_w),
        *(max_pool2d, max_pool2d_grad_x, max_pool2d_pick, avg_pool2d, avg_pool2d_grad_x),
    )
}


def gradients(tensor):
    """The gradient functions of `tensor`, over again: they take and give Recorded arrays."""
    with graph.enable_grad():
        if hasattr(tensor.op, "rule"):  # an autograd.Function's
            functions = map(wrapped, tensor.op.rule(tensor))
        else:
            refuse_overwritten(tensor)
            functions = over_again(tensor)
    return [function if needed else None for function, needed in zip(functions, tensor.gradients)]


def over_again(tensor):
    """The gradient functions that the op gives when it is run once more, or those of its rule."""
    if tensor.op.__name__ in RULES:
        return map(wrapped, RULES[tensor.op.__name__](*tensor.inputs, **tensor.options))
    return tensor.op(*(Recorded(i) if isinstance(i, Tensor) else i for i in tensor.inputs), **tensor.options)[1:]


def refuse_overwritten(tensor):
    """Raise RuntimeError if `tensor` cannot be computed again: numbers were kept of an input overwritten since."""
    inputs = [(i.data, i.version[0] == n) for i, n in zip(tensor.inputs, tensor.versions[1:]) if isinstance(i, Tensor)]
    if all(intact for _, intact in inputs):
        return
    for array in (array for gradient in tensor.gradients if gradient for array in graph.kept(gradient)):
        if array.dtype.kind == "f" and not any(intact and np.may_share_memory(array, data) for data, intact in inputs):
            raise RuntimeError(
                f"create_graph=True computes {tensor.op.__name__} again, but its input was overwritten in place since. "
                "Write x = x + ... instead of x += ..., or work on x.clone()."
            )


def wrapped(function):
    """A function of Tensors, as one of Recorded arrays."""

    def of_recorded(g):
        out = function(g.tensor)
        return None if out is None else Recorded(out)

    return of_recorded


def backpropagate(root, start, retain_graph):
    """Like `graph.backpropagate`, from a Tensor, giving recorded Tensors as gradients."""
    pairs = graph.backpropagate(root, Recorded(start), retain_graph=retain_graph, gradients=gradients)
    return ((tensor, g.tensor) for tensor, g in pairs)


Tensor._backpropagate_recorded = backpropagate
