"""Layers that look at neighbourhoods: of pixels in images (N, C, H, W), of steps in rows (N, C, L)."""

import math

import numpy as np

from ... import ops
from ...functions.pointwise import floats, where
from ...functions.shape import reshape, squeeze, transpose, unsqueeze
from ...tensor import Tensor, apply
from .asked import checked_window, images, one_or_many, pair, same_type, single
from .resampling import constant, pad, taken


def conv1d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Slide every filter of `weight` over every row of `input`.

    input: (N, C, L) or (C, L)    weight: (F, C / groups, K)    bias: (F,)    ->    (N, F, L')
    """
    if input.ndim not in (2, 3) or weight.ndim != 3:
        raise RuntimeError(f"conv1d: rows (N, C, L) and a weight (F, C, K) are wanted: {input.shape}, {weight.shape}.")
    (stride,), (dilation,) = single(stride), single(dilation)
    padding = padding if isinstance(padding, str) else (0, *single(padding))
    input, weight = unsqueeze(input, -2), unsqueeze(weight, 2)  # images of one row
    return squeeze(convolution(input, "conv1d", weight, bias, (1, stride), padding, (1, dilation), groups), -2)


def conv2d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Slide every filter of `weight` over every image of `input`.

    input: (N, C, H, W) or (C, H, W)    weight: (F, C / groups, KH, KW)    bias: (F,)    ->    (N, F, H', W')
    padding: a border of zeros; "valid" is none, "same" as much as keeps the size
    """
    return convolution(input, "conv2d", weight, bias, stride, padding, dilation, groups)


@one_or_many
def convolution(input, name, weight, bias, stride, padding, dilation, groups):
    same_type(name, images(name, input), filters(name, weight))
    if input.shape[1] != weight.shape[1] * groups or weight.shape[0] % groups:
        said = f"{weight.shape}" + (f" in {groups} groups" if groups > 1 else "")
        seen = f"{weight.shape[1] * groups} channel" + "s" * (weight.shape[1] * groups > 1)
        these = f"and these have {input.shape[1]} (shape {input.shape})"
        raise RuntimeError(f"{name}: filters of shape {said} look at images of {seen}, {these}.")
    if isinstance(padding, str):
        input, padding = bordered(name, input, weight.shape[2:], pair(stride), padding, pair(dilation))
    window = checked_window(name, input, weight.shape[2:], stride, padding, dilation)
    parameters = (weight,) if bias is None else (weight, bias)
    _, stride, padding, dilation = window
    return apply(ops.conv2d, input, *parameters, stride=stride, padding=padding, dilation=dilation, groups=groups)


def filters(name, weight):
    if weight.ndim != 4:
        raise RuntimeError(f"{name}: the weight is to have four axes, and its shape is {weight.shape}.")
    return weight


def bordered(name, input, kernel, stride, padding, dilation):
    """What "same" and "valid" mean: the padding in numbers; where right needs one more than left, it is added here."""
    if padding not in ("same", "valid"):
        raise RuntimeError(f"{name}: padding is a number, 'same' or 'valid', and got {padding!r}.")
    if padding == "valid":
        return input, (0, 0)
    if stride != (1, 1):
        raise RuntimeError(f"{name}: padding='same' is for stride 1, and got {stride}.")
    totals = [d * (k - 1) for d, k in zip(dilation, kernel)]
    return pad(input, (0, totals[1] % 2, 0, totals[0] % 2)), tuple(total // 2 for total in totals)


@one_or_many
def conv_transpose2d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """Lay every filter down at every place, times the number there: what `conv2d` does to gradients on their way back.

    input: (N, C, H, W) or (C, H, W)    weight: (C, F / groups, KH, KW)    bias: (F,)    ->    (N, F, H', W')
    padding: how much is cut off at the border, of which `output_padding` is left at the bottom and at the right
    """
    same_type("conv_transpose2d", images("conv_transpose2d", input), filters("conv_transpose2d", weight))
    if input.shape[1] != weight.shape[0] or input.shape[1] % groups:
        said = f"filters of shape {weight.shape} in {groups} group(s) do not fit images of shape {input.shape}."
        raise RuntimeError(f"conv_transpose2d: {said}")
    stride, padding, extra, dilation = map(pair, (stride, padding, output_padding, dilation))
    if any(e >= max(s, d) for e, s, d in zip(extra, stride, dilation)):
        raise RuntimeError(f"conv_transpose2d: output_padding {extra} must be below stride or dilation.")
    sizes = [(n - 1) * s + d * (k - 1) + 1 for n, s, d, k in zip(input.shape[2:], stride, dilation, weight.shape[2:])]
    if any(n + e - 2 * p < 1 for n, e, p in zip(sizes, extra, padding)):
        raise RuntimeError(f"conv_transpose2d: padding {padding} leaves nothing of {tuple(sizes)}.")
    shape = (len(input), weight.shape[1] * groups, *sizes)
    out = apply(ops.conv_transpose2d, input, weight, shape=shape, stride=stride, dilation=dilation, groups=groups)
    (top, left), (below, right) = padding, extra
    out = pad(out, (-left, right - left, -top, below - top))
    return out if bias is None else out + reshape(bias, -1, 1, 1)


@one_or_many
def max_pool2d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """The largest value under a window, which by default moves by its own size: (N, C, H, W) -> (N, C, H', W').

    ceil_mode: let the last window reach over the edge, rather than leave out what does not fill one
    return_indices: also give where each was found, counted through its image in reading order
    """
    window, (below, right) = slid("max_pool2d", input, ceil_mode, kernel_size, stride, padding, dilation)
    height, width = input.shape[2:]
    input = pad(input, (0, right, 0, below), value=-math.inf)
    how = dict(zip(("kernel_size", "stride", "padding", "dilation"), window))
    out = apply(ops.max_pool2d, input, **how)
    if not return_indices:
        return out
    places = np.pad(np.arange(height)[:, None] * width + np.arange(width), ((0, below), (0, right)))
    places = constant(np.broadcast_to(places.astype(input.dtype), input.shape), input).data
    return out, Tensor(ops.image.max_pool2d_pick(places, x=input.data, out=out.data, **how)[0].astype("i8"))


@one_or_many
def avg_pool2d(
    input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):
    """The mean under a window, which by default moves by its own size: (N, C, H, W) -> (N, C, H', W').

    ceil_mode: as in `max_pool2d`    divisor_override: divide the sums by this number
    count_include_pad: whether the zeros of the padding count
    """
    window, (below, right) = slid("avg_pool2d", input, ceil_mode, kernel_size, stride, padding)
    kernel, stride, (top, left), _ = window
    height, width = input.shape[2:]
    input = pad(input, (0, right, 0, below))
    if divisor_override == 0:
        raise RuntimeError("avg_pool2d: divisor_override cannot be 0.")
    out = apply(ops.avg_pool2d, input, kernel_size=kernel, stride=stride, padding=(top, left))
    if divisor_override:
        return out * (kernel[0] * kernel[1] / divisor_override)
    if count_include_pad and not below and not right:
        return out
    counted = np.ones((1, 1, height, width), input.dtype)  # then what part of each window counts
    counted = np.pad(counted, [(0, 0), (0, 0), (top, top), (left, left)], constant_values=count_include_pad)
    counted = pad(constant(counted, input), (0, right, 0, below))
    return out / apply(ops.avg_pool2d, counted, kernel_size=kernel, stride=stride)


def slid(name, x, ceil_mode, kernel_size, stride, padding, dilation=1):
    """The window of a pooling, and by how many rows and columns it reaches over the padding, if that is allowed.

    Over the edge it must start inside of image and padding before it.
    """
    stride = kernel_size if stride is None else stride
    window = checked_window(name, images(name, x), kernel_size, stride, padding, dilation, ceil_mode)
    if not ceil_mode:
        return window, (0, 0)
    extra = []
    for n, k, s, p, d in zip(x.shape[2:], *window):
        reach = d * (k - 1) + 1
        places = -(-(n + 2 * p - reach) // s) + 1
        places -= (places - 1) * s >= n + p
        extra.append(max(0, (places - 1) * s + reach - n - 2 * p))
    return window, extra


@one_or_many
def adaptive_avg_pool2d(input, output_size):
    """The means of as many tiles as asked for, of about equal size: (N, C, H, W) -> (N, C, *output_size).

    output_size: an integer, or two; None keeps a size as it is
    """
    floats("adaptive_avg_pool2d", images("adaptive_avg_pool2d", input))
    if output_size is None:
        raise TypeError("adaptive_avg_pool2d: output_size is an integer, or two, of which one may be None.")
    sizes = (output_size, output_size) if isinstance(output_size, int) else tuple(output_size)
    if len(sizes) != 2 or min(size or 0 for size in sizes) < 0:
        raise RuntimeError(f"adaptive_avg_pool2d: output_size is an integer or two, and got {output_size}.")
    for axis, places in zip((-2, -1), sizes):
        if places is not None:
            input = tile_means(input, axis, places)
    return input


def tile_means(x, axis, places):
    """The means of tiles along an axis: tile i goes from floor(i n / places) to ceil((i + 1) n / places)."""
    n, i = x.shape[axis], np.arange(places)
    starts, ends = i * n // places, -(-(i + 1) * n // places)
    longest = int((ends - starts).max(initial=0))
    index = starts[:, None] + np.arange(longest)  # (places, longest)
    x = transpose(x, axis, -1)
    tiles = taken(x, x.ndim - 1, np.minimum(index, n - 1))
    tiles = where(constant(index < ends[:, None], x), tiles, 0.0)
    return transpose(tiles.sum(-1) / constant((ends - starts).astype(x.dtype), x), axis, -1)
