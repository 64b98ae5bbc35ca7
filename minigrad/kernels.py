"""The few array routines that NumPy lacks or does slowly, most of all sliding windows over batches of images.

What makes them quick on a CPU: a batch is worked on a few images at a time, so that the patches of one step stay in the
cache; and the images are shared out between threads, each with a BLAS of one thread of its own. On a GPU the same lines
run on the whole batch at once.

A `window` is what slides: (kernel, stride, padding, dilation), each a pair (rows, columns).
"""

import ctypes
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cache
from itertools import product
from math import prod
from threading import Lock
from typing import NamedTuple

import numpy as np

from . import winograd

CACHED = 1 << 20  # bytes of patches worked on at once; about what the second-level cache of a core holds

WORTH_SHARING = 1 << 22  # multiplications; a smaller product is done before a second thread has woken up


class Window(NamedTuple):
    """What slides over an image; each field is a pair (rows, columns)."""

    kernel: tuple
    stride: tuple = (1, 1)
    padding: tuple = (0, 0)
    dilation: tuple = (1, 1)

    def places(self, height, width):
        """On how many rows and columns the window fits into an image of this size."""
        return tuple(
            (n + 2 * p - d * (k - 1) - 1) // s + 1
            for n, k, s, p, d in zip((height, width), self.kernel, self.stride, self.padding, self.dilation)
        )

    @property
    def overlaps(self):
        """Whether a pixel can lie under the window at two places."""
        return any(d * (k - 1) >= s for k, s, d in zip(self.kernel, self.stride, self.dilation))

    def offsets(self, places):
        """For every element of the window, where it comes to lie over all `places`: pairs ((i, j), slices)."""
        for i, j in product(range(self.kernel[0]), range(self.kernel[1])):
            rows = slice(
                i * self.dilation[0], i * self.dilation[0] + (places[0] - 1) * self.stride[0] + 1, self.stride[0]
            )
            columns = slice(
                j * self.dilation[1], j * self.dilation[1] + (places[1] - 1) * self.stride[1] + 1, self.stride[1]
            )
            yield (i, j), (..., rows, columns)


def conv2d(x, w, b, window, groups):
    """Every filter over every place: patches of x as columns, times the filters as rows; or in Winograd's way.

    x: (N, C, H, W)    w: (F, C / groups, KH, KW)    b: (F,) or None    ->    (N, F, H', W')

    The one takes 0.9 and the other 0.63 of the processor time of one einsum over the batch, and all share it.
    """
    places = window.places(*x.shape[2:])
    out = np.empty_like(x, shape=(len(x), len(w), *places), order="C")  # so that grouped() gives views of it
    if winograd.suits(x, w, window, groups):
        sums = winograd.filters(w)

        def work(part):
            winograd.conv2d(x[part], sums, b, window.padding, out[part])
            return np.isfinite(np.vdot(out[part], out[part]))  # its sums would spread an infinity over a whole tile

        if all(in_parallel(work, x, 4 * prod(x.shape[1:]))):
            return out
    filters = w.reshape(groups, len(w) // groups, -1)

    def work(part):
        np.matmul(filters, grouped(patches(x[part], window, places), groups), out=grouped(out[part], groups))
        if b is not None:
            out[part] += b.reshape(-1, 1, 1)

    in_parallel(work, x, w[0].size * groups * places[0] * places[1])
    return out


def conv2d_grad_x(g, x, w, window, groups):
    """Every filter, weighted by the gradient of its result, added back to the patch it was taken from."""
    places = g.shape[2:]
    if winograd.suits(g, w, window, groups):  # the same as sliding the filters, turned round, over g
        turned = w[:, :, ::-1, ::-1].swapaxes(0, 1)
        return conv2d(g, turned, None, window._replace(padding=tuple(2 - p for p in window.padding)), 1)
    out = np.empty_like(x)
    filters = w.reshape(groups, len(w) // groups, -1).swapaxes(1, 2)
    kernels = (x.shape[1], *window.kernel, *places)

    def work(part):
        columns = filters @ grouped(g[part], groups)
        scatter(columns.reshape(-1, *kernels), out[part], window, places)

    in_parallel(work, x, w[0].size * groups * places[0] * places[1])
    return out


def conv2d_grad_w(g, x, w, window, groups):
    """For every element of a filter, the gradient of the results times the pixels it met, summed over all places."""
    places = g.shape[2:]
    if winograd.suits(x, w, window, groups):
        in_part = lambda part: winograd.conv2d_grad_w(g[part], x[part], window.padding)
        out = winograd.filters_grad(summed(in_part, x, 4 * prod(x.shape[1:])))
        if np.isfinite(out).all():
            return out

    def work(part):  # with g to the left it takes 1.3 times as long
        columns = grouped(patches(x[part], window, places), groups)
        return (columns @ grouped(g[part], groups).swapaxes(2, 3)).sum(axis=0)

    return summed(work, x, w[0].size * groups * places[0] * places[1]).swapaxes(1, 2).reshape(w.shape)


def patches(x, window, places):
    """What the window sees at every place: (n, C, H, W) -> (n, C, KH, KW, H', W')."""
    if window.kernel == window.stride == (1, 1) and window.padding == (0, 0):
        return x[:, :, None, None]
    padded = pad(x, window.padding)
    out = np.empty_like(x, shape=(*x.shape[:2], *window.kernel, *places))
    for (i, j), where in window.offsets(places):
        out[:, :, i, j] = padded[where]
    return out


def scatter(columns, out, window, places):
    """The opposite of `patches`: fill `out`, (n, C, H, W), with the sums of what was taken there as patches."""
    padded = receiver(out, window.padding)
    for (i, j), where in window.offsets(places):
        padded[where] += columns[:, :, i, j]
    crop_into(out, padded, window.padding)


def max_pool2d(x, window):
    """The largest value under the window at every place: (N, C, H, W) -> (N, C, H', W').

    A running maximum of strided views: 2.7 ms where `reshape(...).max((3, 5))` takes 77 (100 images of 64 x 28 x 28).
    """
    places = window.places(*x.shape[2:])
    out = np.empty_like(x, shape=(*x.shape[:2], *places))

    def work(part):
        padded, best = pad(x[part], window.padding, value=-np.inf), out[part]
        views = (padded[where] for _, where in window.offsets(places))
        best[...] = next(views)
        for view in views:
            np.maximum(best, view, out=best)

    in_parallel(work, x, prod(x.shape[1:]))
    return out


def max_pool2d_grad_x(g, x, out, window):
    """The gradient of each maximum, to the element that it was taken from."""
    grad = np.empty_like(x)

    def work(part):
        received = receiver(grad[part], window.padding)
        for where, wins in winners(x[part], out[part], window):
            share = chosen(wins, g[part])
            if window.overlaps:
                received[where] += share
            else:
                received[where] = share
        crop_into(grad[part], received, window.padding)

    in_parallel(work, x, 2 * prod(x.shape[1:]))
    return grad


def max_pool2d_pick(g, x, out, window):
    """The opposite of `max_pool2d_grad_x`: of the gradient g of all elements, that of each maximum."""
    picked = np.zeros_like(out)

    def work(part):
        padded = pad(g[part], window.padding)
        for where, wins in winners(x[part], out[part], window):
            picked[part] += chosen(wins, padded[where])

    in_parallel(work, x, 2 * prod(x.shape[1:]))
    return picked


def winners(x, out, window):
    """Where each maximum was taken from: pairs (slices, bools), for every element of the window.

    It is the first element (in reading order) that equals it; of nans, the last.
    """
    padded, offsets = pad(x, window.padding, value=-np.inf), [where for _, where in window.offsets(out.shape[2:])]
    free, nans = np.ones_like(out, dtype=bool), np.isnan(out)  # maxima of which the place is not found yet
    last = []
    for where in reversed(offsets if nans.any() else []):
        last.append(np.isnan(padded[where]) & nans)
        nans ^= last[-1]
    for where in offsets:
        wins = padded[where] == out
        wins &= free
        free ^= wins
        yield where, wins | last.pop() if last else wins


def avg_pool2d(x, window):
    """The mean under the window at every place, padding counted as zeros: (N, C, H, W) -> (N, C, H', W')."""
    places = window.places(*x.shape[2:])
    out = np.zeros_like(x, shape=(*x.shape[:2], *places))

    def work(part):
        padded, total = pad(x[part], window.padding), out[part]
        for _, where in window.offsets(places):
            total += padded[where]
        total /= prod(window.kernel)

    in_parallel(work, x, prod(x.shape[1:]))
    return out


def avg_pool2d_grad_x(g, x, window):
    """Each gradient shared out evenly among the elements under its window."""
    grad = np.empty_like(x)

    def work(part):
        received, share = receiver(grad[part], window.padding), g[part] / prod(window.kernel)
        for _, where in window.offsets(g.shape[2:]):
            received[where] += share
        crop_into(grad[part], received, window.padding)

    in_parallel(work, x, prod(x.shape[1:]))
    return grad


def matmul(x, y):
    """x @ y for two matrices, the rows of x shared out between threads.

    BLAS has threads of its own, but they wait for each other by spinning: with another program on one of two
    processors, x @ y of a (100, 12544) by (12544, 128) took 220 ms instead of 2.4.
    """
    if x.size * y.shape[1] < WORTH_SHARING:
        return x @ y
    out = np.empty_like(x, shape=(len(x), y.shape[1]), dtype=np.result_type(x, y), order="C")
    in_parallel(lambda rows: np.matmul(x[rows], y, out=out[rows]), x)
    return out


def pad(x, padding, value=0):
    """(N, C, H, W) with a border of `value`; x itself where there is none to add."""
    if padding == (0, 0):
        return x
    (p, q), (height, width) = padding, x.shape[2:]
    out = np.full_like(x, value, shape=(*x.shape[:2], height + 2 * p, width + 2 * q))
    out[:, :, p : p + height, q : q + width] = x
    return out


def receiver(out, padding):
    """Zeros to add up what belongs into `out`, with a border; where there is none, in `out` itself."""
    if padding == (0, 0):
        out[...] = 0
        return out
    return pad(np.zeros_like(out), padding)


def crop_into(out, received, padding):
    """Copy what is inside the border to `out`. Without a border it is there."""
    if padding != (0, 0):
        (p, q), (height, width) = padding, received.shape[2:]
        out[...] = received[:, :, p : height - p, q : width - q]


def chosen(mask, g):
    """g where `mask` holds, 0 elsewhere.

    On the CPU the bits of g, as integers, times 1 or 0: that is 12 times as fast as `where`, which guesses at every
    element what comes, and right for infinite g, too.
    """
    if not isinstance(g, np.ndarray):
        return np.where(mask, g, 0)
    return (g.view(f"i{g.itemsize}") * mask).view(g.dtype)


def grouped(x, groups):
    """(n, C, ..., H', W') -> (n, groups, C * ... / groups, H' * W')."""
    return x.reshape(len(x), groups, prod(x.shape[1:-2]) // groups, x.shape[-2] * x.shape[-1])


def chunks(x, images, size):
    """`images`, a slice of the batch, cut into slices that fit the cache, if every image needs `size` numbers there."""
    step = max(1, CACHED // max(1, size * x.itemsize)) if isinstance(x, np.ndarray) else len(x)
    return [slice(i, min(i + step, images.stop)) for i in range(images.start, images.stop, max(1, step))]


def in_parallel(work, x, size=0):
    """Call `work(slice)` for equal shares of the batch x, one a thread, and give the list of what the calls return.

    size: numbers that every image needs in the cache; shares are then cut into `chunks`, each a call of its own
    """
    keep_freed_memory()
    threads = min(thread_count(), len(x)) if isinstance(x, np.ndarray) and blas() else 1

    def share(start, stop):
        images = slice(start, stop)
        return [work(part) for part in (chunks(x, images, size) if size else [images])]

    if threads <= 1:
        return share(0, len(x))
    ends = [len(x) * i // threads for i in range(threads + 1)]
    with in_turn(), one_blas_thread():
        others = [pool().submit(share, *pair) for pair in zip(ends[1:], ends[2:])]
        first = share(*ends[:2])
        return sum((other.result() for other in others), first)


def summed(work, x, size):
    """The sum of what `work(slice)` gives for all parts of the batch x, in parallel, part by part."""
    return sum(in_parallel(lambda images: sum(map(work, chunks(x, images, size) or [images])), x))


@cache
def keep_freed_memory():
    """Have the C library keep large arrays that were freed for the next ones: 114 ms a step of the CNN, not 131.

    Otherwise glibc gives each back to the system, which has to clear the pages of the next one, all 4,500 of them.
    """
    with suppress(AttributeError, OSError, TypeError):  # other systems have no mallopt
        library = ctypes.CDLL(None)
        for setting in (-3, -1):  # M_MMAP_THRESHOLD and M_TRIM_THRESHOLD
            library.mallopt(setting, 2**31 - 1)
        return library  # kept: it holds itself in a cycle


@cache
def thread_count():
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def pool():
    return ThreadPoolExecutor(thread_count(), thread_name_prefix="minigrad")


@cache
def blas():
    """The BLAS libraries that multiply matrices, so that their threads can be set; none without threadpoolctl."""
    try:
        import threadpoolctl
    except ImportError:
        return []
    return threadpoolctl.ThreadpoolController().select(user_api="blas").lib_controllers


@cache
def in_turn():
    """A lock: two threads that both want all processors, and both set BLAS's threads, take turns."""
    return Lock()


@contextmanager
def one_blas_thread():
    """Inside, each matrix product runs on the thread that asks for it."""
    before = [library.get_num_threads() for library in blas()]
    try:
        for library in blas():
            library.set_num_threads(1)
        yield
    finally:
        for library, threads in zip(blas(), before):
            library.set_num_threads(threads)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: (pool.cache_clear(), in_turn.cache_clear()))  # threads are not inherited
