"""Operations on batches of images, shaped (N, C, H, W). The loops that make them quick are in `kernels`."""

from .. import kernels


def conv2d(x, w, b=None, *, stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1):
    """Slide every filter of `w` over every image of `x`; at each place, multiply and sum.

    x: (N, C, H, W)    w: (F, C / groups, KH, KW)    b: (F,)    ->    (N, F, H', W')
    """
    window = kernels.Window(w.shape[2:], stride, padding, dilation)
    return (
        kernels.conv2d(x, w, b, window, groups),
        lambda g: kernels.conv2d_grad_x(g, x, w, window, groups),
        lambda g: kernels.conv2d_grad_w(g, x, w, window, groups),
        lambda g: g.sum(axis=(0, 2, 3)),
    )


def max_pool2d(x, *, kernel_size, stride, padding=(0, 0), dilation=(1, 1)):
    """The largest value under a window, at each place. Of equal values the first (in reading order) gets the gradient.

    x: (N, C, H, W)    ->    (N, C, H', W')
    """
    window = kernels.Window(kernel_size, stride, padding, dilation)
    out = kernels.max_pool2d(x, window)
    return out, lambda g: kernels.max_pool2d_grad_x(g, x, out, window)


def avg_pool2d(x, *, kernel_size, stride, padding=(0, 0)):
    """The mean under a window, at each place; padding counts as zeros.

    x: (N, C, H, W)    ->    (N, C, H', W')
    """
    window = kernels.Window(kernel_size, stride, padding)
    return kernels.avg_pool2d(x, window), lambda g: kernels.avg_pool2d_grad_x(g, x, window)
