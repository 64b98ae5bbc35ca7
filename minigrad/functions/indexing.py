"""Indexing, sorting, and writing by position: elements found by where they are, or by what they are.

What picks elements is a case of `x[index]`, what puts them back of `index_add` or `index_put`. Changes here make a new
tensor; those in place are in `inplace`.
"""

from collections import namedtuple

import numpy as np

from .. import dtype as dtypes
from .. import ops
from ..tensor import Tensor, apply, axis_of
from .pointwise import not_bool
from .shape import broadcast_to, clone, contiguous, line, narrow, reshape, taken, unbind

Found = namedtuple("Found", ["values", "indices"])


def getitem(x, index):
    """x[index]: integers, slices, None, Ellipsis, tensors of integers or bools."""
    for part in in_order(as_index(index, x)):
        x = apply(ops.getitem, x, index=part)
    return x


def index_select(input, dim, index):
    """Along `dim`, what is at the positions `index`: a vector of integers."""
    x = with_axis(input)
    axis, index = axis_of(dim, x.ndim), vector("index_select", index, x, dim)
    return as_before(input, contiguous(taken(x, axis, index.data)))


def gather(input, dim, index, *, sparse_grad=False):
    """Along `dim`, the elements at positions `index`.

    input: (..., n, ...)    index: (..., m, ...), integers    ->    (..., m, ...)
    """
    if sparse_grad:
        raise NotImplementedError("gather: gradients are never sparse here; leave sparse_grad out.")
    axis, positions = aligned("gather", input, dim, index)
    return as_before(index, apply(ops.gather, with_axis(input), axis=axis, index=positions))


def take_along_dim(input, indices, dim=None):
    """`gather`, where the other axes are broadcast, and positions may count from the end. Without dim, of all."""
    if indices.dtype != dtypes.int64:
        raise RuntimeError(f"take_along_dim: indices must be int64, and these are {indices.dtype}.")
    if dim is None:
        return gather(reshape(input, -1), 0, reshape(indices, -1))
    if input.ndim != indices.ndim:
        raise RuntimeError(f"take_along_dim: as many axes are wanted in both, and shapes are {shapes(input, indices)}.")
    axis, _ = line("take_along_dim", input, dim, IndexError)
    positions = Tensor(np.remainder(indices.data, input.size(dim)))
    before, after = (
        together("take_along_dim", *(x.shape[part] for x in (input, positions)))
        for part in (slice(axis), slice(axis + 1, None))
    )
    input, positions = (broadcast_to(x, (*before, x.shape[axis], *after)) for x in (input, positions))
    return gather(input, axis, positions)


def scatter(input, dim, index, src=None, *, value=None):
    """`input`, with `src` (a tensor or a number) put at the positions `index` along `dim`: the opposite of gather."""
    if (src is None) == (value is None):
        raise TypeError("scatter: give either src or value.")
    src = value if src is None else src
    src = src if isinstance(src, Tensor) else number_as(input.dtype, src)
    return scattered(ops.index_put, input, dim, index, src)


def scatter_add(input, dim, index, src):
    """`input`, with `src` added at the positions `index` along `dim`; where two go to one place, both are added."""
    return scattered(ops.index_add, input, dim, index, *same_type("scatter_add", input, src)[1:])


def index_add(input, dim, index, source, *, alpha=1):
    """`input`, with alpha * source added at the positions `index` (a vector) along `dim`."""
    x, y = with_axis(input), source if input.ndim or source.ndim else with_axis(source)
    axis, index = axis_of(dim, x.ndim), vector("index_add", index, x, dim)
    same_type("index_add", input, source)
    if not input.ndim and index.numel() != 1:
        raise IndexError(f"index_add: to a single number one can be added, and the index has shape {index.shape}.")
    if y.shape != x.shape[:axis] + index.shape + x.shape[axis + 1 :] or (source.ndim and not input.ndim):
        raise RuntimeError(
            f"index_add: source must have the shape of the input, and along dim {dim} as many places as the index; "
            f"got shapes {shapes(input, source, index)}."
        )
    y = y if alpha == 1 else y * number_as(y.dtype, alpha).item()
    return as_before(input, apply(ops.index_add, x, y, index=(slice(None),) * axis + (index.data,)))


def masked_fill(input, mask, value):
    """`value`, a number, where `mask` holds; `input` elsewhere."""
    stretched("masked_fill", input, mask)
    if getattr(value, "ndim", 0):
        raise RuntimeError(f"masked_fill: the value must be a single number, and it has shape {value.shape}.")
    value = value.to(input.dtype) if isinstance(value, Tensor) else number_as(input.dtype, value)
    return contiguous(apply(ops.where, value, input, condition=mask.data))


def masked_select(input, mask):
    """A vector of the elements where `mask` holds, in reading order."""
    return getitem(*stretched("masked_select", input, mask))


def nonzero(input, *, as_tuple=False):
    """Where the elements are that are not 0: a row of positions for each; or as a tuple, a vector for each axis."""
    if as_tuple:
        return unbind(nonzero(with_axis(input)), 1)
    return Tensor(np.argwhere(input.data))


def argsort(input, dim=-1, descending=False, stable=False):
    """The positions of the elements along `dim`, smallest first; equal ones stay in order. nan is the largest."""
    axis = axis_of(dim, input.ndim)
    if not input.ndim:
        return Tensor(np.zeros_like(input.data, dtype=dtypes.int64))
    way = (slice(None),) * axis + (slice(None, None, -1 if descending else 1),)
    order = np.argsort(input.data[way], axis=axis, kind="stable")[way]  # turned twice, equal ones are in order again
    return Tensor(input.shape[axis] - 1 - order if descending else order)


def sort(input, dim=-1, descending=False, stable=False):
    """(values, indices) along `dim`, smallest first; equal ones stay in order. nan is the largest."""
    indices = argsort(input, dim, descending)
    return Found(gather(input, dim, indices), indices)


def topk(input, k, dim=-1, largest=True, sorted=True):
    """(values, indices) of the k largest along `dim`, or smallest; in order, whether or not that is asked for."""
    axis = axis_of(dim, input.ndim)
    not_bool("topk", input, RuntimeError)
    size = input.shape[axis] if input.ndim else 1
    if not 0 <= k <= size:
        raise RuntimeError(f"topk: dim {dim} has {size} places, and k is {k}.")
    indices = argsort(input, dim, descending=largest)
    indices = contiguous(narrow(indices, dim, 0, k)) if input.ndim else indices
    return Found(gather(input, dim, indices), indices)


def number_as(dtype, number):
    """A plain number as an element of `dtype`. Raises RuntimeError if it is too large for that, but for infinities."""
    if dtype.kind in "iu":
        largest = np.iinfo(dtype).max
        if not -largest - (dtype.kind == "i") <= number <= largest:  # nor is nan
            raise RuntimeError(f"{number} is too large (or small) for {dtype}.")
        return np.array(int(number)).astype(dtype)[()]  # -1 is 255 as uint8
    if dtype.kind == "f" and np.isfinite(number) and abs(number) > float(np.finfo(dtype).max):
        raise RuntimeError(f"{number} is too large for {dtype}.")
    return dtype.type(number)


def scattered(op, input, dim, index, src):
    """`op` on the places of `index`, with that part of `src` which goes as far as the index does."""
    axis, positions = aligned(op.__name__, input, dim, index)
    if not positions.size:
        return clone(input)
    if isinstance(src, Tensor):
        same_type(op.__name__, input, src)
        src = with_axis(src)
        if src.ndim != positions.ndim or any(n > m for n, m in zip(positions.shape, src.shape)):
            raise RuntimeError(f"an index must not go further than src; their shapes are {shapes(index, src)}.")
        src = apply(ops.getitem, src, index=tuple(slice(n) for n in positions.shape))
    return as_before(input, apply(op, with_axis(input), src, index=ops.shape.places(positions, axis)))


def aligned(name, input, dim, index):
    """(axis, positions): `index` as an array, after a look at whether it fits the input."""
    x, positions = with_axis(input), with_axis(index)
    axis = axis_of(dim, x.ndim)
    others = [i for i in range(x.ndim) if i != axis] if positions.numel() else []
    if positions.ndim != x.ndim or any(positions.shape[i] > x.shape[i] for i in others):
        raise RuntimeError(
            f"{name}: along the other dims than {dim}, an index of shape {index.shape} must not go further than the "
            f"input, of shape {input.shape}."
        )
    within(RuntimeError, name, index, x, dim)
    return axis, positions.data.astype(dtypes.int64)


def vector(name, index, x, dim):
    """`index`, if it is a vector (or a number, which becomes one) of positions along `dim` of x."""
    if index.ndim > 1:
        raise IndexError(f"{name}: the index must be a vector, and it has shape {index.shape}.")
    within(RuntimeError if name == "index_add" and x.ndim > 1 else IndexError, name, index, x, dim)
    return with_axis(index)


def within(error, name, index, x, dim):
    """Raise if `index` is not made of positions along `dim` of x."""
    if index.numel() and index.dtype not in (dtypes.int64, dtypes.int32):
        raise RuntimeError(f"{name}: index must be a tensor of int64 (or int32), and this one is {index.dtype}.")
    positions, size = index.data, x.size(dim)
    if positions.size and not ((positions >= 0) & (positions < size)).all():
        raise error(f"{name}: positions along dim {dim} go from 0 to {size - 1}, and the index has others.")


def same_type(name, *tensors):
    """The tensors (or arrays, as tensors), if they are of one number type."""
    tensors = [Tensor(x) if isinstance(x, np.ndarray) else x for x in tensors]
    for x in tensors:
        if not isinstance(x, Tensor):
            raise TypeError(f"{name} wants tensors, and got a {type(x).__name__}.")
        if x.dtype != tensors[0].dtype:
            raise RuntimeError(f"{name}: all must be of one number type, and are {tensors[0].dtype} and {x.dtype}.")
    return tensors


def with_axis(x):
    """x, but a single number as a vector of one."""
    return x if x.ndim else reshape(x, 1)


def as_before(x, out):
    """The opposite of `with_axis`: `out`, as a single number if x is one."""
    return out if x.ndim else reshape(out, ())


def together(name, *shapes):
    """The shape that all broadcast to."""
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        raise RuntimeError(f"{name}: shapes {' and '.join(map(str, shapes))} do not broadcast.") from None


def stretched(name, input, mask):
    """Both, broadcast to one shape, if the mask is one."""
    if mask.dtype != dtypes.bool:
        raise RuntimeError(f"{name}: the mask must hold bools, such as x > 0, and it holds {mask.dtype}.")
    shape = together(name, input.shape, mask.shape)
    return broadcast_to(input, shape), broadcast_to(mask, shape)


def shapes(*tensors):
    return " and ".join(str(x.shape) for x in tensors)


def in_order(index):
    """`index` in one part, or in two if it has both integers and arrays (or bools): PyTorch takes the integers first.

    NumPy counts an integer beside an array as an array too, and so puts the new axes elsewhere.
    """
    if not isinstance(index, tuple) or not any(type(i) is int for i in index) or not any(map(is_array, index)):
        return [index]
    integers, rest = [], []
    for i in index:
        if type(i) is int:
            integers.append(i)
            continue
        rest.append(i)
        integers += [i] if i is Ellipsis else [slice(None)] * axes_of(i)
    if not any(i is Ellipsis for i in integers):
        integers.append(Ellipsis)  # so that one element alone is a view, too
    return [tuple(integers), tuple(rest)]


def is_array(i):
    """Whether an index counts as an array; True and False do."""
    return hasattr(i, "dtype") or isinstance(i, bool)


def axes_of(i):
    """How many axes one part of an index stands for."""
    if i is None or i is Ellipsis or isinstance(i, bool):
        return 0
    return i.ndim if hasattr(i, "dtype") and i.dtype == dtypes.bool else 1


def as_index(index, x):
    """An index of x with tensors and lists in it, as NumPy knows it; the arrays of lists are on the device of x."""
    if isinstance(index, list) and len(index) < 32 and any(map(is_part, index)):
        index = tuple(index)  # [[0, 1], [2, 3]] counts as two parts
    if not isinstance(index, tuple):
        return position(index, x.data)
    index = [position(i, x.data) for i in index]
    later = [place for place, i in enumerate(index) if i is Ellipsis][1:]
    if later and sum(map(axes_of, index)) < x.ndim and any(map(axes_of, index[later[0] :])):
        raise IndexError("an index has `...` once; what follows a second one finds no axes left.")
    return tuple(i for place, i in enumerate(index) if place not in later)


def is_part(i):
    """Whether this makes the list in which it stands as good as a tuple."""
    return i is None or i is Ellipsis or isinstance(i, slice) or hasattr(i, "__len__")


def position(i, like):
    """One part of an index. Raises IndexError, TypeError or ValueError, as PyTorch does."""
    if isinstance(i, str):
        raise TypeError(f"a tensor is indexed by positions, and {i!r} is a str.")
    if isinstance(i, slice) and i.step is not None and i.step <= 0:
        raise ValueError(f"a step must be greater than 0, and this one is {i.step}. To turn round, use .flip(dim).")
    if isinstance(i, (list, tuple, range)):
        array = np.asarray(i)
        i = Tensor(np.asarray(i, dtype=dtypes.bool if array.dtype == dtypes.bool else dtypes.int64, like=like))
    if isinstance(i, Tensor):
        if i.dtype not in (dtypes.int64, dtypes.int32, dtypes.uint8, dtypes.bool) and (i.ndim or i.dtype.kind == "f"):
            raise IndexError(f"a tensor that indexes another must hold int64 or bools, and this one is {i.dtype}.")
        i = i.data.astype(bool) if i.dtype == dtypes.uint8 else i.data
    return i.item() if hasattr(i, "dtype") and i.ndim == 0 else i  # one position, or True or False
