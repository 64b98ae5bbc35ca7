# %% [markdown]
# # 07 · Modules
#
# *About 45 minutes.*
#
# So far the knobs of a network lay about as loose tensors: `w1, b1, w2, b2`. With fifty of them you would lose one, and
# a knob that is lost is never turned. This lesson is about the box that keeps them. At the end you will
#
# - know how `self.weight = Parameter(...)` is found, and what is *not* found;
# - have watched signals die, or explode, on their way through ten layers, and know the start that keeps them alive;
# - know what `train()` and `eval()` change, and why dropout keeps the average;
# - move weights to PyTorch and back, save them, load them, and see what a torn file does.
#
# Everything is run in real PyTorch too.

# %% tags=["nbval-ignore-output"]
import math
import tempfile
import textwrap
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch

import minigrad as mg
from minigrad import nn
from minigrad.nn import functional as F
from minigrad.view import show

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#777777"

# %% [markdown]
# ## 1. A box for knobs
#
# A straight line has two knobs. Here they are in a box. A class that extends `nn.Module` says in `__init__` what it
# holds, and in `forward` what it computes.


# %%
class Line(nn.Module):
    def __init__(self):
        self.weight = nn.Parameter(mg.tensor(2.0))
        self.bias = nn.Parameter(mg.tensor(0.5))

    def forward(self, x):
        return self.weight * x + self.bias


line = Line()
print("line(3) is", line(mg.tensor(3.0)).item())
for name, parameter in line.named_parameters():
    print(f"{name:7} {parameter.item()}")

# %% [markdown]
# Two things happened that we did not write. `line(3)` ran `forward`. And `named_parameters()` knew both knobs, with
# their names, though nobody had told it of them.
#
# A `Parameter` is a tensor with a mark on it: *this one is learned*. There is hardly more to it.

# %%
show(nn.Parameter)

# %% [markdown]
# How are they found? In Python, all that is set on an object stands in a dictionary, in the order in which it was set.
# `vars(line)` is that dictionary. So one need only look through it.

# %%
print({name: type(value).__name__ for name, value in vars(line).items()})
show(nn.Module._items)

# %% [markdown]
# That is the whole trick. `named_parameters()` asks for those of the kind `Parameter`.
#
# **Predict.** Five attributes, all of them tensors in some way. Which will be found?


# %%
def fill(box, library):
    box.a = library.nn.Parameter(library.zeros(2))
    box.b = library.zeros(2)
    box.c = library.zeros(2, requires_grad=True)
    box.d = [library.nn.Parameter(library.zeros(2))]
    e = library.nn.Parameter(library.zeros(2))  # noqa: F841
    return box


for name, library in {"minigrad": mg, "PyTorch": torch}.items():
    box = fill(library.nn.Module(), library)
    print(f"{name:9}", [name for name, _ in box.named_parameters()])

# %% [markdown]
# Only `a`. A plain tensor is not found, not even one that requires a gradient: it may be something that the module only
# remembers. A list is not looked into. And `e` was never set on the box at all.
#
# PyTorch finds the same by another way: its `Module` watches as attributes are set (in `__setattr__`) and writes them
# down as they come. That is why there every `__init__` must first say `super().__init__()`, which makes the place to
# write. Minigrad looks when it is asked, and needs no such line. (It does no harm.)
#
# **Exercise.** `Module` in the [exercises of this chapter](../exercises/07_modules.ipynb) is this box, to be written by
# you. Read the next section first.
#
# ## 2. Boxes in boxes
#
# A module may hold modules. `nn.Linear(2, 3)` is one, with a weight and a bias. `nn.Sequential` is one that holds
# others and runs them one after the other.


# %%
class Net(nn.Module):
    def __init__(self):
        self.body = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 3), nn.Tanh())
        self.head = nn.Linear(3, 1)
        self.scale = nn.Parameter(mg.ones(1))

    def forward(self, x):
        return self.head(self.body(x)) * self.scale


mg.manual_seed(0)
net = Net()
net

# %% [markdown]
# Printed, it is a tree. Here is the same tree with its knobs. Each box is a module, each orange chip a parameter.


# %%
def draw_tree(model):
    """One line for each module inside, set in by its depth, with its parameters beside it."""
    rows = list(model.named_modules())
    figure, axes = plt.subplots(figsize=(9, 0.46 * len(rows) + 0.3))
    line_of = {}
    for row, (path, module) in enumerate(rows):
        depth = path.count(".") + 1 if path else 0
        line_of[path] = row, depth
        name = path.rpartition(".")[2]
        text = f"{name}: {type(module).__name__}" if path else type(module).__name__
        axes.text(
            *(depth, row, text),
            va="center",
            fontsize=11,
            bbox={"boxstyle": "round,pad=0.3", "facecolor": "#CFE5F3", "edgecolor": BLUE},
        )
        if path:
            above, left = line_of[path.rpartition(".")[0]]
            axes.plot([left + 0.2, left + 0.2, depth - 0.06], [above + 0.35, row, row], color=GREY, zorder=0)
        for number, (name, value) in enumerate((n, v) for n, v in vars(module).items() if isinstance(v, nn.Parameter)):
            axes.text(
                *(4 + 1.9 * number, row, f"{name} {tuple(value.shape)}"),
                va="center",
                fontsize=11,
                bbox={"boxstyle": "round,pad=0.3", "facecolor": "#F8D9C0", "edgecolor": ORANGE},
            )
    axes.set(xlim=(-0.1, 7), ylim=(len(rows) - 0.4, -0.6))
    axes.axis("off")
    plt.show()


draw_tree(net)

# %% [markdown]
# The way from the root to a parameter is its name, with dots between. **Predict** the name of the weight of the second
# linear layer, and how many numbers there are to learn in all.

# %%
for name, parameter in net.named_parameters():
    print(f"{name:15} {str(tuple(parameter.shape)):7} {parameter.numel()}")
print("in all:", sum(parameter.numel() for parameter in net.parameters()))

# %% [markdown]
# A module's own come first, then those of the modules inside it: this is why `scale`, which was set last, heads the
# list. The walk that does it:

# %%
show(nn.Module.named_modules)

# %% [markdown]
# It keeps `seen`, so that a module in two places comes once. That matters. Two layers may share one weight on purpose
# (tied weights), and an optimizer that held it twice would turn it twice in each step.
#
# **Predict.** Three linear layers, kept in a list. How many parameters are found? What will the optimizer say?


# %%
class Forgetful(nn.Module):
    def __init__(self):
        self.layers = [nn.Linear(4, 4) for _ in range(3)]

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


print("found:", len(list(Forgetful().parameters())))
try:
    mg.optim.SGD(Forgetful().parameters(), lr=0.1)
except ValueError as error:
    print(textwrap.fill(str(error), 100))

# %% [markdown]
# None. Here the optimizer complains, for it got nothing at all. Had there been one layer more, as an attribute of its
# own, it would have turned that one, and you would wonder why so little is learned. `nn.ModuleList([...])` is a list
# that is a module, and is looked into.
#
# A layer like `Linear` holds no secrets by now: parameters, a start for them, and one formula.

# %%
show(nn.Linear)

# %% [markdown]
# `F.linear` is `x @ weight.T + bias`, which you wrote in chapter 02. The weight has the shape `(out, in)`: a row for
# each result. And `start` says where the numbers begin, which is the next section, and the heart of this lesson.
#
# **Exercises.** `Linear` and `Sequential`.
#
# ## 3. How to begin
#
# The knobs have to stand somewhere when learning begins. Why not all at 0?
#
# **Predict.** Three hidden units. All weights start at 0.5, all biases at 0. After a step of learning, will the three
# units differ?

# %%
x = mg.tensor([[1.0, 2.0], [-1.0, 1.0], [0.5, -2.0]])
y = mg.tensor([[1.0], [0.0], [2.0]])
twins = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
for parameter in twins.parameters():
    nn.init.constant_(parameter, 0.5 if parameter.ndim == 2 else 0.0)

optimizer = mg.optim.SGD(twins.parameters(), lr=0.1)
for _ in range(100):
    optimizer.zero_grad()
    F.mse_loss(twins(x), y).backward()
    optimizer.step()
weight = twins[0].weight.detach().numpy()
print("the three units are still alike:", bool(np.allclose(weight, weight[0])))

# %% [markdown]
# They are. What is alike gets the same gradient, and stays alike for ever: three units do the work of one. So the start
# must be **random**. But how large?
#
# Ten layers, each with 100 units and a relu. We send 200 random rows through, and measure how large the numbers are
# after each layer: their **standard deviation**, the usual distance from the average. Then we send a gradient back from
# the end, and measure how large *it* is where it passes.


# %%
WIDTH, DEPTH = 100, 10


def ten_layers(start, activation=nn.ReLU):
    """Ten linear layers with an activation after each; `start(weight)` fills each weight, and biases are 0."""
    mg.manual_seed(1)
    layers = [nn.Linear(WIDTH, WIDTH) for _ in range(DEPTH)]
    for layer in layers:
        start(layer.weight)
        nn.init.zeros_(layer.bias)
    return nn.Sequential(*[module for layer in layers for module in (layer, activation())])


def watch(net):
    """What comes out of each activation, forwards; and the gradients of these, backwards. Lists of arrays."""
    mg.manual_seed(2)
    x, signals = mg.randn(200, WIDTH), []
    for module in net:
        x = module(x)
        if not isinstance(module, nn.Linear):
            x.retain_grad()
            signals.append(x)
    x.backward(mg.randn(*x.shape))
    return [s.detach().numpy() for s in signals], [s.grad.numpy() for s in signals]


# %% [markdown]
# **Predict.** First we draw the weights from a normal distribution with standard deviation 0.05. That sounds small, but
# not tiny. How large are the numbers after ten layers? And with 0.4?

# %%
starts = {
    "too small: 0.05": lambda weight: nn.init.normal_(weight, 0, 0.05),
    "too large: 0.4": lambda weight: nn.init.normal_(weight, 0, 0.4),
    "kaiming": lambda weight: nn.init.kaiming_uniform_(weight),
}
watched = {name: watch(ten_layers(start)) for name, start in starts.items()}

for name, (signals, _) in watched.items():
    print(f"{name:16}", "  ".join(f"{s.std():8.2g}" for s in signals[::3]))

# %% [markdown]
# After layers 1, 4, 7 and 10. With 0.05 almost nothing is left; with 0.4 the numbers have grown to tens of thousands.
# In between lies a start that keeps them as they are.
#
# Here are all the numbers. Each hill is the histogram of what comes out of one layer, light for the first and dark for
# the last. Each step along the axis is a factor of 100, or else they would not fit into one picture.

# %%
bins = np.logspace(-7, 6, 120)
figure, axes = plt.subplots(3, 1, figsize=(10, 6), sharex=True)
for axis, (name, (signals, _)), colours in zip(axes, watched.items(), ("Oranges", "Greens", "Blues")):
    for layer in (0, 3, 6, 9):
        counts, _ = np.histogram(signals[layer], bins)
        colour = plt.get_cmap(colours)(0.35 + 0.065 * layer)
        axis.fill_between(bins[1:], counts, color=colour, alpha=0.75, label=f"layer {layer + 1}")
    axis.set(xscale="log", yticks=[], ylim=(0, None))
    axis.set_title(name, fontsize=11, loc="left")
    axis.legend(fontsize=9, loc="upper left" if "large" in name else "upper right")
axes[-1].set_xlabel("what comes out of a layer")
axes[-1].set_xticks([10.0**power for power in range(-6, 7, 2)])
figure.tight_layout()
plt.show()

# %% [markdown]
# (What relu made 0 is left out of the picture.)
#
# Forwards is half of the story. Learning needs the gradients to arrive at the first layer. Both, layer by layer, on a
# scale where each line down is a factor of 10:


# %%
def curves(watched, colours):
    figure, (forward, back) = plt.subplots(1, 2, figsize=(11, 3.8), sharex=True)
    layers = range(1, DEPTH + 1)
    for (name, (signals, gradients)), colour in zip(watched.items(), colours):
        forward.semilogy(layers, [s.std() for s in signals], "o-", color=colour, label=name)
        back.semilogy(layers, [g.std() for g in gradients], "o-", color=colour, label=name)
    forward.set(title="forwards: what comes out of each layer", xlabel="layer", ylabel="standard deviation")
    back.set(title="backwards: the gradient that arrives there", xlabel="layer", xticks=layers)
    for axis in (forward, back):
        axis.grid(alpha=0.3)
    forward.legend()
    figure.tight_layout()
    plt.show()


curves(watched, (ORANGE, GREEN, BLUE))

# %% [markdown]
# Straight lines on this scale: each layer multiplies by the same factor. Below 1 the signal dies out, above 1 it
# explodes, and ten layers take the factor to the tenth power.
#
# ### What the factor is
#
# A unit adds up `fan_in` products, weight times input. Here `fan_in` is 100. Weights are drawn independently and around
# 0, so the mean squares of the products add up:
#
# $$\text{mean square of the sum} = \text{fan}_\text{in} \cdot \text{std}^2 \cdot \text{mean square of an input}$$
#
# where std is the standard deviation of the weights. Then relu sets half of the numbers to 0, and with them goes half
# of the mean square. So each layer multiplies it by $\text{fan}_\text{in} \cdot \text{std}^2 \cdot \frac12$. For sizes
# to stay as they are, that must be 1:
#
# $$\text{std} = \sqrt{\frac{2}{\text{fan}_\text{in}}}$$
#
# This is the start of He and others (2015), called **kaiming** after the first author's first name. With 100 inputs it
# is about 0.14. Check it against the measured factor:

# %%
for name, std in {"too small: 0.05": 0.05, "too large: 0.4": 0.4, "kaiming": math.sqrt(2 / WIDTH)}.items():
    sizes = [math.sqrt((s**2).mean()) for s in watched[name][0]]
    measured = (sizes[-1] / sizes[0]) ** (1 / (DEPTH - 1))
    print(f"{name:16} factor by the formula {math.sqrt(WIDTH * std**2 / 2):.2f}, measured {measured:.2f}")

# %% [markdown]
# The library's has an `a` for relus that are not quite flat below 0, and a `mode` that looks at the other side:
# `fan_in` keeps the signals, `fan_out` the gradients. It is uniform: between −bound and bound, and the bound is
# $\sqrt 3$ times the standard deviation.

# %%
show(nn.init.kaiming_uniform_)

# %% [markdown]
# The same bounds as PyTorch's, for a few shapes and options? We compare the largest of a million numbers.

# %%
for shape, options in [((2000, 500), {}), ((500, 2000), {"mode": "fan_out"}), ((2000, 500), {"a": math.sqrt(5)})]:
    ours = nn.init.kaiming_uniform_(mg.empty(*shape), **options).abs().max().item()
    theirs = torch.nn.init.kaiming_uniform_(torch.empty(*shape), **options).abs().max().item()
    print(f"{str(shape):12} {str({name: round(v, 3) if name == 'a' else v for name, v in options.items()}):21}"
          f" minigrad {ours:.4f}   PyTorch {theirs:.4f}")  # fmt: skip

# %% [markdown]
# **Exercise.** `kaiming_uniform_`.
#
# ### What a layer starts with if you say nothing
#
# `Linear` calls `start`, and that does what PyTorch does:

# %%
show(nn.layers.start)

# %% [markdown]
# A slope of $\sqrt 5$ is nobody's relu. It is a way to say "a bound of $1 / \sqrt{\text{fan}_\text{in}}$", which
# PyTorch has kept from its early days. Each layer then multiplies the size by $\sqrt{1/6} \approx 0.41$.
#
# **Predict.** Where will its line run?

# %%
defaults = {
    "kaiming": starts["kaiming"],
    "if nothing is said": lambda weight: nn.init.kaiming_uniform_(weight, a=math.sqrt(5)),
}
curves({name: watch(ten_layers(start)) for name, start in defaults.items()}, (BLUE, GREY))

# %% [markdown]
# It shrinks. With two or three layers nobody notices, and deep networks have other helpers against it (normalization,
# chapter 12). In a deep net of relus without these, say how it should start.
#
# ### Does it matter?
#
# The same ten layers, asked to learn a small task, by 50 steps of the same optimizer.


# %%
def learn(start):
    net = nn.Sequential(ten_layers(start), nn.Linear(WIDTH, 1))
    optimizer = mg.optim.SGD(net.parameters(), lr=0.004)
    mg.manual_seed(3)
    x = mg.randn(50, WIDTH)
    y = (x[:, :1] + x[:, 1:2]).tanh()
    losses = []
    while len(losses) < 50:
        loss = F.mse_loss(net(x), y)
        losses.append(loss.item())
        if math.isnan(loss.item()):
            break
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses


losses = {name: learn(start) for name, start in starts.items()}
for name, values in losses.items():
    print(f"{name:16} first loss {values[0]:7.2g}   last loss {values[-1]:.2g}")

plt.figure(figsize=(8, 3.2))
plt.plot(losses["too small: 0.05"], color=ORANGE, label="too small: 0.05", linewidth=2.5)
plt.plot(losses["kaiming"], color=BLUE, label="kaiming", linewidth=2.5)
plt.ylim(0, 0.8)
plt.xlabel("step")
plt.ylabel("loss")
plt.legend()
plt.show()

# %% [markdown]
# The small one hardly moves: next to no gradient gets through. The large one begins with an enormous loss, and its
# first step throws its weights out of all bounds. The same net, the same data. Only the start differs.
#
# ### A curve with two flat ends
#
# `tanh` cannot explode, for it ends at 1. It fails in another way.

# %%
saturated, _ = watch(ten_layers(starts["too large: 0.4"], nn.Tanh))
tidy, _ = watch(ten_layers(lambda weight: nn.init.xavier_uniform_(weight, gain=5 / 3), nn.Tanh))

figure, axes = plt.subplots(1, 2, figsize=(9, 2.8), sharey=True)
for axis, signals, title, colour in [
    (axes[0], saturated, "weights of 0.4: stuck at the ends", ORANGE),
    (axes[1], tidy, "xavier, made for tanh", BLUE),
]:
    axis.hist(signals[-1].ravel(), bins=40, color=colour)
    axis.set(title=title, xlabel="what comes out of layer 10", yticks=[])
figure.tight_layout()
plt.show()

# %% [markdown]
# On the left nearly every unit says −1 or 1. There the curve is flat, its slope is near 0, and the gradient dies: the
# unit is **saturated**. `xavier_uniform_` (Glorot and Bengio, 2010) is the start for tanh. It averages both fans, and
# has no $\frac12$ to make up for.
#
# ## 4. Training and use
#
# Some layers behave in one way while learning, and in another when the network is used. `Dropout` is the plainest. In
# training it sets each number to 0 with probability `p`, at random and anew in each call. No unit can then lean on a
# single other one, for that may be gone. In use it does nothing.
#
# How does it know? Every module carries a flag, `training`. `train()` and `eval()` set it for the whole tree. In
# training, dropout multiplies by a **mask**, which is drawn anew each time.

# %%
show(nn.Module.train)

# %%
show(nn.functional.layers.dropout_mask)

# %% [markdown]
# **Predict.** Eight ones go through `Dropout(0.5)`. What comes out in training? In use?

# %%
mg.manual_seed(0)
dropout = nn.Dropout(0.5)
ones = mg.ones(8)

print("training:", dropout(ones).tolist())
print("again:   ", dropout(ones).tolist())
dropout.eval()
print("in use:  ", dropout(ones).tolist())

# %% [markdown]
# The ones that are kept become twos! Look at the source again: what is kept grows by $1 / (1 - p)$. Here is
# why. A unit of the next layer adds up what it gets. If half of it is missing, the sum is half as large, and the unit
# would be trained on sums of one size and used on sums of another. With the growing, the sum is right **on average**:
#
# $$p \cdot 0 + (1 - p) \cdot \frac{x}{1 - p} = x$$
#
# Let us look. A unit with 200 weights, one input, two thousand calls.

# %%
mg.manual_seed(0)
unit = nn.Linear(200, 1)
nn.init.constant_(unit.weight, 0.1)
x = mg.rand(1, 200)
dropout = nn.Dropout(0.5)

sums = np.array([unit(dropout(x)).item() for _ in range(2000)])
dropout.eval()
in_use = unit(dropout(x)).item()
bias = unit.bias.item()

plt.figure(figsize=(8, 3.2))
plt.hist(sums, bins=40, color=BLUE, alpha=0.8, label="in training, with growing")
plt.hist((sums - bias) / 2 + bias, bins=40, color=ORANGE, alpha=0.8, label="in training, without")
plt.axvline(in_use, color="black", linewidth=2.5, label="in use")
plt.xlabel("the sum")
plt.yticks([])
plt.ylim(0, 1.3 * plt.ylim()[1])
plt.legend(loc="upper center", ncol=3)
plt.show()
print("the average is right, to one part in a hundred:", abs(sums.mean() - in_use) < 0.01 * in_use)

# %% [markdown]
# Without it, everything in training would be half as large as in use. (The first paper let training be and made
# everything smaller in use. Doing it in training leaves nothing to do where speed matters.)
#
# The mistake to know: somebody forgets `model.eval()`, and the same input gets another answer each time.

# %%
for name, library in {"minigrad": mg, "PyTorch": torch}.items():
    library.manual_seed(0)
    model = library.nn.Sequential(library.nn.Linear(4, 8), library.nn.Dropout(0.5), library.nn.Linear(8, 1))
    x = library.ones(1, 4)
    answers = {mode: [model.train(mode == "train")(x).item() for _ in range(2)] for mode in ("train", "eval")}
    print(f"{name:9}", {mode: "the same twice" if a == b else "two answers" for mode, (a, b) in answers.items()})

# %% [markdown]
# Two habits follow: `model.train()` before a round of training, `model.eval()` before a round of measuring. And what
# `eval()` does *not* do is stop the recording. That is `mg.no_grad()`'s task.
#
# **Exercise.** `Dropout`.
#
# ## 5. All that it knows
#
# A trained network is its program, and numbers. The program is in your file. The numbers, by name, are its
# **state_dict**.

# %%
for name, tensor in net.state_dict().items():
    print(f"{name:15} {tuple(tensor.shape)}")

# %% [markdown]
# Parameters, and **buffers**: tensors that a module remembers without learning them (batch norm's averages, in chapter
# 12). Since names and shapes are PyTorch's, weights go to PyTorch and back.


# %%
class TorchNet(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.body = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 3), torch.nn.Tanh())
        self.head = torch.nn.Linear(3, 1)
        self.scale = torch.nn.Parameter(torch.ones(1))

    def forward(self, x):
        return self.head(self.body(x)) * self.scale


torch_net = TorchNet()
print("there:", torch_net.load_state_dict({name: torch.tensor(v.numpy()) for name, v in net.state_dict().items()}))

inputs = mg.randn(5, 2)
outputs = net(inputs).detach().numpy()
print("the same outputs:", np.allclose(outputs, torch_net(torch.tensor(inputs.numpy())).detach(), atol=1e-6))

with torch.no_grad():
    torch_net.scale.fill_(3.0)
net.load_state_dict(torch_net.state_dict())
print("and back: scale is", net.scale.item(), "and all is three times as large:",
      np.allclose(net(inputs).detach().numpy(), 3 * outputs, atol=1e-6))  # fmt: skip

# %% [markdown]
# What does not fit is refused, before anything is changed. (PyTorch refuses as well, but has by then copied what did
# fit.)

# %%
state = net.state_dict()
state["haed.weight"] = state.pop("head.weight")  # a slip of the fingers
state["scale"] = mg.ones(2)

try:
    net.load_state_dict(state)
except RuntimeError as error:
    print(error)

# %% [markdown]
# One trap has cost many a long night. **Predict.** We keep the best state, train on, and want it back.

# %%
for name, library in {"minigrad": mg, "PyTorch": torch}.items():
    layer = library.nn.Linear(1, 1)
    with library.no_grad():
        layer.weight.fill_(1.0)
    best = layer.state_dict()
    with library.no_grad():
        layer.weight.fill_(5.0)  # "training goes on"
    print(f"{name:9} the best weight was 1, and is kept as {best['weight'].item():g}")

# %% [markdown]
# The tensors in a state_dict share memory with the module's: it is a view of now, not a photograph. For a photograph,
# copy (`copy.deepcopy(layer.state_dict())`), or save it to a file.
#
# **Exercises.** `state_dict` and `load_state_dict`.
#
# ## 6. On the disk
#
# `mg.save` writes a state, or several with other things around them, to a file. Its format is *safetensors*, which many
# tools read; among them are those around PyTorch.

# %%
from safetensors.torch import load_file

folder = Path(tempfile.mkdtemp())
mg.save(net.state_dict(), folder / "net.safetensors")

fresh = Net()
fresh.load_state_dict(mg.load(folder / "net.safetensors"))
print("a fresh net gives the same:    ", np.allclose(fresh(inputs).detach(), net(inputs).detach()))

torch_net = TorchNet()
torch_net.load_state_dict(load_file(folder / "net.safetensors"))
theirs = torch_net(torch.tensor(inputs.numpy())).detach()
print("PyTorch, from the same file:   ", np.allclose(theirs, net(inputs).detach(), atol=1e-6))

optimizer = mg.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
checkpoint = {"epoch": 3, "model": net.state_dict(), "optimizer": optimizer.state_dict()}
mg.save(checkpoint, folder / "checkpoint.safetensors")
print("a checkpoint is good to go on from, and holds:", ", ".join(mg.load(folder / "checkpoint.safetensors")))

# %% [markdown]
# The second file is a **checkpoint**: all that is needed to go on after a power cut. The optimizer belongs in it, for
# it has a memory of its own (its momentum).
#
# A file can break. The disk was full, the machine was switched off, a download ended early. **Predict**: what do you
# get from a file of which the last ten bytes are missing? And from one in which a single bit is wrong?

# %%
whole = (folder / "net.safetensors").read_bytes()
flipped = bytearray(whole)
flipped[-6] ^= 1

for what, data in {
    "torn": whole[:-10],
    "one bit": bytes(flipped),
    "a letter": b"Dear net, ...",
}.items():
    (folder / "broken.safetensors").write_bytes(data)
    try:
        mg.load(folder / "broken.safetensors")
    except ValueError as error:
        said = str(error).replace(str(folder.resolve()), "...").replace(str(folder), "...")
        print(textwrap.fill(f"{what}: {said}", 100, subsequent_indent="    "))

# %% [markdown]
# No weights, and a sentence that says what is wrong. Each would be worse otherwise: a wrong bit in a weight makes a net
# that is a little stupid, and nobody knows why.
#
# And a `save` that is stopped half way? It leaves the old file whole. It writes to another name first, and only when
# all is on the disk is the new file put in place of the old, in a single move.

# %%
show(mg.serialization.put_in_place)

# %% [markdown]
# PyTorch's own `torch.save` writes *pickles*, and a pickle can hold a program that runs as it is loaded. By now
# `torch.load` refuses most of that (`weights_only=True`). A safetensors file holds numbers and names, and nothing that
# could run.

# %%
import shutil

shutil.rmtree(folder)

# %% [markdown]
# ## What is left out
#
# - Hooks: functions that PyTorch's modules call as signals and gradients pass. Here `retain_grad` did.
# - Batch norm and its buffers: chapter 12.
# - Other starts (orthogonal ones, sparse ones), and why very deep nets add the input of a block to its output.
#
# ## What is yours now
#
# - **A module** is an object whose attributes are parameters and other modules. To find them, look through `vars`.
# - **Not found**: plain tensors, what is in a list, what was never set on `self`.
# - **Names** are ways through the tree, with dots; a module's own come before those inside it; shared ones come once.
# - **The start** is random, or units stay twins. Its size decides whether signals live: before a relu, weights want a
#   standard deviation of $\sqrt{2 / \text{fan}_\text{in}}$.
# - **`train()` and `eval()`** set one flag in the whole tree. Dropout grows what it keeps, so that the average stays.
# - **A state_dict** is numbers by name. It shares memory; it fits PyTorch; on the disk it is whole, or refused.
#
# And from the [exercises](../exercises/07_modules.ipynb): a `Module`, four parts of a framework that stand on it, and
# saving and loading, written by you.
