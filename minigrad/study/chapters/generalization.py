"""Chapter 12, generalization: penalties as gradients, batch norm, early stopping, and weights that are pruned away."""

from dataclasses import dataclass

import numpy as np

import minigrad as mg
from minigrad import optim

from ...check import pytorch as torch
from ...check.case import between, exactly, normal, upstream
from .. import run
from ..difference import kind
from ..exercise import Chapter, given
from .optimizers import descent

chapter = Chapter("12_generalization", "Generalization", teaches=("batch_norm", "BatchNorm1d", "BatchNorm2d"))

# ---- penalties ----


def penalty(function, inputs, options, seed):
    """A penalty of parameters, which are given by a generator, and each one's gradient."""
    parameters = run.converted(inputs[0], lambda array: mg.Tensor(array, requires_grad=True))
    out = function(p for p in parameters)
    yield "the result", out
    if getattr(out, "requires_grad", False):
        out.backward()
        for number, p in enumerate(parameters):
            yield f"the gradient of parameter {number}", p.grad


def penalty_by_torch(parameters):
    parameters = [torch.to_torch(p).requires_grad_() for p in parameters]
    out = sum(torch.linalg.vector_norm(p, 1) for p in parameters)
    out.backward()
    yield "the result", out
    for number, p in enumerate(parameters):
        yield f"the gradient of parameter {number}", p.grad


@chapter.exercise(
    points=1,
    minutes=6,
    run=penalty,
    cases=[
        given("3 and -4 are 7 away from 0, and each is pulled with the same force", [exactly([3.0, -4.0])]),
        given("a small weight is pulled as hard as a large one", [exactly([0.001, 1000.0])]),
        given("all parameters count, whatever their shapes", [normal(2, 3), normal(3)]),
        given("what is at 0 already is not pulled any more", [exactly([0.0, 2.0, -0.5])]),
        given("one of them may be a single number", [normal(2, 2), exactly(-1.5)]),
    ],
    torch=penalty_by_torch,
    hints=(
        "How far is a weight from 0, whatever its sign? Add that up, first within a parameter, then over all of them.",
        "sum of |w|. A tensor has .abs() and .sum(); Python's own sum adds up what a generator gives, tensors too. "
        "Stay with tensors all the way, or there will be no gradient.",
        """
        def l1_penalty(parameters):
            return sum(... for p in parameters)
        """,
    ),
)
def l1_penalty(parameters):
    """The sum of |w| over all weights, as one number that can be added to a loss.

    parameters: Tensors of any shapes, in any iterable (often the generator model.parameters())
    ->          a Tensor of shape ()

    For one parameter [3, -4] it is 7, and the gradient is [1, -1].
    """
    ### BEGIN SOLUTION
    return sum(p.abs().sum() for p in parameters)
    ### END SOLUTION


@chapter.hidden("l1_penalty")
def parameters_unseen(rng):
    """As many parameters as nobody has seen, of other shapes."""
    shapes = [tuple(map(int, rng.integers(1, 5, axes))) for axes in rng.permutation(4)]
    return [given("parameters nobody has seen", [normal(*shape) for shape in shapes])]


@chapter.way("l1_penalty", "A weight times its sign is its size, too.")
def by_sign(parameters):
    total = mg.tensor(0.0)
    for p in parameters:
        total = total + (p * p.detach().sign()).sum()
    return total


chapter.wrong(
    "l1_penalty",
    "Squares make it the other penalty, L2. Its pull fades as a weight gets smaller, so that none ever arrives at 0.",
    "p.abs().sum()",
    "(p * p).sum()",
)
chapter.wrong(
    "l1_penalty",
    "Without the size of each weight, positive and negative ones cancel out, and negative ones are even rewarded.",
    "p.abs().sum()",
    "p.sum()",
)
chapter.wrong(
    "l1_penalty",
    "The size is taken of the sum, when positive and negative weights have cancelled out already. First the size of "
    "each weight, then the sum.",
    "p.abs().sum()",
    "p.sum().abs()",
)
chapter.wrong(
    "l1_penalty",
    "A mean for each parameter: then a weight in a large layer is pulled less than one in a small layer.",
    "p.abs().sum()",
    "p.abs().mean()",
)
chapter.wrong(
    "l1_penalty",
    "The number is right, and only a number: what .item() gives remembers nothing, so there is no gradient, no pull.",
    "p.abs().sum()",
    "p.abs().sum().item()",
)
chapter.wrong(
    "l1_penalty",
    "It returns in the loop, and so after the first parameter.",
    "return sum(p.abs().sum() for p in parameters)",
    "for p in parameters:\n        return p.abs().sum()",
)
chapter.wrong(
    "l1_penalty",
    "Each parameter's sum replaces the one before it, so only the last one counts.",
    "return sum(p.abs().sum() for p in parameters)",
    "for p in parameters:\n        total = p.abs().sum()\n    return total",
)


def decaying(function, inputs, options, seed):
    """The parameters after each step of SGD, where the learner's decay is called before the step."""

    class Decaying(optim.SGD):
        def __init__(self, params, lr, **options):
            super().__init__(params, lr=lr)
            self.options = options

        def step(self):
            function((p for p in self.param_groups[0]["params"]), **self.options)
            if any(getattr(p.grad, "requires_grad", False) for p in self.param_groups[0]["params"]):
                raise run.WrongForm("it is being recorded how the gradient changes. Put it where nothing is recorded.")
            super().step()

    for name, p in inputs[0].run(mg, Decaying, options):
        yield name, p.detach().numpy().copy()


def decaying_by_torch(parameters, strength, lr):
    for name, p in parameters.run(torch, torch.optim.SGD, {"lr": lr, "weight_decay": strength}):
        yield name, p.detach().clone()


@chapter.exercise(
    points=2,
    minutes=8,
    run=decaying,
    cases=[
        given(
            "where the loss is flat, a step takes lr * strength of the weight itself: 5 percent",
            descent(1, "(w * 0).sum()", w=[10.0, -20.0]),
            strength=0.5,
            lr=0.1,
        ),
        given("the pull comes on top of the loss's own", descent(2, "w * w * w", w=1.0), strength=0.5, lr=0.1),
        given(
            "several parameters, of different shapes",
            descent(2, "(w * w).sum() + b * 3", w=[[1.0, -2.0], [3.0, 4.0]], b=1.0),
            strength=0.2,
            lr=0.1,
        ),
        given(
            "a parameter that took no part in the loss has no gradient (None); it stays as it is, as in PyTorch",
            descent(2, "(w * w).sum()", unused=[1.0, 2.0], w=[3.0, -1.0]),
            strength=0.5,
            lr=0.1,
        ),
        given("a strength of 0 changes nothing", descent(2, "(w * 3).sum()", w=[1.0, -2.0]), strength=0.0, lr=0.1),
        given(
            "step by step the weights fade, never quite to 0",
            descent(4, "(w * 0).sum()", w=[1.0, 100.0]),
            strength=5.0,
            lr=0.1,
        ),
    ],
    torch=decaying_by_torch,
    hints=(
        "The penalty is strength / 2 * w ** 2 for every weight. What is its slope? That much is missing in the "
        "gradients that the loss has left.",
        "Add strength * p to p.grad, in place, for every parameter that has a gradient. It is no part of the loss, so "
        "do it inside a block where nothing is recorded.",
        """
        def weight_decay(parameters, strength):
            with ...:
                for p in parameters:
                    if p.grad is not ...:
                        p.grad += ...
        """,
    ),
)
def weight_decay(parameters, strength):
    """Add to every gradient what the penalty strength / 2 * (sum of w * w) would add, without computing the penalty.

    parameters: Tensors that may have a gradient, in any iterable
    strength:   a number

    Call it after backward() and before the step. It changes each p.grad and returns nothing; where p.grad is None, it
    leaves that as it is.

    For a weight of 10 with a gradient of 1 and a strength of 0.5, the gradient becomes 6.
    """
    ### BEGIN SOLUTION
    with mg.no_grad():
        for p in parameters:
            if p.grad is not None:
                p.grad += strength * p
    ### END SOLUTION


def numbers(rng, *shape):
    """Numbers that nobody has seen."""
    return rng.uniform(-9, 9, shape).round(2).tolist()


@chapter.hidden("weight_decay")
def decays_unseen(rng):
    """Weights, strengths and rates that nobody has seen."""

    def one(why, loss, **leaves):
        strength, lr = rng.uniform((0.1, 0.01), (0.9, 0.05)).round(3).tolist()
        return given(why, descent(int(rng.integers(2, 5)), loss, **leaves), strength=strength, lr=lr)

    w = numbers(rng, 2, int(rng.integers(2, 5)))
    return [
        one("weights nobody has seen", "(w * w).sum() + b * 3", w=w, b=numbers(rng)),
        one("one took no part in the loss", "(w * 2).sum()", unused=numbers(rng, 3), w=numbers(rng, 3)),
    ]


@chapter.way("weight_decay", "A detached tensor is not recorded either.")
def on_detached(parameters, strength):
    for p in parameters:
        if p.grad is not None:
            p.grad = p.grad + p.detach() * strength


chapter.wrong(
    "weight_decay",
    "That is the slope of strength * w * w. PyTorch's penalty has a half in front, so that no 2 is left.",
    "strength * p",
    "2 * strength * p",
)
chapter.wrong(
    "weight_decay",
    "The sign is the wrong way round. A step goes against the gradient: what is subtracted here makes weights grow.",
    "+=",
    "-=",
)
chapter.wrong(
    "weight_decay",
    "The decay takes the place of the loss's gradient, so that nothing is learned any more. It comes on top.",
    "p.grad += strength * p",
    "p.grad = strength * p",
)
chapter.wrong(
    "weight_decay",
    "The weight itself is shrunk, by the whole strength: the learning rate has no say. Here, change the gradient, and "
    "leave the step to the optimizer.",
    "p.grad += strength * p",
    "p *= 1 - strength",
)
chapter.wrong(
    "weight_decay",
    "The pull is the same for weights of any size: that is L1. With squares, a large weight is pulled harder.",
    "strength * p",
    "strength * p.sign()",
)
chapter.wrong(
    "weight_decay",
    "A parameter that took no part in the loss has None for a gradient, and nothing can be added to that.",
    "if p.grad is not None:",
    "if True:",
)
chapter.wrong(
    "weight_decay",
    "The change of the gradient is being recorded, as if it were part of a loss, and each step would hold on to what "
    "was recorded. There is a block inside which nothing is.",
    "with mg.no_grad():",
    "if True:",
)

# ---- batch norm ----


def normed(function, inputs, options, seed):
    """What comes out, what has become of the running statistics, and the gradients of all that can be learned."""
    x, mean, var, weight, bias = (mg.Tensor(array.copy()) for array in inputs)
    learned = {"x": x, "weight": weight, "bias": bias}
    for tensor in learned.values():
        tensor.requires_grad_()
    out = run.tensors_out(function)(x, mean, var, weight, bias, **options)
    yield from normed_facts(out, mean, var, learned, mg.Tensor)


def normed_by_torch(x, running_mean, running_var, weight, bias, **options):
    x, mean, var, weight, bias = map(torch.to_torch, (x, running_mean, running_var, weight, bias))
    learned = {name: tensor.requires_grad_() for name, tensor in {"x": x, "weight": weight, "bias": bias}.items()}
    out = torch.nn.functional.batch_norm(x, mean, var, weight, bias, **options)
    yield from normed_facts(out, mean, var, learned, torch.to_torch)


def normed_facts(out, mean, var, learned, tensor):
    yield "the result", out
    yield "running_mean afterwards", mean
    yield "running_var afterwards", var
    if getattr(out, "requires_grad", False):
        out.backward(tensor(upstream(out, 0)))
        for name, x in learned.items():
            yield f"the gradient of {name}", x.grad


def with_all(answer):
    """The learner's function, where all statistics and parameters are there; else the library's."""

    def batch_norm(input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
        own = LIBRARY_BATCH_NORM if None in (running_mean, running_var, weight, bias) else answer
        return own(input, running_mean, running_var, weight, bias, training, momentum, eps)

    return batch_norm


LIBRARY_BATCH_NORM = mg.nn.functional.batch_norm

zeros, ones = (lambda count: exactly([0.0] * count)), (lambda count: exactly([1.0] * count))


@chapter.exercise(
    points=5,
    minutes=20,
    run=normed,
    cases=[
        given(
            "in training, columns of very different size come out alike",
            exactly([[1.0, 400.0], [2.0, 300.0], [3.0, 200.0], [6.0, 100.0]]),
            zeros(2),
            ones(2),
            ones(2),
            zeros(2),
            training=True,
        ),
        given(
            "in eval the running statistics are used, so that one row is enough, and the rest of the batch has no say",
            exactly([[5.0, 10.0, 0.0]]),
            exactly([3.0, 10.0, 1.0]),
            exactly([4.0, 1.0, 0.25]),
            ones(3),
            zeros(3),
        ),
        given(
            "in training the running statistics go a tenth of the way towards those of the batch",
            normal(3, 2),
            exactly([5.0, -5.0]),
            exactly([2.0, 4.0]),
            ones(2),
            zeros(2),
            training=True,
        ),
        given(
            "each channel has its own scale and shift",
            normal(4, 3),
            zeros(3),
            ones(3),
            exactly([1.0, 2.0, -0.5]),
            exactly([0.0, 1.0, 3.0]),
            training=True,
        ),
        given(
            "of pictures, a channel's numbers in all rows, columns and pictures are taken together",
            normal(2, 3, 2, 2),
            normal(3),
            between(0.5, 2, 3),
            normal(3),
            normal(3),
            training=True,
        ),
        given(
            "in eval nothing is measured, and the running statistics stay as they are",
            normal(2, 3, 2, 2),
            normal(3),
            between(0.5, 2, 3),
            normal(3),
            normal(3),
            momentum=0.5,
        ),
        given(
            "the memory may be shorter, and eps larger",
            normal(4, 2),
            zeros(2),
            ones(2),
            normal(2),
            normal(2),
            training=True,
            momentum=0.75,
            eps=0.5,
        ),
    ],
    torch=normed_by_torch,
    hints=(
        "Two questions first: over which axes is a channel's mean taken, for (N, C) and for (N, C, H, W)? And with "
        "which statistics is x normalised, in training and in eval?",
        "Over all axes but 1. In training: mean and var(correction=0) of the batch, recorded like all else, since the "
        "gradient goes through them; then, where nothing is recorded and in place, running = (1 - momentum) * running "
        "+ momentum * batch, with the variance divided by n - 1. In eval: the running ones. Then (x - mean) / sqrt(var "
        "+ eps) * weight + bias, all of them in a shape that fits x: (1, C, 1, 1) for pictures.",
        """
        def batch_norm(x, running_mean, running_var, weight, bias, training=False, momentum=0.1, eps=1e-5):
            axes = (0, *range(2, x.ndim))
            shape = (1, -1, *[1] * (x.ndim - 2))
            if training:
                mean, var = x.mean(axes), x.var(axes, correction=...)
                with mg.no_grad():
                    running_mean.mul_(...).add_(...)
                    running_var.mul_(...).add_(...)
            else:
                mean, var = ...
            x = (x - mean.reshape(shape)) / ...
            return x * weight.reshape(shape) + ...
        """,
    ),
    part="nn.functional.batch_norm",
    adapt=with_all,
)
def batch_norm(x, running_mean, running_var, weight, bias, training=False, momentum=0.1, eps=1e-5):
    """Every channel brought to mean 0 and variance 1, then scaled and shifted; differentiable.

    x:            (N, C) or (N, C, H, W), any number of axes after C
    running_mean, running_var: (C,), statistics remembered from batch to batch, without gradients
    weight, bias: (C,), the scale and shift that are learned
    ->            like x: (x - mean) / sqrt(var + eps) * weight + bias, channel by channel

    training: mean and var are those of this batch (var divided by n). The running statistics are changed in place: they
              keep a part 1 - momentum and take a part momentum of the batch's, of which the variance is divided by
              n - 1. n is how many numbers of the batch a channel has.
    if not:   mean and var are the running ones, and nothing is changed.
    """
    ### BEGIN SOLUTION
    axes = (0, *range(2, x.ndim))
    shape = (1, -1, *[1] * (x.ndim - 2))
    if training:
        mean, var = x.mean(axes), x.var(axes, correction=0)
        with mg.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * x.var(axes, correction=1))
    else:
        mean, var = running_mean, running_var
    x = (x - mean.reshape(shape)) / (var.reshape(shape) + eps).sqrt()
    return x * weight.reshape(shape) + bias.reshape(shape)
    ### END SOLUTION


@chapter.hidden("batch_norm")
def channels_unseen(rng):
    """Channels and settings that nobody has seen, in training and in eval, and of more axes."""
    several = []
    for training, axes in ((True, 0), (False, 1), (True, 2)):
        C, *shape = map(int, rng.integers(2, 5, 2 + axes))
        memory, eps = rng.uniform((0.1, 0.01), (0.9, 0.5)).round(3).tolist()
        statistics = normal(C), between(0.5, 2, C), normal(C), normal(C)
        x = normal(shape[0] + 2, C, *shape[1:])
        options = {"training": training, "momentum": memory, "eps": eps}
        several.append(given("channels nobody has seen", x, *statistics, **options))
    return several


@chapter.way("batch_norm", "With keepdims the statistics fit x as they are, and the variance is a mean of squares.")
def by_squares(x, running_mean, running_var, weight, bias, training=False, momentum=0.1, eps=1e-5):
    axes = tuple(axis for axis in range(x.ndim) if axis != 1)
    shape = [len(weight) if axis == 1 else 1 for axis in range(x.ndim)]
    mean, var = running_mean.reshape(shape), running_var.reshape(shape)
    if training:
        count = x.numel() // len(weight)
        mean = x.mean(axes, keepdim=True)
        var = ((x - mean) ** 2).mean(axes, keepdim=True)
        running_mean += momentum * (mean.detach().flatten() - running_mean)
        running_var += momentum * (var.detach().flatten() * count / (count - 1) - running_var)
    return (x - mean) * (weight.reshape(shape) / (var + eps) ** 0.5) + bias.reshape(shape)


chapter.wrong(
    "batch_norm",
    "It measures the batch in eval as well. Then the answer for one example depends on the others that happen to be "
    "beside it, and a single one has nothing to be compared with.",
    "if training:",
    "if True:",
)
chapter.wrong(
    "batch_norm",
    "The running variance takes the batch's divided by n. Around its own mean a batch looks narrower than the numbers "
    "it was drawn from are; to make up for it, PyTorch divides by n - 1 here.",
    "correction=1",
    "correction=0",
)
chapter.wrong(
    "batch_norm",
    "The batch is normalised with the variance divided by n - 1. That one is for the running statistics; what comes "
    "out here should have a variance of 1, divided by n.",
    "correction=0",
    "correction=1",
)
chapter.wrong(
    "batch_norm",
    "`momentum` is used the wrong way round. In batch norm it is the part of the new: 0.1 forgets slowly. (In SGD it "
    "is the part of the old.)",
    "with mg.no_grad():",
    "momentum = 1 - momentum\n        with mg.no_grad():",
)
chapter.wrong(
    "batch_norm",
    "Values are right, the gradient is not: mean and variance depend on x, too, and here they count as fixed numbers. "
    "Only the running statistics stay out of the record.",
    "mean, var = x.mean(axes), x.var(axes, correction=0)",
    "mean, var = x.detach().mean(axes), x.detach().var(axes, correction=0)",
)
chapter.wrong(
    "batch_norm",
    "The new running statistics are only called by the old names; the layer's own tensors stay as they were. They have "
    "to be changed in place.",
    "running_mean.mul_(1 - momentum).add_(momentum * mean)\n"
    "            running_var.mul_(1 - momentum).add_(momentum * x.var(axes, correction=1))",
    "running_mean = running_mean * (1 - momentum) + momentum * mean\n"
    "            running_var = running_var * (1 - momentum) + momentum * x.var(axes, correction=1)",
)
chapter.wrong(
    "batch_norm",
    "In training, too, it goes by the running statistics. Those follow the batches slowly; they are for later use.",
    "else:\n        mean, var",
    "if True:\n        mean, var",
)
chapter.wrong(
    "batch_norm",
    "The running statistics are taken in full from the last batch. They should be an average over many.",
    "running_mean.mul_(1 - momentum).add_(momentum * mean)\n"
    "            running_var.mul_(1 - momentum).add_(momentum * x.var(axes, correction=1))",
    "running_mean.copy_(mean)\n            running_var.copy_(x.var(axes, correction=1))",
)

# ---- early stopping ----


def stopped_facts(observed, inputs, options, seed):
    for name, value in observed:
        yield name, len(value) if name == ASKED else value


ASKED = "how many losses were asked for"


@run.concluded(stopped_facts)
def stopped(function, inputs, options, seed):
    """What is found about losses that are trained for as they are asked for, and how many that were."""
    asked = []

    def losses():
        for loss in inputs[0]:
            asked.append(loss)
            yield loss

    result = function(losses(), **options)
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise run.WrongForm(f"early_stopping returns two numbers: return best, ran. It returned {kind(result)}.")
    yield "the best epoch", result[0]
    yield "how many were run", result[1]
    yield ASKED, asked


def stopped_by_torch(losses, patience, min_delta=0.0):
    """When ReduceLROnPlateau, which waits in the same way, lowers the rate for the first time."""
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, patience=patience - 1, threshold=min_delta, threshold_mode="abs"
    )
    best = ran = 0
    for ran, loss in enumerate(losses, start=1):
        plateau.step(loss)
        if optimizer.param_groups[0]["lr"] < 1:
            break
        if plateau.num_bad_epochs == 0:
            best = ran - 1
    yield "the best epoch", best
    yield "how many were run", ran
    yield "how many losses were asked for", ran


@chapter.exercise(
    points=3,
    minutes=12,
    run=stopped,
    cases=[
        given(
            "down, then up for three epochs: it ends there, and 1.0 is never seen",
            [5.0, 3.0, 4.0, 4.5, 4.25, 1.0],
            patience=3,
        ),
        given(
            "after each new best the waiting begins anew",
            [5.0, 6.0, 4.0, 6.0, 3.0, 6.0, 2.0, 6.0, 7.0, 8.0],
            patience=2,
        ),
        given("it is compared with the best, not with the epoch before", [2.0, 4.0, 3.5, 3.0, 2.5, 1.0], patience=3),
        given("as low as the best is no better", [3.0, 3.0, 3.0, 3.0], patience=2),
        given(
            "a gain smaller than min_delta does not count, until small gains have added up",
            [8.0, 7.5, 7.25, 6.5, 6.5],
            patience=3,
            min_delta=1.0,
        ),
        given(
            "a gain of just min_delta is not enough: it must be more",
            [8.0, 7.0, 6.0, 5.5, 5.0],
            patience=2,
            min_delta=1.0,
        ),
        given("losses may end before the patience does: then all have been run", [3.0, 2.0, 2.5], patience=5),
        given("a loss of nan is no better, either", [4.0, 3.0, float("nan"), float("nan"), 1.0], patience=2),
    ],
    torch=stopped_by_torch,
    hints=(
        "Walk through the losses once, by hand, with three things on paper: the best loss, its epoch, and how long ago "
        "that was.",
        "Better is: loss < best loss - min_delta. Then note loss and epoch. Otherwise look how many epochs have passed "
        "since the best one: at `patience` of them, stop, without asking for another loss.",
        """
        def early_stopping(losses, patience, min_delta=0.0):
            best, best_loss, ran = 0, ..., 0
            for epoch, loss in enumerate(losses):
                ran = ...
                if loss < ...:
                    best, best_loss = ...
                elif ... >= patience:
                    break
            return best, ran
        """,
    ),
)
def early_stopping(losses, patience, min_delta=0.0):
    """Train as long as it helps: (the best epoch, how many epochs were run).

    losses:    an iterable, perhaps a generator, that trains for another epoch whenever it is asked for the next loss.
               Walk through it, and ask for no more than are needed; it has no losses[0] and no length
    patience:  after so many epochs in a row without a better loss, stop
    min_delta: a loss is better if it is below the best so far by more than this

    Epochs are numbered from 0. If the losses end before the patience does, all of them were run.

    Of [5, 3, 4, 4.5, 4.25, 1] with a patience of 3, epoch 1 is the best, and 5 epochs are run: the answer is (1, 5).
    """
    ### BEGIN SOLUTION
    best, best_loss, ran = 0, float("inf"), 0
    for epoch, loss in enumerate(losses):
        ran = epoch + 1
        if loss < best_loss - min_delta:
            best, best_loss = epoch, loss
        elif epoch - best >= patience:
            break
    return best, ran
    ### END SOLUTION


@chapter.hidden("early_stopping")
def losses_unseen(rng):
    """Losses that nobody has seen, some of them equal, with patience and min_delta."""

    def losses(count):
        return (rng.integers(0, 40, count) / 4 + np.linspace(8, 0, count).round()).tolist()

    several = [given("losses nobody has seen", losses(25), patience=int(n)) for n in rng.integers(2, 6, 3)]
    return [*several, given("with a min_delta", losses(25), patience=4, min_delta=float(rng.integers(2, 8) / 4))]


@chapter.way("early_stopping", "Counting how long one has waited comes to the same.")
def by_counting(losses, patience, min_delta=0.0):
    best, lowest, waited, ran = 0, float("inf"), 0, 0
    for loss in losses:
        if loss < lowest - min_delta:
            best, lowest, waited = ran, loss, 0
        else:
            waited += 1
        ran += 1
        if waited == patience:
            return best, ran
    return best, ran


chapter.wrong(
    "early_stopping",
    "It waits one epoch too long: with a patience of 3, the third epoch without a better loss is the last.",
    "epoch - best >= patience",
    "epoch - best > patience",
)
chapter.wrong(
    "early_stopping",
    "As low as the best counts as better here, and so a loss that stands still never ends.",
    "loss < best_loss - min_delta",
    "loss <= best_loss - min_delta",
)
chapter.wrong(
    "early_stopping",
    "min_delta is not used: so the smallest gain, which may be chance, is a reason to go on.",
    "best_loss - min_delta",
    "best_loss",
)
chapter.wrong(
    "early_stopping",
    "That is the number of the last epoch. Since they are numbered from 0, one more than that were run.",
    "ran = epoch + 1",
    "ran = epoch",
)
chapter.wrong(
    "early_stopping",
    "All epochs have been trained before the first is looked at: a list asks for every loss there is. Look at each as "
    "it comes.",
    "enumerate(losses)",
    "enumerate(list(losses))",
)


@chapter.wrong(
    "early_stopping",
    "Each loss is compared with the one before it. After a jump up, a loss that comes back slowly then looks like "
    "progress, though it is still worse than the best.",
)
def with_the_one_before(losses, patience, min_delta=0.0):
    best, before, ran = 0, float("inf"), 0
    for epoch, loss in enumerate(losses):
        ran = epoch + 1
        if loss < before - min_delta:
            best = epoch
        elif epoch - best >= patience:
            break
        before = loss
    return best, ran


@chapter.wrong(
    "early_stopping", "The bad epochs are counted in all, not in a row. With each new best, the waiting begins at 0."
)
def in_all(losses, patience, min_delta=0.0):
    best, lowest, bad, ran = 0, float("inf"), 0, 0
    for epoch, loss in enumerate(losses):
        ran = epoch + 1
        if loss < lowest - min_delta:
            best, lowest = epoch, loss
        else:
            bad += 1
        if bad >= patience:
            break
    return best, ran


@chapter.wrong(
    "early_stopping",
    "Whatever is not worse counts as better, and nan is not worse: no comparison with it is true. Ask the other way.",
)
def not_worse(losses, patience, min_delta=0.0):
    best, lowest, ran = 0, float("inf"), 0
    for epoch, loss in enumerate(losses):
        ran = epoch + 1
        if loss >= lowest - min_delta:
            if epoch - best >= patience:
                break
        else:
            best, lowest = epoch, loss
    return best, ran


# ---- pruning ----


def masked_facts(observed, inputs, options, seed):
    """The mask; but where sizes are equal, so that one may choose, only how many go and what sizes are left."""
    ((_, mask),) = observed
    weight = inputs[0]
    if not isinstance(mask, np.ndarray):
        raise run.WrongForm(f"magnitude_prune returns a mask, an array. It returned {kind(mask)}.")
    if mask.shape == weight.shape:
        if not np.isin(mask, (0, 1)).all():
            raise run.WrongForm("a mask holds only True, for what stays, and False. These are other numbers.")
        size = np.abs(weight)
        yield "how many weights go", int(np.sum(mask == 0))
        yield "the sizes that stay, in order", np.sort(size[mask != 0])
        if len(np.unique(size)) < size.size:
            return
    yield "the mask", mask != 0


@run.concluded(masked_facts)
def masked(function, inputs, options, seed):
    mask = function(*inputs, **options)
    yield "what it gives", mask.numpy() if isinstance(mask, mg.Tensor) else mask


def masked_by_torch(weight, share):
    layer = torch.nn.Module()
    layer.weight = torch.nn.Parameter(torch.to_torch(weight))
    pruning().l1_unstructured(layer, "weight", amount=share)
    yield from masked_facts([("what it gives", layer.weight_mask.numpy())], [weight, share], {}, 0)


def pruning():
    """PyTorch's pruning, which it loads only when asked for."""
    from torch.nn.utils import prune

    return prune


@chapter.exercise(
    points=3,
    minutes=12,
    run=masked,
    cases=[
        given("half of six: the three that are closest to 0 go", exactly([[0.1, 2.0, 0.5], [3.0, 0.05, 1.0]]), 0.5),
        given("a large negative weight is a large weight", exactly([-3.0, 0.5, -0.25, 1.0]), 0.5),
        given(
            "all weights of a layer are ranked together, so a row may lose all", exactly([[5.0, 6.0], [0.1, 0.2]]), 0.5
        ),
        given("of equals, only as many go as are asked for", exactly([1.0, -1.0, 1.0, 2.0, 1.0, -1.0]), 0.5),
        given("a quarter of 7 is 1.75: 2 go, as round() says", exactly([0.7, -0.6, 0.5, -0.4, 0.3, -0.2, 0.1]), 0.25),
        given("a fifth of 6 is 1.2: 1 goes", exactly([0.6, -0.5, 0.4, -0.3, 0.2, -0.1]), 0.2),
        given("a share of 0: all stay", normal(2, 3), 0.0),
        given("a share of 1: none stays. A filter's weights have four axes", normal(2, 1, 2, 2), 1.0),
    ],
    torch=masked_by_torch,
    hints=(
        "Rank all weights by their size. The first of them, as many as the share says, get a False.",
        "How many: round(share * weight.size). Which: np.argsort of the sizes, as one long row, gives their places, "
        "the smallest first. Start from a mask that is True everywhere. A threshold won't do: equals would "
        "all go together.",
        """
        def magnitude_prune(weight, share):
            count = ...
            order = np.argsort(...)
            mask = np.ones(weight.size, bool)
            mask[order[: ...]] = False
            return mask.reshape(...)
        """,
    ),
)
def magnitude_prune(weight, share):
    """A mask that takes the smallest weights away: True for what stays.

    weight: an array of any shape
    share:  the part of all weights that goes, from 0 to 1; so round(share * weight.size) of them
    ->      an array of bools, of weight's shape

    What counts is the size, not the sign. Of equals it does not matter which ones go, only how many.

    magnitude_prune(np.array([-3.0, 0.5, -0.25, 1.0]), 0.5) is [True, False, False, True].
    """
    ### BEGIN SOLUTION
    count = round(share * weight.size)
    order = np.argsort(np.abs(weight), axis=None)
    mask = np.ones(weight.size, bool)
    mask[order[:count]] = False
    return mask.reshape(weight.shape)
    ### END SOLUTION


@chapter.hidden("magnitude_prune")
def weights_unseen(rng):
    """Weights and shares that nobody has seen; the last weights have equals among them."""
    sizes = [tuple(map(int, rng.integers(2, 6, axes))) for axes in (1, 2, 4)]
    several = [given("weights nobody has seen", normal(*size), float(rng.uniform(0.2, 0.8))) for size in sizes]
    equal = exactly(rng.integers(-3, 4, (4, int(rng.integers(3, 7)))))
    return [*several, given("with equals among them", equal, float(rng.uniform(0.2, 0.8)))]


@chapter.way("magnitude_prune", "Sorting twice gives each weight its rank.")
def by_rank(weight, share):
    rank = np.abs(weight).ravel().argsort().argsort().reshape(weight.shape)
    return rank >= round(share * weight.size)


chapter.wrong(
    "magnitude_prune",
    "The weights are ranked with their signs, so that the most negative ones go first. What counts is the distance "
    "from 0.",
    "np.abs(weight)",
    "weight",
)
chapter.wrong(
    "magnitude_prune",
    "The mask is the wrong way round: True should be what stays.",
    "np.ones(weight.size, bool)\n    mask[order[:count]] = False",
    "np.zeros(weight.size, bool)\n    mask[order[:count]] = True",
)
chapter.wrong(
    "magnitude_prune",
    "The largest weights go. They are the ones that do the work.",
    "order[:count]",
    "order[weight.size - count :]",
)
chapter.wrong(
    "magnitude_prune",
    "`share` is taken for the part that stays. It is the part that goes.",
    "round(share * weight.size)",
    "round((1 - share) * weight.size)",
)
chapter.wrong(
    "magnitude_prune",
    "int() cuts off what follows the point; PyTorch rounds to the nearest count.",
    "round(share",
    "int(share",
)


@chapter.wrong(
    "magnitude_prune",
    "A threshold takes all weights that are as small as the last one to go. Where several are equal, too many go.",
)
def by_threshold(weight, share):
    count = round(share * weight.size)
    if count == 0:
        return np.ones(weight.shape, bool)
    return np.abs(weight) > np.sort(np.abs(weight), axis=None)[count - 1]


@chapter.wrong(
    "magnitude_prune",
    "`share` is used as a size: what lies below it goes, however many those are. It says how many, as a part of all.",
)
def below_the_share(weight, share):
    return np.abs(weight) >= share


@chapter.wrong(
    "magnitude_prune",
    "Every row is ranked by itself, and each loses the same share. All weights of the layer should be ranked together.",
)
def row_by_row(weight, share):
    rank = np.abs(weight).argsort(-1).argsort(-1)
    return rank >= round(share * weight.shape[-1])


@dataclass(frozen=True, eq=False)
class Training:
    """Parameters by name, of which some are to be pruned, and their training with SGD on a loss of them."""

    pruned: dict
    others: dict

    def __repr__(self):
        leaves = ", ".join(f"{name} = {value}" for name, value in self.pruned.items())
        return leaves + "".join(f"; {name} = {value} is not pruned" for name, value in self.others.items())

    def run(self, library, finetune, loss, lr, steps_before=0, momentum=0.0, weight_decay=0.0):
        """What finetune(all parameters by name, those to be pruned, optimizer, loss) gives after some steps."""
        leaves = {**self.pruned, **self.others}.items()
        made = {name: library.nn.Parameter(library.tensor(value, dtype=library.float32)) for name, value in leaves}
        optimizer = library.optim.SGD(made.values(), lr=lr, momentum=momentum, weight_decay=weight_decay)

        def value(values=made):
            return eval(loss, {"__builtins__": {}}, values)  # our own texts, below

        for _ in range(steps_before):
            optimizer.zero_grad()
            value().backward()
            optimizer.step()
        return finetune(made, list(self.pruned), optimizer, value)


def training(others=(), **pruned):
    return run.built("a training", lambda rng: Training(pruned, dict(others)))


def finetuned(function, inputs, options, seed):
    """The parameters whenever a loss is asked for and at the end, and the masks."""
    (parameters, share), steps = inputs, options.pop("steps")

    def finetune(made, pruned, optimizer, loss):
        seen = []

        def look():
            seen.append({name: p.detach().numpy().copy() for name, p in made.items()})

        def asked():
            look()
            return loss()

        masks = function([made[name] for name in pruned], share, optimizer, asked, steps)
        look()
        if not isinstance(masks, list | tuple) or len(masks) != len(pruned):
            raise run.WrongForm(f"prune_and_finetune returns a list of masks. It returned {kind(masks)}.")
        yield from moments(seen)
        for name, mask in zip(pruned, masks):
            yield f"the mask of {name}", np.asarray(mask) != 0

    yield from parameters.run(mg, finetune, **options)


def finetuned_by_torch(parameters, share, steps, **options):
    """The same by torch.nn.utils.prune, which keeps the weights and their mask, and multiplies them for each use."""

    def finetune(made, pruned, optimizer, loss):
        layers, seen = {name: torch.nn.Module() for name in pruned}, []
        for name, layer in layers.items():
            layer.weight = made[name]
            pruning().l1_unstructured(layer, "weight", amount=share)

        def values():
            return {**made, **{name: layer.weight_orig * layer.weight_mask for name, layer in layers.items()}}

        for _ in range(steps):
            seen.append({name: p.detach().clone() for name, p in values().items()})
            optimizer.zero_grad()
            loss(values()).backward()
            optimizer.step()
        yield from moments([*seen, values()])
        for name, layer in layers.items():
            yield f"the mask of {name}", layer.weight_mask != 0

    yield from parameters.run(torch, finetune, **options)


def moments(seen):
    """("w, before step 1", the parameter), ... of what was seen before each step and at the end."""
    for number, parameters in enumerate(seen, start=1):
        moment = "at the end" if number == len(seen) else f"before step {number}"
        for name, p in parameters.items():
            yield f"{name}, {moment}", p


to_three = "((w - 3) ** 2).sum()"


@chapter.exercise(
    points=4,
    minutes=15,
    run=finetuned,
    cases=[
        given(
            "the loss wants 3 of each weight; the two small ones are taken away, and stay at 0",
            training(w=[1.0, 0.5, -0.25, 2.0]),
            0.5,
            steps=2,
            loss=to_three,
            lr=0.1,
        ),
        given(
            "from the steps before pruning, momentum still pushes a weight that was taken away",
            training(w=[-4.0, 0.5, -2.0, 1.0]),
            0.5,
            steps=3,
            loss=to_three,
            steps_before=2,
            lr=0.05,
            momentum=0.9,
        ),
        given("no steps: only pruned", training(w=[[0.25, 4.0], [-3.0, 0.75]]), 0.25, steps=0, loss=to_three, lr=0.1),
        given(
            "each parameter loses its own share; what is not to be pruned, as b, is trained all the same",
            training({"b": 0.2}, u=[0.1, 0.5, -1.0, 2.0], w=[2.0, -1.0, 0.3, 0.4]),
            0.5,
            steps=3,
            loss="((u * w).sum() + b - 5) ** 2",
            steps_before=1,
            lr=0.02,
        ),
        given(
            "a weight that stays may become the smallest of all: it was chosen once, and stays",
            training(w=[1.0, 0.9, 0.8, -0.7]),
            0.25,
            steps=3,
            loss="((w - 0.1) ** 2).sum()",
            lr=0.4,
            weight_decay=0.1,
        ),
    ],
    torch=finetuned_by_torch,
    hints=(
        "Pruning is choosing once and multiplying often. What may move a weight away from 0, when its gradient alone "
        "would be easy to mask?",
        "Masks by your magnitude_prune, from p.detach().numpy(), once, at the start. Multiply each parameter by its "
        "mask, in place, where nothing is recorded: at once, and again after every step, whatever the optimizer did.",
        """
        def prune_and_finetune(parameters, share, optimizer, loss, steps):
            masks = [mg.tensor(magnitude_prune(..., share)) for p in parameters]

            def prune():
                with mg.no_grad():
                    for p, mask in zip(parameters, masks):
                        p *= ...

            prune()
            for _ in range(steps):
                optimizer.zero_grad()
                ...
            return masks
        """,
    ),
    needs=("magnitude_prune",),
)
def prune_and_finetune(parameters, share, optimizer, loss, steps):
    """Take the smallest weights of each parameter away, and train on with the others; the list of masks.

    parameters: the Tensors to prune, in a list; each loses the same `share` of its own weights
    optimizer:  it holds these parameters, perhaps others as well, and what it remembers from training so far
    loss:       a function without arguments: loss() computes the loss as it is now
    steps:      how many steps to train after pruning; call loss() once for each

    Weights that were taken away are 0 before the first step and after each one. The masks are chosen once, before the
    first step, by your magnitude_prune, which takes arrays: p.detach().numpy() gives a parameter's.
    """
    ### BEGIN SOLUTION
    masks = [mg.tensor(magnitude_prune(p.detach().numpy(), share)) for p in parameters]

    def prune():
        with mg.no_grad():
            for p, mask in zip(parameters, masks):
                p *= mask

    prune()
    for _ in range(steps):
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
        prune()
    return masks
    ### END SOLUTION


@chapter.hidden("prune_and_finetune")
def trainings_unseen(rng):
    """Weights, shares and settings that nobody has seen."""

    def one(loss, leaves, **options):
        settings = {"lr": round(rng.uniform(0.01, 0.03), 4), "momentum": 0.9, "steps_before": 2}
        share, steps = float(rng.uniform(0.3, 0.7)), int(rng.integers(2, 5))
        return given("weights nobody has seen", leaves, share, steps=steps, loss=loss, **settings, **options)

    length = int(rng.integers(5, 9))
    small = [(rng.uniform(-1, 1, length).round(3)).tolist() for _ in range(2)]
    return [
        one("((w - 3) ** 2).sum()", training(w=numbers(rng, length))),
        one("((u * w).sum() + b - 5) ** 2", training({"b": numbers(rng)}, u=small[0], w=small[1]), weight_decay=0.1),
    ]


@chapter.way("prune_and_finetune", "What the mask leaves out can also be set to 0 by its index.")
def by_index(parameters, share, optimizer, loss, steps):
    masks = [magnitude_prune(p.detach().numpy(), share) for p in parameters]
    for step in range(steps + 1):
        if step:
            optimizer.zero_grad()
            loss().backward()
            optimizer.step()
        with mg.no_grad():
            for p, mask in zip(parameters, masks):
                p[~mask] = 0
    return masks


chapter.wrong(
    "prune_and_finetune",
    "Pruned once, and then trained as ever: the first step moves the pruned weights away from 0 again.",
    "optimizer.step()\n        prune()",
    "optimizer.step()",
)
chapter.wrong(
    "prune_and_finetune",
    "It prunes before each step, so the last step leaves the pruned weights where it pushed them.",
    "loss().backward()\n        optimizer.step()\n        prune()",
    "loss().backward()\n        prune()\n        optimizer.step()",
)
chapter.wrong(
    "prune_and_finetune",
    "First trained, then pruned: the weights that stay had no chance to make up for those that went.",
    "    prune()\n    for _ in range(steps):\n        optimizer.zero_grad()\n        loss().backward()\n"
    "        optimizer.step()\n        prune()",
    "    for _ in range(steps):\n        optimizer.zero_grad()\n        loss().backward()\n"
    "        optimizer.step()\n    prune()",
)
chapter.wrong(
    "prune_and_finetune",
    "`p = p * mask` makes a new tensor and calls that p. The parameter itself, which the model and the optimizer hold, "
    "is not pruned.",
    "p *= mask",
    "p = p * mask",
)
chapter.wrong(
    "prune_and_finetune",
    "Old gradients are not forgotten: each step follows the sum of all gradients so far.",
    "optimizer.zero_grad()",
    "pass",
)


@chapter.wrong(
    "prune_and_finetune",
    "Only the gradients are masked. Momentum remembers the gradients from before pruning, and moves the pruned weights "
    "all the same.",
)
def masked_gradients(parameters, share, optimizer, loss, steps):
    masks = [mg.tensor(magnitude_prune(p.detach().numpy(), share)) for p in parameters]
    with mg.no_grad():
        for p, mask in zip(parameters, masks):
            p *= mask
    for _ in range(steps):
        optimizer.zero_grad()
        loss().backward()
        for p, mask in zip(parameters, masks):
            p.grad = p.grad * mask
        optimizer.step()
    return masks


@chapter.wrong(
    "prune_and_finetune",
    "New masks are chosen after every step. A weight that has just grown back may then stay, and another one goes in "
    "its place: choose once.",
)
def chosen_anew(parameters, share, optimizer, loss, steps):
    for step in range(steps + 1):
        if step:
            optimizer.zero_grad()
            loss().backward()
            optimizer.step()
        masks = [mg.tensor(magnitude_prune(p.detach().numpy(), share)) for p in parameters]
        with mg.no_grad():
            for p, mask in zip(parameters, masks):
                p *= mask
    return masks
