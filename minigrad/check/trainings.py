"""Copies of a model and its optimizer, here and in PyTorch, that can be trained side by side."""

import copy
from contextlib import contextmanager

import numpy as np

from .. import device as devices
from ..nn import functional as F
from ..tensor import Tensor
from . import pytorch as torch
from .pytorch import to_numpy, to_torch


class Ours:
    """A copy of a model here and of its optimizer, in one number type on one device."""

    def __init__(self, model, optimizer, loss, dtype, device):
        self.model, self.optimizer = copy.deepcopy((model, optimizer))
        self.model.to(np.dtype(dtype)).to(device)
        self.loss, self.dtype, self.place = loss, dtype, devices.get(device).from_numpy

    def backward(self, x, y, masks):
        """The loss, an array, with gradients left in the parameters. Draws the dropout masks, or uses those given."""
        x, y = (Tensor(self.place(i.astype(self.dtype) if i.dtype.kind == "f" else i)) for i in (x, y))
        self.optimizer.zero_grad()
        with drawing(masks):
            loss = self.loss(self.model(x), y)
        loss.backward()
        return to_numpy(loss.data)

    def gradients(self):
        """By name, on the way back: those of the last layer first."""
        named = reversed(list(self.model.named_parameters()))
        return {name: None if p.grad is None else to_numpy(p.grad.data) for name, p in named}

    def parameters(self):
        return {name: to_numpy(p.data) for name, p in self.model.named_parameters()}

    def buffers(self):
        return {name: to_numpy(b.data) for name, b in self.model.named_buffers()}

    def state(self, nudge=0):
        """What PyTorch's model starts from; parameters may be changed at random by a part of up to `nudge`."""
        rng = np.random.default_rng(0)
        parameters = {name: p * (1 + nudge * rng.uniform(-1, 1, p.shape)) for name, p in self.parameters().items()}
        return {**parameters, **self.buffers()}


class Theirs:
    """The same in PyTorch, starting from our `state`."""

    def __init__(self, model, optimizer, loss, dtype, device, state):
        self.model, self.optimizer = copy.deepcopy((model, optimizer))
        self.model.to(getattr(torch, dtype)).to(device)
        self.loss, self.dtype, self.device = loss, getattr(torch, dtype), device
        refuse_unlike(state, self.model.state_dict())
        self.model.load_state_dict({name: to_torch(array) for name, array in state.items()})

    def backward(self, x, y, masks):
        x, y = (i.to(self.dtype) if i.is_floating_point() else i for i in to_torch((x, y), self.device))
        self.optimizer.zero_grad()
        with using(masks):
            loss = self.loss(self.model(x), y)
        loss.backward()
        return to_numpy(loss)

    def gradients(self):
        named = reversed(list(self.model.named_parameters()))
        return {name: None if p.grad is None else to_numpy(p.grad) for name, p in named}

    def parameters(self):
        return {name: to_numpy(p) for name, p in self.model.named_parameters()}

    def buffers(self):
        return {name: to_numpy(b) for name, b in self.model.named_buffers()}


@contextmanager
def drawing(masks):
    """Inside, our dropout notes the masks that it draws in the list; or, if there are some already, it uses those."""
    draw, given = F.dropout_mask, iter(list(masks))

    def dropout_mask(shape, p, like):
        mask = next(given, None)
        if mask is None:
            mask = to_numpy(draw(shape, p, like).data)
            masks.append(mask)
        return Tensor(devices.of(like.data).from_numpy(mask.astype(like.dtype)))

    F.dropout_mask = dropout_mask
    try:
        yield
    finally:
        F.dropout_mask = draw


@contextmanager
def using(masks):
    """Inside, PyTorch's dropout takes its masks from the list, one after the other."""
    functional, left = torch.nn.functional, list(masks)
    before = functional.dropout, functional.dropout2d

    def dropout(input, p=0.5, training=True, inplace=False):
        return used(input.shape, input, p, training)

    def dropout2d(input, p=0.5, training=True, inplace=False):
        return used((*input.shape[:2], 1, 1), input, p, training)

    def used(shape, input, p, training):
        if not training or p == 0:
            return input
        mask = left.pop(0) if left else None
        if mask is None or mask.shape != tuple(shape):
            here = "your model by none" if mask is None else f"your model by one of shape {mask.shape}"
            raise ValueError(f"lockstep: PyTorch's model drops by a mask of shape {tuple(shape)}, and {here}.")
        return input * to_torch(mask).to(input)

    functional.dropout, functional.dropout2d = dropout, dropout2d
    try:
        yield
    finally:
        functional.dropout, functional.dropout2d = before
    if left:
        raise ValueError(f"lockstep: your model drops by {len(left)} more masks than PyTorch's.")


def endless(batches):
    """The batches, again and again."""
    while True:
        empty = True
        for batch in batches:
            empty = False
            yield batch
        if empty:
            return


def numbers_of(x):
    """What a batch holds, as a NumPy array."""
    return to_numpy(x.data) if isinstance(x, Tensor) else np.asarray(x)


def refuse_used(optimizer, model):
    """Raise ValueError for an optimizer that is not for this model, or that has made steps before."""
    own = {id(p) for p in model.parameters()}
    if not all(id(p) in own for group in optimizer.param_groups for p in group["params"]):
        raise ValueError(f"lockstep: {type(optimizer).__name__} updates parameters of another model.")
    if optimizer.state:
        raise ValueError(
            f"lockstep starts both trainings from the beginning, and this {type(optimizer).__name__} has made steps "
            "already. Make a new one."
        )


def refuse_unlike(ours, theirs):
    """Raise ValueError where the two models' parameters and buffers differ in name or shape."""
    here, there = ({name: tuple(x.shape) for name, x in state.items()} for state in (ours, theirs))
    names = [name for name in {**here, **there} if here.get(name) != there.get(name)]
    if names:
        lines = [f"{name}: {here.get(name, 'missing')} here, {there.get(name, 'missing')} in PyTorch" for name in names]
        raise ValueError("lockstep: the two models need the same names and shapes.\n  " + "\n  ".join(lines))
