"""Datasets: one sample at a time, many at once, and parts of them, as PyTorch has it."""

import numpy as np
import pytest
import torch
from torch.utils import data as torch_data

import minigrad as mg
from minigrad import data


class Squares(data.Dataset):
    """0, 1, 4, 9 ..."""

    def __init__(self, count):
        self.count = count

    def __getitem__(self, index):
        return index**2

    def __len__(self):
        return self.count


class SquaresAtOnce(Squares):
    """The same, and it notes how often it was asked for many at once."""

    asked = 0

    def __getitems__(self, indices):
        self.asked += 1
        return [i**2 for i in indices]


def test_a_tensor_dataset_gives_rows_side_by_side():
    x, y = mg.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), mg.tensor([7, 8, 9])
    dataset = data.TensorDataset(x, y)

    row, label = dataset[1]

    assert len(dataset) == 3
    assert row.tolist() == [3.0, 4.0] and label.item() == 8


def test_tensors_of_different_lengths_make_no_dataset():
    with pytest.raises(AssertionError, match=r"same number of rows, and got \(3, 2\), \(4,\)"):
        data.TensorDataset(mg.zeros(3, 2), mg.zeros(4))
    with pytest.raises(AssertionError, match="no tensors at all"):
        data.TensorDataset()


def test_a_dataset_without_getitem_says_what_it_lacks():
    class Unfinished(data.Dataset):
        pass

    with pytest.raises(NotImplementedError, match="Unfinished needs a __getitem__"):
        Unfinished()[0]


def test_a_subset_of_a_subset_leads_to_the_samples():
    odd = data.Subset(Squares(10), [1, 3, 5, 7, 9])
    last_two = data.Subset(odd, [3, 4])

    assert list(last_two) == [49, 81]
    assert last_two.__getitems__([1, 0]) == [81, 49]


def test_a_subset_fetches_many_at_once_where_its_dataset_can():
    dataset = SquaresAtOnce(10)

    assert data.Subset(dataset, [9, 2, 3]).__getitems__([0, 2]) == [81, 9]
    assert dataset.asked == 1


@pytest.mark.parametrize("lengths", [[6, 3, 1], [0.6, 0.3, 0.1], [1.0], [10], [0.35, 0.35, 0.3]])
def test_a_split_leaves_no_sample_out_and_uses_none_twice(lengths):
    parts = data.random_split(Squares(10), lengths)

    assert sorted(i for part in parts for i in part.indices) == list(range(10))


@pytest.mark.parametrize("lengths", [[0.5, 0.5], [0.3, 0.3, 0.4], [0.01, 0.99], [0.7, 0.2, 0.1], [5, 6], [11, 0]])
def test_a_split_has_the_sizes_that_torch_gives(lengths):
    ours = data.random_split(Squares(11), lengths)
    theirs = torch_data.random_split(Squares(11), lengths)

    assert [len(part) for part in ours] == [len(part) for part in theirs]


def test_the_same_seed_splits_in_the_same_way_and_another_seed_does_not():
    def split(seed):
        return data.random_split(Squares(100), [50, 50], generator=mg.Generator(seed))[0].indices

    assert split(1) == split(1) != split(2)


def test_without_a_generator_manual_seed_decides_the_split():
    def split():
        mg.manual_seed(3)
        return data.random_split(Squares(100), [0.5, 0.5])[0].indices

    assert split() == split()


@pytest.mark.parametrize("lengths", [[6, 5], [3, 3], [0.5, 0.6], [0.2, 0.2], [-1, 11], [1.5, -0.5]])
def test_lengths_that_do_not_add_up_are_refused(lengths):
    with pytest.raises(ValueError, match="random_split wants"):
        data.random_split(Squares(10), lengths)


def test_an_empty_part_is_warned_of():
    with pytest.warns(UserWarning, match="empty part"):
        data.random_split(Squares(3), [0.99, 0.005, 0.005])


def test_our_pictures_go_through_torchs_loader_too():
    pictures = data.CIFAR10Subset(train=False)
    images, labels = next(iter(torch_data.DataLoader(pictures, batch_size=7)))

    assert torch.equal(images, torch.from_numpy(pictures.images[:7]))
    assert np.array_equal(labels, pictures.labels[:7])
