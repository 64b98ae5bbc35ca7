"""Numbers brought to a common scale."""

from ... import ops
from ...functions.indexing import together
from ...functions.pointwise import clamp, floats, promoted, where
from ...functions.shape import expand, reshape
from ...graph import no_grad
from ...linalg import vector_norm
from ...tensor import Tensor, apply
from .asked import same_type


def batch_norm(input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    """Every channel brought to mean 0 and variance 1, then scaled and shifted: (N, C, ...) -> the same.

    In training the batch is measured, and the running statistics move towards it by `momentum`, in place.
    """
    axes = (0, *range(2, input.ndim))
    channels = (1, -1, *[1] * (floats("batch_norm", input).ndim - 2))
    if None in (running_mean, running_var) and (running_mean is not running_var or not training):
        kind = ValueError if training else RuntimeError
        raise kind("batch_norm: give both of running_mean and running_var; in training, neither will do, too.")
    if training:
        more_than_one("batch_norm", input, input.numel() // max(1, input.shape[1]))
        out = apply(ops.normalize, input, axis=axes, eps=eps)
        if running_mean is not None and len(input):
            with no_grad():
                running_mean.mul_(1 - momentum).add_(Tensor(input.data.mean(axis=axes)) * momentum)
                running_var.mul_(1 - momentum).add_(Tensor(input.data.var(axis=axes, ddof=1)) * momentum)
    else:
        out = (input - reshape(running_mean, channels)) / reshape((running_var + eps).sqrt(), channels)
    return scaled(out, weight, bias, input.shape[1:2], channels)


def more_than_one(name, x, count):
    if count == 1:
        raise ValueError(f"{name}: more than one value is needed to measure how they spread; the shape is {x.shape}.")


def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-5):
    """The last axes, of sizes `normalized_shape`, brought to mean 0 and variance 1, then scaled and shifted."""
    sizes = tuple(normalized_shape)
    floats("layer_norm", input)
    if not sizes or input.shape[-len(sizes) :] != sizes:
        raise RuntimeError(f"layer_norm: the shape must end in {sizes}, and this one is {input.shape}.")
    out = apply(ops.normalize, input, axis=tuple(range(input.ndim - len(sizes), input.ndim)), eps=eps)
    return scaled(out, weight, bias, sizes, sizes)


def group_norm(input, num_groups, weight=None, bias=None, eps=1e-5):
    """The channels of each example brought to mean 0 and variance 1, group by group: (N, C, ...) -> the same."""
    floats("group_norm", input)
    if input.ndim < 2:
        raise RuntimeError(f"group_norm wants (N, C, ...), and got shape {input.shape}.")
    if num_groups < 1 or input.shape[1] % num_groups:
        raise RuntimeError(f"group_norm: {input.shape[1]} channels do not divide into {num_groups} groups.")
    more_than_one("group_norm", input, input.numel() // num_groups)
    groups = reshape(input, len(input), num_groups, input.numel() // max(1, len(input) * num_groups))
    out = reshape(apply(ops.normalize, groups, axis=2, eps=eps), input.shape)
    return scaled(out, weight, bias, input.shape[1:2], (1, -1, *[1] * (input.ndim - 2)))


def scaled(x, weight, bias, wanted, shape):
    """x * weight + bias, either of which may be None; their shape, the `wanted` one, becomes one that broadcasts."""
    for parameter in (weight, bias):
        if parameter is not None:
            same_type("a norm", x, parameter)
            if parameter.shape != wanted:
                raise RuntimeError(f"a norm wants weight and bias of shape {wanted}, and got {parameter.shape}.")
    x = x if weight is None else x * reshape(weight, shape)
    return x if bias is None else x + reshape(bias, shape)


def normalize(input, p=2.0, dim=1, eps=1e-12):
    """input over its p-norm along `dim`: vectors of length 1, unless they were shorter than `eps`."""
    return input / clamp(vector_norm(input, p, dim, keepdim=True), min=eps)


def cosine_similarity(x1, x2, dim=1, eps=1e-8):
    """The cosine of the angle between vectors along `dim`: 1 for the same direction, -1 for the opposite one."""
    x1, x2 = (floats("cosine_similarity", x, RuntimeError) for x in promoted(x1, x2))
    shape = together("cosine_similarity", x1.shape, x2.shape)
    x1, x2 = expand(x1, shape), expand(x2, shape)
    return (x1 / length(x1, dim, eps) * (x2 / length(x2, dim, eps))).sum(dim)


def length(x, dim, eps):
    """How long vectors are, at least `eps`; the slope is that of their own length all the same, as in PyTorch."""
    norm = vector_norm(x, 2, dim, keepdim=True)
    return where(norm < eps, norm - norm.detach() + eps, norm)
