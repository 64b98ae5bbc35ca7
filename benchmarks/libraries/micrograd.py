"""micrograd: gradients of single numbers."""

import importlib.metadata
import sys

import numpy as np
from micrograd.engine import Value
from micrograd.nn import MLP

from . import SMALL_MLP, numbers, resident, weights

sys.setrecursionlimit(1_000_000)  # its backward() goes as deep as the graph

peak = lambda device: resident()
finish = lambda device: None


def numpy(x):
    return np.float64(x)


def versions():
    return {"micrograd": importlib.metadata.version("micrograd")}


def small_mlp(device):
    model = MLP(2, [16, 16, 1])
    rows = [(*w, [b]) for w, b in zip(weights(SMALL_MLP)[::2], weights(SMALL_MLP)[1::2])]
    for layer, (*w, (b,)) in zip(model.layers, rows):
        for neuron, row, bias in zip(layer.neurons, w, b):
            for value, number in zip(neuron.parameters(), [*row.tolist(), float(bias)]):
                value.data = number
    x, y = numbers(100, 2).tolist(), numbers(100, 1, seed=1).ravel().tolist()

    def step():
        model.zero_grad()
        loss = sum((model(list(map(Value, row))) - answer) ** 2 for row, answer in zip(x, y)) * (1 / len(y))
        loss.backward()
        for p in model.parameters():
            p.data -= 0.01 * p.grad
        return [loss.data]

    return step


def chain(device, length):
    w, b = Value(0.9), Value(0.1)

    def step():
        w.grad = b.grad = 0
        y = w
        for _ in range(length // 2):
            y = y * w + b
        y.backward()
        return [y.data, w.grad, b.grad]

    return step


WORKLOADS = {"small_mlp": small_mlp, "chain": chain}
