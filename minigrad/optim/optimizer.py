"""Optimizer: the bookkeeping that all update rules share. The rules themselves are in `rules`."""

import warnings
from collections import defaultdict
from itertools import chain

import numpy as np

from .. import graph
from ..interrupt import uninterrupted
from ..tensor import Tensor, as_tensor

UNSUPPORTED = ("foreach", "capturable", "differentiable", "fused")  # other ways for PyTorch to compute a step


class Optimizer:
    """Updates parameters from their gradients, in place.

    params    tensors, pairs (name, tensor), or dicts {"params": ..., "lr": ...} with settings of their own
    defaults  the settings of every group that does not say otherwise

    `param_groups` holds the settings, which may be changed at any time; `state` what a rule remembers.
    """

    def __init__(self, params, defaults):
        self.defaults = defaults
        self.param_groups = []
        self.state = defaultdict(dict)
        if isinstance(params, Tensor):
            raise TypeError(f"{type(self).__name__} wants a list of tensors, and got one tensor. Try [x].")
        groups = list(params)
        if not groups:
            raise ValueError(
                f"{type(self).__name__} got no parameters. Is your layer an attribute of the model (self.conv = ...), "
                "not a local variable? And was an iterator used up before?"
            )
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)

    def add_param_group(self, param_group):
        """Update further parameters, with settings of their own."""
        name = type(self).__name__
        if not isinstance(param_group, dict) or isinstance(param_group["params"], set):
            raise TypeError(f"{name} wants groups of parameters as a dict, and its 'params' in an order, not in a set.")
        group = {**self.defaults, **param_group}
        for option in UNSUPPORTED:
            if group.get(option):
                raise ValueError(f"{name}: {option}={group[option]} is not supported. Leave it out.")
        params = [group["params"]] if isinstance(group["params"], Tensor) else list(group["params"])
        named = sum(isinstance(p, tuple) for p in params)
        if named:
            if named < len(params):
                raise ValueError(f"{name}: either all parameters have names or none.")
            group["param_names"], params = map(list, zip(*params))
        if any(("param_names" in group) != ("param_names" in other) for other in self.param_groups):
            raise ValueError(f"{name}: either all groups have names for their parameters or none.")
        self._check(params)
        self.param_groups.append({**group, "params": params})

    def _check(self, params):
        """Raise TypeError or ValueError for what cannot be updated, or is already in another group."""
        name = type(self).__name__
        for p in params:
            if not isinstance(p, Tensor):
                raise TypeError(f"{name} updates tensors, and got a {type(p).__name__}.")
            if not (p.is_leaf or p.retains_grad):
                raise ValueError(f"{name} can only update leaves, and got the result of {p.op.__name__}.")
        if not set(params).isdisjoint(self._all()):
            raise ValueError(f"{name} got a parameter in two groups.")
        if len(set(params)) < len(params):
            warnings.warn(f"{name} got a parameter twice in one group, and will update it twice.", stacklevel=4)

    def zero_grad(self, set_to_none=True):
        """Forget all gradients, so that the next backward() starts anew; or set them to 0 where they are."""
        for p in self._all():
            if set_to_none or p.grad is None:
                p.grad = None
            else:
                p.grad = p.grad.detach()
                p.grad.writable().fill(0)

    def step(self, closure=None):
        """Update every parameter that has a gradient. Ctrl-C waits until all are done.

        closure: called before, to compute the loss and its gradients; step() then gives that loss.
        """
        loss = graph.enable_grad()(closure)() if closure else None
        with uninterrupted():
            for group in self.param_groups:
                settings = {key: number(group[key]) for key in self.defaults if key not in UNSUPPORTED}
                for p in group["params"]:
                    if p.grad is not None:
                        self._update(p, settings)
        return loss

    def _update(self, p, settings):
        """`update` for a parameter, whose state it gets as arrays and we keep as tensors."""
        kept = self.state.get(p, {})
        state = {key: value.data for key, value in kept.items()}
        self.update(p.writable(), p.grad.data, state, **settings)
        for key, array in state.items():
            if key not in kept or kept[key].data is not array:
                self.state[p][key] = Tensor(array)  # at the first step, then the rule changes it in place

    def update(self, p, g, state, **settings):
        """The rule: change the array p, given its gradient g and what `state` remembers, as arrays."""
        raise NotImplementedError(f"{type(self).__name__} has no rule. Define update(self, p, g, state, **settings).")

    def state_dict(self):
        """Settings and memory, parameters replaced by their numbers: {"state": {0: {...}}, "param_groups": [...]}."""
        numbers = {}
        for p in self._all():
            numbers.setdefault(p, len(numbers))
        groups = [{**group, "params": [numbers[p] for p in group["params"]]} for group in self.param_groups]
        return {"state": {numbers[p]: dict(state) for p, state in self.state.items()}, "param_groups": groups}

    def load_state_dict(self, state_dict):
        """Go on from what `state_dict` gave, here or in PyTorch.

        Raises ValueError, before anything is changed, where it does not fit.
        """
        if not {"state", "param_groups"} <= state_dict.keys():
            raise KeyError("load_state_dict wants the state_dict of an optimizer: it lacks 'state' or 'param_groups'.")
        groups = state_dict["param_groups"]
        sizes, own = [len(g["params"]) for g in groups], [len(g["params"]) for g in self.param_groups]
        if sizes != own:
            raise ValueError(f"this state is of {sizes} parameters in groups, and the optimizer has {own}.")
        params = dict(zip(chain.from_iterable(g["params"] for g in groups), self._all()))
        state = defaultdict(dict)
        for i, remembered in state_dict["state"].items():
            state[params[i]] = {k: own_copy(k, v, params[i]) for k, v in remembered.items() if v is not None}
        self.state = state
        for group, saved in zip(self.param_groups, groups):
            group.update({k: v for k, v in saved.items() if k != "params"})

    def _all(self):
        return (p for group in self.param_groups for p in group["params"])

    def __repr__(self):
        groups = (
            f"Parameter Group {i}\n" + "".join(f"    {key}: {group[key]}\n" for key in sorted(group) if key != "params")
            for i, group in enumerate(self.param_groups)
        )
        return type(self).__name__ + " (\n" + "\n".join(groups) + ")"


def number(setting):
    """A setting as Python's number, so that it leaves the type of arrays as it is."""
    return setting.item() if isinstance(setting, (Tensor, np.generic)) else setting


def own_copy(key, value, p):
    """What was remembered of parameter p, as a tensor of its type and on its device; PyTorch's "step" is float32."""
    if key == "step":
        return Tensor(np.float32(float(value)))
    if not hasattr(value, "shape"):  # a rule of one's own may remember anything
        return value
    value = value if isinstance(value, Tensor) else as_tensor(np.asarray(value))
    if value.shape != p.shape:
        raise ValueError(f"the state's {key} has shape {value.shape}, for a parameter of shape {p.shape}.")
    return value.detach().to(p.device, p.dtype).clone()
