"""Layers that see no neighbourhoods: sums with weights, tables of vectors, chance."""

import numpy as np

from ... import device as devices
from ... import dtype as dtypes
from ... import ops, random
from ...functions.indexing import getitem
from ...functions.pointwise import where
from ...functions.shape import unsqueeze
from ...tensor import Tensor, apply
from .. import functional
from .asked import check_labels, check_probability, images, same_type


def linear(input, weight, bias=None):
    """input @ weight.T + bias.

    input: (..., K)    weight: (F, K)    bias: (F,)    ->    (..., F)
    """
    same_type("linear", input, weight)
    parameters = (weight,) if bias is None else (weight, bias)
    return apply(ops.linear, input, *parameters)


def embedding(input, weight, padding_idx=None):
    """Row i of a table for every integer i: (...) -> (..., D). Row `padding_idx` gets no gradient.

    weight: (number of rows, D)
    """
    check_labels("embedding", input, len(weight))
    out = getitem(weight, input)
    if padding_idx is None:
        return out
    if not -len(weight) <= padding_idx < len(weight):
        raise AssertionError(f"embedding: padding_idx {padding_idx} is not one of {len(weight)} rows.")
    return where(unsqueeze(input == padding_idx % len(weight), -1), out.detach(), out)


def one_hot(tensor, num_classes=-1):
    """1 at each label, 0 elsewhere: integers (...) -> (..., num_classes)."""
    num_classes = int(tensor.max().item()) + 1 if num_classes == -1 else num_classes
    check_labels("one_hot", tensor, num_classes)
    classes = np.arange(num_classes, like=tensor.data)
    return Tensor((tensor.data[..., None] == classes).astype(dtypes.int64))


def dropout(input, p=0.5, training=True):
    """In training, each element is 0 with probability p, and the others grow by 1 / (1 - p)."""
    check_probability(p)
    return input * functional.dropout_mask(input.shape, p, input) if training and p > 0 else input


def dropout2d(input, p=0.5, training=True):
    """`dropout` of whole channels: (N, C, H, W) -> the same."""
    check_probability(p)
    if not training or p == 0:
        return input
    return images("dropout2d", input) * functional.dropout_mask((*input.shape[:2], 1, 1), p, input)


def dropout_mask(shape, p, like):
    """0 with probability p, else 1 / (1 - p); in the type and on the device of `like`."""
    kept = random.default_generator.numpy.random(shape, dtype="f4") >= p
    mask = kept.astype(like.dtype) * (1 / (1 - p) if p < 1 else 0)
    return Tensor(devices.of(like.data).from_numpy(mask.astype(like.dtype)))
