# %% [markdown]
# # 10 · Convolution
#
# *About 45 minutes.*
#
# So far a network weighed all its inputs at once, each with a weight of its own. For pictures that is too much and too
# little: too many weights, and none of them knows that a cat at the left is the same cat at the right. A convolution
# mends both, with one small idea. At the end you will
#
# - know what a convolution computes, and see on a real picture what it is good for;
# - have written it in four ways, from loops to what the library does, and know why one is hundreds of times as fast as
#   another;
# - be able to write down its gradients without deriving anything, by rearranging letters;
# - be able to say which size comes out, how many parameters a layer has, and how far a unit sees.
#
# Everything is checked against real PyTorch.

# %%
import json
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch

import minigrad as mg
from minigrad import kernels, nn, ops
from minigrad.data import CIFAR10Subset
from minigrad.nn import functional as F
from minigrad.view import kernel_lab, receptive_field, show

BLUE, ORANGE, GREEN, GREY = "#CFE5F3", "#F8D9C0", "#CDEBDD", "#F0F0F0"  # pale, to write on


def cells(axis, numbers, colours=GREY, left=0, top=0, size=11):
    """Draw a table of numbers, its upper left corner at (left, top). One colour, or one for each cell; nan is empty."""
    numbers = np.array(numbers)
    colours = np.broadcast_to(colours, numbers.shape)
    for (row, column), number in np.ndenumerate(numbers):
        x, y = left + column, top + row
        axis.add_patch(plt.Rectangle((x, y), 1, 1, facecolor=colours[row, column], edgecolor="white", linewidth=2))
        axis.text(x + 0.5, y + 0.5, "" if np.isnan(number) else f"{number:g}", ha="center", va="center", fontsize=size)


def box(axis, left, top, width, height, colour="#D55E00", line=2.5, style="-"):
    """A frame around some cells."""
    axis.add_patch(plt.Rectangle((left, top), width, height, fill=False, edgecolor=colour, lw=line, ls=style, zorder=3))


def frame(axis, width, height, left=0, top=0):
    """Show just this much of the drawing, without a scale around it."""
    axis.set(xlim=(left, width), ylim=(height, top), aspect="equal")
    axis.axis("off")


# %% [markdown]
# ## 1. A window that slides
#
# Take a small table of weights, say 3 × 3. It is called a **kernel**, or a **filter**. Lay it on a corner of the
# picture. Multiply what lies on top of each other, nine products, and add them up: one number. Then move the kernel
# one pixel on, and do the same again. That is a **convolution**.
#
# In our picture each pixel is one number. It is dark (1) at the left and bright (5) at the right. The kernel says:
# *what is on my right, minus what is on my left*.

# %%
picture = np.array([[1.0, 1, 1, 5, 5], [1, 1, 1, 5, 5], [1, 1, 2, 5, 5], [1, 1, 5, 5, 5]])
kernel = np.array([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]])


def slide(picture, kernel):
    """The kernel at every place of one picture with one channel: (H, W), (KH, KW) -> (H - KH + 1, W - KW + 1)."""
    (H, W), (KH, KW) = picture.shape, kernel.shape
    out = np.zeros((H - KH + 1, W - KW + 1))
    for i in range(H - KH + 1):
        for j in range(W - KW + 1):
            out[i, j] = (picture[i : i + KH, j : j + KW] * kernel).sum()
    return out


# %%
found = slide(picture, kernel)

figure, axes = plt.subplots(2, 1, figsize=(8.5, 5.8))
for axis, column in zip(axes, (0, 1)):
    cells(axis, picture)
    box(axis, column, 0, 3, 3)
    cells(axis, kernel, BLUE, left=6, top=0.5)
    shown = np.where(np.arange(found.size).reshape(found.shape) <= column, found, np.nan)
    cells(axis, shown, np.where(np.isnan(shown), GREY, ORANGE), left=10.2, top=1)
    box(axis, 10.2 + column, 1, 1, 1)
    axis.text(5.5, 2, "×", ha="center", va="center", fontsize=16)
    axis.text(9.6, 2, "=", ha="center", va="center", fontsize=16)
    frame(axis, 13.4, 4.1, top=-0.6)
for text, left in (("picture", 0), ("kernel", 6), ("result", 10.2)):
    axes[0].text(left, -0.2, text, fontsize=11)
plt.show()

# %% [markdown]
# At the first place the three rows have 1, 1, 1 at the left and 1, 1, 2 at the right. The differences, 0, 0 and 1, add
# up to 1. A pixel further, the right side is bright: 4 and 4 and 4 make 12.
#
# **Predict.** The result has two rows and three columns. What are the four other numbers?

# %%
print(found)

theirs = torch.nn.functional.conv2d(torch.tensor(picture)[None, None], torch.tensor(kernel)[None, None])
print("PyTorch has the same:", np.array_equal(found, theirs[0, 0]))

# %% [markdown]
# Large where the picture goes from dark to bright, small where it stays the same. This kernel finds upright edges.
#
# (Mathematicians turn the kernel round before they slide it, and call what we did a cross-correlation. PyTorch does
# not turn it, and calls it a convolution. For weights that are learned it makes no difference.)
#
# ## 2. Kernels on a real picture
#
# Nine numbers can do quite different things. Here are some that were found by thinking, long before anything was
# learned, on a real picture made grey.
#
# **Predict.** What does a kernel do whose nine numbers are all 1/9?

# %%
KERNELS = {
    "as it is": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    "blur": np.full((3, 3), 1 / 9),
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "upright edges": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    "level edges": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
    "all edges": [[0, -1, 0], [-1, 4, -1], [0, -1, 0]],
}

photos = CIFAR10Subset(train=False).images
grey = (photos[109] / 255).mean(0)  # the mean of its three colours
results = [slide(grey, np.array(k)) for k in KERNELS.values()]

# %%
limits = {"as it is": (0, 1), "blur": (0, 1), "sharpen": (-0.5, 1.5)}
figure, axes = plt.subplots(2, 3, figsize=(10, 7.2), layout="constrained")
for axis, name, result in zip(axes.flat, KERNELS, results):
    low, high = limits.get(name, (-np.abs(result).max(), np.abs(result).max()))
    axis.imshow(result, cmap="gray", vmin=low, vmax=high)
    axis.set_title(name, fontsize=12)
    axis.axis("off")
plt.show()

# %% [markdown]
# In the upper row black is 0 and white is 1 (for *sharpen* −0.5 and 1.5, since it goes beyond). In the lower row
# middle grey is 0: nothing found. For *upright* and *level* edges white is a step from dark to bright, left to right
# or downwards, and black is one from bright to dark. *All edges* is white on the bright side of a step, black on its
# dark side.
#
# The mean of nine neighbours blurs. *Sharpen* takes the pixel five times, minus its four neighbours: what differs from
# around it stands out. Its numbers add up to 1, so even areas stay as they are. Those of the edge finders add up to 0,
# so even areas vanish.
#
# A network is given none of these kernels. Its filters start from chance, and training turns their numbers.
#
# **Try it.** Here all nine weights can be moved, and the place that is looked at. Make a kernel that finds slopes from
# the upper left to the lower right. Make one that moves the picture.

# %% tags=["nbval-ignore-output"]
kernel_lab(photos[109])

# %% [markdown]
# ## 3. Colours in, filters out
#
# A colour picture has three channels. So the filter has three layers, too: one kernel for each channel. What they give
# is **added up**, and there is still one number for each place.
#
# Here is a filter that looks for red: it averages nine pixels, with weight 1 for red and −1/2 for green and for blue.

# %%
x = photos[133] / 255  # (3, 32, 32)
red_finder = np.array([1, -0.5, -0.5])[:, None, None] * np.full((3, 3), 1 / 9)  # (3, 3, 3)

per_channel = [slide(channel, layer) for channel, layer in zip(x, red_finder)]
red_found = sum(per_channel)

theirs = torch.nn.functional.conv2d(torch.tensor(x)[None], torch.tensor(red_finder)[None])
print("shapes:", x.shape, "and", red_finder.shape, "give", red_found.shape)
print("PyTorch has the same:", np.allclose(red_found, theirs[0, 0]))

# %%
shown = {"the picture": x.transpose(1, 2, 0), "its red": x[0], "its green": x[1], "its blue": x[2], "found": red_found}
figure, axes = plt.subplots(1, 5, figsize=(12, 2.9), layout="constrained")
for axis, (name, numbers) in zip(axes, shown.items()):
    axis.imshow(numbers, cmap="gray", vmin=0, vmax=0.5 if name == "found" else 1)
    axis.set_title(name, fontsize=12)
    axis.axis("off")
plt.show()

# %% [markdown]
# White paint has much red in it as well, but also much green and blue, and so it is not found.
#
# A layer has many filters, and each makes a picture of its own. These are stacked as the channels of the result. With
# pictures in batches, the shapes are
#
# | | shape | letters |
# |---|---|---|
# | pictures | (N, C, H, W) | number, channels, height, width |
# | filters | (F, C, KH, KW) | filters, channels, height and width of the kernel |
# | result | (N, F, H', W') | number, filters, places down, places across |
#
# `nn.Conv2d(3, 32, 3)` is such a layer: 3 channels in, 32 filters, kernels of 3 × 3. Each filter also has a bias.
#
# **Predict.** How many parameters does it have? And a fully connected layer with the same inputs and outputs?

# %%
layer = nn.Conv2d(3, 32, 3)
out = layer(mg.randn(1, 3, 32, 32))
inputs, outputs = 3 * 32 * 32, out[0].numel()

print("shapes:         ", {name: p.shape for name, p in layer.named_parameters()}, "->", out.shape)
print("convolution:    ", f"{sum(p.numel() for p in layer.parameters()):,} parameters")
print("fully connected:", f"{inputs:,} x {outputs:,} + {outputs:,} = {inputs * outputs + outputs:,} parameters")

# %% [markdown]
# 896 against 88 million. A convolution *is* a fully connected layer, with two restrictions:
#
# - every result is connected with the pixels under its window only: all other weights are 0;
# - at all places the weights are the same: they are **shared**.
#
# If the restrictions suit what you look at, nothing is lost, and there is far less to learn. Pictures they suit: what
# belongs together is close together, and an edge is an edge everywhere.

# %% [markdown]
# ## 4. Padding, stride, dilation
#
# A kernel of 3 × 3 fits into a row of 7 pixels at 5 places. Three numbers change this.
#
# - **padding**: so many rows and columns of zeros are put around the picture. With a padding of 1, a kernel of 3
#   leaves the size as it is.
# - **stride**: the window moves on by so many pixels. With a stride of 2, the result has about half the size.
# - **dilation**: so far apart lie the pixels that the kernel touches. It reaches further, with no more weights.
#
# Below, blue is what the kernel touches at the first place, and there is a dot in the middle of every place.

# %%
x = mg.zeros(1, 1, 7, 7)
w = mg.zeros(1, 1, 3, 3)
moves = {"plain": (1, 0, 1), "padding=1": (1, 1, 1), "stride=2": (2, 0, 1), "dilation=2": (1, 0, 2)}

figure, axes = plt.subplots(1, 4, figsize=(12, 3.8), layout="constrained")
for axis, (name, (stride, padding, dilation)) in zip(axes, moves.items()):
    places = F.conv2d(x, w, stride=stride, padding=padding, dilation=dilation).shape[-1]
    side = 7 + 2 * padding
    touched = np.zeros((side, side), dtype=bool)
    touched[: 2 * dilation + 1 : dilation, : 2 * dilation + 1 : dilation] = True
    inside = np.pad(np.ones((7, 7), dtype=bool), padding)
    colours = np.where(touched, "#7FBCE0", np.where(inside, "#E4E4E4", "white"))
    cells(axis, np.where(inside, np.nan, 0), colours, left=-padding, top=-padding, size=8)
    middles = dilation + 0.5 + stride * np.arange(places) - padding
    axis.plot(*np.meshgrid(middles, middles), "o", color="black", markersize=4)
    axis.set_title(f"{name}: {places} x {places}", fontsize=12)
    frame(axis, 8, 8, left=-1, top=-1)
plt.show()

# %% [markdown]
# How many places are there? Along one axis the kernel reaches over `dilation * (kernel - 1) + 1` pixels. There are
# `size + 2 * padding` of them. Move the kernel from one end to the other and count. You will write the formula down in
# the first of the [exercises](../exercises/10_convolution.ipynb), `output_size`; many errors with convolutions are
# about sizes, and it prevents them. It rounds down: a step that does not fit any more is not taken.
#
# **Predict.** A row of 32 pixels, kernel 3. How many places at padding 1? At stride 2? At padding 1 and stride 2?

# %%
x, w = np.zeros((1, 1, 32, 32)), np.zeros((1, 1, 3, 3))
for options in ({}, {"padding": 1}, {"stride": 2}, {"padding": 1, "stride": 2}, {"dilation": 2}):
    ours = F.conv2d(mg.tensor(x), mg.tensor(w), **options).shape[-1]
    theirs = torch.nn.functional.conv2d(torch.tensor(x), torch.tensor(w), **options).shape[-1]
    name = ", ".join(f"{key}={value}" for key, value in options.items()) or "plain"
    print(f"{name:19} 32 -> {ours}   PyTorch: {theirs}")

# %% [markdown]
# ## 5. The first way: loops
#
# **Exercise.** `slide` did one channel and one filter. Write `conv2d_loops`, for all channels and all filters of one
# picture, then come back. What follows would give it away.
#
# Here is a whole batch. There is a loop for every axis of the result: which picture, which filter, which row, which
# column. Inside, what lies under the filter, times the filter, added up over channels, rows and columns.


# %%
def by_loops(x, w):
    (N, _, H, W), (F, _, KH, KW) = x.shape, w.shape
    out = np.zeros((N, F, H - KH + 1, W - KW + 1), x.dtype)
    for n, f, i, j in np.ndindex(out.shape):
        out[n, f, i, j] = (x[n, :, i : i + KH, j : j + KW] * w[f]).sum()
    return out


# %% [markdown]
# It is the definition, and easy to get right. The other ways are judged by it, and by PyTorch. We try them on four
# pictures, with eight filters that look for nothing in particular.

# %%
rng = np.random.default_rng(0)
x = photos[:4].astype("float32") / 255  # (4, 3, 32, 32)
w = rng.normal(size=(8, 3, 3, 3)).astype("float32")


def compare(ours, theirs):
    print("shape:", ours.shape, "  as in PyTorch:", np.allclose(ours, theirs.numpy(), rtol=1e-4, atol=1e-4))


theirs = torch.nn.functional.conv2d(torch.tensor(x), torch.tensor(w))
compare(by_loops(x, w), theirs)

# %% [markdown]
# Why is it slow? Not because it multiplies much. For each of `out.size` numbers, Python takes two slices, calls NumPy,
# which looks at shapes and types, makes an array of 27 products, and adds them up. The products are the smallest part
# of it.
#
# ## 6. The second way: windows
#
# Then let NumPy have more at once. First we collect what lies under the kernel, at *every* place. A picture of 3 × 3
# has four windows of 2 × 2:

# %%
small = np.arange(1.0, 10).reshape(3, 3)
shades = [BLUE, ORANGE, GREEN, "#EBD3E6"]
figure, axis = plt.subplots(figsize=(10, 3))
cells(axis, small)
for number, (i, j) in enumerate(np.ndindex(2, 2)):
    cells(axis, small[i : i + 2, j : j + 2], shades[number], left=4.2 + 2.6 * number, top=0.5)
    axis.text(5.2 + 2.6 * number, 0.3, f"place {i}, {j}", ha="center", fontsize=10)
frame(axis, 14.2, 3)
plt.show()

# %% [markdown]
# All numbers but the corners' come twice or four times. With kernels of 3 × 3, nearly every pixel comes nine times. Do
# we need nine times the memory?
#
# No. Remember strides from [lesson 01](01_tensors.ipynb): an array is a row of numbers, and a note that says how far
# to go for a step along each axis. One step to the next place is one pixel. One step inside the window is one pixel,
# too. So the same numbers can be read as windows, by a note with two axes more. NumPy writes that note:

# %%
windows = np.lib.stride_tricks.sliding_window_view(small, (2, 2))

print("shape of the windows:", windows.shape, "places down and across, rows and columns inside")
print("steps of the picture:", [s // 8 for s in small.strides])  # NumPy counts in bytes, 8 a number
print("steps of the windows:", [s // 8 for s in windows.strides])
print("copied:              ", not np.shares_memory(small, windows))

# %% [markdown]
# **Exercise.** Write `windows`, for whole batches and with a stride.
#
# With windows, only the loop over filters is left. Each filter is multiplied with all windows of all pictures in one
# go.


# %%
def windows_of(x, KH, KW):
    """(N, C, H, W) -> (N, C, H', W', KH, KW)"""
    return np.lib.stride_tricks.sliding_window_view(x, (KH, KW), axis=(2, 3))


def by_windows(x, w):
    found = windows_of(x, *w.shape[2:])
    maps = [(found * w_f[:, None, None]).sum(axis=(1, 4, 5)) for w_f in w]  # each (N, H', W')
    return np.stack(maps, axis=1)


compare(by_windows(x, w), theirs)

# %% [markdown]
# `w_f[:, None, None]` has the shape (C, 1, 1, KH, KW): it is stretched over pictures and places. The sum goes over
# channels, and over rows and columns inside the window.
#
# Python now does little. But for each filter an array of all products is written to memory, 27 times as large as its
# result, only to be read once and added up.
#
# ## 7. The third way: one product of matrices
#
# Multiply and add up: that is what a product of matrices does, and there is hardly a thing that computers do faster.
# Write each window as a **row**, and each filter as a **column**.

# %%
rows = windows.reshape(4, 4)  # this copies: no note on the lid can say it
filters = np.array([[1.0, 0], [0, 1], [0, 1], [-1, 0]])

figure, axis = plt.subplots(figsize=(10, 3.4))
cells(axis, rows, np.repeat(np.array(shades)[:, None], 4, axis=1))
cells(axis, filters, "#B7D7EC", left=5.5)
cells(axis, rows @ filters, np.repeat(np.array(shades)[:, None], 2, axis=1), left=9)
axis.text(4.75, 2, "@", ha="center", va="center", fontsize=15)
axis.text(8.25, 2, "=", ha="center", va="center", fontsize=15)
for left, text in ((0, "windows, one a row"), (5.5, "two filters"), (9, "two results, four places")):
    axis.text(left, -0.25, text, fontsize=11)
frame(axis, 13, 4, top=-0.8)
plt.show()


# %%
def by_product(x, w):
    found = windows_of(x, *w.shape[2:])
    N, C, H, W, KH, KW = found.shape
    rows = found.transpose(0, 2, 3, 1, 4, 5).reshape(N * H * W, C * KH * KW)
    columns = w.reshape(len(w), C * KH * KW).T
    return (rows @ columns).reshape(N, H, W, len(w)).transpose(0, 3, 1, 2)


compare(by_product(x, w), theirs)

# %% [markdown]
# That is a lot of moving axes about. `np.einsum` says the same in letters: name every axis of the inputs, and those of
# the result. A letter that is missing in the result is summed over.
#
# - `ik,kj->ij` is the product of two matrices: multiply, and add up over `k`.
# - Windows are `nchwij`: picture, channel, place down and across, row and column inside. Filters are `fcij`. Wanted
#   are `nfhw`.


# %%
def by_letters(x, w):
    return np.einsum("nchwij,fcij->nfhw", windows_of(x, *w.shape[2:]), w, optimize=True)


compare(by_letters(x, w), theirs)

# %% [markdown]
# `c`, `i` and `j` are missing on the right: they are summed. `optimize=True` lets it move the axes about and call the
# product of matrices, as we did by hand. This is the whole convolution in one line, and the line that you will use in
# the exercise `conv2d`.
#
# The price is in the step `reshape`, which einsum takes as well: every pixel is copied nine times.
#
# **Predict.** 100 pictures of 32 channels and 30 × 30 pixels, kernels of 3 × 3, four bytes a number. How much memory
# do the windows take, written out?

# %%
pixels, rows = 100 * 32 * 30 * 30, 100 * 28 * 28 * 32 * 9
print(f"the pictures:           {4 * pixels / 1e6:.0f} MB")
print(f"all windows, copied:    {4 * rows / 1e6:.0f} MB")

# %% [markdown]
# ## 8. The fourth way: the library's kernels
#
# Ninety megabytes do not fit the processor's **cache**, the small memory beside it that is quick. They are written out
# to the large, slow memory, and read back. So the library does the same in bites: a few pictures at a time, as many as
# fit. And it shares the pictures out between threads. (*Kernel* has a second meaning: a routine that does the
# innermost work. These are in `minigrad/kernels.py`.)

# %%
show(kernels.conv2d)

# %%
compare(F.conv2d(mg.tensor(x), mg.tensor(w)).numpy(), theirs)

# %% [markdown]
# Read the second half first. `in_parallel` calls `work` for one bite after the other. There, `patches` copies windows,
# and `matmul` multiplies. `grouped` is for a variant in which each filter sees only some of the channels. Up to here
# there is no trick in it that you have not seen.
#
# The first half is one that you have not: for kernels of 3 × 3 and many channels it takes fewer multiplications. Three
# weights on four pixels give two neighbouring results, by six multiplications. Winograd found in 1980 that four are
# enough. Look, and count the `*` between pixels and weights:

# %%
x0, x1, x2, x3 = rng.normal(size=4)
w0, w1, w2 = rng.normal(size=3)

m0 = (x0 - x2) * w0
m1 = (x1 + x2) * ((w0 + w1 + w2) / 2)
m2 = (x2 - x1) * ((w0 - w1 + w2) / 2)
m3 = (x3 - x1) * w2

by_four = m0 + m1 + m2, m1 - m2 + m3
by_six = x0 * w0 + x1 * w1 + x2 * w2, x1 * w0 + x2 * w1 + x3 * w2
print("the same two results:", np.allclose(by_four, by_six))

# %% [markdown]
# The sums of weights are the same for all places, the sums of pixels the same for all filters. So they are made once,
# and cost little where there are many of both. Along rows and columns, 16 multiplications do the work of 36. PyTorch's
# routines for NVIDIA's GPUs, cuDNN, know this trick as well. How the library does it for whole batches is in
# `minigrad/winograd.py`.
#
# ## 9. How fast are they?
#
# They were timed on the same 20 pictures, each in a process of its own, in turns, and PyTorch beside them. To compare
# the ways and nothing else, each had one processor and one thread.
#
# The times below are read from `benchmarks/convolution.json`. In a terminal, in the project's folder, `python -m
# benchmarks.convolution` measures them anew.
#
# **Predict.** By which factor will the loops be slower than the library? And the windows?

# %%
timed = json.loads(Path("../benchmarks/convolution.json").read_text(encoding="utf-8"))
machine = timed["machine"]
print(f"{machine['processor']}, one thread; NumPy {machine['numpy']}, PyTorch {machine['pytorch']}")
print(f"milliseconds of the processor's time for {timed['pictures']} pictures\n")
print(f"{'':14}" + "".join(f"{layer['name']:>24}" for layer in timed["layers"]))
for way in timed["layers"][0]["seconds"]:
    print(f"{way:14}" + "".join(f"{1000 * layer['seconds'][way]:24,.1f}" for layer in timed["layers"]))

# %%
figure, axes = plt.subplots(1, 2, figsize=(11, 3.2), layout="constrained", sharey=True)
for axis, layer in zip(axes, timed["layers"]):
    seconds = layer["seconds"]
    colours = ["#999999" if way == "PyTorch" else "#0072B2" for way in seconds]
    bars = axis.barh(list(seconds), [1000 * s for s in seconds.values()], color=colours)
    least = seconds["the library"]
    axis.bar_label(
        bars, [f"{s / least:,.0f} ×" if s > 10 * least else f"{s / least:.1f} ×" for s in seconds.values()], padding=4
    )
    axis.set(xscale="log", xlabel="milliseconds; each line is ten times the one before", title=layer["name"])
    axis.set_xlim(0.1, 100000)
    axis.grid(axis="x", alpha=0.3)
    axis.set_axisbelow(True)
axes[0].invert_yaxis()
plt.show()

# %% [markdown]
# The scale grows by factors, or the lower bars would not be seen.
#
# - From loops to windows, Python is nearly out of the way. In the first layer that helps much, in the second hardly.
#   There, most of the time goes into `sum`: it adds along axes that are three numbers long, and starts anew after
#   every three. (With the places as the last axes it would be several times as fast. The order of axes matters.)
# - From windows to one product, the array of all products is gone. And BLAS, the library behind `@`, uses each number
#   many times while it is close.
# - From one product to the library, the windows stay in the cache. In the second layer, Winograd's way comes to it.
#   (That the work is shared out between threads does not count here.)
# - PyTorch's routines are fitted to this very processor.
#
# How fast is it where you sit? This cell stores nothing; run it.

# %% tags=["nbval-ignore-output", "remove-output"]
ways = {"loops": by_loops, "windows": by_windows, "one product": by_letters}
ways["the library"] = lambda x, w: F.conv2d(mg.tensor(x), mg.tensor(w)).numpy()

for name, way in ways.items():
    times = []
    for _ in range(3):
        start = time.perf_counter()
        way(x, w)
        times.append(time.perf_counter() - start)
    print(f"{name:12} {1000 * min(times):8.2f} ms for {len(x)} pictures, {len(w)} filters")

# %% [markdown]
# ## 10. The way back: the same letters, rearranged
#
# A gradient asks: how does the loss change, if *this* number is turned a little? Let `g` be what arrives: how the loss
# changes with each number of the result. Its letters are those of the result, `nfhw`.
#
# Take one weight, with the letters `f c i j`. In which results does it take part? In those of its own filter `f`, in
# every picture `n`, at every place `h w`. In each of them it is multiplied with the number of the window that lies
# under it, `n c h w i j`. So turned up by a hair, it moves each of these results by that many hairs. Paths add up:
#
# $$\text{grad}_w[f c i j] = \sum_{n h w} \text{windows}[n c h w i j] \cdot g[n f h w]$$
#
# Now look at the letters:
#
# | | string |
# |---|---|
# | the value | `nchwij,fcij->nfhw` |
# | gradient of the filters | `nchwij,nfhw->fcij` |
# | gradient of the windows | `nfhw,fcij->nchwij` |
#
# Three arrays, each with its own letters. Whichever is wanted stands on the right, the other two on the left. That is
# all. It holds for every sum of products in which each letter stands in two of the three arrays, as here. It holds for
# the product of matrices, too: of `ik,kj->ij` the gradients are `ij,kj->ik` and `ik,ij->kj`. That is just what you
# wrote for `matmul` in chapter 04, with its transposes.
#
# **Predict.** What shape will the gradient of the windows have here?

# %%
g = rng.normal(size=theirs.shape).astype("float32")  # what arrives
found = windows_of(x, 3, 3)

grad_w = np.einsum("nchwij,nfhw->fcij", found, g, optimize=True)
grad_windows = np.einsum("nfhw,fcij->nchwij", g, w, optimize=True)

torch_x, torch_w = torch.tensor(x, requires_grad=True), torch.tensor(w, requires_grad=True)
torch.nn.functional.conv2d(torch_x, torch_w).backward(torch.tensor(g))
print("the filters' gradient")
compare(grad_w, torch_w.grad)
print("the windows' gradient has the shape", grad_windows.shape)

# %% [markdown]
# One step is missing: from the windows to the picture. On the way there each pixel was *copied* into several windows.
# So on the way back what arrives is *added*. (It is the rule from [lesson 04](04_backprop.ipynb), for tensors that are
# used twice or stretched.)
#
# In how many windows of 3 × 3 does each pixel of a 5 × 5 picture lie? Backprop can count: with a kernel of ones, and
# with ones arriving, each window sends 1 to each of its pixels.
#
# **Predict.** What does the pixel in the middle get? And the one in the corner?

# %%
image = mg.zeros(1, 1, 5, 5, requires_grad=True)
F.conv2d(image, mg.ones(1, 1, 3, 3)).sum().backward()
counts = image.grad[0, 0].numpy().astype(int)

shades_of = {1: "#EAF3FA", 2: "#CFE5F3", 3: "#B7D7EC", 4: "#9FCBE6", 6: "#7FBCE0", 9: "#56A0CD"}
figure, axis = plt.subplots(figsize=(3.4, 3.4))
cells(axis, counts, np.vectorize(shades_of.get)(counts))
frame(axis, 5, 5)
plt.show()

# %% [markdown]
# Only the middle lies in all nine windows. This adding up is the opposite of taking windows.
#
# **Exercise.** Write it: `scatter`. Then look below, where it is done for a stride of 1. For each of the nine pixels
# of a window, all windows' numbers go back to where they were taken from.


# %%
def scattered(grad_windows, shape):
    out = np.zeros(shape, grad_windows.dtype)
    _, _, H, W, KH, KW = grad_windows.shape
    for i, j in np.ndindex(KH, KW):
        out[:, :, i : i + H, j : j + W] += grad_windows[..., i, j]
    return out


print("the pictures' gradient")
compare(scattered(grad_windows, x.shape), torch_x.grad)

# %% [markdown]
# **Exercise.** `conv2d`, in which you put windows, letters and scatter together to an op, with stride and padding. It
# is the hardest of this chapter, and eight lines long.
#
# And here is the library's op. Its value and its gradients are the same three sums, in bites; the bias is added at
# every place, and so its gradient is the sum over all places.

# %%
show(ops.conv2d)

# %% [markdown]
# One more look. A pixel's gradient is a sum over the windows that it lies in. These lie around it. So going back is
# itself a convolution: of `g` with a border of zeros, with the filters **turned round** (a window to my left touches
# me with its right side), and with the letters `f` and `c` exchanged.

# %%
bordered = np.pad(g, ((0, 0), (0, 0), (2, 2), (2, 2)))
turned = w.transpose(1, 0, 2, 3)[:, :, ::-1, ::-1]  # (C, F, 3, 3)
compare(by_letters(bordered, turned), torch_x.grad)

# %% [markdown]
# PyTorch and minigrad also offer this way back as a layer, `conv_transpose2d`. It makes large pictures of small ones.
#
# ## 11. What moves in the picture moves in the result
#
# The weights are the same everywhere. So if the horse moves five pixels to the right, what was found of it moves five
# pixels to the right, and is otherwise the same. A fully connected layer would have to learn the horse anew at every
# place.

# %%
x = mg.tensor(photos[109:110]).float() / 255
moved = mg.roll(x, 5, 3)  # what leaves at the right comes back at the left
upright = mg.tensor(KERNELS["upright edges"]).float().expand(1, 3, 3, 3)
found, found_moved = F.conv2d(x, upright), F.conv2d(moved, upright)

figure, axes = plt.subplots(1, 4, figsize=(11.5, 3.2), layout="constrained")
for axis, (name, numbers) in zip(axes, {"the picture": x, "moved": moved}.items()):
    axis.imshow(numbers[0].numpy().transpose(1, 2, 0))
    axis.set_title(name)
for axis, (name, numbers) in zip(axes[2:], {"its edges": found, "edges of the moved one": found_moved}.items()):
    axis.imshow(numbers[0, 0].numpy(), cmap="gray", vmin=-6, vmax=6)
    axis.set_title(name)
for axis in axes:
    axis.axis("off")
plt.show()

print("the same, 5 pixels further:", mg.allclose(found[..., :-5], found_moved[..., 5:], atol=1e-5))

# %% [markdown]
# That is called **equivariance**: move, then convolve, or convolve, then move; it comes to the same. (Except at the
# edges, where something else comes into view.)
#
# **Predict.** Does it still hold with a stride of 2, if the picture moves by one pixel? By two?

# %%
found = F.conv2d(x, upright, stride=2)
for pixels in (1, 2):
    found_moved = F.conv2d(mg.roll(x, pixels, 3), upright, stride=2)
    same = [mg.allclose(found[..., : 15 - k], found_moved[..., k:], atol=1e-5) for k in (0, 1)]
    print(f"moved by {pixels}: unmoved result {same[0]}, result moved by one place {same[1]}")

# %% [markdown]
# With a stride of 2 every second place is left out. A move by 2 pixels is a move by one place; a move by 1 pixel shows
# windows that were not looked at before, and all is different. Strides and poolings pay for their small results with
# this.
#
# ## 12. Pooling, and its ties
#
# Deep in a network it matters *whether* there is an eye, and no longer *on which pixel*. **Max pooling** cuts the
# picture into tiles, of 2 × 2 mostly, and keeps the largest number of each. It has no weights.

# %%
numbers = np.array([[1.0, 3, 2, 0], [4, 0, 1, 3], [0, 0, 5, 5], [0, 0, 5, 1]])
image = mg.tensor(numbers[None, None], requires_grad=True)
pooled = F.max_pool2d(image, 2)
pooled.backward(mg.ones(1, 1, 2, 2, dtype=mg.float64))
winners = image.grad[0, 0].numpy() > 0

figure, axis = plt.subplots(figsize=(8, 3.3))
cells(axis, numbers, np.where(winners, ORANGE, GREY))
cells(axis, pooled[0, 0].detach().numpy(), ORANGE, left=5.5, top=1)
for i, j in np.ndindex(2, 2):
    box(axis, 2 * j, 2 * i, 2, 2, colour="black", line=1.5)
axis.text(4.75, 2, "→", ha="center", va="center", fontsize=18)
frame(axis, 8, 4.1, left=-0.1, top=-0.1)
plt.show()

# %% [markdown]
# The gradient of each result goes to the number that won, drawn in orange; the losers get 0. If a loser is turned by a
# hair, nothing changes.
#
# But the lower tiles have ties: four zeros, three fives. Turn one of the fives up, and the result goes up; turn it
# down, and nothing happens. It is a kink, as in lesson 04, and a library has to choose. PyTorch takes the **first**,
# in reading order. Remember that `amax`, which knows no places, shares among equals.
#
# **Predict.** What is the gradient of each of the three fives, in both?

# %%
torch_image = torch.tensor(numbers[None, None], requires_grad=True)
torch.nn.functional.max_pool2d(torch_image, 2).sum().backward()

tile = torch.tensor([5.0, 5, 5, 1], requires_grad=True)
tile.amax().backward()

print("max_pool2d, minigrad:", image.grad[0, 0, 2:, 2:].flatten().tolist())
print("max_pool2d, PyTorch: ", torch_image.grad[0, 0, 2:, 2:].flatten().tolist())
print("amax, PyTorch:       ", [round(share, 3) for share in tile.grad.tolist()])

# %% [markdown]
# This is no rarity: after a relu many tiles hold nothing but zeros. There the choice does no harm, for the relu lets
# no gradient through at 0. But who compares two libraries, or writes one, must know of it.
#
# **Exercise.** `max_pool2d`, value and gradient.
#
# Here is a picture, pooled once and twice. Beside it, the mean of the same tiles, `avg_pool2d`, which blurs. With max
# the horse grows, and its dark eye is gone: what is large stays. Inside a network, large means *found*.

# %%
once = F.max_pool2d(x, 2)
twice = F.max_pool2d(once, 2)
mean = F.avg_pool2d(x, 4)

figure, axes = plt.subplots(1, 4, figsize=(11.5, 3.2), layout="constrained")
for axis, (name, numbers) in zip(axes, {"32²": x, "max, 16²": once, "max, 8²": twice, "mean, 8²": mean}.items()):
    axis.imshow(numbers[0].numpy().transpose(1, 2, 0))
    axis.set_title(name)
    axis.axis("off")
plt.show()

# %% [markdown]
# ## 13. What a unit sees
#
# One number somewhere in a network is called a **unit**. A unit of the first convolution sees 3 × 3 pixels. One of the
# second sees 3 × 3 of those, and so a larger patch of the picture. The patch is its **receptive field**.
#
# Below is one row of the picture, at the bottom, and the layers above it. Orange is what the one unit at the top
# depends on.

# %%
layers = [("conv, kernel 3", 3, 1), ("conv, kernel 3", 3, 1), ("pool 2, stride 2", 2, 2), ("conv, kernel 3", 3, 1)]
sizes = [16]
for _, kernel_size, stride in layers:
    sizes.append((sizes[-1] - kernel_size) // stride + 1)

# Where each unit's middle lies, in pixels, and what the top unit depends on, from the top down.
middles = [np.arange(16.0)]
for (_, kernel_size, stride), size in zip(layers, sizes[1:]):
    middles.append(np.array([middles[-1][stride * k : stride * k + kernel_size].mean() for k in range(size)]))
seen = [{sizes[-1] // 2}]
for _, kernel_size, stride in reversed(layers):
    seen.insert(0, {stride * k + step for k in seen[0] for step in range(kernel_size)})

figure, axis = plt.subplots(figsize=(11, 4.4), layout="constrained")
for level, (places, orange) in enumerate(zip(middles, seen)):
    for k, place in enumerate(places):
        axis.plot(place, level, "o", markersize=15, color="#D55E00" if k in orange else "#D0D0D0", zorder=2)
    if level:
        name, kernel_size, stride = layers[level - 1]
        for k in orange:
            for below in range(stride * k, stride * k + kernel_size):
                axis.plot([middles[level - 1][below], places[k]], [level - 1, level], color="#E9A97E", lw=1.3, zorder=1)
    text = layers[level - 1][0] if level else "the picture"
    axis.text(-1.2, level, text, ha="right", va="center", fontsize=11)
axis.set(xlim=(-5, 16), ylim=(-0.5, 4.5))
axis.axis("off")
plt.show()

# %% [markdown]
# Count at the bottom: ten pixels. Each convolution adds to what is seen: 2 for the first, 2 for the second, 1 for the
# pooling. After the pooling neighbours are two pixels apart, and so the last convolution adds 4.
#
# Backprop can measure it, and knows more. The gradient of **one** unit with regard to the picture is 0 wherever the
# unit does not look. And where it does look, the gradient says how much each pixel counts.

# %%
mg.manual_seed(2)
channels = [3, 16, 16, 16]
convolutions = [nn.Conv2d(c_in, c_out, 3) for c_in, c_out in zip(channels, channels[1:])]
stack = [convolutions[0], convolutions[1], nn.MaxPool2d(2), convolutions[2]]

influence, text = [], []
for depth in range(1, len(stack) + 1):
    image = x.clone().requires_grad_()
    out = image
    for part in stack[:depth]:
        out = part(out)
    middle = out.shape[-1] // 2
    out[0, :, middle, middle].square().sum().backward()
    influence.append(image.grad[0].abs().sum(0).numpy())
    rows = np.flatnonzero(influence[-1].any(1))
    text.append(f"{type(stack[depth - 1]).__name__}: {rows[-1] - rows[0] + 1} x {rows[-1] - rows[0] + 1}")

figure, axes = plt.subplots(1, 4, figsize=(11.5, 3.2), layout="constrained")
for axis, counts, title in zip(axes, influence, text):
    axis.imshow(x[0].numpy().transpose(1, 2, 0), alpha=0.35)
    strength = np.sqrt(counts / counts.max())
    axis.imshow(np.ma.masked_equal(strength, 0), cmap="Oranges", vmin=0, vmax=1)
    axis.set_title(title)
    axis.axis("off")
plt.show()

# %% [markdown]
# What is seen grows with each layer, and so do the things that a unit can know of: edges, then corners, then wheels.
# And the middle counts most, for many paths lead there, and few to the rim.
#
# **Try it.** Click on the map at the right, to choose a unit; and choose its layer.

# %%
receptive_field(stack, x[0])

# %% [markdown]
# **Exercise.** Your own `receptive_field` says only how large it is, from a list of kernels and strides.
#
# ## 14. Parameters and work
#
# Here is the network of the [next lesson](11_cifar10.ipynb): two convolutions, one pooling, two fully connected
# layers. A layer's **parameters** are numbers to be learned and stored. Its **work** is how often it multiplies, for
# one picture. A convolution uses each weight at every place.
#
# **Predict.** Which of the four layers has the most parameters? Which has the most work?

# %%
from minigrad.models import CNN

model = CNN()
places = {"conv1": 30 * 30, "conv2": 28 * 28, "fc1": 1, "fc2": 1}
parameters = {name: sum(p.numel() for p in getattr(model, name).parameters()) for name in places}
work = {name: getattr(model, name).weight.numel() * count for name, count in places.items()}

for name in places:
    print(f"{name:6} {parameters[name]:10,} parameters {work[name]:12,} multiplications")

# %%
figure, axes = plt.subplots(1, 2, figsize=(10, 2.6), layout="constrained", sharey=True)
for axis, (title, numbers) in zip(axes, {"parameters": parameters, "multiplications": work}.items()):
    bars = axis.barh(list(numbers), numbers.values(), color=["#0072B2", "#0072B2", "#D55E00", "#D55E00"])
    axis.bar_label(bars, [f"{n / sum(numbers.values()):.1%}" for n in numbers.values()], padding=3)
    axis.set_title(title)
    axis.set_xlim(right=1.18 * max(numbers.values()))
    axis.set_xticks([])
    axis.spines[["top", "right", "bottom"]].set_visible(False)
axes[0].invert_yaxis()
plt.show()

# %% [markdown]
# Nearly all parameters are in the first fully connected layer; most of the work is in the second convolution, which
# has one weight in ninety. Few weights, used often: that is what a convolution is. And that is why section 9 was worth
# the trouble.
#
# ## What is left out
#
# - For large kernels, the Fourier transform: there a convolution is a product, number by number. PyTorch's routines
#   choose among several ways, by size.
# - `groups`: filters that see only some of the channels. With one channel each, and 1 × 1 convolutions between, one
#   has the light networks of telephones.
# - Rows and volumes: `conv1d` is in minigrad, `conv3d` is not. The letters are one fewer, or one more.
#
# ## What is yours now
#
# - **A convolution**: the same few weights at every place; multiply what lies on top of each other, and add up.
# - **Sizes**: (N, C, H, W) with (F, C, KH, KW) gives (N, F, H', W'); padding, stride and dilation say how many places.
# - **Windows** are a view; one product of matrices does the work; bites that fit the cache make it quick.
# - **Gradients** of sums of products are the same letters, rearranged; copied on the way there, added on the way back.
# - **What moves** in the picture moves in the result, as long as it moves by whole strides.
# - **Max pooling** keeps the largest; the first of equals gets the gradient.
# - **A unit sees** a patch that grows with every layer, and faster after strides.
# - **Few parameters, much work**: it is the other way round in fully connected layers.
#
# And from the [exercises](../exercises/10_convolution.ipynb): `conv2d` and `max_pool2d`, both of which can stand in
# for the library's. Next: [11 CIFAR-10](11_cifar10.ipynb), where they learn to see.
