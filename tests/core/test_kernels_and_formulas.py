"""What the kernels do fast is what a few plain lines do slowly, written here beside them."""

from itertools import product

import numpy as np
import pytest
from beside_torch import numbers

from minigrad import kernels, winograd
from minigrad.kernels import Window

WINDOWS = {
    "3 x 3": Window((3, 3)),
    "a border": Window((3, 3), padding=(1, 1)),
    "an uneven border": Window((3, 3), padding=(2, 1)),
    "stride 2": Window((3, 3), (2, 2), (1, 1)),
    "1 x 1": Window((1, 1)),
    "1 x 1, stride 2": Window((1, 1), (2, 2)),
    "tiles": Window((2, 2), (2, 2)),
    "holes": Window((2, 3), (1, 2), (1, 0), (2, 1)),
}
EVERY_WINDOW = pytest.mark.parametrize("window", WINDOWS.values(), ids=WINDOWS)


def bordered(x, window, value=0.0):
    p, q = window.padding
    return np.pad(x, ((0, 0), (0, 0), (p, p), (q, q)), constant_values=value)


def under(padded, window, row, column):
    """What the window covers of padded images when it lies at a place: a view (N, C, KH, KW)."""
    (s, t), (d, e), (kh, kw) = window.stride, window.dilation, window.kernel
    return padded[:, :, s * row : s * row + d * kh : d, t * column : t * column + e * kw : e]


def places(x, window):
    return list(product(*map(range, window.places(*x.shape[2:]))))


def inside(padded, x, window):
    p, q = window.padding
    return padded[:, :, p : p + x.shape[2], q : q + x.shape[3]]


def shares(x, w, groups):
    """Slices of the filters and of the channels that belong together."""
    f, c = len(w) // groups, w.shape[1]
    return [(slice(i * f, (i + 1) * f), slice(i * c, (i + 1) * c)) for i in range(groups)]


def conv2d(x, w, b, window, groups):
    padded, out = bordered(x, window), np.empty((len(x), len(w), *window.places(*x.shape[2:])), x.dtype)
    for (row, column), (fs, cs) in product(places(x, window), shares(x, w, groups)):
        seen = under(padded, window, row, column)[:, cs]
        out[:, fs, row, column] = (seen[:, None] * w[fs]).sum(axis=(2, 3, 4)) + b[fs]
    return out


def conv2d_grad_x(g, x, w, window, groups):
    padded = bordered(np.zeros_like(x), window)
    for (row, column), (fs, cs) in product(places(x, window), shares(x, w, groups)):
        seen = under(padded, window, row, column)[:, cs]
        seen += (g[:, fs, row, column, None, None, None] * w[fs]).sum(axis=1)
    return inside(padded, x, window)


def conv2d_grad_w(g, x, w, window, groups):
    padded, out = bordered(x, window), np.zeros_like(w)
    for (row, column), (fs, cs) in product(places(x, window), shares(x, w, groups)):
        seen = under(padded, window, row, column)[:, cs]
        out[fs] += (g[:, fs, row, column, None, None, None] * seen[:, None]).sum(axis=0)
    return out


@EVERY_WINDOW
@pytest.mark.parametrize("channels, filters, groups", [(2, 3, 1), (4, 6, 2), (32, 33, 1)])
def test_convolutions(window, channels, filters, groups):
    x = numbers(3, channels, 7, 6, dtype="float64")
    w = numbers(filters, channels // groups, *window.kernel, seed=1, dtype="float64")
    b = numbers(filters, seed=2, dtype="float64")
    expected = conv2d(x, w, b, window, groups)
    g = numbers(*expected.shape, seed=3, dtype="float64")

    close = lambda found, expected: np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10)
    close(kernels.conv2d(x, w, b, window, groups), expected)
    close(kernels.conv2d(x, w, None, window, groups), expected - b.reshape(-1, 1, 1))
    close(kernels.conv2d_grad_x(g, x, w, window, groups), conv2d_grad_x(g, x, w, window, groups))
    close(kernels.conv2d_grad_w(g, x, w, window, groups), conv2d_grad_w(g, x, w, window, groups))


@pytest.mark.parametrize("size", [(3, 3), (3, 4), (4, 3), (8, 5)])
@pytest.mark.parametrize("padding", [(0, 0), (1, 1), (2, 0), (1, 2)])
def test_winograds_way_leads_to_the_same_images_of_every_size(size, padding):
    x, w = numbers(2, 4, *size, dtype="float64"), numbers(5, 4, 3, 3, seed=1, dtype="float64")
    b, window = numbers(5, seed=2, dtype="float64"), Window((3, 3), padding=padding)
    expected = conv2d(x, w, b, window, 1)
    out = np.empty_like(expected)
    winograd.conv2d(x, winograd.filters(w), b, padding, out)

    np.testing.assert_allclose(out, expected, rtol=1e-10, atol=1e-10)


def test_four_products_make_two_results():
    x, w = numbers(4, dtype="float64"), numbers(3, seed=1, dtype="float64")
    pixels = winograd.sums(x[0::2], x[1::2], 1)
    weights = [w[0], w.sum() / 2, (w[0] - w[1] + w[2]) / 2, w[2]]
    found = winograd.results(m * n for m, n in zip(pixels, weights))

    np.testing.assert_allclose(np.ravel(found), np.correlate(x, w))


@pytest.mark.parametrize("bad", [np.inf, np.nan])
def test_winograds_way_keeps_an_infinity_where_it_belongs(bad):
    x, w = numbers(2, 32, 6, 6), numbers(32, 32, 3, 3, seed=1)
    x[0, 0, 1, 1] = bad
    out = kernels.conv2d(x, w, None, Window((3, 3)), 1)

    assert not np.isfinite(out[0, :, :2, :2]).any()
    assert np.isfinite(out[0, :, 2:, 2:]).all()
    assert np.isfinite(out[1]).all()


def test_winograds_way_loses_no_digits():
    x, w = numbers(4, 64, 12, 12), numbers(64, 64, 3, 3, seed=1)
    window, b = Window((3, 3)), np.zeros(64, "float32")
    expected = conv2d(x.astype("float64"), w.astype("float64"), b, window, 1)
    ours = np.empty(expected.shape, "float32")
    winograd.conv2d(x, winograd.filters(w), None, (0, 0), ours)
    columns = kernels.patches(x, window, (10, 10)).reshape(4, -1, 100)
    plain = (w.reshape(64, -1) @ columns).reshape(expected.shape)

    assert np.abs(ours - expected).max() < 2 * np.abs(plain - expected).max()


def test_whole_numbers_are_convolved_without_halves():
    x, w = (numbers(*shape).round().astype("int64") for shape in ((2, 32, 5, 5), (32, 32, 3, 3)))
    b, window = np.zeros(32, "int64"), Window((3, 3))

    np.testing.assert_array_equal(kernels.conv2d(x, w, b, window, 1), conv2d(x, w, b, window, 1))


def winner(seen):
    """Where the maximum is: of equal ones the first, of nans the last, as (row, column) under the window."""
    flat = seen.ravel()
    best = np.flatnonzero(np.isnan(flat))[-1] if np.isnan(flat).any() else flat.argmax()
    return np.unravel_index(best, seen.shape)


@EVERY_WINDOW
@pytest.mark.parametrize("special", ["ties", "nan"])
def test_max_pools(window, special):
    x = numbers(3, 2, 7, 6).round()  # with many ties
    if special == "nan":
        x[0, 0, 2:4, 3] = np.nan
    padded, grad = bordered(x, window, -np.inf), bordered(np.zeros_like(x), window)
    expected = np.empty((3, 2, *window.places(7, 6)), x.dtype)
    g, gg = numbers(*expected.shape, seed=1), numbers(*x.shape, seed=2)
    picked, chosen = np.empty_like(expected), bordered(gg, window)
    for (row, column), n, c in product(places(x, window), range(3), range(2)):
        at = (n, c, *winner(under(padded, window, row, column)[n, c]))
        expected[n, c, row, column] = under(padded, window, row, column)[at]
        under(grad, window, row, column)[at] += g[n, c, row, column]
        picked[n, c, row, column] = under(chosen, window, row, column)[at]
    out = kernels.max_pool2d(x, window)

    np.testing.assert_array_equal(out, expected)
    np.testing.assert_allclose(kernels.max_pool2d_grad_x(g, x, out, window), inside(grad, x, window), atol=1e-5)
    np.testing.assert_array_equal(kernels.max_pool2d_pick(gg, x, out, window), picked)


@EVERY_WINDOW
def test_average_pools(window):
    window = window._replace(dilation=(1, 1))
    x = numbers(3, 2, 7, 6)
    padded, grad = bordered(x, window), bordered(np.zeros_like(x), window)
    expected = np.empty((3, 2, *window.places(7, 6)), x.dtype)
    g = numbers(*expected.shape, seed=1)
    for row, column in places(x, window):
        expected[:, :, row, column] = under(padded, window, row, column).mean(axis=(2, 3))
        under(grad, window, row, column)[...] += g[:, :, row, column, None, None] / np.prod(window.kernel)

    np.testing.assert_allclose(kernels.avg_pool2d(x, window), expected, atol=1e-5)
    np.testing.assert_allclose(kernels.avg_pool2d_grad_x(g, x, window), inside(grad, x, window), atol=1e-5)


@pytest.mark.parametrize("rows", [3, 2000])
def test_matrix_products(rows):
    x, y = numbers(rows, 64, dtype="float64"), numbers(64, 50, seed=1, dtype="float64")

    np.testing.assert_allclose(kernels.matmul(x, y), (x[:, :, None] * y).sum(axis=1), atol=1e-10)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_what_a_mask_chooses(dtype):
    g = np.array([1.5, -2.0, np.inf, np.nan, -0.0], dtype)
    for mask in product([False, True], repeat=5):
        np.testing.assert_array_equal(kernels.chosen(np.array(mask), g), np.where(mask, g, 0))


@EVERY_WINDOW
def test_an_empty_batch_gives_an_empty_batch(window):
    x, w, b = numbers(0, 32, 7, 6), numbers(32, 32, *window.kernel), numbers(32)
    pool = window._replace(dilation=(1, 1))
    out, pooled = kernels.conv2d(x, w, b, window, 1), kernels.max_pool2d(x, window)

    assert len(out) == len(pooled) == len(kernels.avg_pool2d(x, pool)) == 0
    assert kernels.conv2d_grad_x(out, x, w, window, 1).shape == x.shape
    assert kernels.max_pool2d_grad_x(pooled, x, pooled, window).shape == x.shape
    assert not kernels.conv2d_grad_w(out, x, w, window, 1).any()
