"""However long a training goes on, it needs no more memory than at first."""

import gc
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn, optim
from minigrad.models import CNN
from minigrad.nn import functional as F

STATM = Path("/proc/self/statm")


class MLP(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Flatten(), nn.Linear(3 * 32 * 32, 64), nn.ReLU(), nn.Linear(64, 10))


def stepper(kind):
    """A function that takes some steps of training on new pictures."""
    model = kind()
    rule = optim.Adam(model.parameters())
    rng = np.random.default_rng(0)

    def take(count):
        for _ in range(count):
            rule.zero_grad()
            scores = model(mg.from_numpy(rng.standard_normal((4, 3, 32, 32), np.float32)))
            F.cross_entropy(scores, mg.tensor(rng.integers(10, size=4))).backward()
            rule.step()

    return take


@pytest.mark.parametrize("kind", [MLP, CNN])
def test_steps_leave_nothing_behind(kind):
    take = stepper(kind)
    take(3)
    held = []
    tracemalloc.start()
    try:
        for _ in range(2):
            take(10)
            gc.collect()  # of the libraries' own
            held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()

    assert held[1] - held[0] < 4 * 3 * 32 * 32 * 4  # bytes of one batch: of ten steps not even that is left


@pytest.mark.slow
@pytest.mark.skipif(not STATM.exists(), reason="this system does not tell how much memory a process has")
@pytest.mark.parametrize("kind", [MLP, CNN])
def test_2000_steps_grow_resident_memory_by_less_than_a_hundredth(kind):
    take = stepper(kind)
    take(50)
    before = int(STATM.read_text().split()[1])  # pages
    take(2000)

    assert int(STATM.read_text().split()[1]) < 1.01 * before
