"""Learning rates follow PyTorch's schedules; gradients are clipped as PyTorch clips them."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

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
    other.optimizer.load_state_dict(one.optimizer.state_dict())

    assert other.get_last_lr() == one.get_last_lr()
    one.step()
    other.step()
    assert other.get_last_lr() == one.get_last_lr()


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_begins_where_it_is_told_to(name):
    found = []
    for library in (mg, torch):
        parameter = library.zeros(1, requires_grad=True)
        bounds = {"max_lr": 0.5, "min_lr": 0.01, "base_momentum": 0.8, "max_momentum": 0.9}
        rule = library.optim.SGD([{"params": [parameter], "initial_lr": 0.4, **bounds}], lr=0.2, momentum=0.5)
        schedules = library.optim.lr_scheduler
        schedule = getattr(schedules, name.split()[0])(rule, **SCHEDULES[name], last_epoch=2)
        found.append(followed(rule, schedule, 6))

    np.testing.assert_allclose(*found, rtol=1e-9)


@pytest.mark.parametrize("milestones", [[4, 7], [0, 3]])
def test_schedules_in_sequence_are_pytorchs(milestones):
    found = []
    for library in (mg, torch):
        rule = library.optim.SGD([library.zeros(1, requires_grad=True)], lr=0.4, momentum=0.5)
        schedules = library.optim.lr_scheduler
        warmup, decay = schedules.LinearLR(rule, 0.1, total_iters=3), schedules.ExponentialLR(rule, 0.5)
        parts = [warmup, decay, schedules.CosineAnnealingLR(rule, 3)]
        found.append(followed(rule, schedules.SequentialLR(rule, parts, milestones), 10))

    np.testing.assert_allclose(*found, rtol=1e-9)


def test_a_sequence_goes_on_from_its_state():
    def make():
        rule = mg.optim.SGD([mg.zeros(1, requires_grad=True)], lr=0.4)
        schedules = mg.optim.lr_scheduler
        return schedules.SequentialLR(rule, [schedules.LinearLR(rule), schedules.StepLR(rule, 2)], [3])

    one, other = make(), make()
    for _ in range(4):
        one.step()
    other.load_state_dict(one.state_dict())
    other.optimizer.load_state_dict(one.optimizer.state_dict())
    for schedule in (one, other):
        schedule.step()

    assert one.get_last_lr() == other.get_last_lr() == [0.4 * 0.1]


def test_two_schedules_of_one_optimizer_multiply():
    rule = mg.optim.SGD([mg.zeros(1, requires_grad=True)], lr=1.0)
    schedules = [mg.optim.lr_scheduler.ExponentialLR(rule, 0.5), mg.optim.lr_scheduler.StepLR(rule, 2, gamma=0.5)]
    for _ in range(2):
        for schedule in schedules:
            schedule.step()

    assert rule.param_groups[0]["lr"] == 0.5**3


@given(st.lists(st.sampled_from(list(SCHEDULES)), min_size=2, max_size=4), st.booleans(), st.data())
@settings(max_examples=60, deadline=None)
def test_any_schedules_together_are_pytorchs(names, in_sequence, draw):
    milestones = sorted(draw.draw(st.sets(st.integers(0, 9), min_size=len(names) - 1, max_size=len(names) - 1)))
    found = []
    for library in (mg, torch):
        rule = library.optim.SGD([library.zeros(1, requires_grad=True)], lr=0.4, momentum=0.5)
        of = library.optim.lr_scheduler
        schedules = [getattr(of, name.split()[0])(rule, **SCHEDULES[name]) for name in names]
        if in_sequence:
            schedules = [of.SequentialLR(rule, schedules, milestones)]
        rows = []
        for _ in range(11):
            rule.step()
            for schedule in schedules:
                schedule.step()
                rows.append([*schedule.get_last_lr(), rule.param_groups[0]["momentum"]])
        found.append(rows)

    np.testing.assert_allclose(*found, rtol=1e-9, atol=1e-12)


def test_a_warm_restart_can_go_to_a_part_of_an_epoch():
    rule = mg.optim.SGD([mg.zeros(1, requires_grad=True)], lr=1.0)
    schedule = mg.optim.lr_scheduler.CosineAnnealingWarmRestarts(rule, 2, T_mult=2)
    schedule.step(2.0 + 4 / 2)  # half way through the second wave, which is 4 long

    assert schedule.get_last_lr() == [pytest.approx(0.5)]


def test_a_schedule_of_ones_own_gives_the_rates():
    class Halved(mg.optim.lr_scheduler.LRScheduler):
        def get_lr(self):
            return [lr / 2**self.last_epoch for lr in self.base_lrs]

    schedule = Halved(mg.optim.SGD([mg.zeros(1, requires_grad=True)], lr=1.0))
    schedule.step()

    assert schedule.get_last_lr() == [0.5]


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda of, rule: of.StepLR([], 1), TypeError, "for an optimizer"),
        (lambda of, rule: of.StepLR(rule, 1, last_epoch=2), KeyError, "initial_lr"),
        (lambda of, rule: of.LambdaLR(rule, [abs, abs]), ValueError, "2 values, for 1 groups"),
        (lambda of, rule: of.LinearLR(rule, start_factor=0), ValueError, "between 0 and 1"),
        (lambda of, rule: of.CosineAnnealingWarmRestarts(rule, 0), ValueError, "above 0"),
        (lambda of, rule: of.OneCycleLR(rule, 0.1), ValueError, "total_steps"),
        (lambda of, rule: of.OneCycleLR(rule, 0.1, 5, pct_start=2.0), ValueError, "pct_start"),
        (lambda of, rule: of.ReduceLROnPlateau(rule, factor=1.0), ValueError, "below 1"),
        (lambda of, rule: of.SequentialLR(rule, [of.StepLR(rule, 1)], [3]), ValueError, "one milestone fewer"),
        (lambda of, rule: of.SequentialLR(rule, [of.ReduceLROnPlateau(rule)], []), ValueError, "needs more than step"),
    ],
)
def test_a_mistake_is_named(call, error, said):
    with pytest.raises(error, match=said):
        call(mg.optim.lr_scheduler, mg.optim.SGD([mg.zeros(1, requires_grad=True)], momentum=0.5))


@pytest.mark.parametrize(
    "options",
    [
        {"patience": 1},
        {"patience": 0, "cooldown": 2},
        {"mode": "max", "threshold_mode": "abs", "patience": 2},
        {"patience": 0, "factor": 0.5, "min_lr": [0.15], "eps": 0.06},
        {"patience": 1, "threshold": 1.0},
    ],
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
    for _ in range(2):  # PyTorch allows one more than it says
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
