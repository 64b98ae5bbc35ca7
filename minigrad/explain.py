"""What went wrong in an op, said to the person who called it.

NumPy's own errors name neither the op nor the shapes it was given. This file is only reached after one was raised.
"""

import inspect

import numpy as np

from . import device as devices


def explain(error, op, arrays):
    """A clearer error than `error`, of the type that PyTorch raises; None if there is nothing to add to it."""
    names = [p.name for p in inspect.signature(op).parameters.values() if p.kind is not p.KEYWORD_ONLY]
    named = {name: x for name, x in zip(names, arrays) if hasattr(x, "shape")}
    places = {name: devices.of(x).name for name, x in named.items()}
    if len(set(places.values())) > 1:
        said = " and ".join(f"{name} is on {place}" for name, place in places.items())
        return RuntimeError(f"{op.__name__}: {said}. Move one: {names[0]}.to({places[names[-1]]!r}).")
    shapes = {name: tuple(x.shape) for name, x in named.items()}
    if op.__name__ in ("matmul", "linear") and isinstance(error, ValueError):
        return RuntimeError(mismatch(op.__name__, **shapes))
    if op.__name__ == "reshape" and isinstance(error, ValueError):
        return RuntimeError(
            f"reshape: {arrays[0].size} elements of shape {shapes['x']} do not fit the shape asked for; {error}."
        )
    if isinstance(error, ValueError) and len(shapes) > 1 and not broadcastable(shapes.values()):
        return RuntimeError(
            f"{op.__name__}: shapes {' and '.join(map(str, shapes.values()))} do not broadcast. Counted from the right, "
            "two axes must be equal, or one of them 1."
        )
    if isinstance(error, np.exceptions.AxisError):
        return IndexError(f"{op.__name__}: {error}.")
    if isinstance(error, IndexError):
        return IndexError(f"{op.__name__}: {error} (the tensor has shape {shapes.get('x')}).")
    if isinstance(error, TypeError) and "ufunc" in str(error):
        types = " and ".join(str(x.dtype) for x in named.values())
        return TypeError(f"{op.__name__} is not made for {types}. Convert with .float() or .long() first.")
    return None


def mismatch(op, x, **named):
    """The sentence for two matrices that cannot be multiplied."""
    if op == "linear":
        w, b = named["w"], named.get("b")
        if b is not None and b != w[:1]:
            return f"linear: the bias must have one number for each of the {w[0]} rows of the weight; its shape is {b}."
        return f"linear: the last axis of x ({x[-1]}) must equal the last axis of the weight ({w[-1]}); got shapes {x} and {w}."
    y = named["y"]
    if x[-1] == y[-2]:
        return f"matmul: the leading axes of shapes {x} and {y} do not broadcast."
    hint = " Did you mean y.T?" if len(y) == 2 and x[-1] == y[-1] else ""
    hint = hint or (" Did you mean x.T?" if len(x) == 2 and x[0] == y[-2] else "")
    return f"matmul: the last axis of x ({x[-1]}) must equal the second-to-last axis of y ({y[-2]}); got shapes {x} and {y}.{hint}"


def broadcastable(shapes):
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        return False
    return True
