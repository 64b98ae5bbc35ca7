"""The pictures of CIFAR-10: those that come with the package, and, where they are, all of them."""

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from course.make_subset import make_subset, pack
from minigrad import data
from minigrad.data.cifar10 import unpack
from minigrad.data.transforms import ToFloat

ROOT = os.environ.get("MINIGRAD_CIFAR10")
needs_the_whole = pytest.mark.skipif(
    not ROOT, reason="the whole of CIFAR-10 is wanted: set MINIGRAD_CIFAR10 to its root"
)


@pytest.mark.parametrize(("train", "count"), [(True, 2000), (False, 500)])
def test_the_subset_is_balanced(train, count):
    subset = data.CIFAR10Subset(train=train)

    assert len(subset) == count
    assert subset.images.shape == (count, 3, 32, 32) and subset.images.dtype == np.uint8
    assert subset.labels.shape == (count,) and subset.labels.dtype == np.int64
    assert np.bincount(subset.labels).tolist() == [count // 10] * 10


def test_no_picture_of_the_subset_is_both_for_training_and_for_testing():
    train, test = data.CIFAR10Subset(), data.CIFAR10Subset(train=False)
    pictures = {image.tobytes() for image in [*train.images, *test.images]}

    assert len(pictures) == 2500


def test_the_subset_is_small():
    assert data.CIFAR10Subset.path.stat().st_size < 7_000_000


def test_a_sample_is_a_picture_and_its_label():
    subset = data.CIFAR10Subset()
    image, label = subset[3]

    assert np.array_equal(image, subset.images[3]) and label == subset.labels[3]
    assert len(set(subset.classes)) == 10 and 0 <= label < 10
    assert len(list(subset)) == 2000


def test_the_transform_is_applied_to_the_picture_and_not_to_the_label():
    plain, floats = data.CIFAR10Subset(), data.CIFAR10Subset(transform=ToFloat())

    assert np.array_equal(floats[0][0], plain.images[0] / np.float32(255))
    assert floats[0][1] == plain.labels[0]
    assert repr(floats) == "CIFAR10Subset(train=True, transform=ToFloat())"


def test_many_at_once_are_the_same_as_one_by_one():
    subset = data.CIFAR10Subset(transform=ToFloat())

    for (image, label), i in zip(subset.__getitems__([5, 0, 1999]), [5, 0, 1999], strict=True):
        assert np.array_equal(image, subset[i][0]) and label == subset[i][1]


@given(arrays.arrays(np.uint8, st.tuples(st.integers(0, 3), st.just(3), st.integers(1, 5), st.integers(1, 5))))
def test_packing_loses_nothing(images):
    assert np.array_equal(unpack(pack(images)), images)


@pytest.fixture(scope="module")
def whole():
    return {train: data.CIFAR10(ROOT, train=train) for train in (True, False)}


@needs_the_whole
@pytest.mark.parametrize(("train", "count"), [(True, 50_000), (False, 10_000)])
def test_the_whole_set_is_balanced(whole, train, count):
    assert whole[train].images.shape == (count, 3, 32, 32)
    assert np.bincount(whole[train].labels).tolist() == [count // 10] * 10


@needs_the_whole
def test_mean_and_std_are_those_of_the_training_pictures(whole):
    for channel in range(3):
        values = whole[True].images[:, channel]
        assert abs(values.mean() / 255 - data.CIFAR10.mean[channel]) < 1e-7
        assert abs(values.std() / 255 - data.CIFAR10.std[channel]) < 1e-7


@needs_the_whole
@pytest.mark.parametrize(("train", "count"), [(True, 200), (False, 50)])
def test_the_subset_is_the_first_pictures_of_each_class(whole, train, count):
    subset = data.CIFAR10Subset(train=train)

    for k in range(10):
        first = whole[train].images[whole[train].labels == k][:count]
        assert np.array_equal(subset.images[subset.labels == k], first)


@needs_the_whole
def test_the_script_makes_the_subset_that_comes_with_the_package(tmp_path):
    make_subset(ROOT, tmp_path / "again.npz")

    with np.load(tmp_path / "again.npz") as made, np.load(data.CIFAR10Subset.path) as ours:
        assert made.files == ours.files
        assert all(np.array_equal(made[name], ours[name]) for name in made)
