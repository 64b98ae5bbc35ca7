"""x[...] with all that can stand between the brackets, as in PyTorch: the elements, and where their gradients go."""

import numpy as np
import pytest
from beside_torch import numbers, same, same_error
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg

X = numbers(4, 5, 6)

INDICES = """
    0 | -1 | 1, 2 | 1, 2, 3 | : | 1: | :, 1:3 | ..., 0 | 0, ... | None | :, None | ..., None | ::2 | 1::2, ::3 | 0:0
    2:1 | True | None, ..., None | [0, 2] | [0, 2], [1, 3] | T.tensor(1) | T.tensor(1), T.tensor(2)
    T.tensor([0, 2, 0]) | T.tensor([[0, 1], [2, 3]]) | :, T.tensor([4, 0]) | T.tensor([0, 1]), T.tensor([2, 3])
    1:3, T.tensor([0, 1]) | T.tensor([0, 1]), :, T.tensor([2, 3]) | :, T.tensor([0, 1]), T.tensor([2, 3])
    T.tensor([-1, -2, -1]) | x > 0 | x[:, 0, 0] > 0 | :, x[0, :, 0] > 0 | x[:, :, 0] > 0
    T.tensor([True, False, True, False]) | T.tensor([1]), ..., 0 | 0, :, None, 2
    T.tensor([[0], [1]]), T.tensor([0, 1]) | T.tensor([], dtype=T.int64) | T.tensor([0, 1]), None
    T.tensor([1], dtype=T.int32) | np.array([0, 1]) | x.sum() > 0 | 1, T.tensor([True, False, True, False, True])
    0, :, [0, 1] | [0, 1], 2, :3 | [0, 1], :, 2 | 1, ..., [0, 5, 5] | None, 0, :, [2, 3]
    [[0, 1], [1, 2]] | ..., 0, ... | 0, ..., ... | [slice(1), 1] | [None, 1] | [[True, False, True, False]] | [1.0, 2.0]
    T.tensor(1), :, T.tensor([2, 2]) | x[:, :, 0] > 0, 1 | 1, x[0] > 0
"""


@pytest.mark.parametrize("index", [index.strip() for line in INDICES.strip().splitlines() for index in line.split("|")])
def test_every_kind_of_index(index):
    same(f"x[{index}]", x=X)


@pytest.mark.parametrize(
    "index",
    [
        "5",
        "0, 7",
        "0, 0, 0, 0",
        "T.tensor([9])",
        "T.tensor([0.5])",
        "T.tensor([True, False])",
        "1.5",
        "0, T.tensor([9])",
        "..., ..., 0",
        "T.tensor([1], dtype=T.int16)",
    ],
)
def test_what_is_not_there_raises_what_pytorch_raises(index):
    same_error(f"x[{index}]", x=X)


slices = st.builds(slice, st.none() | st.integers(-7, 7), st.none() | st.integers(-7, 7), st.none() | st.integers(1, 3))
positions = st.lists(st.integers(-4, 3), min_size=2, max_size=2)
parts = st.one_of(st.integers(-4, 3), slices, st.none(), positions)


@given(st.lists(parts, max_size=3))
def test_any_mixture_of_them(index):
    written = ", ".join(f"slice({i.start}, {i.stop}, {i.step})" if isinstance(i, slice) else repr(i) for i in index)
    same(f"x[{written or '...'}{',' if len(index) == 1 else ''}]", x=X)


def test_an_element_taken_twice_collects_both_gradients():
    x = mg.tensor([1.0, 2.0, 3.0], requires_grad=True)
    x[[0, 0, 2]].sum().backward()

    assert x.grad.tolist() == [2.0, 0.0, 1.0]


def test_a_slice_is_a_view_and_a_list_of_positions_a_copy():
    x = mg.zeros(4)
    x[1:3].add_(1)
    x[[0, 3]].add_(1)

    assert x.tolist() == [0.0, 1.0, 1.0, 0.0]


def test_setting_converts_and_broadcasts():
    x = mg.zeros(2, 3)
    x[0] = np.array([1, 2, 3])
    x[:, 2] = True

    assert x.tolist() == [[1.0, 2.0, 1.0], [0.0, 0.0, 1.0]]


@pytest.mark.parametrize("index", ["0, :, [0, 1]", "[0, 1], :, 2", "x > 0", "..., 1", "1, x[0] > 0", "[1, 2], 0:2"])
def test_setting_finds_the_places_that_getting_finds(index):
    same(f"(lambda x: (x.__setitem__(np.s_[{index}], (x * x)[{index}]), x)[1])(x.detach())", x=X)


@pytest.mark.parametrize(
    "index, value",
    [
        ("0", "x[:1, :1, :1]"),
        ("[0, 1]", "x[None, None, 2]"),
        ("[0, 1], :, 2", "x[:1, 0, :5]"),
        ("0, 0", "x[0, 0].double() * 2"),
        ("x > 0", "T.tensor(3)"),
        ("True", "x[None] * 2"),
        ("0, [1, 2]", "x[1, 3:] ** 2"),
    ],
)
def test_setting_what_is_recorded_sends_gradients_home(index, value):
    same(f"(lambda x, y: (y.__setitem__(np.s_[{index}], {value}), y)[1])(x, x * 1)", x=X)


@pytest.mark.parametrize(
    "index, value", [("[0, 1]", "T.ones(5, 6).double()"), ("x > 0", "T.ones(2).long()"), ("0", "1e300")]
)
def test_setting_what_is_of_another_type_or_too_large_raises_what_pytorch_raises(index, value):
    same_error(f"x.detach().__setitem__(np.s_[{index}], {value})", x=X)


def test_setting_what_does_not_fit_names_both_shapes():
    with pytest.raises(RuntimeError, match=r"\(7,\) does not fit a place of shape \(3,\)"):
        mg.zeros(2, 3)[0] = mg.ones(7)


@pytest.mark.parametrize(
    "index, shape",
    [("[9]", (1, 1)), ("[-1]", (1, 1)), ("[0]", (1,)), ("[[0], [0], [0]]", (3, 1))],
    ids=["too large", "negative", "an axis too few", "further than the input"],
)
def test_gather_refuses_a_wrong_index(index, shape):
    same_error(f"x.gather(1, T.tensor({index}).reshape({shape}))", x=X[0, :2])
