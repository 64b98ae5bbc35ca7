# %% [markdown]
# # 07 · Modules: exercises
#
# *About an hour and a half, in as many sittings as you like.*
#
# You build the box that keeps the knobs, three layers that stand on it, the start that keeps signals alive, and saving
# and loading. Read the [lesson](../notebooks/07_modules.ipynb) first, up to where it names the exercise.
#
# Write your answer in place of each line with `raise`, run the cell, then the one below it. `hint(Module)` helps, in
# three rungs; `solution(Module)` shows ours, after you have passed; `show(nn.Module)` shows the library's.
#
# Some answers here are random. `check` looks at laws that hold whatever is drawn: shapes, ranges, shares, averages.

# %% tags=["nbval-ignore-output"]
import math

import numpy as np

import minigrad as mg
from minigrad import models, nn
from minigrad.study import *

# %% [markdown]
# ## The box
#
# ### `Module`
#
# An optimizer wants a list of everything that is learned. A `Module` can give it, without being told: it looks through
# its own attributes. Those that are an `nn.Parameter` are learned. Those that are modules themselves are asked in turn.
#
# There are five small methods to write. Begin with `named_modules`, for the others are loops over what it gives. You
# can check as soon as that one is there: what is still missing is named.
#
# Two things are easy to get wrong. One parameter may hang in the tree in two places, and has to be listed once. And the
# order counts: a module's own parameters come before those of the modules inside it.

# %% exercise="Module"

# %% [markdown]
# It is enough for a small network. This one has no layers at all, only boxes in boxes, and learns the line $2x + 1$:
#
# ```python
# class Line(Module):
#     def __init__(self):
#         self.weight, self.bias = nn.Parameter(mg.zeros(1)), nn.Parameter(mg.zeros(1))
#
#     def forward(self, x):
#         return self.weight * x + self.bias
#
# line, x = Line(), mg.linspace(-1, 1, 20)
# optimizer = mg.optim.SGD([parameter for _, parameter in line.named_parameters()], lr=0.1)
# for _ in range(200):
#     optimizer.zero_grad()
#     ((line(x) - (2 * x + 1)) ** 2).mean().backward()
#     optimizer.step()
# print(line.named_parameters())
# ```
#
# The exercises below stand on the library's own `nn.Module`, which finds things in the same way. So each of them works
# whether or not this one is done, and what you build fits into the library's networks.

# %% [markdown]
# ## Layers
#
# ### `Linear`
#
# The layer of which nearly everything is made: `x @ weight.T + bias`, the formula of chapter 02 with its knobs in a
# box. The weight has a row for each result, as in PyTorch. Its numbers begin at random, in PyTorch's range.

# %% exercise="Linear"

# %% [markdown]
# ### `Sequential`
#
# One module after the other. It has no parameters of its own, and has to make sure that those of its modules are found.

# %% exercise="Sequential"

# %% [markdown]
# ### `Dropout`
#
# In training it sets numbers to 0, each by its own chance; in use it does nothing. The next layer adds up what it gets,
# and is to find sums of the same size in both. So what is kept has to grow: by how much?

# %% exercise="Dropout"

# %% [markdown]
# ## The start
#
# ### `kaiming_uniform_`
#
# In the lesson you watched ten layers swallow a signal, blow it up, or hand it on. What decides is how far the weights
# of a layer lie from 0, given how many numbers go into each result. This function fills a weight so that relu layers
# hand signals on as large as they got them.

# %% exercise="kaiming_uniform_"

# %% [markdown]
# ## Saving and loading
#
# ### `state_dict`
#
# What a network knows is numbers. Give each its name, and they can be saved, sent, compared, or put into the same
# network of another library.

# %% exercise="state_dict"

# %% [markdown]
# ### `load_state_dict`
#
# The way back. It is the moment to be strict: weights in the wrong place make a network that runs and is wrong, and
# nobody sees it. So look at everything first, and change nothing before all is well.

# %% exercise="load_state_dict"

# %% [markdown]
# ## What is yours now
#
# A framework's skeleton: a box that finds its knobs, layers, a good start, saving and loading. Here they work together.
# Your layers make a network, your start fills it, and your functions carry its numbers to PyTorch and back.

# %%
mg.manual_seed(0)
net = Sequential(Linear(8, 16), nn.ReLU(), Dropout(0.2), Linear(16, 1))
for layer in net.children():
    if isinstance(layer, Linear):
        kaiming_uniform_(layer.weight)
net.eval()

import torch

theirs = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.ReLU(), torch.nn.Dropout(0.2), torch.nn.Linear(16, 1))
theirs.load_state_dict({name: torch.tensor(value.numpy()) for name, value in state_dict(net).items()})
theirs.eval()

x = mg.randn(5, 8)
print("PyTorch gives the same:", np.allclose(net(x).detach(), theirs(torch.tensor(x.numpy())).detach(), atol=1e-5))

fresh = Sequential(Linear(8, 16), nn.ReLU(), Dropout(0.2), Linear(16, 1)).eval()
load_state_dict(fresh, {name: mg.tensor(value.numpy()) for name, value in theirs.state_dict().items()})
print("and back again:        ", np.allclose(net(x).detach(), fresh(x).detach(), atol=1e-6))

# %% [markdown]
# Three of these have their place in the library. Inside `using`, minigrad's own network for CIFAR-10, which chapter 11
# trains, is built with your layers. (Its convolutions are a matter for chapter 10.)

# %%
with using(Linear, Sequential, Dropout):
    cnn = models.CNN().eval()
print("yours:", ", ".join(name for name, module in cnn.named_modules() if isinstance(module, (Linear, Dropout))))
print("a picture gets", cnn(mg.randn(1, 3, 32, 32)).shape[1], "scores")
