"""Arrays as text, the way PyTorch prints them: four decimals, or none where every number is whole."""

import numpy as np


def array_to_text(array, prefix="tensor("):
    """The numbers of `array` in brackets; further lines are indented to stand under the first."""
    array = np.asarray(array)
    if array.size == 0:
        return "[]" if array.ndim == 1 else f"[], size={array.shape}"
    shown = corners(array) if array.size > 1000 else array
    write = writer(shown)
    wide = shown[np.isfinite(shown) & (shown != 0)] if array.dtype.kind == "f" else shown
    width = max((len(write(x)) for x in wide.ravel()), default=0) if array.ndim else 0
    text = np.array2string(
        array,
        separator=", ",
        prefix=prefix,
        formatter={"all": lambda x: write(x).rjust(width)},
        threshold=1000,
        max_line_width=80,
    )
    return text.replace(", ...,", ",  ...,")


def corners(array, edge=3):
    """The part of a large array that is printed: the first and last `edge` along every axis."""
    for axis, n in enumerate(array.shape):
        if n > 2 * edge:
            array = np.take(array, [*range(edge), *range(n - edge, n)], axis=axis)
    return array


def writer(array):
    """A function that writes one number, choosing a format that suits all of `array`."""
    if array.dtype.kind != "f":
        return str
    finite = np.abs(array[np.isfinite(array)]).astype("float64")
    nonzero = finite[finite > 0]
    whole = bool((finite == np.floor(finite)).all())
    spread = nonzero.max() / nonzero.min() > 1000 if nonzero.size else False
    if nonzero.size and (nonzero.max() > 1e8 or spread or (not whole and nonzero.min() < 1e-4)):
        return lambda x: f"{x:.4e}"
    if whole:
        return lambda x: f"{x:.0f}." if np.isfinite(x) else str(x)
    return lambda x: f"{x:.4f}"
