"""Chapter 05, losses: what each one asks for, how it stays finite, and what becomes of a batch of them."""

import numpy as np

import minigrad as mg
from minigrad.nn import functional

from ...check import pytorch as torch
from ...check.case import between, exacting, exactly, normal
from .. import run
from ..exercise import Chapter, given

chapter = Chapter(
    "05_losses",
    "Losses",
    teaches=(
        *("huber_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits", "nll_loss", "cross_entropy"),
        *("pos_weight", "ignore_index", "label_smoothing"),
    ),
)


def by_torch(name):
    """PyTorch's loss of this name."""
    return lambda *inputs, **options: getattr(torch.nn.functional, name)(*inputs, **options)


# ---- many losses, one number ----

losses = between(0.5, 2, 2, 3)


@chapter.exercise(
    points=1,
    minutes=5,
    run=run.differentiable,
    cases=[
        given('"mean" divides by how many numbers there are: 6, not 2 rows', "mean", losses),
        given('"sum" adds up', "sum", losses),
        given('"none" gives every loss back as it is', "none", losses),
        given("a single loss is its own mean", "mean", between(0.5, 2)),
        given(
            "a word that is no reduction is refused with a ValueError, or a typing error would go unseen", "avg", losses
        ),
    ],
    torch=lambda reduction, loss: torch.nn.functional.l1_loss(loss, torch.zeros_like(loss), reduction=reduction),
    hints=(
        "Three words are allowed, and each has its own answer. What should happen to a fourth?",
        "Tensors have the methods .mean() and .sum(). Without an argument they go over all numbers. For any other "
        "word: raise ValueError(...), with a message that says which words are allowed.",
        """
        def reduced(reduction, loss):
            if reduction == "none":
                return ____
            if reduction == "sum":
                return ____
            if reduction == "mean":
                return ____
            raise ____
        """,
    ),
    part="nn.functional.losses.reduced",
)
def reduced(reduction, loss):
    """The losses of a batch made into one number, or left as they are.

    reduction: "none", "sum" or "mean"    loss: a Tensor of any shape    ->    a Tensor
    Raises ValueError for any other reduction.

    >>> reduced("mean", mg.tensor([1.0, 2.0, 6.0]))
    tensor(3.)
    """
    ### BEGIN SOLUTION
    if reduction == "none":
        return loss
    if reduction == "sum":
        return loss.sum()
    if reduction == "mean":
        return loss.mean()
    raise ValueError(f"reduction is 'mean', 'sum' or 'none', and got {reduction!r}.")
    ### END SOLUTION


@chapter.hidden("reduced")
def another_word(rng):
    """A word that is none of the three."""
    return [given("a word made by chance", "".join(rng.choice([*"means"], 7)), losses)]


chapter.wrong(
    "reduced",
    "It divides by the number of rows. A mean divides by how many numbers were added up, and here every row has three.",
    "loss.mean()",
    "loss.sum() / (len(loss) if loss.ndim else 1)",
)
chapter.wrong(
    "reduced",
    "Any unknown word counts as a mean here. A typing error would go unnoticed for weeks: raise a ValueError.",
    """raise ValueError(f"reduction is 'mean', 'sum' or 'none', and got {reduction!r}.")""",
    "return loss.mean()",
)
chapter.wrong(
    "reduced",
    "It gives a plain number. backward() starts at a tensor: .item() cuts the loss off from everything it came from.",
    "loss.mean()",
    "loss.mean().item()",
)
chapter.wrong(
    "reduced",
    '"none" means no reduction: the losses themselves are to be given back.',
    "return loss\n",
    "return None\n",
)
chapter.wrong(
    "reduced",
    "An unknown word falls through to the end, and the answer is None. Nobody notices until much later.",
    """raise ValueError(f"reduction is 'mean', 'sum' or 'none', and got {reduction!r}.")""",
    "return None",
)


# ---- numbers to be predicted ----

said, meant = normal(2, 3), normal(2, 3)


@chapter.exercise(
    points=1,
    minutes=5,
    run=run.differentiable,
    cases=[
        given("the mean over all six squares", said, meant),
        given("errors up and down must not cancel", exactly([3.0, -3.0]), exactly([0.0, 0.0])),
        given('their sum, with reduction="sum"', said, meant, reduction="sum"),
        given('each square by itself, with reduction="none"', said, meant, reduction="none"),
        given("what is predicted perfectly has loss 0, and slope 0", exactly([1.0, 2.0]), exactly([1.0, 2.0])),
    ],
    torch=by_torch("mse_loss"),
    hints=(
        "How far off is each prediction? Make that a number that is never negative; the batch comes last.",
        "The loss of one prediction is (input - target)**2. Your `reduced` does the rest. Use tensors all the way, so "
        "that the graph is recorded.",
        """
        def mse_loss(input, target, reduction="mean"):
            return reduced(reduction, ____)
        """,
    ),
    part="nn.functional.mse_loss",
    needs=("reduced",),
)
def mse_loss(input, target, reduction="mean"):
    """The squared error, (input - target)**2.

    input, target: Tensors of the same shape    reduction: as in `reduced`    ->    a Tensor

    >>> mse_loss(mg.tensor([1.0, 5.0]), mg.tensor([0.0, 2.0]))
    tensor(5.)
    """
    ### BEGIN SOLUTION
    return reduced(reduction, (input - target) ** 2)
    ### END SOLUTION


chapter.wrong(
    "mse_loss",
    "That is the absolute error. Squares punish a large error more than many small ones.",
    "(input - target) ** 2",
    "(input - target).abs()",
)
chapter.wrong(
    "mse_loss",
    "It averages first and squares then: errors up and down cancel. Square each one, then reduce.",
    "reduced(reduction, (input - target) ** 2)",
    "reduced(reduction, input - target) ** 2",
)
chapter.wrong(
    "mse_loss",
    "There is a factor of a half. Books put it there so that the slope has no 2; PyTorch's loss has none.",
    "(input - target) ** 2",
    "0.5 * (input - target) ** 2",
)
chapter.wrong(
    "mse_loss",
    "It averages over the rows, and adds up along them. PyTorch's mean is over all numbers: six here.",
    "return reduced(reduction, (input - target) ** 2)",
    "loss = (input - target) ** 2\n"
    "    return loss.sum() / len(loss) if reduction == 'mean' else reduced(reduction, loss)",
)
chapter.wrong(
    "mse_loss", "It always averages. What does it do with `reduction`?", "reduced(reduction,", 'reduced("mean",'
)
chapter.wrong(
    "mse_loss",
    "The numbers are right, and the graph is cut: with .detach(), .numpy() or .data nothing is recorded, and the "
    "network would never learn of its error.",
    "(input - target)",
    "(input.detach() - target.detach())",
)


@chapter.way("mse_loss", "The difference times itself; `.square()` would do as well.")
def mse_by_product(input, target, reduction="mean"):
    error = input - target
    return reduced(reduction, error * error)


errors = exactly([0.5, -0.5, 3.0, -3.0])
right = exactly([0.0, 0.0, 0.0, 0.0])


@chapter.exercise(
    points=2,
    minutes=8,
    run=run.differentiable,
    cases=[
        given(
            "small errors are squared and halved, large ones grow in a straight line", errors, right, reduction="none"
        ),
        given("the mean of many", normal(2, 3), normal(2, 3)),
        given(
            "both pieces meet at delta: no jump, no corner", exactly([1.0, -1.0]), exactly([0.0, 0.0]), reduction="none"
        ),
        given("with a small delta nearly everything is a straight line, of slope delta", errors, right, delta=0.25),
        given("with a large delta nearly everything is half a square", errors, right, delta=5.0, reduction="sum"),
        given(
            "an outlier pulls with a slope of delta, not with its whole size",
            exactly([1000.0]),
            exactly([0.0]),
            delta=2.0,
        ),
    ],
    torch=by_torch("huber_loss"),
    hints=(
        "Two formulas, and for each error a choice between them. Which function chooses, element by element?",
        "With e = |input - target|: e**2 / 2 where e is at most delta, and delta * (e - delta / 2) beyond. "
        "mg.where(condition, a, b) takes a where the condition holds, and b elsewhere.",
        """
        def huber_loss(input, target, reduction="mean", delta=1.0):
            error = (input - target).abs()
            near = ____
            far = ____
            return reduced(reduction, mg.where(____, near, far))
        """,
    ),
    part="nn.functional.huber_loss",
    needs=("reduced",),
)
def huber_loss(input, target, reduction="mean", delta=1.0):
    """Half the square of the error where it is at most `delta`, and a straight line from there on.

    input, target: Tensors of the same shape    reduction: as in `reduced`    ->    a Tensor
    The line goes on where the square ends, with the slope that the square has there: delta.

    >>> huber_loss(mg.tensor([1.0, 5.0]), mg.tensor([0.0, 0.0]), reduction="none")
    tensor([0.5000, 4.5000])
    """
    ### BEGIN SOLUTION
    error = (input - target).abs()
    near = 0.5 * error**2
    far = delta * (error - 0.5 * delta)
    return reduced(reduction, mg.where(error <= delta, near, far))
    ### END SOLUTION


@chapter.hidden("huber_loss")
def errors_on_both_sides(rng):
    """Errors on both sides of a delta made by chance, and just on it."""
    delta = int(rng.integers(2, 9)) / 4
    far = [*rng.uniform(1.5, 4, 2), *rng.uniform(-4, -1.5, 2), *rng.uniform(-0.8, 0.8, 3), 1, -1]
    errors, nothing = exactly((np.array(far) * delta).tolist()), exactly([0.0] * len(far))
    word = str(rng.choice(["sum", "mean"]))
    return [
        given("errors on both sides", errors, nothing, delta=delta, reduction="none"),
        given("the same the other way round", nothing, errors, delta=delta, reduction=word),
    ]


chapter.wrong(
    "huber_loss",
    "The square is not halved. Then its slope at delta is 2 delta, and the line has delta.",
    "0.5 * error**2",
    "error**2",
)
chapter.wrong(
    "huber_loss",
    "At delta the loss jumps: the line must begin where the square ends. What are both at an error of delta?",
    "delta * (error - 0.5 * delta)",
    "delta * error",
)
chapter.wrong(
    "huber_loss",
    "The line's slope is 1, whatever delta is. Where it begins, the square has a slope of delta.",
    "delta * (error - 0.5 * delta)",
    "error - 0.5 * delta",
)
chapter.wrong(
    "huber_loss",
    "With delta=1 it is right, and only then: look at the brackets of the straight line. At an error of delta both "
    "pieces should give half of delta squared.",
    "delta * (error - 0.5 * delta)",
    "delta * error - 0.5 * delta",
)
chapter.wrong(
    "huber_loss",
    "Negative errors count as small, however large they are: compare the size of the error with delta.",
    "(input - target).abs()",
    "input - target",
)
chapter.wrong(
    "huber_loss",
    "The two pieces have changed places: squares are for the small errors.",
    "error <= delta",
    "error > delta",
)
chapter.wrong(
    "huber_loss",
    "This is smooth_l1_loss, its cousin: the same curve divided by delta. For delta=1 one cannot tell them apart.",
    "mg.where(error <= delta, near, far)",
    "mg.where(error <= delta, near, far) / delta",
)


@chapter.way("huber_loss", "Without a choice: the part of the error up to delta is squared, the rest goes in a line.")
def huber_by_clamp(input, target, reduction="mean", delta=1.0):
    error = (input - target).abs()
    inner = error.clamp(max=delta)
    return reduced(reduction, 0.5 * inner**2 + delta * (error - inner))


# ---- yes or no ----

scores, answers = normal(2, 3), exactly([[1.0, 0.0, 1.0], [0.0, 0.0, 1.0]])


@chapter.exercise(
    points=4,
    minutes=20,
    run=run.differentiable,
    cases=[
        given("scores of ordinary size", scores, answers),
        given("each by itself; a target may be a probability, too", scores, between(0, 1, 2, 3), reduction="none"),
        given(
            "wrong, and as sure as can be: the loss is 1000, not infinite, and the slope is not lost",
            *(exactly([1000.0, -1000.0]), exactly([0.0, 1.0])),
            reduction="none",
        ),
        given(
            "right, and as sure as can be: the loss is 0, not nan",
            *(exactly([1000.0, -1000.0]), exactly([1.0, 0.0])),
            reduction="none",
        ),
        given("a score of exactly 0, as from a network that starts at 0", exactly([0.0, 0.0]), exactly([0.0, 1.0])),
        given(
            "pos_weight: what a yes counts, a number for each column",
            scores,
            answers,
            pos_weight=exactly([1.0, 2.0, 5.0]),
        ),
        given(
            "weight multiplies every loss; the mean still divides by how many there are",
            *(scores, answers),
            weight=exactly([[1.0], [3.0]]),
        ),
        given(
            "a column of scores beside a row of targets would be broadcast to a table: refuse with a ValueError",
            *(normal(3, 1), exactly([1.0, 0.0, 1.0])),
        ),
    ],
    torch=by_torch("binary_cross_entropy_with_logits"),
    hints=(
        "Try your formula at a score of 1000 by hand. Where does the first infinity come from, and could the logarithm "
        "and the exponential in it cancel before either is computed?",
        "With p = sigmoid(x): log p = -log(e^0 + e^-x), and log(1 - p) = -log(e^0 + e^x). Both are a log-sum-exp of "
        "two numbers: mg.stack([zero, x]).logsumexp(0) is safe. The loss is "
        "-(pos_weight * y * log p + (1 - y) * log(1 - p)).",
        """
        def binary_cross_entropy_with_logits(input, target, weight=None, reduction="mean", pos_weight=None):
            if target.shape != input.shape:
                raise ____
            zero = mg.zeros_like(input)
            log_yes = -mg.stack([zero, ____]).logsumexp(0)
            log_no = -mg.stack([zero, ____]).logsumexp(0)
            yes, no = target * ____, (1 - target) * ____
            if pos_weight is not None:
                yes = ____
            loss = -(yes + no)
            if weight is not None:
                loss = ____
            return reduced(reduction, loss)
        """,
    ),
    part="nn.functional.binary_cross_entropy_with_logits",
    needs=("reduced",),
)
def binary_cross_entropy_with_logits(input, target, weight=None, reduction="mean", pos_weight=None):
    """How surprising the answers are, yes (1) or no (0), when sigmoid(input) is the probability of a yes.

    input: a Tensor, raw scores    target: a Tensor of the same shape, from 0 to 1    ->    a Tensor
    weight: what each loss is multiplied by    pos_weight: what a yes counts; both Tensors that broadcast, or None
    reduction: as in `reduced`, after the weights
    The loss is -(pos_weight * y * log p + (1 - y) * log(1 - p)); right at scores of 1000 and -1000, too.
    Raises ValueError if the shapes of input and target differ.

    >>> binary_cross_entropy_with_logits(mg.tensor([1000.0]), mg.tensor([0.0]))
    tensor(1000.)
    """
    ### BEGIN SOLUTION
    if target.shape != input.shape:
        raise ValueError(f"the target has shape {target.shape} and the input {input.shape}; they must be the same.")
    zero = mg.zeros_like(input)
    log_yes = -mg.stack([zero, -input]).logsumexp(0)
    log_no = -mg.stack([zero, input]).logsumexp(0)
    yes, no = target * log_yes, (1 - target) * log_no
    if pos_weight is not None:
        yes = pos_weight * yes
    loss = -(yes + no)
    if weight is not None:
        loss = weight * loss
    return reduced(reduction, loss)
    ### END SOLUTION


@chapter.hidden("binary_cross_entropy_with_logits")
def other_answers(rng):
    """Answers and weights that nobody has seen; scores far out, on either side, and of 0."""
    far = [*rng.uniform(150, 900, 3), *rng.uniform(-900, -150, 3), 0, 0, 0]
    yes = exactly(rng.permutation([1.0, 1, 1, 0, 0, 0, 0.5, 0.25, 0.75]).tolist())
    word = str(rng.choice(["sum", "mean"]))
    rows, columns = rng.integers(2, 6, 2).tolist()
    table = exactly(rng.integers(0, 2, (rows, columns)).astype(float).tolist())
    return [
        given("scores far out", exactly(rng.permutation(far).tolist()), yes, reduction="none"),
        given("pos_weight", normal(rows, columns), table, pos_weight=between(0.2, 5, columns), reduction=word),
        given("weight", normal(rows, columns), table, weight=between(0.2, 5, rows, 1)),
        given("a shape that does not fit", normal(rows, columns), between(0, 1, columns)),
    ]


LOG_P = "log_yes = -mg.stack([zero, -input]).logsumexp(0)\n    log_no = -mg.stack([zero, input]).logsumexp(0)"

chapter.wrong(
    "binary_cross_entropy_with_logits",
    "It goes through the probability. From about 17 on float32's sigmoid is exactly 1, and log(1 - 1) is -inf. Take "
    "the logarithm before the digits are lost: log-sum-exp.",
    LOG_P,
    "log_yes, log_no = input.sigmoid().log(), (1 - input.sigmoid()).log()",
)


@chapter.wrong(
    "binary_cross_entropy_with_logits",
    "The exponential of a large score is infinite before the logarithm can bring it back. A log-sum-exp is safe only "
    "if the larger of its two numbers is taken out first.",
)
def unsafe_log_sum_exp(input, target, weight=None, reduction="mean", pos_weight=None):
    return reduced(reduction, (1 + input.exp()).log() - target * input)


chapter.wrong(
    "binary_cross_entropy_with_logits",
    "The probability is kept a little away from 0 and 1, so nothing is infinite any more. But beyond that the loss "
    "stands still and its slope is 0: whoever is most wrong learns nothing.",
    LOG_P,
    "p = input.sigmoid().clamp(1e-6, 1 - 1e-6)\n    log_yes, log_no = p.log(), (1 - p).log()",
)
chapter.wrong(
    "binary_cross_entropy_with_logits",
    "The formula with max(x, 0) and |x| is right, but at a score of exactly 0 both have a corner. There relu and abs "
    "choose the slope 0, and what remains of sigmoid(0) - y is -y. Find a form without corners.",
    LOG_P,
    "log_no = -(input.relu() + (-input.abs()).exp().log1p())\n    log_yes = log_no + input",
)
chapter.wrong(
    "binary_cross_entropy_with_logits",
    "The formula with max(x, 0) and |x| is right, but at a score of exactly 0 both have a corner. clamp hands its "
    "whole slope on there, and abs none, which makes 1 - y of sigmoid(0) - y. Find a form without corners.",
    LOG_P,
    "log_no = -(input.clamp(min=0) + (-input.abs()).exp().log1p())\n    log_yes = log_no + input",
)
chapter.wrong(
    "binary_cross_entropy_with_logits",
    "Yes and no have changed places: a target of 1 asks for the logarithm of p.",
    "target * log_yes, (1 - target) * log_no",
    "(1 - target) * log_yes, target * log_no",
)
chapter.wrong(
    "binary_cross_entropy_with_logits",
    "pos_weight multiplies the noes, too. It is there to make the rare yes count more than a no.",
    "yes = pos_weight * yes",
    "yes, no = pos_weight * yes, pos_weight * no",
)
chapter.wrong(
    "binary_cross_entropy_with_logits",
    "Scores of shape (3, 1) and targets of shape (3,) make a table of 9 losses, six of them between strangers. This is "
    "one of the commonest silent mistakes there are: compare the shapes first.",
    "if target.shape != input.shape:",
    "if False:",
)


@chapter.way(
    "binary_cross_entropy_with_logits",
    "The library's logsigmoid is log p, and keeps even more digits; log(1 - p) is that of the opposite score.",
)
def bce_by_logsigmoid(input, target, weight=None, reduction="mean", pos_weight=None):
    if target.shape != input.shape:
        raise ValueError("the shapes differ")
    share = 1 if pos_weight is None else pos_weight
    loss = -(share * target * functional.logsigmoid(input) + (1 - target) * functional.logsigmoid(-input))
    return reduced(reduction, loss if weight is None else weight * loss)


@chapter.way(
    "binary_cross_entropy_with_logits",
    "The form in most books. mg.maximum shares the slope where both are equal, and so the corner at 0 comes out right.",
)
def bce_by_maximum(input, target, weight=None, reduction="mean", pos_weight=None):
    if target.shape != input.shape:
        raise ValueError("the shapes differ")
    log_no = -(mg.maximum(input, mg.zeros_like(input)) + (-input.abs()).exp().log1p())
    share = 1 if pos_weight is None else pos_weight
    loss = -(share * target * (log_no + input) + (1 - target) * log_no)
    return reduced(reduction, loss if weight is None else weight * loss)


# ---- one of several classes ----


def for_tables(name):
    """Fits a learner's loss into the library: what is not asked for (other shapes) is left to the library's own."""

    def adapt(answer):
        own = getattr(functional, name)

        def loss(input, target, weight=None, *others, **options):
            smoothed = any(others[2:]) or options.get("label_smoothing")
            asked = input.ndim == 2 and target.ndim == 1 and not (smoothed and weight is not None)
            return (answer if asked else own)(input, target, weight, *others, **options)

        return loss

    return adapt


def labels(*numbers):
    return exactly([*numbers], "int64")


log_p = between(-3, -0.1, 3, 4)
per_class = exactly([1.0, 2.0, 5.0, 0.5])
inf = float("inf")


@chapter.exercise(
    points=3,
    minutes=15,
    run=run.differentiable,
    cases=[
        given("each row's number at its label, with the sign turned", log_p, labels(2, 0, 2), reduction="none"),
        given("the mean over the rows", log_p, labels(2, 0, 2)),
        given(
            "with class weights, the mean divides by the weights of the labels",
            log_p,
            labels(2, 0, 1),
            weight=per_class,
        ),
        given("their sum does not divide", log_p, labels(2, 0, 1), weight=per_class, reduction="sum"),
        given(
            "a label of -100 is left out: it costs nothing and does not count in the mean", log_p, labels(2, -100, 1)
        ),
        given(
            "each by itself: a row that is left out keeps its place, with a loss of 0",
            *(log_p, labels(2, -100, 1)),
            reduction="none",
        ),
        given(
            "weights, and a label to be ignored that is a class of its own",
            *(log_p, labels(3, 0, 1)),
            weight=per_class,
            ignore_index=0,
        ),
        given(
            "a class held to be impossible costs nothing if it is not the label",
            exactly([[-0.5, -inf], [-1.0, -2.0]]),
            labels(0, 1),
        ),
        given("a label of -1 is no class: IndexError, rather than Python's last element", log_p, labels(2, -1, 1)),
    ],
    torch=by_torch("nll_loss"),
    hints=(
        "From each row one number is wanted, the one at its label. Which index takes a different column from each row?",
        "input[rows, labels] with rows = mg.arange(len(input)) takes one number from each row. Put 0 where a label is "
        "to be ignored before you index, and count such a row with 0. The mean is the sum of the losses over the sum "
        "of what the rows count: 1, or the weight of the label's class.",
        """
        def nll_loss(input, target, weight=None, ignore_index=-100, reduction="mean"):
            counted = target != ignore_index
            labels = mg.where(counted, target, 0)
            if (labels < 0).any():
                raise ____
            share = counted.float() if weight is None else ____
            picked = input[mg.arange(len(input)), labels]
            loss = mg.where(counted, ____, 0.0)
            if reduction == "mean":
                return ____
            return reduced(reduction, loss)
        """,
    ),
    part="nn.functional.nll_loss",
    adapt=for_tables("nll_loss"),
    needs=("reduced",),
)
def nll_loss(input, target, weight=None, ignore_index=-100, reduction="mean"):
    """How surprising the labels are: -input at each label, times the weight of its class.

    input: a Tensor (N, C), log-probabilities    target: a Tensor (N,) of integers, the labels    ->    a Tensor
    weight: a Tensor (C,), what each class counts, or None
    ignore_index: a row with this label has loss 0, and does not count in the mean
    reduction: "none" gives (N,); "mean" divides the sum by the weights of the labels that count
    Raises IndexError for a label that is no class.

    >>> nll_loss(mg.tensor([[-0.5, -2.0], [-1.0, -3.0]]), mg.tensor([0, 1]))
    tensor(1.7500)
    """
    ### BEGIN SOLUTION
    counted = target != ignore_index
    labels = mg.where(counted, target, 0)
    if (labels < 0).any():  # a label that is too large, the index below refuses by itself
        raise IndexError("nll_loss: a label is negative. Classes are counted from 0.")
    share = counted.float() if weight is None else counted * weight[labels]
    picked = input[mg.arange(len(input)), labels]
    loss = mg.where(counted, -picked * share, 0.0)
    if reduction == "mean":
        return loss.sum() / share.sum()
    return reduced(reduction, loss)
    ### END SOLUTION


def more_labels(rng, draw):
    """Tables by `draw` and labels that nobody has seen: some are left out, and one of two tables has class weights."""
    cases = []
    for weight in ({}, {"weight": between(0.2, 5, 6)}):
        rows, ignored = int(rng.integers(4, 8)), int(rng.choice([-100, *range(6)]))
        named = rng.integers(0, 6, rows)
        named[rng.integers(rows)] = ignored
        named[:2] = (ignored + 1) % 6 if ignored >= 0 else named[:2].clip(0)  # some are counted
        settings = {"ignore_index": ignored, "reduction": str(rng.choice(["mean", "sum", "none"])), **weight}
        case = given("labels made by chance", draw(rows, 6), labels(*named.tolist()), **settings)
        cases.append(exacting(case))
    return cases


@chapter.hidden("nll_loss")
def other_labels(rng):
    """Labels that nobody has seen, and one that is no class."""
    none = rng.integers(0, 4, 3)
    none[rng.integers(3)] = -rng.integers(1, 4)
    cases = more_labels(rng, lambda *shape: between(-3, -0.1, *shape))
    return [*cases, given("a label that is no class", between(-3, -0.1, 3, 4), labels(*none.tolist()))]


@chapter.wrong(
    "nll_loss", "The sign: log-probabilities are negative, and a loss is to be positive where something is wrong."
)
def without_the_sign(input, target, weight=None, ignore_index=-100, reduction="mean"):
    return reduced(reduction, input[mg.arange(len(input)), target])


@chapter.wrong(
    "nll_loss", "It picks the right numbers. Now for what they count: class weights, and labels to be left out."
)
def nothing_but_picked(input, target, weight=None, ignore_index=-100, reduction="mean"):
    return reduced(reduction, -input[mg.arange(len(input)), target])


@chapter.wrong(
    "nll_loss",
    "The losses are weighted, and then averaged as if they were not. A weighted mean divides by the weights: here, by "
    "those of the labels.",
)
def weighted_but_for_the_mean(input, target, weight=None, ignore_index=-100, reduction="mean"):
    loss = -input[mg.arange(len(input)), target]
    return reduced(reduction, loss if weight is None else loss * weight[target])


chapter.wrong(
    "nll_loss",
    "It takes the logarithm of what is a logarithm already. The input are log-probabilities, and negative.",
    "-picked * share",
    "-picked.log() * share",
)
chapter.wrong(
    "nll_loss",
    "The rows that are ignored are still counted in the mean. A batch of mostly padding would have a tiny loss.",
    "share = counted.float() if weight is None else counted * weight[labels]",
    "share = mg.ones_like(input[:, 0]) if weight is None else weight[labels]",
)
chapter.wrong(
    "nll_loss",
    "ignore_index is not looked at: -100 is then used as an index.",
    "counted = target != ignore_index",
    "counted = target == target",
)
chapter.wrong(
    "nll_loss",
    "A label of -1 is taken from the end, as Python does: the last class. Such labels often mean that nobody knows; "
    "raise an IndexError.",
    "if (labels < 0).any():",
    "if False:",
)


@chapter.wrong(
    "nll_loss",
    "It multiplies by a 1 at the label and a 0 elsewhere. But 0 times minus infinity is nan, and one nan spoils all: "
    "pick the number instead.",
)
def by_one_hot(input, target, weight=None, ignore_index=-100, reduction="mean"):
    counted = target != ignore_index
    labels = mg.where(counted, target, 0)
    if (labels < 0).any():
        raise IndexError("a label is negative")
    one_hot = labels.unsqueeze(1) == mg.arange(input.shape[1])
    share = counted.float() if weight is None else counted * weight[labels]
    loss = -(input * one_hot.float()).sum(1) * share
    return loss.sum() / share.sum() if reduction == "mean" else reduced(reduction, loss)


@chapter.way("nll_loss", "gather takes from each row the elements that another tensor names.")
def nll_by_gather(input, target, weight=None, ignore_index=-100, reduction="mean"):
    counted = target != ignore_index
    labels = mg.where(counted, target, 0)
    if (labels < 0).any() or (labels >= input.shape[1]).any():
        raise IndexError("a label is no class")
    picked = input.gather(1, labels.unsqueeze(1)).squeeze(1)
    share = counted.float() if weight is None else counted * weight[labels]
    loss = mg.where(counted, -picked * share, 0.0)
    return loss.sum() / share.sum() if reduction == "mean" else reduced(reduction, loss)


raw = normal(3, 4)


@chapter.exercise(
    points=4,
    minutes=15,
    run=run.differentiable,
    cases=[
        given("the mean over three rows of scores; the gradient is (p - y) / 3", raw, labels(2, 0, 2)),
        given("equal scores say nothing: each loss is log 4", exactly([[0.0] * 4] * 2), labels(1, 3), reduction="none"),
        given(
            "scores of 1000: exp of them is infinite, the loss is not",
            *(exactly([[1000.0, 0.0, 0.0], [0.0, -1000.0, 0.0], [1000.0, 0.0, 0.0]]), labels(1, 1, 0)),
            reduction="none",
        ),
        given(
            "one row's scores are large, the other's small: each row has its own maximum",
            *(exactly([[1000.0, 999.0], [0.0, 1.0]]), labels(0, 0)),
            reduction="none",
        ),
        given(
            "weights, and a label to be left out",
            *(raw, labels(3, -100, 1)),
            weight=per_class,
        ),
        given("another label to be left out, and the sum", raw, labels(3, 2, 1), ignore_index=2, reduction="sum"),
        given(
            "label_smoothing: a fifth of each target is spread over all 4 classes",
            raw,
            labels(2, 0, 2),
            label_smoothing=0.2,
        ),
        given(
            "label_smoothing, and a row to be left out altogether",
            *(raw, labels(2, -100, 2)),
            label_smoothing=0.5,
            reduction="none",
        ),
    ],
    torch=by_torch("cross_entropy"),
    hints=(
        "Cross-entropy is nll_loss of log-probabilities. So the only question is how scores become log-probabilities, "
        "without an infinity on the way.",
        "log p = (x - m) - log(sum(exp(x - m))), with m the largest score of each row: amax and sum with dim 1 and "
        "keepdim=True. Smoothed, the loss takes (1 - s) of the label's log p and s of the mean log p of its row: mix "
        "the table of log p before you hand it to nll_loss.",
        """
        def cross_entropy(input, target, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
            shifted = input - ____
            log_p = shifted - ____
            if label_smoothing:
                log_p = (1 - label_smoothing) * log_p + label_smoothing * ____
            return nll_loss(____)
        """,
    ),
    part="nn.functional.cross_entropy",
    adapt=for_tables("cross_entropy"),
    needs=("nll_loss",),
)
def cross_entropy(input, target, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
    """How surprising the labels are, when softmax(input) is the model's distribution over the classes.

    input: a Tensor (N, C), raw scores    target: a Tensor (N,) of integers, the labels    ->    a Tensor
    weight, ignore_index, reduction: as in `nll_loss`
    label_smoothing: the part of each target that is spread evenly over all classes (not together with weight)
    The largest score of each row is taken off first, so that exp cannot overflow.

    >>> cross_entropy(mg.tensor([[0.0, 0.0]]), mg.tensor([1]))
    tensor(0.6931)
    """
    ### BEGIN SOLUTION
    shifted = input - input.amax(1, keepdim=True)
    log_p = shifted - shifted.exp().sum(1, keepdim=True).log()
    if label_smoothing:
        log_p = (1 - label_smoothing) * log_p + label_smoothing * log_p.mean(1, keepdim=True)
    return nll_loss(log_p, target, weight, ignore_index, reduction)
    ### END SOLUTION


@chapter.hidden("cross_entropy")
def other_classes(rng):
    """Labels that nobody has seen; scores far out; targets smoothed by chance."""
    far = rng.permutation([rng.uniform(95, 900), 0, rng.uniform(-900, -95)])[:, None] + rng.integers(-9, 9, (3, 4))
    wanted = labels(*rng.integers(0, 4, 3).tolist())
    smoothed = {"label_smoothing": round(float(rng.uniform(0.1, 0.6)), 2)}
    return [
        *more_labels(rng, normal),
        given("scores far out", exactly(far.round().tolist()), wanted, reduction="none"),
        exacting(given("smoothed targets", normal(3, 4), wanted, **smoothed)),
        given("smoothed targets, one left out", normal(3, 4), wanted, reduction="sum", ignore_index=0, **smoothed),
    ]


def unsmoothed(table):
    """An answer that makes its log-probabilities by `table(scores)`, and has not come to label_smoothing yet."""

    def loss(input, target, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
        return nll_loss(table(input), target, weight, ignore_index, reduction)

    return loss


chapter.wrong(
    "cross_entropy",
    "exp(1000) is infinite, and infinity over infinity is nan. Only differences between scores count: take the "
    "largest of each row off first.",
)(unsmoothed(lambda x: (x.exp() / x.exp().sum(1, keepdim=True)).log()))
chapter.wrong(
    "cross_entropy",
    "The logarithm does undo exp, but only on paper: exp(1000) is infinite before it gets there. Take the largest "
    "score of each row off first.",
)(unsmoothed(lambda x: x - x.exp().sum(1, keepdim=True).log()))
chapter.wrong(
    "cross_entropy",
    "The softmax is safe, the logarithm after it is not: a probability may round to 0, and log(0) is -inf. Take the "
    "logarithm of the formula, and let log and exp cancel.",
)(unsmoothed(lambda x: x.softmax(1).log()))
chapter.wrong(
    "cross_entropy", "Softmax twice! It turns the scores into probabilities, and then treats those as scores."
)(unsmoothed(lambda x: x.softmax(1).log_softmax(1)))
chapter.wrong(
    "cross_entropy",
    "The probabilities add up to 1 down each column, over the batch. They should along each row, over the classes.",
)(unsmoothed(lambda x: x.log_softmax(0)))
chapter.wrong("cross_entropy", "All is there but label_smoothing: the target gives a part of itself to every class.")(
    unsmoothed(lambda x: x.log_softmax(1))
)
chapter.wrong(
    "cross_entropy",
    "One maximum is taken off all rows. Beside a row of large scores, exp of another row's is 0, and its log -inf.",
    "input - input.amax(1, keepdim=True)",
    "input - input.amax()",
)
chapter.wrong(
    "cross_entropy",
    "weight, ignore_index and reduction are taken, and not handed on.",
    "nll_loss(log_p, target, weight, ignore_index, reduction)",
    "nll_loss(log_p, target)",
)


@chapter.way("cross_entropy", "log_softmax, from chapter 02, is all of the first two lines.")
def cross_entropy_by_log_softmax(input, target, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
    log_p = input.log_softmax(1)
    if label_smoothing:
        log_p = (1 - label_smoothing) * log_p + label_smoothing * log_p.mean(1, keepdim=True)
    return nll_loss(log_p, target, weight, ignore_index, reduction)


# ---- the detective ----


def program(last, loss, scores=raw, truth=(2, 0, 1)):
    """What a training program shows: its outputs `last(scores)`, the labels, and the loss as it is printed."""
    shown = {}

    def outputs(rng):
        shown["outputs"] = last(mg.tensor(scores.array(rng, "float32")))
        return shown["outputs"].data

    def printed(rng):
        return round(loss(shown["outputs"], mg.tensor(truth)).item(), 4)

    return run.built("its outputs", outputs), labels(*truth), run.built("its loss", printed)


def as_they_are(x):
    return x


def softmax(x):
    return x.softmax(1)


def log_softmax(x):
    return x.log_softmax(1)


def log_then_nll(p, labels):
    return functional.nll_loss(p.log(), labels)


VERDICTS = "softmax twice", "no softmax", "no logarithm", "right"


def verdict(function, inputs, options, seed):
    """What it says about a program: one of four things."""
    [(_, said)] = run.tensors(function, inputs, options, seed)
    if said not in VERDICTS:
        raise run.WrongForm(f"spot_the_double_softmax must return one of {', '.join(map(repr, VERDICTS))}.")
    yield "the verdict", said


trained = exactly([[-1.5, 0.5, 4.0, 0.0], [3.0, -2.0, 1.0, 0.5], [0.0, 5.0, -1.0, 2.5]])
sure = exactly([[0.0, 0.0, 200.0, 0.0], [200.0, 0.0, 0.0, 0.0], [0.0, 200.0, 0.0, 0.0]])


@chapter.exercise(
    points=4,
    minutes=15,
    run=verdict,
    cases=[
        given("raw scores, and cross_entropy", *program(as_they_are, functional.cross_entropy)),
        given(
            "probabilities, and cross_entropy, which takes the softmax of them again",
            *program(softmax, functional.cross_entropy),
        ),
        given(
            "probabilities, their logarithm, and nll_loss: one softmax, one logarithm", *program(softmax, log_then_nll)
        ),
        given("log-probabilities, and nll_loss", *program(log_softmax, functional.nll_loss)),
        given(
            "log-probabilities, and cross_entropy: exp of them adds up to 1, so its log-softmax changes nothing",
            *program(log_softmax, functional.cross_entropy),
        ),
        given("probabilities, and nll_loss, which expects their logarithm", *program(softmax, functional.nll_loss)),
        given("raw scores of a trained network, and nll_loss", *program(as_they_are, functional.nll_loss, trained)),
        given(
            "raw scores, and cross_entropy. Each row happens to add up to 1, but probabilities are not negative",
            *program(lambda x: x - x.mean(1, keepdim=True) + 0.25, functional.cross_entropy, trained),
        ),
        given(
            "certain, right three times out of three, and yet a loss of 0.74: the second softmax cannot say more",
            *program(softmax, functional.cross_entropy, sure),
        ),
    ],
    hints=(
        "What would each program have printed? You have the outputs and the labels, and functions that compute losses.",
        "Two questions decide. Are the outputs probabilities: none below 0, and each row adds up to 1 (nearly)? And "
        "which loss gives the number that was printed: cross_entropy(outputs), or nll_loss(outputs), or neither? "
        "Printed numbers are rounded; compare with some room.",
        """
        def spot_the_double_softmax(outputs, labels, loss):
            probabilities = (outputs >= 0).all() and ____
            if abs(cross_entropy(outputs, labels).item() - loss) < 0.001:
                return ____ if probabilities else ____
            if not probabilities:
                return ____
            ____
        """,
    ),
    needs=("cross_entropy", "nll_loss"),
)
def spot_the_double_softmax(outputs, labels, loss):
    """What is wrong with a classifier's training program, told from its numbers alone.

    outputs: a Tensor (N, C), what the network hands to the loss function    labels: a Tensor (N,) of integers
    loss: a number, the mean over the rows as the program printed it, with four digits after the point
    ->    "softmax twice"    the outputs are probabilities, and the loss takes their softmax again
          "no softmax"       the outputs are raw scores, and the loss takes them for log-probabilities
          "no logarithm"     the outputs are probabilities, and the loss takes them for log-probabilities
          "right"            the loss is the mean of -log(probability of the label)
    """
    ### BEGIN SOLUTION
    probabilities = (outputs >= 0).all() and ((outputs.sum(1) - 1).abs() < 0.001).all()
    if abs(cross_entropy(outputs, labels).item() - loss) < 0.001:
        return "softmax twice" if probabilities else "right"
    if not probabilities:
        return "no softmax"
    if abs(nll_loss(outputs, labels).item() - loss) < 0.001:
        return "no logarithm"
    return "right"
    ### END SOLUTION


@chapter.hidden("spot_the_double_softmax")
def other_programs(rng):
    """Eight programs, nobody knows which, with labels and scores that nobody has seen."""
    cross_entropy, nll_loss = functional.cross_entropy, functional.nll_loss
    kinds = [(as_they_are, cross_entropy), (softmax, cross_entropy), (softmax, log_then_nll), (softmax, nll_loss)]
    kinds += [(log_softmax, nll_loss), (log_softmax, cross_entropy), (as_they_are, nll_loss)]
    found, cases = [*kinds, kinds[rng.integers(4)]], []
    for n in rng.permutation(len(found)):
        outputs, truth, loss = program(*found[n], normal(5, 4), tuple(rng.integers(0, 4, 5).tolist()))
        numbers = exactly(outputs.make(rng).tolist())  # nothing but numbers: a case does not say which program it is
        cases.append(given("a program made by chance", numbers, truth, loss.make(rng)))
    return cases


chapter.wrong(
    "spot_the_double_softmax",
    "Probabilities alone are no crime: a program may take their logarithm and be right. What did the loss do to them?",
    'return "softmax twice" if probabilities else "right"\n',
    'return "softmax twice" if probabilities else "right"\n    if probabilities:\n        return "softmax twice"\n',
)


chapter.wrong(
    "spot_the_double_softmax",
    "Rows that add up to 1 need not be probabilities: raw scores can do so by chance. Probabilities are not negative.",
    "(outputs >= 0).all() and ",
    "",
)
chapter.wrong(
    "spot_the_double_softmax",
    "It compares numbers with ==. What was printed is rounded, and floats hardly ever agree to the last digit.",
    "abs(cross_entropy(outputs, labels).item() - loss) < 0.001",
    "cross_entropy(outputs, labels).item() == loss",
)
chapter.wrong(
    "spot_the_double_softmax",
    "A logarithm of probabilities goes through log-softmax unchanged: log(sum(exp(log p))) is log 1, which is 0. It is "
    "a waste, not a mistake.",
    "if abs(cross_entropy(outputs",
    "if ((outputs.exp().sum(1) - 1).abs() < 0.001).all() and (outputs <= 0).all():\n        log_p = outputs\n"
    "        return 'softmax twice' if abs(cross_entropy(log_p, labels).item() - loss) < 0.001 else 'right'\n"
    "    if abs(cross_entropy(outputs",
)
chapter.wrong(
    "spot_the_double_softmax",
    "A negative loss can come from either: raw scores that are taken for log-probabilities may be positive, too.",
    'if not probabilities:\n        return "no softmax"\n    if abs(nll_loss(outputs, labels).item() - loss) < 0.001:',
    'if not probabilities and loss >= 0:\n        return "no softmax"\n    if loss < 0:',
)
chapter.wrong(
    "spot_the_double_softmax",
    "cross_entropy explains the number, but is that good news? If the outputs were probabilities already, it is not.",
    'return "softmax twice" if probabilities else "right"',
    'return "right"',
)
