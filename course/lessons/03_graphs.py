# %% [markdown]
# # 03 · Graphs
#
# *About 35 minutes.*
#
# You have computed with tensors, and run a network forward. While you did, something was written down. This lesson is
# about that record. At the end you will
#
# - be able to read off any tensor how it was made, in minigrad and in PyTorch;
# - know what is recorded, and what is not: constants, `no_grad`, `detach`;
# - see what becomes of an `if` and a `while` in it, and why PyTorch is called *dynamic*;
# - know the other way, a plan that is fixed beforehand, what it can do better, and what it cannot do at all.
#
# What the record is *for* comes in lesson 04: to go back along it. Here we only look.

# %%
import json
import textwrap

import matplotlib.pyplot as plt
import numpy as np
import torch

import minigrad as mg
from minigrad import graph, ops
from minigrad.tensor import record
from minigrad.view import draw, explore, show

BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"

# %% [markdown]
# ## 1. A tensor knows how it was made
#
# A weight, a bias, one example. We compute $(w\,x + b)^2$ in three lines, so that each step has a name.

# %%
w = mg.tensor(3.0, requires_grad=True)
b = mg.tensor(-1.0, requires_grad=True)
x = mg.tensor(2.0)

a = w * x
s = a + b
y = s**2

y

# %% [markdown]
# The value is 25. And there is a second part: `op=square`. The tensor remembers the operation that made it. It also
# remembers what went into it: `inputs`.
#
# **Predict.** `y.inputs` holds one tensor. Which of ours? Is it an equal one, or the very same?

# %%
print("y was made by", y.op.__name__, "of one tensor, and that is s:", y.inputs[0] is s)
print("s was made by", s.op.__name__, "of two, and they are a and b:  ", s.inputs[0] is a and s.inputs[1] is b)
print("a was made by", a.op.__name__, "of two, and they are w and x:  ", a.inputs[0] is w and a.inputs[1] is x)
print("w was made by", w.op, "of", w.inputs)

# %% [markdown]
# So from `y` one can walk back: to `s`, from there to `a` and `b`, from there to `w` and `x`. At `w`, `b` and `x` it
# ends. We made these ourselves. They are called **leaves**. `is_leaf` tells, in PyTorch too.

# %%
torch_w = torch.tensor(3.0, requires_grad=True)

print("minigrad:", w.is_leaf, (w * 2).is_leaf)
print("PyTorch: ", torch_w.is_leaf, (torch_w * 2).is_leaf)

# %% [markdown]
# Things, and arrows from thing to thing: mathematicians call that a **graph**. There is no graph object anywhere. Each
# tensor knows its own inputs, and that is the graph. `draw` does the walking for us.

# %%
draw(y, w=w, x=x, b=b, a=a, s=s, y=y)

# %% [markdown]
# Every box is a tensor; its head says what made it. A line goes from each tensor to what was made of it. A thick blue
# outline is a leaf that wants a gradient (`requires_grad=True`), a dashed one is a constant. The row `grad` is for
# lesson 04.
#
# ## 2. Recorded while running
#
# When was this written down? minigrad never saw our program. It did not look at the source. Python ran `w * x`; the
# `*` of a tensor multiplied, and then wrote on the result: *mul, of these two*. Line by line, nothing ahead of time.
#
# Here is the writing, in the library's own words.

# %%
show(record)

# %% [markdown]
# The first two lines are the record: the result wants a gradient as well, and it remembers four things. These are the
# op, its inputs, its `options` (settings such as the axis of a sum), and its `gradients`, the subject of lesson 04. The
# lines after that guard the numbers: nobody may change them unnoticed, or the record would speak of numbers that are no
# longer there.
#
# `record` is called at the end of every operation, if two things hold: recording is switched on, and at least one input
# wants a gradient. Here are the options of a sum along each row. (NumPy's word for PyTorch's `dim` is `axis`.)

# %%
table = mg.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
total = table.sum(dim=1)

print(total.op.__name__, total.options)

# %% [markdown]
# → Exercise `record`: write this yourself, in five lines.
#
# ### The same in PyTorch
#
# In PyTorch a tensor carries its record in `grad_fn`, and from there `next_functions` leads on. We walk down, and set
# what is deeper further to the right.

# %%
torch_w = torch.tensor(3.0, requires_grad=True)
torch_b = torch.tensor(-1.0, requires_grad=True)
torch_x = torch.tensor(2.0)
torch_y = (torch_w * torch_x + torch_b) ** 2


def walk_ours(tensor, depth=0):
    """Print what made a tensor of minigrad, and what made its inputs."""
    print("    " * depth + (tensor.op.__name__ if tensor.op else "leaf" if tensor.requires_grad else "constant"))
    for i in tensor.inputs:
        walk_ours(i, depth + 1)


def walk_theirs(function, depth=0):
    """The same for PyTorch."""
    print("    " * depth + (function.name().split("::")[-1] if function else "None"))
    for next_function, _ in function.next_functions if function else ():
        walk_theirs(next_function, depth + 1)


print("minigrad")
walk_ours(y)
print("\nPyTorch")
walk_theirs(torch_y.grad_fn)

# %% [markdown]
# The same tree. The names say what it is for: PyTorch writes down the way *back*, `MulBackward0`, minigrad the way
# there. A leaf that wants a gradient is an `AccumulateGrad` in PyTorch. The constant `x` is a `None`: PyTorch keeps no
# box for what no gradient will go to. minigrad keeps it, so that a graph can be drawn whole, and run again.
#
# ## 3. Used twice: a graph, not a tree
#
# **Predict.** In $y = c \cdot c + c$ the tensor `c` is used three times. How many boxes does it get?

# %%
a = mg.tensor(2.0, requires_grad=True)
c = a.exp()
y = c * c + c

draw(y, a=a, c=c, y=y)

# %% [markdown]
# One box, with three lines out of it. It is one tensor; `inputs` holds the thing itself, not a copy. That matters: a
# walk that goes along every line comes to `c` three times.
#
# Is that bad? We double a number twenty times, by `y + y`.
#
# **Predict.** How many tensors are there at the end? How many ways lead from the last one back to the first?

# %%
x = mg.tensor(1.0, requires_grad=True)
y = x
for _ in range(20):
    y = y + y

ways = {x: 1}
for tensor in graph.topological_order(y)[1:]:
    ways[tensor] = sum(ways[i] for i in tensor.inputs)

print("tensors:", len(ways))
print("ways:   ", ways[y])

# %% [markdown]
# 21 tensors, and more than a million ways. Twenty lines more, and no computer gets through. Whoever walks in a graph
# must note where they have been, and not go there again.
#
# → Exercise `leaves`: find every tensor where the walk ends, each once.

# %% [markdown]
# ## 4. Inputs first
#
# To compute anything, its inputs must be there. So whoever runs a graph needs its tensors in an order in which **nobody
# comes before one of their own inputs**. Such an order is called **topological**. There are often several. The order in
# which your program made the tensors is one, of course. But nobody kept that: there are only the `inputs`.
#
# The library finds one by walking back from the end:

# %%
a = mg.tensor(2.0, requires_grad=True)
b = mg.tensor(3.0, requires_grad=True)
c = a * b
d = c.exp()
y = c + d

names = {a: "a", b: "b", c: "c", d: "d", y: "y"}
order = [names[tensor] for tensor in graph.topological_order(y)]
print(" ".join(order))

# %% [markdown]
# A picture shows whether an order is topological: write the tensors in a row, and draw an arrow from each input to what
# is made of it. All arrows must point to the right.
#
# The second row below comes from a simple idea that many have. Begin at the end, note `y`; then its inputs; then the
# inputs of those, row by row, each tensor once. Finally turn the list round. **Predict** whether that works.


# %%
def row_by_row(tensor):
    """Every tensor, from the end and row by row, each once; and then the list turned round."""
    found = [tensor]
    for t in found:
        found += [i for i in t.inputs if not any(i is other for other in found)]
    return found[::-1]


def arrows(axis, order, title):
    """The tensors in a row, an arc for every use: above the row if it points to the right, else below it."""
    place = {tensor: number for number, tensor in enumerate(order)}
    for tensor, end in place.items():
        for i in tensor.inputs:
            start, right = place[i], place[i] < end
            colour, width = (BLUE, 1.6) if right else (ORANGE, 3)
            look = {"arrowstyle": "-|>", "connectionstyle": "arc3,rad=-0.4", "color": colour, "linewidth": width}
            axis.annotate("", (end, 0), (start, 0), arrowprops={**look, "shrinkA": 13, "shrinkB": 13})
    for tensor, number in place.items():
        axis.plot(number, 0, "o", color="white", markeredgecolor="black", markersize=24)
        axis.text(number, -0.02, names[tensor], ha="center", va="center", fontsize=13)
    axis.set(xlim=(-0.6, len(order) - 0.4), ylim=(-0.8, 1.3))
    axis.set_title(title, loc="left", fontsize=12)
    axis.axis("off")


figure, axes = plt.subplots(2, 1, figsize=(7, 4.2))
arrows(axes[0], graph.topological_order(y), "the library's order: every arrow points to the right")
arrows(axes[1], row_by_row(y), "row by row, turned round: one arrow points back")
plt.tight_layout()
plt.show()

# %% [markdown]
# It does not. The walk met `c` early, as an input of `y`, and noted it. But `d` is made of `c` too. In the turned list
# `d` comes first, and whoever followed it would compute $e^c$ before there is a `c`. A tensor can be noted for good
# only after all its inputs have been.
#
# → Exercise `topological_order`. It will be more than an exercise: in lesson 04 `backward()` goes along this order, and
# can go along yours.
#
# ## 5. What is not recorded
#
# Recording costs memory: every tensor on the way is kept. So what nobody will need is left out. **Predict** for each of
# these six whether a walk from the result leads back to `w`. Where does it end?


# %%
def six_ways(library):
    """Six results that have to do with w: name -> tensor."""
    w = library.tensor(3.0, requires_grad=True)
    data = library.tensor(2.0)
    with library.no_grad():
        unrecorded = w * data
    return {
        "w * data": w * data,
        "data * data": data * data,
        "inside no_grad()": unrecorded,
        "w.detach() * data": w.detach() * data,
        "w * w.item()": w * w.item(),
        "w > data": w > data,
    }


print(f"{'':18}  minigrad   PyTorch")
for (name, ours), theirs in zip(six_ways(mg).items(), six_ways(torch).values()):
    said = ["recorded" if t.requires_grad else "–" for t in (ours, theirs)]
    print(f"{name:18}  {said[0]:10} {said[1]}")

# %% [markdown]
# - `data * data`: neither wants a gradient, so there is nothing to go back for. The result is a leaf, a new constant.
# - `no_grad()` switches recording off for a block; `mg.is_grad_enabled()` says whether it is on. One uses it to measure
#   how good a network is.
# - `detach()` gives the same number without its past. It cuts a graph at one place.
# - `w.item()` is a plain Python number. It has no past at all, and what is computed with it takes it as a constant.
#   `w * w.item()` is recorded, but as *w times the number 3*, not as $w^2$. This is a popular mistake.
# - `w > data` is true or false. It has no slope.
#
# Here is the result with `item()`. The second factor is just a number in a dashed box.

# %%
w = mg.tensor(3.0, requires_grad=True)
y = w * w.item()

draw(y, w=w, y=y)

# %% [markdown]
# ## 6. An `if` leaves no trace
#
# A function that does different things, depending on its input:


# %%
def f(x):
    if x > 0:
        return x * 2
    return x.exp() - 1


# %% [markdown]
# We run it on 3, and then on −1. **Predict.** Where in the two graphs is the `if`?

# %%
x = mg.tensor(3.0, requires_grad=True)
y = f(x)
draw(y, x=x, y=y)

# %%
x = mg.tensor(-1.0, requires_grad=True)
y = f(x)
draw(y, x=x, y=y)

# %% [markdown]
# Nowhere. Python decided, and only what then happened was recorded. Each time the function runs, a new graph is made.
# It fits this input, and perhaps no other.
#
# `explore` runs a function again and again while you turn what it is given. Run the cell, and take `x` slowly through 0
# (with the mouse, or with the arrow keys). **Predict.** Which of the two graphs belongs to 0 itself?

# %%
explore(f, x=(-1.0, 3.0))

# %% [markdown]
# At 0 the question `x > 0` is answered with no, so it is the second one.
#
# ## 7. A loop is as long as the data make it
#
# Take a whole number. If it is even, halve it; if it is odd, triple it and add one. Go on until it is 1. Nobody has
# found a start from which it does not end (and nobody has proved that there is none). How long it takes cannot be known
# beforehand.


# %%
def until_one(x):
    while x > 1:
        x = x / 2 if x % 2 == 0 else 3 * x + 1
    return x


x = mg.tensor(3.0, requires_grad=True)
y = until_one(x)
print("made by:", " ".join(tensor.op.__name__ for tensor in graph.topological_order(y)[1:]))

# %% [markdown]
# From 3 it goes to 10, 5, 16, 8, 4, 2, 1: twice *triple, add, halve*, then *halve* three times. The loop is not
# in the graph; its rounds are, one after the other. It is **unrolled**.
#
# **Predict.** How many operations are recorded for each start from 1 to 30? Does it grow steadily?

# %%
starts = range(1, 31)
counts = {"div": [], "mul": [], "add": []}
for start in starts:
    made_by = [
        t.op.__name__
        for t in graph.topological_order(until_one(mg.tensor(float(start), requires_grad=True)))[1:]
        if t.op
    ]
    for name, column in counts.items():
        column.append(made_by.count(name))

plt.figure(figsize=(9, 3.4))
below = np.zeros(len(starts))
for (name, column), colour, label in zip(counts.items(), (BLUE, ORANGE, GREEN), ("/ 2", "3 *", "+ 1")):
    plt.bar(starts, column, bottom=below, color=colour, label=f"{name}:  {label}", width=0.8)
    below += column
plt.xlabel("start")
plt.ylabel("recorded operations")
plt.xticks([1, 5, 10, 15, 20, 25, 30])
plt.legend(loc="upper left")
plt.show()

# %% [markdown]
# 26 needs 12 operations, and 27 needs 152. Yet we did nothing special: we wrote the loop as in any Python program.
# Turn `start` to see it unroll. Where the graph gets long, a row of operations is folded into one box, which a click
# opens.


# %%
def from_start(start):
    return until_one(mg.tensor(float(start), requires_grad=True))


explore(from_start, start=(1, 9))

# %% [markdown]
# PyTorch does the same; its record has the same length.


# %%
def length_in_torch(y):
    """How many functions lead back from a PyTorch tensor that comes from a single chain."""
    function, count = y.grad_fn, 0
    while function.next_functions:
        function, count = function.next_functions[0][0], count + 1
    return count


for start in (6.0, 26.0, 27.0):
    ours = until_one(mg.tensor(start, requires_grad=True))
    theirs = until_one(torch.tensor(start, requires_grad=True))
    print(f"{start:4.0f}: minigrad {len(graph.topological_order(ours)) - 1:3}   PyTorch {length_in_torch(theirs):3}")

# %% [markdown]
# → Exercise `unrolled`: a loop of your own.
#
# ## 8. Why this is worth having
#
# A library that records while it runs is called **dynamic**, or **define by run**. What does one gain?
#
# - You write Python. `if`, `while`, functions, recursion, `print` in the middle, a debugger: everything works.
# - When something is wrong, the error comes at the line that is wrong.
# - The graph can have another form for each example.
#
# That last point is less exotic than it sounds. A sentence is a tree: *(the cat) (chased (a mouse))*. To give it a
# number, give one to each word, and join two parts into one, from the inside out. Eight lines do it, because a function
# may call itself.

# %%
words = {"the": 0.1, "cat": 0.9, "chased": -0.4, "a": 0.2, "mouse": 0.7}
words = {word: mg.tensor(number, requires_grad=True) for word, number in words.items()}
left, right = mg.tensor(0.8, requires_grad=True), mg.tensor(-0.5, requires_grad=True)


def meaning(tree):
    """One number for a sentence: its words' own, joined two by two."""
    if isinstance(tree, str):
        return words[tree]
    first, second = map(meaning, tree)
    return (left * first + right * second).tanh()


y = meaning((("the", "cat"), ("chased", ("a", "mouse"))))
draw(y, left=left, right=right, y=y, **words)

# %% [markdown]
# The graph has the form of the sentence. Another sentence gives another graph, with the same two weights in it, and all
# of them can learn.
#
# ## 9. The other way: a plan
#
# Every time the program runs, every operation goes through Python, and everything is recorded anew, though it is mostly
# the same as before. Could one not write it down once, and then only follow it?
#
# Imagine a machine that knows no Python. It has numbered **places** for numbers, and it follows a list of
# **instructions**: take what is in these places, apply this operation, put the result there. Here is $(w\,x + b)^2$ for
# it; $w$, $x$ and $b$ lie in places 0, 1 and 2.

# %%
plan = [
    ("mul", (0, 1), 3),
    ("add", (3, 2), 4),
    ("square", (4,), 5),
]


def follow(plan, *start):
    """All that the machine can do."""
    places = dict(enumerate(start))
    for op, inputs, output in plan:
        value, *_ = getattr(ops, op)(*[places[i] for i in inputs])
        places[output] = value
    return value


print(follow(plan, 3.0, 2.0, -1.0))

# %% [markdown]
# It is 25 again. (An op of minigrad gives its value first; what comes after it is for lesson 04.)
#
# A plan like this is a **static graph**. It was TensorFlow's way in its first years, and it is what you get from
# `torch.export`, in an ONNX file, and on a phone. It was not our program that ran just now, only its trace: no
# tensor, no line of ours. Other numbers in the places give other results:

# %%
for value in (0.0, 1.0, 2.0):
    print(f"x = {value:.0f}: plan {follow(plan, 3.0, value, -1.0):4.0f}   program {(3 * value - 1) ** 2:4.0f}")

# %% [markdown]
# ### What a plan can do
#
# **Travel.** It is a list of names and numbers. It can be stored in a file and run by a program in any language.

# %%
sent = json.dumps(plan)
print(sent)
print("and run by who received it:", follow(json.loads(sent), 3.0, 2.0, -1.0))

# %% [markdown]
# **Look ahead.** Who knows the whole plan knows who will read what, and when it is no longer needed. Take six layers of
# one number each: `tanh` of `w` times the last one.

# %%
layers = [("mul", (0, 1), 2), ("tanh", (2,), 3)]
for number in range(3, 13, 2):
    layers += [("mul", (0, number), number + 1), ("tanh", (number + 1,), number + 2)]


def packed(plan, leaves):
    """The same plan on fewer places: one is used again once nobody will read it any more."""
    last = {i: step for step, (_, inputs, _) in enumerate(plan) for i in inputs}
    place, free, new_plan = {leaf: leaf for leaf in range(leaves)}, [], []
    for step, (op, inputs, output) in enumerate(plan):
        taken = tuple(place[i] for i in inputs)
        place[output] = free.pop() if free else max(place.values()) + 1
        free += [place[i] for i in set(inputs) if last[i] == step and i >= leaves]
        new_plan.append((op, taken, place[output]))
    return new_plan


same = follow(layers, 0.9, 1.0) == follow(packed(layers, 2), 0.9, 1.0)
print("twelve instructions, packed or not, give the same:", bool(same))

# %% [markdown]
# **Predict.** How many places do the twelve results need, if an operation may not write to a place that it reads?


# %%
def lifetimes(axis, plan, title):
    """A bar from where a place is written to where it is read for the last time."""
    for step, (op, _, output) in enumerate(plan):
        until = next((later for later, (_, _, other) in enumerate(plan) if later > step and other == output), len(plan))
        reads = [later for later in range(step + 1, until + 1) if later < len(plan) and output in plan[later][1]]
        width = max(reads, default=step + 1) - step
        axis.barh(output, width - 0.1, left=step, height=0.7, color=BLUE if op == "mul" else ORANGE)
    axis.set(title=title, xlabel="instruction", xlim=(0, len(plan)), ylim=(13.6, 1.4), yticks=range(2, 14))
    axis.set_xticks(range(0, len(plan) + 1, 2))


figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True)
lifetimes(axes[0], layers, "a place for each result: 12")
lifetimes(axes[1], packed(layers, 2), "places used again: 2")
axes[0].set_ylabel("place")
for colour, label in ((BLUE, "result of mul"), (ORANGE, "result of tanh")):
    axes[1].barh(0, 0, color=colour, label=label)
axes[1].legend(loc="lower right")
plt.tight_layout()
plt.show()

# %% [markdown]
# Twelve places become two, and it would be two for a thousand layers. (Not when the network learns: the way back needs
# the results of the way there, so they must be kept. That holds for PyTorch, too.)
#
# In the same way, one who sees the whole plan can put several operations into one, run two at once that do not need
# each other, or leave out what nobody reads. A dynamic library sees one operation at a time. It cannot know what comes
# next, for nobody knows yet.
#
# → Exercises `replay` (run a recorded graph with other numbers) and `static_plan` (make a plan of a recorded graph).
#
# ### What a plan cannot do
#
# Remember `f` of section 6: doubled if positive, else $e^x - 1$. Its graph, recorded at $x = 3$, holds one operation,
# *times two*. We make that our plan. The 2 lies in place 1.
#
# **Predict.** Where do plan and program agree?

# %%
plan_of_f = [("mul", (0, 1), 2)]
xs = np.linspace(-3, 2, 101)

plt.figure(figsize=(7, 3.4))
plt.plot(xs, [f(mg.tensor(value)).item() for value in xs], color=BLUE, linewidth=4, label="the program")
plt.plot(
    xs,
    [follow(plan_of_f, value, 2.0) for value in xs],
    "--",
    color=ORANGE,
    linewidth=2.5,
    label="a plan of its run at x = 3",
)
plt.axvline(0, color="grey", linewidth=0.8)
plt.xlabel("x")
plt.legend()
plt.show()

# %% [markdown]
# To the right, where the same branch is taken. To the left it is wrong, and gives no warning. The plan holds what
# happened in one run. It does not know that it could have gone otherwise.
#
# ## 10. Plans in PyTorch
#
# PyTorch can make a plan of a function, too: `torch.fx` runs it once with a stand-in for the numbers, and keeps a list.


# %%
def g(x):
    return (x * 2 + 1).tanh()


for node in torch.fx.symbolic_trace(g).graph.nodes:
    what = node.target if isinstance(node.target, str) else node.target.__name__
    print(f"{node.name:7} {what:7} of {node.args}")

# %% [markdown]
# Three operations with their inputs, between a beginning (`placeholder`, our leaf) and an end. It is our plan, with
# names for places.
#
# **Predict.** What will it do with `f`, and its `if`?

# %%
try:
    torch.fx.symbolic_trace(f)
except torch.fx.proxy.TraceError as error:
    print(textwrap.fill(f"PyTorch refuses: {error}", 100))

# %% [markdown]
# The stand-in has no value, so nobody can say whether it is above 0. It is better to refuse than to guess.
#
# What can one do? Put the choice *into* the plan, as an operation: `where` takes a condition and two results, and
# picks. Then both results are always computed, and one is thrown away.


# %%
def f_without_if(x):
    return torch.where(x > 0, x * 2, x.exp() - 1)


traced = torch.fx.symbolic_trace(f_without_if)
print("operations:", [node.name for node in traced.graph.nodes])

values = torch.tensor([-3.0, -0.5, 0.5, 2.0])
print("as the program gives:", bool(torch.equal(traced(values), torch.stack([f(value) for value in values]))))

# %% [markdown]
# This works for an `if`. For a `while` whose length nobody knows it does not: a list has an end. A plan needs an
# instruction of its own for it ("go back to line 3 if ..."), and then the plan has become a program again, in a
# language that one must learn first.
#
# `torch.compile` tries to have both. It watches the program run, makes a plan of what happened, and notes under which
# conditions it holds. When one of them fails, it makes another plan.
#
# | | recorded while running | planned beforehand |
# |---|---|---|
# | `if` and `while` on data | as in any program | not at all, or in a language of its own |
# | an error | comes at the line that is wrong | comes when the plan is made or run, far from the line |
# | another form for each example | yes | no |
# | Python at every operation | yes, and that takes time | no |
# | memory planned, operations joined | no | yes |
# | runs where there is no Python | no | yes |
#
# ## What is left out
#
# - How plans are made *fast*: that is the trade of compilers.
# - Operations that change a tensor in place, and views. PyTorch has rules for them, and so has minigrad; the guards in
#   `record` belong to these.
#
# ## What is yours now
#
# - **The record**: each tensor knows its `op` and its `inputs`. That is the graph; there is no other. In PyTorch:
#   `grad_fn` and `next_functions`.
# - **When**: while the program runs, if recording is on and an input wants a gradient.
# - **A leaf** was made by nobody; a **topological order** has inputs before outputs; a tensor used twice is there once.
# - **Control flow** leaves no trace: only what happened is recorded, and each run makes a new graph.
# - **A plan** of a run is portable and can be improved; it is right as long as the program would do the same again.
#
# Next: [04 Backprop](04_backprop.ipynb), where we walk the graph from its end, and each tensor learns its gradient.
