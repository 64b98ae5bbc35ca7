"""Layers give what PyTorch's give, with the same weights: value, gradient, and what is printed."""

import numpy as np
import pytest
import torch

import minigrad as mg
from minigrad import nn
from minigrad.check.standin import standin

IMAGES, ROWS, SEQUENCES = (2, 4, 9, 8), (5, 6), (7, 4, 6)
LAYERS = {
    "Linear": (lambda n: n.Linear(6, 3), ROWS),
    "Linear on more axes": (lambda n: n.Linear(8, 3), IMAGES),
    "Linear without bias": (lambda n: n.Linear(6, 3, bias=False), ROWS),
    "Conv2d": (lambda n: n.Conv2d(4, 6, 3), IMAGES),
    "Conv2d with everything": (lambda n: n.Conv2d(4, 6, (3, 2), (2, 1), (1, 2), (2, 1), 2, bias=False), IMAGES),
    "Conv2d of single pixels": (lambda n: n.Conv2d(4, 6, 1), IMAGES),
    "Conv2d on one image": (lambda n: n.Conv2d(4, 6, 3), IMAGES[1:]),
    "Conv2d same": (lambda n: n.Conv2d(4, 6, (3, 4), padding="same", dilation=2), IMAGES),
    "Conv2d valid": (lambda n: n.Conv2d(4, 6, 3, padding="valid"), IMAGES),
    "Conv1d": (lambda n: n.Conv1d(4, 6, 3), SEQUENCES),
    "Conv1d with everything": (lambda n: n.Conv1d(4, 6, 3, 2, 2, 1, 2, bias=False), SEQUENCES),
    "Conv1d same": (lambda n: n.Conv1d(4, 6, 4, padding="same"), SEQUENCES),
    "Conv1d on one row": (lambda n: n.Conv1d(4, 6, 3), SEQUENCES[1:]),
    "ConvTranspose2d": (lambda n: n.ConvTranspose2d(4, 6, 3), IMAGES),
    "ConvTranspose2d with everything": (
        lambda n: n.ConvTranspose2d(4, 6, (3, 2), 2, (2, 0), (1, 0), 2, bias=False, dilation=(2, 1)),
        IMAGES,
    ),
    "ConvTranspose2d reaching further": (
        lambda n: n.ConvTranspose2d(4, 6, 2, 1, 0, output_padding=1, dilation=2),
        IMAGES[1:],
    ),
    "Conv2d mirrored": (lambda n: n.Conv2d(4, 6, 3, padding=(2, 1), padding_mode="reflect"), IMAGES),
    "Conv2d going round": (lambda n: n.Conv2d(4, 6, (3, 2), padding="same", padding_mode="circular"), IMAGES),
    "Conv1d repeating": (lambda n: n.Conv1d(4, 6, 3, padding=2, padding_mode="replicate"), SEQUENCES),
    "MaxPool2d": (lambda n: n.MaxPool2d(2), IMAGES),
    "MaxPool2d overlapping": (lambda n: n.MaxPool2d(3, stride=2, padding=1), IMAGES),
    "AvgPool2d": (lambda n: n.AvgPool2d(2), IMAGES),
    "AvgPool2d overlapping": (lambda n: n.AvgPool2d(3, 2, 1), IMAGES),
    "MaxPool2d over the edge": (lambda n: n.MaxPool2d(2, ceil_mode=True), IMAGES),
    "AvgPool2d over the edge": (lambda n: n.AvgPool2d(2, 2, 1, True, False), IMAGES),
    "BatchNorm2d": (lambda n: n.BatchNorm2d(4), IMAGES),
    "BatchNorm2d averaging all": (lambda n: n.BatchNorm2d(4, momentum=None), IMAGES),
    "BatchNorm2d without memory": (lambda n: n.BatchNorm2d(4, affine=False, track_running_stats=False), IMAGES),
    "AdaptiveAvgPool2d": (lambda n: n.AdaptiveAvgPool2d((4, 3)), IMAGES),
    "AdaptiveAvgPool2d to one": (lambda n: n.AdaptiveAvgPool2d(1), IMAGES),
    "AdaptiveAvgPool2d to more": (lambda n: n.AdaptiveAvgPool2d((None, 11)), IMAGES[1:]),
    "ZeroPad2d": (lambda n: n.ZeroPad2d(2), IMAGES),
    "ConstantPad2d": (lambda n: n.ConstantPad2d((1, 0, -1, 2), 3.5), IMAGES),
    "ConstantPad1d": (lambda n: n.ConstantPad1d(1, 0.5), SEQUENCES),
    "ReflectionPad2d": (lambda n: n.ReflectionPad2d((1, 2, 3, 4)), IMAGES),
    "ReflectionPad1d": (lambda n: n.ReflectionPad1d(3), SEQUENCES),
    "ReplicationPad2d": (lambda n: n.ReplicationPad2d(1), IMAGES),
    "ReplicationPad1d": (lambda n: n.ReplicationPad1d((9, 0)), SEQUENCES),
    "Unfold": (lambda n: n.Unfold((3, 2), 2, (1, 0), (1, 2)), IMAGES),
    "Unfold one image": (lambda n: n.Unfold(3), IMAGES[1:]),
    "Upsample": (lambda n: n.Upsample(scale_factor=2), IMAGES),
    "Upsample bilinear": (lambda n: n.Upsample((5, 13), mode="bilinear", align_corners=True), IMAGES),
    "BatchNorm1d": (lambda n: n.BatchNorm1d(6), ROWS),
    "BatchNorm1d without bias": (lambda n: n.BatchNorm1d(6, bias=False), ROWS),
    "BatchNorm1d of sequences": (lambda n: n.BatchNorm1d(4), SEQUENCES),
    "LayerNorm": (lambda n: n.LayerNorm(6), ROWS),
    "LayerNorm of two axes": (lambda n: n.LayerNorm((9, 8), eps=0.1, bias=False), IMAGES),
    "LayerNorm plain": (lambda n: n.LayerNorm([6], elementwise_affine=False), SEQUENCES),
    "GroupNorm": (lambda n: n.GroupNorm(2, 4), IMAGES),
    "GroupNorm of rows": (lambda n: n.GroupNorm(2, 6, affine=False), ROWS),
    "LeakyReLU": (lambda n: n.LeakyReLU(0.2), ROWS),
    "ELU": (lambda n: n.ELU(0.5), ROWS),
    "GELU": (lambda n: n.GELU(), ROWS),
    "GELU by tanh": (lambda n: n.GELU("tanh"), ROWS),
    "SiLU": (lambda n: n.SiLU(), ROWS),
    "Softplus": (lambda n: n.Softplus(2.0, 1.5), ROWS),
    "LogSigmoid": (lambda n: n.LogSigmoid(), ROWS),
    "Hardtanh": (lambda n: n.Hardtanh(-0.5, 0.5), ROWS),
    "ReLU6": (lambda n: n.ReLU6(), ROWS),
    "Hardtanh in other words": (lambda n: n.Hardtanh(max_val=2, min_val=-3), ROWS),
    "ReLU": (lambda n: n.ReLU(), ROWS),
    "Sigmoid": (lambda n: n.Sigmoid(), ROWS),
    "Tanh": (lambda n: n.Tanh(), ROWS),
    "Softmax": (lambda n: n.Softmax(dim=1), ROWS),
    "LogSoftmax": (lambda n: n.LogSoftmax(dim=1), ROWS),
    "Flatten": (lambda n: n.Flatten(), IMAGES),
    "Identity": (lambda n: n.Identity(), ROWS),
    "Sequential": (lambda n: n.Sequential(n.Linear(6, 4), n.Tanh(), n.Sequential(n.Linear(4, 2))), ROWS),
}
PRINTS_MORE = {"BatchNorm2d", "BatchNorm1d"}  # PyTorch's print settings that ours do not have


def twins(make):
    """The same module in minigrad and in PyTorch, with minigrad's weights."""
    mg.manual_seed(0)
    ours, theirs = make(nn), make(torch.nn)
    theirs.load_state_dict({name: torch.tensor(value.numpy()) for name, value in ours.state_dict().items()})
    return ours, theirs


def random_pair(shape, seed=0):
    array = np.random.default_rng(seed).standard_normal(shape, dtype="f4")
    return mg.tensor(array, requires_grad=True), torch.tensor(array, requires_grad=True)


def assert_close(ours, theirs):
    np.testing.assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), rtol=1.3e-6, atol=1e-5)


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_agrees_with_pytorch(name):
    make, shape = LAYERS[name]
    ours, theirs = twins(make)
    for seed in range(2):  # twice, so that running statistics have moved
        x, t = random_pair(shape, seed)
        y, u = ours(x), theirs(t)
        (y * y).sum().backward()
        (u * u).sum().backward()

        assert_close(y, u)
        assert_close(x.grad, t.grad)
    for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert_close(p.grad, q.grad)
    for p, q in zip(ours.buffers(), theirs.buffers(), strict=True):
        assert_close(p, q)


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_in_use_agrees_with_pytorch(name):
    make, shape = LAYERS[name]
    ours, theirs = twins(make)
    x, t = random_pair(shape)
    ours(x), theirs(t)

    assert_close(ours.eval()(x), theirs.eval()(t))


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_runs_where_arrays_do_not_mix_with_numpys(name):
    make, shape = LAYERS[name]
    with standin():
        ours = make(nn).to("standin")
        x = mg.randn(*shape).to("standin").requires_grad_()
        ours(x).sum().backward()

        assert x.grad.device == "standin"


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_names_and_prints_its_parts_as_pytorch_does(name):
    ours, theirs = twins(LAYERS[name][0])

    assert {name: value.shape for name, value in ours.state_dict().items()} == {
        name: tuple(value.shape) for name, value in theirs.state_dict().items()
    }
    if name.split()[0] not in PRINTS_MORE:
        assert repr(ours) == repr(theirs)


def test_dropout_keeps_the_expected_value():
    mg.manual_seed(0)
    kept = nn.Dropout(0.25)(mg.ones(100_000))

    assert set(np.unique(kept.numpy())) == {np.float32(0), np.float32(1 / 0.75)}
    assert abs(kept.mean().item() - 1) < 0.01


def test_dropout2d_drops_whole_channels():
    mg.manual_seed(0)
    kept = nn.Dropout2d(0.5)(mg.ones(8, 16, 4, 4)).numpy()

    assert (kept.min(axis=(2, 3)) == kept.max(axis=(2, 3))).all()
    assert 0 < (kept == 0).mean() < 1


def test_dropout_does_nothing_in_use():
    x = mg.randn(10)

    assert nn.Dropout(0.9).eval()(x) is x


def test_what_is_dropped_gets_no_gradient():
    x = mg.ones(1000, requires_grad=True)
    out = nn.Dropout(0.5)(x)
    out.sum().backward()

    assert (x.grad == out).all()


def test_everything_is_dropped_at_probability_one():
    assert nn.Dropout(1.0)(mg.ones(5)).tolist() == [0.0] * 5


@pytest.mark.parametrize("make", [lambda n: n.Linear(50, 40), lambda n: n.Conv2d(8, 40, 3)], ids=["Linear", "Conv2d"])
def test_weights_start_within_pytorchs_bounds_and_fill_them(make):
    mg.manual_seed(0)
    ours, theirs = make(nn), make(torch.nn)
    for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
        bound = 1 / np.sqrt(np.prod(ours.weight.shape[1:]))

        assert np.abs(p.detach().numpy()).max() <= bound
        assert q.abs().max() <= bound
        assert np.abs(p.detach().numpy()).max() > 0.8 * bound


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: nn.Linear(5, 2)(mg.randn(3, 4)), RuntimeError, r"last axis of x \(4\).*weight \(5\)"),
        (lambda: nn.Linear(5, 2)(mg.ones(3, 5, dtype=mg.int64)), RuntimeError, "int64.*float32"),
        (lambda: nn.Linear(5, 2)([1.0]), TypeError, "list"),
        (lambda: nn.Conv2d(1, 4, 3)(mg.randn(2, 3, 8, 8)), RuntimeError, "1 channel, and these have 3"),
        (lambda: nn.Conv2d(3, 4, 9)(mg.randn(2, 3, 8, 8)), RuntimeError, r"\(9, 9\) does not fit.*\(8, 8\)"),
        (lambda: nn.Conv2d(3, 4, 3)(mg.randn(3, 8)), RuntimeError, r"\(N, C, H, W\)"),
        (lambda: nn.Conv2d(3, 4, 3, groups=2), ValueError, "groups"),
        (lambda: nn.MaxPool2d(2, padding=2)(mg.randn(1, 1, 8, 8)), RuntimeError, "half of the kernel"),
        (lambda: nn.BatchNorm2d(3)(mg.randn(1, 3, 1, 1)), ValueError, "more than one value"),
        (lambda: nn.BatchNorm2d(3)(mg.randn(4, 3)), ValueError, r"\(N, C, H, W\)"),
        (lambda: nn.Dropout(1.5), ValueError, "between 0 and 1"),
        (lambda: nn.Sequential(mg.tanh), TypeError, "function tanh"),
        (lambda: nn.Module()(1), NotImplementedError, "forward"),
    ],
)
def test_a_mistake_is_named(call, error, said):
    with pytest.raises(error, match=said):
        call()
