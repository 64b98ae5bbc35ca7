"""Learning rates follow PyTorch's schedules; gradients are clipped as PyTorch clips them."""

import math

import numpy as np
import pytest
import torch

import minigrad as mg

SCHEDULES = {
    "StepLR": {"step_size": 3, "gamma": 0.5},
    "LinearLR": {"start_factor": 0.25, "total_iters": 6},
    "CosineAnnealingLR": {"T_max": 10, "eta_min": 0.01},
    "MultiStepLR": {"milestones": [2, 5, 5], "gamma": 0.5},
    "ExponentialLR": {"gamma": 0.9},
    "LambdaLR": {"lr_lambda": lambda epoch: 1 / (1 + epoch)},
    "CosineAnnealingWarmRestarts": {"T_0": 2, "T_mult": 2, "eta_min": 0.01},
    "OneCycleLR": {"max_lr": 0.5, "total_steps": 11},
    "OneCycleLR linear": {"max_lr": 0.5, "epochs": 3, "steps_per_epoch": 5, "anneal_strategy": "linear"},
    "OneCycleLR in three": {"max_lr": 0.5, "total_steps": 15, "three_phase": True, "cycle_momentum": False},
}


def rates(library, parameter, name, count=10):
    rule = library.optim.SGD([{"params": [parameter], "lr": 0.4}], lr=0.1, momentum=0.5)
    schedule = getattr(library.optim.lr_scheduler, name.split()[0])(rule, **SCHEDULES[name])
    return followed(rule, schedule, count)


def followed(rule, schedule, count, metrics=None):
    """Rate and momentum, at the start and after each of `count` steps."""
    group = rule.param_groups[0]
    found = [(group["lr"], group["momentum"])]
    for i in range(count):
        rule.step()
        schedule.step(*([metrics[i]] if metrics else []))
        found.append((group["lr"], group["momentum"]))
    return np.array(found)


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_is_pytorchs(name):
    ours = rates(mg, mg.zeros(1, requires_grad=True), name)
    theirs = rates(torch, torch.zeros(1, requires_grad=True), name)

    np.testing.assert_allclose(ours, theirs, rtol=1e-9)


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_goes_on_from_its_state(name):
    def make():
        rule = mg.optim.SGD([mg.zeros(1, requires_grad=True)], lr=0.4, momentum=0.5)
        return getattr(mg.optim.lr_scheduler, name.split()[0])(rule, **SCHEDULES[name])

    one, other = make(), make()
    for _ in range(4):
        one.step()
    other.load_state_dict(one.state_dict())

    assert other.get_last_lr() == one.get_last_lr()
    one.step()
    other.step()
    assert other.get_last_lr() == one.get_last_lr()


def test_schedules_in_sequence_are_pytorchs():
    found = []
    for library in (mg, torch):
        rule = library.optim.SGD([library.zeros(1, requires_grad=True)], lr=0.4, momentum=0.5)
        schedules = library.optim.lr_scheduler
        parts = [schedules.LinearLR(rule, 0.1, total_iters=3), schedules.ExponentialLR(rule, 0.5)]
        found.append(followed(rule, schedules.SequentialLR(rule, parts, [4]), 8))

    np.testing.assert_allclose(*found, rtol=1e-9)


@pytest.mark.parametrize(
    "options",
    [{"patience": 1}, {"patience": 0, "cooldown": 2}, {"mode": "max", "threshold_mode": "abs", "patience": 2}],
)
def test_a_plateau_is_noticed_as_pytorch_notices_it(options):
    metrics = [5.0, 4.0, 4.0, 4.0, 3.9996, 3.0, 3.5, 3.5, 3.5, 3.5, -1.0, -1.0, -1.0]
    found = []
    for library in (mg, torch):
        rule = library.optim.SGD([library.zeros(1, requires_grad=True)], lr=0.4, momentum=0.5)
        schedule = library.optim.lr_scheduler.ReduceLROnPlateau(rule, **options)
        found.append(followed(rule, schedule, len(metrics), metrics))

    np.testing.assert_allclose(*found, rtol=1e-9)


def test_one_step_too_many_of_a_single_cycle_is_an_error():
    rule = mg.optim.SGD([mg.zeros(1, requires_grad=True)], momentum=0.5)
    schedule = mg.optim.lr_scheduler.OneCycleLR(rule, 0.1, total_steps=2)
    schedule.step()
    with pytest.raises(ValueError, match="made for 2 steps"):
        schedule.step()


def with_gradients(library, values):
    parameters = []
    for value in values:
        parameter = library.zeros(len(value), requires_grad=True)
        parameter.grad = library.tensor(value)
        parameters.append(parameter)
    return parameters


@pytest.mark.parametrize("norm_type", [1.0, 2.0, math.inf])
@pytest.mark.parametrize("max_norm", [0.5, 100.0])
def test_clipping_by_norm_is_pytorchs(max_norm, norm_type):
    values = [[3.0, 4.0], [12.0]]
    ours, theirs = with_gradients(mg, values), with_gradients(torch, values)
    norm = mg.nn.utils.clip_grad_norm_(ours, max_norm, norm_type)
    expected = torch.nn.utils.clip_grad_norm_(theirs, max_norm, norm_type)

    np.testing.assert_allclose(norm.item(), expected.item(), rtol=1e-6)
    for p, q in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(p.grad.numpy(), q.grad.numpy(), rtol=1e-6)


def test_the_norm_is_of_all_gradients_together():
    parameters = with_gradients(mg, [[3.0, 4.0], [12.0]])

    assert mg.nn.utils.clip_grad_norm_(parameters, 1.0).item() == 13.0


def test_clipping_by_value_cuts_off():
    parameters = with_gradients(mg, [[3.0, -4.0, 0.5]])
    mg.nn.utils.clip_grad_value_(parameters, 1.0)

    assert parameters[0].grad.tolist() == [1.0, -1.0, 0.5]


def test_a_norm_that_is_not_finite_can_be_an_error():
    parameters = with_gradients(mg, [[math.nan]])
    with pytest.raises(RuntimeError, match="nan"):
        mg.nn.utils.clip_grad_norm_(parameters, 1.0, error_if_nonfinite=True)


def test_without_gradients_there_is_nothing_to_clip():
    assert mg.nn.utils.clip_grad_norm_([mg.zeros(2, requires_grad=True)], 1.0).item() == 0
