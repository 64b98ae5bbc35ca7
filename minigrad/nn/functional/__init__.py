"""The formulas of layers and losses, as functions without memory. Names, shapes and defaults are PyTorch's.

activations     relu leaky_relu elu gelu silu softplus logsigmoid hardtanh relu6, softmax log_softmax ...
layers          linear embedding one_hot dropout dropout2d
images          conv1d conv2d conv_transpose2d, max_pool2d avg_pool2d adaptive_avg_pool2d
resampling      pad unfold interpolate
normalization   batch_norm layer_norm group_norm normalize cosine_similarity
attention       scaled_dot_product_attention
losses          cross_entropy mse_loss ...
asked           what is asked of inputs, and said where it is not so
"""

from functools import wraps
from inspect import isfunction, signature

from ...tensor import Tensor
from .activations import (
    elu,
    gelu,
    hardtanh,
    leaky_relu,
    log_softmax,
    logsigmoid,
    relu,
    relu6,
    sigmoid,
    silu,
    softmax,
    softplus,
    tanh,
)
from .attention import scaled_dot_product_attention
from .images import adaptive_avg_pool2d, avg_pool2d, conv1d, conv2d, conv_transpose2d, max_pool2d
from .layers import dropout, dropout2d, dropout_mask, embedding, linear, one_hot
from .losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    huber_loss,
    kl_div,
    l1_loss,
    mse_loss,
    nll_loss,
    smooth_l1_loss,
)
from .normalization import batch_norm, cosine_similarity, group_norm, layer_norm, normalize
from .resampling import interpolate, pad, unfold

TENSORS = ("input", "target", "weight", "query", "key", "value", "x1", "x2", "tensor")


def of_tensors(function):
    """`function`, which first looks whether what has to be a tensor is one."""
    needed = [p.name for p in signature(function).parameters.values() if p.default is p.empty and p.name in TENSORS]

    @wraps(function)
    def checked(*args, **options):
        for name, x in zip(needed, args):
            if not isinstance(x, Tensor):
                said = f"{function.__name__}: {name} is to be a tensor, and is a {type(x).__name__}"
                raise TypeError(f"{said}. Try mg.tensor(...).")
        return function(*args, **options)

    checked.__module__ = __name__  # where it is found
    return checked


for name, function in list(globals().items()):
    if isfunction(function) and function.__module__.startswith(__package__.partition(".")[0]) and name != "of_tensors":
        globals()[name] = of_tensors(function)
