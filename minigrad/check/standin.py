"""An array that stands in for a GPU's, so that every op can be tried without one.

It answers to NumPy's protocols (NEP 13, 18 and 35) as CuPy's array does, and like CuPy's it refuses to be mixed with
arrays in main memory, or to be pulled back there unnoticed. Where an op passes on it, the op never said `np.` where it
would have made a NumPy array. Nothing is computed elsewhere: inside is an array of NumPy's.

    with standin():
        x = mg.tensor([1.0, 2.0], device="standin")
"""

from contextlib import contextmanager

import numpy as np

from .. import device as devices

METHODS = {  # of CuPy's array
    *("all", "any", "argmax", "argmin", "argsort", "astype", "clip", "copy", "cumsum", "dot", "flatten", "max", "mean"),
    *("min", "nonzero", "prod", "ravel", "repeat", "reshape", "round", "sort", "squeeze", "std", "sum", "swapaxes"),
    *("take", "trace", "transpose", "var", "view", "item", "tolist"),
}
ATTRIBUTES = {"base", "dtype", "flags", "itemsize", "nbytes", "ndim", "shape", "size", "strides", "T"}


class StandIn(np.lib.mixins.NDArrayOperatorsMixin):
    """An array on a device that is not there."""

    def __init__(self, array):
        self.array = np.asarray(array).view()  # always a view, so that views of one memory have one base

    def __getattr__(self, name):
        if name in ATTRIBUTES:
            return wrap(getattr(self.array, name)) if name == "T" else getattr(self.array, name)
        if name in METHODS:
            method = getattr(self.array, name)
            return lambda *args, **options: wrap(method(*unwrap(args), **unwrap(options)))
        raise AttributeError(f"an array on a GPU has no {name!r}.")

    def __getitem__(self, index):
        return wrap(self.array[unwrap(index)])

    def __setitem__(self, index, value):
        self.array[unwrap(index)] = unwrap(value)

    def __len__(self):
        return len(self.array)

    def __iter__(self):
        return map(wrap, self.array)

    def __bool__(self):
        return bool(self.array)

    def __array__(self, *args, **options):
        raise TypeError("this would copy an array from the GPU into main memory, unasked.")

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
        options = unwrap(options if out is None else {**options, "out": out})
        result = wrap(getattr(ufunc, method)(*unwrap(inputs), **options))
        return result if out is None else out[0]

    def __array_function__(self, function, types, args, options):
        return wrap(function(*unwrap(args), **unwrap(options)))

    def __repr__(self):
        return f"StandIn({self.array!r})"


def unwrap(x):
    """The array inside. Refuses a NumPy array, which CuPy would not take either; plain numbers pass."""
    if isinstance(x, StandIn):
        return x.array
    if isinstance(x, np.ndarray):
        raise TypeError(f"an array in main memory, of shape {x.shape}, was mixed with arrays on the GPU.")
    if isinstance(x, dict):
        return {name: unwrap(value) for name, value in x.items()}
    return type(x)(map(unwrap, x)) if isinstance(x, (tuple, list)) else x


def wrap(x):
    """What NumPy gave, back on the device: arrays, and the numbers that it gives in place of arrays without axes."""
    if isinstance(x, (tuple, list)):
        return type(x)(map(wrap, x))
    return StandIn(x) if isinstance(x, (np.ndarray, np.generic)) else x


class StandInDevice:
    """The device "standin": what `minigrad.device` asks of a device."""

    name = "standin"

    def owns(self, array):
        return isinstance(array, StandIn)

    def from_numpy(self, array):
        return StandIn(np.array(array))

    def to_numpy(self, array):
        return array.array


@contextmanager
def standin():
    """Inside the block there is a device called "standin"."""
    devices.opened["standin"] = StandInDevice()
    try:
        yield
    finally:
        del devices.opened["standin"]
