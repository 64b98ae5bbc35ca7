"""Transforms: what is done to one picture is done to each of a batch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad.data.transforms import Compose, Normalize, RandomCrop, RandomHorizontalFlip, ToFloat

ALL = [
    ToFloat(),
    Compose([ToFloat(), Normalize((0.5, 0.4, 0.3), (0.3, 0.2, 0.1))]),
    RandomCrop(8, padding=2),
    RandomCrop((5, 7)),
    RandomHorizontalFlip(),
    Compose([RandomCrop(8, padding=1), RandomHorizontalFlip(), ToFloat(), Normalize(0.5, 0.25)]),
]


@pytest.fixture(autouse=True)
def repeatable():
    mg.manual_seed(0)


@pytest.fixture
def pictures():
    """(50, 3, 8, 8): every byte different from its neighbours, and no pixel black."""
    return np.random.default_rng(0).integers(1, 256, (50, 3, 8, 8), np.uint8)


@pytest.mark.parametrize("transform", ALL, ids=repr)
def test_a_single_picture_is_a_batch_of_one(transform, pictures):
    mg.manual_seed(1)
    alone = transform(pictures[0])
    mg.manual_seed(1)
    in_batch = transform(pictures[:1])

    assert np.array_equal(alone, in_batch[0])
    assert alone.dtype == in_batch.dtype


@pytest.mark.parametrize("transform", ALL, ids=repr)
def test_the_pictures_given_are_left_as_they_were(transform, pictures):
    before = pictures.copy()

    out = transform(pictures)

    assert np.array_equal(pictures, before)
    assert not np.shares_memory(out, pictures)


@pytest.mark.parametrize("transform", ALL, ids=repr)
def test_the_same_seed_gives_the_same_pictures(transform, pictures):
    mg.manual_seed(7)
    once = transform(pictures)
    mg.manual_seed(7)

    assert np.array_equal(transform(pictures), once)


@pytest.mark.parametrize("transform", ALL, ids=repr)
def test_printed_a_transform_is_the_call_that_makes_it(transform):
    assert repr(eval(repr(transform))) == repr(transform)


def test_bytes_become_floats_from_0_to_1():
    out = ToFloat()(np.array([0, 51, 255], np.uint8).reshape(1, 1, 3))

    assert out.dtype == np.float32
    assert out.ravel().tolist() == [0.0, np.float32(0.2), 1.0]


def test_with_the_datas_own_mean_and_std_it_comes_out_with_mean_0_and_std_1(pictures):
    floats = ToFloat()(pictures)
    out = Normalize(floats.mean((0, 2, 3)), floats.std((0, 2, 3)))(floats)

    assert out.dtype == np.float32
    assert np.allclose(out.mean((0, 2, 3)), 0, atol=1e-5)
    assert np.allclose(out.std((0, 2, 3)), 1, atol=1e-5)


def test_one_mean_and_std_do_for_all_channels(pictures):
    floats = ToFloat()(pictures)

    assert np.array_equal(Normalize(0.5, 0.25)(floats), Normalize((0.5,) * 3, (0.25,) * 3)(floats))


@given(padding=st.integers(0, 4), size=st.integers(1, 8), seed=st.integers(0, 100))
def test_a_crop_is_a_window_of_the_padded_picture(padding, size, seed):
    picture = np.random.default_rng(seed).integers(1, 256, (2, 8, 8), np.uint8)
    padded = np.pad(picture, ((0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(1, 2))

    mg.manual_seed(seed)
    crop = RandomCrop(size, padding)(picture)

    places = (windows == crop[:, None, None]).all((0, 3, 4))
    assert crop.shape == (2, size, size)
    assert places.any()


def test_every_place_for_a_crop_comes_up_and_each_about_as_often():
    picture = np.arange(9, dtype=np.uint8).reshape(1, 3, 3)  # a window of 2 x 2 is known by its first pixel: 0, 1, 3, 4
    crops = RandomCrop(2)(np.repeat(picture[None], 4000, axis=0))

    first, times = np.unique(crops[:, 0, 0, 0], return_counts=True)

    assert first.tolist() == [0, 1, 3, 4]
    assert np.all(abs(times - 1000) < 150)  # five standard deviations


def test_a_crop_as_large_as_the_picture_changes_nothing(pictures):
    assert np.array_equal(RandomCrop(8)(pictures), pictures)


def test_flipped_for_certain_twice_is_as_before(pictures):
    flip = RandomHorizontalFlip(p=1)

    assert np.array_equal(flip(pictures), pictures[..., ::-1])
    assert np.array_equal(flip(flip(pictures)), pictures)
    assert np.array_equal(RandomHorizontalFlip(p=0)(pictures), pictures)


def test_in_a_batch_every_picture_is_flipped_or_not_on_its_own(pictures):
    flipped = [
        np.array_equal(after, before[..., ::-1]) or not np.array_equal(after, before)
        for after, before in zip(RandomHorizontalFlip()(pictures), pictures, strict=True)
    ]

    assert 10 < sum(flipped) < 40  # of 50


def test_in_a_batch_every_picture_is_cropped_at_its_own_place():
    same_pictures = np.repeat(np.arange(64, dtype=np.uint8).reshape(1, 1, 8, 8), 20, axis=0)

    assert len(np.unique(RandomCrop(8, padding=4)(same_pictures), axis=0)) > 10


@pytest.mark.parametrize(
    ("transform", "images", "error", "message"),
    [
        (Normalize(0.5, 0.5), np.zeros((3, 8, 8), np.uint8), TypeError, r"Normalize wants floats.*Put ToFloat\(\)"),
        (Normalize((0.1, 0.2), 1), np.zeros((3, 8, 8)), ValueError, "2 means and 1 stds for 3 channels"),
        (ToFloat(), np.zeros((3, 8, 8)), TypeError, "ToFloat wants uint8 pictures"),
        (RandomCrop(8), np.zeros((3, 4, 9)), ValueError, "cut 8 x 8 out of pictures of 4 x 9"),
        (RandomHorizontalFlip(), np.zeros((8, 8)), ValueError, r"wants pictures \(C, H, W\)"),
        (RandomHorizontalFlip(), mg.zeros(3, 8, 8), TypeError, r"NumPy array, and got Tensor. Try .numpy\(\)"),
    ],
)
def test_what_a_transform_cannot_take_it_refuses_with_advice(transform, images, error, message):
    with pytest.raises(error, match=message):
        transform(images)


def test_nonsense_is_refused_when_the_transform_is_made():
    with pytest.raises(ValueError, match="above 0"):
        Normalize(0.5, (1.0, 0.0, 1.0))
    with pytest.raises(ValueError, match="probability p from 0 to 1"):
        RandomHorizontalFlip(p=1.5)


def test_a_chain_takes_batches_only_if_all_its_parts_do():
    assert Compose([ToFloat(), RandomHorizontalFlip()]).batched
    assert not Compose([ToFloat(), lambda image: image]).batched
