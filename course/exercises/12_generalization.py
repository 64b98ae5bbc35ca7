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
# All six, at work. A network with your batch norm has 40 noisy points to learn a curve from; the true one is grey. Left
# alone, it bends after single points. Then it is stopped early, with nothing else, with your L1, with your decay. And
# last, of the one that was left alone nine in ten weights of its large layer go, and it is trained on with the others.

# %%
import matplotlib.pyplot as plt

rng = np.random.default_rng(3)
x = rng.uniform(-2, 2, (80, 1)).astype("float32")
y = (np.sin(2 * x) + 0.4 * rng.normal(size=x.shape)).astype("float32")
known, new = (mg.tensor(x[:40]), mg.tensor(y[:40])), (mg.tensor(x[40:]), mg.tensor(y[40:]))
line = mg.linspace(-2, 2, 200).reshape(200, 1)


def error(model, points):
    return ((model(points[0]) - points[1]) ** 2).mean()


def curve(model):
    with mg.no_grad():
        return model.eval()(line).numpy()


def train(patience, l1=0.0, decay=0.0):
    """The trained network, its optimizer, and the best curve on the way."""
    mg.manual_seed(0)
    layers = mg.nn.Linear(1, 64), mg.nn.BatchNorm1d(64), mg.nn.Tanh(), mg.nn.Linear(64, 64), mg.nn.Tanh()
    model = mg.nn.Sequential(*layers, mg.nn.Linear(64, 1))
    optimizer = mg.optim.Adam(model.parameters(), lr=0.01)
    curves = []

    def epoch():
        for _ in range(10):
            optimizer.zero_grad()
            (error(model.train(), known) + l1 * l1_penalty(model.parameters())).backward()
            weight_decay(model.parameters(), decay)
            optimizer.step()
        curves.append(curve(model))
        with mg.no_grad():
            return error(model, new).item()

    best, ran = early_stopping((epoch() for _ in range(60)), patience)
    return model, optimizer, curves[best]


with using(batch_norm):
    model, optimizer, stopped = train(patience=60)
    pictures = {"left alone": curve(model), "stopped early": stopped}
    pictures["stopped, with L1"] = train(patience=8, l1=0.002)[2]
    pictures["stopped, with decay"] = train(patience=8, decay=0.01)[2]
    weights = [p for p in model.parameters() if p.numel() > 1000]
    masks = prune_and_finetune(weights, 0.9, optimizer, lambda: error(model.train(), known), 100)
    pictures["left alone, then pruned"] = curve(model)

figure, axes = plt.subplots(1, 5, figsize=(15, 3), sharey=True)
for axis, (name, learned) in zip(axes, pictures.items()):
    axis.plot(*known, "o", color="#0072B2", markersize=4)
    axis.plot(line, np.sin(2 * line.numpy()), color="gray", linewidth=1)
    axis.plot(line, learned, color="#D55E00", linewidth=2)
    axis.set_title(name)
plt.tight_layout()
plt.show()
print("weights that are exactly 0:", sum(int((p == 0).sum()) for p in weights), "of", sum(p.numel() for p in weights))

# %% [markdown]
# With a tenth of its large layer the last network does what it did with all of it, and still bends after single points:
# pruning makes a network smaller, not wiser.
#
# Which places in the library are yours by now?

# %% tags=["nbval-ignore-output"]
parts()
