# %% [markdown]
# # 00 · Start here
#
# *About 20 minutes.*
#
# PyTorch is the tool with which most neural networks are made. You learn here how it works by building a small one:
# **minigrad**. It has PyTorch's names and gives PyTorch's numbers, and it is short enough to be read.
#
# At the end of this page you will
#
# - know how these pages work, and that your machine has what they need;
# - have seen a network learn, from the first guess to the last, in a program of fifteen lines;
# - have run the same program in PyTorch, and compared.
#
# You need Python and school mathematics. You need to know nothing about neural networks.

# %% [markdown]
# ## How these pages work
#
# A page is made of cells. Some hold text, like this one. Some hold code, and under it what the code gave when it was
# last run. Click on a code cell and press **Shift+Enter**: it runs, and the next cell is chosen. Go from top to bottom,
# since cells use what earlier ones made. Is anything odd? *Kernel → Restart Kernel and Run All Cells* starts afresh.
#
# Change things. Nothing here can break: the page is yours, and the numbers come back when you run it again.
#
# Every lesson goes the same way. It says an idea in plain words, then writes the code for it. Where you read
# **Predict**, stop and say aloud what you expect before you run the next cell. A wrong guess is worth more than a right
# one that was never made. Then the result is compared with real PyTorch.
#
# And every lesson has exercises. You write a function, and `check` compares it at once with PyTorch's: value and
# gradient. If it is wrong you are told where, and often which mistake it is. `hint` helps, `progress` shows how far you
# are. What passes becomes a part of a framework of your own, on which minigrad itself can run. The first exercise takes
# three minutes, and only shows how exercises go: [exercises/00_start_here](../exercises/00_start_here.ipynb).
#
# First, does your machine have what is needed? The doctor looks. Should something be missing, it says how to get it.

# %% tags=["nbval-ignore-output"]
from minigrad.study import doctor

doctor()

# %% [markdown]
# ## The task: find the curve behind the points
#
# Here are forty measurements. Somebody turned a dial to $x$ and read off $y$. The readings are a little noisy.
#
# We want a function that gives a good $y$ for any $x$. Nobody tells us the formula. We only have the points.

# %%
import matplotlib.pyplot as plt
import numpy as np

noise = np.random.default_rng(3).normal(0, 0.1, (40, 1))
x_data = np.linspace(-2, 2, 40, dtype="float32").reshape(40, 1)
y_data = (np.sin(2 * x_data) + noise).astype("float32")

plt.figure(figsize=(8, 3))
plt.plot(x_data, y_data, "o", color="#0072B2")
plt.xlabel("x")
plt.ylabel("y")
plt.show()

# %% [markdown]
# (Well, we do know the formula: the cell above made the points from a sine. The network will not be told.)
#
# ## A guess with 25 knobs
#
# We take a function that can bend into many shapes, and that has knobs to bend it with:
#
# $$\text{guess} = \tanh(x\, w_1 + b_1)\, w_2 + b_2$$
#
# Read it from the inside. Multiply $x$ by 8 numbers $w_1$ and add 8 numbers $b_1$: that makes 8 straight lines. The
# function $\tanh$ bends each of them into an S that stays between −1 and 1. Stretch each S by a number of $w_2$, add
# the eight up, and shift the sum by $b_2$.
#
# The knobs are the $8 + 8 + 8 + 1 = 25$ numbers in $w_1, b_1, w_2, b_2$. They are called **parameters**, or
# **weights**. A formula like this, with knobs to be found, is a **neural network**. This one is tiny; the large ones
# have billions of knobs, and the same four steps below turn them.
#
# To begin with, the knobs stand anywhere.

# %%
import minigrad as mg

mg.manual_seed(2)
start = [mg.randn(1, 8), mg.randn(8), mg.randn(8, 1) * 0.35, mg.zeros(1)]
x, y = mg.tensor(x_data), mg.tensor(y_data)
w1, b1, w2, b2 = weights = [mg.tensor(w, requires_grad=True) for w in start]

guess = (x @ w1 + b1).tanh() @ w2 + b2
guess.shape

# %% [markdown]
# `x @ w1` is a product of matrices: forty rows of one number, times one row of eight numbers, makes forty rows of
# eight. All forty points go through the network at once.
#
# `requires_grad=True` says: this is a knob, keep track of what is computed from it.
#
# **Predict.** The knobs are random. Will the guess be a random scatter of points, or a curve? Will it go near the
# points?

# %%
plt.figure(figsize=(8, 3))
plt.plot(x_data, y_data, "o", color="#0072B2", label="measured")
plt.plot(x_data, guess.detach().numpy(), color="#D55E00", linewidth=2.5, label="guessed")
plt.legend()
plt.show()

# %% [markdown]
# It is a smooth curve, for it is a sum of smooth curves. And it is wrong.
#
# ## How wrong? The loss
#
# Before anything can get better, "wrong" must be a number. Take the distance at each point, square it, and average over
# the forty points. That is the **loss**. It is 0 when the curve goes through every point. Learning means making it
# small.

# %%
loss = ((guess - y) ** 2).mean()
print(f"loss: {loss.item():.3f}")

# %% [markdown]
# ## Which way? The gradient
#
# Turn one knob by a hair, and the loss changes by a hair. How much it changes, per turn, is the **slope** of the loss
# along that knob. All 25 slopes together are called the **gradient**.
#
# One could find them by trying: turn each knob a little, and look. For 25 knobs that is 25 tries, and for a billion it
# is hopeless. `loss.backward()` finds all of them in one go, exactly, in about the time of two more guesses. How it
# does so is what lesson 04 is about; it is the heart of PyTorch, and of this course.

# %%
loss.backward()

slope = b2.grad.item()
print(f"slope of the loss along b2: {slope:.3f}")

# %% [markdown]
# Let us not believe it. We turn $b_2$ up by 0.01 and compute the loss again.
#
# **Predict.** By how much does it change?

# %%
turned = (x @ w1 + b1).tanh() @ w2 + (b2 + 0.01)
turned_loss = ((turned - y) ** 2).mean()

print(f"predicted change: {slope * 0.01:+.4f}")
print(f"actual change:    {(turned_loss - loss).item():+.4f}")

# %% [markdown]
# Nearly the same. The slope is that of a straight line, and the loss along $b_2$ is bent a little; the smaller the
# turn, the better they agree.
#
# ## A step
#
# A positive slope says that turning this knob up makes things worse. So turn it down. Do this to all 25 knobs at once,
# each by a small multiple of its slope. This is **gradient descent**.

# %%
with mg.no_grad():
    for w in weights:
        w -= 0.1 * w.grad

guess = (x @ w1 + b1).tanh() @ w2 + b2
print(f"loss before the step: {loss.item():.3f}")
print(f"loss after it:        {((guess - y) ** 2).mean().item():.3f}")

# %% [markdown]
# `with mg.no_grad()` says: this is no part of the guess, don't keep track of it.
#
# The factor 0.1 is the **learning rate**. With a tiny one it takes for ever; with a large one each step overshoots.
#
# ## The whole story
#
# Guess, measure, find which way, step. Then again, two thousand times. There is nothing more to it. What large networks
# add is size, and care.
#
# The names in this function exist in both libraries. So we hand in the library as well: `mg`, or `torch`.


# %%
def learn(library, start, steps, rate=0.1):
    """Fit the points, starting from the weights in `start`: the weights found, and the loss before every step."""
    x, y = library.tensor(x_data), library.tensor(y_data)
    w1, b1, w2, b2 = weights = [library.tensor(w, requires_grad=True) for w in start]
    losses = []
    for _ in range(steps):
        guess = (x @ w1 + b1).tanh() @ w2 + b2  # 1. guess
        loss = ((guess - y) ** 2).mean()  # 2. measure how wrong it is
        loss.backward()  # 3. find which way is worse, for every weight
        with library.no_grad():
            for w in weights:
                w -= rate * w.grad  # 4. go a little the other way
                w.grad = None  # and forget the slopes, before new ones are found
        losses.append(loss.item())
    return weights, losses


# %% [markdown]
# **Predict.** Both start from the same 25 numbers and see the same forty points. How long will their losses stay the
# same: one step, ten, a hundred, all two thousand?

# %%
import torch

start = [w.numpy() for w in start]
our_weights, our_losses = learn(mg, start, steps=2000)
their_weights, their_losses = learn(torch, start, steps=2000)

print("step   minigrad  PyTorch")
for step in (0, 1, 10, 100, 500, 1999):
    print(f"{step:4}   {our_losses[step]:8.3f}  {their_losses[step]:7.3f}")

# %% [markdown]
# The same, all the way. Not to the last bit: the two add up numbers in different orders, and a `float32` holds about
# seven digits, so the last one or two may differ.

# %%
ours = np.concatenate([w.detach().numpy().ravel() for w in our_weights])
theirs = np.concatenate([w.detach().numpy().ravel() for w in their_weights])

print("25 weights, after 2000 steps:")
print("equal to the last bit:", bool((ours == theirs).all()))
print("equal to 4 decimals:  ", np.allclose(ours, theirs, rtol=0, atol=5e-5))

# %% [markdown]
# **Try.** Put `mg.manual_seed(3)` where the weights were made, and run everything below again. From that start the
# learning rate is too large: after some hundred steps the loss begins to jump. Now tiny differences grow, and the two
# libraries go different ways. Equal programs stay equal only where learning is calm.
#
# ## See it learn
#
# We stop after 0, 20, 200 and 2000 steps, and look.

# %%
xs = mg.linspace(-2.5, 2.5, 200).reshape(200, 1)

figure, axes = plt.subplots(1, 4, figsize=(12, 3), sharey=True)
for axis, steps in zip(axes, (0, 20, 200, 2000)):
    w1, b1, w2, b2 = learn(mg, start, steps)[0]
    curve = (xs @ w1 + b1).tanh() @ w2 + b2
    axis.plot(x_data, y_data, ".", color="#0072B2")
    axis.plot(xs, curve.detach(), color="#D55E00", linewidth=2.5)
    axis.set(title=f"after {steps} steps", ylim=(-1.7, 1.7))
plt.tight_layout()
plt.show()

# %% [markdown]
# And the loss, step by step. Both axes count in powers of ten.

# %%
plt.figure(figsize=(8, 3))
plt.loglog(range(1, 2001), our_losses, color="#D55E00", linewidth=4, label="minigrad")
plt.loglog(range(1, 2001), their_losses, "--", color="black", label="PyTorch")
plt.axhline(0.01, color="grey", linestyle=":", label="the noise in the readings")
plt.xlabel("step")
plt.ylabel("loss")
plt.legend()
plt.show()

# %% [markdown]
# It cannot fall much below 0.01, and it should not. The readings miss the sine by about 0.1, and $0.1^2 = 0.01$. A
# curve with a smaller loss would be learning the noise. How to notice that, and what to do about it, is a chapter of
# its own.
#
# Look at the edges of the last picture: outside of $-2 \ldots 2$, where there were no points, the network makes
# something up. It gives no warning. Large networks don't either.
#
# ## What `backward()` walked along
#
# While the guess was computed, minigrad wrote down each operation and what it was given. Here is that record for one
# loss. Every box is a tensor: how it was made, its shape, its values. `grad` says how the loss changes with it: the
# slopes.

# %%
from minigrad.view import draw

w1, b1, w2, b2 = [mg.tensor(w, requires_grad=True) for w in start]
guess = (x @ w1 + b1).tanh() @ w2 + b2
loss = ((guess - y) ** 2).mean()

draw(loss, gradients=True, x=x, w1=w1, b1=b1, w2=w2, b2=b2, guess=guess, y=y, loss=loss)

# %% [markdown]
# From top to bottom the guess is computed. From bottom to top the slopes are.
#
# ## In everyday words
#
# What you saw by hand has names, the same in PyTorch: layers (`nn`), and optimizers (`optim`), which take the steps.

# %%
from minigrad import nn, optim

mg.manual_seed(0)
model = nn.Sequential(nn.Linear(1, 8), nn.Tanh(), nn.Linear(8, 1))
optimizer = optim.SGD(model.parameters(), lr=0.1)

for _ in range(2000):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()

print(model)
print(f"loss: {loss.item():.3f}")

# %% [markdown]
# ## What is yours now
#
# - **Network**: a formula with knobs, called parameters. **Loss**: how wrong it is, as one number. **Gradient**: how
#   the loss changes with every knob. **Step**: every knob a little against its slope.
# - Learning is these four, over and over. You have seen it in fifteen lines.
# - minigrad and PyTorch, given the same start, go the same way.
#
# What was left out: whether a network is good on points that it has *not* seen, which is what counts; and what it takes
# to do all this with millions of parameters and pictures instead of forty points.
#
# ## What comes next
#
# The chapters build on each other. Each has a lesson and its exercises.
#
# | what it is about | lesson | exercises |
# |---|---|---|
# | shapes, strides, broadcasting | [01 Tensors](01_tensors.ipynb) | [01](../exercises/01_tensors.ipynb) |
# | from inputs to outputs | [02 Forward](02_forward.ipynb) | [02](../exercises/02_forward.ipynb) |
# | what is recorded on the way | [03 Graphs](03_graphs.ipynb) | [03](../exercises/03_graphs.ipynb) |
# | how every slope is found at once | [04 Backprop](04_backprop.ipynb) | [04](../exercises/04_backprop.ipynb) |
# | how wrong, as a number | [05 Losses](05_losses.ipynb) | [05](../exercises/05_losses.ipynb) |
# | how to take a step | [06 Optimizers](06_optimizers.ipynb) | [06](../exercises/06_optimizers.ipynb) |
# | layers, and what they hold | [07 Modules](07_modules.ipynb) | [07](../exercises/07_modules.ipynb) |
# | batches, and where they come from | [08 Data](08_data.ipynb) | [08](../exercises/08_data.ipynb) |
# | why it does not learn | [09 First network](09_first_network.ipynb) | [09](../exercises/09_first_network.ipynb) |
# | one small filter, everywhere | [10 Convolution](10_convolution.ipynb) | [10](../exercises/10_convolution.ipynb) |
# | cats from ships | [11 CIFAR-10](11_cifar10.ipynb) | [11](../exercises/11_cifar10.ipynb) |
# | new pictures | [12 Generalization](12_generalization.ipynb) | [12](../exercises/12_generalization.ipynb) |
#
# Or read the source. It is meant to be read: `minigrad/ops/elementwise.py`, then `minigrad/graph.py`, then
# `minigrad/tensor.py`.
#
# Where are you? The dashboard knows.

# %% tags=["nbval-ignore-output"]
from minigrad.study import progress

progress()
