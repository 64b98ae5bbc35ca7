"""tinygrad: kernels compiled for the net at hand; steps go through its `TinyJit`, the fastest way that it has."""

import importlib.metadata

import numpy as np
from tinygrad import Context, Tensor, TinyJit, nn

from . import CNN, MLP, SMALL_MLP, labels, numbers, resident, weights

peak = lambda device: resident()
finish = lambda device: None
numpy = np.asarray


def versions():
    return {"tinygrad": importlib.metadata.version("tinygrad")}


def cnn(device, batch, chance=True):
    x, y = Tensor(numbers(batch, 3, 32, 32)), Tensor(labels(batch, 10))

    def loss(p):
        h = x.conv2d(p[0], p[1]).relu().conv2d(p[2], p[3]).relu().max_pool2d(2)
        if chance:
            h = h * (Tensor.rand(batch, 64, 1, 1) >= 0.25) / 0.75
        h = h.flatten(1).linear(p[4].T, p[5]).relu()
        return (h.dropout(0.5) if chance else h).linear(p[6].T, p[7]).sparse_categorical_crossentropy(y)

    return training(loss, weights(CNN), momentum=0.9)


def mlp(device):
    x, y = Tensor(numbers(128, 784)), Tensor(labels(128, 10))

    def loss(p):
        return x.linear(p[0].T, p[1]).relu().linear(p[2].T, p[3]).sparse_categorical_crossentropy(y)

    return training(loss, weights(MLP))


def small_mlp(device):
    x, y = Tensor(numbers(100, 2)), Tensor(numbers(100, 1, seed=1))

    def loss(p):
        return (x.linear(p[0].T, p[1]).relu().linear(p[2].T, p[3]).relu().linear(p[4].T, p[5]) - y).square().mean()

    return training(loss, weights(SMALL_MLP))


def training(loss_function, start, momentum=0):
    """Steps of SGD; each gives its loss."""
    parameters = [Tensor(value) for value in start]
    optimizer = nn.optim.SGD(parameters, lr=0.01, momentum=momentum)

    @TinyJit
    def jitted():
        optimizer.zero_grad()
        loss = loss_function(parameters).backward()
        return loss.realize(*optimizer.schedule_step())

    def step():
        with Context(TRAINING=1):
            loss = jitted()
        return [loss.numpy()]

    return step


WORKLOADS = {"cnn": cnn, "mlp": mlp, "small_mlp": small_mlp}
