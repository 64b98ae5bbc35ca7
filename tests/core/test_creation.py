"""New tensors, as PyTorch makes them: shapes, types, and the same numbers where there is no chance in it."""

import numpy as np
import pytest
from beside_torch import numbers, same, same_error

import minigrad as mg

X = numbers(2, 3)

MADE = """
    T.tensor(1) | T.tensor(1.5) | T.tensor(True) | T.tensor([1, 2]) | T.tensor([1.0, 2]) | T.tensor([True, 2])
    T.tensor([]) | T.tensor([[]]) | T.tensor((1, 2)) | T.tensor(np.ones(2)) | T.tensor(np.float32(1))
    T.tensor(2**40) | T.tensor(np.array([1], "int8")) | T.tensor([1.7], dtype=T.int64) | T.tensor(range(3))
    T.tensor([np.float64(1)]) | T.tensor([T.tensor(1.0), T.tensor(2.0)]) | T.tensor([np.ones(2), np.ones(2)])
    T.tensor(np.ones((2, 0))) | T.zeros(2) | T.zeros(2, 3) | T.zeros((2, 3)) | T.zeros([2]) | T.zeros(()) | T.zeros(0)
    T.zeros(2, dtype=T.int64) | T.ones(2, 3) | T.ones(2, dtype=T.bool) | T.full((2, 3), 1.5) | T.full((2,), 3)
    T.full((2,), True) | T.full((), 3.0) | T.eye(3) | T.eye(2, 3) | T.eye(2, dtype=T.int64) | T.eye(0) | T.arange(5)
    T.arange(2, 10, 3) | T.arange(0, 1, 0.25) | T.arange(5.0) | T.arange(5, 2, -1) | T.arange(0, 1, 0.1) | T.arange(0)
    T.arange(3, dtype=T.float32) | T.arange(0, 5, 2, dtype=T.int32) | T.arange(10, 0, -3) | T.linspace(0, 1, 5)
    T.linspace(0, 1, 1) | T.linspace(0, 1, 0) | T.linspace(5, 2, 4) | T.linspace(0, 1, 100) | T.zeros_like(x)
    T.ones_like(x) | T.full_like(x, 2) | T.zeros_like(x, dtype=T.int64) | T.ones_like(x > 0)
    T.from_numpy(np.arange(3)) | T.from_numpy(np.ones(3, "float32")) | T.rand(2, 3).shape | T.randn((2, 3)).shape
    T.randint(3, (2, 2)).shape | T.randint(2, 9, (3,)).shape | T.randperm(5).shape | T.rand_like(x).shape
    T.randint_like(x, 5).dtype.itemsize | T.randint_like(x, 2, 3) | T.randint_like(x > 0, high=1) | x.new_zeros(2, 3)
    x.new_ones((2,), dtype=T.int64) | x.new_full((2,), 3) | (x > 0).new_full((1,), 2) | x.new_tensor([1, 2])
    x.double().new_tensor(np.arange(2)) | T.empty_like(x).shape
    T.randn_like(x).shape | T.empty(2, 3).shape | T.rand(()).shape | T.zeros(size=(2,)) | T.arange(end=3)
    T.randint(high=3, size=(2,)).shape | T.tensor(-1, dtype=T.uint8)
"""


@pytest.mark.parametrize("code", [code.strip() for line in MADE.strip().splitlines() for code in line.split(" | ")])
def test_made_as_in_pytorch(code):
    same(code, x=X)


WRONG = """
    T.tensor([[1, 2], [3]]) | T.tensor("a") | T.tensor([None]) | T.tensor({}) | T.from_numpy([1]) | T.zeros(-1)
    T.ones(2, -3) | T.full((-1,), 1) | T.zeros(2.5) | T.rand(-1) | T.randn(-1) | T.eye(-1) | T.randperm(-1)
    T.arange(0, 5, -1) | T.arange(0, 5, 0) | T.linspace(0, 1, -1) | T.randint(5, 5, (2,))
    T.randint_like(T.ones(2), 0) | T.full(2, 3) | T.randint(0, 3) | T.arange() | T.arange(float("inf"))
    T.tensor(300, dtype=T.uint8) | T.tensor([1, float("nan")], dtype=T.int64) | T.full((1,), 2**40, dtype=T.int32)
    T.rand(2, dtype=T.int64) | T.randn_like(T.arange(3)) | T.randint(2, (1,), requires_grad=True)
    float(T.ones(2)) | int(T.ones(0)) | [1, 2][T.arange(2)]
    T.tensor([1], requires_grad=True)
"""


@pytest.mark.parametrize("code", [code.strip() for line in WRONG.strip().splitlines() for code in line.split(" | ")])
def test_what_cannot_be_made_raises_what_pytorch_raises(code):
    same_error(code)


def test_tensor_copies_and_from_numpy_shares():
    array = np.zeros(2)
    copied, shared = mg.tensor(array), mg.from_numpy(array)
    array[0] = 1

    assert copied.tolist() == [0.0, 0.0]
    assert shared.tolist() == [1.0, 0.0]


def test_one_seed_gives_the_same_numbers():
    draws = []
    for _ in range(2):
        mg.manual_seed(3)
        draws.append([mg.rand(2).tolist(), mg.randn(2).tolist(), mg.randint(9, (3,)).tolist(), mg.randperm(5).tolist()])

    assert draws[0] == draws[1]


def test_a_generator_of_ones_own_leaves_the_other_alone():
    mg.manual_seed(3)
    expected = mg.rand(2).tolist()
    mg.manual_seed(3)
    mg.rand(5, generator=mg.Generator(1))

    assert mg.rand(2).tolist() == expected


def test_random_numbers_are_spread_as_promised():
    mg.manual_seed(0)
    even, normal, die = mg.rand(10000), mg.randn(10000), mg.randint(1, 7, (10000,))

    assert even.min().item() >= 0 and even.max().item() < 1
    assert even.mean().item() == pytest.approx(0.5, abs=0.02)
    assert normal.mean().item() == pytest.approx(0, abs=0.05)
    assert normal.std().item() == pytest.approx(1, abs=0.05)
    assert sorted(set(die.tolist())) == [1, 2, 3, 4, 5, 6]
    assert sorted(mg.randperm(100).tolist()) == list(range(100))


def test_like_takes_shape_type_and_device():
    x = mg.zeros(2, 3, dtype=mg.float64)

    assert (mg.ones_like(x).shape, mg.ones_like(x).dtype, mg.ones_like(x).device) == ((2, 3), mg.float64, "cpu")
    assert not mg.ones_like(x.requires_grad_()).requires_grad
