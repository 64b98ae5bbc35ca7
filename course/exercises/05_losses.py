# %% [markdown]
# # 05 · Losses: exercises
#
# *About an hour and a half.*
#
# Here you build what a network learns from: the numbers that say how wrong it is. Each is a function of Tensors, with
# PyTorch's name, arguments and defaults. You need not write any gradients. Use Tensor operations all the way, and the
# engine finds them; `check` compares them with PyTorch's, too.
#
# Write your answer in place of the line with `raise`, run the cell, then the one below it. `hint(mse_loss)` helps, in
# three rungs; `solution(mse_loss)` shows ours, after you have passed.

# %% tags=["nbval-ignore-output"]
import numpy as np

import minigrad as mg
from minigrad.study import *

# %% [markdown]
# ## Many losses, one number
#
# A batch of examples gives a loss for each. `backward()` wants one number. Every loss of PyTorch has the argument
# `reduction` for that, and all of yours will call this function at their end.

# %% exercise="reduced"

# %% [markdown]
# ## Numbers to be predicted
#
# ### The squared error
#
# The oldest loss, and one line.

# %% exercise="mse_loss"

# %% [markdown]
# ### Huber's
#
# Squares let a single bad measurement outweigh all the others. This one is a square near 0 and a straight line further
# out, so that the pull of an example never exceeds `delta`.

# %% exercise="huber_loss"

# %% [markdown]
# ## Yes or no
#
# The network gives a raw score, and `sigmoid(score)` is the probability of a yes. The formula in the book takes two
# logarithms of it. At a score of 20 it gives infinity, and a gradient of `nan`. Yours has to be right at 1000, value
# and slope. Find the infinity on paper first.
#
# Then the two kinds of weights: `weight` multiplies each loss, `pos_weight` only what a yes costs. The mean divides by
# how many losses there are, whatever they weigh. And refuse shapes that differ.

# %% exercise="binary_cross_entropy_with_logits"

# %% [markdown]
# ## One of several classes
#
# ### Picking the label
#
# Given log-probabilities, a row for each example, the loss is the one at the label with its sign turned. That is
# quickly said. The work is in what counts: rows to be left out, classes that weigh more, and what the mean is divided
# by then.
#
# (PyTorch's also takes a class for each pixel of a picture, and so does the library's. Yours may keep to tables.)

# %% exercise="nll_loss"

# %% [markdown]
# ### Cross-entropy
#
# The loss of nearly every classifier: from raw scores to log-probabilities, and then your `nll_loss`. Here, too, scores
# of 1000 must do no harm, not even beside a row of small ones.
#
# Write the way from scores to log-probabilities out, with `amax`, `exp`, `sum` and `log`. One line more does
# `label_smoothing`: the smoothed loss is the same loss of another table.

# %% exercise="cross_entropy"

# %% [markdown]
# ## The detective
#
# Somebody's classifier runs, and you cannot see the program. You have what it handed to its loss function, the labels,
# and the loss it printed. Did it take softmax once, as it should, or twice, or not at all? Did it forget the logarithm?
#
# Each of these leaves its trace in the numbers. Work out which loss function would have printed that number, and
# whether it should have been given those outputs.

# %% exercise="spot_the_double_softmax"

# %% [markdown]
# ## What is yours now
#
# Five losses and their reduction. The library's own layers call them, as soon as you say so. Here is a line of scores
# for two classes, pushed about by the gradient of the library's cross-entropy, and of yours.


# %%
def ten_steps():
    scores = mg.tensor([[3.0, -1.0], [0.0, 0.0], [-2.0, 2.0]], requires_grad=True)
    labels, losses = mg.tensor([1, 0, 1]), []
    for _ in range(10):
        loss = mg.nn.functional.cross_entropy(scores, labels)
        loss.backward()
        with mg.no_grad():
            scores -= scores.grad
            scores.grad = None
        losses.append(round(loss.item(), 4))
    return losses


library = ten_steps()
with using(reduced, mse_loss, huber_loss, binary_cross_entropy_with_logits, nll_loss, cross_entropy):
    yours = ten_steps()
print("the same losses:", np.allclose(library, yours, atol=2e-4))

# %% [markdown]
# Which places in the library are yours by now?

# %% tags=["nbval-ignore-output"]
parts()
