"""Tensors in memory, and shapes over each other: what is drawn and said is what is so."""

import numpy as np
import pytest
import torch

import minigrad as mg
from minigrad.view.memory import (
    LARGEST,
    broadcasting,
    counted,
    fits,
    places,
    shape_of,
    storage_of,
    strides,
    usual_views,
)

SHAPES = [(6,), (3, 4), (4, 3), (2, 3, 4), (2, 2, 2, 2), (2, 2, 2, 2, 2), ()]


def counting(shape, first=0):
    return mg.arange(first, first + int(np.prod(shape))).view(shape)


# strides


@pytest.mark.parametrize("shape", SHAPES)
def test_every_element_is_in_the_storage_where_it_is_said_to_be(shape):
    x = counting(shape, first=10)
    assert strides(x).picture().line
    for expression in usual_views(x):
        view = eval(expression, {"x": x})
        np.testing.assert_array_equal(storage_of(view.data)[places(view)], view.data)


@pytest.mark.parametrize("expression", ["x.T", "x[1:, 1:3]", "x[:, ::2]", "x[2]", "x.expand(2, 3, 4)"])
def test_places_are_those_of_pytorch(expression):
    ours, theirs = (eval(expression, {"x": library.arange(12).view(3, 4)}) for library in (mg, torch))
    first, steps = theirs.storage_offset(), theirs.stride()
    expected = [first + int(np.dot(index, steps)) for index in np.ndindex(tuple(theirs.shape))]

    assert places(ours).ravel().tolist() == expected


def test_the_sum_that_finds_a_place_is_said_with_its_numbers():
    view = strides(mg.arange(12).view(3, 4))
    view.set(tensor="x[1:, 1:3]", element=3)

    assert view.picture().line == "x[1:, 1:3][1, 1] is 10, at place 5 + 1 · 4 + 1 · 1 = 10 of the storage."


def test_a_tensor_that_is_a_view_itself_shows_the_whole_storage():
    picture = strides(mg.arange(12).view(3, 4)[1], "x[::2]").picture()

    assert "offset  4" in picture.text and "storage 0 1 2 3 4 5 6 7 8 9 10 11" in picture.text


def test_a_copy_is_said_to_have_a_storage_of_its_own():
    view = strides(mg.arange(12).view(3, 4))
    assert "copy" not in view.picture().line
    view.set(tensor="x.T.reshape(-1)")

    assert (
        "a storage of its own: it is a copy" in view.picture().line
        and "a copy: a storage of its own" in view.picture().svg
    )


def test_where_a_view_is_smaller_its_elements_come_round_again():
    view = strides(mg.arange(12).view(3, 4), "x[0]")
    view.set(tensor="x[0]", element=11)

    assert view.picture().line.startswith("x[0][3] is 3")


def test_own_expressions_are_offered_instead():
    assert strides(mg.arange(6), "x[::3]").controls[0].options == ["x", "x[::3]"]


def test_strides_refuses_what_it_could_not_draw():
    with pytest.raises(TypeError, match="minigrad's tensors, and got a ndarray"):
        strides(np.arange(3))
    with pytest.raises(ValueError, match=f"1 to {LARGEST} numbers, and this one has 33"):
        strides(mg.arange(33))
    with pytest.raises(ValueError, match="x.sum is not one"):
        strides(mg.arange(3), "x.sum")


# broadcasting


@pytest.mark.parametrize("a", [(), (1,), (4,), (3, 1), (3, 4), (2, 1, 4)])
@pytest.mark.parametrize("b", [(), (3,), (4,), (1, 4), (2, 3, 1)])
@pytest.mark.parametrize("sign", ["+", "−", "·"])
def test_shapes_fit_and_give_what_they_do_in_pytorch(a, b, sign):
    view = broadcasting(a, b)
    view.set(sign=sign)
    try:
        x, y = (torch.tensor(counted(shape, first).numpy()) for shape, first in ((a, 1), (b, 10)))
        expected = {"+": x + y, "−": x - y, "·": x * y}[sign]
    except RuntimeError:
        assert "do not fit" in view.picture().line
    else:
        assert f"result: {expected.tolist()}" in view.picture().text


def test_flush_right_the_three_meets_the_four():
    picture = broadcasting((3, 4), (3,)).picture()

    assert picture.line == "(3, 4) and (3,) do not fit: at axis -1, flush right, the sizes differ and neither is 1."
    assert "axis -2: a 3, b none: b repeats" in picture.text


def test_the_stretched_axis_has_stride_zero():
    text = broadcasting(mg.zeros(3, 1), mg.zeros(4)).picture().text

    assert "a: shape (3, 1) with stride (1, 1), stretched to (3, 4) with stride (1, 0)" in text
    assert "b: shape (4,) with stride (1,), stretched to (3, 4) with stride (0, 1)" in text


def test_the_marked_cell_says_which_numbers_met():
    view = broadcasting((3, 1), (4,))
    view.set(element=6)  # row 1, column 2

    assert view.picture().line == "(3, 1) + (4,) gives (3, 4). Marked: 2 + 30 = 32."


def test_large_shapes_are_laid_over_each_other_without_their_numbers():
    picture = broadcasting((8, 1, 6, 1), (7, 1, 5)).picture()

    assert picture.line == "(8, 1, 6, 1) + (7, 1, 5) gives (8, 7, 6, 5)."


@pytest.mark.parametrize(("written", "shape"), [("3, 1", (3, 1)), ("(4,)", (4,)), ("", ()), (" 2,3 ,4", (2, 3, 4))])
def test_a_shape_may_be_typed_in_several_ways(written, shape):
    assert shape_of(written) == shape


@pytest.mark.parametrize("written", ["3; 1", "a", "3, 0", "-1"])
def test_what_is_not_a_shape_is_said(written):
    with pytest.raises(ValueError, match="this is"):
        shape_of(written)


def test_huge_shapes_that_were_typed_are_not_computed():
    view = broadcasting((3, 1), (4,))
    view.set(a="100000, 1", b="100000")
    assert view.picture().line == "(100000, 1) + (100000,) gives (100000, 100000)."

    view.set(a="100000, 100000")
    with pytest.raises(ValueError, match="up to a million numbers"):
        view.picture()


def test_two_tensors_or_two_shapes():
    assert fits((3, 1), (4,)) and not fits((3,), (4,))
    with pytest.raises(TypeError, match="two of minigrad's tensors, or two shapes"):
        broadcasting(mg.zeros(3), (3,))
