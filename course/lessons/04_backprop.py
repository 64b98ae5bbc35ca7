# %% [markdown]
# # 04 · Backprop
#
# *About 45 minutes.*
#
# A network learns by turning its knobs a little, each against its slope (that was lesson 00). This lesson is about how
# all those slopes are found in one go. At the end you will
#
# - know the chain rule as a thing that a program does, not only as a formula;
# - know what PyTorch and minigrad write down while you compute, and how `backward()` reads it;
# - be able to say what `.grad` holds when a tensor was used twice, stretched, or when `backward()` ran twice;
# - be able to check any gradient, trusting nobody.
#
# Everything is run in real PyTorch too.

# %% tags=["nbval-ignore-output"]
import textwrap

import matplotlib.pyplot as plt
import numpy as np
import torch

import minigrad as mg
from minigrad import graph, ops
from minigrad.study import check
from minigrad.tensor import apply
from minigrad.view import debug, draw, show

# %% [markdown]
# ## 1. A slope
#
# Our learner is as small as can be: one weight $w$, one bias $b$, one example. For $x = 2$ it should say $1$.
#
# $$\text{loss} = (w\,x + b - 1)^2$$
#
# Say that now $w = 3$ and $b = -1$. Then it says 5, which is 4 too much, and the loss is 16.
#
# How does the loss change with $w$? Turn $w$ by a little $h$, look, and divide by $h$. That is a **slope**.


# %%
def loss_at(w, b, x=2.0, target=1.0):
    return (w * x + b - target) ** 2


h = 0.001
print("loss:          ", loss_at(3, -1))
print("slope along w: ", round((loss_at(3 + h, -1) - loss_at(3, -1)) / h, 3))
print("slope along b: ", round((loss_at(3, -1 + h) - loss_at(3, -1)) / h, 3))

# %%
ws = np.linspace(-0.5, 4.2, 100)
plt.figure(figsize=(7, 3.2))
plt.plot(ws, loss_at(ws, -1), color="#0072B2", linewidth=2.5, label="the loss, as w turns")
plt.plot(ws, 16 + 16 * (ws - 3), "--", color="#D55E00", label="a line of slope 16")
plt.plot(3, 16, "o", color="black", markersize=8, label="we are here")
plt.ylim(-3, 40)
plt.xlabel("w")
plt.ylabel("loss")
plt.legend()
plt.show()

# %% [markdown]
# About 16 along $w$, and about 8 along $b$. The smaller $h$, the nearer to 16 and 8. We want to get these without
# trying.
#
# ## 2. The chain rule
#
# Cut the formula into steps so small that each has a slope one knows by heart:
#
# | step | value | its own slope |
# |---|---|---|
# | $a = w \cdot x$ | 6 | along $w$: $x = 2$ |
# | $s = a + b$ | 5 | along $a$: 1, along $b$: 1 |
# | $d = s - 1$ | 4 | along $s$: 1 |
# | $\text{loss} = d^2$ | 16 | along $d$: $2d = 8$ |
#
# If $w$ turns by a hair, $a$ turns by 2 hairs, so do $s$ and $d$, and the loss by $8 \cdot 2 = 16$ hairs. Slopes along
# a chain multiply, like gears. That is the **chain rule**:
#
# $$\frac{\partial\,\text{loss}}{\partial w}
# = \frac{\partial\,\text{loss}}{\partial d} \cdot \frac{\partial d}{\partial s}
# \cdot \frac{\partial s}{\partial a} \cdot \frac{\partial a}{\partial w}
# = 8 \cdot 1 \cdot 1 \cdot 2 = 16$$

# %% [markdown]
# In which order should one multiply? The product is the same, the work is not. Start at the loss, and carry one number
# backwards: **how much the loss changes with what I hold now**. Where the chain forks, to $a$ and to $b$, the number
# carried so far serves both.
#
# So one sweep from the end gives the slopes along *all* knobs. From the other end, each knob would need a sweep of its
# own. This backward sweep is **backpropagation**. Here it is by hand; `g_d` is how the loss changes with `d`.

# %%
w, x, b, target = 3.0, 2.0, -1.0, 1.0
a = w * x
s = a + b
d = s - target
loss = d**2

g_loss = 1.0  # the loss changes one for one with itself
g_d = g_loss * 2 * d  # loss = d**2
g_s = g_d * 1  # d = s - target
g_a, g_b = g_s * 1, g_s * 1  # s = a + b
g_w = g_a * x  # a = w * x

print("along w:", g_w, "  along b:", g_b)

# %% [markdown]
# ## 3. One gradient function per input
#
# In the listing above every line needs only its own operation: the number that arrives, times that operation's own
# slope. So each operation can bring its backward part along. In minigrad an **op** is a plain function of arrays. It
# returns its value, and then one **gradient function** for each input. Here is how the library multiplies:

# %%
show(ops.mul)

# %% [markdown]
# `g` is what arrives: how much the loss changes with the product. `g * y` is what goes on to `x`.
#
# **Predict.** What are the three results of `ops.mul(3.0, 2.0)`? And if `g` is 8, what goes to `x`, what to `y`?

# %%
value, grad_x, grad_y = ops.mul(3.0, 2.0)

print("value:", value)
print("to x: ", grad_x(8.0))
print("to y: ", grad_y(8.0))

# %% [markdown]
# The others look the same. A sum hands `g` on to both as it is; a difference hands `-g` to the second. A square gives
# `g * (2 * x)`. Nobody needs to know what comes before or after.
#
# Are they PyTorch's? We let random numbers arrive, and compare.

# %%
rng = np.random.default_rng(0)
x, y, g = rng.uniform(0.5, 2, (3, 5))

for name, inputs in {"add": 2, "sub": 2, "mul": 2, "div": 2, "square": 1, "exp": 1, "log": 1, "tanh": 1}.items():
    arrays = [x, y][:inputs]
    value, *gradients = getattr(ops, name)(*arrays)
    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    theirs = torch.autograd.grad(getattr(torch, name)(*tensors), tensors, torch.tensor(g))
    print(f"{name:7}", "the same:", all(np.allclose(f(g), t) for f, t in zip(gradients, theirs)))

# %% [markdown]
# Now you. The [exercises of this chapter](../exercises/04_backprop.ipynb) begin with nine ops: `add`, `mul`, `pow`,
# `exp`, `log`, `tanh`, `relu`, `sum` and `matmul`. Stop here for the first two, and come back.
#
# `check` puts your op beside PyTorch's. Here is a `mul` with a mistake that many make. **Predict**: is its value
# wrong, or a gradient? (`seed=0` draws the same numbers each time, and with `note=False` your progress takes no note.)


# %%
def mul(x, y):
    return x * y, lambda g: g * x, lambda g: g * y


try:
    check(mul, seed=0, note=False)
except AssertionError as error:
    print(error)

# %% [markdown]
# It found the first thing that is wrong, in the first case where it shows, and it knew the mistake.
#
# ## 4. The record
#
# `ops.mul` knows arrays only. Somebody must remember which ops ran, on what. That is `apply`. A Tensor's `*` calls
# `apply(ops.mul, self, other)`, its `+` calls `apply(ops.add, self, other)`, and so on.
#
# This is the most important function in the library. The maths is in the ops, the bookkeeping is in the graph, and here
# they meet.

# %%
show(apply)

# %% [markdown]
# From the top: take the arrays out of the tensors; let the op compute (and make its errors readable); wrap the value.
# The two lines about views let tensors on the same memory notice each other's changes. Then, if any input needs a
# gradient, `record` notes on the new tensor `op`, `inputs` and `gradients`: who made it, from what, and how to go back.
# That is the whole record. Each tensor knows its own past, and nobody keeps a list.
#
# **Predict.** `w` and `b` are knobs, `x` and `target` are not. For which inputs will there be no gradient function?

# %%
w = mg.tensor(3.0, requires_grad=True)
b = mg.tensor(-1.0, requires_grad=True)
x, target = mg.tensor(2.0), mg.tensor(1.0)

a = w * x
s = a + b
d = s - target
loss = d**2

for name, tensor in {"a": a, "s": s, "d": d, "loss": loss}.items():
    inputs = [i.item() for i in tensor.inputs]
    kept = ["kept" if gradient else "none" for gradient in tensor.gradients]
    print(f"{name:5} {tensor.op.__name__:7} of {str(inputs):13} gradient functions: {', '.join(kept)}")

# %% [markdown]
# What nobody will ask for is not kept. Seen as a picture, the record is a **graph**: boxes, and lines from each box to
# what was made from it. `draw` walks it from the loss back through `inputs`, nothing more.
#
# A thick blue outline is a **leaf** that wants a gradient. A dashed outline is a constant. Along solid lines gradients
# will come back. None has yet: `grad` says –.

# %%
draw(loss, w=w, x=x, b=b, target=target, a=a, s=s, d=d, loss=loss)

# %% [markdown]
# ## 5. Back, step by step
#
# Now the way back. `graph.backpropagate` is a **generator**: it hands out one tensor at a time, as soon as its gradient
# is final, and waits. `backward()` is little more than a loop over it. Let us be that loop, and take four steps.

# %%
names = {w: "w", x: "x", b: "b", target: "target", a: "a", s: "s", d: "d", loss: "loss"}

steps = graph.backpropagate(loss, np.ones_like(loss.data), retain_graph=True)
so_far = {}
for _ in range(4):
    tensor, g = next(steps)
    so_far[tensor] = g
    print(f"{names[tensor]:5} gradient {g}")

draw(loss, gradients=so_far, w=w, x=x, b=b, target=target, a=a, s=s, d=d, loss=loss)

# %% [markdown]
# The loss is first, with 1. Then `d` has $1 \cdot 2d = 8$, and so on down. **Predict** the last two, then let it
# finish.

# %%
for tensor, g in steps:
    so_far[tensor] = g
    print(f"{names[tensor]:5} gradient {g}")

draw(loss, gradients=so_far, w=w, x=x, b=b, target=target, a=a, s=s, d=d, loss=loss)

# %% [markdown]
# 16 and 8, as by hand. `x` and `target` got nothing, for nothing was asked for there.
#
# Now at your own pace. `debug` lets the same generator run once, writes down every step, and shows them to you one by
# one: first forward, then back. Run the cell; press **Step**, or the right arrow key. Click a box to see what it was
# sent, by whom, and the rule by which it sends on: the source you have read, with the real numbers in it.

# %%
debug(loss)

# %% [markdown]
# In daily life one says `loss.backward()`, and the results are put into `.grad`. The same in PyTorch:

# %%
loss.backward()

torch_w = torch.tensor(3.0, requires_grad=True)
torch_b = torch.tensor(-1.0, requires_grad=True)
((torch_w * 2.0 + torch_b - 1.0) ** 2).backward()

print("minigrad:", w.grad.item(), b.grad.item())
print("PyTorch: ", torch_w.grad.item(), torch_b.grad.item())

# %% [markdown]
# **Exercise.** You have seen all that the engine does on such a graph. Can you write it? `backpropagate` in the
# [exercises](../exercises/04_backprop.ipynb) is ten lines. Read the next two sections first; they hold its two traps.
#
# And this is the library's, whole. It never looks inside an op. Two of its habits are the next two sections:
# `grads[source] + g` (a tensor used twice) and `fitted` (one that was stretched).

# %%
show(graph.backpropagate)

# %% [markdown]
# ## 6. Used twice: gradients add up
#
# **Predict.** At $x = 3$, what is the gradient of $x \cdot x$? Remember how `mul` treats its inputs one by one.

# %%
x = mg.tensor(3.0, requires_grad=True)
y = x * x

draw(y, gradients=True, x=x, y=y)

# %% [markdown]
# Each of the two lines brings back $1 \cdot 3$, and the engine adds: 6. It must, for if $x$ turns by a hair, the
# product turns by 3 hairs through its left hand and by 3 through its right. **A turn reaches the loss along every path,
# so the gradients of all paths are added.** An engine that says `=` where it should say `+` answers 3 here, and is a
# classic.
#
# Hence also the order. A tensor may be handed out only when everybody who used it has reported. Below, `c` is used by
# `e`, and twice by `d`; it has to wait for all three. Step back through it, and watch the gradient of `c` while it says
# *(1 of 3)*. Its list of who sent what is complete before it hands on anything.

# %%
x = mg.tensor(3.0, requires_grad=True)
c = x * 2
d = c * c
e = c + d

debug(e)

# %% [markdown]
# The gradient of `c` is 1 (from `e`) plus $6 + 6$ (from `d`, twice), 13 in all. Then `x` gets $2 \cdot 13 = 26$.
#
# An order in which every box comes after its inputs is called **topological**; the engine walks it from the end. So it
# calls each gradient function once, however many paths there are.
#
# **Predict.** We double a number 50 times, by `x + x`. How many paths lead from the end to the start? How many tensors
# will the engine hand out?

# %%
x = mg.tensor(1.0, requires_grad=True)
y = x
for _ in range(50):
    y = y + y

yielded = list(graph.backpropagate(y, np.ones_like(y.data)))
print("paths:             ", 2**50)
print("tensors handed out:", len(yielded))
print("gradient of x:     ", int(yielded[-1][1]))

# %% [markdown]
# Had we gone back path by path, by a function that calls itself, we would still be waiting.
#
# ## 7. `.grad` adds up too
#
# **Predict.** We compute $5x$ and call `backward()`, then $7x$ and call it again. What is in `x.grad`?

# %%
x = mg.tensor(1.0, requires_grad=True)
(5 * x).backward()
(7 * x).backward()

torch_x = torch.tensor(1.0, requires_grad=True)
(5 * torch_x).backward()
(7 * torch_x).backward()

print("minigrad:", x.grad.item())
print("PyTorch: ", torch_x.grad.item())

# %% [markdown]
# It is 12: `backward()` adds to what is there. This is handy when a batch is too large for the memory and goes through
# in parts. It is also the reason for `optimizer.zero_grad()` in every training loop, and forgetting that line is a
# classic, too: each step then follows the sum of all gradients so far.

# %% [markdown]
# ## 8. Stretched: broadcasting undone
#
# Four rows of data, three columns, and one bias per column. In `data + bias` the bias (3 numbers) is **broadcast**:
# used again for each of the four rows. So this, too, is a tensor used several times.
#
# **Predict.** The loss is the sum of all 12 numbers. What is the gradient of the bias? Which shape must it have?

# %%
data = mg.zeros(4, 3)
bias = mg.tensor([1.0, 2.0, 3.0], requires_grad=True)
loss = (data + bias).sum()
loss.backward()

torch_bias = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
(torch.zeros(4, 3) + torch_bias).sum().backward()

print("minigrad:", bias.grad.tolist())
print("PyTorch: ", torch_bias.grad.tolist())

# %% [markdown]
# Each bias was used four times, so its gradient is $1 + 1 + 1 + 1 = 4$. A gradient always has the shape of its tensor.
#
# `ops.add` knows nothing of this: it hands on `g` as it came, twelve numbers. The engine sees that the shape is not
# that of the bias and undoes the stretching. Where something was *copied* on the way there, gradients are *added* on
# the way back.


# %%
def cells(axis, numbers, title, colour):
    """A small table of numbers, drawn."""
    rows, columns = numbers.shape
    axis.pcolormesh(numbers * 0, cmap=plt.matplotlib.colors.ListedColormap([colour]), edgecolors="white", linewidth=3)
    for (row, column), number in np.ndenumerate(numbers):
        axis.text(column + 0.5, row + 0.5, f"{number:g}", ha="center", va="center", fontsize=13)
    axis.set(title=title, xlim=(0, 3), ylim=(4, 0), aspect="equal")
    axis.axis("off")


numbers = bias.detach().numpy()
figure, axes = plt.subplots(1, 4, figsize=(11, 3.2))
cells(axes[0], numbers[None], "bias (3,)", "#CFE5F3")
cells(axes[1], np.tile(numbers, (4, 1)), "copied to (4, 3)", "#CFE5F3")
cells(axes[2], np.ones((4, 3)), "g arrives (4, 3)", "#F8D9C0")
cells(axes[3], np.full((1, 3), 4.0), "added up to (3,)", "#F8D9C0")
plt.show()

# %% [markdown]
# **Exercise.** `unbroadcast(g, shape)` does that for any two shapes. Try it before you read on; here is the library's.

# %%
show(graph.unbroadcast)

# %% [markdown]
# NumPy's rule, and PyTorch's: shapes are compared from the right; missing axes are new; an axis of length 1 is
# stretched. So sum over the new axes and over the stretched ones. Four cases, the last of them a single number:

# %%
for shape in [(3,), (4, 1), (2, 1, 3), ()]:
    array = rng.normal(size=shape).astype("float32")
    other = rng.normal(size=(4, 3)).astype("float32")

    x = mg.tensor(array, requires_grad=True)
    (x * mg.tensor(other)).sum().backward()
    torch_x = torch.tensor(array, requires_grad=True)
    (torch_x * torch.tensor(other)).sum().backward()

    same = np.allclose(x.grad.numpy(), torch_x.grad.numpy(), atol=1e-5)
    print(f"{str(shape):10} gradient of shape {str(x.grad.shape):10} as in PyTorch: {same}")

# %% [markdown]
# ## 9. Leaves and what lies between
#
# A **leaf** was made by you; an **intermediate** tensor was made by an op. `backward()` stores gradients in leaves
# only. Those in between were needed for a moment, to go on, and are dropped. If you want one, say so beforehand:
# `retain_grad()`.

# %%
x = mg.tensor(3.0, requires_grad=True)
dropped = x * 2
kept = dropped * dropped
kept.retain_grad()
(kept + 1).backward()

print("x      ", "leaf" if x.is_leaf else "intermediate", x.grad)
print("dropped", "leaf" if dropped.is_leaf else "intermediate", dropped.grad)
print("kept   ", "leaf" if kept.is_leaf else "intermediate", kept.grad)

# %% [markdown]
# PyTorch draws the same line. (It also warns when you ask for the `.grad` of an intermediate; we look away.)

# %%
import warnings

torch_x = torch.tensor(3.0, requires_grad=True)
torch_dropped = torch_x * 2
torch_kept = torch_dropped * torch_dropped
torch_kept.retain_grad()
(torch_kept + 1).backward()

with warnings.catch_warnings(action="ignore"):
    print(torch_x.grad, torch_dropped.grad, torch_kept.grad)

# %% [markdown]
# ## 10. `backward()` twice
#
# To go back, arrays must be kept: `mul` needs both of its inputs. In training that is often most of the memory. So
# `backward()` lets go of the record while it walks.
#
# **Predict.** What happens if we call it again on the same loss?

# %%
x = mg.tensor(3.0, requires_grad=True)
y = x * x
y.backward()

try:
    y.backward()
except RuntimeError as error:
    print(textwrap.fill(f"minigrad: {error}", 100))

torch_x = torch.tensor(3.0, requires_grad=True)
torch_y = torch_x * torch_x
torch_y.backward()
try:
    torch_y.backward()
except RuntimeError as error:
    print("PyTorch raises as well:", "second time" in str(error))

# %% [markdown]
# With `retain_graph=True` the record stays, and a second `backward()` adds the same again. You need that when two
# losses share a part of their graph. If you meet the error without wanting two sweeps, something from the last step has
# crept into this one: often a running total that should have been `loss.item()`.

# %%
x = mg.tensor(3.0, requires_grad=True)
y = x * x
y.backward(retain_graph=True)
y.backward()

torch_x = torch.tensor(3.0, requires_grad=True)
torch_y = torch_x * torch_x
torch_y.backward(retain_graph=True)
torch_y.backward()

print("minigrad:", x.grad.item(), "  PyTorch:", torch_x.grad.item())

# %% [markdown]
# What exactly is let go? The inputs and the gradient functions, and with them every array in between that nobody else
# holds. We look through a **weak reference**, which watches a tensor without keeping it alive.

# %%
import weakref

x = mg.tensor([1.0, 2.0, 3.0], requires_grad=True)
hidden = x.exp()
watched = weakref.ref(hidden)
loss = hidden.sum()
del hidden

print("before: inputs", len(loss.inputs), "  gradients", len(loss.gradients), "  hidden alive:", watched() is not None)
loss.backward()
print("after:  inputs", len(loss.inputs), "  gradients", loss.gradients, "  hidden alive:", watched() is not None)

# %% [markdown]
# ## 11. Without a record: `no_grad`
#
# Where no gradient will be asked for, nothing should be kept: when you measure how good a network is, and when you turn
# the knobs. Inside `no_grad` nothing is recorded.

# %%
x = mg.tensor(3.0, requires_grad=True)
with mg.no_grad():
    y = x * x

torch_x = torch.tensor(3.0, requires_grad=True)
with torch.no_grad():
    torch_y = torch_x * torch_x

print("minigrad:", y.requires_grad, y.is_leaf)
print("PyTorch: ", torch_y.requires_grad, torch_y.is_leaf)

# %% [markdown]
# A step of learning changes a leaf in place. While recording is on that is refused, in both libraries: the record would
# then speak of a number that is no longer there.

# %%
x.grad, torch_x.grad = mg.tensor(6.0), torch.tensor(6.0)

for name, tensor in {"minigrad": x, "PyTorch": torch_x}.items():
    try:
        tensor -= 0.1 * tensor.grad
    except RuntimeError as error:
        print(textwrap.fill(f"{name} refuses: {error}", 100))

# %% [markdown]
# Inside `no_grad` it is allowed; that is how optimizers do it. But a loss that was computed before no longer fits:
# `mul` kept the 3, and `x` is now 4.
#
# **Predict.** Will `backward()` give $2 \cdot 3$, or $2 \cdot 4$?

# %%
for name, library in {"minigrad": mg, "PyTorch": torch}.items():
    x = library.tensor(3.0, requires_grad=True)
    y = x * x
    with library.no_grad():
        x += 1
    try:
        y.backward()
    except RuntimeError as error:
        reason = str(error).split(":")[0]  # PyTorch goes on about versions
        print(textwrap.fill(f"{name} refuses: {reason}", 100))

# %% [markdown]
# Neither. No answer is better than a wrong one, and so both libraries count the writes to every tensor and compare.
#
# ## 12. Trust nobody: check a gradient
#
# Section 1 had a way to find slopes that needs no rules at all: turn, and look. It is slow and inexact, but it knows
# nothing about the engine, so it makes a good judge. Turn each number of an array up by $h$, then down by $h$, and
# divide the difference by $2h$. (It is the last exercise of this chapter; write yours first, if you like to find out.)


# %%
def numerical_gradient(f, x, h=1e-5):
    """How the number f(x) changes with each element of the array x, found by trying."""
    gradient = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = h
        gradient[place] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient


# %% [markdown]
# The patient: a formula with a tensor that is used three times, stretched, and sent through several ops. In `float64`,
# which has about 16 digits.

# %%
matrix = rng.normal(size=(4, 3))


def f(library, row):
    """One number from a row of three: in minigrad or in PyTorch."""
    scores = library.tensor(matrix) * row + row.exp()
    return (scores.tanh() ** 2).mean() + (row * row).sum()


row = rng.normal(size=3)
x = mg.tensor(row, requires_grad=True)
f(mg, x).backward()
torch_x = torch.tensor(row, requires_grad=True)
f(torch, torch_x).backward()

found_by_trying = numerical_gradient(lambda array: f(mg, mg.tensor(array)).item(), row)
print("minigrad and trying agree to 8 digits:  ", np.allclose(x.grad.numpy(), found_by_trying, rtol=1e-8))
print("minigrad and PyTorch agree to 12 digits:", np.allclose(x.grad.numpy(), torch_x.grad.numpy(), rtol=1e-12))

# %% [markdown]
# With PyTorch almost to the last digit, with trying only to ten or so. Could trying do better with a smaller $h$?
#
# **Predict.** As $h$ goes from 0.1 down to $10^{-14}$, what happens to the error of trying?

# %%
hs = np.logspace(-1, -14, 40)
errors = [np.abs(numerical_gradient(lambda a: f(mg, mg.tensor(a)).item(), row, h) - x.grad.numpy()).max() for h in hs]

plt.figure(figsize=(7, 3.4))
plt.loglog(hs, errors, "o-", color="#0072B2", markersize=4)
plt.gca().invert_xaxis()
plt.text(2e-3, 1e-4, "the curve is bent:\nerror like $h^2$")
plt.text(1e-10, 1e-9, "digits cancel:\nerror like $1/h$")
plt.xlabel("h")
plt.ylabel("largest error")
plt.show()

# %% [markdown]
# First it shrinks: the straight line fits the curve better. Then it grows: $f(x + h)$ and $f(x - h)$ agree in more and
# more of their 16 digits, and the difference is made of the few that are left. The best $h$ is near $10^{-5}$. In
# `float32`, with its 7 digits, trying is good for four digits at best; so check in `float64`.
#
# ## 13. Kinks
#
# Where a curve has a corner, there is no slope, and each library has to say *something*. `relu` is 0 on the left and
# $x$ on the right.
#
# **Predict.** Its slope at exactly 0, by backprop? By trying?

# %%
xs = np.linspace(-1, 1, 101)
plt.figure(figsize=(5, 2.8))
for slope in (0, 0.25, 0.5, 0.75, 1):
    plt.plot(xs, slope * xs, color="#D55E00", linewidth=1, alpha=0.6)
plt.plot(xs, np.maximum(xs, 0), color="#0072B2", linewidth=3)
plt.title("relu, and some lines that touch it at its corner")
plt.ylim(-0.6, 1)
plt.xticks([-1, 0, 1])
plt.yticks([0, 1])
plt.show()

x = mg.tensor(0.0, requires_grad=True)
x.relu().backward()
torch_x = torch.tensor(0.0, requires_grad=True)
torch_x.relu().backward()
print("minigrad:", x.grad.item(), "  PyTorch:", torch_x.grad.item())
print("by trying:", numerical_gradient(lambda a: max(a.item(), 0.0), np.array(0.0)).item())

# %% [markdown]
# Any slope from 0 to 1 touches the corner, so none is wrong. PyTorch chose 0, and minigrad follows PyTorch in every
# such choice. Trying sees both sides and says 0.5: a judge to be kept away from corners.
#
# Here are more choices. Two equal numbers share, when it is about *the value*; but `max(dim)` also names *the place*,
# and that is the first one.

# %%
kinks = {
    "abs at 0": ([0.0], lambda x: x.abs()),
    "clamp at its bound": ([1.0], lambda x: x.clamp(max=1.0)),
    "sqrt at 0": ([0.0], lambda x: x.sqrt()),
    "amax of equals": ([2.0, 2.0, 1.0], lambda x: x.amax()),
    "max(dim) of equals": ([2.0, 2.0, 1.0], lambda x: x.max(0).values),
}
for name, (numbers, function) in kinks.items():
    x = mg.tensor(numbers, requires_grad=True)
    torch_x = torch.tensor(numbers, requires_grad=True)
    function(x).sum().backward()
    function(torch_x).sum().backward()
    print(f"{name:19} minigrad {str(x.grad.tolist()):16} PyTorch {torch_x.grad.tolist()}")

# %% [markdown]
# The infinite slope of `sqrt` hides a trap. Below, `where` takes the root only of positive numbers, and the result at 0
# is a clean 0. **Predict** the gradient there.

# %%
x = mg.tensor([0.0, 4.0], requires_grad=True)
root = mg.where(x > 0, x.sqrt(), 0.0)
root.sum().backward()
torch_x = torch.tensor([0.0, 4.0], requires_grad=True)
torch.where(torch_x > 0, torch_x.sqrt(), 0.0).sum().backward()

print("value:   ", root.tolist())
print("minigrad:", x.grad.tolist())
print("PyTorch: ", torch_x.grad.tolist())

# %% [markdown]
# `where` sends 0 back to the root it did not choose, and `sqrt` multiplies by its slope there: $0 \cdot \infty$ is
# `nan`, not a number. One `nan` in a gradient ruins every knob it reaches. The cure is to make the number safe *before*
# the root: `where(x > 0, x, 1.0).sqrt()`, and then choose.

# %%
x = mg.tensor([0.0, 4.0], requires_grad=True)
safe = mg.where(x > 0, x, 1.0).sqrt()
mg.where(x > 0, safe, 0.0).sum().backward()

print(x.grad.tolist())

# %% [markdown]
# ## 14. All of it at once
#
# A real network: two layers, eight examples, a loss. Nothing new happens. Ops bring their gradient functions, `apply`
# records, the engine walks back; only the boxes hold arrays now instead of numbers: their shape, the smallest and the
# largest, and a strip of colours, blue below zero and orange above. What a layer computes stands in a frame.

# %%
from minigrad import nn

mg.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 1))
inputs, targets = mg.randn(8, 3), mg.randn(8, 1)
loss = nn.functional.mse_loss(model(inputs), targets)

debug(loss)

# %%
loss.backward()

torch_model = torch.nn.Sequential(torch.nn.Linear(3, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1))
torch_model.load_state_dict({name: torch.tensor(p.numpy()) for name, p in model.state_dict().items()})
outputs = torch_model(torch.tensor(inputs.numpy()))
torch.nn.functional.mse_loss(outputs, torch.tensor(targets.numpy())).backward()

for (name, ours), theirs in zip(model.named_parameters(), torch_model.parameters()):
    same = np.allclose(ours.grad.numpy(), theirs.grad.numpy(), rtol=1e-4, atol=1e-6)
    print(f"{name:9} {str(ours.shape):8} gradient as in PyTorch: {same}")

# %% [markdown]
# ## What is left out
#
# - Gradients of gradients (PyTorch's `create_graph=True`).
# - Sweeping forwards, one sweep per knob: better when there are few knobs and many results.
# - Speed. The ops here call NumPy; the shape of the engine is the same in PyTorch, where it is written in C++.
#
# ## What is yours now
#
# - **Chain rule**: slopes along a chain multiply; slopes of different paths add.
# - **An op** brings its value and one gradient function per input. It never looks further than itself.
# - **`apply`** runs the op and records it on the result: `op`, `inputs`, `gradients`. That is the graph.
# - **The engine** walks from the loss in topological order, hands each tensor its final gradient, adds where several
#   arrive, and sums where something was stretched.
# - **`.grad`** is kept in leaves, adds up over calls, and has the shape of its tensor.
# - **The record** is let go by `backward()`, unless you retain it, and is not made inside `no_grad`.
# - **A judge**: turn a little, both ways, in `float64`, away from corners.
#
# And from the [exercises](../exercises/04_backprop.ipynb): nine ops, the undoing of broadcasting and the walk, written
# by you. `with using(my_parts()):` runs minigrad on them, and `parts()` says which of its places are yours by now.
#
# The code that you saw is the code that runs: `minigrad/ops/`, `minigrad/graph.py` and `minigrad/tensor.py`. Next:
# [05 Losses](05_losses.ipynb), and where they come from.
