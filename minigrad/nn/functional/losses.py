"""Losses: they compare `input`, what the model said, with `target`, what it should say.

reduction: "mean" of all elements, their "sum", or "none" for the elements themselves
"""

import numpy as np

from ... import dtype as dtypes
from ... import ops
from ...functions.pointwise import floats, promoted, where
from ...functions.shape import reshape
from ...tensor import Tensor, apply
from .. import functional
from .activations import hardtanh
from .asked import check_labels, same_shape


def mse_loss(input, target, *, reduction="mean", weight=None):
    """(input - target)**2. With a `weight` for each element, "mean" is the weighted mean."""
    return weighted(
        reduction, floats("mse_loss", input - same_shape("mse_loss", target, input)).square(), weight, input
    )


def l1_loss(input, target, *, reduction="mean", weight=None):
    """|input - target|; `weight` as in `mse_loss`."""
    return weighted(reduction, (input - same_shape("l1_loss", target, input)).abs(), weight, input)


def huber_loss(input, target, reduction="mean", delta=1.0, weight=None):
    """Half the square of the error where it is below `delta`, and a straight line from there on."""
    if delta <= 0:
        raise RuntimeError(f"huber_loss: delta is above 0, and got {delta}.")
    loss = bent(floats("huber_loss", input) - same_shape("huber_loss", target, input).to(input.dtype), delta)
    return reduced(reduction, loss if weight is None else loss * fitting(weight, input))


def smooth_l1_loss(input, target, *, reduction="mean", beta=1.0):
    """`huber_loss` over `beta`: from beta on it is the absolute error, less a constant."""
    if beta < 0:
        raise RuntimeError(f"smooth_l1_loss: beta is at least 0, and got {beta}.")
    error = floats("smooth_l1_loss", input - same_shape("smooth_l1_loss", target, input))
    return reduced(reduction, bent(error, beta) / beta if beta else error.abs())


def bent(error, bend):
    """A parabola up to `bend`, and its tangent from there on."""
    held = hardtanh(error, -bend, bend)
    return held * (error - 0.5 * held)


def kl_div(input, target, *, reduction="mean", log_target=False):
    """target * (log(target) - input), for log-probabilities `input`: how far the model is from the target.

    log_target: the targets are logarithms, too. "batchmean" divides by the length of the first axis.
    """
    if not (dtypes.is_floating(input.dtype) and dtypes.is_floating(target.dtype)):
        raise RuntimeError(f"kl_div is for floating-point tensors, and got {input.dtype} and {target.dtype}.")
    if log_target:
        loss = target.exp() * (target - input)
    else:
        loss = where(target == 0, 0.0, target * target.log()) - target * input  # 0 log 0 counts as 0
    return loss.sum() / (len(input) if input.ndim else 1) if reduction == "batchmean" else reduced(reduction, loss)


def binary_cross_entropy(input, target, weight=None, *, reduction="mean"):
    """-(target log(input) + (1 - target) log(1 - input)), for probabilities `input` from 0 to 1."""
    if not ((input.data >= 0) & (input.data <= 1)).all():
        raise RuntimeError("binary_cross_entropy wants numbers from 0 to 1. For scores there is one ..._with_logits.")
    return of_answers(ops.binary_cross_entropy, input, target, (), weight, reduction)


def binary_cross_entropy_with_logits(input, target, weight=None, *, reduction="mean", pos_weight=None):
    """`binary_cross_entropy` of sigmoid(input), from raw scores; `pos_weight` is what the surprise at a 1 counts."""
    share = () if pos_weight is None else (pos_weight,)
    return of_answers(ops.binary_cross_entropy_with_logits, input, target, share, weight, reduction)


def of_answers(op, input, target, others, weight, reduction):
    same_shape(op.__name__, target, input, strict=True)
    if not dtypes.is_floating(target.dtype):
        raise RuntimeError(
            f"{op.__name__}: the target holds floats, 0.0 and 1.0, and not {target.dtype}. Try .float()."
        )
    loss = apply(op, *promoted(input, target), *others)
    return reduced(reduction, loss if weight is None else loss * weight)


def nll_loss(input, target, weight=None, *, ignore_index=-100, reduction="mean"):
    """-input at each label: how surprising the labels are, for log-probabilities `input`.

    input: (N, C), (C,) or (N, C, ...)    target: integers (N,), () or (N, ...)    weight: (C,), one for each class
    "mean" is weighted, and leaves out the labels equal to `ignore_index`.
    """
    return of_classes("nll_loss", input, target, weight, ignore_index, reduction)


def cross_entropy(input, target, weight=None, *, ignore_index=-100, reduction="mean", label_smoothing=0.0):
    """`nll_loss` of log_softmax(input): from raw scores.

    target: integers (N,), () or (N, ...); or probabilities of the same shape as input
    label_smoothing: the part of each target that is spread evenly over all classes
    """
    if not 0 <= label_smoothing <= 1:
        raise RuntimeError(f"cross_entropy: label_smoothing lies between 0 and 1, and got {label_smoothing}.")
    if not dtypes.is_floating(input.dtype):
        raise NotImplementedError(f"cross_entropy of {input.dtype}: scores are floats. Did the two change places?")
    axis = class_axis(input)
    log_p = functional.log_softmax(input, axis)
    if target.shape != input.shape:
        return of_classes("cross_entropy", log_p, target, weight, ignore_index, reduction, label_smoothing)
    if ignore_index >= 0 or not dtypes.is_floating(target.dtype):
        raise RuntimeError("cross_entropy: a target of the input's shape holds probabilities, none of them ignored.")
    target = target * (1 - label_smoothing) + label_smoothing / input.shape[axis]
    return reduced(reduction, -(per_class(weight, log_p) * target).sum(axis))


def of_classes(name, log_p, target, weight, ignore_index, reduction, smoothing=0.0):
    """-log p of every label, times its class's weight; 0 where it is to be ignored."""
    axis = class_axis(log_p)
    wanted = log_p.shape[:axis] + log_p.shape[axis + 1 :]
    if target.shape != wanted:
        kind = ValueError if target.shape[:1] != wanted[:1] else RuntimeError
        raise kind(f"{name}: for scores {log_p.shape} the labels must have shape {wanted}, and have {target.shape}.")
    check_labels(name, target, log_p.shape[axis], ignore_index, types=("int64", "uint8"))
    counted = target.data != ignore_index
    labels, share = np.where(counted, target.data, 0), counted.astype(log_p.dtype)
    log_p = per_class(weight, log_p)
    loss = apply(ops.nll, log_p, axis=axis, labels=labels, counted=counted)
    if smoothing:
        everywhere = where(Tensor(counted), -log_p.sum(axis), 0.0)
        loss = (1 - smoothing) * loss + smoothing / log_p.shape[axis] * everywhere
    if reduction != "mean":
        return reduced(reduction, loss)
    return loss.sum() / Tensor((share if weight is None else share * weight.data[labels]).sum())


def reduced(reduction, loss):
    if reduction not in ("none", "sum", "mean"):
        raise ValueError(f"reduction is 'mean', 'sum' or 'none', and got {reduction!r}.")
    return loss if reduction == "none" else loss.sum() if reduction == "sum" else loss.mean()


def weighted(reduction, loss, weight, input):
    """`reduced`, every element counted as often as `weight` says."""
    if weight is None:
        return reduced(reduction, loss)
    loss = loss * fitting(weight, input)
    return loss.sum() / weight.sum() if reduction == "mean" else reduced(reduction, loss)


def fitting(weight, input):
    if weight.shape != input.shape:
        raise ValueError(f"the weight must have the shape of the input, {input.shape}, and has {weight.shape}.")
    return weight


def class_axis(input):
    """Which axis counts the classes: the second, or the only one."""
    if not input.ndim:
        raise ValueError("scores need an axis of classes, and got a single number.")
    return 0 if input.ndim == 1 else 1


def per_class(weight, x):
    """x, (N, C, ...), times the weight of its class, of which there are (C,) or none."""
    if weight is None:
        return x
    if weight.shape != (x.shape[class_axis(x)],) or weight.dtype != x.dtype:
        raise RuntimeError(
            f"one {x.dtype} for each class of {x.shape} is wanted, and got {weight.dtype} {weight.shape}."
        )
    return x * reshape(weight, -1, *[1] * (x.ndim - 2))
