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

    shapes = [tuple(x.shape) for x in named.values()]
    unmade = isinstance(error, TypeError) and ("ufunc" in str(error) or "numpy boolean" in str(error))
    product = PRODUCTS.get(op.__name__)
    why = product(*shapes) if product and not unmade else misfit(*shapes)
    if why and (unmade or isinstance(error, ValueError)):
        return RuntimeError(f"{op.__name__}: {why}")
    if isinstance(error, ValueError) and op.__name__ == "reshape":
        return RuntimeError(
            f"reshape: the {arrays[0].size} elements of a tensor of shape {shapes[0]} do not fit: {error}."
        )
    if isinstance(error, IndexError):  # NumPy's AxisError is one too
        return IndexError(f"{op.__name__}: {error} (the tensor has shape {shapes[0]}).")
    if unmade:
        kind = NotImplementedError if op.__name__.startswith("bitwise") else RuntimeError
        types = " and ".join(str(x.dtype) for x in named.values())
        return kind(f"{op.__name__} is not made for {types}. Convert with .float() or .long() first.")
    return None


def misfit(*shapes):
    """Why shapes do not broadcast; nothing if they do."""
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        listed = " and ".join(map(str, shapes))
        return f"shapes {listed} do not broadcast. Counted from the right, two axes must be equal, or one of them 1."


def matmul_misfit(x, y):
    if x[-1] == y[-2]:
        return f"the leading axes of shapes {x} and {y} do not broadcast."
    hint = " Did you mean y.T?" if len(y) == 2 and x[-1] == y[-1] else ""
    hint = hint or (" Did you mean x.T?" if len(x) == 2 and x[0] == y[-2] else "")
    return (
        f"the last axis of x ({x[-1]}) must equal the second-to-last axis of y ({y[-2]}); got shapes {x} and {y}.{hint}"
    )


def linear_misfit(x, w, b=None):
    if x[-1] != w[-1]:
        return f"the last axis of x ({x[-1]}) must equal the last axis of the weight ({w[-1]}); got shapes {x} and {w}."
    return f"the bias must have one number for each of the {w[0]} rows of the weight; its shape is {b}."


PRODUCTS = {"matmul": matmul_misfit, "linear": linear_misfit}
