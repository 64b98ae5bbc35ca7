"""How parameters start: in place, from the default random stream. Names, defaults and bounds are PyTorch's.

fan_in is how many numbers go into one result, fan_out into how many results one number goes.

Sources: Glorot and Bengio, 2010 (xavier); He et al., 2015 (kaiming).
"""

import math

from .. import random
from ..creation import from_numpy
from ..graph import no_grad


def uniform_(tensor, a=0.0, b=1.0):
    """Evenly distributed over [a, b)."""
    return filled(tensor, random.default_generator.numpy.uniform(a, b, tensor.shape))


def normal_(tensor, mean=0.0, std=1.0):
    """Normally distributed."""
    return filled(tensor, random.default_generator.numpy.normal(mean, std, tensor.shape))


@no_grad()
def constant_(tensor, val):
    return tensor.fill_(val)


def zeros_(tensor):
    return constant_(tensor, 0)


def ones_(tensor):
    return constant_(tensor, 1)


def xavier_uniform_(tensor, gain=1.0):
    """Uniform, with the variance that keeps signals and gradients of about the same size through a tanh layer."""
    bound = gain * math.sqrt(6 / sum(fans(tensor)))
    return uniform_(tensor, -bound, bound)


def xavier_normal_(tensor, gain=1.0):
    """Normal, with the variance that keeps signals and gradients of about the same size through a tanh layer."""
    return normal_(tensor, 0, gain * math.sqrt(2 / sum(fans(tensor))))


def kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    """Uniform, with the variance that keeps signals of the same size through a relu layer.

    a: slope of the leaky relu below 0. Linear and Conv2d start with a = sqrt(5), which comes to 1 / sqrt(fan_in).
    """
    bound = math.sqrt(3) * calculate_gain(nonlinearity, a) / math.sqrt(fan(tensor, mode))
    return uniform_(tensor, -bound, bound)


def kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    """Normal, with the variance that keeps signals of the same size through a relu layer."""
    return normal_(tensor, 0, calculate_gain(nonlinearity, a) / math.sqrt(fan(tensor, mode)))


def calculate_gain(nonlinearity, param=None):
    """By how much a layer's weights must be larger to make up for what the nonlinearity takes away."""
    slope = 0.01 if param is None else param
    gains = {
        **dict.fromkeys(("linear", "conv1d", "conv2d", "conv3d", "sigmoid"), 1.0),
        "tanh": 5 / 3,
        "relu": math.sqrt(2),
        "leaky_relu": math.sqrt(2 / (1 + slope**2)),
    }
    if nonlinearity not in gains:
        raise ValueError(f"there is no gain for {nonlinearity!r}. Choose one of: {', '.join(gains)}.")
    return gains[nonlinearity]


def fans(tensor):
    """(fan_in, fan_out) of a weight of shape (out, in, ...)."""
    if tensor.ndim < 2:
        raise ValueError(
            f"fan_in and fan_out need a weight of at least two axes, and this one has shape {tensor.shape}."
        )
    window = math.prod(tensor.shape[2:])
    return tensor.shape[1] * window, tensor.shape[0] * window


def fan(tensor, mode):
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode is 'fan_in' or 'fan_out', and got {mode!r}.")
    return fans(tensor)[mode == "fan_out"]


@no_grad()
def filled(tensor, array):
    return tensor.copy_(from_numpy(array).to(tensor.dtype).to(tensor.device))
