"""Attention: every query looks at all keys, and gets the mean of their values, weighted by how well they fit."""

import math

import numpy as np

from ...functions.pointwise import where
from ...functions.reduction import all as all_of
from ...functions.reduction import softmax
from ...functions.shape import transpose
from . import layers
from .resampling import constant


def scaled_dot_product_attention(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None):
    """softmax(query @ key.T * scale + attn_mask) @ value; scale is 1 / sqrt(E), if it is not given.

    query: (..., L, E)    key: (..., S, E)    value: (..., S, V)    ->    (..., L, V)
    attn_mask: (..., L, S), bools (True: is looked at) or numbers to add; a row all False gives 0
    is_causal: the first query looks at the first key only, the second at two, and so on

    Source: Vaswani et al., Attention Is All You Need, 2017.
    """
    return attended(query, key, value, attn_mask, dropout_p, is_causal, scale)[0]


def attended(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None):
    """`scaled_dot_product_attention`, and the weights by which the values were averaged."""
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
    nothing = all_of(scores == -math.inf, -1, keepdim=True)
    weights = where(nothing, 0.0, softmax(where(nothing, 0.0, scores), -1))
    weights = layers.dropout(weights, dropout_p)
    return weights @ value, weights
