"""The twin agrees with what is right, and names the first op that is not."""

import numpy as np
import pytest

import minigrad as mg
from minigrad import graph, nn, ops
from minigrad.check import twin
from minigrad.nn import functional as F
from minigrad.tensor import apply

pytest.importorskip("torch")


def small_loss():
    mg.manual_seed(0)
    x, y = mg.randn(6, 5), mg.tensor([0, 1, 2, 0, 1, 2])
    w1, w2 = mg.randn(4, 5, requires_grad=True), mg.randn(3, 4, requires_grad=True)
    return F.cross_entropy(F.linear(F.linear(x, w1).tanh(), w2), y)


def images_loss():
    mg.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.5), nn.Flatten(),
        nn.Linear(8 * 8 * 8, 10),
    )  # fmt: skip
    return F.cross_entropy(model(mg.randn(16, 3, 16, 16)), mg.randint(10, (16,)))


@pytest.mark.parametrize("loss", [small_loss, images_loss])
def test_a_right_graph_agrees(loss):
    report = twin(loss())

    assert report.agrees, report
    assert report.first is None
    np.testing.assert_allclose(report.result, report.theirs, rtol=1e-5)


@pytest.mark.parametrize("dtype", [mg.float32, mg.float64])
def test_sums_that_cancel_are_rounding(dtype):
    x = mg.randn(200, 50).to(dtype).requires_grad_()

    assert twin(x.softmax(1).sum()).agrees  # every gradient is 0, and comes out as noise
    assert twin((x - x.mean()).sum()).agrees
    assert twin((x * 1e6 - x * 1e6).sum()).agrees
    assert twin(((x + mg.ones(50).to(dtype).requires_grad_()) * 0.1).sum(0).std()).agrees


def test_it_takes_a_gradient_for_more_than_one_number():
    x = mg.randn(3, 4, requires_grad=True)

    assert twin(x * x).agrees
    assert twin(x * x, gradient=mg.randn(3, 4)).agrees


def test_it_leaves_the_graph_as_it_was():
    loss = small_loss()
    twin(loss)
    twin(loss)
    loss.backward()

    with pytest.raises(RuntimeError, match="let go"):
        twin(loss)


def tanh_with_a_wrong_value(x):
    out = np.tanh(x) + (np.arange(x.size).reshape(x.shape) == 7) * np.float32(0.01)
    return out, lambda g: g * (1 - out * out)


def tanh_with_a_wrong_gradient(x):
    out = np.tanh(x)
    return out, lambda g: g * (1 - out)


def tanh_almost_right(x):
    out = np.tanh(x)
    return out, lambda g: g * (1 - out * out) * np.float32(1.0001)


def tanh_in_float64(x):
    out = np.tanh(x.astype("float64"))
    return out, lambda g: g * (1 - out * out)


def test_the_first_wrong_value_is_named_with_its_place(monkeypatch):
    monkeypatch.setattr(ops, "tanh", named("tanh", tanh_with_a_wrong_value))
    report = twin(small_loss())

    assert not report.agrees
    assert (report.first.made_by, report.first.value.what) == ("tanh", "value")
    assert report.first.value.index == (1, 3)
    assert report.first.value.wrong == 1
    assert "not compared" in repr(report)
    assert [step.made_by for step in report.steps if step.value] == ["tanh"]  # what follows from it is not blamed


def test_a_wrong_type_is_named(monkeypatch):
    monkeypatch.setattr(ops, "tanh", named("tanh", tanh_in_float64))
    x = mg.randn(3, requires_grad=True)
    report = twin((x * 2).tanh().sum())

    assert (report.first.made_by, report.first.value.what) == ("tanh", "dtype")


@pytest.mark.parametrize("op", [tanh_with_a_wrong_gradient, tanh_almost_right])
def test_a_wrong_gradient_is_named_with_the_op_that_made_it(monkeypatch, op):
    monkeypatch.setattr(ops, "tanh", named("tanh", op))
    report = twin(small_loss())

    assert not report.agrees
    assert report.first.value is None
    assert report.first.made_by == "linear"
    assert report.first.used_by == ["tanh (x)"]
    assert "tanh (x)" in report.summary()


def test_an_engine_that_forgets_to_add_up_is_found(monkeypatch):
    def forgetful(root, grad, **options):
        for tensor, g in original(root, grad, **options):
            yield tensor, (g / 2 if tensor is x else g)

    original = graph.backpropagate
    monkeypatch.setattr("minigrad.graph.backpropagate", forgetful)
    x = mg.tensor(3.0, requires_grad=True)
    report = twin(x * x + x)

    assert report.first.gradient.theirs == 7
    assert report.first.used_by == ["add (y)", "mul (x)", "mul (y)"]


def test_it_reads_well():
    report = twin(mg.tensor(2.0, requires_grad=True) * 3.0)

    assert repr(report).splitlines() == [
        "twin: 1 ops give PyTorch's shapes, types, values and gradients. "
        "From the leaves alone, the result here is 6, in PyTorch 6.",
        "",
        "   tensor  made by  shape  value  gradient",
        "   0       leaf     ()     same   same",
        "   1       mul      ()     same   same",
    ]
    assert "<table>" in report._repr_html_()


def test_of_a_long_graph_only_the_part_around_the_difference_is_shown(monkeypatch):
    monkeypatch.setattr(ops, "tanh", named("tanh", tanh_with_a_wrong_gradient))
    x = mg.randn(3, requires_grad=True)
    for _ in range(60):
        x = x * 1.01
    x = x.tanh()
    for _ in range(60):
        x = x * 1.01
    report = twin(x.sum())

    assert len(report.steps) == 123
    assert len(repr(report).splitlines()) < 45
    assert "-> 60 " in repr(report)


def double(x):
    return x + x, lambda g: g + g


def test_an_op_that_pytorch_does_not_have_is_said(monkeypatch):
    out = apply(double, mg.ones(3).requires_grad_())
    with pytest.raises(LookupError, match="what double is in PyTorch"):
        twin(out)

    monkeypatch.setitem(mg.check.COUNTERPARTS, "double", lambda x: 2 * x)
    assert twin(out).agrees


def test_without_a_graph_it_says_so():
    with pytest.raises(RuntimeError, match="remembers no op"):
        twin(mg.ones(3) * 2)
    with pytest.raises(TypeError, match="wants a tensor"):
        twin(3.0)


def test_weights_changed_since_are_noticed():
    w = mg.ones(3, requires_grad=True)
    loss = (w * w).sum()
    with mg.no_grad():
        w -= 0.1

    with pytest.raises(RuntimeError, match="before optimizer.step"):
        twin(loss)


def test_without_pytorch_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "torch", None)

    with pytest.raises(ImportError, match="pip install torch"):
        twin(mg.ones(3, requires_grad=True) * 2)


def named(name, function):
    """A learner's function under the name of the op that it stands in for."""
    function.__name__ = name
    return function
