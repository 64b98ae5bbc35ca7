"""Taking apart, turning, picking, writing by position, sorting, matrices: line by line as in PyTorch."""

import numpy as np
import pytest
from beside_torch import numbers, same, same_error
from beside_torch import torch as T_torch
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg

X, Y, M, N = numbers(2, 3, 4), numbers(4, seed=1), numbers(3, 3, seed=2), numbers(3, 3, seed=3)
TIES = np.array([[1, 3, 3, np.nan, 0], [np.inf, 2, 2, -np.inf, 2], [0.0, -0.0, np.nan, 0, np.nan]], "float32")


def lines(text):
    return pytest.mark.parametrize("code", [line.strip() for line in text.strip().splitlines()])


@lines("""
    x.split(2, 1)
    x.split(2, -1)
    T.split(x, [1, 0, 3], dim=2)
    x.split((1, 1))
    x.split(7)
    x.split(split_size=2, dim=1)
    T.split(tensor=x, split_size_or_sections=2, dim=1)
    T.ones(0, 2).split(3)
    T.ones(0, 2).split(0)
    x.chunk(2, -1)
    T.chunk(x, chunks=3, dim=2)
    x.chunk(5, 1)
    T.ones(0, 2).chunk(3)
    x.unbind()
    T.unbind(x, dim=-1)
    T.ones(0, 2).unbind()
    x.repeat(2, 1, 3)
    x.repeat((2, 1, 1, 2))
    x.repeat(1, 0, 2)
    x.repeat(repeats=(1, 2, 1))
    x.sum().repeat(3)
    x.sum().repeat(())
    x.tile(2)
    T.tile(x, (2, 1, 1, 2))
    x.tile(dims=(2, 2))
    x.repeat_interleave(2)
    T.repeat_interleave(T.tensor([0, 2, 1]))
    x.repeat_interleave(2, dim=1, output_size=6)
    x.repeat_interleave(2, dim=1).stride()
    x.T
    x.sum().mT
    T.clone(x)
    T.cat([x.mT]).stride()
    x.mT.tril().stride()
    x.index_select(1, T.tensor([0, 0])).stride()
    x.nonzero(as_tuple=True)[0].stride()
    x.repeat_interleave(2, dim=1)
    T.repeat_interleave(x, T.tensor([1, 0, 3]), dim=1)
    x.repeat_interleave(T.tensor([2]), -1)
    x.repeat_interleave(T.tensor(2), 0)
    x.repeat_interleave(repeats=0, dim=0)
    x.sum().repeat_interleave(2)
    x.flip(0)
    x.flip(0, -1)
    x.flip((1, 2))
    x.flip(dims=[1])
    T.flip(x, dims=(0,))
    T.flip(x, [0, 1, 2])
    x.flip(())
    x.sum().flip(0)
    T.ones(0, 3).flip(0)
    x.roll(1)
    x.roll(-5)
    x.roll(1, 0)
    x.roll(shifts=(1, -1), dims=(1, 2))
    T.roll(x, (1, 2), (0, 0))
    x.roll(100, -1)
    T.ones(0, 3).roll(1, 0)
    x.sum().roll(1)
    x.broadcast_to((5, 2, 3, 4))
    T.broadcast_to(y, size=(3, 4))
    y.expand_as(x)
    x.view_as(T.ones(6, 4))
    x.mT.reshape_as(T.ones(6, 4))
    x.expand(size=(5, -1, -1, -1))
    x.reshape(shape=(4, -1))
    T.reshape(x, (4, -1))
    T.permute(x, dims=(2, 0, 1))
    x.permute(dims=(2, 0, 1))
    x.mT.contiguous() * 2
    x.mT.contiguous().view(-1)
    y[::2].contiguous().stride()
    y.expand(3, 4).contiguous().stride()
    T.cat([y[:0], x, y[:0]], -1)
    T.cat([y[:0], y])
    T.cat([y[:0], y[:0]])
    x.movedim(0, -1)
    T.movedim(x, (0, 1), (1, 2))
    x.movedim(source=(2, 0), destination=(0, 1))
    x.sum().movedim(0, 0)
    x.swapaxes(0, 2)
    T.swapaxes(x, axis0=1, axis1=-1)
    x.tril()
    x.triu()
    T.tril(x, diagonal=-1)
    x.tril(1)
    x.triu(diagonal=2)
    x.triu(-1)
    T.ones(0, 3).tril()
    (x > 0).tril()
    (x / 0).triu()
    x.unflatten(2, (2, -1))
    T.unflatten(x, dim=-2, sizes=(3, 1))
    x.narrow(1, 1, 2)
    T.narrow(x, -1, -3, 2)
    x.narrow(dim=0, start=2, length=0)
    x.select(1, -1)
    T.select(x, 2, 0)
""")
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_taking_apart_and_turning(code):
    same(code, x=X, y=Y)


@lines("""
    x.index_select(1, T.tensor([2, 0, 2]))
    T.index_select(x, dim=-1, index=T.tensor([0]))
    x.index_select(0, T.tensor(1))
    x.index_select(0, T.tensor([], dtype=T.int64))
    x.index_select(0, T.tensor([1], dtype=T.int32))
    x.sum().index_select(0, T.tensor([0]))
    x.gather(1, T.tensor([[[0, 2, 1, 0]], [[1, 1, 0, 2]]]))
    x.sum().gather(0, T.tensor(0))
    x.sum().gather(0, T.tensor([0, 0]))
    y.gather(0, T.tensor(2))
    y.gather(0, T.tensor([], dtype=T.int64))
    x.take_along_dim(x.argsort(1), 1)
    T.take_along_dim(x, T.tensor([[[1], [-1], [0]]]), dim=2)
    x.take_along_dim(T.tensor([[[5]]]), 0)
    x[:1].take_along_dim(T.zeros(5, 1, 4, dtype=T.int64), 1)
    x.take_along_dim(T.tensor([3, 3, 1]))
    y.scatter(0, T.tensor([1, 3]), T.tensor([5.0, 6.0]))
    y.scatter(0, T.tensor([3, 0]), y.detach() * 2)
    x.scatter(1, T.tensor([[[0, 2, 1, 0]], [[1, 1, 0, 2]]]), x.detach())
    x.scatter(2, T.tensor([[[0, 2]], [[1, 3]]]), 2)
    x.scatter(dim=2, index=T.tensor([[[0, 2]]]), value=0.5)
    T.scatter(x, 0, T.tensor([[[0]]]), src=T.ones(1, 1, 1))
    y.long().scatter(0, T.tensor([1]), 2.5)
    y.scatter(0, T.tensor([], dtype=T.int64), 1)
    y.sum().scatter(0, T.tensor(0), T.tensor(5.0))
    y.scatter_add(0, T.tensor([1, 1, 0, 1]), y * 2)
    T.scatter_add(x, 1, T.tensor([[[0, 2, 1, 0]], [[1, 1, 0, 2]]]), src=x.detach())
    y.scatter_add(dim=-1, index=T.tensor([1, 1]), src=y[:2])
    y.sum().scatter_add(0, T.tensor(0), y.sum())
    x.index_add(1, T.tensor([2, 2]), x[:, 1:] * 3)
    x.index_add(-1, T.tensor([0]), x[..., :1], alpha=-2)
    T.index_add(y, dim=0, index=T.tensor([1, 1]), source=y[:2])
    y.sum().index_add(0, T.tensor(0), y.sum())
    x.masked_fill(x > 0, 0)
    x.masked_fill(y > 0, float("-inf"))
    y.masked_fill(x > 0, 1.5)
    x.masked_fill(x > 0, y.sum())
    T.masked_fill(x, mask=x > 0, value=T.tensor(2.0, dtype=T.float64))
    x.double().masked_fill(x > 0, 0.1)
    x.long().masked_fill(x > 0, 1.5)
    (x > 0).masked_fill(x > 0, 2)
    x.masked_select(x > 0)
    T.masked_select(x, mask=y > 0)
    y.masked_select(x > 0)
    x.masked_select(x > 9)
    x.masked_select(T.tensor(True))
    (x > 0).nonzero()
    T.nonzero(x > 0, as_tuple=True)
    y.sum().nonzero()
    T.nonzero(y.sum(), as_tuple=True)
    (y.sum() * 0).nonzero()
    T.ones(0, 3).nonzero()
    x[[]]
    x[True]
    x[False]
    x[0, True]
    x[-1, ::2, True]
    x[0, 1, 2, True]
    (lambda x: (x.__setitem__((slice(None), slice(0, 2), T.tensor(0)), 5), x)[1])(x.detach())
    (lambda x: (x[T.tensor(1)].fill_(3), x)[1])(x.detach())
    x[np.int64(1)]
    (lambda x: (x.__setitem__((0, 1, 2, True), 5), x)[1])(x.detach())
    (lambda x: (x.__setitem__((0, slice(None), True), 5), x)[1])(x.detach())
    (lambda x: (x[0, 1, 2].fill_(3), x)[1])(x.detach())
    x[T.tensor(True), ..., None]
    x[(0, 1),]
    x[range(1)]
    x[[True, False]]
    x[T.tensor([0, 1], dtype=T.uint8)]
    x[T.tensor(0):T.tensor(1)]
    x.sum()[None]
    x.sum()[()]
    x.sum()[True]
""")
def test_picking_and_writing_by_position(code):
    same(code, x=X, y=Y)


@lines("""
    x.sort()
    x.sort(0)
    x.sort(descending=True, stable=True)
    T.sort(x, 0, True)
    T.sort(x, dim=0, stable=True).indices
    x.argsort()
    x.argsort(0, True)
    T.argsort(x, dim=-1, descending=True, stable=True)
    x.detach().topk(5).values
    x.topk(k=2, dim=0).values
    T.topk(x.detach(), 3, largest=False).values
    x.topk(0)
    x[:, :2].topk(1, sorted=False)
    x[0, 0].sort()
    x[0, 0].argsort()
    x[0, 0].topk(1)
    T.ones(0, 3).sort(0)
    T.ones(2, 0).argsort()
    (x > 1).sort(stable=True)
""")
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_sorting_with_ties_and_nans(code):
    same(code, x=TIES)


@lines("""
    T.mm(m, n)
    m.mm(mat2=n[:, :2])
    T.bmm(x, x.mT)
    x.bmm(T.ones(2, 4, 0))
    T.mv(m, n[0])
    m.mv(vec=n[0])
    y.dot(y)
    T.dot(y, tensor=y * 2)
    T.ones(0).dot(T.ones(0))
    T.outer(y, m[0])
    y.outer(vec2=y.double())
    T.outer(y > 0, y > 0)
    T.addmm(n[0], m, n)
    T.addmm(n, m, n, beta=0.5, alpha=2)
    n[:, :1].addmm(mat1=m, mat2=m.T, beta=-1)
    T.addmm(n / 0, m, n, beta=0)
    T.einsum("ij,jk->ik", m, n)
    T.einsum("ij,jk", m, n)
    T.einsum("ji,jk", m, n)
    T.einsum("ij->ji", m)
    T.einsum("ba", m)
    T.einsum("ii", m)
    T.einsum("ii->i", m)
    T.einsum("iij->ji", x[:, :2])
    T.einsum("iji->j", x[:, :, :2])
    T.einsum("iii->i", x[:, :2, :2])
    T.einsum("iii", x[:, :2, :2])
    T.einsum("ii,ij->j", m, n)
    T.einsum("ii,jj->ij", m, n)
    T.einsum("ij->", m)
    T.einsum("ij->i", m)
    T.einsum("ij,k->ik", m, y)
    T.einsum("i,j->ij", y, y)
    T.einsum("i,i", y, y)
    T.einsum("bij,bjk->bik", x, x.mT)
    T.einsum("bij,bkj->bik", x, x)
    T.einsum("b i j, j -> b i", x, y)
    T.einsum("bij,bik,bil->jkl", x, x, x)
    T.einsum("ij,jk,kl->il", m, n, m)
    T.einsum("ij,jk,ki", m, n, m)
    T.einsum("i,j,k->kji", y, m[0], n[0])
    T.einsum("...ij,...jk->...ik", x, x.mT)
    T.einsum("...ij,jk", x, x[0].T)
    T.einsum("...i,...i->...", x, y)
    T.einsum("i...->...", x)
    T.einsum("i...->i", x)
    T.einsum("...", x)
    T.einsum("...ij->ji...", x)
    T.einsum("a...,b...->ab...", x, m[..., :1])
    T.einsum("...,...", x, y)
    T.einsum("ij,ij->ij", m, n[:1])
    T.einsum("ij,ij->i", m[:1], n)
    T.einsum("ij,ij", m[:, :1], n)
    T.einsum("i->...i", y)
    T.einsum("iI,IJ->Ji", m, n)
    T.einsum("aB,Bc", m, n)
    T.einsum("", y.sum())
    T.einsum(",->", y.sum(), y.sum())
    T.einsum(",i", y.sum(), y)
    T.einsum("ij,jk->ik", [m, n])
    T.einsum("ij,jk->ik", T.ones(2, 0), T.ones(0, 3))
    T.einsum("ij,kj->ik", m.long(), n.long())
    T.einsum("ij->i", m.int())
    T.einsum(x, [0, 1, 2], y, [2], [1, 0])
    T.einsum(m, [0, 1], n, [1, 2])
    T.einsum(x, [..., 7], y, [7], [...])
    T.einsum("ii->i", m).stride()
    n.long().addmm(m.long(), m.long(), beta=0.5, alpha=2)
    T.einsum("ij->i", m > 0)
    T.einsum("ij,ij->ij", m, n.double())
    T.einsum("ij,jk->ik", m.double(), n.double())
    T.einsum("ij,jk->ik", m.half(), n.half())
""")
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_products(code):
    same(code, x=X, y=Y, m=M, n=N)


WRONG = """
    x.squeeze((0, 0)) | T.cat([x, y], -1) | T.cat([y.sum(), x], -3) | T.stack([y, x], 3)
    x["a"] | x[::-1] | x[{}] | x[1.0] | x[::0] | x[T.ones(2, 2) > 0] | x.sum()[0] | x[5] | x[T.tensor([1.0])]
    (m > 0) @ (m > 0) | m @ m.double() | m @ m.long() | T.mm(x, x) | T.mm(m, n[:2]) | T.mm(m, n.double())
    T.bmm(x, x) | T.bmm(x, m) | T.bmm(x[:1], x.mT) | T.mv(m, m) | T.mv(m, y) | T.dot(m, m) | T.dot(y, y[:2])
    T.dot(y, y.double()) | T.dot(y > 0, y > 0) | T.outer(y, m) | T.addmm(y, m, m) | T.addmm(n, m, n.double())
    T.addmm(n, m, n[:2]) | T.einsum("ij,jk", m, x[0].T) | T.einsum("ij", x) | T.einsum("ij->ii", m)
    T.einsum("ij->k", m) | T.einsum("i1", m) | T.einsum("ii", x[0]) | T.einsum("i,j->ij", y) | T.einsum("i", y, y)
    T.einsum("ii->i", m[:, :1]) | T.einsum("ij,kj->ik", m, n.double()) | T.einsum("ij,kj->ik", m > 0, n > 0)
    T.einsum("ij->jj", m) | T.einsum("....", x) | T.einsum("......", x) | T.einsum("i.j", m) | x.split(0)
    x.split(-1) | x.split([1, 1], 1) | x.split(1, 3) | x.chunk(0) | x.sum().split(1) | x.sum().chunk(1)
    x.split([3, -1], 0) | x.sum().unbind() | x.unbind(3) | x.repeat(2) | x.repeat(-1, 1, 1)
    x.repeat_interleave(-1) | x.repeat_interleave(T.tensor([1, 2]), 1)
    x.repeat_interleave(T.tensor([1.0, 2.0]), 0) | x.flip(0, 0) | x.flip(5) | x.roll(1, (0, 1)) | x.roll((1, 2))
    x.roll(1, 5) | x.movedim((0, 1), (1,)) | x.movedim(0, 5) | x.movedim((0, 0), (0, 1)) | y.tril()
    y.sum().triu() | x.narrow(0, 1, 2) | x.narrow(0, 3, 0) | x.narrow(0, 0, -1) | x.narrow(3, 0, 1)
    x.sum().narrow(0, 0, 1) | x.select(0, 5) | x.select(3, 0) | x.sum().select(0, 0) | x.unflatten(2, (3, -1))
    x.broadcast_to((5, 3, 4)) | x.expand_as(y) | x.view_as(y) | x.reshape_as(y) | x.index_select(0, T.tensor([5]))
    x.index_select(0, T.tensor([-1])) | x.index_select(0, T.tensor([0.0])) | x.index_select(0, T.tensor([[0]]))
    x.index_select(3, T.tensor([0])) | x.gather(0, T.tensor(0)) | y.gather(0, T.tensor([0.0]))
    y.gather(0, T.tensor([9])) | y.gather(0, T.tensor([-1])) | y.gather(1, T.tensor([0]))
    y.scatter(0, T.tensor([9]), 1.0) | y.scatter(0, T.tensor([1]), y.double()) | y.scatter(0, T.tensor([1.0]), 2)
    y.scatter(0, T.tensor([1, 1]), T.tensor([5.0])) | y.scatter_add(0, T.tensor([1, 1]), 2.0) | x.masked_fill(x, 0)
    y.scatter(0, T.tensor([0]), T.ones(1, 1)) | y.scatter_add(0, T.tensor([0]), y.double())
    y.scatter(0, T.tensor([0])) | y.index_add(0, T.tensor([1, 1]), y[:1]) | y.index_add(0, T.tensor([9]), y[:1])
    y.index_add(0, T.tensor([-1]), y[:1]) | y.index_add(0, T.tensor([1]), y[:1].double())
    y.index_add(0, T.tensor(1), y[0]) | y.index_add(0, T.tensor([1.0]), y[:1]) | x.masked_fill(x > 3, T.ones(2))
    x.masked_fill(T.ones(2) > 0, 0) | x.masked_select(x) | x.masked_select(T.ones(3) > 0) | x.topk(9) | x.topk(-1)
    x.topk(2, 5) | x.sum().topk(2) | (x > 0).topk(1) | x.sort(5) | x.argsort(-4)
    y.mT | x.reshape(-2, 12) | x.permute() | T.einsum(m, [0, 60]) | x.repeat_interleave(T.tensor(2).short(), 0)
    x.repeat_interleave(2, dim=1, output_size=7) | x.long().masked_fill(x > 0, float("nan")) | x.half().fill_(1e9)
    x.detach()[1:].copy_(x.detach().flatten()[1:13].view(1, 3, 4)) | x.long().add_(0.5) | x.detach().copy_(T.ones(4, 1))
    x.take_along_dim(T.tensor([1, 1]), 0) | x.take_along_dim(T.tensor([99])) | y.take_along_dim(T.tensor([0.5]))
    T.take_along_dim(x, T.zeros(3, 1, 1).long(), 1)
"""


@pytest.mark.parametrize("code", [code.strip() for line in WRONG.strip().splitlines() for code in line.split(" | ")])
def test_a_wrong_call_raises_what_pytorch_raises(code):
    same_error(code, x=X, y=Y, m=M, n=N)


@pytest.mark.parametrize("name", ["repeat", "flip", "roll", "tile"])
def test_what_rearranges_shares_no_memory(name):
    x = mg.ones(3, 2)
    {"repeat": x.repeat(1, 1), "flip": x.flip(0), "roll": x.roll(0, 0), "tile": x.tile(1)}[name].zero_()

    assert x.sum().item() == 6


def test_what_is_taken_apart_is_a_view():
    x = mg.zeros(4)
    x.split(2)[0].fill_(1)
    x.chunk(4)[3].fill_(2)
    x.unbind()[2].fill_(3)

    assert x.tolist() == [1, 1, 3, 2]


@lines("""
    x.flip(0, 2)
    x.repeat_interleave(T.tensor([1, 0, 3]), dim=1)
    x.roll((1, -1), (1, 2))
    x.tril(1)
    x.split([1, 2], 1)[1]
    x.gather(1, T.tensor([[[0, 2, 1, 0]], [[1, 1, 0, 2]]]))
    y.scatter(0, T.tensor([1, 3]), y[:2] * x[0, 0, :2])
    y.scatter(0, T.tensor([1, 3]), 2)
    y.scatter_add(0, T.tensor([1, 1, 0, 1]), y * y)
    x.index_add(1, T.tensor([2, 2]), x[:, 1:], alpha=3)
    x.masked_fill(x > 0, y.sum())
    x.masked_select(y > 0)
    x.sort(1).values
    x.topk(2, 0).values
    T.addmm(n[0], m, n, beta=0.5, alpha=2)
    T.einsum("iij,jk->ki", x[:, :2], n[0] * x[0, :1].mT)
    T.einsum("bij,bik,bil->jkl", x, x, x)
    T.einsum("ij,ij->i", m[:1], n)
""")
def test_gradients_of_gradients(code):
    found = []
    for T in (mg, T_torch):
        leaves = {name: T.tensor(array, requires_grad=True) for name, array in (("x", X), ("y", Y), ("m", M), ("n", N))}
        out = eval(code, {"T": T, **{name: leaf**3 for name, leaf in leaves.items()}})
        first = T.autograd.grad((out**2).sum(), list(leaves.values()), create_graph=True, allow_unused=True)
        total = sum((g * g).sum() for g in first if g is not None)
        second = T.autograd.grad(total, list(leaves.values()), allow_unused=True)
        found.append([g.detach().numpy() for g in (*first, *second) if g is not None])

    for mine, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-5)


@st.composite
def products(draw):
    """An equation for einsum, and shapes that go with it."""
    sizes = {letter: draw(st.integers(0, 3)) for letter in "abcd"}
    terms = [draw(st.text("abcd", max_size=3)) for _ in range(draw(st.integers(1, 3)))]
    extra = draw(st.lists(st.integers(1, 3), max_size=2))
    dotted = [draw(st.booleans()) for _ in terms]
    letters = sorted(set("".join(terms)))
    result = "".join(draw(st.permutations(letters))[: draw(st.integers(0, 4))])
    equation = ",".join(f"...{term}" if dots else term for term, dots in zip(terms, dotted))
    equation += draw(st.sampled_from(["", f"->{result}", f"->...{result}", f"->{result}..."]))
    return equation, [(*(extra * dots), *map(sizes.get, term)) for term, dots in zip(terms, dotted)]


@given(products())
def test_any_einsum(product):
    equation, shapes = product
    arrays = {name: numbers(*shape, seed=i, dtype="float64") for i, (name, shape) in enumerate(zip("xyz", shapes))}
    same(f"T.einsum({equation!r}, {', '.join(arrays)})", **arrays)


def test_a_method_alone_is_no_function():
    assert not hasattr(mg, "repeat") and not hasattr(mg, "expand_as")
