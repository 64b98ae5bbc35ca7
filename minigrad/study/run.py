"""How an answer is tried on a case, and what is looked at: named things, in the order in which they are judged.

Each runner takes (function, inputs, options, seed) and gives pairs (name, value), in a list or one by one: the result
first, gradients after it. Inputs are what the case's draws made: NumPy arrays, numbers, or anything `built`. The same
runner is given the learner's function, the reference, and the wrong answers; `theirs` says what PyTorch gives on the
same inputs.

Where a learner's function runs shut off from all else, NumPy may be all that there is: so the library and PyTorch
are imported where they are used.
"""

from dataclasses import dataclass
from functools import wraps
from inspect import isgeneratorfunction

import numpy as np

from ..check.case import Draw, names, upstream
from .difference import kind


@dataclass(frozen=True, eq=False)
class built:
    """An input that is made by `make(rng)`, afresh for each try; `text` says what it is."""

    text: str
    make: object

    def __repr__(self):
        return self.text


def drawn(case, seed):
    """(inputs, options) of a case from a seed. An input that the case names twice is one object."""
    rng = np.random.default_rng(seed)
    made = {}

    def draw(x):
        if isinstance(x, (tuple, list)):
            return type(x)(draw(part) for part in x)
        if not isinstance(x, (Draw, built)):
            return x
        if x not in made:
            made[x] = x.array(rng, case.dtype) if isinstance(x, Draw) else x.make(rng)
        return made[x]

    return [draw(x) for x in case.inputs], {name: draw(x) for name, x in case.options.items()}


# ---- runners ----


class WrongForm(Exception):
    """An answer gives another kind of thing than was asked for; the message says what was."""


def plain(function, inputs, options, seed):
    """The function's result on arrays and numbers as they are."""
    return [("the result", function(*inputs, **options))]


def tensors(function, inputs, options, seed):
    """The result on Tensors in place of the arrays."""
    from ..tensor import Tensor

    return plain(tensors_out(function), converted(inputs, Tensor), constant(options), seed)


def differentiable(function, inputs, options, seed):
    """The result on Tensors, and then each one's gradient, as minigrad found it by what was recorded."""
    inputs = converted(inputs, leaf)
    out = tensors_out(function)(*inputs, **constant(options))
    return with_gradients(out, inputs, names(function, inputs), seed)


def op(function, inputs, options, seed):
    """A function of arrays that gives (value, gradient function per input), run by the library's own engine."""
    from ..tensor import apply

    inputs = converted(inputs, leaf)
    return with_gradients(apply(in_form(function), *inputs, **options), inputs, names(function, inputs), seed)


# ---- runners in two steps ----


def concluded(conclude):
    """A runner in two steps: the function below it only looks, and `conclude` says what that amounts to.

    `observe` yields what an answer did, as pairs (name, value), with nothing made of it. `conclude(observed, inputs,
    options, seed)` gives the pairs that are judged, from these alone. Where an answer cannot be trusted, the first step
    is taken beside it, and the second where it cannot reach.
    """

    def declare(observe):
        @wraps(observe)
        def runner(function, inputs, options, seed):
            return conclude(observe(function, inputs, options, seed), inputs, options, seed)

        runner.observe, runner.conclude = observe, conclude
        return runner

    return declare


def observed_op(function, inputs, options, seed):
    """What an op gives on arrays: its value, and what each gradient function makes of a random gradient."""
    value, *gradients = in_form(function)(*inputs, **options)
    yield getattr(function, "__name__", "op"), value
    value = np.asarray(value)
    if value.dtype.kind == "f":
        g = upstream(value, seed)
        for label, x, gradient in zip(names(function, inputs), inputs, gradients):
            if isinstance(x, np.ndarray) and x.dtype.kind == "f":
                yield f"the gradient of {label}", gradient(g)


def concluded_op(observed, inputs, options, seed):
    """The engine is run on what was observed: it undoes broadcasting, and adds up what one array got in two places."""
    observed = iter(observed)
    called, value = next(observed)

    def as_observed(*arrays, **options):
        return value, *[lambda g: next(observed)[1] for _ in arrays]

    as_observed.__name__ = called  # the engine's messages begin with it

    return op(as_observed, inputs, options, seed)


op.observe, op.conclude = observed_op, concluded_op


# ---- PyTorch's side ----


def theirs(exercise, inputs, options, seed):
    """PyTorch's answer, named as the exercise's runner names ours; None where PyTorch has no such function."""
    from ..check import pytorch

    function = exercise.counterpart
    if function is None:
        return None
    if isgeneratorfunction(function):  # it names what is looked at by itself
        return list(function(*inputs, **options))
    differentiated = exercise.run in (op, differentiable)
    inputs = converted(inputs, lambda x: pytorch.to_torch(x).requires_grad_(differentiated and x.dtype.kind == "f"))
    out = function(*inputs, **{name: pytorch.to_torch(option) for name, option in options.items()})
    if not differentiated:
        return [("the result", out)]
    return with_gradients(out, inputs, names(exercise.reference, inputs), seed)


def torch_of(array):
    from ..check import pytorch

    return pytorch.to_torch(array)


# ---- what they share ----


def converted(inputs, convert):
    """The inputs with `convert(array)` for arrays; one array that comes twice becomes one object."""
    made = {}

    def of(x):
        if isinstance(x, (tuple, list)):
            return type(x)(of(part) for part in x)
        if isinstance(x, np.ndarray) and id(x) not in made:
            made[id(x)] = convert(x)
        return made.get(id(x), x)

    return [of(x) for x in inputs]


def constant(options):
    """Options with Tensors, which want no gradient, in place of arrays."""
    from ..tensor import Tensor

    return dict(zip(options, converted(options.values(), Tensor)))


def leaf(array):
    from ..tensor import Tensor

    return Tensor(array, requires_grad=array.dtype.kind == "f")


def tensors_out(function):
    """The function, held to give tensors where it might give arrays."""

    @wraps(function)
    def held(*inputs, **options):
        out = function(*inputs, **options)
        if isinstance(out, np.ndarray | np.generic):
            said = f"{function.__name__} works on tensors and returns one; it returned NumPy's {type(out).__name__}"
            raise WrongForm(f"{said}. Stay with tensors: x.exp() in place of np.exp(x), and no .numpy().")
        return out

    return held


def in_form(function):
    """The op, held to its form: a value, and one gradient function for each of its inputs."""

    @wraps(function)
    def held(*inputs, **options):
        answer = function(*inputs, **options)
        count = len(inputs)
        functions = "one gradient function" if count == 1 else f"{count} gradient functions"
        wanted = f"{function.__name__} must return its value and {functions}: return ..., {'lambda g: ..., ' * count}"
        if not isinstance(answer, tuple):
            raise WrongForm(f"{wanted.rstrip(', ')}. It returned {kind(answer)}.")
        if len(answer) != 1 + count or not all(map(callable, answer[1:])):
            raise WrongForm(f"{wanted.rstrip(', ')}. It returned ({', '.join(map(kind, answer))}).")
        return answer

    return held


def with_gradients(out, inputs, labels, seed):
    """The result, and each different input's gradient for one random gradient that arrives; ours or PyTorch's."""
    yield "the result", out
    if not getattr(out, "requires_grad", False):
        return
    g = upstream(out, seed)
    out.backward(type(out)(g) if hasattr(out, "gradients") else torch_of(g))
    for label, x in {id(x): (label, x) for label, x in zip(labels, inputs)}.values():
        if getattr(x, "requires_grad", False):
            yield f"the gradient of {label}", x.grad
