"""The loader: every sample once, in an order that a seed decides, and nothing lost by an interruption."""

import json
from collections import namedtuple

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils import data as torch_data

import minigrad as mg
from minigrad import data
from minigrad.data.transforms import Compose, RandomCrop, RandomHorizontalFlip, ToFloat


class Noisy(data.Dataset):
    """Samples that say which they are, with noise from every place that a dataset may draw from."""

    def __init__(self, count=20):
        self.count = count
        self.loaded = []

    def __getitem__(self, index):
        import random

        self.loaded.append(index)
        return index, mg.rand(1).item(), np.random.rand(), random.random()

    def __len__(self):
        return self.count


def values(loader):
    """What a loader gives in one pass, as nested lists."""
    return [[column.tolist() for column in batch] for batch in loader]


def order(loader):
    """The samples of one pass, in order."""
    return [index for batch in values(loader) for index in batch[0]]


# ---- which samples, and when ----


@given(st.integers(1, 40), st.integers(1, 50), st.booleans(), st.booleans())
def test_every_sample_comes_exactly_once_but_for_what_drop_last_drops(count, batch_size, shuffle, drop_last):
    drop_last = drop_last and count >= batch_size
    loader = data.DataLoader(range(count), batch_size, shuffle, drop_last=drop_last)

    batches = [batch.tolist() for batch in loader]

    given_out = sum(batches, [])
    assert len(set(given_out)) == len(given_out) == (count - count % batch_size if drop_last else count)
    assert all(len(batch) == batch_size for batch in batches[:-1])
    assert len(loader) == len(batches)


@pytest.mark.parametrize("drop_last", [False, True])
@pytest.mark.parametrize("batch_size", [1, 3, 5, 10, 11])
def test_without_shuffling_the_batches_are_torchs(batch_size, drop_last):
    dataset = [(np.full((2, 2), i, np.float32), i) for i in range(11)]
    ours = data.DataLoader(dataset, batch_size, drop_last=drop_last)
    theirs = torch_data.DataLoader(dataset, batch_size, drop_last=drop_last)

    assert len(ours) == len(theirs)
    for (x, y), (torch_x, torch_y) in zip(ours, theirs, strict=True):
        assert np.array_equal(x.numpy(), torch_x) and np.array_equal(y.numpy(), torch_y)


def test_shuffling_gives_another_order_in_every_epoch():
    loader = data.DataLoader(Noisy(), batch_size=4, shuffle=True)
    first, second = order(loader), order(loader)

    assert sorted(first) == sorted(second) == list(range(20))
    assert first != second != list(range(20))


def test_the_same_seed_gives_the_same_epochs_one_after_the_other():
    def epochs(seed):
        loader = data.DataLoader(Noisy(), 4, shuffle=True, generator=mg.Generator(seed))
        return values(loader), values(loader)

    assert epochs(5) == epochs(5)
    assert epochs(5) != epochs(6)


def test_without_a_generator_manual_seed_decides():
    def epoch():
        mg.manual_seed(4)
        return values(data.DataLoader(Noisy(), 4, shuffle=True))

    assert epoch() == epoch()


def test_no_two_samples_get_the_same_noise():
    batches = values(data.DataLoader(Noisy(100), batch_size=5, generator=mg.Generator(0)))

    for column in (1, 2, 3):  # the package's generator, NumPy's, Python's
        assert len({number for batch in batches for number in batch[column]}) == 100


def test_making_batches_does_not_disturb_the_random_numbers_of_the_training():
    def draws(batches_between):
        mg.manual_seed(1)
        np.random.seed(1)
        batches = iter(data.DataLoader(Noisy(), batch_size=2, generator=mg.Generator(0)))
        for _ in range(batches_between):
            next(batches)
        return mg.rand(3).tolist(), np.random.rand(3).tolist()

    assert draws(0) == draws(5)


def test_two_passes_at_once_do_not_disturb_each_other():
    loader = data.DataLoader(range(6), batch_size=2)

    assert [(a.tolist(), b.tolist()) for a, b in zip(loader, loader, strict=True)] == [
        ([0, 1], [0, 1]),
        ([2, 3], [2, 3]),
        ([4, 5], [4, 5]),
    ]


# ---- going on after an interruption ----


@pytest.mark.parametrize("stopped_after", [0, 1, 4, 6, 7])
def test_a_saved_loader_goes_on_with_exactly_the_next_batch(stopped_after):
    def loader(seed):
        return data.DataLoader(Noisy(), batch_size=3, shuffle=True, generator=mg.Generator(seed))

    uninterrupted = loader(seed=8)
    epoch, next_epoch = values(uninterrupted), values(uninterrupted)

    stopped = loader(seed=8)
    batches = iter(stopped)
    before = [[column.tolist() for column in next(batches)] for _ in range(stopped_after)]
    state = json.loads(json.dumps(stopped.state_dict()))  # as through a checkpoint

    resumed = loader(seed=99)
    resumed.load_state_dict(state)

    assert before + values(resumed) == epoch
    assert values(resumed) == next_epoch


def test_between_two_epochs_it_goes_on_with_the_next():
    loader = data.DataLoader(Noisy(), 3, shuffle=True, generator=mg.Generator(8))
    values(loader)
    state = loader.state_dict()
    second = values(loader)

    loader.load_state_dict(state)

    assert values(loader) == second


def test_the_batches_before_are_not_loaded_again():
    loader = data.DataLoader(Noisy(20), batch_size=5)
    batches = iter(loader)
    next(batches), next(batches)

    resumed = data.DataLoader(Noisy(20), batch_size=5)
    resumed.load_state_dict(loader.state_dict())
    next(iter(resumed))

    assert resumed.dataset.loaded == [10, 11, 12, 13, 14]


def test_a_state_that_was_loaded_can_be_saved_again_before_it_is_used():
    loader = data.DataLoader(Noisy(), batch_size=5)
    next(iter(loader))
    state = loader.state_dict()

    other = data.DataLoader(Noisy(), batch_size=5)
    other.load_state_dict(state)

    assert other.state_dict() == state


def test_on_the_default_generator_dropout_and_the_loader_both_go_on():
    mg.manual_seed(2)
    loader = data.DataLoader(Noisy(), batch_size=5, shuffle=True)
    batches = iter(loader)
    next(batches), mg.rand(7)  # a batch, and a dropout mask
    state = loader.state_dict()
    goes_on = mg.rand(3).tolist(), [next(batches)[0].tolist() for _ in range(3)], order(loader)

    mg.manual_seed(55)
    loader.load_state_dict(state)
    assert (mg.rand(3).tolist(), [batch[0].tolist() for batch in loader], order(loader)) == goes_on


def test_a_state_of_other_batches_is_refused():
    state = data.DataLoader(Noisy(), batch_size=5).state_dict()

    with pytest.raises(ValueError, match="an epoch of 4 batches: it has 2 itself"):
        data.DataLoader(Noisy(), batch_size=10).load_state_dict(state)


# ---- samples into batches ----

Point = namedtuple("Point", "x y")

SAMPLES = {
    "integers": [3, 5],
    "floats": [0.5, 1.5],
    "bools": [True, False],
    "NumPy numbers": [np.float32(1), np.float32(2)],
    "bytes of pictures": [np.zeros((3, 2, 2), np.uint8), np.ones((3, 2, 2), np.uint8)],
    "pairs": [(np.ones(2, np.float32), 1), (np.zeros(2, np.float32), 2)],
    "lists": [[1, 2.0], [3, 4.0]],
    "dicts": [{"x": 1, "name": "cat"}, {"x": 2, "name": "dog"}],
    "named tuples": [Point(1, 2.0), Point(3, 4.0)],
    "nested": [({"a": (1, [np.ones(1)])}, "b"), ({"a": (2, [np.ones(1)])}, "c")],
}


def same_as_torch(ours, theirs):
    if isinstance(theirs, torch.Tensor):
        return str(theirs.dtype) == f"torch.{ours.dtype}" and np.array_equal(ours.numpy(), theirs.numpy())
    if isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(same_as_torch(ours[key], theirs[key]) for key in theirs)
    if isinstance(theirs, (list, tuple)) and not isinstance(theirs[0], str):
        return type(ours) is type(theirs) and all(map(same_as_torch, ours, theirs))
    return list(ours) == list(theirs)


@pytest.mark.parametrize("samples", SAMPLES.values(), ids=SAMPLES)
def test_samples_become_the_batch_that_torch_makes(samples):
    assert same_as_torch(data.default_collate(samples), torch_data.default_collate(samples))


def test_tensors_are_stacked():
    batch = data.default_collate([mg.tensor([1.0, 2.0]), mg.tensor([3.0, 4.0])])

    assert batch.tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_another_collate_fn_gets_the_samples_as_they_are():
    assert list(data.DataLoader(range(5), 2, collate_fn=lambda samples: samples)) == [[0, 1], [2, 3], [4]]


# ---- pictures through the loader ----


def test_pictures_with_a_transform_for_batches_are_fetched_together():
    calls = []

    class Count(ToFloat):
        def __call__(self, images):
            calls.append(images.shape)
            return super().__call__(images)

    pictures = data.CIFAR10Subset(train=False, transform=Count())
    images, labels = next(iter(data.DataLoader(pictures, batch_size=10)))

    assert calls == [(10, 3, 32, 32)]
    assert images.shape == (10, 3, 32, 32) and images.dtype == mg.float32
    assert labels.dtype == mg.int64


def test_a_transform_that_knows_single_pictures_only_is_given_single_pictures():
    pictures = data.CIFAR10Subset(train=False, transform=lambda image: image - image.min())
    images, _ = next(iter(data.DataLoader(pictures, batch_size=10)))

    assert np.array_equal(images.numpy(), np.stack([pictures[i][0] for i in range(10)]))


def test_augmented_pictures_are_new_in_every_epoch():
    augment = Compose([RandomCrop(32, padding=4), RandomHorizontalFlip()])
    loader = data.DataLoader(data.CIFAR10Subset(train=False, transform=augment), batch_size=100)
    first, second = (next(iter(loader))[0].numpy() for _ in range(2))

    assert np.mean([np.array_equal(a, b) for a, b in zip(first, second, strict=True)]) < 0.2


# ---- what cannot be ----


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([1], 0), ValueError, "batch_size, and got 0"),
        (([1], -3), ValueError, "batch_size, and got -3"),
        (([1], 1.5), ValueError, "batch_size, and got 1.5"),
        (([1], True), ValueError, "batch_size, and got True"),
        (([], 1, True), ValueError, "empty dataset"),
    ],
)
def test_what_torch_refuses_is_refused_with_the_same_type_of_error(arguments, error, message):
    with pytest.raises(error):
        torch_data.DataLoader(*arguments)
    with pytest.raises(error, match=message):
        data.DataLoader(*arguments)


def test_a_loader_without_any_batch_is_refused_at_once():
    with pytest.raises(ValueError, match="empty dataset"):
        data.DataLoader([])
    with pytest.raises(ValueError, match="50 samples do not fill a batch of 100"):
        data.DataLoader(range(50), 100, drop_last=True)


def test_negative_workers_and_timeouts_are_refused():
    with pytest.raises(ValueError, match="num_workers=-1"):
        data.DataLoader([1], num_workers=-1)
    with pytest.raises(ValueError, match="timeout=-2"):
        data.DataLoader([1], timeout=-2)


def test_something_without_a_length_is_no_dataset():
    with pytest.raises(TypeError, match="knows its length, and got generator"):
        data.DataLoader(i for i in range(3))


@pytest.mark.parametrize(
    ("samples", "error", "message"),
    [
        ([np.zeros((3, 32)), np.zeros((3, 28))], RuntimeError, r"sample 0 has \(3, 32\) and sample 1 has \(3, 28\)"),
        ([(1, 2), (3,)], RuntimeError, "one length; sample 0 has 2 and sample 1 has 1"),
        ([{"x": 1}, {"y": 1}], KeyError, "x"),
        ([None, None], TypeError, "a sample held NoneType"),
        ([np.array("cat")], TypeError, "a sample held ndarray"),
    ],
)
def test_samples_that_make_no_batch_raise_what_torch_raises(samples, error, message):
    with pytest.raises(error):
        torch_data.default_collate(samples)
    with pytest.raises(error, match=message):
        data.default_collate(samples)


def test_tensors_of_different_shapes_make_no_batch():
    with pytest.raises(RuntimeError, match=r"sample 0 has \(2,\) and sample 1 has \(3,\)"):
        data.default_collate([mg.zeros(2), mg.zeros(3)])


def test_a_dataset_that_runs_dry_does_not_end_the_epoch_in_silence():
    class Dry(Noisy):
        def __getitem__(self, index):
            return next(iter([]))

    with pytest.raises(RuntimeError, match="StopIteration"):
        list(data.DataLoader(Dry()))
