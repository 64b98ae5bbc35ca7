"""Judges let right ops pass, and say of wrong ones what is wrong, in one sentence with the numbers in it."""

import numpy as np
import pytest

from minigrad import ops
from minigrad.check.case import case, exactly, normal
from minigrad.check.cases import CASES
from minigrad.check.compare import compare
from minigrad.check.judges import against_finite_differences, against_torch, on_standin

pytest.importorskip("torch")


def cases_of(name):
    return [case for case in CASES if case.op == name]


def mul_with_gradients_exchanged(x, y):
    return x * y, lambda g: g * x, lambda g: g * y


def mul_in_float64(x, y):
    return np.multiply(x, y, dtype="float64"), lambda g: g * y, lambda g: g * x


def sum_that_keeps_its_axis(x, *, axis=None, keepdims=False):
    return x.sum(axis=axis, keepdims=True), lambda g: np.broadcast_to(g, x.shape)


def tanh_without_the_chain_rule(x):
    out = np.tanh(x)
    return out, lambda g: 1 - out * out


def softmax_that_overflows(x, *, axis):
    out = np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True)
    return out, lambda g: out * (g - (g * out).sum(axis=axis, keepdims=True))


def amax_where_all_winners_get_everything(x, *, axis=None, keepdims=False):
    out = x.max(axis=axis, keepdims=True)
    return x.max(axis=axis, keepdims=keepdims), lambda g: ops.reduction.restored(g, axis, keepdims) * (x == out)


def clamp_that_stops_at_its_bounds(x, low=None, high=None):
    return np.clip(x, low, high), lambda g: g * (x == np.clip(x, low, high)) * (x != low) * (x != high), None, None


WRONG = [
    ("mul", mul_with_gradients_exchanged, "the gradient of x: "),
    ("mul", mul_in_float64, "the result: yours is float64, PyTorch's float32."),
    ("sum", sum_that_keeps_its_axis, "the result: yours has shape (1, 1), PyTorch's ()."),
    ("tanh", tanh_without_the_chain_rule, "the gradient of x: "),
    ("softmax", softmax_that_overflows, "yours is nan"),
    ("amax", amax_where_all_winners_get_everything, "the gradient of x: "),
    ("clamp", clamp_that_stops_at_its_bounds, "the gradient of x: "),
]


@pytest.mark.parametrize("name, op, said", WRONG, ids=[op.__name__ for _, op, _ in WRONG])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_wrong_op_fails_and_hears_why(name, op, said):
    failed = [verdict for case in cases_of(name) if not (verdict := against_torch(case, op=op))]

    assert failed
    assert any(said in verdict.said for verdict in failed), failed


@pytest.mark.parametrize("seed", range(5))
def test_finite_differences_find_a_wrong_gradient_without_pytorch(seed):
    assert not against_finite_differences(cases_of("mul")[0], seed, op=mul_with_gradients_exchanged)
    assert not against_finite_differences(cases_of("tanh")[0], seed, op=tanh_without_the_chain_rule)


def test_a_case_at_a_corner_is_passed_over_and_says_so():
    verdict = against_finite_differences(case("abs", "at 0", exactly([0.0]), corner="it has a corner"))

    assert verdict
    assert verdict.said == "passed over: it has a corner."


def relu_made_in_main_memory(x):
    return np.maximum(x, np.zeros(x.shape, x.dtype)), lambda g: g * (x > 0)


def relu_pulled_back(x):
    return np.asarray([max(float(number), 0) for number in x]), lambda g: g


@pytest.mark.parametrize("op", [relu_made_in_main_memory, relu_pulled_back])
def test_an_op_that_leaves_the_gpu_is_found_without_one(op):
    with pytest.raises((TypeError, RuntimeError)):
        on_standin(case("relu", "any", normal(4)), op=op)


def test_the_worst_element_is_named():
    ours, theirs = np.zeros((2, 3)), np.zeros((2, 3))
    ours[1, 2], ours[0, 1] = 5, 1

    difference = compare(ours, theirs)

    assert difference.index == (1, 2)
    assert difference.said() == "at [1, 2] yours is 5, PyTorch's 0 (apart by 5; 2 of 6 elements differ)."


def test_nan_agrees_with_nan_and_with_nothing_else():
    nan, one, inf = np.array([np.nan]), np.array([1.0]), np.array([np.inf])

    assert compare(nan, nan) is None
    assert compare(inf, inf) is None
    assert compare(nan, one) and compare(one, nan) and compare(inf, one) and compare(inf, -inf)


def test_integers_have_to_be_equal():
    big = np.array([2**60])

    assert compare(big, big) is None
    assert compare(big, big + 1)
