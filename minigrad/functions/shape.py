"""Shapes, views, joining and taking apart: the same numbers, found in another way.

Whatever NumPy gives without copying is a view here too: it shares its memory with the tensor that it came from.
"""

from functools import wraps

import numpy as np

from .. import dtype as dtypes
from .. import ops
from ..tensor import Tensor, apply, axis_of


def one_by_one(function):
    """Let the last argument, a tuple, be given one by one, too: x.reshape(2, 3) is x.reshape((2, 3))."""

    @wraps(function)
    def spread(input, *sizes, **named):
        if not sizes and not named:
            raise TypeError(f"{function.__name__} wants at least one number.")
        return function(input, **named) if named and not sizes else function(input, unpacked(sizes), **named)

    return spread


@one_by_one
def reshape(input, shape):
    """The elements in reading order under another shape; one size may be -1. A view where that is possible."""
    if min(shape, default=0) < -1:
        raise RuntimeError(f"reshape: sizes are at least 0, or -1 for the one to be worked out; got {tuple(shape)}.")
    return apply(ops.reshape, input, shape=tuple(shape))


@one_by_one
def view(input, shape):
    """`reshape`, but only if no copy is needed; else RuntimeError."""
    out = reshape(input, shape)
    if out.numel() and not np.may_share_memory(out.data, input.data):
        raise RuntimeError(
            f"view: the elements of this tensor (shape {input.shape}, stride {input.stride()}) do not lie in reading "
            f"order, so the shape {out.shape} would need a copy. Use .reshape(...)."
        )
    return out


def clone(input):
    """A copy with memory of its own, through which gradients still pass."""
    return apply(ops.cast, input, dtype=input.dtype)


def contiguous(input):
    """The elements in reading order in memory, too: input itself where they are, else a copy."""
    return input if input.is_contiguous() else apply(ops.contiguous, input)


def flatten(input, start_dim=0, end_dim=-1):
    """The axes from `start_dim` to `end_dim` (both included) made one."""
    start, end = axis_of(start_dim, input.ndim) or 0, axis_of(end_dim, input.ndim) or 0
    if start > end:
        raise RuntimeError(f"flatten: start_dim ({start_dim}) comes after end_dim ({end_dim}).")
    middle = int(np.prod(input.shape[start : end + 1]))
    return (
        input
        if start == end and input.ndim
        else reshape(input, (*input.shape[:start], middle, *input.shape[end + 1 :]))
    )


def squeeze(input, dim=None):
    """Without the axes of length 1, or without those of `dim` that are."""
    dims = range(input.ndim) if dim is None else dim if isinstance(dim, (tuple, list)) else (dim,)
    gone = axis_of(tuple(dims), input.ndim) or ()
    return reshape(input, [n for i, n in enumerate(input.shape) if not (i in gone and n == 1)])


def unsqueeze(input, dim):
    """With a new axis of length 1 at place `dim`."""
    place = axis_of(dim, input.ndim + 1) or 0
    return reshape(input, (*input.shape[:place], 1, *input.shape[place:]))


@one_by_one
def permute(input, dims):
    """The axes in another order."""
    axes = axis_of(tuple(dims), input.ndim) or ()
    if len(axes) != input.ndim:
        raise RuntimeError(f"permute: {input.ndim} axes need an order of {input.ndim} dims, and got {tuple(dims)}.")
    return apply(ops.permute, input, axes=axes)


def transpose(input, dim0, dim1):
    """Two axes exchanged."""
    a, b = axis_of(dim0, input.ndim), axis_of(dim1, input.ndim)
    return permute(input, [{a: b, b: a}.get(i, i) for i in range(input.ndim)])


def t(input):
    """The transpose of a matrix; a vector stays as it is."""
    if input.ndim > 2:
        raise RuntimeError(f"t() is for matrices, not for {input.ndim} axes. Say which two: .transpose(dim0, dim1).")
    return permute(input, range(input.ndim)[::-1])


def transposed(x):
    """Every matrix transposed; a single number stays as it is."""
    if x.ndim == 1:
        raise RuntimeError("mT is for matrices, and this tensor is a vector.")
    return transpose(x, -2, -1) if x.ndim else x


@one_by_one
def expand(input, size):
    """Repeated along axes of length 1 and along new ones in front, without a copy; -1 keeps a size as it is."""
    new = len(size) - input.ndim
    shape = tuple(input.shape[i - new] if n == -1 and i >= new else n for i, n in enumerate(size))
    if new < 0 or min(shape, default=0) < 0 or any(n not in (1, m) for n, m in zip(input.shape, shape[new:])):
        raise RuntimeError(f"expand: only axes of length 1 stretch; {input.shape} does not stretch to {tuple(size)}.")
    return apply(ops.expand, input, shape=shape)


def cat(tensors, dim=0):
    """Tensors one after the other along `dim`; their other sizes must agree. One of shape (0,) fits anywhere."""
    if len(tensors) == 0:
        raise ValueError("cat got an empty list of tensors.")
    tensors = alike("cat", tensors)
    first = next((x for x in tensors if x.shape != (0,)), tensors[0])
    axis = 0 if first.shape == (0,) else line("cat", first, dim)[0]
    rest = [*first.shape[:axis], 0, *first.shape[axis + 1 :]]
    tensors = [reshape(x, rest) if x.shape == (0,) else x for x in tensors]
    if any([*x.shape[:axis], 0, *x.shape[axis + 1 :]] != rest or x.ndim != first.ndim for x in tensors):
        raise RuntimeError(
            f"cat: sizes must agree except along dim {dim}, and shapes are {[x.shape for x in tensors]}."
        )
    return contiguous(apply(ops.cat, *tensors, axis=axis))


def stack(tensors, dim=0):
    """Tensors of one shape side by side along a new axis at place `dim`."""
    tensors = alike("stack", tensors)
    axis_of(dim, tensors[0].ndim + 1)  # raises if there is no such place
    if len({x.shape for x in tensors}) > 1:
        raise RuntimeError(f"stack: all shapes must be equal, and are {[x.shape for x in tensors]}.")
    return cat([unsqueeze(x, dim) for x in tensors], dim)


def narrow(input, dim, start, length):
    """`length` of the places along `dim`, from `start` on."""
    axis, size = line("narrow", input, dim)
    if not -size <= start <= size:
        raise IndexError(f"narrow: start is to be from {-size} to {size} along dim {dim}, and is {start}.")
    start = start + size if start < 0 else start
    if length < 0 or start + length > size:
        raise RuntimeError(f"narrow: dim {dim} has {size} places, too few for {length} from {start} on.")
    return taken(input, axis, slice(start, start + length))


def select(input, dim, index):
    """What is at place `index` along `dim`, without that axis."""
    return taken(input, line("select", input, dim, IndexError)[0], index)


def unbind(input, dim=0):
    """A tuple of all there is along `dim`, without that axis."""
    return together(select(input, dim, i) for i in range(line("unbind", input, dim, IndexError)[1]))


def split(tensor, split_size_or_sections, dim=0):
    """A tuple of pieces of one size along `dim`, the last one perhaps smaller; or of the sizes in a list."""
    (_, size), sizes = line("split", tensor, dim), split_size_or_sections
    if isinstance(sizes, int):
        if sizes < 0 or (sizes == 0 and size > 0):
            raise RuntimeError(f"split: pieces have a size of at least 1, and got {sizes}.")
        sizes = [min(sizes, size - start) for start in range(0, size, sizes or 1)] or [size]
    if sum(sizes) != size or min(sizes, default=0) < 0:
        raise RuntimeError(f"split: the sizes {list(sizes)} do not add up to {size}, the length of dim {dim}.")
    return together(narrow(tensor, dim, sum(sizes[:i]), n) for i, n in enumerate(sizes))


def chunk(input, chunks, dim=0):
    """A tuple of at most `chunks` pieces of one size along `dim`, the last one perhaps smaller."""
    if chunks <= 0:
        raise RuntimeError(f"chunk: the number of chunks is at least 1, and got {chunks}.")
    _, size = line("chunk", input, dim)
    return split(input, -(-size // chunks) if size else [0] * chunks, dim)


@one_by_one
def repeat(input, repeats):
    """Copies side by side, repeats[i] of them along axis i; new axes come in front."""
    new = len(repeats) - input.ndim
    if new < 0 or min(repeats, default=0) < 0:
        raise RuntimeError(
            f"repeat: shape {input.shape} wants a number, at least 0, for each axis; got {tuple(repeats)}."
        )
    shape = (1,) * new + input.shape
    pairs = [size for n in shape for size in (1, n)]
    stretched = [size for pair in zip(repeats, shape) for size in pair]
    copies = apply(ops.contiguous, expand(reshape(input, pairs), stretched))
    return reshape(copies, [r * n for r, n in zip(repeats, shape)])


@one_by_one
def tile(input, dims):
    """`repeat`, where the numbers of the first axes may be left out."""
    return repeat(input, (1,) * (input.ndim - len(dims)) + tuple(dims))


def repeat_interleave(input=None, repeats=None, dim=None, *, output_size=None):
    """Every element along `dim` (or of all, in reading order) `repeats` times; a number, or one for each.

    Of one tensor alone, these are the repeats, and what is repeated are the positions 0, 1, 2, ...
    """
    if input is None or repeats is None:
        repeats = repeats if input is None else input
        input = Tensor(np.arange(repeats.numel(), dtype=repeats.dtype, like=repeats.data))
    if dim is None:
        input, dim = reshape(input, -1), 0
    axis, size = line("repeat_interleave", input, dim, IndexError)
    each = repeats.data if isinstance(repeats, Tensor) else repeats
    if isinstance(repeats, Tensor) and repeats.dtype not in (dtypes.int64, dtypes.int32):
        raise NotImplementedError(f"repeat_interleave: repeats must be integers, and they are {repeats.dtype}.")
    if np.size(each) not in (1, size) or np.ndim(each) > 1 or np.less(each, 0).any():
        raise RuntimeError(f"repeat_interleave wants one number, or {size} for dim {dim}, at least 0; got {each}.")
    places = np.repeat(np.arange(size, like=input.data), each)
    if output_size not in (None, len(places)):
        raise RuntimeError(f"repeat_interleave: the result has {len(places)} places, and not {output_size}.")
    return contiguous(taken(input, axis, places))


@one_by_one
def flip(input, dims):
    """Back to front along each of `dims`; a copy."""
    axes = axis_of(tuple(dims), input.ndim) or ()
    index = tuple(slice(None, None, -1 if i in axes else None) for i in range(input.ndim))
    return apply(ops.getitem, input, index=index).clone()


def roll(input, shifts, dims=None):
    """Moved on by `shifts` places along `dims` (or all, in reading order); what falls off comes in at the front."""
    if dims is None or dims == ():
        return reshape(roll(reshape(input, -1), shifts, 0), input.shape)
    shifts, dims = (tuple(x) if isinstance(x, (tuple, list)) else (x,) for x in (shifts, dims))
    if len(shifts) != len(dims):
        raise RuntimeError(f"roll: every shift wants its dim; got {len(shifts)} and {len(dims)}.")
    out = apply(ops.contiguous, input)
    for shift, dim in zip(shifts, dims):
        _, size = line("roll", input, dim, IndexError)
        cut = -shift % (size or 1)
        out = cat([narrow(out, dim, cut, size - cut), narrow(out, dim, 0, cut)], dim)
    return out


def tril(input, diagonal=0):
    """The lower triangle of every matrix, zeros elsewhere; `diagonal` moves the border up (or down, below 0)."""
    return lower("tril", input, diagonal, True)


def triu(input, diagonal=0):
    """The upper triangle of every matrix, zeros elsewhere; `diagonal` moves the border up (or down, below 0)."""
    return lower("triu", input, diagonal - 1, False)


def movedim(input, source, destination):
    """The axes `source` brought to the places `destination`; the others stay in order."""
    both = (d if isinstance(d, (tuple, list)) else (d,) for d in (source, destination))
    sources, places = (axis_of(dims, input.ndim) or () for dims in both)
    if len(sources) != len(places):
        raise RuntimeError(f"movedim: every source wants its destination; got {source} and {destination}.")
    if not input.ndim:
        return permute(input, ())
    order = [i for i in range(input.ndim) if i not in sources]
    for place, axis in sorted(zip(places, sources)):
        order.insert(place, axis)
    return permute(input, order)


def swapaxes(input, axis0, axis1):
    return transpose(input, axis0, axis1)


def unflatten(input, dim, sizes):
    """The axis `dim` taken apart into several; one size may be -1."""
    axis, size = line("unflatten", input, dim, IndexError if dim not in (0, -1) else RuntimeError)
    known = int(np.prod([n for n in sizes if n != -1]))
    sizes = [size // (known or 1) if n == -1 else n for n in sizes]
    if np.prod(sizes) != size:
        raise RuntimeError(f"unflatten: the sizes {sizes} do not multiply to {size}, the length of dim {dim}.")
    return reshape(input, (*input.shape[:axis], *sizes, *input.shape[axis + 1 :]))


def broadcast_to(input, size):
    return expand(input, size)


def expand_as(input, other):
    return expand(input, other.shape)


def view_as(input, other):
    return view(input, other.shape)


def reshape_as(input, other):
    return reshape(input, other.shape)


def taken(x, axis, index):
    """x indexed along one axis alone."""
    return apply(ops.getitem, x, index=(slice(None),) * axis + (index,))


def together(views):
    """Views made in one go, as a tuple: PyTorch does not let one of them be changed in place while that is recorded."""
    views = tuple(views)
    for view in views:
        if view.view_of is not None:
            view.view_of = (*view.view_of, "one of several")
    return views


def lower(name, x, diagonal, kept):
    """x with zeros above the diagonal, or on and below it if that part is not `kept`."""
    if x.ndim < 2:
        raise RuntimeError(f"{name} is for matrices, and this tensor has shape {x.shape}.")
    here = np.tri(*x.shape[-2:], diagonal, dtype=bool, like=x.data) == kept
    return contiguous(apply(ops.where, x, x.dtype.type(0), condition=here))


def line(name, x, dim, error=RuntimeError):
    """(axis, its length): what to go along in x, which must not be a single number."""
    if not x.ndim:
        raise error(f"{name} needs an axis to go along, and this tensor is a single number.")
    axis = axis_of(dim, x.ndim)
    return axis, x.shape[axis]


def unpacked(sizes):
    """Sizes given one by one or as one tuple, as a tuple."""
    return tuple(sizes[0]) if len(sizes) == 1 and isinstance(sizes[0], (tuple, list, range)) else sizes


def alike(name, tensors):
    """A list of tensors brought to one number type."""
    if isinstance(tensors, Tensor) or not all(isinstance(x, Tensor) for x in tensors):
        raise TypeError(f"{name} wants a list of tensors, such as {name}([x, y]).")
    tensors = list(tensors)
    if not tensors:
        raise RuntimeError(f"{name} got an empty list of tensors.")
    dtype = dtypes.result_type(*(x.data for x in tensors))
    return [x.to(dtype) for x in tensors]
