"""Two arrays side by side: whether they agree, and where they differ most if they do not.

Shape comes first, then number type, then the numbers: the order in which a mistake is easiest to understand.
"""

from dataclasses import dataclass

import numpy as np

# What PyTorch's own tests allow: |ours - theirs| <= rtol * |theirs| + atol. Integers and bools must be equal.
TOLERANCE = {"float16": (1e-3, 1e-5), "float32": (1.3e-6, 1e-5), "float64": (1e-7, 1e-7)}


@dataclass(frozen=True)
class Difference:
    """Where two arrays differ, and by how much.

    what            "shape", "dtype" or "value"
    ours, theirs    the two shapes, the two number types, or the two numbers at `index`
    index           the place of the worst element (for "value")
    wrong, size     how many elements differ, and of how many
    """

    what: str
    ours: object
    theirs: object
    index: tuple = ()
    wrong: int = 0
    size: int = 0

    @property
    def error(self):
        """How far apart the two numbers are."""
        return abs(float(self.ours) - float(self.theirs))

    def said(self, ours="yours", theirs="PyTorch's"):
        """The difference as a sentence."""
        if self.what == "shape":
            return f"{ours} has shape {self.ours}, {theirs} {self.theirs}."
        if self.what == "dtype":
            return f"{ours} is {self.ours}, {theirs} {self.theirs}."
        place = f"at {list(self.index)} " if self.index else ""
        count = f"; {self.wrong} of {self.size} elements differ" if self.size > 1 else ""
        return (
            f"{place}{ours} is {number(self.ours)}, {theirs} {number(self.theirs)} (apart by {self.error:.2g}{count})."
        )


def compare(ours, theirs, rtol=None, atol=None):
    """The Difference between two NumPy arrays, or None where they agree. `atol` may differ from element to element.

    Infinities must be equal, and NaN stands only where NaN stands.
    """
    if ours.shape != theirs.shape:
        return Difference("shape", ours.shape, theirs.shape)
    if ours.dtype != theirs.dtype:
        return Difference("dtype", ours.dtype, theirs.dtype)
    if rtol is None:
        rtol, atol = TOLERANCE.get(theirs.dtype.name, (0, 0))

    apart = gap(ours, theirs)
    if theirs.dtype.kind == "f":
        size = np.abs(theirs.astype("float64", copy=False))
        wrong = apart > rtol * np.where(np.isfinite(size), size, 0) + atol
    else:
        wrong = ours != theirs
    if not wrong.any():
        return None
    index = np.unravel_index(np.argmax(np.where(wrong, apart, -1)), wrong.shape)
    return Difference("value", ours[index], theirs[index], tuple(map(int, index)), int(wrong.sum()), wrong.size)


def gap(ours, theirs):
    """|ours - theirs| of every element: 0 where both are the same infinity or both NaN, inf where only one is."""
    ours, theirs = ours.astype("float64", copy=False), theirs.astype("float64", copy=False)
    with np.errstate(invalid="ignore"):
        apart = np.abs(ours - theirs)
    if np.isfinite(apart.sum()):  # as mostly, and then this is all
        return apart
    same = (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))
    return np.where(same, 0, np.where(np.isnan(apart), np.inf, apart))


def number(x):
    """A number with all the digits that its type holds, and no more."""
    if x.dtype.kind != "f":
        return str(x)
    return f"{x:.{np.finfo(x.dtype).precision + 2}g}"
