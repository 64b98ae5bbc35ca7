"""Chapter 11, CIFAR-10: a network that sees, put right, trained, and looked at."""

from contextlib import ExitStack
from functools import wraps
from unittest.mock import patch

import numpy as np

import minigrad as mg
from minigrad import graph, nn

from ...check import pytorch as torch
from ...check.case import exactly, integers
from .. import run
from ..exercise import Chapter, given

chapter = Chapter("11_cifar10", "CIFAR-10")


# ---- networks: judged by what they compute, with weights that are given ----


def scores(function, inputs, options, seed):
    """What a network is made of, and its scores for some pictures, with weights drawn from the seed."""
    *settings, pictures = inputs
    model = function(*settings, **options)
    if not isinstance(model, nn.Module):
        raise run.WrongForm(f"{function.__name__} must return a model, an nn.Module. Is a `return` missing?")
    yield "the shapes of the parameters", [tuple(parameter.shape) for parameter in model.parameters()]
    rng = np.random.default_rng(seed)
    with mg.no_grad():
        for parameter in model.parameters():
            parameter.copy_(mg.tensor(rng.normal(0, 0.1, parameter.shape).astype("float32")))
    model.eval()
    yield "the scores", model(mg.tensor(pictures))
    yield "the kinds of dropout", [type(m).__name__ for m in model.modules() if type(m).__name__.startswith("Dropout")]


def pictures(count):
    return run.built(
        f"{count} pictures, (3, 32, 32) each",
        lambda rng: rng.standard_normal((count, 3, 32, 32), dtype="float32"),
    )


@chapter.exercise(
    points=3,
    minutes=15,
    run=scores,
    cases=[
        given("ten classes, two pictures", 10, pictures(2)),
        given("another number of classes", 3, pictures(1)),
        given("one picture is a batch, too", 10, pictures(1)),
    ],
    hints=(
        "Write the shapes down, layer by layer, as in the lesson. A 3 x 3 kernel takes two pixels off each length, "
        "pooling halves it and rounds down.",
        "(3, 32, 32) -> conv -> (8, 30, 30) -> pool -> (8, 15, 15) -> conv -> (16, 13, 13) -> pool -> (16, 6, 6) -> "
        "flatten -> 576 -> linear -> classes. nn.Sequential, nn.Conv2d, nn.ReLU, nn.MaxPool2d, nn.Flatten, nn.Linear.",
        """
        def conv_net(classes):
            return nn.Sequential(
                nn.Conv2d(3, 8, 3),
                nn.ReLU(),
                nn.MaxPool2d(2),
                ...,
                nn.Flatten(),
                nn.Linear(..., classes),
            )
        """,
    ),
)
def conv_net(classes):
    """A small convolutional network for pictures of 3 x 32 x 32.

    A convolution to 8 channels, 3 x 3; relu; pooling 2 x 2; one to 16 channels, 3 x 3; relu; pooling 2 x 2; and one
    fully connected layer to `classes` scores. No padding, no dropout, no softmax at the end.

    classes: how many scores    ->    a model: (N, 3, 32, 32) -> (N, classes)
    """
    ### BEGIN SOLUTION
    return nn.Sequential(
        nn.Conv2d(3, 8, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * 6 * 6, classes),
    )
    ### END SOLUTION


@chapter.hidden("conv_net")
def classes_unseen(rng):
    """As many classes and pictures as nobody has seen."""
    several = rng.integers((11, 1), (99, 4), (2, 2)).tolist()
    return [given("classes nobody has seen", classes, pictures(count)) for classes, count in several]


chapter.wrong(
    "conv_net",
    "There is a softmax at the end. The loss takes it itself; scores go out as they are.",
    "nn.Linear(16 * 6 * 6, classes),",
    "nn.Linear(16 * 6 * 6, classes),\n        nn.Softmax(1),",
)
chapter.wrong(
    "conv_net",
    "After the first convolution nothing bends: without a relu, two convolutions are one larger one.",
    "nn.Conv2d(3, 8, 3),\n        nn.ReLU(),",
    "nn.Conv2d(3, 8, 3),",
)
chapter.wrong(
    "conv_net",
    "There is padding, so that pictures shrink less: the last layer then has 16 * 8 * 8 inputs. None was asked for.",
    "nn.Conv2d(3, 8, 3),\n        nn.ReLU(),\n        nn.MaxPool2d(2),\n        nn.Conv2d(8, 16, 3),",
    "nn.Conv2d(3, 8, 3, padding=1),\n        nn.ReLU(),\n        nn.MaxPool2d(2),\n        "
    "nn.Conv2d(8, 16, 3, padding=1),",
)
chapter.wrong(
    "conv_net",
    "The last layer expects another number of inputs than come: 13 pixels, halved, are 6.",
    "16 * 6 * 6",
    "16 * 7 * 7",
)
chapter.wrong(
    "conv_net",
    "There are always ten scores. As many as `classes` are asked for.",
    "16 * 6 * 6, classes",
    "16 * 6 * 6, 10",
)


@chapter.exercise(
    points=4,
    minutes=15,
    run=scores,
    cases=[
        given("two pictures of CIFAR-10's size", pictures(2)),
        given("one picture", pictures(1)),
    ],
    hints=(
        "Make it and call it with four pictures. Each time it stops, the message says which numbers do not fit. Two "
        "mistakes make no noise at all; for those, think about what each line is for.",
        "The pictures have three channels. 32 pixels become 30, 28, and 14 after pooling: 64 * 14 * 14. Dropout2d "
        "drops whole channels; after a Linear layer there are none. And cross_entropy takes log_softmax by itself.",
        """
        def fix_the_cnn():
            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.conv1 = nn.Conv2d(3, ..., 3, 1)
                    ...

                def forward(self, x):
                    x = nn.functional.relu(self.conv1(x))
                    ...
                    return self.fc2(x)

            return Net()
        """,
    ),
)
def fix_the_cnn():
    """The network that is often printed, without its mistakes: for CIFAR-10, and for cross_entropy as the loss.

    ->    a model: (N, 3, 32, 32) -> (N, 10) scores. Two convolutions of 3 x 3, to 32 and to 64 channels, each followed
    by relu; pooling 2 x 2; dropout of channels, 0.25; a fully connected layer to 128, relu; dropout of numbers, 0.5;
    a fully connected layer to 10.
    """
    ### BEGIN SOLUTION

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(3, 32, 3, 1)
            self.conv2 = nn.Conv2d(32, 64, 3, 1)
            self.dropout1 = nn.Dropout2d(0.25)
            self.fc1 = nn.Linear(64 * 14 * 14, 128)
            self.dropout2 = nn.Dropout(0.5)
            self.fc2 = nn.Linear(128, 10)

        def forward(self, x):
            x = nn.functional.relu(self.conv1(x))
            x = nn.functional.relu(self.conv2(x))
            x = self.dropout1(nn.functional.max_pool2d(x, 2))
            x = self.dropout2(nn.functional.relu(self.fc1(x.flatten(1))))
            return self.fc2(x)

    return Net()
    ### END SOLUTION


@chapter.hidden("fix_the_cnn")
def batches_unseen(rng):
    """A batch of another size."""
    return [given("as many pictures as nobody has seen", pictures(int(rng.integers(3, 6))))]


chapter.wrong(
    "fix_the_cnn",
    "Still for grey pictures: the first convolution expects one channel, and colour has three.",
    "nn.Conv2d(3, 32, 3, 1)",
    "nn.Conv2d(1, 32, 3, 1)",
)
chapter.wrong(
    "fix_the_cnn",
    "9216 is right for pictures of 28 x 28. Follow 32 pixels through both convolutions and the pooling.",
    "64 * 14 * 14",
    "9216",
)
chapter.wrong(
    "fix_the_cnn",
    "log_softmax is still at the end. It runs, but cross_entropy takes it itself: the loss expects raw scores.",
    "return self.fc2(x)",
    "return nn.functional.log_softmax(self.fc2(x), dim=1)",
)
chapter.wrong(
    "fix_the_cnn",
    "After the Linear layer there are no channels any more, only numbers. Which dropout is for those?",
    "self.dropout2 = nn.Dropout(0.5)",
    "self.dropout2 = nn.Dropout2d(0.5)",
)
chapter.wrong(
    "fix_the_cnn",
    "Between the two fully connected layers nothing bends any more: the relu is missing.",
    "nn.functional.relu(self.fc1(x.flatten(1)))",
    "self.fc1(x.flatten(1))",
)


# ---- training ----


class Blobs:
    """A small task: a linear model with given weights, and batches of unequal size."""

    def __init__(self, rng, sizes):
        self.w = rng.standard_normal((3, 4)).astype("float32")
        self.batches = [(rng.standard_normal((n, 4)).astype("float32"), rng.integers(0, 3, n)) for n in sizes]

    def __repr__(self):
        return f"batches of {', '.join(str(len(y)) for _, y in self.batches)}"

    def set_up(self, library, optimizers):
        """(model, loss function, optimizer, batches) in minigrad or in PyTorch."""
        model = library.nn.Linear(4, 3)
        with library.no_grad():
            model.weight.copy_(library.tensor(self.w))
            model.bias.zero_()
        batches = [(library.tensor(x), library.tensor(y)) for x, y in self.batches]
        return model, library.nn.functional.cross_entropy, optimizers.SGD(model.parameters(), lr=0.5), batches


def blobs(*sizes):
    return run.built("a small task", lambda rng: Blobs(rng, sizes))


def epoch(function, inputs, options, seed):
    model, loss, optimizer, batches = inputs[0].set_up(mg, mg.optim)
    answer = function(model, loss, optimizer, batches)
    if not isinstance(answer, tuple) or len(answer) != 2:
        raise run.WrongForm("train_epoch must return two numbers: the mean loss, and the share that was right.")
    yield "the mean loss", number(answer[0])
    yield "the share that was right", number(answer[1])
    yield "the weights after the epoch", model.weight


def number(x):
    if isinstance(x, mg.Tensor):
        raise run.WrongForm("train_epoch returned a tensor, which keeps its whole graph. Say loss.item().")
    return float(x)


def epoch_in_torch(task):
    model, loss_function, optimizer, batches = task.set_up(torch, torch.optim)
    total, right, count = 0.0, 0, 0
    for x, y in batches:
        out = model(x)
        loss = loss_function(out, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        right += int((out.argmax(1) == y).sum())
        count += len(y)
    yield "the mean loss", total / count
    yield "the share that was right", right / count
    yield "the weights after the epoch", model.weight


@chapter.exercise(
    points=4,
    minutes=15,
    run=epoch,
    cases=[
        given("one batch is one step", blobs(6)),
        given("every batch is a step, with gradients of its own", blobs(5, 5, 5)),
        given("the last batch is smaller, so its mean counts less", blobs(6, 6, 2)),
        given("batches of one", blobs(1, 1, 1, 1)),
    ],
    torch=epoch_in_torch,
    hints=(
        "For each batch: scores, loss, backward, step. What must happen to the gradients of the batch before? And the "
        "mean over all pictures is not the mean of the batches' means.",
        "Add up loss.item() * len(y) and the number of right answers, (out.argmax(1) == y).sum().item(); count the "
        "pictures, and divide by that at the end.",
        """
        def train_epoch(model, loss_function, optimizer, batches):
            total, right, count = 0.0, 0, 0
            for x, y in batches:
                out = model(x)
                loss = loss_function(out, y)
                ...
                total += ...
                right += ...
                count += ...
            return total / count, right / count
        """,
    ),
)
def train_epoch(model, loss_function, optimizer, batches):
    """Train on every batch once.

    batches: pairs (x, labels)    ->    (mean loss per picture, share of right answers), plain numbers, both measured
    while training: before the step that each batch brings
    """
    ### BEGIN SOLUTION
    total, right, count = 0.0, 0, 0
    for x, y in batches:
        out = model(x)
        loss = loss_function(out, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        right += (out.argmax(1) == y).sum().item()
        count += len(y)
    return total / count, right / count
    ### END SOLUTION


@chapter.hidden("train_epoch")
def tasks_unseen(rng):
    """Batches of sizes that nobody has seen."""
    return [given("batches nobody has seen", blobs(*map(int, rng.integers(1, 9, count)))) for count in (2, 4)]


chapter.wrong(
    "train_epoch",
    "The gradients of earlier batches are still there and add up: zero_grad() is missing.",
    "optimizer.zero_grad()\n        ",
    "",
)
chapter.wrong(
    "train_epoch",
    "This is the mean of the batches' means. Where batches differ in size, a picture in a small one counts for more.",
    "total += loss.item() * len(y)\n        right += (out.argmax(1) == y).sum().item()\n        count += len(y)\n    "
    "return total / count, right / count",
    "total += loss.item()\n        right += (out.argmax(1) == y).sum().item()\n        count += len(y)\n    "
    "return total / len(batches), right / count",
)
chapter.wrong(
    "train_epoch",
    "A sum of means, divided by the number of pictures: too small by the size of a batch.",
    "loss.item() * len(y)",
    "loss.item()",
)
chapter.wrong(
    "train_epoch",
    "The weights stay as they are. Either no step is taken, or the gradients were thrown away before it.",
    "loss.backward()\n        optimizer.step()",
    "loss.backward()\n        optimizer.zero_grad()\n        optimizer.step()",
)
chapter.wrong(
    "train_epoch",
    "The right answers were counted after the step, with weights that had seen this batch already.",
    "right += (out.argmax(1) == y).sum().item()",
    "right += (model(x).argmax(1) == y).sum().item()",
)


# ---- looking at it ----


@chapter.exercise(
    points=2,
    minutes=10,
    cases=[
        given(
            "a row for each label, a column for each answer",
            exactly([0, 1, 1], "int64"),
            exactly([0, 1, 0], "int64"),
            2,
        ),
        given("pairs that come several times", exactly([1, 1, 1, 1], "int64"), exactly([0, 0, 0, 1], "int64"), 2),
        given(
            "a class that never comes keeps its row and its column",
            exactly([0, 2], "int64"),
            exactly([2, 2], "int64"),
            4,
        ),
        given("many", integers(0, 5, 200), integers(0, 5, 200), 5),
        given("nothing at all", exactly([], "int64"), exactly([], "int64"), 3),
    ],
    torch=lambda predicted, labels, classes: torch.bincount(
        labels * classes + predicted, minlength=classes * classes
    ).reshape(classes, classes),
    hints=(
        "Go through the pairs. Which one number of the table does a pair make larger?",
        "out[label, predicted] += 1 for every pair. Without a loop it is np.add.at(out, (labels, predicted), 1), which "
        "counts pairs that come several times.",
        """
        def confusion_matrix(predicted, labels, classes):
            out = np.zeros((classes, classes), dtype="int64")
            for guess, label in zip(predicted, labels):
                out[..., ...] += 1
            return out
        """,
    ),
)
def confusion_matrix(predicted, labels, classes):
    """How often each class was taken for each.

    predicted, labels: integers, (N,)    ->    (classes, classes), int64: row i, column j says how many pictures of
    class i were said to be j
    """
    ### BEGIN SOLUTION
    out = np.zeros((classes, classes), dtype="int64")
    np.add.at(out, (labels, predicted), 1)
    return out
    ### END SOLUTION


@chapter.hidden("confusion_matrix")
def answers_unseen(rng):
    """As many classes and answers as nobody has seen; the last class never comes."""
    several = []
    for count in (7, 60):
        classes, answers = int(rng.integers(3, 9)), count + int(rng.integers(9))
        predicted, labels = (integers(0, classes - 1, answers) for _ in range(2))
        several.append(given("answers nobody has seen", predicted, labels, classes))
    return several


@chapter.way("confusion_matrix", "Each pair is a place in a table read row by row; count the places.")
def counted(predicted, labels, classes):
    return np.bincount(labels * classes + predicted, minlength=classes**2).reshape(classes, classes)


chapter.wrong(
    "confusion_matrix",
    "Rows and columns are exchanged: rows are what the pictures are, columns what was said.",
    "(labels, predicted)",
    "(predicted, labels)",
)
chapter.wrong(
    "confusion_matrix",
    "Pairs that come several times were counted once: out[rows, columns] += 1 reads and writes each place once.",
    "np.add.at(out, (labels, predicted), 1)",
    "out[labels, predicted] += 1",
)
chapter.wrong(
    "confusion_matrix",
    "These are shares; counts are asked for.",
    "return out",
    "return out / np.maximum(out.sum(axis=1, keepdims=True), 1)",
)
chapter.wrong(
    "confusion_matrix",
    "Only the right answers were counted: the diagonal. The mistakes are what one looks for.",
    "np.add.at(out, (labels, predicted), 1)",
    "np.add.at(out, (labels[labels == predicted], predicted[labels == predicted]), 1)",
)


def graph_on(names, lines):
    """The last tensor of a small computation, run with some of the learner's ops in the library's place."""

    def make(rng):
        made = {name: mg.tensor(float(rng.uniform(1, 2)), requires_grad=True) for name in "ab"}
        with ExitStack() as stack:
            for name in names:
                stack.enter_context(patch.object(mg.ops, name, part(getattr(mg.ops, name))))
            exec("\n".join(lines), {"__builtins__": {}}, made)
        return made[lines[-1].split(" = ")[0]]

    return run.built(f"the last of: {'; '.join(lines)}  (parts: {', '.join(names) or 'none'})", make)


def part(op):
    """An op that is an exercise's answer, as far as one can see."""

    @wraps(op)
    def own(*inputs, **options):
        return op(*inputs, **options)

    own.exercise = op.__name__
    return own


@chapter.exercise(
    points=3,
    minutes=12,
    cases=[
        given("one op, on a part", graph_on(["mul"], ["c = a * b"])),
        given("the same op, on the library", graph_on([], ["c = a * b"])),
        given("some of each", graph_on(["mul", "tanh"], ["c = a * b", "d = c + a", "e = d.tanh()"])),
        given(
            "an op that ran three times counts three times",
            graph_on(["exp"], ["c = a.exp()", "d = c.exp()", "e = d.exp()"]),
        ),
        given("a tensor used twice is one tensor", graph_on(["mul"], ["c = a * b", "d = c * c"])),
        given("a leaf ran on nothing", graph_on([], ["c = a"])),
    ],
    hints=(
        "The graph knows everything: each tensor in it remembers the function that made it. A part that stands in for "
        "a library function has an attribute `exercise`.",
        "Go through graph.topological_order(tensor). Leaves have no op. For the others count those where "
        "hasattr(t.op, 'exercise'), and all of them.",
        """
        def on_my_parts(tensor):
            made = [t for t in graph.topological_order(tensor) if ...]
            mine = [t for t in made if ...]
            return len(mine), len(made)
        """,
    ),
)
def on_my_parts(tensor):
    """How much of a computation ran on one's own parts.

    tensor: the result of a recorded computation    ->    (how many of its ops ran on a part, how many there were)

    A function that stands in for one of the library has an attribute `exercise`; the library's own have none.
    """
    ### BEGIN SOLUTION
    made = [t for t in graph.topological_order(tensor) if t.op is not None]
    mine = [t for t in made if hasattr(t.op, "exercise")]
    return len(mine), len(made)
    ### END SOLUTION


@chapter.hidden("on_my_parts")
def graphs_unseen(rng):
    """Computations that nobody has seen, with some ops on parts; every tensor is used, some twice."""
    several = []
    for _ in range(3):
        lines, last = [], "a"
        for number in range(int(rng.integers(4, 9))):
            other = str(rng.choice(["a", "b", *(f"t{n}" for n in range(number))]))
            form = str(rng.choice(["{} * {}", "{} + {}", "({}).tanh()", "({} * {}).tanh() + {}"]))
            lines.append(f"t{number} = {form.format(last, other, last)}")
            last = f"t{number}"
        parts = [name for name in ("mul", "add", "tanh") if rng.random() < 0.6]
        several.append(given("a computation nobody has seen", graph_on(parts, lines)))
    return several


chapter.wrong(
    "on_my_parts",
    "Leaves were counted as well. Nothing ran to make them: their op is None.",
    " if t.op is not None]",
    "]",
)
chapter.wrong(
    "on_my_parts",
    "Each function was counted once. An op that ran three times is three ops of this computation.",
    "return len(mine), len(made)",
    "return len({t.op for t in mine}), len({t.op for t in made})",
)
chapter.wrong(
    "on_my_parts",
    "The second number is how many ops there were in all, not how many ran on the library.",
    "return len(mine), len(made)",
    "return len(mine), len(made) - len(mine)",
)


@chapter.wrong("on_my_parts", "It went along every path: a tensor that is used twice was counted twice.")
def along_every_path(tensor):
    if tensor.op is None:
        return 0, 0
    counts = [along_every_path(t) for t in tensor.inputs if isinstance(t, mg.Tensor)]
    return sum(c[0] for c in counts) + hasattr(tensor.op, "exercise"), sum(c[1] for c in counts) + 1
