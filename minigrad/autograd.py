"""Gradients on request, without touching `.grad`: PyTorch's `autograd`."""

from .tensor import Tensor


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
