# %% [markdown]
# # 05 · Losses
#
# *About 40 minutes.*
#
# You can send numbers through a network, and slopes back. The slopes start at one number, the **loss**: how wrong the
# network is. Which number that is, is up to you, and the network will do what it asks for, not what you meant. At the
# end you will
#
# - know what the usual losses assume, and derive them from one idea;
# - compute them at scores of 1000, where the formula in the book gives `nan`;
# - know what becomes of a batch of losses: reductions, weights, labels to be left out;
# - find the gradient of softmax and cross-entropy by hand, and meet it again in the graph;
# - recognize the two classic mistakes, from the numbers alone.

# %%
import textwrap
import warnings
from math import e, log, pi

import matplotlib.pyplot as plt
import numpy as np
import torch

import minigrad as mg
from minigrad import ops
from minigrad.nn import functional as F
from minigrad.view import draw, show

BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"

# %% [markdown]
# `F` is the usual short name for `nn.functional`, PyTorch's place for losses as functions. minigrad has the same place,
# and the same names.
#
# ## 1. What is wrong, and how much?
#
# Five people measure the length of the same table, in metres. The last one misread the tape.
#
# We want one number for all five. A network would do the same as we now: try numbers, and keep the one with the
# smallest loss. Here are three losses, for an error $e$, the distance between what was said and what was measured:
#
# - the **squared error**, $e^2$ (`mse_loss`);
# - the **absolute error**, $|e|$ (`l1_loss`);
# - **Huber's**: half a square up to an error of 1, and a straight line from there on (`huber_loss`).
#
# **Predict.** Which of them are fooled by the 6.0?

# %%
measured = mg.tensor([1.9, 2.0, 2.1, 2.2, 6.0])
guesses = mg.linspace(1.5, 4.0, 251)
three = {"squared": F.mse_loss, "absolute": F.l1_loss, "Huber": F.huber_loss}

figure, axis = plt.subplots(figsize=(7, 3.6))
for (name, loss), colour in zip(three.items(), (ORANGE, BLUE, GREEN)):
    curve = np.array([loss(guess.expand(5), measured).item() for guess in guesses])
    best = curve.argmin()
    axis.plot(guesses.numpy(), curve, color=colour, linewidth=2.5, label=name)
    axis.plot(guesses[best].item(), curve[best], "o", color=colour, markersize=9)
    print(f"{name:9} is smallest at {guesses[best].item():.2f}")
axis.plot(measured[:4].numpy(), [0.05] * 4, "|", color="black", markersize=14, label="measured (and one at 6.0)")
axis.set(xlabel="the one number", ylabel="mean loss", ylim=(0, 5.8))
axis.legend(loc="upper center", ncols=2)
plt.show()

# %% [markdown]
# The squared error gives 2.84. That is the mean of the five, and nobody measured anything like it. The absolute error
# gives 2.1, the one in the middle, and Huber's stays close by.
#
# The reason is in the slopes. A loss pulls the guess with a force for each measurement, and that force is the loss's
# slope. The smallest loss is where the forces balance.

# %%
error = mg.linspace(-3, 3, 301).requires_grad_()
nothing = mg.zeros(301)

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.4))
for (name, loss), colour in zip(three.items(), (ORANGE, BLUE, GREEN)):
    error.grad = None
    values = loss(error, nothing, reduction="none")
    values.sum().backward()
    left.plot(error.detach().numpy(), values.detach().numpy(), color=colour, linewidth=2.5, label=name)
    right.plot(error.detach().numpy(), error.grad.numpy(), color=colour, linewidth=2.5)
left.set(title="loss", xlabel="error", ylim=(0, 4.5))
right.set(title="its slope: the force with which it pulls", xlabel="error", ylim=(-4, 4))
left.legend()
plt.tight_layout()
plt.show()

# %% [markdown]
# The square pulls the harder, the further away: one bad measurement outweighs four good ones. The absolute error pulls
# everything with the same force, so it balances where as many lie on each side; but it pulls just as hard when it is
# nearly there. Huber's is the square up close and the other one far off. `delta` says where one becomes the other.
#
# None of them is *the* right one. If the 6.0 was a mistake, be deaf to it. If it was a table of another size, and you
# pay for the wood, do not.
#
# ## 2. A batch has many losses
#
# `backward()` starts at one number, and a batch gives many losses. How they become one is the **reduction**, and
# PyTorch's losses all have the same three: `"none"` leaves them alone, `"sum"` adds them up, `"mean"` averages. The
# last is what you get if you say nothing.
#
# **Predict.** Two rows of three numbers. By what does the mean divide: 2, 3 or 6?

# %%
said = mg.tensor([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]])
meant = mg.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 5.0]])
torch_said, torch_meant = torch.tensor(said.numpy()), torch.tensor(meant.numpy())

for reduction in ("none", "sum", "mean"):
    ours = F.mse_loss(said, meant, reduction=reduction)
    theirs = torch.nn.functional.mse_loss(torch_said, torch_meant, reduction=reduction)
    print(f"{reduction:5} minigrad", *ours.numpy().round(2).flatten(), "  PyTorch", *theirs.numpy().round(2).flatten())

# %% [markdown]
# 38 over 6, not over 2 rows. (If you want the sum of each row and the mean over rows, say so: `.sum(1).mean()`.)
#
# Sum or mean is more than a matter of taste. **Predict.** A weight of 1, and a batch of examples that are all alike.
# What happens to its gradient when the batch grows from 2 to 200?

# %%
for reduction in ("sum", "mean"):
    for size in (2, 200):
        w = mg.tensor(1.0, requires_grad=True)
        loss = F.mse_loss(w * mg.ones(size), mg.zeros(size), reduction=reduction)
        loss.backward()
        print(f"{reduction:5} batch of {size:3}: gradient {w.grad.item():g}")

# %% [markdown]
# With a sum, a larger batch takes larger steps, and the step size has to be found anew. With a mean it does not. That
# is why the mean is the default.
#
# One more thing can go wrong here. Networks like to give a column, (3, 1), and targets like to come as a row, (3,).
#
# **Predict.** The guesses below are perfect. What is the loss?

# %%
column, row = mg.tensor([[1.0], [2.0], [3.0]]), mg.tensor([1.0, 2.0, 3.0])
with warnings.catch_warnings(record=True, action="always") as caught:
    ours = F.mse_loss(column, row).item()
    theirs = torch.nn.functional.mse_loss(torch.tensor(column.numpy()), torch.tensor(row.numpy())).item()

print(f"minigrad {ours:.3f}, PyTorch {theirs:.3f}; warnings: {len(caught)}")
print(textwrap.fill(f"minigrad's: {caught[0].message}", 100))

# %% [markdown]
# Broadcasting made a table of nine errors of the two, and everybody was compared with everybody. Both libraries warn,
# and go on. A warning from a loss is a mistake in your program until you know better.
#
# > **Build it:** `reduced`, `mse_loss` and `huber_loss`, the first of
# > [this chapter's exercises](../exercises/05_losses.ipynb).
#
# ## 3. Make what happened likely
#
# Where do losses come from? There is one idea behind nearly all of them. Let the network say how *probable* each
# outcome is. Then look what really happened. A good network is one that held it to be probable.
#
# Take the smallest model there is: a bent coin, and one knob $p$, the probability of heads. It is thrown ten times, and
# shows heads seven times. How probable was *that*, if the knob stands at $p$? Independent things multiply:
#
# $$p^7 \cdot (1-p)^3$$
#
# This is the **likelihood** of $p$. **Predict.** At which $p$ is it largest?

# %%
p = mg.linspace(0.01, 0.99, 197)
likelihood = p**7 * (1 - p) ** 3
surprise = -(7 * p.log() + 3 * (1 - p).log())

figure, axes = plt.subplots(1, 2, figsize=(10, 3.2))
for axis, values, title in zip(axes, (likelihood, surprise), ("likelihood", "−log of the likelihood")):
    axis.plot(p.numpy(), values.numpy(), color=BLUE, linewidth=2.5)
    axis.axvline(0.7, color=ORANGE, linestyle="--", label="p = 0.7")
    axis.set(title=title, xlabel="p, the probability of heads")
    axis.legend()
axes[1].set_ylim(5, 25)
plt.tight_layout()
plt.show()

print(
    f"likelihood largest at p = {p[likelihood.argmax()].item():.2f}, -log smallest at {p[surprise.argmin()].item():.2f}"
)

# %% [markdown]
# At 0.7, as one would have said without any mathematics. Choosing knobs so that what happened becomes as probable as
# possible is called **maximum likelihood**.
#
# Both pictures have the same best point, for the logarithm only ever grows. We shall use the right one:
#
# - a product becomes a **sum**, with a term for each example. That term, $-\log(\text{probability})$, is the loss of
#   the example: how surprising it was. What is certain (1) surprises nobody: 0. What is held impossible surprises
#   without limit.
# - a product of many probabilities is soon too small for a computer.

# %%
print("2000 coins, probability of just what came:", 0.5**2000)
print(f"its logarithm: {2000 * log(0.5):.1f}")

# %% [markdown]
# ### The squared error is a bell
#
# What does $(\text{input} - \text{target})^2$ have to do with probabilities? Say that the network means: *the target
# lies around my number, and misses it as measurements do*, by the bell curve with a width of 1:
#
# $$\text{density}(e) = \tfrac{1}{\sqrt{2\pi}} \, e^{-e^2/2}
# \qquad\Rightarrow\qquad -\log \text{density}(e) = \tfrac{1}{2} e^2 + \text{a constant}$$
#
# A constant moves no knob, and a factor only changes the step size. So who uses the squared error believes in a bell.
# If large misses are more common than a bell has them, $\tfrac{1}{2} e^{-|e|}$ may fit better, and its $-\log$ is the
# absolute error. Huber's is a bell in the middle with such tails.

# %%
x = np.linspace(-5, 5, 401)
bell, pointed = np.exp(-(x**2) / 2) / np.sqrt(2 * pi), np.exp(-np.abs(x)) / 2

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.2))
for density, name, colour in ((bell, "bell", ORANGE), (pointed, "pointed, with long tails", BLUE)):
    left.plot(x, density, color=colour, linewidth=2.5, label=name)
    right.plot(x, -np.log(density), color=colour, linewidth=2.5)
left.set(title="how probable an error is assumed to be", xlabel="error")
right.set(title="−log of that: the loss", xlabel="error", ylim=(0, 10))
right.legend(*left.get_legend_handles_labels(), loc="upper center")
plt.tight_layout()
plt.show()

print("-log(bell) less half the square, everywhere the same:", np.allclose(-np.log(bell) - x**2 / 2, log(2 * pi) / 2))

# %% [markdown]
# At an error of 5 the bell is at 13.4, the other at 5.7. To the bell, such an error was next to impossible, and it will
# move everything to explain it. This is the 6.0 of section 1.
#
# ## 4. Yes or no
#
# Is there a cat in the picture? The network gives one score $x$, any number; statisticians call it a **logit**. The
# sigmoid makes a probability of it: $p = \sigma(x)$. The target $y$ is 1 for yes and 0 for no. What happened had a
# probability of $p$ if it was a yes, and $1-p$ if it was a no. So the surprise is
#
# $$-\big[\, y \log p + (1 - y) \log(1 - p) \,\big]$$
#
# This is **binary cross-entropy**. With $y$ at 0 or 1, one half of it is always switched off.
#
# What is its slope along the score? The chain rule, for $y = 1$: $\log p$ has the slope $\frac{1}{p}$, the sigmoid has
# $p(1-p)$, together $-\frac{1}{p} \, p(1-p) = p - 1$. For $y = 0$ one gets $p$. In one formula, and a short one:
#
# $$\frac{\partial\,\text{loss}}{\partial x} = p - y$$
#
# What was said, less what was true. **Predict.** And if we took the squared error $(p - y)^2$ instead: how hard would
# it pull when the network is completely wrong?

# %%
x = mg.linspace(-8, 8, 321).requires_grad_()
yes = mg.ones(321)
both = {
    "binary cross-entropy": lambda: F.binary_cross_entropy_with_logits(x, yes, reduction="none"),
    "squared error of p": lambda: F.mse_loss(x.sigmoid(), yes, reduction="none"),
}

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.4))
for (name, loss), colour in zip(both.items(), (BLUE, ORANGE)):
    x.grad = None
    values = loss()
    values.sum().backward()
    left.plot(x.detach().numpy(), values.detach().numpy(), color=colour, linewidth=2.5, label=name)
    right.plot(x.detach().numpy(), x.grad.numpy(), color=colour, linewidth=2.5)
left.set(title="loss, when the answer is yes", xlabel="score")
right.set(title="its slope along the score", xlabel="score")
right.annotate("wrong, sure,\nand no slope", (-6.5, 0), (-7.6, -0.55), arrowprops={"arrowstyle": "->"})
left.legend()
plt.tight_layout()
plt.show()

# %% [markdown]
# On the far left the network is sure and wrong. Cross-entropy pulls with its full force of 1. The squared error does
# not pull at all: the sigmoid is flat there, and its slope of nearly 0 is a factor in the chain. Such a network stays
# wrong.
#
# ### It fails
#
# Let us write the formula down as it stands, and raise the score of a picture without a cat. The loss should be about
# as large as the score.
#
# **Predict.** At which score does it break: 10, 20, 100, 1000?


# %%
def by_the_book(score, y):
    p = score.sigmoid()
    return -(y * p.log() + (1 - y) * (1 - p).log())


for number in (10.0, 20.0, 100.0, 1000.0):
    score = mg.tensor(number, requires_grad=True)
    loss = by_the_book(score, 0.0)
    loss.backward()
    print(f"score {number:6.0f}: loss {loss.item():7.3f}, slope {score.grad.item():.3f}")

# %% [markdown]
# At 20 already. A `float32` has 7 digits. $\sigma(20)$ is 0.999999998, which rounds to 1, and $\log(1 - 1)$ is
# $-\infty$. The slope is worse: `nan` in one score is `nan` in every weight after one step.
#
# A cure that one often sees is to keep $p$ away from the ends. **Predict** its slope at 1000.


# %%
def clamped(score, y):
    p = score.sigmoid().clamp(1e-6, 1 - 1e-6)
    return -(y * p.log() + (1 - y) * (1 - p).log())


score = mg.tensor(1000.0, requires_grad=True)
loss = clamped(score, 0.0)
loss.backward()
print(f"loss {loss.item():.1f}, slope {score.grad.item():.1f}")

# %% [markdown]
# No `nan`, and no slope: whoever is most wrong learns nothing. The true loss is 1000 and the true slope 1.
# (PyTorch's loss for probabilities cuts its logarithms off at −100. After a sigmoid that has the same flaw.)
#
# The cure is on paper, as in lesson 02. Let the logarithm meet the exponential before anything is computed:
#
# $$\log p = \log \frac{1}{1 + e^{-x}} = -\log(e^0 + e^{-x})
# \qquad \log(1 - p) = -\log(e^0 + e^{x})$$
#
# A logarithm of a sum of exponentials: **log-sum-exp**. It is safe once the largest exponent is taken out of the sum:
# with $m = \max(a, b)$,
#
# $$\log(e^a + e^b) = m + \log(e^{a-m} + e^{b-m})$$
#
# One of the two terms is now $e^0 = 1$, the other is smaller: nothing overflows, and the logarithm never sees a 0.

# %%
for number in (20.0, 1000.0, -1000.0):
    score = mg.tensor(number, requires_grad=True)
    loss = mg.stack([mg.zeros_like(score), score]).logsumexp(0)  # -log(1 - p)
    loss.backward()
    print(f"score {number:6.0f}: loss {loss.item():7.2f}, slope {score.grad.item():.2f}")

# %% [markdown]
# This is why PyTorch has a loss with such a long name. `binary_cross_entropy_with_logits` takes the raw scores, and
# does the two steps, sigmoid and loss, in one. minigrad's op, with $p - y$ to be seen in its first gradient
# (`pos_weight` is 1, until we come to it):

# %%
show(ops.binary_cross_entropy_with_logits)

# %%
scores, answers = [1000.0, -1000.0, 0.0, 3.0], [0.0, 1.0, 1.0, 1.0]

ours = mg.tensor(scores, requires_grad=True)
F.binary_cross_entropy_with_logits(ours, mg.tensor(answers), reduction="sum").backward()
theirs = torch.tensor(scores, requires_grad=True)
torch.nn.functional.binary_cross_entropy_with_logits(theirs, torch.tensor(answers), reduction="sum").backward()

print("minigrad's slopes:", ours.grad.numpy().round(4))
print("PyTorch's slopes: ", theirs.grad.numpy().round(4))

# %% [markdown]
# ### Classic mistake: the wrong one of two
#
# There are two losses for yes and no: `binary_cross_entropy` wants **probabilities**, `..._with_logits` wants **raw
# scores**. (As modules: `BCELoss`, `BCEWithLogitsLoss`.) What if one takes the wrong one?
#
# **Predict.** Raw scores of 0.2, 0.9 and 3.0 are handed to `binary_cross_entropy`. And then only the first two.

# %%
answers = torch.tensor([0.0, 1.0, 1.0])
scores = torch.tensor([0.2, 0.9, 3.0])
for name, library in {"minigrad": mg, "PyTorch": torch}.items():
    loss = library.nn.functional.binary_cross_entropy
    x, y = library.tensor(scores.numpy()), library.tensor(answers.numpy())
    try:
        loss(x, y)
    except RuntimeError as problem:
        print(f"{name} refuses three:", str(problem).split(",")[0])
    print(f"{name} takes two:     loss {loss(x[:2], y[:2]).item():.3f}")

# %% [markdown]
# As long as the scores happen to lie between 0 and 1, nobody notices. So such a program may run for a while, and stop
# at some step with an error. You will meet one in chapter 09.
#
# The other way round is worse, for it never stops: a sigmoid at the end of the network, and then `..._with_logits`. It
# takes the probability for a score, and squashes it again.

# %%
x = torch.linspace(-8, 8, 200)
figure, axis = plt.subplots(figsize=(7, 3.2))
axis.plot(x, torch.sigmoid(x), color=BLUE, linewidth=2.5, label="sigmoid")
axis.plot(x, torch.sigmoid(torch.sigmoid(x)), color=ORANGE, linewidth=2.5, label="sigmoid twice")
axis.axhline(0.5, color="grey", linestyle=":")
axis.set(xlabel="score", ylabel="what the loss believes p is", ylim=(0, 1.02))
axis.legend()
plt.show()

never = torch.nn.functional.binary_cross_entropy_with_logits(torch.sigmoid(torch.tensor(-1000.0)), torch.tensor(0.0))
print(f"the most certain no there is: loss {never.item():.3f}, which is log 2")

# %% [markdown]
# Twice squashed, $p$ lies between 0.5 and 0.73. The network cannot say no any more, and the loss of every no is at
# least $\log 2$. It still learns something: scores go down where the answer is no. It is only slow, and its loss means
# nothing.
#
# ### Rare answers
#
# One picture in ten has a cat. `pos_weight` is what a yes counts. Say that a network can only give the same score to
# all ten: which is best?

# %%
one_in_ten = mg.tensor([1.0] + [0.0] * 9)
candidates = mg.linspace(-4, 4, 801)
for share in (1.0, 3.0, 9.0):
    losses = [
        F.binary_cross_entropy_with_logits(score.expand(10), one_in_ten, pos_weight=mg.tensor(share)).item()
        for score in candidates
    ]
    best = candidates[int(np.argmin(losses))]
    print(f"a yes counts {share:.0f} times: best p is {best.sigmoid().item():.2f}")

# %% [markdown]
# One yes among nine noes is 1 in 10; counted nine times, it is 9 against 9. The network will find more cats, and see
# some where none are. Its $p$ is then no longer how often there is one.
#
# > **Build it:** `binary_cross_entropy_with_logits`.
#
# ## 5. One of many
#
# Cat, dog or ship: a score $x_j$ for each class, softmax makes probabilities $p_j$ of them, and the label $y$ says
# which it was. The surprise is $-\log p_y$. Put softmax in, and let log and exp cancel:
#
# $$-\log p_y = -\log \frac{e^{x_y}}{\sum_j e^{x_j}} = \log \sum_j e^{x_j} \;-\; x_y$$
#
# This is **cross-entropy**: the log-sum-exp of all scores, less the label's. Log-sum-exp is nearly the largest of them
# (it is a *soft* maximum). So roughly: *how far is the label's score behind the best one?*
#
# PyTorch has it in one step and in two: `cross_entropy` takes raw scores. `nll_loss` takes log-probabilities, and only
# picks the label's (the name is for "negative log-likelihood").
#
# **Predict.** Which of the four below are the same?

# %%
scores = mg.tensor([[2.0, 1.0, -1.0], [0.0, 3.0, 0.0]])
label = mg.tensor([0, 2])

by_hand = scores.logsumexp(1) - scores[mg.arange(2), label]
print("by hand:                 ", np.round(by_hand.numpy(), 4))
print("nll_loss of log_softmax: ", np.round(F.nll_loss(scores.log_softmax(1), label, reduction="none").numpy(), 4))
print("cross_entropy:           ", np.round(F.cross_entropy(scores, label, reduction="none").numpy(), 4))
theirs = torch.nn.functional.cross_entropy(torch.tensor(scores.numpy()), torch.tensor(label.numpy()), reduction="none")
print("PyTorch's cross_entropy: ", np.round(theirs.numpy(), 4))

# %% [markdown]
# All of them. The second row is wrong by 3 points, and its loss is a little more than 3.
#
# At extreme scores the book's way, softmax and then the logarithm, fails, and the one that meets log-sum-exp first does
# not. **Predict** the three losses of each: the label's score is 1000 behind, 1000 ahead, or all are 1000.

# %%
extreme = mg.tensor([[1000.0, 0.0], [1000.0, 0.0], [1000.0, 1000.0]])
label = mg.tensor([1, 0, 0])

parts = extreme.exp()
book = -(parts / parts.sum(1, keepdim=True)).log()[mg.arange(3), label]
lines = {
    "exp, divide, log": book,
    "softmax (safe), then log": -extreme.softmax(1).log()[mg.arange(3), label],
    "cross_entropy": F.cross_entropy(extreme, label, reduction="none"),
    "PyTorch": torch.nn.functional.cross_entropy(
        torch.tensor(extreme.numpy()), torch.tensor(label.numpy()), reduction="none"
    ),
}
for name, losses in lines.items():
    print(f"{name:26}", "  ".join(f"{abs(loss):7.3f}" for loss in losses.tolist()))

# %% [markdown]
# The second line shows that a safe softmax is not enough: its 0 is correctly rounded, and the logarithm of it is still
# $-\infty$. Hand raw scores to the loss; let the loss do both.
#
# ### The first loss you should see is log C
#
# **Predict.** A network has learned nothing and gives all $C$ classes nearly the same score. What is its loss?

# %%
mg.manual_seed(0)
for classes in (2, 10, 1000):
    scores, label = 0.1 * mg.randn(500, classes), mg.randint(0, classes, (500,))
    print(f"{classes:4} classes: loss {F.cross_entropy(scores, label).item():.2f}, log C = {log(classes):.2f}")

# %% [markdown]
# Each class gets $1/C$, and $-\log(1/C) = \log C$. For ten classes that is 2.30. It is the cheapest test there is. A
# first loss of 2.3 is fine. A first loss of 15 means that the network is sure of things it cannot know: scores are too
# large, inputs or first weights are. And a loss that stays at 2.3 means that nothing is being learned.
#
# ### The gradient, by hand
#
# How does the loss change with each score? Two terms:
#
# $$\text{loss} = \log \sum_j e^{x_j} - x_y$$
#
# The log has the slope one over the sum, $e^{x_i}$ has the slope $e^{x_i}$: together $e^{x_i} / \sum_j e^{x_j}$, which
# is $p_i$. The second term gives $-1$ at the label and nothing elsewhere. Write $y_i$ for 1 at the label, 0 elsewhere:
#
# $$\frac{\partial\,\text{loss}}{\partial x_i} = p_i - y_i$$
#
# The same as for yes and no: what was said, less what was true. **Predict.** The label is the second of three. Which
# scores will be pushed up, which down? To what do the three slopes add up?

# %%
scores = mg.tensor([2.0, 1.0, -1.0])
truth = mg.tensor([0.0, 1.0, 0.0])
p = scores.softmax(0)

figure, axes = plt.subplots(1, 3, figsize=(10, 2.8), sharey=True)
for axis, values, title in zip(
    axes, (p, truth, p - truth), ("p: what was said", "y: what was true", "p − y: the slope")
):
    axis.bar(["cat", "dog", "ship"], values.numpy(), color=[BLUE, ORANGE, GREEN])
    axis.axhline(0, color="grey", linewidth=0.8)
    axis.set(title=title, ylim=(-1.05, 1.05))
plt.tight_layout()
plt.show()

print("p - y:", (p - truth).numpy().round(4), " sum:", abs(round((p - truth).sum().item(), 4)))

# %% [markdown]
# A step goes *against* the slope: the dog's score goes up, the others go down, each by as much as it was held too
# probable. What one gains, the others lose.
#
# ### ... and in the graph
#
# The engine knows nothing of this formula. It has `exp`, `sum`, `log`, an index and a minus. Let it find out.

# %%
x = mg.tensor([2.0, 1.0, -1.0], requires_grad=True)
parts = x.exp()
total = parts.sum()
soft_maximum = total.log()
dog = x[1]
loss = soft_maximum - dog

draw(loss, gradients=True, x=x, parts=parts, total=total, soft_maximum=soft_maximum, dog=dog, loss=loss)

# %%
loss.backward()

torch_x = torch.tensor([[2.0, 1.0, -1.0]], requires_grad=True)
torch.nn.functional.cross_entropy(torch_x, torch.tensor([1])).backward()

print("by hand, p - y:", (p - truth).numpy().round(4))
print("the graph:     ", x.grad.numpy().round(4))
print("PyTorch:       ", torch_x.grad[0].numpy().round(4))

# %% [markdown]
# Two paths lead back to `x`, and their gradients add up. The long one, over `exp`, `sum` and `log`, brings $p$. The
# short one, over the index, brings $-1$ to the label. $p - y$ is nothing but that sum.
#
# > **Build it:** `nll_loss` and `cross_entropy`. The next section is about their options; read it first if you like.
#
# ## 6. What counts, and how much
#
# **Weights.** A rare class can be made to count more. **Predict.** Two rows with losses 1 and 3; the class of the
# second counts ten times. What is the mean: $(1 + 30)/2$?

# %%
log_p = [[-1.0, -5.0], [-5.0, -3.0]]
label, weight = [0, 1], [1.0, 10.0]

for name, library in {"minigrad": mg, "PyTorch": torch}.items():
    loss = library.nn.functional.nll_loss
    mean = loss(library.tensor(log_p), library.tensor(label), weight=library.tensor(weight))
    print(f"{name}: {mean.item():.4f}, and 31 / 11 is {31 / 11:.4f}")

# %% [markdown]
# It is a weighted mean: divided by the weights, 1 + 10. So a network that is equally wrong everywhere has the same
# loss, whatever the weights are. (Be careful: `binary_cross_entropy_with_logits` divides by the number of losses
# instead. That is how PyTorch has it.)
#
# **Labels to be left out.** In a text of which the last words are only filling, or a picture with unmarked regions,
# some labels mean nothing. They are given the label `ignore_index`, by default −100.
#
# **Predict.** Losses of 1 and 3, the second label ignored. What is the mean? And what is the gradient of the second
# row?

# %%
x = mg.tensor(log_p, requires_grad=True)
loss = F.nll_loss(x, mg.tensor([0, -100]))
loss.backward()
print("the mean:", loss.item(), "  gradient of the second row:", x.grad[1].abs().tolist())

nobody = torch.nn.functional.nll_loss(torch.tensor(log_p), torch.tensor([-100, -100]))
print("all left out:", F.nll_loss(x, mg.tensor([-100, -100])).item(), "  PyTorch:", nobody.item())

# %% [markdown]
# The row costs nothing, pulls at nothing, and is not counted. If all of a batch is left out, the mean is 0/0. That is
# `nan`, in both libraries, and it has ended many a training at night.
#
# **Smoothing.** Cross-entropy is never content: a probability of 0.999 can still become 0.9999, and scores grow for
# ever. With `label_smoothing=0.1` the target is 0.9 for the label and 0.1 spread over all classes. Here are three
# classes; the label's score goes up and the others stay at 0.

# %%
ahead = mg.linspace(-2, 12, 281)
scores = mg.zeros(281, 3)
scores[:, 0] = ahead
label = mg.zeros(281).long()

figure, axis = plt.subplots(figsize=(7, 3.4))
for smoothing, colour in ((0.0, BLUE), (0.1, GREEN), (0.3, ORANGE)):
    curve = F.cross_entropy(scores, label, reduction="none", label_smoothing=smoothing)
    best = curve.argmin().item()
    axis.plot(ahead.numpy(), curve.numpy(), color=colour, linewidth=2.5, label=f"label_smoothing={smoothing}")
    if smoothing:
        axis.plot(ahead[best].item(), curve[best].item(), "o", color=colour, markersize=9)
        share = scores[best].softmax(0)[0].item()
        print(f"smoothed by {smoothing}: best p is {share:.2f}, and 1 - s + s/C is {1 - smoothing + smoothing / 3:.2f}")
axis.set(xlabel="how far the label's score is ahead", ylabel="loss", ylim=(0, 3))
axis.legend()
plt.show()

# %% [markdown]
# The blue curve falls without end. The others have a lowest point: being too sure costs, too.
#
# ## 7. Classic mistake: softmax twice
#
# A classifier should give probabilities, so people end the network with a softmax. Then they take `cross_entropy`,
# because it is a classifier. But `cross_entropy` has a softmax of its own: probabilities are taken for scores, and
# squashed again. The program runs. It even learns.
#
# **Predict.** Ten classes, and the network is right and as sure as can be: $p = (1, 0, \ldots, 0)$. What does
# `cross_entropy` say?

# %%
for classes in (2, 3, 10, 1000):
    certain = mg.zeros(1, classes)
    certain[0, 0] = 1.0
    loss = F.cross_entropy(certain, mg.tensor([0])).item()
    print(f"{classes:4} classes: {loss:.3f}   most that the second softmax can say: p = {e / (e + classes - 1):.3f}")

# %% [markdown]
# 1.461 for ten classes: not much below the 2.303 of knowing nothing, and it cannot fall any further. So much for the
# value. What the knobs feel is the slope.

# %%
x = mg.linspace(-12, 12, 241)
scores = mg.zeros(241, 10)
scores[:, 0] = x  # the label's score; the other nine are 0
label = mg.zeros(241).long()

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.4))
for name, squash, colour in (("once", lambda s: s, BLUE), ("twice", lambda s: s.softmax(1), ORANGE)):
    s = scores.clone().requires_grad_()
    values = F.cross_entropy(squash(s), label, reduction="none")
    values.sum().backward()
    left.plot(x.numpy(), values.detach().numpy(), color=colour, linewidth=2.5, label=f"softmax {name}")
    right.plot(x.numpy(), s.grad[:, 0].numpy(), color=colour, linewidth=2.5)
left.axhline(log(10), color="grey", linestyle=":", label="log 10")
left.set(title="loss", xlabel="the label's score (the others are 0)")
right.set(title="its slope", xlabel="the label's score (the others are 0)")
left.legend()
plt.tight_layout()
plt.show()

# %% [markdown]
# The right picture is the damage. Once: whoever is wrong is pulled with a force of 1. Twice: whoever is wrong and sure
# is not pulled at all. The first softmax is flat there, and its slope is a factor in the chain. It is the squared error
# of the sigmoid over again.
#
# Now in a training. Points of three kinds, a network with two layers, 300 steps by hand as in lesson 00. `last` scales
# the weights of the last layer at the start: with 10, the fresh network has large scores. It is sure, and mostly wrong.

# %%
rng = np.random.default_rng(0)
centres = np.array([[0.0, 1.5], [-1.3, -0.8], [1.3, -0.8]])
kinds = mg.arange(150) % 3
points = mg.tensor(centres[kinds.numpy()] + 0.4 * rng.normal(size=(150, 2)), dtype=mg.float32)


def trained(squash, last, steps=300, lr=0.5):
    """Train a small network; gives the loss, and the share of right answers, at each step."""
    rng = np.random.default_rng(1)
    start = rng.normal(size=(2, 16)), np.zeros(16), last * rng.normal(size=(16, 3)), np.zeros(3)
    weights = w1, b1, w2, b2 = [mg.tensor(w, dtype=mg.float32, requires_grad=True) for w in start]
    losses, right = [], []
    for _ in range(steps):
        scores = (points @ w1 + b1).tanh() @ w2 + b2
        loss = F.cross_entropy(squash(scores), kinds)
        loss.backward()
        with mg.no_grad():
            for w in weights:
                w -= lr * w.grad
                w.grad = None
        losses.append(loss.item())
        right.append((scores.argmax(1) == kinds).float().mean().item())
    return losses, right


# %% [markdown]
# **Predict.** From a small start (`last=0.1`) and from a large one (`last=10`): which of the four learn?

# %%
figure, axes = plt.subplots(2, 2, figsize=(10, 5.4), sharex=True, sharey="row")
for column, last in zip(axes.T, (0.1, 10)):
    for name, squash, colour in (("once", lambda s: s, BLUE), ("twice", lambda s: s.softmax(1), ORANGE)):
        losses, right = trained(squash, last)
        column[0].plot(range(1, 301), losses, color=colour, linewidth=2.5, label=f"softmax {name}")
        column[1].plot(range(1, 301), right, color=colour, linewidth=2.5)
        print(f"last={last:<4} softmax {name:6} loss {losses[-1]:.2f}, right {right[-1]:.0%}")
    column[0].axhline(log(1 + 2 / e), color="grey", linestyle=":", label="the floor of two softmaxes")
    column[0].set(title=f"a {'small' if last < 1 else 'large'} start (last={last})", ylim=(0, 2))
    column[1].set(xlabel="step", xscale="log", ylim=(0, 1.05))
axes[0, 0].set_ylabel("loss")
axes[1, 0].set_ylabel("share that is right")
axes[0, 0].legend()
plt.tight_layout()
plt.show()

# %% [markdown]
# Left, both learn: it is possible to live with the mistake for years. Its only trace is a loss that stands at 0.56
# while nearly everything is right. On the right, the doubled one never gets a whole kind of points: it was sure of the
# wrong answer from the start, and what is sure has no slope.
#
# Is it *always* a mistake to do something twice? **Predict.** `cross_entropy` of log-probabilities: one log-softmax in
# the network, one in the loss.

# %%
scores, label = mg.tensor([[2.0, 1.0, -1.0]]), mg.tensor([1])
torch_scores, torch_label = torch.tensor(scores.numpy()), torch.tensor([1])
print(f"once:  minigrad {F.cross_entropy(scores, label).item():.4f}")
print(f"twice: minigrad {F.cross_entropy(scores.log_softmax(1), label).item():.4f}")
theirs = torch.nn.functional.cross_entropy(torch.log_softmax(torch_scores, 1), torch_label)
print(f"twice: PyTorch  {theirs.item():.4f}")

# %% [markdown]
# Nothing happens. Log-softmax shifts all scores of a row so that their log-sum-exp is 0. Where it is 0 already, there
# is nothing to shift. So this is a waste, and confusing to readers; but not wrong.
#
# What each loss wants to be given:
#
# | loss | it wants | it assumes |
# |---|---|---|
# | `mse_loss` | numbers | errors like a bell |
# | `huber_loss` | numbers | a bell with long tails |
# | `binary_cross_entropy` | probabilities | yes or no |
# | `binary_cross_entropy_with_logits` | raw scores | yes or no |
# | `nll_loss` | log-probabilities | one of C classes |
# | `cross_entropy` | raw scores | one of C classes |
#
# > **Build it:** `spot_the_double_softmax`. You get a program's outputs, labels and printed loss, and find out what it
# > does wrong.
#
# ## 8. All of them beside PyTorch, over their options
#
# You have seen single cases. Here are all combinations of the options below, value and gradient, on random numbers.

# %%
from itertools import product

rng = np.random.default_rng(3)
x, y = 3 * rng.normal(size=(2, 6, 4)).astype("float32")
p = rng.uniform(0.01, 0.99, size=(6, 4)).astype("float32")
shares = rng.dirichlet(np.ones(4), size=6).astype("float32")  # each row adds up to 1
label = np.array([0, 3, 1, -100, 2, 2])
weights = [None, np.array([1, 2, 0.5, 3], dtype="float32")]

tried = [  # loss, input, target, options besides reduction
    ("l1_loss", x, y, {}),
    ("mse_loss", x, y, {}),
    ("huber_loss", x, y, {"delta": [0.5, 1.0, 3.0]}),
    ("binary_cross_entropy", p, shares, {"weight": weights}),
    ("binary_cross_entropy_with_logits", x, shares, {"weight": weights, "pos_weight": weights}),
    ("nll_loss", x, label, {"weight": weights}),
    ("cross_entropy", x, label, {"weight": weights, "label_smoothing": [0.0, 0.1]}),
    ("cross_entropy", x, shares, {"weight": weights, "label_smoothing": [0.0, 0.1]}),
]


def value_and_slope(library, name, numbers, target, options):
    """The loss and its gradient, as arrays: in minigrad or in PyTorch."""
    made = {
        key: library.tensor(option) if isinstance(option, np.ndarray) else option for key, option in options.items()
    }
    input = library.tensor(numbers, requires_grad=True)
    loss = getattr(library.nn.functional, name)(input, library.tensor(target), **made)
    loss.sum().backward()
    return loss.detach().numpy(), input.grad.numpy()


for name, numbers, target, options in tried:
    options = {"reduction": ["none", "sum", "mean"], **options}
    agree = []
    for chosen in product(*options.values()):
        chosen = dict(zip(options, chosen))
        ours, theirs = (value_and_slope(library, name, numbers, target, chosen) for library in (mg, torch))
        agree.append(all(np.allclose(a, b, rtol=1e-5, atol=1e-5) for a, b in zip(ours, theirs)))
    print(f"{name:33} {sum(agree):2} of {len(agree):2} agree")

# %% [markdown]
# (The last line has probabilities for targets, in place of labels: `cross_entropy` takes these as well.)
#
# ## What is yours now
#
# - A **loss** says what is wrong and how much; its slope is the force with which an example pulls. Squares listen to
#   outliers, absolute errors do not.
# - **Maximum likelihood**: make what happened probable. The loss of an example is −log of its probability.
# - **Stable**: take raw scores, and let log meet exp on paper. Log-sum-exp, with the largest taken out.
# - **p − y**: what was said, less what was true. The slope of both cross-entropies along their scores.
# - **Reductions**: none, sum, mean; class weights divide the mean, `ignore_index` leaves rows out of it.
# - **log C** is where a classifier starts. A loss that gets stuck at 0.55 for three classes, or 1.46 for ten, has had
#   softmax twice.
#
# From the [exercises](../exercises/05_losses.ipynb): five losses and a detective. With them your framework can say how
# wrong it is.
#
# What was left out: losses between distributions (`kl_div`), for pairs and triples of pictures, for boxes and masks.
# Next come the optimizers: how to use a slope well.
