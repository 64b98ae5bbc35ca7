"""Layers for images (N, C, H, W), and rows (N, C, L): convolutions, pools, and changes of size."""

from .. import creation
from . import functional as F
from .functional.asked import pair, single
from .layers import start
from .module import Module
from .parameter import Parameter


class Convolution(Module):
    """What all convolutions are: filters, and how they move. `several` makes a tuple of one number."""

    several, output_padding, transposed = staticmethod(pair), 0, False

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True):
        name = type(self).__name__
        if groups < 1 or in_channels % groups or out_channels % groups:
            raise ValueError(f"{name}: {in_channels} and {out_channels} channels do not divide into {groups} groups.")
        if isinstance(padding, str) and padding not in ("same", "valid"):
            raise ValueError(f"{name}: padding is a number, 'same' or 'valid', and got {padding!r}.")
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, self.stride, self.dilation = map(self.several, (kernel_size, stride, dilation))
        self.padding = padding if isinstance(padding, str) else self.several(padding)
        if padding == "same" and max(self.stride) > 1:
            raise ValueError(f"{name}: padding='same' is for stride 1, and got {self.stride}.")
        into, out = (in_channels, out_channels) if self.transposed else (out_channels, in_channels)
        self.weight = Parameter(creation.empty(into, out // groups, *self.kernel_size))
        self.bias = Parameter(creation.empty(out_channels)) if bias else None
        start(self.weight, self.bias)

    def extra_repr(self):
        ones = self.several(1)
        said = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        said += f", padding={self.padding}" if self.padding != self.several(0) else ""
        said += f", dilation={self.dilation}" if self.dilation != ones else ""
        said += f", output_padding={self.output_padding}" if any(self.several(self.output_padding)) else ""
        said += f", groups={self.groups}" if self.groups != 1 else ""
        return said + ("" if self.bias is not None else ", bias=False")


class Conv1d(Convolution):
    """Filters slid over rows: (N, in_channels, L) -> (N, out_channels, L')."""

    several = staticmethod(single)

    def forward(self, x):
        return F.conv1d(x, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)


class Conv2d(Convolution):
    """Filters slid over images: (N, in_channels, H, W) -> (N, out_channels, H', W')."""

    def forward(self, x):
        return F.conv2d(x, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)


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
    ):
        self.output_padding = pair(output_padding)
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias)

    def forward(self, x):
        how = self.stride, self.padding, self.output_padding, self.groups, self.dilation
        return F.conv_transpose2d(x, self.weight, self.bias, *how)


class MaxPool2d(Module):
    """The largest value under a window: (N, C, H, W) -> (N, C, H', W')."""

    def __init__(self, kernel_size, stride=None, padding=0, dilation=1, *, ceil_mode=False):
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.dilation, self.ceil_mode = padding, dilation, ceil_mode

    def forward(self, x):
        return F.max_pool2d(x, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode)

    def extra_repr(self):
        said = f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"
        return f"{said}, dilation={self.dilation}, ceil_mode={self.ceil_mode}"


class AvgPool2d(Module):
    """The mean under a window: (N, C, H, W) -> (N, C, H', W')."""

    def __init__(
        self, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
    ):
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.ceil_mode = padding, ceil_mode
        self.count_include_pad, self.divisor_override = count_include_pad, divisor_override

    def forward(self, x):
        how = self.padding, self.ceil_mode, self.count_include_pad, self.divisor_override
        return F.avg_pool2d(x, self.kernel_size, self.stride, *how)

    def extra_repr(self):
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AdaptiveAvgPool2d(Module):
    """The means of as many tiles as asked for: (N, C, H, W) -> (N, C, *output_size)."""

    def __init__(self, output_size):
        self.output_size = output_size

    def forward(self, x):
        return F.adaptive_avg_pool2d(x, self.output_size)

    def extra_repr(self):
        return f"output_size={self.output_size}"


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


class Unfold(Module):
    """What a window sees at every place, as columns: (N, C, H, W) -> (N, C * KH * KW, number of places)."""

    def __init__(self, kernel_size, dilation=1, padding=0, stride=1):
        self.kernel_size, self.dilation, self.padding, self.stride = kernel_size, dilation, padding, stride

    def forward(self, x):
        return F.unfold(x, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self):
        said = f"kernel_size={self.kernel_size}, dilation={self.dilation}, padding={self.padding}"
        return f"{said}, stride={self.stride}"


class Upsample(Module):
    """Rows or images resized, as by `functional.interpolate`."""

    def __init__(self, size=None, scale_factor=None, mode="nearest", align_corners=None):
        self.size, self.mode, self.align_corners = size, mode, align_corners
        self.scale_factor = float(scale_factor) if isinstance(scale_factor, int) else scale_factor

    def forward(self, x):
        return F.interpolate(x, self.size, self.scale_factor, self.mode, self.align_corners)

    def extra_repr(self):
        how = f"size={self.size}" if self.scale_factor is None else f"scale_factor={self.scale_factor}"
        return f"{how}, mode={self.mode!r}"
