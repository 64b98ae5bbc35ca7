"""Losses as modules: each holds its settings, and calls the function of the same meaning in `nn.functional`."""

from . import functional as F
from .applied import Applied


class Loss(Applied):
    """A module called with what the model said and what it should have said."""

    inputs = 2

    def extra_repr(self):
        return ""


class MSELoss(Loss):
    """The mean of (input - target)**2."""

    function, without = F.mse_loss, ("weight",)


class L1Loss(Loss):
    """The mean of |input - target|."""

    function, without = F.l1_loss, ("weight",)


class HuberLoss(Loss):
    """Squared error near 0, straight lines from `delta` on, so that outliers do not rule."""

    function, without = F.huber_loss, ("weight",)


class SmoothL1Loss(Loss):
    """`HuberLoss` over `beta`."""

    function = F.smooth_l1_loss


class KLDivLoss(Loss):
    """How far the model's log-probabilities are from the target; "batchmean" is its mean over the batch."""

    function = F.kl_div


class BCELoss(Loss):
    """Cross-entropy of yes-or-no answers given as probabilities."""

    function = F.binary_cross_entropy


class BCEWithLogitsLoss(Loss):
    """Cross-entropy of yes-or-no answers given as raw scores; `pos_weight` is what a yes counts."""

    function = F.binary_cross_entropy_with_logits


class NLLLoss(Loss):
    """Cross-entropy of labels, given log-probabilities."""

    function = F.nll_loss


class CrossEntropyLoss(Loss):
    """Cross-entropy of labels, given raw scores."""

    function = F.cross_entropy


class CosineSimilarity(Loss):
    """The cosine of the angle between vectors along `dim`."""

    function = F.cosine_similarity
