"""Update rules take PyTorch's steps."""

import os
import signal

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import minigrad as mg
from minigrad import optim

RULES = {
    "SGD": {"lr": 0.1},
    "SGD momentum": {"lr": 0.1, "momentum": 0.9},
    "SGD dampening": {"lr": 0.1, "momentum": 0.9, "dampening": 0.3},
    "SGD nesterov": {"lr": 0.1, "momentum": 0.9, "nesterov": True},
    "SGD weight decay": {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1},
    "RMSprop": {"lr": 0.01},
    "RMSprop with everything": {"lr": 0.01, "alpha": 0.9, "momentum": 0.9, "centered": True, "weight_decay": 0.1},
    "Adagrad": {"lr": 0.1},
    "Adagrad with everything": {"lr": 0.1, "lr_decay": 0.1, "weight_decay": 0.1, "initial_accumulator_value": 0.5},
    "Adadelta": {},
    "Adadelta with everything": {"lr": 0.5, "rho": 0.8, "eps": 1e-3, "weight_decay": 0.1},
    "Adam amsgrad": {"lr": 0.05, "amsgrad": True},
    "AdamW amsgrad upwards": {"lr": 0.01, "amsgrad": True, "maximize": True},
    "SGD upwards": {"lr": 0.001, "momentum": 0.5, "weight_decay": 0.1, "maximize": True},
    "Adam decoupled": {"lr": 0.01, "weight_decay": 0.3, "decoupled_weight_decay": True},
    "Adam": {"lr": 0.01},
    "Adam weight decay": {"lr": 0.01, "betas": (0.8, 0.99), "eps": 1e-3, "weight_decay": 0.1},
    "AdamW": {"lr": 0.01},
    "AdamW weight decay": {"lr": 0.01, "weight_decay": 0.3},
}


def pair(seed=0):
    """The same two parameters, ours and PyTorch's."""
    rng = np.random.default_rng(seed)
    arrays = [rng.standard_normal(shape) for shape in ((4, 3), ())]
    return [mg.tensor(a, requires_grad=True) for a in arrays], [torch.tensor(a, requires_grad=True) for a in arrays]


def take_steps(parameters, optimizer, count, seed=1):
    """Steps on losses that change from step to step; the same for ours and PyTorch's."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        a, b = rng.standard_normal((5, 4)), rng.standard_normal((5, 3))
        kind = mg.tensor if isinstance(parameters[0], mg.Tensor) else torch.tensor
        optimizer.zero_grad()
        ((kind(a) @ parameters[0] + parameters[1] - kind(b)) ** 2).mean().backward()
        optimizer.step()


@pytest.mark.parametrize("name", RULES)
def test_a_rule_takes_pytorchs_steps(name):
    kind = name.split()[0]
    ours, theirs = pair()
    take_steps(ours, getattr(optim, kind)(ours, **RULES[name]), 30)
    take_steps(theirs, getattr(torch.optim, kind)(theirs, **RULES[name]), 30)

    for p, q in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(p.detach().numpy(), q.detach().numpy(), rtol=1e-10)


COMMON = {"lr": [0, 1e-3, 0.1, 1.0], "weight_decay": [0, 0.1, 1.0], "maximize": [False, True]}
SMALL = [0, 1e-8, 1e-3]
CHOICES = {
    "SGD": {"momentum": [0.5, 1.0], "nesterov": [False, True]},
    "Adagrad": {"lr_decay": [0, 0.5], "initial_accumulator_value": [0, 1], "eps": SMALL},
    "RMSprop": {"alpha": [0.5, 0.99, 1.0], "eps": SMALL, "momentum": [0, 0.9], "centered": [False, True]},
    "Adadelta": {"rho": [0.0, 0.5, 1.0], "eps": SMALL},
    "Adam": {"betas": [(0.0, 0.0), (0.9, 0.5)], "eps": SMALL, "amsgrad": [False, True]},
    "AdamW": {"betas": [(0.0, 0.0), (0.9, 0.5)], "eps": SMALL, "amsgrad": [False, True]},
}


def options_of(kind):
    choices = {**COMMON, **CHOICES[kind]}
    return st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in choices.items()})


@given(st.data(), st.sampled_from(list(CHOICES)), st.sampled_from([np.float32, np.float64]), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_any_options_of_any_group_give_pytorchs_parameters(data, kind, dtype, seed):
    rng = np.random.default_rng(seed)
    arrays = [rng.standard_normal(shape).astype(dtype) for shape in [(2, 3), (), (0,)]]
    groups = [data.draw(options_of(kind)) for _ in arrays]
    common = {"momentum": 0.9} if kind == "SGD" else {}  # else nesterov would be refused
    sides = []
    for library in (mg, torch):
        parameters = [library.tensor(array, requires_grad=True) for array in arrays]
        grouped = [{"params": [p], **options} for p, options in zip(parameters, groups, strict=True)]
        sides.append((library, parameters, getattr(library.optim, kind)(grouped, **common)))
    for _ in range(30):
        gradients = [rng.standard_normal(a.shape).astype(dtype) if rng.random() < 0.8 else None for a in arrays]
        for library, parameters, rule in sides:
            for p, g in zip(parameters, gradients, strict=True):
                p.grad = None if g is None else library.tensor(g)
            rule.step()

    tolerance = {"rtol": 1e-5, "atol": 1e-5} if dtype == np.float32 else {"rtol": 1e-7, "atol": 1e-7}
    for p, q in zip(sides[0][1], sides[1][1], strict=True):
        np.testing.assert_allclose(p.detach().numpy(), q.detach().numpy(), **tolerance)


@pytest.mark.parametrize("kind", ["SGD", "Adagrad", "RMSprop", "Adadelta", "Adam", "AdamW"])
def test_defaults_are_pytorchs(kind):
    ours = getattr(optim, kind)(pair()[0]).defaults
    theirs = getattr(torch.optim, kind)(pair()[1]).defaults

    assert ours == theirs


@pytest.mark.parametrize("name", RULES)
def test_a_state_is_pytorchs_and_goes_on_where_pytorch_stopped(name):
    ours, theirs = pair()
    kind = name.split()[0]
    rule, torch_rule = getattr(optim, kind)(ours, **RULES[name]), getattr(torch.optim, kind)(theirs, **RULES[name])
    take_steps(ours, rule, 3)
    take_steps(theirs, torch_rule, 3)
    state, torch_state = rule.state_dict(), torch_rule.state_dict()

    assert state["param_groups"] == torch_state["param_groups"]
    assert state["state"].keys() == torch_state["state"].keys()
    for own, expected in zip(state["state"].values(), torch_state["state"].values(), strict=True):
        assert own.keys() == expected.keys()
        for key, value in own.items():
            assert str(value.dtype) == str(expected[key].dtype).removeprefix("torch.")
            np.testing.assert_allclose(value.numpy(), expected[key].numpy(), rtol=1e-10)

    rule = getattr(optim, kind)(ours)
    rule.load_state_dict(torch_state)
    take_steps(ours, rule, 3, seed=2)
    take_steps(theirs, torch_rule, 3, seed=2)
    for p, q in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(p.detach().numpy(), q.detach().numpy(), rtol=1e-10)


def test_numpys_numbers_as_settings_leave_float32_alone():
    x = mg.ones(2, requires_grad=True)
    rule = optim.SGD([x], lr=np.float64(0.5), momentum=np.float64(0.5), weight_decay=np.float64(0.5))
    x.sum().backward()
    rule.step()

    assert rule.state[x]["momentum_buffer"].dtype == mg.float32
    assert x.tolist() == [0.25, 0.25]


def test_a_closure_computes_the_loss_of_a_step():
    x = mg.ones(2, requires_grad=True)
    rule = optim.SGD([x], lr=1.0)

    def closure():
        rule.zero_grad()
        loss = (x * x).sum()
        loss.backward()
        return loss

    with mg.no_grad():
        assert rule.step(closure).item() == 2
    assert x.tolist() == [-1, -1]


def test_gradients_are_forgotten_or_set_to_zero():
    x, y = mg.ones(2, requires_grad=True), mg.ones(2, requires_grad=True)
    rule = optim.SGD([x, y])
    x.sum().backward()
    rule.zero_grad(set_to_none=False)
    assert x.grad.tolist() == [0, 0]
    assert y.grad is None

    rule.zero_grad()
    assert x.grad is None


def test_names_of_parameters_are_kept():
    layer = mg.nn.Linear(2, 1)
    rule = optim.SGD(layer.named_parameters())

    assert rule.state_dict()["param_groups"][0]["param_names"] == ["weight", "bias"]


def test_a_rule_of_ones_own_in_pytorchs_form_remembers_what_it_likes():
    class Counted(optim.Optimizer):
        def __init__(self, params, lr=0.5):
            super().__init__(params, {"lr": lr})

        def step(self):
            with mg.no_grad():
                for group in self.param_groups:
                    for p in group["params"]:
                        self.state[p]["count"] = self.state[p].get("count", 0) + 1
                        p.add_(p.grad * -group["lr"])

    x = mg.ones(2, requires_grad=True)
    rule = Counted([x])
    x.sum().backward()
    rule.step()
    other = Counted([x])
    other.load_state_dict(rule.state_dict())

    assert x.tolist() == [0.5, 0.5]
    assert other.state[x]["count"] == 1


def test_printed_an_optimizer_shows_its_settings_as_pytorch_does():
    ours, theirs = (
        library.optim.Adam([{"params": [x], "lr": 0.1} for x in pair()[which]])
        for which, library in enumerate((mg, torch))
    )

    assert repr(ours) == repr(theirs)


def test_a_parameter_twice_in_a_group_is_warned_of():
    x = mg.ones(2, requires_grad=True)
    with pytest.warns(UserWarning, match="twice"):
        optim.SGD([x, x])


@pytest.mark.parametrize("name", RULES)
def test_a_rule_goes_on_from_its_state_as_if_never_stopped(name, tmp_path):
    kind = getattr(optim, name.split()[0])
    straight, stopped = pair()[0], pair()[0]
    rule = kind(straight, **RULES[name])
    take_steps(straight, rule, 5)
    take_steps(straight, rule, 5, seed=2)

    rule = kind(stopped, **RULES[name])
    take_steps(stopped, rule, 5)
    mg.save(rule.state_dict(), tmp_path / "state")
    rule = kind(stopped)
    rule.load_state_dict(mg.load(tmp_path / "state"))
    take_steps(stopped, rule, 5, seed=2)

    assert all((p == q).all() for p, q in zip(straight, stopped, strict=True))


def test_groups_have_settings_of_their_own():
    ours, theirs = pair()
    groups = [{"params": [0], "lr": 0.01}, {"params": [1], "momentum": 0.5}]
    take_steps(ours, optim.SGD([{**g, "params": [ours[i] for i in g["params"]]} for g in groups], lr=0.1), 10)
    take_steps(theirs, torch.optim.SGD([{**g, "params": [theirs[i] for i in g["params"]]} for g in groups], lr=0.1), 10)

    for p, q in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(p.detach().numpy(), q.detach().numpy(), rtol=1e-10)


def test_a_parameter_without_gradient_stays():
    x, y = mg.ones(2, requires_grad=True), mg.ones(2, requires_grad=True)
    rule = optim.Adam([x, y])
    x.sum().backward()
    rule.step()

    assert y.tolist() == [1, 1]
    assert x.tolist() != [1, 1]


def test_parameters_stay_the_same_leaves():
    x = mg.ones(2, requires_grad=True)
    rule = optim.SGD([x], lr=1.0)
    (x * x).sum().backward()
    rule.step()

    assert x.is_leaf
    assert x.requires_grad
    assert x.tolist() == [-1, -1]


def test_a_step_between_forward_and_backward_is_noticed():
    x = mg.ones(2, requires_grad=True)
    rule = optim.SGD([x], lr=1.0)
    (x * x).sum().backward()
    loss = (x * x).sum()
    rule.step()
    with pytest.raises(RuntimeError, match="overwritten in place"):
        loss.backward()


@pytest.mark.skipif(os.name == "nt", reason="a process cannot send itself Ctrl-C on Windows")
def test_ctrl_c_never_falls_inside_a_step():
    x, y = mg.zeros(1, requires_grad=True), mg.zeros(1, requires_grad=True)

    class Interrupted(optim.SGD):
        def update(self, p, g, state, **settings):
            super().update(p, g, state, **settings)
            signal.raise_signal(signal.SIGINT)

    rule = Interrupted([x, y], lr=1.0)
    (x + y).sum().backward()
    with pytest.raises(KeyboardInterrupt):
        rule.step()

    assert (x.item(), y.item()) == (-1, -1)


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda x: optim.SGD([]), ValueError, "self.conv"),
        (lambda x: optim.SGD([x], lr=-1), ValueError, "lr must be at least 0"),
        (lambda x: optim.SGD([x], nesterov=True), ValueError, "momentum above 0"),
        (lambda x: optim.SGD([{"params": x}, {"params": x}]), ValueError, "two groups"),
        (lambda x: optim.SGD(x), TypeError, r"Try \[x\]"),
        (lambda x: optim.SGD([{"params": {x}}]), TypeError, "order"),
        (lambda x: optim.SGD([("x", x), x]), ValueError, "names"),
        (lambda x: optim.SGD([x], lr=mg.ones(2)), ValueError, "lr must be one number"),
        (lambda x: optim.SGD([x]).load_state_dict({"weight": x}), KeyError, "param_groups"),
        (lambda x: optim.Adam([x], fused=True), ValueError, "fused"),
        (lambda x: optim.Adadelta([x], rho=1.5), ValueError, "rho"),
        (lambda x: optim.SGD([x * 2]), ValueError, "result of mul"),
        (lambda x: optim.SGD([1.0]), TypeError, "float"),
        (lambda x: optim.SGD([{"params": [x], "foreach": True}]), ValueError, "foreach"),
        (lambda x: optim.Adam([x], betas=(1.0, 0.9)), ValueError, "betas"),
    ],
)
def test_a_mistake_is_named(call, error, said):
    with pytest.raises(error, match=said):
        call(mg.ones(2, requires_grad=True))


def test_a_state_that_does_not_fit_changes_nothing():
    rule = optim.SGD([mg.ones(2, requires_grad=True)], lr=0.1, momentum=0.9)
    other = [mg.ones(3, requires_grad=True)]
    wrong = optim.SGD(other, lr=5.0, momentum=0.9)
    other[0].sum().backward()
    wrong.step()
    with pytest.raises(ValueError, match=r"shape \(3,\), for a parameter of shape \(2,\)"):
        rule.load_state_dict(wrong.state_dict())
    with pytest.raises(ValueError, match="parameters in groups"):
        rule.load_state_dict(optim.SGD(pair()[0]).state_dict())

    assert rule.param_groups[0]["lr"] == 0.1
    assert rule.state == {}
