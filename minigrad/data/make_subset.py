"""Make cifar10_subset.npz, the pictures that come with this package, from the whole of CIFAR-10.

python -m minigrad.data.make_subset FOLDER_OF_CIFAR10
"""

import sys

import numpy as np

from .cifar10 import CIFAR10, CIFAR10Subset, pack


def first_of_each_class(labels, count):
    """Where the first `count` pictures of every class stand, in order."""
    return np.sort(np.concatenate([np.flatnonzero(labels == k)[:count] for k in np.unique(labels)]))


def make_subset(root, path=CIFAR10Subset.path):
    arrays = {}
    for part, count in (("train", 200), ("test", 50)):
        whole = CIFAR10(root, train=part == "train")
        chosen = first_of_each_class(whole.labels, count)
        arrays[f"{part}_images"] = pack(whole.images[chosen])
        arrays[f"{part}_labels"] = whole.labels[chosen].astype(np.uint8)
    np.savez_compressed(path, **arrays)


if __name__ == "__main__":
    make_subset(*sys.argv[1:])
