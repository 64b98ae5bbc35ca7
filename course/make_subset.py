"""`python -m course.make_subset FOLDER_OF_CIFAR10`: the pictures that come with minigrad, from all of them."""

import sys

import numpy as np

from minigrad.data import CIFAR10, CIFAR10Subset


def first_of_each_class(labels, count):
    """Where the first `count` pictures of every class stand, in order."""
    return np.sort(np.concatenate([np.flatnonzero(labels == k)[:count] for k in np.unique(labels)]))


def pack(images):
    """Pictures as differences: the same bytes in number, but most of them near 0, so that zip finds more to save.

    Red and blue give way to their difference from green, then every pixel to its difference from the one above and the
    one to the left; all of it modulo 256, so nothing is lost.

    images: uint8 (N, 3, H, W)  ->  uint8 (3, N, H, W)
    """
    red, green, blue = images.swapaxes(0, 1)
    packed = np.stack([red - green, green, blue - green])
    for axis in (2, 3):
        packed = np.diff(packed, axis=axis, prepend=np.uint8(0))
    return packed


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
