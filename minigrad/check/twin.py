"""The twin: a recorded graph once more in PyTorch, op by op, to find where the two first differ.

In PyTorch, each op is given exactly what it was given here, and each gradient exactly what arrived here. So a
difference belongs to the op that is named and to none before it, and rounding does not pile up on the way (`rounding`
says what is put down to it). Beside it stands PyTorch's result from the leaves alone, with nothing handed over.
"""

from dataclasses import dataclass, field

import numpy as np

from .. import graph
from ..tensor import Tensor, as_array
from . import pytorch as torch
from .case import names
from .compare import Difference
from .counterparts import COUNTERPARTS
from .pytorch import full_precision, to_numpy, to_torch
from .report import Table
from .rounding import nudge, rounded


def twin(tensor, device="cpu", gradient=None):
    """Replay in PyTorch, on `device`, the graph that `tensor` remembers: a Twin, which says where they first differ.

    Call it before backward(), which lets the graph go; it changes nothing. `gradient` is what backward() would start
    from (ones if left out). An op is found by its function's name, so a function of yours in its place is judged too.

    Raises RuntimeError if there is no graph (any more), LookupError for an op that has no counterpart.
    """
    order = replayable(tensor)
    arrived = np.ones_like(tensor.data) if gradient is None else gradient.data
    ours = {t: as_array(g) for t, g in graph.backpropagate(tensor, arrived, retain_graph=True)}
    steps = {t: Step(i, t.op.__name__ if t.op else "leaf", t.shape) for i, t in enumerate(order)}
    made = [t for t in order if t.op is not None]

    with full_precision():
        for t in made:
            steps[t].value = Again(t, device).value().compared(t.data)
        if any(step.value for step in steps.values()):
            return Twin(list(steps.values()))

        theirs = {}
        for t in reversed(made):
            for i, name, contribution in Again(t, device).gradients(ours[t]):
                source = t.inputs[i]
                theirs[source] = theirs[source] + contribution if source in theirs else contribution
                steps[source].used_by.append(f"{t.op.__name__} ({name})")
        for t, g in theirs.items():
            steps[t].gradient = g.compared(ours[t])
        return Twin(list(steps.values()), to_numpy(tensor.data), from_leaves(order, device))


@dataclass
class Step:
    """One tensor of the graph: what made it, and how its value and its gradient differ from PyTorch's (None: not)."""

    number: int
    made_by: str
    shape: tuple
    used_by: list = field(default_factory=list)
    value: Difference | None = None
    gradient: Difference | None = None


class Twin:
    """What was found.

    agrees          whether all is as in PyTorch, but for rounding
    first           the Step that differs first: values forwards, then gradients on the way back
    steps           all of them, inputs before outputs
    result, theirs  the last tensor's numbers, and PyTorch's from the leaves alone; None where a value differs, as
                    gradients are not compared then
    """

    def __init__(self, steps, result=None, theirs=None):
        differing = [s for s in steps if s.value] + [s for s in reversed(steps) if s.gradient]
        self.agrees = not differing
        self.first = differing[0] if differing else None
        self.steps = steps
        self.result, self.theirs = result, theirs

    def summary(self):
        """The finding in a sentence or two."""
        if self.agrees:
            ops = sum(s.made_by != "leaf" for s in self.steps)
            said = f"twin: {ops} ops give PyTorch's shapes, types, values and gradients."
            if self.result.size > 1:
                return said
            ours, theirs = self.result.item(), self.theirs.item()
            return f"{said} From the leaves alone, the result here is {ours:.6g}, in PyTorch {theirs:.6g}."
        place = f"tensor {self.first.number} ({self.first.made_by}, shape {self.first.shape})"
        if self.first.value:
            return f"twin: the first difference from PyTorch is the value of {place}: {self.first.value.said()}"
        return (
            f"twin: all values are PyTorch's. On the way back, the first difference is the gradient of {place}, "
            f"which is put together by {' and '.join(self.first.used_by)}: {self.first.gradient.said()}"
        )

    def table(self):
        """All tensors, inputs before outputs; of a long graph, those around the first difference."""
        middle = self.steps.index(self.first) if self.first else 0
        table = Table("tensor", "made by", "shape", "value", "gradient")
        for s in self.steps[max(0, middle - 20) : max(0, middle - 20) + 40]:
            said = ["differs" if difference else "same" for difference in (s.value, s.gradient)]
            if self.result is None:
                said[1] = "not compared"
            table.row(s.number, s.made_by, s.shape, *said, marked=s is self.first)
        return table

    def __repr__(self):
        return f"{self.summary()}\n\n{self.table().text()}"

    def _repr_html_(self):
        return self.table().html(self.summary())


def replayable(tensor):
    """Every tensor of the graph, inputs before outputs. Raises where it cannot be replayed, and says why."""
    if not isinstance(tensor, Tensor):
        raise TypeError(f"twin wants a tensor that remembers how it was made, and got a {type(tensor).__name__}.")
    order = graph.topological_order(tensor)
    graph.refuse_let_go(order)
    if tensor.op is None:
        raise RuntimeError(
            "twin: this tensor remembers no op. It has to be computed from tensors with requires_grad=True, "
            "and not inside no_grad()."
        )
    for t in order:
        if t.op is not None and t.op.__name__ not in COUNTERPARTS:
            raise LookupError(
                f"twin does not know what {t.op.__name__} is in PyTorch. If there is such a function, say so: "
                f"minigrad.check.COUNTERPARTS[{t.op.__name__!r}] = lambda *tensors, **options: ..."
            )
        sources = (t, *t.inputs) if t.op is not None else ()
        if any(version is not None and s.version[0] != version for s, version in zip(sources, t.versions)):
            raise RuntimeError(
                f"twin: what {t.op.__name__} was given, or its result, was overwritten in place since. "
                "Call twin before optimizer.step()."
            )
    return order


class Again:
    """One op of the graph in PyTorch, given what it was given here: as it was, in float32, and in float64."""

    def __init__(self, tensor, device):
        self.tensor, self.device = tensor, device
        self.rng = np.random.default_rng(0)
        self.plain = self.run()
        self.low, self.high = (
            self.plain if tensor.dtype == dtype else self.run(getattr(torch, dtype)) for dtype in ("float32", "float64")
        )

    def run(self, dtype=None, change=lambda x: x):
        """(inputs, value): PyTorch's op on copies of the inputs, floats brought to `dtype` and changed."""
        inputs = []
        for x in to_torch(tuple(self.tensor.inputs), self.device):
            if hasattr(x, "is_floating_point") and x.is_floating_point():
                x = change(x if dtype is None else x.to(dtype)).requires_grad_()
            inputs.append(x)
        return inputs, counterpart(self.tensor, inputs, self.device)

    def value(self):
        nudged = self.run(torch.float64, lambda x: nudge(x, self.rng))
        return rounded(*(run[1] for run in (self.plain, self.low, self.high, nudged)), self.terms(self.tensor))

    def gradients(self, g):
        """(position, name, what this op adds to the gradient) of each input that wants one."""
        op, inputs, wanted = self.tensor.op, self.tensor.inputs, self.tensor.gradients
        g = to_torch(g, self.device)
        changed = nudge(g.double(), self.rng)
        runs = (self.plain, g), (self.low, g), (self.high, g), (self.high, changed)
        for i, (name, function) in enumerate(zip(names(op, inputs), wanted)):
            if function:
                given = [
                    torch.autograd.grad(value, leaves[i], g.to(value.dtype), retain_graph=True)[0]
                    for (leaves, value), g in runs
                ]
                yield i, name, rounded(*given, self.terms(inputs[i]))

    def terms(self, result):
        """How many numbers go into one of the result, at a guess: the largest array here over the result's."""
        sizes = [x.data.size for x in (self.tensor, *self.tensor.inputs) if isinstance(x, Tensor)]
        return max(sizes) // max(1, result.data.size)


def from_leaves(order, device):
    """PyTorch's result from the leaves alone."""
    made = {}
    for t in order:
        inputs = [made[x] if isinstance(x, Tensor) and x in made else to_torch(x, device) for x in t.inputs]
        made[t] = counterpart(t, inputs, device) if t.op else to_torch(t, device)
    return to_numpy(made[order[-1]])


def counterpart(t, inputs, device):
    """What PyTorch makes of `inputs` where ours made t."""
    options = {name: to_torch(option, device) for name, option in t.options.items()}
    return COUNTERPARTS[t.op.__name__](*inputs, **options)
