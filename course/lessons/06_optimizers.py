# %% [markdown]
# # 06 · Optimizers
#
# *About 45 minutes.*
#
# `backward()` says which way is down. This lesson is about how to go there. So far every step was a small multiple of
# the slope. That works, and on most losses it is slow. At the end you will
#
# - know the rules by which networks are trained, from plain gradient descent to AdamW, and what each one adds;
# - have seen what each is good at, and what none of them can do;
# - know what a learning rate too small and one too large look like;
# - know why "weight decay" means two different things under Adam;
# - be able to draw a schedule, and to tame a gradient that is far too large.
#
# Everything is run in real PyTorch too.

# %% tags=["nbval-ignore-output"]
import matplotlib.pyplot as plt
import numpy as np
import torch

import minigrad as mg
from minigrad import nn, optim
from minigrad.study import check
from minigrad.view import show

BLUE, RED, GREEN, PINK = "#0072B2", "#D55E00", "#009E73", "#CC79A7"

# %% [markdown]
# ## 1. One knob, four rates
#
# The smallest hill there is: $\text{loss} = w^2$. We stand at $w = 4$. The slope is $2w$, and the rule is the one you
# know:
#
# $$w \leftarrow w - \text{lr} \cdot g$$
#
# $g$ is the gradient, and lr is the **learning rate**.
#
# **Predict.** Below are four rates: 0.02, 0.3, 0.95 and 1.05. Which of them arrive at 0 within 12 steps? What do the
# others do?


# %%
def walk(lr, steps=12, w=4.0):
    """The places that gradient descent on w * w comes to."""
    places = [w]
    for _ in range(steps):
        places.append(places[-1] - lr * 2 * places[-1])
    return np.array(places)


hill = np.linspace(-8, 8, 100)
figure, axes = plt.subplots(1, 4, figsize=(12, 3), sharey=True)
for axis, lr in zip(axes, (0.02, 0.3, 0.95, 1.05)):
    places = walk(lr)
    axis.plot(hill, hill**2, color="lightgrey", linewidth=3)
    axis.plot(places, places**2, "o-", color=BLUE, markersize=5, linewidth=1)
    axis.plot(places[0], places[0] ** 2, "o", color=RED, markersize=9)
    axis.set(title=f"lr = {lr}", xlabel="w", xlim=(-8, 8), ylim=(-2, 45))
axes[0].set_ylabel("loss")
plt.tight_layout()
plt.show()

# %% [markdown]
# The red dot is the start. 0.02 creeps. 0.3 is there after a few steps. 0.95 jumps across the valley each time and
# still gets nearer. 1.05 jumps so far that it lands higher than it was, and the next jump is larger. This is what "the
# loss became `nan`" looks like from near by.
#
# Each step multiplies $w$ by $1 - 2\,\text{lr}$. It shrinks as long as that is between $-1$ and $1$, so as long as lr
# is below 1. In general: **the limit is 2 divided by the curvature**, which is how fast the slope itself changes. Here
# the curvature is 2. On a hill bent ten times as much, the limit is ten times lower.
#
# ## 2. What an optimizer is
#
# In lesson 00 the step was a loop over all weights. Put that loop into an object which knows the weights, and you have
# an **optimizer**. It has two methods: `step()` takes a step, `zero_grad()` forgets the gradients. (Why they must be
# forgotten: lesson 04, section 7.)
#
# The same lines in both libraries:

# %%
for name, library in {"minigrad": mg, "PyTorch": torch}.items():
    w = library.tensor(4.0, requires_grad=True)
    optimizer = library.optim.SGD([w], lr=0.3)
    for _ in range(4):
        optimizer.zero_grad()
        (w * w).backward()
        optimizer.step()
    print(f"{name:9} w = {w.item():.4f}")

# %% [markdown]
# SGD stands for **stochastic gradient descent**. "Stochastic" since in practice each gradient comes from a few random
# examples, so it is right only on average. The rule does not know about that.
#
# **Exercise.** `SGD`, the first of this chapter's [exercises](../exercises/06_optimizers.ipynb), is that object. It has
# a few lines and some traps. Here is a try that fell into one of them. **Predict** which.


# %%
class SGD:
    def __init__(self, params, lr=1e-3):
        self.params, self.lr = list(params), lr

    def zero_grad(self):
        for p in self.params:
            p.grad = None

    def step(self):
        for p in self.params:
            if p.grad is not None:
                p = p - self.lr * p.grad


try:
    check(SGD, seed=0, note=False)
except AssertionError as error:
    print(error)

# %% [markdown]
# ## 3. The ravine
#
# Two knobs now. The loss is 100 times as bent along one as along the other:
#
# $$\text{loss} = \tfrac12 (x^2 + 100\,y^2)$$
#
# Seen from above it is a long, narrow ravine. Real losses look like this, only in more directions: some knobs matter
# much, others little.
#
# The limit for lr is $2/100$, because of $y$. At that rate, each step goes 2 percent of the way along $x$.
#
# A helper first: it goes down any surface, in either library, and notes the places.


# %%
def descend(library, surface, rule, start, steps):
    """The places, as an array (steps + 1, 2), that an optimizer comes to. `rule(library, params)` makes it."""
    w = library.tensor(start, requires_grad=True)
    optimizer = rule(library, [w])
    rng = np.random.default_rng(0)  # for surfaces that are noisy
    places = [start]
    for _ in range(steps):
        optimizer.zero_grad()
        noise = rng.normal(size=2).astype("float32")
        surface(w, noise).backward()
        optimizer.step()
        places.append(w.tolist())
    return np.array(places)


def ravine(w, noise=None):
    return (w[0] * w[0] + 100 * w[1] * w[1]) / 2


def contours(axis, surface, xs, ys):
    """Draw a surface as a map: dark is low."""
    xs, ys = np.linspace(*xs, 200), np.linspace(*ys, 200)
    height = surface(np.meshgrid(xs, ys), (0, 0))
    levels = height.min() + (height.max() - height.min()) * np.linspace(0, 1, 14) ** 4
    axis.contourf(xs, ys, height, levels, cmap="Greys_r", alpha=0.45)
    axis.contour(xs, ys, height, levels, colors="grey", linewidths=0.5)


# %% [markdown]
# **Predict.** Below, lr is 0.005 and then 0.0195, just under the limit. Which one gets farther in 50 steps? How does
# its path look?

# %%
figure, axes = plt.subplots(2, 1, figsize=(10, 4.6), sharex=True)
for axis, lr in zip(axes, (0.005, 0.0195)):
    path = descend(mg, ravine, lambda library, p, lr=lr: library.optim.SGD(p, lr=lr), [-9.0, 0.8], 50)
    contours(axis, ravine, (-10, 2), (-1, 1))
    axis.plot(*path.T, "o-", color=BLUE, markersize=3, linewidth=1)
    axis.plot(0, 0, "*", color="black", markersize=12)
    axis.set(title=f"SGD, lr = {lr}, 50 steps", ylabel="y")
axes[1].set_xlabel("x")
plt.tight_layout()
plt.show()

# %% [markdown]
# The star is the goal. With the small rate $y$ is soon right, and $x$ crawls. With the large one $y$ jumps from wall to
# wall, and $x$ still has far to go. One rate for all directions is the trouble. Everything below is a remedy for it.
#
# ## 4. Momentum: one more line
#
# A ball in this ravine would not crawl. Across, the slopes to the left and to the right cancel out. Along, they all
# pull the same way, and it gets faster. So keep a **velocity** $v$. It loses a part at each step, and gains the
# gradient:
#
# $$v \leftarrow 0.9\,v + g$$
# $$w \leftarrow w - \text{lr} \cdot v$$
#
# On an even slope $v$ grows to $g + 0.9\,g + 0.81\,g + \ldots = 10\,g$: ten times the speed.

# %%
momentum_rules = {
    "SGD": lambda library, p: library.optim.SGD(p, lr=0.01),
    "momentum": lambda library, p: library.optim.SGD(p, lr=0.01, momentum=0.9),
    "Nesterov": lambda library, p: library.optim.SGD(p, lr=0.01, momentum=0.9, nesterov=True),
}
figure, axes = plt.subplots(3, 1, figsize=(10, 6.4), sharex=True)
for axis, (name, rule), colour in zip(axes, momentum_rules.items(), (BLUE, RED, GREEN)):
    path = descend(mg, ravine, rule, [-9.0, 0.8], 50)
    contours(axis, ravine, (-10, 5), (-1, 1))
    axis.plot(*path.T, "o-", color=colour, markersize=3, linewidth=1)
    axis.plot(0, 0, "*", color="black", markersize=12)
    axis.set(title=f"{name}: after 50 steps the loss is {ravine(path[-1]):.2g}", ylabel="y")
axes[2].set_xlabel("x")
plt.tight_layout()
plt.show()

# %% [markdown]
# Momentum runs past the goal and comes back, as a ball does. The third one is **Nesterov's**, one more thought: the
# ball is going to roll on by $0.9\,v$ anyway, so count that in already.
#
# $$w \leftarrow w - \text{lr} \cdot (g + 0.9\,v)$$
#
# It brakes earlier, and overshoots less.
#
# **Exercises.** `momentum` and `nesterov` are these lines, as functions of arrays. And this is how the library has all
# three rules in one:

# %%
show(optim.SGD.update)

# %% [markdown]
# `p` is the parameter's array, changed in place; `state` is a dict which belongs to this parameter. `dampening`,
# `weight_decay` and `maximize` are settings that are off unless you ask. (`weight_decay` is section 8.)
#
# The loop around it, over all parameters, with everything that is not about the rule, is the base class `Optimizer`.
# Here is its heart. It hands over arrays, not tensors, so nothing is recorded; a parameter without a gradient is passed
# by.

# %%
show(optim.Optimizer.step)

# %% [markdown]
# ## 5. RMSprop: a rate for each knob
#
# Another remedy. If one direction is 100 times as steep, divide its gradient by how large it usually is. Then all
# directions have about the same length of step.
#
# "Usually" is a **running average** $s$ of the squares. It keeps 0.99 of what it was and takes 0.01 of the new one:
#
# $$s \leftarrow 0.99\,s + 0.01\,g^2$$
# $$w \leftarrow w - \text{lr} \cdot \frac{g}{\sqrt{s} + \varepsilon}$$
#
# The root brings squares back to the size of gradients. The tiny $\varepsilon$ (`eps`) keeps us from dividing by 0. The
# name is short for "root mean square propagation".
#
# **Predict.** We stand where the slope is 9 along $x$ and 80 along $y$. How long is RMSprop's first step along each?


# %%
def first_step(rule):
    path = descend(mg, ravine, rule, [-9.0, 0.8], 1)
    return [round(step, 3) for step in (path[1] - path[0]).tolist()]


print("SGD:    ", first_step(lambda library, p: library.optim.SGD(p, lr=0.01)))
print("RMSprop:", first_step(lambda library, p: library.optim.RMSprop(p, lr=0.01)))

# %% [markdown]
# Equally long, whatever the slopes. (And ten times lr: the average started at 0, so after one step it holds only a
# hundredth of $g^2$, and the root of that is a tenth of $g$. We come back to it at once.)
#
# **Exercise.** `RMSprop`. From here on you write `update` in a class made from the library's `Optimizer`.
#
# ## 6. Adam: both, and a correction
#
# Take momentum's idea for the direction and RMSprop's for the length. So there are two running averages, $m$ of the
# gradients and $s$ of their squares:
#
# $$m \leftarrow 0.9\,m + 0.1\,g \qquad s \leftarrow 0.999\,s + 0.001\,g^2$$
#
# Both start at 0. So at first they are too small, $s$ for a thousand steps and more. After $t$ steps an average that
# keeps $\beta$ has seen weights that add up to $1 - \beta^t$. So divide by that. Here are running averages of a noisy
# number whose true mean is 1.

# %%
numbers = np.random.default_rng(1).normal(1, 0.4, 60)
figure, axes = plt.subplots(1, 2, figsize=(11, 3.2), sharey=True)
for axis, beta in zip(axes, (0.9, 0.99)):
    average, raw, corrected = 0.0, [], []
    for t, number in enumerate(numbers, start=1):
        average = beta * average + (1 - beta) * number
        raw.append(average)
        corrected.append(average / (1 - beta**t))
    ts = range(1, 61)
    axis.plot(ts, numbers, ".", color="grey", label="the numbers")
    axis.plot(ts, raw, "--", color=RED, linewidth=2.5, label="average, from 0")
    axis.plot(ts, corrected, color=BLUE, linewidth=2.5, label="divided by $1 - \\beta^t$")
    axis.axhline(1, color="black", linewidth=0.7)
    axis.set(title=f"$\\beta$ = {beta}", xlabel="t", ylim=(0, 2))
axes[1].legend(loc="upper right", ncols=3, fontsize=8)
plt.tight_layout()
plt.show()

# %% [markdown]
# The step, where $\hat m$ and $\hat s$ are corrected:
#
# $$w \leftarrow w - \text{lr} \cdot \frac{\hat m}{\sqrt{\hat s} + \varepsilon}$$
#
# **Predict.** How long is Adam's first step, along each direction?

# %%
print("Adam:   ", first_step(lambda library, p: library.optim.Adam(p, lr=0.01)))
show(optim.Adam.update)

# %% [markdown]
# Exactly lr: at first $\hat m = g$ and $\sqrt{\hat s} = |g|$. So under Adam, lr has a plain meaning. It is about how
# far a knob may turn in one step, and 0.001 is a sensible start for most networks. Under SGD the right lr depends on
# how steep the loss happens to be.
#
# **Exercise.** `Adam`: seven lines.
#
# ## 7. In lockstep, and a race
#
# Are they PyTorch's rules? Every one takes 50 steps on the little network of lesson 00, from the same weights, beside
# PyTorch's. After each step all 25 weights are compared.

# %%
rng = np.random.default_rng(0)
x_data = np.linspace(-2, 2, 40, dtype="float32").reshape(40, 1)
y_data = np.sin(2 * x_data)
start = [(rng.normal(size=shape) * 0.5).astype("float32") for shape in [(1, 8), (8,), (8, 1), (1,)]]


def fit(library, rule, steps=50):
    """All weights after each step, (steps, 25)."""
    x, y = library.tensor(x_data), library.tensor(y_data)
    w1, b1, w2, b2 = weights = [library.tensor(w, requires_grad=True) for w in start]
    optimizer = rule(library, weights)
    found = []
    for _ in range(steps):
        optimizer.zero_grad()
        guess = (x @ w1 + b1).tanh() @ w2 + b2
        ((guess - y) ** 2).mean().backward()
        optimizer.step()
        found.append(np.concatenate([w.detach().numpy().ravel() for w in weights]))
    return np.array(found)


rules = {
    "SGD": lambda library, p: library.optim.SGD(p, lr=0.1),
    "momentum": lambda library, p: library.optim.SGD(p, lr=0.05, momentum=0.9),
    "Nesterov": lambda library, p: library.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    "Adagrad": lambda library, p: library.optim.Adagrad(p, lr=0.1),
    "Adadelta": lambda library, p: library.optim.Adadelta(p, lr=1.0),
    "RMSprop": lambda library, p: library.optim.RMSprop(p, lr=0.01),
    "Adam": lambda library, p: library.optim.Adam(p, lr=0.05),
    "Adam, L2": lambda library, p: library.optim.Adam(p, lr=0.05, weight_decay=0.1),
    "AdamW": lambda library, p: library.optim.AdamW(p, lr=0.05, weight_decay=0.1),
}
for name, rule in rules.items():
    ours, theirs = fit(mg, rule), fit(torch, rule)
    agree = np.isclose(ours, theirs, rtol=1e-4, atol=1e-4).all(axis=1)
    print(f"{name:9} the same to 4 digits in {agree.sum()} of 50 steps")

# %% [markdown]
# (Adagrad and Adadelta are relatives of RMSprop, in the library but not in this lesson. The first adds the squares up
# and never forgets; the second also measures its own steps.)
#
# Now the race, on four surfaces:
#
# - the **ravine**;
# - a **saddle**: down along $y$, up along $x$. On the ridge between, the slope is almost 0;
# - **Rosenbrock's** valley: narrow, bent, and nearly flat at the bottom. An old test, and a mean one;
# - a **noisy** bowl: every gradient is that of a bowl whose middle is drawn anew, as with random batches.


# %%
def saddle(w, noise=None):
    return w[0] * w[0] - w[1] * w[1] + w[1] ** 4 / 4


def rosenbrock(w, noise=None):
    return (1 - w[0]) ** 2 + 100 * (w[1] - w[0] * w[0]) ** 2


def noisy(w, noise=(0, 0)):
    x, y = w[0] - float(noise[0]), w[1] - float(noise[1])
    return (x * x + 5 * y * y) / 2


tracks = {  # surface: start, goal, the map's corners, and a rate that suits each rule
    ravine: ([-9.0, 0.8], (0, 0), (-10, 5), (-1.2, 1.2), (0.0195, 0.01, 0.15, 0.3)),
    saddle: ([-1.8, 0.01], (0, 2**0.5), (-2, 1), (-0.7, 2.1), (0.05, 0.02, 0.05, 0.1)),
    rosenbrock: ([-1.2, 1.0], (1, 1), (-1.7, 1.7), (-0.6, 2.2), (0.002, 0.0015, 0.05, 0.3)),
    noisy: ([-4.0, 2.0], (0, 0), (-5, 2), (-2.2, 2.6), (0.05, 0.01, 0.1, 0.2)),
}


def racers(sgd, momentum, rmsprop, adam):
    return {
        "SGD": lambda library, p: library.optim.SGD(p, lr=sgd),
        "momentum": lambda library, p: library.optim.SGD(p, lr=momentum, momentum=0.9),
        "RMSprop": lambda library, p: library.optim.RMSprop(p, lr=rmsprop, alpha=0.9),
        "Adam": lambda library, p: library.optim.Adam(p, lr=adam),
    }


paths = {
    surface: {name: descend(mg, surface, rule, begin, 150) for name, rule in racers(*rates).items()}
    for surface, (begin, *_, rates) in tracks.items()
}

# %% [markdown]
# **Predict.** Who wins on which? 150 steps each.

# %%
figure, axes = plt.subplots(2, 2, figsize=(12, 9))
for axis, (surface, (begin, goal, xs, ys, _)) in zip(axes.flat, tracks.items()):
    contours(axis, surface, xs, ys)
    for (name, path), colour in zip(paths[surface].items(), (BLUE, RED, GREEN, PINK)):
        axis.plot(*path.T, "o-", color=colour, markersize=2, linewidth=1.2, label=name)
    axis.plot(*begin, "o", color="black", markersize=8)
    axis.plot(*goal, "*", color="black", markersize=14)
    axis.set(title=surface.__name__, xlim=xs, ylim=ys)
axes[0, 0].legend(loc="lower left", ncols=4, fontsize=9)
plt.tight_layout()
plt.show()

# %%
figure, axes = plt.subplots(1, 4, figsize=(13, 3.2))
for axis, (surface, (_, goal, *_)) in zip(axes, tracks.items()):
    for (name, path), colour in zip(paths[surface].items(), (BLUE, RED, GREEN, PINK)):
        axis.semilogy(np.linalg.norm(path - goal, axis=1), color=colour, linewidth=1.8, label=name)
    axis.set(title=surface.__name__, xlabel="step", ylim=(1e-3, 20))
axes[0].set_ylabel("distance to the goal")
axes[0].legend(fontsize=8, loc="lower left")
plt.tight_layout()
plt.show()

# %% [markdown]
# Nobody wins everywhere.
#
# - On the ravine all three leave SGD behind. RMSprop never quite settles: near the goal its tiny gradients are divided
#   by their own tiny size, and so its steps stay about as long as lr.
# - On the saddle SGD and momentum first run along the ridge, where nothing pulls them off. For RMSprop and Adam a tiny
#   slope is as good as a large one, and they are off at once.
# - In Rosenbrock's bent valley everybody has a hard time, and momentum gets farthest.
# - In the noisy bowl nobody arrives. With a fixed rate each step goes after the latest noise, and all keep trembling
#   round the goal. (Section 9 has the remedy.)
#
# And mind that *we* chose the rates, for each surface anew, by trying. Such races are won by those who tune. Two honest
# rules of thumb: Adam (or AdamW) needs less tuning, so start with it; well tuned SGD with momentum is often as good on
# images.
#
# **Try.** Change the rates in `tracks`, or the starts, and run the three cells again.
#
# ## 8. Weight decay, twice
#
# A network with large weights bends sharply, and often fits the noise. So one asks for small weights. There are two
# ways to ask:
#
# - **L2 regularization** adds $\frac{\lambda}{2} w^2$ to the loss, for every weight. Its slope is $\lambda w$, so the
#   gradient becomes $g + \lambda w$.
# - **Weight decay** shrinks every weight a little in each step: $w \leftarrow (1 - \text{lr}\,\lambda)\,w$. Then comes
#   the step along $g$.
#
# Under SGD these are the same, since $w - \text{lr}\,(g + \lambda w) = (1 - \text{lr}\,\lambda)\,w - \text{lr}\,g$. So
# PyTorch's setting for the first is called by the name of the second: `weight_decay`.
#
# **Predict.** Under Adam, the gradient is divided by its usual size. Are they still the same?
#
# To see it, take weights for which the loss has no use: their gradients are pure noise. For 200 of them the noise is
# large, of size 10, for another 200 it is small, of size 0.1. All start at 1, and a good decay takes all of them away.


# %%
def fade(library, rule, steps=400):
    """Useless weights with large and with small gradients: the mean of each kind after each step, (steps, 2)."""
    rng = np.random.default_rng(0)
    w = library.ones(200, 2, requires_grad=True)
    optimizer = rule(library, [w])
    found = []
    for _ in range(steps):
        optimizer.zero_grad()
        noise = rng.normal(size=(200, 2)) * [10, 0.1]
        (w * library.tensor(noise.astype("float32"))).sum().backward()
        optimizer.step()
        found.append(w.detach().mean(0).tolist())
    return np.array(found)


decays = {
    "SGD, weight_decay=1": lambda library, p: library.optim.SGD(p, lr=0.005, weight_decay=1),
    "Adam, weight_decay=1 (L2)": lambda library, p: library.optim.Adam(p, lr=0.005, weight_decay=1),
    "AdamW, weight_decay=1 (decay)": lambda library, p: library.optim.AdamW(p, lr=0.005, weight_decay=1),
}
figure, axes = plt.subplots(1, 3, figsize=(12, 3.3), sharey=True)
for axis, (name, rule) in zip(axes, decays.items()):
    found = fade(mg, rule)
    axis.plot(found[:, 0], color=RED, linewidth=2, label="large gradients")
    axis.plot(found[:, 1], "--", color=BLUE, linewidth=2, label="small gradients")
    axis.axhline(0, color="black", linewidth=0.7)
    axis.set(title=name, xlabel="step")
    print(f"{name:30} the same in PyTorch: {np.allclose(found, fade(torch, rule), atol=1e-3)}")
axes[0].set_ylabel("mean weight")
axes[0].legend()
plt.tight_layout()
plt.show()

# %% [markdown]
# Under SGD both fade alike. Under Adam with L2, $\lambda w$ goes through the division with everything else. Where the
# gradients are small, it counts in full and more; where they are large, it drowns. The weights that most need to be
# held back are held back least. **AdamW** ("W" for weight decay) shrinks the weights past the averages, and both fade
# alike again.
#
# So `weight_decay` means L2 in `Adam` and true decay in `AdamW`, and a number that was good for one is not good for the
# other. **Exercise.** `AdamW` is your `Adam` and one line.
#
# ## 9. Schedules
#
# Back to the noisy bowl. A large rate arrives soon and trembles; a small one hardly trembles and takes for ever. Why
# not start large and end small? A **schedule** sets the rate for each step. One object more, stepped after the
# optimizer. Five that are in use, drawn from minigrad and PyTorch:


# %%
def drawn(library, schedule, steps=100):
    """The rate in each step under a schedule."""
    optimizer = library.optim.SGD([library.zeros(1, requires_grad=True)], lr=1.0, momentum=0.9)
    scheduler = schedule(library.optim.lr_scheduler, optimizer)
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


schedules = {
    "StepLR": lambda lr, optimizer: lr.StepLR(optimizer, step_size=30, gamma=0.3),
    "ExponentialLR": lambda lr, optimizer: lr.ExponentialLR(optimizer, gamma=0.96),
    "LinearLR (a warm-up)": lambda lr, optimizer: lr.LinearLR(optimizer, start_factor=0.05, total_iters=20),
    "CosineAnnealingLR": lambda lr, optimizer: lr.CosineAnnealingLR(optimizer, T_max=100),
    "OneCycleLR": lambda lr, optimizer: lr.OneCycleLR(optimizer, max_lr=1.0, total_steps=101),
}
figure, axes = plt.subplots(1, 5, figsize=(13, 2.6), sharey=True)
for axis, (name, schedule) in zip(axes, schedules.items()):
    ours, theirs = drawn(mg, schedule), drawn(torch, schedule)
    axis.plot(ours, color=BLUE, linewidth=4)
    axis.plot(theirs, "--", color="black", linewidth=1.2)
    axis.set(title=name, xlabel="step")
    print(f"{name:20} as in PyTorch: {np.allclose(ours, theirs)}")
axes[0].set_ylabel("lr")
plt.tight_layout()
plt.show()

# %% [markdown]
# (Blue is minigrad, dashed black PyTorch.) Half a cosine is the common choice today: it stays high, comes down, and
# ends gently. A short **warm-up** before it goes from almost nothing to the full rate. The first gradients, from random
# weights, are large and say little, and Adam's averages know nothing yet.
#
# **Predict.** The noisy bowl, three ways: lr 0.1 throughout, 0.01 throughout, and a cosine from 0.1 to 0. Which is
# lowest after 200 steps?
#
# One run would be luck. SGD treats all numbers alike, so 500 runs fit into one tensor of shape (500, 2).


# %%
def average_loss(lr, schedule=None, steps=200):
    """The mean loss of 500 runs in the noisy bowl, before each step."""
    rng = np.random.default_rng(0)
    steep = mg.tensor([1.0, 5.0])
    w = (mg.zeros(500, 2) + mg.tensor([-4.0, 2.0])).requires_grad_()
    optimizer = optim.SGD([w], lr=lr)
    scheduler = schedule(optimizer) if schedule else None
    losses = []
    for _ in range(steps):
        losses.append((w.detach() ** 2 * steep).sum().item() / 2 / 500)
        optimizer.zero_grad()
        middle = mg.tensor(rng.normal(size=(500, 2)).astype("float32"))
        ((w - middle) ** 2 * steep / 2).sum().backward()
        optimizer.step()
        if scheduler:
            scheduler.step()
    return losses


plt.figure(figsize=(8, 3.6))
plt.semilogy(average_loss(0.1), color=RED, linewidth=2, label="lr 0.1 throughout")
plt.semilogy(average_loss(0.01), color=GREEN, linewidth=2, label="lr 0.01 throughout")
cosine = average_loss(0.1, lambda optimizer: optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=200))
plt.semilogy(cosine, color=BLUE, linewidth=2, label="cosine from 0.1 to 0")
plt.xlabel("step")
plt.ylabel("mean loss of 500 runs")
plt.legend()
plt.show()

# %% [markdown]
# The cosine is as quick as the large rate at first, and in the end lower than both. **Exercise.** `cosine_schedule`, as
# a plain function, with a warm-up.
#
# ## 10. Clipping
#
# Some losses have cliffs: places where the slope is suddenly huge. Where the same weight is multiplied by itself many
# times, as in networks that read texts word by word, they are common. Here is one:
#
# $$\text{loss} = (w^8 - 2)^2$$
#
# At $w = 1.6$ the slope is over 17 000. One plain step from there ends somewhere beyond the map.
#
# **Clipping** shortens the gradient when it is too long. All gradients of all parameters are taken as one vector. If
# that is longer than a chosen norm, all are scaled by one factor, so the direction stays. It goes between `backward()`
# and `step()`.


# %%
def on_the_cliff(library, max_norm=None, steps=30):
    """The places, the losses and the norms from before clipping."""
    w = library.tensor(1.6, requires_grad=True)
    optimizer = library.optim.SGD([w], lr=0.004)
    places, norms = [w.item()], []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = (w**8 - 2) ** 2
        loss.backward()
        if max_norm:
            norms.append(library.nn.utils.clip_grad_norm_([w], max_norm).item())
        optimizer.step()
        places.append(w.item())
    return places, norms


places, _ = on_the_cliff(mg, steps=2)
print("without clipping, after one step: w is", round(places[1]))
for name, library in {"minigrad": mg, "PyTorch": torch}.items():
    places, norms = on_the_cliff(library, max_norm=5.0)
    print(f"{name:9} clipped, after 30 steps:     w is {places[-1]:.4f}, and should be {2 ** (1 / 8):.4f}")

# %%
places, norms = on_the_cliff(mg, max_norm=5.0)
curve = np.linspace(0.8, 1.65, 200)
figure, axes = plt.subplots(1, 2, figsize=(11, 3.3))
axes[0].plot(curve, (curve**8 - 2) ** 2, color="lightgrey", linewidth=3)
axes[0].plot(places, (np.array(places) ** 8 - 2) ** 2, "o-", color=BLUE, markersize=4, linewidth=1)
axes[0].plot(1.6, (1.6**8 - 2) ** 2, "o", color=RED, markersize=9)
axes[0].set(title="the cliff, and steps of at most lr · 5", xlabel="w", ylabel="loss")
axes[1].semilogy(norms, "o-", color=BLUE, markersize=4)
axes[1].axhline(5, color=RED, linestyle="--", label="max_norm")
axes[1].set(title="the norm before clipping", xlabel="step")
axes[1].legend()
plt.tight_layout()
plt.show()

# %% [markdown]
# `clip_grad_norm_` gives back the norm from before. Print it while you train: it is the cheapest warning there is.
#
# **Exercise.** `clip_grad_norm_`, the last of this chapter.
#
# ## 11. All of it at once
#
# The order, as you will meet it in every training loop. Also new: **groups**. An optimizer takes a list of dicts, each
# with settings of its own. Biases are seldom decayed, so here they have a group without.

# %%
w1, b1, w2, b2 = weights = [mg.tensor(w, requires_grad=True) for w in start]
x, y = mg.tensor(x_data), mg.tensor(y_data)
optimizer = optim.AdamW([{"params": [w1, w2]}, {"params": [b1, b2], "weight_decay": 0}], lr=0.05, weight_decay=0.01)
scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=300)

for step in range(300):
    optimizer.zero_grad()
    loss = (((x @ w1 + b1).tanh() @ w2 + b2 - y) ** 2).mean()
    loss.backward()
    norm = nn.utils.clip_grad_norm_(weights, max_norm=1.0)
    optimizer.step()
    scheduler.step()
    if step in (0, 100, 200, 299):
        print(f"step {step:3}   loss {loss.item():.4f}   norm {norm.item():.2f}   lr {scheduler.get_last_lr()[0]:.3f}")

# %% [markdown]
# Forget the old gradients, find new ones, keep them in bounds, step, set the next rate. Lesson 00 needed 2000 plain
# steps for such a curve.
#
# ## What is left out
#
# - Rules that use the curvature itself (Newton's method and its many heirs). A table of curvatures has the square of
#   the number of weights for its size, so they are all about avoiding it.
# - How lr should grow with the size of the batch.
# - Why all this works so well on losses with millions of knobs. Nobody knows quite.
#
# ## What is yours now
#
# - **SGD**: a step against the slope. The limit for lr is 2 divided by the largest curvature.
# - **Momentum**: a velocity that slopes add to; **Nesterov** counts the next roll in already.
# - **RMSprop**: each gradient divided by its usual size, so that every knob has a rate of its own.
# - **Adam**: both, corrected for having started at 0. Its lr says how far a knob may turn in a step.
# - **AdamW**: the weights decay by themselves. Under Adam, L2 is something else.
# - **A schedule**: high at first, low in the end, with a warm-up before. **Clipping**: one factor for all gradients.
#
# And from the [exercises](../exercises/06_optimizers.ipynb): all of these, by you. `with using(my_parts()):` then lets
# `optim.SGD`, `optim.Adam` and the others take your steps.
#
# The code that you saw is the code that runs: `minigrad/optim/rules.py` is meant to be read from the top, and each rule
# in it adds a thought to the one before.
