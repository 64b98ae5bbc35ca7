"""HIPS autograd: gradients of functions on NumPy arrays."""

import importlib.metadata

import autograd.numpy as np
from autograd import value_and_grad
from autograd.scipy.signal import convolve

from . import CNN, MLP, SMALL_MLP, labels, numbers, resident, weights

peak = lambda device: resident()
finish = lambda device: None
numpy = np.asarray


def versions():
    return {"HIPS autograd": importlib.metadata.version("autograd")}


def cnn(device, batch, chance=True):
    x, y, random = numbers(batch, 3, 32, 32), labels(batch, 10), np.random.default_rng(0)

    def drop(x, p, shape):
        return x * (random.random(shape) >= p) / (1 - p) if chance else x

    def scores(p):
        h = np.maximum(conv2d(x, p[0], p[1]), 0)
        h = np.maximum(conv2d(h, p[2], p[3]), 0)
        h = np.max(np.reshape(h, (batch, 64, 14, 2, 14, 2)), axis=(3, 5))
        h = np.reshape(drop(h, 0.25, (batch, 64, 1, 1)), (batch, -1))
        h = drop(np.maximum(h @ p[4].T + p[5], 0), 0.5, (batch, 128))
        return h @ p[6].T + p[7]

    return training(lambda p: cross_entropy(scores(p), y), weights(CNN), momentum=0.9)


def conv2d(x, w, b):
    out = convolve(x, w[:, :, ::-1, ::-1], axes=([2, 3], [2, 3]), dot_axes=([1], [1]), mode="valid")
    return out + b[:, None, None]


def mlp(device):
    x, y = numbers(128, 784), labels(128, 10)
    return training(lambda p: cross_entropy(np.maximum(x @ p[0].T + p[1], 0) @ p[2].T + p[3], y), weights(MLP))


def small_mlp(device):
    x, y = numbers(100, 2), numbers(100, 1, seed=1)

    def loss(p):
        h = np.maximum(x @ p[0].T + p[1], 0)
        h = np.maximum(h @ p[2].T + p[3], 0)
        return np.mean((h @ p[4].T + p[5] - y) ** 2)

    return training(loss, weights(SMALL_MLP))


def cross_entropy(scores, y):
    scores = scores - np.max(scores, axis=1, keepdims=True)
    return np.mean(np.log(np.sum(np.exp(scores), axis=1)) - scores[np.arange(len(y)), y])


def training(loss, parameters, momentum=0):
    """Steps of SGD; each gives its loss."""
    velocities = [np.zeros_like(p) for p in parameters]
    loss_and_gradients = value_and_grad(loss)

    def step():
        value, gradients = loss_and_gradients(parameters)
        for p, v, g in zip(parameters, velocities, gradients):
            v *= momentum
            v += g
            p -= 0.01 * v
        return [value]

    return step


def chain(device, length):
    def end(p):
        y = p[0]
        for _ in range(length // 2):
            y = y * p[0] + p[1]
        return y

    p, gradient = (np.float32(0.9), np.float32(0.1)), value_and_grad(end)

    def step():
        y, (grad_w, grad_b) = gradient(p)
        return [y, grad_w, grad_b]

    return step


WORKLOADS = {"cnn": cnn, "mlp": mlp, "small_mlp": small_mlp, "chain": chain}
