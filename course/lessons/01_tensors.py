# %% [markdown]
# # 01 · Tensors
#
# *About 45 minutes.*
#
# Everything that goes through a network is a tensor: images, words, weights, the loss. A tensor is a box of numbers
# with a few notes on its lid. This lesson is about the numbers, and about the notes. At the end you will
#
# - know what a tensor stores, and be able to say where any of its elements lies in memory;
# - know which operations look at old numbers anew, and which make new ones;
# - know which number type comes out when two kinds meet, and where digits get lost;
# - be able to say, before it runs, which shape an expression has, or that it will fail.
#
# Nothing here learns yet. But most of what goes wrong in real programs is a shape that is not what its author thinks.
# Everything is run in real PyTorch too.

# %%
import textwrap

import matplotlib.pyplot as plt
import numpy as np
import torch

import minigrad as mg
from minigrad.view import broadcasting, show, strides

BLUE, ORANGE, GREEN, GREY = "#CFE5F3", "#F8D9C0", "#CDEBDD", "#F0F0F0"  # pale, to write on


def cells(axis, numbers, colours=BLUE, left=0, top=0, ink="black"):
    """Draw a table of numbers as cells, its upper left corner at (left, top). One colour, or one for each cell."""
    numbers = np.array(numbers)
    colours = np.broadcast_to(colours, numbers.shape)
    for (row, column), number in np.ndenumerate(numbers):
        x, y = left + column, top + row
        axis.add_patch(plt.Rectangle((x, y), 1, 1, facecolor=colours[row, column], edgecolor="white", linewidth=2))
        axis.text(x + 0.5, y + 0.5, number, ha="center", va="center", fontsize=11, color=ink)


def frame(axis, width, height, top=0):
    """Show just this much of the drawing, without a scale around it."""
    axis.set(xlim=(0, width), ylim=(height, top), aspect="equal")
    axis.axis("off")


# %% [markdown]
# ## 1. A row of numbers
#
# Memory has no rows and columns. It is one long row of places. So a table has to be laid out in it somehow, and the
# usual way is the way you read: the first row, then the second, then the third.

# %%
x = mg.arange(12).view(3, 4)

by_row = np.array([[BLUE] * 4, [ORANGE] * 4, [GREEN] * 4])
figure, axis = plt.subplots(figsize=(9, 4.2))
axis.text(0, -0.3, "x, a table of shape (3, 4)", fontsize=12)
cells(axis, x, by_row)
axis.text(0, 4.1, "its storage", fontsize=12)
cells(axis, x.view(1, 12), by_row.reshape(1, 12), top=4.4)
frame(axis, 12, 5.4, top=-0.8)
plt.show()

# %% [markdown]
# The row below is the **storage**: the numbers themselves. The table above is what the tensor makes of it. `arange(12)`
# counts from 0 up to, but without, 12; `view(3, 4)` says: look at it as 3 rows of 4. (Here each number is also the
# number of its place. That will be handy.)
#
# `shape` says how many steps there are along each **axis**. PyTorch also calls an axis a dimension, `dim`.
#
# **Predict.** Where in the storage is the element in row 2, column 1? (Both count from 0.) How did you find it?

# %%
row, column = 2, 1
print("shape:  ", x.shape)
print("element:", x[row, column].item())
print("place:  ", row * 4 + column * 1)

# %% [markdown]
# Two rows of 4 are passed over, and then 1 more. So to find an element, one needs to know for each axis **how many
# places one step along it goes on**: 4 for a row, 1 for a column. These are the **strides**.

# %%
torch_x = torch.arange(12).view(3, 4)

print("minigrad:", x.stride())
print("PyTorch: ", torch_x.stride())

# %% [markdown]
# In minigrad the storage is a NumPy array's, and it stays in the tensor's `data`. NumPy counts strides in bytes. So
# this is all that `stride` does; `itemsize` is the size of one number:

# %%
show(mg.Tensor.stride)

# %% [markdown]
# More axes work the same way. Think of (2, 3, 4) as two tables of 3 rows and 4 columns, one after the other.
#
# **Predict.** Its strides?

# %%
print("minigrad:", mg.arange(24).view(2, 3, 4).stride())
print("PyTorch: ", torch.arange(24).view(2, 3, 4).stride())

# %% [markdown]
# To the next column it is 1, to the next row 4, to the next table $3 \cdot 4 = 12$. **The stride of an axis is the
# product of all sizes to its right.**
#
# > **Build it:** `contiguous_strides`, in the exercises of this chapter. Come back after that.
#
# ## 2. The same storage, seen differently
#
# Now comes the trick. The notes on the lid are three: **shape**, **stride**, and the place of the first element, the
# **offset** (in PyTorch `storage_offset()`; minigrad leaves it to NumPy). Change the notes, leave the numbers alone,
# and you have another tensor, in no time, however large it is.
#
# **Predict.** What must one change to get the transposed table, where rows become columns?

# %%
print("x:        shape", x.shape, " stride", x.stride())
print("x.T:      shape", x.T.shape, " stride", x.T.stride())
print("PyTorch:  shape", tuple(torch_x.T.shape), " stride", torch_x.T.stride())

# %% [markdown]
# The two strides are exchanged, as are the two sizes. Nothing moved. The same can be done for any part that can be
# reached in even steps. In the next picture, the storage is the same each time; coloured is what the tensor reaches.
# The arcs show one step along each axis.


# %%
def arc(axis, start, step, y, colour):
    """A step of this many places along the storage, drawn as an arc above it."""
    to, height = start + step, 0.25 + 0.14 * step
    way = np.linspace(0, np.pi, 40)
    middle, radius = (start + to) / 2 + 0.5, step / 2
    axis.plot(middle - radius * np.cos(way), y - height * np.sin(way), color=colour, linewidth=2.5)
    axis.plot(to + 0.5, y - 0.08, "v", color=colour, markersize=6)


views = {
    "x": torch_x,
    "x.T": torch_x.T,
    "x[1:, 1:3]": torch_x[1:, 1:3],
    "x[:, ::2]": torch_x[:, ::2],
}
figure, axes = plt.subplots(2, 2, figsize=(11, 7.4))
for axis, (name, view) in zip(axes.flat, views.items()):
    used = [BLUE if place in view else GREY for place in range(12)]
    cells(axis, view.numpy())
    cells(axis, np.arange(12)[None], [used], top=5.4)
    for step, colour in zip(view.stride(), ("#D55E00", "#0072B2")):
        arc(axis, view.storage_offset(), step, 5.4, colour)
    axis.set_title(name, fontsize=15, family="monospace", loc="left")
    notes = f"shape   {tuple(view.shape)}\nstride  {view.stride()}\noffset  {view.storage_offset()}"
    axis.text(6, 2, notes, fontsize=12, family="monospace", va="center")
    frame(axis, 12.6, 7.1)
figure.legend(
    [plt.Line2D([], [], color=colour, linewidth=3) for colour in ("#D55E00", "#0072B2")],
    ["one step down (axis 0)", "one step to the right (axis 1)"],
    loc="lower center",
    ncols=2,
    fontsize=12,
    frameon=False,
)
plt.tight_layout(rect=(0, 0.06, 1, 1), h_pad=2.5)
plt.show()

# %% [markdown]
# One formula finds every element of all of them:
#
# $$\text{place} = \text{offset} + i_0 \cdot \text{stride}_0 + i_1 \cdot \text{stride}_1 + \ldots$$
#
# Let us not believe it, and try every element.

# %%
storage = torch_x.reshape(12).tolist()
for name, view in views.items():
    found = all(
        storage[view.storage_offset() + i * view.stride(0) + j * view.stride(1)] == view[i, j]
        for i in range(view.shape[0])
        for j in range(view.shape[1])
    )
    print(f"{name:11} every element is where the formula says: {found}")

# %% [markdown]
# minigrad and PyTorch agree about the notes:

# %%
ours = {"x": x, "x.T": x.T, "x[1:, 1:3]": x[1:, 1:3], "x[:, ::2]": x[:, ::2]}
for name, view in ours.items():
    theirs = views[name]
    print(f"{name:11} {view.shape} {view.stride()}   the same in PyTorch:", view.stride() == theirs.stride())

# %% [markdown]
# **Try it.** Run the next cell, and take any element of any of these views: by the slider, or with a click. *Play*
# reads the elements in order. In `x`, the place goes on by 1 each time. Where does it jump in `x.T`, and how far?

# %%
strides(mg.arange(12).view(3, 4))

# %% [markdown]
# > **Build it:** `flat_index`, the formula above for any number of axes.
#
# ## 3. Views and copies
#
# A tensor that looks into the storage of another is called a **view** of it. There is one set of numbers, and two lids.
#
# **Predict.** We write −1 into the first row of the transposed table. What does `x` show?

# %%
x = mg.arange(12).view(3, 4)
torch_x = torch.arange(12).view(3, 4)

x.T[0] = -1
torch_x.T[0] = -1

print("minigrad:", x.tolist())
print("PyTorch: ", torch_x.tolist())

# %% [markdown]
# The first column has changed, in both libraries. This is what makes views quick, and what makes them dangerous:
# whoever writes into a view writes into everything that shares its storage. Where that is not wanted, take a copy:
# `x.clone()`.
#
# Which operations give views, and which copies? The rule: **a view can be made where even steps reach all that is
# wanted**; where they cannot, a copy has to be made. Anything that computes makes new numbers, of course.
#
# Below are some expressions. You know most of them; `unsqueeze(0)` puts an axis of length 1 in front, `expand` repeats
# along new axes (section 7), `x[[0, 2]]` picks rows by a list and `x[x > 5]` by a question (section 9).
#
# **Predict**, for each, before you look: view or copy? Two of them are less simple than they look.

# %%
x, torch_x = mg.arange(12).view(3, 4), torch.arange(12).view(3, 4)


def view_or_copy(new, old):
    return "view" if np.shares_memory(new.numpy(), old.numpy()) else "copy"


expressions = [
    *("x[1]", "x[:, ::2]", "x.T", "x.reshape(2, 6)", "x.unsqueeze(0)", "x.expand(2, 3, 4)"),
    *("x + 0", "x.clone()", "x[[0, 2]]", "x[x > 5]", "x.T.reshape(12)", "x.T.contiguous()"),
]
for expression in expressions:
    ours = view_or_copy(eval(expression, {"x": x}), x)
    theirs = view_or_copy(eval(expression, {"x": torch_x}), torch_x)
    print(f"{expression:18} minigrad: {ours}   PyTorch: {theirs}")

# %% [markdown]
# The two: `x[[0, 2]]` could have been a view, for rows 0 and 2 are an even step apart, as `x[::2]` shows. But a list
# may name any rows, and so a list always copies. And `reshape` is a view *if it can be*. It can for `x`, and cannot for
# `x.T`, whose rows do not lie in reading order. `reshape` does not tell you which of the two it did.
#
# How does one find out? NumPy remembers whose memory an array looks into, in `base`; an array that owns its memory has
# `None` there. `x.data` is the NumPy array of a minigrad tensor.

# %%
a = np.zeros((3, 4))

print("a owns its memory:      ", a.base is None)
print("a.T looks into a:       ", a.T.base is a)
print("a + 0 owns its memory:  ", (a + 0).base is None)
print("x and x.T look into one:", x.data.base is x.T.data.base)

# %% [markdown]
# Two views may look into one storage and have no element in common: the upper and the lower half of a table, say. They
# are two windows in one wall.
#
# > **Build it:** `is_view`.
#
# ## 4. Reading order
#
# A tensor whose elements lie in the storage just as one reads them is **contiguous**. `x` is, `x.T` is not. `view` is
# the strict sister of `reshape`: it never copies, and refuses where it would have to.
#
# **Predict.** Which of the two lines will fail?

# %%
print(x.is_contiguous(), x.T.is_contiguous())

for library, table in ((mg, x), (torch, torch_x)):
    try:
        table.view(12)
        table.T.view(12)
    except RuntimeError as error:
        print(textwrap.fill(f"{library.__name__}: {error}", 100))

# %% [markdown]
# Read `x.T` row by row: 0, 4, 8, 1, 5, 9 ... The steps in the storage are 4, 4, then back by 7. No single stride does
# that. `contiguous()` makes a copy in reading order, and that can be viewed in any way.

# %%
print(x.T.contiguous().view(12).tolist())
print(torch_x.T.contiguous().view(12).tolist())

# %%
show(mg.Tensor.view)

# %% [markdown]
# It tries `reshape`, and looks whether the result still shares memory.
#
# In real programs one meets this after `transpose` and `permute`, which put axes in another order. Images are an
# example. Read from a file, they are rows of pixels with three colours each, (H, W, 3). PyTorch wants the colours
# first: (3, H, W).
#
# **Predict.** Shape and stride of the permuted image? Is it contiguous?

# %%
for library in (mg, torch):
    image = library.zeros(28, 32, 3)
    channels_first = image.permute(2, 0, 1)  # axis 2 comes first, then 0, then 1
    print(tuple(channels_first.shape), channels_first.stride(), channels_first.is_contiguous())

# %% [markdown]
# And a shape is not a transposition. Both lines below give (4, 3); only one of them turns rows into columns. Mixing
# them up raises no error; it scrambles the data, and nothing will learn from it.

# %%
print("x.T:          ", x.T.tolist())
print("x.view(4, 3): ", x.view(4, 3).tolist())

# %% [markdown]
# ## 5. Where tensors come from
#
# `tensor(...)` copies what it is given. `from_numpy(...)` does not: the tensor and the array share memory.
#
# **Predict.** What will the last line show?

# %%
for library in (mg, torch):
    array = np.array([1.0, 2.0, 3.0])
    copied, shared = library.tensor(array), library.from_numpy(array)
    array[0] = 100
    print(f"{library.__name__:9} copied: {copied.tolist()}   shared: {shared.tolist()}")

# %% [markdown]
# The way back, `.numpy()`, shares as well.
#
# ## 6. Number types
#
# All numbers in a tensor are of one type, its **dtype**: a kind (bool, integer, float) and a size in bits. The size is
# what memory costs, and what it can hold.

# %%
print(f"{'':14}minigrad  PyTorch")
for text in ("[1, 2]", "[1.0, 2.0]", "[1, 2.0]", "[True, False]"):
    ours, theirs = mg.tensor(eval(text)), torch.tensor(eval(text))
    print(f"{text:13} {str(ours.dtype):9} {str(theirs.dtype).removeprefix('torch.')}")

# %% [markdown]
# Python's floats become float32, though Python itself (and NumPy) would keep 64 bits. Networks do not need the
# digits, and so save half of the memory.
#
# Each type has its own way of going wrong. **Predict** the three results: an 8-bit pixel made brighter; one more, on
# top of $2^{24}$; an integer divided.

# %%
for library in (mg, torch):
    pixel = library.tensor([250], dtype=library.uint8)
    large, a = library.tensor([2.0**24]), 7
    print(library.__name__)
    print("  250 + 10 in uint8:     ", (pixel + 10).item())
    print("  2**24 + 1 in float32:  ", int((large + 1).item()), "  and 2**24 is", 2**24)
    print("  7 / 2, 7 // 2, -7 // 2:", [(library.tensor(a) / 2).item(), *(library.tensor([a, -a]) // 2).tolist()])

# %% [markdown]
# - uint8 holds 0 to 255, and then begins again at 0. Make floats of pixels before you compute with them.
# - float32 has 24 binary digits. Between $2^{24}$ and $2^{25}$ it knows even numbers only, and 1 more is lost.
# - `/` makes floats of integers. `//` stays with integers, and rounds down, below zero too.
#
# When two types meet, both are brought to one that can take both in. This is called **promotion**. A float beats an
# integer, whatever their sizes; of one kind, the larger wins. **Predict** int64 with float16. Here is the table, asked
# from minigrad, cell by cell, and compared with PyTorch.

# %%
types = ["bool", "uint8", "int32", "int64", "float16", "float32", "float64"]
kinds = {"b": GREY, "u": BLUE, "i": BLUE, "f": ORANGE}


def type_of_sum(library, one, other):
    """The name of the type of x + y, where x and y are of the types named."""
    x, y = (library.zeros(1, dtype=getattr(library, name)) for name in (one, other))
    return str((x + y).dtype).removeprefix("torch.")


figure, axis = plt.subplots(figsize=(9, 5.2))
for row, one in enumerate(types):
    for column, other in enumerate(types):
        result = type_of_sum(mg, one, other)
        edge = "none" if np.result_type(one, other) == result else "#D55E00"
        place = (column + 0.03, row + 0.03)
        axis.add_patch(plt.Rectangle(place, 0.94, 0.94, facecolor=kinds[result[0]], edgecolor=edge, linewidth=2.5))
        axis.text(column + 0.5, row + 0.5, result, ha="center", va="center", fontsize=11)
axis.set(xlim=(0, 7), ylim=(7, 0), xticks=np.arange(7) + 0.5, yticks=np.arange(7) + 0.5)
axis.set_xticklabels(types, fontsize=11)
axis.set_yticklabels(types, fontsize=11)
axis.xaxis.tick_top()
axis.tick_params(length=0)
axis.spines[:].set_visible(False)
plt.show()

same = [type_of_sum(mg, one, other) == type_of_sum(torch, one, other) for one in types for other in types]
print(f"the same in PyTorch: {sum(same)} of {len(same)}")

# %% [markdown]
# In the cells with an outline, NumPy would say float64: it wants to keep all digits of the integer. PyTorch does not
# let an integer make your floats larger. This is one of the few places where minigrad has to overrule NumPy.
#
# A plain Python number is polite: it changes the kind if it must, never the size. So `x * 0.5` does not turn a small
# float16 tensor into a large one. A tensor without axes, which is a single number too, behaves in the same way.

# %%
for library in (mg, torch):
    half, whole = library.zeros(2, dtype=library.float16), library.zeros(2, dtype=library.int64)
    single = library.tensor(0.5, dtype=library.float64)
    print(library.__name__)
    print("  float16 * 0.5:           ", (half * 0.5).dtype)
    print("  int64 + 1, int64 * 0.5:  ", (whole + 1).dtype, (whole * 0.5).dtype)
    print("  float16 * single float64:", (half * single).dtype)

# %% [markdown]
# To change the type yourself: `.float()`, `.long()` (that is int64), `.to(mg.float16)`. To integers, the part after the
# point is cut off.
#
# ## 7. Broadcasting
#
# Arithmetic goes element by element. For that, shapes would have to be equal. But often one wants to add one row to
# *every* row. So where sizes are missing or 1, the smaller one is used again and again, as if it were stretched. This
# is **broadcasting**.


# %%
def stretched(numbers, shape):
    """The numbers as they are stretched, and a colour for each cell: blue where it stood, pale where it is repeated."""
    numbers = np.array(numbers, ndmin=2)
    full = np.broadcast_to(numbers, shape)
    real = np.zeros(shape, bool)
    real[: numbers.shape[0], : numbers.shape[1]] = True
    return full, np.where(real, BLUE, "#F3F8FB")


def sum_drawn(axis, x, y):
    """x + y, in cells, with their shapes."""
    out = np.array(x + y)
    for i, (tensor, sign) in enumerate(((x, "+"), (y, "="))):
        full, colours = stretched(tensor, out.shape)
        cells(axis, full, colours, left=5.5 * i, ink="#333333")
        axis.text(5.5 * i + 4.75, 1.5, sign, ha="center", va="center", fontsize=20)
        axis.text(5.5 * i + 2, 3.45, str(tuple(tensor.shape)), ha="center", fontsize=12, family="monospace")
    cells(axis, out, ORANGE, left=11)
    axis.text(13, 3.45, str(out.shape), ha="center", fontsize=12, family="monospace")
    frame(axis, 15, 3.7)


figure, axes = plt.subplots(3, 1, figsize=(9, 7.6))
table = mg.tensor([[1, 1, 1, 1], [2, 2, 2, 2], [3, 3, 3, 3]])
row, column = mg.tensor([10, 20, 30, 40]), mg.tensor([[1], [2], [3]])
sum_drawn(axes[0], table, row)
sum_drawn(axes[1], table, column)
sum_drawn(axes[2], column, row)
plt.tight_layout()
plt.show()

# %% [markdown]
# Dark cells are there, pale ones are the same numbers used again. In the last row a column and a row make a table:
# each is stretched along the axis that it lacks.
#
# The rule has two lines:
#
# 1. Write the shapes under each other, flush **right**. Put 1s where one is shorter.
# 2. Axis by axis: the sizes must be equal, or one of them 1. The 1 is stretched.
#
# **Predict** the shape of each sum, or that it fails.

# %%
pairs = [((3, 4), (4,)), ((3, 4), (3,)), ((3, 4), (3, 1)), ((3, 1), (4,)), ((8, 1, 6, 1), (7, 1, 5)), ((4, 3), (2, 3))]

for a, b in pairs:
    shapes = []
    for library in (mg, torch):
        try:
            shapes.append(str(tuple((library.zeros(a) + library.zeros(b)).shape)))
        except RuntimeError:
            shapes.append("does not fit")
    print(f"{str(a):13} + {str(b):10}  minigrad: {shapes[0]:14} PyTorch: {shapes[1]}")

# %% [markdown]
# The second is the one to remember. Three numbers, three rows, and it fails: flush right, the 3 meets the 4. A column
# has to say that it is one, (3, 1). An axis of length 1 is put in by `unsqueeze`, or by indexing with `None`, and
# taken out again by `squeeze`:

# %%
for library in (mg, torch):
    three = library.tensor([1, 2, 3])
    print(tuple(three.unsqueeze(1).shape), tuple(three[:, None].shape), tuple(three[:, None].squeeze(1).shape))

# %% [markdown]
# Is anything really copied, for a large table? No. Remember the strides.
#
# **Predict.** A row of 4 numbers, stretched to (3, 4) without a copy. Which stride must the first axis have?

# %%
for library in (mg, torch):
    row = library.tensor([10, 20, 30, 40])
    wide = row.expand(3, 4)
    print(f"{library.__name__:9} shape {tuple(wide.shape)}  stride {wide.stride()}  {wide.tolist()}")

# %% [markdown]
# Stride 0: one step down goes on by no places, so every row is the same row. Broadcasting is a view with zeros in its
# strides.
#
# **Try it.** Type other shapes here, such as the pairs above. Which shapes go with (3, 4)? Which two shapes, both of
# fewer than 24 numbers, give (2, 3, 4)?

# %%
broadcasting((3, 1), (4,))

# %% [markdown]
# > **Build it:** `broadcast_shape`.
#
# ## 8. The most expensive minus sign
#
# Here are four predictions, as a network gives them, (4, 1), and the four right answers, (4,). All four are exactly
# right, so the mean squared error is 0.
#
# **Predict.** Is it?

# %%
for library in (mg, torch):
    predictions = library.tensor([[1.0], [2.0], [3.0], [4.0]])
    answers = library.tensor([1.0, 2.0, 3.0, 4.0])
    print(f"{library.__name__:9} {((predictions - answers) ** 2).mean().item()}")

# %%
predictions, answers = np.array([[1], [2], [3], [4]]), np.array([1, 2, 3, 4])
wanted = np.where(np.eye(4, dtype=bool), GREEN, ORANGE)

figure, axis = plt.subplots(figsize=(9, 3.4))
cells(axis, predictions)
axis.text(1.75, 2, "−", ha="center", va="center", fontsize=20)
cells(axis, answers[None], left=2.5, top=1.5)
axis.text(7.25, 2, "=", ha="center", va="center", fontsize=20)
cells(axis, predictions - answers, wanted, left=8)
axis.text(0.5, 4.45, "(4, 1)", ha="center", fontsize=12, family="monospace")
axis.text(4.5, 4.45, "(4,)", ha="center", fontsize=12, family="monospace")
axis.text(10, 4.45, "(4, 4)", ha="center", fontsize=12, family="monospace")
frame(axis, 12, 4.7)
plt.show()

# %% [markdown]
# Each prediction was compared with each answer. Only the green cells were meant. Nothing fails, the number even gets
# smaller while the network learns: it learns to predict the mean of all answers. This is a classic. (PyTorch's
# ready-made `mse_loss` warns where it sees it. A minus sign cannot know.)
#
# So look at shapes. A cheap habit is to write them at the end of the line, and to `assert` them where it matters.
#
# But where each *should* meet each, this is just what one wants. How far is every point of one set from every point of
# another? A column minus a row, and no loop.

# %%
places = mg.tensor([0.0, 3.0, 4.0, 9.0])  # four towns along a road
distances = (places[:, None] - places).abs()  # (4, 1) - (4,) -> (4, 4)

print(distances)

# %% [markdown]
# > **Build it:** `outer`, and then `pairwise_distance`, which does this for points with several coordinates.
#
# ## 9. Indexing
#
# There are three ways to pick elements, and they can be mixed:
#
# - **numbers and slices**: `x[1]`, `x[1:, ::2]`. A number takes its axis away, a slice keeps it. These are views.
# - **lists of positions**: `x[[0, 2]]`. Any rows, in any order, also twice. These are copies.
# - **a question**: `x[x > 6]`. A tensor of bools of the same shape; what is True is picked, and comes out in one row.
#   A copy too.

# %%
x = mg.arange(12).view(3, 4)
expressions = ["x[1]", "x[:, 1]", "x[1:, ::2]", "x[[2, 0]]", "x[[0, 1, 2], [3, 1, 0]]", "x[x > 6]"]

figure, axes = plt.subplots(2, 3, figsize=(11, 6.2))
for axis, expression in zip(axes.flat, expressions):
    picked = eval(expression)
    made = view_or_copy(picked, x)
    colour = BLUE if made == "view" else ORANGE
    cells(axis, x, [[colour if number in picked else GREY for number in row] for row in x.tolist()])
    axis.set_title(expression, fontsize=13, family="monospace")
    axis.text(2, 3.35, f"{picked.shape}, a {made}", ha="center", fontsize=12)
    axis.text(2, 3.75, picked.tolist(), ha="center", fontsize=10, color="#555555")
    frame(axis, 4, 3.9)
plt.tight_layout()
plt.show()

# %% [markdown]
# Look at the fifth. Two lists go hand in hand: row 0 with column 3, row 1 with column 1, row 2 with column 0. They do
# not make a block. (They are broadcast with each other, if you want to know it exactly.) One picks the score of the
# right class like that, one from every row; the loss will need it.
#
# **Predict.** Which of these two lines changes `x`?

# %%
for library in (mg, torch):
    x = library.zeros(3, 2)
    x[[0, 2]][:, 0] = 5
    print(f"{library.__name__:9} {x.tolist()}", end="   ")
    x[[0, 2], 0] = 7
    print(x.tolist())

# %% [markdown]
# The first line makes a copy, writes into the copy, and throws it away. The second is one indexing, on the left of `=`,
# and writes into `x`. Two pairs of brackets on the left are nearly always a mistake.
#
# Indexing by a tensor of positions gives that tensor's shape, with the picked rows in it. So a palette of colours, (4,
# 3), indexed by a picture of colour numbers, (8, 8), gives a picture in colour: (8, 8, 3). Word vectors are looked up
# in the same way: a table of vectors, indexed by the numbers of the words.

# %%
palette = mg.tensor([[1.0, 1.0, 1.0], [0.0, 0.45, 0.7], [0.84, 0.37, 0.0], [0.0, 0.62, 0.45]])
picture = ["00111100", "01111110", "11311311", "11111111", "11211211", "11122111", "01111110", "00111100"]
labels = mg.tensor([[int(digit) for digit in line] for line in picture])
image = palette[labels]

figure, axes = plt.subplots(1, 2, figsize=(8, 3.8))
cells(axes[0], labels, GREY)
frame(axes[0], 8, 8)
axes[0].set_title(f"labels {labels.shape}")
axes[1].imshow(image)
axes[1].axis("off")
axes[1].set_title(f"palette[labels] {image.shape}")
plt.show()

theirs = torch.tensor(palette.numpy())[torch.tensor(labels.numpy())]
print("the same in PyTorch:", bool((image.numpy() == theirs.numpy()).all()))

# %% [markdown]
# > **Build it:** `one_hot`. A question asked of every label and every class, by broadcasting.
#
# ## 10. Reductions
#
# `sum`, `mean`, `amax` and their kin make fewer numbers of many. Without an argument, they make one number of all. With
# `dim`, they go along that axis, and **the axis `dim` is the one that disappears**.
#
# **Predict.** `x` has shape (3, 4). Which shape has `x.sum(0)`? Is it sums of rows, or sums of columns?

# %%
x = mg.arange(12).view(3, 4)

figure, axis = plt.subplots(figsize=(9, 4.4))
cells(axis, x, GREY)
cells(axis, x.sum(0)[None], BLUE, top=3.6)
cells(axis, x.sum(1)[:, None], ORANGE, left=5.2)
cells(axis, [[x.sum().item()]], GREEN, left=5.2, top=3.6)
for column in range(4):
    axis.annotate("", (column + 0.5, 3.6), (column + 0.5, 2.85), arrowprops={"arrowstyle": "->", "color": "#0072B2"})
for row in range(3):
    axis.annotate("", (5.2, row + 0.5), (3.85, row + 0.5), arrowprops={"arrowstyle": "->", "color": "#D55E00"})
axis.text(7, 3.85, "x.sum(0)  along axis 0, down:  (4,)", va="center", fontsize=12, color="#0072B2")
axis.text(7, 1.5, "x.sum(1)  along axis 1, right:  (3,)", va="center", fontsize=12, color="#D55E00")
axis.text(7, 4.45, "x.sum()  along both: one number", va="center", fontsize=12, color="#00664B")
frame(axis, 14, 5)
plt.show()

for library in (mg, torch):
    x = library.arange(12).view(3, 4)
    print(f"{library.__name__:9} {x.sum(0).tolist()} {x.sum(1).tolist()} {x.sum().item()} {tuple(x.sum((0, 1)).shape)}")

# %% [markdown]
# Why is the axis that one goes along the one that is gone? Because all that lay along it has become one number.
#
# `max` along a dim gives two things, the largest values and where they were. `argmax` gives only where: this is how a
# network's answer is read off, one row of scores for each picture.

# %%
for library in (mg, torch):
    scores = library.tensor([[0.1, 2.5, 0.3], [1.7, 0.2, 0.9]])
    values, indices = scores.max(1)
    largest = [round(value, 1) for value in values.tolist()]
    print(f"{library.__name__:9} largest {largest}   at {indices.tolist()}   argmax {scores.argmax(1).tolist()}")

# %% [markdown]
# Counting is summing a question: True counts as 1. And a mean of integers is refused, by both, since it would be a
# fraction.

# %%
for library in (mg, torch):
    x = library.arange(12).view(3, 4)
    print(f"{library.__name__:9} above 6: {(x > 6).sum().item()}")
    try:
        x.mean()
    except RuntimeError as error:
        print(textwrap.indent(textwrap.fill(str(error), 100), "  "))

# %% [markdown]
# ## 11. keepdim
#
# Often one reduces in order to go on with the result: subtract from every row its mean, say. Two things learned above
# now meet, and there is a trap where they do.
#
# **Predict.** A table of (3, 3), minus its three row means. Is every row's mean 0 then?

# %%
for library in (mg, torch):
    x = library.tensor([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0], [5.0, 5.0, 5.0]])
    wrong = x - x.mean(1)
    right = x - x.mean(1, keepdim=True)
    print(library.__name__)
    print("  x.mean(1):              ", tuple(x.mean(1).shape), "   row means left:", wrong.mean(1).tolist())
    print(
        "  x.mean(1, keepdim=True):", tuple(x.mean(1, keepdim=True).shape), " row means left:", right.mean(1).tolist()
    )

# %% [markdown]
# `x.mean(1)` has shape (3,). Flush right, it meets the *columns*: from each column, some row's mean was taken away. Had
# the table been (3, 4), it would have failed, and we would have noticed. Square tables hide mistakes; so test with
# sizes that differ.
#
# `keepdim=True` leaves the reduced axis there, with length 1: (3, 1), a column, which is stretched the right way. Where
# a result goes back into its own table, say `keepdim=True`.

# %%
show(mg.sum)

# %% [markdown]
# And this is `sum` in minigrad. PyTorch's `dim` becomes NumPy's `axis`, `keepdim` becomes `keepdims`; `accumulated`
# sees to it that integers and bools are added up as int64. What `apply` does is what lesson 04 is about.
#
# ## What is left out
#
# - Devices. The storage may lie on a graphics card; all of the above holds there too.
# - Strides below zero. NumPy has them (`a[::-1]` is a view); PyTorch and minigrad refuse, and have `flip`, which
#   copies.
# - Other orders in memory, such as PyTorch's `channels_last`, which some convolutions prefer. It is strides again.
# - Writing into views while gradients are recorded. Both libraries keep watch; more in chapter 04.
#
# ## What is yours now
#
# - **Tensor**: a storage, and on the lid shape, stride, offset, dtype. place = offset + Σ index · stride.
# - **View**: another lid on the same storage. Slices, `T`, `permute`, `view`, `expand` give views; lists, questions and
#   arithmetic give copies; `reshape` gives what it can.
# - **Contiguous**: in reading order. `view` asks for even steps, `reshape` copies if it has to.
# - **dtype**: floats beat integers, a Python number never makes a tensor larger, uint8 wraps, float32 has 24 binary
#   digits.
# - **Broadcasting**: flush right; equal, or 1. Stride 0 behind the scenes. (4, 1) with (4,) is (4, 4).
# - **Reductions**: the axis `dim` disappears; `keepdim=True` leaves a 1 in its place.
#
# In the exercises of this chapter you build the parts of this machine yourself.
