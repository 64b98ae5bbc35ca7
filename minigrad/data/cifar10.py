"""CIFAR-10: 60,000 small colour photographs of ten kinds of things (Krizhevsky, 2009).

`CIFAR10` is all of it, 50,000 pictures to learn from and 10,000 to test with. `CIFAR10Subset` is a small part, which
comes with this package and needs no download. Both read alike:

    images  uint8 (N, 3, 32, 32), red, green, blue, 0 to 255
    labels  int64 (N,), 0 to 9, for the names in `classes`
"""

from pathlib import Path

import numpy as np

from .dataset import Dataset

__all__ = ["CIFAR10", "CIFAR10Subset"]


class Pictures(Dataset):
    """Labelled pictures in memory: sample i is (image, label), the image as the transform leaves it."""

    classes = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
    mean = (0.49139968, 0.48215841, 0.44653091)  # of all 50,000 training pictures, pixels from 0 to 1, per channel
    std = (0.24703223, 0.24348513, 0.26158784)

    def __init__(self, images, labels, transform):
        self.images = images
        self.labels = labels
        self.transform = transform

    def __getitem__(self, index):
        image = self.images[index]
        return (self.transform(image) if self.transform else image), self.labels[index]

    def __getitems__(self, indices):
        """The samples at `indices`, all through the transform at once if it takes batches."""
        if self.transform and not getattr(self.transform, "batched", False):
            return [self[i] for i in indices]
        images = self.images[indices]  # (len(indices), 3, 32, 32)
        return list(zip(self.transform(images) if self.transform else images, self.labels[indices], strict=True))

    def __len__(self):
        return len(self.images)


class CIFAR10(Pictures):
    """All of CIFAR-10: 50,000 pictures if `train`, else the 10,000 others.

    root: the folder that holds `cifar-10-batches-bin`, or an archive of the official data, or will after
    `download=True` (about 180 MB). RuntimeError, with what to do, where the pictures cannot be had.
    """

    def __init__(self, root, train=True, transform=None, download=False):
        from . import cifar10_files as files  # here, so that importing minigrad stays quick

        folder = files.find_or_download(root, download)
        names = files.TRAIN_FILES if train else [files.TEST_FILE]
        records = np.concatenate([np.fromfile(folder / name, np.uint8) for name in names]).reshape(-1, 3073)
        super().__init__(records[:, 1:].reshape(-1, 3, 32, 32), records[:, 0].astype(np.int64), transform)
        self.root = str(root)
        self.train = train

    def __repr__(self):
        return f"CIFAR10({self.root!r}, train={self.train}, transform={self.transform!r})"


class CIFAR10Subset(Pictures):
    """A small CIFAR-10 at hand: 2,000 training pictures, 200 of each class, or 500 test pictures, 50 of each.

    They are the first such pictures of the whole set, in its order. `mean` and `std` are those of the whole set.
    """

    path = Path(__file__).with_name("cifar10_subset.npz")  # made by course/make_subset.py

    def __init__(self, train=True, transform=None):
        part = "train" if train else "test"
        with np.load(self.path) as file:
            images, labels = unpack(file[f"{part}_images"]), file[f"{part}_labels"].astype(np.int64)
        super().__init__(images, labels, transform)
        self.train = train

    def __repr__(self):
        return f"CIFAR10Subset(train={self.train}, transform={self.transform!r})"


def unpack(packed):
    """Pictures from their differences from the pixel above, to the left, and in green, which take less room in a zip.

    packed: uint8 (3, N, H, W), as course/make_subset.py makes them  ->  uint8 (N, 3, H, W)
    """
    for axis in (3, 2):
        packed = np.cumsum(packed, axis=axis, dtype=np.uint8)
    red, green, blue = packed
    return np.stack([red + green, green, blue + green], axis=1)
