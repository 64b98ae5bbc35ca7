"""What can be done with tensors: as functions of `minigrad`, and as methods of Tensor.

To find one: `pointwise`, `reduction`, `matrix` and `shape` hold what their namesakes in `ops` differentiate; `indexing`
what finds elements by where or what they are; `inplace` what ends in an underscore. A function of theirs whose first
parameter is called `input` becomes a method, too; one that takes `tensors`, a `condition` or an `equation` first does
not. What else is there serves these, or an operator.
"""

from inspect import isfunction

from ..tensor import Tensor
from . import indexing, inplace, matrix, pointwise, reduction, shape

OPERATORS = {
    "__add__": pointwise.add,
    "__radd__": pointwise.add,
    "__sub__": pointwise.sub,
    "__rsub__": pointwise.rsub,
    "__mul__": pointwise.mul,
    "__rmul__": pointwise.mul,
    "__truediv__": pointwise.div,
    "__rtruediv__": pointwise.rdiv,
    "__floordiv__": pointwise.floor_divide,
    "__rfloordiv__": pointwise.rfloor_divide,
    "__mod__": pointwise.remainder,
    "__rmod__": pointwise.rremainder,
    "__pow__": pointwise.pow,
    "__rpow__": pointwise.rpow,
    "__matmul__": matrix.matmul,
    "__rmatmul__": matrix.rmatmul,
    "__neg__": pointwise.neg,
    "__pos__": lambda input: input,
    "__abs__": pointwise.abs,
    "__eq__": pointwise.equal,
    "__ne__": pointwise.unequal,
    "__lt__": pointwise.lt,
    "__le__": pointwise.le,
    "__gt__": pointwise.gt,
    "__ge__": pointwise.ge,
    "__and__": pointwise.bitwise_and,
    "__or__": pointwise.bitwise_or,
    "__invert__": pointwise.bitwise_not,
    "__getitem__": indexing.getitem,
    "__setitem__": inplace.setitem,
    "__iadd__": inplace.add_,
    "__isub__": inplace.sub_,
    "__imul__": inplace.mul_,
    "__itruediv__": inplace.div_,
    "__ifloordiv__": inplace.floor_divide_,
    "__imod__": inplace.remainder_,
    "__ipow__": inplace.pow_,
}

METHODS = {"contiguous", "expand", "expand_as", "repeat", "reshape_as", "view", "view_as"}  # no functions in PyTorch


def taking(*first):
    """Every function of these files whose first parameter has one of these names, by its own name."""
    modules = (pointwise, reduction, matrix, shape, indexing, inplace)
    found = (item for module in modules for item in vars(module).items())
    return {name: f for name, f in found if isfunction(f) and f.__code__.co_varnames[:1] in [(word,) for word in first]}


for name, function in {**taking("input"), **OPERATORS}.items():
    setattr(Tensor, name, function)
Tensor.where = lambda self, condition, other: pointwise.where(condition, self, other)
Tensor.split = lambda self, split_size, dim=0: shape.split(self, split_size, dim)
Tensor.T = property(lambda x: shape.permute(x, range(x.ndim)[::-1]), doc="All axes in the opposite order.")
Tensor.mT = property(shape.transposed, doc="The last two axes exchanged.")

functions = taking("input", "tensors", "tensor", "condition", "equation")
functions = {name: f for name, f in functions.items() if not name.endswith("_") and name not in METHODS}
globals().update(functions)
__all__ = sorted(functions)
