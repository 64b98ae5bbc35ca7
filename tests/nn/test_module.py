"""Modules find what they contain, save it, load it, and change nothing when that fails."""

import numpy as np
import pytest
import torch

import minigrad as mg
from minigrad import nn
from minigrad.models import CNN


class Pair(nn.Module):
    def __init__(self):
        self.first = nn.Linear(2, 3)
        self.second = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm2d(3))
        self.scale = nn.Parameter(mg.ones(1))


def test_parameters_are_named_by_the_way_to_them_in_pytorchs_order():
    names = [
        "scale",
        "first.weight",
        "first.bias",
        "second.0.weight",
        "second.0.bias",
        "second.1.weight",
        "second.1.bias",
    ]

    assert [name for name, _ in Pair().named_parameters()] == names


def test_a_shared_parameter_appears_once_but_is_saved_under_both_names():
    model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    model[1].weight = model[0].weight

    assert len(list(model.parameters())) == 3
    assert list(model.state_dict()) == ["0.weight", "0.bias", "1.weight", "1.bias"]


def test_a_model_prints_as_a_tree():
    assert repr(nn.Sequential(nn.Linear(2, 3), nn.Sequential(nn.ReLU()))) == (
        "Sequential(\n"
        "  (0): Linear(in_features=2, out_features=3, bias=True)\n"
        "  (1): Sequential(\n"
        "    (0): ReLU()\n"
        "  )\n"
        ")"
    )


def test_train_and_eval_reach_every_module():
    model = Pair().eval()
    assert not any(module.training for module in model.modules())
    assert all(module.training for module in model.train().modules())


def test_weights_move_to_pytorch_and_back():
    mg.manual_seed(0)
    ours, theirs = nn.Linear(4, 3), torch.nn.Linear(4, 3)
    ours.load_state_dict(theirs.state_dict())

    assert np.array_equal(ours.weight.detach().numpy(), theirs.weight.detach().numpy())
    theirs.load_state_dict({name: torch.tensor(value.numpy()) for name, value in ours.state_dict().items()})


def test_loading_copies():
    one, other = nn.Linear(2, 2), nn.Linear(2, 2)
    other.load_state_dict(one.state_dict())
    with mg.no_grad():
        one.weight.zero_()

    assert other.weight.detach().numpy().any()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda state: state.pop("scale"), "missing: scale"),
        (lambda state: state.update(scales=mg.ones(1)), "unknown: scales"),
        (
            lambda state: state.update({"first.weight": mg.ones(2, 3)}),
            r"first.weight: its shape is \(3, 2\) here and \(2, 3\)",
        ),
    ],
)
def test_a_state_dict_that_does_not_fit_changes_nothing(change, said):
    model, state = Pair(), Pair().state_dict()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    change(state)
    with pytest.raises(RuntimeError, match=said):
        model.load_state_dict(state)

    assert all((value == before[name]).all() for name, value in model.state_dict().items())


def test_what_is_not_strict_loads_what_it_can():
    model = Pair()
    model.load_state_dict({"scale": mg.full((1,), 7.0), "unknown": mg.ones(1)}, strict=False)

    assert model.scale.item() == 7


def test_to_a_number_type_keeps_the_parameters_and_leaves_integers_alone():
    model = Pair()
    parameters = list(model.parameters())
    model.double()

    assert [p is q for p, q in zip(parameters, model.parameters(), strict=True)] == [True] * 7
    assert {p.dtype for p in parameters} == {mg.float64}
    assert model.second[1].num_batches_tracked.dtype == mg.int64


def test_a_model_survives_a_file(tmp_path):
    mg.manual_seed(0)
    model = CNN()
    mg.save(model.state_dict(), tmp_path / "model.safetensors")
    other = CNN()
    other.load_state_dict(mg.load(tmp_path / "model.safetensors"))
    x = mg.randn(2, 3, 32, 32)

    assert (model.eval()(x) == other.eval()(x)).all()


def test_the_cnn_has_the_parameters_one_can_count():
    weights = 32 * 3 * 9 + 64 * 32 * 9 + 128 * 64 * 14 * 14 + 10 * 128
    biases = 32 + 64 + 128 + 10

    assert sum(p.numel() for p in CNN().parameters()) == weights + biases


def test_the_first_layer_computes_no_gradient_for_the_pictures():
    model = nn.Conv2d(3, 2, 3)
    out = model(mg.randn(1, 3, 8, 8))

    assert out.gradients[0] is None
    assert out.gradients[1] is not None


ALIKE = """
    [m := N.BatchNorm1d(2), setattr(m, "running_mean", T.ones(2)), list(m.state_dict())][2]
    [m := N.Module(), m.register_buffer("a", T.ones(1), persistent=False), [*m.state_dict()], len([*m.buffers()])][2:]
    [m := N.Module(), m.register_parameter("w", None), m.register_parameter("w", N.Parameter(T.ones(1))), len(m.w)][3]
    [m := N.Module(), setattr(m, "a", l := N.Linear(1, 1)), setattr(m, "b", l), list(m.state_dict()), repr(m)][3:]
    [n for n, _ in N.Sequential(N.Linear(1, 1)).named_parameters(prefix="z")]
    [n for n, _ in N.Sequential(N.Linear(1, 1)).named_parameters(recurse=False)]
    [m := N.Sequential(N.Linear(1, 2), N.Tanh()), o := [], m.apply(lambda k: o.append(repr(k))), o[:2]][3]
    repr(N.Linear(1, 2).load_state_dict(N.Linear(1, 2).state_dict()))
    N.Linear(1, 2).load_state_dict({"x": T.ones(1)}, strict=False).missing_keys
    tuple(N.Sequential(N.Linear(1, 2)).get_parameter("0.weight").shape)
    [m := N.Linear(1, 2), m(T.ones(1)).sum().backward(), m.zero_grad(set_to_none=False), m.bias.grad.tolist()][3]
    str(N.Linear(1, 2, dtype=T.float64).weight.dtype)[-7:]
    str(N.BatchNorm1d(2).half().running_var.dtype)[-7:]
    repr(N.Sequential(N.ReLU(), N.Tanh())[1:])
    repr(N.Sequential(N.ReLU()).append(N.ELU()).insert(0, N.Tanh()).extend([N.SiLU()]) * 2)
    [s := N.Sequential(N.ReLU(), N.Tanh()), repr(s.pop(0)), repr(s + s)][1:]
    repr(N.ModuleList([N.ReLU(), N.ReLU(), N.Linear(1, 1)]) + [N.Tanh()])
    [d := N.ModuleDict({"a": N.ReLU()}), d.update([("b", N.Tanh())]), repr(d), d.clear(), len(d)][2:]
    repr(N.ReLU(inplace=True)), repr(N.Dropout(0.1, True)), repr(N.MSELoss())
    N.init.calculate_gain("conv_transpose2d"), N.init.calculate_gain("selu")
    tuple(N.init.kaiming_normal_(T.zeros(2, 0)).shape)
    setattr(N.Linear(1, 1), "weight", T.ones(1, 1))
    setattr(N.Sequential(N.ReLU()), "0", 3)
    setattr(N.BatchNorm1d(2), "running_mean", 3)
    N.Module().register_buffer("a.b", T.ones(1))
    N.Module().register_buffer("training", T.ones(1))
    N.Module().register_parameter("w", T.ones(1))
    N.Module().add_module("m", 3)
    N.Sequential(N.Linear(1, 1)).get_parameter("0")
    N.Sequential(N.Linear(1, 1)).get_submodule("1")
    N.Linear(1, 1).train("yes")
    N.Linear(1, 1).to(T.int64)
    N.Linear(1, 1).load_state_dict([1])
    N.Sequential(N.ReLU()) + [N.ReLU()]
    N.Sequential(N.ReLU()) * 0
    N.Sequential().insert(3, N.ReLU())
    N.ModuleList().extend(3)
    N.ModuleDict().update([3])
    N.Linear(1, 1, colour=3)
    N.MSELoss(colour=3)
    N.Softplus(1.0, 2.0, 3.0)
    N.init.uniform_(T.ones(2), 3.0, 1.0)
"""


@pytest.mark.parametrize("code", [line.strip() for line in ALIKE.strip().splitlines()])
@pytest.mark.filterwarnings("ignore")
def test_what_can_be_done_with_a_module_is_pytorchs(code):
    results = []
    for library in (mg, torch):
        try:
            results.append(eval(code, {"T": library, "N": library.nn}))
        except Exception as error:
            results.append(type(error))
    assert results[0] == results[1]
