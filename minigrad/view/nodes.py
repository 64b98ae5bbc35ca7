"""What there is to say about each tensor of a recorded graph, in short: the matter of every picture and every list.

`nodes` walks the graph and gives one `Node` per tensor. How they are shown is decided elsewhere.
"""

from dataclasses import dataclass, field

import numpy as np

from .. import device as devices
from .. import dtype as dtypes
from .. import graph
from ..nn import Parameter
from ..tensor import Tensor

LARGEST = 400  # tensors; a larger picture can't be read
FEW, SHORT = 8, 20  # numbers and characters that are shown one by one, before it is only the smallest and the largest


@dataclass
class Node:
    """One tensor, or a plain number that an op was given.

    kind        "op" (the result of one), "parameter", "leaf" (another that collects a gradient), or "constant"
    op, options what made it, and how, as text; empty for what nothing made
    shape       with the number type, unless that is float32 or bool
    grad        "–" where there is none yet, "" where there will never be one
    inputs      the numbers of the nodes it was made from, in order
    passes      for each of these, whether a gradient goes back to it
    tensor      the tensor itself, or the plain number
    yours       whether the op is a learner's part, in the library's place
    """

    kind: str
    name: str
    shape: str
    value: str
    grad: str
    op: str = ""
    options: dict = field(default_factory=dict)
    inputs: list = field(default_factory=list)
    passes: list = field(default_factory=list)
    tensor: object = field(default=None, repr=False)
    yours: bool = False


def nodes(root, names, gradients, asked="draw", largest=LARGEST):
    """A Node for every tensor that `root` was made from, inputs before outputs, `root` last.

    names: the Names of tensors
    gradients: {tensor: array}, or None for what backward() has left in `.grad`

    Raises RuntimeError if part of the graph was let go, ValueError if it is too large to be drawn.
    """
    found, places = [], {}
    for tensor in forward_order(root, asked, largest):
        node = described(tensor, names.of(tensor), gradients)
        for i, gradient in zip(tensor.inputs, tensor.gradients):
            node.inputs.append(places[i] if isinstance(i, Tensor) else len(found))
            node.passes.append(gradient is not None)
            if not isinstance(i, Tensor):
                found.append(Node("constant", "", "()", number(i), "", tensor=i))
        places[tensor] = len(found)
        found.append(node)
    return found


def forward_order(root, asked="draw", largest=LARGEST):
    """Every tensor that `root` was made from, with a gradient or not: inputs before outputs, in their order."""
    graph.topological_order(root)  # finds inputs that were changed in place since as they were
    order, seen, stack = [], set(), [(root, False)]
    while stack:
        tensor, inputs_done = stack.pop()
        if inputs_done:
            order.append(tensor)
        elif tensor not in seen:
            if len(seen) == largest:
                raise ValueError(
                    f"{asked} shows graphs of up to {largest} tensors, and this one has more. "
                    f"{asked.title()} a part of it."
                )
            refuse_let_go(asked, tensor)
            seen.add(tensor)
            stack.append((tensor, True))
            stack.extend((i, False) for i in reversed(tensor.inputs) if isinstance(i, Tensor))
    return order


def refuse_let_go(asked, tensor):
    if tensor.gradients is None:
        raise RuntimeError(
            f"{asked}: backward() has let go of what was recorded for the result of {tensor.op.__name__}. "
            f"{asked.title()} before backward(), or say backward(retain_graph=True)."
        )


def gradients_of(root):
    """How much `root`, a single number, changes with each tensor it was made from: {tensor: array}.

    The engine's own answer; nothing is added to any `.grad`, and nothing is let go.
    """
    refuse_many("draw", root)
    forward_order(root)  # refuses, in words about drawing, what the engine would refuse too
    if not root.requires_grad:
        return {}
    return dict(graph.backpropagate(root, np.ones_like(root.data), retain_graph=True))


def refuse_many(asked, root):
    if root.data.size != 1:
        raise RuntimeError(
            f"{asked}: gradients are those of one number, and this tensor has shape {root.shape}. "
            f"{asked.title()} its .mean() or .sum()."
        )


def described(tensor, name, gradients):
    """The Node of one tensor, still without inputs."""
    if tensor.op is not None:
        kind = "op"
    elif isinstance(tensor, Parameter):
        kind = "parameter"
    else:
        kind = "leaf" if tensor.requires_grad else "constant"
    if gradients is not None:
        grad = gradients.get(tensor)
    else:
        grad = None if tensor.grad is None else tensor.grad.data
    usual = tensor.dtype in (dtypes.default, dtypes.bool)
    return Node(
        kind,
        name,
        shape=str(tensor.shape) if usual else f"{tensor.shape} {tensor.dtype}",
        value=short(tensor.data),
        grad="" if not tensor.requires_grad else "–" if grad is None else short(grad),
        op="" if tensor.op is None else tensor.op.__name__,
        options={key: str(value) for key, value in tensor.options.items() if says_something(value)},
        tensor=tensor,
        yours=hasattr(tensor.op, "exercise"),
    )


def short(array):
    """An array in about twenty characters: its numbers if they are few, else its smallest and largest.

    >>> short(np.array([1.0, -2.5])), short(np.linspace(0, 1, 50)), short(np.ones((3, 3)))
    ('[1, -2.5]', '0 … 1', 'all 1')
    """
    array = devices.of(array).to_numpy(array)
    if array.size == 0:
        return "empty"
    if array.size <= FEW and len(text := brackets(array.tolist())) <= SHORT:
        return text
    low, high = number(array.min().item()), number(array.max().item())
    return f"all {low}" if low == high else f"{low} … {high}"


def brackets(numbers):
    if isinstance(numbers, list):
        return f"[{', '.join(map(brackets, numbers))}]"
    return number(numbers)


def number(x):
    """A number in at most nine characters: whole, or with the three digits that count most.

    >>> number(0.123456), number(1234.0), number(-2.5e-7), number(True)
    ('0.123', '1234', '-2.5e-07', 'True')
    """
    if not isinstance(x, float):
        return str(x)
    return f"{x + 0.0:.0f}" if x == round(x, 0) and abs(x) < 1e6 else f"{x:.3g}"  # + 0.0: -0 is 0


def says_something(option):
    """Whether an option is worth showing: not left out, not switched off, and short."""
    return option is not None and option is not False and not hasattr(option, "dtype") and len(str(option)) <= SHORT
