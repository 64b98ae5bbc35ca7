"""Changes in place: refused where they would make a recorded gradient wrong, and nowhere else."""

import numpy as np
import pytest

import minigrad as mg
from minigrad import optim
from minigrad.nn import functional as F


def leaf(*numbers):
    return mg.tensor([float(n) for n in numbers], requires_grad=True)


def change(x):
    """Overwrite x behind the graph's back, as an update or a buffer would."""
    x.detach().mul_(2)


# ---- saved arrays are frozen ----


def test_numpy_cannot_write_to_what_a_graph_has_saved():
    x = leaf(1, 2)
    out = x * x
    for array in (x.data, out.data, x.detach().numpy(), out.detach().numpy()):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 5


def test_a_constant_beside_a_leaf_is_frozen_too():
    x, constant = leaf(1, 2), mg.tensor([3.0, 4.0])
    x * constant

    with pytest.raises(ValueError, match="read-only"):
        constant.data[0] = 5


def test_what_nobody_recorded_is_free():
    x = mg.tensor([1.0, 2.0])
    x * x
    x.data[0] = 5

    assert x.tolist() == [5.0, 2.0]


def test_a_tensor_may_be_written_through_its_methods_after_backward():
    x = leaf(1, 2)
    (x * x).sum().backward()
    with mg.no_grad():
        x -= 0.5 * x.grad

    assert x.tolist() == [0.0, 0.0]


# ---- a graph that was overtaken refuses ----

NEEDED = {
    "x * x": lambda x: x * x,
    "x / 2 * x": lambda x: x / 2 * x,
    "x**3": lambda x: x**3,
    "x.log()": lambda x: x.log(),
    "abs(x)": abs,
    "x.clamp(0, 1)": lambda x: x.clamp(0, 1),
    "x @ x": lambda x: x @ x,
    "x.var()": lambda x: x.var(),
    "x.amax()": lambda x: x.amax(),
    "x.logsumexp(0)": lambda x: x.logsumexp(0),
    "a view": lambda x: x[:1] * x[1:],
    "maximum": lambda x: x.maximum(mg.ones(2)),
}
NOT_NEEDED = {
    "x + 1": lambda x: x + 1,
    "-x": lambda x: -x,
    "x - x": lambda x: x - x,
    "x * 2": lambda x: x * 2,
    "x.sum()": lambda x: x.sum(),
    "x.mean()": lambda x: x.mean(),
    "x.double()": lambda x: x.double(),
    "x.exp()": lambda x: x.exp(),
    "x.tanh()": lambda x: x.tanh(),
    "x.sigmoid()": lambda x: x.sigmoid(),
    "x.relu()": lambda x: x.relu(),
    "x.softmax(0)": lambda x: x.softmax(0),
    "x.reshape(1, 2)": lambda x: x.reshape(1, 2),
    "x[[0, 0]]": lambda x: x[[0, 0]],
    "x.expand(3, 2)": lambda x: x.expand(3, 2),
    "x.gather(0, ...)": lambda x: x.gather(0, mg.tensor([1, 1])),
}


@pytest.mark.parametrize("name", NEEDED)
def test_backward_refuses_if_an_input_it_needs_was_overwritten(name):
    x = leaf(0.3, 0.6)
    out = NEEDED[name](x)
    change(x)

    with pytest.raises(RuntimeError, match="overwritten in place"):
        out.sum().backward()


@pytest.mark.parametrize("name", NOT_NEEDED)
def test_backward_does_not_mind_if_it_does_not_need_it(name):
    x, same = leaf(0.3, 0.6), leaf(0.3, 0.6)
    out = NOT_NEEDED[name](x)
    change(x)
    out.sum().backward()
    NOT_NEEDED[name](same).sum().backward()

    assert x.grad.tolist() == same.grad.tolist()


@pytest.mark.parametrize("name", ["x.exp()", "x.tanh()", "x.sigmoid()", "x.relu()", "x.softmax(0)"])
def test_backward_refuses_if_a_result_it_needs_was_overwritten(name):
    out = NOT_NEEDED[name](leaf(0.3, 0.6))
    change(out)

    with pytest.raises(RuntimeError, match="overwritten in place"):
        out.sum().backward()


def test_pytorch_refuses_the_same():
    torch = pytest.importorskip("torch")
    for functions, refuses in ((NEEDED, True), (NOT_NEEDED, False)):
        for function in functions.values():
            x = torch.tensor([0.3, 0.6], requires_grad=True)
            try:
                out = function(x)
            except TypeError:  # there is a tensor of ours in it
                continue
            with torch.no_grad():
                x.mul_(2)
            if refuses:
                with pytest.raises(RuntimeError, match="inplace operation"):
                    out.sum().backward()
            else:
                out.sum().backward()


def test_other_needs_of_one_op_are_told_apart():
    """Of x * y, only x wants a gradient, and that needs y alone."""
    x, y = leaf(1, 2), mg.tensor([3.0, 4.0])
    out = (x * y).sum()
    change(x)
    out.backward()
    assert x.grad.tolist() == [3.0, 4.0]

    out = (x * y).sum()
    change(y)
    with pytest.raises(RuntimeError, match="overwritten"):
        out.backward()


# ---- one memory, one version ----

SHARING = {
    "detach": lambda x: x.detach(),
    "a slice": lambda x: x.detach()[1:],
    "a row of a transpose": lambda x: x.detach().reshape(2, 2).T[0],
    "expand": lambda x: x.detach()[:1],
    "view": lambda x: x.detach().view(2, 2),
    "detach of detach": lambda x: x.detach().detach(),
    "a view of a view": lambda x: x.detach()[1:][:2][1:],
}


@pytest.mark.parametrize("name", SHARING)
def test_a_write_through_a_view_is_noticed(name):
    x = leaf(1, 2, 3, 4)
    out = (x * x).sum()
    SHARING[name](x).fill_(7)

    with pytest.raises(RuntimeError, match="overwritten"):
        out.backward()


@pytest.mark.parametrize("name", SHARING)
def test_a_write_to_the_whole_is_noticed_by_a_graph_on_a_view(name):
    x = mg.tensor([1.0, 2.0, 3.0, 4.0])
    part = SHARING[name](x).requires_grad_()
    out = (part * part).sum()
    x.fill_(7)

    with pytest.raises(RuntimeError, match="overwritten"):
        out.backward()


@pytest.mark.parametrize("copy", ["clone", "double", "long"])
def test_a_write_to_a_copy_is_nobodys_business(copy):
    x = leaf(1, 2)
    out = (x * x).sum()
    getattr(x.detach(), copy)().fill_(7)
    out.backward()

    assert x.grad.tolist() == [2.0, 4.0]


def test_an_optimizer_between_forward_and_backward_is_noticed():
    w = leaf(1, 2)
    optimizer = optim.SGD([w], lr=0.1)
    w.sum().backward()
    stale = (w * w).sum()
    optimizer.step()

    with pytest.raises(RuntimeError, match="overwritten"):
        stale.backward()


def test_running_statistics_do_not_disturb_the_graph_of_the_batch():
    x = mg.randn(4, 2, 3, 3, requires_grad=True)
    mean, var = mg.zeros(2), mg.ones(2)
    out = F.batch_norm(x, mean, var, training=True) + F.batch_norm(x, mean, var, training=True)
    out.square().sum().backward()

    assert not np.isnan(x.grad.numpy()).any()


# ---- what may be written, and what may not ----


def test_a_leaf_that_requires_grad_is_not_changed_while_recording():
    x = leaf(1, 2)
    for write in (lambda: x.add_(1), lambda: x.zero_(), lambda: x.__setitem__(0, 5), lambda: x.__iadd__(1)):
        with pytest.raises(RuntimeError, match="no_grad"):
            write()
    with mg.no_grad():
        x.add_(1)

    assert x.tolist() == [2.0, 3.0]


def test_plus_equals_on_a_result_makes_a_new_tensor():
    x = leaf(1, 2)
    y = first = x * 2
    y += 1
    y.sum().backward()

    assert y is not first
    assert x.grad.tolist() == [2.0, 2.0]


def test_a_write_that_would_have_to_be_recorded_is_refused():
    x = leaf(1, 2)
    for write in (lambda: (x * 2).add_(1), lambda: mg.zeros(2).add_(x), lambda: mg.zeros(2).__setitem__(0, x[0])):
        with pytest.raises(RuntimeError, match="recorded"):
            write()


def test_what_does_not_fit_in_place_is_refused():
    with pytest.raises(RuntimeError, match="does not fit"):
        mg.ones(2).add_(mg.ones(3, 2))
    with pytest.raises(RuntimeError, match="does not fit"):
        mg.ones(2).long().mul_(0.5)
