# %% [markdown]
# # 01 · Tensors: exercises
#
# *About an hour, if you have read lesson 01.*
#
# Seven small functions, from the places in memory to a table of distances. You write them, and they are compared with
# PyTorch's, case by case.
#
# For each: **write** your answer in place of the line that raises, and run the cell with Shift+Enter. Then run the cell
# under it: **check** tries your function, and shows the first case that is not right yet, yours beside PyTorch's.
#
# Stuck? `hint(contiguous_strides)` gives a hint, and a further one each time you ask; the third is a skeleton.
# `solution(contiguous_strides)` shows an answer, and after yours is right it is worth a look.

# %%
import numpy as np

import minigrad as mg
from minigrad.study import *

# %% [markdown]
# ## 1. `contiguous_strides`
#
# A new tensor lies in memory in reading order. How far is it from an element to its neighbour, along each axis? For
# a table of 3 rows and 4 columns: 4 places to the next row, 1 to the next column, so `(4, 1)`.
#
# This is the first thing that PyTorch works out when it makes a tensor. Make it work for any number of axes, and then
# think of none at all.

# %% exercise="contiguous_strides"

# %% [markdown]
# ## 2. `flat_index`
#
# Shape, stride and offset are the notes on a tensor's lid. With these you can find any element: which place of the
# storage is it at? Every time you write `x[1, 2]`, something computes this.
#
# You don't need the shape for it. That is why a view, which has other strides and another offset, costs nothing.

# %% exercise="flat_index"

# %% [markdown]
# ## 3. `is_view`
#
# Two arrays may be two windows on one storage. Then a change through one shows in the other, and you had better know.
#
# Write a function that tells. It is given NumPy arrays, which is what minigrad's tensors hold in `data`. What counts is
# the storage, even if the two windows show no element in common: the upper half of a table and the lower half look into
# the same one. In the cases, `a` is a table of 4 rows and 3 columns, and x and y are made from it as shown.

# %% exercise="is_view"

# %% [markdown]
# ## 4. `broadcast_shape`
#
# The rule of broadcasting, which decides about every `+` and `*`: flush right; equal sizes, or one of them 1. Given the
# two shapes, say which shape the result has, or raise `ValueError` if there is none.
#
# Who can write this function can predict any shape. It is worth the minutes it takes.

# %% exercise="broadcast_shape"

# %% [markdown]
# ## 5. `outer`
#
# Broadcasting at work: the times table of two vectors, without a loop. From here on you are given minigrad's tensors,
# and give one back. What you know from lesson 01 works on them: `x[:, None]`, `x.unsqueeze(1)`, `+ - * / @`, `sum`,
# `sqrt` ... Gradients in a linear layer are outer products; you will meet this one again.

# %% exercise="outer"

# %% [markdown]
# ## 6. `pairwise_distance`
#
# How far is each of these points from each of those? Nearest neighbours and clusters begin with such a table, and
# attention, much later, with one like it. For a thousand points and a thousand others, a loop in Python takes a million
# turns. Broadcasting does it in three operations: give one set of points a new axis, subtract, and reduce along the
# coordinates. (The last case has that many points, and four seconds.)
#
# PyTorch's name for this is `torch.cdist`. Its own `pairwise_distance` is another thing: row 0 with row 0, row 1 with
# row 1, and no table.

# %% exercise="pairwise_distance"

# %% [markdown]
# ## 7. `one_hot`
#
# A network that tells cats from dogs from ships has three outputs, one for each class. The right answer is written in
# the same form, 1 for the class that it is and 0 for the others: one of them is hot.
#
# The labels may have any shape: a vector for a batch of pictures, a table for a batch of texts. The classes become a
# new axis at the end.

# %% exercise="one_hot"

# %% [markdown]
# ## What is yours now
#
# - You can say where in memory any element of any tensor lies, and who shares it.
# - You can predict the shape of what you write before you run it.
# - You can write without loops what others write with two. In Python this is the difference between slow and fast.
#
# In the next chapter tensors meet weights, and a network gives its first answers.
