"""Layers: each one is its parameters, and one line of `nn.functional`. They start as PyTorch's do.

`place`, here and in the other files, is the device= and the dtype= of the parameters.
"""

import math

from .. import creation
from ..functions.shape import flatten
from ..graph import no_grad
from . import functional as F
from . import init
from .applied import Applied
from .functional.asked import check_probability
from .module import Module
from .parameter import Parameter


class Linear(Module):
    """x @ weight.T + bias: (..., in_features) -> (..., out_features)."""

    def __init__(self, in_features, out_features, bias=True, **place):
        self.in_features, self.out_features = in_features, out_features
        self.weight = Parameter(creation.empty(out_features, in_features))
        self.bias = Parameter(creation.empty(out_features)) if bias else None
        start(self.weight, self.bias)
        self.to(**place)

    def forward(self, x):
        return F.linear(x, self.weight, self.bias)

    def extra_repr(self):
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


def start(weight, bias):
    """PyTorch's start for Linear and Conv2d: everything uniform within 1 / sqrt(fan_in)."""
    init.kaiming_uniform_(weight, a=math.sqrt(5))
    if bias is not None:
        bound = 1 / math.sqrt(init.fan(weight, "fan_in"))
        init.uniform_(bias, -bound, bound)


class Dropout(Applied):
    """In training, each element is 0 with probability p, the others grow by 1 / (1 - p); in use, nothing happens."""

    function, without = F.dropout, ("training",)

    def __init__(self, p=0.5, inplace=False):
        check_probability(p)
        super().__init__(p, inplace)

    def forward(self, x):
        return type(self).function(x, self.p, self.training, self.inplace)

    def extra_repr(self):
        return f"p={self.p}, inplace={self.inplace}"


class Dropout2d(Dropout):
    """Dropout of whole channels of images (N, C, H, W): neighbouring pixels are too alike to be dropped one by one."""

    function = F.dropout2d


class Flatten(Applied):
    """Axes made one: (N, C, H, W) -> (N, C * H * W)."""

    function = flatten

    def __init__(self, start_dim=1, end_dim=-1):
        super().__init__(start_dim, end_dim)


class Identity(Module):
    """x, unchanged, whatever else is said."""

    def __init__(self, *args, **options):
        pass

    def forward(self, x):
        return x


class Embedding(Module):
    """A table of vectors, one for each of `num_embeddings` things: integers (...) -> (..., embedding_dim).

    padding_idx: the row for what stands for nothing; it starts as zeros, and is not learned
    The other settings are those of `functional.embedding`.
    """

    def __init__(
        self,
        num_embeddings,
        embedding_dim,
        padding_idx=None,
        max_norm=None,
        norm_type=2.0,
        scale_grad_by_freq=False,
        sparse=False,
        **place,
    ):
        if padding_idx is not None and not -num_embeddings <= padding_idx < num_embeddings:
            raise AssertionError(f"Embedding: padding_idx {padding_idx} is not one of {num_embeddings} rows.")
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = None if padding_idx is None else padding_idx % num_embeddings
        self.max_norm, self.norm_type = max_norm, norm_type
        self.scale_grad_by_freq, self.sparse = scale_grad_by_freq, sparse
        self.weight = Parameter(creation.empty(num_embeddings, embedding_dim))
        init.normal_(self.weight)
        if padding_idx is not None:
            with no_grad():
                self.weight[padding_idx] = 0
        self.to(**place)

    def forward(self, x):
        how = self.padding_idx, self.max_norm, self.norm_type, self.scale_grad_by_freq, self.sparse
        return F.embedding(x, self.weight, *how)

    def extra_repr(self):
        defaults = {"padding_idx": None, "max_norm": None, "norm_type": 2, "scale_grad_by_freq": False, "sparse": False}
        return f"{self.num_embeddings}, {self.embedding_dim}" + unusual(self, defaults)


def unusual(module, defaults):
    """The settings that are not the default, as they are printed after others."""
    settings = {name: getattr(module, name) for name in defaults}
    return "".join(f", {name}={value}" for name, value in settings.items() if value != defaults[name])
