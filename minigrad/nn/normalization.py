"""Layers that bring numbers to a common scale: mean 0 and variance 1, then what the layer has learned instead."""

from .. import creation
from . import functional as F
from .functional.asked import single
from .module import Module
from .parameter import Buffer, Parameter


class Norm(Module):
    """What all of them have: a scale and a shift of each channel or element, learned if `affine`."""

    def _start(self, shape, affine, bias, **place):
        self.weight = Parameter(creation.ones(shape)) if affine else None
        self.bias = Parameter(creation.zeros(shape)) if affine and bias else None
        self.to(**place)


class BatchNorm(Norm):
    """Every channel brought to mean 0 and variance 1 over the batch, then scaled and shifted: (N, C, ...) -> the same.

    In training it measures the batch, and keeps a running average; in use it goes by that average.
    """

    def __init__(
        self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True, *, bias=True, **place
    ):
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        self.running_mean = Buffer(creation.zeros(num_features)) if track_running_stats else None
        self.running_var = Buffer(creation.ones(num_features)) if track_running_stats else None
        self.num_batches_tracked = Buffer(creation.full((), 0)) if track_running_stats else None
        self._start(num_features, affine, bias, **place)

    def forward(self, x):
        if x.ndim not in self.axes:
            raise ValueError(f"{type(self).__name__} wants {self.wanted}, and got shape {x.shape}.")
        momentum = self.momentum
        if self.training and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
            if momentum is None:  # a plain average over all batches so far
                momentum = 1 / self.num_batches_tracked.item()
        measure = self.training or self.running_mean is None
        return F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, measure, momentum, self.eps)

    def extra_repr(self):
        said = f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}"
        return f"{said}, bias={self.bias is not None}, track_running_stats={self.track_running_stats}"


class BatchNorm1d(BatchNorm):
    """Every feature brought to mean 0 and variance 1 over the batch: (N, C) or (N, C, L) -> the same."""

    axes, wanted = (2, 3), "(N, C) or (N, C, L)"


class BatchNorm2d(BatchNorm):
    """Every channel brought to mean 0 and variance 1 over the batch: (N, C, H, W) -> the same."""

    axes, wanted = (4,), "images (N, C, H, W)"


class LayerNorm(Norm):
    """The last axes of each example brought to mean 0 and variance 1, then scaled and shifted element by element."""

    def __init__(self, normalized_shape, eps=1e-5, elementwise_affine=True, bias=True, **place):
        self.normalized_shape, self.eps, self.elementwise_affine = single(normalized_shape), eps, elementwise_affine
        self._start(self.normalized_shape, elementwise_affine, bias, **place)

    def forward(self, x):
        return F.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self):
        said = f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"
        return f"{said}, bias={self.bias is not None}"


class GroupNorm(Norm):
    """The channels of each example brought to mean 0 and variance 1, group by group: (N, C, ...) -> the same."""

    def __init__(self, num_groups, num_channels, eps=1e-5, affine=True, *, bias=True, **place):
        if num_channels % num_groups:
            raise ValueError(f"GroupNorm: {num_channels} channels do not divide into {num_groups} groups.")
        self.num_groups, self.num_channels, self.eps, self.affine = num_groups, num_channels, eps, affine
        self._start(num_channels, affine, bias, **place)

    def forward(self, x):
        return F.group_norm(x, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self):
        said = f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}"
        return f"{said}, bias={self.bias is not None}"
