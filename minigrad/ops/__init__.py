"""The operations: plain functions of arrays, each giving its value and one gradient function per input.

An op never sees a Tensor and never undoes broadcasting; `apply` and the engine do that. Tensors are positional, options
keyword-only. To find one:

    elementwise   add sub mul div neg, quotient remainder floor round sign, pow square sqrt exp log expm1 log1p,
                  sin cos tanh sigmoid erf logsigmoid relu, abs clamp maximum minimum, where cast
    reduction     sum mean cumsum prod var std normalize amax amin norm logsumexp softmax log_softmax
    matrix        matmul linear einsum
    shape         reshape permute contiguous expand getitem index_add index_put gather cat transfer
    image         conv2d conv_transpose2d max_pool2d avg_pool2d
    loss          nll binary_cross_entropy binary_cross_entropy_with_logits
"""

from .elementwise import (
    abs,
    add,
    cast,
    clamp,
    cos,
    div,
    erf,
    exp,
    expm1,
    floor,
    log,
    log1p,
    logsigmoid,
    maximum,
    minimum,
    mul,
    neg,
    pow,
    quotient,
    relu,
    remainder,
    round,
    sigmoid,
    sign,
    sin,
    sqrt,
    square,
    sub,
    tanh,
    where,
)
from .image import avg_pool2d, conv2d, conv_transpose2d, max_pool2d
from .loss import binary_cross_entropy, binary_cross_entropy_with_logits, nll
from .matrix import einsum, linear, matmul
from .reduction import amax, amin, cumsum, log_softmax, logsumexp, mean, norm, normalize, prod, softmax, std, sum, var
from .shape import cat, contiguous, expand, gather, getitem, index_add, index_put, permute, reshape, transfer

__all__ = [
    *("add", "sub", "mul", "div", "neg", "quotient", "remainder", "floor", "round", "sign"),
    *("pow", "square", "sqrt", "exp", "log", "expm1", "log1p"),
    *("sin", "cos", "tanh", "sigmoid", "erf", "logsigmoid", "relu"),
    *("abs", "clamp", "maximum", "minimum", "where", "cast"),
    *("sum", "mean", "cumsum", "prod", "var", "std", "normalize", "amax", "amin", "norm"),
    *("logsumexp", "softmax", "log_softmax"),
    *("matmul", "linear", "einsum"),
    *("reshape", "permute", "contiguous", "expand", "getitem", "index_add", "index_put", "gather", "cat", "transfer"),
    *("conv2d", "conv_transpose2d", "max_pool2d", "avg_pool2d"),
    *("nll", "binary_cross_entropy", "binary_cross_entropy_with_logits"),
]
