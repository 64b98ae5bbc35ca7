"""Chapter 04, backprop: one gradient function per input, and the walk that multiplies them along a graph."""

from dataclasses import dataclass, replace

import numpy as np

import minigrad as mg
from minigrad import graph

from ...check import pytorch as torch
from ...check.case import away_from_zero, between, exactly, normal
from .. import run
from ..exercise import Chapter, given
from .graphs import by_chance

chapter = Chapter(
    "04_backprop",
    "Backprop",
    teaches=("backward", "grad", "retain_grad", "retain_graph", "zero_grad", "backpropagate", "unbroadcast"),
)

x, y = normal(2, 3), away_from_zero(2, 3)
row, column = normal(3), normal(2, 1)
double = [replace(draw, dtype="float64") for draw in (normal(3), normal(2, 2), between(0.5, 2, 4), normal())]

# ---- ops ----


@chapter.exercise(
    points=1,
    minutes=5,
    run=run.op,
    cases=[
        given("turn x up by a hair, and x + y goes up by a hair", x, y),
        given(
            "a row is added to every row; bringing the gradient back to a row is the engine's task, not yours", x, row
        ),
        given("a column and a row both stretch to a table", column, row),
        given("a plain number may stand for y", x, 2.5),
        given("one tensor used twice collects both gradients", x, x),
        given("single numbers", normal(), normal()),
    ],
    hints=(
        "If x goes up by a little h, by how much does x + y go up? And by how much if y does?",
        "The slope of x + y is 1 along x, and 1 along y. By the chain rule, what goes back is g times that slope.",
        """
        def add(x, y):
            return (
                x + y,
                lambda g: ...,
                lambda g: ...,
            )
        """,
    ),
    part="ops.add",
)
def add(x, y):
    """x + y, elementwise.

    x, y: arrays (or plain numbers) whose shapes broadcast
    ->    (value, gradient function of x, gradient function of y)

    A gradient function takes g, how the loss changes with each number of the value, and gives how it changes with x (or
    y), in the shape of the value.
    """
    ### BEGIN SOLUTION
    return (
        x + y,
        lambda g: g,
        lambda g: g,
    )
    ### END SOLUTION


chapter.wrong(
    "add",
    "Those are the gradients of a product. How much does a sum change when x does: does it depend on y?",
    "lambda g: g,\n        lambda g: g,",
    "lambda g: g * y,\n        lambda g: g * x,",
)
chapter.wrong(
    "add",
    "It gives the slope alone, which is 1. What arrives in g has to be handed on: the chain rule multiplies by it.",
    "lambda g: g,\n        lambda g: g,",
    "lambda g: np.ones_like(g),\n        lambda g: np.ones_like(g),",
)
chapter.wrong(
    "add",
    "y's gradient has the wrong sign. With which operation would a minus belong there?",
    "lambda g: g,\n        lambda g: g,",
    "lambda g: g,\n        lambda g: -g,",
)
chapter.wrong(
    "add",
    "Each input gets the whole of g, not a half of it: nothing is shared out here.",
    "lambda g: g,\n        lambda g: g,",
    "lambda g: g / 2,\n        lambda g: g / 2,",
)


@chapter.exercise(
    points=1,
    minutes=5,
    run=run.op,
    cases=[
        given("each factor's gradient is the other factor", x, y),
        given("a row scales every row", x, row),
        given("a column and a row both stretch to a table", column, row),
        given("a plain number may stand for y", x, -2.0),
        given("x * x has gradient 2x: both uses count", x, x),
        given("single numbers", normal(), normal()),
        given("a factor of 0 lets nothing through to the other one", exactly([0.0, 2.0]), exactly([3.0, 0.0])),
    ],
    hints=(
        "Say y is 3. If x goes up by a little h, by how much does x * y go up?",
        "The slope of x * y along x is y, and along y it is x. Each is multiplied by what arrives, g.",
        """
        def mul(x, y):
            return (
                x * y,
                lambda g: g * ...,
                lambda g: g * ...,
            )
        """,
    ),
    part="ops.mul",
)
def mul(x, y):
    """x * y, elementwise.

    x, y: arrays (or plain numbers) whose shapes broadcast
    ->    (value, gradient function of x, gradient function of y)
    """
    ### BEGIN SOLUTION
    return (
        x * y,
        lambda g: g * y,
        lambda g: g * x,
    )
    ### END SOLUTION


chapter.wrong(
    "mul",
    "The two gradients are exchanged. Along x, how fast does x * y grow: like x, or like y?",
    "lambda g: g * y,\n        lambda g: g * x,",
    "lambda g: g * x,\n        lambda g: g * y,",
)
chapter.wrong(
    "mul",
    "It gives the slopes alone. What arrives in g has to be multiplied by them: that is the chain rule.",
    "lambda g: g * y,\n        lambda g: g * x,",
    "lambda g: np.ones_like(g) * y,\n        lambda g: np.ones_like(g) * x,",
)
chapter.wrong(
    "mul",
    "Those are the gradients of a sum. In a product, how much x counts depends on y.",
    "lambda g: g * y,\n        lambda g: g * x,",
    "lambda g: g,\n        lambda g: g,",
)
chapter.wrong(
    "mul",
    "It adds the slope to what arrives; along a chain, slopes are multiplied.",
    "lambda g: g * y,\n        lambda g: g * x,",
    "lambda g: g + y,\n        lambda g: g + x,",
)
chapter.wrong(
    "mul",
    "It multiplies by the whole product. If only x turns, which number says how strongly it is felt?",
    "lambda g: g * y,\n        lambda g: g * x,",
    "lambda g: g * (x * y),\n        lambda g: g * (x * y),",
)


@chapter.exercise(
    points=2,
    minutes=10,
    run=run.op,
    cases=[
        given("a square has slope 2x", x, 2.0),
        given("a cube has slope 3 times the square", x, 3.0),
        given("a root is the power one half", between(0.5, 2, 3), 0.5),
        given("1 / x is the power -1", y, -1.0),
        given("the exponent has a gradient, too", between(0.5, 2, 2, 3), x),
        given("one base, many exponents", between(0.5, 2), row),
        given("a square has slope 0 at 0", exactly([0.0, 1.0]), 2.0),
        given("x to the power x", between(0.5, 2, 3), between(0.5, 2, 3)),
    ],
    hints=(
        "Along x, this is the rule for powers that you know from school. Along y, x is a constant: think of 2 ** y.",
        "Along x the slope is y * x ** (y - 1). And since x ** y = exp(y * log(x)), along y it is x ** y * log(x).",
        """
        def pow(x, y):
            out = x**y
            return (
                out,
                lambda g: g * ... * x ** ...,
                lambda g: g * ... * np.log(...),
            )
        """,
    ),
    part="ops.pow",
)
def pow(x, y):
    """x to the power y, elementwise.

    x, y: arrays (or plain numbers) whose shapes broadcast; where y's gradient is wanted, x is above 0
    ->    (value, gradient function of x, gradient function of y)
    """
    ### BEGIN SOLUTION
    out = x**y
    return (
        out,
        lambda g: g * y * x ** (y - 1),
        lambda g: g * out * np.log(x),
    )
    ### END SOLUTION


chapter.wrong(
    "pow",
    "Along x: the exponent comes down as a factor, and what is left has one less. One less is missing.",
    "(y - 1)",
    "y",
)
chapter.wrong("pow", "Along x: the exponent has to come down as a factor.", "g * y * x", "g * x")
chapter.wrong(
    "pow",
    "Along y it is the slope of x that was used. But there x is fixed and y moves: think of 2 ** y.",
    "g * out * np.log(x)",
    "g * y * x ** (y - 1)",
)
chapter.wrong("pow", "Along y: the logarithm to take is that of the base, x.", "np.log(x)", "np.log(np.abs(y))")
chapter.wrong("pow", "Along y: the logarithm of x is missing. Only e ** y is its own slope.", " * np.log(x)", "")


@chapter.exercise(
    points=1,
    minutes=5,
    run=run.op,
    cases=[
        given("exp is its own slope", x),
        given("at 0 value and slope are 1", exactly([0.0, 1.0, -1.0])),
        given("far to the left nothing is left, and nothing moves", exactly([-200.0, -5.0])),
        given("too large for float32: infinite, as in PyTorch", exactly([100.0, 1.0])),
        given("a single number", normal()),
    ],
    hints=(
        "Which function is its own slope?",
        "The slope of exp at x is exp(x). You have that number already: it is the value.",
        """
        def exp(x):
            out = np.exp(x)
            return out, lambda g: ...
        """,
    ),
    part="ops.exp",
)
def exp(x):
    """e to the power x, elementwise.

    x: an array    ->    (value, gradient function of x)
    """
    ### BEGIN SOLUTION
    out = np.exp(x)
    return out, lambda g: g * out
    ### END SOLUTION


chapter.wrong(
    "exp",
    "That is the rule for powers x ** n. Here the exponent moves, and e is fixed.",
    "g * out",
    "g * x * np.exp(x - 1)",
)
chapter.wrong("exp", "It multiplies by x. How steep is exp at x = 0: is it flat there?", "g * out", "g * x")
chapter.wrong("exp", "It gives the slope alone; the chain rule multiplies it by g.", "g * out", "out + 0 * g")
chapter.wrong(
    "exp",
    "It takes exp of what arrives. What counts is where x was: the slope there is exp(x).",
    "g * out",
    "np.exp(g)",
)


@chapter.exercise(
    points=1,
    minutes=5,
    run=run.op,
    cases=[
        given("the slope is 1 / x", between(0.5, 3, 2, 3)),
        given("near 0 it is steep", exactly([0.01, 0.1, 1.0])),
        given("far out it is nearly flat", exactly([10.0, 1000.0])),
        given("at 0 the value is minus infinity, as in PyTorch", exactly([0.0, 1.0])),
        given("a single number", between(0.5, 3)),
    ],
    hints=(
        "How steep is the logarithm at 1? At 2? At 100?",
        "The slope of log at x is 1 / x.",
        """
        def log(x):
            return np.log(x), lambda g: ... / ...
        """,
    ),
    part="ops.log",
)
def log(x):
    """The natural logarithm, elementwise.

    x: an array    ->    (value, gradient function of x)
    """
    ### BEGIN SOLUTION
    return np.log(x), lambda g: g / x
    ### END SOLUTION


chapter.wrong("log", "It multiplies by x: so the larger x, the steeper. Look at the curve: is it so?", "g / x", "g * x")
chapter.wrong("log", "It divides by the value, log(x). The slope is 1 over x itself.", "g / x", "g / np.log(x)")
chapter.wrong(
    "log",
    "It gives the slope alone; the chain rule multiplies it by g.",
    "lambda g: g / x",
    "lambda g: np.ones_like(g) / x",
)
chapter.wrong(
    "log", "This is the logarithm to base 10. In this trade, log is the natural one.", "np.log(x)", "np.log10(x)"
)


@chapter.exercise(
    points=1,
    minutes=5,
    run=run.op,
    cases=[
        given("the slope is 1 - tanh(x) ** 2", x),
        given("steepest at 0, where it is 1", exactly([0.0, 0.1, -0.1])),
        given("far out it is flat: such a unit learns no more", exactly([-20.0, 20.0])),
        given("a single number", normal()),
    ],
    hints=(
        "The slope can be written with the value itself. It is 1 in the middle and 0 far out.",
        "The slope of tanh at x is 1 - out * out, where out = tanh(x).",
        """
        def tanh(x):
            out = np.tanh(x)
            return out, lambda g: g * (1 - ...)
        """,
    ),
    part="ops.tanh",
)
def tanh(x):
    """The hyperbolic tangent, elementwise: an S from -1 to 1.

    x: an array    ->    (value, gradient function of x)
    """
    ### BEGIN SOLUTION
    out = np.tanh(x)
    return out, lambda g: g * (1 - out * out)
    ### END SOLUTION


chapter.wrong("tanh", "The square is that of the value, not of x: with x, it grows without end.", "out * out", "x * x")
chapter.wrong(
    "tanh",
    "The value has to be squared: 1 - out would be 2 far to the left, where the curve is flat.",
    "out * out",
    "out",
)
chapter.wrong("tanh", "That is the slope of the sigmoid, which runs from 0 to 1.", "(1 - out * out)", "out * (1 - out)")
chapter.wrong(
    "tanh",
    "It gives the slope alone; the chain rule multiplies it by g.",
    "g * (1 - out * out)",
    "0 * g + 1 - out * out",
)


@chapter.exercise(
    points=1,
    minutes=5,
    run=run.op,
    cases=[
        given("what is negative becomes 0, and lets no gradient through", normal(3, 4)),
        given("at 0 the slope is 0, as in PyTorch", exactly([0.0, -0.0, 1.0])),
        given("all negative: a dead unit", exactly([-1.0, -2.0])),
        given("a single number", normal()),
        given("infinities pass or not, like all others", exactly([np.inf, -np.inf])),
    ],
    hints=(
        "Where x is positive, this is x itself: what is its slope? And where it is negative?",
        "Let g pass where x > 0, and put 0 where it is not. np.where chooses element by element.",
        """
        def relu(x):
            return np.maximum(x, 0), lambda g: np.where(..., ..., ...)
        """,
    ),
    part="ops.relu",
)
def relu(x):
    """x where it is positive, else 0.

    x: an array    ->    (value, gradient function of x); the slope at 0 is 0
    """
    ### BEGIN SOLUTION
    return np.maximum(x, 0), lambda g: np.where(x > 0, g, np.zeros_like(g))
    ### END SOLUTION


@chapter.hidden("relu")
def zeros_among_others(rng):
    """Numbers of which some are 0, nobody knows where."""
    numbers = rng.normal(size=8) * rng.permutation([0, 0, 0, -0.0, 1, 1, 1, 1])
    return [given("zeros among others", exactly(numbers.tolist()))]


@chapter.way("relu", "A comparison gives True and False, which count as 1 and 0; NumPy keeps g's number type.")
def relu_by_product(x):
    return np.maximum(x, 0), lambda g: g * (x > 0)


chapter.wrong("relu", "At 0 the slope should be 0: a comparison lets 0 itself through.", "x > 0", "x >= 0")
chapter.wrong(
    "relu",
    "It looks at the sign of g, as if relu were applied to that. What decides is whether x was positive.",
    "np.where(x > 0",
    "np.where(g > 0",
)
chapter.wrong(
    "relu",
    "Every gradient is let through, even where relu put 0 in place of x.",
    "np.where(x > 0, g, np.zeros_like(g))",
    "g",
)
chapter.wrong(
    "relu",
    "It gives the slope alone; the chain rule multiplies it by g.",
    "np.where(x > 0, g, np.zeros_like(g))",
    "(x > 0).astype(x.dtype) + 0 * g",
)


@chapter.exercise(
    points=2,
    minutes=12,
    run=run.op,
    cases=[
        given("all of them to one number: each counts once, so each gets the same g", x),
        given("down the columns: what arrives is a row, and every row gets a copy", x, axis=0),
        given("along the rows: what arrives has lost its last axis", x, axis=1),
        given("axes can be counted from the end", x, axis=-1),
        given("several axes at once", normal(2, 3, 4), axis=(0, 2)),
        given("with keepdims the axis stays, with length 1", x, axis=1, keepdims=True),
        given("as many rows as columns: only the values tell the axes apart", normal(3, 3), axis=1),
        given("nothing to add up", normal(0, 3), axis=0),
    ],
    hints=(
        "Every element counts once in its sum. So how much does the sum change if one element goes up by a little?",
        "Every element of x gets the g of the sum it went into: g is copied along the axis that was added up. "
        "np.expand_dims(g, axis) puts the lost axis back, np.broadcast_to(g, x.shape) copies along it.",
        """
        def sum(x, *, axis=None, keepdims=False):
            def grad_x(g):
                if axis is not None and not keepdims:
                    g = np.expand_dims(g, ...)
                return np.broadcast_to(g, ...)

            return x.sum(axis=axis, keepdims=keepdims), grad_x
        """,
    ),
    part="ops.sum",
)
def sum(x, *, axis=None, keepdims=False):
    """Add up the elements along `axis`: an integer, a tuple of them, or None for all.

    x: an array    ->    (value, gradient function of x); with keepdims, the axes added up stay, with length 1
    """
    ### BEGIN SOLUTION

    def grad_x(g):
        if axis is not None and not keepdims:
            g = np.expand_dims(g, axis)  # the axis that was lost comes back, with length 1
        return np.broadcast_to(g, x.shape)

    return x.sum(axis=axis, keepdims=keepdims), grad_x
    ### END SOLUTION


chapter.wrong(
    "sum",
    "Where an axis was added up, it is missing in g. Without putting it back, broadcasting lines up the wrong axes.",
    "if axis is not None and not keepdims:\n            "
    "g = np.expand_dims(g, axis)  # the axis that was lost comes back, with length 1\n        ",
    "",
)
chapter.wrong(
    "sum",
    "It spreads g evenly, as a mean would. In a sum every element counts in full.",
    "np.broadcast_to(g, x.shape)",
    "np.broadcast_to(g, x.shape) * (g.size / x.size if x.size else 1)",
)
chapter.wrong(
    "sum",
    "With keepdims the axis is still there; putting it back a second time makes one too many.",
    "if axis is not None and not keepdims:",
    "if axis is not None:",
)
chapter.wrong(
    "sum",
    "It puts the lost axis always in front. It belongs where it was: at `axis`.",
    "np.expand_dims(g, axis)",
    "np.expand_dims(g, 0 if isinstance(axis, int) else axis)",
)
chapter.wrong(
    "sum",
    "It multiplies by x, as if this were a product. An element's slope in a sum is 1, however large it is.",
    "np.broadcast_to(g, x.shape)",
    "np.broadcast_to(g, x.shape) * x",
)


@chapter.exercise(
    points=3,
    minutes=15,
    run=run.op,
    cases=[
        given("(2, 3) @ (3, 4)", normal(2, 3), normal(3, 4)),
        given("square matrices: only the values show a transpose in the wrong place", normal(3, 3), normal(3, 3)),
        given("a row times a matrix", normal(1, 3), normal(3, 2)),
        given("a batch of products at once", normal(4, 2, 3), normal(4, 3, 2)),
        given(
            "one matrix for the whole batch; adding up over the batch is the engine's task",
            normal(4, 2, 3),
            normal(3, 2),
        ),
        given("a matrix times itself: both uses count", normal(3, 3), normal(3, 3)),
        given("no rows at all", normal(0, 3), normal(3, 2)),
    ],
    hints=(
        "Look at the shapes first. x is (n, k), y is (k, m), g is (n, m). From g and y, how can (n, k) be made?",
        "x's gradient is g @ y transposed: (n, m) @ (m, k). y's is x transposed @ g: (k, n) @ (n, m). In a batch, only "
        "the last two axes are exchanged: .swapaxes(-1, -2).",
        """
        def matmul(x, y):
            return (
                x @ y,
                lambda g: ... @ ...,
                lambda g: ... @ ...,
            )
        """,
    ),
    part="ops.matmul",
)
def matmul(x, y):
    """The matrix product, of the last two axes; axes before them are a batch and broadcast.

    x: (..., n, k), y: (..., k, m)    ->    (value: (..., n, m), gradient function of x, gradient function of y)
    """
    ### BEGIN SOLUTION
    return (
        x @ y,
        lambda g: g @ y.swapaxes(-1, -2),
        lambda g: x.swapaxes(-1, -2) @ g,
    )
    ### END SOLUTION


@chapter.way("matmul", "Written with letters, the gradients are the same product with the letters exchanged.")
def matmul_in_letters(x, y):
    return (
        np.einsum("...nk,...km->...nm", x, y),
        lambda g: np.einsum("...nm,...km->...nk", g, y),
        lambda g: np.einsum("...nk,...nm->...km", x, g),
    )


chapter.wrong(
    "matmul",
    "x's gradient: y has to be transposed. With square matrices the shapes fit even if it is not.",
    "y.swapaxes(-1, -2)",
    "y",
)
chapter.wrong(
    "matmul",
    "y's gradient: x has to be transposed. With square matrices the shapes fit even if it is not.",
    "x.swapaxes(-1, -2) @ g",
    "x @ g",
)
chapter.wrong(
    "matmul",
    "y's gradient: the order is turned round. x transposed comes first, then g.",
    "x.swapaxes(-1, -2) @ g",
    "g @ x.swapaxes(-1, -2)",
)
chapter.wrong(
    "matmul",
    ".T turns all axes round, the batch's too. Exchange the last two only: .swapaxes(-1, -2).",
    "lambda g: g @ y.swapaxes(-1, -2),\n        lambda g: x.swapaxes(-1, -2) @ g,",
    "lambda g: g @ y.T,\n        lambda g: x.T @ g,",
)
chapter.wrong(
    "matmul",
    "This is the elementwise product's rule: each factor's gradient is the other. Look at the shapes.",
    "lambda g: g @ y.swapaxes(-1, -2),\n        lambda g: x.swapaxes(-1, -2) @ g,",
    "lambda g: g * y,\n        lambda g: g * x,",
)


# ---- the engine ----


@chapter.exercise(
    points=3,
    minutes=15,
    cases=[
        given("nothing was stretched: nothing to do", normal(2, 3), (2, 3)),
        given("a row was copied to every row, so its gradient is the sum over the rows", normal(2, 3), (3,)),
        given("a column was copied to every column; its axis of length 1 stays", normal(2, 3), (2, 1)),
        given("a row of shape (1, 3): the axis stays, with length 1", normal(2, 3), (1, 3)),
        given("a single number collects from everywhere", normal(2, 3), ()),
        given("new axes in front and a stretched one inside, at once", normal(4, 2, 3), (2, 1)),
        given("an axis of length 1 that was not stretched", normal(2, 1), (2, 1)),
        given("no rows to add up: the sum of nothing is 0", normal(0, 3), (3,)),
    ],
    torch=lambda g, shape: g.sum_to_size(shape),
    hints=(
        "A number that broadcasting copied to five places is used five times. What happens to the gradients of "
        "something that is used five times?",
        "Two things happen in broadcasting: axes are put in front, and axes of length 1 are stretched. Undo them in "
        "turn: sum over the axes in front; then, with keepdims=True, over each axis where `shape` has 1 and g has not.",
        """
        def unbroadcast(g, shape):
            extra = g.ndim - len(shape)
            g = g.sum(axis=tuple(range(extra)))
            for axis, n in enumerate(shape):
                if ...:
                    g = g.sum(axis=axis, keepdims=True)
            return g
        """,
    ),
    part="graph.unbroadcast",
)
def unbroadcast(g, shape):
    """Undo broadcasting: add up g over every axis along which an array of `shape` was stretched to g's shape.

    g: an array    shape: a tuple    ->    an array of this shape

    >>> unbroadcast(np.ones((2, 3)), (3,))
    array([2., 2., 2.])
    """
    ### BEGIN SOLUTION
    extra = g.ndim - len(shape)
    g = g.sum(axis=tuple(range(extra)))  # axes that were put in front
    for axis, n in enumerate(shape):
        if n == 1 and g.shape[axis] != 1:  # an axis that was stretched
            g = g.sum(axis=axis, keepdims=True)
    return g
    ### END SOLUTION


@chapter.hidden("unbroadcast")
def other_stretches(rng):
    """Shapes that nobody has seen, of which some axes are stretched and some are missing."""
    cases = []
    for ndim in (2, 3, 4, 4):
        sizes = [int(n) for n in rng.integers(1, 5, ndim)]
        start = int(rng.integers(0, ndim))
        kept = tuple(n if rng.random() < 0.5 else 1 for n in sizes[start:])
        cases.append(given("a shape made by chance", normal(*sizes), kept))
    return cases


chapter.wrong(
    "unbroadcast",
    "It sums over the axes in front, but an axis of length 1 that was stretched has to be added up as well.",
    "    for axis, n in enumerate(shape):\n        if n == 1 and g.shape[axis] != 1:  # an axis that was stretched\n"
    "            g = g.sum(axis=axis, keepdims=True)\n",
    "",
)
chapter.wrong(
    "unbroadcast",
    "It takes the average. A number used five times gets the sum of its five gradients.",
    "g = g.sum(axis=tuple(range(extra)))  # axes that were put in front",
    "g = g.mean(axis=tuple(range(extra)))",
)
chapter.wrong(
    "unbroadcast",
    "The stretched axis has to stay, with length 1: keepdims=True.",
    "g = g.sum(axis=axis, keepdims=True)",
    "g = g.sum(axis=axis)",
)
chapter.wrong(
    "unbroadcast",
    "It cuts a piece of the right shape out of g. What was copied has to be added up, not thrown away.",
    "g = g.sum(axis=tuple(range(extra)))  # axes that were put in front",
    "g = g[(0,) * extra]",
)


@chapter.wrong("unbroadcast", "It sums everything that can be summed: axes that were not stretched keep their length.")
def one_sum_for_all(g, shape):
    return np.broadcast_to(g.sum(), shape).copy()


@chapter.wrong("unbroadcast", "The new axes stand in front, and this adds up over the last ones.")
def from_the_wrong_end(g, shape):
    extra = g.ndim - len(shape)
    g = g.sum(axis=tuple(range(len(shape), g.ndim))) if extra else g
    for axis, n in enumerate(shape):
        if n == 1 and g.shape[axis] != 1:
            g = g.sum(axis=axis, keepdims=True)
    return g


@dataclass(frozen=True, eq=False)
class Program:
    """A computation that runs on minigrad and on PyTorch alike: `leaves` by name, and the lines that follow."""

    leaves: dict
    lines: tuple

    def __repr__(self):
        lines = self.lines if len(self.lines) < 10 else (*self.lines[:3], "...", self.lines[-1])
        return f"the last of: {'; '.join(lines)}" if lines else "a leaf"

    def run(self, library):
        """{name: tensor}, in the order in which they were made; the last one is the loss."""
        made = {name: library.tensor(value, requires_grad=True) for name, value in self.leaves.items()}
        exec("\n".join(self.lines), {"__builtins__": {}}, made)  # our own lines, below
        return made

    def looked_at(self, made):
        """The names and tensors to look at, from the loss back: of a long graph, the ends."""
        backwards = list(made.items())[::-1]
        return backwards if len(backwards) < 20 else [*backwards[:2], backwards[-1]]


def program(leaves, *lines):
    return run.built("a graph", lambda rng: Program(leaves, lines))


def walked(function, inputs, options, seed):
    """The gradient of each tensor, from the loss back, as the learner's walk gives it."""
    made = inputs[0].run(mg)
    loss = list(made.values())[-1]
    grads = function(loss, np.ones_like(loss.data))
    if not isinstance(grads, dict):
        raise run.WrongForm("backpropagate must return a dict {tensor: gradient}, with every tensor of the graph.")
    for name, tensor in inputs[0].looked_at(made):
        yield f"the gradient of {name}", grads.get(tensor)


def walked_by_torch(program):
    made = program.run(torch)
    loss = list(made.values())[-1]
    looked_at = program.looked_at(made)
    for _, tensor in looked_at:
        tensor.retain_grad()
    loss.backward(torch.ones_like(loss))
    for name, tensor in looked_at:
        yield f"the gradient of {name}", tensor.grad


def as_generator(backpropagate):
    """A learner's walk in the place of the engine's: it gives its pairs one by one, and lets the graph go after it."""

    def walk(root, grad, *, retain_graph=False, **others):
        order = graph.topological_order(root)
        graph.refuse_let_go(order)
        for tensor, g in backpropagate(root, grad).items():
            yield tensor, g.copy()
        for tensor in order if not retain_graph else ():
            if tensor.op is not None:
                graph.let_go(tensor)

    return walk


@chapter.exercise(
    points=5,
    minutes=20,
    run=walked,
    cases=[
        given("one op", program({"a": 3.0, "b": 2.0}, "loss = a * b")),
        given("a chain: slopes multiply", program({"a": 0.5}, "b = a * a", "c = b.exp()", "loss = c.tanh()")),
        given("one tensor used twice by one op", program({"a": 3.0}, "loss = a * a")),
        given(
            "a tensor used by two others gets the sum of both gradients",
            program({"a": 2.0, "b": -1.0}, "c = a * b", "d = c + a", "loss = d * c"),
        ),
        given(
            "a tensor may hand its gradient on only when all of it has arrived",
            program({"a": 2.0}, "b = a * a", "c = b.exp()", "d = b * c", "e = d + c", "loss = e * b"),
        ),
        given(
            "what was stretched gets its gradient back in its own shape",
            program({"w": [1.0, 2.0, 3.0], "b": 0.5}, "s = w + b", "d = s * s", "loss = d.sum()"),
        ),
        given(
            "a long chain: deeper than Python can recurse",
            program({"a0": 1.0}, *[f"a{i + 1} = a{i} * 1" for i in range(4000)]),
        ),
        given("the loss alone, without an op: its gradient is what was given", program({"loss": 2.0})),
    ],
    torch=walked_by_torch,
    hints=(
        "A tensor may hand its gradient on only when all who used it have sent theirs. In which order do you walk?",
        "Go through graph.topological_order(root) from its end: {tensor: gradient so far} starts as {root: grad}. For "
        "each tensor and each of its inputs that has a gradient function: the input's gradient grows by "
        "unbroadcast(gradient(g), input.shape).",
        """
        def backpropagate(root, grad):
            grads = {root: grad}
            for tensor in reversed(graph.topological_order(root)):
                for source, gradient in zip(tensor.inputs, tensor.gradients):
                    if gradient is None:
                        continue
                    g = unbroadcast(gradient(...), source.shape)
                    grads[source] = ...
            return grads
        """,
    ),
    part="graph.backpropagate",
    adapt=as_generator,
    needs=("unbroadcast",),
)
def backpropagate(root, grad):
    """Send the gradient `grad` from `root` back along the graph.

    root: a Tensor    grad: an array of its shape    ->    {tensor: gradient} with every tensor of the graph that
    gradients come to; the gradients are arrays

    `tensor.inputs` are the tensors (and numbers) it was made from, `tensor.gradients` one gradient function for each,
    or None where none is needed; a leaf has neither. `graph.topological_order(root)` lists all of the graph's tensors,
    inputs before outputs.
    """
    ### BEGIN SOLUTION
    grads = {root: grad}
    for tensor in reversed(graph.topological_order(root)):
        for source, gradient in zip(tensor.inputs, tensor.gradients):
            if gradient is None:
                continue
            g = unbroadcast(gradient(grads[tensor]), source.shape)
            grads[source] = grads[source] + g if source in grads else g
    return grads
    ### END SOLUTION


@chapter.hidden("backpropagate")
def other_computations(rng):
    """Computations that nobody has seen, with a number, a row and a column; one result leads nowhere."""
    cases = []
    for lines in (2, 3, 4, 5):
        text, _, start = by_chance(rng, lines, 2)
        shapes = [(), (3,), (2, 1)]
        values = {name: np.round(rng.uniform(0.5, 1.5, shapes[rng.integers(3)]), 2).tolist() for name in start}
        cases.append(given("a graph made by chance", program(values, *text.split("\n"))))
    return cases


chapter.wrong(
    "backpropagate",
    "`=` where `+=` belongs: a tensor that was used twice keeps only the gradient that came last.",
    "grads[source] + g if source in grads else g",
    "g",
)
chapter.wrong(
    "backpropagate",
    "Gradients come back in the stretched shape. unbroadcast brings them to the shape of the input.",
    "unbroadcast(gradient(grads[tensor]), source.shape)",
    "gradient(grads[tensor])",
)
chapter.wrong(
    "backpropagate",
    "It starts from 1 (or `grad`) at every tensor: what arrived there has to be handed to its gradient functions.",
    "gradient(grads[tensor])",
    "gradient(np.ones_like(tensor.data))",
)
chapter.wrong(
    "backpropagate",
    "Only the leaves are in the result. Every tensor's gradient is asked for: the debugger will want to see them.",
    "return grads",
    "return {tensor: g for tensor, g in grads.items() if tensor.op is None}",
)


@chapter.wrong(
    "backpropagate",
    "It goes on from a tensor as soon as one gradient has arrived. Those that arrive later are never handed on: walk "
    "in topological order, from the end.",
)
def breadth_first(root, grad):
    grads, queue, seen = {root: grad}, [root], set()
    while queue:
        tensor = queue.pop(0)
        if tensor in seen:
            continue
        seen.add(tensor)
        for source, gradient in zip(tensor.inputs, tensor.gradients):
            if gradient is not None:
                g = unbroadcast(gradient(grads[tensor]), source.shape)
                grads[source] = grads[source] + g if source in grads else g
                queue.append(source)
    return grads


@chapter.wrong(
    "backpropagate",
    "It calls itself for every input. A graph of a few thousand ops is deeper than Python can recurse; use a loop.",
)
def by_recursion(root, grad):
    grads = {}

    def send(tensor, g):
        grads[tensor] = grads[tensor] + g if tensor in grads else g
        for source, gradient in zip(tensor.inputs, tensor.gradients):
            if gradient is not None:
                send(source, unbroadcast(gradient(g), source.shape))

    send(root, grad)
    return grads


@dataclass(frozen=True)
class Formula:
    """A function of x that shows what it computes."""

    text: str

    def __repr__(self):
        return f"lambda x: {self.text}"

    def __call__(self, x):
        return eval(self.text, {}, {"x": x})  # our own texts, below


@chapter.exercise(
    points=2,
    minutes=12,
    cases=[
        given("the slope of a square is 2x", Formula("(x * x).sum()"), double[0]),
        given("weights in front", Formula("(x * x * x).sum() * 0.5"), double[1]),
        given("elements that hang together", Formula("x[0] * x[1] + x[2] / x[3]"), double[2]),
        given("a single number", Formula("x * x * 3"), double[3]),
        given("what x does not matter for has slope 0", Formula("x[0] * 2"), double[0]),
    ],
    torch=lambda f, x: torch.autograd.grad(f(x.requires_grad_()), x)[0],
    hints=(
        "Turn one number of x by a little, look at f, and turn it back. Then the next one.",
        "For each element: (f(x with it up by step) - f(x with it down by step)) / (2 * step). Work on a copy of x, "
        "and mind to put the element back.",
        """
        def numerical_gradient(f, x, step=1e-6):
            out = np.zeros_like(x)
            for i in np.ndindex(x.shape):
                up, down = x.copy(), x.copy()
                up[i] += ...
                down[i] -= ...
                out[i] = ...
            return out
        """,
    ),
)
def numerical_gradient(f, x, step=1e-6):
    """The slope of f along every element of x, by trying: central differences.

    f: a function of an array, giving a single number    x: an array of float64    ->    an array like x

    It goes a step up and a step down; that is much nearer to the slope than one step up from where x is.
    """
    ### BEGIN SOLUTION
    out = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[i] += step
        down[i] -= step
        out[i] = (f(up) - f(down)) / (2 * step)
    return out
    ### END SOLUTION


@chapter.hidden("numerical_gradient")
def other_formulas(rng):
    """Formulas with numbers in them that nobody has seen."""
    a, b, i, j = *rng.uniform(0.5, 3, 2).round(3).tolist(), *rng.permutation(3)[:2].tolist()
    texts = f"(x * x).sum() * {a} - x[{i}] * x[{j}] * {b}", f"x[{i}] * {a} + x[{j}] * x[3] / (x[{i}] + {b})"
    return [given("a formula made by chance", Formula(text), double[2]) for text in texts]


chapter.wrong(
    "numerical_gradient", "From a step down to a step up it is two steps: divide by 2 * step.", "/ (2 * step)", "/ step"
)
chapter.wrong(
    "numerical_gradient",
    "It goes up only. One-sided differences are wrong by about a step; central ones by a step squared.",
    "(f(up) - f(down)) / (2 * step)",
    "(f(up) - f(x)) / step",
)
chapter.wrong("numerical_gradient", "Down minus up has the wrong sign.", "f(up) - f(down)", "f(down) - f(up)")


@chapter.wrong("numerical_gradient", "It turns all the numbers at once. Each has a slope of its own: one at a time.")
def all_at_once(f, x, step=1e-6):
    return np.full_like(x, (f(x + step) - f(x - step)) / (2 * step))


@chapter.wrong("numerical_gradient", "The numbers that were turned are not turned back before the next one's turn.")
def never_put_back(f, x, step=0.1):
    out, up, down = np.zeros_like(x), x.copy(), x.copy()
    for i in np.ndindex(x.shape):
        up[i] += 1e-6
        down[i] -= 1e-6
        out[i] = (f(up) - f(down)) / 2e-6
    return out
