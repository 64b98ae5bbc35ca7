# %% [markdown]
# # 04 · Backprop: exercises
#
# *About two hours; nobody does them in one sitting.*
#
# In the lesson you saw how `backward()` finds every slope in one go: each op knows its own small slope, and the engine
# walks back along the graph and multiplies. Here you build both, and at the end minigrad runs on what you built.
#
# Write your answer in place of the line with `raise`, run the cell, then the one below it. `hint(mul)` helps, in three
# rungs; `solution(mul)` shows ours, after you have passed; `show(mul)` shows how the library itself writes it.

# %% tags=["nbval-ignore-output"]
import numpy as np

import minigrad as mg
from minigrad import graph
from minigrad.study import *

# %% [markdown]
# ## Ops
#
# An op is a plain function of NumPy arrays. It returns its value, and then one **gradient function** for each input.
# Such a function takes `g`, the gradient that arrives: how the loss changes with each number of the value. It gives how
# the loss changes with each number of that input. By the chain rule, that is `g` times the op's own slope.
#
# Two things you need not care about. Where broadcasting stretched an input, give the gradient in the stretched
# shape; the engine brings it back. And where an input was used several times, the engine adds up.
#
# ### A sum
#
# The simplest op there is. If `x` goes up by a hair, so does `x + y`.

# %% exercise="add"

# %% [markdown]
# ### A product
#
# Each input's slope now depends on the other input. The gradient functions may use `x` and `y`: a function remembers
# what was around it when it was made. That is all the "saved for backward" there is.

# %% exercise="mul"

# %% [markdown]
# ### A power
#
# `x**2` in a loss is this op, with the plain number 2 for `y`. With an array for `y`, the exponent wants a gradient
# too.

# %% exercise="pow"

# %% [markdown]
# ### The exponential
#
# Softmax, sigmoid, probabilities: wherever numbers must become positive, there is an `exp`. Compute it once and use it
# twice.

# %% exercise="exp"

# %% [markdown]
# ### The logarithm
#
# It turns probabilities into losses: `-log(p)` is small where `p` is near 1, and grows without end as `p` nears 0.

# %% exercise="log"

# %% [markdown]
# ### The hyperbolic tangent
#
# An activation, and one whose slope can be written with its own value.

# %% exercise="tanh"

# %% [markdown]
# ### The rectifier
#
# The activation of most networks: what is negative becomes 0. At 0 itself it has no slope. Something must be chosen,
# and to give PyTorch's numbers we choose what PyTorch chose: 0.

# %% exercise="relu"

# %% [markdown]
# ### Adding up
#
# Here the value has another shape than the input. So has `g`: it has the value's. Bring it back.

# %% exercise="sum"

# %% [markdown]
# ### The matrix product
#
# Nearly all the time that a network takes is spent here. Let the shapes guide you: in most cases there is just one
# way to put `g` and the other matrix together that gives the shape you need.

# %% exercise="matmul"

# %% [markdown]
# ## The engine
#
# ### Undoing broadcasting
#
# Adding a bias of shape (3,) to a table of shape (2, 3) copies the bias to both rows. It was used twice, so its
# gradient is the sum of two. This function does that for any two shapes. It is why your ops were free to ignore it.

# %% exercise="unbroadcast"

# %% [markdown]
# ### The walk
#
# Now the heart of it, in ten lines. Start at the loss, with a gradient of 1, and walk back. At every tensor: give `g`
# to its gradient functions, bring what they return to the shape of the input with your `unbroadcast`, and add it to
# what the input has got already.
#
# `graph.topological_order(root)` gives all tensors of the graph, inputs before outputs (you wrote such a function in
# chapter 03). Walked from its end, it makes sure that nobody hands on a gradient before all of it has arrived.
#
# `check` compares every tensor's gradient with PyTorch's, from the loss back, and shows the first one that differs.

# %% exercise="backpropagate"

# %% [markdown]
# ### Trusting nobody
#
# A gradient can be checked without knowing any rule: turn each number a little, and look. It is slow and a bit rough,
# and it tells the truth about any function.

# %% exercise="numerical_gradient"

# %% [markdown]
# ## What is yours now
#
# Nine ops, the undoing of broadcasting, and the walk: an autograd engine. What passed is kept as a part, and minigrad
# can run on it. Here is the small network of lesson 00, taking ten steps, on the library's functions and on yours.


# %%
def ten_steps():
    x = mg.linspace(-2, 2, 40).reshape(40, 1)
    y = (x * 2).sin()
    w1, b1 = mg.linspace(-1, 1, 8).reshape(1, 8), mg.zeros(8)
    w2, b2 = mg.full((8, 1), 0.3), mg.zeros(1)
    weights = [w.requires_grad_() for w in (w1, b1, w2, b2)]
    losses = []
    for _ in range(10):
        loss = (((x @ w1 + b1).tanh() @ w2 + b2 - y) ** 2).sum()
        loss.backward()
        with mg.no_grad():
            for w in weights:
                w -= 0.005 * w.grad
                w.grad = None
        losses.append(round(loss.item(), 3))
    return losses


library = ten_steps()
with using(add, mul, pow, exp, log, tanh, relu, sum, matmul, unbroadcast, backpropagate):
    yours = ten_steps()
print("the same losses:", library == yours)

# %% [markdown]
# Which places in the library are yours by now? (`parts()` also lists what later chapters will bring.)

# %% tags=["nbval-ignore-output"]
parts()
