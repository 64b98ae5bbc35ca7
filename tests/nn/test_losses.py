"""Losses give PyTorch's value and gradient, and refuse what PyTorch refuses."""

import numpy as np
import pytest
import torch

import minigrad as mg
from minigrad.nn import functional as F

RNG = np.random.default_rng(0)
SCORES, CLASSES = RNG.standard_normal((6, 5), dtype="f4"), RNG.integers(5, size=6)
MAPS, MAP_CLASSES = RNG.standard_normal((2, 5, 3, 4), dtype="f4"), RNG.integers(5, size=(2, 3, 4))
OTHER = RNG.standard_normal((6, 5), dtype="f4")
PROBABILITIES = RNG.random((6, 5), dtype="f4")
YES_NO = RNG.integers(2, size=(6, 5)).astype("f4")
SHARES = RNG.dirichlet(np.ones(5), size=6).astype("f4")
WEIGHT = np.array([1, 2, 0.5, 0, 3], "f4")
SOME_IGNORED = np.where(np.arange(6) % 2, -100, CLASSES)

CASES = {
    "mse_loss": ("mse_loss", SCORES, OTHER, {}),
    "l1_loss": ("l1_loss", SCORES, OTHER, {}),
    "l1_loss where equal": ("l1_loss", SCORES, SCORES, {}),
    "huber_loss": ("huber_loss", SCORES, OTHER, {"delta": 0.7}),
    "huber_loss at delta": ("huber_loss", np.array([1, -1, 2], "f4"), np.zeros(3, "f4"), {}),
    "smooth_l1_loss": ("smooth_l1_loss", SCORES, OTHER, {"beta": 0.7}),
    "smooth_l1_loss at beta": ("smooth_l1_loss", np.array([1, -1, 2], "f4"), np.zeros(3, "f4"), {}),
    "kl_div": ("kl_div", SCORES, SHARES, {}),
    "kl_div with nothing": ("kl_div", SCORES, YES_NO, {}),
    "kl_div of logarithms": ("kl_div", SCORES, OTHER, {"log_target": True}),
    "binary_cross_entropy": ("binary_cross_entropy", PROBABILITIES, YES_NO, {}),
    "binary_cross_entropy weighted": ("binary_cross_entropy", PROBABILITIES, YES_NO, {"weight": WEIGHT}),
    "binary_cross_entropy, certain": (
        "binary_cross_entropy",
        np.array([0, 1, 0, 1], "f4"),
        np.array([0, 0, 1, 1], "f4"),
        {},
    ),
    "with_logits": ("binary_cross_entropy_with_logits", SCORES, YES_NO, {}),
    "with_logits at 0": ("binary_cross_entropy_with_logits", np.zeros((6, 5), "f4"), YES_NO, {}),
    "with_logits, extreme": ("binary_cross_entropy_with_logits", 100 * SCORES, YES_NO, {}),
    "with_logits pos_weight": (
        "binary_cross_entropy_with_logits",
        SCORES,
        YES_NO,
        {"pos_weight": WEIGHT, "weight": WEIGHT},
    ),
    "nll_loss": ("nll_loss", SCORES, CLASSES, {}),
    "nll_loss weighted": ("nll_loss", SCORES, SOME_IGNORED, {"weight": WEIGHT}),
    "cross_entropy": ("cross_entropy", SCORES, CLASSES, {}),
    "cross_entropy, extreme": ("cross_entropy", 1000 * SCORES, CLASSES, {}),
    "cross_entropy of one sample": ("cross_entropy", SCORES[0], CLASSES[0], {}),
    "cross_entropy of maps": ("cross_entropy", MAPS, MAP_CLASSES, {"weight": WEIGHT}),
    "cross_entropy ignoring some": ("cross_entropy", SCORES, SOME_IGNORED, {}),
    "cross_entropy ignoring a class": ("cross_entropy", SCORES, CLASSES, {"ignore_index": 2}),
    "cross_entropy weighted": ("cross_entropy", SCORES, SOME_IGNORED, {"weight": WEIGHT}),
    "cross_entropy smoothed": ("cross_entropy", SCORES, CLASSES, {"label_smoothing": 0.1}),
    "cross_entropy with everything": (
        "cross_entropy",
        SCORES,
        SOME_IGNORED,
        {"label_smoothing": 0.1, "weight": WEIGHT},
    ),
    "cross_entropy smoothed maps": ("cross_entropy", MAPS, MAP_CLASSES, {"label_smoothing": 0.2, "weight": WEIGHT}),
    "cross_entropy of shares": ("cross_entropy", SCORES, SHARES, {"weight": WEIGHT, "label_smoothing": 0.1}),
}


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("name", CASES)
def test_a_loss_agrees_with_pytorch(name, reduction):
    function, scores, target, options = CASES[name]
    x, t = mg.tensor(scores, requires_grad=True), torch.tensor(scores, requires_grad=True)
    ours = {k: mg.tensor(v) if isinstance(v, np.ndarray) else v for k, v in options.items()}
    theirs = {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in options.items()}
    y = getattr(F, function)(x, mg.tensor(target), reduction=reduction, **ours)
    u = getattr(torch.nn.functional, function)(t, torch.tensor(target), reduction=reduction, **theirs)
    (y * y).sum().backward()
    (u * u).sum().backward()

    assert y.dtype == mg.float32
    np.testing.assert_allclose(y.detach().numpy(), u.detach().numpy(), rtol=1.3e-6, atol=1e-5)
    np.testing.assert_allclose(x.grad.numpy(), t.grad.numpy(), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("module", "function"),
    [
        (mg.nn.MSELoss, F.mse_loss),
        (mg.nn.L1Loss, F.l1_loss),
        (mg.nn.HuberLoss, F.huber_loss),
        (mg.nn.SmoothL1Loss, F.smooth_l1_loss),
        (mg.nn.KLDivLoss, F.kl_div),
        (mg.nn.BCEWithLogitsLoss, F.binary_cross_entropy_with_logits),
    ],
)
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_a_loss_module_is_its_function(module, function, reduction):
    x, y = mg.tensor(SCORES), mg.tensor(YES_NO)

    assert (module(reduction=reduction)(x, y) == function(x, y, reduction=reduction)).all()


def test_modules_of_classes_pass_their_settings_on():
    x, labels, weight = mg.tensor(SCORES), mg.tensor(CLASSES), mg.tensor(WEIGHT)
    module = mg.nn.CrossEntropyLoss(weight, ignore_index=2, reduction="sum", label_smoothing=0.1)

    assert (
        module(x, labels).item()
        == F.cross_entropy(x, labels, weight, ignore_index=2, reduction="sum", label_smoothing=0.1).item()
    )
    assert (
        mg.nn.NLLLoss(weight, ignore_index=2)(x, labels).item() == F.nll_loss(x, labels, weight, ignore_index=2).item()
    )
    probabilities = mg.tensor(PROBABILITIES)
    assert mg.nn.BCELoss()(probabilities, probabilities) == F.binary_cross_entropy(probabilities, probabilities)


def test_a_guess_among_ten_classes_costs_log_ten():
    assert abs(F.cross_entropy(mg.zeros(4, 10), mg.tensor([1, 2, 3, 4])).item() - np.log(10)) < 1e-6


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda x: F.cross_entropy(x, mg.tensor([0, 1, 2, 3, 4, 5])), IndexError, "label 5 .at position 5. .* 0 to 4"),
        (lambda x: F.cross_entropy(x, mg.tensor([0, 1, 2, -1, 4, 4])), IndexError, "label -1 .at position 3"),
        (lambda x: F.cross_entropy(x, mg.tensor([0, 1])), ValueError, r"must have shape \(6,\)"),
        (lambda x: F.cross_entropy(mg.tensor(CLASSES), mg.tensor(CLASSES)), RuntimeError, "change places"),
        (lambda x: F.cross_entropy(x, mg.tensor(CLASSES), label_smoothing=2), RuntimeError, "between 0 and 1"),
        (lambda x: F.cross_entropy(x, mg.tensor(CLASSES), reduction="average"), ValueError, "'mean', 'sum' or 'none'"),
        (lambda x: F.binary_cross_entropy(x, mg.tensor(YES_NO)), RuntimeError, "with_logits"),
        (lambda x: F.binary_cross_entropy_with_logits(x, mg.tensor(YES_NO[:, :1])), ValueError, "must be the same"),
        (lambda x: F.nll_loss(x, mg.tensor(YES_NO[:, 0])), RuntimeError, "integers"),
    ],
)
def test_a_mistake_is_named(call, error, said):
    with pytest.raises(error, match=said):
        call(mg.tensor(SCORES))


def test_a_target_of_another_shape_is_warned_about():
    with pytest.warns(UserWarning, match="rarely what was meant"):
        F.mse_loss(mg.zeros(4, 1), mg.zeros(4))
