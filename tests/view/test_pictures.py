"""Grids of pictures and confusion matrices: what is on the screen is what was given."""

import numpy as np
import pytest

import minigrad as mg

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("agg")

from matplotlib import pyplot as plt  # noqa: E402

from minigrad.view.pictures import confusion_picture, picture_grid, stretched  # noqa: E402


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def screen():
    """What the figure shows, (height, width, 3), 0 to 255."""
    canvas = plt.gcf().canvas
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3]


def test_every_pixel_is_a_square_of_the_colour_given():
    picture = np.random.default_rng(0).integers(0, 250, (1, 3, 5, 4), dtype=np.uint8)
    picture_grid(picture, scale=6)

    squares = picture[0].transpose(1, 2, 0).repeat(6, axis=0).repeat(6, axis=1)  # (30, 24, 3)
    np.testing.assert_array_equal(screen()[4:-4, 4:-4], squares)


def test_pictures_fill_a_row_before_the_next_one():
    pictures = np.stack([np.full((3, 2, 2), 10 * number, np.uint8) for number in range(5)])
    picture_grid(pictures, columns=3, scale=1)

    seen = screen()
    corners = [seen[4 + 10 * row, 4 + 10 * column, 0] for row in range(2) for column in range(3)]
    assert corners == [0, 10, 20, 30, 40, 255]


def test_titles_stand_above_the_pictures_in_order():
    picture_grid(np.zeros((2, 3, 8, 8), np.uint8), ["cat", "dog\nor wolf"])

    assert [axes.get_title() for axes in plt.gcf().axes] == ["cat", "dog\nor wolf"]


def test_numbers_other_than_bytes_reach_from_black_to_white_in_every_picture():
    pictures = np.array([[[-1.0, 0.0], [0.0, 1.0]], [[10.0, 10.0], [10.0, 30.0]]])

    assert stretched(pictures).tolist() == [[[0, 128], [128, 255]], [[0, 0], [0, 255]]]


def test_a_picture_of_one_brightness_is_black_not_nan():
    assert stretched(np.full((1, 2, 2), 7.0)).tolist() == [[[0, 0], [0, 0]]]


def test_tensors_and_grey_feature_maps_are_pictures_too():
    picture_grid(mg.zeros(32, 6, 6), columns=16)

    assert len(plt.gcf().axes) == 32


def test_a_shape_that_is_no_picture_is_named():
    with pytest.raises(ValueError, match=r"\(N, 3, H, W\) in colour .* got shape \(4, 32, 3, 3\)"):
        picture_grid(np.zeros((4, 32, 3, 3)))


def test_too_few_titles_are_counted():
    with pytest.raises(ValueError, match="each of 2 pictures, and got 1"):
        picture_grid(np.zeros((2, 3, 4, 4), np.uint8), ["cat"])


def test_a_confusion_matrix_shows_every_count_in_its_place():
    confusion_picture([[5, 1], [2, 4]], ["cat", "dog"])

    axes = plt.gca()
    assert {text.get_position(): text.get_text() for text in axes.texts} == {
        (0, 0): "5",
        (1, 0): "1",
        (0, 1): "2",
        (1, 1): "4",
    }
    assert [label.get_text() for label in axes.get_yticklabels()] == ["cat", "dog"]


def test_a_class_without_pictures_stays_white():
    confusion_picture([[0, 0], [0, 3]], ["cat", "dog"])

    assert plt.gca().images[0].get_array().tolist() == [[0, 0], [0, 1]]


def test_counts_that_do_not_fit_the_classes_are_refused():
    with pytest.raises(ValueError, match=r"wants counts \(2, 2\), and got shape \(3, 3\)"):
        confusion_picture(np.eye(3), ["cat", "dog"])
