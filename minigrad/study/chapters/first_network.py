"""Chapter 09, first network: the loop that trains, what is measured, and what is wrong when nothing is learned.

Networks are made afresh for each try, from the text that the learner reads and from numbers drawn for the case, here
and in PyTorch alike. The runs to be diagnosed are real ones, recorded by `recorded` below.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

import minigrad as mg
from minigrad import nn, optim, random
from minigrad.nn import functional as F

from ...check import pytorch as torch
from ...check.case import exactly, integers, normal
from .. import run
from ..difference import kind
from ..exercise import Chapter, given

chapter = Chapter("09_first_network", "First network", teaches=("evaluate",))


# ---- networks to try answers on ----


class Code(str):
    """Text that is shown as it is, without quotes."""

    __repr__ = str.__str__


@dataclass(frozen=True, eq=False)
class Network:
    """A network as code, such as "nn.Linear(1, 1)", and the numbers that its parameters start from, in their order."""

    code: str
    numbers: list

    def __repr__(self):
        short = all(array.size <= 2 for array in self.numbers)
        start = f", starting from {', '.join(str(array.tolist()) for array in self.numbers)}" if short else ""
        return self.code + start

    def made(self, library):
        model = eval(self.code, {"nn": library.nn})  # our own texts, below
        with library.no_grad():
            for parameter, array in zip(model.parameters(), self.numbers):
                parameter.copy_(library.tensor(array))
        return model


def network(code, *numbers):
    """An input: the network that `code` makes, starting from `numbers`, or else from numbers drawn for the case."""

    def make(rng):
        if numbers:
            return Network(code, [np.array(array, "float32") for array in numbers])
        shapes = [tuple(p.shape) for p in eval(code, {"nn": nn}).parameters()]
        return Network(code, [rng.uniform(-1, 1, shape).astype("float32") for shape in shapes])

    return run.built(code, make)


def started(library, network, loss, optimizer):
    """(model, loss function, optimizer), fresh, in minigrad or in PyTorch."""
    model = network.made(library)
    return model, getattr(library.nn.functional, loss), eval(optimizer, {"optim": library.optim, "model": model})


def watched(model, note):
    """Call `note(output)` whenever the model has answered."""
    inner = model.forward

    def forward(*inputs):
        output = inner(*inputs)
        note(output)
        return output

    model.forward = forward


def a_number(name, answer):
    """The answer, which is to be one of Python's numbers."""
    if isinstance(answer, mg.Tensor):
        raise run.WrongForm(f"{name} must return a Python number, and returned a tensor. .item() takes it out.")
    return answer


class Batches:
    """Pairs (inputs, targets) of a library's tensors, in a new order whenever they are gone through: turned round."""

    def __init__(self, library, pairs, turns=False):
        self.pairs = [tuple(library.tensor(array) for array in pair) for pair in pairs]
        self.turns, self.passes = turns, 0

    def __len__(self):
        return len(self.pairs)

    def __iter__(self):
        self.passes += 1
        return iter(self.pairs[::-1] if self.turns and self.passes % 2 == 0 else self.pairs)


TWO_LAYERS = "nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 2))"
MSE, BINARY, CROSS = (Code(x) for x in ("mse_loss", "binary_cross_entropy_with_logits", "cross_entropy"))
SGD = Code("optim.SGD(model.parameters(), lr=0.1)")
MOMENTUM = Code("optim.SGD(model.parameters(), lr=0.1, momentum=0.9)")
ONE_ROW, LAST_ROW = (exactly([[2]]), exactly([[3]])), (exactly([[2]]), exactly([[-3]]))
TWO_ROWS = exactly([[1], [-1]]), exactly([[3], [1]])
LINE = network("nn.Linear(1, 1)", [[1.0]], [0.0]), MSE, SGD


# ---- train_step ----


def steps_of(library, function, network, loss, optimizer, inputs, targets, steps=1, left=None):
    """What is seen of a few training steps: each one's loss, and the parameters after it."""
    model, loss, optimizer = started(library, network, loss, optimizer)
    inputs, targets = library.tensor(inputs), library.tensor(targets)
    if left:
        loss(model(inputs), targets).backward()
    for step in range(1, steps + 1):
        yield f"the loss of step {step}", function(model, loss, optimizer, inputs, targets)
        for name, parameter in model.named_parameters():
            yield f"{name} after step {step}", parameter.detach().clone()


def stepped(function, inputs, options, seed):
    def held(*inputs):
        return a_number("train_step", function(*inputs))

    return steps_of(mg, held, *inputs, **options)


def stepped_by_torch(*inputs, **options):
    yield from steps_of(torch, train_step, *inputs, **options)


@chapter.exercise(
    points=3,
    minutes=10,
    run=stepped,
    cases=[
        given(
            "the model says 1 * 2 = 2 and should say 3: loss 1, slope -4, and so the weight goes from 1 to 1.4",
            *LINE,
            *ONE_ROW,
        ),
        given(
            "three steps: each one goes by its own slope, and not by those before it",
            *LINE,
            *TWO_ROWS,
            steps=3,
        ),
        given(
            "somebody has called backward() before, and left slopes behind",
            *LINE,
            *ONE_ROW,
            left=Code("loss_function(model(inputs), targets).backward()"),
        ),
        given(
            "what the model says comes first, what it should say second: here the two are not alike",
            network(TWO_LAYERS),
            CROSS,
            SGD,
            normal(3, 2),
            integers(0, 2, 3),
            steps=2,
        ),
        given(
            "the optimizer was given the last layer only: the first one stays as it is",
            network(TWO_LAYERS),
            CROSS,
            Code("optim.SGD(model[2].parameters(), lr=0.5)"),
            normal(2, 2),
            integers(0, 2, 2),
            steps=2,
        ),
        given(
            "an optimizer with a memory (momentum): its step is more than its rate times the slope",
            network("nn.Linear(2, 1)"),
            BINARY,
            MOMENTUM,
            normal(3, 2),
            exactly([[1], [0], [1]]),
            steps=2,
        ),
    ],
    torch=stepped_by_torch,
    hints=(
        "Five things happen in a step, and you have met each of them: guess, measure, find the slopes, go, forget. "
        "Which of them must be done before which?",
        "Forget the old slopes (optimizer.zero_grad()), compute the loss from what the model says and what it should "
        "say, find the slopes (backward()), let the optimizer go (step()). The loss that you return is a tensor with "
        "a whole graph behind it; .item() takes the number out.",
        """
        optimizer.zero_grad()
        loss = loss_function(..., ...)
        loss...
        optimizer...
        return loss...
        """,
    ),
)
def train_step(model, loss_function, optimizer, inputs, targets):
    """Learn from one batch: one step of the optimizer.

    model            called with inputs, gives outputs
    loss_function    called with outputs and targets, in this order, gives one number (a tensor)
    optimizer        made for the model's parameters, or for some of them

    Gives the loss that the model had before the step, as a Python float. Slopes that were there before count for
    nothing.

    >>> model = nn.Linear(2, 1)
    >>> optimizer = optim.SGD(model.parameters(), lr=0.1)
    >>> loss = train_step(model, nn.functional.mse_loss, optimizer, mg.ones(4, 2), mg.zeros(4, 1))
    """
    ### BEGIN SOLUTION
    optimizer.zero_grad()
    loss = loss_function(model(inputs), targets)
    loss.backward()
    optimizer.step()
    return loss.item()
    ### END SOLUTION


def fresh_sgd(rng):
    """An optimizer with settings that nobody has seen."""
    settings = rng.uniform((0.05, 0.3), (0.5, 0.9)).round(3)
    return Code("optim.SGD(model.parameters(), lr={}, momentum={})".format(*settings))


@chapter.hidden("train_step")
def steps_unseen(rng):
    """Networks of sizes, and optimizers with settings, that nobody has seen."""
    several = []
    for left in (None, Code("loss_function(model(inputs), targets).backward()")):
        columns, classes, count = map(int, rng.integers(2, 7, 3))
        batch = normal(count, columns), integers(0, classes, count)
        of = network(f"nn.Sequential(nn.Linear({columns}, 4), nn.Tanh(), nn.Linear(4, {classes}))")
        several.append(given("a network nobody has seen", of, CROSS, fresh_sgd(rng), *batch, steps=2, left=left))
    return several


@chapter.way("train_step", "The slopes may be forgotten later, too, as long as it is before backward().")
def forgets_late(model, loss_function, optimizer, inputs, targets):
    outputs = model(inputs)
    loss = loss_function(outputs, targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach().item()


chapter.wrong(
    "train_step",
    "backward() adds to the slopes that are there already, and nobody has forgotten those.",
    "    optimizer.zero_grad()\n",
    "",
)
chapter.wrong(
    "train_step",
    "The slopes are forgotten at the end of the step. What somebody left behind before the first one still counts. "
    "Where is forgetting safe, whatever happened before?",
    "    optimizer.zero_grad()\n    loss = loss_function(model(inputs), targets)\n    loss.backward()\n"
    "    optimizer.step()\n",
    "    loss = loss_function(model(inputs), targets)\n    loss.backward()\n    optimizer.step()\n"
    "    optimizer.zero_grad()\n",
)
chapter.wrong(
    "train_step",
    "Nothing moves. Either no step is taken, or there are no slopes at that moment: not yet found, or forgotten just "
    "before. Say aloud what each line leaves behind for the next.",
    "    loss.backward()\n    optimizer.step()\n",
    "    optimizer.step()\n    loss.backward()\n",
)
chapter.wrong(
    "train_step",
    "The loss function gets its two inputs the wrong way round. For the squared error that is all the same; for most "
    "losses it is not.",
    "loss_function(model(inputs), targets)",
    "loss_function(targets, model(inputs))",
)
chapter.wrong(
    "train_step",
    "What comes back is a tensor, and behind it hangs the graph of the whole step. Who keeps a list of these fills the "
    "memory. How is a plain number taken out?",
    "return loss.item()",
    "return loss",
)
chapter.wrong(
    "train_step",
    "That is the loss after the step. It costs another walk through the model; asked is the one that you have.",
    "return loss.item()",
    "return loss_function(model(inputs), targets).item()",
)
chapter.wrong(
    "train_step",
    "Inside no_grad() nothing is recorded, and so there is no way back for backward(). no_grad() is for looking, not "
    "for learning.",
    "    loss = loss_function(model(inputs), targets)\n",
    "    with mg.no_grad():\n        loss = loss_function(model(inputs), targets)\n",
)


@chapter.wrong(
    "train_step",
    "The step is taken by hand, with a rate of its own. The optimizer knows its rate, its parameters and its memory: "
    "leave it to optimizer.step().",
)
def by_hand(model, loss_function, optimizer, inputs, targets):
    model.zero_grad()
    loss = loss_function(model(inputs), targets)
    loss.backward()
    with mg.no_grad():
        for parameter in model.parameters():
            parameter -= 0.1 * parameter.grad
    return loss.item()


# ---- fit ----


def mode(model):
    return "training" if model.training else "eval"


def epochs_of(library, function, network, loss, optimizer, loader, epochs, before="training", turns=False):
    """What is seen of a training: the losses, the modes in which the model answered, the parameters in the end."""
    model, loss, optimizer = started(library, network, loss, optimizer)
    model.train(before == "training")
    modes = []
    watched(model, lambda output: modes.append(mode(model)))
    yield "the losses", function(model, loss, optimizer, Batches(library, loader, turns), epochs)
    yield "the mode in each step", modes
    for name, parameter in model.named_parameters():
        yield f"{name} at the end", parameter.detach().clone()


def fitted(function, inputs, options, seed):
    def held(*inputs):
        losses = function(*inputs)
        if not isinstance(losses, list):
            raise run.WrongForm(f"fit must return a list with a loss for every epoch. It returned {kind(losses)}.")
        return [a_number("each element of the list that fit returns", loss) for loss in losses]

    return epochs_of(mg, held, *inputs, **options)


def fitted_by_torch(*inputs, **options):
    yield from epochs_of(torch, fit, *inputs, **options)


@chapter.exercise(
    points=4,
    minutes=15,
    run=fitted,
    cases=[
        given("one batch, one epoch: that is one step, and its loss", *LINE, [ONE_ROW], 1),
        given("the same batch again and again: three epochs, three losses", *LINE, [ONE_ROW], 3),
        given(
            "two batches of the same size: the epoch's loss is the mean over both",
            *LINE,
            [ONE_ROW, LAST_ROW],
            2,
        ),
        given(
            "the last batch is smaller: a mean over rows, in which each row counts the same",
            *LINE,
            [TWO_ROWS, LAST_ROW],
            2,
        ),
        given(
            "a loader that shuffles: whenever it is gone through, the batches come in another order",
            *LINE,
            [TWO_ROWS, LAST_ROW],
            2,
            turns=True,
        ),
        given(
            "the model comes in eval mode, since somebody measured it. One learns in training mode",
            *LINE,
            [ONE_ROW],
            2,
            before=Code("eval"),
        ),
        given("no epochs: nothing happens, and there are no losses", *LINE, [ONE_ROW], 0),
        given(
            "two layers, momentum, classes",
            network(TWO_LAYERS),
            CROSS,
            MOMENTUM,
            [(normal(3, 2), integers(0, 2, 3)), (normal(1, 2), integers(0, 2, 1))],
            2,
        ),
    ],
    torch=fitted_by_torch,
    hints=(
        "Two loops, one inside the other: epochs, and batches. What begins at nothing again with each epoch?",
        "Put the model into training mode (model.train()). For each batch, your train_step gives the mean loss of its "
        "rows. For the mean over all rows of the epoch, take that times the number of rows, add up, and divide by all "
        "rows in the end. The number of rows of a tensor is len(inputs).",
        """
        losses = []
        for _ in range(epochs):
            model...
            total, count = ..., ...
            for inputs, targets in loader:
                total += train_step(...) * ...
                count += ...
            losses.append(...)
        return losses
        """,
    ),
    needs=("train_step",),
)
def fit(model, loss_function, optimizer, loader, epochs):
    """Learn from all batches, `epochs` times over, and say how it went.

    loader    gives pairs (inputs, targets), each time it is gone through; perhaps in another order, and perhaps with
              fewer rows in the last one: a DataLoader, or a list of pairs

    Gives a list with a float for every epoch: the mean loss over all its rows, each as it was in its own step.
    The model learns in training mode, whatever mode it came in.

    >>> model = nn.Linear(2, 1)
    >>> optimizer = optim.SGD(model.parameters(), lr=0.1)
    >>> losses = fit(model, nn.functional.mse_loss, optimizer, [(mg.ones(4, 2), mg.zeros(4, 1))], epochs=10)
    >>> len(losses)
    10
    """
    ### BEGIN SOLUTION
    losses = []
    for _ in range(epochs):
        model.train()
        total, count = 0.0, 0
        for inputs, targets in loader:
            total += train_step(model, loss_function, optimizer, inputs, targets) * len(inputs)
            count += len(inputs)
        losses.append(total / count)
    return losses
    ### END SOLUTION


@chapter.hidden("fit")
def loaders_unseen(rng):
    """Networks, batches and epochs that nobody has seen."""
    several = []
    for mode in ("training", "eval"):
        columns, classes, *counts = map(int, rng.integers(2, 7, 5))
        batches = [(normal(count, columns), integers(0, classes, count)) for count in counts]
        model, epochs, turns = network(f"nn.Linear({columns}, {classes})"), int(rng.integers(2, 5)), mode == "eval"
        more = {"before": Code(mode), "turns": turns}
        several.append(given("a loader nobody has seen", model, CROSS, fresh_sgd(rng), batches, epochs, **more))
    return several


@chapter.way("fit", "A list of what each step gave, and a weighted mean of NumPy's.")
def with_numpy(model, loss_function, optimizer, loader, epochs):
    losses = []
    for _ in range(epochs):
        model.train()
        steps = [(train_step(model, loss_function, optimizer, x, y), len(x)) for x, y in loader]
        values, sizes = zip(*steps)
        losses.append(float(np.average(values, weights=sizes)))
    return losses


chapter.wrong(
    "fit",
    "This is the mean over batches. If the last one is smaller, its rows count for more than the others.",
    ") * len(inputs)\n            count += len(inputs)",
    ")\n            count += 1",
)
chapter.wrong(
    "fit",
    "Each batch's loss is a mean already. Their sum, divided by the number of rows, comes out far too small: a famous "
    "mistake, since it looks like success.",
    ") * len(inputs)\n",
    ")\n",
)
chapter.wrong(
    "fit",
    "This is the loss of the last batch of each epoch. Asked is the mean over all of them.",
    "            total += train_step(model, loss_function, optimizer, inputs, targets) * len(inputs)\n"
    "            count += len(inputs)\n",
    "            total, count = train_step(model, loss_function, optimizer, inputs, targets), 1\n",
)
chapter.wrong(
    "fit",
    "There is a loss for every step here, and not for every epoch.",
    "        losses.append(total / count)",
    "            losses.append(total / count)\n            total, count = 0.0, 0",
)
chapter.wrong(
    "fit",
    "The model stays in whatever mode it came in. After a measurement that is eval mode, and dropout sleeps.",
    "        model.train()\n",
    "",
)
chapter.wrong(
    "fit",
    "One walk through the loader serves for all epochs: in the second there is no batch left. An iterator is used up "
    "once it is through; a loader can be gone through again.",
    "    losses = []\n    for _ in range(epochs):",
    "    losses, loader = [], iter(loader)\n    for _ in range(epochs):",
)
chapter.wrong(
    "fit",
    "The sum goes on from epoch to epoch: each loss contains all those before it. What must begin afresh, and where?",
    "    for _ in range(epochs):\n        model.train()\n        total, count = 0.0, 0\n",
    "    total, count = 0.0, 0\n    for _ in range(epochs):\n        model.train()\n",
)
chapter.wrong(
    "fit",
    "It returns after the first epoch. Which loop does the `return` belong behind?",
    "    return losses",
    "        return losses\n    return losses",
)


# ---- evaluate ----


def looked_at(library, function, network, loader, before="training"):
    """What is seen of a measurement: the accuracy, and how the model was used and left."""
    model = network.made(library)
    model.train(before == "training")
    modes, recorded = [], []
    watched(model, lambda output: (modes.append(mode(model)), recorded.append(output.requires_grad)))
    yield "the accuracy", function(model, Batches(library, loader))
    yield "the modes while it answered", modes
    yield "which of its answers were recorded", recorded
    yield "the mode afterwards", mode(model)


def looked_at_facts(observed, inputs, options, seed):
    """What was seen; of the single answers, what is common to them."""
    for name, value in observed:
        if name == "the modes while it answered":
            yield "the mode while it answered", ", ".join(sorted(set(value)))
        elif name == "which of its answers were recorded":
            yield "whether its answers were recorded", any(value)
        else:
            yield name, value


@run.concluded(looked_at_facts)
def evaluated(function, inputs, options, seed):
    def held(*inputs):
        return a_number("evaluate", function(*inputs))

    with random.seeded(seed):  # where dropout is left on, it drops the same each time
        yield from looked_at(mg, held, *inputs, **options)


def evaluated_by_torch(*inputs, **options):
    with torch.no_grad():
        yield from looked_at_facts(looked_at(torch, evaluate, *inputs, **options), inputs, options, 0)


SAME = network("nn.Linear(2, 2, bias=False)", [[1.0, 0.0], [0.0, 1.0]])


def labels(*numbers):
    return exactly(list(numbers), "int64")


@chapter.exercise(
    points=3,
    minutes=10,
    run=evaluated,
    cases=[
        given(
            "a model whose scores are its inputs: three of four rows are right",
            SAME,
            [(exactly([[1, 3], [2, 0], [0, 1], [5, 4]]), labels(1, 0, 0, 0))],
        ),
        given(
            "two batches, the second smaller: 3 right of 4 rows, and not the mean of 1 and 0",
            SAME,
            [(exactly([[0, 1], [1, 0], [0, 2]]), labels(1, 0, 1)), (exactly([[3, 2]]), labels(1))],
        ),
        given(
            "with dropout: it drops in training mode only, so it must not be in that now",
            network("nn.Sequential(nn.Dropout(0.9), nn.Linear(8, 3))"),
            [(normal(20, 8), integers(0, 3, 20))],
        ),
        given(
            "a model that came in eval mode is left in eval mode",
            SAME,
            [(exactly([[1, 2], [0, 3]]), labels(1, 1))],
            before=Code("eval"),
        ),
        given("none is right: 0.0", SAME, [(exactly([[1, 2], [0, 3]]), labels(0, 0))]),
    ],
    torch=evaluated_by_torch,
    hints=(
        "The answer of a row is where its largest score stands; count how often that is the label. Around this, three "
        "things: how must the model behave, what need not be recorded, and how was it when it came?",
        "Note model.training, call model.eval(), and put the mode back in the end: model.train(was). Inside "
        "mg.no_grad(), go through the loader: add up the rows that are right, and all rows. argmax(1) gives the "
        "answers.",
        """
        was = model...
        model...
        right, count = 0, 0
        with ...:
            for inputs, labels in loader:
                right += (... == labels).sum().item()
                count += ...
        model.train(...)
        return ...
        """,
    ),
)
def evaluate(model, loader):
    """The share of rows for which the model's largest score stands at the label: a Python float from 0 to 1.

    model     gives scores (N, C)
    loader    gives pairs (inputs, labels), with labels (N,) from 0 to C - 1

    The model answers in eval mode, and nothing is recorded. Afterwards it is in the mode that it came in.

    >>> model = nn.Linear(2, 2)
    >>> 0 <= evaluate(model, [(mg.randn(10, 2), mg.zeros(10, dtype=mg.int64))]) <= 1
    True
    """
    ### BEGIN SOLUTION
    was = model.training
    model.eval()
    right, count = 0, 0
    with mg.no_grad():
        for inputs, labels in loader:
            right += (model(inputs).argmax(1) == labels).sum().item()
            count += len(labels)
    model.train(was)
    return right / count
    ### END SOLUTION


@chapter.hidden("evaluate")
def measurements_unseen(rng):
    """Networks with dropout, and batches, that nobody has seen."""
    several = []
    for mode in ("training", "eval"):
        columns, classes = map(int, rng.integers(3, 8, 2))
        model = network(f"nn.Sequential(nn.Dropout(0.5), nn.Linear({columns}, {classes}))")
        counts = map(int, rng.integers(3, 12, 3))
        batches = [(normal(count, columns), integers(0, classes, count)) for count in counts]
        several.append(given("rows nobody has seen", model, batches, before=Code(mode)))
    return several


@chapter.way("evaluate", "With try and finally, the mode is put back even where a batch raises an error.")
def whatever_happens(model, loader):
    was, answers = model.training, []
    model.eval()
    try:
        with mg.no_grad():
            for inputs, labels in loader:
                answers += (model(inputs).argmax(1) == labels).tolist()
    finally:
        model.train(was)
    return sum(answers) / len(answers)


@chapter.wrong(
    "evaluate",
    "The counting is right, but the model is used as it came: in training mode, dropout drops, and everything is "
    "recorded. How should it behave while it is measured, and how be left afterwards?",
)
def as_it_came(model, loader):
    right, count = 0, 0
    for inputs, labels in loader:
        right += (model(inputs).argmax(1) == labels).sum().item()
        count += len(labels)
    return right / count


chapter.wrong(
    "evaluate",
    "It measures in training mode: dropout goes on dropping, and the model looks worse than it is.",
    "    model.eval()\n",
    "",
)
chapter.wrong(
    "evaluate",
    "All of this is recorded, and nobody will ever go back. It costs memory: the graph of every batch.",
    "with mg.no_grad():",
    "if True:",
)
chapter.wrong(
    "evaluate",
    "The model is left in eval mode. Whoever goes on training it does so without dropout, and no error will say so.",
    "    model.train(was)\n",
    "",
)
chapter.wrong(
    "evaluate",
    "The model is always left in training mode, even if it came in eval mode. Put back what was.",
    "model.train(was)",
    "model.train()",
)
chapter.wrong(
    "evaluate",
    "This is how many are right. Their share is that, divided by the number of rows.",
    "return right / count",
    "return right",
)
chapter.wrong(
    "evaluate",
    "This is the mean of the batches' accuracies. A row in a small batch then counts for more than one in a large.",
    "            right += (model(inputs).argmax(1) == labels).sum().item()\n            count += len(labels)",
    "            right += (model(inputs).argmax(1) == labels).float().mean().item()\n            count += 1",
)
chapter.wrong(
    "evaluate",
    "A tensor comes back. A plain number is easier to print, to compare and to keep: .item() takes it out.",
    ".sum().item()",
    ".sum()",
)


# ---- fix_the_classifier ----

SHAPES = [(5, 10), (5,), (1, 5), (1,)]
TARGETS = np.array([[1.0], [0.0], [0.0], [1.0]], "float32")
EPOCHS = 100


def probe(inputs):
    """(weights, four rows): drawn, and others for other inputs."""
    rng = np.random.default_rng(np.frombuffer(inputs.tobytes(), "uint32"))
    weights = [rng.uniform(-0.4, 0.4, shape).astype("float32") for shape in SHAPES]
    weights[3][:] = 0.5  # most scores lie between 0 and 1 then, where clamp(0, 1) does nothing, and is no sigmoid
    return weights, rng.standard_normal((4, 10)).astype("float32")


def like(output, numbers):
    """Targets as floats, in the shape in which the net gives its outputs, (N, 1) or (N,)."""
    return mg.tensor(np.float32(numbers)).reshape(output.shape)


def repaired_facts(observed, inputs, options, seed):
    """What was seen; of the losses, how far down they came; of the trained weights, what they say of each row."""
    trained = []
    for name, value in observed:
        if name == "the trained weights":
            trained = value
        elif name == "the losses":
            yield "how many losses there are", len(value)
            low = "below 0.3" if value[-1] < 0.3 else "below the first"
            yield "the last loss", low if value[-1] < value[0] else "no lower than the first"
            yield "whether 9 of 10 rows are right at the end", right_share(trained, *inputs) >= 0.9
        else:
            yield name, value


def right_share(weights, inputs, labels):
    """How many rows lie on the right side, by a net with these weights."""
    if [np.shape(weight) for weight in weights] != SHAPES:
        raise run.WrongForm("the net must have two layers, nn.Linear(10, 5) and nn.Linear(5, 1)")
    w1, b1, w2, b2 = weights
    scores = np.maximum(inputs @ w1.T + b1, 0) @ w2.T + b2
    return float(((scores[:, 0] > 0) == labels).mean())


@run.concluded(repaired_facts)
def repaired(function, inputs, options, seed):
    """The net at known weights: its loss and slopes; and what training has made of it.

    Whether the net ends with a sigmoid is its own affair: net and loss function are judged together.
    """
    with random.seeded(seed):
        answer = function(*map(mg.tensor, inputs))
    if not isinstance(answer, tuple) or len(answer) != 3 or not isinstance(answer[0], nn.Module):
        raise run.WrongForm("fix_the_classifier must return three things: return net, loss_function, losses")
    net, loss_function, losses = answer
    yield "the shapes of the net's parameters", [tuple(p.shape) for p in net.parameters()]

    yield "the trained weights", [p.detach().numpy().copy() for p in net.parameters()]

    weights, four = probe(inputs[0])
    net.load_state_dict(dict(zip(net.state_dict(), weights)))
    net.zero_grad()
    outputs = net(mg.tensor(four))
    loss = loss_function(outputs, like(outputs, TARGETS))
    loss.backward()
    yield "the loss of four rows, at weights of ours", loss
    for number, parameter in enumerate(net.parameters(), start=1):
        yield f"the slope of it along parameter {number}", parameter.grad

    yield "the losses", [loss.item() if hasattr(loss, "item") else loss for loss in losses]


def repaired_by_torch(inputs, labels):
    net = torch.nn.Sequential(torch.nn.Linear(10, 5), torch.nn.ReLU(), torch.nn.Linear(5, 1))
    weights, four = probe(inputs)
    net.load_state_dict(dict(zip(net.state_dict(), map(torch.tensor, weights))))
    loss = torch.nn.BCEWithLogitsLoss()(net(torch.tensor(four)), torch.tensor(TARGETS))
    loss.backward()
    yield "the shapes of the net's parameters", SHAPES
    yield "the loss of four rows, at weights of ours", loss
    for number, parameter in enumerate(net.parameters(), start=1):
        yield f"the slope of it along parameter {number}", parameter.grad
    yield "how many losses there are", EPOCHS
    yield "the last loss", "below 0.3"
    yield "whether 9 of 10 rows are right at the end", True


def patients(count, share, rng=None):
    """(inputs, labels): rows of ten numbers, of which those are 1 that lie on one side of a plane."""
    x = (rng or np.random.default_rng(count)).standard_normal((count, 10)).round(2)
    side = x[:, :5].sum(1) - x[:, 5:].sum(1)
    if rng:  # another plane
        side = x @ rng.choice([-1, 1], 10)
    return exactly(x), exactly(side > np.quantile(side, 1 - share), "int64")


@chapter.exercise(
    points=4,
    minutes=20,
    run=repaired,
    cases=[
        given("24 rows, half of them 1", *patients(24, 0.5)),
        given("40 rows, a quarter of them 1", *patients(40, 0.25)),
        given(
            "12 rows with labels by chance: nothing to understand, but few enough to learn by heart",
            normal(12, 10),
            exactly([0, 1] * 6, "int64"),
        ),
    ],
    torch=repaired_by_torch,
    hints=(
        "Three names are never made; that is quickly mended. Then it runs, or stops at the loss. Which numbers does "
        "BCELoss want, and which does a Linear layer give? And once that is right: look at the losses it prints.",
        "A probability lies between 0 and 1; a score may be any number. Either a sigmoid ends the net, or the loss "
        "takes scores (nn.BCEWithLogitsLoss: the better of the two). Targets are floats, in the shape of what the net "
        "gives, (N, 1). And 100 steps of 0.01 hardly lead anywhere: try larger ones.",
        """
        net = nn.Sequential(nn.Linear(10, 5), ..., nn.Linear(5, 1))
        loss_function = ...
        optimizer = optim.SGD(net.parameters(), lr=...)
        targets = labels...  # floats, (N, 1)
        losses = fit(net, loss_function, optimizer, [(inputs, targets)], epochs=100)
        return net, loss_function, losses
        """,
    ),
    needs=("train_step", "fit"),
)
def fix_the_classifier(inputs, labels):
    """Make the net of the printed program, 10 -> 5 -> 1 with a relu between, and train it, so that it learns.

    inputs: floats (N, 10)    labels: integers (N,), each 0 or 1

    Gives (net, loss_function, losses): the trained net, an nn.Module; the loss function that belongs to it, called with
    what the net gives and with targets, floats 0.0 and 1.0 of the same shape; and a list of 100 losses, one for each
    epoch. Take what optimizer and learning rate you like. The last loss is to be below 0.3.
    """
    ### BEGIN SOLUTION
    net = nn.Sequential(nn.Linear(10, 5), nn.ReLU(), nn.Linear(5, 1))
    loss_function = nn.BCEWithLogitsLoss()  # a sigmoid and BCELoss in one, safe at large scores
    optimizer = optim.SGD(net.parameters(), lr=0.5, momentum=0.9)
    targets = labels.float().unsqueeze(1)  # (N, 1), as the net gives them
    losses = fit(net, loss_function, optimizer, [(inputs, targets)], epochs=100)
    return net, loss_function, losses
    ### END SOLUTION


@chapter.hidden("fix_the_classifier")
def patients_unseen(rng):
    """Rows that nobody has seen, on the two sides of a plane that nobody has seen."""
    return [given("rows nobody has seen", *patients(int(rng.integers(20, 40)), share, rng)) for share in (0.5, 0.3)]


@chapter.way("fix_the_classifier", "A sigmoid ends the net, which then gives probabilities, and BCELoss takes those.")
def with_a_sigmoid(inputs, labels):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1 = nn.Linear(10, 5)
            self.fc2 = nn.Linear(5, 1)

        def forward(self, x):
            return self.fc2(F.relu(self.fc1(x))).sigmoid()

    net, loss_function = Net(), nn.BCELoss()
    optimizer = optim.Adam(net.parameters(), lr=0.1)
    targets = labels.float().reshape(-1, 1)
    losses = [train_step(net, loss_function, optimizer, inputs, targets) for _ in range(100)]
    return net, loss_function, losses


chapter.wrong(
    "fix_the_classifier",
    "BCELoss wants probabilities, from 0 to 1, and the net gives raw scores, which may be anything. PyTorch stops here "
    "as well. Who makes a probability of a score?",
    "nn.BCEWithLogitsLoss()",
    "nn.BCELoss()",
)
chapter.wrong(
    "fix_the_classifier",
    "There is a sigmoid in the net, and one more in the loss. A probability taken for a score lies between 0 and 1, so "
    "the loss believes that nothing is ever less likely than a half.",
    "nn.Linear(5, 1))",
    "nn.Linear(5, 1), nn.Sigmoid())",
)
chapter.wrong(
    "fix_the_classifier",
    "Loss and net are right, but it hardly learns: 100 steps of 0.01 are a short way. That is how it is printed.",
    "lr=0.5, momentum=0.9",
    "lr=0.01",
)
chapter.wrong(
    "fix_the_classifier",
    "The net gives a column, (N, 1), and the labels are a row, (N,). Broadcast, that would be a table of all against "
    "all. Make a column of the labels, or a row of the scores.",
    ".unsqueeze(1)  # (N, 1), as the net gives them",
    "",
)


@chapter.wrong(
    "fix_the_classifier",
    "The score is cut off at 0 and 1, so that BCELoss takes it. But what is cut off has no slope, and 0 as a score is "
    "no probability of a half. What turns any score into a probability, smoothly?",
)
def cut_off(inputs, labels):
    class Net(nn.Module):
        def __init__(self):
            self.fc1, self.fc2 = nn.Linear(10, 5), nn.Linear(5, 1)

        def forward(self, x):
            return self.fc2(F.relu(self.fc1(x))).clamp(0, 1)

    net, loss_function = Net(), nn.BCELoss()
    optimizer = optim.SGD(net.parameters(), lr=0.5)
    return net, loss_function, fit(net, loss_function, optimizer, [(inputs, labels.float().unsqueeze(1))], epochs=100)


@chapter.wrong(
    "fix_the_classifier",
    "The softmax of a single score is always 1: it has nobody to share with. Softmax is for several classes; for one "
    "score there is the sigmoid.",
)
def softmax_of_one(inputs, labels):
    net = nn.Sequential(nn.Linear(10, 5), nn.ReLU(), nn.Linear(5, 1), nn.Softmax(dim=1))
    loss_function, optimizer = nn.BCELoss(), optim.SGD(net.parameters(), lr=0.5)
    return net, loss_function, fit(net, loss_function, optimizer, [(inputs, labels.float().unsqueeze(1))], epochs=100)


@chapter.wrong(
    "fix_the_classifier",
    "Cross-entropy compares the scores of several classes. With one score there is one class, of probability 1, and "
    "the loss is 0 before anything is learned. Which loss is for yes or no?",
)
def one_class(inputs, labels):
    net = nn.Sequential(nn.Linear(10, 5), nn.ReLU(), nn.Linear(5, 1))
    loss_function, optimizer = nn.CrossEntropyLoss(), optim.SGD(net.parameters(), lr=0.5)
    return net, loss_function, fit(net, loss_function, optimizer, [(inputs, labels.float().unsqueeze(1))], epochs=100)


@chapter.wrong(
    "fix_the_classifier",
    "The squared error of a probability learns something. But it is not the loss of the printed program, and where the "
    "sigmoid is flat, a net that is quite wrong has hardly any slope.",
)
def squared(inputs, labels):
    net = nn.Sequential(nn.Linear(10, 5), nn.ReLU(), nn.Linear(5, 1), nn.Sigmoid())
    loss_function, optimizer = nn.MSELoss(), optim.SGD(net.parameters(), lr=0.5, momentum=0.9)
    return net, loss_function, fit(net, loss_function, optimizer, [(inputs, labels.float().unsqueeze(1))], epochs=100)


# ---- why_no_learning ----

REMEDIES = {
    "gradients add up": "zero_grad() in every step",
    "learning rate too high": "a smaller learning rate",
    "dead relus": "biases near 0 at the start",
    "labels shuffled": "shuffle inputs and labels alike",
    "eval mode kept on": "train() before every epoch",
}
FIXES = [*REMEDIES.values(), "more epochs", "a larger network", "clip the gradients", "eval() before every epoch"]


@dataclass(frozen=True, eq=False)
class Record:
    """What was written down while a network was trained, in arrays.

    loss             (steps,) of each batch, before the step that was learned from it
    gradient_norm    (steps,) the length of all gradients together, as the optimizer found them
    hidden           (steps, rows, units) what the relu gave
    handed_on        (steps, rows, units) the same after dropout
    test_loss        (epochs,) of points not learned from, after each epoch
    """

    loss: np.ndarray
    gradient_norm: np.ndarray
    hidden: np.ndarray
    handed_on: np.ndarray
    test_loss: np.ndarray

    def __repr__(self):
        return f"a run of {len(self.loss)} steps"


def points(shape, rng, count=80):
    """(x, y): points of a plane, (count, 2), and whether they belong to the class, floats (count, 1)."""
    x = rng.standard_normal((count, 2))
    if shape == "ring":
        far = np.hypot(*x.T) > 1.2
        x *= np.where(far, 1.25, 0.8)[:, None]
        return x.astype("float32"), far.astype("float32")[:, None]
    x += 0.3 * np.sign(x)
    return x.astype("float32"), (x[:, :1] * x[:, 1:] > 0).astype("float32")


def recorded(shape, broken=None, *, seed=0, epochs=15, batch=20, lr=0.3):
    """Train a small network on a "ring" or on "corners", break it in one way, and write down what happens.

    broken: a cause of REMEDIES; None for a run that is in order
    """
    rng = np.random.default_rng(seed)
    x, y = points(shape, rng)
    test_x, test_y = map(mg.tensor, points(shape, rng))
    rate = 100 * lr if broken == "learning rate too high" else lr
    written = {name: [] for name in Record.__annotations__}
    with random.seeded(seed):
        model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Dropout(0.25), nn.Linear(16, 1))
        optimizer = optim.SGD(model.parameters(), lr=rate)
        if broken == "dead relus":
            with mg.no_grad():
                model[0].bias -= 10
        if broken == "labels shuffled":
            y = rng.permutation(y)
        for epoch in range(epochs):
            if epoch == 0 or broken != "eval mode kept on":
                model.train()
            order = rng.permutation(len(x))
            for rows in order.reshape(-1, batch):
                if broken != "gradients add up":
                    optimizer.zero_grad()
                hidden = model[1](model[0](mg.tensor(x[rows])))
                handed_on = model[2](hidden)
                loss = F.binary_cross_entropy_with_logits(model[3](handed_on), mg.tensor(y[rows]))
                loss.backward()
                written["loss"].append(loss.item())
                squares = sum((p.grad**2).sum().item() for p in model.parameters())
                written["gradient_norm"].append(squares**0.5)
                written["hidden"].append(hidden.detach().numpy())
                written["handed_on"].append(handed_on.detach().numpy())
                optimizer.step()
            model.eval()
            with mg.no_grad():
                written["test_loss"].append(F.binary_cross_entropy_with_logits(model(test_x), test_y).item())
    return Record(**{name: np.array(values) for name, values in written.items()})


class Runs(dict):
    """Records by name; it shows itself as the call that makes it. `plain`: the arrays alone, which do not tell it."""

    def __init__(self, call, records):
        super().__init__(records)
        self.call = call

    def plain(self):
        return {name: vars(record) for name, record in self.items()}

    def __repr__(self):
        return self.call


@cache
@np.errstate(over="ignore")  # far too high a rate ends in infinity
def five_runs(shape="ring", seed=0):
    """The five runs, each broken in another way, called A to E in an order that says nothing: {name: Record}."""
    rng = np.random.default_rng(seed)
    causes = map(str, rng.permutation(list(REMEDIES)))
    records = {name: recorded(shape, cause, seed=int(rng.integers(2**31))) for name, cause in zip("ABCDE", causes)}
    for record in records.values():
        for array in vars(record).values():
            array.setflags(write=False)
    return Runs(f"five_runs({shape!r}, seed={seed})", records)


def diagnosed(function, inputs, options, seed):
    """The causes that were found, run by run, and then the fixes."""
    (runs,) = inputs
    records = runs.plain() if isinstance(runs, Runs) else runs
    answer = function({name: Record(**arrays) for name, arrays in records.items()})
    form = "why_no_learning must return a dict with a pair for every run: {'A': (cause, fix), 'B': ...}"
    if not isinstance(answer, dict):
        raise run.WrongForm(f"{form}. It returned {kind(answer)}.")
    if set(answer) != set(runs):
        raise run.WrongForm(f"{form}. The runs here are {', '.join(runs)}; it has {', '.join(map(str, answer))}.")
    for place, (what, known) in enumerate({"cause": list(REMEDIES), "fix": FIXES}.items()):
        for name in runs:
            pair = answer[name]
            if not isinstance(pair, tuple | list) or len(pair) != 2:
                raise run.WrongForm(f"{form}. For run {name} it has {kind(pair)}.")
            if pair[place] not in known:
                raise run.WrongForm(f"{pair[place]!r} is none of the {what}s. They are: {'; '.join(known)}.")
            yield f"the {what} for run {name}", pair[place]


def runs_on(shape, first=0):
    """An input: five runs, of so many seeds that no list of them can be made."""
    return run.built(f"five runs on {shape}", lambda rng: five_runs(shape, first + int(rng.integers(2**31))))


@chapter.exercise(
    points=5,
    minutes=20,
    run=diagnosed,
    cases=[
        given("points in a disc and around it", runs_on("ring")),
        given("points in the four corners, opposite ones alike", runs_on("corners")),
        given("the disc again: the same five causes, under other names", runs_on("ring", first=1000)),
    ],
    hints=(
        "Don't look at the names, and don't start with the loss. Which of the causes can you see in the activations "
        "alone? And when: at the first step, or at the last?",
        "Dead from the start: no unit is above 0 in hidden[0]. (A run that blew up may be dead at its end. That came "
        "of it, and is not the cause.) A rate too high throws the loss far up within the first few steps. Gradients "
        "that add up begin like any other run; their norm then climbs, until the last ten are well above the first. "
        "Eval mode: in the last step, nothing was dropped. And labels shuffled? All is in good order, and the loss "
        "stays about log 2.",
        """
        found = {}
        for name, record in runs.items():
            if (record.hidden[0] ...).all():
                found[name] = "dead relus", ...
            elif record.loss[:5].max() > ...:
                found[name] = ...
            elif record.gradient_norm[-1] > ...:
                found[name] = ...
            elif (record.handed_on[-1] ... == ...).any():  # something was dropped, though hidden was above 0
                found[name] = ...
            else:
                found[name] = ...
        return found
        """,
    ),
)
def why_no_learning(runs):
    """Say what is wrong with each of five runs, from what was recorded, and what would help.

    runs: a dict {name: record}. A record has arrays:
        loss             (steps,) of each batch, before the step
        gradient_norm    (steps,) the length of all gradients together, as the optimizer found them
        hidden           (steps, rows, units) what the relu gave
        handed_on        (steps, rows, units) the same after dropout, which drops a quarter in training
        test_loss        (epochs,) of points not learned from, after each epoch

    Gives a dict {name: (cause, fix)}. There are two classes, so a net that knows nothing has a loss of log 2 = 0.69.

    causes: "gradients add up", "learning rate too high" (100 times), "dead relus", "labels shuffled" (against their
        inputs), "eval mode kept on" (since the first measurement)
    fixes: "zero_grad() in every step", "a smaller learning rate", "biases near 0 at the start",
        "shuffle inputs and labels alike", "train() before every epoch", "more epochs", "a larger network",
        "clip the gradients", "eval() before every epoch"

    The runs come in any order, and each check draws new ones: write rules, not names.
    """
    ### BEGIN SOLUTION
    found = {}
    for name, record in runs.items():
        if (record.hidden[0] == 0).all():  # in the first step, before anything could go wrong
            found[name] = "dead relus", "biases near 0 at the start"
        elif record.loss[:5].max() > 3 * record.loss[0]:
            found[name] = "learning rate too high", "a smaller learning rate"
        elif record.gradient_norm[-10:].min() > 1.5 * record.gradient_norm[:5].max():
            found[name] = "gradients add up", "zero_grad() in every step"
        elif (record.hidden[-1] == record.handed_on[-1]).all():  # nothing was dropped
            found[name] = "eval mode kept on", "train() before every epoch"
        else:
            found[name] = "labels shuffled", "shuffle inputs and labels alike"
    return found
    ### END SOLUTION


chapter.wrong(
    "why_no_learning",
    "The run with dead relus is taken for one in eval mode. Nothing was dropped there, for nothing was left to drop: "
    "look at what goes into dropout first.",
    "if (record.hidden[0] == 0).all():",
    "if False:",
)
chapter.wrong(
    "why_no_learning",
    "The run with a rate too high is taken for one whose gradients add up: they are large in both. But when do they "
    "grow: at once, or step by step? Look at the first few losses before you look at norms.",
    "elif record.loss[:5].max() > 3 * record.loss[0]:",
    "elif record.gradient_norm.max() > 5 * record.gradient_norm[0]:\n"
    '            found[name] = "gradients add up", "zero_grad() in every step"\n'
    "        elif record.loss[:5].max() > 3 * record.loss[0]:",
)
chapter.wrong(
    "why_no_learning",
    "A flat loss alone does not say why. Two of the runs are flat: in one all units are silent, in the other they "
    "work, in vain.",
    "if (record.hidden[0] == 0).all():",
    "if record.loss[-20:].mean() > 0.6:",
)
chapter.wrong(
    "why_no_learning",
    "Nobody finds eval mode in the first step: there, dropout is still at work. It is switched off by the first "
    "measurement, and stays off. So which step is to be looked at?",
    "record.hidden[-1] == record.handed_on[-1]",
    "record.hidden[0] == record.handed_on[0]",
)
chapter.wrong(
    "why_no_learning",
    "The causes are right. But clipping treats what you see, and not what makes it: the gradients still add up, and "
    "every step goes by sums of old slopes.",
    "zero_grad() in every step",
    "clip the gradients",
)
chapter.wrong(
    "why_no_learning",
    "The causes are right. But who is taught wrong labels learns nothing from hearing them more often.",
    "shuffle inputs and labels alike",
    "more epochs",
)


@chapter.wrong(
    "why_no_learning",
    "This goes by the names. They are dealt out anew for each check, and say nothing: go by what was recorded.",
)
def by_name(runs):
    return dict(zip(runs, REMEDIES.items()))
