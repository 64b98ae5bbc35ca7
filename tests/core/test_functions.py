"""What can be done with tensors, line by line as in PyTorch: values, shapes, types and gradients."""

import numpy as np
import pytest
from beside_torch import numbers, same
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
