"""The exercises, a file for each chapter. To find one: `chapter(name).exercises[name]`."""

import importlib
from functools import cache

NAMES = {
    "00_start_here": "start",
    "01_tensors": "tensors",
    "02_forward": "forward",
    "03_graphs": "graphs",
    "04_backprop": "backprop",
    "05_losses": "losses",
    "06_optimizers": "optimizers",
    "07_modules": "modules",
    "08_data": "batching",
    "09_first_network": "first_network",
    "10_convolution": "convolution",
    "11_cifar10": "cifar10",
    "12_generalization": "generalization",
}


@cache
def chapter(name):
    """The Chapter of this name, such as "04_backprop"."""
    return importlib.import_module(f"{__name__}.{NAMES[name]}").chapter


def chapters():
    """All chapters, in order."""
    return [chapter(name) for name in NAMES]


def exercises():
    """All exercises, in order."""
    return [exercise for part in chapters() for exercise in part.exercises.values()]
