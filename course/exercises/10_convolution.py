# %% [markdown]
# # 10 · Convolution: exercises
#
# *About an hour and a half.*
#
# A convolution is one small idea: the same few weights, laid on every place of a picture. Here you write it twice. Once
# with loops, so that nothing is hidden; and once as one sum of products, with its gradients, as the library does it.
# They belong to the lesson [10 Convolution](../notebooks/10_convolution.ipynb).
#
# Write your answer in place of the line with `raise`, run the cell, then the one below it. `hint(windows)` helps, in
# three rungs; `solution(windows)` shows ours, after you have passed. Inputs are NumPy arrays.

# %% tags=["nbval-ignore-output"]
import numpy as np

import minigrad as mg
from minigrad.models import CNN
from minigrad.study import *

# %% [markdown]
# ## 1. How often does it fit?
#
# Many errors with convolutions are about sizes. This one formula prevents them.

# %% exercise="output_size"

# %% [markdown]
# ## 2. With loops
#
# One picture, all filters, every place. It is slow, and it is the definition.

# %% exercise="conv2d_loops"

# %% [markdown]
# ## 3. All windows at once
#
# To be quick, NumPy must see the whole work at once. So collect what lies under the filter, at every place, in one
# array of six axes. (Chapter 01 knows how this can be done without copying a number.)

# %% exercise="windows"

# %% [markdown]
# ## 4. And back
#
# `windows` uses each pixel several times. You know from chapter 04 what that means for its gradient.

# %% exercise="scatter"

# %% [markdown]
# ## 5. The convolution, as an op
#
# With windows, a convolution is a sum of products over three letters: channel, row and column of the window. And each
# of its gradients is the same string of letters, rearranged. Use your `windows` and your `scatter`.
#
# The value comes first, then the gradient functions of `x` and of `w`, as in chapter 04.

# %% exercise="conv2d"

# %% [markdown]
# ## 6. Pooling
#
# Of every tile only the largest number goes on. Its gradient goes back to where that number was, and nowhere else. And
# if two are equally large? PyTorch takes the first, in reading order.

# %% exercise="max_pool2d"

# %% [markdown]
# ## 7. What does a unit see?
#
# Deep in a network, one number depends on a whole patch of the picture. How large is the patch?

# %% exercise="receptive_field"

# %% [markdown]
# ## What is yours now
#
# The two ops in which a network that sees spends nearly all its time. Both can stand in for the library's: here its own
# CNN makes its scores for four pictures with your `conv2d` and `max_pool2d`.

# %%
mg.manual_seed(0)
model, pictures = CNN().eval(), mg.randn(4, 3, 32, 32)
with mg.no_grad():
    library = model(pictures)
    with using(conv2d, max_pool2d):
        yours = model(pictures)
print("the same scores:", mg.allclose(library, yours, atol=1e-5))
