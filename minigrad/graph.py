"""The graph: who was made from whom, and how gradients travel back.

There is no graph object. Each tensor remembers what made it (`op`, `inputs`, `options`) and one gradient function per
input (`gradients`); that is all there is, and this file only walks it. It never looks inside an op.
"""

from contextlib import ContextDecorator
from contextvars import ContextVar
from operator import attrgetter

import numpy as np

recording = ContextVar("recording", default=True)  # not a global: each thread and each asyncio task has its own


class _Recording(ContextDecorator):
    """Switches recording on or off, as a `with` block or as a decorator (with or without brackets); blocks nest."""

    def __new__(cls, function=None):
        self = super().__new__(cls)
        self.tokens = []
        return self if function is None else self(function)

    def _recreate_cm(self):
        return type(self)()

    def __enter__(self):
        self.tokens.append(recording.set(self.on))
        return self

    def __exit__(self, *exception):
        recording.reset(self.tokens.pop())


class no_grad(_Recording):
    """Compute without recording: nothing in this block can be differentiated, and nothing is kept for it."""

    on = False


class enable_grad(_Recording):
    """Record again, inside a `no_grad` block."""

    on = True


def is_grad_enabled():
    """Whether operations are being recorded here and now."""
    return recording.get()


def topological_order(root):
    """Every tensor that sends a gradient to `root`'s leaves, inputs before outputs; `root` is last.

    The stack is a list of our own, since a chain of 100,000 operations is deeper than Python can recurse.
    """
    order, seen, stack = [], set(), [root]
    while stack:
        tensor = stack.pop()
        if tensor is None:  # all inputs of the next one are in the order
            order.append(stack.pop())
        elif tensor not in seen:
            seen.add(tensor)
            stack += (tensor, None)
            for place, gradient in enumerate(tensor.gradients or ()):
                source = tensor.inputs[place]
                if getattr(source, "past", None) is not None:
                    source = as_used(tensor, place)
                if gradient and source not in seen:
                    stack.append(source)
    return order


def as_used(tensor, place):
    """The input of `tensor` at `place` as it was when it was used: changes in place may have made it another result."""
    source = now = tensor.inputs[place]
    while source.past is not None and tensor.versions[1 + place] < source.versions[0]:
        source = source.past
    if source is not now:
        tensor.inputs = (*tensor.inputs[:place], source, *tensor.inputs[place + 1 :])
    return source


def backpropagate(root, grad, *, retain_graph=False, gradients=attrgetter("gradients")):
    """Send the array `grad` from `root` back to the leaves, yielding each tensor as its gradient becomes final.

    Gives pairs (tensor, gradient), outputs before inputs. A tensor used in several places has received from all of them
    by the time it is yielded. What was recorded is let go on the way, unless `retain_graph`. `gradients(tensor)` gives
    the gradient functions, one for each input; those that were recorded, if nothing else is said.

    Raises RuntimeError if the graph was let go before, or if a value that a gradient needs was overwritten since.
    """
    order = topological_order(root)
    refuse_let_go(order)
    grads = {root: grad}
    while order:
        tensor = order.pop()
        if tensor not in grads:
            continue
        grad = grads.pop(tensor)
        yield tensor, grad

        if tensor.op is None:
            continue
        refuse_overwritten(tensor)
        for source, gradient in zip(tensor.inputs, gradients(tensor)):
            if gradient is None:
                continue
            g = gradient(grad)
            if g is None and hasattr(tensor.op, "rule"):  # an autograd.Function may say that it has none
                continue
            g = fitted(g, source.data, tensor.op)
            if source in grads:
                grads[source] = grads[source] + g
            elif source.op is None and (g is grad or g.base is not None):
                grads[source] = g.copy()  # a leaf keeps its gradient, so nobody else may hold the same array
            else:
                grads[source] = g
        if not retain_graph:
            let_go(tensor)


def wanted(who, tensors):
    """A tensor, or several, as a list. Raises RuntimeError where there are none, or one has no gradient to ask for."""
    tensors = listed(tensors)
    if not tensors:
        raise RuntimeError(f"{who}: `inputs` is empty. Leave it out, or name the tensors whose gradients are wanted.")
    for i, x in enumerate(tensors):
        if not x.requires_grad:
            raise RuntimeError(f"{who}: input {i} does not require grad, so there is no gradient of it.")
    return tensors


def listed(tensors):
    return [tensors] if hasattr(tensors, "requires_grad") else list(tensors)


def let_go(tensor):
    """Forget how `tensor` was made, and so free the arrays that were kept for its gradients."""
    tensor.inputs, tensor.options, tensor.gradients = (), {}, None


def fitted(g, data, op):
    """`g`, which came out of a gradient function of `op`, in the shape and number type of the input's array `data`.

    Raises RuntimeError if it is no array, or of a shape that broadcasting cannot have made.
    """
    if getattr(g, "shape", None) != data.shape:
        if not hasattr(g, "shape") or not stretches(data.shape, g.shape):
            came = f"with shape {g.shape}" if hasattr(g, "shape") else f"as a {type(g).__name__}"
            raise RuntimeError(f"{op.__name__}: the gradient for an input of shape {data.shape} came out {came}.")
        g = unbroadcast(g, data.shape)
    return g if g.dtype == data.dtype else g.astype(data.dtype)


def stretches(shape, to):
    """Whether broadcasting can make the shape `to` of `shape`."""
    return len(shape) <= len(to) and all(n in (1, m) for n, m in zip(shape[::-1], to[::-1]))


def unbroadcast(g, shape):
    """Undo broadcasting: sum `g` over every axis along which `shape` was stretched.

    >>> import numpy as np
    >>> unbroadcast(np.ones((3, 4)), (4,))
    array([3., 3., 3., 3.])
    """
    if g.shape == shape:
        return g
    extra = g.ndim - len(shape)
    stretched = tuple(i + extra for i, n in enumerate(shape) if n == 1 and g.shape[i + extra] != 1)
    return g.sum(axis=tuple(range(extra)) + stretched, keepdims=True).reshape(shape)


def refuse_let_go(order):
    """Raise RuntimeError, before anything has moved, if part of the graph was let go by an earlier backward()."""
    for tensor in order:
        if tensor.gradients is None:
            raise RuntimeError(
                f"backward() came to the result of {tensor.op.__name__} a second time, and what was recorded there was "
                "let go the first time. Say backward(retain_graph=True) then, or compute the result again."
            )


def refuse_overwritten(tensor):
    """Raise RuntimeError if an array that `tensor`'s gradients hold was written to after it was recorded."""
    for source, version in zip((tensor, *tensor.inputs), tensor.versions):
        if (
            version is not None
            and source.version[0] != version
            and any(holds(f, source.data) for f in tensor.gradients)
        ):
            raise RuntimeError(
                f"backward() needs a value of {tensor.op.__name__} that was overwritten in place after it was computed "
                f"(a tensor of shape {source.shape}). Write x = x + ... instead of x += ..., or work on x.clone()."
            )


def holds(gradient, array):
    """Whether a gradient function keeps an array that shares memory with `array`."""
    return any(np.may_share_memory(part, array) for part in kept(gradient))


def kept(thing):
    """The arrays that a gradient function (or what it closes over) keeps."""
    if hasattr(thing, "dtype"):
        yield thing.data if hasattr(thing, "requires_grad") else thing
        return
    if hasattr(thing, "saved_tensors"):  # the context of an autograd.Function
        thing = thing.saved_tensors
    if not isinstance(thing, (tuple, list)):
        thing = [cell.cell_contents for cell in getattr(thing, "__closure__", None) or ()]
    for part in thing:
        yield from kept(part)
