"""Attention as a layer, and the layer of a transformer."""

import math

from .. import creation
from ..functions.pointwise import where
from ..functions.reduction import softmax
from ..functions.shape import cat, chunk, expand, reshape, transpose, unsqueeze
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

    def __init__(
        self,
        embed_dim,
        num_heads,
        dropout=0.0,
        bias=True,
        add_bias_kv=False,
        add_zero_attn=False,
        kdim=None,
        vdim=None,
        batch_first=False,
        **place,
    ):
        if embed_dim < 1 or num_heads < 1:
            raise ValueError(f"MultiheadAttention: embed_dim ({embed_dim}) and num_heads ({num_heads}) are at least 1.")
        if embed_dim % num_heads:
            raise AssertionError(f"MultiheadAttention: embed_dim {embed_dim} does not divide into {num_heads} heads.")
        self.embed_dim, self.num_heads, self.dropout, self.batch_first = embed_dim, num_heads, dropout, batch_first
        self.kdim, self.vdim = (embed_dim if size is None else size for size in (kdim, vdim))
        if self.kdim == self.vdim == embed_dim:
            self.in_proj_weight = projection(3 * embed_dim, embed_dim)
        else:
            self.in_proj_weight, self.q_proj_weight = None, projection(embed_dim, embed_dim)
            self.k_proj_weight, self.v_proj_weight = projection(embed_dim, self.kdim), projection(embed_dim, self.vdim)
        self.in_proj_bias = Parameter(creation.zeros(3 * embed_dim)) if bias else None
        self.out_proj = Linear(embed_dim, embed_dim, bias)
        if bias:
            init.zeros_(self.out_proj.bias)
        self.bias_k = init.xavier_normal_(Parameter(creation.empty(1, 1, embed_dim))) if add_bias_kv else None
        self.bias_v = init.xavier_normal_(Parameter(creation.empty(1, 1, embed_dim))) if add_bias_kv else None
        self.add_zero_attn = add_zero_attn
        self.to(**place)

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
        mask = self._mask(attn_mask, key_padding_mask, query, key)
        heads = self._heads(query, key, value)  # each (N, heads, L or S, width)
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
        wanted, inputs = (self.embed_dim, self.kdim, self.vdim), (query, key, value)
        sizes = tuple(x.shape[-1] for x in inputs if x.ndim == query.ndim and query.ndim in (2, 3))
        if sizes != wanted or key.shape[:-1] != value.shape[:-1]:
            shapes = ", ".join(str(x.shape) for x in inputs)
            raise AssertionError(f"query, key and value are (L, N, E), (S, N, E') and (S, N, E''), and got {shapes}.")
        for mask in masks:
            if mask is not None and mask.dtype.kind not in "bf":
                raise AssertionError(f"MultiheadAttention: masks are bools or floats, and one is {mask.dtype}.")

    def _heads(self, *inputs):
        """Query, key and value projected and cut into heads: (L, N, embed_dim) -> (N, num_heads, L, width)."""
        if self.in_proj_weight is None:
            weights = self.q_proj_weight, self.k_proj_weight, self.v_proj_weight
        else:
            weights = chunk(self.in_proj_weight, 3)
        biases = (None,) * 3 if self.in_proj_bias is None else chunk(self.in_proj_bias, 3)
        query, *others = (F.linear(x, w, b) for x, w, b in zip(inputs, weights, biases))
        if self.bias_k is not None:
            others = [cat([x, expand(b, 1, *x.shape[1:])]) for x, b in zip(others, (self.bias_k, self.bias_v))]
        if self.add_zero_attn:
            others = [F.pad(x, (0, 0, 0, 0, 0, 1)) for x in others]
        return [reshape(x, *x.shape[:2], self.num_heads, -1).permute(1, 2, 0, 3) for x in (query, *others)]

    def _mask(self, attn_mask, key_padding_mask, query, key):
        """Both masks in one, as numbers to add, which broadcasts over (N, num_heads, L, S); None if there is none."""
        (L, N), S, mask = query.shape[:2], len(key), None
        if attn_mask is not None:
            if attn_mask.shape not in ((L, S), (N * self.num_heads, L, S)):
                raise RuntimeError(f"attn_mask is to be of shape {(L, S)}, for all heads, and is of {attn_mask.shape}.")
            mask = added(attn_mask, query)
            mask = reshape(mask, N, self.num_heads, L, S) if mask.ndim == 3 else mask
        if key_padding_mask is not None:
            if key_padding_mask.shape != (N, S):
                raise AssertionError(f"key_padding_mask is to be of shape {(N, S)}, not {key_padding_mask.shape}.")
            padding = added(key_padding_mask, query)[:, None, None]
            mask = padding if mask is None else mask + padding
        more = (self.bias_k is not None) + self.add_zero_attn  # keys that are always looked at
        return mask if mask is None else F.pad(mask, (0, more))


def projection(out, into):
    return init.xavier_uniform_(Parameter(creation.empty(out, into)))


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
        **place,
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
        self.to(**place)

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
