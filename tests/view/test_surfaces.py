"""An activation's slope, a race of optimizers, a network over a plane: the numbers are the library's and PyTorch's."""

import numpy as np
import pytest
import torch

import minigrad as mg
from minigrad import nn, optim
from minigrad.view import activation, decision_boundary, optimizer_race
from minigrad.view.surfaces import RACERS, SURFACES, race, slopes

# activation


@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh"])
def test_value_and_slope_are_those_of_pytorch(name):
    x = np.linspace(-5, 5, 41, dtype=np.float32)
    y, slope = slopes(getattr(mg, name), x)
    twin = torch.tensor(x, requires_grad=True)
    getattr(torch, name)(twin).sum().backward()

    np.testing.assert_allclose(y, getattr(torch, name)(torch.tensor(x)), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(slope, twin.grad, rtol=1e-4, atol=1e-6)


def test_the_line_says_value_and_slope_and_where_it_is_flat():
    view = activation(mg.relu, x=2.0)
    assert view.picture().line == "relu(2) = 2, and the slope there is 1."

    view.set(x=-3.0)
    assert "relu(-3) = 0, and the slope there is 0. It is flat here" in view.picture().line


def test_its_words_are_stored_beside_the_picture_but_not_those_of_a_race():
    curve, race = activation(mg.relu), optimizer_race(steps=5)
    assert "relu(1) = 1, and the slope there is 1." in curve.still(curve.picture())["text/plain"]
    assert race.still(race.picture())["text/plain"] == "A race of optimizers"


def test_several_functions_are_a_choice():
    view = activation(mg.relu, mg.sigmoid)
    view.set(function="sigmoid", x=0.0)

    assert view.picture().line == "sigmoid(0) = 0.5, and the slope there is 0.25."


def test_a_function_of_ones_own_is_drawn_too_also_one_that_does_not_depend_on_x():
    def three(x):
        return mg.zeros(*x.shape) + 0 * x + 3

    assert "three(1) = 3, and the slope there is 0" in activation(three).picture().line


def test_what_is_not_a_function_of_one_number_is_refused():
    with pytest.raises(TypeError, match="wants a function of a tensor"):
        activation(mg.zeros(3))
    with pytest.raises(ValueError, match=r"of shape \(241,\) this one made \(\)"):
        activation(mg.sum).picture()


# optimizer_race


@pytest.mark.parametrize("surface", ["ravine", "saddle", "Rosenbrock"])
@pytest.mark.parametrize("name", RACERS)
def test_every_racer_goes_where_pytorchs_goes(surface, name):
    torchs = {
        "SGD": lambda p: torch.optim.SGD(p, lr=0.01),
        "momentum": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9),
        "RMSprop": lambda p: torch.optim.RMSprop(p, lr=0.01),
        "Adam": lambda p: torch.optim.Adam(p, lr=0.01, betas=(0.9, 0.999)),
    }
    w = torch.tensor(SURFACES[surface].start, dtype=torch.float64, requires_grad=True)
    optimizer = torchs[name]([w])
    for _ in range(20):
        optimizer.zero_grad()
        SURFACES[surface].loss(w[0], w[1]).backward()
        optimizer.step()
    way, _ = race(RACERS[name], SURFACES[surface], 0.01, 0.9, 20)

    np.testing.assert_allclose(way[-1], w.detach(), rtol=1e-6, atol=1e-8)


def test_momentum_is_further_down_a_ravine_than_plain_sgd():
    ends = {name: race(RACERS[name], SURFACES["ravine"], 0.1, 0.9, 100)[1][-1] for name in ("SGD", "momentum")}

    assert ends["momentum"] < ends["SGD"]


def test_who_flies_off_is_said_and_the_others_are_drawn():
    picture = optimizer_race(surface="ravine", lr=1.0, momentum=0.5, steps=60).picture()

    assert "SGD" in picture.line and "flew off" in picture.line
    assert "nan" not in picture.svg and "inf" not in picture.svg


def test_the_step_slider_shows_the_way_up_to_there():
    view = optimizer_race({"mine": lambda p, lr, momentum: optim.SGD(p, lr=lr)}, lr=0.1, steps=5)
    view.set(step=0)
    assert "(-8, 1.5)" in view.picture().text

    view.set(step=1)  # the slope at (-8, 1.5) is (2 · 0.05 · -8, 2 · 2 · 1.5) = (-0.8, 6)
    assert "(-7.92, 0.9)" in view.picture().text


@pytest.mark.parametrize("surface", SURFACES)
def test_a_race_is_the_same_each_time(surface):
    once, again = (optimizer_race(surface=surface, steps=30).picture() for _ in range(2))

    assert once.svg == again.svg and once.png() == again.png()


def test_unknown_surfaces_and_too_many_racers_are_refused():
    with pytest.raises(ValueError, match="knows the surfaces ravine, saddle, Rosenbrock, noisy, and got 'hill'"):
        optimizer_race(surface="hill")
    with pytest.raises(ValueError, match="1 to 4 optimizers, and got 0"):
        optimizer_race({})


# decision_boundary


def half_planes():
    """A model that knows: class 1 is where the first coordinate is above 0."""
    model = nn.Linear(2, 2)
    with mg.no_grad():
        model.weight[:] = mg.tensor([[-9.0, 0.0], [9.0, 0.0]])
        model.bias[:] = mg.zeros(2)
    return model


POINTS = np.array([[-1.0, 0.0], [1.0, 0.0], [2.0, 1.0], [0.5, -1.0]], np.float32)


def test_right_and_wrong_points_are_counted():
    view = decision_boundary(half_planes(), (POINTS, np.array([0, 1, 1, 0])))

    assert view.picture().line == "3 of 4 points are on the right side."
    assert "class 0: 1 of 2 right" in view.picture().text


def test_shares_are_pytorchs_softmax_and_one_score_is_that_of_class_1():
    model, single = half_planes(), nn.Linear(2, 1)
    view = decision_boundary(model, (POINTS, np.zeros(4, int)))
    expected = torch.softmax(torch.tensor(model(mg.tensor(POINTS)).detach().numpy()), 1)
    np.testing.assert_allclose(view.shares(POINTS), expected, rtol=1e-5)

    shares = decision_boundary(single, (POINTS, np.zeros(4, int))).shares(POINTS)
    scores = torch.tensor(single(mg.tensor(POINTS)).detach().numpy())
    np.testing.assert_allclose(shares[:, 1:], torch.sigmoid(scores), rtol=1e-5)


def test_looking_changes_neither_the_models_mode_nor_its_gradients_nor_the_random_numbers():
    model = nn.Sequential(nn.Linear(2, 4), nn.Dropout(0.5), nn.Linear(4, 2))
    before = mg.get_rng_state() if hasattr(mg, "get_rng_state") else None
    view = decision_boundary(model, (mg.tensor(POINTS), mg.tensor([0, 1, 1, 0])))
    first, again = view.picture().svg, view.picture().svg

    assert first == again and model.training and model[1].training
    assert all(p.grad is None for p in model.parameters())
    assert before is None or (np.asarray(before) == np.asarray(mg.get_rng_state())).all()


def test_points_that_are_not_of_a_plane_are_refused():
    with pytest.raises(ValueError, match=r"points \(N, 2\) and labels \(N,\), and got \(4, 3\) and \(4,\)"):
        decision_boundary(half_planes(), (np.zeros((4, 3)), np.zeros(4)))
