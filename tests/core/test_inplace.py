"""Changes in place: recorded as PyTorch records them where that can be done, refused where it cannot."""

import numpy as np
import pytest
import torch

import minigrad as mg

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


@pytest.mark.parametrize(
    "change",
    [
        lambda y: (y * 2, y.add_(1)),
        lambda y: y[0].add_(1),
        lambda y: [y.detach(), y.add_(1)],
    ],
    ids=["used before", "a view", "has a view"],
)
def test_what_cannot_be_recorded_is_refused(change):
    y = mg.ones(3, 2, requires_grad=True) * 2
    array = y.data
    with pytest.raises(RuntimeError, match="would have to be recorded"):
        change(y)
    assert (array == 2).all()


def test_plus_equals_on_what_was_used_makes_a_new_tensor():
    x = mg.tensor(3.0, requires_grad=True)
    y = x * 1
    z = y * y
    y += z
    y.backward()

    assert x.grad.item() == 1 + 2 * 3


def test_a_result_of_another_shape_or_kind_is_refused():
    with pytest.raises(RuntimeError, match="does not fit"):
        mg.ones(3).add_(mg.ones(2, 3))
    with pytest.raises(RuntimeError, match="does not fit"):
        mg.ones(3, dtype=mg.int64).mul_(1.5)
