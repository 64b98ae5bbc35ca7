"""Shapes, views, joining and indexing: the same numbers, found in another way.

Whatever NumPy gives without copying is a view here too: it shares its memory with the tensor that it came from.
"""

import numpy as np

from .. import dtype as dtypes
from .. import ops
from ..tensor import Tensor, apply, axis_of


def reshape(input, *shape):
    """The elements in reading order under another shape; one size may be -1. A view where that is possible."""
    return apply(ops.reshape, input, shape=unpacked(shape))


def view(input, *shape):
    """`reshape`, but only if no copy is needed; else RuntimeError."""
    out = reshape(input, *shape)
    if out.numel() and not np.may_share_memory(out.data, input.data):
        raise RuntimeError(
            f"view: the elements of this tensor (shape {input.shape}, stride {input.stride()}) do not lie in reading "
            f"order, so the shape {out.shape} would need a copy. Use .reshape(...)."
        )
    return out


def flatten(input, start_dim=0, end_dim=-1):
    """The axes from `start_dim` to `end_dim` (both included) made one."""
    if not input.ndim:
        return reshape(input, 1)
    start, end = axis_of(start_dim, input.ndim), axis_of(end_dim, input.ndim)
    if start > end:
        raise RuntimeError(f"flatten: start_dim ({start_dim}) comes after end_dim ({end_dim}).")
    middle = int(np.prod(input.shape[start : end + 1]))
    return input if start == end else reshape(input, *input.shape[:start], middle, *input.shape[end + 1 :])


def squeeze(input, dim=None):
    """Without the axes of length 1, or without those of `dim` that are."""
    dims = range(input.ndim) if dim is None else dim if isinstance(dim, (tuple, list)) else (dim,)
    gone = {axis_of(d, input.ndim) for d in dims}
    return reshape(input, *(n for i, n in enumerate(input.shape) if not (i in gone and n == 1)))


def unsqueeze(input, dim):
    """With a new axis of length 1 at place `dim`."""
    place = axis_of(dim, input.ndim + 1) or 0
    return reshape(input, *input.shape[:place], 1, *input.shape[place:])


def permute(input, *dims):
    """The axes in another order."""
    axes = axis_of(unpacked(dims), input.ndim) or ()
    if len(axes) != input.ndim:
        raise RuntimeError(f"permute: {input.ndim} axes need an order of {input.ndim} dims, and got {unpacked(dims)}.")
    return apply(ops.permute, input, axes=axes)


def transpose(input, dim0, dim1):
    """Two axes exchanged."""
    axes = list(range(input.ndim))
    a, b = axis_of(dim0, input.ndim), axis_of(dim1, input.ndim)
    if input.ndim:
        axes[a], axes[b] = axes[b], axes[a]
    return permute(input, *axes)


def t(input):
    """The transpose of a matrix; a vector stays as it is."""
    if input.ndim > 2:
        raise RuntimeError(
            f"t() is for matrices, and this tensor has {input.ndim} axes. Say which two: .transpose(dim0, dim1)."
        )
    return transpose(input, 0, 1) if input.ndim == 2 else input


def expand(input, *sizes):
    """Repeated along axes of length 1 and along new ones in front, without a copy; -1 keeps a size as it is."""
    sizes = unpacked(sizes)
    new = len(sizes) - input.ndim
    shape = tuple(input.shape[i - new] if n == -1 and i >= new else n for i, n in enumerate(sizes))
    if new < 0 or min(shape, default=0) < 0 or any(n not in (1, m) for n, m in zip(input.shape, shape[new:])):
        raise RuntimeError(
            f"expand: only axes of length 1 can be stretched; {input.shape} does not stretch to {sizes}."
        )
    return apply(ops.expand, input, shape=shape)


def cat(tensors, dim=0):
    """Tensors one after the other along `dim`; their other sizes must agree. One of shape (0,) fits anywhere."""
    if len(tensors) == 0:
        raise ValueError("cat got an empty list of tensors.")
    tensors = alike("cat", tensors)
    tensors = [x for x in tensors if x.shape != (0,)] or tensors[:1]
    axis = axis_of(dim, tensors[0].ndim)
    for i, x in enumerate(tensors):
        rest = [shape[:axis] + shape[axis + 1 :] for shape in (x.shape, tensors[0].shape)] if x.ndim else [0, 1]
        if rest[0] != rest[1]:
            raise RuntimeError(
                f"cat: sizes must agree except along dim {dim}; tensor {i} has shape {x.shape}, "
                f"the first {tensors[0].shape}."
            )
    return apply(ops.cat, *tensors, axis=axis)


def stack(tensors, dim=0):
    """Tensors of one shape side by side along a new axis at place `dim`."""
    tensors = alike("stack", tensors)
    for i, x in enumerate(tensors):
        if x.shape != tensors[0].shape:
            raise RuntimeError(
                f"stack: all shapes must be equal; tensor {i} has {x.shape}, the first {tensors[0].shape}."
            )
    return cat([unsqueeze(x, dim) for x in tensors], dim)


def getitem(x, index):
    """x[index]: integers, slices, None, Ellipsis, tensors of integers or bools."""
    for part in in_order(as_index(index)):
        x = apply(ops.getitem, x, index=part)
    return x


def gather(input, dim, index):
    """Along `dim`, the elements at positions `index`.

    input: (..., n, ...)    index: (..., m, ...), integers    ->    (..., m, ...)
    """
    if index.dtype.kind not in "iu":
        raise RuntimeError(f"gather: index must be a tensor of integers, and this one is {index.dtype}.")
    axis = axis_of(dim, input.ndim)
    others = [i for i in range(input.ndim) if i != axis]
    if index.ndim != input.ndim or any(index.shape[i] > input.shape[i] for i in others):
        raise RuntimeError(
            f"gather: along the other dims than {dim}, an index of shape {index.shape} must not go further than the "
            f"input, of shape {input.shape}."
        )
    positions = index.data
    if positions.size and not ((positions >= 0) & (positions < input.shape[axis])).all():
        raise RuntimeError(
            f"gather: positions along dim {dim} go from 0 to {input.shape[axis] - 1}, and the index has others."
        )
    return apply(ops.gather, input, axis=axis, index=positions)


def in_order(index):
    """`index` in one part, or in two if it has both integers and arrays in it: PyTorch takes the integers first.

    NumPy counts an integer beside an array as an array too, and so puts the new axes elsewhere.
    """
    if not isinstance(index, tuple) or not any(map(is_integer, index)) or not any(hasattr(i, "dtype") for i in index):
        return [index]
    integers, rest = [], []
    for i in index:
        if is_integer(i):
            integers.append(i)
            continue
        rest.append(i)
        if i is Ellipsis:
            integers.append(i)
        elif i is not None and not isinstance(i, bool):
            mask = hasattr(i, "dtype") and i.dtype == dtypes.bool
            integers += [slice(None)] * (i.ndim if mask else 1)
    return [tuple(integers), tuple(rest)]


def is_integer(i):
    """Whether an index is one position: a number, or an array without axes."""
    return (hasattr(i, "dtype") and i.dtype.kind in "iu" and i.ndim == 0) or type(i) is int


def unpacked(sizes):
    """Sizes given one by one or as one tuple, as a tuple."""
    return tuple(sizes[0]) if len(sizes) == 1 and isinstance(sizes[0], (tuple, list)) else sizes


def alike(name, tensors):
    """A list of tensors brought to one number type."""
    if isinstance(tensors, Tensor) or not all(isinstance(x, Tensor) for x in tensors):
        raise TypeError(f"{name} wants a list of tensors, such as {name}([x, y]).")
    tensors = list(tensors)
    if not tensors:
        raise RuntimeError(f"{name} got an empty list of tensors.")
    dtype = dtypes.result_type(*(x.data for x in tensors))
    return [x.to(dtype) for x in tensors]


def as_index(index):
    """An index with tensors and lists in it, as the arrays that NumPy knows."""
    if isinstance(index, tuple):
        return tuple(as_index(i) for i in index)
    if isinstance(index, Tensor):
        if index.dtype.kind not in "iub":
            raise IndexError(
                f"a tensor that indexes another must hold integers or bools, and this one is {index.dtype}."
            )
        return index.data
    return np.asarray(index) if isinstance(index, list) else index
