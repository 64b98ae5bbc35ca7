"""Operations on batches of images, shaped (N, C, H, W). The loops that make them quick are in `kernels`."""

import numpy as np

from .. import kernels
from ..kernels import Window


def conv2d(x, w, b=None, *, stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1):
    """Slide every filter of `w` over every image of `x`; at each place, multiply and sum.

    x: (N, C, H, W)    w: (F, C / groups, KH, KW)    b: (F,)    ->    (N, F, H', W')
    """
    window = Window(w.shape[2:], stride, padding, dilation)
    return (
        kernels.conv2d(x, w, b, window, groups),
        lambda g: kernels.conv2d_grad_x(g, x, w, window, groups),
        lambda g: kernels.conv2d_grad_w(g, x, w, window, groups),
        lambda g: g.sum(axis=(0, 2, 3)),
    )


def conv_transpose2d(x, w, *, shape, stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1):
    """Lay every filter of `w` down at every place, times the number there: what `conv2d` gives back to its images.

    x: (N, F, H', W')    w: (F, C / groups, KH, KW)    ->    (N, C, H, W), of the given shape
    """
    window = Window(w.shape[2:], stride, padding, dilation)
    return (
        kernels.conv2d_grad_x(x, np.empty_like(x, shape=shape), w, window, groups),
        lambda g: kernels.conv2d(g, w, None, window, groups),
        lambda g: kernels.conv2d_grad_w(x, g, w, window, groups),
    )


def conv2d_grad_w(g, x, *, shape, stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1):
    """What `conv2d` gives back to its filters, of the given shape: an op of its own, linear in g and in x."""
    window = Window(shape[2:], stride, padding, dilation)
    w = np.empty_like(g, shape=shape)
    return (
        kernels.conv2d_grad_w(g, x, w, window, groups),
        lambda gg: kernels.conv2d(x, gg, None, window, groups),
        lambda gg: kernels.conv2d_grad_x(g, x, gg, window, groups),
    )


def max_pool2d(x, *, kernel_size, stride, padding=(0, 0), dilation=(1, 1)):
    """The largest value under a window, at each place. Of equal values the first (in reading order) gets the gradient.

    x: (N, C, H, W)    ->    (N, C, H', W')
    """
    window = Window(kernel_size, stride, padding, dilation)
    out = kernels.max_pool2d(x, window)
    return out, lambda g: kernels.max_pool2d_grad_x(g, x, out, window)


def avg_pool2d(x, *, kernel_size, stride, padding=(0, 0)):
    """The mean under a window, at each place; padding counts as zeros.

    x: (N, C, H, W)    ->    (N, C, H', W')
    """
    window = Window(kernel_size, stride, padding)
    return kernels.avg_pool2d(x, window), lambda g: kernels.avg_pool2d_grad_x(g, x, window)


def max_pool2d_grad_x(g, *, x, out, kernel_size, stride, padding=(0, 0), dilation=(1, 1)):
    """What `max_pool2d` gives back to its images: an op of its own, linear in g."""
    window = Window(kernel_size, stride, padding, dilation)
    return (
        kernels.max_pool2d_grad_x(g, x, out, window),
        lambda gg: kernels.max_pool2d_pick(gg, x, out, window),
    )


def max_pool2d_pick(g, *, x, out, kernel_size, stride, padding=(0, 0), dilation=(1, 1)):
    """The opposite of `max_pool2d_grad_x`: an op of its own, linear in g."""
    window = Window(kernel_size, stride, padding, dilation)
    return (
        kernels.max_pool2d_pick(g, x, out, window),
        lambda gg: kernels.max_pool2d_grad_x(gg, x, out, window),
    )


def avg_pool2d_grad_x(g, *, shape, kernel_size, stride, padding=(0, 0)):
    """What `avg_pool2d` gives back to its images, of the given shape: an op of its own, linear in g."""
    window = Window(kernel_size, stride, padding)
    return (
        kernels.avg_pool2d_grad_x(g, np.empty_like(g, shape=shape), window),
        lambda gg: kernels.avg_pool2d(gg, window),
    )
