"""A tensor prints as PyTorch's does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg

torch = pytest.importorskip("torch")

PRINTED = """
    [1.0, 2.5, -3] | [1, 2, 3] | [True, False] | 3.5 | 3 | [] | [[0.0, 0.0]] | [[], []] | [1e-5, 1.0] | [1e10, 1.0]
    [0.1, 0.22] | [float("nan"), 1.0] | [float("inf"), -1.5] | [[1.5, -2.25], [1000.125, 3.0]] | [1e8] | [123456789.0]
    [0.00001] | [-0.0, 0.0] | [1e-10, 1e-9] | [99999.5] | [1e5, 1e-3] | [[[1.0]]] | 1e-8 | 123456.789 | [-1, 10, -100]
    [1.0, 1e6]
"""


@pytest.mark.parametrize("code", [code.strip() for line in PRINTED.strip().splitlines() for code in line.split(" | ")])
def test_numbers(code):
    assert repr(mg.tensor(eval(code))) == repr(torch.tensor(eval(code)))


@pytest.mark.parametrize("shape", [(30,), (3, 4), (2, 3, 4), (2000,), (50, 50), (3, 1001), (2, 2, 2, 2)])
@pytest.mark.parametrize("dtype", ["float32", "int64"])
def test_shapes(shape, dtype):
    array = np.arange(np.prod(shape)).reshape(shape).astype(dtype)

    assert repr(mg.tensor(array)) == repr(torch.tensor(array))


@given(st.lists(st.floats(width=32).map(lambda x: x + 0.0), min_size=1, max_size=4))  # + 0.0: no -0.0
def test_any_few_numbers(numbers):
    assert repr(mg.tensor(numbers)) == repr(torch.tensor(numbers))


@pytest.mark.parametrize("n", range(1, 30))
@pytest.mark.parametrize("requires_grad", [False, True])
def test_what_is_said_of_a_tensor_begins_a_line_where_it_does_not_fit(n, requires_grad):
    numbers = [[0.5] * n] * 2

    assert repr(mg.tensor(numbers, requires_grad=requires_grad)) == repr(
        torch.tensor(numbers, requires_grad=requires_grad)
    )


def test_a_tensor_of_no_elements_names_its_type():
    assert repr(mg.tensor([], dtype=mg.int64)) == "tensor([], dtype=mg.int64)"


def test_types_are_named_where_they_are_not_the_usual_ones():
    assert repr(mg.tensor([1.5], dtype=mg.float64)) == "tensor([1.5000], dtype=mg.float64)"
    assert repr(mg.tensor([1], dtype=mg.uint8)) == "tensor([1], dtype=mg.uint8)"


def test_a_leaf_says_that_it_requires_grad_and_a_result_what_made_it():
    x = mg.tensor([1.0], requires_grad=True)

    assert repr(x) == "tensor([1.], requires_grad=True)"
    assert repr(x * 2) == "tensor([2.], op=mul)"
