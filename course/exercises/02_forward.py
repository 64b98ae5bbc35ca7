# %% [markdown]
# # 02 · Forward: exercises
#
# *About 50 minutes.*
#
# Here you build the forward pass: the layer, the activations, softmax, a whole network, and the count of its right
# answers. Each is two or three lines. They belong to the lesson [02 Forward](../notebooks/02_forward.ipynb).
#
# Every exercise has two cells. Write your answer in the first and run it. Run the second, which says `check(...)`: it
# tries your answer on several cases, compares with PyTorch, and says what is wrong first. Then change your answer, and
# run both again.
#
# Stuck? `hint(linear)` gives a nudge; call it again, and it says more. When it passes, `solution(linear)` shows ours,
# and other ways that are right.
#
# Inputs are Tensors, as in the lesson. The same code would run on PyTorch's. Libraries have these functions ready-made,
# of course; use what they are made of: `@`, `+`, `exp`, `log`, `sum`, `clamp` ... Do not write into what you are given.

# %% tags=["nbval-ignore-output"]
import numpy as np

import minigrad as mg
from minigrad.study import *

# %% [markdown]
# ## 1. `linear`: a layer
#
# Nearly all the weights of nearly all networks sit in functions like this one. It is a product of matrices, and a bias
# that is added to every row.
#
# Write down the three shapes before you begin, and the one you want: (N, K), (F, K), (F,), and (N, F). Then there is
# only one way in which they fit, except when K and F happen to be equal. The check will try that, too.

# %% exercise="linear"

# %% [markdown]
# ## 2. `relu`: the bend
#
# Without it, a network of a hundred layers is a single layer. With it, it can follow any curve.
#
# One thing to think about: what should come out for `nan`? If something went wrong in an earlier layer, do you want to
# see it at the end, or not?

# %% exercise="relu"

# %% [markdown]
# ## 3. `sigmoid`: between 0 and 1
#
# A sigmoid makes a probability of any score: is it a cat, yes or no? On paper it is one short formula. On a computer,
# `exp` is too large for a `float32` already at 89. Yours should give a number, and the right one, at 1000 and at −1000.

# %% exercise="sigmoid"

# %% [markdown]
# ## 4. `softmax`: shares
#
# Which of ten? Softmax turns ten scores into ten shares that add up to 1. Every network that chooses among classes, or
# among words, has one at its end.
#
# Two things go wrong here, even for people who have done it before: `exp` of a large score, and which axis is which. A
# sum along an axis loses that axis, unless you keep it.

# %% exercise="softmax"

# %% [markdown]
# ## 5. `log_softmax`: the logarithm of a share
#
# This is what a loss really uses (chapter 05): how surprised one is at the right answer. A network that is sure of the
# wrong thing gives the right one a tiny share, too tiny for a `float32`. Its logarithm is an ordinary number all the
# same, if you never write the share down.

# %% exercise="log_softmax"

# %% [markdown]
# ## 6. `mlp`: a network
#
# Now put them together. Layers come as a list, so that the same function runs a network of one layer or of fifty. This
# kind is called a **multilayer perceptron**. Use your own `linear` and `relu`.
#
# The second case of the check is a small wonder: four weights, 1, −1, 1 and 1, and the network computes |x|.

# %% exercise="mlp"

# %% [markdown]
# ## 7. `accuracy`: how often is it right?
#
# The number everybody asks for. The answer for an example is the class with the largest score; the accuracy is how
# often that is the label.
#
# It comes with a trap that has made bad networks look good, and good ones bad. Labels often arrive as a column, of
# shape (N, 1). Compare a column with a row, and broadcasting makes N × N comparisons out of N, without a word. So ask
# about the shape first.

# %% exercise="accuracy"

# %% [markdown]
# ## What is yours now
#
# - A forward pass: `linear`, `relu` and `mlp` are enough to run any network of this kind, and `accuracy` judges it.
# - `softmax`, `log_softmax` and `sigmoid` that survive what real networks feed them.
# - Three habits: write the shape beside every line; keep the axis you sum along when you divide by the sum; never take
#   `exp` of a large number.
#
# Try your network on the pictures of the lesson: in place of the two layers there, `mlp(x, [(w1, b1), (w2, b2)])`. Why
# some weights are better than others, and how to find them, is what the next chapters are about.
