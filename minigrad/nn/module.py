"""Module: something with parameters that can be called, and that may contain others like it.

A module needs no list of what it contains: its parameters, buffers and modules are the attributes that are one, in the
order in which they were set. Everything below walks over those.
"""

from collections import namedtuple
from collections.abc import Mapping

import numpy as np

from .. import dtype as dtypes
from ..graph import no_grad
from ..tensor import Tensor
from .parameter import Buffer, Parameter


class Module:
    """Base class of every layer and model: set attributes in `__init__`, say in `forward` what they do."""

    training = True

    def forward(self, *inputs):
        raise NotImplementedError(
            f"{type(self).__name__} has no forward(). Say what it computes: def forward(self, x): ..."
        )

    def __call__(self, *inputs, **options):
        return self.forward(*inputs, **options)

    # ---- what it contains ----

    def __setattr__(self, name, value):
        """Set it; but what is a parameter or a module stays one (or becomes None), and a buffer stays a buffer."""
        before = vars(self).get(name)
        if isinstance(before, Buffer) and type(value) is Tensor:
            value = Buffer(value, persistent=before.persistent)
        for kind in (Parameter, Module, Buffer):  # each may become those before it, too
            if value is None or isinstance(value, kind):
                break
            if isinstance(before, kind):
                kinds = type(before).__name__, type(value).__name__
                raise TypeError(
                    "{} is a {}, and would be a {}. To change its numbers, copy_ them.".format(name, *kinds)
                )
        super().__setattr__(name, value)

    def register_parameter(self, name, param):
        """self.<name> = param, if it is a Parameter or None, and the name can stand in a state_dict and is free."""
        self._register(name, param, Parameter)

    def register_buffer(self, name, tensor, persistent=True):
        """Remember `tensor` as `self.<name>`; in the state_dict, too, if it is `persistent`."""
        self._register(name, Buffer(tensor, persistent=persistent) if isinstance(tensor, Tensor) else tensor, Buffer)

    def add_module(self, name, module):
        self._register(name, module, Module)

    register_module = add_module

    def _register(self, name, value, kind):
        if not isinstance(name, str) or not isinstance(value, (kind, type(None))):
            raise TypeError(f"a {kind.__name__} (or None) and its name are wanted, and got {name!r}: {value!r}.")
        taken = hasattr(self, name) and not isinstance(vars(self).get(name, ...), (kind, type(None)))
        if taken or "." in name or not name:
            raise KeyError(f"{name!r} cannot be a name: it is empty, has a dot in it, or is taken.")
        setattr(self, name, value)

    def named_children(self):
        """(name, module) for each module directly inside."""
        first = {}
        for name, module in self._items(Module):
            first.setdefault(module, name)
        return ((name, module) for module, name in first.items())

    def _items(self, *kinds):
        """(name, value) of the attributes that are of one of these kinds, those of the first kind first."""
        return [(name, value) for kind in kinds for name, value in vars(self).items() if isinstance(value, kind)]

    def children(self):
        return (module for _, module in self.named_children())

    def named_modules(self, memo=None, prefix="", remove_duplicate=True):
        """(name, module) for itself (under `prefix`) and everything inside, each module once (or wherever it is)."""
        seen, stack = set() if memo is None else memo, [(prefix, self)]
        while stack:
            path, module = stack.pop()
            if module not in seen:
                if remove_duplicate:
                    seen.add(module)
                yield path, module
                stack += [(joined(path, name), child) for name, child in reversed(module._items(Module))]

    def modules(self):
        return (module for _, module in self.named_modules())

    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        """(name, parameter) of all that is learned, such as ("conv1.weight", ...); a shared one appears once."""
        return self._named((Parameter,), prefix, recurse, remove_duplicate)

    def parameters(self, recurse=True):
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(self, prefix="", recurse=True, remove_duplicate=True):
        return self._named((Buffer,), prefix, recurse, remove_duplicate)

    def buffers(self, recurse=True):
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def _named(self, kinds, prefix="", recurse=True, once=True):
        seen = set()
        for path, module in self.named_modules(None, prefix, once) if recurse else [(prefix, self)]:
            for name, value in module._items(*kinds):
                if not (once and value in seen):
                    seen.add(value)
                    yield joined(path, name), value

    def get_submodule(self, target):
        """What is found under a name such as "body.0"; so do get_parameter ("body.0.weight") and get_buffer."""
        return self._found(target, Module)

    def get_parameter(self, target):
        return self._found(target, Parameter)

    def get_buffer(self, target):
        return self._found(target, Buffer)

    def _found(self, target, kind):
        found = self
        for name in target.split(".") if target else []:
            found = getattr(found, name)
        if not isinstance(found, kind):
            raise AttributeError(f"{target!r} is a {type(found).__name__}, and a {kind.__name__} is wanted.")
        return found

    # ---- what can be done to all of it ----

    def train(self, mode=True):
        """Behave as in training (dropout drops, batch norm measures the batch), here and in every module inside."""
        if not isinstance(mode, bool):
            raise ValueError(f"train: mode is True or False, and got {mode!r}.")
        for module in self.modules():
            module.training = mode
        return self

    def eval(self):
        """Behave as in use: nothing random, nothing measured."""
        return self.train(False)

    def requires_grad_(self, requires_grad=True):
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none=True):
        """Forget all gradients, or make them 0."""
        for parameter in self.parameters():
            if set_to_none:
                parameter.grad = None
            elif parameter.grad is not None:
                parameter.grad.zero_()

    def to(self, *args, **options):
        """Move everything to a device, or to a floating-point type; the parameters stay the same objects."""
        for tensor in (*self.parameters(), *self.buffers()):
            for holder in (tensor, tensor.grad):
                if holder is not None:
                    moved = holder.detach().to(*args, **options)
                    if dtypes.is_floating(holder.dtype) and not dtypes.is_floating(moved.dtype):
                        raise TypeError(f"a module can be moved to a floating-point type, and not to {moved.dtype}.")
                    holder.data = (moved if dtypes.is_floating(holder.dtype) else moved.to(holder.dtype)).data
        return self

    def cuda(self):
        return self.to("cuda")

    def cpu(self):
        return self.to("cpu")

    def half(self):
        return self.to(dtypes.float16)

    def float(self):
        return self.to(dtypes.float32)

    def double(self):
        return self.to(dtypes.float64)

    def apply(self, fn):
        """Call `fn` on every module inside and on itself, innermost first."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    # ---- saving and loading ----

    def state_dict(self, *, prefix="", keep_vars=False):
        """All parameters and buffers by name, sharing memory with the module's: what `mg.save` writes."""
        named = self._named((Parameter, Buffer), prefix.removesuffix("."), once=False)
        saved = ((name, tensor) for name, tensor in named if getattr(tensor, "persistent", True))
        return {name: tensor if keep_vars else tensor.detach() for name, tensor in saved}

    def load_state_dict(self, state_dict, strict=True):
        """Copy tensors (PyTorch's, too) or arrays in, by name. Gives the names that are missing, and those unknown.

        Raises RuntimeError, before anything is changed, if there are such (unless not `strict`), or a shape differs.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"load_state_dict wants a dictionary, and got a {type(state_dict).__name__}.")
        own = self.state_dict()
        arrays = {name: as_numpy(value) for name, value in state_dict.items() if name in own}
        keys = Keys([name for name in own if name not in arrays], [name for name in state_dict if name not in own])
        complaints = [f"missing: {name}" for name in keys.missing_keys] if strict else []
        complaints += [f"unknown: {name}" for name in keys.unexpected_keys] if strict else []
        shapes = ((name, own[name].shape, array.shape) for name, array in arrays.items())
        complaints += [f"{name}: its shape is {a} here and {b} in the state_dict" for name, a, b in shapes if a != b]
        if complaints:
            raise RuntimeError(f"this state_dict does not fit {type(self).__name__}:\n  " + "\n  ".join(complaints))
        with no_grad():
            for name, array in arrays.items():
                own[name].copy_(Tensor(array).to(own[name].device))
        return keys

    # ---- how it prints ----

    def extra_repr(self):
        """What stands between the parentheses when the module is printed."""
        return ""

    def _lines(self):
        return [f"({name}): {module!r}" for name, module in self._items(Module)]

    def __repr__(self):
        lines, extra = self._lines(), self.extra_repr()
        if not lines and "\n" not in extra:
            return f"{type(self).__name__}({extra})"
        inside = "".join("\n  " + line.replace("\n", "\n  ") for line in [*extra.splitlines(), *lines])
        return f"{type(self).__name__}({inside}\n)"


class Keys(namedtuple("Keys", ["missing_keys", "unexpected_keys"])):
    """The names that a state_dict lacked, and those that it had too many."""

    def __repr__(self):
        return super().__repr__() if any(self) else "<All keys matched successfully>"


def joined(path, name):
    return f"{path}.{name}" if path else name


def as_numpy(value):
    """The numbers of a tensor, ours or PyTorch's, or of an array."""
    if isinstance(value, Tensor):
        return value.detach().cpu().numpy()
    return np.asarray(value.detach().cpu() if hasattr(value, "detach") else value)
