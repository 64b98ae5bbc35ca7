# %% [markdown]
# # 09 · The first network: exercises
#
# *About an hour and a quarter.*
#
# Here you write the loop that trains, and the measurement that goes with it. Then you mend a program that has been
# printed too often, and build a doctor: a function that looks at what was recorded of a training, and says what is
# wrong with it.
#
# Write your answer in place of the line with `raise`, run the cell, then the one below it. `hint(train_step)` helps, in
# three rungs; `solution(train_step)` shows ours, after you have passed.

# %% tags=["nbval-ignore-output"]
import matplotlib.pyplot as plt
import numpy as np

import minigrad as mg
from minigrad import nn, optim
from minigrad.nn import functional as F
from minigrad.study import *
from minigrad.study.chapters.first_network import five_runs, recorded

# %% [markdown]
# ## The loop
#
# ### One step
#
# All of training is this step, done again and again. It has five parts, and they have an order. Your function must not
# care what the model, the loss and the optimizer are: they are handed in.

# %% exercise="train_step"

# %% [markdown]
# ### All batches, many times
#
# Going through all batches once is an **epoch**. What one wants to see is one loss for each epoch: the mean over all
# its rows. Mind the last batch. It is often smaller than the others.

# %% exercise="fit"

# %% [markdown]
# ### How good is it?
#
# A measurement must not change what it measures. The model should behave as in use, nothing should be recorded, and
# afterwards everything should be as it was, the mode too.

# %% exercise="evaluate"

# %% [markdown]
# ## The printed program
#
# In one form or another, this is on many pages. It is to say yes or no to rows of ten numbers.
#
# ```python
# class Net(nn.Module):
#     def __init__(self):
#         super().__init__()
#         self.fc1 = nn.Linear(10, 5)
#         self.fc2 = nn.Linear(5, 1)
#
#     def forward(self, x):
#         x = F.relu(self.fc1(x))
#         return self.fc2(x)
#
# criterion = nn.BCELoss()
# optimizer = optim.SGD(net.parameters(), lr=0.01)
# for epoch in range(100):
#     optimizer.zero_grad()
#     outputs = net(inputs)
#     loss = criterion(outputs, labels)
#     loss.backward()
#     optimizer.step()
# ```
#
# Some of its names are never made. The loss is given what it cannot take. And once it runs, it hardly learns. Write it
# so that it is right and learns, as a function that gets the inputs and the labels. You may use your `fit`. There is
# more than one way to mend it: net and loss are judged together.

# %% exercise="fix_the_classifier"

# %% [markdown]
# ## Five runs that do not learn
#
# Below are the records of five trainings. Each is broken in one way. The names A to E are dealt out by chance. In grey,
# a run of the same kind that is in order.

# %%
runs, in_order = five_runs("ring", seed=1), recorded("ring", seed=1)


def row_of_pictures(label, values, **limits):
    """A picture for each run: values(run), over the steps."""
    figure, axes = plt.subplots(1, len(runs), figsize=(13, 2.4), sharey=True, layout="constrained")
    for axis, (name, run) in zip(axes, runs.items()):
        axis.plot(values(in_order), color="#888888", linewidth=1)
        axis.plot(values(run), color="#D55E00", linewidth=2)
        axis.set(title=f"run {name}", xlabel="step", **limits)
    axes[0].set_ylabel(label)
    plt.show()


row_of_pictures("loss", lambda run: run.loss, ylim=(0, 2))
row_of_pictures("length of the gradient", lambda run: run.gradient_norm, ylim=(0, 6))

# %% [markdown]
# There is more in a record: `run.hidden`, what the relu gave, and `run.handed_on`, what dropout made of it, both as
# (steps, rows, units). Draw what you want to know, such as `lambda run: (run.hidden > 0).mean((1, 2))`. Decide for
# yourself what is wrong with each of the five.
#
# Then write down how you decided, as rules. `check` tries them on other runs: the same causes, other data, other names.
# Where a rule fails, it says which runs those were, such as `five_runs("corners", seed=7)`: draw them, and look.

# %% exercise="why_no_learning"

# %% [markdown]
# And the five above? If the rules are good, they say what you had thought.

# %%
for name, (cause, fix) in why_no_learning(runs).items():
    print(f"run {name}: {cause:24} {fix}")

# %% [markdown]
# ## What is yours now
#
# - The loop that trains, in five lines, and an honest measurement.
# - A classifier that is right: scores into the loss, targets of the same shape and type, a rate that leads somewhere.
# - A doctor for runs. When one of your own networks does not learn, record what `Record` records, and ask the same
#   questions in the same order.
