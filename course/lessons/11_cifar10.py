# %% [markdown]
# # 11 · CIFAR-10: a network that sees
#
# *About 50 minutes. All cells together run for about one. Nothing is downloaded.*
#
# A network looks at small photographs and says what is on them. At the end of this page you will
#
# - know every layer of it, and why each has the shape it has;
# - have found what a much copied version of it gets wrong;
# - have trained it on real pictures, seen it learn moment by moment, and seen its mistakes;
# - have seen PyTorch take the same steps, and how many of them run on your own work;
# - know how fast each way of computing it is, and what two recipes reach on all 50,000 pictures.

# %% [markdown]
# ## The pictures
#
# CIFAR-10 is 60,000 colour photographs, each 32 pixels wide and 32 high, of ten kinds of things (Krizhevsky, 2009).
# 50,000 are there to learn from, 10,000 to test with.
#
# A small part comes with minigrad: 2,000 pictures to learn from, 200 of each kind, and 500 to test with. They are
# real, only few. Here are the first thirty.

# %%
import matplotlib.pyplot as plt
import numpy as np

import minigrad as mg
from minigrad.data import CIFAR10Subset
from minigrad.view.pictures import picture_grid

pictures = CIFAR10Subset(train=True)
names = pictures.classes
picture_grid(pictures.images[:30], [names[label] for label in pictures.labels[:30]])
plt.show()

# %% [markdown]
# The network sees none of this. It sees numbers: for every pixel how much red, green and blue, each a byte, from 0
# to 255.
#
# **Predict.** How many numbers is one picture?

# %%
print("all pictures:           ", pictures.images.shape, pictures.images.dtype)
print("numbers in one:         ", pictures.images[0].size)
print("top left pixel, R, G, B:", pictures.images[0, :, 0, 0])
print("label:                  ", pictures.labels[0], "for", names[pictures.labels[0]])

# %% [markdown]
# The shape reads **N, C, H, W**: number of pictures, channels (the colours), height, width. PyTorch has them in this
# order, too.
#
# ### Normalised
#
# Layers start with small weights around 0. They learn best from inputs of about that kind: around 0, about 1 in size.
# So from every colour its mean is subtracted, and the rest divided by the standard deviation, which says how far
# numbers usually are from their mean. This is called **normalisation**.

# %%
from minigrad.data.transforms import Compose, Normalize, ToFloat

normalised = Compose([ToFloat(), Normalize(pictures.mean, pictures.std)])

for name, change in [("from 0 to 1", ToFloat()), ("normalised", normalised)]:
    x = change(pictures.images)
    print(f"{name:12} mean {x.mean():.2f}   std {x.std():.2f}   lowest {x.min():.1f}   highest {x.max():.1f}")

# %% [markdown]
# Not quite 0, since `pictures.mean` and `pictures.std` are those of all 50,000 pictures, and these are 2,000 of them.

# %% [markdown]
# ## The network
#
# It has four layers that learn, and some that do not:
#
# - Two **convolutions**. A filter of 3 × 3 pixels slides over the picture and says at every place how well it fits
#   there. The first layer, `conv1`, has 32 filters, so 32 new pictures come out, called *feature maps* or *channels*.
#   `conv2` looks at these with 64 filters.
# - A **pooling**: of every 2 × 2 pixels the largest stays. From here on it matters less where exactly something was.
# - Two **fully connected** layers, `fc1` with 128 numbers and `fc2` with ten, which weigh everything they get. The ten
#   are the scores, one for each kind of picture. The largest is the answer.
# - After each of the four but the last comes **relu**: numbers below 0 become 0. Without it, two layers in a row could
#   do no more than one.
# - **Dropout**, twice: in training, a random part is set to 0, so that the network cannot rely on any one detail.
#
# **Predict.** What shape does a batch of four pictures have after each layer? A 3 × 3 filter cannot stand on the very
# edge, so a convolution here takes one pixel away on every side.

# %%
from minigrad.models import CNN
from minigrad.nn import functional as F

mg.manual_seed(0)
model = CNN()
layers = {
    "conv1, relu": lambda x: F.relu(model.conv1(x)),
    "conv2, relu": lambda x: F.relu(model.conv2(x)),
    "max_pool2d": lambda x: F.max_pool2d(x, 2),
    "flatten": lambda x: x.flatten(1),
    "fc1, relu": lambda x: F.relu(model.fc1(x)),
    "fc2": lambda x: model.fc2(x),
}
x = mg.tensor(normalised(pictures.images[:4]))
print(f"{'pictures':12}", x.shape)
for name, layer in layers.items():
    x = layer(x)
    print(f"{name:12}", x.shape)

# %% [markdown]
# Remember 12544 = 64 · 14 · 14. It will come back. And this is the whole network, as it stands in the library:

# %%
from minigrad.view import show

show(CNN)

# %% [markdown]
# **Predict**, in your head. How many numbers does each layer learn?
#
# - `conv1`: 32 filters, each 3 × 3 pixels of 3 colours, and one bias for each filter.
# - `conv2`: 64 filters, each 3 × 3 pixels of 32 channels, and their biases.
# - `fc1`: from 12,544 numbers to 128. Which layer has the most, and what share of all?

# %%
for name, parameter in model.named_parameters():
    print(f"{name:12} {parameter.shape!s:15} {parameter.numel():>9,}")
total = sum(parameter.numel() for parameter in model.parameters())
print(f"all {total:>34,}, of which {model.fc1.weight.numel() / total:.0%} in fc1.weight")

# %% [markdown]
# `conv1`: 32 · 27 + 32 = 896. `conv2`: 64 · 288 + 64 = 18,496. Convolutions are small, because a filter is the same at
# every place of the picture. Nearly everything is in the one fully connected layer.

# %% [markdown]
# ## The version often printed
#
# A program for this network has been copied from page to page for years. It was made for handwritten digits, which are
# grey and 28 × 28 pixels, and then given colour pictures of 32 × 32. Here is the network in it, in our own words.
#
# **Find** four mistakes in it before you read on. Only two of them stop it from running. `CNN` above has them put
# right.

# %%
from minigrad import nn


class Printed(nn.Module):
    def __init__(self):
        self.conv1 = nn.Conv2d(1, 32, 3, 1)
        self.conv2 = nn.Conv2d(32, 64, 3, 1)
        self.dropout1 = nn.Dropout2d(0.25)
        self.fc1 = nn.Linear(9216, 128)
        self.dropout2 = nn.Dropout2d(0.5)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = F.relu(self.conv2(F.relu(self.conv1(x))))
        x = self.dropout1(F.max_pool2d(x, 2))
        x = self.dropout2(F.relu(self.fc1(x.flatten(1))))
        return F.log_softmax(self.fc2(x), dim=1)  # and then cross_entropy as the loss


# %% [markdown]
# ### Mistake 1: one colour
#
# Run it, and read what it says.

# %%
import warnings

printed = Printed()
x = mg.tensor(normalised(pictures.images[:4]))
labels = mg.tensor(pictures.labels[:4])


def attempt():
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            print("It runs. Scores:", printed(x).shape)
        except (RuntimeError, ValueError) as error:
            print(error)
    for warning in heard:
        print("Warning:", warning.message)


attempt()

# %% [markdown]
# Grey pictures have one channel, coloured ones three. (The printed program also forgets to import `F`. That takes a
# second to find.)
#
# ### Mistake 2: another size
#
# With three channels it gets further.

# %%
printed.conv1 = nn.Conv2d(3, 32, 3, 1)
attempt()

# %% [markdown]
# Pictures of 28 × 28 shrink to 26, 24, and after pooling 12: 64 · 12 · 12 = 9216. Pictures of 32 × 32 shrink to 30, 28
# and 14: 64 · 14 · 14 = 12544.
#
# ### Mistake 3: dropping channels where there are none
#
# `Dropout2d` drops whole channels of pictures. After `fc1` there are no pictures any more, only 128 numbers. It runs,
# but it is not what was meant, and says so.

# %%
printed.fc1 = nn.Linear(64 * 14 * 14, 128)
attempt()

# %%
printed.dropout2 = nn.Dropout(0.5)
attempt()

# %% [markdown]
# PyTorch does the same: it drops single numbers, as `Dropout` would, and warns.

# %%
import torch

torch.set_num_threads(1)  # or the threads of two libraries would wait for each other
with warnings.catch_warnings(record=True) as heard:
    warnings.simplefilter("always")
    torch.nn.Dropout2d(0.5)(torch.ones(4, 128))
print("PyTorch warns:", len(heard) == 1)

# %% [markdown]
# ### Mistake 4: the logarithm twice
#
# `cross_entropy` takes `log_softmax` of the scores itself. The printed network has taken it already.
#
# **Predict.** Is the loss wrong now?

# %%
printed.eval()  # without dropout, so that both see the same
log_probabilities = printed(x)
twice = F.cross_entropy(log_probabilities, labels)
once = F.nll_loss(log_probabilities, labels)  # the loss that expects log-probabilities
print("the same, but for rounding:", abs(twice.item() - once.item()) < 1e-5)

# %% [markdown]
# It is not wrong, by luck. `log_softmax` subtracts the number that makes the probabilities add up to 1; where they
# already do, that number is 0. The second time is only wasted.
#
# Its sister has no such luck. With `softmax` at the end, all scores lie between 0 and 1, and `cross_entropy` makes
# probabilities of them once more. No answer can be sure.
#
# **Predict.** What is then the loss of a perfect answer, 1 for the right class and 0 for nine others?

# %%
perfect, right = mg.tensor([[100.0] + [0.0] * 9]), mg.tensor([0])
print(f"raw scores:      {abs(F.cross_entropy(perfect, right).item()):.2f}")
print(f"through softmax: {F.cross_entropy(F.softmax(perfect, 1), right).item():.2f}")
print(f"log(1 + 9 / e):  {np.log(1 + 9 / np.e):.2f}")

# %% [markdown]
# The second softmax gives the right class e / (e + 9), not 1. Such a network runs, learns a little, and never gets its
# loss below 1.46. Nothing complains.
#
# ### Mistake 5: a loss divided by the wrong count
#
# The training loop adds up the loss of every batch, and then divides by a number that is not the number of batches. Say
# there are 100 pictures in batches of 20, and the sum is divided by the pictures.

# %%
losses = []
with mg.no_grad():
    for start in range(0, 100, 20):
        batch = slice(start, start + 20)
        scores = model(mg.tensor(normalised(pictures.images[batch])))
        losses.append(F.cross_entropy(scores, mg.tensor(pictures.labels[batch])).item())

print(f"divided by 5 batches:    {sum(losses) / 5:.1f}")
print(f"divided by 100 pictures: {sum(losses) / 100:.1f}")

# %% [markdown]
# 0.1 looks like a network that has learned everything. It has learned nothing yet. A loss is already a mean over its
# batch: divide by the number of batches, or, since the last batch may be smaller, multiply each by its pictures first.
# That is what minigrad's training loop does.

# %% [markdown]
# ## Two checks before training
#
# ### The loss is log 10
#
# A network that knows nothing gives each of ten kinds a chance of about 1/10. The loss is the negative logarithm of the
# chance it gave to the right one. (`log` is the natural logarithm here, *ln* on a calculator.)
#
# **Predict.** What is the loss of the untrained network? Where it is far from that, something is wrong already.

# %%
mg.manual_seed(0)
model = CNN().eval()
x, labels = mg.tensor(normalised(pictures.images[:200])), mg.tensor(pictures.labels[:200])
with mg.no_grad():
    loss = F.cross_entropy(model(x), labels).item()

print(f"-log(1/10) = {-np.log(1 / 10):.1f}")
print(f"the loss   = {loss:.1f}")

# %% [markdown]
# ### It can learn ten pictures by heart
#
# A network that cannot even do that has a mistake in it, and no amount of training will help. Dropout stays off here:
# it is there to make learning by heart hard.

# %%
from minigrad import optim

x, labels = mg.tensor(normalised(pictures.images[:10])), mg.tensor(pictures.labels[:10])
optimizer = optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
losses = []
for _ in range(20):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), labels)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())

print("right:", (model(x).argmax(1) == labels).sum().item(), "of 10")
print("loss below 0.1:", losses[-1] < 0.1)

# %%
plt.figure(figsize=(6, 3))
plt.plot(range(1, 21), losses, marker=".", color="#D55E00")
plt.xticks(range(0, 21, 5))
plt.ylim(bottom=0)
plt.xlabel("step")
plt.ylabel("loss on the ten pictures")
plt.show()

# %% [markdown]
# ## What the printed version leaves out
#
# It does not normalise its pictures: their numbers lie between 0 and 1. That is no error. It only costs time. How
# much? The same network, the same start, the same batches, 60 steps, with and without.
#
# **Predict.** Which loss is lower at the end, and is it close?

# %%
from minigrad.data import DataLoader
from minigrad.train import Run


def first_losses(transform, steps=60):
    mg.manual_seed(0)
    model = CNN()
    loader = DataLoader(CIFAR10Subset(train=True, transform=transform), batch_size=20, shuffle=True)
    run = Run(model, optim.SGD(model.parameters(), lr=0.01, momentum=0.9), loader)
    return [run.step(*batch).item() for batch, _ in zip(loader, range(steps))]


early = {"from 0 to 1": first_losses(ToFloat()), "normalised": first_losses(normalised)}
for name, losses in early.items():
    print(f"{name:12} below log 10 by more than 0.1:", np.mean(losses[-20:]) < np.log(10) - 0.1)

# %%
plt.figure(figsize=(6, 3.5))
for (name, losses), colour in zip(early.items(), ("#0072B2", "#D55E00")):
    plt.plot(np.arange(5, 61, 10), np.reshape(losses, (6, 10)).mean(1), marker=".", color=colour, label=name)
plt.axhline(np.log(10), color="gray", linestyle=":", label="knowing nothing: log 10")
plt.xlabel("step")
plt.ylabel("loss, mean of 10 steps")
plt.legend()
plt.show()

# %% [markdown]
# Without, the network has hardly begun. One more thing slows the printed version down: its learning rate, 0.001. More
# on that at the end of the lesson.

# %% [markdown]
# ## Training
#
# This is one step, as it stands in the library: forget the old gradients, forward, loss, backward, update. The rest
# keeps count.

# %%
show(Run.step)

# %% [markdown]
# One pass over all 2,000 pictures is an **epoch**. In batches of 20 that is 100 steps. After it, `evaluate` asks the
# network about 500 pictures that it has never learned from.
#
# And a camera runs: `film` looks at the network every 20 steps, and keeps what it sees.

# %%
from minigrad.train import evaluate
from minigrad.view import film

mg.manual_seed(0)
model = CNN()
filters_before = model.conv1.weight.detach().clone()
loader = DataLoader(CIFAR10Subset(train=True, transform=normalised), batch_size=20, shuffle=True)
test = CIFAR10Subset(train=False, transform=normalised)
test_loader = DataLoader(test, batch_size=100)
untrained = evaluate(model, test_loader)

run = Run(model, optim.SGD(model.parameters(), lr=0.01, momentum=0.9), loader)
recorded = film(run, mg.tensor(normalised(test.images[1:201])), test.labels[1:201], classes=names)


def train_until(epochs):
    run.train(
        epochs,
        measure=lambda model: evaluate(model, test_loader),
        after_step=recorded,
        after_epoch=recorded,
    )


train_until(1)
print("more than 15 of 100 right:", run.history[-1]["test_accuracy"] > 0.15)

# %% [markdown]
# Guessing gets 10 of 100 right. So it has learned something, in a few seconds. Three more epochs.

# %%
train_until(4)
print("more than 25 of 100 right:", run.history[-1]["test_accuracy"] > 0.25)

# %%
epochs = np.arange(1, len(run.history) + 1)
test_losses = [row["test_loss"] for row in [untrained, *run.history]]
accuracy = run.history[-1]["test_accuracy"]

plt.figure(figsize=(6, 4))
training = [row["loss"] for row in run.history]
plt.plot(epochs - 0.5, training, marker="o", color="#0072B2", label="training, mean of the epoch")
plt.plot([0, *epochs], test_losses, marker="o", color="#D55E00", label="test, at its end")
plt.axhline(np.log(10), color="gray", linestyle=":", label="knowing nothing: log 10")
plt.xticks(range(len(epochs) + 1))
plt.xlabel("epochs")
plt.ylabel("loss")
plt.title(f"test accuracy at the end: {accuracy:.0%}")
plt.legend()
plt.show()

# %% [markdown]
# Read such curves with care. The training loss is a mean over an epoch in which the network was still changing, and
# with dropout switched on; the test loss is taken at the epoch's end, without. That is why the test loss need not be
# the higher one here. It will be, if you train on.
#
# And 500 test pictures are few. With another 500, the accuracy could well be two or three points higher or lower.
#
# ### The film
#
# Every 20 steps the camera kept the filters of `conv1`, the feature maps that they make of one test picture, how large
# the weights and the gradients of each layer are, and what the network says to 200 test pictures.
#
# **Try it.** Choose what to see, then move the slider, or let it play. (A page that is only read has the last moment.)

# %%
recorded.set(show="confusion")
recorded

# %% [markdown]
# This table is a **confusion matrix**: a row for each kind of picture, a column for each answer. On the diagonal it is
# right. Here it is before training, and after each epoch.
#
# **Predict.** What does a network say that knows nothing? Something else to each picture, or the same to all?

# %%
recorded.stills("confusion", 5)

# %% [markdown]
# The same to nearly all. Then it tells a few kinds apart, then more, and a diagonal begins to show.
#
# And here is what `conv1` makes of the picture of a ship. Each small picture belongs to one of its 32 filters. Bright
# is where the filter fits.
#
# **Predict.** What will training change in them?

# %%
recorded.stills("feature maps", 3)

# %% [markdown]
# At first many show whole areas, bright or dark, as the picture does. At the end more of them are grey, with bright and
# dark edges: what is even is left out.

# %% [markdown]
# ## What it gets wrong
#
# One number hides much. Here is the confusion matrix at the end, for all 500 test pictures. Each row adds up to 50.
#
# **Predict.** Which kinds will be confused most?

# %%
from minigrad.view.pictures import confusion_picture

model.eval()
with mg.no_grad():
    scores = mg.cat([model(inputs) for inputs, _ in test_loader])
answers = scores.argmax(1).numpy()

counts = np.zeros((10, 10), dtype=int)
for label, answer in zip(test.labels, answers):
    counts[label, answer] += 1

print("pictures in each row:", counts.sum(1))
confusion_picture(counts, names)
plt.show()

# %% [markdown]
# Look at automobile and truck, airplane and ship, cat and dog: it takes for one another what looks alike, or stands
# before the same sky. Then look at the columns. A dark column is an answer that it gives too often, whatever is on the
# picture; an empty one is an answer that it never gives. It has only begun to learn.
#
# Here are the six pictures that it got right and was most sure of. The percentage is what `softmax` makes of the
# scores.

# %%
chances = F.softmax(scores, 1).numpy()
surest = np.argsort(-chances.max(1))
right = [i for i in surest if answers[i] == test.labels[i]][:6]
wrong = [i for i in surest if answers[i] != test.labels[i]][:12]

picture_grid(test.images[right], [f"{names[answers[i]]} {chances[i].max():.0%}" for i in right], columns=6, scale=3)
plt.show()

# %% [markdown]
# And here are its twelve **worst mistakes**: it was most sure, and wrong. The lower line says what is on the picture.
#
# **Look** at each, and find what may have misled it: a background, a colour, a pose. Would you have known?

# %%
titles = [f"{names[answers[i]]} {chances[i].max():.0%}\nis: {names[test.labels[i]]}" for i in wrong]
picture_grid(test.images[wrong], titles, columns=6, scale=3)
plt.show()

# %% [markdown]
# Being sure is not being right. Worst mistakes are worth a look in every project: they show what the network goes by,
# and now and then a picture with a wrong label.

# %% [markdown]
# ## What it looks for
#
# The filters of `conv1` have three channels. So each is a small picture itself, of 3 × 3 pixels. Here are all 32, first
# before training, then after it. (Their numbers are stretched, so that the smallest of a filter is darkest and the
# largest brightest.)
#
# **Predict.** Will you see the difference?

# %%
for filters in (filters_before, model.conv1.weight.detach()):
    picture_grid(filters, columns=16, scale=12)
    plt.show()

# %% [markdown]
# Hardly. They began as chance, and after 400 steps they still look like it; only some have shifted their colours. The
# larger filters of famous networks show edges and spots. In 3 × 3 pixels there is no room for a picture.
#
# More can be seen in what a filter *finds*. Here is the ship, and its 32 feature maps after relu, larger than in the
# film.

# %%
ship = test.images[1:2]
with mg.no_grad():
    maps = F.relu(model.conv1(mg.tensor(normalised(ship))))

print("feature maps:", maps.shape)
picture_grid(ship, [names[test.labels[1]]], scale=4)
plt.show()
picture_grid(maps[0], columns=8)
plt.show()

# %% [markdown]
# Some answer to bright areas, some to dark ones, many to edges of one direction. From such findings `conv2` puts
# together larger ones.

# %% [markdown]
# ## In lockstep with PyTorch
#
# Is all of this right? A network can learn in spite of a mistake, only worse. So we let PyTorch take the same steps.
#
# The same network in PyTorch: compare it with `CNN` above, line by line.


# %%
class TorchCNN(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(3, 32, 3)
        self.conv2 = torch.nn.Conv2d(32, 64, 3)
        self.dropout1 = torch.nn.Dropout2d(0.25)
        self.fc1 = torch.nn.Linear(64 * 14 * 14, 128)
        self.dropout2 = torch.nn.Dropout(0.5)
        self.fc2 = torch.nn.Linear(128, 10)

    def forward(self, x):
        x = torch.relu(self.conv1(x))
        x = torch.relu(self.conv2(x))
        x = self.dropout1(torch.max_pool2d(x, 2))
        x = self.dropout2(torch.relu(self.fc1(x.flatten(1))))
        return self.fc2(x)


# %% [markdown]
# `lockstep` trains a copy of each: from the same weights, on the same batches, with the same numbers dropped. After
# every step it compares the loss, every gradient and every weight.
#
# It does so in `float64`, with 16 digits instead of the usual 7. There a difference in the ninth digit cannot be
# rounding any more. Beside it, the same is run in `float32`.
#
# **Predict.** Will they be equal after 20 steps?

# %%
from minigrad.check import lockstep


def side_by_side(steps, weight_decay=0.0):
    mg.manual_seed(0)
    ours, theirs = CNN(), TorchCNN()
    batches = DataLoader(loader.dataset, batch_size=10, shuffle=True)
    rule = optim.SGD(ours.parameters(), lr=0.01, momentum=0.9)
    torch_rule = torch.optim.SGD(theirs.parameters(), lr=0.01, momentum=0.9, weight_decay=weight_decay)
    return lockstep(ours, theirs, batches, optimizer=rule, torch_optimizer=torch_rule, steps=steps)


report = side_by_side(steps=20)
print("the same for 20 steps, but for rounding:", report.agrees)

# %% [markdown]
# The report has more. It says how far the weights are apart, as a part of their size: `1e-07` is a ten-millionth.
#
# In `float32` the two drift apart. Each adds up its numbers in another order and rounds every sum; sooner or later a
# number close to 0 falls on the other side of a relu, and a gradient changes at once. Is that a mistake? The last
# column says how far PyTorch in `float32` is from *PyTorch* in `float64`. It drifts from itself, too. How far either
# gets is a matter of chance, so `float32` cannot tell a mistake from rounding. That is why `float64` is the judge.
#
# (The last two columns depend on the processor. Yours will differ.)

# %% tags=["nbval-ignore-output"]
report

# %%
steps = [step.number for step in report.steps]
plt.figure(figsize=(6, 3.5))
plt.plot(steps, [step.loss for step in report.steps], color="#D55E00", linewidth=4, label="minigrad")
plt.plot(steps, [step.torch_loss for step in report.steps], "--", color="black", label="PyTorch")
plt.xticks(range(0, 21, 5))
plt.xlabel("step")
plt.ylabel("loss of the batch")
plt.legend()
plt.show()

# %% [markdown]
# Two lines, and you see one. But would `lockstep` notice a mistake? We give PyTorch alone a weight decay of 0.0001.
# With a learning rate of 0.01 that makes every weight smaller by one millionth of itself, each step.
#
# **Predict.** After how many steps is it noticed, and where: in the loss, in a gradient, or in a weight?

# %%
parting = side_by_side(steps=20, weight_decay=0.0001).first
print(f"they part at step {parting.step}, in a {parting.what}")

# %% [markdown]
# ## On your own parts
#
# In the exercises you wrote `mul`, `relu`, `matmul`, `conv2d` and more. What passed can stand in for the library's own.
# So how much of a training step is *yours*?
#
# The graph knows. Every tensor in it remembers the function that made it, and a function that stands in for one of the
# library has an attribute `exercise`. (To count these is the **exercise** `on_my_parts`.)
#
# Here, the solutions of chapters 04 and 10 stand in for your answers. Once you have passed exercises, the same cells
# show your own. And `twin` does each op of the graph once more in PyTorch, on the way there and back, and compares.

# %% tags=["nbval-ignore-output", "remove-output"]
from minigrad.check import twin
from minigrad.study import chapters, my_parts, using

# %%
own = my_parts()
if not own:  # none yet
    solved = [e for e in chapters.exercises() if e.part and e.chapter.name in ("04_backprop", "10_convolution")]
    own = {exercise.key: exercise.reference for exercise in solved}


def training_step(parts):
    """The network and its loss on two pictures, recorded while these parts stand in for the library's."""
    mg.manual_seed(0)
    x, labels = mg.tensor(normalised(pictures.images[:2])), mg.tensor(pictures.labels[:2])
    with using(parts):
        model = CNN()
        return model, F.cross_entropy(model(x), labels)


mine, loss = training_step(own)
print("every value and every gradient as in PyTorch:", twin(loss).agrees)

# %% [markdown]
# Now op by op.
#
# **Predict.** Which ops of this network have no exercise?

# %%
from collections import Counter

from minigrad import graph


def count(loss):
    """What made the tensors of a graph: {op: how often}, of all ops and of those that are parts."""
    made = [tensor.op for tensor in graph.topological_order(loss) if tensor.op is not None]
    return Counter(op.__name__ for op in made), Counter(op.__name__ for op in made if hasattr(op, "exercise"))


ops, yours = count(loss)
for name, times in ops.items():
    print(f"{name:12} {times}   {'yours' if name in yours else ''}".rstrip())
print(f"\n{sum(yours.values())} of {sum(ops.values())} ops of this training step are yours")

# %% [markdown]
# And here it is as a graph, from the pictures at the top to the loss at the bottom. What is yours is purple and says
# so. On the way back, the gradient of each of these is yours, too.

# %% tags=["nbval-ignore-output"]
from minigrad.view import draw

draw(loss, gradients=True, model=mine)

# %% [markdown]
# Below the graph there is more that can be yours: the order in which it is gone through, the walk back, the adding up
# of gradients; above it whole layers, the loss, the optimizer. `parts()` in any notebook lists all places.
#
# With all of them filled, the graph is another one. The library's `linear` is one op; yours is made of `matmul` and
# `add`. And your `cross_entropy` is made of `exp`, `sum` and `log`.

# %%
every = {exercise.key: exercise.reference for exercise in chapters.exercises() if exercise.part}
_, loss = training_step(every)
ops, yours = count(loss)

print(f"{len(every)} exercises have a place in the library")
print(f"{sum(yours.values())} of {sum(ops.values())} ops are yours")
print("the library's own:", ", ".join(name for name in ops if name not in yours))

# %% [markdown]
# What is left moves numbers about (`permute`, `reshape`, `getitem`), or is a sister of something that you wrote (`sub`,
# `neg`, `div`). To train on your parts from beginning to end, say `python -m minigrad cifar10 --parts` in a terminal.

# %% [markdown]
# ## The ladder, honestly
#
# The same training step can be computed in very different times. Here is a ladder of five rungs. What differs is the
# convolutions, on the way there and back; all else is the library's.
#
# - **loops**: those of [lesson 10](10_convolution.ipynb), one window after the other. It took two pictures a step,
#   since nobody wants to wait for a hundred; the others took a hundred.
# - **one product**: the exercise `conv2d`, with the windows of the whole batch written out.
# - **the library**: its kernels, which work in bites that fit the cache, and on all processors.
# - **CUDA**: the same lines, on arrays that lie on a graphics card.
# - **PyTorch**, on the processor.
#
# First it was checked that each gives the same loss and the same gradients. Then they took turns, each in a process of
# its own. The times are read from `benchmarks/ladder.json`. In a terminal, in the project's folder, `python -m
# benchmarks.ladder` measures them anew.
#
# **Predict.** By which factor is the library faster than the loops?

# %%
import json
from pathlib import Path

ladder = json.loads(Path("../benchmarks/ladder.json").read_text(encoding="utf-8"))
machine = ladder["machine"]
print(f"{machine['processor']}, {machine['threads']} threads; NumPy {machine['numpy']}, PyTorch {machine['pytorch']}")
print("one training step, in milliseconds for each picture\n")
print(f"{'':12} {'median':>9}   {'all rounds':>18}   {'pictures a step':>15}")

medians = {}
for rung in ladder["rungs"]:
    times = [1000 * seconds / rung["pictures"] for seconds in rung["seconds"]]
    if not times:
        print(f"{rung['name']:12} {rung['missing']}")
        continue
    medians[rung["name"]] = np.median(times)
    between = f"{min(times):.2f} to {max(times):.2f}"
    print(f"{rung['name']:12} {np.median(times):9.2f}   {between:>18}   {rung['pictures']:15}")

# %%
plt.figure(figsize=(7, 0.6 + 0.45 * len(medians)), layout="constrained")
colours = ["#999999" if name == "PyTorch" else "#0072B2" for name in medians]
bars = plt.barh(list(medians), medians.values(), color=colours)
times = [median / medians["the library"] for median in medians.values()]
plt.bar_label(bars, [f"{factor:,.0f} ×" if factor > 10 else f"{factor:.1f} ×" for factor in times], padding=4)
plt.xscale("log")
plt.xlim(min(medians.values()) / 3, 10 * max(medians.values()))
plt.xlabel("milliseconds a picture; each line is ten times the one before")
plt.grid(axis="x", alpha=0.3)
plt.gca().set_axisbelow(True)
plt.gca().invert_yaxis()
plt.show()

# %% [markdown]
# The factors are those of the library's time.
#
# - From loops to one product, Python gets out of the way.
# - From one product to the library, the windows stay in the cache. (Written out, those of `conv2` for a hundred
#   pictures are 90 MB.) All processors work, and Winograd's way, of lesson 10, saves multiplications.
#
# ### All 50,000
#
# Two thousand pictures are few. What do all of them give? That takes longer, so it was done before, by both libraries:
# the same pictures in the same order, the same initial weights. Every run left a log in `benchmarks/logs/`: first its
# settings and its machine, then one line an epoch. All that follows is read from there.
#
# There are two recipes. `chapter` is what you have seen here: this network, ten epochs. Once it has the learning rate
# of the version often printed, 0.001. `better` is another network, `DeepCNN`. What is called `convolution` in it is a
# convolution of 3 × 3, a pooling where it says so, batch norm and relu.

# %%
from minigrad.cifar10 import RECIPES
from minigrad.models import DeepCNN

show(DeepCNN)

# %%
print(f"{'':16}" + "".join(f"{name:>10}" for name in RECIPES))
for setting in RECIPES["better"]:
    print(f"{setting:16}" + "".join(f"{recipe.get(setting, '')!s:>10}" for recipe in RECIPES.values()))

# %% [markdown]
# `augment` shifts and mirrors the pictures at random, as in lesson 08. With `one_cycle` the learning rate rises to
# `lr`, and then falls to nothing; large steps first, small ones to finish. `label_smoothing` asks for a little less
# than all: 0.91 for the right class and 0.01 for each other, so that the network need not become ever surer. Lesson 12
# looks at batch norm and augmentation one by one.

# %%
from benchmarks import logs

runs = logs.logs()
print(logs.text(logs.table(runs)))

# %%
recipes = list(dict.fromkeys(log.recipe for log in runs))
colours = dict(zip(recipes, ("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#56B4E9")))
plt.figure(figsize=(9, 4), layout="constrained")
for log in runs:
    line, width = ("-", 4) if log.library == "minigrad" else ("--", 1.5)
    epochs, percent = range(1, len(log.accuracy) + 1), [100 * share for share in log.accuracy]
    colour, label = colours.get(log.recipe, "gray"), f"{log.recipe}: {log.library.partition(' ')[0]}"
    plt.plot(epochs, percent, line, color=colour, linewidth=width, alpha=0.7, label=label)
plt.xlabel("epoch")
plt.ylabel("test accuracy, %")
plt.grid(alpha=0.3)
plt.legend(loc="upper left", bbox_to_anchor=(1.02, 1))
plt.show()

# %% [markdown]
# - For each recipe both libraries end alike. With dropout their lines do not match exactly, since each library draws
#   its own masks. Without, they may part on the way, where `better` takes its largest steps. Why, you see below.
# - The learning rate of the version often printed is no error, and no message will ever tell you. It only learns so
#   slowly that after ten epochs it is still climbing.
# - Seconds are told where the log has them: those of whole epochs, testing included, on two cores that had a little
#   else to do now and then. For the deep network, PyTorch has the better kernels.
#
# ### When they part
#
# Both libraries start from the same weights and see the same batches, so their losses can be compared step by step. We
# say that they **part** at the first step at which the losses differ by more than a ten-thousandth of themselves. Where
# both logs have the losses of their first steps, the last column of the table says which step that is, and here they
# are over each other.

# %%
pairs = logs.pairs(runs)
figure, axes = plt.subplots(1, len(pairs), figsize=(5 * len(pairs), 3.5), squeeze=False, layout="constrained")
for (ours, theirs), ax in zip(pairs, axes[0]):
    steps, apart = range(1, len(ours.losses) + 1), logs.first_step_apart(ours, theirs)
    ax.plot(steps, ours.losses, color="#D55E00", linewidth=3, alpha=0.7, label="minigrad")
    ax.plot(steps[: len(theirs.losses)], theirs.losses, "--", color="black", linewidth=1, label="PyTorch")
    if apart:
        ax.axvline(apart, color="gray", linestyle=":", label=f"they part: step {apart}")
    ax.set(title=ours.recipe, xlabel="step", ylabel="loss of the batch")
    ax.legend()
plt.show()

# %% [markdown]
# In `chapter` they part at once: it has dropout, and each library draws its own masks. `DeepCNN` has none, and both
# compute the same.
#
# Must they part at all, then? Both are right, and both round: each adds up in another order, so the last digit differs.
# After one step the weights differ in their last digit, too. Then some number that is almost 0 falls on the other side
# of a relu, and a gradient is there or not. The next step starts from there, and small differences grow into large
# ones, as with the weather. This is called **chaos**. It is not a mistake, and in `float32` no care prevents it.
#
# How can one tell it from a mistake? In lockstep, in `float64`, as above. And by what comes out: two runs that parted
# by chance are about equally good in the end.
#
# To run it yourself, open a terminal (*File → New → Terminal*):
#
#     python -m minigrad cifar10                           the small part, at once
#     python -m minigrad cifar10 --full                    all of it, downloaded once (about 180 MB)
#     python -m minigrad cifar10 --full --recipe better    the other network
#     python -m minigrad cifar10 --resume                  go on where Ctrl-C stopped it

# %% [markdown]
# ## What is yours now
#
# - You can say what shape a picture has after each layer, and count its parameters in your head.
# - You know five mistakes, and how each of them shows: by a message, by a number that cannot be, or not at all.
# - You have two checks for any network that is to tell classes apart: *the loss starts at log C*, and *it can learn ten
#   pictures by heart*.
# - You can read a confusion matrix, and you do not take a high percentage for proof.
# - You have seen minigrad take PyTorch's steps, and a mistake of one in a million noticed in the first.
# - You can say which ops of a training step run on your own code.
# - You know what makes such a step fast, and that two right programs part all the same.
#
# And from the [exercises](../exercises/11_cifar10.ipynb): `fix_the_cnn`, `conv_net`, `train_epoch`, `confusion_matrix`
# and `on_my_parts`.
#
# What was left out. Larger networks, with short cuts around their layers, get 96 of 100 right and more. Recipes are
# found by trying, and whoever tries many on the same test pictures fits them to these; then a third set is needed, to
# choose by. And on 2,000 pictures this network would soon learn them by heart, and get no better on others. How to see
# that, and what helps, is the next lesson: [12 Generalization](12_generalization.ipynb).
#
# To read on: `minigrad/models.py`, `minigrad/train.py`, and `minigrad/check/lockstep.py`.
