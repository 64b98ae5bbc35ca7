"""Chapter 10, convolution: from loops to windows to one product of matrices, and back."""

import numpy as np

from ...check import pytorch as torch
from ...check.case import distinct, exactly, normal, tied
from ...ops import image
from .. import run
from ..exercise import Chapter, given

chapter = Chapter(
    "10_convolution",
    "Convolution",
    teaches=("conv2d", "Conv2d", "max_pool2d", "MaxPool2d", "avg_pool2d", "kernel_size", "unfold"),
)


@chapter.exercise(
    points=1,
    minutes=6,
    cases=[
        given("a kernel of 3 fits into 5 pixels three times", 5, 3),
        given("a kernel of 1 fits everywhere", 7, 1),
        given("as wide as the picture: it fits once", 4, 4),
        given("every second place only; the last of 8 pixels is not reached", 8, 3, stride=2),
        given("every second place, and the last one is just reached", 7, 3, stride=2),
        given("padding adds pixels on both sides", 5, 3, padding=1),
        given("both at once: 32 pixels halved", 32, 3, stride=2, padding=1),
        given("with gaps in the kernel it reaches further", 10, 3, dilation=2),
        given("all of it", 23, 4, stride=3, padding=2, dilation=2),
    ],
    torch=lambda size, kernel, stride=1, padding=0, dilation=1: torch.nn.functional.conv1d(
        torch.zeros(1, 1, size), torch.zeros(1, 1, kernel), None, stride, padding, dilation
    ).shape[-1],
    hints=(
        "Put the kernel at the left end. How far can its left edge move until its right edge is at the other end?",
        "With dilation the kernel reaches over reach = dilation * (kernel - 1) + 1 pixels. There are "
        "size + 2 * padding - reach steps to go, of which every stride-th counts, and the first place counts too.",
        """
        def output_size(size, kernel, stride=1, padding=0, dilation=1):
            reach = ...
            steps = size + ... - reach
            return steps // ... + ...
        """,
    ),
)
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    """At how many places a kernel fits along one axis: how long the result of a convolution is.

    size: pixels along the axis    kernel: its length    stride: every how many places it is put down
    padding: pixels added at each end    dilation: how far apart the kernel's numbers lie    ->    an integer

    >>> output_size(32, 3)
    30
    """
    ### BEGIN SOLUTION
    reach = dilation * (kernel - 1) + 1
    return (size + 2 * padding - reach) // stride + 1
    ### END SOLUTION


@chapter.hidden("output_size")
def sizes_unseen(rng):
    """Sizes, kernels and settings that nobody has seen."""

    def one(**options):
        settings = {name: int(rng.integers(low, 5)) for name, low in options.items()}
        return given("a size nobody has seen", int(rng.integers(40, 200)), int(rng.integers(2, 9)), **settings)

    return [one(), one(stride=2), one(stride=2, padding=1), one(stride=1, padding=0, dilation=2)]


chapter.wrong(
    "output_size", "One too few: the kernel is put down before the first step as well.", "// stride + 1", "// stride"
)
chapter.wrong("output_size", "Padding is added at both ends.", "2 * padding", "padding")
chapter.wrong(
    "output_size", "The stride divides the steps, and then the first place is added to them.", "// stride + 1", "+ 1"
)
chapter.wrong(
    "output_size",
    "It divides too late: first the steps are divided by the stride, then comes the one for the first place.",
    "(size + 2 * padding - reach) // stride + 1",
    "(size + 2 * padding - reach + 1) // stride",
)
chapter.wrong(
    "output_size",
    "With gaps (dilation) the kernel reaches further than its length.",
    "dilation * (kernel - 1) + 1",
    "kernel",
)
chapter.wrong(
    "output_size",
    "Three numbers have two gaps between them: dilation * kernel is too long.",
    "dilation * (kernel - 1) + 1",
    "dilation * kernel",
)
chapter.wrong(
    "output_size",
    "It rounds up: where the last step does not fit any more, it is not taken.",
    "(size + 2 * padding - reach) // stride",
    "-((reach - size - 2 * padding) // stride)",
)
chapter.wrong(
    "output_size", "A number of places is whole: `/` leaves fractions, `//` rounds down.", "// stride", "/ stride"
)


def one_image(x, w):
    return torch.nn.functional.conv2d(x[None], w)[0]


@chapter.exercise(
    points=3,
    minutes=15,
    cases=[
        given(
            "a kernel that looks one pixel to the right", exactly([[[1.0, 2, 3], [4, 5, 6]]]), exactly([[[[0.0, 1]]]])
        ),
        given("one channel, one filter", normal(1, 4, 5), normal(1, 1, 2, 3)),
        given("the channels of a place are added up", normal(3, 4, 4), normal(1, 3, 2, 2)),
        given("each filter makes a picture of its own", normal(1, 4, 4), normal(4, 1, 3, 3)),
        given("three channels, two filters", normal(3, 5, 4), normal(2, 3, 3, 3)),
        given("as large as the picture: one number", normal(2, 3, 3), normal(2, 2, 3, 3)),
    ],
    torch=one_image,
    hints=(
        "For one filter and one place: lay the filter over the picture, multiply what lies together, add it all up.",
        "out[f, i, j] is the sum of x[:, i:i+KH, j:j+KW] * w[f]. It has H - KH + 1 rows and W - KW + 1 columns.",
        """
        def conv2d_loops(x, w):
            F, C, KH, KW = w.shape
            _, H, W = x.shape
            out = np.zeros((F, ..., ...), x.dtype)
            for f in range(F):
                for i in range(...):
                    for j in range(...):
                        out[f, i, j] = ...
            return out
        """,
    ),
)
def conv2d_loops(x, w):
    """The convolution of one picture, by loops: at every place, the filter times what lies under it, added up.

    x: (C, H, W)    w: (F, C, KH, KW)    ->    (F, H - KH + 1, W - KW + 1)

    As in PyTorch the filter is laid on as it is, not turned round first.
    """
    ### BEGIN SOLUTION
    F, C, KH, KW = w.shape
    _, H, W = x.shape
    out = np.zeros((F, H - KH + 1, W - KW + 1), x.dtype)
    for f in range(F):
        for i in range(H - KH + 1):
            for j in range(W - KW + 1):
                out[f, i, j] = (x[:, i : i + KH, j : j + KW] * w[f]).sum()
    return out
    ### END SOLUTION


chapter.wrong(
    "conv2d_loops",
    "The filter was turned round. Mathematicians do that in a convolution; PyTorch lays it on as it is.",
    "* w[f])",
    "* w[f, :, ::-1, ::-1])",
)
chapter.wrong(
    "conv2d_loops",
    "Only one channel was looked at. What lies under the filter has all channels, and they are added up.",
    "(x[:, i : i + KH, j : j + KW] * w[f])",
    "(x[0, i : i + KH, j : j + KW] * w[f, 0])",
)
chapter.wrong(
    "conv2d_loops",
    "The last row and the last column of places are missing: H - KH + 1 of them, counting from 0.",
    "for i in range(H - KH + 1):\n            for j in range(W - KW + 1):",
    "for i in range(H - KH):\n            for j in range(W - KW):",
)
chapter.wrong(
    "conv2d_loops",
    "It takes the average of the products; a convolution adds them up.",
    "* w[f]).sum()",
    "* w[f]).mean()",
)
chapter.wrong(
    "conv2d_loops",
    "Rows and columns are exchanged under the filter: i counts rows, the second axis of x.",
    "x[:, i : i + KH, j : j + KW]",
    "x.swapaxes(1, 2)[:, i : i + KH, j : j + KW]",
)
chapter.wrong(
    "conv2d_loops",
    "Only the last channel is left: each one's sum was put over the one before. Add the channels of a place up.",
    "(x[:, i : i + KH, j : j + KW] * w[f])",
    "(x[-1, i : i + KH, j : j + KW] * w[f, -1])",
)
chapter.wrong(
    "conv2d_loops",
    "The numbers are of another type than the picture's: np.zeros makes float64 where it is told nothing.",
    "H - KH + 1, W - KW + 1), x.dtype)",
    "H - KH + 1, W - KW + 1))",
)


@chapter.wrong(
    "conv2d_loops",
    "The result is as large as the picture, but near its right and lower edge the filter does not fit any more.",
)
def conv2d_loops_everywhere(x, w):
    (F, _, KH, KW), (_, H, W) = w.shape, x.shape
    out = np.zeros((F, H, W), x.dtype)
    for f in range(F):
        for i in range(H):
            for j in range(W):
                out[f, i, j] = (x[:, i : i + KH, j : j + KW] * w[f]).sum()
    return out


@chapter.exercise(
    points=3,
    minutes=15,
    cases=[
        given("2 x 2 windows of a 3 x 3 picture", exactly([[[[1.0, 2, 3], [4, 5, 6], [7, 8, 9]]]]), 2),
        given("all pictures and channels at once", normal(2, 3, 4, 5), 3),
        given("a kernel of 1: every pixel is a window", normal(1, 2, 2, 3), 1),
        given("every second place", normal(1, 2, 5, 6), 2, stride=2),
        given("a stride that leaves the end of a row unused", normal(1, 1, 6, 5), 2, stride=3),
        given("numbers that do not lie in a row in memory", normal(2, 1, 4, 4), 3, stride=1),
    ],
    torch=lambda x, kernel, stride=1: x.unfold(2, kernel, stride).unfold(3, kernel, stride),
    hints=(
        "Each window is a slice of x. Collect the slices in an array with two axes more: which place, and where in it.",
        "np.lib.stride_tricks.sliding_window_view(x, (kernel, kernel), axis=(2, 3)) gives all of them without copying; "
        "then take every stride-th along the two axes of places.",
        """
        def windows(x, kernel, stride=1):
            found = np.lib.stride_tricks.sliding_window_view(x, ..., axis=...)
            return found[:, :, ::..., ::...]
        """,
    ),
)
def windows(x, kernel, stride=1):
    """Every window of kernel x kernel pixels, at every stride-th place.

    x: (N, C, H, W)    ->    (N, C, H', W', kernel, kernel): which picture, channel, place; and where in the window
    """
    ### BEGIN SOLUTION
    found = np.lib.stride_tricks.sliding_window_view(x, (kernel, kernel), axis=(2, 3))
    return found[:, :, ::stride, ::stride]
    ### END SOLUTION


@chapter.way("windows", "Slice by slice: for each pixel of the window, the pixels at that place in all windows.")
def windows_by_slices(x, kernel, stride=1):
    N, C, H, W = x.shape
    rows, columns = (H - kernel) // stride + 1, (W - kernel) // stride + 1
    out = np.empty((N, C, rows, columns, kernel, kernel), x.dtype)
    for i in range(kernel):
        for j in range(kernel):
            out[..., i, j] = x[:, :, i : i + stride * rows : stride, j : j + stride * columns : stride]
    return out


chapter.wrong(
    "windows",
    "The stride is not used: these are the windows at every place.",
    "found[:, :, ::stride, ::stride]",
    "found",
)
chapter.wrong(
    "windows",
    "The stride belongs to the places, not to the pixels inside a window: axes 2 and 3, not the last two.",
    "found[:, :, ::stride, ::stride]",
    "found[..., ::stride, ::stride]",
)
chapter.wrong(
    "windows",
    "The axes are in another order: places first, then the pixels of the window.",
    "return found[:, :, ::stride, ::stride]",
    "return found[:, :, ::stride, ::stride].transpose(0, 1, 4, 5, 2, 3)",
)
chapter.wrong(
    "windows",
    "These are tiles that lie side by side. Windows overlap: the next one begins a stride further, not a kernel.",
    "::stride, ::stride",
    "::kernel, ::kernel",
)
chapter.wrong(
    "windows",
    "Rows and columns are exchanged inside the windows.",
    "return found[:, :, ::stride, ::stride]",
    "return found[:, :, ::stride, ::stride].swapaxes(-1, -2)",
)


def folded(g, shape, stride=1):
    N, C, rows, columns, kernel, _ = g.shape
    columns_of = g.permute(0, 1, 4, 5, 2, 3).reshape(N, C * kernel * kernel, rows * columns)
    return torch.nn.functional.fold(columns_of, tuple(shape[2:]), kernel, stride=stride)


@chapter.exercise(
    points=4,
    minutes=18,
    cases=[
        given(
            "ones: each pixel counts the windows that it lies in", exactly(np.ones((1, 1, 2, 2, 2, 2))), (1, 1, 3, 3)
        ),
        given("windows that overlap", normal(2, 3, 3, 2, 2, 2), (2, 3, 4, 3)),
        given("tiles side by side: nothing to add", normal(1, 2, 2, 2, 2, 2), (1, 2, 4, 4), stride=2),
        given("a pixel that no window reached stays 0", normal(1, 1, 2, 2, 2, 2), (1, 1, 5, 5), stride=2),
        given("windows with gaps between them", normal(1, 1, 2, 2, 2, 2), (1, 1, 5, 5), stride=3),
        given("a kernel of 3", normal(1, 2, 3, 3, 3, 3), (1, 2, 5, 5)),
    ],
    torch=folded,
    hints=(
        "This is what a gradient does on its way back through `windows`. A pixel was copied into several windows; so?",
        "Start with zeros of the given shape. For each place (i, j) in a window, all windows' numbers there go to the "
        "pixels i, i + stride, i + 2 * stride ... of the rows, and j, j + stride ... of the columns: with +=.",
        """
        def scatter(g, shape, stride=1):
            out = np.zeros(shape, g.dtype)
            rows, columns, kernel = g.shape[2], g.shape[3], g.shape[4]
            for i in range(kernel):
                for j in range(kernel):
                    out[:, :, i : i + stride * rows : stride, ...] += ...
            return out
        """,
    ),
    needs=("windows",),
)
def scatter(g, shape, stride=1):
    """The opposite of `windows`: put every number back to the pixel it came from, and add up where several come.

    g: (N, C, H', W', kernel, kernel)    shape: (N, C, H, W)    ->    an array of this shape
    """
    ### BEGIN SOLUTION
    out = np.zeros(shape, g.dtype)
    rows, columns, kernel = g.shape[2], g.shape[3], g.shape[4]
    for i in range(kernel):
        for j in range(kernel):
            out[:, :, i : i + stride * rows : stride, j : j + stride * columns : stride] += g[..., i, j]
    return out
    ### END SOLUTION


@chapter.hidden("scatter")
def windows_unseen(rng):
    """Windows of numbers and sizes that nobody has seen, and pictures with pixels that they do not reach."""
    several = []
    for stride in (1, 2, int(rng.integers(3, 5))):
        N, C, rows, columns, kernel = map(int, rng.integers(2, 5, 5))
        shape = N, C, *(stride * (n - 1) + kernel + int(rng.integers(stride)) for n in (rows, columns))
        g = normal(N, C, rows, columns, kernel, kernel)
        several.append(given("windows nobody has seen", g, shape, **({"stride": stride} if stride > 1 else {})))
    return several


chapter.wrong(
    "scatter",
    "`=` where `+=` belongs: a pixel that lies in several windows keeps only what came last.",
    "+= g[..., i, j]",
    "= g[..., i, j]",
)
chapter.wrong(
    "scatter",
    "The steps between the pixels are those of the windows: every stride-th, not every one.",
    "i : i + stride * rows : stride, j : j + stride * columns : stride]",
    "i : i + rows, j : j + columns]",
)
chapter.wrong("scatter", "Rows and columns are exchanged inside the windows.", "g[..., i, j]", "g[..., j, i]")
chapter.wrong(
    "scatter",
    "It divides by the number of windows. A gradient adds up over all uses; it is no average.",
    "return out",
    "return out / np.maximum(1, (out != 0) * kernel)",
)


def as_op(answer):
    """A learner's conv2d in the place of the library's op: with a bias, and with pairs; else the library's own."""

    def conv2d(x, w, b=None, *, stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1):
        square = stride[0] == stride[1] and padding[0] == padding[1] and w.shape[2] == w.shape[3]
        if not square or tuple(dilation) != (1, 1) or groups != 1:
            options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
            return image.conv2d(x, w, b, **options)
        out, grad_x, grad_w = answer(x, w, stride=stride[0], padding=padding[0])
        if b is None:
            return out, grad_x, grad_w
        return out + b[:, None, None], grad_x, grad_w, lambda g: g.sum((0, 2, 3))

    return conv2d


@chapter.exercise(
    points=5,
    minutes=20,
    run=run.op,
    cases=[
        given("one channel, one filter", normal(1, 1, 4, 4), normal(1, 1, 2, 2)),
        given("three channels, two filters, two pictures", normal(2, 3, 5, 4), normal(2, 3, 3, 3)),
        given("a kernel of 1 mixes channels, and nothing else", normal(2, 3, 2, 2), normal(4, 3, 1, 1)),
        given("every second place", normal(1, 2, 6, 5), normal(2, 2, 2, 2), stride=2),
        given(
            "a border of zeros around the picture, which gets no gradient",
            normal(1, 2, 4, 4),
            normal(2, 2, 3, 3),
            padding=1,
        ),
        given("all of it", normal(2, 2, 5, 5), normal(3, 2, 3, 3), stride=2, padding=1),
    ],
    torch=lambda x, w, stride=1, padding=0: torch.nn.functional.conv2d(x, w, None, stride, padding),
    hints=(
        "You have the windows of x. What is left is a sum of products: over channels and over the pixels of a window. "
        "np.einsum does such sums by letters.",
        "With the letters n c h w i j for the windows, and f c i j for w: out is nchwij,fcij->nfhw. For a gradient, "
        "exchange the letters: w's is nchwij,nfhw->fcij; the windows' is nfhw,fcij->nchwij, which scatter brings to x.",
        """
        def conv2d(x, w, *, stride=1, padding=0):
            border = ((0, 0), (0, 0), (padding, padding), (padding, padding))
            padded = np.pad(x, border)
            found = windows(padded, w.shape[-1], stride)

            def grad_x(g):
                back = scatter(np.einsum(..., g, w), padded.shape, stride)
                return back[:, :, padding : ..., padding : ...]

            out = np.einsum("nchwij,fcij->nfhw", found, w)
            return out, grad_x, lambda g: np.einsum(..., found, g)
        """,
    ),
    part="ops.conv2d",
    adapt=as_op,
    needs=("windows", "scatter"),
)
def conv2d(x, w, *, stride=1, padding=0):
    """The convolution of a batch of pictures, as an op: its value and the gradient functions of x and w.

    x: (N, C, H, W)    w: (F, C, K, K)    ->    (value: (N, F, H', W'), gradient function of x, of w)

    padding: so many rows and columns of zeros around each picture
    """
    ### BEGIN SOLUTION
    border = ((0, 0), (0, 0), (padding, padding), (padding, padding))
    padded = np.pad(x, border)
    found = windows(padded, w.shape[-1], stride)
    H, W = x.shape[2:]

    def grad_x(g):
        back = scatter(np.einsum("nfhw,fcij->nchwij", g, w, optimize=True), padded.shape, stride)
        return back[:, :, padding : padding + H, padding : padding + W]

    out = np.einsum("nchwij,fcij->nfhw", found, w, optimize=True)
    return out, grad_x, lambda g: np.einsum("nchwij,nfhw->fcij", found, g, optimize=True)
    ### END SOLUTION


@chapter.hidden("conv2d")
def pictures_unseen(rng):
    """Pictures, filters and settings that nobody has seen."""
    several = []
    for stride, padding in ((3, 0), (2, 2)):
        N, C, F, K = map(int, rng.integers(2, 5, 4))
        x, w = normal(N, C, *map(int, rng.integers(5, 9, 2))), normal(F, C, K, K)
        several.append(given("pictures nobody has seen", x, w, stride=stride, padding=padding))
    return several


chapter.wrong(
    "conv2d",
    "The border of zeros is still on x's gradient: cut it off, so that the gradient has the shape of x.",
    "return back[:, :, padding : padding + H, padding : padding + W]",
    "return back",
)
chapter.wrong(
    "conv2d",
    "Off by the border: the picture begins `padding` pixels from the corner, on the way back, too.",
    "back[:, :, padding : padding + H, padding : padding + W]",
    "back[:, :, :H, :W]",
)
chapter.wrong(
    "conv2d",
    "The filter is turned round on the way there. PyTorch lays it on as it is.",
    'np.einsum("nchwij,fcij->nfhw", found, w, optimize=True)',
    'np.einsum("nchwij,fcij->nfhw", found, w[:, :, ::-1, ::-1], optimize=True)',
)
chapter.wrong(
    "conv2d",
    "The filter is turned round on the way back: `scatter` turns things round by itself already.",
    'np.einsum("nfhw,fcij->nchwij", g, w, optimize=True)',
    'np.einsum("nfhw,fcij->nchwij", g, w[:, :, ::-1, ::-1], optimize=True)',
)
chapter.wrong(
    "conv2d",
    "w's gradient is an average over the pictures. The sum over the batch belongs here; averaging is the loss's task.",
    'np.einsum("nchwij,nfhw->fcij", found, g, optimize=True)',
    'np.einsum("nchwij,nfhw->fcij", found, g, optimize=True) / len(x)',
)
chapter.wrong(
    "conv2d", "The border is not used: the windows have to be those of the padded picture.", "np.pad(x, border)", "x"
)
chapter.wrong(
    "conv2d",
    "On the way back the windows lie as far apart as on the way there: `scatter` has to know the stride.",
    "padded.shape, stride)",
    "padded.shape)",
)
chapter.wrong(
    "conv2d",
    "The windows are those of the padded picture, so `scatter` needs its shape; the border is cut off after that.",
    "padded.shape, stride)",
    "x.shape, stride)",
)


def as_pooling(answer):
    """A learner's max_pool2d in the place of the library's op, for tiles side by side; else the library's own."""

    def max_pool2d(x, *, kernel_size, stride, padding=(0, 0), dilation=(1, 1)):
        tiles = kernel_size == stride == (kernel_size[0],) * 2 and tuple(padding) == (0, 0)
        if not tiles or tuple(dilation) != (1, 1):
            return image.max_pool2d(x, kernel_size=kernel_size, stride=stride, padding=padding, dilation=dilation)
        return answer(x, size=kernel_size[0])

    return max_pool2d


@chapter.exercise(
    points=4,
    minutes=18,
    run=run.op,
    cases=[
        given("the largest of each tile; only it gets the gradient", distinct(1, 1, 4, 4)),
        given("several pictures and channels", distinct(2, 3, 4, 6)),
        given("of equal numbers the first one gets it all, as in PyTorch", tied(1, 2, 4, 4)),
        given("tiles of 3", distinct(1, 1, 6, 3), size=3),
        given("a row and a column that fill no tile are left out", distinct(1, 2, 5, 5)),
        given("negative numbers only: the border is no competitor", exactly(-np.arange(1.0, 17).reshape(1, 1, 4, 4))),
    ],
    torch=lambda x, size=2: torch.nn.functional.max_pool2d(x, size),
    hints=(
        "Bring each tile's numbers into one axis. The value is the largest along it, and argmax says which it was.",
        "Cut to whole tiles, reshape to (N, C, H', size, W', size), move the two tile axes to the end and join them. "
        "On the way back, put g at the place of the winner (np.put_along_axis) in zeros, and undo the moves.",
        """
        def max_pool2d(x, *, size=2):
            N, C, H, W = x.shape
            rows, columns = H // size, W // size
            tiles = x[:, :, : rows * size, : columns * size].reshape(N, C, rows, size, columns, size)
            tiles = tiles.swapaxes(3, 4).reshape(N, C, rows, columns, ...)
            winner = tiles.argmax(axis=-1)[..., None]

            def grad_x(g):
                back = np.zeros_like(tiles)
                np.put_along_axis(back, winner, ..., axis=-1)
                ...

            return tiles.max(axis=-1), grad_x
        """,
    ),
    part="ops.max_pool2d",
    adapt=as_pooling,
)
def max_pool2d(x, *, size=2):
    """The largest number of every size x size tile, as an op: its value and the gradient function of x.

    x: (N, C, H, W)    ->    (value: (N, C, H // size, W // size), gradient function of x)

    Of equal numbers the first in reading order is the winner. Rows and columns that fill no tile are left out.
    """
    ### BEGIN SOLUTION
    N, C, H, W = x.shape
    rows, columns = H // size, W // size
    tiles = x[:, :, : rows * size, : columns * size].reshape(N, C, rows, size, columns, size)
    tiles = tiles.swapaxes(3, 4).reshape(N, C, rows, columns, size * size)
    winner = tiles.argmax(axis=-1)[..., None]

    def grad_x(g):
        back = np.zeros_like(tiles)
        np.put_along_axis(back, winner, g[..., None], axis=-1)
        back = back.reshape(N, C, rows, columns, size, size).swapaxes(3, 4)
        out = np.zeros_like(x)
        out[:, :, : rows * size, : columns * size] = back.reshape(N, C, rows * size, columns * size)
        return out

    return tiles.max(axis=-1), grad_x
    ### END SOLUTION


@chapter.hidden("max_pool2d")
def tiles_unseen(rng):
    """Pictures and sizes of tiles that nobody has seen."""
    sizes = rng.permutation([2, 3, 4]).tolist()
    shapes = [tuple(map(int, (*rng.integers(2, 4, 2), *rng.integers(size, 3 * size, 2)))) for size in sizes]
    drawn = [draw(*shape) for draw, shape in zip((distinct, tied, distinct), shapes)]
    return [given("tiles nobody has seen", x, size=size) for x, size in zip(drawn, sizes)]


chapter.wrong(
    "max_pool2d",
    "Equal numbers all get the gradient. PyTorch gives it to the first in reading order alone.",
    "np.put_along_axis(back, winner, g[..., None], axis=-1)",
    "back += (tiles == tiles.max(axis=-1, keepdims=True)) * g[..., None]",
)
chapter.wrong(
    "max_pool2d",
    "Equal numbers share the gradient here. So does amax; max pooling knows a place, and that is the first.",
    "np.put_along_axis(back, winner, g[..., None], axis=-1)",
    "best = tiles == tiles.max(axis=-1, keepdims=True)\n"
    "        back += best / best.sum(axis=-1, keepdims=True, dtype=x.dtype) * g[..., None]",
)
chapter.wrong(
    "max_pool2d",
    "The last of equal numbers gets the gradient; PyTorch takes the first.",
    "winner = tiles.argmax(axis=-1)[..., None]",
    "winner = size * size - 1 - tiles[..., ::-1].argmax(axis=-1)[..., None]",
)
chapter.wrong(
    "max_pool2d",
    "Every pixel of the tile gets a share, as in an average. Only the winner made a difference.",
    "np.put_along_axis(back, winner, g[..., None], axis=-1)",
    "back += g[..., None] / size**2",
)
chapter.wrong("max_pool2d", "This is the average of each tile, not its largest number.", "tiles.max(", "tiles.mean(")
chapter.wrong(
    "max_pool2d",
    "The tiles are mixed up: after the reshape, a tile's rows and columns are axes 3 and 5. Bring them together first.",
    "tiles = tiles.swapaxes(3, 4).reshape",
    "tiles = tiles.reshape",
)


def measured_in_torch(layers):
    """How far apart the outermost pixels lie that one unit's gradient comes to."""
    x = torch.zeros(1, 1, 400, requires_grad=True)
    out = x
    for kernel, stride in layers:
        out = torch.nn.functional.conv1d(out, torch.ones(1, 1, kernel), stride=stride)
    out[0, 0, out.shape[-1] // 2].backward()
    reached = x.grad[0, 0].nonzero().ravel().tolist()
    return reached[-1] - reached[0] + 1


@chapter.exercise(
    points=2,
    minutes=12,
    cases=[
        given("no layer: a unit is a pixel", []),
        given("one layer sees what its kernel covers", [(3, 1)]),
        given("two layers of 3 see 5", [(3, 1), (3, 1)]),
        given("after a stride, the next layer's steps are larger", [(3, 2), (3, 1)]),
        given("a stride in the last layer does not matter", [(3, 1), (3, 2)]),
        given("strides multiply", [(2, 2), (2, 2), (3, 1)]),
        given("the net of chapter 11: two convolutions and a pooling", [(3, 1), (3, 1), (2, 2)]),
    ],
    torch=measured_in_torch,
    hints=(
        "Go from the picture to the end with two numbers: how far a unit sees, how far apart neighbours' views are.",
        "At first seen = 1 and step = 1. A layer adds (kernel - 1) * step to what is seen, and then multiplies step by "
        "its stride.",
        """
        def receptive_field(layers):
            seen, step = 1, 1
            for kernel, stride in layers:
                seen += ...
                step *= ...
            return seen
        """,
    ),
)
def receptive_field(layers):
    """How many pixels in a row one unit at the end sees.

    layers: pairs (kernel, stride), from the picture to the end    ->    an integer

    >>> receptive_field([(3, 1), (3, 1)])
    5
    """
    ### BEGIN SOLUTION
    seen, step = 1, 1
    for kernel, stride in layers:
        seen += (kernel - 1) * step
        step *= stride
    return seen
    ### END SOLUTION


@chapter.hidden("receptive_field")
def layers_unseen(rng):
    """Layers that nobody has seen."""

    def layers(count):
        return [tuple(map(int, rng.integers((1, 1), (6, 3)))) for _ in range(count)]

    return [given("layers nobody has seen", layers(count)) for count in (1, 2, 3, 4)]


chapter.wrong(
    "receptive_field", "Views overlap: a further kernel of 3 adds 2, not 3.", "(kernel - 1) * step", "kernel * step"
)
chapter.wrong(
    "receptive_field",
    "Strides are ignored: after a stride of 2, neighbours see places that are 2 pixels apart.",
    "step *= stride",
    "step = 1",
)
chapter.wrong(
    "receptive_field",
    "The stride counts for the layers after it, not for its own kernel: first add, then multiply.",
    "seen += (kernel - 1) * step\n        step *= stride",
    "step *= stride\n        seen += (kernel - 1) * step",
)
chapter.wrong(
    "receptive_field",
    "Strides of several layers multiply; here only the last one counts.",
    "step *= stride",
    "step = stride",
)
chapter.wrong(
    "receptive_field",
    "It begins at 0. But with no layer at all a unit is one pixel, and sees that.",
    "seen, step = 1, 1",
    "seen, step = 0, 1",
)


@chapter.wrong("receptive_field", "Kernels are not added up: the windows of neighbours overlap.")
def receptive_field_by_sum(layers):
    return sum(kernel for kernel, _ in layers)


@chapter.wrong("receptive_field", "The stride lies between units: between n of them there are n - 1 steps.")
def receptive_field_backwards(layers):
    seen = 1
    for kernel, stride in reversed(layers):
        seen = seen * stride + kernel - 1
    return seen


@chapter.way("receptive_field", "From the end: seen units lie over (seen - 1) * stride + kernel of the layer below.")
def receptive_field_from_the_end(layers):
    seen = 1
    for kernel, stride in reversed(layers):
        seen = (seen - 1) * stride + kernel
    return seen
