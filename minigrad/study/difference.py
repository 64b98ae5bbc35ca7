"""How one answer differs from another: arrays, numbers, words, and tuples, lists and dicts of these.

`settled` brings a value of ours, NumPy's or PyTorch's into one form, and `difference` compares two of that form.
"""

from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from ..check.compare import Difference, compare, gap
from ..printing import array_to_text

STATES = {"shape": "wrong shape", "dtype": "wrong dtype", "value": "wrong value"}
ENDLESS = 1 << 1000  # numbers that no float can hold, and that take too long to write


@dataclass(frozen=True)
class Finding:
    """What is wrong first: a `state` for the dashboard, what is `said`, the `place` looked at, `numbers` of arrays."""

    state: str
    said: str
    place: str = ""
    numbers: Difference | None = None

    def at(self, place):
        """The same, found at a place such as "the gradient of x"."""
        gradient = self.state == "wrong value" and place.startswith("the gradient")
        return replace(self, place=place, state="wrong gradient" if gradient else self.state)


def settled(value):
    """Tensors, ours and PyTorch's, as arrays; NumPy's integers and bools as Python's; tuples, lists, dicts by parts."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        return np.array(value.data if isinstance(value.data, np.ndarray) else value.numpy())
    if isinstance(value, np.bool_ | np.integer):
        return value.item()
    if isinstance(value, np.floating | np.ndarray):
        return np.array(value)
    if isinstance(value, list):
        return [settled(part) for part in value]
    if isinstance(value, tuple):
        return tuple(settled(part) for part in value)
    if isinstance(value, dict):
        return {key: settled(part) for key, part in value.items()}
    return value


def difference(mine, other, tolerance=None):
    """The Finding about `mine`, which should be `other`; None where they agree (a list may stand for a tuple).

    tolerance: (relative, absolute), for arrays; None: what is usual for their type
    """
    if mine is None and other is not None:
        return Finding("wrong form", f"it is nothing (None), and should be {kind(other)}. Is a `return` missing?")
    if isinstance(mine, np.ndarray) and mine.ndim == 0 and is_number(other):
        mine = mine.item()
    if isinstance(mine, int) and abs(mine) >= ENDLESS:
        return Finding("wrong value", "it is a number of hundreds of digits.")
    if isinstance(other, np.ndarray):
        return of_arrays(mine, other, tolerance)
    if isinstance(other, tuple | list):
        return of_parts(mine, other, tolerance)
    if isinstance(other, dict) and isinstance(mine, dict) and set(mine) == set(other):
        return of_parts(list(mine.values()), [other[key] for key in mine], tolerance, list(mine))
    if is_number(other) and is_number(mine):
        exact = isinstance(mine, int) and isinstance(other, int)
        allowed = 0 if exact else 1e-5 + 1e-5 * (abs(other) if np.isfinite(other) else 0)
        agree = gap(np.asarray(mine), np.asarray(other)) <= allowed
    elif type(mine) is not type(other):
        return Finding("wrong form", f"it is {kind(mine)}, and should be {kind(other)}.")
    else:
        agree = mine == other
    return None if agree else Finding("wrong value", f"it is {shown(mine)}, and should be {shown(other)}.")


def of_arrays(mine, other, tolerance):
    if is_number(mine):
        with suppress(OverflowError, ValueError):  # what the type cannot hold: 300 as uint8, NaN as int64
            mine = np.asarray(mine, other.dtype)
    if not isinstance(mine, np.ndarray):
        return Finding("wrong form", f"it is {kind(mine)}, and should be an array.")
    found = compare(mine, other, *tolerance or ())
    return found and Finding(STATES[found.what], found.said(theirs="expected"), numbers=found)


def of_parts(mine, other, tolerance, keys=None):
    if not isinstance(mine, tuple | list):
        return Finding("wrong form", f"it is {kind(mine)}, and should be {kind(other)}.")
    if len(mine) != len(other):
        return Finding("wrong shape", f"it has {len(mine)} elements, and should have {len(other)}.")
    for key, a, b in zip(keys or range(len(other)), mine, other):
        found = difference(a, b, tolerance)
        if found:
            return replace(found, said=f"element {key!r}: {found.said}")
    return None


def is_number(x):
    return isinstance(x, int | float) and not isinstance(x, bool)


def kind(x):
    """What something is, in a word or two."""
    if x is None:
        return "nothing (None)"
    if isinstance(x, np.ndarray):
        return "an array"
    if callable(x):
        return "a function"
    word = type(x).__name__
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


def shown(value, index=()):
    """A value in short: a small array in full, a large one by its shape and the element at `index`."""
    if isinstance(value, np.ndarray):
        if value.size <= 24:
            return array_to_text(value, "")
        element = value[index] if index else None
        number = f"{element:.7g}" if value.dtype.kind == "f" and index else f"{element}"
        return f"{value.dtype} {value.shape}" + (f", at {list(index)}: {number}" if index else "")
    if isinstance(value, float):
        return f"{value:.7g}"
    if isinstance(value, list):
        return f"[{', '.join(map(shown, value))}]"
    if isinstance(value, tuple):
        return f"({', '.join(map(shown, value))}{',' * (len(value) == 1)})"
    text = "nothing (None)" if value is None else repr(value)
    return text if max(map(len, text.splitlines())) <= 80 else f"{text[:77]}..."
