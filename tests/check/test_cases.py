"""Every op, on every case of the table, before three judges."""

import numpy as np
import pytest

from minigrad import ops
from minigrad.check.cases import CASES
from minigrad.check.counterparts import COUNTERPARTS
from minigrad.check.judges import against_finite_differences, against_torch, on_standin

pytest.importorskip("torch")
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # log(0) is -inf, without a word in PyTorch
every_case = pytest.mark.parametrize("case", CASES, ids=str)


def test_every_op_has_cases_and_a_counterpart():
    assert {case.op for case in CASES} == set(ops.__all__)
    assert set(ops.__all__) <= set(COUNTERPARTS)


def test_every_op_is_tried_where_finite_differences_apply():
    assert {case.op for case in CASES if not case.corner} == set(ops.__all__)


def test_no_two_cases_of_an_op_say_the_same():
    assert len({str(case) for case in CASES}) == len(CASES)


@every_case
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_value_and_gradient_are_pytorchs(case, dtype):
    verdict = against_torch(case, dtype=dtype)

    assert verdict, verdict


@every_case
def test_the_gradient_is_the_slope(case):
    verdict = against_finite_differences(case)

    assert verdict, verdict


@every_case
def test_no_array_leaves_the_device(case):
    verdict = on_standin(case)

    assert verdict, verdict


@pytest.mark.parametrize("seed", [1, 2])
def test_other_seeds_give_other_numbers_and_the_same_verdict(seed):
    verdicts = [against_torch(case, seed) for case in CASES] + [
        against_finite_differences(case, seed) for case in CASES
    ]

    assert [verdict for verdict in verdicts if not verdict] == []


def test_one_seed_gives_the_same_numbers_every_time():
    for case in CASES:
        for x, y in zip(case.drawn(7)[0], case.drawn(7)[0]):
            np.testing.assert_array_equal(x, y)


def test_a_gradient_function_answers_twice_the_same_and_leaves_its_arrays_alone():
    for case in CASES:
        inputs, options = case.drawn(3)
        before = [np.copy(x) for x in inputs]
        value, *gradients = getattr(ops, case.op)(*inputs, **options)
        if value.dtype.kind != "f":
            continue
        g = np.ones_like(value)
        for x, gradient in zip(inputs, gradients):
            if isinstance(x, np.ndarray):
                np.testing.assert_array_equal(np.copy(gradient(g)), gradient(g), str(case))
        assert (g == 1).all(), case
        for x, was in zip(inputs, before):
            np.testing.assert_array_equal(x, was, str(case))
