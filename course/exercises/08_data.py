# %% [markdown]
# # 08 · Data: exercises
#
# *About an hour and a quarter.*
#
# In the lesson you saw the way from a list of pairs to a loader. Here you build it: first the three parts of a loader,
# then what is done to pictures, and at the end the loader itself. Arrays go in and arrays come out; no network is near.
#
# Much of this is random, and a random answer cannot be compared with another. So `check` asks for **laws**: does every
# number come just once? Is it the same again from the same seed? Where a draw is agreed on to the letter, it compares
# the numbers, too.
#
# Write your answer in place of the line with `raise`, run the cell, then the one below it. `hint(batches)` helps, in
# three rungs; `solution(batches)` shows ours, after you have passed.

# %% tags=["nbval-ignore-output"]
import matplotlib.pyplot as plt
import numpy as np

import minigrad as mg
from minigrad.data import CIFAR10Subset, DataLoader, transforms
from minigrad.study import *
from minigrad.view.pictures import picture_grid

# %% [markdown]
# ## The parts of a loader
#
# ### Batches
#
# A dataset's samples have numbers, and an order of samples is a list of those numbers. Cut it. PyTorch has this too, as
# `BatchSampler`.

# %% exercise="batches"

# %% [markdown]
# ### An order from a seed
#
# The order has to be random, and one must be able to have it again. And a good guest leaves the house as it was: the
# random numbers that the rest of a program draws should not change because you shuffled.

# %% exercise="shuffled"

# %% [markdown]
# ### A batch of samples
#
# You have the samples of a batch, one by one. The network wants one array of all x's, and one of all y's.

# %% exercise="collate"

# %% [markdown]
# ## Pictures on their way
#
# A transform is made once, with its settings, and then called with picture after picture. In Python that is a class
# with two methods: `__init__` for the settings, and `__call__` for the call.
#
# ### Normalized
#
# One line of mathematics. What matters is which axis the mean meets: the wrong one often fits as well, and nobody tells
# you.

# %% exercise="Normalize"

# %% [markdown]
# ### A window
#
# Put zeros around the picture, and cut out a window somewhere. A network that has seen a ship in many places looks for
# the ship, not for the place.
#
# The transform draws from a generator that it is given. That makes it easy to test: two generators with the same seed
# give the same windows, provided that everybody draws in the same order. Here: the row first, then the column.

# %% exercise="RandomCrop"

# %% [markdown]
# ### A mirror
#
# Left for right, for some pictures and not for others. One draw for each picture.

# %% exercise="RandomHorizontalFlip"

# %% [markdown]
# ## The loader
#
# Now put the parts together. Your `batches`, `shuffled` and `collate` are there to be used. Where does the seed of each
# epoch come from, so that every epoch is different, and all of them follow from one number?
#
# With a `yield` in it, `__iter__` is a **generator function**: each `for` calls it, and gets a walk of its own.

# %% exercise="Loader"

# %% [markdown]
# ## What is yours now
#
# Everything between a list of pairs and a network. Here is your loader at work, on real pictures, changed by your
# transforms.

# %%
generator = np.random.default_rng(0)
crop, flip = RandomCrop(32, 4, generator), RandomHorizontalFlip(0.5, generator)

pictures = CIFAR10Subset(train=True, transform=lambda picture: crop(flip(picture)))
loader = Loader(pictures, batch_size=10, shuffle=True, seed=1)

for _ in range(3):
    images, labels = next(iter(loader))
    print(images.shape, labels.shape, *(pictures.classes[label] for label in labels))
picture_grid(images)
plt.show()

# %% [markdown]
# Four of your answers have a place in the library: its own loader collates by your `collate`, and its transforms are
# yours. There they draw from the library's stream of random numbers, so that worker processes do not all draw the same.
# (`parts()` lists all the places there are.)

# %%
with using(collate, Normalize, RandomCrop, RandomHorizontalFlip):
    augment = [transforms.RandomCrop(32, padding=4), transforms.RandomHorizontalFlip()]
    normal = [transforms.ToFloat(), transforms.Normalize(CIFAR10Subset.mean, CIFAR10Subset.std)]
    pictures = CIFAR10Subset(train=True, transform=transforms.Compose([*augment, *normal]))
    images, labels = next(iter(DataLoader(pictures, batch_size=100, shuffle=True)))

print(images.shape, images.dtype, labels.shape, labels.dtype)
