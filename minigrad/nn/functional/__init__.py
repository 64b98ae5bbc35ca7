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

from inspect import isfunction

from . import asked
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

for name, function in list(globals().items()):
    if isfunction(function) and function.__module__.startswith("minigrad."):
        globals()[name] = asked.of_tensors(function)
