"""What can be done with tensors: as functions of `minigrad`, and as methods of Tensor.

To find one: `pointwise`, `reduction`, `matrix` and `shape` hold what their namesakes in `ops` differentiate; `indexing`
what finds elements by where or what they are; `inplace` what ends in an underscore. A function of theirs whose first
parameter is called `input` becomes a method, too; one that takes `tensors`, a `condition` or an `equation` first does
not. What else is there serves these, or an operator.
"""

from inspect import isfunction

from ..tensor import Tensor
from . import indexing, inplace, matrix, pointwise, reduction, shape

EITHER_WAY = {
    "add": pointwise.add,
    "mul": pointwise.mul,
    "and": pointwise.bitwise_and,
    "or": pointwise.bitwise_or,
    "xor": pointwise.bitwise_xor,
}
IN_ORDER = {
    "sub": pointwise.sub,
    "truediv": pointwise.div,
    "floordiv": pointwise.floor_divide,
    "mod": pointwise.remainder,
    "pow": pointwise.pow,
    "matmul": matrix.matmul,
}
OTHERS = {
    "neg": pointwise.neg,
    "pos": lambda input: input,
    "abs": pointwise.abs,
    "invert": pointwise.bitwise_not,
    "eq": pointwise.equal,
    "ne": pointwise.unequal,
    "getitem": indexing.getitem,
    "setitem": inplace.setitem,
    "iadd": inplace.add_,
    "isub": inplace.sub_,
    "imul": inplace.mul_,
    "itruediv": inplace.div_,
    "ifloordiv": inplace.floor_divide_,
    "imod": inplace.remainder_,
    "ipow": inplace.pow_,
    **{name: getattr(pointwise, name) for name in ("lt", "le", "gt", "ge")},
}


def turned(function):
    """`function` with its inputs exchanged: other - x, where only x is a tensor."""
    return lambda x, other: function(other, x)


OPERATORS = {
    **EITHER_WAY,
    **{f"r{name}": function for name, function in EITHER_WAY.items()},
    **IN_ORDER,
    **{f"r{name}": turned(function) for name, function in IN_ORDER.items()},
    **OTHERS,
}

METHODS = {"contiguous", "expand", "expand_as", "repeat", "reshape_as", "view", "view_as"}  # no functions in PyTorch


def taking(*first):
    """Every function of these files whose first parameter has one of these names, by its own name."""
    modules = (pointwise, reduction, matrix, shape, indexing, inplace)
    found = (item for module in modules for item in vars(module).items())
    return {name: f for name, f in found if isfunction(f) and f.__code__.co_varnames[:1] in [(word,) for word in first]}


for name, function in taking("input").items():
    setattr(Tensor, name, function)
for name, function in OPERATORS.items():
    setattr(Tensor, f"__{name}__", function)
Tensor.where = lambda self, condition, other: pointwise.where(condition, self, other)
Tensor.split = lambda self, split_size, dim=0: shape.split(self, split_size, dim)
Tensor.T = property(lambda x: shape.permute(x, range(x.ndim)[::-1]), doc="All axes in the opposite order.")
Tensor.mT = property(shape.transposed, doc="The last two axes exchanged.")

functions = taking("input", "tensors", "tensor", "condition", "equation")
functions = {name: f for name, f in functions.items() if not name.endswith("_") and name not in METHODS}
globals().update(functions)
__all__ = sorted(functions)
