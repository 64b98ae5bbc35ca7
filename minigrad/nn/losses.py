"""Losses as modules: each holds its settings, and calls the function of the same meaning in `nn.functional`."""

from . import functional as F
from .module import Module
from .parameter import Buffer


class Loss(Module):
    """A module called with what the model said and what it should have said."""

    def __init__(self, reduction="mean"):
        if reduction not in ("none", "sum", "mean"):
            raise ValueError(f"reduction is 'mean', 'sum' or 'none', and got {reduction!r}.")
        self.reduction = reduction


class MSELoss(Loss):
    """The mean of (input - target)**2."""

    def forward(self, input, target):
        return F.mse_loss(input, target, self.reduction)


class L1Loss(Loss):
    """The mean of |input - target|."""

    def forward(self, input, target):
        return F.l1_loss(input, target, self.reduction)


class HuberLoss(Loss):
    """Squared error near 0, straight lines from `delta` on, so that outliers do not rule."""

    def __init__(self, reduction="mean", delta=1.0):
        super().__init__(reduction)
        if delta <= 0:
            raise ValueError(f"HuberLoss: delta must be positive, and got {delta}.")
        self.delta = delta

    def forward(self, input, target):
        return F.huber_loss(input, target, self.reduction, self.delta)


class SmoothL1Loss(Loss):
    """`HuberLoss` over `beta`."""

    def __init__(self, reduction="mean", beta=1.0):
        super().__init__(reduction)
        self.beta = beta

    def forward(self, input, target):
        return F.smooth_l1_loss(input, target, self.reduction, self.beta)


class KLDivLoss(Loss):
    """How far the model's log-probabilities are from the target; "batchmean" is its mean over the batch."""

    def __init__(self, reduction="mean", log_target=False):
        super().__init__("mean" if reduction == "batchmean" else reduction)
        self.reduction, self.log_target = reduction, log_target

    def forward(self, input, target):
        return F.kl_div(input, target, self.reduction, self.log_target)


class BCELoss(Loss):
    """Cross-entropy of yes-or-no answers given as probabilities."""

    def __init__(self, weight=None, reduction="mean"):
        super().__init__(reduction)
        self.weight = as_buffer(weight)

    def forward(self, input, target):
        return F.binary_cross_entropy(input, target, self.weight, self.reduction)


class BCEWithLogitsLoss(Loss):
    """Cross-entropy of yes-or-no answers given as raw scores; `pos_weight` is what a yes counts."""

    def __init__(self, weight=None, reduction="mean", pos_weight=None):
        super().__init__(reduction)
        self.weight, self.pos_weight = as_buffer(weight), as_buffer(pos_weight)

    def forward(self, input, target):
        return F.binary_cross_entropy_with_logits(input, target, self.weight, self.reduction, self.pos_weight)


class NLLLoss(Loss):
    """Cross-entropy of labels, given log-probabilities."""

    def __init__(self, weight=None, ignore_index=-100, reduction="mean"):
        super().__init__(reduction)
        self.weight, self.ignore_index = as_buffer(weight), ignore_index

    def forward(self, input, target):
        return F.nll_loss(input, target, self.weight, self.ignore_index, self.reduction)


class CrossEntropyLoss(Loss):
    """Cross-entropy of labels, given raw scores."""

    def __init__(self, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
        super().__init__(reduction)
        self.weight, self.ignore_index, self.label_smoothing = as_buffer(weight), ignore_index, label_smoothing

    def forward(self, input, target):
        return F.cross_entropy(input, target, self.weight, self.ignore_index, self.reduction, self.label_smoothing)


def as_buffer(weight):
    return None if weight is None else Buffer(weight)
