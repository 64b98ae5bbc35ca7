"""Many samples made into one batch: what a DataLoader does with the samples it fetched."""

import numpy as np

from ..tensor import Tensor

__all__ = ["default_collate"]


def default_collate(samples):
    """Stack samples along a new first axis, as Tensors.

    [3, 5]                        ->  Tensor of shape (2,), int64 (floats: float64, as Python's are; bools: bool)
    [array (C, H, W), ...]        ->  Tensor (N, C, H, W), of the same dtype; likewise for Tensors
    [(image, label), ...]         ->  [images, labels], each made as above; likewise for lists, named tuples, dicts
    ["cat", "dog"]                ->  as it is

    A batch is data: it does not remember what its samples were computed from.

    RuntimeError if samples differ in shape or length, TypeError if one is of another kind.
    """
    first = samples[0]
    if isinstance(first, Tensor):
        same((tuple(sample.shape) for sample in samples), "shape")
        return Tensor(np.stack([sample.data for sample in samples]))
    if isinstance(first, (np.ndarray, np.generic)) and first.dtype.kind in "fiub":
        same((np.shape(sample) for sample in samples), "shape")
        return Tensor(np.stack(samples))
    if isinstance(first, (bool, int, float)):
        return Tensor(np.array(samples))
    if isinstance(first, (str, bytes)):
        return samples
    if isinstance(first, dict):
        return {key: default_collate([sample[key] for sample in samples]) for key in first}
    if isinstance(first, (tuple, list)):
        same(map(len, samples), "length")
        batch = [default_collate(column) for column in zip(*samples, strict=True)]
        return type(first)(*batch) if hasattr(first, "_fields") else batch
    raise TypeError(
        f"DataLoader can make batches of arrays, Tensors, numbers, strings, and of tuples, lists and dicts of those; "
        f"a sample held {type(first).__name__}. Give it a collate_fn that knows how, or change the dataset."
    )


def same(sizes, what):
    """Raise RuntimeError unless all sizes are equal."""
    first, *others = sizes
    for number, other in enumerate(others, start=1):
        if other != first:
            raise RuntimeError(
                f"DataLoader: samples of one batch must have one {what}; sample 0 has {first} and sample {number} has "
                f"{other}. Crop or pad them in the dataset, or give a collate_fn."
            )
