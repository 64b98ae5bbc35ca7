"""Update rules, in order of increasing complexity.

Each one adds a thought to the one before it; read from the top. `p` is a parameter's array, changed in place, `g` its
gradient, `state` what the rule remembers of this parameter from step to step.
"""

import math

import numpy as np

from .optimizer import Optimizer


class SGD(Optimizer):
    """Stochastic gradient descent: a step against the gradient, if wanted with momentum.

    Sources: Polyak, 1964 (momentum); Sutskever et al., 2013 (nesterov).
    """

    def __init__(self, params, lr=1e-3, momentum=0, dampening=0, weight_decay=0, nesterov=False):
        at_least_zero(lr=lr, momentum=momentum, weight_decay=weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("SGD: nesterov needs a momentum above 0 and no dampening.")
        super().__init__(
            params, lr=lr, momentum=momentum, dampening=dampening, weight_decay=weight_decay, nesterov=nesterov
        )

    def update(self, p, g, state, lr, momentum, dampening, weight_decay, nesterov):
        if weight_decay:
            g = g + weight_decay * p
        if momentum:
            if "momentum_buffer" not in state:
                state["momentum_buffer"] = g.copy()
            else:
                state["momentum_buffer"] *= momentum
                state["momentum_buffer"] += (1 - dampening) * g if dampening else g
            velocity = state["momentum_buffer"]
            g = g + momentum * velocity if nesterov else velocity
        p -= lr * g


class RMSprop(Optimizer):
    """A step of about the same length in every direction: g is divided by its own recent size.

    Source: Hinton, lecture 6 of Neural Networks for Machine Learning, 2012; `centered` from Graves, 2013.
    """

    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0, centered=False):
        at_least_zero(lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum)
        super().__init__(
            params, lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum, centered=centered
        )

    def update(self, p, g, state, lr, alpha, eps, weight_decay, momentum, centered):
        if weight_decay:
            g = g + weight_decay * p
        size = averaged(state, "square_avg", g * g, alpha)
        if centered:
            size = size - np.square(averaged(state, "grad_avg", g, alpha))
        g = g / (np.sqrt(size) + eps)
        if momentum:
            velocity = state.setdefault("momentum_buffer", np.zeros_like(p))
            velocity *= momentum
            velocity += g
            g = velocity
        p -= lr * g


class Adam(Optimizer):
    """RMSprop with momentum, where both averages are corrected for having started at 0.

    Source: Kingma and Ba, 2014.
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0):
        at_least_zero(lr=lr, eps=eps, weight_decay=weight_decay)
        if not (0 <= betas[0] < 1 and 0 <= betas[1] < 1):
            raise ValueError(f"{type(self).__name__}: both betas lie between 0 and 1, and got {betas}.")
        super().__init__(params, lr=lr, betas=tuple(betas), eps=eps, weight_decay=weight_decay)

    def update(self, p, g, state, lr, betas, eps, weight_decay):
        if weight_decay:
            g = g + weight_decay * p
        state["step"] = step = state.get("step", 0) + 1
        mean = averaged(state, "exp_avg", g, betas[0])
        size = averaged(state, "exp_avg_sq", g * g, betas[1])
        spread = np.sqrt(size) / math.sqrt(1 - betas[1] ** step) + eps
        p -= lr / (1 - betas[0] ** step) * mean / spread


class AdamW(Adam):
    """Adam whose weight decay shrinks the parameters themselves, and does not pass through the averages.

    Source: Loshchilov and Hutter, 2017.
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        super().__init__(params, lr, betas, eps, weight_decay)

    def update(self, p, g, state, lr, betas, eps, weight_decay):
        p *= 1 - lr * weight_decay
        super().update(p, g, state, lr, betas, eps, weight_decay=0)


def averaged(state, name, value, keep):
    """The running average called `name`, which starts at 0, moved towards `value` by 1 - `keep`."""
    average = state.setdefault(name, np.zeros_like(value))
    average *= keep
    average += (1 - keep) * value
    return average


def at_least_zero(**settings):
    for name, value in settings.items():
        if not value >= 0:
            raise ValueError(f"{name} must be at least 0, and got {value}.")
