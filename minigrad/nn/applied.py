"""Layers that are a function of `nn.functional` and its settings, no more."""

from inspect import Signature, signature

from ..tensor import Tensor
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
            cls.__signature__ = Signature([a for a in arguments if a.name not in cls.without])

    def __init__(self, *args, **options):
        settings = type(self).__signature__.bind(*args, **options)
        settings.apply_defaults()
        for name, value in settings.arguments.items():
            setattr(self, name, Buffer(value) if isinstance(value, Tensor) else value)

    def forward(self, *inputs):
        return type(self).function(
            *inputs, **{name: getattr(self, name) for name in type(self).__signature__.parameters}
        )

    def extra_repr(self):
        said = {name: getattr(self, name) for name in type(self).__signature__.parameters}
        return ", ".join(f"{name}={value!r}" for name, value in said.items() if name != "inplace" or value)
