"""Module: something with parameters that can be called, and that may contain others like it.

A module needs no list of what it contains: its parameters, buffers and modules are the attributes that are one, in the
order in which they were set. Everything below walks over those.
"""

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
            f"{type(self).__name__} has no forward(). Define what it computes: def forward(self, x): ..."
        )

    def __call__(self, *inputs, **options):
        return self.forward(*inputs, **options)

    # ---- what it contains ----

    def named_children(self):
        """(name, module) for each module directly inside."""
        return ((name, value) for name, value in vars(self).items() if isinstance(value, Module))

    def children(self):
        return (module for _, module in self.named_children())

    def named_modules(self, prefix=""):
        """(name, module) for itself (under `prefix`) and everything inside, each module once."""
        seen, stack = set(), [(prefix, self)]
        while stack:
            path, module = stack.pop()
            if module not in seen:
                seen.add(module)
                yield path, module
                inside = [(f"{path}.{name}" if path else name, child) for name, child in module.named_children()]
                stack.extend(reversed(inside))

    def modules(self):
        return (module for _, module in self.named_modules())

    def named_parameters(self):
        """(name, parameter) of all that is learned, such as ("conv1.weight", ...); a shared one appears once."""
        return self._named(Parameter)

    def parameters(self):
        return (parameter for _, parameter in self.named_parameters())

    def named_buffers(self):
        return self._named(Buffer)

    def buffers(self):
        return (buffer for _, buffer in self.named_buffers())

    def _named(self, kind, once=True):
        seen = set()
        for path, module in self.named_modules():
            for name, value in vars(module).items():
                if isinstance(value, kind) and not (once and value in seen):
                    seen.add(value)
                    yield f"{path}.{name}" if path else name, value

    def register_buffer(self, name, tensor):
        """Remember `tensor` as `self.<name>`, the same as `self.<name> = nn.Buffer(tensor)`."""
        setattr(self, name, Buffer(tensor))

    # ---- what can be done to all of it ----

    def train(self, mode=True):
        """Behave as in training (dropout drops, batch norm measures the batch), here and in every module inside."""
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

    def zero_grad(self):
        """Forget all gradients."""
        for parameter in self.parameters():
            parameter.grad = None

    def to(self, *args, **options):
        """Move everything to a device, or to a floating-point type; the parameters stay the same objects."""
        for tensor in (*self.parameters(), *self.buffers()):
            for holder in (tensor, tensor.grad):
                if holder is not None:
                    moved = holder.detach().to(*args, **options)
                    keep_type = not (dtypes.is_floating(holder.dtype) and dtypes.is_floating(moved.dtype))
                    holder.data = moved.to(holder.dtype).data if keep_type else moved.data
        return self

    def cuda(self):
        return self.to("cuda")

    def cpu(self):
        return self.to("cpu")

    def float(self):
        return self.to(dtypes.float32)

    def double(self):
        return self.to(dtypes.float64)

    def apply(self, function):
        """Call `function` on every module inside and on itself, innermost first."""
        for module in reversed(list(self.modules())):
            function(module)
        return self

    # ---- saving and loading ----

    def state_dict(self):
        """All parameters and buffers by name, sharing memory with the module's: what `mg.save` writes."""
        return {name: tensor.detach() for name, tensor in self._named((Parameter, Buffer), once=False)}

    def load_state_dict(self, state_dict, strict=True):
        """Copy values in, by name; tensors, NumPy arrays and PyTorch's tensors all do.

        Raises RuntimeError, before anything is changed, if names are missing or unknown (unless not `strict`) or if a
        shape differs.
        """
        own = self.state_dict()
        arrays = {name: as_numpy(value) for name, value in state_dict.items() if name in own}
        complaints = []
        if strict:
            complaints += [f"missing: {name}" for name in own if name not in state_dict]
            complaints += [f"unknown: {name}" for name in state_dict if name not in own]
        for name, array in arrays.items():
            if array.shape != own[name].shape:
                complaints.append(f"{name}: its shape is {own[name].shape} here and {array.shape} in the state_dict")
        if complaints:
            raise RuntimeError(f"this state_dict does not fit {type(self).__name__}:\n  " + "\n  ".join(complaints))
        with no_grad():
            for name, array in arrays.items():
                own[name].copy_(Tensor(array).to(own[name].device))

    # ---- how it prints ----

    def extra_repr(self):
        """What stands between the parentheses when the module is printed."""
        return ""

    def __repr__(self):
        lines = [f"({name}): {module!r}".replace("\n", "\n  ") for name, module in self.named_children()]
        inside = "\n  ".join(["", *lines]) + "\n" if lines else self.extra_repr()
        return f"{type(self).__name__}({inside})"


def as_numpy(value):
    """The numbers of a tensor, ours or PyTorch's, or of an array."""
    if isinstance(value, Tensor):
        return value.detach().cpu().numpy()
    return np.asarray(value.detach().cpu() if hasattr(value, "detach") else value)
