"""Layers for images (N, C, H, W), and rows (N, C, L): convolutions, pools, and changes of size."""

from .. import creation
from . import functional as F
from .applied import Applied
from .functional.asked import pair, single
from .layers import start, unusual
from .module import Module
from .parameter import Parameter


class Convolution(Module):
    """What all convolutions are: filters, and how they move. `several` makes a tuple of one number."""

    several, output_padding, transposed = staticmethod(pair), 0, False

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        dilation=1,
        groups=1,
        bias=True,
        padding_mode="zeros",
        device=None,
        dtype=None,
    ):
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, self.stride, self.dilation = map(self.several, (kernel_size, stride, dilation))
        self.padding = padding if isinstance(padding, str) else self.several(padding)
        self.padding_mode = padding_mode
        self._check()
        into, out = (in_channels, out_channels) if self.transposed else (out_channels, in_channels)
        self.weight = Parameter(creation.empty(into, out // groups, *self.kernel_size))
        self.bias = Parameter(creation.empty(out_channels)) if bias else None
        start(self.weight, self.bias)
        self.to(device=device, dtype=dtype)

    def _check(self):
        modes = ("zeros",) if self.transposed else ("zeros", "reflect", "replicate", "circular")
        wrong = None
        if self.groups < 1 or self.in_channels % self.groups or self.out_channels % self.groups:
            wrong = f"{self.in_channels} and {self.out_channels} channels do not divide into {self.groups} groups."
        elif isinstance(self.padding, str) and self.padding not in ("same", "valid"):
            wrong = f"padding is a number, 'same' or 'valid', and got {self.padding!r}."
        elif self.padding == "same" and max(self.stride) > 1:
            wrong = f"padding='same' is for stride 1, and got {self.stride}."
        elif self.padding_mode not in modes:
            wrong = f"padding_mode is one of {modes}, and got {self.padding_mode!r}."
        if wrong:
            raise ValueError(f"{type(self).__name__}: {wrong}")

    def forward(self, x):
        padding = self.padding
        if self.padding_mode != "zeros":
            x, padding = F.pad(x, self._border(), self.padding_mode), 0
        return type(self).function(x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def _border(self):
        """The padding in the order that `functional.pad` wants: of "same", the larger half comes after."""
        if self.padding == "valid":
            return [0, 0] * len(self.kernel_size)
        totals = (
            [2 * p for p in self.padding]
            if self.padding != "same"
            else [d * (k - 1) for d, k in zip(self.dilation, self.kernel_size)]
        )
        return [part for total in reversed(totals) for part in (total // 2, total - total // 2)]

    def extra_repr(self):
        said = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        none, ones = self.several(0), self.several(1)
        said += unusual(self, {"padding": none, "dilation": ones, "output_padding": none, "groups": 1})
        return said + ("" if self.bias is not None else ", bias=False") + unusual(self, {"padding_mode": "zeros"})


class Conv1d(Convolution):
    """Filters slid over rows: (N, in_channels, L) -> (N, out_channels, L')."""

    function, several, output_padding = F.conv1d, staticmethod(single), (0,)


class Conv2d(Convolution):
    """Filters slid over images: (N, in_channels, H, W) -> (N, out_channels, H', W')."""

    function, output_padding = F.conv2d, (0, 0)


class ConvTranspose2d(Convolution):
    """Filters laid down at every place, times the number there: (N, in_channels, H, W) -> (N, out_channels, H', W')."""

    transposed = True

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        output_padding=0,
        groups=1,
        bias=True,
        dilation=1,
        padding_mode="zeros",
        device=None,
        dtype=None,
    ):
        self.output_padding = pair(output_padding)
        moves = stride, padding, dilation, groups, bias, padding_mode
        super().__init__(in_channels, out_channels, kernel_size, *moves, device, dtype)

    def forward(self, x, output_size=None):
        """output_size: which of the sizes is meant that a convolution would bring to that of x, as (..., H', W')"""
        extra = self.output_padding if output_size is None else self._extra(x, tuple(output_size)[-2:])
        how = self.stride, self.padding, extra, self.groups, self.dilation
        return F.conv_transpose2d(x, self.weight, self.bias, *how)

    def _extra(self, x, wanted):
        moves = zip(x.shape[-2:], self.stride, self.padding, self.dilation, self.kernel_size)
        least = [(n - 1) * s - 2 * p + d * (k - 1) + 1 for n, s, p, d, k in moves]
        if any(not 0 <= size - n < s for size, n, s in zip(wanted, least, self.stride)):
            raise ValueError(f"ConvTranspose2d: sizes of {least} and up to a stride more are possible; got {wanted}.")
        return [size - n for size, n in zip(wanted, least)]


class MaxPool2d(Applied):
    """The largest value under a window: (N, C, H, W) -> (N, C, H', W')."""

    function = F.max_pool2d

    def __init__(self, kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False):
        stride = kernel_size if stride is None else stride
        super().__init__(kernel_size, stride, padding, dilation, ceil_mode, return_indices)

    def extra_repr(self):
        return super().extra_repr().partition(", return_indices")[0]


class AvgPool2d(Applied):
    """The mean under a window: (N, C, H, W) -> (N, C, H', W')."""

    function = F.avg_pool2d

    def __init__(self, kernel_size, stride=None, *args, **options):
        super().__init__(kernel_size, kernel_size if stride is None else stride, *args, **options)

    def extra_repr(self):
        return super().extra_repr().partition(", ceil_mode")[0]


class AdaptiveAvgPool2d(Applied):
    """The means of as many tiles as asked for: (N, C, H, W) -> (N, C, *output_size)."""

    function = F.adaptive_avg_pool2d


class Border(Module):
    """What all borders are: `padding` is (left, right, top, bottom), or one number for every side."""

    axes, mode, value = 2, "constant", None

    def __init__(self, padding):
        self.padding = tuple(padding) if isinstance(padding, (tuple, list)) else (padding,) * (2 * self.axes)

    def forward(self, x):
        return F.pad(x, self.padding, self.mode, self.value)

    def extra_repr(self):
        return f"{self.padding}"


class ZeroPad2d(Border):
    """A border of zeros around images."""


class ConstantPad2d(Border):
    """A border of one number around images."""

    def __init__(self, padding, value):
        super().__init__(padding)
        self.value = value

    def extra_repr(self):
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(ConstantPad2d):
    """One number at both ends of rows."""

    axes = 1


class ReflectionPad2d(Border):
    """What is inside, mirrored at the edges."""

    mode = "reflect"


class ReflectionPad1d(ReflectionPad2d):
    """What is inside, mirrored at both ends."""

    axes = 1


class ReplicationPad2d(Border):
    """The outermost pixels, repeated outwards."""

    mode = "replicate"


class ReplicationPad1d(ReplicationPad2d):
    """The outermost elements, repeated outwards."""

    axes = 1


class Unfold(Applied):
    """What a window sees at every place, as columns: (N, C, H, W) -> (N, C * KH * KW, number of places)."""

    function = F.unfold


class Upsample(Applied):
    """Rows or images resized, as by `functional.interpolate`."""

    function, without = F.interpolate, ("antialias",)

    def __init__(self, size=None, scale_factor=None, *args, **options):
        if isinstance(scale_factor, (tuple, list)):
            scale_factor = tuple(map(float, scale_factor))
        super().__init__(size, float(scale_factor) if isinstance(scale_factor, int) else scale_factor, *args, **options)

    def extra_repr(self):
        how = f"size={self.size}" if self.scale_factor is None else f"scale_factor={self.scale_factor}"
        return f"{how}, mode={self.mode!r}"
