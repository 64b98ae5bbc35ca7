"""Number types, and which one an operation gives when its inputs differ: PyTorch's rules, not NumPy's.

The types are NumPy's own. The rules differ in two places: a float of any size beats an integer of any size (int64 and
float32 give float32), and a tensor without axes, like a plain number, never widens a tensor that has some.

Source: the type promotion page of PyTorch's documentation.
"""

from functools import reduce

import numpy as np

float16 = half = np.dtype("float16")
float32 = np.dtype("float32")
float64 = double = np.dtype("float64")
uint8 = np.dtype("uint8")
int8 = np.dtype("int8")
int16 = short = np.dtype("int16")
int32 = np.dtype("int32")
int64 = long = np.dtype("int64")
bool = np.dtype("bool")

default = float32  # of Python's floats

RANK = {"b": 0, "u": 1, "i": 1, "f": 2}  # NumPy's letters for bool, unsigned, signed, floating
OF_NUMBER = {type(True): bool, int: int64, float: default}  # noqa: UP003 - `bool` is a dtype here


def is_floating(dtype):
    return dtype.kind == "f"


def of_number(number):
    """The type PyTorch gives to a plain Python (or NumPy) number."""
    for kind, dtype in OF_NUMBER.items():
        if isinstance(number, kind):
            return dtype
    if isinstance(number, np.generic):
        return of_number(number.item())
    hint = " Say .values or .indices." if hasattr(number, "indices") else ""
    raise TypeError(f"a number or a tensor is wanted here, and got a {type(number).__name__}.{hint}")


def promote(x, y):
    """The smallest type that holds both, a float of any size beating an integer of any size."""
    for dtype in (x, y):
        if dtype.kind not in RANK:
            raise TypeError(f"{dtype} is not a number type that tensors know.")
    if RANK[x.kind] == RANK[y.kind]:
        return np.promote_types(x, y)
    return x if RANK[x.kind] > RANK[y.kind] else y


def result_type(*inputs):
    """The type of an operation on `inputs`: arrays or numbers.

    Arrays with axes decide first, then arrays without, then numbers; a later group is heard only if it is of a higher
    kind (bool < integer < float).
    """
    groups = [[], [], []]
    for x in inputs:
        if hasattr(x, "ndim") and hasattr(x, "dtype"):
            groups[0 if x.ndim else 1].append(x.dtype)
        else:
            groups[2].append(of_number(x))
    first, *others = (reduce(promote, group, group[0]) for group in groups if group)
    for dtype in others:
        first = dtype if RANK[dtype.kind] > RANK[first.kind] else first
    return first
