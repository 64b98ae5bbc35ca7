"""Lockstep: one training here and one in PyTorch, from the same weights, on the same batches, compared at every step.

What is more than rounding? In float32, two right programs don't stay together. Every step rounds in its own way, and
now and then a number that is almost 0 falls on the other side of a relu, which changes a gradient in its third digit;
from there on they drift apart, as PyTorch in float32 drifts from PyTorch in float64. A wrong constant could hide there.

So the judging is done in float64, where all of this is a billion times smaller, and by a yardstick that is measured:
PyTorch trains once more, from weights changed in their 13th digit. Ours may come 100 times as far from PyTorch's as
that run does, in each array by itself, since some feel rounding more than others (most of all, under Adam, the bias of
a convolution before a batch norm, whose gradient is nothing but rounding). That leaves no room for another algorithm:
an eps of 1e-7 for 1e-8 shows at the first step, and so does a missing bias correction. Over 100 steps of the CIFAR-10
CNN, parameters stay within 1e-14 of their size with SGD, and within 1e-11 with Adam.

Beside it, the same runs in float32 show what rounding does there: how far ours comes from PyTorch's, and PyTorch's from
its own in float64.
"""

from dataclasses import dataclass
from itertools import islice

import numpy as np

from ..nn import functional as F
from . import pytorch as torch
from .compare import compare, gap
from .pytorch import full_precision
from .report import Table
from .trainings import Ours, Theirs, endless, numbers_of, refuse_used

NUDGE, MARGIN = 1e-13, 100  # how much the yardstick's weights are changed, and how many times as far ours may come


def lockstep(
    model,
    torch_model,
    batches,
    *,
    optimizer,
    torch_optimizer,
    loss=F.cross_entropy,
    torch_loss=None,
    steps=100,
    device="cpu",
    float32=True,
):
    """Train a model here and its like in PyTorch: a Lockstep, which says whether, when and where they part.

    batches                       pairs (inputs, targets) of tensors or arrays, gone through again and again
    optimizer, torch_optimizer    made for the two models, and not used yet
    loss, torch_loss              functions of (output, target); if left out, PyTorch's is the one of the same name
    float32                       whether to show what rounding does in float32, beside the judged run in float64

    Copies are trained, with the weights of `model`; the models themselves stay as they are. Dropout masks are drawn
    here and used there too. It stops at the first step where a loss, a buffer, a gradient or a parameter differs.
    """
    torch_loss = torch_loss or getattr(torch.nn.functional, getattr(loss, "__name__", ""), None)
    if torch_loss is None:
        raise TypeError(f"lockstep: PyTorch has no function of the name of {loss!r}. Say torch_loss=... too.")
    refuse_used(optimizer, model)
    refuse_used(torch_optimizer, torch_model)
    ours = Ours(model, optimizer, loss, "float64", device)
    theirs, nudged = (
        Theirs(torch_model, torch_optimizer, torch_loss, "float64", device, ours.state(nudge)) for nudge in (0, NUDGE)
    )
    runs = [ours, theirs, nudged]
    if float32:
        ours32 = Ours(model, optimizer, loss, "float32", device)
        runs += [ours32, Theirs(torch_model, torch_optimizer, torch_loss, "float32", device, ours32.state())]

    report = Lockstep()
    with full_precision():
        for number, (x, y) in enumerate(islice(endless(batches), steps), start=1):
            masks = []
            losses = [{"": run.backward(numbers_of(x), numbers_of(y), masks)} for run in runs]
            report.begin(number, losses)
            report.look("loss", losses)
            report.look("buffer", [run.buffers() for run in runs])
            report.look("gradient", [run.gradients() for run in runs])
            for run in runs:
                run.optimizer.step()
            report.look("parameter", [run.parameters() for run in runs])
            report.measure([run.parameters() for run in runs])
            if report.first:
                break
    if not report.steps:
        raise ValueError("lockstep got no batches.")
    return report


@dataclass
class Step:
    """One step: both losses, and how far parameters were apart after it, as a part of their size.

    apart, apart32    ours from PyTorch's, in float64 and in float32
    torch32           PyTorch's in float32 from its own in float64
    """

    number: int
    loss: float
    torch_loss: float
    apart: float = 0.0
    apart32: float | None = None
    torch32: float | None = None


@dataclass
class Parting:
    """Where the two first differ: at which step, in what (loss, buffer, gradient or parameter), of which name."""

    step: int
    what: str
    name: str
    said: str


class Lockstep:
    """What was found: `agrees`, `first` (a Parting, or None), and the `steps` one by one."""

    def __init__(self):
        self.steps = []
        self.first = None
        self.noise = {}  # by kind and name: how far the yardstick has come from PyTorch's run so far

    @property
    def agrees(self):
        return self.first is None

    def begin(self, number, losses):
        self.steps.append(Step(number, losses[0][""].item(), losses[1][""].item()))

    def look(self, what, runs):
        """Note the first array of these that differs by more than rounding, unless something did before."""
        ours, theirs, nudged = runs[:3]
        floor = 1e-12 * max((size(array) for array in theirs.values() if array is not None), default=0)
        for name, array in theirs.items():
            if ours[name] is None or array is None:
                said = "" if ours[name] is array else f"there is none {'here' if array is not None else 'in PyTorch'}."
            else:
                noise = max(self.noise.get((what, name), 0), size(gap(nudged[name], array)))
                self.noise[what, name] = noise
                found = compare(ours[name], array, rtol=0, atol=MARGIN * noise + floor)
                said = found.said() if found else ""
            if said and not self.first:
                self.first = Parting(self.steps[-1].number, what, name, said)

    def measure(self, runs):
        """Note how far the parameters are apart."""
        step = self.steps[-1]
        step.apart = apart(runs[0], runs[1])
        if len(runs) > 3:
            step.apart32, step.torch32 = apart(runs[3], runs[4]), apart(runs[4], runs[1])

    def summary(self):
        """The finding in a sentence or two."""
        if self.agrees:
            most = part(max(step.apart for step in self.steps))
            return (
                f"lockstep: after {len(self.steps)} steps, losses, buffers, gradients and parameters are PyTorch's "
                f"but for rounding. In float64, parameters came {most} of their size apart."
            )
        where = {
            "loss": "the loss, from the same weights. twin(loss) finds the op",
            "buffer": f"{self.first.name}, a buffer. The losses agree; it is how the layer updates it",
            "gradient": f"the gradient of {self.first.name}, on the way back the first. twin(loss) finds the op",
            "parameter": f"{self.first.name}. Its gradient agrees; it is how the optimizer uses it",
        }
        return f"lockstep: at step {self.first.step} they part in {where[self.first.what]}: {self.first.said}"

    def table(self):
        """Every tenth step, and the first and the last."""
        in_float32 = self.steps[-1].torch32 is not None
        headings = ["step", "loss", "PyTorch's", "apart"]
        table = Table(*headings, *(["apart in float32", "PyTorch from itself"] if in_float32 else []))
        for step in self.steps:
            last = step is self.steps[-1]
            if step.number == 1 or step.number % 10 == 0 or last:
                cells = [step.number, f"{step.loss:.4f}", f"{step.torch_loss:.4f}", part(step.apart)]
                cells += [f"{step.apart32:.0e}", f"{step.torch32:.0e}"] if in_float32 else []
                table.row(*cells, marked=last and not self.agrees)
        return table

    def __repr__(self):
        return f"{self.summary()}\n\n{self.table().text()}"

    def _repr_html_(self):
        return self.table().html(self.summary())


def size(array):
    """The largest number of an array, in absolute value."""
    return float(np.max(np.abs(array), initial=0, where=np.isfinite(array)))


def apart(ours, theirs):
    """How far arrays are apart at most, as a part of their size."""
    return max(float(gap(ours[name], array).max(initial=0)) / (size(array) or 1) for name, array in theirs.items())


def part(x):
    """A part as text. Below 1e-10 the digits are chance, and differ from machine to machine."""
    return "less than 1e-10" if x < 1e-10 else f"{x:.0e}"
