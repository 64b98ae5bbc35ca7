# %% [markdown]
# # 12 · Generalization: exercises
#
# *About an hour and a quarter.*
#
# Six tools against learning by heart, from one line to fifteen. `check` compares values, gradients, or whole
# trainings, step by step, with PyTorch's.
#
# Write your answer in place of each line with `raise`, run the cell, then the one below it. `hint(l1_penalty)` helps,
# in three rungs; `solution(l1_penalty)` shows ours, after you have passed.

# %% tags=["nbval-ignore-output"]
import numpy as np

import minigrad as mg
from minigrad.study import *

# %% [markdown]
# ## Two pulls
#
# ### The price of L1
#
# A number that is added to the loss: the more, the larger the weights. So it must be differentiable, like any part of a
# loss, and count every weight of every parameter.

# %% exercise="l1_penalty"

# %% [markdown]
# ### L2, without its price
#
# The other way to do it. Nobody needs to see the price itself; its slope is enough, and that is added to the gradients
# after `backward()`. Optimizers have this built in as `weight_decay`. Here you are between `backward()` and `step()`,
# and `check` compares where the steps lead with PyTorch's.

# %% exercise="weight_decay"

# %% [markdown]
# ## Two faces
#
# ### Batch norm
#
# The longest of this chapter. It works on tensors, and the engine finds the gradient by itself, as long as you let it
# see what it has to: in training, mean and variance depend on x. The running statistics, on the other hand, must stay
# out of the record, and be changed in place: they belong to the layer. When it passes, every `nn.BatchNorm2d` can run
# on it.

# %% exercise="batch_norm"

# %% [markdown]
# ## In time
#
# ### Early stopping
#
# Given the losses of epoch after epoch, say which was the best, and how many were run. The losses may come from a
# generator that trains for an epoch each time it is asked for the next:
#
#     best, ran = early_stopping((train_one_epoch() for _ in range(100)), patience=5)
#
# So who asks for one more than necessary wastes an epoch.

# %% exercise="early_stopping"

# %% [markdown]
# ## With fewer weights
#
# ### Which ones go
#
# Rank all weights of a layer by their size, and let the smallest go, as many as the share says. The mask says True for
# those that stay.

# %% exercise="magnitude_prune"

# %% [markdown]
# ### And stay away
#
# Prune, and train on with what is left. The optimizer knows nothing of masks, and has a memory of its own. `check`
# trains the same with PyTorch's `prune`, and compares all weights before each step and at the end.

# %% exercise="prune_and_finetune"

# %% [markdown]
# ## What is yours now
#
# All six, at work: a network with your batch norm learns a noisy curve from 40 points by heart. Your penalty, your
# decay and your masks are there; change what you like, and look at the two numbers.


# %%
def points(count, seed):
    rng = np.random.default_rng(seed)
    x = rng.uniform(-2, 2, (count, 1)).astype("float32")
    return mg.tensor(x), mg.tensor(np.sin(2 * x) + 0.3 * rng.normal(size=x.shape).astype("float32"))


def train(l1=0.0, decay=0.0, patience=50):
    """(loss on the points that it learns from, loss on others) after stopping early."""
    mg.manual_seed(0)
    (x, y), (other_x, other_y) = points(40, seed=1), points(200, seed=2)
    model = mg.nn.Sequential(
        mg.nn.Linear(1, 50),
        mg.nn.BatchNorm1d(50),
        mg.nn.Tanh(),
        mg.nn.Linear(50, 50),
        mg.nn.Tanh(),
        mg.nn.Linear(50, 1),
    )
    optimizer = mg.optim.Adam(model.parameters(), lr=0.01)
    seen = []

    def epoch():
        model.train()
        optimizer.zero_grad()
        loss = ((model(x) - y) ** 2).mean()
        (loss + l1 * l1_penalty(model.parameters())).backward()
        weight_decay(model.parameters(), decay)
        optimizer.step()
        model.eval()
        with mg.no_grad():
            seen.append((((model(x) - y) ** 2).mean().item(), ((model(other_x) - other_y) ** 2).mean().item()))
        return seen[-1][1]

    best, ran = early_stopping((epoch() for _ in range(300)), patience)
    return seen[best]


with using(batch_norm):
    for choice in ({"patience": 300}, {"l1": 0.003}, {"decay": 0.02}):
        known, new = train(**choice)
        print(choice, "on new points better than knowing nothing:", new < 0.5)

# %% [markdown]
# Which places in the library are yours by now?

# %% tags=["nbval-ignore-output"]
parts()
