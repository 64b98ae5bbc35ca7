"""The Tensor: an array that remembers what made it.

The maths is in `ops`, the bookkeeping in `graph`. They meet in `apply`, the first function below. Read `apply`, then
`Tensor.backward`. What a tensor can do beyond that (arithmetic, reductions, shapes ...) stands in `functions`: each is
mostly one line that calls `apply`, and becomes a method of Tensor there.
"""

from weakref import ref

import numpy as np

from . import device as devices
from . import dtype as dtypes
from . import graph, ops
from .explain import explain
from .printing import array_to_text, with_notes


def apply(op, *inputs, **options):
    """Run `op` on the arrays of `inputs`, and record it if any of them needs a gradient.

    inputs: Tensors, or plain numbers where the op allows them    ->    a Tensor
    """
    arrays = [i.data if isinstance(i, Tensor) else i for i in inputs]
    try:
        value, *gradients = op(*arrays, **options)
    except Exception as error:
        clearer = explain(error, op, arrays)
        if clearer is None:
            raise
        raise clearer from None

    out = Tensor(value)
    if out.data.base is not None and is_view(out.data, arrays[0]):
        out.look_at(inputs[0], op, options)
    if graph.recording.get() and out.data.dtype.kind == "f":
        gradients = [f if isinstance(i, Tensor) and i.requires_grad else None for i, f in zip(inputs, gradients)]
        if any(gradients):
            record(out, op, inputs, options, gradients)
    return out


def record(out, op, inputs, options, gradients):
    """Note how `out` was made, and freeze the arrays that its gradients may look at again."""
    out.requires_grad = True
    out.op, out.inputs, out.options, out.gradients = op, inputs, options, gradients
    devices.freeze(out.data)
    out.versions = [out.version[0]]
    for i in inputs:
        out.versions.append(i.version[0] if isinstance(i, Tensor) else None)
        if isinstance(i, Tensor) and i.op is None:
            devices.freeze(i.data)


def is_view(out, array):
    """Whether `out` is a view of `array`, or of what `array` itself is a view of."""
    return out.base is array or out.base is getattr(array, "base", None)


class Tensor:
    """An n-dimensional array of numbers that can be differentiated.

    data            the array: NumPy's on the cpu, CuPy's on cuda
    grad            None, or a Tensor of the same shape: what backward() has added up here
    requires_grad   whether a gradient is wanted here, or passes through
    op, inputs, options, gradients
                    how it was made: the function, what it was given, and one gradient function per input (None where
                    no gradient is needed). A leaf was not made by an op: its `op` is None.
    version         how often the memory was written to: a list of one number, shared by all views of that memory
    view_of, views  what it is a view of, with the op and options that give the view; and which views there are of it
    past            what it was before a recorded change in place made it the result of another op: None, or a tensor
    """

    __slots__ = (
        *("data", "grad", "requires_grad", "op", "inputs", "options", "gradients"),
        *("retains_grad", "version", "versions", "view_of", "views", "past", "__weakref__"),
    )
    __array_ufunc__ = None  # so that `array * tensor` asks the tensor

    def __init__(self, data, requires_grad=False):
        self.data = data if type(data) is np.ndarray else as_array(data)
        self.grad = None
        self.requires_grad = False
        self.op, self.inputs, self.options, self.gradients = None, (), {}, ()
        self.retains_grad = False
        self.version, self.versions = [0], ()
        self.view_of = self.views = self.past = None
        if requires_grad:
            self.requires_grad_()

    # ---- gradients ----

    def backward(self, gradient=None, retain_graph=None, create_graph=False, inputs=None):
        """Add to the `grad` of every leaf how much this number changes with it.

        gradient: a tensor of this shape to start from; may be left out if this is a single number (then it is 1).
        create_graph: record how the gradients are computed, so that they can be differentiated in turn.
        retain_graph: keep the record for another backward(); if left out, as create_graph says.
        inputs: a tensor, or several, in whose `grad` alone to add up, leaves or not.
        """
        retain_graph = create_graph if retain_graph is None else retain_graph
        wanted = None if inputs is None else set(graph.wanted("backward()", inputs))
        for tensor, g in self._backpropagate(gradient, retain_graph, create_graph):
            if (tensor.op is None or tensor.retains_grad) if wanted is None else tensor in wanted:
                tensor._accumulate(g)

    def _backpropagate(self, gradient, retain_graph, create_graph):
        """The engine's pairs (tensor, gradient); the gradients are arrays, or Tensors if they are recorded."""
        if not self.requires_grad:
            raise RuntimeError(
                "backward() has nowhere to go: this tensor was computed from no tensor with requires_grad=True, "
                "or inside no_grad()."
            )
        start = self._first_gradient(gradient)
        if create_graph:
            return self._backpropagate_recorded(start.clone(), retain_graph)  # from `recorded`
        return graph.backpropagate(self, start.data, retain_graph=retain_graph)

    def _first_gradient(self, gradient):
        """The tensor that backward() starts from, checked."""
        if gradient is None:
            if self.data.size != 1:
                raise RuntimeError(
                    f"backward() starts from one number, but this tensor has shape {self.shape}. "
                    "Reduce it first, with .mean() or .sum()."
                )
            return Tensor(np.ones_like(self.data))
        if not isinstance(gradient, Tensor):
            raise TypeError(f"backward() starts from a tensor, and got a {type(gradient).__name__}.")
        if gradient.shape != self.shape:
            raise RuntimeError(
                f"backward() got a gradient of shape {gradient.shape} for a tensor of shape {self.shape}."
            )
        gradient = gradient.to(self.dtype)
        return gradient.clone() if self.op is None else gradient  # a leaf keeps it

    def _accumulate(self, g):
        """Add g, an array or a recorded Tensor, to `grad`. Of an array, an intermediate must make a copy of its own."""
        if isinstance(g, Tensor):
            self.grad = g if self.grad is None else self.grad + g
        elif self.grad is not None:
            np.add(self.grad.data, g, out=self.grad.writable())
        else:
            self.grad = Tensor(g if self.op is None else g.copy())

    def requires_grad_(self, requires_grad=True):
        """Ask for a gradient (or no longer). Raises RuntimeError for integers, bools, and results of recorded ops."""
        if requires_grad and not dtypes.is_floating(self.dtype):
            raise RuntimeError(
                f"only floating-point tensors can require gradients, and this one is {self.dtype}. Try .float()."
            )
        if not requires_grad and self.op is not None:
            raise RuntimeError("this tensor was computed from others, so it cannot stop requiring grad; use .detach().")
        self.requires_grad = requires_grad
        return self

    def retain_grad(self):
        """Keep the gradient of this intermediate tensor too, when backward() comes by."""
        if not self.requires_grad:
            raise RuntimeError("retain_grad() is for tensors that require grad, and this one does not.")
        self.retains_grad = self.op is not None

    def detach(self):
        """The same memory, with no memory of how it was made."""
        out = Tensor(self.data)
        out.version = self.version
        return out

    def detach_(self):
        """Forget how this was made. Raises RuntimeError for a view, which shares memory with what remembers."""
        if self.view_of is not None:
            raise RuntimeError("detach_() cannot be taken of a view; use .detach().")
        self.requires_grad, self.op, self.inputs, self.options, self.gradients = False, None, (), {}, ()
        return self

    is_leaf = property(lambda self: self.op is None)

    # ---- what it is ----

    shape = property(lambda self: self.data.shape)
    ndim = property(lambda self: self.data.ndim)
    dtype = property(lambda self: self.data.dtype)
    device = property(lambda self: devices.of(self.data).name)

    def dim(self):
        return self.data.ndim

    def size(self, dim=None):
        return self.shape if dim is None else self.shape[axis_of(dim, self.ndim)]

    def numel(self):
        return self.data.size

    def stride(self):
        """How many elements lie between neighbours along each axis."""
        return tuple(s // self.data.itemsize for s in self.data.strides)

    def is_contiguous(self):
        return self.data.flags.c_contiguous

    def __len__(self):
        if not self.ndim:
            raise TypeError("len() of a tensor without axes; it is a single number.")
        return self.shape[0]

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __contains__(self, x):
        return bool((self.data == (x.data if isinstance(x, Tensor) else x)).any())

    def __repr__(self):
        notes = [f"device='{self.device}'"] if self.device != "cpu" else []
        usual = (dtypes.default, dtypes.int64, dtypes.bool) if self.data.size else (dtypes.default,)
        if self.dtype not in usual:
            notes.append(f"dtype=mg.{self.dtype}")
        if self.op is not None:
            notes.append(f"op={self.op.__name__}")
        elif self.requires_grad:
            notes.append("requires_grad=True")
        return with_notes("tensor(" + array_to_text(devices.of(self.data).to_numpy(self.data)), notes) + ")"

    # ---- out of the tensor, and from type to type ----

    def numpy(self):
        """The array itself, which shares memory with the tensor. Raises where it is on cuda, or requires grad."""
        if self.requires_grad:
            raise RuntimeError(
                "numpy() would leave the graph unnoticed: this tensor requires grad. Say .detach().numpy()."
            )
        if self.device != "cpu":
            raise TypeError(f"numpy() is for tensors on the cpu, and this one is on {self.device}. Say .cpu().numpy().")
        return self.data

    def __array__(self, dtype=None, copy=None):
        return np.array(self.numpy(), dtype=dtype, copy=copy)

    def item(self, error=RuntimeError):
        """The one number of this tensor, as Python's."""
        if self.data.size != 1:
            raise error(f"item() is for a single number, and this tensor has shape {self.shape}.")
        return self.data.item()

    def tolist(self):
        return self.data.tolist()

    def __float__(self):
        return float(self.item(ValueError))

    def __int__(self):
        return int(self.item(ValueError))

    def __index__(self):
        if self.dtype.kind not in "iu":
            raise TypeError(f"only an integer tensor can be an index, and this one is {self.dtype}.")
        return self.item(TypeError)

    def __bool__(self):
        if self.data.size != 1:
            raise RuntimeError(f"is a tensor of shape {self.shape} true? Say which is meant: .any() or .all().")
        return bool(self.item())

    def __format__(self, spec):
        return format(repr(self) if self.ndim else self.item(), spec)

    def to(self, *args, device=None, dtype=None):
        """On another device or in another number type: to("cuda"), to(mg.float64), to(device, dtype), to(other)."""
        for arg in args:
            if isinstance(arg, Tensor):
                device, dtype = arg.device, arg.dtype
            elif isinstance(arg, str):
                device = arg
            else:
                dtype = np.dtype(arg)
        out = self
        if device is not None and devices.get(device) is not devices.of(self.data):
            out = apply(ops.transfer, out, device=device)
        return out if dtype is None or dtype == self.dtype else apply(ops.cast, out, dtype=np.dtype(dtype))

    def cpu(self):
        return self.to("cpu")

    def cuda(self):
        return self.to("cuda")

    def half(self):
        return self.to(dtypes.float16)

    def float(self):
        return self.to(dtypes.float32)

    def double(self):
        return self.to(dtypes.float64)

    def short(self):
        return self.to(dtypes.int16)

    def int(self):
        return self.to(dtypes.int32)

    def long(self):
        return self.to(dtypes.int64)

    def bool(self):
        return self.to(dtypes.bool)

    def look_at(self, source, op, options):
        """Note that this is a view of `source`: what is written to one can be seen in the other."""
        self.version = source.version
        self.view_of = source, op, options
        if source.views is None:
            source.views = set()
        source.views.add(ref(self, source.views.discard))  # weak: a view lives only as long as someone holds it

    def __getstate__(self):
        """What copies and pickles are made of: all but the ties between views, for a copy has memory of its own."""
        _, state = super().__getstate__()
        return None, {**state, "views": None, "view_of": None}

    def writable(self):
        """The array, open for writing: every change in place goes through here, so that a stale graph can tell."""
        devices.thaw(self.data)
        self.version[0] += 1
        return self.data


def as_array(data):
    """What a tensor can hold: an array of some device; a number that an op returned becomes an array without axes."""
    if isinstance(data, (np.generic, int, float)):
        return np.asarray(data)
    devices.of(data)
    return data


def as_tensor(x, like=None):
    """x as a Tensor: itself, or a constant made from an array or a number (on the device of `like`)."""
    if isinstance(x, Tensor):
        return x
    if isinstance(x, np.ndarray):
        return Tensor(x)
    array = np.asarray(x, dtype=dtypes.of_number(x))
    return Tensor(array if like is None else devices.of(like.data).from_numpy(array))


def axis_of(dim, ndim):
    """PyTorch's `dim` (None, an integer, or several; negative from the end) as NumPy's `axis`, never negative.

    Raises IndexError for an axis that is not there, RuntimeError for one named twice.
    """
    if dim is None:
        return None
    if isinstance(dim, (tuple, list)):
        axes = tuple(axis_of(d, ndim or 1) for d in dim)
        if len(set(axes)) < len(axes):
            raise RuntimeError(f"dim {tuple(dim)} names an axis twice.")
        return axes if axes and ndim else None
    if not -max(ndim, 1) <= dim < max(ndim, 1):
        raise IndexError(
            f"dim {dim} is not there: a tensor of {ndim} axes has dims from {-max(ndim, 1)} to {max(ndim, 1) - 1}."
        )
    return dim % ndim if ndim else None
