"""Optimizer: the bookkeeping that all update rules share. The rules themselves are in `rules`."""

import numpy as np

from ..interrupt import uninterrupted
from ..tensor import Tensor


class Optimizer:
    """Updates parameters from their gradients, in place.

    params: an iterable of tensors, or of dicts {"params": ..., "lr": ...} that have settings of their own.
    `param_groups` holds the settings, which may be changed at any time; `state` what a rule remembers.
    """

    def __init__(self, params, **defaults):
        self.defaults = defaults
        self.param_groups = []
        self.state = {}
        groups = [params] if isinstance(params, Tensor) else list(params)
        if not groups:
            raise ValueError(
                f"{type(self).__name__} got no parameters. Is your layer an attribute of the model (self.conv = ...), "
                "not a local variable? And was an iterator used up before?"
            )
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)

    def add_param_group(self, group):
        """Update further parameters, with settings of their own."""
        params = group["params"]
        params = [params] if isinstance(params, Tensor) else list(params)
        known = {p for other in self.param_groups for p in other["params"]}
        for p in params:
            if not isinstance(p, Tensor):
                raise TypeError(f"{type(self).__name__} updates tensors, and got a {type(p).__name__}.")
            if not p.is_leaf:
                raise ValueError(
                    f"{type(self).__name__} can only update leaves, and got the result of {p.op.__name__}."
                )
            if p in known:
                raise ValueError(f"{type(self).__name__} got a parameter twice (shape {p.shape}).")
            known.add(p)
        unknown = set(group) - set(self.defaults) - {"params"}
        if unknown:
            raise TypeError(f"{type(self).__name__} has no setting called {', '.join(sorted(unknown))}.")
        self.param_groups.append({**self.defaults, **group, "params": params})

    def zero_grad(self):
        """Forget all gradients, so that the next backward() starts anew."""
        for group in self.param_groups:
            for p in group["params"]:
                p.grad = None

    def step(self):
        """Update every parameter that has a gradient. Ctrl-C waits until all are done."""
        with uninterrupted():
            for group in self.param_groups:
                settings = {key: group[key] for key in self.defaults}
                for p in group["params"]:
                    if p.grad is not None:
                        state = self.state.setdefault(p, {})
                        self.update(p.writable(), p.grad.data, state, **settings)

    def update(self, p, g, state, **settings):
        """The rule: change the array p, given its gradient g and what `state` remembers."""
        raise NotImplementedError(f"{type(self).__name__} has no rule. Define update(self, p, g, state, **settings).")

    def state_dict(self):
        """Settings and memory, parameters replaced by their numbers: {"state": {0: {...}}, "param_groups": [...]}."""
        numbers = {p: i for i, p in enumerate(self._all())}
        groups = [{**group, "params": [numbers[p] for p in group["params"]]} for group in self.param_groups]
        return {"state": {numbers[p]: dict(state) for p, state in self.state.items()}, "param_groups": groups}

    def load_state_dict(self, state_dict):
        """Go on from what `state_dict` gave. Raises ValueError, before anything is changed, where it does not fit."""
        groups, params = state_dict["param_groups"], list(self._all())
        sizes, own = [len(g["params"]) for g in groups], [len(g["params"]) for g in self.param_groups]
        if sizes != own:
            raise ValueError(f"this state is of {sizes} parameters in groups, and the optimizer has {own}.")
        state = {params[i]: {k: own_copy(v, params[i]) for k, v in s.items()} for i, s in state_dict["state"].items()}
        for p, remembered in state.items():
            for key, value in remembered.items():
                if np.ndim(value) and value.shape != p.shape:
                    raise ValueError(f"the state's {key} has shape {value.shape}, for a parameter of shape {p.shape}.")
        self.state = state
        for group, saved in zip(self.param_groups, groups):
            group.update({k: v for k, v in saved.items() if k != "params"})

    def _all(self):
        return (p for group in self.param_groups for p in group["params"])

    def __repr__(self):
        settings = ", ".join(f"{key}={value}" for key, value in self.param_groups[0].items() if key != "params")
        return f"{type(self).__name__}({sum(1 for _ in self._all())} parameters, {settings})"


def own_copy(value, like):
    """A remembered array, as a copy in the type and on the device of the parameter; numbers stay as they are."""
    if not np.ndim(value):
        return value
    out = np.empty_like(like.data, shape=value.shape)
    out[...] = value.data if isinstance(value, Tensor) else value
    return out
