"""Losses whose formula alone would lose digits or overflow. The others are one line each in `nn.functional`."""

import numpy as np

from ..kernels import chosen
from .elementwise import logsigmoid
from .shape import places


def nll(x, *, axis, labels, counted):
    """How surprising every label is, -x there, for log-probabilities x along `axis`; 0 where it is not counted.

    x: (N, C, ...)    labels, counted: integers and bools (N, ...)    ->    (N, ...)
    """
    index = places(np.expand_dims(labels, axis), axis)

    def grad_x(g):
        grad = np.zeros_like(g, shape=x.shape)
        grad[index] = np.expand_dims(chosen(counted, -g), axis)
        return grad

    return chosen(counted, -x[index].squeeze(axis)), grad_x


def binary_cross_entropy(x, y):
    """-(y log x + (1 - y) log(1 - x)), elementwise: the surprise at y, 0 or 1, when x was the probability of 1.

    Logarithms are held above -100, as in PyTorch, so that a wrong certainty costs much, but not infinitely much.
    """
    log_x, log_rest = np.log(x), np.log1p(-x)
    return (
        -(y * np.maximum(log_x, -100) + (1 - y) * np.maximum(log_rest, -100)),
        lambda g: g * (x - y) / np.maximum(x * (1 - x), 1e-12),
        lambda g: g * (log_rest - log_x),
    )


def binary_cross_entropy_with_logits(x, y, pos_weight=1):
    """`binary_cross_entropy` of sigmoid(x), from the raw scores x; `pos_weight` is what the surprise at a 1 counts.

    Its slope is sigmoid(x) - y, without the cancellation that the slopes of its parts would suffer.
    """
    log_p, _ = logsigmoid(x)
    p = np.exp(log_p)  # whose slope, unlike that of the sigmoid's formula, does not overflow
    share = pos_weight * y + 1 - y
    return (
        (1 - y) * x - share * log_p,
        lambda g: g * (share * p - pos_weight * y),
        lambda g: g * (logsigmoid(-x)[0] - pos_weight * log_p),
        lambda g: g * -y * log_p,
    )
