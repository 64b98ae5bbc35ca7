"""Layers for images (N, C, H, W), and rows (N, C, L): convolutions and borders."""

from .. import creation
from . import functional as F
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
        **place,
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
        self.to(**place)

    def _check(self):
        modes = ("zeros",) if self.transposed else ("zeros", "reflect", "replicate", "circular")
        name, channels = type(self).__name__, (self.in_channels, self.out_channels)
        if self.groups < 1 or any(n % self.groups for n in channels):
            raise ValueError(f"{name}: {channels} channels do not divide into {self.groups} groups.")
        same = self.padding == "same" and max(self.stride) == 1
        if isinstance(self.padding, str) and not same and self.padding != "valid":
            raise ValueError(f"{name}: padding is a number, 'valid' or, at stride 1, 'same'; got {self.padding!r}.")
        if self.padding_mode not in modes:
            raise ValueError(f"{name}: padding_mode is one of {modes}, and got {self.padding_mode!r}.")

    def forward(self, x):
        padding = self.padding
        if self.padding_mode != "zeros":
            x, padding = F.pad(x, self._border(), self.padding_mode), 0
        return type(self).function(x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def _border(self):
        """The padding in the order that `functional.pad` wants: of "same", the larger half comes after."""
        if isinstance(self.padding, str):
            totals = [(self.padding == "same") * d * (k - 1) for d, k in zip(self.dilation, self.kernel_size)]
        else:
            totals = [2 * p for p in self.padding]
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
        **place,
    ):
        self.output_padding = pair(output_padding)
        moves = stride, padding, dilation, groups, bias, padding_mode
        super().__init__(in_channels, out_channels, kernel_size, *moves, **place)

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


class Border(Module):
    """A border: `padding` is (left, right, top, bottom), or one number for every side; negative ones cut off."""

    value = None

    def __init__(self, padding):
        self.padding = tuple(padding) if isinstance(padding, (tuple, list)) else (padding,) * (2 * self.axes)

    def forward(self, x):
        return F.pad(x, self.padding, self.mode, self.value)

    def extra_repr(self):
        return f"{self.padding}"


class ConstantBorder(Border):
    """A border of one number."""

    def __init__(self, padding, value):
        super().__init__(padding)
        self.value = value

    def extra_repr(self):
        return f"padding={self.padding}, value={self.value}"


BORDERS = {
    "ZeroPad2d": (Border, "constant", 2),
    "ConstantPad1d": (ConstantBorder, "constant", 1),
    "ConstantPad2d": (ConstantBorder, "constant", 2),
    "ReflectionPad1d": (Border, "reflect", 1),
    "ReflectionPad2d": (Border, "reflect", 2),
    "ReplicationPad1d": (Border, "replicate", 1),
    "ReplicationPad2d": (Border, "replicate", 2),
}
for name, (base, mode, axes) in BORDERS.items():
    globals()[name] = type(name, (base,), {"mode": mode, "axes": axes, "__doc__": base.__doc__, "__module__": __name__})

__all__ = ["Conv1d", "Conv2d", "ConvTranspose2d", *BORDERS]
