"""New tensors: from numbers, from a rule, or at random.

Random numbers are always drawn on the CPU and then moved, so that one seed gives the same numbers on every device.
"""

from functools import wraps

import numpy as np

from . import device as devices
from . import dtype as dtypes
from . import random
from .functions.shape import unpacked
from .tensor import Tensor


def tensor(data, *, dtype=None, device="cpu", requires_grad=False):
    """A copy of `data` (numbers, nested lists of them, an array, a tensor) as a leaf.

    Python's floats become float32, its integers int64; arrays and tensors keep their type.
    """
    if isinstance(data, Tensor):
        data = data.detach().cpu().data
    array = np.array(nested(data))
    if array.dtype.kind not in dtypes.RANK:
        kind = TypeError if array.dtype.kind == "U" else RuntimeError
        raise kind(f"tensor() wants numbers, in lists of equal lengths, and got {data!r}.")
    if not has_type(data):
        array = numbers(array, dtype)
        kinds = {"f": dtypes.default, "i": dtypes.int64, "u": dtypes.int64, "b": dtypes.bool}
        dtype = dtype or (kinds[array.dtype.kind] if array.size else dtypes.default)
    return made(array, dtype, device, requires_grad)


def nested(data):
    """Lists in which tensors may stand, as lists of arrays; refuses lists of unequal lengths."""
    if isinstance(data, (list, tuple)):
        data = [nested(x) for x in data]
        if len({np.shape(x) for x in data}) > 1:
            shapes = ", ".join(str(np.shape(x)) for x in data)
            raise ValueError(f"tensor() wants lists of equal lengths, and got parts of shapes {shapes}.")
    return data.detach().cpu().data if isinstance(data, Tensor) else data


def has_type(data):
    """Whether there are arrays or tensors in these lists, whose type then counts."""
    return any(map(has_type, data)) if isinstance(data, (list, tuple)) else hasattr(data, "dtype")


def from_numpy(array):
    """A tensor on the memory of a NumPy array: a change in one is a change in the other."""
    if not isinstance(array, np.ndarray):
        raise TypeError(
            f"from_numpy wants a NumPy array, and got a {type(array).__name__}. For numbers and lists, use mg.tensor()."
        )
    return Tensor(array.view())


def sized(function):
    """Let the first argument, a size, be given as one tuple or number by number: zeros((2, 3)) or zeros(2, 3)."""

    @wraps(function)
    def made_of(*sizes, size=None, **options):
        return function(size_of(unpacked(sizes) if size is None else size), **options)

    return made_of


@sized
def zeros(size, *, dtype=None, device="cpu", requires_grad=False):
    return full(size, 0, dtype=dtype or dtypes.default, device=device, requires_grad=requires_grad)


@sized
def ones(size, *, dtype=None, device="cpu", requires_grad=False):
    return full(size, 1, dtype=dtype or dtypes.default, device=device, requires_grad=requires_grad)


@sized
def empty(size, *, dtype=None, device="cpu", requires_grad=False):
    """Zeros, since numbers left over from earlier only make bugs that come and go."""
    return zeros(size, dtype=dtype, device=device, requires_grad=requires_grad)


def full(size, fill_value, *, dtype=None, device="cpu", requires_grad=False):
    array = np.full(size_of(size), numbers(fill_value, dtype), dtype or dtypes.of_number(fill_value))
    return made(array, None, device, requires_grad)


def arange(start=None, end=None, step=1, *, dtype=None, device="cpu", requires_grad=False):
    """start, start + step, ... up to but without `end`; arange(n) counts from 0."""
    if start is None and end is None:
        raise TypeError("arange: up to which number?")
    start, end = (0, start) if end is None else (0 if start is None else start, end)
    if not np.isfinite([start, end]).all() or step == 0 or (end - start) * step < 0:
        raise RuntimeError(f"arange: from {start} in steps of {step} one never comes to {end}.")
    if dtype is None:
        dtype = dtypes.int64 if all(isinstance(i, (int, np.integer)) for i in (start, end, step)) else dtypes.default
    return made(np.arange(start, end, step), dtype, device, requires_grad)


def linspace(start, end, steps, *, dtype=None, device="cpu", requires_grad=False):
    """`steps` numbers from `start` to `end`, both included, evenly apart."""
    return made(np.linspace(start, end, *size_of([steps])), dtype or dtypes.default, device, requires_grad)


def eye(n, m=None, *, dtype=None, device="cpu", requires_grad=False):
    """Ones on the diagonal, zeros elsewhere: (n, m), or (n, n)."""
    return made(np.eye(*size_of([n, n if m is None else m])), dtype or dtypes.default, device, requires_grad)


@sized
def rand(size, *, generator=None, dtype=None, device="cpu", requires_grad=False):
    """Evenly distributed over [0, 1)."""
    return made(stream(generator).random(size, dtype="f4"), fractional(dtype), device, requires_grad)


@sized
def randn(size, *, generator=None, dtype=None, device="cpu", requires_grad=False):
    """Normally distributed, with mean 0 and variance 1."""
    return made(stream(generator).standard_normal(size, dtype="f4"), fractional(dtype), device, requires_grad)


def randint(low=0, high=None, size=None, *, generator=None, dtype=None, device="cpu", requires_grad=False):
    """Integers from `low` (0 if left out) up to but without `high`: randint(10, (2, 3)) or randint(1, 7, (2,))."""
    if size is None:
        high, size = None, high
    low, high = (0, low) if high is None else (low, high)
    size = size_of(size)
    if low >= high:
        raise RuntimeError(f"randint: there is no integer from {low} up to but without {high}.")
    return made(stream(generator).integers(low, high, size), dtype, device, requires_grad)


def randperm(n, *, generator=None, device="cpu"):
    """The integers from 0 to n - 1 in random order."""
    return made(stream(generator).permutation(*size_of([n])), None, device, False)


def liked(make):
    """`make`, for the shape, type and device of another tensor: zeros_like(x) for zeros(x.shape, ...)."""

    def make_like(input, *value, dtype=None, device=None, **options):
        return make(input.shape, *value, **like(input, dtype, device), **options)

    make_like.__name__ = make_like.__qualname__ = f"{make.__name__}_like"
    return make_like


zeros_like, ones_like, full_like, empty_like = map(liked, (zeros, ones, full, empty))
rand_like, randn_like = map(liked, (rand, randn))


def randint_like(input, low=0, high=None, *, dtype=None, device=None):
    """Integers as of `randint`, in the type of `input`: randint_like(x, 10) or randint_like(x, 1, 7)."""
    return randint(low, high, input.shape, **like(input, dtype, device))


def anew(make):
    """`make`, in the type and on the device of another tensor: x.new_zeros(2) for zeros(2, ...)."""

    def make_new(x, *args, dtype=None, device=None, **options):
        return make(*args, **like(x, dtype, device), **options)

    make_new.__name__ = make_new.__qualname__ = f"new_{make.__name__}"
    return make_new


for make in (zeros, ones, full, tensor):
    setattr(Tensor, f"new_{make.__name__}", anew(make))


def like(input, dtype, device):
    return {"dtype": dtype or input.dtype, "device": device or input.device}


def size_of(size):
    """A size as a tuple. Raises TypeError if it is none, RuntimeError if one of its numbers is negative."""
    if not isinstance(size, (tuple, list)):
        raise TypeError(f"a size is a tuple of integers, such as (2, 3), and got {size!r}.")
    if any(n < 0 for n in size):
        raise RuntimeError(f"sizes are at least 0, and got {tuple(size)}.")
    return tuple(size)


def numbers(data, dtype):
    """Numbers as an array, if all of them fit into an integer type; less than nothing fits an unsigned one."""
    array = np.array(data)
    if dtype is not None and np.dtype(dtype).kind in "iu":
        most = np.iinfo(dtype).max
        if not ((array >= -most - 1) & (array <= most)).all():
            raise RuntimeError(f"{data} does not fit into {dtype}.")
    return array


def fractional(dtype):
    if dtype is not None and not dtypes.is_floating(np.dtype(dtype)):
        raise NotImplementedError(f"rand and randn give floating-point numbers, not {dtype}. Try randint.")
    return dtype


def stream(generator):
    return (generator or random.default_generator).numpy


def made(array, dtype, device, requires_grad):
    """A leaf from a NumPy array nobody else holds, in the type and on the device asked for."""
    array = np.asarray(array).astype(dtype or array.dtype, copy=False)
    return Tensor(devices.get(device).from_numpy(array), requires_grad=requires_grad)
