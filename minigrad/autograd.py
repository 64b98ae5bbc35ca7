"""PyTorch's `autograd`: gradients on request, and operations of your own.

An op of `minigrad.ops` is a plain function of arrays. `Function` is the same thing in PyTorch's form: a class with a
`forward` and a `backward`, which compute with tensors.
"""

from .graph import no_grad
from .tensor import Tensor, apply


def grad(outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False, allow_unused=False):
    """How `outputs` change with each of `inputs`: a tuple of tensors, one for each input.

    grad_outputs    what to start from, a tensor for each output (or None for a single number: then it is 1)
    create_graph    record how the gradients are computed, so that they can be differentiated in turn
    retain_graph    keep the record of the outputs for another call; if left out, as create_graph says
    allow_unused    give None for an input that the outputs were not computed from, instead of RuntimeError
    """
    outputs, inputs = listed(outputs), listed(inputs)
    starts = [None] * len(outputs) if grad_outputs is None else listed(grad_outputs)
    retain_graph = create_graph if retain_graph is None else retain_graph
    found = {}
    for i, (output, start) in enumerate(zip(outputs, starts, strict=True)):
        keep = retain_graph or i + 1 < len(outputs)
        for tensor, g in output._backpropagate(start, keep, create_graph):
            if any(tensor is x for x in inputs):
                g = g if isinstance(g, Tensor) else Tensor(g)
                found[tensor] = found[tensor] + g if tensor in found else g
    for i, x in enumerate(inputs):
        if x not in found and not allow_unused:
            raise RuntimeError(
                f"grad: the outputs were not computed from input {i} (or it does not require grad). "
                "With allow_unused=True its gradient is None."
            )
    return tuple(found.get(x) for x in inputs)


def listed(tensors):
    return [tensors] if isinstance(tensors, Tensor) else list(tensors)


class Context:
    """What `forward` leaves for `backward`: tensors by `save_for_backward`, anything else as an attribute.

    needs_input_grad    for each input of forward, whether its gradient is wanted
    """

    def __init__(self, needs_input_grad):
        self.needs_input_grad = needs_input_grad
        self.saved_tensors = ()

    def save_for_backward(self, *tensors):
        self.saved_tensors = tensors


class Function:
    """An operation of your own: subclass it, and call `YourOp.apply(*inputs)`.

    forward(ctx, *inputs)    static, gives one tensor
    backward(ctx, g)         static, gives one gradient for each input of forward; None where there is none
    """

    @staticmethod
    def forward(ctx, *inputs):
        raise NotImplementedError("a Function needs a static method forward(ctx, *inputs).")

    @staticmethod
    def backward(ctx, g):
        raise NotImplementedError("a Function needs a static method backward(ctx, g).")

    @classmethod
    def apply(cls, *inputs):
        """Run `forward` on the inputs, tensors or anything else, and record `backward` for the way back."""
        places = [i for i, x in enumerate(inputs) if isinstance(x, Tensor)]
        needed = tuple(isinstance(x, Tensor) and x.requires_grad for x in inputs)

        def op(*arrays):
            ctx, given = Context(needed), list(inputs)
            for place, array in zip(places, arrays):
                given[place] = Tensor(array)
            with no_grad():
                out = cls.forward(ctx, *given)
            if not isinstance(out, Tensor):
                raise TypeError(f"{cls.__name__}.forward must give one tensor, and gave a {type(out).__name__}.")
            return out.data, *(gradient_of(cls, ctx, place, len(inputs)) for place in places)

        op.__name__ = op.__qualname__ = cls.__name__
        return apply(op, *(inputs[place] for place in places))


def gradient_of(function, ctx, place, count):
    """The gradient function of input number `place`, out of `count`."""

    def gradient(g):
        with no_grad():
            gradients = function.backward(ctx, Tensor(g))
        gradients = gradients if isinstance(gradients, tuple) else (gradients,)
        if len(gradients) != count:
            raise RuntimeError(
                f"{function.__name__}.backward gave {len(gradients)} gradients for {count} inputs of forward. "
                "Give one for each, None where there is none."
            )
        if gradients[place] is None:
            raise RuntimeError(f"{function.__name__}.backward gave None for input {place}, which requires grad.")
        return gradients[place].data

    return gradient
