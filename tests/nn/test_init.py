"""Initializations have the spread that PyTorch's have."""

import numpy as np
import pytest
import torch

import minigrad as mg
from minigrad.nn import init

RULES = {
    "uniform_": ({"a": -2.0, "b": 3.0}, "uniform_"),
    "normal_": ({"mean": 1.0, "std": 2.0}, "normal_"),
    "constant_": ({"val": 0.5}, "constant_"),
    "zeros_": ({}, "zeros_"),
    "ones_": ({}, "ones_"),
    "xavier_uniform_": ({"gain": 2.0}, "xavier_uniform_"),
    "xavier_normal_": ({}, "xavier_normal_"),
    "kaiming_uniform_": ({"a": 0.5}, "kaiming_uniform_"),
    "kaiming_uniform_ out": ({"mode": "fan_out", "nonlinearity": "relu"}, "kaiming_uniform_"),
    "kaiming_normal_": ({"nonlinearity": "tanh"}, "kaiming_normal_"),
}


@pytest.mark.parametrize("name", RULES)
def test_an_initialization_is_spread_as_pytorchs(name):
    options, rule = RULES[name]
    mg.manual_seed(0)
    torch.manual_seed(0)
    x, t = mg.empty(60, 50, 5, 5, requires_grad=True), torch.empty(60, 50, 5, 5)
    getattr(init, rule)(x, **options)
    getattr(torch.nn.init, rule)(t, **options)
    ours, theirs = x.detach().numpy(), t.numpy()
    assert x.is_leaf
    assert np.isclose(ours.mean(), theirs.mean(), atol=0.02 * max(theirs.std(), 1e-6) + 1e-6)
    assert np.isclose(ours.std(), theirs.std(), rtol=0.02)
    if "normal" not in name:
        assert np.isclose(np.abs(ours).max(), np.abs(theirs).max(), rtol=0.01)


@pytest.mark.parametrize("nonlinearity", ["linear", "sigmoid", "tanh", "relu", "leaky_relu"])
def test_gains_are_pytorchs(nonlinearity):
    assert np.isclose(init.calculate_gain(nonlinearity), torch.nn.init.calculate_gain(nonlinearity))


def test_a_seed_repeats_the_weights():
    mg.manual_seed(3)
    first = mg.nn.Linear(4, 4).weight
    mg.manual_seed(3)

    assert (mg.nn.Linear(4, 4).weight == first).all()


def test_mistakes_are_named():
    with pytest.raises(ValueError, match="two axes"):
        init.kaiming_uniform_(mg.zeros(3))
    with pytest.raises(ValueError, match="fan_in"):
        init.kaiming_uniform_(mg.zeros(3, 3), mode="fan")
    with pytest.raises(ValueError, match="gelu"):
        init.calculate_gain("gelu")
