"""Attention as a layer, and the layer of a transformer."""

import math

from .. import creation
from ..functions.pointwise import where
from ..functions.reduction import softmax
from ..functions.shape import reshape, transpose, unsqueeze
from . import functional as F
from . import init
from .functional.attention import attended, weights_of
from .layers import Dropout, Linear
from .module import Module
from .normalization import LayerNorm
from .parameter import Parameter


class MultiheadAttention(Module):
    """Several attentions side by side, each with its own view of queries, keys and values.

    query: (L, N, embed_dim)    key, value: (S, N, embed_dim); or the first two axes exchanged, if `batch_first`; or
    without N    ->    as query, and the weights of each query, (N, L, S), or None

    Source: Vaswani et al., Attention Is All You Need, 2017.
    """

    def __init__(self, embed_dim, num_heads, dropout=0.0, bias=True, *, batch_first=False):
        if embed_dim < 1 or num_heads < 1:
            raise ValueError(f"MultiheadAttention: embed_dim ({embed_dim}) and num_heads ({num_heads}) are at least 1.")
        if embed_dim % num_heads:
            raise AssertionError(f"MultiheadAttention: embed_dim {embed_dim} does not divide into {num_heads} heads.")
        self.embed_dim, self.num_heads, self.dropout, self.batch_first = embed_dim, num_heads, dropout, batch_first
        self.in_proj_weight = Parameter(creation.empty(3 * embed_dim, embed_dim))
        self.in_proj_bias = Parameter(creation.zeros(3 * embed_dim)) if bias else None
        self.out_proj = Linear(embed_dim, embed_dim, bias)
        init.xavier_uniform_(self.in_proj_weight)
        if bias:
            init.zeros_(self.out_proj.bias)

    def forward(
        self,
        query,
        key,
        value,
        key_padding_mask=None,
        need_weights=True,
        attn_mask=None,
        average_attn_weights=True,
        is_causal=False,
    ):
        """Masks are bools (True: is not looked at), or numbers to add.

        key_padding_mask: (N, S)    attn_mask: (L, S) or (N * num_heads, L, S); with `is_causal`, that of a causal one
        """
        self._check(query, key, value, attn_mask, key_padding_mask)
        if is_causal and attn_mask is None:
            raise RuntimeError("MultiheadAttention: is_causal is a hint about attn_mask, which is to be given, too.")
        single = query.ndim == 2
        if single:
            query, key, value = (unsqueeze(x, 1) for x in (query, key, value))
            key_padding_mask = None if key_padding_mask is None else unsqueeze(key_padding_mask, 0)
        elif self.batch_first:
            query, key, value = (transpose(x, 0, 1) for x in (query, key, value))
        heads = [self._heads(x, i) for i, x in enumerate((query, key, value))]  # each (N, heads, L or S, width)
        mask = self._mask(attn_mask, key_padding_mask, query)
        # A query that may look at nothing sees nothing; or, as in PyTorch, nan where the weights are asked for.
        weigh = softmax if need_weights else weights_of
        out, weights = attended(*heads, mask, self.dropout if self.training else 0.0, weigh=weigh)
        out = self.out_proj(reshape(out.permute(2, 0, 1, 3), query.shape))
        weights = weights.mean(1) if average_attn_weights else weights
        if single:
            return out[:, 0], weights[0] if need_weights else None
        return transpose(out, 0, 1) if self.batch_first else out, weights if need_weights else None

    def _check(self, query, key, value, *masks):
        """Raise AssertionError, as PyTorch does, for what does not fit."""
        E, shapes = self.embed_dim, [x.shape for x in (query, key, value)]
        if query.ndim not in (2, 3) or key.shape != value.shape or any(s[-1] != E for s in shapes):
            raise AssertionError(
                f"MultiheadAttention wants a query (L, N, {E}), and a key and a value (S, N, {E}), "
                f"and got {shapes[0]}, {shapes[1]} and {shapes[2]}."
            )
        for mask in masks:
            if mask is not None and mask.dtype.kind not in "bf":
                raise AssertionError(f"MultiheadAttention: masks are bools or floats, and one is {mask.dtype}.")

    def _heads(self, x, i):
        """One third of the first projection, cut into heads: (L, N, embed_dim) -> (N, num_heads, L, width)."""
        part = slice(i * self.embed_dim, (i + 1) * self.embed_dim)
        x = F.linear(x, self.in_proj_weight[part], None if self.in_proj_bias is None else self.in_proj_bias[part])
        return reshape(x, *x.shape[:2], self.num_heads, -1).permute(1, 2, 0, 3)

    def _mask(self, attn_mask, key_padding_mask, query):
        """Both masks in one, as numbers to add, which broadcasts over (N, num_heads, L, S); None if there is none."""
        mask = None
        if attn_mask is not None:
            mask = added(attn_mask, query)
            mask = reshape(mask, -1, self.num_heads, *mask.shape[1:]) if mask.ndim == 3 else mask
        if key_padding_mask is not None:
            padding = added(key_padding_mask, query)[:, None, None]
            mask = padding if mask is None else mask + padding
        return mask


def added(mask, like):
    """A mask of bools (True: is not looked at) as numbers to add."""
    return (
        where(mask, -math.inf, creation.zeros((), dtype=like.dtype, device=like.device)) if mask.dtype == bool else mask
    )


class TransformerEncoderLayer(Module):
    """Attention, then two linear layers for each step; around each, what came in is added, and the sum normalized.

    src: (L, N, d_model), or (N, L, d_model) if `batch_first`, or (L, d_model)    ->    the same
    norm_first: normalize what goes into each of the two instead, as is easier to train
    """

    def __init__(
        self,
        d_model,
        nhead,
        dim_feedforward=2048,
        dropout=0.1,
        activation=F.relu,
        layer_norm_eps=1e-5,
        batch_first=False,
        norm_first=False,
        bias=True,
    ):
        if isinstance(activation, str) and activation not in ("relu", "gelu"):
            raise RuntimeError(f"activation is 'relu', 'gelu' or a function, and got {activation!r}.")
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first)
        self.linear1 = Linear(d_model, dim_feedforward, bias)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias)
        self.dropout1 = Dropout(dropout)
        self.dropout2 = Dropout(dropout)
        self.activation = getattr(F, activation) if isinstance(activation, str) else activation

    def forward(self, src, src_mask=None, src_key_padding_mask=None, is_causal=False):
        """The masks are those of `MultiheadAttention`."""

        def attend(x):
            masks = {"attn_mask": src_mask, "key_padding_mask": src_key_padding_mask, "is_causal": is_causal}
            return self.dropout1(self.self_attn(x, x, x, need_weights=False, **masks)[0])

        def think(x):
            return self.dropout2(self.linear2(self.dropout(self.activation(self.linear1(x)))))

        if self.norm_first:
            x = src + attend(self.norm1(src))
            return x + think(self.norm2(x))
        x = self.norm1(src + attend(src))
        return self.norm2(x + think(x))
