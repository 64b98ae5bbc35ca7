"""An operation of one's own, in PyTorch's form, does what it does there."""

import numpy as np
import pytest
import torch

import minigrad as mg


def functions(library):
    """The same two Functions, for minigrad and for PyTorch."""

    class Scale(library.autograd.Function):
        @staticmethod
        def forward(ctx, x, w, factor):
            ctx.save_for_backward(x, w)
            ctx.factor = factor
            return x * w * factor

        @staticmethod
        def backward(ctx, g):
            x, w = ctx.saved_tensors
            return g * w * ctx.factor, g * x * ctx.factor, None

    class Reverse(library.autograd.Function):
        """Gives x itself, and turns its gradient round."""

        @staticmethod
        def forward(ctx, x):
            return x.clone()

        @staticmethod
        def backward(ctx, g):
            return -g

    return Scale, Reverse


def test_a_function_of_ones_own_is_pytorchs():
    rng = np.random.default_rng(0)
    x_numbers, w_numbers = rng.standard_normal(4), rng.standard_normal(4)
    found = []
    for library in (mg, torch):
        scale, reverse = functions(library)
        x, w = (library.tensor(numbers, requires_grad=True) for numbers in (x_numbers, w_numbers))
        out = reverse.apply(scale.apply(x, w, 3.0).tanh())
        (out * out).sum().backward()
        found.append([out.detach().numpy(), x.grad.numpy(), w.grad.numpy()])

    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_it_is_recorded_under_its_name():
    scale, _ = functions(mg)
    out = scale.apply(mg.ones(2, requires_grad=True), mg.ones(2), 2.0)

    assert out.op.__name__ == "Scale"
    assert out.gradients[1] is None


def test_a_saved_value_that_was_overwritten_is_noticed():
    scale, _ = functions(mg)
    x = mg.ones(2, requires_grad=True)
    out = scale.apply(x, x, 2.0).sum()
    with mg.no_grad():
        x += 1
    with pytest.raises(RuntimeError, match="overwritten in place"):
        out.backward()


def more_functions(library):
    """An exponential that saves its result, and a pair of results of which one has no gradient."""

    class Exp(library.autograd.Function):
        @staticmethod
        def forward(x):
            return x.exp()

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.save_for_backward(output)

        @staticmethod
        def backward(ctx, g):
            return g * ctx.saved_tensors[0]

    class Both(library.autograd.Function):
        @staticmethod
        def forward(ctx, x, w):
            places = (x * w).argsort()
            ctx.mark_non_differentiable(places)
            ctx.save_for_backward(x)
            return x * w, (x * x).sum(), places

        @staticmethod
        def backward(ctx, g, h, _):
            (x,) = ctx.saved_tensors
            return 2 * h * x, None

    return Exp, Both


def test_it_may_be_differentiated_twice_give_several_results_and_none_for_an_input():
    found = []
    for library in (mg, torch):
        exp, both = more_functions(library)
        x, w = (library.tensor(numbers, requires_grad=True) for numbers in ([0.3, -1.0, 2.0], [1.0, 2.0, -0.5]))
        product, squares, places = both.apply(exp.apply(x), w)
        (first,) = library.autograd.grad((product.sum() + squares) ** 2, x, create_graph=True)
        second = library.autograd.grad((first * first).sum(), x)
        unused = library.autograd.grad(both.apply(x, w)[0].sum(), w, allow_unused=True)
        found.append([first.tolist(), second[0].tolist(), unused, places.tolist(), places.requires_grad])

    np.testing.assert_allclose(*(rows[:2] for rows in found), rtol=1e-5)
    assert found[0][2:] == found[1][2:] == [(None,), [2, 1, 0], False]


def test_what_is_needed_is_said():
    class Spy(mg.autograd.Function):
        @staticmethod
        def forward(ctx, x, y, z):
            Spy.needed = ctx.needs_input_grad
            return x + y

        @staticmethod
        def backward(ctx, g):
            return g, g, None

    Spy.apply(mg.ones(1, requires_grad=True), mg.ones(1), "a word")
    assert Spy.needed == (True, False, False)


def test_mistakes_are_named():
    class Short(mg.autograd.Function):
        @staticmethod
        def forward(ctx, x, y):
            return x + y

        @staticmethod
        def backward(ctx, g):
            return g

    class Number(Short):
        @staticmethod
        def forward(ctx, x, y):
            return 1.0

    x, y = mg.ones(1, requires_grad=True), mg.ones(1, requires_grad=True)
    with pytest.raises(RuntimeError, match="Short.backward gave 1 gradients for 2 inputs"):
        Short.apply(x, y).backward()
    with pytest.raises(TypeError, match="must give tensors, and gave a float"):
        Number.apply(x, y)
    with pytest.raises(NotImplementedError, match="forward"):
        mg.autograd.Function.apply(x)
