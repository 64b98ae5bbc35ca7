"""Chapter 01, tensors: where the numbers lie, who shares them, and which shapes go together."""

import numpy as np

import minigrad as mg

from ...check import pytorch as torch
from ...check.case import exactly, integers, normal
from .. import run
from ..exercise import Chapter, given

chapter = Chapter(
    "01_tensors",
    "Tensors",
    teaches=(
        *("stride", "is_contiguous", "contiguous", "view", "permute", "transpose", "T", "expand", "from_numpy"),
        *("unsqueeze", "squeeze", "keepdim", "argmax", "amax"),
    ),
)


# ---- where an element lies ----


@chapter.exercise(
    points=2,
    minutes=8,
    cases=[
        given("one column on is the next number; one row on is a whole row of 4 further", (3, 4)),
        given("the same twelve numbers in rows of 3", (4, 3)),
        given("a vector: neighbours lie side by side", (5,)),
        given("two tables of 3 x 4: to the next table, all 12 numbers of this one are passed over", (2, 3, 4)),
        given("a batch of 2 small colour images: image, colour, row, column", (2, 3, 4, 5)),
        given("an axis of length 1 has a stride as well, though nobody will take that step", (3, 1)),
        given("a single number has no axes, and so no strides", ()),
    ],
    torch=lambda shape: torch.empty(shape, device="meta").stride(),  # on meta, a shape takes no memory
    hints=(
        "Start at the last axis. Which stride does it always have? Then go to the front, one axis at a time.",
        "The stride of an axis is the number of elements in one step of it: the product of all sizes to its right. "
        "For (2, 3, 4) these are 3 * 4, then 4, then the product of nothing, which is 1.",
        "strides, step = [], 1\n"
        "for size in reversed(shape):\n"
        "    ...          # this axis has the stride `step`; what is found first belongs last\n"
        "    step = ...   # one axis further to the left, a step is this many times as far\n"
        "return tuple(strides)",
    ),
)
def contiguous_strides(shape):
    """The strides of a tensor of this shape whose elements lie in reading order, without gaps.

    The stride of an axis is how many places of the storage one step along it goes on.
    shape: a tuple of sizes, each at least 1    ->    a tuple with a stride for each axis

    >>> contiguous_strides((3, 4))
    (4, 1)
    """
    ### BEGIN SOLUTION
    strides, step = [], 1
    for size in reversed(shape):
        strides.insert(0, step)
        step *= size
    return tuple(strides)
    ### END SOLUTION


@chapter.hidden("contiguous_strides")
def other_shapes(rng):
    """Shapes that nobody has seen, of one axis to four; one has an axis of length 1 inside."""
    shapes = [tuple(map(int, rng.integers(2, 30, ndim))) for ndim in (1, 2, 3, 4)]
    return [given("a shape made by chance", shape) for shape in [*shapes, (*shapes[1], 1, *shapes[0])]]


@chapter.way("contiguous_strides", "Said as the formula: for each axis, the product of the sizes to its right.")
def strides_by_products(shape):
    return tuple(int(np.prod(shape[axis + 1 :])) for axis in range(len(shape)))


chapter.wrong(
    "contiguous_strides",
    "The strides are right, but stand in the wrong order. The last axis comes last: its stride is the 1.",
    "strides.insert(0, step)",
    "strides.append(step)",
)
chapter.wrong(
    "contiguous_strides",
    "A step along an axis passes over what lies inside of it: the sizes to its right. You multiply those to its left.",
    "reversed(shape)",
    "shape",
)
chapter.wrong(
    "contiguous_strides",
    "An axis's own size does not count: it says how many steps there are, not how long one is. "
    "Note the stride first, then multiply.",
    "strides.insert(0, step)\n        step *= size",
    "step *= size\n        strides.insert(0, step)",
)
chapter.wrong(
    "contiguous_strides",
    "Sizes multiply: two tables of three rows of four numbers are 2 * 3 * 4 numbers. You add them up.",
    "step *= size",
    "step = step + size if strides[1:] else size",
)


@chapter.wrong("contiguous_strides", "NumPy counts strides in bytes. PyTorch, and we, count elements.")
def strides_in_bytes(shape):
    return np.zeros(shape).strides


@chapter.wrong(
    "contiguous_strides", "Think of a single number, with shape (). How many axes has it? So how many strides?"
)
def strides_starting_with_one(shape):
    strides = [1]
    for size in reversed(shape[1:]):
        strides.insert(0, strides[0] * size)
    return tuple(strides)


@chapter.exercise(
    points=1,
    minutes=5,
    cases=[
        given("row 1, column 2 of a 3 x 4 table: one row of 4 is passed, and 2 more numbers", (1, 2), (4, 1)),
        given("the first element of all lies at the start", (0, 0), (4, 1)),
        given("the transposed table: the same storage, the strides exchanged", (2, 1), (1, 4)),
        given("three axes: each adds its own steps", (1, 0, 3), (12, 4, 1)),
        given("a view may begin anywhere: its first element lies at the offset", (1, 2), (4, 1), offset=5),
        given("every second number, from place 1 on", (3,), (2,), offset=1),
        given("stride 0: every row is the same row", (2, 3), (0, 1)),
        given("a single number: there is only the offset", (), (), offset=7),
    ],
    torch=lambda index, strides, offset=0: (
        torch.arange(100).as_strided([i + 1 for i in index], strides, offset)[index].item()
    ),
    hints=(
        "You stand at the first element. How many places do you move for index[0] steps along the first axis? "
        "And then along the second?",
        "place = offset + index[0] * strides[0] + index[1] * strides[1] + ..., for as many axes as there are.",
        "place = ...                          # where the first element lies\n"
        "for i, stride in zip(index, strides):\n"
        "    place = ...                      # i steps of this length further\n"
        "return place",
    ),
)
def flat_index(index, strides, offset=0):
    """Which place of the storage holds the element at `index`.

    index: a tuple of whole numbers, none negative    strides: as many    offset: the place of the first element

    >>> flat_index((1, 2), (4, 1))
    6
    """
    ### BEGIN SOLUTION
    return offset + sum(i * stride for i, stride in zip(index, strides))
    ### END SOLUTION


@chapter.hidden("flat_index")
def other_places(rng):
    """Places that nobody has seen, on one axis to three, with strides in any order and of 0."""
    cases = []
    for ndim in (1, 2, 3, 3):
        index, strides = rng.integers(1, 4, ndim), rng.integers(0, 10, ndim)  # below 100, as PyTorch's storage above
        cases.append(given("a place made by chance", tuple(map(int, index)), tuple(map(int, strides))))
    return [*cases[1:], given("with an offset", *cases[0].inputs, offset=int(rng.integers(1, 18))), cases[0]]


@chapter.way("flat_index", "A sum of products is a dot product.")
def flat_index_by_dot(index, strides, offset=0):
    return offset + int(np.dot(index, strides))


chapter.wrong(
    "flat_index",
    "A view need not begin at the start of the storage. What became of `offset`?",
    "offset + sum(",
    "sum(",
)
chapter.wrong(
    "flat_index",
    "The first index goes with the first stride. You pair them crosswise.",
    "zip(index, strides)",
    "zip(index, reversed(strides))",
)


@chapter.wrong("flat_index", "You keep only the steps along the last axis: each axis must be added to those before.")
def flat_index_of_last_axis(index, strides, offset=0):
    place = offset
    for i, stride in zip(index, strides):
        place = offset + i * stride
    return place


@chapter.wrong("flat_index", "You return inside the loop, after the first axis. The others have steps to add, too.")
def flat_index_of_first_axis(index, strides, offset=0):
    for i, stride in zip(index, strides):
        return offset + i * stride
    return offset


@chapter.wrong(
    "flat_index", "There may be any number of axes, and neighbours in a row need not be neighbours in storage."
)
def flat_index_of_tables(index, strides, offset=0):
    return offset + index[0] * strides[0] + index[1]


@chapter.wrong("flat_index", "These are strides, not sizes: what they say is already multiplied out.")
def flat_index_by_sizes(index, strides, offset=0):
    place = 0
    for i, size in zip(index, strides):
        place = place * size + i
    return place + offset


@chapter.wrong(
    "flat_index", "A loop over `index` gives the numbers in it, not 0, 1, 2 ... Which stride goes with each?"
)
def flat_index_by_its_own_numbers(index, strides, offset=0):
    place = offset
    for i in index:
        place += i * strides[i]
    return place


# ---- who shares it ----


class Expression(str):
    """An array yet to be made from the table `a`; shown as it is written."""

    __repr__ = str.__str__


def pair(why, x, y):
    return given(why, Expression(x), Expression(y))


def on_arrays(function, inputs, options, seed):
    """What the function says of two arrays, each made from one table `a`, which is closed for writing."""
    a = np.arange(12.0).reshape(4, 3).copy()
    a.setflags(write=False)
    return run.plain(function, [eval(x, {"a": a}) for x in inputs], options, seed)


def on_one_storage(*expressions):
    """PyTorch's answer for tensors made in the same way: whether their storages begin at one address."""
    a = torch.arange(12.0).reshape(4, 3)
    return len({eval(x, {"a": a}).untyped_storage().data_ptr() for x in expressions}) == 1


@chapter.exercise(
    points=2,
    minutes=8,
    run=on_arrays,
    cases=[
        pair("a is a table of 4 rows and 3 columns. Transposing only exchanges the strides", "a", "a.T"),
        pair("computed anew: equal numbers, in a storage of their own, so the base of both is None", "a", "a + 0"),
        pair("a slice is a window on the table; it begins at another place", "a", "a[1:]"),
        pair("two windows on one storage: neither was made from the other", "a[1:]", "a.T"),
        pair("a list of rows is picked one by one, into new memory", "a", "a[[0, 1]]"),
        pair("the table in another shape, and a row of it", "a.reshape(2, 6)", "a[2]"),
        pair("two halves: one storage, though they have no element in common", "a[:2]", "a[2:]"),
        pair(
            "the columns of the transposed table are not in reading order, so reshape has to copy",
            "a",
            "a.T.reshape(12)",
        ),
        pair("two windows, but each on a storage of its own", "a[1:]", "(a + 0)[1:]"),
        pair("any array looks into its own storage", "a", "a"),
    ],
    torch=on_one_storage,
    hints=(
        "NumPy remembers for you: a view has in `.base` the array that it looks into. What does an owner have there?",
        "Find the owner of each array's memory: while `.base` is an array, go there. Then ask whether the two owners "
        "are one and the same object. (`==` would compare numbers; `is` asks whether it is the same thing.)",
        "def owner(array):\n    while ...:\n        array = ...\n    return array\n\nreturn owner(x) is ...",
    ),
)
def is_view(x, y):
    """Whether x and y look into the same storage, even if at no common element.

    x, y: NumPy arrays    ->    True or False

    >>> a = np.zeros((4, 3))
    >>> is_view(a, a.T), is_view(a, a + 0)
    (True, False)
    """

    ### BEGIN SOLUTION
    def owner(array):
        while array.base is not None:
            array = array.base
        return array

    return owner(x) is owner(y)
    ### END SOLUTION


@chapter.hidden("is_view")
def other_pairs(rng):
    """Windows on one table, some without a common element, and copies of parts of it, in an order made by chance."""

    def number(low, high):
        return int(rng.integers(low, high))

    i, j, k = number(1, 4), number(1, 3), number(0, 4)
    windows = [f"a[{i}:]", f"a.T[{j}]", f"a[:, {j}:]", f"a[{k}]", "a.reshape(6, 2)", f"a[{k}].reshape(3, 1)", "a.T"]
    copies = [f"a + {i}", f"a[[{k}, {i}]]", f"(a * {j})[{i}:]", f"(a - {k}).T", f"a.T.reshape({['12', '2, 6'][j - 1]})"]
    apart = [(f"a[:{i}]", f"a[{i}:]"), (f"a[:, :{j}]", f"a[:, {j}:]"), (f"a[{k}]", f"a[{(k + i) % 4}]")]
    pairs = [*apart, *(rng.choice(windows, 2, replace=False) for _ in range(2))]
    pairs += [(rng.choice(windows), copy) for copy in rng.choice(copies, 4, replace=False)]
    return [pair("made by chance", *map(str, rng.permutation(pairs[n]))) for n in rng.permutation(len(pairs))]


@chapter.way("is_view", "NumPy lets a view of a view point to the owner at once, so one step is enough.")
def is_view_by_one_step(x, y):
    x, y = (array if array.base is None else array.base for array in (x, y))
    return x is y


chapter.wrong(
    "is_view",
    "You ask whether they are the same object. A view is an object of its own; it is the memory that is the same.",
    "return owner(x) is owner(y)",
    "return x is y",
)
chapter.wrong(
    "is_view",
    "You compare the numbers. Equal numbers may lie in two places, and one place may be read in two orders.",
    "return owner(x) is owner(y)",
    "return np.array_equal(x, y)",
)
chapter.wrong(
    "is_view",
    "You see only views made from x itself. Two arrays may also look into the memory of a third, or be the same.",
    "return owner(x) is owner(y)",
    "return y.base is x",
)
chapter.wrong(
    "is_view",
    "An array that owns its memory has None as its base, and two such Nones are no sign of anything.",
    "return owner(x) is owner(y)",
    "return x.base is y.base",
)
chapter.wrong(
    "is_view",
    "You have thought of all three: x in y, y in x, both in a third. But two owners have None as their base, and None "
    "is None.",
    "return owner(x) is owner(y)",
    "return x.base is y or y.base is x or x.base is y.base",
)
chapter.wrong(
    "is_view",
    "np.shares_memory and its kin ask whether some element is common to both. Two halves of one storage have none, "
    "and yet look into the same storage.",
    "return owner(x) is owner(y)",
    "return np.shares_memory(x, y)",
)
chapter.wrong(
    "is_view",
    "You compare where the first elements lie. A view may begin in the middle of the storage.",
    "return owner(x) is owner(y)",
    "return x.ctypes.data == y.ctypes.data",
)


@chapter.wrong(
    "is_view",
    "To write and see whether it shows is a good experiment, but a question should leave no traces, "
    "and some arrays cannot be written to. Ask the arrays what they look into.",
)
def is_view_by_writing(x, y):
    x[...] = -1
    return bool((y == -1).any())


# ---- which shapes go together ----


@chapter.exercise(
    points=3,
    minutes=12,
    cases=[
        given("equal shapes stay as they are", (2, 3), (2, 3)),
        given("a row goes with every row of a table: its missing axis is put in front", (2, 3), (3,)),
        given("the same the other way round", (3,), (2, 3)),
        given("a column and a row: each is stretched along the axis on which it has length 1", (2, 1), (1, 3)),
        given("four axes and two: all that is missing is added in front", (5, 4, 1, 3), (2, 1)),
        given("a single number goes with everything", (2, 3), ()),
        given("lengths are compared from the right: here 3 meets 2, and they do not fit", (2, 3), (2,)),
        given("only length 1 is stretched: 2 does not go into 4, though it would fit twice", (4, 3), (2, 3)),
        given("length 1 stretches to any length, and 0 is one: a table without rows stays so", (0, 3), (1, 3)),
    ],
    torch=lambda a, b: torch.broadcast_shapes(a, b),
    hints=(
        "Write the two shapes under each other, flush right. Make them equally long first: what can stand in the "
        "empty places without changing anything?",
        "Put 1s in front of the shorter shape. Then, pair by pair: if they are equal, that is the size; if one of them "
        "is 1, it is the other; else they do not fit.",
        "ndim = max(len(a), len(b))\n"
        "a = (1,) * ... + tuple(a)\n"
        "b = ...\n"
        "shape = []\n"
        "for n, m in zip(a, b):\n"
        "    if ...:\n"
        "        raise ValueError(...)\n"
        "    shape.append(...)   # careful: which of the two, if n is 1?\n"
        "return tuple(shape)",
    ),
)
def broadcast_shape(a, b):
    """The shape of x + y, where x has shape `a` and y has shape `b`.

    Raises ValueError where they do not fit.

    >>> broadcast_shape((2, 1), (3,))
    (2, 3)
    """
    ### BEGIN SOLUTION
    ndim = max(len(a), len(b))
    a = (1,) * (ndim - len(a)) + tuple(a)
    b = (1,) * (ndim - len(b)) + tuple(b)
    shape = []
    for n, m in zip(a, b):
        if n != m and 1 not in (n, m):
            raise ValueError(f"shapes {a} and {b} do not broadcast: {n} meets {m}, and neither of them is 1.")
        shape.append(m if n == 1 else n)
    return tuple(shape)
    ### END SOLUTION


@chapter.hidden("broadcast_shape")
def more_shapes(rng):
    """Shapes that nobody has seen: some go together, and some do not."""
    j, k, m, n = map(int, rng.permutation(np.arange(2, 40))[:4])
    return [
        given("a table and a row", *((j, k), (k,))[:: rng.choice([-1, 1])]),
        given("both are stretched", *((j, 1, k), (m, 1))[:: rng.choice([-1, 1])]),
        given("lengths that differ", *((j, m, k), (n, k))[:: rng.choice([-1, 1])]),
        given("from the right, they do not fit", *((j, k), (j, 1, j))[:: rng.choice([-1, 1])]),
        given("one of length 0", *((m, n, 0), (n, 1))[:: rng.choice([-1, 1])]),
    ]


@chapter.way("broadcast_shape", "Walking from the right end, index -1, -2 ..., saves putting the ones in front.")
def broadcast_from_the_right(a, b):
    shape = ()
    for i in range(1, max(len(a), len(b)) + 1):
        n = a[-i] if i <= len(a) else 1
        m = b[-i] if i <= len(b) else 1
        if n == 1:
            n = m
        elif m not in (1, n):
            raise ValueError(f"{n} and {m} do not fit")
        shape = (n, *shape)
    return shape


@chapter.wrong("broadcast_shape", "Shapes are compared from the right: what is missing is missing in front.")
def broadcast_from_the_left(a, b):
    ndim = max(len(a), len(b))
    a = tuple(a) + (1,) * (ndim - len(a))
    b = tuple(b) + (1,) * (ndim - len(b))
    shape = []
    for n, m in zip(a, b):
        if n != m and 1 not in (n, m):
            raise ValueError(f"{n} and {m} do not fit")
        shape.append(m if n == 1 else n)
    return tuple(shape)


@chapter.wrong("broadcast_shape", "zip stops where the shorter shape ends, and the longer one's first axes are lost.")
def broadcast_of_the_common_axes(a, b):
    shape = []
    for n, m in zip(reversed(a), reversed(b)):
        if n != m and 1 not in (n, m):
            raise ValueError(f"{n} and {m} do not fit")
        shape.insert(0, m if n == 1 else n)
    return tuple(shape)


@chapter.wrong("broadcast_shape", "You went from right to left, and so the result stands back to front. Turn it round.")
def broadcast_back_to_front(a, b):
    return broadcast_from_the_right(a, b)[::-1]


chapter.wrong(
    "broadcast_shape",
    "The larger size is not always right: two sizes that differ fit only if one of them is 1. Else raise ValueError.",
    """if n != m and 1 not in (n, m):
            raise ValueError(f"shapes {a} and {b} do not broadcast: {n} meets {m}, and neither of them is 1.")
        shape.append(m if n == 1 else n)""",
    "shape.append(max(n, m))",
)
chapter.wrong(
    "broadcast_shape",
    "Almost: think of an axis of length 0. A size of 1 becomes what the other one is, and that may be less.",
    "m if n == 1 else n",
    "max(n, m)",
)
chapter.wrong(
    "broadcast_shape",
    "To return None leaves it to the caller to notice. Shapes that do not fit are an error, so raise one.",
    """raise ValueError(f"shapes {a} and {b} do not broadcast: {n} meets {m}, and neither of them is 1.")""",
    "return None",
)
chapter.wrong(
    "broadcast_shape",
    "A size is not stretched because it divides the other. Only 1 is: then there is no doubt what is repeated.",
    "n != m and 1 not in (n, m)",
    "max(n, m) % max(min(n, m), 1)",
)


# ---- broadcasting at work ----


@chapter.exercise(
    points=1,
    minutes=5,
    run=run.tensors,
    cases=[
        given("three rows, two columns: 1, 2, 3 times 10, 20", exactly([1, 2, 3]), exactly([10, 20])),
        given("any numbers", normal(2), normal(4)),
        given("equally long vectors make a square table, not a vector", normal(3), normal(3)),
        given("a vector of one number makes one row", exactly([2]), normal(3)),
        given("whole numbers stay whole numbers", exactly([1, 2], "int64"), exactly([3, 4, 5], "int64")),
        given("of no numbers there are no rows, but still three columns", normal(0), normal(3)),
    ],
    torch=lambda x, y: torch.outer(x, y),
    hints=(
        "x has to stand upright, as a column, and y to lie, as a row. Then broadcasting does the rest.",
        "A column has shape (n, 1), a row (m,) or (1, m). Column times row has shape (n, m).",
        "column = ...   # x with a new axis of length 1: (n, 1)\nreturn ...     # the column with the row",
    ),
)
def outer(x, y):
    """The times table of two vectors: element [i, j] is x[i] * y[j].

    x: a tensor (n,)    y: a tensor (m,)    ->    a tensor (n, m)
    """
    ### BEGIN SOLUTION
    return x[:, None] * y
    ### END SOLUTION


@chapter.way("outer", "unsqueeze says it in a word: put in an axis of length 1.")
def outer_by_unsqueeze(x, y):
    return x.unsqueeze(1) * y.unsqueeze(0)


@chapter.way("outer", "A column matrix times a row matrix is the same table.")
def outer_by_matmul(x, y):
    return x.reshape(-1, 1) @ y.reshape(1, -1)


chapter.wrong(
    "outer",
    "This multiplies first with first, second with second. Each element of x should meet all elements of y: "
    "which shape must x have for that?",
    "x[:, None] * y",
    "x * y",
)
chapter.wrong(
    "outer",
    "The table lies on its side: rows should go with x, columns with y.",
    "x[:, None] * y",
    "x * y[:, None]",
)
chapter.wrong(
    "outer",
    "The table is of the right shape, but its elements are sums.",
    "x[:, None] * y",
    "x[:, None] + y",
)
chapter.wrong(
    "outer",
    "@ between two vectors adds the products up, to a single number. Here every product is wanted.",
    "x[:, None] * y",
    "x @ y",
)
chapter.wrong(
    "outer",
    "Now both stand upright, and again first meets first. Only one of them should become a column.",
    "x[:, None] * y",
    "x[:, None] * y[:, None]",
)


@chapter.wrong(
    "outer",
    "The numbers are right, their type is not: mg.zeros makes float32, whatever goes in. "
    "Broadcasting needs no table made beforehand, and keeps the type.",
)
def outer_by_loops(x, y):
    out = mg.zeros(len(x), len(y))
    for i in range(len(x)):
        for j in range(len(y)):
            out[i, j] = x[i] * y[j]
    return out


CORNERS = exactly([[0, 0], [3, 0]]), exactly([[0, 4], [3, 4], [0, 0]])
FAR = exactly([[1000.25, 2000.5]]), exactly([[1000.5, 2000.5], [1003.25, 2004.5]])
POINTS = normal(3, 2)


@chapter.exercise(
    points=3,
    minutes=15,
    run=run.tensors,
    cases=[
        given("corners of a triangle with sides 3, 4 and 5", *CORNERS),
        given("from each of 3 points to each of 4: a table of 3 rows", normal(3, 2), normal(4, 2)),
        given("points in space have three coordinates", normal(2, 3), normal(4, 3)),
        given("on a line, a distance is how much two numbers differ, and never negative", normal(4, 1), normal(2, 1)),
        given("far away, but close to each other: subtract first, then square", *FAR),
        given("from the points to themselves: 0 on the diagonal, and the same both ways", POINTS, POINTS),
        given(
            "a thousand and a thousand: for broadcasting one turn, for loops a million",
            normal(1000, 2),
            normal(1000, 2),
        ),
    ],
    torch=lambda x, y: torch.cdist(x, y, compute_mode="donot_use_mm_for_euclid_dist"),
    hints=(
        "Do it in two steps. First all differences, for each point of x with each of y; then the length of each. "
        "How many axes do the differences have?",
        "Stand x upright, as (n, 1, d); y is (m, d). The difference is (n, m, d): for each pair, d coordinates. "
        "Square, add up along the coordinates, take the root.",
        "upright = ...                   # x with a new axis of length 1 in the middle: (n, 1, d)\n"
        "differences = upright - y       # (n, m, d)\n"
        "squares = (differences ** 2).sum(...)\n"
        "return ...                      # what undoes a square?",
    ),
)
def pairwise_distance(x, y):
    """How far each point of x is from each point of y, without a loop. (In PyTorch: torch.cdist.)

    The distance of two points is the root of the sum of their squared differences, as in Pythagoras.
    x: a tensor (n, d) of n points with d coordinates    y: (m, d)    ->    (n, m)
    """
    ### BEGIN SOLUTION
    differences = x[:, None] - y  # (n, m, d)
    return (differences**2).sum(-1).sqrt()
    ### END SOLUTION


@chapter.way("pairwise_distance", "With both new axes written out, and the sum's axis counted from the front.")
def distance_with_all_axes(x, y):
    return (x.unsqueeze(1) - y.unsqueeze(0)).square().sum(2) ** 0.5


chapter.wrong(
    "pairwise_distance",
    "These are the squares of the distances: what is the length of the long side in a triangle with sides 3 and 4?",
    ".sum(-1).sqrt()",
    ".sum(-1)",
)
chapter.wrong(
    "pairwise_distance",
    "You walk along the axes, as in a city with square blocks. The straight way is shorter: Pythagoras.",
    "(differences**2).sum(-1).sqrt()",
    "differences.abs().sum(-1)",
)
chapter.wrong(
    "pairwise_distance",
    "You subtract point from point in one order. Each point of x should meet each of y: give x one more axis.",
    "x[:, None] - y",
    "x - y",
)
chapter.wrong(
    "pairwise_distance",
    "You add up along the wrong axis. The differences have axes: point of x, point of y, coordinate. Which should go?",
    ".sum(-1)",
    ".sum(1)",
)
chapter.wrong(
    "pairwise_distance",
    "The table lies on its side: it should have a row for each point of x, a column for each of y.",
    "x[:, None] - y",
    "x - y[:, None]",
)
chapter.wrong(
    "pairwise_distance",
    "Without a dim, sum adds up everything there is. Only what belongs to one pair of points should become one number.",
    ".sum(-1)",
    ".sum()",
)
chapter.wrong(
    "pairwise_distance",
    "The numbers are right, but an axis of length 1 is left at the end. keepdim is for results that go back into their "
    "own table; here the coordinates should be gone.",
    ".sum(-1)",
    ".sum(-1, keepdim=True)",
)
chapter.wrong(
    "pairwise_distance",
    "On paper xx + yy - 2xy is the same. Here it takes the difference of two huge numbers, whose last digits were "
    "already rounded away. Subtract the points first, as long as the differences are small.",
    "differences = x[:, None] - y  # (n, m, d)\n    return (differences**2).sum(-1).sqrt()",
    "return ((x**2).sum(1)[:, None] + (y**2).sum(1) - 2 * x @ y.T).sqrt()",
)


@chapter.exercise(
    points=2,
    minutes=8,
    run=run.tensors,
    cases=[
        given("three labels, three classes: a 1 in the column of the label", exactly([2, 0, 1], "int64"), 3),
        given("labels may come twice, and classes not at all", exactly([1, 1, 0], "int64"), 2),
        given("a class that no label names still has its column", exactly([0, 1], "int64"), 4),
        given("any labels", integers(0, 5, 6), 5),
        given(
            "a table of labels: the classes become a new axis at the end", exactly([[0, 3, 1], [2, 2, 0]], "int64"), 4
        ),
        given("no labels, no rows; but the columns are there", exactly([], "int64"), 3),
    ],
    torch=lambda labels, classes: torch.nn.functional.one_hot(labels, classes),
    hints=(
        "Ask a question of every label and every class: are you the same? The answers make a table of True and False.",
        "Give the labels a new axis at the end, (..., 1), and compare with the row of all classes, 0, 1, 2 ...: the "
        "result is (..., classes), of bools. Then make whole numbers of them.",
        "row = mg.arange(...)\ncolumn = ...               # the labels, with a new axis at the end\n"
        "return (column == row)...  # from bool to int64",
    ),
)
def one_hot(labels, classes):
    """A row for each label: 1 in the label's column, 0 elsewhere.

    labels: a tensor (...) of integers from 0 to classes - 1    ->    a tensor (..., classes) of int64

    one_hot([2, 0], 3) is [[0, 0, 1], [1, 0, 0]].
    """
    ### BEGIN SOLUTION
    return (labels[..., None] == mg.arange(classes)).long()
    ### END SOLUTION


@chapter.hidden("one_hot")
def other_labels(rng):
    """Labels that nobody has seen, in a row and in a table; the last class may be missing."""
    few, many = map(int, rng.permutation(np.arange(5, 12))[:2])
    row = rng.integers(0, few - 1, int(rng.integers(3, 9))).tolist()
    table = rng.integers(0, many, (2, int(rng.integers(3, 6)))).tolist()
    return [given("labels made by chance", exactly(labels, "int64"), n) for labels, n in ((row, few), (table, many))]


@chapter.way("one_hot", "Row i of the identity matrix is what label i should become. So pick rows.")
def one_hot_from_identity(labels, classes):
    return mg.eye(classes, dtype=mg.int64)[labels]


chapter.wrong(
    "one_hot",
    "The answers are True and False, and should be the numbers 1 and 0.",
    ".long()",
    "",
)
chapter.wrong(
    "one_hot",
    "Ones and zeros, but as floats: PyTorch gives int64 here, as the labels are. (mg.eye and mg.zeros make floats, "
    "unless told otherwise.)",
    ".long()",
    ".float()",
)
chapter.wrong(
    "one_hot",
    "Classes count from 0: label 0 belongs to the first column.",
    "mg.arange(classes)",
    "mg.arange(1, classes + 1)",
)
chapter.wrong(
    "one_hot",
    "You count the classes in the labels. A batch may lack the last class, and should have its column all the same: "
    "that is why `classes` is given.",
    "mg.arange(classes)",
    "mg.arange(int(labels.max()) + 1 if len(labels) else classes)",
)
chapter.wrong(
    "one_hot",
    "Rows and columns are exchanged: a row should belong to a label, a column to a class.",
    "labels[..., None] == mg.arange(classes)",
    "labels == mg.arange(classes)[:, None]",
)
chapter.wrong(
    "one_hot",
    'This is for a vector of labels. Put the new axis at the end, however many axes there are: what stands for "all '
    'those before" in an index?',
    "labels[..., None]",
    "labels[:, None]",
)


@chapter.wrong(
    "one_hot",
    "out[:, labels] takes every row with these columns, so each row gets the ones of all labels. "
    "Row 0 should get only its own.",
)
def one_hot_of_all_labels(labels, classes):
    out = mg.zeros(len(labels), classes, dtype=mg.int64)
    out[:, labels] = 1
    return out
