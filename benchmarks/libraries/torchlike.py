"""The workloads of minigrad and of PyTorch: the very same lines, where T is the one or the other."""

import numpy as np

from . import CNN, MLP, SMALL_MLP, labels, numbers, weights


def cnn(T, device, batch, chance=True):
    """The net of `minigrad.models.CNN`."""
    nn = T.nn
    model = nn.Sequential(
        *(nn.Conv2d(3, 32, 3), nn.ReLU()),
        *(nn.Conv2d(32, 64, 3), nn.ReLU()),
        *(nn.MaxPool2d(2), nn.Dropout2d(0.25), nn.Flatten()),
        *(nn.Linear(64 * 14 * 14, 128), nn.ReLU(), nn.Dropout(0.5)),
        nn.Linear(128, 10),
    )
    x, y = numbers(batch, 3, 32, 32), labels(batch, 10)
    return training(T, device, model.train(chance), weights(CNN), nn.functional.cross_entropy, x, y, momentum=0.9)


def mlp(T, device):
    model = T.nn.Sequential(T.nn.Linear(784, 256), T.nn.ReLU(), T.nn.Linear(256, 10))
    return training(T, device, model, weights(MLP), T.nn.functional.cross_entropy, numbers(128, 784), labels(128, 10))


def small_mlp(T, device):
    nn = T.nn
    model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))
    x, y = numbers(100, 2), numbers(100, 1, seed=1)
    return training(T, device, model, weights(SMALL_MLP), nn.functional.mse_loss, x, y)


def training(T, device, model, start, loss_function, x, y, momentum=0):
    """Steps of SGD on one batch; each gives its loss."""
    with T.no_grad():
        for parameter, value in zip(model.parameters(), start, strict=True):
            parameter.copy_(T.tensor(value))
    model.to(device)
    optimizer = T.optim.SGD(model.parameters(), lr=0.01, momentum=momentum)
    x, y = T.tensor(x).to(device), T.tensor(y).to(device)

    def step():
        optimizer.zero_grad()
        loss = loss_function(model(x), y)
        loss.backward()
        optimizer.step()
        return [loss]

    return step


def chain(T, device, length):
    """Products and sums of single numbers in turn."""
    w, b = leaf(T, device, np.float32(0.9)), leaf(T, device, np.float32(0.1))

    def step():
        w.grad = b.grad = None
        y = w
        for _ in range(length // 2):
            y = y * w + b
        y.backward()
        return [y, w.grad, b.grad]

    return step


def conv2d(T, device, channels, filters, size, kernel=3, batch=100, groups=1, **how):
    function = T.nn.functional.conv2d
    w = numbers(filters, channels // groups, kernel, kernel, seed=1, scale=0.1)
    inputs = numbers(batch, channels, size, size), w, numbers(filters, seed=2)
    return there_and_back(T, device, lambda x, w, b: function(x, w, b, groups=groups, **how), *inputs)


def max_pool2d(T, device, channels, size, kernel=2, stride=None, padding=0, batch=100):
    function = T.nn.functional.max_pool2d
    return there_and_back(
        T, device, lambda x: function(x, kernel, stride, padding), numbers(batch, channels, size, size)
    )


def batch_norm(T, device):
    layer = T.nn.BatchNorm2d(64).to(device)
    return there_and_back(T, device, layer, numbers(100, 64, 28, 28))


def cross_entropy(T, device, classes):
    y = T.tensor(labels(128, classes)).to(device)
    return there_and_back(T, device, lambda x: T.nn.functional.cross_entropy(x, y), numbers(128, classes))


def there_and_back(T, device, function, *inputs):
    """`function` and its gradients for all inputs, from a gradient that is the same for every library."""
    inputs = [leaf(T, device, x) for x in inputs]
    g = T.tensor(numbers(*function(*inputs).shape, seed=3)).to(device)

    def step():
        for x in inputs:
            x.grad = None
        out = function(*inputs)
        out.backward(g)
        return [out, *(x.grad for x in inputs)]

    return step


def leaf(T, device, value):
    return T.tensor(value).to(device).detach().requires_grad_()


def optimizer(T, device, rule, **settings):
    """Steps of an optimizer on the parameters of the CNN."""
    parameters = [leaf(T, device, value) for value in weights(CNN)]
    for i, parameter in enumerate(parameters):
        parameter.grad = T.tensor(numbers(*parameter.shape, seed=i, scale=0.01)).to(device)
    rule = getattr(T.optim, rule)(parameters, lr=0.001, **settings)

    def step():
        rule.step()
        return parameters

    return step


def pictures(count=2000):
    """Bytes, as photographs come."""
    return np.random.default_rng(0).integers(256, size=(count, 3, 32, 32), dtype=np.uint8), labels(count, 10)


WORKLOADS = (cnn, mlp, small_mlp, chain, conv2d, max_pool2d, batch_norm, cross_entropy, optimizer)
