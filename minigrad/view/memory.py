"""Tensors as they lie in memory: one storage under many shapes, and shapes stretched over each other."""

import numpy as np

from ..tensor import Tensor
from . import svg
from .views import Choice, Picture, Slider, Text, View, number

LARGEST = 32  # numbers in a storage that is drawn
CELLS = 60  # of a table that is drawn
LEFT, CELL, PAGE = 24, 30, 812  # px: the margin, a cell, what there is room for


def colour(axis):
    """Each axis has its own."""
    return (svg.ORANGE, svg.BLUE, svg.GREEN, svg.PURPLE)[axis % 4]


def strides(tensor, *expressions):
    """Where each element of a tensor lies in its storage, and the same storage seen through other shapes.

    expressions: other tensors to look at, written with x for this one: "x.T", "x[1:, ::2]"; some are there without any
    """
    if not isinstance(tensor, Tensor):
        raise TypeError(f"strides is for minigrad's tensors, and got a {type(tensor).__name__}.")
    size = storage_of(tensor.data).size
    if not 0 < size <= LARGEST:
        raise ValueError(f"strides draws storages of 1 to {LARGEST} numbers, and this one has {size}.")
    expressions = ["x", *expressions] if expressions else usual_views(tensor)
    seen = {expression: eval(expression, {"x": tensor}) for expression in expressions}
    for expression, view in seen.items():
        if not isinstance(view, Tensor) or not 0 < view.numel() <= CELLS:
            raise ValueError(f"strides draws tensors of 1 to {CELLS} numbers, and {expression} is not one.")

    def draw(tensor, element):
        view = seen[tensor]
        return strides_picture(tensor, view, element % view.numel(), storage_of(seen["x"].data))

    most = max(view.numel() for view in seen.values())
    return View(
        "A tensor and its storage",
        draw,
        Choice("tensor", "x", expressions),
        Slider("element", tensor.numel() // 2, 0, most - 1, plays=0.5),
    )


def usual_views(x):
    """Expressions worth a look for a tensor of this shape."""
    n = x.numel()
    sizes = [f"x.view({a}, {n // a})" for a in range(2, n) if n % a == 0 and (a, n // a) != x.shape]
    choices = {
        1: [*sizes, "x[::2]", "x[2:]", f"x.expand(2, {n})", "x + 0"],
        2: ["x.T", *sizes[:2], "x.view(-1)", "x[1:, 1:3]", "x[:, ::2]", "x[1]", "x[:, 1]", "x.T.reshape(-1)"],
        3: ["x.permute(2, 0, 1)", "x.transpose(1, 2)", "x[0]", "x[:, 1]", "x[:, :, ::2]", "x.view(-1)"],
    }
    return ["x", *(choice for choice in choices.get(x.ndim, []) if works(choice, x))]


def works(expression, x):
    try:
        return 0 < eval(expression, {"x": x}).numel() <= CELLS
    except (RuntimeError, IndexError):
        return False


def storage_of(array):
    """The array that owns the memory, as one row in the order of the memory."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array.ravel(order="K")


def offset_of(array):
    """How many places the first element lies from the start of the storage."""
    start = storage_of(array).__array_interface__["data"][0]
    return (array.__array_interface__["data"][0] - start) // array.itemsize


def places(view):
    """For each element of a tensor, its place in the storage."""
    axes = [stride * np.arange(size) for size, stride in zip(view.shape, view.stride())]
    return sum(np.ix_(*axes), np.array(offset_of(view.data))) if axes else np.array(offset_of(view.data))


def strides_picture(name, view, element, original):
    """The table that `view` is, the notes on its lid, and its storage with the steps to one element."""
    storage, place_of = storage_of(view.data), places(view)
    index = np.unravel_index(element, view.shape)
    chosen, offset, stride = int(place_of[index]), offset_of(view.data), view.stride()
    shared = np.shares_memory(storage, original)
    notes = {"shape": view.shape, "stride": stride, "offset": offset}

    colours = np.full(view.shape, svg.PALE_BLUE, object)
    colours[index] = svg.PALE_ORANGE
    sets = np.array([{"element": n} for n in range(view.numel())]).reshape(view.shape)
    table, width, height = cells(view.data, colours, LEFT, 46, max(CELL, widest(storage)), sets)
    parts = [svg.words(LEFT, 28, name, size=15, bold=True), table]
    aside = LEFT + width + 40
    parts += lid(aside, 60, notes, shared) + formula(aside, 143, offset, index, stride, chosen)
    wide = min(max(CELL, widest(storage)), PAGE / storage.size)
    row = max(46 + height, 150) + 34 + max((arc_height(step, wide) for step in stride), default=0)
    parts += row_of(storage, place_of.ravel().tolist(), chosen, row, wide) + steps(offset, index, stride, row - 3, wide)
    whose = "the storage" if shared else "the copy's storage"
    parts.append(svg.words(LEFT, row + CELL + 34, f"{whose}: {storage.size} numbers, and their places", fill=svg.GREY))
    size = max(aside + 145 + 105 * view.ndim, LEFT * 2 + wide * storage.size), row + CELL + 50

    where = f"{name}[{', '.join(map(str, index))}]" if index else name
    line = f"{where} is {number(view.data[index])}, at place {summed(offset, index, stride)}{chosen} of "
    line += "the storage." if shared else "a storage of its own: it is a copy."
    text = [f"{label:8}{note}" for label, note in notes.items()]
    text.append(f"storage {' '.join(number(value) for value in storage)}")
    text.append(f"place of each element, in reading order: {' '.join(map(str, place_of.ravel()))}")
    return Picture(svg.card(*size, *parts), line, "\n".join(text))


def lid(x, y, notes, shared):
    """The notes on a tensor's lid, one below the other, and whether it is a copy."""
    parts = []
    for label, note in notes.items():
        parts += [svg.words(x, y, label, fill=svg.GREY), svg.words(x + 60, y, note, bold=True)]
        y += 19
    return parts if shared else [*parts, svg.words(x, y, "a copy: a storage of its own", fill=svg.ORANGE, bold=True)]


def row_of(storage, reached, chosen, y, wide):
    """The storage as a row of cells over their places; coloured is what the tensor reaches, in order."""
    parts = []
    for place in sorted(range(storage.size), key=lambda place: place == chosen):  # its edge on top of its neighbours'
        x, seen = LEFT + wide * place, place in reached
        fill = svg.PALE_ORANGE if place == chosen else svg.PALE_BLUE if seen else svg.PALE
        edge = {"edge": svg.ORANGE, "thick": 2.5} if place == chosen else {}
        sets = {"element": reached.index(place)} if seen else None
        parts.append(svg.box(x, y, wide, CELL, fill, sets=sets, **edge))
        parts.append(written(x + wide / 2, y + CELL / 2 + 4, storage[place], svg.INK if seen else svg.GREY))
        parts.append(svg.words(x + wide / 2, y + CELL + 13, place, at="middle", size=9, fill=svg.GREY))
    return parts


def summed(offset, index, stride):
    """The sum that finds a place, up to its result."""
    terms = [f"{i} · {step}" for i, step in zip(index, stride)]
    return f"{' + '.join([str(offset), *terms])} = " if terms else ""


def formula(x, y, offset, index, stride, chosen):
    """place = offset + index · stride, every axis in its colour, with words above and numbers below."""
    parts = [svg.words(x, y, "place", fill=svg.GREY), svg.words(x, y + 20, chosen, bold=True)]
    parts += [svg.words(x + 45, y, "= offset", fill=svg.GREY), svg.words(x + 45, y + 20, f"= {offset}")]
    x += 110
    for axis, (i, step) in enumerate(zip(index, stride)):
        above, below = f"+ i{axis} · stride{axis}", f"+ {i} · {step}"
        parts += [svg.words(x, y, above, fill=colour(axis)), svg.words(x, y + 20, below, fill=colour(axis), bold=True)]
        x += 7.3 * (len(above) + 1)
    return parts


def arc_height(step, wide):
    """How high an arc of so many places rises, in px."""
    return min(12 + 0.16 * wide * step, 74)


def steps(start, index, stride, y, wide):
    """The way through the storage from the first element: as many arcs for each axis as its index says."""
    parts = [svg.curve(f"M{LEFT + wide * (start + 0.5):g},{y - 9:g}v5", svg.INK, thick=2.5)]
    for axis, (count, step) in enumerate(zip(index, stride)):
        for _ in range(count if step else 0):
            x, to = (svg.place(LEFT + wide * (place + 0.5)) for place in (start, start + step))
            up = svg.place(y - 4 - 1.33 * arc_height(step, wide))
            parts.append(svg.curve(f"M{x},{y - 4:g}C{x},{up} {to},{up} {to},{y - 4:g}", colour(axis)))
            parts.append(svg.curve(f"M{to},{y:g}l-4,-7h8z", "none", fill=colour(axis)))
            start += step
    return parts


# Tables of cells


def cells(array, colours, x, y, cell, sets=None, outlined=True):
    """A table of numbers, its upper left corner at (x, y): its SVG, its width and its height.

    An array of more than two axes is drawn as several tables, one below the other, of fewer axes as a row. The orange
    ones have an outline, if wanted.
    """
    tables = array.reshape(-1, *(1, 1, *array.shape)[-2:]) if array.ndim < 3 else array.reshape(-1, *array.shape[-2:])
    colours = np.asarray(colours).reshape(tables.shape)
    sets = None if sets is None else sets.reshape(tables.shape)
    parts = []
    for (table, row, column), value in np.ndenumerate(tables):
        left, top = x + cell * column, y + CELL * row + (CELL * tables.shape[1] + 10) * table
        at = table, row, column
        strong = {"edge": svg.ORANGE, "thick": 2.5} if outlined and colours[at] == svg.PALE_ORANGE else {}
        clicked = None if sets is None else sets[at]
        drawn = svg.box(left, top, cell, CELL, colours[at], sets=clicked, **strong)
        drawn += written(left + cell / 2, top + CELL / 2 + 4, value, svg.GREY if colours[at] == FADED else svg.INK)
        parts.append((bool(strong), drawn))
    parts.sort(key=lambda part: part[0])  # strong edges on top of their neighbours'
    height = tables.shape[0] * (CELL * tables.shape[1] + 10) - 10
    return "".join(drawn for _, drawn in parts), cell * tables.shape[2], height


FADED = "#F3F8FB"  # of cells that are not there, but the same numbers again


def written(x, y, value, ink):
    """A number in a cell; it lets clicks through to the cell."""
    return f'<g style="pointer-events: none">{svg.words(x, y, number(value), at="middle", fill=ink)}</g>'


def widest(array):
    """How wide the numbers of an array are, in px, with room around them."""
    return 12 + 7.3 * max(len(number(value)) for value in array.ravel())


# Broadcasting

SIGNS = {"+": lambda a, b: a + b, "−": lambda a, b: a - b, "·": lambda a, b: a * b}


def broadcasting(a, b):
    """How two shapes are laid over each other, axis by axis, and what comes out, cell by cell.

    a, b: tensors; or shapes, such as (3, 1) and (4,), which can then be changed
    """
    free = not isinstance(a, Tensor) and not isinstance(b, Tensor)
    if not free and not (isinstance(a, Tensor) and isinstance(b, Tensor)):
        raise TypeError("broadcasting wants two of minigrad's tensors, or two shapes such as (3, 1) and (4,).")

    def draw(sign, element, a=a, b=b):
        if free:
            a, b = counted(shape_of(a), 1), counted(shape_of(b), 10)
        return broadcasting_picture(a, b, sign, element)

    shapes = [Text("a", written_shape(a), label="shape of a"), Text("b", written_shape(b), label="shape of b")]
    sizes = [t.shape if isinstance(t, Tensor) else shape_of(t) for t in (a, b)]
    size = int(np.prod(np.broadcast_shapes(*sizes))) if fits(*sizes) else 1
    most = CELLS if free else min(CELLS, size)
    element = Slider("element", min(size // 2, CELLS - 1), 0, max(1, most - 1), plays=0.5)
    sign = Choice("sign", "+", SIGNS)
    return View("Two shapes laid over each other", draw, *(shapes if free else []), sign, element)


def written_shape(shape):
    return "" if isinstance(shape, Tensor) else ", ".join(map(str, shape)) + "," * (len(shape) == 1)


def shape_of(written):
    """A shape, of what was typed: "3, 1", "(4,)" or "" for a single number."""
    if not isinstance(written, str):
        return tuple(written)
    try:
        shape = tuple(int(size) for size in written.strip("() ").split(",") if size.strip())
    except ValueError:
        raise ValueError(f"a shape is sizes with commas between them, such as 3, 1; this is {written!r}") from None
    if min(shape, default=1) < 1 or np.prod(shape, dtype=float) > 10**6:
        raise ValueError(f"sizes here are 1 or more, and up to a million numbers in all; this is {written!r}")
    return shape


def counted(shape, first):
    """A tensor of this shape that counts: first, 2 · first, 3 · first ..."""
    return Tensor(first * (1 + np.arange(np.prod(shape, dtype=int))).reshape(shape))


def fits(a, b):
    """Whether two shapes can be broadcast."""
    return all(x == y or 1 in (x, y) for x, y in zip(a[::-1], b[::-1]))


def broadcasting_picture(a, b, sign, element):
    """The shapes flush right, axis by axis; below, where there is room, the stretched tables and the result."""
    ndim = max(a.ndim, b.ndim)
    rows = [("",) * (ndim - t.ndim) + t.shape for t in (a, b)]
    verdicts = [verdict(x, y) for x, y in zip(*rows)]
    parts, top = aligned(rows, verdicts)
    lines = [
        f"axis {axis - ndim}: a {x or 'none'}, b {y or 'none'}: {said}"
        for axis, (x, y, (_, said)) in enumerate(zip(*rows, verdicts))
    ]
    if not fits(a.shape, b.shape):
        bad = [axis - ndim for axis, (size, _) in enumerate(verdicts) if size is None]
        line = f"{a.shape} and {b.shape} do not fit: at axis {bad[-1]}, flush right, the sizes differ and neither is 1."
        return Picture(svg.card(max(480, 150 + 120 * ndim), top + 10, *parts), line, "\n".join(lines))

    shape = np.broadcast_shapes(a.shape, b.shape)
    line = f"{a.shape} {sign} {b.shape} gives {shape}."
    width = 150 + 120 * ndim
    if 0 < np.prod(shape, dtype=float) <= CELLS and np.prod(shape[:-2], dtype=int) <= 4:
        out = SIGNS[sign](a, b)
        index = np.unravel_index(element % out.numel(), out.shape)
        drawn, wide, top = tables(a, b, out, sign, index, top + 30)
        parts.append(drawn)
        width = max(width, wide)
        x, y = (np.broadcast_to(t.data, shape)[index] for t in (a, b))
        line += f" Marked: {number(x)} {sign} {number(y)} = {number(out.data[index])}."
        lines.append(f"result: {out.tolist()}")
    stretched = [np.broadcast_to(t.data, shape) for t in (a, b)]
    for name, t, wide in zip("ab", (a, b), stretched):
        steps = tuple(step // t.data.itemsize for step in wide.strides)
        lines.append(f"{name}: shape {t.shape} with stride {t.stride()}, stretched to {shape} with stride {steps}")
    return Picture(svg.card(max(480, width), top + 14, *parts), line, "\n".join(lines))


def verdict(x, y):
    """What two sizes, "" where there is none, make of an axis: its size (None if they do not fit), and why."""
    if "" in (x, y):
        short, size = ("a", y) if x == "" else ("b", x)
        return size, f"{short} repeats"
    if x == y:
        return x, "equal"
    if 1 in (x, y):
        return (y, "a is stretched") if x == 1 else (x, "b is stretched")
    return None, "do not fit"


def aligned(rows, verdicts):
    """The shapes under each other, flush right, and the verdict under each axis; SVG, and where it ends."""
    parts, step = [], 120
    for row, (name, sizes) in enumerate(zip(("a", "b"), rows)):
        y = 20 + 36 * row
        parts.append(svg.words(LEFT, y + 20, f"shape of {name}", fill=svg.GREY))
        for axis, size in enumerate(sizes):
            x, other = 130 + step * axis, rows[1 - row][axis]
            out, _ = verdicts[axis]
            grows = size in ("", 1) and other not in ("", 1)
            fill = svg.PALE_ORANGE if out is None else FADED if grows else svg.PALE_BLUE
            look = {"edge": svg.BLUE, "thick": 1.2, "dash": "4 3"} if size == "" else {}
            look = {"edge": svg.ORANGE, "thick": 2.5} if out is None else look
            parts.append(svg.box(x, y, 100, 28, fill, **look))
            parts.append(
                svg.words(
                    x + 50,
                    y + 19,
                    "1" if size == "" else size,
                    at="middle",
                    size=14,
                    fill=svg.GREY if size == "" else svg.INK,
                    bold=size != "",
                )
            )
    parts.append(svg.words(LEFT, 126, "the result", fill=svg.GREY))
    for axis, (size, why) in enumerate(verdicts):
        x = 130 + step * axis
        bad = size is None
        parts.append(
            svg.words(
                x + 50, 126, "?" if bad else size, at="middle", size=14, bold=True, fill=svg.ORANGE if bad else svg.INK
            )
        )
        parts.append(svg.words(x + 50, 146, why, at="middle", size=11, fill=svg.ORANGE if bad else svg.GREY, bold=bad))
    return parts, 156


def tables(a, b, out, sign, index, top):
    """a and b as they are stretched, and the result, cell by cell; SVG, its width and where it ends."""
    parts, left = [], LEFT
    sets = np.array([{"element": n} for n in range(out.numel())], object).reshape(out.shape)
    cell = max(CELL, *(widest(t.data) for t in (a, b, out)))
    for name, t, after in (("a", a, sign), ("b", b, "="), ("result", out, "")):
        real = np.zeros(out.shape, bool)
        real[(0,) * (out.ndim - t.ndim) + tuple(slice(size) for size in t.shape)] = True
        colours = np.where(real, svg.PALE_GREEN if t is out else svg.PALE_BLUE, FADED).astype(object)
        colours[index] = svg.PALE_ORANGE
        drawn, width, height = cells(np.broadcast_to(t.data, out.shape), colours, left, top + 24, cell, sets)
        parts += [svg.words(left, top + 12, f"{name} {t.shape}", fill=svg.GREY), drawn]
        room = max(width, 7.3 * len(f"{name} {t.shape}"))
        if after:
            parts.append(svg.words(left + room + 20, top + 24 + height / 2 + 5, after, at="middle", size=18))
        left += room + 40
    return "".join(parts), left - 40 + LEFT, top + 24 + height
