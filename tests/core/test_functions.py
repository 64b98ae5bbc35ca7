"""What can be done with tensors, line by line as in PyTorch: values, shapes, types and gradients."""

import math

import numpy as np
import pytest
from beside_torch import numbers, same, same_error
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg

X, Y = numbers(2, 3, 4), numbers(4, seed=1)
TIES = np.array([[1, 3, 3, 0], [2, 2, 2, 2], [-1, 0, -1, 0]], "float32")


def lines(text):
    return pytest.mark.parametrize("code", [line.strip() for line in text.strip().splitlines()])


@lines("""
    x + y
    y - x
    x * y
    x / y
    2 - x
    1 / (x * x + 1)
    x**2
    x**3
    x**-1
    (x * x) ** 0.5
    (x * x) ** y
    2**x
    -x
    +x
    abs(x)
    x.exp()
    (x * x).log()
    (x * x).sqrt()
    x.tanh()
    x.sigmoid()
    x.relu()
    x.square()
    x.clamp(-1, 1)
    x.clamp(min=0)
    T.clamp(x, max=0.5)
    x.maximum(y)
    T.minimum(x, y)
    T.where(x > 0, x, y)
    T.where(x > 0, x, 0.0)
    T.where(x > 0, 1.5, 2)
    (x > 0) & (y > 0)
    (x > 0) | ~(y > 0)
    T.logical_not(x)
    x == y
    x != 0
    x >= y
    T.isfinite(x / 0)
    np.float32(2) * x.detach()
    T.add(x, y, alpha=0.5)
    x.sub(2, alpha=3)
    x.detach() // y.detach()
    x.detach() // 0.3
    1 // x.detach()
    x % y
    x % -0.3
    1 % x.detach()
    x.div(y, rounding_mode="trunc")
    T.div(1, x, rounding_mode="floor")
    x.div(y, rounding_mode="floor")
    T.remainder(x, y)
    x.remainder(0.4)
    x.reciprocal()
    (x * x).rsqrt()
    x.expm1()
    (x * x).log1p()
    x.sin()
    T.cos(x)
    T.erf(2 * x)
    x.detach().half().erf()
    x.sign()
    x.floor() * x
    x.ceil() * x
    x.trunc() * x
    x.round() * x
    (10 * x).round(decimals=1)
    T.round(100 * x, decimals=-2)
    x.clamp(y - 1, y + 1)
    x.clamp(min=y)
    x.clamp(max=y)
    x.clamp(T.tensor(-0.1), 0.5)
    T.clamp(x, min=y.abs() - 1, max=y.abs())
    x.where(x > y, y)
    T.isinf(x / 0)
    T.isclose(x, x + 1e-6)
    x.isclose(y.expand(2, 3, 4), rtol=0, atol=1)
    x.allclose(x + 1e-6)
    T.allclose(x, y)
    T.logical_xor(x > 0, y > 0)
    (x > 0) ^ (y > 0)
    True & (x > 0)
    x.detach().to(T.uint8).add(y.detach().to(T.int8), alpha=2)
    x.isclose(x / 0 * 0, equal_nan=True)
""")
def test_arithmetic(code):
    same(code, x=X, y=Y)


@lines("""
    x.sum()
    x.sum(0)
    x.sum(-1)
    x.sum((0, 2))
    x.sum(1, keepdim=True)
    x.sum(dim=None)
    x.sum(())
    x.sum((0, -1), True)
    x.sum(1, dtype=T.float64)
    x.detach().sum(dtype=T.uint8)
    x.detach().prod(0, dtype=T.int32)
    x.sum().sum((0,))
    x.half().mean((0, 1))
    (20 * x).half().cumsum(0)
    x.half().softmax(-1)
    x.half().log_softmax(0)
    x.half().var(1)
    (x * 1e20).std(1)
    x.mean()
    x.mean((0, 2), keepdim=True)
    x.var()
    x.var((0, 2))
    x.var(1, correction=0, keepdim=True)
    x.std()
    x.std(-1, correction=0)
    x.max()
    x.max(1)
    x.max(-1, keepdim=True)
    x.max(1).values
    x.max(1).indices
    x.min(0)
    T.max(x, y)
    x.amax()
    x.amax((0, 2))
    x.amin((0, 1), keepdim=True)
    x.argmax()
    x.argmax(1)
    x.argmin(1, keepdim=True)
    x.argmax(keepdim=True)
    x.logsumexp(1)
    x.logsumexp((0, 2), keepdim=True)
    x.softmax(-1)
    T.softmax(x, dim=0)
    x.log_softmax(1)
    (x > 0).sum()
    (x > 0).any(1)
    (x > 0).all((0, 2), keepdim=True)
    x.sum().mean(0)
    x.sum().max(0)
    x.sum().softmax(0)
    x.std(False)
    x.std(0, False)
    x.std((0, 2), False, True)
    x.var(1, True)
    x.var(dim=(0, 1), unbiased=False, keepdim=True)
    x.var(-1, correction=2)
    x.prod()
    x.prod(-1)
    x.prod(1, True)
    x.prod(0, dtype=T.float64)
    T.prod(x, dim=1, keepdim=True)
    x[0, 0, 0].prod(0)
    x[:, :0].prod(1)
    x[:, :0].prod()
    (x > 0).prod(1)
    x.mT.prod(1)
    x.cumsum(0)
    x.cumsum(-1)
    x.mT.cumsum(1)
    x[0, 0, 0].cumsum(0)
    x[:, :0].cumsum(1)
    x.cumsum(1, dtype=T.float64)
    (x > 0).cumsum(2)
    (x > 0).any((0, 1))
    x.all((1, -1), True)
    (x > 0).any(())
    (x > 0).to(T.uint8).any(1)
    (x > 0).to(T.uint8).all()
    T.count_nonzero(x > 0, (0, 1))
    (x > 0).count_nonzero()
    x.softmax(1, T.float64)
    (10 * x).long().softmax(1, dtype=T.float32)
    x.log_softmax(-1, dtype=T.float64)
    T.linalg.vector_norm(x)
    T.linalg.vector_norm(x, 1, (0, 2))
    T.linalg.vector_norm(x, 3, 1, True)
    T.linalg.vector_norm(x, 2.5, dim=-1)
    T.linalg.vector_norm(x, 0.5, dim=-1)
    T.linalg.vector_norm(x, float("inf"), 0)
    T.linalg.vector_norm(x, -float("inf"), (0, 1))
    T.linalg.vector_norm(x, -1)
    T.linalg.vector_norm(x, dtype=T.float64)
    T.linalg.vector_norm(x.detach(), 0, 1)
    T.linalg.vector_norm(x[:0])
    T.linalg.vector_norm(x[0, 0, 0])
""")
def test_reductions(code):
    same(code, x=X, y=Y)


@lines("""
    x.max(0)
    x.max(1)
    x.min(1)
    x.amax(1)
    x.amax()
    x.amin((0, 1))
    x.max()
    x.min()
    x.argmax(1)
    x.argmin(0)
    x.argmax()
    x.abs().sqrt()
    x.relu().log()
    x.relu().sqrt()
    x.clamp(0, 2).log()
    T.maximum(x, x * 0).sqrt()
    (x * x) ** 0.5
    (x / 0) ** 0
    x.relu()
    x.clamp(0, 2)
    T.maximum(x, x.T[:3, :1])
    x**0
    x.std(1)
    T.where(x > 0, x.sqrt(), 0)
    x.prod()
    x.prod(0)
    x[:, 2:].prod(1)
    x[:, :3].prod(1)
    x[2].prod()
    x.sign()
    x.detach() // 0
    x % 0
    x.div(x, rounding_mode="trunc")
    (x / 2).round()
    x.rsqrt()
    x.reciprocal()
    x.log1p()
    x.clamp(x.detach() + 0, x * 2)
    x.clamp(x - 1, x - 1)
    x.clamp(x + 1, x - 1)
    x.clamp(x / 0, x * 0)
    T.where(x > 0, x, float("nan")).clamp(x * 0)
    x.clamp(x / 0, x - 1)
    x.clamp(x + 1, x * float("nan"))
    (-x) ** 0.5
    (-x) ** -0.5
    (x / 0).cumsum(1)
    (x / 0).prod(1).isnan()
    (x / 0).sign()
    (x / 0).any()
    (x / 0).max()
    (x / 0).min()
    (x / 0).sum()
    T.isclose(x / 0, x / 0)
    T.isclose(x / 0, x / 0, equal_nan=True)
    T.allclose(x / 0, x / 0, equal_nan=True)
    T.linalg.vector_norm(x * 0)
    T.linalg.vector_norm(x, dim=1)
    T.linalg.vector_norm(x, 1, 1)
    T.linalg.vector_norm(x, 1.5, 1)
    T.linalg.vector_norm(x, 3)
    T.linalg.vector_norm(x / 0 * 2, 2, 1)
    T.linalg.vector_norm(x / 0, float("inf"), 1)
    T.linalg.vector_norm(T.where(x > 2, x / 0, x), 2, 1)
    T.linalg.vector_norm(T.where(x > 2, x / 0, x), -1)
    T.linalg.vector_norm(x, float("inf"), 1)
    T.linalg.vector_norm(x, -float("inf"), 1)
    T.linalg.vector_norm((x / 0).detach(), 0)
""")
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_ties_and_zeros(code):
    same(code, x=TIES)


@lines("""
    x.reshape(6, 4)
    x.reshape(-1)
    x.reshape((2, -1))
    x.mT.reshape(-1)
    x.view(4, 6)
    x.view((3, -1))
    x.flatten()
    x.flatten(1)
    x.flatten(0, -2)
    x.permute(2, 0, 1)
    x.permute((-1, 0, 1))
    x.transpose(0, -1)
    x.mT
    x[0].T
    y.t()
    x.unsqueeze(0)
    x.unsqueeze(-1)
    x[:, :1].squeeze()
    x[:, :1].squeeze(0)
    x[:1, :1].squeeze((0, 1))
    x.expand(5, 2, 3, 4)
    x[:, :1].expand(-1, 3, -1)
    y.expand(3, 4)
    T.cat([x, x], -1)
    T.cat([x, x > 0])
    T.cat([T.tensor([]), x], 1)
    T.stack([x, x * 2], 1)
    T.stack([y, y], dim=-1)
    x @ y
    y @ y
    y @ x[0].T
    x @ x.mT
    x[0] @ x.mT
    T.matmul(x, y)
    x.gather(1, T.tensor([[[0, 2, 1, 0]], [[1, 1, 0, 2]]]))
    x.gather(2, T.tensor([[[0]]]))
    T.gather(x, -1, T.tensor([[[3, 3, 0, 1, 1]]]))
    x.clone()
    x.contiguous()
    x.mT.contiguous()
    x.double() * 2
    x.half()
    (9 * x).short()
    (9 * x).int()
    (9 * x).long()
    x.bool()
    x.to(T.int32)
    x.to("cpu", T.float64)
    x.to(y)
""")
def test_shapes_products_and_casts(code):
    same(code, x=X, y=Y)


@lines("""
    x.shape
    x.size()
    x.size(-1)
    x.ndim
    x.dim()
    x.numel()
    len(x)
    x.stride()
    x.mT.stride()
    x.is_contiguous()
    x.mT.is_contiguous()
    x.is_leaf
    (x * 2).is_leaf
    x.detach().requires_grad
    x.tolist()
    x.sum().item()
    float(x.sum())
    int(x[0, 0, 0] * 100)
    bool(x.sum() > 0)
    [row.sum() for row in x]
    x == None
    x != "a"
    f"{x.sum():.3f}"
    0.5 in x
    [1, 2, 3][T.tensor(1)]
""")
def test_questions_about_a_tensor(code):
    same(code, x=X)


@lines("""
    x.add_(1)
    x.sub_(y)
    x.mul_(y).div_(2)
    x.clamp_(-1, 1)
    x.clamp_(y, y + 1)
    x.clamp_(max=y)
    x.zero_()
    x.fill_(3)
    x.copy_(y)
    x.__setitem__(0, 1.0)
    x.__setitem__((slice(None), 1), y)
    x.__setitem__(x > 0, 0)
    x.__setitem__(T.tensor([0, 1]), T.ones(2, 3, 4))
    x.__setitem__(slice(0, 1), x[1:] * 2)
""")
def test_changes_in_place(code):
    same(f"(lambda x, y: ({code}, x)[1])(x.detach(), y.detach())", x=X, y=Y)


@lines("""
    x // y
    x % y
    x // 2
    x % 2.5
    -9 // y
    9 % y
    x // 2.0
    x.div(y, rounding_mode="trunc")
    x.div(2, rounding_mode="trunc")
    x.div(2.5, rounding_mode="floor")
    x.sign()
    x.floor()
    x.ceil()
    x.trunc()
    x.round()
    x.to(T.uint8).ceil()
    x.to(T.uint8).sign()
    x.bool().sign()
    x.clamp(y, y + 2)
    x.clamp(max=T.tensor(0.5))
    x.bool().clamp(0)
    x.prod()
    x.cumsum(0)
    x.to(T.int32).prod(0)
    x.bool().cumsum(0)
    x.reciprocal()
    x.expm1()
    x.sin()
    x.erf()
    x.isclose(y)
    x.isinf()
    x.logical_xor(y - y)
    x**2.0
    x**y
    2**y
    (-1) ** y
    x.add(y, alpha=2)
    x.bool().add(y.bool(), alpha=-3)
    x.to(T.int8) + 200
    x.to(T.uint8) * -1
    x.to(T.uint8) / -2
    x.to(T.int8) == 200
    x.to(T.uint8).clamp(-1)
    x.bool() // y
    y % x.bool().add(1)
    x.bool().any()
    x.square()
""")
def test_whole_numbers(code):
    same(code, x=np.array([-7, -6, 0, 3, 8]), y=np.array([2, -4, 3, -3, 5]))


@lines("""
    x // 0
    x % 0
    x**-1
    x.double().requires_grad_().floor_divide(2).sum().backward()
    (7 % x.double().requires_grad_()).sum().backward()
    x.add(x, alpha=True)
    x.maximum(2)
    x.double() & x.double()
    x.double().isclose(x.double(), rtol=-1)
    x.double().clamp(x.double().requires_grad_()[0], 1)
    x.double().clamp_()
    x.clamp_(0.5)
    x.div(x * 0, rounding_mode="trunc")
    x.div(2, rounding_mode="up")
    x.bool() // x.bool()
    x.bool() % True
    x.bool().floor()
    x.bool().ceil()
    x.bool().trunc()
    x.bool().round()
    x.round(decimals=1)
    x.bool().clamp(True)
    x.clamp(x, 2)
    x.clamp(T.ones(2))
    x.add(x, alpha=0.5)
    x.logical_xor(1)
    x.isclose(1)
    x.isclose(x.double())
    x.prod((0,))
    x.prod(1)
    x.cumsum(None)
    x.cumsum(1)
    x.double().std(0, False, correction=1)
    x.softmax(0)
    x.double().softmax((0,))
    x.argmax((0,))
    x.max((0,))
    x.min(None, True)
    x.double().logsumexp(None)
    x.prod(None, True)
    x.var(3)
    x.double().requires_grad_().sum(dtype=T.int32)
    x.double().requires_grad_().cumsum(0, dtype=T.int32)
    T.linalg.vector_norm(x, dtype=T.float32)
    T.linalg.vector_norm(x)
    T.linalg.vector_norm(x.double(), "fro")
    T.linalg.vector_norm(x.double(), dtype=T.float32)
    T.linalg.vector_norm(x.double()[:0], float("inf"))
    T.linalg.vector_norm(x.double()[:0], -1, 0)
    T.linalg.vector_norm(x.double(), 2, 1)
""")
def test_what_cannot_be_done_raises_what_pytorch_raises(code):
    same_error(code, x=np.arange(3))


def test_erf_is_right_to_the_last_digits_but_one():
    x = np.concatenate([np.linspace(-8, 8, 10001), np.logspace(-300, 0, 100)])
    expected = [math.erf(v) for v in x.tolist()]

    np.testing.assert_allclose(mg.erf(mg.tensor(x)).numpy(), expected, rtol=0, atol=1e-14)


def test_erf_of_many_numbers_is_erf_of_each():
    same("x.erf()", x=numbers(3, 70001).T)


@given(st.lists(st.sampled_from([0.0, 0.0, -2.0, 0.5, 3.0]), max_size=9))
def test_a_product_has_pytorchs_gradients_however_many_zeros_are_in_it(numbers):
    same("x.prod()", x=np.array(numbers))


shapes = st.lists(st.integers(0, 3), max_size=4).map(tuple)


@st.composite
def broadcastable(draw):
    """Two shapes that broadcast: some axes of one shape made 1 or left out, in either."""
    whole = draw(shapes)
    pair = []
    for _ in range(2):
        start = draw(st.integers(0, len(whole)))
        pair.append(tuple(1 if draw(st.booleans()) else n for n in whole[start:]))
    return pair


@given(broadcastable(), st.sampled_from(["x + y", "x * y", "x - y", "T.maximum(x, y)", "T.where(x > y, x, y)"]))
def test_any_two_shapes_that_broadcast(pair, code):
    same(code, x=numbers(*pair[0]), y=numbers(*pair[1], seed=1))


@given(st.permutations(range(3)), st.integers(0, 2), st.integers(-3, 2), st.integers(1, 3), st.sampled_from([1, 2, 3]))
def test_views_of_views_send_their_gradients_home(order, start, dim, length, step):
    code = f"x.permute({tuple(order)})[{start}:, ::{step}].transpose({dim}, 0)[:{length}].sum(-1) * 2"
    same(code, x=X)


def test_division_of_whole_numbers_gives_floats():
    assert (mg.tensor([3, 4]) / mg.tensor(2)).tolist() == [1.5, 2.0]
