"""Attention: every query looks at all keys, and gets the mean of their values, weighted by how well they fit."""

import math

import numpy as np

from ...functions.pointwise import where
from ...functions.reduction import all as all_of
from ...functions.reduction import softmax
from ...functions.shape import repeat_interleave, transpose
from . import layers
from .resampling import constant


def scaled_dot_product_attention(
    query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, *, scale=None, enable_gqa=False
):
    """softmax(query @ key.T * scale + attn_mask) @ value; scale is 1 / sqrt(E), if it is not given.

    query: (..., L, E)    key: (..., S, E)    value: (..., S, V)    ->    (..., L, V)
    attn_mask: (..., L, S), bools (True: is looked at) or numbers to add; a row all False gives 0
    is_causal: the first query looks at the first key only, the second at two, and so on
    enable_gqa: on axis -3 there may be fewer keys and values than queries; neighbouring queries share them

    Source: Vaswani et al., Attention Is All You Need, 2017.
    """
    if enable_gqa:
        key, value = (repeat_interleave(x, query.shape[-3] // x.shape[-3], -3) for x in (key, value))
    return attended(query, key, value, attn_mask, dropout_p, is_causal, scale)[0]


def weights_of(scores, dim):
    """softmax(scores), but 0 where all are minus infinity: what may look at nothing sees nothing."""
    nothing = all_of(scores == -math.inf, dim, keepdim=True)
    return where(nothing, 0.0, softmax(where(nothing, 0.0, scores), dim))


def attended(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, weigh=weights_of):
    """`scaled_dot_product_attention`, and the weights that averaged the values: `weigh` makes them of scores."""
    if not query.dtype == key.dtype == value.dtype:
        raise RuntimeError(f"query, key, value are of one type, not of {query.dtype}, {key.dtype}, {value.dtype}.")
    if min(query.ndim, key.ndim, value.ndim) < 2:
        raise RuntimeError(f"query, key, value have two axes or more; got {query.shape}, {key.shape}, {value.shape}.")
    if is_causal:
        if attn_mask is not None:
            raise RuntimeError("scaled_dot_product_attention: give attn_mask or is_causal, not both.")
        attn_mask = constant(np.tri(query.shape[-2], key.shape[-2], dtype=bool), query)
    scale = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    scores = query * scale @ transpose(key, -2, -1)
    if attn_mask is not None and attn_mask.dtype == bool:
        scores = where(attn_mask, scores, -math.inf)
    elif attn_mask is not None:
        scores = scores + attn_mask
    weights = layers.dropout(weigh(scores, -1), dropout_p)
    return weights @ value, weights
