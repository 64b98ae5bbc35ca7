"""Judges of a case: PyTorch, finite differences, and the array that stands in for a GPU's.

Each runs an op (by default the library's own, or yours, given as `op`) through the engine on inputs drawn from a seed,
looks at the result first and then at the gradient of each input, and stops at the first thing that is wrong.
"""

from dataclasses import dataclass

import numpy as np

from .. import device as devices
from .. import ops
from ..graph import no_grad
from ..tensor import Tensor, apply
from .case import names, upstream
from .compare import Difference, compare
from .counterparts import COUNTERPARTS
from .pytorch import to_numpy, to_torch
from .standin import standin


@dataclass(frozen=True)
class Verdict:
    """What a judge says: `passed`, and in `said` why, in words; `difference` holds the numbers. True if passed."""

    case: object
    judge: str
    seed: int
    passed: bool
    said: str
    difference: Difference | None = None

    def __bool__(self):
        return self.passed

    def __repr__(self):
        return f"{self.case} ({self.judge}, seed {self.seed}): {self.said}"


def against_torch(case, seed=0, *, device="cpu", dtype="float32", op=None):
    """Value, shape, type and gradients against PyTorch's own, within the tolerances of PyTorch's own tests."""
    inputs, options = case.drawn(seed, dtype)
    theirs = [leaf(to_torch(x, device)) for x in once(inputs)]
    theirs = in_place_of(inputs, theirs)
    value = COUNTERPARTS[case.op](*theirs, **{name: to_torch(option, device) for name, option in options.items()})
    g = upstream(value, seed)
    gradients = [None] * len(inputs)
    if value.requires_grad:
        value.backward(to_torch(g, device))
        gradients = [getattr(x, "grad", None) for x in theirs]
    expected = [to_numpy(value), *(None if x is None else to_numpy(x) for x in gradients)]
    return judged(case, "PyTorch", seed, ours(case, inputs, options, g, device, op), expected, "PyTorch's", op)


def on_standin(case, seed=0, *, dtype="float32", op=None):
    """The op on an array that refuses NumPy's, as a GPU's does: the same value and gradients as on the CPU."""
    inputs, options = case.drawn(seed, dtype)
    with no_grad():
        value = run(case, inputs, options, "cpu", op)[1]
    g = upstream(value, seed)
    expected = ours(case, inputs, options, g, "cpu", op)
    with standin():
        found = ours(case, inputs, options, g, "standin", op)
    return judged(case, "the stand-in for a GPU", seed, found, expected, "the CPU's", op)


def against_finite_differences(case, seed=0, *, op=None, step=1e-6):
    """Each gradient along a random direction, against the change of the result over a small step that way; in float64.

    Passes over what has no slope to be measured: the case says why in `corner`.
    """
    judge = "finite differences"
    inputs, options = case.drawn(seed, "float64")
    if case.corner:
        return Verdict(case, judge, seed, True, f"passed over: {case.corner}.")
    function = op or getattr(ops, case.op)
    value = function(*inputs, **options)[0]
    g = upstream(value, seed)
    gradients = ours(case, inputs, options, g, "cpu", op)[1:]
    rng = np.random.default_rng([seed, 2])
    for name, x, gradient in zip(names(function, inputs), inputs, gradients):
        if gradient is None:
            continue
        direction = rng.standard_normal(x.shape)
        ahead, behind = (
            function(*[i + sign * step * direction if i is x else i for i in inputs], **options)[0] for sign in (1, -1)
        )
        measured = np.sum(g * (ahead - behind)) / (2 * step)
        claimed = np.sum(gradient * direction)
        rounding = 1e-16 * np.sum(np.abs(g * value)) / step
        if not abs(measured - claimed) <= 1e-5 * (1e-2 + abs(claimed)) + 10 * rounding:
            said = (
                f"the gradient of {name} is wrong. A small step in a random direction changes the result by "
                f"{measured:.8g} for each unit of way; by this gradient it would be {claimed:.8g}."
            )
            return Verdict(case, judge, seed, False, said)
    return Verdict(case, judge, seed, True, "agrees.")


def ours(case, inputs, options, g, device, op):
    """[value, gradient of each input (or None)] of our op, run through the engine."""
    tensors, out = run(case, inputs, options, device, op)
    if out.requires_grad and out.shape == g.shape:
        out.backward(Tensor(devices.of(out.data).from_numpy(g)))
    gradients = (getattr(x, "grad", None) for x in tensors)
    return [to_numpy(out.data), *(None if x is None else to_numpy(x.data) for x in gradients)]


def run(case, inputs, options, device, op):
    """(tensors on the device made of the inputs, the op's result)."""
    place = devices.get(device).from_numpy
    tensors = [leaf(Tensor(place(x.copy(order="K")))) if isinstance(x, np.ndarray) else x for x in once(inputs)]
    tensors = in_place_of(inputs, tensors)
    options = {name: placed(option, place) for name, option in options.items()}
    return tensors, apply(op or getattr(ops, case.op), *tensors, **options)


def judged(case, judge, seed, found, expected, theirs, op):
    """The verdict on [value, *gradients] found, given those expected."""
    places = ["the result", *(f"the gradient of {name}" for name in names(op or getattr(ops, case.op), found[1:]))]
    for place, mine, other in zip(places, found, expected):
        if mine is None and other is None:
            continue
        if mine is None or other is None:
            said = f"{place} is missing." if mine is None else f"{place} is there, where none is expected."
            return Verdict(case, judge, seed, False, said)
        difference = compare(mine, other)
        if difference:
            return Verdict(case, judge, seed, False, f"{place}: {difference.said(theirs=theirs)}", difference)
    return Verdict(case, judge, seed, True, "agrees.")


def leaf(x):
    """A tensor, ours or PyTorch's, that collects its gradient if its type can have one; numbers as they are."""
    if isinstance(x, Tensor):
        return x.requires_grad_(x.dtype.kind == "f")
    return x.requires_grad_(x.is_floating_point()) if hasattr(x, "requires_grad_") else x


def once(inputs):
    """Each input once, though it may be given in several places."""
    return list({id(x): x for x in inputs}.values())


def in_place_of(inputs, made):
    """What was `made` of each of `once(inputs)`, in all the places where it is given."""
    by_id = dict(zip((id(x) for x in once(inputs)), made))
    return [by_id[id(x)] for x in inputs]


def placed(option, place):
    """An option whose arrays are moved to where `place` puts them."""
    if isinstance(option, tuple):
        return tuple(placed(part, place) for part in option)
    return place(option) if isinstance(option, np.ndarray) else option
