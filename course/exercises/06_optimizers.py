# %% [markdown]
# # 06 · Optimizers: exercises
#
# *About an hour and a half.*
#
# In the lesson you saw the rules by which networks are trained. Here you write them, each by a line or two more than
# the one before it. `check` lets your optimizer and PyTorch's take the same steps from the same place, and shows the
# first step after which they differ.
#
# Write your answer in place of each line with `raise`, run the cell, then the one below it. `hint(SGD)` helps, in three
# rungs; `solution(SGD)` shows ours, after you have passed.

# %% tags=["nbval-ignore-output"]
import numpy as np

import minigrad as mg
from minigrad import optim
from minigrad.study import *

# %% [markdown]
# ## A step against the slope
#
# ### The plain rule
#
# An optimizer is an object that knows the parameters and changes them. `step()` takes each of them to `p - lr *
# p.grad`; `zero_grad()` forgets the gradients. Three methods, of one to four lines each. Think of three things: what
# you are given may be a generator; a parameter may have no gradient; and a step is no part of the loss, so it must not
# be recorded.

# %% exercise="SGD"

# %% [markdown]
# ### Momentum
#
# Now only the rule, as a plain function of arrays, which gives the new place and the new velocity. The loop around it
# is the same as in your SGD. The velocity is what has to be remembered from step to step: for each parameter an array
# of its shape.

# %% exercise="momentum"

# %% [markdown]
# ### Nesterov's momentum
#
# The velocity is as before; only the direction of the step differs. It counts in how far the next step will roll
# anyway, and so brakes earlier.

# %% exercise="nesterov"

# %% [markdown]
# ## A rate for each knob
#
# ### RMSprop
#
# From here on the loop, the memory and `zero_grad()` come from the library: a rule is a class made from
# `optim.Optimizer`, just as in PyTorch. Its `__init__` hands over the parameters and the settings. All that is left to
# write is `update`, which is called for one parameter at a time, with arrays. It gives nothing back: it changes the
# array `p` in place, and puts what it wants to remember into the dict `state`.

# %% exercise="RMSprop"

# %% [markdown]
# ### Adam
#
# Momentum's idea for the direction, RMSprop's for the length, and both averages corrected for having started at 0. It
# and its kin have been the most used rules for ten years.

# %% exercise="Adam"

# %% [markdown]
# ### AdamW
#
# Weights that shrink by themselves, past the averages. You make it from your `Adam`; `super().update(...)` calls that
# one's rule.

# %% exercise="AdamW"

# %% [markdown]
# ## Around the step
#
# ### A schedule
#
# The rate for each step: up along a line, then down along half a cosine. Most large language models were trained with
# a curve like this.

# %% exercise="cosine_schedule"

# %% [markdown]
# ### Clipping
#
# Between `backward()` and `step()`: if all gradients together are too long, make them shorter, all by one factor. The
# name ends with `_`, as names in PyTorch do of what changes things in place.

# %% exercise="clip_grad_norm_"

# %% [markdown]
# ## What is yours now
#
# The optimizers of nearly every network that is trained today. Here are your rules in the library's place, fitting a
# sine with a small network and clipped gradients: thirty steps each, with the library's and with yours.


# %%
def thirty_steps(make_optimizer):
    x = mg.linspace(-2, 2, 40).reshape(40, 1)
    y = (x * 2).sin()
    w1, b1 = mg.linspace(-1, 1, 8).reshape(1, 8), mg.zeros(8)
    w2, b2 = mg.full((8, 1), 0.3), mg.zeros(1)
    weights = [w.requires_grad_() for w in (w1, b1, w2, b2)]
    optimizer = make_optimizer(weights)
    for _ in range(30):
        optimizer.zero_grad()
        loss = (((x @ w1 + b1).tanh() @ w2 + b2 - y) ** 2).mean()
        loss.backward()
        mg.nn.utils.clip_grad_norm_(weights, 0.5)
        optimizer.step()
    return loss.item()


choices = {
    "SGD": lambda params: optim.SGD(params, lr=0.1),
    "momentum": lambda params: optim.SGD(params, lr=0.1, momentum=0.9),
    "nesterov": lambda params: optim.SGD(params, lr=0.1, momentum=0.9, nesterov=True),
    "RMSprop": lambda params: optim.RMSprop(params, lr=0.02),
    "Adam": lambda params: optim.Adam(params, lr=0.05),
    "AdamW": lambda params: optim.AdamW(params, lr=0.05),
}
for name, make_optimizer in choices.items():
    library = thirty_steps(make_optimizer)
    with using(SGD, momentum, nesterov, RMSprop, Adam, AdamW, clip_grad_norm_):
        yours = thirty_steps(make_optimizer)
    print(f"{name:9} loss {yours:.3f}, the same as the library's: {np.isclose(yours, library)}")

# %% [markdown]
# Which places in the library are yours by now?

# %% tags=["nbval-ignore-output"]
parts()
