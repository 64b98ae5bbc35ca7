"""Number types: what comes out of two that differ, and what each function gives, as in PyTorch."""

import itertools
import warnings

import numpy as np
import pytest
from beside_torch import evaluated, same, same_error

import minigrad as mg

torch = pytest.importorskip("torch")

TYPES = ["bool", "uint8", "int32", "int64", "float16", "float32", "float64"]
NUMBERS = {"a bool": True, "an int": 2, "a float": 2.5}


def of(T, kind, ndim):
    """A tensor of a type with `ndim` axes, or a plain number."""
    return NUMBERS[kind] if kind in NUMBERS else T.tensor(np.ones((2,) * ndim, kind))


PAIRS = [
    pytest.param(x, y, id=f"{x} and {y}") for x, y in itertools.product(TYPES, [*TYPES, *NUMBERS])
]  # each tried with and without axes, in both orders


@pytest.mark.parametrize("x, y", PAIRS)
@pytest.mark.parametrize(
    "code", ["x + y", "x * y", "x / y", "x == y", "x < y", "T.where(T.tensor([True, False]), x, y)"]
)
def test_promotion_is_pytorchs(code, x, y):
    for (n, m), turned in itertools.product([(1, 1), (1, 0), (0, 1), (0, 0)], [False, True]):
        results = []
        for T in (mg, torch):
            pair = [of(T, x, n), of(T, y, m)]
            out = eval(code, {"T": T, **dict(zip("xy", reversed(pair) if turned else pair))})
            results.append((str(out.dtype).removeprefix("torch."), tuple(out.shape), out.tolist()))
        (*kind, ours), (*expected, theirs) = results
        assert kind == expected
        np.testing.assert_allclose(ours, theirs, rtol=1e-3)


FUNCTIONS = """
    -x | x.exp() | x.sqrt() | x.sigmoid() | x.square() | x**2 | x**0.5 | 2**x | x.sum() | x.sum(1) | x.mean()
    x.max() | x.max(1) | x.amax(0) | x.argmax() | x.softmax(1) | x.log_softmax(1) | x.logsumexp(1) | x.clamp(0, 1)
    x.clamp(0.5) | x.clamp(max=2) | x / 2 | 1 / (x + 1) | ~x | T.cat([x, x.float()]) | T.stack([x, x]) | T.isnan(x)
    T.logical_not(x) | T.where(x > 0, x, 0.5) | x.var() | x.relu() | abs(x) | x - x | x < 1.5 | x.to(T.uint8)
    x.float() | x.bool() | x.detach().add_(1) | x.detach().mul_(2.5) | x.detach().div_(2) | x.detach().sub_(1)
    T.zeros_like(x)
"""


@pytest.mark.parametrize(
    "code", [code.strip() for line in FUNCTIONS.strip().splitlines() for code in line.split(" | ")]
)
@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float32", "float64"])
def test_a_function_of_each_type_gives_or_raises_what_pytorch_does(code, dtype):
    array = np.array([[1, 0, 2], [3, 1, 1]]).astype(dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            evaluated(code, torch, {"x": array})
        except Exception:
            same_error(code, x=array)
        else:
            same(code, x=array)


def test_a_gradient_has_the_type_of_its_tensor():
    x, w = mg.ones(3, requires_grad=True), mg.ones(3, dtype=mg.float64, requires_grad=True)
    (x * w).sum().backward()

    assert (x.grad.dtype, w.grad.dtype) == (mg.float32, mg.float64)


def test_only_floats_require_gradients():
    with pytest.raises(RuntimeError, match="only floating-point tensors"):
        mg.tensor([1, 2]).requires_grad_()
    assert not (mg.ones(2, requires_grad=True) > 0).requires_grad
    assert not mg.ones(2, requires_grad=True).long().requires_grad


def test_a_type_has_pytorchs_other_names_too():
    for name in ("half", "float", "double", "short", "int", "long"):
        assert str(getattr(torch, name)).removeprefix("torch.") == getattr(mg, name).name
