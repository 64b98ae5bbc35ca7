"""The operations: plain functions of arrays, each giving its value and one gradient function per input.

An op never sees a Tensor and never undoes broadcasting; `apply` and the engine do that. Tensors are positional, options
keyword-only. To find one:

    elementwise   add sub mul div neg, pow square sqrt exp log, tanh sigmoid logsigmoid relu, abs clamp maximum minimum,
                  where cast
    reduction     sum mean var std normalize amax amin logsumexp softmax log_softmax
    matrix        matmul linear
    shape         reshape permute expand getitem index_add gather cat transfer
    image         conv2d conv_transpose2d max_pool2d avg_pool2d
    loss          binary_cross_entropy binary_cross_entropy_with_logits
"""

from .elementwise import (
    abs,
    add,
    cast,
    clamp,
    div,
    exp,
    log,
    logsigmoid,
    maximum,
    minimum,
    mul,
    neg,
    pow,
    relu,
    sigmoid,
    sqrt,
    square,
    sub,
    tanh,
    where,
)
from .image import avg_pool2d, conv2d, conv_transpose2d, max_pool2d
from .loss import binary_cross_entropy, binary_cross_entropy_with_logits
from .matrix import linear, matmul
from .reduction import amax, amin, log_softmax, logsumexp, mean, normalize, softmax, std, sum, var
from .shape import cat, expand, gather, getitem, index_add, permute, reshape, transfer

__all__ = [
    *(
        "add",
        "sub",
        "mul",
        "div",
        "neg",
        "pow",
        "square",
        "sqrt",
        "exp",
        "log",
        "tanh",
        "sigmoid",
        "logsigmoid",
        "relu",
    ),
    *("abs", "clamp", "maximum", "minimum", "where", "cast"),
    *("sum", "mean", "var", "std", "normalize", "amax", "amin", "logsumexp", "softmax", "log_softmax"),
    *("matmul", "linear"),
    *("reshape", "permute", "expand", "getitem", "index_add", "gather", "cat", "transfer"),
    *("conv2d", "conv_transpose2d", "max_pool2d", "avg_pool2d"),
    *("binary_cross_entropy", "binary_cross_entropy_with_logits"),
]
