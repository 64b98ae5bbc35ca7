"""Arrays as text, the way PyTorch prints them: four decimals, or none where every number is whole."""

import numpy as np

WIDTH = 80  # characters of a line
EDGE = 3  # of a large array, so many at either end of every axis


def array_to_text(array, prefix="tensor("):
    """The numbers of `array` in brackets; further lines stand under the first, which comes after `prefix`."""
    array = np.asarray(array)
    if array.size == 0:
        return "[]" if array.ndim == 1 else f"[], size={array.shape}"
    cut = array.size > 1000
    shown = corners(array) if cut else array
    write = writer(shown)
    wide = shown[np.isfinite(shown) & (shown != 0)] if array.dtype.kind == "f" else shown
    width = max((len(write(x)) for x in wide.ravel()), default=0)
    return bracketed(array, lambda x: write(x).rjust(width), width, len(prefix), cut)


def bracketed(array, write, width, indent, cut):
    if array.ndim == 0:
        return write(array[()])
    items = [*array[:EDGE], None, *array[-EDGE:]] if cut and len(array) > 2 * EDGE else array
    if array.ndim == 1:
        parts = [" ..." if x is None else write(x) for x in items]
        step = max(1, (WIDTH - indent) // (width + len(", ")))
        parts, gap = [", ".join(parts[i : i + step]) for i in range(0, len(parts), step)], "\n"
    else:
        parts = ["..." if x is None else bracketed(x, write, width, indent + 1, cut) for x in items]
        gap = "\n" * (array.ndim - 1)
    return "[" + f",{gap}{' ' * (indent + 1)}".join(parts) + "]"


def with_notes(text, notes):
    """`text`, and after it the notes; what would go beyond the line begins one of its own."""
    indent, length = len("tensor("), len(text) - text.rfind("\n") + 1
    for note in notes:
        length += len(", ") + len(note)
        if length > WIDTH:
            text, length = f"{text},\n{' ' * indent}{note}", indent + len(note)
        else:
            text = f"{text}, {note}"
    return text


def corners(array):
    """The part of a large array that is printed: the first and last few along every axis."""
    for axis, n in enumerate(array.shape):
        if n > 2 * EDGE:
            array = np.take(array, [*range(EDGE), *range(n - EDGE, n)], axis=axis)
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
