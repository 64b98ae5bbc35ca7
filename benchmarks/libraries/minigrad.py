"""minigrad."""

from functools import partial

import numpy as np

import minigrad as mg
from minigrad.study.doctor import examine_blas

from . import resident, torchlike
from .torchlike import pictures

WORKLOADS = {workload.__name__: partial(workload, mg) for workload in torchlike.WORKLOADS}


def versions():
    return {"minigrad": mg.__version__, "NumPy": np.__version__, "its BLAS": examine_blas().details}


def numpy(x):
    return x.detach().cpu().numpy()


def finish(device):
    if device != "cpu":
        import cupy

        cupy.cuda.Device().synchronize()


def peak(device):
    if device == "cpu":
        return resident()
    import cupy

    return cupy.get_default_memory_pool().total_bytes()


def loader(device, chance=True):
    """An epoch of batches, changed a batch at a time."""
    from minigrad.data import DataLoader, transforms
    from minigrad.data.cifar10 import Pictures

    crop = [transforms.RandomCrop(32, padding=4), transforms.RandomHorizontalFlip()] if chance else []
    change = transforms.Compose([*crop, transforms.ToFloat(), transforms.Normalize(Pictures.mean, Pictures.std)])
    batches = DataLoader(Pictures(*pictures(), change), batch_size=100, shuffle=chance)

    def step():
        for images, answers in batches:
            last = images.to(device), answers.to(device)
        return last

    return step


WORKLOADS["loader"] = loader
