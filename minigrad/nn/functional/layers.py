"""Layers that see no neighbourhoods: sums with weights, tables of vectors, chance."""

import warnings

import numpy as np

from ... import device as devices
from ... import dtype as dtypes
from ... import ops, random
from ...functions.indexing import getitem
from ...functions.inplace import mul_
from ...functions.matrix import matmul
from ...functions.pointwise import where
from ...functions.shape import unsqueeze
from ...graph import no_grad
from ...tensor import Tensor, apply
from .. import functional
from .asked import check_labels, check_probability, same_type


def linear(input, weight, bias=None):
    """input @ weight.T + bias.

    input: (..., K)    weight: (F, K)    bias: (F,)    ->    (..., F)
    """
    same_type("linear", input, weight)
    if weight.ndim == 1 and bias is None:
        return matmul(input, weight)
    if weight.ndim != 2:
        raise RuntimeError(f"linear: a weight of shape (F, K) is wanted, and got {weight.shape}.")
    parameters = (weight,) if bias is None else (weight, bias)
    return apply(ops.linear, input, *parameters)


def embedding(input, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False):
    """Row i of a table for every integer i: (...) -> (..., D).

    weight: (number of rows, D)    padding_idx: the row that gets no gradient
    max_norm: the rows looked up are first shortened to this norm (of type `norm_type`), in the table itself
    scale_grad_by_freq: a row looked up n times gets 1 / n of its gradient
    """
    if sparse:
        raise NotImplementedError("embedding: sparse=True is not supported; gradients are whole tables here.")
    if padding_idx is not None and not -len(weight) <= padding_idx < len(weight):
        raise AssertionError(f"embedding: padding_idx {padding_idx} is not one of {len(weight)} rows.")
    if weight.ndim != 2:
        raise RuntimeError(f"embedding: a table (rows, D) is wanted, and got shape {weight.shape}.")
    check_labels("embedding", input, len(weight))
    if max_norm is not None:
        shorten(weight, np.unique(input.data), max_norm, norm_type)
    out = getitem(weight, input)
    if scale_grad_by_freq:
        share = 1 / np.bincount(input.data.ravel(), minlength=len(weight))[input.data].astype(out.dtype)[..., None]
        out = out * share + out.detach() * (1 - share)
    if padding_idx is None:
        return out
    return where(unsqueeze(input == padding_idx % len(weight), -1), out.detach(), out)


@no_grad()
def shorten(table, rows, max_norm, norm_type):
    """Scale those of the table's rows whose norm is above `max_norm` down to it."""
    norms = np.linalg.norm(table.data[rows], norm_type, axis=-1, keepdims=True)
    scale = np.where(norms > max_norm, max_norm / (norms + 1e-7), 1)
    table[rows] = (table.data[rows] * scale).astype(table.dtype)


def one_hot(tensor, num_classes=-1):
    """1 at each label, 0 elsewhere: integers (...) -> (..., num_classes), by default one more than the largest."""
    if num_classes == -1 and tensor.numel():
        num_classes = int(tensor.max().item()) + 1
    check_labels("one_hot", tensor, num_classes, types=("int64",), kind=RuntimeError)
    if num_classes < 1:
        raise RuntimeError(f"one_hot: how many classes? Of no labels it cannot be told; num_classes={num_classes}.")
    classes = np.arange(num_classes, like=tensor.data)
    return Tensor((tensor.data[..., None] == classes).astype(dtypes.int64))


def dropout(input, p=0.5, training=True, inplace=False):
    """In training, each element is 0 with probability p, and the others grow by 1 / (1 - p)."""
    return dropped(input, input.shape, p, training, inplace)


def dropout2d(input, p=0.5, training=True, inplace=False):
    """`dropout` of whole channels: (N, C, H, W) -> the same."""
    if training and input.ndim < 2:
        raise RuntimeError(f"dropout2d wants images (N, C, H, W), and got shape {input.shape}.")
    if training and input.ndim not in (3, 4):
        what = "single numbers, as dropout does" if input.ndim == 2 else "along its first two axes"
        warnings.warn(f"dropout2d wants images (N, C, H, W); of shape {input.shape} it drops {what}.", stacklevel=2)
    return dropped(input, (*input.shape[:2], *[1] * (input.ndim - 2)), p, training, inplace)


def dropped(input, shape, p, training, inplace):
    """input times a mask of this shape."""
    check_probability(p)
    if not training or p == 0:
        return input
    mask = functional.dropout_mask(shape, p, input)
    return mul_(input, mask) if inplace else input * mask


def dropout_mask(shape, p, like):
    """0 with probability p, else 1 / (1 - p); in the type and on the device of `like`."""
    kept = random.default_generator.numpy.random(shape, dtype="f4") >= p
    mask = kept.astype(like.dtype) * (1 / (1 - p) if p < 1 else 0)
    return Tensor(devices.of(like.data).from_numpy(mask.astype(like.dtype)))
