"""How parameters start: in place, from the default random stream. Names, defaults and bounds are PyTorch's.

fan_in is how many numbers go into one result, fan_out into how many results one number goes.

Sources: Glorot and Bengio, 2010 (xavier); He et al., 2015 (kaiming).
"""

import math

from ..creation import from_numpy, stream
from ..graph import no_grad


def uniform_(tensor, a=0.0, b=1.0, generator=None):
    """Evenly distributed over [a, b)."""
    if a > b:
        raise RuntimeError(f"uniform_: a ({a}) is at most b ({b}).")
    return filled(tensor, stream(generator).uniform(a, b, tensor.shape))


def normal_(tensor, mean=0.0, std=1.0, generator=None):
    """Normally distributed."""
    if std < 0:
        raise RuntimeError(f"normal_: std is at least 0, and got {std}.")
    return filled(tensor, stream(generator).normal(mean, std, tensor.shape))


@no_grad()
def constant_(tensor, val):
    return tensor.fill_(val)


def zeros_(tensor):
    return constant_(tensor, 0)


def ones_(tensor):
    return constant_(tensor, 1)


def xavier_uniform_(tensor, gain=1.0, generator=None):
    """Uniform, with the variance that keeps signals and gradients of about the same size through a tanh layer."""
    bound = gain * math.sqrt(6 / sum(fans(tensor)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor, gain=1.0, generator=None):
    """Normal, with the variance that keeps signals and gradients of about the same size through a tanh layer."""
    return normal_(tensor, 0, gain * math.sqrt(2 / sum(fans(tensor))), generator)


def kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    """Uniform, with the variance that keeps signals of the same size through a relu layer.

    a: slope of the leaky relu below 0. Linear and Conv2d start with a = sqrt(5), which comes to 1 / sqrt(fan_in).
    """
    bound = math.sqrt(3) * calculate_gain(nonlinearity, a) / math.sqrt(fan(tensor, mode))
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    """Normal, with the variance that keeps signals of the same size through a relu layer."""
    return normal_(tensor, 0, calculate_gain(nonlinearity, a) / math.sqrt(fan(tensor, mode)), generator)


def calculate_gain(nonlinearity, param=None):
    """By how much a layer's weights must be larger to make up for what the nonlinearity takes away."""
    slope = 0.01 if param is None else param
    if isinstance(slope, (bool, str)):
        raise ValueError(f"the slope of a leaky_relu is a number, and got {slope!r}.")
    layers = [kind + str(axes) + "d" for kind in ("conv", "conv_transpose") for axes in (1, 2, 3)]
    gains = {
        **dict.fromkeys(["linear", *layers, "sigmoid"], 1.0),
        "selu": 3 / 4,
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
        raise ValueError(f"fan_in and fan_out need a weight of two axes or more; this one has shape {tensor.shape}.")
    window = math.prod(tensor.shape[2:])
    return tensor.shape[1] * window, tensor.shape[0] * window


def fan(tensor, mode):
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode is 'fan_in' or 'fan_out', and got {mode!r}.")
    return max(1, fans(tensor)[mode == "fan_out"])  # of nothing, there is nothing to start


@no_grad()
def filled(tensor, array):
    return tensor.copy_(from_numpy(array).to(tensor.dtype).to(tensor.device))
