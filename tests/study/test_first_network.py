"""The runs of chapter 09 that are to be diagnosed: real ones, whose true causes are known."""

import numpy as np
import pytest

from minigrad.study.chapters import first_network


@pytest.mark.parametrize("shape", ["ring", "corners"])
@pytest.mark.parametrize("cause", first_network.REMEDIES)
def test_the_reference_finds_what_was_broken_whatever_the_seed(shape, cause):
    runs = {seed: first_network.recorded(shape, cause, seed=seed) for seed in range(1000, 1004)}

    found = first_network.why_no_learning(runs)

    assert set(found.values()) == {(cause, first_network.REMEDIES[cause])}


@pytest.mark.parametrize("shape", ["ring", "corners"])
def test_a_run_in_order_learns_and_one_with_shuffled_labels_does_not(shape):
    in_order = first_network.recorded(shape)
    shuffled = first_network.recorded(shape, "labels shuffled")

    assert in_order.loss[-8:].mean() < 0.45
    assert shuffled.loss[-8:].mean() > 0.55


def test_a_run_is_the_same_each_time():
    first, second = (first_network.recorded("ring", "dead relus", seed=3) for _ in range(2))

    assert all(np.array_equal(a, b) for a, b in zip(vars(first).values(), vars(second).values()))
