"""Changes in place: what ends in an underscore, `x += y`, and `x[index] = y`.

While nothing is recorded they write to memory, no more. Where the change belongs into the graph, x becomes the result
of a function of what x was before. What x is a view of has changed, too, and so have its other views: each becomes a
result anew. What was computed from them earlier still finds what they were (see `past` in Tensor).
"""

from functools import wraps

import numpy as np

from .. import dtype as dtypes
from .. import graph, ops
from ..tensor import Tensor, apply
from . import indexing, pointwise, shape

POINTWISE = """
    abs add ceil clamp cos div erf exp expm1 floor floor_divide log log1p mul neg pow reciprocal relu remainder round
    rsqrt sigmoid sign sin sqrt square sub tanh trunc
"""
INDEXING = "index_add masked_fill scatter scatter_add"


def in_place(function):
    """`function`, its result put in place of its input: from `add` this makes `add_`."""

    @wraps(function)
    def changed(input, *args, **named):
        return change(input, function, *args, **named)

    changed.__name__ = changed.__qualname__ = function.__name__ + "_"
    changed.__doc__ = f"`{function.__name__}`, in place."
    return changed


for module, names in ((pointwise, POINTWISE), (indexing, INDEXING), (shape, "tril triu")):
    globals().update({name + "_": in_place(getattr(module, name)) for name in names.split()})


def copy_(input, other):
    """Every element replaced by that of `other`, which is broadcast and converted."""
    if getattr(other, "ndim", 0) > input.ndim:
        raise RuntimeError(f"copy_: a tensor of shape {other.shape} does not broadcast to {input.shape}.")
    return setitem(input, ..., other)


def fill_(input, value):
    if getattr(value, "ndim", 0):
        raise RuntimeError(f"fill_ wants a single number, and got shape {value.shape}.")
    return setitem(input, ..., value)


def zero_(input):
    return setitem(input, ..., 0)


def setitem(x, index, value):
    """x[index] = value."""
    *integers, rest = indexing.in_order(indexing.as_index(index, x))
    place = apply(ops.getitem, x, index=integers[0]) if integers else x
    value = as_value(place, rest, value)
    try:
        if is_recorded(place, value):
            record(place, lambda before: apply(ops.index_put, before, value, index=rest))
        else:
            refuse(place)
            place.writable()[rest] = value.data if isinstance(value, Tensor) else value
    except ValueError:
        raise RuntimeError(
            f"a value of shape {np.shape(value)} does not fit a place of shape {place.data[rest].shape}."
        ) from None
    return x


def as_value(x, index, value):
    """What is to stand at x[index], in the number type of x, without axes of length 1 in front."""
    if isinstance(value, np.ndarray):
        return value
    if not isinstance(value, Tensor):
        dtypes.of_number(value)  # or TypeError
        return indexing.number_as(x.dtype, value)
    parts = index if isinstance(index, tuple) else (index,)
    arrays = [i for i in parts if hasattr(i, "dtype")]
    if arrays and value.dtype != x.dtype and not (value.numel() == 1 and all(i.dtype == dtypes.bool for i in arrays)):
        raise RuntimeError(
            f"with a tensor or a list as the index, the value must be of the same number type; got {x.dtype} and "
            f"{value.dtype}."
        )
    first = next((i for i, n in enumerate(value.shape) if n != 1), value.ndim)
    value = shape.reshape(value, value.shape[first:]) if first else value
    if not arrays:
        refuse_overlap(x.data[index], value.data)
    return value.to(x.dtype)


def change(x, function, *args, **named):
    """x = function(x, ...), in the memory of x. Raises RuntimeError where it does not fit there."""
    refuse_overlap(x.data, *(i.data for i in args if isinstance(i, Tensor)))
    if is_recorded(x, *args, *named.values()):
        return record(x, lambda before: function(before, *(before if i is x else i for i in args), **named))
    refuse(x)
    with graph.no_grad():
        value = fitting(x, function(x, *args, **named), function)
    x.writable()[...] = value.data
    return x


def record(x, function):
    """`change`, recorded: x becomes the result of `function` of what x was so far."""
    refuse(x)
    before = as_it_is(x)
    value = fitting(x, function(shape.clone(before)), function)  # what gradients need of the old values is in the copy
    base, whole = x, value
    while base.view_of is not None:
        source, op, options, *several = base.view_of
        if several:
            raise RuntimeError("one of several views made together may not be changed in place. Take it by x[...].")
        before = as_it_is(source)
        base, whole = source, put_back(op, before, whole, options)
    x.writable()[...] = value.data
    become(base, before, whole)
    return x


def as_it_is(x):
    """A tensor with the history of x, which x is about to change."""
    before = Tensor(x.data)
    before.version, before.past, before.requires_grad = x.version, x.past, x.requires_grad
    before.op, before.inputs, before.options = x.op, x.inputs, x.options
    before.gradients, before.versions = x.gradients, x.versions
    return before


def become(x, before, value):
    """Let x be the result `value` from now on, and let its views be views of that."""
    x.past, x.requires_grad = before, value.requires_grad
    x.op, x.inputs, x.options, x.gradients = value.op, value.inputs, value.options, value.gradients
    x.versions = [x.version[0], *value.versions[1:]]
    for view in [view() for view in x.views or ()]:
        _, op, options, *_ = view.view_of
        become(view, as_it_is(view), apply(op, x, **options))


def put_back(op, whole, part, options):
    """`whole`, with `part` where `op` found it: the opposite of a view."""
    if op.__name__ == "getitem":
        return apply(ops.index_put, whole, part, **options)
    if op.__name__ == "permute":
        return shape.permute(part, np.argsort(options["axes"]).tolist())
    if op.__name__ == "reshape" or (op.__name__ == "expand" and part.numel() == whole.numel()):
        return shape.reshape(part, whole.shape)
    raise RuntimeError(
        f"a view that {op.__name__} gave cannot be changed in place while that is recorded. Work on x.clone()."
    )


def fitting(x, value, function):
    """`value` in the number type of x. Raises RuntimeError if its shape is another, or x cannot hold its type."""
    if value.shape != x.shape or dtypes.RANK[value.dtype.kind] > dtypes.RANK[x.dtype.kind]:
        raise RuntimeError(
            f"{function.__name__} in place: the result, of shape {value.shape} and type {value.dtype}, does not fit "
            f"into a tensor of shape {x.shape} and type {x.dtype}."
        )
    return value.to(x.dtype)


def refuse(x):
    """Raise RuntimeError if, while operations are recorded, x may not be changed in place."""
    base = x
    while base.view_of is not None:
        base = base.view_of[0]
    if not (graph.recording.get() and base.requires_grad):
        return
    if base.is_leaf:
        raise RuntimeError(
            "a leaf that requires grad (or a view of one) may not be changed in place while operations are recorded. "
            "If this is an update, put it inside `with mg.no_grad():`."
        )
    if not x.requires_grad:
        raise RuntimeError("a view made inside no_grad() may not be changed in place outside. Make it again there.")


def refuse_overlap(array, *sources):
    """Raise RuntimeError if a write to `array` would change what is still to be read: of itself, or of `sources`."""
    if array.size and any(not stride for n, stride in steps(array)):
        raise RuntimeError("an expanded tensor has elements that share one place in memory. Work on x.clone().")
    for source in sources:
        same = steps(array) == steps(source) and np.may_share_memory(first(array), first(source))
        if is_dense(array) and is_dense(source) and not same and np.may_share_memory(array, source):
            raise RuntimeError("a part of a tensor cannot be changed in place by another part. Use a .clone() of that.")


def first(array):
    """The first element, as a view."""
    return array[(*[slice(1)] * array.ndim, ...)]


def steps(array):
    """(length, stride) of each axis along which there are neighbours."""
    return [(n, stride) for n, stride in zip(array.shape, array.strides) if n != 1]


def is_dense(array):
    """Whether there are no gaps between the elements in memory."""
    return sum((n - 1) * stride for n, stride in steps(array)) == (array.size - 1) * array.itemsize


def is_recorded(x, *others):
    """Whether changing x by `others` belongs into the graph."""
    return graph.recording.get() and any(isinstance(i, Tensor) and i.requires_grad for i in (x, *others))
