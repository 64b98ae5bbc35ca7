"""Numbers brought to a common scale."""

from ... import ops
from ...functions.pointwise import floats, promoted
from ...functions.reduction import amax
from ...functions.shape import reshape
from ...graph import no_grad
from ...tensor import apply
from .asked import same_type


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
    return scaled(out, weight, bias, channels)


def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-5):
    """The last axes, of sizes `normalized_shape`, brought to mean 0 and variance 1, then scaled and shifted."""
    sizes = tuple(normalized_shape)
    floats("layer_norm", input)
    if not sizes or input.shape[-len(sizes) :] != sizes:
        raise RuntimeError(f"layer_norm: the shape must end in {sizes}, and this one is {input.shape}.")
    out = apply(ops.normalize, input, axis=tuple(range(input.ndim - len(sizes), input.ndim)), eps=eps)
    return scaled(out, weight, bias, sizes)


def group_norm(input, num_groups, weight=None, bias=None, eps=1e-5):
    """The channels of each example brought to mean 0 and variance 1, group by group: (N, C, ...) -> the same."""
    floats("group_norm", input)
    if input.ndim < 2:
        raise RuntimeError(f"group_norm wants (N, C, ...), and got shape {input.shape}.")
    if input.shape[1] % num_groups:
        raise RuntimeError(f"group_norm: {input.shape[1]} channels do not divide into {num_groups} groups.")
    groups = reshape(input, len(input), num_groups, input.numel() // max(1, len(input) * num_groups))
    out = reshape(apply(ops.normalize, groups, axis=2, eps=eps), input.shape)
    return scaled(out, weight, bias, (1, -1, *[1] * (input.ndim - 2)))


def scaled(x, weight, bias, shape):
    """x * weight + bias, either of which may be None; they take this shape first."""
    for parameter in (weight, bias):
        if parameter is not None:
            same_type("a norm", x, parameter)
    x = x if weight is None else x * reshape(weight, shape)
    return x if bias is None else x + reshape(bias, shape)


def normalize(input, p=2.0, dim=1, eps=1e-12):
    """input over its p-norm along `dim`: vectors of length 1, unless they were shorter than `eps`."""
    return input / norm(floats("normalize", input, RuntimeError), p, dim, eps)


def cosine_similarity(x1, x2, dim=1, eps=1e-8):
    """The cosine of the angle between vectors along `dim`: 1 for the same direction, -1 for the opposite one."""
    x1, x2 = (floats("cosine_similarity", x, RuntimeError) for x in promoted(x1, x2))
    return (x1 / norm(x1, 2, dim, eps) * (x2 / norm(x2, 2, dim, eps))).sum(dim)


def norm(x, p, dim, eps):
    """The p-norm along `dim`, kept as an axis of length 1, and at least `eps`: taken before the root, whose slope at 0
    is infinite."""
    if p == float("inf"):
        return amax(x.abs(), dim, keepdim=True).clamp(min=eps)
    powers = x.square() if p == 2 else x.abs() ** p
    return powers.sum(dim, keepdim=True).clamp(min=eps**p) ** (1 / p)
