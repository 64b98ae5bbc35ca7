# %% [markdown]
# # 12 · Generalization
#
# *About 45 minutes. All cells together run for about one. Nothing is downloaded.*
#
# A network that knows 500 pictures by heart has learned nothing about the next one. This lesson makes a network do
# just that, and then works against it. At the end you will
#
# - see at a glance whether a network learns or memorises;
# - know L1 and L2 for what they are: two pulls on every weight;
# - know what batch norm does in training, what it does in use, and what happens when the two are mixed up;
# - have every remedy beside every other, on the same pictures, with an honest idea of what each is worth;
# - know when to stop;
# - have taken 95 percent of a network's weights away, and trained it on without letting one of them come back.
#
# (`early_stopping`, `magnitude_prune` and `prune_and_finetune` are used below as they come with the course. They are
# exercises of this chapter, so you will write them yourself.)

# %% tags=["nbval-ignore-output"]
import copy

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch.nn.utils import prune

import minigrad as mg
from minigrad import nn, optim
from minigrad.data import CIFAR10Subset, DataLoader, Subset
from minigrad.data.transforms import Compose, Normalize, RandomCrop, RandomHorizontalFlip, ToFloat
from minigrad.nn import functional as F
from minigrad.study.chapters.generalization import early_stopping, magnitude_prune, prune_and_finetune
from minigrad.train import Run, evaluate
from minigrad.view import show
from minigrad.view.pictures import picture_grid

torch.set_num_threads(1)  # or the threads of two libraries would wait for each other
BLUE, RED, GREEN = "#0072B2", "#D55E00", "#009E73"

# %% [markdown]
# ## 1. Too few pictures
#
# The photographs are those of CIFAR-10 again, from the part that comes with minigrad. So that a dozen trainings fit
# into a minute, each is made half as wide and half as high: every 2 × 2 pixels become their mean.
#
# They are put into three heaps:
#
# - 500 to **learn** from;
# - 500 others to **validate** with: whatever we decide (which remedy, how strong, when to stop), we decide by these;
# - 500 more to **test** with, once, at the very end.
#
# Why two heaps for looking? If you try ten things and take the one that did best, you have fitted your choice to the
# heap you looked at, and its number is a little too good. The test pictures must not have had a say in anything.


# %%
def pictures(*changes, train=True):
    """CIFAR-10's pictures at half their size, changed at random by `changes`, and normalised."""
    normalised = [ToFloat(), Normalize(CIFAR10Subset.mean, CIFAR10Subset.std)]
    found = CIFAR10Subset(train=train, transform=Compose([*changes, *normalised]))
    found.images = found.images.reshape(-1, 3, 16, 2, 16, 2).mean((3, 5)).round().astype("uint8")
    return found


plain = pictures()
learning, validation = Subset(plain, range(500)), Subset(plain, range(1000, 1500))
test = pictures(train=False)
print("learn:", len(learning), " validate:", len(validation), " test:", len(test))
picture_grid(plain.images[:20], [plain.classes[label] for label in plain.labels[:20]], scale=4)
plt.show()

# %% [markdown]
# The network is a small one of two convolutions. It has places for two of the remedies, both of them empty so far:
# `nn.Identity` gives back what it gets, and a dropout of 0 drops nothing.


# %%
class Net(nn.Module):
    def __init__(self, batch_norm=False, dropout=0.0):
        norm = nn.BatchNorm2d if batch_norm else nn.Identity
        self.conv1, self.norm1 = nn.Conv2d(3, 8, 3, padding=1), norm(8)
        self.conv2, self.norm2 = nn.Conv2d(8, 16, 3, padding=1), norm(16)
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(16 * 4 * 4, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.norm1(self.conv1(x))), 2)  # (N, 8, 8, 8)
        x = F.max_pool2d(F.relu(self.norm2(self.conv2(x))), 2)  # (N, 16, 4, 4)
        return self.fc(self.dropout(x.flatten(1)))  # (N, 10)


print("numbers that it learns:", sum(p.numel() for p in Net().parameters()))

# %% [markdown]
# It learns nearly 4,000 numbers, and has 500 pictures to learn them from. Every training on this page is the same but
# for what is asked of it here: the same start, 240 steps with 50 pictures each, which is 24 epochs, and a rate that
# falls along a cosine. After every 30 steps both heaps are measured, with everything off that is on only in training.


# %%
def learn(data=learning, rule=optim.SGD, epochs=24, every=3, **choices):
    """Train a Net, and measure every so many epochs: the finished Run. `choices` are the net's or the rule's."""
    mg.manual_seed(0)
    of_net = {name: choices.pop(name) for name in ("batch_norm", "dropout") if name in choices}
    model = Net(**of_net)
    optimizer = rule(model.parameters(), lr=0.05, momentum=0.9, **choices)
    scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    run = Run(model, optimizer, DataLoader(data, batch_size=50, shuffle=True), scheduler=scheduler)
    run.best = {"test_loss": np.inf}

    def measure(model):
        if (len(run.history) + 1) % every:
            return {}
        known = evaluate(model, DataLoader(learning, batch_size=250))
        new = evaluate(model, DataLoader(validation, batch_size=250))
        if new["test_loss"] < run.best["test_loss"]:
            run.best = {**new, "model": copy.deepcopy(model)}
        return {**new, "known_loss": known["test_loss"], "known_accuracy": known["test_accuracy"]}

    run.train(epochs, measure=measure)
    return run


def curve(run, key):
    """What was measured under this name, every 30 steps."""
    return [row[key] for row in run.history if key in row]


runs = {"nothing": learn()}

# %% [markdown]
# **Predict.** Where will the two losses be after 240 steps: that of the pictures it learns from, and that of the
# others? Knowing nothing is log 10, about 2.3.

# %%
STEPS = np.arange(30, 241, 30)


def draw_losses(axis, run, title):
    axis.axhline(np.log(10), color="gray", linestyle=":")
    axis.plot(STEPS, curve(run, "known_loss"), "o-", color=BLUE, markersize=4, label="pictures it learns from")
    axis.plot(STEPS, curve(run, "test_loss"), "o-", color=RED, markersize=4, label="other pictures")
    right = [curve(run, key)[-1] for key in ("known_accuracy", "test_accuracy")]
    axis.set(title=f"{title}\nright: {right[0]:.0%} and {right[1]:.0%}", xticks=STEPS[1::2], ylim=(0, 4))


figure, axis = plt.subplots(figsize=(6, 3.6))
draw_losses(axis, runs["nothing"], "nothing done against it")
axis.set(xlabel="step", ylabel="loss")
axis.text(240, 2.36, "knowing nothing", ha="right", color="gray")
axis.legend()
plt.show()
memorised = runs["nothing"].history[-1]
print("of the pictures it learns from, more than 8 in 10 right:", memorised["known_accuracy"] > 0.8)
print("of the others, fewer than half:                         ", memorised["test_accuracy"] < 0.5)
print(
    "its loss on the others rose again:                      ",
    memorised["test_loss"] > runs["nothing"].best["test_loss"] + 0.3,
)

# %% [markdown]
# This is **overfitting**. The blue loss goes on falling; the red one turns round and rises, past that of a network that
# knows nothing. Does this one know less than nothing? No: it gets more than one in ten right. But where it is wrong, it
# is sure of it, and that is what the loss makes it pay for.
#
# So look at both numbers. The share of right answers counts a mistake once, however sure; the loss sees trouble first.
#
# What does one do? Six things below: four that hold the network back, one that makes more of the pictures, and one
# that ends the training. And, for comparison, the best of all remedies.

# %% [markdown]
# ## 2. Two pulls on every weight
#
# To tell 500 noisy examples apart, a small change of the picture must make a large change of the score, and that takes
# large weights. So let large weights cost something. Two prices are usual:
#
# $$\text{L2:}\quad \tfrac{\lambda}{2} \sum w^2 \qquad\qquad \text{L1:}\quad \lambda \sum |w|$$
#
# $\lambda$ (*lambda*) says how much it matters. One can add such a price to the loss. But all that training ever sees
# of it is its slope. So put it there directly:
#
# $$\text{L2:}\quad g \leftarrow g + \lambda w \qquad\qquad \text{L1:}\quad g \leftarrow g + \lambda\, \text{sign}(w)$$
#
# **Predict.** Three weights start at 2, 0.5 and -1, and nothing acts on them but the pull. How do their paths to 0
# look, under each?


# %%
def pulled(pull, steps=60, lr=0.1, strength=0.5):
    """The paths of three weights on which nothing acts but a pull."""
    w = np.array([2.0, 0.5, -1.0])
    path = [w]
    for _ in range(steps):
        w = w - lr * strength * pull(w)
        path.append(w)
    return np.array(path)


pulls = {"L2: the pull is w": lambda w: w, "L1: the pull is sign(w)": np.sign}
figure, axes = plt.subplots(1, 2, figsize=(10, 3.2), sharey=True)
for axis, (name, pull) in zip(axes, pulls.items()):
    for path, colour in zip(pulled(pull).T, (BLUE, RED, GREEN)):
        axis.plot(path, color=colour, linewidth=2)
    axis.axhline(0, color="gray", linewidth=0.8)
    axis.set(title=name, xlabel="step")
axes[0].set_ylabel("w")
plt.tight_layout()
plt.show()

# %% [markdown]
# L2 takes a *part* of what is there. Large weights lose much, small ones hardly anything, and none ever gets to 0. L1
# takes the *same amount* from each, in every step. Small weights are soon at 0, and stay there; large ones have lost no
# more than they.
#
# So the two want different things. L2 wants many small weights; L1 wants few. (At 0 the plain rule for L1 steps to and
# fro, as you see, by lr · λ at most. So "at 0" means: within that of it.)
#
# In PyTorch, L2 is a setting of the optimizer, `weight_decay`, in the form of a gradient. Here is one step by hand, one
# by minigrad, one by PyTorch, on a loss whose own slope is 3:

# %%
by_hand = 2.0 - 0.1 * (3 + 0.5 * 2.0)
for name, library in {"minigrad": mg, "PyTorch": torch}.items():
    w = library.tensor(2.0, requires_grad=True)
    optimizer = library.optim.SGD([w], lr=0.1, weight_decay=0.5)
    (3 * w).backward()
    optimizer.step()
    print(f"{name:9} {w.item():.4f}   by hand {by_hand:.4f}")

# %% [markdown]
# (Under Adam the gradient form is something else than a decay; lesson 06, section 8.)
#
# PyTorch has no setting for L1. In minigrad a rule can be made from another in a line or two:


# %%
class SGDWithL1(optim.SGD):
    def __init__(self, params, l1, **options):
        super().__init__(params, **options)
        self.l1 = l1

    def update(self, p, g, state, **settings):
        super().update(p, g + self.l1 * np.sign(p), state, **settings)


runs["L1"] = learn(rule=SGDWithL1, l1=0.003)
runs["L2"] = learn(weight_decay=0.05)

# %% [markdown]
# **Predict.** Below are all weights of three networks: with nothing, with L1, with L2. Which picture is which, if the
# titles were not there?

# %%
figure, axes = plt.subplots(1, 3, figsize=(11, 3), sharey=True)
for axis, name in zip(axes, ("nothing", "L1", "L2")):
    weights = np.concatenate([p.detach().numpy().ravel() for p in runs[name].model.parameters()])
    axis.hist(weights, bins=np.linspace(-0.6, 0.6, 61), color=BLUE)
    near = np.mean(np.abs(weights) < 0.01)
    axis.set(title=f"{name}: {near:.0%} within 0.01 of 0", xlabel="weight", yscale="log")
axes[0].set_ylabel("how many, log scale")
plt.tight_layout()
plt.show()

# %% [markdown]
# With L1, a needle at 0, and a few weights that are worth their price. With L2, all drawn together. That is why L1 is
# of use where one wants to throw weights away; more on that in section 7.
#
# **Exercises.** `l1_penalty` is the price as a part of the loss; `weight_decay` is L2 in the gradient's form. Here is
# the [exercise notebook](../exercises/12_generalization.ipynb).

# %% [markdown]
# ## 3. Noise: dropout, and pictures that move
#
# Two remedies that you have met. **Dropout** (lesson 07) sets a random part of the features to 0 in every step, so
# that none can rely on one other. **Augmentation** (lesson 08) never shows the same picture twice: it is shifted by a
# pixel or two, and sometimes mirrored. A mirrored frog is a frog. Nothing else on this page *adds* knowledge; this
# one does, ours, about what does not matter. (The black strips are where a shifted picture had no pixels.)

# %%
moved = pictures(RandomCrop(16, padding=2), RandomHorizontalFlip())
mg.manual_seed(3)
frog, shown = moved.images[:1], moved.transform.transforms[:2]
picture_grid(np.concatenate([frog] + [shown[1](shown[0](frog)) for _ in range(9)]), scale=4)
plt.show()
runs["dropout"] = learn(dropout=0.5)
runs["augmentation"] = learn(data=Subset(moved, range(500)))

# %% [markdown]
# ## 4. Batch norm, and its two faces
#
# **Batch norm** was invented to train faster, by keeping the numbers between layers at a common scale. For every
# channel, take mean and variance over the batch; subtract the one, divide by the root of the other; then let the layer
# learn a scale and a shift of its own. (Ioffe and Szegedy, 2015.)
#
# Here are four rows of two features, one of which is a hundred times as large.
#
# **Predict.** What comes out?

# %%
rows = [[1.0, 400.0], [2.0, 300.0], [3.0, 200.0], [6.0, 100.0]]
for name, library in {"minigrad": mg, "PyTorch": torch}.items():
    layer = library.nn.BatchNorm1d(2)
    out = layer(library.tensor(rows))
    print(f"{name}\n{np.round(out.detach().numpy(), 2)}\n")

# %% [markdown]
# Each column has mean 0 and variance 1 now, whatever it had before.
#
# That needs a batch. In use there may be one picture, and there is nothing to take a mean over; and what a network
# says about one should not depend on which others happen to be asked about at the same time. So while it trains, the
# layer keeps **running statistics**: each batch moves them a tenth of the way. In use it goes by those.

# %%
for name, library in {"minigrad": mg, "PyTorch": torch}.items():
    layer = library.nn.BatchNorm1d(2)
    print(f"{name:9} before:         ", layer.running_mean.tolist(), layer.running_var.tolist())
    layer(library.tensor(rows))
    after = [[round(x, 2) for x in statistic.tolist()] for statistic in (layer.running_mean, layer.running_var)]
    print(f"{name:9} after one batch:", *after)

# %% [markdown]
# The means are 3 and 250: a tenth of the way from 0 is 0.3 and 25. (For the running variance PyTorch divides by
# $n - 1$, for the batch itself by $n$. Few know; the exercise asks for it.)
#
# This is the layer's forward pass. `measure` is the switch between the two faces.

# %%
show(nn.BatchNorm2d.forward)

# %% [markdown]
# `model.train()` and `model.eval()` turn it. Forget `eval()`, and no error tells you. Let us forget it.
#
# **Predict.** The same trained network, the same 500 validation pictures. Three times in training mode: in batches of
# 50 mixed pictures; of 50 again, but sorted by what is on them; and of 2. How many are right?

# %%
runs["batch norm"] = learn(batch_norm=True)
model = runs["batch norm"].model
by_kind = np.argsort([label for _, label in validation], kind="stable")
mixed, sorted_by_kind = np.arange(500), by_kind


def right(order, size, training):
    """The share of validation pictures that are right in batches of `size`. A copy is asked: see below why."""
    asked = copy.deepcopy(model).train(training)
    count = 0
    with mg.no_grad():
        for inputs, labels in DataLoader(Subset(validation, order), batch_size=size):
            count += (asked(inputs).argmax(1) == labels).sum().item()
    return count / 500


ways = {
    "eval, in batches of 50": (mixed, 50, False),
    "eval, sorted by kind": (sorted_by_kind, 50, False),
    "train, in batches of 50": (mixed, 50, True),
    "train, sorted by kind": (sorted_by_kind, 50, True),
    "train, in batches of 2": (mixed, 2, True),
}
shares = {name: right(*way) for name, way in ways.items()}
colours = [GREEN if name.startswith("eval") else RED for name in ways]
plt.figure(figsize=(7, 2.8))
plt.barh(list(ways), [100 * share for share in shares.values()], color=colours)
plt.axvline(10, color="gray", linestyle=":")
plt.gca().invert_yaxis()
plt.xlabel("right, %   (dotted: guessing)")
plt.tight_layout()
plt.show()
print("in eval, company does not matter:", shares["eval, in batches of 50"] == shares["eval, sorted by kind"])
print("in train it does:                ", shares["train, sorted by kind"] < shares["train, in batches of 50"] - 0.03)

# %% [markdown]
# With mixed batches of 50 you would hardly notice: their statistics are close to the running ones. That makes the
# mistake so common. It shows when somebody sends one kind only (a camera in a cowshed), or few at a time. Where a
# channel has a single number left, it is an error at last, in both libraries:

# %%
for name, library in {"minigrad": mg, "PyTorch": torch}.items():
    try:
        library.nn.BatchNorm1d(2)(library.tensor(rows[:1]))
    except ValueError as error:
        print(f"{name}: ValueError: {error}")

# %% [markdown]
# And there is worse. In training mode the layer goes on keeping its statistics, under `no_grad` too: no gradient is
# needed for that.
#
# **Predict.** We ask the network in training mode about frogs only, a few batches of them, change nothing, and put it
# into eval, as is right. Is it as good as before?

# %%
frogs = [i for i in range(500) if validation[i][1] == plain.classes.index("frog")]
asked = copy.deepcopy(model).train()
with mg.no_grad():
    for _ in range(10):
        for inputs, _ in DataLoader(Subset(validation, frogs), batch_size=25):
            asked(inputs)
asked.eval()
before = evaluate(model, DataLoader(validation, batch_size=250))
after = evaluate(asked, DataLoader(validation, batch_size=250))
same = all(
    np.array_equal(p.detach().numpy(), q.detach().numpy()) for p, q in zip(model.parameters(), asked.parameters())
)
print("every parameter is the same:", same)
print("its loss is higher:         ", after["test_loss"] > before["test_loss"] + 0.02)

# %% [markdown]
# Nothing was learned, no parameter moved, and the network is spoiled: it takes frogs for the normal case. The running
# statistics are not parameters. They are **buffers**: saved in `state_dict()`, but changed by *looking*.
#
# **Exercise.** `batch_norm`, both faces, with its gradient. In training the gradient goes through mean and variance,
# since they depend on every picture of the batch.

# %% [markdown]
# ## 5. Each alone, and all together
#
# Two trainings are left. One with everything at once, some of it weaker. And one with three times the pictures, in as
# many steps, and nothing else done: the remedy that all others try to stand in for.

# %%
runs["all together"] = learn(data=Subset(moved, range(500)), batch_norm=True, dropout=0.3, weight_decay=0.005)
more = Subset(plain, [*range(1000), *range(1500, 2000)])  # all but those for validation
runs["1,500 pictures"] = learn(data=more, epochs=8, every=1)

figure, axes = plt.subplots(2, 4, figsize=(12, 6), sharex=True, sharey=True)
order = ["nothing", "L1", "L2", "dropout", "batch norm", "augmentation", "all together", "1,500 pictures"]
for axis, name in zip(axes.flat, order):
    draw_losses(axis, runs[name], name)
for axis in axes[1]:
    axis.set_xlabel("step")
for axis in axes[:, 0]:
    axis.set_ylabel("loss")
axes[0, 0].legend(fontsize=8, loc="upper left")
plt.tight_layout()
plt.show()

# %%
last = {name: runs[name].history[-1] for name in order}
gap = {name: row["test_loss"] - row["known_loss"] for name, row in last.items()}
for name in ("L1", "L2", "dropout", "augmentation", "all together", "1,500 pictures"):
    print(f"{name:14} the gap between the two losses is smaller than with nothing: {gap[name] < gap['nothing']}")

# %% [markdown]
# Read it from the red lines. With nothing, red climbs over that of knowing nothing. L1 and L2 hold it down; dropout and
# augmentation make learning by heart hard, and red stays almost flat. Batch norm alone lets the network learn by heart
# as well as ever, and red rises all the same, if less: its use is quick training. All together close most of the gap.
# But blue has not come far either: what holds a network back, holds it back. It wants more steps now, or a larger
# network.
#
# And more pictures, in as many steps? Red stays where it is low, and nothing had to be held back: there was no time to
# learn 1,500 by heart. (Blue is the loss on the same 500 as before, now a third of what it learns from.)

# %% [markdown]
# ## 6. Stop in time
#
# The cheapest remedy needs no change of the network. Keep a copy of the weights whenever the validation loss is lower
# than ever before. When it has not been so for a while, stop, and take the copy. The while is called **patience**.
#
# **Predict.** For the network with nothing, when would it stop, if it waits for 60 steps?

# %%
losses = curve(runs["nothing"], "test_loss")
best, ran = early_stopping(losses, patience=2)  # two measurements: 60 steps
plt.figure(figsize=(6, 3.4))
plt.plot(STEPS, losses, "o-", color=RED, markersize=4)
plt.plot(STEPS[best], losses[best], "*", color=GREEN, markersize=16, label="the copy that is kept")
plt.axvline(STEPS[ran - 1], color="black", linestyle="--", label="stop")
plt.axvspan(STEPS[ran - 1], 240, color="lightgray", alpha=0.5, label="saved")
plt.xlabel("step")
plt.ylabel("loss on the validation pictures")
plt.legend()
plt.show()
print("it ends before the last step:", STEPS[ran - 1] < 240)

# %% [markdown]
# Too little patience stops at the first bad number, which may be chance. `min_delta` says how much better is better.
# And choose what you watch: the copy with the lowest *loss* need not be the one with the most right answers, as you
# will see in the next section.
#
# PyTorch has no such thing built in, but its scheduler `ReduceLROnPlateau` waits in just the same way, and then lowers
# the rate in place of stopping. The check of the exercise `early_stopping` uses it as a judge.

# %% [markdown]
# ## The test, once
#
# Everything is decided. Now the 500 pictures that had no say. From each training we take the copy that was best on the
# validation pictures; for the first one, also what it was at the end.

# %%
test_loader = DataLoader(test, batch_size=250)
results = {"nothing, at the end": evaluate(runs["nothing"].model, test_loader)}
for name in order:
    results[name + ", stopped" * (name == "nothing")] = evaluate(runs[name].best["model"], test_loader)

figure, axes = plt.subplots(1, 2, figsize=(11, 3.8), sharey=True)
names, places = list(results), np.arange(len(results))
percent = np.array([100 * result["test_accuracy"] for result in results.values()])
spread = np.sqrt(percent * (100 - percent) / 500)
axes[0].barh(places, [result["test_loss"] for result in results.values()], color=RED)
axes[0].axvline(np.log(10), color="gray", linestyle=":")
axes[0].set(title="loss on the test pictures", yticks=places, yticklabels=names)
axes[1].barh(places, percent, xerr=spread, color=BLUE, ecolor="black", capsize=3)
axes[1].set(title="right, %, and how far chance may move it")
axes[0].invert_yaxis()
plt.tight_layout()
plt.show()
losses = {name: result["test_loss"] for name, result in results.items()}
print("stopping alone made the loss lower:", losses["nothing, stopped"] < losses["nothing, at the end"])
print("all together did so, too:          ", losses["all together"] < losses["nothing, at the end"])

# %% [markdown]
# The black lines say how far another 500 pictures might move a bar: about two points either way. Most bars on the
# right lie within that of each other. So do not say "dropout beats L2" from such a picture. The losses differ more
# clearly. And one run of each, from one start, is one throw of the dice; who wants to know, runs each ten times.

# %% [markdown]
# ## 7. Pruning
#
# If a network needs few of its weights, which ones? A simple answer works well: the small ones go. This is **magnitude
# pruning**. Of each layer's weights, a share is set to 0, and a **mask** notes which stay.
#
# In PyTorch it is in `torch.nn.utils.prune`, which keeps weights and mask and multiplies them for every use. Are our
# masks the same?

# %%
trained = runs["all together"].model


def weights_of(model):
    """What is pruned: the weights of convolutions and of the fully connected layer, no biases and no scales."""
    return {name: p for name, p in model.named_parameters() if p.ndim > 1}


for name, weight in weights_of(trained).items():
    layer = torch.nn.Module()
    layer.weight = torch.nn.Parameter(torch.tensor(weight.detach().numpy()))
    prune.l1_unstructured(layer, "weight", amount=0.8)
    mask = magnitude_prune(weight.detach().numpy(), 0.8)
    same = np.array_equal(mask, layer.weight_mask.numpy() == 1)
    print(f"{name:13} {mask.sum():4} of {mask.size:4} stay, the same as PyTorch's: {same}")

# %% [markdown]
# ("l1" in PyTorch's name is the size $|w|$ again.)
#
# After pruning, a network is usually worse, and a little more training brings most of it back: **fine-tuning**. But
# the optimizer does not know about masks.
#
# **Predict.** 90 percent of the weights are 0. We take one plain step of SGD. How many are 0 now? Then the same with
# the masks put on again after the step.


# %%
def finetuned(share, steps, masked=True):
    """A copy of the trained network, pruned, and trained on for some steps."""
    mg.manual_seed(1)
    model = copy.deepcopy(trained).train()
    optimizer = optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    loader = DataLoader(Subset(moved, range(500)), batch_size=25, shuffle=True)
    batches = (batch for _ in range(steps) for batch in loader)

    def loss():
        inputs, labels = next(batches)
        return F.cross_entropy(model(inputs), labels)

    weights = list(weights_of(model).values())
    prune_and_finetune(weights, share, optimizer, loss, steps if masked else 0)
    if not masked:
        for _ in range(steps):
            optimizer.zero_grad()
            loss().backward()
            optimizer.step()
    return model


def zeros(model):
    weights = np.concatenate([p.detach().numpy().ravel() for p in weights_of(model).values()])
    return np.mean(weights == 0)


print(f"pruned:                   {zeros(finetuned(0.9, 0)):.0%} are 0")
print(f"a step, masks put on:     {zeros(finetuned(0.9, 1)):.0%} are 0")
print(f"a plain step: fewer than half of them left: {zeros(finetuned(0.9, 1, masked=False)) < 0.45}")

# %% [markdown]
# One step, and they are back. It is not enough to mask the gradients, either: momentum remembers the ones from before,
# and weight decay and Adam have their own ways. What holds is to multiply by the mask after every step. That is the
# exercise `prune_and_finetune`, and the two lines below are its work.
#
# **Predict.** How much of the network can go: before it is worse, without fine-tuning, and with?

# %%
shares = [0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95]
accuracy = {}
for name, steps in {"pruned": 0, "pruned, and 40 more steps": 40}.items():
    models = [finetuned(share, steps) for share in shares]
    measured = [evaluate(model, DataLoader(validation, batch_size=250)) for model in models]
    accuracy[name] = np.array([100 * row["test_accuracy"] for row in measured])

plt.figure(figsize=(7, 3.8))
for (name, percent), colour in zip(accuracy.items(), (RED, BLUE)):
    plt.plot(100 * np.array(shares), percent, "o-", color=colour, label=name)
plt.axhline(10, color="gray", linestyle=":", label="guessing")
plt.xticks([100 * share for share in shares])
plt.ylim(0)
plt.xlabel("weights taken away, %")
plt.ylabel("right on validation pictures, %")
plt.legend()
plt.show()
pruned, tuned = accuracy.values()
print("at 80 %, the extra steps bring back more than 3 points:", tuned[4] > pruned[4] + 3)

# %% [markdown]
# The first half of the weights is hardly missed. Then the red line falls, and training on with what is left brings back
# much of it. At 95 percent it no longer gets back to where it was: this network was small to begin with. Large ones
# often lose 90 percent of their weights and are as good as before.
#
# What of the fully connected layer is still there at 90 percent? One row for each kind of picture, dark where a
# weight stayed.

# %%
mask = magnitude_prune(trained.fc.weight.detach().numpy(), 0.9)
plt.figure(figsize=(11, 2.2))
plt.imshow(mask, cmap="Greys", aspect="auto", interpolation="nearest")
plt.yticks(range(10), plain.classes)
plt.xlabel("the 256 features")
plt.tight_layout()
plt.show()

# %% [markdown]
# Is it faster now? No. A multiplication by 0 takes as long as any other. What is gained is room, if only the weights
# that stay are stored; and speed only where whole filters or rows go (**structured** pruning), or on hardware made for
# it.

# %% [markdown]
# ## What is left out
#
# - **Label smoothing**, **mixup**, and other ways of making targets and pictures softer.
# - **Ensembles**: several networks, and the mean of what they say. It nearly always helps, and costs as many trainings.
# - Why very large networks often generalise *better*, though they could memorise everything. Overfitting as shown here
#   is real, but it is not all there is to say; look for "double descent".
# - Pruning bit by bit, some more after every few epochs, which loses less than pruning at once.
#
# ## What is yours now
#
# - **Two losses over each other** tell learning from memorising. The loss shows it before the share of right answers
#   does.
# - **L2** takes a part of every weight, **L1** the same from each; both are a term in the gradient.
# - **Batch norm** goes by the batch in training, by running statistics in use. Forgetting `eval()` is silent, and may
#   spoil the network.
# - **Validation** pictures for every decision, **test** pictures once; and bars have to be further apart than chance.
# - **Stop** when patience is over, and take the best copy.
# - **Pruning** chooses once, and masks after every step.
#
# And from the [exercises](../exercises/12_generalization.ipynb): `l1_penalty`, `weight_decay`, `batch_norm`,
# `early_stopping`, `magnitude_prune` and `prune_and_finetune`, by you.
