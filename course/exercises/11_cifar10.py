# %% [markdown]
# # 11 · CIFAR-10: exercises
#
# *About an hour.*
#
# You have all the pieces: tensors, ops, backprop, losses, optimizers, convolution. Here they come together in a network
# that sees. The exercises belong to the lesson [11 CIFAR-10](../notebooks/11_cifar10.ipynb).
#
# Write your answer in place of the line with `raise`, run the cell, then the one below it. `hint(conv_net)` helps, in
# three rungs; `solution(conv_net)` shows ours, after you have passed.

# %% tags=["nbval-ignore-output"]
import numpy as np

import minigrad as mg
from minigrad import graph, nn, optim
from minigrad.data import CIFAR10Subset
from minigrad.study import *

# %% [markdown]
# ## 1. A network, from a drawing in words
#
# Count the sizes through the layers before you write, as in chapter 10. One number is wanted that nobody tells you: how
# many inputs the last layer has.

# %% exercise="conv_net"

# %% [markdown]
# ## 2. The one that is often printed
#
# This network has been copied from page to page, with its mistakes. In the lesson they were found one by one. Without
# looking there: what is wrong with it, for CIFAR-10 and with `cross_entropy` as the loss?
#
# ```python
# class Printed(nn.Module):
#     def __init__(self):
#         self.conv1 = nn.Conv2d(1, 32, 3, 1)
#         self.conv2 = nn.Conv2d(32, 64, 3, 1)
#         self.dropout1 = nn.Dropout2d(0.25)
#         self.fc1 = nn.Linear(9216, 128)
#         self.dropout2 = nn.Dropout2d(0.5)
#         self.fc2 = nn.Linear(128, 10)
#
#     def forward(self, x):
#         x = F.relu(self.conv2(F.relu(self.conv1(x))))
#         x = self.dropout1(F.max_pool2d(x, 2))
#         x = self.dropout2(F.relu(self.fc1(x.flatten(1))))
#         return F.log_softmax(self.fc2(x), dim=1)
# ```

# %% exercise="fix_the_cnn"

# %% [markdown]
# ## 3. An epoch
#
# The loop that trains everything in this course, and the two numbers that one looks at. (In the printed program, the
# mean loss is divided by the wrong count.)

# %% exercise="train_epoch"

# %% [markdown]
# ## 4. What is taken for what?
#
# A share of right answers does not say what goes wrong. This table does.

# %% exercise="confusion_matrix"

# %% [markdown]
# ## 5. On your parts
#
# How much of a computation runs on functions that you wrote? The graph can tell.

# %% exercise="on_my_parts"

# %% [markdown]
# ## What is yours now
#
# A network that sees, its training, and an eye for its mistakes. Here they are together, on 500 of the pictures that
# come along: your network, your loop, your table.

# %%
pictures = CIFAR10Subset(train=True)
x = (pictures.images[:500].astype("float32") / 255 - 0.47) / 0.25
labels = pictures.labels[:500]
batches = [(mg.tensor(x[i : i + 50]), mg.tensor(labels[i : i + 50])) for i in range(0, 500, 50)]

mg.manual_seed(0)
model = conv_net(10)
optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
first, _ = train_epoch(model, nn.functional.cross_entropy, optimizer, batches)
for _ in range(7):
    last, right = train_epoch(model, nn.functional.cross_entropy, optimizer, batches)
print("the loss fell by more than a quarter:", last < 0.75 * first)

# %%
with mg.no_grad():
    guesses = model(mg.tensor(x)).argmax(1).numpy()
table = confusion_matrix(guesses, labels, 10)
print("counted:", int(table.sum()), " right:", "more than a third" if np.trace(table) > 167 else "fewer")

# %% [markdown]
# The whole CNN of the lesson can train on your parts, in a terminal: `python -m minigrad cifar10 --parts`.
