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

    def __init__(self, params, lr=1e-3, momentum=0, dampening=0, weight_decay=0, nesterov=False, *, maximize=False):
        at_least_zero(lr=lr, momentum=momentum, weight_decay=weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("SGD: nesterov needs a momentum above 0 and no dampening.")
        settings = {"lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay}
        super().__init__(params, **settings, nesterov=nesterov, maximize=maximize)

    def update(self, p, g, state, lr, momentum, dampening, weight_decay, nesterov, maximize):
        g = directed(p, g, weight_decay, maximize)
        if momentum:
            if "momentum_buffer" not in state:
                state["momentum_buffer"] = g.copy()
            else:
                state["momentum_buffer"] *= momentum
                state["momentum_buffer"] += (1 - dampening) * g if dampening else g
            velocity = state["momentum_buffer"]
            g = g + momentum * velocity if nesterov else velocity
        p -= lr * g


class Adagrad(Optimizer):
    """Shorter steps where gradients have been large: g is divided by the root of the sum of all its squares so far.

    Source: Duchi, Hazan and Singer, 2011.
    """

    def __init__(
        self, params, lr=1e-2, lr_decay=0, weight_decay=0, initial_accumulator_value=0, eps=1e-10, *, maximize=False
    ):
        at_least_zero(lr=lr, lr_decay=lr_decay, weight_decay=weight_decay, eps=eps, start=initial_accumulator_value)
        settings = {"lr": lr, "lr_decay": lr_decay, "weight_decay": weight_decay, "eps": eps, "maximize": maximize}
        super().__init__(params, **settings, initial_accumulator_value=initial_accumulator_value)

    def update(self, p, g, state, lr, lr_decay, weight_decay, eps, maximize, initial_accumulator_value):
        g = directed(p, g, weight_decay, maximize)
        state["step"] = step = state.get("step", 0) + 1
        total = state.setdefault("sum", np.full_like(p, initial_accumulator_value))
        total += g * g
        p -= lr / (1 + (step - 1) * lr_decay) * g / (np.sqrt(total) + eps)


class RMSprop(Optimizer):
    """A step of about the same length in every direction: g is divided by its own recent size.

    Source: Hinton, lecture 6 of Neural Networks for Machine Learning, 2012; `centered` from Graves, 2013.
    """

    def __init__(
        self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0, centered=False, *, maximize=False
    ):
        at_least_zero(lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum)
        settings = {"lr": lr, "alpha": alpha, "eps": eps, "weight_decay": weight_decay, "momentum": momentum}
        super().__init__(params, **settings, centered=centered, maximize=maximize)

    def update(self, p, g, state, lr, alpha, eps, weight_decay, momentum, centered, maximize):
        g = directed(p, g, weight_decay, maximize)
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


class Adadelta(Optimizer):
    """RMSprop whose steps are measured by the recent size of the steps themselves, so that no rate must be found.

    Source: Zeiler, 2012.
    """

    def __init__(self, params, lr=1.0, rho=0.9, eps=1e-6, weight_decay=0, *, maximize=False):
        at_least_zero(lr=lr, rho=rho, eps=eps, weight_decay=weight_decay)
        super().__init__(params, lr=lr, rho=rho, eps=eps, weight_decay=weight_decay, maximize=maximize)

    def update(self, p, g, state, lr, rho, eps, weight_decay, maximize):
        g = directed(p, g, weight_decay, maximize)
        size = averaged(state, "square_avg", g * g, rho)
        step = np.sqrt(state.setdefault("acc_delta", np.zeros_like(p)) + eps) / np.sqrt(size + eps) * g
        averaged(state, "acc_delta", step * step, rho)
        p -= lr * step


class Adam(Optimizer):
    """RMSprop with momentum, where both averages are corrected for having started at 0.

    amsgrad: divide by the largest size so far, not by the recent one.
    Sources: Kingma and Ba, 2014; Reddi, Kale and Kumar, 2018 (amsgrad).
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False, *, maximize=False):
        at_least_zero(lr=lr, eps=eps, weight_decay=weight_decay)
        if not (0 <= betas[0] < 1 and 0 <= betas[1] < 1):
            raise ValueError(f"{type(self).__name__}: both betas are at least 0 and below 1, and got {betas}.")
        settings = {"lr": lr, "betas": tuple(betas), "eps": eps, "weight_decay": weight_decay}
        super().__init__(params, **settings, amsgrad=amsgrad, maximize=maximize)

    def update(self, p, g, state, lr, betas, eps, weight_decay, amsgrad, maximize):
        g = directed(p, g, weight_decay, maximize)
        state["step"] = step = state.get("step", 0) + 1
        mean = averaged(state, "exp_avg", g, betas[0])
        size = averaged(state, "exp_avg_sq", g * g, betas[1])
        if amsgrad:
            largest = state.setdefault("max_exp_avg_sq", np.zeros_like(p))
            size = np.maximum(largest, size, out=largest)
        spread = np.sqrt(size) / math.sqrt(1 - betas[1] ** step) + eps
        p -= lr / (1 - betas[0] ** step) * mean / spread


class AdamW(Adam):
    """Adam whose weight decay shrinks the parameters themselves, and does not pass through the averages.

    Source: Loshchilov and Hutter, 2017.
    """

    def __init__(
        self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2, amsgrad=False, *, maximize=False
    ):
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize)

    def update(self, p, g, state, lr, weight_decay, **settings):
        p *= 1 - lr * weight_decay
        super().update(p, g, state, lr, weight_decay=0, **settings)


def directed(p, g, weight_decay, maximize):
    """The gradient, turned round if it is to go up, plus the slope of weight_decay * p**2 / 2."""
    g = -g if maximize else g
    return g + weight_decay * p if weight_decay else g


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
