"""PyTorch's `autograd`: gradients on request, and operations of your own.

An op of `minigrad.ops` is a plain function of arrays. `Function` is the same thing in PyTorch's form: a class with a
`forward` and a `backward`, which compute with tensors.
"""

from copy import copy

import numpy as np

from . import ops
from .graph import enable_grad, listed, no_grad, wanted
from .tensor import Tensor, apply


def backward(tensors, grad_tensors=None, retain_graph=None, create_graph=False, inputs=None):
    """`backward()` of each of `tensors`, from those of `grad_tensors`."""
    for tensor, start, keep in each(tensors, grad_tensors, create_graph if retain_graph is None else retain_graph):
        tensor.backward(start, keep, create_graph, inputs)


def grad(
    outputs,
    inputs,
    grad_outputs=None,
    retain_graph=None,
    create_graph=False,
    *,
    allow_unused=None,
    materialize_grads=False,
):
    """How `outputs` change with each of `inputs`: a tuple of tensors, one for each input.

    grad_outputs        what to start from, a tensor for each output (or None for a single number: then it is 1)
    create_graph        record how the gradients are computed, so that they can be differentiated in turn
    retain_graph        keep the record of the outputs for another call; if left out, as create_graph says
    allow_unused        give None for an input that the outputs were not computed from, instead of RuntimeError
    materialize_grads   give zeros for such an input
    """
    if materialize_grads and allow_unused is False:
        raise ValueError("grad: with materialize_grads, an unused input has zeros; allow_unused cannot be False then.")
    inputs, found = wanted("grad", inputs), {}
    retain_graph = create_graph if retain_graph is None else retain_graph
    for output, start, keep in each(outputs, grad_outputs, retain_graph):
        for tensor, g in output._backpropagate(start, keep, create_graph):
            if any(tensor is x for x in inputs):
                g = g if isinstance(g, Tensor) else Tensor(g if tensor.op is None else g.copy())
                found[tensor] = found[tensor] + g if tensor in found else g
    for i, x in enumerate(inputs):
        if x not in found and materialize_grads:
            found[x] = Tensor(np.zeros_like(x.data))
        elif x not in found and not allow_unused:
            raise RuntimeError(
                f"grad: the outputs were not computed from input {i}. With allow_unused=True its gradient is None."
            )
    return tuple(found.get(x) for x in inputs)


def each(tensors, starts, retain_graph):
    """(tensor, what to start from, whether to keep the record) of each of `tensors`: all but the last keep it."""
    tensors = listed(tensors)
    starts = [None] * len(tensors) if starts is None else listed(starts)
    if len(starts) < len(tensors):
        raise RuntimeError(f"{len(tensors)} tensors want a gradient each to start from, and got {len(starts)}.")
    return [(x, start, retain_graph or i > 0) for i, x, start in zip(range(len(tensors))[::-1], tensors, starts)]


class Context:
    """What `forward` leaves for `backward`: tensors by `save_for_backward`, anything else as an attribute.

    needs_input_grad    for each input of forward, whether its gradient is wanted
    """

    def __init__(self, needs_input_grad):
        self.needs_input_grad = needs_input_grad
        self.saved_tensors = self.non_differentiable = ()

    def save_for_backward(self, *tensors):
        self.saved_tensors = tensors

    def mark_non_differentiable(self, *outputs):
        """Say which of forward's results have no gradient; their place in backward's arguments holds zeros."""
        self.non_differentiable = outputs


class Function:
    """An operation of your own: subclass it, and call `YourOp.apply(*inputs)`.

    forward(ctx, *inputs)               static, gives a tensor or a tuple of tensors
    backward(ctx, *g)                   static, takes a gradient for each result of forward, and gives one for each
                                        input; None where there is none
    setup_context(ctx, inputs, output)  static, and optional: where it is there, forward does without ctx

    Where backward computes with tensors alone, it can itself be differentiated.
    """

    setup_context = None

    @staticmethod
    def forward(ctx, *inputs):
        raise NotImplementedError("a Function needs a static method forward(ctx, *inputs).")

    @staticmethod
    def backward(ctx, *g):
        raise NotImplementedError("a Function needs a static method backward(ctx, *g).")

    @classmethod
    def apply(cls, *inputs):
        """Run `forward` on the inputs, tensors or anything else, and record `backward` for the way back."""
        ctx = Context(tuple(isinstance(x, Tensor) and x.requires_grad for x in inputs))
        with no_grad():
            output = cls.forward(*inputs) if cls.setup_context else cls.forward(ctx, *inputs)
            if cls.setup_context:
                cls.setup_context(ctx, inputs, output)
        outputs = output if isinstance(output, tuple) else (output,)
        for out in outputs:
            if not isinstance(out, Tensor):
                raise TypeError(f"{cls.__name__}.forward must give tensors, and gave a {type(out).__name__}.")
        op, tensors = as_op(cls, ctx, inputs, outputs), [x for x in inputs if isinstance(x, Tensor)]
        results = taken_apart(apply(op, *tensors), [(out.shape, out.dtype) for out in outputs])
        results = [out if any(out is x for x in ctx.non_differentiable) else y for out, y in zip(outputs, results)]
        return tuple(results) if isinstance(output, tuple) else results[0]


def as_op(function, ctx, inputs, outputs):
    """`function`, as an op: its result is the outputs in one vector, or the output, if there is but one."""
    arrays, kinds = [out.data for out in outputs], [(out.shape, out.dtype) for out in outputs]
    if any(out is x for x in inputs for out in outputs):
        arrays = [array.copy() for array in arrays]
    names = [id(out) for out in outputs]
    places = [i for i, x in enumerate(inputs) if isinstance(x, Tensor)]
    count = len(inputs)

    def gradients(ctx, mode, unwrapped):
        """The gradient function of each input that is a tensor; backward is run once for all of them."""
        last = []

        def gradient_of(place):
            def gradient(g):
                if not last or last[0] is not g:
                    with mode():
                        given = function.backward(ctx, *taken_apart(g if isinstance(g, Tensor) else Tensor(g), kinds))
                    last[:] = g, checked(function, given, count)
                return getattr(last[1][place], "data", None) if unwrapped else last[1][place]

            return gradient

        return map(gradient_of, places)

    def op(*_):
        value = arrays[0] if len(arrays) == 1 else np.concatenate([array.reshape(-1) for array in arrays])
        arrays.clear()
        return value, *gradients(ctx, no_grad, unwrapped=True)

    def rule(tensor):
        """Gradient functions of Tensors, for `tensor` that this op has made, which can be differentiated in turn."""
        results = dict(zip(names, taken_apart(tensor, kinds)))
        again = copy(ctx)
        again.saved_tensors = tuple(results.get(id(x), x) for x in ctx.saved_tensors)
        return gradients(again, enable_grad, unwrapped=False)

    op.__name__ = op.__qualname__ = function.__name__
    op.rule = rule
    return op


def taken_apart(x, kinds):
    """The tensor x, which is a vector of several results, as these: of each, the shape and number type is given."""
    if len(kinds) == 1:
        return [x]
    ends = np.cumsum([int(np.prod(shape)) for shape, _ in kinds]).tolist()
    parts = [apply(ops.getitem, x, index=slice(*ends)) for ends in zip([0, *ends], ends)]
    return [apply(ops.reshape, part, shape=shape).to(dtype) for part, (shape, dtype) in zip(parts, kinds)]


def checked(function, gradients, count):
    """What backward gave, as one gradient for each of the `count` inputs; more are allowed if they are None."""
    gradients = gradients if isinstance(gradients, tuple) else (gradients,)
    if len(gradients) < count or any(g is not None for g in gradients[count:]):
        raise RuntimeError(
            f"{function.__name__}.backward gave {len(gradients)} gradients for {count} inputs of forward. "
            "Give one for each, None where there is none."
        )
    return gradients
