"""Gradients of gradients are PyTorch's, op by op, and a gradient on request leaves `.grad` alone."""

import numpy as np
import pytest
import torch

import minigrad as mg
from minigrad.check.cases import CASES
from minigrad.check.counterparts import COUNTERPARTS
from minigrad.check.pytorch import to_torch
from minigrad.tensor import Tensor, apply


def is_float(x):
    return isinstance(x, np.ndarray) and x.dtype.kind == "f"


def leaves_of(inputs, make):
    """The inputs as tensors, an array that stands twice as one tensor."""
    made = {
        id(x): make(np.ascontiguousarray(x), requires_grad=is_float(x)) for x in inputs if isinstance(x, np.ndarray)
    }
    return [made.get(id(x), x) for x in inputs], [t for t in made.values() if t.requires_grad]


def second(output, leaves, library, seed=1):
    """First and second gradients of output, both from random directions; None where there is no second."""
    rng = np.random.default_rng(seed)
    start = library.tensor(rng.standard_normal(tuple(output.shape)))
    first = library.autograd.grad(output, leaves, start.to(output.dtype), create_graph=True)
    total = sum((g * library.tensor(rng.standard_normal(tuple(g.shape)))).sum() for g in first)
    if not total.requires_grad:
        return first, [None] * len(leaves)
    return first, library.autograd.grad(total, leaves, allow_unused=True)


def numbers(g, leaf):
    return np.zeros(tuple(leaf.shape)) if g is None else np.reshape((g.detach() + 0).tolist(), tuple(leaf.shape))


DIFFERENTIABLE = [
    c for c in CASES if any(is_float(x) for x in c.drawn(0)[0]) and str(c.options.get("dtype")) not in ("int64", "bool")
]


@pytest.mark.parametrize("case", DIFFERENTIABLE, ids=str)
def test_the_gradient_of_a_gradient_is_pytorchs(case):
    inputs, options = case.drawn(0, "float64")
    ours, our_leaves = leaves_of(inputs, mg.tensor)
    theirs, their_leaves = leaves_of(inputs, torch.tensor)
    y = apply(getattr(mg.ops, case.op), *ours, **options)
    u = COUNTERPARTS[case.op](*theirs, **{name: to_torch(option, "cpu") for name, option in options.items()})

    for found, expected in zip(second(y, our_leaves, mg), second(u, their_leaves, torch), strict=True):
        for g, t, leaf in zip(found, expected, our_leaves, strict=True):
            np.testing.assert_allclose(numbers(g, leaf), numbers(t, leaf), rtol=1e-7, atol=1e-7)


def test_the_third_derivative_of_a_fourth_power():
    x = mg.tensor(2.0, requires_grad=True)
    y = x**4
    for _ in range(3):
        (y,) = mg.autograd.grad(y, x, create_graph=True)

    assert y.item() == 4 * 3 * 2 * 2.0


def test_a_gradient_on_request_leaves_grad_alone():
    x = mg.tensor(3.0, requires_grad=True)
    (g,) = mg.autograd.grad(x * x, x)

    assert g.item() == 6
    assert x.grad is None


def test_a_gradient_of_something_in_between():
    x = mg.tensor(3.0, requires_grad=True)
    y = x * 2
    assert mg.autograd.grad(y * y, [y, x], retain_graph=True)[0].item() == 12


def test_several_outputs_add_up():
    x = mg.tensor([1.0, 2.0], requires_grad=True)
    (g,) = mg.autograd.grad([(x * x).sum(), 3 * x], x, grad_outputs=[None, mg.ones(2)])

    assert g.tolist() == [5, 7]


def test_backward_through_a_gradient_penalty_is_pytorchs():
    array = np.random.default_rng(0).standard_normal((4, 3))
    grads = []
    for library in (mg, torch):
        w = library.tensor(array[0], requires_grad=True)
        x = library.tensor(array, requires_grad=True)
        (slope,) = library.autograd.grad(((x @ w).tanh()).sum(), x, create_graph=True)
        ((slope * slope).sum() - 1).square().backward()
        grads.append(w.grad.numpy())

    np.testing.assert_allclose(*grads, rtol=1e-10)


def test_backward_into_some_inputs_alone():
    for library in (mg, torch):
        x, w = library.ones(2, requires_grad=True), library.ones(2, requires_grad=True)
        y = x * 3
        (y * w).sum().backward(inputs=[y, w])

        assert (x.grad, y.grad.tolist(), w.grad.tolist()) == (None, [1, 1], [3, 3])


WRONG = """
    s.backward(inputs=[]) | s.backward(inputs=[c]) | y.backward(2.0) | y.backward(T.ones(3)) | grad(s, []) | grad(s, c)
    grad(s, w, allow_unused=False, materialize_grads=True) | grad([s, y], w) | (grad(s, w), grad(s, w)) | float(y)
    T.autograd.backward([s, y]) | w.detach_().backward() | y[0].detach_()
"""


@pytest.mark.parametrize("code", [code.strip() for line in WRONG.strip().splitlines() for code in line.split(" | ")])
def test_a_wrong_call_raises_what_pytorch_raises(code):
    raised = []
    for T in (mg, torch):
        w = T.tensor([1.0, 2.0], requires_grad=True)
        y, c = w * w, T.ones(2)
        with pytest.raises(Exception) as error:
            eval(code, {"T": T, "w": w, "y": y, "s": y.sum(), "c": c, "grad": T.autograd.grad})
        raised.append(error.type)

    assert raised[0] is raised[1]


def test_an_unused_input_may_have_zeros():
    x, y = mg.ones(1, requires_grad=True), mg.ones(2, requires_grad=True)

    assert mg.autograd.grad(x * 2, [x, y], materialize_grads=True)[1].tolist() == [0, 0]


def test_an_input_that_was_not_used_is_said():
    x, y = mg.ones(1, requires_grad=True), mg.ones(1, requires_grad=True)
    with pytest.raises(RuntimeError, match="not computed from input 1"):
        mg.autograd.grad(x * 2, [x, y])

    assert mg.autograd.grad(x * 2, [x, y], allow_unused=True)[1] is None


def test_create_graph_keeps_the_record():
    x = mg.tensor(3.0, requires_grad=True)
    y = x * x
    y.backward(create_graph=True)

    assert isinstance(x.grad, Tensor)
    assert x.grad.requires_grad
    assert mg.autograd.grad(y, x)[0].item() == 6
