# %% [markdown]
# # 03 · Graphs: exercises
#
# *About 70 minutes, in as many sittings as you like.*
#
# You write the recorder, and then the tools that read a recording: find where it began, put it in order, run it again,
# make a plan of it. None of them needs more than a dozen lines. Read the [lesson](../notebooks/03_graphs.ipynb) first,
# at least up to where it names the exercise.
#
# How it goes: write your answer in place of `raise NotImplementedError(...)`, run the cell, run the check below it. It
# says what is right, and what is not, beside what was expected. Stuck? `hint(record)` gives a nudge; ask again for
# more. `solution(record)` shows ours, once yours passes. An exercise that you leave out does not stop you: later ones
# bring along what they need.

# %% tags=["nbval-ignore-output"]
import numpy as np

import minigrad as mg
from minigrad.study import *

# %% [markdown]
# ## The recorder
#
# Everything in this chapter rests on one small habit: whoever computes something writes on the result how it was made.
# `record` does both. It runs an op, here any function of NumPy arrays, and returns a Tensor that remembers.
#
# A Tensor is an ordinary Python object. `out = mg.Tensor(array)` makes one, `out.data` is its array, and you may set
# its `requires_grad`, `op` and `inputs`. At first they are `False`, `None` and `()`.
#
# Two questions to think about. When is there nothing to write? And what would break if you kept the arrays of the
# inputs instead of the inputs?

# %% exercise="record"

# %% [markdown]
# A formula of your own, recorded by you, and read back:
#
# ```python
# a = mg.tensor(3.0, requires_grad=True)
# y = record(np.add, record(np.square, a), 1)
# print(y.item(), y.op.__name__, y.inputs[0].op.__name__, y.inputs[0].inputs[0] is a)
# ```

# %% [markdown]
# ## Where it began
#
# From a result one can walk back, through inputs and their inputs. The walk ends at the tensors that no op made: the
# **leaves**. There lie the weights, which are to learn, and the data, which are given. Who wants to run a recording
# again has to know them all.
#
# Two traps lie on the way. A tensor may be used in many places, but is one tensor. And not every input is a tensor: in
# `2 * a` one of them is the number 2.
#
# How does one ask "have I been here"? Put tensors in a **set**. A list will not do: `t in some_list` compares with
# `==`, and for tensors `==` compares the numbers in them.

# %% exercise="leaves"

# %% [markdown]
# ## In which order
#
# Whoever computes must begin at the inputs; whoever sends gradients back must begin at the end. Both need the tensors
# in an order in which **nobody comes before one of their own inputs**. That is a topological order.
#
# This time only the stops of the way back are asked for: tensors that require a gradient. A constant is none.
#
# There is a second demand. Recordings can be long, for a loop that ran 5,000 times leaves a chain of 5,000. A function
# that calls itself for each step gets stuck there (`RecursionError`). So keep a list of what is still to be done. It is
# the most difficult exercise of the chapter, and the most useful: the engine of minigrad has such a function, and will
# run on yours.

# %% exercise="topological_order"

# %% [markdown]
# ## Once more, with other numbers
#
# A recording can be played again. Take other values for some of the leaves, and let each recorded op run anew: on new
# arrays, in order, inputs first. Here both of your functions pay off.
#
# One of the checks replays a program with an `if` in it. Before you look: what will come out when the new number would
# have taken the other branch?

# %% exercise="replay"

# %% [markdown]
# ## As long as it takes
#
# The shortest of all. A loop runs until the numbers are small enough, so nobody can say beforehand how many operations
# there will be. With a library that records while it runs, there is nothing to do but write the loop.

# %% exercise="unrolled"

# %% [markdown]
# Look at what you have made. How far do the graphs of two neighbours differ?
#
# ```python
# from minigrad.view import draw
#
# draw(unrolled(mg.tensor(3.9, requires_grad=True)))
# draw(unrolled(mg.tensor(4.0, requires_grad=True)))
# ```

# %% [markdown]
# ## A plan for a machine
#
# Last, leave Python behind. The machine that you write for has numbered places and follows instructions, such as
#
# ```python
# ("mul", (0, 1), 2)
# ```
#
# *take what is in places 0 and 1, multiply, put the result into place 2*. The leaves are already there, in places 0, 1,
# 2 ..., in the order in which your `leaves` gives them. The machine knows no tensors and no names, and it cannot decide
# anything. This is all of it:
#
# ```python
# def follow(plan, places):
#     for op, inputs, output in plan:
#         places[output] = getattr(mg.ops, op)(*[places[i] for i in inputs])[0]
#     return places[output]
# ```
#
# Turn a recorded graph into a plan. The check follows it, on the numbers that were recorded and on others.

# %% exercise="static_plan"

# %% [markdown]
# Does it pass? Then think further:
#
# - How few places can a plan do with? A place may be used again once nobody will read it any more. The check accepts
#   such plans.
# - In `2 * a` the 2 is a plain number, and a sum has options, such as the axis. The instructions have no room for
#   either. Where would you put them?
# - Make a plan of `unrolled(mg.tensor(5.0, requires_grad=True))` with your extension. For which other starts does it
#   give what the program gives?
#
# ## What is yours now
#
# - **`record`**: what happens at every operation of minigrad, and of PyTorch.
# - **`topological_order`**: a part. When `backward()` comes along in chapter 04, it can go along your order.
# - **`leaves`, `replay`, `static_plan`**: what can be done with a recording, apart from gradients. Files for
#   other machines (ONNX, `torch.export`) hold such a plan, with options and shapes added.
# - **`unrolled`**: a graph that depends on the data. A plan of it is right for some starts and wrong for the others.
