"""Layers and losses that are a function of `nn.functional` and its settings, no more: the table below, and its base."""

from inspect import Signature, signature

from ..tensor import Tensor
from . import functional as F
from .module import Module
from .parameter import Buffer


class Applied(Module):
    """A function as a module: it is called with the function's `inputs`, and made with the arguments after those.

    What is said when it is made is kept under the argument's name: a tensor as a buffer.
    """

    function, inputs, without = None, 1, ()

    def __init_subclass__(cls):
        if cls.function is not None:
            arguments = list(signature(cls.function).parameters.values())[cls.inputs :]
            cls.settings = Signature([a for a in arguments if a.name not in cls.without])
            if "__init__" not in vars(cls):
                cls.__signature__ = cls.settings  # what is shown of it, in place of *args, **options

    def __init__(self, *args, **options):
        settings = self.settings.bind(*args, **options)
        settings.apply_defaults()
        for name, value in settings.arguments.items():
            setattr(self, name, Buffer(value) if isinstance(value, Tensor) else value)

    def forward(self, *inputs):
        return type(self).function(*inputs, **self._said())

    def _said(self):
        return {name: getattr(self, name) for name in self.settings.parameters}

    def extra_repr(self):
        return ", ".join(f"{name}={value!r}" for name, value in self._said().items() if name != "inplace" or value)


class Loss(Applied):
    """A module called with what the model said and what it should have said."""

    inputs, without = 2, ("weight",)

    def extra_repr(self):
        return ""


class LossOfClasses(Loss):
    without = ()


TABLE = {
    "ReLU": (Applied, F.relu, "max(x, 0)."),
    "Sigmoid": (Applied, F.sigmoid, "1 / (1 + exp(-x)): from 0 to 1."),
    "Tanh": (Applied, F.tanh, "Hyperbolic tangent: from -1 to 1."),
    "LeakyReLU": (Applied, F.leaky_relu, "x, but `negative_slope` times it below 0."),
    "ELU": (Applied, F.elu, "x, but alpha * (exp(x) - 1) below 0."),
    "SiLU": (Applied, F.silu, "x * sigmoid(x)."),
    "Softplus": (Applied, F.softplus, "log(1 + exp(beta * x)) / beta: a smooth relu."),
    "LogSigmoid": (Applied, F.logsigmoid, "log(sigmoid(x))."),
    "ReLU6": (Applied, F.relu6, "x, but at least 0 and at most 6."),
    "AdaptiveAvgPool2d": (Applied, F.adaptive_avg_pool2d, "The means of as many tiles of an image as asked for."),
    "Unfold": (Applied, F.unfold, "What a window sees at every place of an image, as columns."),
    "MSELoss": (Loss, F.mse_loss, "The mean of (input - target)**2."),
    "L1Loss": (Loss, F.l1_loss, "The mean of |input - target|."),
    "HuberLoss": (Loss, F.huber_loss, "Squared error near 0, straight lines from `delta` on: outliers do not rule."),
    "SmoothL1Loss": (Loss, F.smooth_l1_loss, "`HuberLoss` over `beta`."),
    "KLDivLoss": (Loss, F.kl_div, "How far the model's log-probabilities are from the target."),
    "CosineSimilarity": (Loss, F.cosine_similarity, "The cosine of the angle between vectors along `dim`."),
    "BCELoss": (LossOfClasses, F.binary_cross_entropy, "Cross-entropy of yes-or-no answers given as probabilities."),
    "BCEWithLogitsLoss": (LossOfClasses, F.binary_cross_entropy_with_logits, "`BCELoss` of raw scores."),
    "NLLLoss": (LossOfClasses, F.nll_loss, "Cross-entropy of labels, given log-probabilities."),
    "CrossEntropyLoss": (LossOfClasses, F.cross_entropy, "Cross-entropy of labels, given raw scores."),
}
for name, (base, function, does) in TABLE.items():
    globals()[name] = type(name, (base,), {"function": function, "__doc__": does, "__module__": __name__})


class Softmax(Applied):
    """Positive numbers along `dim` that add up to 1."""

    function, without = F.softmax, ("dtype",)


class LogSoftmax(Softmax):
    """The logarithms of `Softmax`."""

    function = F.log_softmax


class GELU(Applied):
    """x, times the part of a normal distribution that lies below it."""

    function = F.gelu

    def __init__(self, approximate="none"):
        super().__init__(approximate=approximate)


class Hardtanh(Applied):
    """x, but at least `min_val` and at most `max_val`."""

    function = F.hardtanh

    def __init__(self, min_val=-1.0, max_val=1.0, inplace=False):
        if min_val >= max_val:
            raise AssertionError(f"Hardtanh: min_val ({min_val}) must be below max_val ({max_val}).")
        super().__init__(min_val, max_val, inplace)


class MaxPool2d(Applied):
    """The largest value under a window: (N, C, H, W) -> (N, C, H', W')."""

    function = F.max_pool2d

    def __init__(self, kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False):
        stride = kernel_size if stride is None else stride
        super().__init__(kernel_size, stride, padding, dilation, ceil_mode, return_indices)

    def extra_repr(self):
        return super().extra_repr().partition(", return_indices")[0]


class AvgPool2d(Applied):
    """The mean under a window: (N, C, H, W) -> (N, C, H', W')."""

    function = F.avg_pool2d

    def __init__(self, kernel_size, stride=None, *args, **options):
        super().__init__(kernel_size, kernel_size if stride is None else stride, *args, **options)

    def extra_repr(self):
        return super().extra_repr().partition(", ceil_mode")[0]


class Upsample(Applied):
    """Rows or images resized, as by `functional.interpolate`."""

    function, without = F.interpolate, ("antialias",)

    def __init__(self, size=None, scale_factor=None, *args, **options):
        if isinstance(scale_factor, (tuple, list)):
            scale_factor = tuple(map(float, scale_factor))
        super().__init__(size, float(scale_factor) if isinstance(scale_factor, int) else scale_factor, *args, **options)

    def extra_repr(self):
        how = f"size={self.size}" if self.scale_factor is None else f"scale_factor={self.scale_factor}"
        return f"{how}, mode={self.mode!r}"


__all__ = [*TABLE, "Softmax", "LogSoftmax", "GELU", "Hardtanh", "MaxPool2d", "AvgPool2d", "Upsample"]
