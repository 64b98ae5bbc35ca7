"""Changes in place: recorded as PyTorch records them where that can be done, refused where it cannot."""

import copy
import pickle

import numpy as np
import pytest
import torch

import minigrad as mg
from minigrad import graph

NUMBERS = np.random.default_rng(0).uniform(0.5, 2, (3, 4))


def programs():
    """Lines that change a result in place: of x (3, 4) and w (4,), leaves that require grad, and the library."""

    def chain(x, w, library):
        y = x * 2
        y.add_(w)
        y.mul_(x)
        y.sub_(1.5).div_(w)
        return y

    def operators(x, w, library):
        y = x * w
        y += x
        y -= w
        y /= 3
        return y

    def filled_by_rows(x, w, library):
        out = library.zeros(3, 4, dtype=library.float64)
        out[0] = x[1] * w
        out[2] = w
        out[0, 1:] = 1.0
        return out * x

    def replaced(x, w, library):
        y = x.exp() * 1
        y[:, 1] = w[:3]
        y.clamp_(min=0.9)
        return y * w

    def forgotten(x, w, library):
        y = x * w
        y.zero_()
        y.add_(x)
        return y

    def copied(x, w, library):
        y = library.zeros(3, 4, dtype=library.float64)
        y.copy_(w)
        return y * x

    def summed_up(x, w, library):
        total = library.zeros((), dtype=library.float64)
        for row in range(3):
            total += (x[row] * w).sum()
        return total

    def a_constant_made_part_of_it(x, w, library):
        y = library.ones(3, 4, dtype=library.float64)
        y.mul_(w)
        return y * x

    def used_before_and_after(x, w, library):
        y = x * 2
        z = y + w
        y.mul_(w)
        return z * y.exp()

    def through_a_view(x, w, library):
        y = x * w
        y.view(4, 3).T[1:].add_(w * w[2:, None])
        y[1][2:] *= 3
        return y * w

    def under_a_view(x, w, library):
        y = x * w
        row, column = y[1], y[:, :1]
        before = row + w
        y.mul_(x)
        column.add_(w[0])
        return before * row * column

    def a_constant_filled_through_its_rows(x, w, library):
        y = library.zeros(3, 4, dtype=library.float64)
        for i in range(3):
            row = y[i]
            row[:] = x[i] * w
        return y * y[0]

    def a_view_of_what_is_filled_later(x, w, library):
        y = library.zeros(2, 3, 4, dtype=library.float64)
        first, turned = y[0], y.permute(2, 0, 1)
        turned[:, 1] = x.T
        y[[0], 1:, 2] = w[:2]
        return first + turned[1:2, 0].sum() + y[1]

    def with_what_it_looks_at(x, w, library):
        y = x * w
        y += y[0] * 2
        y.sub_(y)
        return y + x

    def any_function_with_an_underscore(x, w, library):
        y = x * 1
        y.square_().neg_().abs_()
        y.add_(w, alpha=2).masked_fill_(y > 5, 0.5)
        return y.tril_()

    return [value for value in locals().values() if callable(value)]


@pytest.mark.parametrize("program", programs(), ids=lambda program: program.__name__)
def test_a_program_that_changes_things_in_place_is_pytorchs(program):
    found = []
    for library in (mg, torch):
        x, w = library.tensor(NUMBERS, requires_grad=True), library.tensor(NUMBERS[1], requires_grad=True)
        out = program(x, w, library)
        (out * out).sum().backward()
        found.append([out.detach().numpy(), x.grad.numpy(), w.grad.numpy()])

    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_the_change_is_in_the_same_memory():
    x = mg.tensor([1.0, 2.0], requires_grad=True)
    y = x * 1
    array = y.data
    y += 1

    assert y.data is array
    assert array.tolist() == [2, 3]


def test_a_result_that_its_op_needs_may_not_be_changed():
    for library in (mg, torch):
        x = library.tensor([1.0, 2.0], requires_grad=True)
        y = x.exp()
        y.add_(1)
        with pytest.raises(RuntimeError):
            y.sum().backward()


REFUSED = """
    x.add_(1) | x[0].add_(1) | x.view(4, 3).mul_(2) | x.__setitem__(0, 1.0) | (x * 1).expand(2, 3, 4).add_(1)
    (lambda y: quiet(lambda: y[0]).add_(1))(x * 1) | (x * 1).unbind()[0].add_(1) | (x * 1).split(2)[1].zero_()
    (x * 1).chunk(2, 1)[0].mul_(x[:, :2])
"""


@pytest.mark.parametrize("code", [code.strip() for line in REFUSED.strip().splitlines() for code in line.split("|")])
def test_what_pytorch_refuses_is_refused(code):
    for library in (mg, torch):
        x = library.tensor(NUMBERS, requires_grad=True)
        with pytest.raises(RuntimeError):
            eval(code, {"x": x, "quiet": library.no_grad()(lambda f: f())})


def test_plus_equals_is_a_change_in_place_too():
    x = mg.tensor(3.0, requires_grad=True)
    y = x * 1
    z = y * y
    y += z
    with pytest.raises(RuntimeError, match="overwritten in place"):
        y.backward()


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))], ids=["deepcopy", "pickle"])
def test_a_copy_has_no_views(copied):
    x = mg.zeros(3)
    row = x[:1]
    other, other_row = copied(x), copied(row)
    other.add_(mg.ones(3, requires_grad=True))
    other_row.add_(1)

    assert (x.tolist(), row.tolist(), other.tolist()) == ([0, 0, 0], [0], [1, 1, 1])
    assert not row.requires_grad


def test_what_used_a_tensor_before_it_was_changed_finds_it_as_it_was():
    x, w = mg.ones(2, requires_grad=True), mg.ones(2)
    y = x * w
    z = y * 3
    y.add_(z)
    w.add_(y)
    order = graph.topological_order(w)

    assert order[-1] is w and z.inputs[0] is order[1] is not y
    assert order[1].inputs[1] is not w


def test_no_view_is_kept_that_nobody_holds():
    x = mg.zeros(3)
    kept = x[0]
    for _ in range(10):
        x.view(3, 1)

    assert [view() for view in x.views] == [kept]


def test_a_result_of_another_shape_or_kind_is_refused():
    with pytest.raises(RuntimeError, match="does not fit"):
        mg.ones(3).add_(mg.ones(2, 3))
    with pytest.raises(RuntimeError, match="does not fit"):
        mg.ones(3, dtype=mg.int64).mul_(1.5)


def test_a_gradient_that_is_recorded_sees_what_was_there_before_the_change():
    x = mg.tensor([0.5, 3.0], requires_grad=True)
    y = (x * x).clamp_(0, 2)
    (g,) = mg.autograd.grad(y.sum(), x, create_graph=True)

    assert g.tolist() == [1.0, 0.0]
