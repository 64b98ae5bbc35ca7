"""Images and rows made larger or smaller, or cut into windows: mostly, which pixels are taken where."""

import math

import numpy as np

from ... import device as devices
from ... import dtype as dtypes
from ... import ops
from ...functions import shape
from ...functions.pointwise import floats
from ...functions.shape import cat, narrow, permute, reshape
from ...tensor import Tensor
from .asked import checked_window, one_or_many


def pad(input, pad, mode="constant", value=None):
    """A border around the last axes: `pad` is (left, right, top, bottom ...), the last axis first; negative cuts off.

    mode: "constant" (of `value`, else 0), "reflect" and "replicate" (what is inside, mirrored; the outermost),
    "circular" (what is inside, from the other end)
    """
    if len(pad) % 2 or len(pad) > 2 * input.ndim:
        raise RuntimeError(f"pad wants two numbers for each of the last axes, and got {tuple(pad)} for {input.shape}.")
    if mode not in ("constant", "reflect", "replicate", "circular"):
        raise NotImplementedError(f"pad: mode is constant, reflect, replicate or circular, and got {mode!r}.")
    if mode != "constant":
        check_inside(input, pad, mode, value)
    for i, (before, after) in enumerate(zip(pad[::2], pad[1::2]), start=1):
        if before or after:
            input = padded(input, input.ndim - i, before, after, mode, value or 0)
    return input


def check_inside(x, pad, mode, value):
    """Raise for what cannot be mirrored: a border wider than the inside, or around other axes than the last few."""
    if value:
        raise RuntimeError(f"pad: a value ({value}) is for mode='constant', and this is {mode!r}.")
    if len(pad) // 2 not in (x.ndim - 1, x.ndim - 2):
        raise NotImplementedError(f"pad: {mode!r} is for all axes but 1 or 2; got {tuple(pad)} for shape {x.shape}.")
    room = {"reflect": 1, "circular": 0, "replicate": -math.inf}[mode]
    for border, n in zip(pad, np.repeat(x.shape[::-1], 2)):
        if border > n - room:
            raise RuntimeError(f"pad: a border of {border} is too wide to {mode} {n} elements.")


def padded(x, axis, before, after, mode, value):
    """x with a border along one axis."""
    n = x.shape[axis]
    kept = n + min(0, before) + min(0, after)
    if min(kept if mode == "circular" else n, n + before + after) < (mode != "constant"):
        raise RuntimeError(f"pad: {n} elements are too few for a border of {before} and {after}.")
    i = np.arange(-before, n + after)
    if mode == "constant":
        sizes = [(*x.shape[:axis], max(0, size), *x.shape[axis + 1 :]) for size in (before, after)]
        first, last = (Tensor(np.full_like(x.data, value, shape=size)) for size in sizes)
        return cat([first, narrow(x, axis, max(0, -before), kept), last], axis)
    if mode == "circular":
        inside = i[max(0, before) : len(i) - max(0, after)]
        return taken(x, axis, inside[(np.arange(len(i)) - max(0, before)) % len(inside)])
    if mode == "reflect":
        i = n - 1 - np.abs(n - 1 - np.abs(i))
    return taken(x, axis, np.clip(i, 0, n - 1))


@one_or_many
def unfold(input, kernel_size, dilation=1, padding=0, stride=1):
    """What a window sees at every place, as columns: (N, C, H, W) -> (N, C * KH * KW, number of places)."""
    if input.ndim != 4:
        raise IndexError(f"unfold wants images (N, C, H, W) or (C, H, W), and got shape {input.shape}.")
    window = checked_window("unfold", floats("unfold", input), kernel_size, stride, padding, dilation)
    places = window.places(*input.shape[2:])
    (top, left), (kh, kw) = window.padding, window.kernel
    rows, columns = (
        np.arange(k)[:, None] * d + np.arange(p) * s
        for k, p, s, d in zip(window.kernel, places, window.stride, window.dilation)
    )
    x = taken(taken(pad(input, (left, left, top, top)), 3, columns), 2, rows)  # (N, C, KH, H', KW, W')
    return reshape(permute(x, 0, 1, 2, 4, 3, 5), len(input), input.shape[1] * kh * kw, places[0] * places[1])


def interpolate(
    input,
    size=None,
    scale_factor=None,
    mode="nearest",
    align_corners=None,
    recompute_scale_factor=None,
    antialias=False,
):
    """Rows (N, C, L) or images (N, C, H, W), resized: to `size`, or by `scale_factor`, a number or one for each axis.

    mode: "nearest" takes the pixel before; "linear" (rows) and "bilinear" (images) weigh the two on either side.
    align_corners: the corner pixels' centres stay where they are, rather than the image's corners.
    recompute_scale_factor: go by the factor that leads to the new size exactly, which is a whole number
    """
    if (size is None) == (scale_factor is None) or (recompute_scale_factor and size is not None):
        raise ValueError("interpolate: give either size or scale_factor; recompute_scale_factor is for the latter.")
    if align_corners is not None and mode not in ("linear", "bilinear", "bicubic", "trilinear"):
        raise ValueError(f"interpolate: align_corners is for linear and bilinear, not for {mode}.")
    axes = input.ndim - 2
    sizes, factors = (v if isinstance(v, (tuple, list)) else (v,) * axes for v in (size, scale_factor))
    if len(sizes) != axes or len(factors) != axes:
        raise ValueError(f"interpolate: a size or factor is wanted for each of the axes {input.shape[2:]}.")
    if axes not in {"nearest": (1, 2), "linear": (1,), "bilinear": (2,)}.get(mode, ()):
        raise NotImplementedError(f"interpolate: mode is nearest, (bi)linear; got {mode!r} for shape {input.shape}.")
    if antialias:
        raise ValueError("interpolate: antialias=True is not supported.")
    floats("interpolate", input)
    for axis, (n, wanted, factor) in enumerate(zip(input.shape[2:], sizes, factors), start=2):
        wanted = math.floor(n * factor) if wanted is None else wanted
        factor = None if recompute_scale_factor else factor
        if min(n, wanted) < 1:
            raise RuntimeError(f"interpolate: sizes are at least 1; got {n} and {wanted}.")
        if mode == "nearest":
            ratio = np.float32(1 / factor if factor and wanted not in (n, 2 * n) else n / wanted)
            places = np.floor(np.arange(wanted, dtype="f4") * ratio).astype("i8")
            input = taken(input, axis, np.minimum(places, n - 1))
        elif wanted != n:
            input = blended(input, axis, wanted, factor, align_corners)
    return input


def blended(x, axis, wanted, factor, align_corners):
    """`interpolate` along one axis, each result a mean of two neighbours, weighted by how near they are."""
    n, dtype = x.shape[axis], np.promote_types(x.dtype, dtypes.default)
    i = np.arange(wanted, dtype=dtype)
    if align_corners:
        places = i * dtype.type((n - 1) / max(wanted - 1, 1))
    else:
        half, ratio = dtype.type(0.5), dtype.type(1 / factor if factor else n / wanted)
        places = np.maximum(ratio * (i + half) - half, 0)
    first = np.minimum(places.astype("i8"), n - 1)
    weight = constant(ops.shape.along(axis, np.clip(places - first, 0, 1).astype(x.dtype), x.ndim), x)
    return taken(x, axis, first) * (1 - weight) + taken(x, axis, np.minimum(first + 1, n - 1)) * weight


def taken(x, axis, index):
    """x at positions `index` along an axis, which becomes the axes of the index."""
    return shape.taken(x, axis, constant(index, x).data)


def constant(array, like):
    """A NumPy array as a tensor on the device of `like`."""
    return Tensor(devices.of(like.data).from_numpy(np.asarray(array)))
