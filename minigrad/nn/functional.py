"""The formulas of layers and losses, as functions without memory. Shapes and defaults are PyTorch's.

Read from the top: layers, then losses. A loss compares `input`, what the model said, with `target`, what it should say.
"""

import warnings

import numpy as np

from .. import device as devices
from .. import dtype as dtypes
from .. import ops, random
from ..functions.indexing import gather
from ..functions.pointwise import promoted, relu, sigmoid, tanh, where  # noqa: F401 - functions of nn, too
from ..functions.reduction import log_softmax, softmax  # noqa: F401
from ..functions.shape import reshape, squeeze, unsqueeze
from ..graph import no_grad
from ..kernels import Window
from ..tensor import Tensor, apply


def linear(input, weight, bias=None):
    """input @ weight.T + bias.

    input: (..., K)    weight: (F, K)    bias: (F,)    ->    (..., F)
    """
    same_type("linear", input, weight)
    parameters = (weight,) if bias is None else (weight, bias)
    return apply(ops.linear, input, *parameters)


def conv2d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Slide every filter of `weight` over every image of `input`.

    input: (N, C, H, W) or (C, H, W)    weight: (F, C / groups, KH, KW)    bias: (F,)    ->    (N, F, H', W')
    """
    if input.ndim == 3:
        return squeeze(conv2d(unsqueeze(input, 0), weight, bias, stride, padding, dilation, groups), 0)
    same_type("conv2d", input, weight)
    images("conv2d", input)
    if input.shape[1] != weight.shape[1] * groups or weight.shape[0] % groups:
        said = f"{weight.shape}" + (f" in {groups} groups" if groups > 1 else "")
        wanted = weight.shape[1] * groups
        raise RuntimeError(
            f"conv2d: filters of shape {said} look at images of {wanted} channel{'s' if wanted > 1 else ''}, "
            f"and these have {input.shape[1]} (shape {input.shape})."
        )
    window = checked_window("conv2d", input, weight.shape[2:], stride, padding, dilation)
    parameters = (weight,) if bias is None else (weight, bias)
    _, stride, padding, dilation = window
    return apply(ops.conv2d, input, *parameters, stride=stride, padding=padding, dilation=dilation, groups=groups)


def max_pool2d(input, kernel_size, stride=None, padding=0, dilation=1):
    """The largest value under a window, which by default moves by its own size: (N, C, H, W) -> (N, C, H', W')."""
    if input.ndim == 3:
        return squeeze(max_pool2d(unsqueeze(input, 0), kernel_size, stride, padding, dilation), 0)
    stride = kernel_size if stride is None else stride
    window = checked_window("max_pool2d", images("max_pool2d", input), kernel_size, stride, padding, dilation)
    return apply(ops.max_pool2d, input, **pooling(window), dilation=window.dilation)


def avg_pool2d(input, kernel_size, stride=None, padding=0):
    """The mean under a window, which by default moves by its own size: (N, C, H, W) -> (N, C, H', W')."""
    if input.ndim == 3:
        return squeeze(avg_pool2d(unsqueeze(input, 0), kernel_size, stride, padding), 0)
    stride = kernel_size if stride is None else stride
    window = checked_window("avg_pool2d", images("avg_pool2d", input), kernel_size, stride, padding)
    return apply(ops.avg_pool2d, input, **pooling(window))


def batch_norm(input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    """Every channel brought to mean 0 and variance 1, then scaled and shifted: (N, C, ...) -> the same.

    In training the batch is measured, and the running statistics move towards it by `momentum`, in place.
    """
    axes = (0, *range(2, input.ndim))
    channels = (1, -1, *[1] * (input.ndim - 2))
    if training:
        count = input.numel() // max(1, input.shape[1])
        if count <= 1:
            raise ValueError(
                f"batch_norm: more than one value per channel is needed in training; the shape is {input.shape}."
            )
        out = apply(ops.normalize, input, axis=axes, eps=eps)
        if running_mean is not None:
            with no_grad():
                batch = input.detach()
                running_mean.mul_(1 - momentum).add_(batch.mean(axes) * momentum)
                running_var.mul_(1 - momentum).add_(batch.var(axes) * momentum)
    else:
        out = (input - reshape(running_mean, channels)) / reshape((running_var + eps).sqrt(), channels)
    out = out if weight is None else out * reshape(weight, channels)
    return out if bias is None else out + reshape(bias, channels)


def dropout(input, p=0.5, training=True):
    """In training, each element is 0 with probability p, and the others grow by 1 / (1 - p)."""
    check_probability(p)
    return input * dropout_mask(input.shape, p, input) if training and p > 0 else input


def dropout2d(input, p=0.5, training=True):
    """`dropout` of whole channels: (N, C, H, W) -> the same."""
    check_probability(p)
    if not training or p == 0:
        return input
    return images("dropout2d", input) * dropout_mask((*input.shape[:2], 1, 1), p, input)


def dropout_mask(shape, p, like):
    """0 with probability p, else 1 / (1 - p); in the type and on the device of `like`."""
    kept = random.default_generator.numpy.random(shape, dtype="f4") >= p
    mask = kept.astype(like.dtype) * (1 / (1 - p) if p < 1 else 0)
    return Tensor(devices.of(like.data).from_numpy(mask.astype(like.dtype)))


def logsigmoid(input):
    """log(sigmoid(input)), without losing digits."""
    return apply(ops.logsigmoid, input)


def one_hot(tensor, num_classes=-1):
    """1 at each label, 0 elsewhere: integers (...) -> (..., num_classes)."""
    num_classes = int(tensor.max().item()) + 1 if num_classes == -1 else num_classes
    check_labels("one_hot", tensor, num_classes)
    classes = np.arange(num_classes, like=tensor.data)
    return Tensor((tensor.data[..., None] == classes).astype(dtypes.int64))


# ---- losses ----


def mse_loss(input, target, reduction="mean"):
    """(input - target)**2."""
    return reduced(reduction, (input - same_shape("mse_loss", target, input)).square())


def l1_loss(input, target, reduction="mean"):
    """|input - target|."""
    return reduced(reduction, (input - same_shape("l1_loss", target, input)).abs())


def huber_loss(input, target, reduction="mean", delta=1.0):
    """Half the square of the error where it is at most `delta`, and a straight line from there on."""
    error = (input - same_shape("huber_loss", target, input)).abs()
    return reduced(reduction, where(error <= delta, 0.5 * error.square(), delta * (error - 0.5 * delta)))


def binary_cross_entropy(input, target, weight=None, reduction="mean"):
    """-(target log(input) + (1 - target) log(1 - input)), for probabilities `input` from 0 to 1."""
    same_shape("binary_cross_entropy", target, input, strict=True)
    if not ((input.data >= 0) & (input.data <= 1)).all():
        raise RuntimeError(
            "binary_cross_entropy wants probabilities from 0 to 1, and got others. "
            "Raw scores belong into binary_cross_entropy_with_logits."
        )
    loss = apply(ops.binary_cross_entropy, *promoted(input, target))
    return reduced(reduction, loss if weight is None else loss * weight)


def binary_cross_entropy_with_logits(input, target, weight=None, reduction="mean", pos_weight=None):
    """`binary_cross_entropy` of sigmoid(input), computed from the raw scores so that no digits are lost."""
    same_shape("binary_cross_entropy_with_logits", target, input, strict=True)
    share = () if pos_weight is None else (pos_weight,)
    loss = apply(ops.binary_cross_entropy_with_logits, *promoted(input, target), *share)
    return reduced(reduction, loss if weight is None else loss * weight)


def nll_loss(input, target, weight=None, ignore_index=-100, reduction="mean"):
    """-input at each label: how surprising the labels are, for log-probabilities `input`.

    input: (N, C), (C,) or (N, C, ...)    target: integers (N,), () or (N, ...)    weight: (C,), one for each class
    "mean" is weighted, and leaves out the labels equal to `ignore_index`.
    """
    surprise, share = surprises("nll_loss", input, target, weight, ignore_index)
    return weighted(reduction, surprise, share)


def cross_entropy(input, target, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
    """How surprising the labels are, when softmax(input) is the model's distribution over the classes.

    input: (N, C), (C,) or (N, C, ...), raw scores    weight: (C,), one for each class
    target: integers (N,), () or (N, ...); or probabilities of the same shape as input
    label_smoothing: the part of each target that is spread evenly over all classes
    """
    if not 0 <= label_smoothing <= 1:
        raise RuntimeError(f"cross_entropy: label_smoothing lies between 0 and 1, and got {label_smoothing}.")
    if not dtypes.is_floating(input.dtype):
        raise RuntimeError(
            f"cross_entropy: scores must be floats, and these are {input.dtype}. Did input and target change places?"
        )
    axis = class_axis(input)
    log_p = log_softmax(input, axis)
    if dtypes.is_floating(target.dtype):
        return soft_cross_entropy(log_p, target, weight, reduction, label_smoothing, axis)
    surprise, share = surprises("cross_entropy", log_p, target, weight, ignore_index)
    if label_smoothing:
        everywhere = -(log_p if weight is None else log_p * per_class(weight, log_p)).sum(axis)
        everywhere = where(target != ignore_index, everywhere, 0.0)
        surprise = (1 - label_smoothing) * surprise + label_smoothing / input.shape[axis] * everywhere
    return weighted(reduction, surprise, share)


def soft_cross_entropy(log_p, target, weight, reduction, label_smoothing, axis):
    """`cross_entropy` for targets that are distributions over the classes themselves."""
    same_shape("cross_entropy", target, log_p, strict=True)
    target = target * (1 - label_smoothing) + label_smoothing / log_p.shape[axis]
    loss = -(log_p * target if weight is None else log_p * target * per_class(weight, log_p)).sum(axis)
    return loss.sum() / max(1, loss.numel()) if reduction == "mean" else reduced(reduction, loss)


def surprises(name, log_p, target, weight, ignore_index):
    """For every label its -log p (times its class's weight), and what it counts in the mean; 0 where it is ignored."""
    axis = class_axis(log_p)
    if target.shape != log_p.shape[:axis] + log_p.shape[axis + 1 :]:
        raise ValueError(
            f"{name}: for scores of shape {log_p.shape} the labels must have shape "
            f"{log_p.shape[:axis] + log_p.shape[axis + 1 :]}, one for each; theirs is {target.shape}."
        )
    check_labels(name, target, log_p.shape[axis], ignore_index)
    counted = target != ignore_index
    labels = where(counted, target, 0)
    share = counted.to(log_p.dtype)
    if weight is not None:
        share = share * Tensor(weight.data[labels.data])
    picked = squeeze(gather(log_p, axis, unsqueeze(labels, axis)), axis)
    return where(counted, -picked * share, 0.0), share


def weighted(reduction, loss, share):
    """The loss reduced; a mean divides by what the elements count."""
    return loss.sum() / share.sum() if reduction == "mean" else reduced(reduction, loss)


def reduced(reduction, loss):
    """The loss as it is ("none"), added up ("sum"), or averaged ("mean")."""
    if reduction not in ("none", "sum", "mean"):
        raise ValueError(f"reduction is 'mean', 'sum' or 'none', and got {reduction!r}.")
    return loss if reduction == "none" else loss.sum() if reduction == "sum" else loss.mean()


def class_axis(input):
    """Which axis counts the classes: the second, or the only one."""
    if not input.ndim:
        raise ValueError("scores need an axis of classes, and got a single number.")
    return 0 if input.ndim == 1 else 1


def per_class(weight, input):
    """(C,) -> a shape that broadcasts over (N, C, ...)."""
    return reshape(weight, -1, *[1] * (input.ndim - 2))


# ---- what is asked of inputs ----


def check_labels(name, target, classes, ignore_index=None):
    """Raise IndexError for the first label that is not a class, RuntimeError for labels that are not integers."""
    if target.dtype.kind not in "iu":
        raise RuntimeError(f"{name}: labels must be integers, and these are {target.dtype}. Try .long().")
    wrong = (target.data < 0) | (target.data >= classes)
    if ignore_index is not None:
        wrong = wrong & (target.data != ignore_index)
    if wrong.any():
        place = int(wrong.ravel().argmax())
        label = int(target.data.ravel()[place])
        raise IndexError(f"{name}: label {label} (at position {place}) is not one of the classes 0 to {classes - 1}.")


def check_probability(p):
    if not 0 <= p <= 1:
        raise ValueError(f"dropout: a probability lies between 0 and 1, and got {p}.")


def same_shape(name, target, input, strict=False):
    """`target`, whose shape should be that of `input`; where it is not, a warning, or ValueError if `strict`."""
    if target.shape != input.shape:
        said = f"{name}: the target has shape {target.shape} and the input {input.shape}"
        if strict:
            raise ValueError(f"{said}; they must be the same.")
        warnings.warn(f"{said}; they will be broadcast, which is rarely what was meant.", stacklevel=3)
    return target


def same_type(name, x, w):
    """Raise RuntimeError where layer and input differ in number type, rather than converting every time."""
    if not hasattr(x, "dtype"):
        raise TypeError(f"{name} wants a tensor, and got a {type(x).__name__}. Try mg.tensor(...).")
    if x.dtype != w.dtype:
        fix = "x.float()" if w.dtype == dtypes.float32 else f"x.to(mg.{w.dtype})"
        raise RuntimeError(f"{name}: x is {x.dtype} and the weight {w.dtype}. Try {fix}.")


def images(name, x):
    """x, if it is a batch of images."""
    if x.ndim != 4:
        raise ValueError(f"{name} wants images (N, C, H, W), and got shape {x.shape}.")
    return x


def checked_window(name, x, kernel, stride, padding, dilation=1):
    """The window of a convolution or pooling, if it makes sense on these images."""
    window = Window(*(pair(value) for value in (kernel, stride, padding, dilation)))
    if min(*window.kernel, *window.stride, *window.dilation) < 1 or min(window.padding) < 0:
        raise RuntimeError(
            f"{name}: kernel, stride and dilation are at least 1, padding at least 0; got {tuple(window)}."
        )
    if "pool" in name and any(2 * p > k for p, k in zip(window.padding, window.kernel)):
        raise RuntimeError(f"{name}: padding {window.padding} is more than half of the kernel {window.kernel}.")
    if min(window.places(*x.shape[2:])) < 1:
        said = f"{window.kernel}" + (f" (dilation {window.dilation})" if window.dilation != (1, 1) else "")
        raise RuntimeError(f"{name}: a kernel of {said} does not fit into images of {x.shape[2:]}.")
    return window


def pooling(window):
    return {"kernel_size": window.kernel, "stride": window.stride, "padding": window.padding}


def pair(value):
    """An integer for both directions, or one for each, as (rows, columns)."""
    return tuple(value) if isinstance(value, (tuple, list)) else (value, value)
