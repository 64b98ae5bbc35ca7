"""Chapter 02, forward: layers as functions, on Tensors. Values only; their gradients are chapter 04's."""

from functools import reduce

import numpy as np

import minigrad as mg

from ...check import pytorch
from ...check.case import exactly, normal
from .. import run
from ..exercise import Chapter, given

chapter = Chapter("02_forward", "Forward", teaches=("linear", "relu", "sigmoid", "softmax", "log_softmax", "logsumexp"))
INF, NAN = float("inf"), float("nan")


# ---- linear ----


@chapter.exercise(
    points=2,
    minutes=5,
    run=run.tensors,
    cases=[
        given(
            "one example: two outputs, each with its own row of weights and its own bias",
            exactly([[1, 2, 3]]),
            exactly([[1, 0, 0], [0, 1, 1]]),
            exactly([10, 20]),
        ),
        given("a batch: every row of x goes through the same layer", normal(2, 3), normal(4, 3), normal(4)),
        given("without a bias nothing is added", normal(2, 3), normal(4, 3)),
        given(
            "as many outputs as inputs: weight is square, so a mistake in its direction changes no shape",
            normal(2, 3),
            normal(3, 3),
            normal(3),
        ),
        given(
            "as many rows as outputs: a bias laid along the wrong axis fits, too",
            normal(2, 3),
            normal(2, 3),
            exactly([10, -10]),
        ),
        given("one example without a batch around it: (K,) becomes (F,)", normal(3), normal(2, 3), normal(2)),
        given(
            "two axes in front, as in sentences of words: only the last axis changes",
            normal(2, 2, 3),
            normal(4, 3),
            normal(4),
        ),
    ],
    torch=lambda *given: pytorch.nn.functional.linear(*given),
    hints=(
        "Output f of one example is a sum: each of its K numbers times the number of weight's row f that stands at the "
        "same place. Which operation does that for all rows of x and all rows of weight at once?",
        "A product of matrices joins the last axis of the left one with the first axis of the right one: (N, K) times "
        "(K, F) gives (N, F). You have (N, K) and (F, K). The bias, (F,), is then stretched down the rows by "
        "broadcasting, and only if there is one.",
        "    out = x @ ...\n    return out if ... else out + bias",
    ),
    part="nn.functional.linear",
)
def linear(x, weight, bias=None):
    """Every row of x times every row of weight, plus the bias.

    x: (..., K)    weight: (F, K)    bias: (F,) or None    ->    (..., F)

    Raises what `@` raises where x and weight do not have the same K: RuntimeError.

    >>> linear(mg.tensor([[1.0, 2.0, 3.0]]), mg.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]]), mg.tensor([10.0, 20.0]))
    tensor([[11., 25.]])
    """
    ### BEGIN SOLUTION
    out = x @ weight.T
    return out if bias is None else out + bias
    ### END SOLUTION


@chapter.way("linear", "stretch x beside every row of weight, multiply, and add along the last axis")
def by_broadcasting(x, weight, bias=None):
    out = (x.unsqueeze(-2) * weight).sum(-1)  # (..., 1, K) * (F, K)  ->  (..., F)
    return out if bias is None else out + bias


chapter.wrong(
    "linear",
    "weight has a row for each output, (F, K), as in PyTorch. `@` wants the K of x to meet the K of weight; which way "
    "must weight lie for that?",
    "weight.T",
    "weight",
)
chapter.wrong(
    "linear",
    "The bias is missing: every output has one of its own, to be added at the end.",
    "return out if bias is None else out + bias",
    "return out",
)
chapter.wrong(
    "linear",
    "A layer may have no bias: then bias is None, and None can't be added.",
    "return out if bias is None else out + bias",
    "return out + bias",
)
chapter.wrong(
    "linear",
    "`if bias` asks whether a tensor of several numbers is true, and there is no answer to that. Ask whether there is "
    "a bias at all: whether it is None.",
    "return out if bias is None else out + bias",
    "return out + bias if bias else out",
)
chapter.wrong(
    "linear",
    "The bias lies along the rows: example 0 got the first, example 1 the second. It belongs to the outputs, which are "
    "the last axis; that is where broadcasting puts a shape of (F,) by itself.",
    "out + bias",
    "out + bias.unsqueeze(1)",
)
chapter.wrong(
    "linear",
    "The result lies the other way round: outputs down, examples across. A batch stays the first axis from layer to "
    "layer, so x must stand on the left of `@`.",
    "x @ weight.T",
    "weight @ x.T",
)


@chapter.wrong(
    "linear",
    "This is right for a batch with two axes, and only there. Which product works on the last axis and leaves all axes "
    "in front of it alone?",
)
def linear_for_two_axes(x, weight, bias=None):
    out = mg.einsum("nk,fk->nf", x, weight)
    return out if bias is None else out + bias


# ---- relu ----


@chapter.exercise(
    points=1,
    minutes=3,
    run=run.tensors,
    cases=[
        given("below 0 becomes 0, the rest stays as it is", exactly([-2, -0.5, 0, 1, 3])),
        given("each number by itself, whatever the shape", normal(2, 3)),
        given("a tensor of shape () is a tensor, too", normal()),
        given(
            "all below 0: nothing is left. A unit of which this holds on every example is called dead", exactly([-3])
        ),
        given("whole numbers stay whole numbers: no float comes in", exactly([[-2, 0, 3]], "int64")),
        given("infinity is a number like others: below 0 becomes 0, above 0 stays", exactly([-INF, INF])),
        given("nan stays nan, so that relu does not hide that something went wrong before it", exactly([1, NAN])),
    ],
    torch=lambda x: pytorch.relu(x),
    hints=(
        "No loop and no `if`: one operation can look at all numbers of a tensor at once.",
        "relu is a floor at 0: nothing comes out lower than that, and above it nothing changes. NumPy and PyTorch have "
        "a word for holding numbers within bounds.",
        "    return x.clamp(...)",
    ),
)
def relu(x):
    """x where it is above 0, else 0: each number by itself.

    x: any shape and number type    ->    the same. nan stays nan.

    >>> relu(mg.tensor([-2.0, -0.5, 0.0, 1.0, 3.0]))
    tensor([0., 0., 0., 1., 3.])
    """
    ### BEGIN SOLUTION
    return x.clamp(min=0)
    ### END SOLUTION


@chapter.way("relu", "choose: 0 where x is below 0, else x. In this order nan, which is not below 0, stays")
def by_choosing(x):
    return mg.where(x < 0, 0, x)


chapter.wrong(
    "relu",
    "This is the distance from 0: -2 became 2. relu does not turn negative numbers round, it cuts them off.",
    "x.clamp(min=0)",
    "x.abs()",
)
chapter.wrong(
    "relu",
    "The wrong half is left. `max=0` lets nothing above 0; relu lets nothing below it.",
    "min=0",
    "max=0",
)
chapter.wrong(
    "relu",
    "Everything above 0 became 1. That is a step. relu says 'on or off' too, but hands on the number itself when on.",
    "x.clamp(min=0)",
    "(x > 0).to(x.dtype)",
)
chapter.wrong(
    "relu",
    "This asks one question of the whole tensor: is it above 0? For several numbers at once there is no one answer. "
    "(An `if` asks like that, and so does Python's max.) You want an operation that looks at each number by itself.",
    "x.clamp(min=0)",
    "max(x, 0)",
)
chapter.wrong(
    "relu",
    "Below 0 a little is let through. This is called a leaky relu, and is in use; the plain one gives 0 there.",
    "return x.clamp(min=0)",
    "return x.clamp(min=0) + 0.01 * x.clamp(max=0)",
)
chapter.wrong(
    "relu",
    "-inf times 0 is nan. To multiply by 0 is not the same as to put a 0 there.",
    "x.clamp(min=0)",
    "x * (x > 0)",
)


@chapter.wrong(
    "relu",
    "The numbers below 0 are gone from x itself, and whoever called relu may still need them. Make a new tensor.",
)
def relu_in_place(x):
    x[x < 0] = 0
    return x


@chapter.wrong(
    "relu",
    "Every comparison with nan is False, so `x > 0` sends nan to the other side, and it becomes 0. Ask the question "
    "such that x is what is left when the answer is no.",
)
def relu_that_hides_nan(x):
    return mg.where(x > 0, x, 0)


# ---- sigmoid ----


@chapter.exercise(
    points=2,
    minutes=8,
    run=run.tensors,
    cases=[
        given("0 gives one half, and the two sides mirror each other: together they make 1", exactly([-2, 0, 2])),
        given("each number by itself, whatever the shape", normal(2, 3)),
        given("a tensor of shape () is a tensor, too", normal()),
        given("far out it is nearly 0 or 1, and moves no more: it is saturated", exactly([-12, 12])),
        given("exp(1000) is more than a float32 can hold. Its sigmoid is 1, and not nan", exactly([1000])),
        given("and that of -1000 is 0", exactly([-1000])),
        given("infinity is as far out as one can go", exactly([-INF, INF])),
    ],
    torch=lambda x: pytorch.sigmoid(x),
    hints=(
        "Write it as 1 / (1 + exp(-x)), or with exp(x) above and below the line: on paper the two are the same. Then "
        "put in 1000 and -1000 by hand, with exp(1000) = inf and exp(-1000) = 0. Which of them survive?",
        "Never take exp of a large number. With z = exp(-|x|), which is never above 1, it is 1 / (1 + z) for x above 0 "
        "and z / (1 + z) below. The line below is the same for both; the one above is exp(0) or exp(x).",
        "    above = (...).exp()  # 1 where x is above 0, else exp(x)\n    return above / (1 + (...).exp())",
    ),
)
def sigmoid(x):
    """1 / (1 + exp(-x)): any number becomes one between 0 and 1, however large or small it is. Each by itself.

    x: floats of any shape    ->    the same

    >>> sigmoid(mg.tensor([-1000.0, 0.0, 1000.0]))
    tensor([0.0000, 0.5000, 1.0000])
    """
    ### BEGIN SOLUTION
    above = x.clamp(max=0).exp()  # 1 where x is above 0, else exp(x)
    return above / (1 + (-x.abs()).exp())  # exp is only taken of what is not above 0
    ### END SOLUTION


@chapter.hidden("sigmoid")
def other_numbers(rng):
    """Numbers far out and near, on both sides."""
    far = exactly([float(x) for x in (*rng.uniform(100, 2000, 2), *rng.uniform(-2000, -100, 2), *rng.normal(size=3))])
    return [given("numbers far out beside others", far)]


@chapter.way("sigmoid", "the plain formula, as in the library: exp(-x) may become inf, but 1 / inf is 0, and right")
def by_the_plain_formula(x):
    return 1 / (1 + (-x).exp())


@chapter.way("sigmoid", "a tanh, shrunk and shifted: tanh goes from -1 to 1 and is twice as steep")
def by_tanh(x):
    return ((x / 2).tanh() + 1) / 2


@chapter.wrong(
    "sigmoid",
    "exp(1000) is inf in a float32, and inf / inf is nan. Which exp is small when x is large?",
)
def sigmoid_of_large_exp(x):
    return x.exp() / (1 + x.exp())


@chapter.wrong(
    "sigmoid",
    "This falls where it should rise: large numbers give 0. Look at the sign in the exponent.",
)
def sigmoid_mirrored(x):
    return 1 / (1 + x.exp())


@chapter.wrong(
    "sigmoid",
    "`1 / 1 + exp(-x)` is read as (1 / 1) + exp(-x). What is below the line needs parentheses.",
)
def sigmoid_without_parentheses(x):
    return 1 / 1 + (-x).exp()


@chapter.wrong(
    "sigmoid",
    "That is tanh: it goes from -1 to 1, and is 0 at 0. A sigmoid goes from 0 to 1, and is one half at 0.",
)
def sigmoid_as_tanh(x):
    return x.tanh()


@chapter.wrong(
    "sigmoid",
    "e is 2.71828..., and 2.718 is not it: in the fourth digit it shows. A tensor has .exp().",
)
def sigmoid_with_a_rounded_e(x):
    return 1 / (1 + 2.718**-x)


@chapter.wrong(
    "sigmoid",
    "This asks one question of the whole tensor: is it above 0? Some of its numbers may be and some not. A formula "
    "that is right on both sides needs no `if`; and mg.where chooses for each number by itself.",
)
def sigmoid_with_if(x):
    if x > 0:
        return 1 / (1 + (-x).exp())
    return x.exp() / (1 + x.exp())


@chapter.wrong(
    "sigmoid",
    "np.exp is for NumPy's arrays, and this is a tensor. It has its own: x.exp().",
)
def sigmoid_by_numpy(x):
    return 1 / (1 + np.exp(-x))


@chapter.wrong(
    "sigmoid",
    "Here the numbers of a tensor share one sum, as in softmax. A sigmoid looks at each number by itself.",
)
def sigmoid_as_shares(x):
    z = (x - x.max()).exp()
    return z / z.sum()


# ---- softmax ----


@chapter.exercise(
    points=3,
    minutes=10,
    run=run.tensors,
    cases=[
        given("each row adds up to 1; equal scores get equal shares", exactly([[0, 0, 0], [1, 2, 3]]), 1),
        given("dim=0: each column adds up to 1", normal(2, 3), 0),
        given("dim=-1 is the last axis, counted from the end", normal(2, 3), -1),
        given("a square table: sums laid along the wrong axis fit, too", normal(3, 3), 1),
        given("large scores: exp(100) is inf in a float32, and inf / inf is nan", exactly([[100, 101, 102]]), 1),
        given(
            "rows that are far apart: a row is no worse off for what stands in another",
            exactly([[0, 1], [120, 121]]),
            1,
        ),
        given("three axes, and the shares are along the middle one", normal(2, 3, 2), 1),
        given("a score of -inf means never: its share is 0, and the others share the 1", exactly([2, -INF, 1]), 0),
    ],
    torch=lambda x, dim: pytorch.softmax(x, dim),
    hints=(
        "Two steps: exp makes every score positive; dividing by their sum along dim makes them add up to 1. Try it on "
        "[100, 101, 102]. What could you subtract from all scores of a row without changing their shares?",
        "exp(x - m) = exp(x) / exp(m), and exp(m) cancels in the fraction. With m the largest along dim, the largest "
        "exponent is 0, and exp cannot overflow. Keep the axis (keepdim=True), so that each row meets "
        "its own numbers. The largest along an axis is x.amax(dim, keepdim=True).",
        "    largest = ...\n    parts = (x - largest).exp()\n    return parts / ...  # along dim, and the axis kept",
    ),
    part="nn.functional.softmax",
)
def softmax(x, dim):
    """exp(x) divided by its sum along `dim`: shares between 0 and 1 that add up to 1, for scores of any size.

    x: floats of any shape    ->    the same

    >>> softmax(mg.tensor([[0.0, 0.0], [1000.0, 0.0]]), dim=1)
    tensor([[0.5000, 0.5000],
            [1.0000, 0.0000]])
    """
    ### BEGIN SOLUTION
    parts = (x - x.amax(dim, keepdim=True)).exp()  # the largest is exp(0), so none can overflow
    return parts / parts.sum(dim, keepdim=True)
    ### END SOLUTION


@chapter.way("softmax", "the largest by .max(), which gives values and where they are")
def by_max(x, dim):
    parts = (x - x.max(dim, keepdim=True).values).exp()
    return parts / parts.sum(dim, keepdim=True)


@chapter.way("softmax", "exp of the log of the shares, by a log-sum-exp that is stable itself")
def by_logsumexp(x, dim):
    return (x - x.logsumexp(dim, keepdim=True)).exp()


chapter.wrong(
    "softmax",
    "exp(100) is inf in a float32, and inf / inf is nan. Shares don't change when the same number is subtracted from "
    "all scores of a row: which number makes every exp safe?",
    "(x - x.amax(dim, keepdim=True)).exp()",
    "x.exp()",
)
chapter.wrong(
    "softmax",
    "The sums have lost their axis. Without it, broadcasting lays them along the last axis, whatever they "
    "are sums of; in a square table nobody complains. What keeps an axis, with length 1?",
    "parts.sum(dim, keepdim=True)",
    "parts.sum(dim)",
)
chapter.wrong(
    "softmax",
    "The whole tensor adds up to 1. It should be each slice along dim: with dim=1, each row.",
    "parts.sum(dim, keepdim=True)",
    "parts.sum()",
)
chapter.wrong(
    "softmax",
    "This is right when dim is the last axis, and does the same whatever dim says.",
    "parts = (x - x.amax(dim, keepdim=True)).exp()",
    "dim = -1\n    parts = (x - x.amax(dim, keepdim=True)).exp()",
)
chapter.wrong(
    "softmax",
    "The largest of the whole tensor keeps exp from overflowing. But a row that lies far below it becomes 0 "
    "throughout, and 0 / 0 is nan. Each row needs a largest of its own.",
    "x.amax(dim, keepdim=True)",
    "x.amax()",
)
chapter.wrong(
    "softmax",
    "With a dim, .max() gives a pair: the values, and where they are. You want the first of the two.",
    "x.amax(dim, keepdim=True)",
    "x.max(dim, keepdim=True)",
)


@chapter.wrong(
    "softmax",
    "What was found along dim has lost its axis. Without it, broadcasting lays the largest, and the sums, along the "
    "last axis, whatever they belong to; in a square table nobody complains. What keeps an axis, with length 1?",
)
def softmax_without_keepdim(x, dim):
    parts = (x - x.amax(dim)).exp()
    return parts / parts.sum(dim)


@chapter.wrong(
    "softmax",
    "The sums have lost their axis: broadcasting lays them along the last one, whatever they are sums of. What keeps "
    "an axis, with length 1? And when that is done, try scores around 100.",
)
def softmax_by_the_book_without_keepdim(x, dim):
    return x.exp() / x.exp().sum(dim)


# ---- log_softmax ----


@chapter.exercise(
    points=3,
    minutes=10,
    run=run.tensors,
    cases=[
        given(
            "three equal scores: each has a share of 1/3, and log(1/3) is -1.0986", exactly([[0, 0, 0], [1, 2, 3]]), 1
        ),
        given("dim=0: along the columns", normal(2, 3), 0),
        given("a square table: what was found for a row must stay with that row", normal(3, 3), 1),
        given("large scores: exp(100) is inf in a float32", exactly([[100, 101]]), 1),
        given(
            "a share so small that a float32 rounds it to 0. Its log is no trouble: it is about -200",
            exactly([[0, -200]]),
            1,
        ),
        given(
            "rows that are far apart: a row is no worse off for what stands in another",
            exactly([[0, 1], [120, 121]]),
            1,
        ),
        given("three axes, along the middle one", normal(2, 3, 2), 1),
        given("a score of -inf means never: the log of its share is -inf", exactly([2, -INF, 1]), 0),
    ],
    torch=lambda x, dim: pytorch.log_softmax(x, dim),
    hints=(
        "softmax and then log is right on paper. In a float32 a small share becomes 0, and its log -inf. Take the log "
        "on paper first: what is log(a / b), and what is log(exp(x))?",
        "log(exp(x) / sum(exp(x))) = x - log(sum(exp(x))). As in softmax, first subtract from x the largest along dim: "
        "from every x in the formula. Keep the axis, so that each row meets its own numbers.",
        "    shifted = x - x.amax(..., keepdim=...)\n    return shifted - (...).sum(..., keepdim=...).log()",
    ),
    part="nn.functional.log_softmax",
)
def log_softmax(x, dim):
    """The logarithm of the shares that softmax gives along `dim`, for scores of any size, and however small the share.

    x: floats of any shape    ->    the same, none above 0

    >>> log_softmax(mg.tensor([[0.0, 0.0], [0.0, -200.0]]), dim=1)
    tensor([[  -0.6931,   -0.6931],
            [   0.0000, -200.0000]])
    """
    ### BEGIN SOLUTION
    shifted = x - x.amax(dim, keepdim=True)  # so that exp cannot overflow
    return shifted - shifted.exp().sum(dim, keepdim=True).log()
    ### END SOLUTION


@chapter.hidden("softmax")
@chapter.hidden("log_softmax")
def other_scores(rng):
    """Scores far from 0, from each other, and of -inf, along axes made by chance."""
    offsets = rng.permutation([rng.uniform(92, 120), rng.uniform(-120, -92), 0])
    far, row = offsets[:, None] + rng.normal(size=(3, 4)), rng.normal(size=5)
    row[rng.integers(5)] = -INF
    dim = int(rng.integers(2))
    return [
        given("rows far apart", exactly(far.tolist()), 1),
        given("the same, along either axis", exactly((far.T if dim == 0 else far).tolist()), dim),
        given("a score of -inf", exactly(row.tolist()), 0),
        given("three axes", normal(2, 4, 3), int(rng.integers(-3, 3))),
    ]


@chapter.way("log_softmax", "the log of the sum of exp has a function of its own, and is used without softmax, too")
def with_logsumexp(x, dim):
    return x - x.logsumexp(dim, keepdim=True)


chapter.wrong(
    "log_softmax",
    "softmax first and log after: a share too small for a float32 is 0 by then, and its log is -inf. Take the log "
    "on paper, where it undoes the exp.",
    "return shifted - shifted.exp().sum(dim, keepdim=True).log()",
    "return (shifted.exp() / shifted.exp().sum(dim, keepdim=True)).log()",
)
chapter.wrong(
    "log_softmax",
    "The formula is right on paper, but exp(100) is inf in a float32. Subtract the largest along dim first.",
    "x - x.amax(dim, keepdim=True)",
    "x",
)
chapter.wrong(
    "log_softmax",
    "The largest was subtracted inside the exp only. Subtract it from every x in the formula, then the answer stays "
    "the same.",
    "return shifted -",
    "return x -",
)
chapter.wrong(
    "log_softmax",
    "The log of the sum is missing: here the sum itself is subtracted.",
    ".log()",
    "",
)
chapter.wrong(
    "log_softmax",
    "The largest of the whole tensor keeps exp from overflowing. But in a row far below it the sum becomes 0, and its "
    "log -inf. Each row needs a largest of its own.",
    "x.amax(dim, keepdim=True)",
    "x.amax()",
)
chapter.wrong(
    "log_softmax",
    "This is right when dim is the last axis, and does the same whatever dim says.",
    "shifted = x - x.amax(dim, keepdim=True)",
    "dim = -1\n    shifted = x - x.amax(dim, keepdim=True)",
)


@chapter.wrong(
    "log_softmax",
    "What was found along dim has lost its axis. Without it, broadcasting lays the largest, and the sums, along the "
    "last axis, whatever they belong to; in a square table nobody complains. What keeps an axis, with length 1?",
)
def log_softmax_without_keepdim(x, dim):
    shifted = x - x.amax(dim)
    return shifted - shifted.exp().sum(dim).log()


@chapter.wrong(
    "log_softmax",
    "exp, divide, log: right on paper. Here exp(100) is inf, and a small share is 0, whose log is -inf. Take the log "
    "on paper, where it undoes the exp, and then see which exp is left.",
)
def log_softmax_by_the_book(x, dim):
    return (x.exp() / x.exp().sum(dim, keepdim=True)).log()


# ---- mlp ----


def torch_mlp(x, layers):
    for weight, bias in layers[:-1]:
        x = pytorch.relu(pytorch.nn.functional.linear(x, weight, bias))
    return pytorch.nn.functional.linear(x, *layers[-1])


@chapter.exercise(
    points=3,
    minutes=8,
    run=run.tensors,
    cases=[
        given(
            "one layer: it is the last one, so no relu. Scores may be below 0",
            exactly([[1, -1]]),
            [(exactly([[1, 1], [0, 2]]), exactly([0, 0]))],
        ),
        given(
            "two hidden numbers, relu(x) and relu(-x), added up: that is |x|, which no linear layer can do",
            exactly([[-2], [0], [3]]),
            [(exactly([[1], [-1]]), exactly([0, 0])), (exactly([[1, 1]]), exactly([0]))],
        ),
        given(
            "3 -> 4 -> 2 numbers, for two examples",
            normal(2, 3),
            [(normal(4, 3), normal(4)), (normal(2, 4), normal(2))],
        ),
        given(
            "three layers, so relu twice",
            exactly([[1], [-2]]),
            [
                (exactly([[1], [-1]]), exactly([0, 0])),
                (exactly([[1, -1], [-1, 1]]), exactly([0, 0])),
                (exactly([[1, 1]]), exactly([0])),
            ],
        ),
        given(
            "the inputs themselves may be below 0, and go into the first layer as they are",
            exactly([[-1, -2]]),
            [(exactly([[-1, 0], [0, -1]]), exactly([0, 0])), (exactly([[1, 10]]), exactly([0]))],
        ),
        given(
            "a layer without bias: its pair is (weight, None)",
            normal(2, 3),
            [(normal(3, 3), None), (normal(1, 3), None)],
        ),
    ],
    torch=torch_mlp,
    hints=(
        "One variable runs through: what a layer gives is what the next one takes. You have linear and relu already.",
        "For every layer: linear. For every layer but the last: relu after it. `layers[:-1]` is all but the last, "
        "`layers[-1]` the last, and `linear(x, *pair)` hands a pair on as weight and bias.",
        "    for weight, bias in layers[...]:\n        x = ...\n    return linear(x, ...)",
    ),
    needs=("linear", "relu"),
)
def mlp(x, layers):
    """A network of linear layers: x goes through them in turn, through relu between two of them, and not at the end.

    x: (N, K)    layers: a list of (weight, bias), at least one; a bias may be None    ->    (N, outputs of the last)

    >>> mlp(mg.tensor([[-2.0]]), [(mg.tensor([[1.0], [-1.0]]), None), (mg.tensor([[1.0, 1.0]]), None)])
    tensor([[2.]])
    """
    ### BEGIN SOLUTION
    for weight, bias in layers[:-1]:
        x = relu(linear(x, weight, bias))
    return linear(x, *layers[-1])
    ### END SOLUTION


@chapter.hidden("mlp")
def other_depths(rng):
    """Networks of one layer to five, with sizes made by chance; some layers have no bias."""
    cases = []
    for depth in (1, 3, 5):
        sizes = [int(n) for n in rng.integers(2, 6, depth + 1)]
        layers = [
            (normal(out, given), normal(out) if rng.random() < 0.7 else None) for given, out in zip(sizes, sizes[1:])
        ]
        cases.append(given("a network made by chance", normal(3, sizes[0]), layers))
    return cases


@chapter.way("mlp", "first a linear layer, then for each one after it: relu, linear")
def relu_before_each_further_layer(x, layers):
    first, *others = layers
    return reduce(lambda x, layer: linear(relu(x), *layer), others, linear(x, *first))


@chapter.wrong(
    "mlp",
    "There is a relu after the last layer, too. It would cut off every score below 0, and with it the difference "
    "between bad and very bad.",
)
def mlp_with_relu_at_the_end(x, layers):
    for weight, bias in layers:
        x = relu(linear(x, weight, bias))
    return x


@chapter.wrong(
    "mlp",
    "There is no relu at all. Then all layers together can do no more than one: a product of matrices is a matrix.",
)
def mlp_without_relu(x, layers):
    for weight, bias in layers:
        x = linear(x, weight, bias)
    return x


@chapter.wrong(
    "mlp",
    "The relu comes before the layer, and so before the first one as well: inputs below 0 are lost before any weight "
    "has seen them.",
)
def mlp_with_relu_on_its_inputs(x, layers):
    for weight, bias in layers:
        x = linear(relu(x), weight, bias)
    return x


@chapter.wrong(
    "mlp",
    "Every layer gets x, the inputs. The second should get what the first one gave.",
)
def mlp_that_starts_again(x, layers):
    out = x
    for weight, bias in layers[:-1]:
        out = relu(linear(x, weight, bias))
    return linear(out, *layers[-1])


@chapter.wrong(
    "mlp",
    "The last layer is missing: `layers[:-1]` leaves it out, because no relu comes after it. It still has to be gone "
    "through.",
)
def mlp_without_its_last_layer(x, layers):
    for weight, bias in layers[:-1]:
        x = relu(linear(x, weight, bias))
    return x


@chapter.wrong(
    "mlp",
    "The layers are gone through from the last to the first. The list is in the order in which x meets them.",
)
def mlp_backwards(x, layers):
    for weight, bias in layers[:0:-1]:
        x = relu(linear(x, weight, bias))
    return linear(x, *layers[0])


@chapter.wrong(
    "mlp",
    "relu comes after the first layer only. It belongs between any two layers.",
)
def mlp_with_one_relu(x, layers):
    x = linear(x, *layers[0])
    x = relu(x) if len(layers) > 1 else x
    for weight, bias in layers[1:]:
        x = linear(x, weight, bias)
    return x


# ---- accuracy ----


def share(function, inputs, options, seed):
    """The result on Tensors, which is to be a number of Python's."""
    looked_at = run.tensors(function, inputs, options, seed)
    if hasattr(looked_at[0][1], "detach"):
        raise run.WrongForm("accuracy should return a Python number, and returned a tensor. .item() takes it out.")
    return looked_at


@chapter.exercise(
    points=2,
    minutes=6,
    run=share,
    cases=[
        given(
            "in three of four rows the largest score stands where the label says",
            exactly([[1, 3], [2, 0], [0, 1], [5, 4]]),
            exactly([1, 0, 0, 0], "int64"),
        ),
        given("all are right: 1.0", exactly([[0, 9], [9, 0]]), exactly([1, 0], "int64")),
        given("none is right: 0.0", exactly([[0, 9], [9, 0]]), exactly([0, 1], "int64")),
        given("all scores below 0: the answer is still the largest", exactly([[-1, -5, -9]]), exactly([0], "int64")),
        given(
            "as many rows as classes: an answer for each column fits, too",
            exactly([[1, 2, 3], [4, 9, 6], [8, 7, 5]]),
            exactly([2, 1, 1], "int64"),
        ),
        given("two scores share the top: the first of them is the answer", exactly([[5, 5]]), exactly([0], "int64")),
        given(
            "labels as a column, (N, 1): compared with a row of N answers they would be stretched to N x N, and "
            "nobody would complain",
            exactly([[1, 3], [2, 0]]),
            exactly([[1], [0]], "int64"),
        ),
    ],
    hints=(
        "The network's answer for a row is the class with the largest score: not that score, but where it stands. "
        "How often is that the label?",
        "argmax along the axis of the classes gives N answers. Compare them with the N labels: N times True or False. "
        "The share of True is their mean, once they are floats. Ask about the shape of labels before all that.",
        "    if labels.shape != ...:\n        raise ...\n    right = scores.argmax(...) == ...\n    return ...",
    ),
)
def accuracy(scores, labels):
    """The share of rows whose largest score stands at the label: a Python float from 0 to 1.

    scores: (N, C), a score for each class    labels: integers (N,), 0 to C - 1

    The first of equal scores counts. Raises ValueError where labels does not have shape (N,).

    >>> accuracy(mg.tensor([[0.1, 0.9], [0.8, 0.2]]), mg.tensor([1, 1]))
    0.5
    """
    ### BEGIN SOLUTION
    if labels.shape != scores.shape[:1]:
        raise ValueError(f"accuracy wants a label for each of {len(scores)} rows, and got shape {labels.shape}.")
    return (scores.argmax(1) == labels).float().mean().item()
    ### END SOLUTION


@chapter.hidden("accuracy")
def other_tables(rng):
    """Scores and labels that nobody has seen: some rows are right, equal scores come first, columns are refused."""
    cases = []
    for rows, classes in ((7, 3), (5, 5), (11, 4)):
        scores, labels = rng.integers(-9, 0, (rows, classes)), rng.integers(0, classes, rows)
        right = rng.permutation(rows)[: int(rng.integers(1, rows))]
        labels[right] = scores[right].argmax(1)
        cases.append(given("a table made by chance", exactly(scores.tolist()), exactly(labels.tolist(), "int64")))
    column = exactly(labels[:, None].tolist(), "int64")
    return [*cases, given("labels as a column", exactly(scores.tolist()), column)]


@chapter.way("accuracy", "count the rows that are right, and divide by how many there are")
def by_counting(scores, labels):
    if labels.shape != (len(scores),):
        raise ValueError("a label for each row, please")
    return sum(row.argmax().item() == label.item() for row, label in zip(scores, labels)) / len(scores)


@chapter.wrong(
    "accuracy",
    "argmax went down the columns: that is the best row for each class. Asked is the best class for each row.",
)
def accuracy_of_columns(scores, labels):
    return (scores.argmax(0) == labels).float().mean().item()


@chapter.wrong(
    "accuracy",
    "argmax without a dim finds the one largest score of the whole table. Asked is the best class for each row.",
)
def accuracy_of_one_answer(scores, labels):
    return (scores.argmax() == labels).float().mean().item()


@chapter.wrong(
    "accuracy",
    "This is how many are right. Their share is that, divided by the number of rows.",
)
def accuracy_as_a_count(scores, labels):
    return (scores.argmax(1) == labels).sum().item()


@chapter.wrong("accuracy", "This is in percent. An accuracy goes from 0 to 1.")
def accuracy_in_percent(scores, labels):
    return (scores.argmax(1) == labels).float().mean().item() * 100


@chapter.wrong(
    "accuracy",
    "`//` divides and throws away what is behind the point: only 0 and 1 are left.",
)
def accuracy_in_whole_numbers(scores, labels):
    return (scores.argmax(1) == labels).sum().item() // len(labels)


@chapter.wrong(
    "accuracy",
    "The largest score was compared with the label. Asked is not how large it is, but in which column it stands.",
)
def accuracy_of_scores(scores, labels):
    return (scores.amax(1) == labels).float().mean().item()


@chapter.wrong(
    "accuracy",
    "With a dim, .max() gives a pair: the largest scores, and where they stand. A pair is not equal to any labels. "
    "Which of the two do you need?",
)
def accuracy_of_a_pair(scores, labels):
    return (scores.max(1) == labels).float().mean().item()


@chapter.wrong(
    "accuracy",
    "Labels of shape (N, 1) beside answers of shape (N,) are stretched to N x N, and the mean of those says nothing. "
    "Ask about the shape first, and raise ValueError.",
)
def accuracy_of_any_shape(scores, labels):
    return (scores.argmax(1) == labels).float().mean().item()
