# %% [markdown]
# # 08 · Data
#
# *About 45 minutes. Nothing is downloaded.*
#
# A network never sees a photograph. It sees a batch of numbers that somebody fetched, changed and stacked. Most
# trainings that quietly go wrong go wrong there. At the end of this lesson you will
#
# - know each step from a list of pairs to a loader, and have built it;
# - know where the order of the samples comes from, and how to have the same one again;
# - know how pictures are changed on their way, and what happens if the numbers are changed by the wrong rule;
# - know what worker processes are good for, and the mistake that has them all draw the same random numbers;
# - have read CIFAR-10's own files, byte by byte.
#
# The exercises are [here](../exercises/08_data.ipynb). Where you read **Build it**, you know all that you need for the
# ones that are named.

# %% tags=["nbval-ignore-output"]
import hashlib
import sys
import tempfile
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch

import minigrad as mg
from minigrad import nn, optim
from minigrad.data import CIFAR10Subset, DataLoader, TensorDataset, default_collate, random_split, transforms
from minigrad.nn import functional as F
from minigrad.view import show
from minigrad.view.pictures import picture_grid

BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"

# %% [markdown]
# ## 1. A list of pairs
#
# To learn from examples one needs two things of them: how many there are, and each one by its number. Whatever answers
# to `len(data)` and to `data[i]` is a **dataset**. A plain list is one. Each **sample** is mostly a pair: `x`, what the
# network is shown, and `y`, what it should say.

# %%
pairs = [(np.array([i, i * i], "float32"), i % 2) for i in range(5)]

print("samples: ", len(pairs))
print("number 3:", pairs[3])

# %% [markdown]
# Here is a larger one. CIFAR-10 is 60,000 small photographs of ten kinds of things. A part of it comes with minigrad:
# 2,000 real pictures to learn from, and 500 others to test with.

# %%
pictures = CIFAR10Subset(train=True)
image, label = pictures[0]

print("samples:", len(pictures))
print("x:", image.shape, image.dtype)
print("y:", label, "for", pictures.classes[label])
picture_grid(pictures.images[:10], [pictures.classes[y] for y in pictures.labels[:10]])
plt.show()

# %% [markdown]
# Each picture is (3, 32, 32): three **channels** (red, green, blue), 32 rows, 32 columns, a byte for each.
#
# A dataset of your own is a class with these two methods. It need not hold its samples. It may open a file, or compute
# something, when a sample is asked for.


# %%
class Squares:
    """Sample i is (i, i * i). Nothing is stored."""

    def __len__(self):
        return 6

    def __getitem__(self, index):
        return float(index), float(index * index)


squares = Squares()
print([squares[i] for i in range(len(squares))])

# %% [markdown]
# ## 2. A batch
#
# A network takes many samples at once, because one product of large matrices is far quicker than many of small ones. So
# samples are stacked, along a new axis in front. That is called **collating**.
#
# **Predict.** Four samples ((3, 32, 32), and a label). Which two shapes come out?

# %%
images, labels = default_collate([pictures[i] for i in range(4)])
print("minigrad:", images.shape, images.dtype, "  ", labels.shape, labels.dtype)

images, labels = torch.utils.data.default_collate([pictures[i] for i in range(4)])
print("PyTorch: ", tuple(images.shape), images.dtype, "  ", tuple(labels.shape), labels.dtype)

# %% [markdown]
# The new axis counts the samples: `images[2]` is picture 2. Number types stay. Labels are whole numbers, as
# `cross_entropy` wants them.
#
# Samples of different shapes cannot be stacked. Both libraries say so. Then crop or pad them in the dataset.

# %%
try:
    default_collate([np.zeros(3), np.zeros(3), np.zeros(1)])
except RuntimeError as error:
    print(error)

# %% [markdown]
# > **Build it:** `batches` and `collate`.
#
# ### How large a batch?
#
# The slope one would like is that over *all* samples. A batch gives a guess at it. How good a guess? Below, a linear
# layer is shown the 2,000 pictures. We compare the direction of a batch's gradient with the direction of the gradient
# of all. The **cosine** of the angle between them is 1 for the same direction, and 0 for a right angle.
#
# **Predict.** A batch of 100 is a twentieth of the data. Is its direction any good?

# %%
normal = transforms.Compose([transforms.ToFloat(), transforms.Normalize(pictures.mean, pictures.std)])
x_all, y_all = normal(pictures.images), pictures.labels

mg.manual_seed(0)
layer = nn.Linear(3072, 10)


def gradient(indices):
    layer.zero_grad()
    scores = layer(mg.tensor(x_all[indices].reshape(len(indices), -1)))
    F.cross_entropy(scores, mg.tensor(y_all[indices])).backward()
    g = layer.weight.grad.numpy().ravel().copy()
    return g / np.linalg.norm(g)


of_all = gradient(np.arange(2000))
rng = np.random.default_rng(0)
sizes = [1, 3, 10, 30, 100, 300, 1000]
cosines = [[gradient(rng.choice(2000, size, replace=False)) @ of_all for _ in range(12)] for size in sizes]

# %%
plt.figure(figsize=(7, 3.2))
for size, found in zip(sizes, cosines):
    plt.plot([size] * len(found), found, "o", color=BLUE, alpha=0.4, markersize=6)
plt.plot(sizes, np.mean(cosines, axis=1), color=ORANGE, linewidth=2.5, label="on average")
plt.xscale("log")
plt.xticks(sizes, sizes)
plt.minorticks_off()
plt.ylim(-0.4, 1.05)
plt.xlabel("samples in the batch")
plt.ylabel("cosine to the gradient of all")
plt.legend(loc="lower right")
plt.show()

# %% [markdown]
# One sample points nearly anywhere. A hundred already point roughly the right way, for a twentieth of the work; ten
# times as many would be better by a third, at ten times the price. So training takes many cheap steps in about the
# right direction, rather than few perfect ones. One pass over all samples is called an **epoch**.
#
# ## 3. Order
#
# That guess is honest only if the batch is a fair sample. Data often lie sorted: all airplanes first, then all
# automobiles. **Predict.** What happens to a network that is shown one class after the other?
#
# We train the same small network twice, from the same weights, on the same pictures, for two epochs. Only the order
# differs.


# %%
def train(images, order, epochs=3, batch_size=50, lr=0.01, momentum=0.9):
    """The losses of a small network, batch by batch, and the network. `order(epoch)`: indices of all samples."""
    mg.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(3072, 64), nn.ReLU(), nn.Linear(64, 10))
    optimizer = optim.SGD(model.parameters(), lr=lr, momentum=momentum)
    losses = []
    for epoch in range(epochs):
        indices = order(epoch)
        for start in range(0, len(indices), batch_size):
            batch = indices[start : start + batch_size]
            optimizer.zero_grad()
            loss = F.cross_entropy(model(mg.tensor(images[batch])), mg.tensor(y_all[batch]))
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses, model


def in_order_of_class(epoch):
    return np.argsort(y_all, kind="stable")


def at_random(epoch):
    return np.random.default_rng(epoch).permutation(len(y_all))


gently = {"epochs": 2, "batch_size": 25, "lr": 0.02, "momentum": 0}
sorted_losses, sorted_model = train(x_all, in_order_of_class, **gently)
random_losses, random_model = train(x_all, at_random, **gently)

# %%
plt.figure(figsize=(9, 3.4))
plt.plot(sorted_losses, color=ORANGE, linewidth=2, label="class after class")
plt.plot(random_losses, color=BLUE, linewidth=2, label="shuffled")
plt.axvline(80, color="gray", linewidth=1, linestyle=":")
plt.xlabel("step (dotted: the second epoch begins)")
plt.ylabel("loss of the batch")
plt.legend(loc="upper left")
plt.show()

# %% [markdown]
# Each time a class begins, the loss leaps up: for eight batches the network was only taught to say something else. Then
# it falls, often far below the other curve. It looks like learning, and quick learning at that. What has it learned? We
# ask about 500 pictures that it has not seen.

# %%
test = CIFAR10Subset(train=False)
x_test = normal(test.images)


def answers(model, images):
    with mg.no_grad():
        return model(mg.tensor(images)).numpy().argmax(1)


figure, axes = plt.subplots(1, 2, figsize=(11, 3.4), sharey=True, layout="constrained")
for axis, model, title, colour in [
    (axes[0], sorted_model, "class after class", ORANGE),
    (axes[1], random_model, "shuffled", BLUE),
]:
    axis.bar(test.classes, np.bincount(answers(model, x_test), minlength=10), color=colour)
    axis.axhline(50, color="black", linestyle="--", linewidth=1)
    axis.set_title(f"What the network says that was taught {title}")
    axis.set_xticks(range(10), test.classes, rotation=45, ha="right", rotation_mode="anchor")
axes[0].set_ylabel("pictures of 500")
plt.show()

# %% [markdown]
# There are 50 of each kind (the dashed line). The first network says what it heard last. So samples are **shuffled**,
# and in every epoch anew, or else the same ones would always sit together in a batch.
#
# ## 4. The same order again
#
# An order should be random, and one should be able to have it again: to repeat a result, or to find a mistake. Both
# at once? A computer's random numbers are not random. They follow from a first number, the **seed**, by a long
# computation. The same seed, the same numbers.

# %%
for seed in (0, 1, 0):
    print("NumPy, seed", seed, "->", np.random.default_rng(seed).permutation(8))
for seed in (0, 1, 0):
    print("torch, seed", seed, "->", torch.randperm(8, generator=torch.Generator().manual_seed(seed)).numpy())

# %% [markdown]
# Each library computes in its own way, so the orders differ from library to library. What holds in all of them are the
# laws: every number once, and the same from the same seed.
#
# > **Build it:** `shuffled`.
#
# ## 5. The loader
#
# Put together: an order, cut into batches, and each batch's samples fetched and collated. That is a `DataLoader`. Here
# its dataset is made of one tensor, so each sample is a tuple of one number, and so is each batch a tuple of one
# tensor.

# %%
numbers = TensorDataset(mg.arange(10))

mg.manual_seed(0)
loader = DataLoader(numbers, batch_size=4, shuffle=True)
print("batches:", len(loader))
for epoch in range(2):
    print("epoch", epoch, [batch.tolist() for (batch,) in loader])

# %% [markdown]
# The last batch holds what is left. (`drop_last=True` leaves it out; some layers do not like a batch of one.)
#
# **Predict.** `manual_seed(0)` again, and a new loader. Are the epochs those above? And if, before the second epoch,
# somebody takes one batch and breaks off?

# %%
mg.manual_seed(0)
again = DataLoader(numbers, batch_size=4, shuffle=True)
print("epoch 0 ", [batch.tolist() for (batch,) in again])
for (batch,) in again:
    print("one only", batch.tolist())
    break
print("epoch   ", [batch.tolist() for (batch,) in again])

# %% [markdown]
# Each `for` begins a new epoch, also after a break. It draws one number, the epoch's own seed, and the rest follows
# from that. PyTorch keeps the same laws:

# %%
theirs = []
for _ in range(2):
    torch.manual_seed(0)
    loader = torch.utils.data.DataLoader(torch.arange(10), batch_size=4, shuffle=True)
    theirs.append([[batch.tolist() for batch in loader] for epoch in range(2)])
print("the same from the same seed:  ", theirs[0] == theirs[1])
print("another order in epoch 1:     ", theirs[0][0] != theirs[0][1])
print("sizes of its batches:         ", [len(batch) for batch in theirs[0][0]])

# %% [markdown]
# Seen as stripes: each column is a sample, coloured by its number, from left to right as they come. Two loaders with
# the same seed, one with another.

# %%
figure, axes = plt.subplots(3, 1, figsize=(10, 3.9), layout="constrained")
for axis, (seed, name) in zip(axes, [(0, "seed 0"), (0, "seed 0 again"), (1, "seed 1")]):
    mg.manual_seed(seed)
    loader = DataLoader(TensorDataset(mg.arange(40)), batch_size=8, shuffle=True)
    stripes = [np.concatenate([batch.numpy() for (batch,) in loader]) for epoch in range(3)]
    axis.imshow(stripes, cmap="cividis", aspect="auto")
    axis.set_title(name, loc="left", fontsize=11)
    axis.set_yticks(range(3), [f"epoch {epoch}" for epoch in range(3)])
    axis.set_xticks([])
    for start in range(8, 40, 8):
        axis.axvline(start - 0.5, color="white", linewidth=3)
    for epoch in (1, 2):
        axis.axhline(epoch - 0.5, color="white", linewidth=3)
plt.show()

# %% [markdown]
# Every epoch of the first picture is different from the others, and the second picture is the first. Here is how the
# library does it. An `Epoch` knows its seed and its order, and makes any batch by its number.

# %%
from minigrad.data.loader import Epoch

show(Epoch)

# %% [markdown]
# (`handed_out` counts, so that a training that was interrupted within an epoch can go on with its next batch.) The
# three lines at the end of `make_batch` are there for what comes next: samples that are themselves changed at random.
# Keep them in mind; we come back to them.
#
# > **Build it:** `Loader`, from your three parts.
#
# ### Some held back
#
# To know whether a network has learned more than its examples, one keeps some of them from it. Which ones, is a matter
# of an order and a seed again. **Predict.** Ten samples, cut 8 to 2. May a sample be in both parts? In none?

# %%
for library, split in [(mg, random_split), (torch, torch.utils.data.random_split)]:
    train_part, test_part = split(range(10), [0.8, 0.2], generator=library.Generator().manual_seed(0))
    print(f"{library.__name__:8}", list(train_part), list(test_part))

# %% [markdown]
# Each sample is in one part only. With a seed of your own the cut is the same tomorrow. Without one, tomorrow's network
# may have learned from what it is tested with, as soon as you go on with yesterday's weights.
#
# ## 6. Pictures on their way: transforms
#
# A **transform** is a function that changes a sample's picture when it is fetched. Some make the numbers fit for a
# network. Others make new pictures of old ones.
#
# ### Numbers that fit
#
# Pixels are bytes, 0 to 255. Layers start with small weights, made for inputs around 0 and about 1 in size (chapter
# 07). So first, bytes become floats from 0 to 1. Then, for each channel, the mean is subtracted, and the rest divided
# by the **standard deviation**, which says how far numbers usually are from their mean. That is **normalization**.

# %%
steps = {"bytes": lambda images: images, "ToFloat()": transforms.ToFloat(), "and Normalize": normal}

figure, axes = plt.subplots(1, 3, figsize=(11, 2.8), layout="constrained")
for axis, (name, step) in zip(axes, steps.items()):
    for channel, colour in enumerate((ORANGE, GREEN, BLUE)):
        counts, edges = np.histogram(step(pictures.images)[:, channel], bins=32)
        axis.stairs(counts, edges, color=colour, linewidth=2, label=("red", "green", "blue")[channel])
    axis.set(title=name, yticks=[], xlabel="value of a pixel")
axes[0].legend(frameon=False)
plt.show()

# %% [markdown]
# The shape of the curves stays. Only their place and width on the axis change. Does so little matter? Let us get it
# wrong in the ways in which people get it wrong.
#
# **Predict**, for each of these, whether the network learns. A network that knows nothing has a loss of $\log 10
# \approx 2.3$.
#
# - nothing is done: bytes, as floats
# - only from 0 to 1
# - normalized
# - divided by 255 twice (by the file reader, and again by you), then normalized
# - mean and std for numbers from 0 to 1, used on bytes

# %%
raw = pictures.images.astype(np.float32)
mean, std = (np.reshape(numbers, (3, 1, 1)).astype(np.float32) for numbers in (pictures.mean, pictures.std))
ways = {
    "normalized": (x_all, BLUE, "-"),
    "from 0 to 1": (raw / 255, GREEN, "-"),
    "bytes": (raw, "black", "-"),
    "divided by 255 twice": ((raw / 255 / 255 - mean) / std, ORANGE, "-"),
    "bytes, by the rule for 0 to 1": ((raw - mean) / std, "gray", "--"),
}
trained = {name: train(images, at_random, epochs=4) for name, (images, _, _) in ways.items()}

plt.figure(figsize=(9, 3.6))
for name, (_, colour, line) in ways.items():
    smooth = np.convolve(trained[name][0], np.ones(8) / 8, "valid")
    plt.plot(smooth, line, color=colour, linewidth=2, label=name)
plt.axhline(np.log(10), color="gray", linewidth=0.8, linestyle=":")
plt.ylim(1, 3.6)
plt.xlabel("step")
plt.ylabel("loss, mean of 8 batches")
plt.legend(loc="upper right", ncols=2)
plt.show()

# %% [markdown]
# No line of this raised an error. From 0 to 1 it learns, but more slowly. What was divided twice is one even grey.
#
# And bytes? They are a hundred times too large, so the first steps throw the weights far off. **Predict.** A hidden
# unit whose relu gives 0 for all 2,000 pictures is dead: no gradient passes. How many of the 64 are?

# %%
for name in ("normalized", "from 0 to 1", "bytes"):
    images, (_, model) = ways[name][0], trained[name]
    with mg.no_grad():
        hidden = model[2](model[1](model[0](mg.tensor(images)))).numpy()  # (2000, 64)
    dead = (hidden == 0).all(axis=0)
    print(f"{name:12} dead units:", "all" if dead.all() else "many" if dead.sum() > 8 else "few or none")

# %% [markdown]
# With bytes, nothing is left to learn with. From 0 to 1 something is: no input is ever below 0, so that a step moves
# all the weights of a unit in one direction, and many a unit is pushed below 0 for good. **A loss that stays at $\log
# 10$ is a reason to look at the data first**: print the mean and std of a batch.
#
# Another mistake does not show in training at all. The rule belongs to the network: it has to be the same when the
# network is used. Here is a network that was trained well, and is then shown the test pictures in three ways.

# %%
_, model = train(x_all, at_random)
shown = {"normalized": x_test, "from 0 to 1": transforms.ToFloat()(test.images), "bytes": test.images.astype("float32")}
shares = [100 * (answers(model, images) == test.labels).mean() for images in shown.values()]

plt.figure(figsize=(7, 2.4))
plt.barh(list(shown), shares, color=[BLUE, ORANGE, ORANGE])
plt.axvline(10, color="black", linestyle="--", linewidth=1)
plt.gca().invert_yaxis()
plt.xlabel("right answers in percent (dashed: by guessing)")
plt.show()

# %% [markdown]
# And whose mean? That of the *training* pictures, for all pictures. One that is taken of each batch anew changes with
# the company a picture is in, and one taken of the test pictures has looked at the test.
#
# > **Build it:** `Normalize`. Mind which axis a mean of shape (3,) meets.
#
# ### More pictures for nothing: augmentation
#
# A ship that sails to the left is also a ship. So is one a few pixels further down. The more such variants a network
# sees, the less it can learn pictures by heart. `RandomCrop` puts zeros around a picture and cuts out a window;
# `RandomHorizontalFlip` mirrors it, or does not.

# %%
show(transforms.RandomCrop)

# %% [markdown]
# The top left picture is the real one, the other nineteen are made of it.

# %%
augment = transforms.Compose([transforms.RandomCrop(32, padding=4), transforms.RandomHorizontalFlip()])

mg.manual_seed(1)
ship = pictures.images[pictures.labels == pictures.classes.index("ship")][2]
picture_grid(np.stack([ship, *(augment(ship) for _ in range(19))]), columns=10)
plt.show()

# %% [markdown]
# Each change has to keep the label true. Mirrored photographs do. A mirrored `b` is a `d`, and a ship on its head is
# not often met.
#
# **Predict.** `RandomCrop` pads with zeros. What colour are they if it comes before `Normalize`, and what if after?

# %%
mg.manual_seed(0)
before = normal(transforms.RandomCrop(32, padding=8)(ship))
mg.manual_seed(0)
after = transforms.RandomCrop(32, padding=8)(normal(ship))

back = np.stack([before, after]) * std + mean  # undo the normalization, to look at it
picture_grid(np.rint(back.clip(0, 1) * 255).astype(np.uint8), ["before: black", "after: the mean colour"], scale=4)
plt.show()

# %% [markdown]
# Before, a zero is a black pixel. After, 0 is the mean, a grey. Neither is wrong, but they are not the same. What the
# transforms are given is given by the order in `Compose`.
#
# Two more rules. Augment the training pictures only: the test should be the same each time. And draw anew for each
# picture in each epoch, so that a network never sees quite the same one twice:

# %%
mg.manual_seed(0)
crowd = DataLoader(CIFAR10Subset(transform=augment), batch_size=10)
picture_grid(np.concatenate([next(iter(crowd))[0].numpy() for epoch in range(3)]))
plt.show()

# %% [markdown]
# The same ten pictures in three epochs, one epoch a row.
#
# > **Build it:** `RandomCrop` and `RandomHorizontalFlip`.
#
# ## 7. Workers
#
# While samples are fetched and changed, the network waits. A loader can have that done by other processes, ahead of
# time: `num_workers=4` starts four of them at the beginning of each epoch. Worker 0 makes batches 0, 4, 8 ..., worker 1
# makes 1, 5, 9 ..., and the loader hands them out in order.
#
# A new process has to find the dataset's class, too. On some systems it cannot see what is written in a notebook. So we
# put ours into a file, as you would. Its samples take 20 thousandths of a second each, as from a slow disk.

# %%
folder = tempfile.mkdtemp()
Path(folder, "slow_samples.py").write_text('''
import time
import numpy as np

class Slow:
    def __len__(self):
        return 80

    def __getitem__(self, index):
        time.sleep(0.02)
        return index

class Noisy:
    """Sample i is a random number, from a generator of the dataset's own."""

    def __init__(self):
        self.rng = np.random.default_rng(0)

    def __len__(self):
        return 8

    def __getitem__(self, index):
        return int(self.rng.integers(1000))

class Seeded(Noisy):
    """The same, from NumPy's numbers for all."""

    def __getitem__(self, index):
        return int(np.random.randint(1000))
''')
sys.path.insert(0, folder)
from slow_samples import Noisy, Seeded, Slow

# %% [markdown]
# **Predict.** 80 samples of 20 ms are 1.6 seconds. How long do four workers take?

# %% tags=["nbval-ignore-output"]
seconds, came = {}, {}
for workers in (0, 4):
    start = time.perf_counter()
    came[workers] = [batch.tolist() for batch in DataLoader(Slow(), batch_size=5, num_workers=workers)]
    seconds[workers] = time.perf_counter() - start

print("the same batches, in the same order:", came[4] == came[0])
print("four workers are quicker than none: ", seconds[4] < seconds[0])

# %% [markdown]
# Your own numbers are in `seconds`; add a cell and look. (They are another each time, so none are printed here.) Four
# workers need about a quarter of the time, plus what it takes to start them and to send the batches over.
#
# So workers do not always pay. **Predict.** What do they bring where the samples lie ready in memory?

# %% tags=["nbval-ignore-output"]
quick = {}
for workers in (0, 2):
    start = time.perf_counter()
    for _ in DataLoader(TensorDataset(mg.arange(160)), batch_size=10, num_workers=workers):
        pass
    quick[workers] = time.perf_counter() - start

print("two workers are slower than none:", quick[2] > quick[0])

# %% [markdown]
# CIFAR-10 fits into memory, and its transforms take whole batches at a time. It needs no workers. Photographs of full
# size, to be read from disk and unpacked, do.
#
# ### All workers draw the same
#
# Now a mistake that stands in many published programs, because nothing looks wrong. `Noisy` has a generator of its
# own and draws one number for each sample. Think of it as the place of a crop.
#
# **Predict.** Without workers we get eight different numbers. With two workers? And in the second epoch?

# %%
for library, Loader in [("minigrad", DataLoader), ("PyTorch", torch.utils.data.DataLoader)]:
    for workers in (0, 2):
        loader = Loader(Noisy(), batch_size=2, num_workers=workers)
        for epoch in range(2):
            print(f"{library:8}  workers: {workers}  epoch {epoch} ", [batch.tolist() for batch in loader])

# %% [markdown]
# In both libraries. Each worker starts with a *copy* of the dataset, and with it of the generator. Both copies draw the
# same numbers: batch 1 is batch 0, batch 3 is batch 2. And as the copies are made anew for every epoch, from a
# generator that never moved, every epoch draws the same again. The network gets a fraction of the variety it was
# promised.
#
# The cure is to draw from a stream that the loader takes care of. `Seeded` draws from NumPy's numbers for all. Remember
# the end of `make_batch`: for each batch, all such streams are seeded with a number that follows from the epoch's seed
# and the batch's number. It does not matter who makes the batch.

# %%
for workers in (0, 1, 2, 3):
    mg.manual_seed(0)
    loader = DataLoader(Seeded(), batch_size=2, num_workers=workers)
    for epoch in range(2):
        print(f"workers: {workers}  epoch {epoch} ", [batch.tolist() for batch in loader])

# %% [markdown]
# All different, and the same with any number of workers. The library's transforms draw from minigrad's own stream,
# which is seeded in the same way. PyTorch seeds each *worker* instead: no doubles either, but other numbers with
# another number of workers.
#
# The transforms in your exercises are given a generator, so that they are simple to test. Now you know what that
# would cost in a worker. As parts of the library they draw from its stream.

# %%
drawn = {}
for workers in (0, 1, 2):
    torch.manual_seed(0)
    np.random.seed(0)
    loader = torch.utils.data.DataLoader(Seeded(), batch_size=2, num_workers=workers)
    drawn[workers] = [number for batch in loader for number in batch.tolist()]
print("PyTorch: all different:                   ", all(len(set(numbers)) == 8 for numbers in drawn.values()))
print("PyTorch: the same with 0, 1 and 2 workers:", drawn[0] == drawn[1] == drawn[2])

# %% [markdown]
# ## 8. Files, byte by byte
#
# Where do pictures come from? CIFAR-10 is six files of 10,000 pictures each, in the plainest format there is. A
# picture is a **record** of 3073 bytes: 1 for the label, then 1024 of red, 1024 of green, 1024 of blue, row by row.
# There is no header, no length, nothing else.
#
# Let us write such a file, of the first hundred pictures, and read it back.

# %%
path = Path(folder, "tiny_batch.bin")
with open(path, "wb") as file:
    for image, label in zip(pictures.images[:100], pictures.labels[:100]):
        file.write(bytes([label]))
        file.write(image.tobytes())

data = path.read_bytes()
print("bytes in the file:", len(data), "=", len(data) // 3073, "x 3073")
print("the first byte:   ", data[0], "for", pictures.classes[data[0]])
print("then, of red:     ", list(data[1:9]), "...")

# %% [markdown]
# **Predict.** At which byte does picture 7 begin? At which its blue?

# %%
start = 7 * 3073
label, blue = data[start], data[start + 1 + 2 * 1024 :][:8]
print("label:", label, "  blue:", list(blue))
print("as it should be:", label == pictures.labels[7], np.array_equal(list(blue), pictures.images[7, 2, 0, :8]))

# %% [markdown]
# For all of them at once, NumPy looks at the bytes as a table: one row for each record. That is all of CIFAR-10's
# reader.

# %%
records = np.frombuffer(data, np.uint8).reshape(-1, 3073)
labels, images = records[:, 0], records[:, 1:].reshape(-1, 3, 32, 32)

print("the same labels:  ", np.array_equal(labels, pictures.labels[:100]))
print("the same pictures:", np.array_equal(images, pictures.images[:100]))

# %% [markdown]
# Bytes do not say what they mean. Read them a little wrong, and you get *something*. Below: read right; as if colours
# stood together for each pixel (H, W, C, as many other files have them); rows and columns exchanged; and with the label
# forgotten, so that every picture starts some bytes too early.

# %%
pixels = records[:, 1:]
readings = {
    "right": images,
    "as H, W, C": pixels.reshape(-1, 32, 32, 3).transpose(0, 3, 1, 2),
    "transposed": images.swapaxes(2, 3),
    "no label": np.frombuffer(data, np.uint8)[: 99 * 3072].reshape(-1, 3, 32, 32),
}
chosen = [0, 4, 50, 90]
picture_grid(
    np.concatenate([reading[chosen] for reading in readings.values()]),
    [name if i == 0 else "" for name in readings for i in range(len(chosen))],
    columns=4,
    scale=3,
)
plt.show()

# %% [markdown]
# The second row would be seen by anyone who looks, and the third by anyone who looks twice; a network learns from such
# pictures quite well, until it meets upright ones. The forgotten label shifts picture $i$ by $i$ bytes: the first
# pictures look all right, and the later the worse. So **look at a few samples after loading, and not only at the first
# ones**.
#
# ### Torn files
#
# Downloads break off, disks flip bits. **Predict.** What does the reader above say to a file that is cut in the middle
# of a picture? To one that is cut between two pictures? To one with a single wrong bit?


# %%
def read(data):
    records = np.frombuffer(data, np.uint8).reshape(-1, 3073)
    return records[:, 0], records[:, 1:].reshape(-1, 3, 32, 32)


one_bit = bytearray(data)
one_bit[3073] ^= 1  # the label of picture 1
damaged = {"cut within a picture": data[:200_000], "cut between two": data[: 60 * 3073], "one bit": bytes(one_bit)}

for name, torn in damaged.items():
    try:
        labels, images = read(torn)
        print(f"{name:20} read without a word: {len(images)} pictures, picture 1 is: {pictures.classes[labels[1]]}")
    except ValueError as error:
        print(f"{name:20} {error}")
print(f"{'(as it was)':20} picture 1 is: {pictures.classes[pictures.labels[1]]}")

# %% [markdown]
# Two of three go through. The remedy is a **checksum**: a short number that is computed from every byte of a file, and
# comes out quite different if any bit does. Whoever publishes a file publishes its checksum, too. CIFAR-10's are of
# the kind called MD5.

# %%
print(f"{'(as it was)':20}", hashlib.md5(data).hexdigest())
for name, torn in damaged.items():
    print(f"{name:20}", hashlib.md5(torn).hexdigest())

# %% [markdown]
# minigrad's `CIFAR10` does not read a file unless its checksum is the official one. Here are the checksums it knows,
# and what it does with a folder where our tiny file has one of the official names.

# %%
from minigrad.data import CIFAR10, cifar10_files

for name, md5 in cifar10_files.MD5.items():
    print(f"{name:18}", md5)

official = Path(folder, "cifar-10-batches-bin")
official.mkdir()
(official / "data_batch_1.bin").write_bytes(data)
try:
    CIFAR10(folder)
except RuntimeError as error:
    print("\nIt refuses, and says why:", "data_batch_1.bin: damaged (wrong checksum)" in str(error))

# %% [markdown]
# One more reason for checksums. The same pictures are also published as Python's own *pickle* files. To open a pickle
# is to run what is in it, and it may be anything. Know whose it is before you open it, or take the plain bytes.
#
# (MD5 finds accidents. Somebody who wants to can make two files with the same MD5; against that there is SHA-256.)

# %%
import shutil

sys.path.remove(folder)
shutil.rmtree(folder)

# %% [markdown]
# ## What is yours now
#
# - A **dataset** has a length and gives any sample by its number.
# - A batch is a stack of samples along a new first axis. Its gradient is a guess at that of all.
# - An order should be random, new in each epoch, and follow from a seed.
# - Normalize by the rule of the training data, in training and in use. If nothing learns, look at the numbers first.
# - Augment with what keeps the label true, in training only.
# - Workers make batches ahead. What they draw must come from a stream that is seeded for them.
# - Bytes do not say what they mean: look at samples, and check checksums.
#
# With the [exercises](../exercises/08_data.ipynb), `batches`, `shuffled`, `collate`, `Normalize`, `RandomCrop`,
# `RandomHorizontalFlip` and `Loader` are yours; four of them can stand in for the library's. Next, chapter 09: a first
# network, trained on all that you have.
#
# ## What was left out
#
# - Samples of different lengths, such as sentences: a `collate_fn` of your own pads them, or sorts them by length.
# - Classes of very different size: a sampler that draws the rare ones more often.
# - Data too large for any disk: streams, which have no length and no sample number 7.
# - Copying to a GPU while it computes (PyTorch's `pin_memory`), and workers that stay for the next epoch.
# - More ways to augment: colours, rotations, pieces cut out, two pictures mixed into one.
