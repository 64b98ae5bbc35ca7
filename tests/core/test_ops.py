"""Laws of ops, beyond the cases in `check`: what must hold for any shape, window, stride or seed."""

import inspect

import numpy as np
import pytest
from beside_torch import numbers
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import minigrad as mg
from minigrad import ops
from minigrad.check.case import Case
from minigrad.check.cases import CASES
from minigrad.check.judges import against_torch
from minigrad.kernels import Window


def f64(*shape, seed=0):
    return numbers(*shape, seed=seed, dtype="float64")


@pytest.mark.parametrize("name", ops.__all__)
def test_an_op_says_what_it_does_and_takes_options_by_name_only(name):
    op = getattr(ops, name)
    tensors = [p for p in inspect.signature(op).parameters.values() if p.kind is not p.KEYWORD_ONLY]

    assert op.__doc__ and op.__name__ == name
    assert tensors and all(p.name in ("x", "y", "w", "b", "xs", "low", "high", "pos_weight") for p in tensors)


def test_the_table_of_contents_names_every_op():
    named = set(ops.__doc__.replace(",", " ").split())

    assert set(ops.__all__) <= named


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_gradient_is_linear_in_what_arrives():
    for case in CASES:
        inputs, options = case.drawn(0, "float64")
        value, *gradients = getattr(ops, case.op)(*inputs, **options)
        if value.dtype.kind != "f" or case.corner:
            continue
        g, h = f64(*value.shape), f64(*value.shape, seed=1)
        for x, gradient in zip(inputs, gradients):
            if isinstance(x, np.ndarray):
                together = gradient(2 * g - 3 * h)
                apart = 2 * gradient(g) - 3 * gradient(h)
                np.testing.assert_allclose(together, apart, rtol=1e-9, atol=1e-9, err_msg=str(case))


# ---- softmax and its kin ----


@given(st.floats(-1e4, 1e4))
def test_softmax_does_not_feel_a_shift(shift):
    x = f64(3, 4)

    np.testing.assert_allclose(ops.softmax(x + shift, axis=1)[0], ops.softmax(x, axis=1)[0], rtol=1e-9)


def test_log_softmax_is_x_minus_logsumexp():
    x = f64(3, 4)

    np.testing.assert_allclose(ops.log_softmax(x, axis=1)[0], x - ops.logsumexp(x, axis=1, keepdims=True)[0])


def test_a_row_of_normalized_numbers_have_mean_0_and_variance_1():
    out, _ = ops.normalize(5 + 3 * f64(2, 100), axis=1, eps=0)

    np.testing.assert_allclose(out.mean(1), 0, atol=1e-12)
    np.testing.assert_allclose(out.var(1), 1)


# ---- convolution and pooling ----


def loops(x, w, window, groups):
    """The convolution as its definition says it, one result at a time."""
    f, per_group, kh, kw = w.shape
    rows, columns = window.places(*x.shape[2:])
    padded = np.pad(x, [(0, 0), (0, 0), (window.padding[0],) * 2, (window.padding[1],) * 2])
    out = np.zeros((len(x), f, rows, columns))
    for image, filter_, i, j in np.ndindex(out.shape):
        first = filter_ // (f // groups) * per_group
        for channel, a, b in np.ndindex(per_group, kh, kw):
            y = i * window.stride[0] + a * window.dilation[0]
            z = j * window.stride[1] + b * window.dilation[1]
            out[image, filter_, i, j] += padded[image, first + channel, y, z] * w[filter_, channel, a, b]
    return out


pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))


@st.composite
def convolutions(draw):
    """A batch, filters, and a window that fits."""
    groups = draw(st.integers(1, 3))
    kernel, stride, dilation = draw(pairs), draw(pairs), draw(pairs)
    padding = draw(st.tuples(st.integers(0, 2), st.integers(0, 2)))
    size = draw(st.tuples(st.integers(1, 7), st.integers(1, 7)))
    window = Window(kernel, stride, padding, dilation)
    assume(min(window.places(*size)) >= 1)
    x = f64(draw(st.integers(0, 3)), groups * draw(st.integers(1, 2)), *size)
    w = f64(groups * draw(st.integers(1, 2)), x.shape[1] // groups, *kernel, seed=1)
    return x, w, window, groups


def conv(x, w, window, groups):
    _, stride, padding, dilation = window
    return ops.conv2d(x, w, stride=stride, padding=padding, dilation=dilation, groups=groups)


@settings(max_examples=40)
@given(convolutions())
def test_convolution_is_what_its_definition_says(made):
    np.testing.assert_allclose(conv(*made)[0], loops(*made), atol=1e-12)


@settings(max_examples=60)
@given(convolutions(), st.integers(0, 3))
def test_any_convolution_agrees_with_pytorch(made, seed):
    x, w, window, groups = made
    _, stride, padding, dilation = window
    options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    verdict = against_torch(Case("conv2d", "any", (x, w, f64(len(w), seed=seed)), options), dtype="float64")

    assert verdict, verdict


@settings(max_examples=60)
@given(convolutions())
def test_both_gradients_of_a_convolution_are_its_transposes(made):
    x, w, _, _ = made
    out, grad_x, grad_w, _ = conv(*made)
    g = f64(*out.shape, seed=2)

    np.testing.assert_allclose((out * g).sum(), (x * grad_x(g)).sum(), atol=1e-9)
    np.testing.assert_allclose((out * g).sum(), (w * grad_w(g)).sum(), atol=1e-9)


def test_a_convolution_by_one_pixel_is_a_matrix_product_over_channels():
    x, w = f64(2, 3, 4, 5), f64(6, 3, 1, 1, seed=1)

    np.testing.assert_allclose(ops.conv2d(x, w)[0], np.einsum("nchw,fc->nfhw", x, w[:, :, 0, 0]))


def test_a_batch_larger_than_one_chunk_of_the_cache_is_the_same_as_its_images():
    x, w = numbers(5, 3, 40, 40), numbers(64, 3, 5, 5, seed=1)
    whole, grad_x, grad_w, _ = ops.conv2d(x, w)
    parts = [ops.conv2d(image[None], w) for image in x]
    g = numbers(*whole.shape, seed=2)

    np.testing.assert_allclose(whole, np.concatenate([part[0] for part in parts]), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(grad_x(g), np.concatenate([p[1](g[i : i + 1]) for i, p in enumerate(parts)]), atol=1e-3)
    np.testing.assert_allclose(grad_w(g), sum(p[2](g[i : i + 1]) for i, p in enumerate(parts)), rtol=1e-3, atol=1e-2)


@st.composite
def poolings(draw):
    """A batch and a window with as much padding as PyTorch allows: half of the kernel."""
    kernel, stride, dilation = draw(pairs), draw(pairs), draw(pairs)
    padding = tuple(draw(st.integers(0, k // 2)) for k in kernel)
    size = draw(st.tuples(st.integers(1, 7), st.integers(1, 7)))
    assume(min(Window(kernel, stride, padding, dilation).places(*size)) >= 1)
    values = draw(st.sampled_from(["distinct", "tied"]))
    x = f64(draw(st.integers(1, 2)), 2, *size) if values == "distinct" else np.round(f64(2, 2, *size))
    return x, {"kernel_size": kernel, "stride": stride, "padding": padding}, dilation


@settings(max_examples=80)
@given(poolings())
def test_any_pooling_agrees_with_pytorch(made):
    x, options, dilation = made
    assume(np.isfinite(ops.max_pool2d(x, **options, dilation=dilation)[0]).all())  # no window in the border alone
    for case in (
        Case("max_pool2d", "any", (x,), {**options, "dilation": dilation}),
        Case("avg_pool2d", "any", (x,), options),
    ):
        if case.op == "avg_pool2d" and min(Window(*options.values()).places(*x.shape[2:])) < 1:
            continue
        verdict = against_torch(case, dtype="float64")
        assert verdict, verdict


@given(poolings())
def test_max_pooling_hands_on_all_of_the_gradient_and_no_more(made):
    x, options, dilation = made
    out, grad_x = ops.max_pool2d(x, **options, dilation=dilation)
    assume(np.isfinite(out).all())  # no window in the border alone, which gaps can bring about
    g = f64(*out.shape)

    np.testing.assert_allclose(grad_x(g).sum(), g.sum(), atol=1e-12)


def test_pooling_knows_no_zeros_at_the_border():
    out = mg.nn.functional.max_pool2d(mg.full((1, 1, 2, 2), -5.0), 2, padding=1)

    assert out.tolist() == [[[[-5.0, -5.0], [-5.0, -5.0]]]]
