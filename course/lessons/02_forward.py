# %% [markdown]
# # 02 · Forward
#
# *About 40 minutes.*
#
# A network is asked in numbers and answers in numbers. What happens in between is called the **forward pass**. This
# lesson goes through it, shape by shape. At the end you will
#
# - know what a layer computes, and say the shape of everything in a network before you run it;
# - know why something bent stands between two layers, and what it does to numbers;
# - turn scores into shares, and know why the formula in the book gives `nan` on a computer;
# - have sent real pictures through a network, and counted its right answers.
#
# Nothing learns here: all weights stay as they are. How they get better begins in lesson 04.
#
# The exercises are [here](../exercises/02_forward.ipynb). Where you read **Build it**, you know all that you need for
# the ones that are named.

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch

import minigrad as mg
from minigrad import ops
from minigrad.nn import functional as F
from minigrad.view import show

BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"

# %% [markdown]
# ## 1. A unit weighs what it is told
#
# Is it a day for a walk? Say we know three numbers: hours of sun, millimetres of rain, strength of the wind. Sun speaks
# for it, rain speaks strongly against it, wind a little. So give each number a **weight**, add up, and shift the sum by
# a **bias**. The result is a **score**: the higher, the better the day.
#
# $$\text{score} = 1 \cdot \text{sun} - 2 \cdot \text{rain} - 0.5 \cdot \text{wind} + 1$$
#
# Such a weighted sum is called a **unit** (or neuron).

# %%
day = mg.tensor([6.0, 1.0, 2.0])  # 6 hours of sun, 1 mm of rain, a light wind
weights = mg.tensor([1.0, -2.0, -0.5])
bias = 1.0

score = (day * weights).sum() + bias
score.item()

# %% [markdown]
# **Predict.** What is the score of a day with no sun, 4 mm of rain, and wind 1?

# %%
rainy = mg.tensor([0.0, 4.0, 1.0])
((rainy * weights).sum() + bias).item()

# %% [markdown]
# ## 2. A layer: many units, many examples
#
# The same three numbers can answer another question, with other weights: is it a day to fly a kite? Two units, each
# with three weights, make a table `weight` of shape (2, 3): **one row for each unit**. And four days make a table of
# shape (4, 3): **one row for each example**. Such a table of examples is a **batch**.
#
# Every day has to meet every unit. That is what a product of matrices does.

# %%
days = mg.tensor([[6.0, 1.0, 2.0], [0.0, 4.0, 1.0], [9.0, 0.0, 0.0], [3.0, 0.0, 6.0]])
weight = mg.tensor([[1.0, -2.0, -0.5], [0.5, -1.0, 2.0]])  # row 0: a walk; row 1: a kite
bias = mg.tensor([1.0, -3.0])

scores = days @ weight.T + bias
print("days  ", days.shape)
print("weight", weight.shape, "  weight.T", weight.T.shape)
print("scores", scores.shape)
scores

# %% [markdown]
# Here it is in shapes. The marked row (day 1) meets the marked column (the unit for walks); what they give is the
# marked cell of the result.


# %%
def sheet(axis, left, shape, name, marked):
    """A table of `shape`, drawn from `left` on; cells for which marked(row, column) holds stand out."""
    rows, columns = shape if len(shape) == 2 else (1, *shape)
    for i in range(rows):
        for j in range(columns):
            colour = ORANGE if marked(i, j) else "#CFE5F3"
            axis.add_patch(plt.Rectangle((left + j, -i - 1), 1, 1, facecolor=colour, edgecolor="white", linewidth=2))
    axis.text(left + columns / 2, 0.3, f"{name}\n{shape}", ha="center", va="bottom", fontsize=12)


figure, axis = plt.subplots(figsize=(9, 3.6))
sheet(axis, 0, (4, 3), "days", lambda i, j: i == 1)
sheet(axis, 5, (3, 2), "weight.T", lambda i, j: j == 0)
sheet(axis, 9, (2,), "bias", lambda i, j: j == 0)
sheet(axis, 13, (4, 2), "scores", lambda i, j: (i, j) == (1, 0))
for left, sign in [(4, "@"), (8, "+"), (12, "=")]:
    axis.text(left, -0.6, sign, ha="center", va="center", fontsize=18)
axis.set(xlim=(-0.5, 15.5), ylim=(-4.2, 1.8), aspect="equal")
axis.axis("off")
plt.show()

# %% [markdown]
# Read the shapes as a sentence: (**4**, 3) times (3, **2**) is (**4**, **2**). The two in the middle must be equal, and
# vanish: that is the sum over sun, rain and wind. What is left is how many examples, by how many units. Then the bias,
# (2,), is broadcast: added to each of the four rows.
#
# In general, with N examples, K numbers in and F numbers out:
#
# | | shape |
# |---|---|
# | input | (N, K) |
# | weight | (F, K) |
# | bias | (F,) |
# | output | (N, F) |
#
# This is a **linear layer**. Why is the weight stored with its outputs first, and then turned by `.T`? So that
# `weight[0]` is a unit, which one can take out and look at. PyTorch does it like that, and so do we. Both keep the
# function in `nn.functional`, which is usually imported as `F` (no relation to the F in the shapes).

# %%
ours = F.linear(days, weight, bias)
theirs = torch.nn.functional.linear(*[torch.tensor(x.numpy()) for x in (days, weight, bias)])

print("as above:       ", bool((ours == scores).all()))
print("same in PyTorch:", np.array_equal(ours.numpy(), theirs.numpy()))

# %% [markdown]
# **Predict.** What happens if you forget the `.T`? And what if there were three units instead of two?

# %%
for library in (mg, torch):
    table, square = library.ones(4, 3), library.ones(3, 3)
    try:
        table @ library.ones(2, 3)
    except RuntimeError as error:
        print(error)
    print("with three units:", tuple((table @ square).shape))

# %% [markdown]
# With two units you are told. With three, the weight is square, everything fits, and the numbers are wrong without a
# word. Shapes find many mistakes. They do not find this one.
#
# > **Build it:** `linear`.
#
# ## 3. Two layers are no more than one
#
# What one layer gives, the next can take. Three numbers become four, four become two. Surely that can do more?
#
# **Predict.** Is there *one* layer, from three numbers straight to two, that always gives the same result?

# %%
rng = np.random.default_rng(0)
w1, b1, w2, b2 = (mg.tensor(rng.integers(-2, 3, shape).astype("float32")) for shape in [(4, 3), (4,), (2, 4), (2,)])

hidden = F.linear(days, w1, b1)  # (4, 3) -> (4, 4)
out = F.linear(hidden, w2, b2)  # (4, 4) -> (4, 2)

w = w2 @ w1  # (2, 4) @ (4, 3) -> (2, 3)
b = w2 @ b1 + b2  # (2, 4) @ (4,) -> (2,)

print("two layers:\n", out, sep="")
print("one layer: \n", F.linear(days, w, b), sep="")

# %% [markdown]
# There is. Put the first formula into the second and sort:
#
# $$(x\,W_1^T + b_1)\,W_2^T + b_2 = x\,(W_2 W_1)^T + (W_2 b_1 + b_2)$$
#
# A weighted sum of weighted sums is a weighted sum. A hundred linear layers in a row have a hundred times the weights,
# and can do no more than one. Something has to come between.
#
# ## 4. A bend
#
# The simplest thing that is not straight is **relu**: below 0 it gives 0, above 0 it leaves the number as it is.
#
# Take two units, $x$ and $-x$, then relu, then add the two.
#
# **Predict.** Which function of $x$ is that?

# %%
x = mg.tensor([[-2.0], [-1.0], [0.0], [1.0], [3.0]])  # (5, 1)
up_and_down = mg.tensor([[1.0], [-1.0]])  # (2, 1): two units
add = mg.tensor([[1.0, 1.0]])  # (1, 2): one unit

hidden = F.linear(x, up_and_down)  # (5, 1) -> (5, 2)
bent = mg.relu(hidden)  # (5, 2) -> (5, 2)
out = F.linear(bent, add)  # (5, 2) -> (5, 1)

print("x     ", x.flatten().tolist())
print("result", out.flatten().tolist())
print("without relu", F.linear(hidden, add).flatten().tolist())

# %% [markdown]
# It is the distance from 0. No linear layer can do that, and no number of them.
#
# Every unit with a relu after it brings one bend, at a place of its own. Add up many bends, and you can follow any
# curve. Below, networks from one number to one try to follow the grey one. The first layer's weights and biases are
# random; the second layer's are the best possible, by least squares. (How a network finds *all* of them begins in
# lesson 04.)

# %%
xs = mg.linspace(-3, 3, 301).reshape(301, 1)
target = np.sin(2 * xs.numpy()) + xs.numpy() / 3
networks = [("nothing between, 30 units", None, 30), ("relu, 3 units", mg.relu, 3)]
networks += [("relu, 10 units", mg.relu, 10), ("relu, 30 units", mg.relu, 30)]

figure, axes = plt.subplots(1, 4, figsize=(12, 2.8), sharey=True)
for axis, (title, activation, units) in zip(axes, networks):
    mg.manual_seed(2)
    hidden = F.linear(xs, mg.randn(units, 1).sign(), 6 * mg.rand(units) - 3)  # (301, units)
    hidden = activation(hidden) if activation else hidden
    table = np.hstack([hidden.numpy(), np.ones((301, 1))])  # a column of ones, for the bias
    best = np.linalg.lstsq(table, target, rcond=1e-4)[0]
    axis.plot(xs, target, color="gray", linewidth=4, alpha=0.5)
    axis.plot(xs, table @ best, color=ORANGE, linewidth=2)
    axis.set(title=title, xlabel="x")
plt.tight_layout()
plt.show()

# %% [markdown]
# What stands between two layers is called an **activation**. It works on each number by itself, and changes no shape.
#
# > **Build it:** `relu`.
#
# ## 5. What activations do to numbers
#
# Relu is one of three that you will meet everywhere. **Sigmoid** presses any number between 0 and 1; **tanh** presses
# it between −1 and 1.
#
# $$\text{sigmoid}(x) = \frac{1}{1 + e^{-x}} \qquad \tanh(x) = \frac{e^{x} - e^{-x}}{e^{x} + e^{-x}}$$

# %%
numbers = [-100.0, -2.0, -0.5, 0.0, 0.5, 2.0, 100.0]
activations = {"relu": mg.relu, "sigmoid": mg.sigmoid, "tanh": mg.tanh}

print(f"{'x':8}", *(f"{x:8}" for x in numbers))
for name, activation in activations.items():
    ours = activation(mg.tensor(numbers))
    same = np.allclose(ours.numpy(), getattr(torch, name)(torch.tensor(numbers)).numpy())
    print(f"{name:8}", *(f"{y:8.3f}" for y in ours.tolist()), "  as in PyTorch:", same)

# %%
xs = mg.linspace(-8, 8, 321)
flat = {"relu": [(-8, 0)], "sigmoid": [(-8, -4), (4, 8)], "tanh": [(-8, -2.5), (2.5, 8)]}

figure, axes = plt.subplots(1, 3, figsize=(11, 3))
for axis, (name, activation) in zip(axes, activations.items()):
    axis.plot(xs, activation(xs), color=BLUE, linewidth=3)
    for left, right in flat[name]:
        axis.axvspan(left, right, color=ORANGE, alpha=0.18, linewidth=0)
    axis.axhline(0, color="gray", linewidth=0.8)
    axis.set(title=name, xlabel="x", xlim=(-8, 8), xticks=range(-8, 9, 4))
axes[0].text(-4, 3, "0, whatever x", ha="center", fontsize=11)
for axis, height, place in [(axes[1], 0.6, 6), (axes[2], 0.2, 5.25)]:
    for side in (-place, place):
        axis.text(side, height, "nearly\nflat", ha="center", va="bottom", fontsize=11)
plt.tight_layout()
plt.show()

# %% [markdown]
# The shaded parts matter. There the curve is flat: turn $x$, and nothing happens.
#
# - Sigmoid and tanh are flat far out, on both sides. A unit that is out there is called **saturated**.
# - Relu is flat on the whole left side. A unit that is there for every example gives 0 always, and is called **dead**.
#
# Lesson 00 said: a knob is turned according to how the loss changes with it. Where nothing changes, nothing is learned.
#
# **Predict.** How much does sigmoid change when $x$ goes from 0 to 1? And from 10 to 11?

# %%
for x in (0.0, 10.0):
    before, after = mg.sigmoid(mg.tensor([x, x + 1])).tolist()
    print(f"from {x:2.0f} to {x + 1:2.0f}: {after - before:.5f}")

# %% [markdown]
# **Try it.** Take $x$ along a curve. On the right is its **slope**: how much the result changes for a little more $x$.
# (How the library knows that is what lesson 04 is about.) Where is sigmoid steepest, and how steep is it there? And
# tanh?

# %%
from minigrad import view

view.activation(mg.sigmoid, mg.tanh, mg.relu)

# %% [markdown]
# Now the same for many numbers. On the left are 5,000, most of them between −8 and 8. The others show what comes out.

# %%
numbers = mg.tensor(np.random.default_rng(0).normal(0, 4, 5000).astype("float32"))

figure, axes = plt.subplots(1, 4, figsize=(12, 2.8))
axes[0].hist(numbers.numpy(), bins=40, color="gray")
axes[0].set(title="x")
for axis, (name, activation) in zip(axes[1:], activations.items()):
    axis.hist(activation(numbers).numpy(), bins=40, color=BLUE)
    axis.set(title=name)
for axis in axes:
    axis.set_yticks([])
plt.tight_layout()
plt.show()

# %% [markdown]
# Relu puts one half into a single spike at 0. Sigmoid piles up a third at its ends, tanh more than half: with inputs as
# wide as these, they are saturated. That is why one takes care how large the numbers in a network are.

# %% [markdown]
# ## 6. From scores to shares
#
# The last layer of a network that tells cats from dogs from ships gives three scores. Scores can be any numbers. One
# would rather hear something like *cat 70 %, dog 25 %, ship 5 %*. Such shares must be above 0 and add up to 1. Two
# steps do it:
#
# 1. take $e^x$ of each score: now all are positive, and the larger stays the larger;
# 2. divide by their sum: now they add up to 1.
#
# This is **softmax**. Here it is by hand, and then both libraries'.

# %%
scores = mg.tensor([2.0, 1.0, -1.0])  # cat, dog, ship

parts = scores.exp()
shares = parts / parts.sum()

for name, share in zip(("cat", "dog", "ship"), shares.tolist()):
    print(f"{name:5} {share:.1%}")
print("minigrad's softmax:", np.allclose(mg.softmax(scores, 0).numpy(), shares.numpy()))
print("PyTorch's softmax: ", np.allclose(torch.softmax(torch.tensor([2.0, 1.0, -1.0]), 0), shares.numpy()))

# %%
figure, axes = plt.subplots(1, 3, figsize=(10, 2.8))
for axis, (title, values) in zip(axes, {"scores": scores, "exp(score)": parts, "share of the sum": shares}.items()):
    axis.bar(["cat", "dog", "ship"], values.numpy(), color=[BLUE, ORANGE, GREEN])
    axis.axhline(0, color="gray", linewidth=0.8)
    axis.set(title=title)
plt.tight_layout()
plt.show()

# %% [markdown]
# **Predict.** What happens to the shares if 10 is added to all three scores? And what if all are multiplied by 10?

# %%
for name, changed in {"as they are": scores, "plus 10": scores + 10, "times 10": scores * 10}.items():
    print(f"{name:12}", "  ".join(f"{share:.3f}" for share in mg.softmax(changed, 0).tolist()))

# %% [markdown]
# Only *differences* between scores count: $e^{x + 10} = e^{10} \cdot e^{x}$, and the common factor cancels. Keep that
# in mind, it will save us soon.
#
# But how *large* the differences are does count. So there is a knob: divide the scores by a number $T$ first, the
# **temperature**. A low one makes the network sure of itself, a high one makes it undecided. (Programs that write text
# have the same knob: it says how often they pick another word than the likeliest.)

# %%
figure, axes = plt.subplots(1, 4, figsize=(11, 2.6), sharey=True)
for axis, temperature in zip(axes, (0.2, 1, 5, 100)):
    axis.bar(["cat", "dog", "ship"], mg.softmax(scores / temperature, 0).numpy(), color=[BLUE, ORANGE, GREEN])
    axis.set(title=f"T = {temperature}", ylim=(0, 1.05))
axes[0].set_ylabel("share")
plt.tight_layout()
plt.show()

# %% [markdown]
# Whatever $T$ is, the largest score keeps the largest share. Near 0 it gets everything; at a high temperature all get
# the same. (The name is honest: it is soft, where "the largest takes all" would be hard.)
#
# A batch has a row of scores for each example, (N, C). Then one has to say along which axis the shares are to add up.
#
# **Predict.** For scores of shape (2, 3), what adds up to 1 with `dim=1`, and what with `dim=0`?

# %%
batch = mg.tensor([[2.0, 1.0, -1.0], [0.0, 0.0, 0.0]])
for dim in (1, 0):
    shares = mg.softmax(batch, dim)
    rows, columns = shares.sum(1), shares.sum(0)
    print(f"dim={dim}: rows add up to", np.round(rows.numpy(), 2), " columns to", np.round(columns.numpy(), 2))

# %% [markdown]
# With `dim=0` the examples compete with each other for each class. This is nearly never meant, and nothing complains:
# the shape is the same. It is a classic.
#
# ## 7. Where the numbers end
#
# Our softmax by hand is right on paper. Now give it larger scores, with the same differences
# between them.
#
# **Predict.** What are the shares of 102, 101 and 99?


# %%
def by_the_book(scores):
    parts = scores.exp()
    return parts / parts.sum()


large = [102.0, 101.0, 99.0]
print("minigrad, by the book:", by_the_book(mg.tensor(large)).tolist())
print("PyTorch, by the book: ", by_the_book(torch.tensor(large)).tolist())

# %% [markdown]
# `nan` is "not a number": what one gets from $\infty / \infty$ or $\infty - \infty$. Here is how it came about.

# %%
print(f"the largest float32: {np.finfo('float32').max:.1e}")
for x in (88.0, 89.0, 102.0):
    print(f"exp({x:.0f}) is {mg.tensor(x).exp().item():.1e}")
print("inf / inf is", (mg.tensor(np.inf) / mg.tensor(np.inf)).item())

# %% [markdown]
# A `float32` ends at about $3 \cdot 10^{38}$, and $e^{89}$ is more than that. So `exp` answers `inf`. It is called an
# **overflow**. Scores of a hundred are nothing special in a network that goes wrong, and one `nan` spreads to
# everything computed from it.
#
# The cure costs one subtraction. Only differences count, so subtract the largest score from all of them. Now the
# largest is 0, and $e^0 = 1$. The others are below 0, and their `exp` is between 0 and 1. Nothing overflows any more.

# %%
scores = mg.tensor(large)
print("shifted:", (scores - scores.max()).tolist())
print("shares: ", np.round(by_the_book(scores - scores.max()).numpy(), 3))
print("PyTorch:", np.round(torch.softmax(torch.tensor(large), 0).numpy(), 3))

# %% [markdown]
# The same shares as those of 2, 1 and −1. Code that keeps its digits where the formula in the book would lose them is
# called **numerically stable**.
#
# ### The logarithm of a share
#
# A loss will soon want the logarithms of shares. That is easy, isn't it: softmax, then log.
#
# **Predict.** Two scores, 0 and −200. What is the log of the second share?

# %%
pair = mg.tensor([0.0, -200.0])
print("the second share:    ", mg.softmax(pair, 0).tolist()[1])
print("softmax, then log:   ", mg.softmax(pair, 0).log().tolist()[1])
print("minigrad log_softmax:", mg.log_softmax(pair, 0).tolist()[1])
print("PyTorch log_softmax: ", torch.log_softmax(torch.tensor([0.0, -200.0]), 0).tolist()[1])

# %% [markdown]
# The share is $e^{-200}$, about $10^{-87}$. A `float32` has nothing between $10^{-45}$ and 0, so it becomes 0: an
# **underflow**. And the log of 0 is $-\infty$. Yet the answer, −200, is quite an ordinary number. So do on paper what
# can be done on paper: the log undoes the exp.
#
# $$\log \frac{e^{x_i}}{\sum_j e^{x_j}} = x_i - \log \sum_j e^{x_j}$$

# %%
gaps = mg.linspace(-200, 0, 401)
pairs = mg.zeros(401, 2)
pairs[:, 1] = gaps  # (401, 2): a 0, and a score that is further and further below it

figure, axis = plt.subplots(figsize=(7, 3.4))
axis.plot(gaps, mg.log_softmax(pairs, 1)[:, 1], color=BLUE, linewidth=5, alpha=0.5, label="log_softmax")
naive = mg.softmax(pairs, 1).log()[:, 1].numpy()
axis.plot(gaps, np.where(np.isfinite(naive), naive, np.nan), color=ORANGE, linewidth=2, label="softmax, then log")
last = gaps.numpy()[np.isfinite(naive)][0]
axis.plot(last, naive[np.isfinite(naive)][0], "o", color=ORANGE)
axis.annotate("from here on: -inf", (last, last), (last - 78, last + 55), arrowprops={"arrowstyle": "->"}, fontsize=11)
axis.set(xlabel="second score (the first is 0)", ylabel="log of the second share")
axis.legend()
plt.show()

# %% [markdown]
# One more of the kind. For the sigmoid, too, the book has two formulas, equal on paper.
#
# **Predict.** What does each of them give at 1000 and at −1000?

# %%
x = mg.tensor([1000.0, -1000.0])
print("exp(x) / (1 + exp(x)):", (x.exp() / (1 + x.exp())).tolist())
print("1 / (1 + exp(-x)):    ", (1 / (1 + (-x).exp())).tolist())
print("PyTorch's sigmoid:    ", torch.sigmoid(torch.tensor([1000.0, -1000.0])).tolist())

# %% [markdown]
# The first fails at 1000, by $\infty / \infty$. The second overflows as well, at −1000, but its $\infty$ stands below
# the line, where it does no harm: $1 / \infty = 0$, which is right. So the library uses it, and says why in a comment
# (`show(ops.sigmoid)`). One can also do without any overflow; how, is part of the exercise.
#
# > **Build it:** `sigmoid`, `softmax`, `log_softmax`. Come back after that.
#
# Then look how the library does it, with NumPy. (`largest` gives the largest along an axis and keeps the axis. What is
# returned after the value is how gradients go back: lesson 04.)

# %%
show(ops.log_softmax)

# %% [markdown]
# ## 8. A network looks at pictures
#
# All parts are there. We send real pictures through a network of two layers: 500 small photographs of ten kinds of
# things (from CIFAR-10, which lesson 11 is about). Each has 32 × 32 pixels, and for every pixel three numbers: how much
# red, green and blue.

# %%
from minigrad.data import CIFAR10Subset
from minigrad.view.pictures import picture_grid

pictures = CIFAR10Subset(train=False)
names = pictures.classes
picture_grid(pictures.images[:10], [names[label] for label in pictures.labels[:10]], scale=3)
plt.show()

# %% [markdown]
# The plan: lay out the pixels of a picture in one long row, and look at them with 64 units. Relu. Ten more units look
# at those 64 numbers and give ten scores, one for each kind of thing. The largest score is the answer.
#
# **Predict.** Write down the shape after every step, for all 500 pictures at once, and the shapes of both weights.
#
# The weights are drawn by chance. They are small, so that a sum over 3,072 pixels does not become huge; why just so
# small is told in lesson 07.

# %%
mg.manual_seed(2)
w1, b1 = mg.randn(64, 3072) / 3072**0.5, mg.zeros(64)
w2, b2 = mg.randn(10, 64) / 64**0.5, mg.zeros(10)

x = mg.tensor(pictures.images).float() / 255  # bytes from 0 to 255 become numbers from 0 to 1
print("pictures         ", x.shape)
x = x.flatten(1)
print("one row for each ", x.shape)
hidden = F.linear(x, w1, b1)
print("layer 1          ", hidden.shape)
hidden = mg.relu(hidden)
print("relu             ", hidden.shape)
scores = F.linear(hidden, w2, b2)
print("layer 2          ", scores.shape)
answers = scores.argmax(1)
print("largest score    ", answers.shape)

# %%
steps = [
    ("(500, 3, 32, 32)", 3072, ""),
    ("(500, 3072)", 3072, "flatten"),
    ("(500, 64)", 64, "linear"),
    ("(500, 64)", 64, "relu"),
    ("(500, 10)", 10, "linear"),
    ("(500,)", 1, "argmax"),
]

apart = 2.7
figure, axis = plt.subplots(figsize=(12, 3.4))
for place, (shape, numbers, step) in enumerate(steps):
    height = 0.5 + np.log10(numbers)
    colour = ORANGE if step == "relu" else BLUE
    axis.add_patch(plt.Rectangle((apart * place - 0.3, -height / 2), 0.6, height, color=colour, alpha=0.8, linewidth=0))
    axis.text(apart * place, height / 2 + 0.15, shape, ha="center", va="bottom", fontsize=11)
    if step:
        left, right = apart * (place - 1) + 0.4, apart * place - 0.4
        axis.annotate("", (right, 0), (left, 0), arrowprops={"arrowstyle": "->", "linewidth": 1.5})
        axis.text(apart * (place - 0.5), 0.12, step, ha="center", va="bottom", fontsize=11)
for place, shapes in [(1.5, "weight (64, 3072)\nbias (64,)"), (3.5, "weight (10, 64)\nbias (10,)")]:
    axis.text(apart * place, -0.15, shapes, ha="center", va="top", fontsize=9)
axis.set(xlim=(-1.2, 14.4), ylim=(-2.3, 2.8))
axis.axis("off")
plt.show()

# %% [markdown]
# (The taller a bar, the more numbers for one picture: 3,072 of them, then 64, 10, 1. Heights go by the logarithm.)
#
# **Predict.** How many numbers does this network have to learn?

# %%
print(f"layer 1: 64 * 3072 + 64 = {w1.numel() + b1.numel():7,}")
print(f"layer 2: 10 *   64 + 10 = {w2.numel() + b2.numel():7,}")

# %% [markdown]
# How many of its answers are right? The share of right ones is called the **accuracy**.
#
# **Predict.** The weights are random, and there are 50 pictures of each of the ten kinds. What do you expect?

# %%
labels = mg.tensor(pictures.labels)
right = answers == labels
print(f"{right.sum().item()} of {len(labels)} right: {right.float().mean().item():.0%}")

# %% [markdown]
# One in ten, as by throwing dice. Does it throw dice, then? Let us look at *what* it answers.

# %%
counts = np.bincount(answers.numpy(), minlength=10)

figure, axes = plt.subplots(1, 2, figsize=(11, 3.2), width_ratios=(3, 2))
axes[0].bar(names, counts, color=BLUE)
axes[0].axhline(50, color=ORANGE, linestyle="--", label="pictures of each kind")
axes[0].set_title("answers of this network, for 500 pictures")
axes[0].set_xticks(range(10), names, rotation=40, ha="right", rotation_mode="anchor")
axes[0].legend()
accuracies = []
for seed in range(3, 43):
    mg.manual_seed(seed)
    v1, v2 = mg.randn(64, 3072) / 3072**0.5, mg.randn(10, 64) / 8
    random_answers = F.linear(mg.relu(F.linear(x, v1)), v2).argmax(1)
    accuracies.append(100 * (random_answers == labels).float().mean().item())
axes[1].hist(accuracies, bins=np.arange(3, 18), color=BLUE, edgecolor="white")
axes[1].axvline(10, color=ORANGE, linestyle="--")
axes[1].set(title="40 other random networks", xlabel="accuracy, %", yticks=range(0, 16, 5))
plt.tight_layout()
plt.show()

# %% [markdown]
# It does not. It says nearly always the same. It is right about one in ten because one in ten is of that kind. Other
# random networks like other answers, and come out near 10 % as well. So beware of a network that gets 90 % where 90 %
# of the pictures are cats: **an accuracy means nothing until you know what the same answer for everything would get**.
#
# Why the same? A pixel is never below 0. So a unit whose weights add up to much less than 0 will give less than 0 for
# nearly every picture, and one whose weights add up to much more will give more. Here are all 64 units; "on" says that
# relu lets something through.

# %%
on = hidden > 0  # (500, 64)

plt.figure(figsize=(7, 3.2))
plt.plot(w1.sum(1), 100 * on.float().mean(0), "o", color=BLUE)
plt.xlabel("sum of a unit's weights")
plt.ylabel("on for so many pictures, %")
plt.show()

print("units that are on for no picture:   ", (~on.any(0)).sum().item(), "of 64")
print("units that are on for every picture:", on.all(0).sum().item(), "of 64")

# %% [markdown]
# Most of them say the same to nearly every picture. One is dead, and nobody has trained anything yet. Those that are
# always on bend nothing: for these pictures they are a straight line. How inputs are shifted so that this does not
# happen comes in lesson 08.
#
# ### Beside PyTorch
#
# The same weights and the same pictures, and the same network in one line.

# %%
t = {"x": x, "w1": w1, "b1": b1, "w2": w2, "b2": b2}
t = {name: torch.tensor(tensor.numpy()) for name, tensor in t.items()}
linear = torch.nn.functional.linear
torch_scores = linear(torch.relu(linear(t["x"], t["w1"], t["b1"])), t["w2"], t["b2"])

print("scores agree to 5 decimals:", np.allclose(scores.numpy(), torch_scores.numpy(), rtol=0, atol=1e-5))
print("same answers:              ", np.array_equal(answers.numpy(), torch_scores.argmax(1).numpy()))

# %% [markdown]
# > **Build it:** `mlp`, which is this network for any number of layers, and `accuracy`.
#
# **Try.** Take only one layer, from 3,072 numbers to ten. Put a sigmoid in place of the relu. Subtract the mean of all
# pixels from `x` before the first layer, and count the dead units again.
#
# ## What is yours now
#
# - A **layer** is a function: (N, K) in, (N, F) out. Its **weight**, (F, K), has a row for each unit.
# - Layers in a row are no more than one, unless an **activation** bends the numbers in between. Where it is flat, units
#   are **dead** or **saturated**.
# - **Softmax** makes shares of scores. Only differences between scores count, and the **temperature** says how much.
# - Formulas that are right on paper can give `nan` and `-inf`. Subtract the largest; take the log on paper.
# - The **forward pass** is these things one after the other. A network that has learned nothing gets one in ten of ten
#   kinds right.
#
# What was left out: where good weights come from, which is the rest of this course. Other activations, such
# as `gelu` and `silu`: smoother than relu, and like it going to 0 on the left. And layers that know that a pixel has
# neighbours: to ours it is all one if the pixels of all pictures are shuffled the same way. Those come in lesson 10.
