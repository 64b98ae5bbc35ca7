"""Update rules, in order of increasing complexity.

Each one adds a thought to the one before it; read from the top. `p` is a parameter's array, changed in place, `g` its
gradient, `state` the arrays that the rule remembers of this parameter from step to step.
"""

import math

import numpy as np

from ..tensor import Tensor
from .optimizer import Optimizer


class SGD(Optimizer):
    """Stochastic gradient descent: a step against the gradient, if wanted with momentum.

    Sources: Polyak, 1964 (momentum); Sutskever et al., 2013 (nesterov).
    """

    def __init__(
        self, params, lr=1e-3, momentum=0, dampening=0, weight_decay=0, nesterov=False, *,
        maximize=False, foreach=None, differentiable=False, fused=None,
    ):  # fmt: skip
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("SGD: nesterov needs a momentum above 0 and no dampening.")
        super().__init__(params, settings(locals()))

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
        self, params, lr=1e-2, lr_decay=0, weight_decay=0, initial_accumulator_value=0, eps=1e-10, foreach=None, *,
        maximize=False, differentiable=False, fused=None,
    ):  # fmt: skip
        super().__init__(params, settings(locals()))
        for p in self._all():
            total = np.full_like(p.data, initial_accumulator_value)
            self.state[p] = {"step": Tensor(np.float32(0)), "sum": Tensor(total)}

    def update(self, p, g, state, lr, lr_decay, weight_decay, eps, maximize, **_):
        g = directed(p, g, weight_decay, maximize)
        step = counted(state)
        total = state.setdefault("sum", np.full_like(p, self.defaults["initial_accumulator_value"]))
        total += g * g
        p -= lr / (1 + (step - 1) * lr_decay) * g / (np.sqrt(total) + eps)


class RMSprop(Optimizer):
    """A step of about the same length in every direction: g is divided by its own recent size.

    Source: Hinton, lecture 6 of Neural Networks for Machine Learning, 2012; `centered` from Graves, 2013.
    """

    def __init__(
        self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0, centered=False,
        capturable=False, foreach=None, maximize=False, differentiable=False,
    ):  # fmt: skip
        super().__init__(params, settings(locals()))

    def update(self, p, g, state, lr, alpha, eps, weight_decay, momentum, centered, maximize):
        g = directed(p, g, weight_decay, maximize)
        counted(state)
        size = averaged(state, "square_avg", g, alpha, times=g)
        if centered:
            size = size - np.square(averaged(state, "grad_avg", g, alpha))
        spread = np.sqrt(size) + eps
        if momentum:
            velocity = state.setdefault("momentum_buffer", np.zeros_like(p))
            velocity *= momentum
            velocity += g / spread
            p -= lr * velocity
        else:
            p -= lr * g / spread


class Adadelta(Optimizer):
    """RMSprop whose steps are measured by the recent size of the steps themselves, so that no rate must be found.

    Source: Zeiler, 2012.
    """

    def __init__(
        self, params, lr=1.0, rho=0.9, eps=1e-6, weight_decay=0, foreach=None, *,
        capturable=False, maximize=False, differentiable=False,
    ):  # fmt: skip
        if rho > 1:
            raise ValueError(f"Adadelta: rho must be at most 1, and got {rho}.")
        super().__init__(params, settings(locals()))

    def update(self, p, g, state, lr, rho, eps, weight_decay, maximize):
        g = directed(p, g, weight_decay, maximize)
        counted(state)
        size = averaged(state, "square_avg", g, rho, times=g)
        step = np.sqrt(state.setdefault("acc_delta", np.zeros_like(p)) + eps) / np.sqrt(size + eps) * g
        averaged(state, "acc_delta", step, rho, times=step)
        p -= lr * step


class Adam(Optimizer):
    """RMSprop with momentum, where both averages are corrected for having started at 0.

    amsgrad: divide by the largest size so far, not by the recent one.
    decoupled_weight_decay: shrink the parameters themselves, past the averages, as AdamW does.
    Sources: Kingma and Ba, 2014; Reddi, Kale and Kumar, 2018 (amsgrad).
    """

    def __init__(
        self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False, *,
        foreach=None, maximize=False, capturable=False, differentiable=False, fused=None, decoupled_weight_decay=False,
    ):  # fmt: skip
        if not all(isinstance(beta, float) and 0 <= beta < 1 for beta in (betas[0], betas[1])):
            raise ValueError(f"{type(self).__name__}: both betas are floats, at least 0 and below 1; got {betas}.")
        super().__init__(params, settings(locals()))

    def update(self, p, g, state, lr, betas, eps, weight_decay, amsgrad, maximize, decoupled_weight_decay):
        if decoupled_weight_decay:
            p *= 1 - lr * weight_decay
        g = directed(p, g, 0 if decoupled_weight_decay else weight_decay, maximize)
        step = counted(state)
        mean = averaged(state, "exp_avg", g, betas[0])
        size = averaged(state, "exp_avg_sq", g, betas[1], times=g)
        if amsgrad:
            largest = state.setdefault("max_exp_avg_sq", np.zeros_like(p))
            size = np.maximum(largest, size, out=largest)
        spread = np.sqrt(size) / math.sqrt(1 - betas[1] ** step) + eps
        p -= lr / (1 - betas[0] ** step) * mean / spread


class AdamW(Adam):
    """Adam whose weight decay shrinks the parameters themselves, and does not pass through the averages.

    Source: Loshchilov and Hutter, 2017.
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2, amsgrad=False, **options):
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, **options, decoupled_weight_decay=True)


def settings(arguments):
    """The arguments of a rule but for its parameters, checked. Raises ValueError for what cannot be below 0, and is."""
    found = {name: value for name, value in arguments.items() if name not in ("self", "params", "__class__")}
    for name in found.keys() - {"betas", "dampening", "foreach", "fused"}:
        if isinstance(found[name], Tensor) and found[name].numel() != 1:
            raise ValueError(f"{name} must be one number, and got a tensor of shape {found[name].shape}.")
        if not found[name] >= 0:
            raise ValueError(f"{name} must be at least 0, and got {found[name]}.")
    return found


def directed(p, g, weight_decay, maximize):
    """The gradient, turned round if it is to go up, plus the slope of weight_decay * p**2 / 2."""
    g = -g if maximize else g
    return g + weight_decay * p if weight_decay else g


def counted(state):
    """The number of this step, from 1; the state remembers it as PyTorch does, in float32."""
    if "step" not in state:
        state["step"] = np.zeros((), np.float32)
    state["step"] += 1
    return float(state["step"])


def averaged(state, name, value, keep, times=None):
    """The running average called `name`, which starts at 0, moved by 1 - `keep` towards `value` (`times` a second)."""
    average = state.setdefault(name, np.zeros_like(value))
    average *= keep
    step = (1 - keep) * value
    average += step if times is None else step * times
    return average
