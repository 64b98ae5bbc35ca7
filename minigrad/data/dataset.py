"""Datasets: things that know how many samples they have, and can give any one of them.

`dataset[i]` is one sample, `len(dataset)` their number; that is all a DataLoader asks for. A dataset that fetches many
samples faster together than one by one says so with `__getitems__(indices)`, which gives the list of those samples.
"""

import itertools
import math
import warnings

from .. import random

__all__ = ["Dataset", "Subset", "TensorDataset", "random_split"]


class Dataset:
    """What a dataset of your own derives from: write `__getitem__(index)` and `__len__()`."""

    def __getitem__(self, index):
        raise NotImplementedError(f"{type(self).__name__} needs a __getitem__(self, index) that gives one sample.")


class TensorDataset(Dataset):
    """Samples side by side in tensors: sample i is the tuple of the i-th rows.

    tensors: each (N, ...)  ->  N samples. AssertionError if they differ in N.
    """

    def __init__(self, *tensors):
        if len({len(tensor) for tensor in tensors}) != 1:
            shapes = ", ".join(str(tuple(tensor.shape)) for tensor in tensors) or "no tensors at all"
            raise AssertionError(f"TensorDataset wants tensors with the same number of rows, and got {shapes}.")
        self.tensors = tensors

    def __getitem__(self, index):
        return tuple(tensor[index] for tensor in self.tensors)

    def __len__(self):
        return len(self.tensors[0])


class Subset(Dataset):
    """Some samples of a dataset, in the order of `indices`. Nothing is copied."""

    def __init__(self, dataset, indices):
        self.dataset = dataset
        self.indices = indices

    def __getitem__(self, index):
        return self.dataset[self.indices[index]]

    def __getitems__(self, indices):
        return fetch(self.dataset, [self.indices[i] for i in indices])

    def __len__(self):
        return len(self.indices)


def fetch(dataset, indices):
    """The list of samples at `indices`, fetched together where the dataset can."""
    if hasattr(dataset, "__getitems__"):
        return dataset.__getitems__(indices)
    return [dataset[i] for i in indices]


def random_split(dataset, lengths, generator=None):
    """Cut a dataset at random into Subsets that share no sample and leave none out.

    lengths: whole numbers that add up to len(dataset), or fractions that add up to 1. With fractions, samples left over
    by rounding down go to the parts in turn, from the first.
    """
    if math.isclose(sum(lengths), 1) and sum(lengths) <= 1:
        lengths = shares(lengths, len(dataset))
    if sum(lengths) != len(dataset) or min(lengths) < 0:
        raise ValueError(
            f"random_split wants lengths that add up to the dataset's {len(dataset)} samples (or fractions that add up "
            f"to 1), and got {list(lengths)}, which add up to {sum(lengths)}."
        )
    order = (generator or random.default_generator).numpy.permutation(len(dataset)).tolist()
    ends = itertools.accumulate(lengths)
    return [Subset(dataset, order[end - length : end]) for length, end in zip(lengths, ends, strict=True)]


def shares(fractions, total):
    """Whole numbers that add up to `total`, in the given proportions."""
    if min(fractions) < 0:
        raise ValueError(f"random_split wants fractions between 0 and 1, and got {list(fractions)}.")
    lengths = [math.floor(total * fraction) for fraction in fractions]
    for i in range(total - sum(lengths)):
        lengths[i % len(lengths)] += 1
    if 0 in lengths:
        warnings.warn(f"random_split made an empty part: {total} samples in parts of {lengths}.", stacklevel=3)
    return lengths
