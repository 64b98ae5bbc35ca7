# %% [markdown]
# # 09 · The first network
#
# *About 45 minutes.*
#
# You have all the parts: layers, losses, optimizers, batches. Put together they are a program that learns. Most such
# programs are copied from somewhere, and the hard ones are not those that crash. They are those that run, print
# numbers, and learn nothing. At the end you will
#
# - have read a famous program as a detective reads, and mended it;
# - know what every line of the training loop leaves behind for the next;
# - have two quick tests that every new network should pass before it is trained;
# - have watched a decision boundary bend itself around the data;
# - know how to find out why a network does not learn, from its curves, gradients and activations.

# %% tags=["nbval-ignore-output"]
import matplotlib.pyplot as plt
import numpy as np
import torch

import minigrad as mg
from minigrad import nn, optim
from minigrad.data import DataLoader, TensorDataset
from minigrad.nn import functional as F
from minigrad.study.chapters.first_network import five_runs, points, recorded
from minigrad.train import Run, evaluate
from minigrad.view import show

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#888888"
plt.rcParams.update({"font.size": 11, "axes.spines.top": False, "axes.spines.right": False})

# %% [markdown]
# ## 1. The printed program
#
# Here is a network that says yes or no from ten numbers, and the loop that trains it. In one form or another it has
# been printed on many pages. The words are ours, the mistakes are not.
#
# **Find** what is wrong with it, before you read on. Sort what you find: what stops it, and what lets it run but not
# learn?


# %%
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(10, 5)
        self.fc2 = nn.Linear(5, 1)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x)))


criterion = nn.BCELoss()


def printed():
    optimizer = optim.SGD(net.parameters(), lr=0.01)
    for _ in range(100):
        optimizer.zero_grad()
        outputs = net(inputs)
        loss = criterion(outputs, labels)
        loss.backward()
        optimizer.step()


def attempt(program):
    try:
        program()
        print("It runs.")
    except (NameError, RuntimeError, ValueError) as error:
        print(f"{type(error).__name__}: {error}")


attempt(printed)

# %% [markdown]
# ### What was never made
#
# The page describes a network, and never makes one. It never says what `inputs` and `labels` are, either. Such things
# take a minute to find, since Python names them one by one.
#
# We make 200 rows of ten numbers, and a rule for the network to find: the answer is 1 where the first five add up to
# more than the others.

# %%
rng = np.random.default_rng(0)
rows = rng.standard_normal((200, 10)).astype("float32")
answers = rows[:, :5].sum(1) > rows[:, 5:].sum(1)

mg.manual_seed(0)
net = Net()
inputs, labels = mg.tensor(rows), mg.tensor(answers)
attempt(printed)

# %% [markdown]
# ### A score is no probability
#
# That is the real mistake. `BCELoss` wants probabilities, from 0 to 1. A linear layer gives **scores**, which may be
# any number. Does PyTorch say the same?

# %%
torch_net = torch.nn.Sequential(torch.nn.Linear(10, 5), torch.nn.ReLU(), torch.nn.Linear(5, 1))
start = [torch.tensor(p.detach().numpy()) for p in net.parameters()]
torch_net.load_state_dict(dict(zip(torch_net.state_dict(), start)))
torch_inputs, torch_labels = torch.tensor(rows), torch.tensor(answers).float().unsqueeze(1)

attempt(lambda: torch.nn.BCELoss()(torch_net(torch_inputs), torch_labels))

# %% [markdown]
# (We were kind to PyTorch, and gave it labels of the right shape and type. You will see why in a moment.)
#
# There are two ways to mend it. A sigmoid after the last layer makes a probability of the score. Or the score stays as
# it is, and the loss takes scores: `BCEWithLogitsLoss`. (*Logit* is the learned word for such a score.) On paper they
# are the same.
#
# **Predict.** A network is quite sure and quite wrong: the score is 200, the label is 0. On paper the loss is 200, and
# its slope is 1: "down!". What do the two ways give, in `float32`?


# %%
def loss_and_slope(library, loss):
    score = library.tensor([200.0], requires_grad=True)
    value = loss(score, library.tensor([0.0]))
    value.backward()
    return f"loss {value.item():5.0f}, slope {score.grad.item():.0f}"


def through_sigmoid(score, target):
    return nn.BCELoss()(score.sigmoid(), target)


def through_sigmoid_in_pytorch(score, target):
    return torch.nn.BCELoss()(score.sigmoid(), target)


print("sigmoid, then BCELoss: ", loss_and_slope(mg, through_sigmoid))
print("              PyTorch: ", loss_and_slope(torch, through_sigmoid_in_pytorch))
print("BCEWithLogitsLoss:     ", loss_and_slope(mg, nn.BCEWithLogitsLoss()))
print("              PyTorch: ", loss_and_slope(torch, torch.nn.BCEWithLogitsLoss()))

# %% [markdown]
# In `float32`, sigmoid(200) is exactly 1. The distance to 1 is lost, and with it the slope: where the network is most
# wrong, it learns nothing. So leave the sigmoid to the loss. When you want a probability to look at, take the sigmoid
# then.
#
# ### The labels
#
# **Predict.** Does it run now? (What shape do 200 answers have, and what shape does the net give?)

# %%
criterion = nn.BCEWithLogitsLoss()
attempt(printed)

# %% [markdown]
# A column of 200 scores, and a row of 200 labels. You know from lesson 05 what broadcasting would make of these: a
# table of 40,000. This loss refuses. `unsqueeze(1)` makes a column of the labels.

# %%
labels = labels.unsqueeze(1)
attempt(printed)

# %%
labels = labels.float()  # True and False become 1.0 and 0.0
attempt(printed)

# %% [markdown]
# ### It runs. Does it learn?
#
# **Predict.** The loss is right now. The rest is as printed: 100 epochs, learning rate 0.01. How low will the loss
# come?


# %%
def accuracy(net):
    return ((net(inputs) > 0) == (labels > 0)).float().mean().item()  # a score above 0 is a probability above 1/2


def mended(lr):
    """The printed loop, with the loss mended: the net, and the loss in every epoch."""
    mg.manual_seed(0)
    net, criterion = Net(), nn.BCEWithLogitsLoss()
    optimizer = optim.SGD(net.parameters(), lr=lr)
    losses = []
    for _ in range(100):
        optimizer.zero_grad()
        loss = criterion(net(inputs), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return net, losses


net, losses = mended(lr=0.01)
print(f"loss: {losses[0]:.2f} at the start, {losses[-1]:.2f} at the end; right: {accuracy(net):.0%}")

# %% [markdown]
# It runs, nothing complains, and after 100 epochs the loss has hardly moved. Is something broken? Is it merely slow?
# The learning rate is the first knob to try, and in steps of ten: 0.01 to 0.02 tells you nothing.

# %%
figure, axis = plt.subplots(figsize=(8, 3.6))
styles = {0.01: (GREY, ":"), 0.1: (BLUE, "--"), 1.0: (GREEN, "-"), 30.0: (ORANGE, "-")}
for lr, (colour, style) in styles.items():
    net, losses = mended(lr)
    learned = max(losses[-20:]) < losses[0]
    end = f"{losses[-1]:.2f}, right {accuracy(net):.0%}" if learned else "jumps about, above where it began"
    print(f"lr {lr:>5}: loss at the end {end}")
    axis.plot(losses, color=colour, linestyle=style, linewidth=2, label=f"lr = {lr:g}")
axis.axhline(np.log(2), color="black", linewidth=0.8)
axis.text(100, np.log(2), "log 2", va="center")
axis.set(xlabel="epoch", ylabel="loss", yscale="log", xlim=(-1, 99))
axis.legend(loc="upper right", ncols=2)
plt.show()

# %% [markdown]
# (The loss is drawn on a scale of powers of ten, or the last curve would hide the others.) With 0.01 it was merely
# slow: a step so small that a hundred of them lead nowhere. With 1 it learns the rule. With 30 the first steps throw
# the weights far away, and the network never recovers. A loss that jumps up at once says: the rate is too high.
#
# So the printed program stops at names that were never made, at scores where probabilities are wanted, and at labels of
# the wrong shape and type. Each takes minutes. The learning rate stops nothing, and costs an afternoon.
#
# ## 2. The loop, line by line
#
# Five lines do all the work. What does each of them leave behind? We look at one weight, and at its
# slope, after each line of two steps.

# %%
mg.manual_seed(0)
net, criterion = Net(), nn.BCEWithLogitsLoss()
optimizer = optim.SGD(net.parameters(), lr=1.0)
weight = net.fc2.weight


def look(line):
    slope = "none" if weight.grad is None else f"{weight.grad[0, 0].item():+.3f}"
    print(f"{line:38} weight {weight[0, 0].item():+.3f}   slope {slope}")


for _ in range(2):
    optimizer.zero_grad()
    look("optimizer.zero_grad()")
    outputs = net(inputs)
    loss = criterion(outputs, labels)
    look("loss = criterion(net(inputs), labels)")
    loss.backward()
    look("loss.backward()")
    optimizer.step()
    look("optimizer.step()")
    print()

# %% [markdown]
# - `zero_grad()` takes the old slopes away. `backward()` only ever adds to what is there.
# - The forward pass touches neither weights nor slopes. It leaves the graph behind, on `loss`.
# - `backward()` walks the graph, leaves a slope in every weight, and lets the graph go.
# - `step()` moves the weights by those slopes. The slopes are still there, and belong to weights that are no more.
#
# The optimizer and the loss never meet. They speak through `.grad`, and that is why the order counts.
#
# **Predict.** The right loop, and three that are nearly right, 30 steps each. Which of them learn?


# %%
def thirty(step):
    """The loss after 30 steps, each done by step(optimizer, compute the loss)."""
    mg.manual_seed(0)
    net = Net()
    optimizer = optim.SGD(net.parameters(), lr=1.0)
    for _ in range(30):
        step(optimizer, lambda: nn.BCEWithLogitsLoss()(net(inputs), labels))
    return nn.BCEWithLogitsLoss()(net(inputs), labels).item()


def right(optimizer, loss):
    optimizer.zero_grad()
    loss().backward()
    optimizer.step()


def forgets_just_before_the_step(optimizer, loss):
    loss().backward()
    optimizer.zero_grad()
    optimizer.step()


def never_forgets(optimizer, loss):
    loss().backward()
    optimizer.step()


def steps_first(optimizer, loss):
    optimizer.step()
    optimizer.zero_grad()
    loss().backward()


for step in (right, forgets_just_before_the_step, never_forgets, steps_first):
    print(f"{step.__name__:30} {thirty(step):.2f}")

# %% [markdown]
# The second never moves: no slopes are there when it steps.
#
# The third is a surprise. It goes by the sum of all slopes so far, like a ball without friction, and here it comes
# further than the right loop. The valley of this easy task goes down for ever, so rolling on is not wrong. In a valley
# with another side it rolls through and up again. We shall see that in section 6.
#
# And `steps_first`? It goes by the slopes of the last round, and is the right loop, begun in another place: its 30
# rounds are 29 steps.
#
# The library's loop has the same lines, and some bookkeeping for its history:

# %%
show(Run.step)

# %% [markdown]
# Is it PyTorch's loop? The same weights, the same rows, 100 steps:

# %%
torch_optimizer = torch.optim.SGD(torch_net.parameters(), lr=1.0)
torch_losses = []
for _ in range(100):
    torch_optimizer.zero_grad()
    loss = torch.nn.BCEWithLogitsLoss()(torch_net(torch_inputs), torch_labels)
    loss.backward()
    torch_optimizer.step()
    torch_losses.append(loss.item())

_, losses = mended(lr=1.0)
for step in (0, 10, 99):
    print(f"step {step:2}: minigrad {losses[step]:.4f}, PyTorch {torch_losses[step]:.4f}")

# %% [markdown]
# > **Build it:** `train_step`, `fit`, `evaluate`, in [the exercises](../exercises/09_first_network.ipynb). Then
# > `fix_the_classifier`.
#
# ## 3. Two tests before any training
#
# ### At the start, the loss is log C
#
# An untrained network knows nothing. If it gives each of C classes the same chance, 1/C, then its loss is
# $-\log(1/C) = \log C$, whatever the data. For yes or no that is log 2, the line in the picture above. You know the
# right answer before you have trained anything, and that is rare.
#
# **Predict.** What is the loss at the start for 2, 10 and 100 classes? And for the last line, where the inputs are 100
# times larger, as raw measurements often are?


# %%
def at_the_start(classes, scale=1.0):
    """The loss of an untrained network, for labels by chance."""
    mg.manual_seed(0)
    model = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, classes))
    labels = mg.tensor(np.random.default_rng(1).integers(0, classes, 200))
    return F.cross_entropy(model(inputs * scale), labels).item()


for classes in (2, 10, 100):
    print(f"{classes:3} classes: log C = {np.log(classes):.2f}, loss {at_the_start(classes):.2f}")
print(f" 10 classes, inputs times 100:    loss {at_the_start(10, scale=100):.2f}")

# %% [markdown]
# Close to log C, and a little above: the first weights are random, so the scores are not quite equal.
#
# The last line is far away, and so before the first step you know that something is wrong. Here it is the scale of the
# inputs (lesson 08 has the cure). It may as well be a softmax too many, a sum in place of a mean, or another number of
# classes than you thought. A loss far *below* log C is just as suspicious: somebody has told the network the answers.
#
# ### It can learn ten points by heart
#
# Take ten rows and give them labels by chance. There is nothing to understand. But there are more weights than rows, so
# a network in order can learn them by heart, in seconds. If it cannot, no amount of data will help.
#
# Below, the second network has a mistake: somebody has put a relu after the last layer, too. **Predict** where its loss
# ends.

# %%
few, few_labels = inputs[:10], mg.tensor([1.0, 0.0] * 5).unsqueeze(1)


def by_heart(model):
    optimizer = optim.SGD(model.parameters(), lr=0.5)
    losses = []
    for _ in range(200):
        optimizer.zero_grad()
        loss = F.binary_cross_entropy_with_logits(model(few), few_labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


figure, axis = plt.subplots(figsize=(7, 3.2))
for name, last, colour in [("10 → 5 → 1", nn.Identity(), GREEN), ("with a relu at the end", nn.ReLU(), ORANGE)]:
    mg.manual_seed(7)
    losses = by_heart(nn.Sequential(nn.Linear(10, 5), nn.ReLU(), nn.Linear(5, 1), last))
    axis.plot(losses, color=colour, linewidth=2.5, label=name)
    print(f"{name:24} loss at the end {losses[-1]:.2f}")
axis.axhline(np.log(2) / 2, color="black", linewidth=0.8)
axis.text(199, np.log(2) / 2 - 0.02, "log 2 for half of the rows", ha="right", va="top")
axis.set(xlabel="step", ylabel="loss on ten rows", ylim=(0, 0.8))
axis.legend()
plt.show()

# %% [markdown]
# A score below 0 says no. With a relu at the end there is none: the surest no is a score of 0, a probability of a half.
# Five rows are learned, and the other five keep a loss of log 2. The ten points said so in two seconds.
#
# ## 4. A boundary that bends
#
# To see what is learned, take two inputs instead of ten: each row is then a point on paper. One class is a disc, the
# other lies around it. No straight line separates them.
#
# The network gives a score for every point of the plane. Where the score is 0 it cannot decide: that is the **decision
# boundary**, drawn in black. The colour says how sure it is.
#
# **Predict.** The net is 2 → 16 → 1 with relu. Each unit bends the boundary along one straight line. What will the
# boundary look like at the start, and what at the end?

# %%
x, y = map(mg.tensor, points("ring", np.random.default_rng(3)))
side = np.linspace(-4, 4, 81, dtype="float32")
plane = mg.tensor(np.stack(np.meshgrid(side, side), axis=-1))  # (81, 81, 2)


def draw_boundary(axis, model, title):
    with mg.no_grad():
        scores = model(plane)[..., 0].numpy()
    axis.contourf(side, side, 1 / (1 + np.exp(-scores)), levels=np.linspace(0, 1, 11), cmap="PuOr", alpha=0.7)
    axis.contour(side, side, scores, levels=[0], colors="black", linewidths=2)
    for label, marker, colour in [(0, "o", ORANGE), (1, "^", BLUE)]:
        chosen = y.numpy()[:, 0] == label
        axis.plot(
            *x.numpy()[chosen].T, marker, color=colour, markersize=4.5, markeredgecolor="white", markeredgewidth=0.5
        )
    axis.set(title=title, xlim=(-4, 4), ylim=(-4, 4), xticks=[], yticks=[], aspect="equal")


def epoch_of(model, optimizer, rng, batch=20):
    """Learn once from all points, in a new order."""
    for chosen in rng.permutation(len(x)).reshape(-1, batch):
        optimizer.zero_grad()
        F.binary_cross_entropy_with_logits(model(x[chosen]), y[chosen]).backward()
        optimizer.step()


def small_net():
    mg.manual_seed(0)
    return nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1))


model = small_net()
optimizer, rng = optim.SGD(model.parameters(), lr=0.5), np.random.default_rng(0)
figure, axes = plt.subplots(1, 4, figsize=(13, 3.6), layout="constrained")
for epoch in range(61):
    if epoch in (0, 3, 10, 60):
        draw_boundary(axes[[0, 3, 10, 60].index(epoch)], model, f"after {epoch} epochs")
    epoch_of(model, optimizer, rng)
plt.show()

# %% [markdown]
# It begins with a boundary that has nothing to do with the points. Then it goes around the disc. Its corners are where
# a unit's relu switches on. Far out, where there are no points, it is just as sure of itself as close by: nobody has
# told it that it knows nothing there.
#
# ## 5. How many rows in a step?
#
# Above, each step looked at 20 of the 80 points. It could look at all of them, or at four.
#
# **Predict.** The same net and rate, 30 epochs each, with batches of 80, 20 and 4. Which is the best after 30 epochs?

# %%
figure, axes = plt.subplots(1, 2, figsize=(11, 3.6), sharey=True, layout="constrained")
for batch, colour, style in [(80, GREY, ":"), (20, BLUE, "--"), (4, ORANGE, "-")]:
    model, rng, losses = small_net(), np.random.default_rng(0), []
    optimizer = optim.SGD(model.parameters(), lr=0.5)
    for _ in range(30):
        with mg.no_grad():
            losses.append(F.binary_cross_entropy_with_logits(model(x), y).item())
        epoch_of(model, optimizer, rng, batch)
    epochs = np.arange(30)
    for axis, horizontal in zip(axes, (epochs, epochs * 80 // batch)):
        axis.plot(horizontal, losses, color=colour, linestyle=style, linewidth=2.5, label=f"batches of {batch}")
axes[0].set(xlabel="epochs", ylabel="loss of all 80 points", ylim=(0, 0.75))
axes[1].set(xlabel="steps", xlim=(0, 120))
axes[0].legend()
plt.show()

# %% [markdown]
# The small batches win by far on the left. On the right you see why: they take more steps. Step for step, a batch of
# four does about as well as all 80. Its slope is noisier, but right on average, and it costs a twentieth.
#
# That does not go on for ever. With a high rate, the noise of small batches keeps the loss from settling; and on a
# machine that does much at once, 20 rows take no longer than one. Batch size and learning rate belong together: change
# one, and look at the other again.
#
# ## 6. Why does it not learn?
#
# Now the craft. Below are five runs of the net above (with dropout, which drops a quarter). Each is broken in one way:
#
# - the gradients are never set back (`zero_grad` is missing), so that they **add up**;
# - the **learning rate** is 100 times **too high**;
# - the **relus** are **dead**: all biases of the first layer begin at about −10;
# - the **labels** are **shuffled** against the inputs;
# - **eval mode** is **kept on**: the first measurement called `model.eval()`, and nobody called `model.train()` again.
#
# First, only what most people look at: the loss. In grey, a run that is in order.
#
# **Predict.** Which run is which? Which two can you not tell apart?

# %%
runs, in_order = five_runs("corners", seed=4), recorded("corners", seed=4)

figure, axes = plt.subplots(1, 5, figsize=(13, 2.9), sharey=True, layout="constrained")
for axis, (name, run) in zip(axes, runs.items()):
    axis.plot(in_order.loss, color=GREY, linewidth=1)
    axis.plot(run.loss, color=ORANGE, linewidth=2)
    axis.axhline(np.log(2), color="black", linewidth=0.8, linestyle=":")
    axis.set(title=f"run {name}", xlabel="step", ylim=(0, 2))
axes[0].set(ylabel="loss", yticks=[0, np.log(2), 2], yticklabels=["0", "log 2", "2"])
plt.show()

# %% [markdown]
# D leaves the picture at once. C learns, even faster than it should, and then begins to swing. A and E stay where they
# began. And B is fine. Is it?
#
# A loss says *that* something is wrong, and seldom *what*. Now we ask three more questions of each run, at every step:
#
# - How long is the gradient that the optimizer finds?
# - What share of the hidden numbers is above 0? (A unit of a relu that is 0 for every row hands nothing on, and gets no
#   slope back: it is **dead**.)
# - Of those above 0, what share did dropout set to 0?


# %%
def shares(run):
    """(share of hidden numbers above 0, share of these that dropout has set to 0), at each step."""
    at_work = run.hidden > 0
    dropped = at_work & (run.handed_on == 0)
    return at_work.mean((1, 2)), dropped.sum((1, 2)) / np.maximum(at_work.sum((1, 2)), 1)


pictured = {"length of the gradient": (0, 6), "share above 0": (-0.05, 1), "share dropped": (-0.05, 1)}
figure, axes = plt.subplots(3, 5, figsize=(13, 6.5), sharex=True, sharey="row", layout="constrained")
for column, (name, run) in enumerate(runs.items()):
    for drawn, colour, width in [(in_order, GREY, 1), (run, BLUE, 2)]:
        for axis, values in zip(axes[:, column], (drawn.gradient_norm, *shares(drawn))):
            axis.plot(values, color=colour, linewidth=width)
    axes[0, column].set(title=f"run {name}")
    axes[2, column].set(xlabel="step")
for axis, (label, limits) in zip(axes[:, 0], pictured.items()):
    axis.set(ylabel=label, ylim=limits)
plt.show()

# %% [markdown]
# Now they speak.
#
# - **A**: no unit is above 0, from the very first step. The relus are **dead**. Only the last bias still learns, and it
#   learns what share of the answers is yes.
# - **B**: nothing is dropped from the second epoch on. **Eval mode was kept on.** The loss looks better than it should,
#   since nothing disturbs the net any more. This one learns; only what dropout is there for is gone, and no curve of
#   the loss in training will say so. (What it is there for: lesson 12.)
# - **C**: the gradient begins as in the grey run, and then grows step by step. **Gradients add up**: this is the ball
#   without friction from section 2.
# - **D**: the loss and the gradient jump up in the first steps. The **rate is too high**. Look at its activations: in
#   the end hardly a unit is above 0. It looks like A, but *when* tells them apart. Dead at the first step is a cause.
#   Dead at the last is what is left after an explosion.
# - **E**: gradient, activations, dropout, all in good order, and no progress. Then the machine is sound, and what it is
#   fed is not: the **labels are shuffled**. The network does what it can with them, which is nothing.
#
# That makes a method. Go in this order, and stop at the first thing that is not as it should be:
#
# | look at | in order if | if not, think of |
# | --- | --- | --- |
# | the loss at the start | about log C | inputs of another scale, a softmax too many, a wrong loss |
# | the activations at the start | a good part above 0 | dead relus: a bad start, inputs of another scale |
# | the loss in the first few steps | it does not jump | a rate too high |
# | how far the weights move | they do move | a rate too low, slopes forgotten at the wrong place |
# | the gradient, later | about as long as at first, or shorter | gradients that add up |
# | what is random in training | it goes on | eval mode kept on |
# | ten points by heart | loss near 0 | a mistake in the network |
# | all that is fine, and no progress | | the data: labels shuffled, wrong, or nothing to be found |
#
# And a diagnosis is only a guess until the cure has worked. Change one thing, run again, and look at the same curves.
# Whoever changes three things at once learns nothing either.
#
# > **Build it:** `why_no_learning`. Five runs as these, in an order that is dealt out anew each time, and you write the
# > rules that tell them apart.
#
# How such a run is written down, and broken, is no secret:

# %%
show(recorded)

# %% [markdown]
# ## 7. The same with the library
#
# You need not write the loop each time. `Run` holds a model, an optimizer and a loader, and keeps a history; `evaluate`
# measures in eval mode, with nothing recorded, and puts the mode back. That is what your `fit` and `evaluate` do.
#
# Both are made for classes: a score for each, and `cross_entropy`. So our net gets two scores in place of one. Nothing
# is lost: what counts in softmax is the difference of the two scores, and that is the one score we had.
#
# **Predict.** Dropout drops a quarter while it learns. Is the loss in training higher or lower than on points that the
# net has never seen?


# %%
def dealt(seed, **options):
    """A loader of 80 points, labels as integers."""
    x, y = map(mg.tensor, points("ring", np.random.default_rng(seed)))
    return DataLoader(TensorDataset(x, y[:, 0].long()), batch_size=20, **options)


mg.manual_seed(0)
model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Dropout(0.25), nn.Linear(16, 2))
run = Run(model, optim.SGD(model.parameters(), lr=0.5), dealt(3, shuffle=True))
run.train(epochs=40, measure=lambda model: evaluate(model, dealt(4)))

for epoch in (1, 10, 40):
    row = run.history[epoch - 1]
    print(f"epoch {epoch:2}: loss {row['loss']:.2f}, on points not seen {row['test_loss']:.2f}", end="")
    print(f", right {row['test_accuracy']:.0%}")

# %% [markdown]
# Higher, and nothing is wrong: a quarter of the units is missing in training and none in the measurement. Whoever
# compares the two should know.
#
# **Predict.** The last thing that happened was a measurement. In which mode is the model now?

# %%
print("training mode:", model.training)
show(evaluate)

# %% [markdown]
# ## What is left out
#
# - Choosing a model by points not seen, and what to do when it learns too much by heart: lesson 12.
# - Checkpoints. A `Run` can be stopped with Ctrl-C, saved, and gone on with, to the same bits: `show(Run)`.
# - Curves are drawn by hand here. Larger projects use a tool that keeps them; the questions stay the same.
#
# ## What is yours now
#
# - **Five lines**: forget, guess and measure, find slopes, step. Each leaves something behind for the next.
# - **Scores, not probabilities**, go into the loss. The sigmoid is for looking.
# - **Before training**: the loss at the start is log C, and ten points can be learned by heart.
# - **The learning rate** is tried in steps of ten; small batches take more steps, each a little noisy.
# - **When nothing is learned**: first the start, then the first steps, then gradients and activations over time, and
#   the data last. Cause before consequence: *when* did it happen?
#
# And from the [exercises](../exercises/09_first_network.ipynb): a training loop, a measurement, a mended classifier,
# and a doctor for runs.
