"""The Tensor itself: leaves and results, what backward() accepts, views, and the way out to NumPy and Python."""

import copy
import pickle

import numpy as np
import pytest
from beside_torch import numbers, same

import minigrad as mg
from minigrad import ops
from minigrad.tensor import apply

# ---- leaves and results ----


def test_a_result_remembers_its_op_inputs_and_options():
    x = mg.ones(2, 3, requires_grad=True)
    out = x.sum(1, keepdim=True)

    assert out.op is ops.sum
    assert out.inputs == (x,)
    assert out.options == {"axis": 1, "keepdims": True}
    assert len(out.gradients) == 1
    assert not out.is_leaf and x.is_leaf


def test_a_result_requires_grad_if_one_of_its_inputs_does():
    x, y = mg.ones(2, requires_grad=True), mg.ones(2)

    assert (x + y).requires_grad
    assert not (y + y).requires_grad
    assert not (x.detach() + y).requires_grad


def test_a_float_tensor_may_ask_for_a_gradient_at_any_time_and_take_it_back():
    x = mg.ones(2).requires_grad_()
    assert x.requires_grad
    assert not x.requires_grad_(False).requires_grad


def test_a_result_cannot_take_it_back():
    x = mg.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match="use .detach()"):
        (x * 2).requires_grad_(False)


def test_a_gradient_is_a_tensor_of_the_same_shape_and_type():
    x = mg.ones(2, 3, dtype=mg.float64, requires_grad=True)
    (x * x).sum().backward()

    assert (x.grad.shape, x.grad.dtype, x.grad.requires_grad) == ((2, 3), mg.float64, False)


# ---- what backward accepts ----


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_backward_starts_from_one_number_whatever_its_shape(shape):
    x = mg.ones(*shape, requires_grad=True)
    (x * 3).backward()

    assert x.grad.data.ravel().tolist() == [3.0]


def test_backward_of_more_takes_a_gradient_of_the_same_shape():
    x = mg.ones(3, requires_grad=True)
    (x * x).backward(mg.tensor([1.0, 10.0, 100.0]))

    assert x.grad.tolist() == [2.0, 20.0, 200.0]


def test_backward_of_a_leaf_is_its_own_gradient():
    x = mg.tensor(3.0, requires_grad=True)
    x.backward()

    assert x.grad.item() == 1.0


def test_backward_without_anything_to_reach_says_so():
    with pytest.raises(RuntimeError, match="nowhere to go"):
        mg.ones(1).backward()
    with mg.no_grad():
        out = mg.ones(1, requires_grad=True) * 2
    with pytest.raises(RuntimeError, match="nowhere to go"):
        out.backward()


def test_an_empty_tensor_sends_an_empty_gradient():
    x = mg.ones(0, 3, requires_grad=True)
    (x * 2).sum().backward()

    assert x.grad.shape == (0, 3)


# ---- views ----


@pytest.mark.parametrize(
    "view",
    ["x[1:]", "x.T", "x.reshape(6)", "x.view(3, 2)", "x.unsqueeze(0)", "x.expand(2, 2, 3)", "x.detach()", "x[0]"],
)
def test_a_view_shares_its_memory(view):
    x = mg.zeros(2, 3)
    y = eval(view)

    assert np.may_share_memory(x.data, y.data)
    x.fill_(7)
    assert (y == 7).all()


@pytest.mark.parametrize(
    "copied", ["x.clone()", "x.T.reshape(6)", "x[[0, 1]]", "x[x == 0]", "x.double()", "x.T.contiguous()"]
)
def test_a_copy_does_not(copied):
    x = mg.zeros(2, 3)

    assert not np.may_share_memory(x.data, eval(copied).data)


def test_view_refuses_where_reshape_copies():
    x = mg.zeros(2, 3).T
    with pytest.raises(RuntimeError, match="reading order"):
        x.view(6)


def test_clone_and_detach_differ_in_what_they_remember():
    x = mg.ones(2, requires_grad=True)

    assert x.clone().requires_grad and x.clone().op is ops.cast
    assert not x.detach().requires_grad


# ---- out of the tensor ----


def test_numpy_is_the_memory_itself():
    x = mg.zeros(2)
    x.numpy()[0] = 5

    assert x.tolist() == [5.0, 0.0]


def test_numpy_functions_take_a_tensor_that_has_no_graph():
    assert np.asarray(mg.ones(2)).sum() == 2
    with pytest.raises(RuntimeError, match="detach"):
        np.asarray(mg.ones(2, requires_grad=True))


def test_an_array_and_a_tensor_give_a_tensor_in_either_order():
    array, x = np.array([1.0, 2.0], "float32"), mg.ones(2, requires_grad=True)
    for out in (array * x, x * array, array + x, x - array, array @ x):
        assert isinstance(out, mg.Tensor) and out.requires_grad


@pytest.mark.parametrize(
    "code", ["x[0, 0].item()", "x.tolist()", "float(x[0, 0])", "int(x[1, 1])", "bool(x[0, 0])", "len(x)"]
)
def test_python_numbers_come_out(code):
    same(code, x=numbers(2, 3) * 10)


def test_a_tensor_is_true_or_false_only_if_it_is_one_number():
    assert mg.tensor([[1.0]])
    assert not mg.tensor(0)
    with pytest.raises(RuntimeError, match="any"):
        bool(mg.ones(2))


def test_tensors_are_told_apart_by_identity_in_sets_and_dicts():
    x, y = mg.ones(2), mg.ones(2)

    assert len({x, y, x}) == 2
    assert {x: "x"}[x] == "x"


def test_a_deep_copy_has_memory_of_its_own():
    x = mg.ones(2, requires_grad=True)
    y = copy.deepcopy(x)
    y.detach().fill_(5)

    assert x.tolist() == [1.0, 1.0]
    assert y.requires_grad


def test_a_leaf_survives_pickling():
    x = mg.tensor([1.0, 2.0], requires_grad=True)
    y = pickle.loads(pickle.dumps(x))

    assert y.tolist() == [1.0, 2.0] and y.requires_grad and y.is_leaf


# ---- apply ----


def test_an_op_of_ones_own_is_recorded_like_any_other():
    def cube(x):
        """x * x * x."""
        return x**3, lambda g: g * 3 * x**2

    x = mg.tensor(2.0, requires_grad=True)
    out = apply(cube, x)
    out.backward()

    assert (out.item(), x.grad.item()) == (8.0, 12.0)


def test_an_error_of_the_op_itself_is_not_dressed_up():
    def broken(x):
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        apply(broken, mg.ones(2))


def test_numbers_and_options_pass_through_to_the_op():
    seen = []

    def op(x, number, *, option):
        seen.append((number, option))
        return x * number, lambda g: g * number

    apply(op, mg.ones(2), 3, option="kept")
    assert seen == [(3, "kept")]
