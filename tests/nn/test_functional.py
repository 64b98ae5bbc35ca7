"""Functions of `nn.functional`, line by line as in PyTorch: values, shapes, types and gradients, at the corners too."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "core"))

from beside_torch import numbers, same, same_error

CORNERS = np.array([-np.inf, -100, -7, -1, -0.5, -0.0, 0, 0.5, 1, 6, 7, 100, np.inf, np.nan], "f4")
WIDE, IMAGES, ROW = numbers(6, 5), numbers(2, 3, 5, 4), numbers(2, 3, 7)


def lines(text):
    return pytest.mark.parametrize("code", [line.strip() for line in text.strip().splitlines()])


def in_full(code):
    return code.replace("F.", "T.nn.functional.")


@lines("""
    F.leaky_relu(x)
    F.leaky_relu(x, 0.3)
    F.elu(x)
    F.elu(x, alpha=2.0)
    F.gelu(x, approximate="tanh")
    F.silu(x)
    F.softplus(x)
    F.softplus(x, beta=2, threshold=1)
    F.logsigmoid(x)
    F.hardtanh(x)
    F.hardtanh(x, -0.5, 1.0)
    F.relu6(x)
""")
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_functions_between_layers(code):
    same(in_full(code), x=numbers(3, 4))
    same(in_full(code), x=numbers(3, 4, dtype="f8"))
    same(in_full(code), x=numbers(0, 4))
    same(in_full(code), x=numbers())
    same(in_full(code), x=CORNERS)


@lines("""
    F.layer_norm(x, (5,))
    F.layer_norm(x, [6, 5], x * 2, x, 0.1)
    F.normalize(x)
    F.normalize(x, dim=0)
    F.normalize(x, p=1, dim=-1)
    F.normalize(x, 3.0, 1)
    F.normalize(x, float("inf"), 1)
    F.normalize(x * 0)
    F.normalize(x * 1e-13)
    F.cosine_similarity(x, y)
    F.cosine_similarity(x, y, dim=0)
    F.cosine_similarity(x, y, dim=-1, eps=0.1)
    F.cosine_similarity(x[:, None], y, -1)
    F.cosine_similarity(x * 0, y)
    F.cosine_similarity(x, x)
""")
def test_common_scales(code):
    same(in_full(code), x=WIDE, y=numbers(6, 5, seed=1))


@lines("""
    F.group_norm(i, 3)
    F.group_norm(i, 1, x[0], x[1])
    F.pad(x, (1, 2))
    F.pad(x, (1, 2, 0, 3), value=2.5)
    F.pad(x, (-1, 2, 1, -1))
    F.pad(x, ())
    F.pad(i, (1, 0, 2, 1), "reflect")
    F.pad(r, (3, 6), "reflect")
    F.pad(r[0], (2, 1), mode="reflect")
    F.pad(i, (1, 6, 2, 0), mode="replicate")
    F.pad(r, (9, 1), mode="replicate")
    F.pad(i, (1, 4, 2, 0), mode="circular")
    F.pad(r, (-2, 3), "replicate")
    F.pad(i, (3, -1, -2, 3), "circular")
    F.unfold(i, 2)
    F.unfold(i, (2, 3), stride=2, padding=1)
    F.unfold(i[0], (2, 1), dilation=(3, 2))
    F.adaptive_avg_pool2d(i, 1)
    F.adaptive_avg_pool2d(i, (2, 3))
    F.adaptive_avg_pool2d(i, (7, None))
    F.adaptive_avg_pool2d(i[0], 4)
    F.adaptive_avg_pool2d(i / (i > 0), (2, 3)).isnan()
    F.max_pool2d(i, 2, ceil_mode=True)
    F.max_pool2d(i, (2, 3), (3, 2), 1, 2, ceil_mode=True)
    F.max_pool2d(i, 3, 3, 1, ceil_mode=True)
    F.max_pool2d(i[0], 2, 5, ceil_mode=True)
    F.avg_pool2d(i, 2, ceil_mode=True)
    F.avg_pool2d(i, 3, 2, 1, ceil_mode=True)
    F.avg_pool2d(i, (2, 3), (2, 2), (1, 1), True, False)
    F.avg_pool2d(i, 3, 2, 1, count_include_pad=False)
    F.avg_pool2d(i[0], 3, 1, 1, divisor_override=4)
    F.avg_pool2d(i, 3, 3, 1, ceil_mode=True)
    F.avg_pool2d(i, 3, 3, 1, True, divisor_override=2)
    F.interpolate(i, 3)
    F.interpolate(i, (10, 7))
    F.interpolate(i, scale_factor=2)
    F.interpolate(i, scale_factor=(0.7, 1.3))
    F.interpolate(r, scale_factor=1.5)
    F.interpolate(i, scale_factor=(2.1, 1.22))
    F.interpolate(r, 4, mode="linear")
    F.interpolate(r, 20, mode="linear", align_corners=True)
    F.interpolate(i, (7, 9), mode="bilinear")
    F.interpolate(i, (3, 2), mode="bilinear", align_corners=True)
    F.interpolate(i, (1, 8), mode="bilinear", align_corners=True)
    F.interpolate(i, scale_factor=(1.3, 0.6), mode="bilinear")
    F.interpolate(i, scale_factor=2.0, mode="bilinear", align_corners=False)
    F.interpolate(i, scale_factor=1.1, mode="bilinear")
""")
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_images_and_rows(code):
    same(in_full(code), x=WIDE[:, :3], i=IMAGES, r=ROW)


@lines("""
    F.conv1d(r, w)
    F.conv1d(r, w, b, stride=2, padding=1, dilation=2)
    F.conv1d(r, w, padding="same")
    F.conv1d(r, w[:, :, :2], b, padding="same", dilation=3)
    F.conv1d(r, w, padding="valid")
    F.conv1d(r, w[:3, :1], groups=3)
    F.conv1d(r[0], w, b)
    F.conv2d(i, w[:, :, :, None], b, padding="same")
    F.conv2d(i, w[:, :, None, :2], padding="same", dilation=(1, 2))
    F.conv_transpose2d(i, v)
    F.conv_transpose2d(i, v, b[:2], stride=2, padding=1, output_padding=1)
    F.conv_transpose2d(i, v, stride=(1, 3), padding=(2, 0), output_padding=(0, 2), dilation=(2, 1))
    F.conv_transpose2d(i, v, None, 2, 0, 0, 3, 2)
    F.conv_transpose2d(i[0], v, dilation=2, output_padding=1)
    F.conv_transpose2d(i[:0], v)
""")
@pytest.mark.filterwarnings("ignore:Using padding='same'")
def test_convolutions(code):
    arrays = {"r": ROW, "i": IMAGES, "w": numbers(4, 3, 3, seed=1), "b": numbers(4, seed=2)}
    same(in_full(code), **arrays, v=numbers(3, 2, 3, 2, seed=3))


@lines("""
    F.embedding(k, x)
    F.embedding(k[0, 0], x)
    F.embedding(k, x, padding_idx=2)
    F.embedding(k, x, -1)
    F.embedding(k[:0], x)
    F.embedding(k.int(), x)
    F.hardtanh(k)
    F.relu6(k * 2)
""")
def test_tables_of_vectors(code):
    same(in_full(code), x=WIDE, k=np.array([[0, 2, 5], [2, 2, 1]]))


@lines("""
    F.smooth_l1_loss(x, y)
    F.smooth_l1_loss(x, y, beta=0.5, reduction="none")
    F.smooth_l1_loss(x, y, beta=0.0, reduction="sum")
    F.smooth_l1_loss(x, x + 1, reduction="none")
    F.kl_div(x.log_softmax(1), y.softmax(1), reduction="batchmean")
    F.kl_div(x, y.softmax(1), reduction="sum")
    F.kl_div(x, y.softmax(1), reduction="none")
    F.kl_div(x, y, reduction="sum", log_target=True)
    F.kl_div(x, y.detach().clamp(min=0), reduction="sum")
""")
def test_losses(code):
    same(in_full(code), x=WIDE, y=numbers(6, 5, seed=1))


@lines("""
    F.scaled_dot_product_attention(q, k, v)
    F.scaled_dot_product_attention(q[0], k[0], v[0], scale=0.3)
    F.scaled_dot_product_attention(q, k, v, is_causal=True)
    F.scaled_dot_product_attention(q, k, v, q[:, :, :1] > 0.3)
    F.scaled_dot_product_attention(q, k, v, attn_mask=k[..., 0][:, None])
    F.scaled_dot_product_attention(q, k[:1], v[:1])
    F.scaled_dot_product_attention(q, k, v, T.zeros(5, 6) > 0)
""")
def test_attention(code):
    same(in_full(code), q=numbers(2, 5, 4), k=numbers(2, 6, 4, seed=1), v=numbers(2, 6, 3, seed=2))


@lines("""
    F.leaky_relu(k)
    F.elu(k)
    F.gelu(k, approximate="tanh")
    F.gelu(x, approximate="exact")
    F.gelu(x, "tanh")
    F.logsigmoid(k)
    F.relu6(k > 0)
    F.silu(k)
    F.softplus(k)
    F.hardtanh(x, 1, -1)
    F.layer_norm(x, (4,))
    F.layer_norm(x, ())
    F.group_norm(x, 2)
    F.group_norm(x[0], 1)
    F.layer_norm(k[None], (2,))
    F.layer_norm(x, (5,), x[0].double())
    F.normalize(k, dim=0)
    F.normalize(x, dim=2)
    F.cosine_similarity(k, k, 0)
    F.cosine_similarity(x, x[:, :3])
    F.pad(x, (1,))
    F.pad(x, (1, 1) * 3)
    F.pad(x, (1, 1), "mirror")
    F.pad(i, (4, 0), "reflect")
    F.pad(i, (0, 0, 5, 0), "reflect")
    F.pad(i, (0, 5, 0, 0), "circular")
    F.pad(x, (1, 1, 1, 1), "reflect")
    F.pad(x, (-3, -3))
    F.unfold(i, 7)
    F.unfold(x, 1)
    F.adaptive_avg_pool2d(x, 2)
    F.adaptive_avg_pool2d(i, (2,))
    F.adaptive_avg_pool2d(i.long(), 2)
    F.interpolate(i.long(), 2)
    F.interpolate(i, scale_factor=0.1)
    F.unfold(i, 2, stride=(0, 1))
    F.conv_transpose2d(i[:, :, :1, :1], i[0, :, :1, :1, None], padding=1)
    F.scaled_dot_product_attention(x.double(), x, x)
    F.scaled_dot_product_attention(x, x[:, :2], x)
    F.avg_pool2d(i, 2, divisor_override=0)
    F.interpolate(i)
    F.interpolate(i, 3, 2.0)
    F.interpolate(i, 3, mode="nearest", align_corners=True)
    F.interpolate(i, 3, mode="linear")
    F.interpolate(i, 3, mode="best")
    F.interpolate(i, (3, 3, 3))
    F.interpolate(x, 3)
    F.interpolate(i, 0)
    F.conv1d(x[0], i[0])
    F.conv1d(i[0], i[0, :, :, :3], padding="same", stride=2)
    F.conv1d(i[0], i[0, :, :, :3], padding="full")
    F.conv_transpose2d(i, i)
    F.conv_transpose2d(i, i[0, :, :1], output_padding=1)
    F.embedding(k, x)
    F.embedding(k - 9, x)
    F.embedding(x, x)
    F.embedding(k * 0, x, padding_idx=6)
    F.smooth_l1_loss(x, x, beta=-1)
    F.smooth_l1_loss(x, x, reduction="most")
    F.kl_div(x, x, reduction="most")
    F.scaled_dot_product_attention(x, x, x, T.ones(6, 6), is_causal=True)
""")
def test_what_pytorch_refuses_is_refused_in_the_same_way(code):
    same_error(in_full(code), x=WIDE, i=IMAGES, k=np.array([1, 6]))


@lines("""
    F.leaky_relu(x)
    F.elu(x)
    F.gelu(x, approximate="tanh")
    F.silu(x)
    F.softplus(x)
    F.hardtanh(x)
    F.layer_norm(x, (5,))
    F.group_norm(i, 3)
    F.normalize(x)
    F.cosine_similarity(x, x[:, [1, 0, 2, 3, 4]])
    F.pad(i, (1, 2, -1, 1))
    F.pad(i, (1, 2, 3, 1), "reflect")
    F.unfold(i, 2, padding=1)
    F.avg_pool2d(i, 3, 2, 1, True, False)
    F.adaptive_avg_pool2d(i, (2, 3))
    F.interpolate(i, (7, 3), mode="bilinear")
    F.conv1d(i[0], i[0, :, :, :2], padding="same")
    F.conv_transpose2d(i, i[0, :, None], stride=2, output_padding=1)
    F.embedding(T.tensor([0, 2, 0]), x, 2)
    F.smooth_l1_loss(x, x[0].expand(6, 5), beta=0.5)
    F.kl_div(x, x.softmax(1), reduction="sum")
    F.scaled_dot_product_attention(x, x * 2, x, is_causal=True)
""")
def test_second_derivatives(code):
    leaf = "i" if "(i" in code else "x"
    grad = f"T.autograd.grad(({in_full(code)}).square().sum(), {leaf}, create_graph=True)[0]"
    same(grad, **{leaf: {"x": WIDE, "i": IMAGES}[leaf].astype("f8")})
