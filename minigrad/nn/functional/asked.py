"""What is asked of inputs, and said where it is not so."""

import warnings
from functools import wraps
from inspect import signature

import numpy as np

from ... import dtype as dtypes
from ...functions.shape import squeeze, unsqueeze
from ...kernels import Window
from ...tensor import Tensor

TENSORS = ("input", "target", "weight", "query", "key", "value", "x1", "x2", "tensor")


def of_tensors(function):
    """`function`, which first looks whether what has to be a tensor is one."""
    needed = [p.name for p in signature(function).parameters.values() if p.default is p.empty and p.name in TENSORS]

    @wraps(function)
    def checked(*args, **options):
        for name, x in zip(needed, args):
            if not isinstance(x, Tensor):
                said = f"{function.__name__}: {name} is to be a tensor, and is a {type(x).__name__}"
                raise TypeError(f"{said}. Try mg.tensor(...).")
        return function(*args, **options)

    checked.__module__ = __package__  # where it is found
    return checked


def check_labels(name, target, classes, ignore_index=None, *, types=("int64", "int32"), kind=IndexError):
    """Raise for the first label that is not a class, RuntimeError for labels of other than these number types."""
    if target.dtype not in types:
        raise RuntimeError(f"{name}: labels are integers ({' or '.join(types)}), not {target.dtype}. Try .long().")
    wrong = (target.data < 0) | (target.data >= classes)
    if ignore_index is not None:
        wrong = wrong & (target.data != ignore_index)
    if wrong.any():
        place = int(wrong.ravel().argmax())
        label = int(target.data.ravel()[place])
        raise kind(f"{name}: label {label} (at position {place}) is not one of the classes 0 to {classes - 1}.")


def check_probability(p):
    if not 0 <= p <= 1:
        raise ValueError(f"dropout: a probability lies between 0 and 1, and got {p}.")


def same_shape(name, target, input, strict=False):
    """`target`, whose shape should be that of `input`; where it is not, a warning, or ValueError if `strict`."""
    if target.shape != input.shape:
        said = f"{name}: the target has shape {target.shape} and the input {input.shape}"
        if strict:
            raise ValueError(f"{said}; they must be the same.")
        warnings.warn(f"{said}; they will be broadcast, which is rarely what was meant.", stacklevel=3)
    return target


def same_type(name, x, w):
    """Raise RuntimeError where layer and input differ in number type, rather than converting every time."""
    if x.dtype != w.dtype:
        fix = "x.float()" if w.dtype == dtypes.float32 else f"x.to(mg.{w.dtype})"
        raise RuntimeError(f"{name}: x is {x.dtype} and the weight {w.dtype}. Try {fix}.")


def images(name, x):
    """x, if it is a batch of images."""
    if x.ndim != 4 or 0 in x.shape[1:]:
        raise RuntimeError(f"{name} wants images (N, C, H, W), and got shape {x.shape}.")
    return x


def one_or_many(function):
    """`function` of a batch of images, for a single image (C, H, W) too."""

    @wraps(function)
    def of_images(input, *args, **options):
        if input.ndim != 3:
            return function(input, *args, **options)
        out = function(unsqueeze(input, 0), *args, **options)
        return tuple(squeeze(x, 0) for x in out) if isinstance(out, tuple) else squeeze(out, 0)

    return of_images


def checked_window(name, x, kernel, stride, padding, dilation=1, ceil_mode=False):
    """The window of a convolution or pooling, if it makes sense on these images."""
    window = Window(*(pair(value) for value in (kernel, stride, padding, dilation)))
    if min(*window.kernel, *window.stride, *window.dilation) < 1 or min(window.padding) < 0:
        raise RuntimeError(f"{name}: kernel, stride, dilation are at least 1, padding 0; got {tuple(window)}.")
    reaches = [d * (k - 1) + 1 for k, d in zip(window.kernel, window.dilation)]
    if "pool" in name and any(2 * p > reach for p, reach in zip(window.padding, reaches)):
        raise RuntimeError(f"{name}: padding {window.padding} is more than half of the kernel's reach {reaches}.")
    if min(window.places(*(n + (s - 1) * ceil_mode for n, s in zip(x.shape[2:], window.stride)))) < 1:
        said = f"{window.kernel}" + (f" (dilation {window.dilation})" if window.dilation != (1, 1) else "")
        raise RuntimeError(f"{name}: a kernel of {said} does not fit into images of {x.shape[2:]}.")
    return window


def pair(value):
    """An integer for both directions (alone, or in a tuple), or one for each, as (rows, columns)."""
    values = single(value)
    integers = all(isinstance(v, (int, np.integer)) for v in values)
    if len(values) not in (1, 2) or not integers:
        kind = RuntimeError if integers else TypeError
        raise kind(f"an integer is wanted, or two: (rows, columns); got {value!r}.")
    return values * 2 if len(values) == 1 else values


def single(value):
    """An integer, alone or in a tuple, as a tuple."""
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)
