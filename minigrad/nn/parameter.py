"""The two kinds of tensors that belong to a module: what it learns, and what it only remembers."""

from ..tensor import Tensor, as_array


class Parameter(Tensor):
    """A tensor that a module learns: it requires grad, and `Module.parameters()` finds it."""

    __slots__ = ()

    def __init__(self, data, requires_grad=True):
        super().__init__(data.data if isinstance(data, Tensor) else as_array(data), requires_grad=requires_grad)

    def __repr__(self):
        return f"Parameter containing:\n{super().__repr__()}"


class Buffer(Tensor):
    """A tensor that a module remembers without learning it, such as running statistics.

    persistent: whether it is saved, in the module's state_dict
    """

    __slots__ = ("persistent",)

    def __init__(self, data, *, persistent=True):
        super().__init__(data.data if isinstance(data, Tensor) else as_array(data))
        self.persistent = persistent
